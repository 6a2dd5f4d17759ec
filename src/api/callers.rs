//! How far a viewer is believed when it changes customers, and by what name it is known again.

use entities::values::Channel;

use crate::api::payload::graphql_error;
use crate::api::reads::Reads;
use crate::domain::customers::caller::Caller;
use crate::domain::customers::idempotency::Principal;
use crate::domain::touchpoints::store;
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::{Scope, Viewer};

/// Who changes customers, as the log names it.
pub struct CallerName {
    source: String,
    /// The viewer is a touchpoint that many people use.
    shared: bool,
    /// The channel of the touchpoint that the viewer is, as the brand has written it down.
    channel: Option<Channel>,
}

impl CallerName {
    /// Anybody may call.
    pub async fn of(reads: &Reads) -> async_graphql::Result<Self> {
        Self::find(reads).await.map_err(|error| graphql_error(reads, &error))
    }

    /// Only who may change customers: one that changes itself, touchpoints, staff with the scope.
    pub async fn allowed(reads: &Reads, scope: Scope) -> async_graphql::Result<Self> {
        let message = match reads.viewer {
            Viewer::Anonymous => "This needs a token: register a device to get one.".to_owned(),
            Viewer::Staff { scopes, .. } if !scopes.contains(scope) => {
                format!("This needs the scope `{}`, which your token lacks.", scope.name())
            }
            _ => return Self::of(reads).await,
        };
        Err(graphql_error(reads, &Error::Forbidden(message)))
    }

    async fn find(reads: &Reads) -> Result<Self> {
        let Viewer::Touchpoint(id) = reads.viewer else {
            let source = match reads.viewer {
                Viewer::Staff { .. } => "staff",
                _ => "customer",
            };
            return Ok(Self { source: source.to_owned(), shared: false, channel: None });
        };
        let row = store::by_ids(&reads.db, &[id], Columns::ALL).await?.remove(&id);
        // One that is not known any more is nobody's device either.
        Ok(row.map_or_else(
            || Self { source: id.to_string(), shared: true, channel: None },
            |row| Self { source: row.key, shared: row.shared, channel: Some(row.channel) },
        ))
    }

    /// The channel of the touchpoint that asks.
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    pub fn caller<'a>(&'a self, reads: &'a Reads) -> Caller<'a> {
        let (ids, now) = (&reads.ids, reads.clock.now());
        match reads.viewer {
            Viewer::Staff { .. } => Caller::trusted(ids, now, &self.source),
            Viewer::Touchpoint(_) => Caller::touchpoint(ids, now, &self.source, self.shared),
            Viewer::Customer(_) | Viewer::Device { .. } | Viewer::Anonymous => {
                Caller::oneself(ids, now, &self.source, reads.viewer.own())
            }
        }
    }
}

impl Reads {
    /// Under whose name the idempotency keys of a request stand.
    pub(in crate::api) fn principal(&self) -> Principal {
        match self.viewer {
            Viewer::Customer(own) | Viewer::Device { customer: own, .. } => Principal::Customer(own),
            Viewer::Touchpoint(id) => Principal::Named(id.to_string()),
            Viewer::Staff { token, .. } => Principal::Named(format!("staff-{token}")),
            Viewer::Anonymous => Principal::Named("anonymous".to_owned()),
        }
    }
}
