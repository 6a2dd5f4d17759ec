//! What an offer consists of as frontends send it, and how that is read.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};
use entities::ids::ProductId;
use entities::values::TextEnum;
use rust_decimal::Decimal as Exact;
use serde_json::{Map, Value};

use crate::api::enums::{BenefitScope, Channel, ConsentPurpose, Stacking, Weekday};
use crate::api::inputs::{MoneyInput, parse_id};
use crate::api::offers::limits::OfferLimitsInput;
use crate::api::scalars::{Date, Decimal, JSONObject};
use crate::domain::offers::allocation::{Experiment, Variant};
use crate::domain::offers::codes::normal;
use crate::domain::offers::parts::{Benefit, Codes, Parts, Schedule};
use crate::graph::scalars::DateTime;
use crate::kernel::error::{Error, Result};

/// What is said of an offer.
#[derive(InputObject)]
pub struct OfferPartsInput {
    /// The name that people use; that of a new offer is its key without one.
    pub name: Option<String>,
    /// The spots where it may be shown: `["home.hero"]`.
    pub placements: Option<Vec<String>>,
    /// The channels in which it may be shown; empty means all.
    pub channels: Option<Vec<Channel>>,
    /// What is shown, 64 KB in all: once for all channels, and once for each that shows something else.
    pub content: Option<Vec<OfferContentInput>>,
    /// Whom it is for, a CEL condition: `"film_buff" in segments && attributes.visits_90d >= 3`. It may speak of all
    /// that the rules of segments may (`traits`, `attributes`, `consents`, `identities`, `createdAt`, `locale`,
    /// `now`), and of `segments`, `channel`, `placement` and, where a cart is priced,
    /// `cart.subtotal`, `cart.currency`, `cart.quantity` and `cart.skus`: `cart.subtotal >= 50`. Elsewhere `cart` is
    /// null, so that a condition on it does not hold.
    pub eligibility: Option<String>,
    /// How well it fits, a CEL expression giving a number, of the same names: `attributes.visits_90d * 2`. Null:
    /// priority alone decides.
    pub rank: MaybeUndefined<String>,
    /// Breaks ties of rank: the higher wins; 0 at first.
    pub priority: Option<i32>,
    /// What the customer gets; null: nothing, it only informs.
    pub benefit: MaybeUndefined<BenefitInput>,
    /// What the benefit goes together with in a cart; STACK at first.
    pub stacking: Option<Stacking>,
    /// Whether it is taken off all lines of a cart together or each one; ACROSS_LINES at first.
    pub benefit_scope: Option<BenefitScope>,
    /// Of which products an amount or a share is taken off, `prd_…`, 500 at most: of these, and of what is part of them,
    /// such as the showings of a film. Empty, as it is at first: of all.
    pub benefit_product_ids: Option<Vec<ID>>,
    /// What a customer must have allowed to be shown it; null: nothing beyond the ordinary.
    pub consent: MaybeUndefined<ConsentPurpose>,
    /// When it counts, the whole of it; null: always.
    pub schedule: MaybeUndefined<ScheduleInput>,
    /// How often it may be redeemed, the whole of it; null: without end.
    pub limits: MaybeUndefined<OfferLimitsInput>,
    /// With what codes it is redeemed; null: without any.
    pub codes: MaybeUndefined<OfferCodesInput>,
    /// What is tried with it, the whole of it; null: nothing.
    pub experiment: MaybeUndefined<ExperimentInput>,
}

/// What is shown in a channel.
#[derive(InputObject)]
pub struct OfferContentInput {
    /// In which channel; without it, in all that have nothing of their own.
    pub channel: Option<Channel>,
    /// What is shown, of any shape that your devices understand.
    pub content: JSONObject,
}

/// What a customer gets: exactly one of these.
#[derive(OneofObject)]
pub enum BenefitInput {
    /// A share of the price in percent, to two digits: `"12.50"`.
    PercentageOff(Decimal),
    /// An amount of money off the price.
    AmountOff(MoneyInput),
    /// A product for nothing: `prd_…`.
    FreeProduct(ID),
}

