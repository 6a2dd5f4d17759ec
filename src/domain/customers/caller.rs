//! Who changes customers, and how far it is believed.

use std::collections::HashMap;

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use sea_orm::ConnectionTrait;

use crate::domain::customers::counts::Counted;
use crate::domain::customers::family;
use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::kernel::error::Error;
use crate::kernel::ids::Ids;

/// Whether a source vouches for what it says: a server of the brand does, a browser cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    Trusted,
    Untrusted,
}

impl Trust {
    /// Which identities count for it.
    pub fn counted(self) -> Counted {
        match self {
            Self::Trusted => Counted::Confirmed,
            Self::Untrusted => Counted::All,
        }
    }
}

/// What happens when identities of different customers are named together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merging {
    /// They become one customer, as far as the source is trusted: an untrusted one joins only browsers that nobody
    /// has signed in to.
    Allowed,
    Refused,
}

/// Who changes customers, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    pub ids: &'a Ids,
    pub now: Timestamp,
    /// When it was said, if that was not just now: what was said later stays.
    pub said_at: Timestamp,
    /// Named in the log: `staff`, the name of a write key.
    pub source: &'a str,
    pub trust: Trust,
    pub merging: Merging,
    /// The caller is a touchpoint that many people use: what tells it from others tells nobody apart.
    pub shared: bool,
    /// What is there already stays: only what is missing is added to a profile.
    pub completes: bool,
    /// The customer that the caller is; it speaks of nobody else.
    pub own: Option<CustomerId>,
}

impl<'a> Caller<'a> {
    /// A source whose word is taken: staff, a server of the brand.
    pub fn trusted(ids: &'a Ids, now: Timestamp, source: &'a str) -> Self {
        let (trust, merging) = (Trust::Trusted, Merging::Allowed);
        Self { ids, now, said_at: now, source, trust, merging, shared: false, completes: false, own: None }
    }

    /// A source that anybody can be: a write key that stands in a web page.
    pub fn untrusted(ids: &'a Ids, now: Timestamp, source: &'a str) -> Self {
        Self { trust: Trust::Untrusted, ..Self::trusted(ids, now, source) }
    }

    /// A customer that speaks for itself, which joins it with nobody.
    pub fn oneself(ids: &'a Ids, now: Timestamp, source: &'a str, own: Option<CustomerId>) -> Self {
        Self { merging: Merging::Refused, own, ..Self::untrusted(ids, now, source) }
    }

    /// A touchpoint of the brand: it names customers and completes what is known of them.
    pub fn touchpoint(ids: &'a Ids, now: Timestamp, source: &'a str, shared: bool) -> Self {
        Self { shared, completes: true, ..Self::oneself(ids, now, source, None) }
    }

    /// A key that stands in a page or an app, and that anybody can read there.
    pub fn is_public(&self) -> bool {
        (self.trust, self.merging) == (Trust::Untrusted, Merging::Allowed)
    }

    /// The canonical customer that is meant: the one named, if the caller may speak of it, else the caller.
    pub async fn subject(
        &self,
        connection: &impl ConnectionTrait,
        named: Option<CustomerId>,
    ) -> Result<Option<CustomerId>, Rejection> {
        let canonical = family::canonical(connection, named.into_iter().chain(self.own)).await?;
        let named = find(&canonical, named)?;
        let Some(own) = self.own else { return Ok(named) };
        // Not followed: who was merged since the caller was recognised may be somebody it must not become.
        if find(&canonical, self.own)? != Some(own) {
            let message = "This customer has become part of another; ask again with a token of that one.";
            return Err(Refusal::new(Reason::Conflict, "", message).into());
        }
        match named {
            Some(other) if other != own => Err(Refusal::no_customer("customerId").into()),
            _ => Ok(Some(own)),
        }
    }

    /// The same when there must be one.
    pub async fn must_mean(
        &self,
        connection: &impl ConnectionTrait,
        named: Option<CustomerId>,
    ) -> Result<CustomerId, Rejection> {
        let missing = || Refusal::new(Reason::Invalid, "customerId", "Name the customer.");
        Ok(self.subject(connection, named).await?.ok_or_else(missing)?)
    }

    /// Makes sure that who was meant before it was locked is still meant: a merge that was undone meanwhile would
    /// give to the one what is the other's.
    pub async fn still_means(
        &self,
        connection: &impl ConnectionTrait,
        named: Option<CustomerId>,
        locked: CustomerId,
    ) -> Result<(), Rejection> {
        if self.must_mean(connection, named).await? == locked {
            return Ok(());
        }
        Err(Error::Contended(format!("who is merged with {locked} changed meanwhile")).into())
    }
}

fn find(
    canonical: &HashMap<CustomerId, CustomerId>,
    id: Option<CustomerId>,
) -> Result<Option<CustomerId>, Refusal> {
    let Some(id) = id else { return Ok(None) };
    canonical.get(&id).copied().map(Some).ok_or_else(|| Refusal::no_customer("customerId"))
}
