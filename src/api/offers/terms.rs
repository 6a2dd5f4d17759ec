//! The field tables of what an offer consists of: schedule, limits, experiment.

use std::borrow::Cow;

use entities::timestamp::Timestamp;
use entities::values::{Channel, TextEnum};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::api::enums::Weekday;
use crate::api::leaves::{Day, DurationText};
use crate::api::money::Money;
use crate::api::offers::inputs::OfferContentArguments;
use crate::api::reads::Reads;
use crate::api::scalars::count;
use crate::db::read::Json;
use crate::domain::offers::allocation::{self, Allocation};
use crate::domain::offers::store;
use crate::graph::{EnumLeaf, FieldTable, GraphType, Input};
use crate::kernel::money;

/// When an offer counts.
pub struct Schedule;

/// What `Schedule` is made from.
#[derive(Clone, Debug)]
pub struct ScheduleRow {
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    starts_on: Option<String>,
    ends_on: Option<String>,
    weekdays: Vec<u8>,
    from_minute: Option<i32>,
    until_minute: Option<i32>,
}

impl ScheduleRow {
    pub const COLUMNS: &'static [&'static str] =
        &["starts_at", "ends_at", "starts_on", "ends_on", "weekdays", "from_minute", "until_minute"];

    pub fn of(row: &store::Offer) -> Self {
        Self {
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            starts_on: row.starts_on.clone(),
            ends_on: row.ends_on.clone(),
            weekdays: row.weekdays.parse().unwrap_or_default(),
            from_minute: row.from_minute,
            until_minute: row.until_minute,
        }
    }
}

/// A minute of the day as people write it.
fn clock(minute: i32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

impl GraphType for Schedule {
    type Row = ScheduleRow;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Schedule".into()
    }

    fn description() -> Cow<'static, str> {
        "When an offer counts: when all that is given holds. Days and hours are those of the place where the \
         customer is, in its own time zone."
            .into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.leaf("startsAt", "From when on; null: from the start.", &[], |row| &row.starts_at);
        t.leaf("endsAt", "Until when, exclusive; null: for ever.", &[], |row| &row.ends_at);
        t.calc("startsOn", "The first day on which it counts; null: from the start.", &[], |row| {
            row.starts_on.clone().map(Day)
        });
        t.calc("endsOn", "The last day on which it counts, to its end; null: for ever.", &[], |row| {
            row.ends_on.clone().map(Day)
        });
        t.calc("weekdays", "On which days of the week it counts; empty means all.", &[], |row| {
            let days = row.weekdays.iter().filter_map(|number| Weekday::of(*number));
            days.map(EnumLeaf).collect::<Vec<_>>()
        });
        t.calc("from", "From what time of the day on: `18:00`; null: from its beginning.", &[], |row| {
            row.from_minute.map(clock)
        });
        t.calc(
            "until",
            "Until what time of the day, exclusive: `23:00`; null: to its end. When it is not after `from`, it is of \
             the next day, and the night belongs to the day on which it began.",
            &[],
            |row| row.until_minute.map(clock),
        );
    }
}

/// How often an offer may be redeemed and shown.
pub struct OfferLimits;

/// What `OfferLimits` is made from.
#[derive(Clone, Debug)]
pub struct LimitsRow {
    total: Option<i64>,
    amount: Option<money::Money>,
    per_customer: Option<i64>,
    per_period: Option<i64>,
    period: Option<String>,
    shown_per_period: Option<i64>,
    shown_period: Option<String>,
    dismissal_period: Option<String>,
}

impl LimitsRow {
    pub const COLUMNS: &'static [&'static str] = &[
        "limit_total",
        "limit_minor",
        "limit_currency",
        "limit_per_customer",
        "limit_per_period",
        "limit_period",
        "limit_shown",
        "limit_shown_period",
        "dismissal_period",
    ];

    pub fn of(row: &store::Offer) -> Self {
        let amount = row.limit_minor.zip(row.limit_currency);
        Self {
            total: row.limit_total,
            amount: amount.map(|(minor, currency)| money::Money::new(minor, currency)),
            per_customer: row.limit_per_customer,
            per_period: row.limit_per_period,
            period: row.limit_period.clone(),
            shown_per_period: row.limit_shown,
            shown_period: row.limit_shown_period.clone(),
            dismissal_period: row.dismissal_period.clone(),
        }
    }
}

