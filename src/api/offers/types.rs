//! The field table of offers.

use std::borrow::Cow;

use crate::api::enums::{BenefitScope, CodeKind, ConsentPurpose, OfferStatus, Stacking};
use crate::api::leaves::{JsonChannels, JsonTexts};
use crate::api::offers::benefit::Benefit;
use crate::api::offers::inputs::OfferContentArguments;
use crate::api::offers::responses::{OfferResponses, ResponsesOf};
use crate::api::offers::terms::{Experiment, ExperimentRow, LimitsRow, OfferLimits, Schedule, ScheduleRow};
use crate::api::reads::Reads;
use crate::db::read::{Json, Row};
use crate::domain::offers::store;
use crate::graph::{EnumLeaf, FieldTable, GraphType, Identifier, Input, Paged};
use crate::kernel::error::{Error, Result};
use crate::kernel::page::Cursor;
use crate::kernel::viewer::Scope;
use entities::values::{Channel, TextEnum};

/// Something the brand offers.
pub struct Offer;

impl GraphType for Offer {
    type Row = store::Offer;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Offer".into()
    }

    fn description() -> Cow<'static, str> {
        "Something the brand offers: where it is shown, what it says there, what it gives. Offers that are \
         live and on schedule are everybody's to see; the others, and how an offer is decided, the staff's."
            .into()
    }

    fn columns() -> Vec<&'static str> {
        store::Offer::names()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The offer's id: `off_…`.", &["id"], |row| Identifier(row.id));
        t.leaf("key", "The name that machines use: `popcorn-combo`. Unique.", &["key"], |row| &row.key);
        t.leaf("name", "The name that people use.", &["name"], |row| &row.name);
        t.calc("status", "Where it is in its life.", &["status"], |row| {
            EnumLeaf(OfferStatus::from(row.status))
        });
        t.calc("placements", "The spots where it may be shown: `home-hero`.", &["placements"], |row| {
            JsonTexts(row.placements.clone())
        });
        t.calc("channels", "The channels in which it may be shown; empty means all.", &["channels"], |row| {
            JsonChannels(row.channels.clone())
        });
        t.calc_with::<Input<OfferContentArguments>, _>(
            "content",
            "What is shown on a kind of device, of any shape; what is shown anywhere when nothing is made for that \
             kind; an empty object when there is neither.",
            &["content"],
            |row, Input(arguments)| content(&row.content, arguments.channel.map(Channel::from)),
        );
        t.embed::<Option<Benefit>>(
            "benefit",
            "What the customer gets; null for an offer that only informs.",
            &[
                "benefit_kind",
                "benefit_basis_points",
                "benefit_minor",
                "benefit_currency",
                "benefit_product_id",
            ],
            store::Offer::benefit,
        );
        t.calc("stacking", "What its benefit goes together with in a cart.", &["stacking"], |row| {
            EnumLeaf(Stacking::from(row.stacking))
        });
        t.calc("benefitScope", "What its benefit is taken off from.", &["benefit_scope"], |row| {
            EnumLeaf(BenefitScope::from(row.benefit_scope))
        });
        t.calc(
            "benefitProductIds",
            "Of which products its benefit is taken off, `prd_…`, and of what is part of them; empty: of all.",
            &["benefit_products"],
            |row| JsonTexts(row.benefit_products.clone()),
        );
        t.embed::<Schedule>("schedule", "When it counts.", ScheduleRow::COLUMNS, ScheduleRow::of);
        t.calc(
            "codeKind",
            "With what kind of code it is redeemed; null when it needs none.",
            &["code_kind"],
            |row| row.code_kind.map(|kind| EnumLeaf(CodeKind::from(kind))),
        );
        t.leaf("createdAt", "When it was written.", &["created_at"], |row| &row.created_at);
        t.leaf("updatedAt", "When it last changed.", &["updated_at"], |row| &row.updated_at);
        for_staff(t);
    }
}

/// How an offer is decided: null, with the error FORBIDDEN, without the scope `offers:read`.
fn for_staff(t: &mut FieldTable<Offer>) {
    t.calc(
        "eligibility",
        "Whom it is for, a CEL expression: `'film_buff' in segments`.",
        &["eligibility"],
        |row| Some(row.eligibility.clone()),
    )
    .needs(Scope::Offers);
    t.leaf(
        "rank",
        "How well it fits, a CEL expression giving a number; null ranks by priority.",
        &["rank"],
        |row| &row.rank,
    )
    .needs(Scope::Offers);
    t.calc("priority", "Breaks ties of rank: the higher wins.", &["priority"], |row| Some(row.priority))
        .needs(Scope::Offers);
    t.embed::<Option<OfferLimits>>(
        "limits",
        "How often it may be redeemed and shown.",
        LimitsRow::COLUMNS,
        |row| Some(LimitsRow::of(row)),
    )
    .needs(Scope::Offers);
    t.calc(
        "consent",
        "What a customer must have allowed to be shown it; null when nothing beyond the ordinary.",
        &["consent"],
        |row| row.consent.map(|purpose| EnumLeaf(ConsentPurpose::from(purpose))),
    )
    .needs(Scope::Offers);
    t.leaf("code", "The code that everybody uses, when `codeKind` is SHARED.", &["code"], |row| &row.code)
        .needs(Scope::Offers);
    t.embed::<Option<Experiment>>(
        "experiment",
        "What is tried with it; null when nothing is.",
        ExperimentRow::COLUMNS,
        ExperimentRow::of,
    )
    .needs(Scope::Offers);
    t.maybe::<OfferResponses, _>(
        "responses",
        "What became of it: how often it was shown, followed and sent away, in all and by variant.",
        &["id"],
        |row| Some(ResponsesOf(row.id)),
    )
    .needs(Scope::Offers);
    t.calc(
        "version",
        "Counts its changes: `offerUpdate` takes the version that you have read, and refuses what was overtaken.",
        &["version"],
        |row| Some(row.version),
    )
    .needs(Scope::Offers);
}

/// The content for a channel, else the one for all of them.
pub(super) fn content(contents: &Json, channel: Option<Channel>) -> Result<Json> {
    type Contents<'j> = std::collections::HashMap<Cow<'j, str>, &'j serde_json::value::RawValue>;
    let contents: Contents<'_> = serde_json::from_str(contents.as_str()).map_err(Error::internal)?;
    let found = channel.and_then(|channel| contents.get(channel.text())).or_else(|| contents.get("default"));
    Ok(Json::from_text(found.map_or("{}", |content| content.get())))
}

impl Paged for Offer {
    const CURSOR_KIND: u8 = b'o';

    fn cursor(row: &store::Offer) -> Cursor {
        Cursor { key: row.created_at.millis(), id: row.id.0 }
    }
}