/// When an offer counts: when all that is given holds. Days and hours are those of the place where the customer is.
#[derive(InputObject)]
pub struct ScheduleInput {
    /// From when on.
    pub starts_at: Option<DateTime>,
    /// Until when, exclusive.
    pub ends_at: Option<DateTime>,
    /// The first day on which it counts.
    pub starts_on: Option<Date>,
    /// The last day on which it counts, to its end.
    pub ends_on: Option<Date>,
    /// On which days of the week; empty means all.
    #[graphql(default)]
    pub weekdays: Vec<Weekday>,
    /// From what time of the day on: `18:00`.
    pub from: Option<String>,
    /// Until what time of the day, exclusive: `23:00`. Not after `from`: of the next day, and the night belongs to the
    /// day on which it began.
    pub until: Option<String>,
}

/// With what codes an offer is redeemed: exactly one of these.
#[derive(OneofObject)]
pub enum OfferCodesInput {
    /// One that everybody uses: `SUMMER26`. 3 to 64 letters and digits; blanks, dashes and case do not count.
    Shared(String),
    /// Many that work once each, when this is true; `codesGenerate` makes them.
    SingleUse(bool),
}

/// What is tried with an offer.
#[derive(InputObject)]
pub struct ExperimentInput {
    /// The name from which it is reckoned who sees what; offers with the same share it. The offer's key without one;
    /// it stays once the offer was published.
    pub name: Option<String>,
    /// The share of customers, in percent to two digits, who are never shown the offer: `"5"`.
    pub holdout: Option<Decimal>,
    /// How customers are spread. Other variants or weights than before are for customers who come from now on.
    #[graphql(default)]
    pub variants: Vec<VariantInput>,
}

/// One way in which an offer is shown.
#[derive(InputObject)]
pub struct VariantInput {
    /// The name that devices and reports use: `large-image`.
    pub key: String,
    /// Its share is this by the sum of all weights.
    #[graphql(default = 1)]
    pub weight: i32,
    /// What it shows; the offer's own content without it.
    pub content: Option<Vec<OfferContentInput>>,
}

impl OfferPartsInput {
    /// What is said; the error names the first thing that cannot be read.
    pub fn parts(self) -> Result<Parts> {
        let channels = self.channels.map(|all| all.into_iter().map(Into::into).collect());
        let schedule = said(self.schedule).map(|schedule| schedule.map(ScheduleInput::read).transpose());
        let limits = said(self.limits).map(|limits| limits.map(OfferLimitsInput::read).transpose());
        Ok(Parts {
            name: self.name,
            placements: self.placements,
            channels,
            content: self.content.map(|content| contents("input.content", content)).transpose()?,
            eligibility: self.eligibility,
            rank: said(self.rank),
            priority: self.priority,
            benefit: read(self.benefit, BenefitInput::read)?,
            stacking: self.stacking.map(Into::into),
            benefit_scope: self.benefit_scope.map(Into::into),
            benefit_products: self.benefit_product_ids.as_deref().map(product_ids).transpose()?,
            consent: said(self.consent).map(|purpose| purpose.map(Into::into)),
            schedule: schedule.transpose()?.map(Option::unwrap_or_default),
            limits: limits.transpose()?.map(Option::unwrap_or_default),
            codes: read(self.codes, OfferCodesInput::read)?,
            experiment: read(self.experiment, ExperimentInput::read)?,
        })
    }
}

fn product_ids(ids: &[ID]) -> Result<Vec<ProductId>> {
    let parsed =
        ids.iter().enumerate().map(|(at, id)| parse_id(&format!("input.benefitProductIds.{at}"), id));
    parsed.collect()
}

/// Left out is not said; null is said to be nothing.
fn said<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

fn read<T, R>(value: MaybeUndefined<T>, read: impl Fn(T) -> Result<R>) -> Result<Option<Option<R>>> {
    said(value).map(|value| value.map(read).transpose()).transpose()
}

fn contents(path: &str, said: Vec<OfferContentInput>) -> Result<Map<String, Value>> {
    let mut contents = Map::new();
    for (at, said) in said.into_iter().enumerate() {
        let channel = said.channel.map(|channel| entities::values::Channel::from(channel).text());
        let name = channel.unwrap_or("default");
        let content = Value::Object(said.content.into_map());
        if contents.insert(name.to_owned(), content).is_some() {
            return Err(Error::invalid(format!("{path}.{at}.channel"), format!("{name} is there twice")));
        }
    }
    Ok(contents)
}

