//! Giving back what a purchase took: stock, budgets, codes, and with them the customer's caps. Each line remembers how
//! much of it was given back, and the table refuses more than there was, so nothing is given back twice.

use std::collections::{BTreeMap, HashMap};

use entities::ids::{Id, PurchaseLineId, RedemptionId};
use entities::timestamp::Timestamp;
use entities::values::RedemptionStatus;
use entities::{entitlement, line_discount, purchase, purchase_line, redemption};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::db::columnar::is_any_id;
use crate::db::columnar_update::ColumnarUpdate;
use crate::domain::offers::budget::{self, Returned, Taken};
use crate::domain::offers::codes;
use crate::domain::products::stock::{self, Quantities};
use crate::kernel::error::Result;

/// So many of one line.
pub type Pieces = BTreeMap<PurchaseLineId, i64>;

/// A purchase with all that belongs to it, locked by its row.
#[derive(Debug)]
pub struct Sale {
    pub purchase: purchase::Model,
    /// In the order of the receipt.
    pub lines: Vec<purchase_line::Model>,
    redemptions: Vec<redemption::Model>,
    discounts: Vec<line_discount::Model>,
}

/// What was given back, all but the budgets.
#[derive(Debug)]
pub struct GivenBack {
    /// What the lines cost that were given back, their discounts taken off.
    pub minor: i64,
    /// Nothing is left of the purchase.
    pub is_all: bool,
    pub budgets: Budgets,
}

/// What is to be given back to the budgets of offers, as the last thing that the transaction does: many customers wait
/// for the same ones.
#[must_use = "the budgets must be given back too"]
#[derive(Debug, Default)]
pub struct Budgets(Returned);

impl Budgets {
    /// Both.
    pub fn and(mut self, other: Self) -> Self {
        for (offer, parts) in other.0 {
            self.0.entry(offer).or_default().extend(parts);
        }
        self
    }

    pub async fn give_back(self, transaction: &impl ConnectionTrait) -> Result<()> {
        self.change(transaction, &[]).await
    }

    /// Gives back, and takes what these redemptions take.
    pub async fn change(
        self,
        transaction: &impl ConnectionTrait,
        redemptions: &[redemption::Model],
    ) -> Result<()> {
        budget::change(transaction, redemptions, &self.0).await
    }
}

impl Sale {
    /// Reads what belongs to a purchase whose row is locked.
    pub async fn read(transaction: &impl ConnectionTrait, purchase: purchase::Model) -> Result<Self> {
        let lines = purchase_line::Entity::find()
            .filter(purchase_line::Column::PurchaseId.eq(purchase.id))
            .order_by_asc(purchase_line::Column::Position)
            .all(transaction)
            .await?;
        let redemptions = redemption::Entity::find()
            .filter(redemption::Column::PurchaseId.eq(purchase.id))
            .order_by_asc(redemption::Column::Id)
            .all(transaction)
            .await?;
        let ids = redemptions.iter().map(|row| row.id.uuid());
        let discounts = line_discount::Entity::find()
            .filter(is_any_id(transaction, "redemption_id", ids))
            .all(transaction)
            .await?;
        Ok(Self { purchase, lines, redemptions, discounts })
    }

    /// The codes by which offers were used.
    pub fn codes(&self) -> Vec<String> {
        self.redemptions.iter().filter_map(|row| row.code.clone()).collect()
    }

    /// All that is left of it.
    pub fn rest(&self) -> Pieces {
        let rest = self.lines.iter().map(|line| (line.id, line.quantity - line.refunded_quantity));
        rest.filter(|(_, number)| *number > 0).collect()
    }

    /// Gives back these pieces, of which there must be so many left, all but what they took of budgets. Offers of which nothing is left are used no more:
    /// their redemptions get the status `ended`.
    pub async fn give_back(
        mut self,
        transaction: &impl ConnectionTrait,
        now: Timestamp,
        pieces: &Pieces,
        ended: RedemptionStatus,
    ) -> Result<GivenBack> {
        let minor = self.take_back_lines(transaction, pieces).await?;
        let is_all = self.rest().is_empty();
        let returned = self.take_back_discounts(transaction, pieces).await?;
        let budgets = self.return_redemptions(transaction, &returned, is_all, ended).await?;
        let whole = self.lines.iter().filter(|line| line.refunded_quantity == line.quantity);
        let whole: Vec<PurchaseLineId> = whole.map(|line| line.id).collect();
        revoke(transaction, &whole, now).await?;
        // Of a purchase of which only the total is known, and of discounts that no line bears.
        let left = self.purchase.total_minor - self.purchase.refunded_minor;
        let minor = if is_all { left } else { minor.min(left) };
        Ok(GivenBack { minor, is_all, budgets })
    }

