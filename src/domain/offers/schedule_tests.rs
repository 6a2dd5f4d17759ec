//! Days and hours on ordinary days, and on those on which clocks change.

use chrono::{Datelike, TimeZone, Timelike};
use chrono_tz::Tz;
use entities::timestamp::Timestamp;
use proptest::prelude::*;

use super::calendar::Calendar;
use super::schedule::{Schedule, day_number};

const VIENNA: Tz = chrono_tz::Europe::Vienna;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn is_open(schedule: &Schedule, zone: Tz, text: &str) -> bool {
    schedule.is_open(&Calendar::at(zone, at(text)))
}

fn next(schedule: &Schedule, zone: Tz, text: &str) -> Option<String> {
    schedule.next_edge(&Calendar::at(zone, at(text))).map(|edge| edge.to_string())
}

fn days(first: &str, last: &str) -> Schedule {
    Schedule { first_day: day_number(first), last_day: day_number(last), ..Schedule::default() }
}

#[test]
fn nothing_said_is_always() {
    let always = Schedule::default();
    assert!(is_open(&always, VIENNA, "2026-03-01T00:00:00Z"));
    assert_eq!(next(&always, VIENNA, "2026-03-01T00:00:00Z"), None);
}

#[test]
fn the_last_day_counts_to_its_midnight_where_the_offer_is_seen() {
    let schedule = days("2026-03-01", "2026-03-31");
    for (zone, begin, end) in [
        (VIENNA, "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
        (chrono_tz::America::New_York, "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"),
        (chrono_tz::Asia::Tokyo, "2026-02-28T15:00:00Z", "2026-03-31T15:00:00Z"),
    ] {
        let before = |text: &str| Timestamp(at(text).millis() - 1).to_string();
        assert!(!is_open(&schedule, zone, &before(begin)), "{zone}");
        assert!(is_open(&schedule, zone, begin), "{zone}");
        assert!(is_open(&schedule, zone, &before(end)), "{zone}");
        assert!(!is_open(&schedule, zone, end), "{zone}");
        assert_eq!(next(&schedule, zone, &before(begin)).map(|edge| at(&edge)), Some(at(begin)));
        assert_eq!(next(&schedule, zone, &before(end)).map(|edge| at(&edge)), Some(at(end)));
        assert_eq!(next(&schedule, zone, end), None);
    }
}

#[test]
fn instants_are_the_same_everywhere_and_the_end_is_exclusive() {
    let schedule = Schedule {
        starts_at: Some(at("2026-03-01T10:00:00Z")),
        ends_at: Some(at("2026-03-01T12:00:00Z")),
        ..Schedule::default()
    };
    assert!(!is_open(&schedule, VIENNA, "2026-03-01T09:59:59Z"));
    assert!(is_open(&schedule, VIENNA, "2026-03-01T10:00:00Z"));
    assert!(!is_open(&schedule, VIENNA, "2026-03-01T12:00:00Z"));
    assert_eq!(next(&schedule, VIENNA, "2026-03-01T11:00:00Z").as_deref(), Some("2026-03-01T12:00:00.000Z"));
}

#[test]
fn hours_are_of_the_local_day_in_winter_and_in_summer() {
    let happy = Schedule::default().at_hours(Some(17 * 60), Some(19 * 60));
    for (text, open) in [
        ("2026-01-15T15:59:59Z", false),
        ("2026-01-15T16:00:00Z", true),
        ("2026-01-15T18:00:00Z", false),
        ("2026-07-15T14:59:59Z", false),
        ("2026-07-15T15:00:00Z", true),
        ("2026-07-15T17:00:00Z", false),
    ] {
        assert_eq!(is_open(&happy, VIENNA, text), open, "{text}");
    }
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_began() {
    // 2026-03-06 is a Friday.
    let friday_night = Schedule::default().on_weekdays([5]).at_hours(Some(22 * 60), Some(2 * 60));
    for (text, open) in [
        ("2026-03-06T20:59:00Z", false),
        ("2026-03-06T21:00:00Z", true),
        ("2026-03-07T00:59:00Z", true),
        ("2026-03-07T01:00:00Z", false),
        ("2026-03-07T21:30:00Z", false),
        ("2026-03-06T00:30:00Z", false),
    ] {
        assert_eq!(is_open(&friday_night, VIENNA, text), open, "{text}");
    }
    assert_eq!(
        friday_night.opens_at(&Calendar::at(VIENNA, at("2026-03-07T02:00:00Z"))),
        Some(at("2026-03-13T21:00:00Z"))
    );
    let last = Schedule { last_day: day_number("2026-03-06"), ..friday_night };
    assert!(is_open(&last, VIENNA, "2026-03-07T00:59:00Z"), "its last night goes on after midnight");
    assert_eq!(last.opens_at(&Calendar::at(VIENNA, at("2026-03-07T02:00:00Z"))), None);
}

#[test]
fn an_hour_that_clocks_leave_out_begins_after_it() {
    // In Vienna clocks go from 2:00 to 3:00 on 2026-03-29, which is 1:00 UTC.
    let within = Schedule::default().at_hours(Some(135), Some(165));
    for minute in 0..60 {
        let text = format!("2026-03-29T01:{minute:02}:00Z");
        assert!(!is_open(&within, VIENNA, &text), "{text}: 2:15 to 2:45 is not on the clock");
    }
    let across = Schedule::default().at_hours(Some(135), Some(210));
    assert!(!is_open(&across, VIENNA, "2026-03-29T00:59:00Z"));
    assert!(is_open(&across, VIENNA, "2026-03-29T01:00:00Z"), "3:00, the first instant after 2:15");
    assert!(!is_open(&across, VIENNA, "2026-03-29T01:30:00Z"));
}

#[test]
fn an_hour_that_clocks_show_twice_counts_once() {
    // In Vienna clocks go from 3:00 back to 2:00 on 2026-10-25, which is 1:00 UTC.
    let within = Schedule::default().at_hours(Some(135), Some(165));
    let open: Vec<i64> = (0..180)
        .filter(|minute| {
            let now = Timestamp(at("2026-10-24T23:00:00Z").millis() + minute * 60_000);
            within.is_open(&Calendar::at(VIENNA, now))
        })
        .collect();
    assert_eq!(open, (75..105).collect::<Vec<_>>(), "once, the first time");
    let morning = Schedule::default().at_hours(Some(0), Some(240));
    assert_eq!(
        next(&morning, VIENNA, "2026-10-24T23:00:00Z").as_deref(),
        Some("2026-10-25T03:00:00.000Z"),
        "five hours long"
    );
}

#[test]
fn it_is_told_when_an_offer_opens_however_far_that_is() {
    let schedule = days("2030-06-03", "2030-06-30").on_weekdays([7]).at_hours(Some(600), None);
    let calendar = Calendar::at(VIENNA, at("2026-03-01T00:00:00Z"));
    assert_eq!(schedule.opens_at(&calendar), Some(at("2030-06-09T08:00:00Z")));
    assert_eq!(schedule.next_edge(&calendar), None, "not within two days");
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let minute = prop::option::of(0_u16..1_440);
    let instant = prop::option::of(-5_i64..5);
    (prop::collection::vec(1_u8..8, 0..5), minute.clone(), minute, instant.clone(), instant, 0_i32..3)
        .prop_map(|(weekdays, from, until, starts, ends, length)| {
            let base = at("2026-03-29T00:30:00Z").millis();
            let instant = |hours: i64| Timestamp(base + hours * 7_000_000);
            let day = day_number("2026-03-28");
            Schedule {
                starts_at: starts.map(instant),
                ends_at: ends.map(instant),
                first_day: day.filter(|_| length > 0),
                last_day: day.map(|day| day + length).filter(|_| length > 1),
                ..Schedule::default()
            }
            .on_weekdays(weekdays)
            .at_hours(from, until)
        })
}

fn zones() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        VIENNA,
        chrono_tz::UTC,
        chrono_tz::America::Santiago,
        chrono_tz::Australia::Lord_Howe,
        chrono_tz::Asia::Kathmandu,
    ])
}

