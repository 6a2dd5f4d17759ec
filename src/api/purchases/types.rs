//! The field tables of purchases, their lines and redemptions.

use std::borrow::Cow;

use crate::api::customers::batches::CustomerById;
use crate::api::customers::types::Customer;
use crate::api::enums::{Channel, PurchaseStatus, RedemptionStatus};
use crate::api::money::Money;
use crate::api::offers::batches::OfferById;
use crate::api::offers::types::Offer;
use crate::api::products::batches::ProductById;
use crate::api::products::types::Product;
use crate::api::purchases::batches::{LinesOf, RedemptionsOf};
use crate::api::purchases::discount::{Discount, DiscountsOf, LineDiscountsOf};
use crate::api::reads::Reads;
use crate::api::scalars::count;
use crate::api::touchpoints::batches::TouchpointById;
use crate::api::touchpoints::types::Touchpoint;
use crate::db::read::Row;
use crate::domain::purchases::rows;
use crate::graph::{EnumLeaf, FieldTable, GraphType, Identifier, Paged};
use crate::kernel::money;
use crate::kernel::page::Cursor;

/// What a customer bought at one time.
pub struct Purchase;

impl GraphType for Purchase {
    type Row = rows::Purchase;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Purchase".into()
    }

    fn description() -> Cow<'static, str> {
        "What a customer bought at one time and place.".into()
    }

    fn columns() -> Vec<&'static str> {
        rows::Purchase::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The purchase's id: `pur_…`.", &["id"], |row| Identifier(row.id));
        t.leaf("number", "The number on the receipt. Unique.", &["number"], |row| &row.number);
        t.calc("status", "Where it is in its life.", &["status"], |row| {
            EnumLeaf(PurchaseStatus::from(row.status))
        });
        t.calc("channel", "Through which channel it was made.", &["channel"], |row| {
            EnumLeaf(Channel::from(row.channel))
        });
        t.leaf("placedAt", "When it was made.", &["placed_at"], |row| &row.placed_at);
        t.embed::<Money>(
            "subtotal",
            "What it cost before discounts: `total` and `totalDiscount` together.",
            &["total_minor", "discount_minor", "currency"],
            |row| money::Money::new(row.total_minor.saturating_add(row.discount_minor), row.currency),
        );
        t.embed::<Money>(
            "totalDiscount",
            "What was taken off in all. `discounts` says by which offers; of a purchase that was imported it may be more \
             than they say, or there may be none.",
            &["discount_minor", "currency"],
            |row| money::Money::new(row.discount_minor, row.currency),
        );
        t.embed::<Money>(
            "total",
            "What was to be paid, discounts taken off: it stays so when it is called off or refunded.",
            &["total_minor", "currency"],
            |row| money::Money::new(row.total_minor, row.currency),
        );
        t.embed::<Money>("refunded", "What was given back of it.", &["refunded_minor", "currency"], |row| {
            money::Money::new(row.refunded_minor, row.currency)
        });
        t.leaf(
            "paymentReference",
            "What the payment is called by the till, kiosk or server of the brand that took it: `card-4711`; null until it \
             said so, as for what costs nothing or was sold elsewhere.",
            &["payment_reference"],
            |row| &row.payment_reference,
        );
        t.leaf(
            "claimedPaymentReference",
            "What the customer, or a touchpoint whose word is not taken, said at checkout that the payment is called: a \
             claim that says nothing of whether it is paid; null when nothing was said.",
            &["claimed_payment_reference"],
            |row| &row.claimed_payment_reference,
        );
        t.leaf(
            "expiresAt",
            "Until when it waits to be paid: then it is called off, and what it took is there again; null when it does not \
             wait.",
            &["expires_at"],
            |row| &row.expires_at,
        );
        t.link::<Customer, _>("customer", "Who bought it.", &["customer_id"], |row| {
            CustomerById(row.customer_id)
        });
        t.maybe::<Touchpoint, _>(
            "touchpoint",
            "Where it was bought; null when it was not said.",
            &["touchpoint_id"],
            |row| row.touchpoint_id.map(TouchpointById),
        );
        t.link::<Vec<PurchaseLine>, _>(
            "lines",
            "What was bought, in the order of the receipt; empty when only the total is known, as of some \
             imported purchases.",
            &["id", "currency"],
            |row| LinesOf { purchase: row.id, currency: row.currency },
        );
        t.link::<Vec<Discount>, _>(
            "discounts",
            "What was taken off when it was made, and by which offers, as on the receipt: they stay when it is called off \
             or refunded, and `redemptions` say what became of them. Empty when nothing was taken off, or nobody said by \
             which offers.",
            &["id"],
            |row| DiscountsOf(row.id),
        );
        t.link::<Vec<Redemption>, _>("redemptions", "The offers used in it, oldest first.", &["id"], |row| {
            RedemptionsOf(row.id)
        });
    }
}

