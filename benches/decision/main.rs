//! CPU of one decision by the number of live offers: everything but the database. `benches/README.md` says what is
//! measured and how to read it.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use encircle::domain::attributes::catalogue::AttributeDefinitions;
use encircle::domain::attributes::definition::Definition;
use encircle::domain::offers::calendar::Calendar;
use encircle::domain::offers::catalogue::OfferDefinitions;
use encircle::domain::offers::decide::{Moment, Redeemed, Responses, Subject, Taken, decide};
use encircle::domain::offers::explain::explain;
use encircle::domain::offers::vocabulary::vocabulary;
use encircle::rules::{Fact, Facts};
use entities::ids::{AttributeDefinitionId, CustomerId, Id, OfferId};
use entities::timestamp::Timestamp;
use entities::values::{Aggregate, AttributeStatus, Channel, OfferStatus};
use entities::{attribute_definition, offer};
use mimalloc::MiMalloc;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The program's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const NOON: Timestamp = Timestamp(1_767_268_800_000);
const PLACEMENTS: [&str; 3] = ["home-hero", "basket", "checkout"];
const ATTRIBUTES: usize = 10;
const SEGMENTS: usize = 20;
/// Verdicts that are kept in detail.
const KEPT: usize = 100;
/// How long each number is measured.
const MEASURED: Duration = Duration::from_millis(1_500);

#[expect(clippy::print_stdout, reason = "the table is what this program is run for")]
fn main() {
    println!(
        "One customer, 3 placements, {ATTRIBUTES} attributes, {SEGMENTS} segments; microseconds of CPU."
    );
    println!(
        "{:>12} {:>12} {:>12} {:>12} {:>14} {:>12}",
        "live offers", "index", "interpreter", "kept", "all reasons", "compiling"
    );
    for offers in [10, 100, 1_000, 2_000] {
        let begun = Instant::now();
        let simple = definitions(offers, false);
        let compiling = begun.elapsed();
        let dear = definitions(offers, true);
        let [index, interpreter] = [&simple, &dear].map(|all| micros(|| decided(all, None)));
        let [kept, explained] =
            [KEPT, usize::MAX].map(|detailed| micros(|| decided(&simple, Some(detailed))));
        let compiling = compiling.as_secs_f64() * 1e6;
        println!(
            "{offers:>12} {index:>12.1} {interpreter:>12.1} {kept:>12.1} {explained:>14.1} {compiling:>12.1}"
        );
    }
    println!(
        "\nindex: rules of segments and numbers, as most are. interpreter: each rule also has a part of its own that \
         only the interpreter understands, the worst there is. kept: the first 100 verdicts of each placement are also \
         explained, as it is done beside requests. Each offer is in one of the three placements."
    );
}

fn micros(mut work: impl FnMut()) -> f64 {
    work();
    let (begun, before, mut times) = (Instant::now(), cpu(), 0);
    while begun.elapsed() < MEASURED {
        work();
        times += 1;
    }
    (cpu() - before).as_secs_f64() * 1e6 / f64::from(times)
}

/// The CPU time that this program's first thread, its only one, has taken: what else the machine does is not in it.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("Linux tells it");
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.expect("nanoseconds come first"))
}

/// Live offers with rules, schedules, caps and holdouts as a brand's have.
fn definitions(offers: u128, dear: bool) -> OfferDefinitions {
    let attributes = attributes();
    let segments = (0..SEGMENTS).map(|number| format!("segment_{number}"));
    let vocabulary = vocabulary(&attributes, segments);
    OfferDefinitions::new(
        (1..=offers).map(|number| live(number, dear)).collect(),
        &[],
        &attributes,
        &vocabulary,
    )
}

