//! `encircle attributes` as a person starts it: definitions come with all history counted.

use std::fmt::Write;
use std::process::{Command, Output};

use encircle::domain::attributes::define::{NewDefinition, define as define_without_counting};
use entities::values::Aggregate;
use serde_json::json;
use tempfile::TempDir;

use super::{NOON, attribute, did, record};
use crate::harness::client::application;
use crate::harness::databases::{on_both, url_of};

/// More than are counted by two transactions.
const VISITS: usize = 2_500;

/// `encircle …`, with nothing in the environment; what it says.
fn encircle(args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_encircle"));
    let Output { status, stdout, stderr } = command.env_clear().args(args).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), text(stdout), text(stderr))
}

/// What a command that does its work says on standard output; nothing else, not being at a terminal.
fn said(args: &[&str]) -> String {
    let (code, stdout, stderr) = encircle(args);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{args:?} said {stdout}");
    stdout
}

/// Somebody's visits, each with a seat.
fn visits() -> String {
    (0..VISITS).fold(String::new(), |mut lines, number| {
        let (minute, second) = (number / 60, number % 60);
        let line = json!({
            "anonymous_id": "ada", "name": "Visit", "properties": { "seat": number % 7, "price": 10 },
            "occurred_at": format!("2026-01-01T{:02}:{:02}:{second:02}Z", minute / 60, minute % 60),
        });
        writeln!(lines, "{line}").expect("a string takes it");
        lines
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn defining_counts_all_history_and_says_so() {
    on_both(async |db| {
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join("events.ndjson");
        std::fs::write(&file, visits()).expect("the file is written");
        let url = url_of(&db).await;
        let imported = said(&["import", "behaviors", &file.to_string_lossy(), "--database", &url]);
        assert!(imported.contains("2500 behaviors recorded"), "{imported}");

        let define = ["attributes", "define", "visits", "--behavior", "Visit", "--database", &url];
        assert_eq!(said(&define), "visits is ready: 2500 behaviors looked at\nall attributes are ready\n");
        assert_eq!(said(&define), "all attributes are ready\n", "the same meaning is not counted again");
        let (code, _, stderr) = encircle(&[&define[..], &["--window", "P30D"]].concat());
        assert!(code == Some(2) && stderr.contains("--replace"), "{stderr}");
        assert_eq!(
            said(&[&define[..], &["--label", "Visits", "--replace"]].concat()),
            "all attributes are ready\n",
            "there is nothing to replace"
        );
        let flags =
            ["--aggregate", "distinct_count", "--property", "seat", "--where", "properties.seat != 3"];
        let define =
            [&["attributes", "define", "seats", "--behavior", "Visit", "--database", &url], &flags[..]];
        assert_eq!(
            said(&define.concat()),
            "seats is ready: 2500 behaviors looked at\nall attributes are ready\n"
        );

        let app = application(db, NOON).await;
        assert_eq!(attribute(&app, "ada", "visits").await.0, 2_500);
        assert_eq!(attribute(&app, "ada", "seats").await.0, 6);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_left_uncounted_is_counted() {
    on_both(async |db| {
        let app = application(db.clone(), NOON).await;
        let visit = |number: i64| did(&app, "ada", "Visit", NOON, json!({ "number": number }));
        record(&app, (0..1_200).map(visit).collect()).await;
        let attributes = &app.services.ingest.attributes;
        for (key, aggregate, property) in
            [("visits", Aggregate::Count, None), ("greatest", Aggregate::Max, Some("number"))]
        {
            let new = NewDefinition {
                key: key.to_owned(),
                label: key.to_owned(),
                behavior: "Visit".to_owned(),
                property: property.map(str::to_owned),
                filter: None,
                aggregate,
                window: None,
                time_zone: "UTC".to_owned(),
                replace: false,
            };
            define_without_counting(&db, &app.ids, attributes, NOON, new).await.expect("it is defined");
        }
        assert_eq!(attribute(&app, "ada", "visits").await.0, json!(null), "not before it is counted");
        let url = url_of(&db).await;
        assert_eq!(
            said(&["attributes", "backfill", "--database", &url]),
            "visits is ready: 1200 behaviors looked at\ngreatest is ready: 1200 behaviors looked at\n\
             all attributes are ready\n"
        );
        app.services.ingest.refresh().await.expect("it is looked at");
        assert_eq!(attribute(&app, "ada", "visits").await.0, 1_200);
        assert_eq!(attribute(&app, "ada", "greatest").await.0, 1_199);
    })
    .await;
}

#[test]
fn what_is_wrong_with_a_definition_is_said() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("shop.db");
    let url = format!("sqlite://{}", file.display());
    let (code, _, stderr) =
        encircle(&["attributes", "define", "visits", "--behavior", "Visit", "--database", &url]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("there is no database at") && stderr.contains("shop.db"), "{stderr}");
    assert!(!file.exists(), "none was made");
    assert_eq!(encircle(&["migrate", "--database", &url]).0, Some(0));
    for (flags, words) in [
        (&["--aggregate", "SUM"][..], "needs the property"),
        (&["--aggregate", "MEDIAN"], "MOST_FREQUENT"),
        (&["--window", "P1M"], "write days, such as P365D"),
        (&["--where", "properties.price >"], "column"),
        (&["--time-zone", "Vienna"], "Vienna"),
    ] {
        let define = ["attributes", "define", "visits", "--behavior", "Visit", "--database", &url];
        let (code, _, stderr) = encircle(&[&define[..], flags].concat());
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains(words), "{words} is not in: {stderr}");
    }
}