impl Paged for Purchase {
    const CURSOR_KIND: u8 = b'u';

    fn cursor(row: &rows::Purchase) -> Cursor {
        Cursor { key: row.placed_at.millis(), id: row.id.0 }
    }
}

/// One line of a purchase.
pub struct PurchaseLine;

impl GraphType for PurchaseLine {
    type Row = rows::PurchaseLine;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "PurchaseLine".into()
    }

    fn description() -> Cow<'static, str> {
        "One line of a purchase: so many of one product.".into()
    }

    fn columns() -> Vec<&'static str> {
        rows::PurchaseLine::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The line's id: `pli_…`.", &["id"], |row| Identifier(row.id));
        t.link::<Product, _>("product", "What was bought.", &["product_id"], |row| {
            ProductById(row.product_id)
        });
        t.calc("quantity", "How many.", &["quantity"], |row| count(row.quantity));
        t.embed::<Money>("unitPrice", "The price of one when it was bought.", &["unit_minor"], |row| {
            money::Money::new(row.unit_minor, row.currency)
        });
        t.embed::<Money>(
            "total",
            "What was to be paid for all of them, their share of the discounts taken off.",
            &["total_minor"],
            |row| money::Money::new(row.total_minor, row.currency),
        );
        t.calc("refundedQuantity", "How many of them were refunded.", &["refunded_quantity"], |row| {
            count(row.refunded_quantity)
        });
        t.embed::<Money>(
            "refunded",
            "What was given back of `total`; 0 when nothing was. Of an imported purchase it may be more than \
             `refundedQuantity` says.",
            &["refunded_minor"],
            |row| money::Money::new(row.refunded_minor, row.currency),
        );
        t.link::<Vec<Discount>, _>(
            "discounts",
            "What the line bears of each of the purchase's `discounts`: over all lines, the amounts of one offer are in \
             sum its `amount` there. Empty when the line bears none, and of purchases that were imported, of which nobody \
             says it by line.",
            &["id", "purchase_id"],
            |row| LineDiscountsOf { line: row.id, purchase: row.purchase_id, currency: row.currency },
        );
    }
}

/// The use of an offer.
pub struct Redemption;

impl GraphType for Redemption {
    type Row = rows::Redemption;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Redemption".into()
    }

    fn description() -> Cow<'static, str> {
        "The use of an offer by a customer.".into()
    }

    fn columns() -> Vec<&'static str> {
        rows::Redemption::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The redemption's id: `red_…`.", &["id"], |row| Identifier(row.id));
        t.maybe::<Offer, _>(
            "offer",
            "Which offer; null when it is over and you may not see it any more.",
            &["offer_id"],
            |row| Some(OfferById(row.offer_id)),
        );
        t.calc("status", "Where its use stands.", &["status"], |row| {
            EnumLeaf(RedemptionStatus::from(row.status))
        });
        t.embed::<Money>("amount", "How much it took off.", &["amount_minor", "currency"], |row| {
            money::Money::new(row.amount_minor, row.currency)
        });
        t.leaf("createdAt", "When it was used.", &["created_at"], |row| &row.created_at);
    }
}