fn live(number: u128, dear: bool) -> offer::Model {
    let first = match number % 4 {
        0 => format!("'segment_{}' in segments", number % 20),
        1 => format!("attributes.a{} >= {}", number % 10, number % 37),
        2 => format!("!('segment_{}' in segments)", number % 20),
        _ => "true".to_owned(),
    };
    let own = if dear { format!(" && size(traits.plan) + {number} > 0") } else { String::new() };
    offer::Model {
        status: OfferStatus::Live,
        placements: json!([PLACEMENTS[number as usize % 3]]),
        channels: if number.is_multiple_of(3) { json!([]) } else { json!(["WEB", "MOBILE_APP"]) },
        eligibility: format!("{first} && attributes.a{} < {}{own}", number % 7, 60 + number % 11),
        rank: number.is_multiple_of(2).then(|| format!("attributes.a{} * {}", number % 10, number % 5)),
        priority: (number % 9) as i32,
        ends_on: number.is_multiple_of(5).then(|| "2026-12-31".to_owned()),
        from_minute: number.is_multiple_of(8).then_some(600),
        limit_per_customer: number.is_multiple_of(4).then_some(2),
        limit_per_period: number.is_multiple_of(6).then_some(1),
        limit_period: number.is_multiple_of(6).then(|| "P7D".to_owned()),
        limit_total: number.is_multiple_of(7).then_some(1_000),
        holdout_basis_points: if number.is_multiple_of(10) { 500 } else { 0 },
        ..offer::Model::draft(OfferId::from_uuid(Uuid::from_u128(number)), &format!("offer-{number}"), NOON)
    }
}

fn attributes() -> AttributeDefinitions {
    let row = |number: usize| attribute_definition::Model {
        id: AttributeDefinitionId::from_uuid(Uuid::from_u128(number as u128 + 1)),
        key: format!("a{number}"),
        label: format!("a{number}"),
        behavior: "Visit".to_owned(),
        property: None,
        filter: None,
        aggregate: Aggregate::Count,
        window: Some("P90D".to_owned()),
        time_zone: "UTC".to_owned(),
        version: 1,
        status: AttributeStatus::Ready,
        backfilled: 0,
        backfill_total: 0,
        backfill_at: None,
        backfill_id: None,
        created_at: NOON,
        updated_at: NOON,
    };
    let compile = |number| Arc::new(Definition::compile(&row(number)).expect("a definition"));
    AttributeDefinitions::new((0..ATTRIBUTES).map(compile).collect())
}

/// One answer: three placements; so many of the offers with their reasons in detail.
fn decided(definitions: &OfferDefinitions, detailed: Option<usize>) {
    let attributes: Value =
        (0..ATTRIBUTES).map(|number| (format!("a{number}"), json!(number * 7))).collect::<Map<_, _>>().into();
    let traits = json!({ "plan": "gold" });
    let keys: Vec<String> = (0..SEGMENTS).step_by(3).map(|number| format!("segment_{number}")).collect();
    let (consents, redeemed, taken) = (HashMap::new(), Redeemed::new(), Taken::new());
    let responses = Responses::new();
    let moment = Moment {
        calendar: Calendar::at(chrono_tz::Europe::Vienna, NOON),
        channel: Channel::Web,
        limit: 3,
        universal_holdout: 100,
    };
    for key in PLACEMENTS {
        let Some(placement) = definitions.placement(key) else { continue };
        let segments: Vec<Fact<'_>> = keys.iter().map(|key| key.as_str().into()).collect();
        let facts = Facts::new()
            .with("attributes", &attributes)
            .with("traits", &traits)
            .with("segments", segments)
            .with("channel", "WEB")
            .with("placement", key)
            .with("now", NOON);
        let subject = Subject {
            customer: CustomerId::from_uuid(Uuid::from_u128(77)),
            created_at: NOON,
            facts: &facts,
            consents: &consents,
            redeemed: &redeemed,
            responses: &responses,
            taken: &taken,
            changes_at: None,
            reads_now: false,
        };
        let decided = decide(definitions, placement, &subject, &moment);
        if let Some(detailed) = detailed {
            black_box(explain(definitions, placement, &subject, &moment, &decided, detailed));
        }
        black_box(decided);
    }
}
