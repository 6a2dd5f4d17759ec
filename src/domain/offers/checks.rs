//! Whether an offer makes sense: every part is looked at, and every fault is told where it stands.

use entities::offer::Model;
use entities::timestamp::Timestamp;
use serde_json::Value;

use crate::domain::attributes::window::Window;
use crate::domain::offers::allocation::{Variant, allocations};
use crate::domain::offers::codes::is_code;
use crate::domain::offers::faults::Faults;
use crate::rules::{Expect, Rule, Vocabulary};

const MAX_NAME: usize = 255;
const MAX_KEY: usize = 64;
const MAX_PLACEMENTS: usize = 50;
/// The most that an offer shows, in all channels together, and again in all variants.
pub const MAX_CONTENT: usize = 64 * 1024;
const MAX_VARIANTS: usize = 20;
/// The most products that an offer names; more are named by what they are part of.
const MAX_PRODUCTS: usize = 500;
const MAX_WEIGHT: u32 = 1_000_000;
const ALL_BASIS_POINTS: i32 = 10_000;
/// From the first zone in which a day ends to the last: after that the day is over everywhere.
const LAST_ZONE: i64 = 12 * 3_600_000;

/// Looks at everything but what only the database knows.
pub fn check(row: &Model, vocabulary: &Vocabulary, faults: &mut Faults) {
    check_slug("key", &row.key, faults);
    // A name that nobody gave is the key, of which enough is said.
    if row.name != row.key {
        check_name(&row.name, faults);
    }
    check_placements(row, faults);
    check_size("content", &row.content, faults);
    check_rules(row, vocabulary, faults);
    check_benefit(row, faults);
    check_schedule(row, faults);
    check_limits(row, faults);
    if let Some(code) = row.code.as_deref().filter(|code| !is_code(code)) {
        let message = format!("`{code}` is no code; write 3 to 64 capital letters and digits: SUMMER26");
        faults.invalid("codes.shared", message);
    }
    check_experiment(row, faults);
}

/// Whether a text names an offer, a placement or the like: `home.hero`.
pub fn check_slug(path: &str, key: &str, faults: &mut Faults) {
    let may_begin = |c: char| c.is_ascii_alphanumeric();
    let is_slug = |c: char| may_begin(c) || matches!(c, '-' | '_' | '.');
    if key.starts_with(may_begin) && key.chars().all(is_slug) && key.len() <= MAX_KEY {
        return;
    }
    let message = format!(
        "`{key}` is no key; write a letter or digit, then letters, digits, `-`, `_` and `.`, {MAX_KEY} at most: \
         popcorn-combo"
    );
    faults.invalid(path, message);
}

pub fn check_name(name: &str, faults: &mut Faults) {
    if name.trim().is_empty() || name.len() > MAX_NAME {
        faults.invalid("name", format!("it must have 1 to {MAX_NAME} bytes, it has {}", name.len()));
    }
}

fn check_placements(row: &Model, faults: &mut Faults) {
    let placements = row.placements.as_array().map(Vec::as_slice).unwrap_or_default();
    if placements.len() > MAX_PLACEMENTS {
        let message = format!("there are {}; the most is {MAX_PLACEMENTS}", placements.len());
        return faults.invalid("placements", message);
    }
    for (at, placement) in placements.iter().enumerate() {
        check_slug(&format!("placements.{at}"), placement.as_str().unwrap_or_default(), faults);
    }
}

fn check_size(path: &str, content: &Value, faults: &mut Faults) {
    let size = content.to_string().len();
    if size > MAX_CONTENT {
        faults.invalid(path, format!("it has {size} bytes as JSON; the most is {MAX_CONTENT}"));
    }
}

fn check_rules(row: &Model, vocabulary: &Vocabulary, faults: &mut Faults) {
    if let Err(error) = Rule::compile(&row.eligibility, vocabulary, Expect::Condition) {
        faults.invalid("eligibility", error.to_string());
    }
    let rank = row.rank.as_deref().map(|rank| Rule::compile(rank, vocabulary, Expect::Number));
    if let Some(Err(error)) = rank {
        faults.invalid("rank", error.to_string());
    }
}

fn check_benefit(row: &Model, faults: &mut Faults) {
    if row.benefit_basis_points.is_some_and(|share| !(1..=ALL_BASIS_POINTS).contains(&share)) {
        faults.invalid("benefit.percentageOff", "a share is more than 0 and at most 100 percent");
    }
    if row.benefit_minor.is_some_and(|minor| minor <= 0) {
        faults.invalid("benefit.amountOff", "the amount must be more than 0");
    }
    let products = row.benefit_products.as_array().map(Vec::len).unwrap_or_default();
    if products > MAX_PRODUCTS {
        faults.invalid("benefitProductIds", format!("there are {products}; the most is {MAX_PRODUCTS}"));
    }
}

