//! The root field `touchpoint`.

use crate::api::reads::Reads;
use crate::api::touchpoints::batches::TouchpointById;
use crate::api::touchpoints::types::Touchpoint;
use crate::graph::Batched;
use crate::graph::roots::RootFields;
use crate::kernel::viewer::Viewer;

pub fn add_to(root: &mut RootFields) {
    root.add(
        "touchpoint",
        "The touchpoint that the request comes from; null when the token is a person's or there is none.",
        |(): ()| own_touchpoint(),
    );
}

fn own_touchpoint() -> Batched<Option<Touchpoint>> {
    Batched::by_viewer(|reads: &Reads| match reads.viewer {
        Viewer::Touchpoint(id) => Some(TouchpointById(id)),
        _ => None,
    })
}
