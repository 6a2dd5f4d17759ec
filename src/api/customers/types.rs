//! The field tables of customers, their identities, devices and consents.

use std::borrow::Cow;

use crate::api::attributes::batches::AttributesOf;
use crate::api::attributes::types::Attribute;
use crate::api::behaviors::batches::BehaviorsOf;
use crate::api::behaviors::types::Behavior;
use crate::api::customers::batches::{ConsentsOf, CustomerById, DevicesOf, IdentitiesOf, Profiled};
use crate::api::enums::{Channel, ConsentPurpose, ConsentStatus, IdentityKind};
use crate::api::leaves::Day;
use crate::api::offers::deciding::ExperienceOf;
use crate::api::offers::experience::Experience;
use crate::api::purchases::batches::PurchasesOf;
use crate::api::purchases::cart::{Cart, CartOf};
use crate::api::purchases::entitlement::{Entitlement, EntitlementsOf};
use crate::api::purchases::types::Purchase;
use crate::api::reads::Reads;
use crate::api::segments::batches::SegmentsOf;
use crate::api::segments::types::Segment;
use crate::db::read::Row;
use crate::domain::customers::rows;
use crate::graph::{Connection, EnumLeaf, FieldTable, GraphType, Identifier, Paged};
use crate::kernel::page::Cursor;
use crate::kernel::viewer::Scope;

/// A customer, known or an anonymous device.
pub struct Customer;

impl GraphType for Customer {
    type Row = rows::Customer;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Customer".into()
    }

    fn description() -> Cow<'static, str> {
        "A customer: somebody the brand knows, or a device nobody has signed in to yet. A customer sees itself \
         whole; touchpoints and staff see whom they can name, and personal fields, behaviors and lists by their \
         scopes. Everything that belongs to customers merged into it reads as its own."
            .into()
    }

    fn columns() -> Vec<&'static str> {
        rows::Customer::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The customer's id: `cus_…`.", &["id"], |row| Identifier(row.id));
        t.leaf("createdAt", "When the customer was first seen.", &["created_at"], |row| &row.created_at);
        t.leaf("updatedAt", "When the customer's own fields last changed.", &["updated_at"], |row| {
            &row.updated_at
        });
        personal(t);
        t.maybe::<Vec<CustomerIdentity>, _>(
            "identities",
            "All that identifies the customer, oldest first: e-mail addresses, loyalty cards, devices. Null, with \
             the error FORBIDDEN, without the scope `personal:read`.",
            &["id"],
            |row| Some(IdentitiesOf(row.id)),
        )
        .needs(Scope::Personal);
        t.link::<Connection<Device>, _>(
            "devices",
            "The devices the customer uses, last seen first.",
            &["id"],
            |row| DevicesOf(row.id),
        );
        t.link::<Vec<Consent>, _>(
            "consents",
            "What the customer said its data may be used for, one entry a purpose. A purpose that is missing \
             has not been consented to, or no longer: a grant that has ended is left out. Of customers that were merged, a \
             refusal counts before a grant. \
             Touchpoints see them, to ask for what is missing.",
            &["id"],
            |row| ConsentsOf(row.id),
        );
        t.maybe::<Vec<Attribute>, _>(
            "attributes",
            "What the customer's behaviors say, by key: exact now, the same on every device. Null, with the error \
             FORBIDDEN, without the scope `behaviors:read`.",
            &["id"],
            |row| Some(AttributesOf(row.id)),
        )
        .needs(Scope::Behaviors);
        t.maybe::<Vec<Segment>, _>(
            "segments",
            "The segments to which the customer belongs, by key: judged now. Null, with the error FORBIDDEN, without \
             the scope `behaviors:read`.",
            Profiled::COLUMNS,
            |row| Some(SegmentsOf(Profiled::of(row))),
        )
        .needs(Scope::Behaviors);
        t.link::<Vec<Experience>, _>(
            "experience",
            "What the customer is to be shown here and now, an entry a placement, in the order in which they were \
             asked for. Each answer is a decision that is kept; a device keeps it until `validUntil`. Tell what became \
             of it by recording the behaviors `Offer Shown`, `Offer Clicked` and `Offer Dismissed` with the properties \
             `decisionId` and `offerId`: limits of offers count them.",
            Profiled::COLUMNS,
            |row| ExperienceOf(Profiled::of(row)),
        )
        .cost(10);
        t.maybe::<Connection<Behavior>, _>(
            "behaviors",
            "What the customer did, on every device. Null, with the error FORBIDDEN, without the scope \
             `behaviors:read`.",
            &["id"],
            |row| Some(BehaviorsOf(row.id)),
        )
        .needs(Scope::Behaviors);
        t.link::<Connection<Purchase>, _>(
            "purchases",
            "What the customer bought, in every channel.",
            &["id"],
            |row| PurchasesOf(row.id),
        );
        t.maybe::<Cart, _>(
            "cart",
            "What the customer is about to buy, whichever device it was put into the cart on; null when there is no cart.",
            &["id"],
            |row| Some(CartOf(row.id)),
        )
        .cost(10);
        t.link::<Connection<Entitlement>, _>(
            "entitlements",
            "The digital products that the customer paid for, latest first, also those that it may not use any more: ask \
             with `filter: { active: true }` for those that it may use now.",
            &["id"],
            |row| EntitlementsOf(row.id),
        );
        t.maybe::<Customer, _>(
            "mergedInto",
            "The customer that this one turned out to be; null for almost everyone: only `customers` gives merged \
             customers, if it is asked for them.",
            &["merged_into"],
            |row| row.merged_into.map(CustomerById),
        );
    }
}