fn check_schedule(row: &Model, faults: &mut Faults) {
    if let (Some(from), Some(until)) = (row.starts_at, row.ends_at)
        && until <= from
    {
        faults.invalid("schedule.endsAt", format!("it ends at {until}, before it starts at {from}"));
    }
    if let (Some(from), Some(until)) = (&row.starts_on, &row.ends_on)
        && until < from
    {
        faults.invalid("schedule.endsOn", format!("it ends on {until}, before it starts on {from}"));
    }
    if row.from_minute.is_some() && row.from_minute == row.until_minute {
        let message = "it begins and ends at the same time; leave both out for the whole day";
        faults.invalid("schedule.until", message);
    }
}

/// Whether an offer can no longer count, in whatever zone. Days compare as their texts do.
pub fn is_over(row: &Model, now: Timestamp) -> bool {
    let last_today = Timestamp(now.millis() - LAST_ZONE).to_utc().date_naive().to_string();
    let is_past = row.ends_at.is_some_and(|at| at <= now);
    is_past || row.ends_on.as_ref().is_some_and(|day| *day < last_today)
}

fn check_period(path: &'static str, period: &str, faults: &mut Faults) {
    if let Err(reason) = Window::parse(period) {
        faults.invalid(path, reason);
    }
}

fn check_limits(row: &Model, faults: &mut Faults) {
    let limits = [
        ("limits.total", row.limit_total),
        ("limits.amount", row.limit_minor),
        ("limits.perCustomer", row.limit_per_customer),
        ("limits.perPeriod", row.limit_per_period),
        ("limits.shownPerPeriod", row.limit_shown),
    ];
    for (path, _) in limits.iter().filter(|(_, limit)| limit.is_some_and(|limit| limit <= 0)) {
        faults.invalid(*path, "a limit is more than 0; leave it out for no limit");
    }
    let redeemed = ("limits.perPeriod", row.limit_per_period, "limits.period", &row.limit_period);
    let shown = ("limits.shownPerPeriod", row.limit_shown, "limits.shownPeriod", &row.limit_shown_period);
    for (most_path, most, path, period) in [redeemed, shown] {
        match (period, most) {
            (Some(_), None) => faults.invalid(most_path, "say how often within the period"),
            (None, Some(_)) => faults.invalid(path, "say which period, such as P7D"),
            (Some(period), Some(_)) => check_period(path, period, faults),
            (None, None) => {}
        }
    }
    if let Some(period) = &row.dismissal_period {
        check_period("limits.dismissalPeriod", period, faults);
    }
    if let (Some(given), Some(limit)) = (&row.benefit_currency, &row.limit_currency)
        && given != limit
    {
        let message = format!("the offer takes {given} off, so its budget is in {given}, not in {limit}");
        faults.invalid("limits.amount.currencyCode", message);
    }
}

fn check_experiment(row: &Model, faults: &mut Faults) {
    let Some(name) = &row.experiment else { return };
    if *name != row.key {
        check_slug("experiment.name", name, faults);
    }
    if !(0..=ALL_BASIS_POINTS).contains(&row.holdout_basis_points) {
        faults.invalid("experiment.holdout", "a share is 0 to 100 percent");
    }
    let allocations = allocations(&row.allocations);
    let variants = allocations.last().map(|newest| newest.variants.as_slice()).unwrap_or_default();
    if variants.is_empty() && row.holdout_basis_points == 0 {
        faults.invalid("experiment", "it tries nothing; give it variants, a holdout, or leave it out");
    }
    check_variants(variants, faults);
    check_size("experiment.variants", &row.allocations, faults);
}

fn check_variants(variants: &[Variant], faults: &mut Faults) {
    if variants.len() > MAX_VARIANTS {
        let message = format!("there are {}; the most is {MAX_VARIANTS}", variants.len());
        return faults.invalid("experiment.variants", message);
    }
    for (at, variant) in variants.iter().enumerate() {
        check_slug(&format!("experiment.variants.{at}.key"), &variant.key, faults);
        if variants[..at].iter().any(|other| other.key == variant.key) {
            let message = format!("there is a variant `{}` already", variant.key);
            faults.invalid(format!("experiment.variants.{at}.key"), message);
        }
        if !(1..=MAX_WEIGHT).contains(&variant.weight) {
            let message = format!("a weight is 1 to {MAX_WEIGHT}");
            faults.invalid(format!("experiment.variants.{at}.weight"), message);
        }
    }
}
