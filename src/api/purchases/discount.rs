//! The field table of discounts, of carts and purchases and of their lines, and how those of purchases are loaded.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use entities::ids::{OfferId, PurchaseId, PurchaseLineId, RedemptionId};

use crate::api::money::Money;
use crate::api::offers::batches::OfferById;
use crate::api::offers::types::Offer;
use crate::api::reads::Reads;
use crate::db::read::Row;
use crate::domain::offers::store::{self as offers, OfferScope};
use crate::domain::purchases::cart::view::CartView;
use crate::domain::purchases::rows::Redemption;
use crate::domain::purchases::store;
use crate::graph::{Batch, FieldTable, GraphType, Want};
use crate::kernel::columns::Columns;
use crate::kernel::error::Result;
use crate::kernel::money::{self, Currency};

/// What was taken off this purchase?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DiscountsOf(pub PurchaseId);

/// What of that does this line bear, whose amounts are in this currency?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LineDiscountsOf {
    pub line: PurchaseLineId,
    pub purchase: PurchaseId,
    pub currency: Currency,
}

/// No column of redemptions: it is read of their offers.
const OFFER_NAME: &str = "offer_name";

impl Batch<DiscountsOf> for Reads {
    type Arguments = ();
    type Value = Vec<Redemption>;

    async fn load(
        &self,
        keys: &[DiscountsOf],
        want: Want<'_, ()>,
    ) -> Result<HashMap<DiscountsOf, Vec<Redemption>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut lists =
            store::redemptions_by_purchase_ids(&self.db, self.scope(), &ids, want.columns).await?;
        self.name_offers(lists.values_mut().flatten().collect(), want.columns).await?;
        Ok(lists.into_iter().map(|(id, list)| (DiscountsOf(id), list)).collect())
    }
}

impl Batch<LineDiscountsOf> for Reads {
    type Arguments = ();
    type Value = Vec<Redemption>;

    async fn load(
        &self,
        keys: &[LineDiscountsOf],
        want: Want<'_, ()>,
    ) -> Result<HashMap<LineDiscountsOf, Vec<Redemption>>> {
        let lines: Vec<_> = keys.iter().map(|key| key.line).collect();
        let purchases: BTreeSet<_> = keys.iter().map(|key| key.purchase).collect();
        let purchases: Vec<_> = purchases.into_iter().collect();
        let (mut borne, mut used) = futures_util::try_join!(
            store::discounts_by_line_ids(&self.db, self.scope(), &lines),
            store::redemptions_by_purchase_ids(&self.db, self.scope(), &purchases, want.columns),
        )?;
        self.name_offers(used.values_mut().flatten().collect(), want.columns).await?;
        let discounts = |key: &LineDiscountsOf| {
            let of_line = borne.remove(&key.line).unwrap_or_default().into_iter();
            let of_line: HashMap<RedemptionId, i64> =
                of_line.map(|part| (part.redemption_id, part.amount_minor)).collect();
            // In the order of the purchase's own.
            let all = used.get(&key.purchase).into_iter().flatten();
            let part = |row: &Redemption| {
                let amount_minor = *of_line.get(&row.id)?;
                Some(Redemption { amount_minor, currency: key.currency, ..row.clone() })
            };
            (*key, all.filter_map(part).collect())
        };
        Ok(keys.iter().map(discounts).collect())
    }
}

impl Reads {
    /// Fills in the names of offers, if they are wanted: whoever may see a purchase may see by what it was cheaper, also
    /// when the offer is over.
    async fn name_offers(&self, rows: Vec<&mut Redemption>, wanted: Columns) -> Result<()> {
        if wanted & name() == Columns::NONE {
            return Ok(());
        }
        let ids: BTreeSet<OfferId> = rows.iter().map(|row| row.offer_id).collect();
        let ids: Vec<OfferId> = ids.into_iter().collect();
        let found = offers::by_ids(&self.db, OfferScope::All, &ids, offers::Offer::column("name")).await?;
        for row in rows {
            row.offer_name = found.get(&row.offer_id).map(|offer| offer.name.clone()).unwrap_or_default();
        }
        Ok(())
    }
}

/// The place of the name among the columns of a discount.
fn name() -> Columns {
    Columns::at(Redemption::names().len())
}

/// What an offer takes off a cart, or off a line of it, by what the cart was priced with.
pub(super) fn of_cart(cart: &CartView, offer: OfferId, amount_minor: i64) -> Redemption {
    let applied = cart.discounts.iter().find(|discount| discount.offer == offer);
    Redemption {
        offer_id: offer,
        amount_minor,
        currency: cart.cart.currency,
        code: applied.and_then(|discount| discount.code.clone()),
        offer_name: cart.definitions.name(offer).to_owned(),
        ..Redemption::default()
    }
}

/// What an offer takes off.
pub struct Discount;

impl GraphType for Discount {
    type Row = Redemption;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Discount".into()
    }

    fn description() -> Cow<'static, str> {
        "What an offer takes off the price of a cart or purchase, or the part of it that one line bears."
            .into()
    }

    fn columns() -> Vec<&'static str> {
        Redemption::names().into_iter().chain([OFFER_NAME]).collect()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.maybe::<Offer, _>(
            "offer",
            "Which offer; null when it is over and you may not see it any more: its `name` is still there.",
            &["offer_id"],
            |row| Some(OfferById(row.offer_id)),
        );
        t.leaf(
            "name",
            "The offer's name as it is now, for the receipt: `10 % off on Wednesdays`; also when the offer is over.",
            &["offer_id", OFFER_NAME],
            |row| &row.offer_name,
        );
        t.leaf(
            "code",
            "The code by which it applies, as `codes` of the cart has it: `POPCORN26`; null when it applies by itself, \
             when nobody said it, and once the customer was erased.",
            &["code"],
            |row| &row.code,
        );
        t.embed::<Money>(
            "amount",
            "How much is taken off; of a line, how much of it the line bears.",
            &["amount_minor", "currency"],
            |row| money::Money::new(row.amount_minor, row.currency),
        );
    }
}