proptest! {
    #[test]
    fn nothing_happens_before_the_next_edge_and_something_at_it(
        schedule in schedules(),
        zone in zones(),
        minutes in -4_000_i64..4_000,
    ) {
        let now = Timestamp(at("2026-03-29T00:30:00Z").millis() + minutes * 60_000);
        let calendar = Calendar::at(zone, now);
        let open = schedule.is_open(&calendar);
        let edge = schedule.next_edge(&calendar);
        let end = edge.unwrap_or(calendar.begin(calendar.today + 2)).millis();
        for between in (now.millis()..end).step_by(17 * 60_000).chain([end - 1]).filter(|at| *at >= now.millis()) {
            let there = Calendar::at(zone, Timestamp(between));
            prop_assert_eq!(schedule.is_open(&there), open, "{} in {}", Timestamp(between), zone);
        }
        if let Some(edge) = edge {
            prop_assert!(edge > now);
            prop_assert_ne!(schedule.is_open(&Calendar::at(zone, edge)), open, "{} in {}", edge, zone);
        }
    }

    #[test]
    fn on_ordinary_days_it_is_what_the_clock_shows(schedule in schedules(), minutes in 0_i64..20_000) {
        let schedule = Schedule { starts_at: None, ends_at: None, first_day: None, last_day: None, ..schedule };
        let now = Timestamp(at("2026-05-04T00:00:00Z").millis() + minutes * 60_000);
        let shown = VIENNA.from_utc_datetime(&now.to_utc().naive_utc());
        let minute = shown.hour() * 60 + shown.minute();
        let weekday = shown.weekday().number_from_monday();
        let expected = schedule.is_shown(weekday, minute);
        prop_assert_eq!(schedule.is_open(&Calendar::at(VIENNA, now)), expected, "{}", shown);
    }
}

impl Schedule {
    /// Weekday and hours by what a clock shows.
    fn is_shown(&self, weekday: u32, minute: u32) -> bool {
        let has = |weekday: u32| self.weekdays >> (weekday - 1) & 1 == 1;
        let yesterday = (weekday + 5) % 7 + 1;
        match self.hours.map(|hours| (u32::from(hours.from), u32::from(hours.until))) {
            None => has(weekday),
            Some((from, until)) if from < until => has(weekday) && (from..until).contains(&minute),
            Some((from, until)) => has(weekday) && minute >= from || has(yesterday) && minute < until,
        }
    }
}
