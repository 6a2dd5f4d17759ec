//! `encircle schema`: prints the schema in SDL, sorted, as it is committed in `schema.graphql`.

use std::io::Write;

use crate::api::schema::engine;
use crate::graph::limits::DocumentLimits;
use crate::kernel::error::{Error, Result};

pub fn run() -> Result<()> {
    let sdl = engine(DocumentLimits::default()).sdl();
    std::io::stdout().write_all(sdl.as_bytes()).map_err(Error::internal)
}
