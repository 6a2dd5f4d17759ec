//! The subscription root: what a connected device is told as soon as it changes.

pub mod cart;
pub mod experience;
pub mod shown;
pub mod stream;
pub mod watched;

use crate::graph::roots::{Root, RootFields, RootTable};

/// The table of the subscription root.
pub struct SubscriptionTable;

/// The subscription root.
pub type Subscription = Root<SubscriptionTable>;

impl RootTable for SubscriptionTable {
    const NAME: &'static str = "Subscription";
    const DESCRIPTION: &'static str = "What is told as soon as it changes: over WebSocket at `/graphql/ws` \
                                       (graphql-transport-ws), or by server-sent events at `/graphql` with \
                                       `Accept: text/event-stream`. The first event is how things are now.";

    fn fields(root: &mut RootFields) {
        experience::add_to(root);
        cart::add_to(root);
    }
}
