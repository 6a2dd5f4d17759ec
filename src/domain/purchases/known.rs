//! Purchases that are imported again: they are known, and what became of them meanwhile elsewhere is done here too.

use entities::ids::{CustomerId, PurchaseId};
use entities::purchase;
use entities::values::{PurchaseStatus, TextEnum};
use sea_orm::{DatabaseTransaction, EntityTrait, QuerySelect};

use crate::domain::purchases::back::{Budgets, Sale};
use crate::domain::purchases::import::PurchaseRecord;
use crate::domain::purchases::told::Teller;
use crate::domain::purchases::{paying, refund};
use crate::kernel::error::{Error, Result};

/// Where a purchase that is known goes on to.
#[derive(Debug)]
pub(super) struct Step {
    pub purchase: PurchaseId,
    /// Whose it is by now.
    pub customer: CustomerId,
    pub to: PurchaseStatus,
}

/// What a purchase whose external id is there already goes on to, if it does; or why it cannot be this one.
pub(super) fn verdict(
    known: &purchase::Model,
    record: &PurchaseRecord,
    is_theirs: bool,
) -> Result<Option<PurchaseStatus>, String> {
    let is_same_sale = (known.placed_at, known.total_minor, known.currency.as_str())
        == (record.placed_at, record.total_minor, record.currency.code());
    let differs = match () {
        () if !is_same_sale => "with another time or total",
        () if !is_theirs => "for another customer",
        () => return next(known, record),
    };
    Err(format!(
        "purchase `{}` of `{}` has been recorded {differs}; an external id is used once",
        known.external_id, known.source
    ))
}

/// What is behind by now is passed over: it was said before.
fn next(known: &purchase::Model, record: &PurchaseRecord) -> Result<Option<PurchaseStatus>, String> {
    use PurchaseStatus::{Canceled, Paid, PartiallyRefunded, Pending, Refunded};
    let instead = match (known.status, record.status) {
        (Pending, Paid | Canceled | Refunded) | (Paid | PartiallyRefunded, Refunded) => {
            return Ok(Some(record.status));
        }
        (PartiallyRefunded, PartiallyRefunded) if record.refunded_minor <= known.refunded_minor => {
            return Ok(None);
        }
        (Pending, PartiallyRefunded) => {
            "say by `purchasePay` that it is paid, and by `purchaseRefund` which lines"
        }
        (Paid | PartiallyRefunded, PartiallyRefunded) => "say by `purchaseRefund` which lines are given back",
        (Paid | PartiallyRefunded | Refunded, Canceled) => "what is paid is given back by `purchaseRefund`",
        (Canceled, Paid | PartiallyRefunded | Refunded) => "one that was called off is not paid any more",
        (_, Pending)
        | (Canceled, Canceled)
        | (Paid, Paid)
        | (PartiallyRefunded, Paid)
        | (Refunded, Paid | PartiallyRefunded | Refunded) => return Ok(None),
    };
    let (is, said) = (known.status.text(), record.status.text());
    Err(format!("purchase `{}` is {is} here and cannot become {said}: {instead}", known.external_id))
}

/// Does what became of purchases whose customers are held; what is to be given back of budgets.
pub(super) async fn follow(
    transaction: &DatabaseTransaction,
    teller: &Teller<'_>,
    mut steps: Vec<Step>,
) -> Result<Budgets> {
    // So that two who follow the same do not wait for each other in a circle.
    steps.sort_by_key(|step| step.purchase);
    let mut budgets = Budgets::default();
    for step in steps {
        budgets = budgets.and(go(transaction, teller, step).await?);
    }
    Ok(budgets)
}

async fn go(transaction: &DatabaseTransaction, teller: &Teller<'_>, step: Step) -> Result<Budgets> {
    let Step { purchase: id, customer, to } = step;
    let row = purchase::Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
    let row = row.ok_or_else(|| Error::internal(format!("{id} is gone")))?;
    let was = row.status;
    // Somebody else was quicker: what it came from is looked at anew.
    let is_open = match to {
        PurchaseStatus::Paid | PurchaseStatus::Canceled => was == PurchaseStatus::Pending,
        _ => !matches!(was, PurchaseStatus::Canceled | PurchaseStatus::Refunded),
    };
    if !is_open {
        return Err(Error::Contended(format!("{id} was changed meanwhile")));
    }
    if to == PurchaseStatus::Canceled {
        return refund::call_off(transaction, teller.now, customer, row).await;
    }
    if was == PurchaseStatus::Pending {
        paying::settle(transaction, teller, customer, row.clone(), None).await?;
    }
    if to == PurchaseStatus::Paid {
        return Ok(Budgets::default());
    }
    let sale = Sale::read(transaction, row).await?;
    let rest = sale.rest();
    refund::take_back(transaction, teller, customer, sale, &rest).await
}
