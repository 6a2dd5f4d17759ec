//! Identities that only a browser or a device of a customer has said. One leads nobody to who said it, so that
//! nothing that is recorded for its true owner is read by who named it first: it becomes another's as soon as
//! somebody else is named by it. A source that is believed confirms it by naming it beside another name of who
//! claimed it.

use entities::customer_identity;
use entities::ids::{CustomerId, CustomerIdentityId};
use entities::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::kernel::error::{Error, Result};

/// A row that is claimed, and by whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClaimedIdentity {
    pub identity: CustomerIdentityId,
    pub customer: CustomerId,
}

/// To whom one goes: to somebody else, or for good to who claimed it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Takeover {
    pub from: ClaimedIdentity,
    pub to: CustomerId,
    pub at: Timestamp,
    pub verified: bool,
    /// It is but another claim.
    pub claimed: bool,
}

/// Gives claimed identities away; who loses them, and is to be judged anew. Another writer who was quicker makes it
/// contended: the transaction is then to be run again.
pub(super) async fn take_over(
    transaction: &impl ConnectionTrait,
    mut takeovers: Vec<Takeover>,
) -> Result<Vec<CustomerId>> {
    // In one order, so that two writers do not wait for each other in a circle.
    takeovers.sort_unstable_by_key(|takeover| takeover.from.identity);
    let mut losing = Vec::with_capacity(takeovers.len());
    for Takeover { from, to, at, verified, claimed } in takeovers {
        let done = customer_identity::Entity::update_many()
            .col_expr(customer_identity::Column::CustomerId, Expr::value(to))
            .col_expr(customer_identity::Column::Verified, Expr::value(verified))
            .col_expr(customer_identity::Column::Claimed, Expr::value(claimed))
            .col_expr(customer_identity::Column::CreatedAt, Expr::value(at))
            .filter(customer_identity::Column::Id.eq(from.identity))
            .filter(customer_identity::Column::CustomerId.eq(from.customer))
            .filter(customer_identity::Column::Claimed.eq(true))
            .exec(transaction)
            .await?;
        if done.rows_affected != 1 {
            return Err(Error::Contended("a claimed identity was given to another meanwhile".to_owned()));
        }
        losing.push(from.customer);
    }
    Ok(losing)
}