/// What tells who somebody is: null, with the error FORBIDDEN, without the scope `personal:read`.
fn personal(t: &mut FieldTable<Customer>) {
    let scope = Scope::Personal;
    t.leaf("firstName", "Given name; null when the brand was not told.", &["first_name"], |row| {
        &row.first_name
    })
    .needs(scope);
    t.leaf("lastName", "Family name; null when the brand was not told.", &["last_name"], |row| {
        &row.last_name
    })
    .needs(scope);
    t.leaf("email", "The address to write to; null when there is none.", &["email"], |row| &row.email)
        .needs(scope);
    t.leaf("phone", "The number to call; null when there is none.", &["phone"], |row| &row.phone)
        .needs(scope);
    t.calc(
        "birthDate",
        "Day of birth: `1990-04-23`; null when the brand was not told.",
        &["birth_date"],
        |row| row.birth_date.clone().map(Day),
    )
    .needs(scope);
    t.leaf("locale", "Language and region, BCP 47: `de-AT`; null when unknown.", &["locale"], |row| {
        &row.locale
    });
    t.calc(
        "traits",
        "What the brand was told about the customer, of any shape: `{\"plan\": \"gold\"}`.",
        &["traits"],
        |row| Some(row.traits.clone()),
    )
    .needs(scope);
}

impl Paged for Customer {
    const CURSOR_KIND: u8 = b'c';

    fn cursor(row: &rows::Customer) -> Cursor {
        Cursor { key: row.created_at.millis(), id: row.id.0 }
    }
}

/// Something that identifies a customer.
pub struct CustomerIdentity;

impl GraphType for CustomerIdentity {
    type Row = rows::CustomerIdentity;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "CustomerIdentity".into()
    }

    fn description() -> Cow<'static, str> {
        "Something that identifies a customer. Of one type and value there is at most one customer.".into()
    }

    fn columns() -> Vec<&'static str> {
        rows::CustomerIdentity::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("type", "What kind of thing it is.", &["kind"], |row| EnumLeaf(IdentityKind::from(row.kind)));
        t.leaf("value", "The thing itself: `ada@example.com`.", &["value"], |row| &row.value);
        t.leaf("verified", "True when it was proven to be the customer's.", &["verified"], |row| {
            &row.verified
        });
        t.leaf(
            "claimed",
            "True while only a device, a page or a touchpoint of the customer's has said it. Nobody finds the customer by \
             it, no rule counts it, and it becomes another's when somebody else is named by it. Your server confirms it \
             in `customerIdentify`, naming it together with the customer.",
            &["claimed"],
            |row| &row.claimed,
        );
        t.leaf("createdAt", "When the brand learnt of it.", &["created_at"], |row| &row.created_at);
    }
}

/// A device a customer uses.
pub struct Device;

impl GraphType for Device {
    type Row = rows::Device;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Device".into()
    }

    fn description() -> Cow<'static, str> {
        "A device of a customer's own: a browser, a phone, a television.".into()
    }

    fn columns() -> Vec<&'static str> {
        rows::Device::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The device's id: `dev_…`.", &["id"], |row| Identifier(row.id));
        t.calc("channel", "Through which channel it speaks to the brand.", &["channel"], |row| {
            EnumLeaf(Channel::from(row.channel))
        });
        t.leaf("platform", "Operating system or browser: `iOS`.", &["platform"], |row| &row.platform);
        t.leaf("model", "What it is: `iPhone 15`; null when unknown.", &["model"], |row| &row.model);
        t.leaf("createdAt", "When it was first seen.", &["created_at"], |row| &row.created_at);
        t.leaf("lastSeenAt", "When it was last seen.", &["last_seen_at"], |row| &row.last_seen_at);
    }
}

impl Paged for Device {
    const CURSOR_KIND: u8 = b'd';

    fn cursor(row: &rows::Device) -> Cursor {
        Cursor { key: row.last_seen_at.millis(), id: row.id.0 }
    }
}

/// What a customer said about one purpose.
pub struct Consent;

impl GraphType for Consent {
    type Row = rows::Consent;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Consent".into()
    }

    fn description() -> Cow<'static, str> {
        "What a customer said about the use of its data for one purpose.".into()
    }

    fn columns() -> Vec<&'static str> {
        rows::Consent::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("purpose", "What the data may be used for.", &["purpose"], |row| {
            EnumLeaf(ConsentPurpose::from(row.purpose))
        });
        t.calc("status", "What the customer said.", &["status"], |row| {
            EnumLeaf(ConsentStatus::from(row.status))
        });
        t.leaf("source", "Where it was said: `web banner`.", &["source"], |row| &row.source);
        t.leaf("updatedAt", "When it was said.", &["updated_at"], |row| &row.updated_at);
        t.leaf(
            "expiresAt",
            "Until when a grant counts: at this time it is as if it had not been given. Null for as long as it is not \
             changed; a refusal never ends by itself.",
            &["expires_at"],
            |row| &row.expires_at,
        );
    }
}