/// A percentage in hundredths of a percent.
fn basis_points(path: &str, percent: &Decimal) -> Result<i32> {
    let exact = percent.value().checked_mul(Exact::ONE_HUNDRED).filter(|exact| exact.fract().is_zero());
    let whole = exact.and_then(|exact| i32::try_from(exact.trunc()).ok());
    let message = || format!("`{}` is no percentage to two digits", percent.value());
    whole.ok_or_else(|| Error::invalid(path, message()))
}

impl BenefitInput {
    fn read(self) -> Result<Benefit> {
        Ok(match self {
            Self::PercentageOff(percent) => {
                Benefit::PercentageOff(basis_points("input.benefit.percentageOff", &percent)?)
            }
            Self::AmountOff(amount) => Benefit::AmountOff(amount.money("input.benefit.amountOff")?),
            Self::FreeProduct(id) => Benefit::FreeProduct(parse_id("input.benefit.freeProduct", &id)?),
        })
    }
}

impl ScheduleInput {
    fn read(self) -> Result<Schedule> {
        Ok(Schedule {
            starts_at: self.starts_at.map(|time| time.0),
            ends_at: self.ends_at.map(|time| time.0),
            starts_on: day("input.schedule.startsOn", self.starts_on)?,
            ends_on: day("input.schedule.endsOn", self.ends_on)?,
            weekdays: self.weekdays.into_iter().map(Weekday::number).collect(),
            from_minute: minute("input.schedule.from", self.from.as_deref(), 23 * 60 + 59)?,
            until_minute: minute("input.schedule.until", self.until.as_deref(), 24 * 60)?,
        })
    }
}

/// Days compare as their texts, which have four digits for the year.
fn day(path: &str, day: Option<Date>) -> Result<Option<String>> {
    let Some(day) = day.map(|day| day.0.to_string()) else { return Ok(None) };
    match day.len() {
        10 => Ok(Some(day)),
        _ => Err(Error::invalid(path, format!("`{day}` is not in the years 0000 to 9999"))),
    }
}

/// Reads `18:00`, up to a last minute of the day.
fn minute(path: &str, text: Option<&str>, last: i32) -> Result<Option<i32>> {
    let Some(text) = text else { return Ok(None) };
    let two = |digits: &str| {
        let is_two = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse::<i32>().ok().filter(|_| is_two)
    };
    let minute = text.split_once(':').and_then(|(hours, minutes)| Some((two(hours)?, two(minutes)?)));
    let minute = minute.filter(|(_, minutes)| *minutes < 60).map(|(hours, minutes)| hours * 60 + minutes);
    let minute = minute.filter(|minute| *minute <= last);
    let message = || format!("`{text}` is no time of the day; write hours and minutes: 18:30");
    minute.map(Some).ok_or_else(|| Error::invalid(path, message()))
}

impl OfferCodesInput {
    fn read(self) -> Result<Codes> {
        match self {
            Self::Shared(code) => Ok(Codes::Shared(normal(&code))),
            Self::SingleUse(true) => Ok(Codes::SingleUse),
            Self::SingleUse(false) => {
                Err(Error::invalid("input.codes.singleUse", "write true, or `codes: null` for no codes"))
            }
        }
    }
}

impl ExperimentInput {
    fn read(self) -> Result<Experiment> {
        let holdout = self.holdout.map(|percent| basis_points("input.experiment.holdout", &percent));
        let variants = self.variants.into_iter().enumerate().map(|(at, variant)| {
            let path = format!("input.experiment.variants.{at}.content");
            Ok(Variant {
                key: variant.key,
                // Nought is refused where it stands.
                weight: u32::try_from(variant.weight).unwrap_or_default(),
                content: variant.content.map(|content| contents(&path, content)).transpose()?,
            })
        });
        Ok(Experiment {
            name: self.name,
            holdout_basis_points: holdout.transpose()?.unwrap_or_default(),
            variants: variants.collect::<Result<_>>()?,
        })
    }
}