    /// What the pieces cost.
    async fn take_back_lines(&mut self, transaction: &impl ConnectionTrait, pieces: &Pieces) -> Result<i64> {
        let (mut minor, mut stock) = (0, Quantities::new());
        let mut changed = Vec::new();
        for line in &mut self.lines {
            let Some(number) = pieces.get(&line.id).copied() else { continue };
            line.refunded_quantity += number;
            // Of one that was imported more may have been given back than its pieces say.
            let cost = share(line.total_minor, line.refunded_quantity, line.quantity);
            let cost = cost.max(line.refunded_minor);
            minor += cost - line.refunded_minor;
            line.refunded_minor = cost;
            let back = number.min(line.stock_taken);
            line.stock_taken -= back;
            *stock.entry(line.product_id).or_default() += back;
            changed.push(line.clone());
        }
        stock::give_back(transaction, &stock).await?;
        ColumnarUpdate::of("purchase_lines", changed.len())
            .uuids("line_id", changed.iter().map(|line| line.id.uuid()))
            .integers("number", changed.iter().map(|line| line.refunded_quantity))
            .integers("minor", changed.iter().map(|line| line.refunded_minor))
            .integers("lacking", changed.iter().map(|line| line.stock_taken))
            .set(
                transaction,
                r#""refunded_quantity" = u.number, "refunded_minor" = u.minor, "stock_taken" = u.lacking"#,
                r#"t."id" = u.line_id"#,
            )
            .await?;
        Ok(minor)
    }

    /// What of each redemption the pieces give back.
    async fn take_back_discounts(
        &mut self,
        transaction: &impl ConnectionTrait,
        pieces: &Pieces,
    ) -> Result<BTreeMap<RedemptionId, i64>> {
        let lines: HashMap<PurchaseLineId, &purchase_line::Model> =
            self.lines.iter().map(|line| (line.id, line)).collect();
        let (mut returned, mut changed) = (BTreeMap::new(), Vec::new());
        for discount in &mut self.discounts {
            let Some(line) = lines.get(&discount.purchase_line_id) else { continue };
            if !pieces.contains_key(&line.id) {
                continue;
            }
            let now = share(discount.amount_minor, line.refunded_quantity, line.quantity);
            *returned.entry(discount.redemption_id).or_default() += now - discount.returned_minor;
            discount.returned_minor = now;
            changed.push(discount.clone());
        }
        ColumnarUpdate::of("line_discounts", changed.len())
            .uuids("line_id", changed.iter().map(|row| row.purchase_line_id.uuid()))
            .uuids("redemption", changed.iter().map(|row| row.redemption_id.uuid()))
            .integers("minor", changed.iter().map(|row| row.returned_minor))
            .set(
                transaction,
                r#""returned_minor" = u.minor"#,
                r#"t."purchase_line_id" = u.line_id AND t."redemption_id" = u.redemption"#,
            )
            .await?;
        Ok(returned)
    }

    async fn return_redemptions(
        &mut self,
        transaction: &impl ConnectionTrait,
        returned: &BTreeMap<RedemptionId, i64>,
        is_all: bool,
        ended: RedemptionStatus,
    ) -> Result<Budgets> {
        let counts = |row: &&mut redemption::Model| {
            matches!(row.status, RedemptionStatus::Held | RedemptionStatus::Redeemed)
        };
        let (mut budgets, mut changed, mut over) = (Returned::new(), Vec::new(), Vec::new());
        for row in self.redemptions.iter_mut().filter(counts) {
            let left = row.amount_minor - row.returned_minor;
            let minor = if is_all { left } else { returned.get(&row.id).copied().unwrap_or_default() };
            // What no line bears, as of imports, is used until nothing is left of the purchase.
            let is_over = is_all || (minor == left && returned.contains_key(&row.id));
            if minor == 0 && !is_over {
                continue;
            }
            row.returned_minor += minor;
            if is_over {
                row.status = ended;
                over.push(row.id);
            }
            let taken = Taken { times: i64::from(is_over), minor };
            budgets.entry(row.offer_id).or_default().push((taken, row.currency.clone()));
            changed.push(row.clone());
        }
        ColumnarUpdate::of("redemptions", changed.len())
            .uuids("redemption", changed.iter().map(|row| row.id.uuid()))
            .integers("minor", changed.iter().map(|row| row.returned_minor))
            .texts("now", changed.iter().map(|row| entities::values::TextEnum::text(row.status).to_owned()))
            .set(transaction, r#""returned_minor" = u.minor, "status" = u.now"#, r#"t."id" = u.redemption"#)
            .await?;
        codes::free(transaction, &over).await?;
        Ok(Budgets(budgets))
    }
}

/// The part of an amount that so many of all pieces have: of all of them it is the amount, so that the parts that were
/// given back one by one are in sum the amount.
fn share(minor: i64, pieces: i64, of: i64) -> i64 {
    let part = i128::from(minor) * i128::from(pieces) / i128::from(of.max(1));
    i64::try_from(part).unwrap_or(minor)
}

async fn revoke(transaction: &impl ConnectionTrait, lines: &[PurchaseLineId], now: Timestamp) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    entitlement::Entity::update_many()
        .col_expr(entitlement::Column::RevokedAt, Expr::value(now))
        .filter(is_any_id(transaction, "purchase_line_id", lines.iter().map(|id| id.uuid())))
        .filter(entitlement::Column::RevokedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares_that_are_given_back_one_by_one_are_in_sum_the_amount() {
        for (minor, of) in [(100, 3), (1, 7), (0, 2), (9_007_199_254_740_991, 10_000), (5, 1)] {
            let mut before = 0;
            for pieces in 1..=of {
                let now = share(minor, pieces, of);
                assert!((0..=minor).contains(&(now - before)), "{minor} of {of}: {pieces}");
                before = now;
            }
            assert_eq!(before, minor);
        }
    }
}