impl GraphType for OfferLimits {
    type Row = LimitsRow;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "OfferLimits".into()
    }

    fn description() -> Cow<'static, str> {
        "How often an offer may be redeemed and shown. What devices tell of showing is a behavior like any other: of a \
         customer who refuses ANALYTICS none is kept, so limits of showing do not hold for them."
            .into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("total", "By all customers together; null: without end.", &[], |row| row.total.map(count));
        t.embed::<Option<Money>>(
            "amount",
            "How much it may take off for all customers together; null: without end. It is over when less is left than it \
             would take: for an amount off, less than that amount.",
            &[],
            |row| row.amount,
        );
        t.calc("perCustomer", "By one customer; null: without end.", &[], |row| row.per_customer.map(count));
        t.calc("perPeriod", "By one customer within `period`; null: without end.", &[], |row| {
            row.per_period.map(count)
        });
        t.calc("period", "How far back `perPeriod` looks; null when there is no such limit.", &[], |row| {
            row.period.clone().map(DurationText)
        });
        t.calc(
            "shownPerPeriod",
            "How often it is shown to one customer within `shownPeriod`, by what devices tell with the behavior \
             `Offer Shown`; null: without end.",
            &[],
            |row| row.shown_per_period.map(count),
        );
        t.calc(
            "shownPeriod",
            "How far back `shownPerPeriod` looks; null when there is no such limit.",
            &[],
            |row| row.shown_period.clone().map(DurationText),
        );
        t.calc(
            "dismissalPeriod",
            "For how long it is not shown to a customer who sent it away, told by the behavior `Offer Dismissed`: \
             `P30D`; null: it comes again at once.",
            &[],
            |row| row.dismissal_period.clone().map(DurationText),
        );
    }
}

/// What is tried with an offer.
pub struct Experiment;

/// What `Experiment` is made from.
#[derive(Clone, Debug)]
pub struct ExperimentRow {
    name: String,
    holdout_basis_points: i32,
    variants: Vec<allocation::Variant>,
}

impl ExperimentRow {
    pub const COLUMNS: &'static [&'static str] = &["experiment", "holdout_basis_points", "allocations"];

    pub fn of(row: &store::Offer) -> Option<Self> {
        let allocations: Vec<Allocation> = row.allocations.parse().unwrap_or_default();
        Some(Self {
            name: row.experiment.clone()?,
            holdout_basis_points: row.holdout_basis_points,
            variants: allocations.into_iter().next_back().map(|newest| newest.variants).unwrap_or_default(),
        })
    }
}

impl GraphType for Experiment {
    type Row = ExperimentRow;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Experiment".into()
    }

    fn description() -> Cow<'static, str> {
        "What is tried with an offer. Who sees which variant is reckoned from the experiment's name and the \
         customer: the same on every device, and it stays when weights change."
            .into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.leaf("name", "Offers whose experiment has the same name share who sees what.", &[], |row| {
            &row.name
        });
        t.calc(
            "holdout",
            "The share of customers, in percent, who are never shown the offer, so that they can be compared with \
             the others: `\"5.00\"`.",
            &[],
            |row| Decimal::new(row.holdout_basis_points.into(), 2),
        );
        t.embed::<Vec<Variant>>("variants", "How new customers are spread; empty: all alike.", &[], |row| {
            row.variants.clone()
        });
    }
}

/// One way in which an offer is shown.
pub struct Variant;

impl GraphType for Variant {
    type Row = allocation::Variant;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Variant".into()
    }

    fn description() -> Cow<'static, str> {
        "One way in which an offer is shown.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.leaf("key", "The name that devices and reports use: `large-image`.", &[], |row| &row.key);
        t.calc("weight", "Its share is this by the sum of all variants' weights.", &[], |row| {
            count(row.weight.into())
        });
        t.calc_with::<Input<OfferContentArguments>, _>(
            "content",
            "What it shows on a kind of device, else anywhere; null when it shows what the offer does.",
            &[],
            |row, Input(arguments)| {
                let content = row.content.as_ref()?;
                shown(content, arguments.channel.map(Channel::from))
                    .map(|shown| Json::from_text(shown.to_string()))
            },
        );
    }
}

/// The content for a channel, else the one for all of them.
pub(super) fn shown(contents: &Map<String, Value>, channel: Option<Channel>) -> Option<&Value> {
    channel.and_then(|channel| contents.get(channel.text())).or_else(|| contents.get("default"))
}
