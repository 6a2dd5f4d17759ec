//! `encircle offers simulate` as a person starts it.

use std::process::{Command, Output};

use entities::{customer, offer, purchase};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Desk, NOON};
use crate::entities::{insert, samples};
use crate::harness::databases::{on_both, url_of};

/// The command over a draft; its exit code and what it says.
fn simulate(draft: &str, flags: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("draft.json");
    std::fs::write(&file, draft).expect("the file is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_encircle"));
    command.env_clear().args(["offers", "simulate", &file.to_string_lossy()]).args(flags);
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), text(stdout), text(stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_is_printed_as_a_table() {
    on_both(async |db| {
        let plan = |number: u128| if number <= 4 { "gold" } else { "none" };
        let row = |number: u128| customer::Model {
            traits: json!({ "plan": plan(number) }),
            ..samples::customer(number)
        };
        insert::<customer::Entity>(&db, (1..=10).map(row)).await;
        insert::<purchase::Entity>(&db, (1..=4).map(|number| samples::purchase(number, number, NOON))).await;
        let desk = Desk::open(db.clone()).await;
        desk.live("old", json!({})).await;
        let draft = json!({
            "key": "trial", "placements": ["home"], "channels": ["WEB"], "eligibility": "traits.plan == 'gold'",
            "priority": 1, "benefit": { "percentageOff": "10" }, "limits": { "total": 3 },
        });
        let url = url_of(&db).await;
        let flags = ["--since", "2025-12-01", "--limit", "1", "--database", &url];
        let (code, stdout, stderr) = simulate(&draft.to_string(), &flags);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
        let expected = "\
10 of 10 customers looked at

            looked at    share   95 % of samples    of all     95 % of samples
reached             4   40.0 %    40.0 to 40.0 %         4              4 to 4
outranked           0    0.0 %      0.0 to 0.0 %         0              0 to 0
held out            0    0.0 %      0.0 to 0.0 %         0              0 to 0
excluded            6   60.0 %    60.0 to 60.0 %         6              6 to 6

Not reached, because of
                    6  RULE          traits.plan == 'gold'

Shown instead of
                    4  old, in 4 decisions

Purchases of those reached since 2025-12-01T00:00:00.000Z
                    4  made
                    3  redeem it
                    3  3.75 EUR off of 37.50 EUR; of all, about 3.75 off of 37.50
                    1  stopped by the budget of redemptions, the first on 2026-01-01T12:00:00.000Z
";
        assert_eq!(stdout, expected);
        let some = simulate(&draft.to_string(), &[&flags[..], &["--sample", "5", "--seed", "3"]].concat());
        assert!(some.1.starts_with("5 of 10 customers looked at\n"), "{some:?}");
        let old = desk.row("old").await;
        let changed = json!({ "id": old.id.to_string(), "version": old.version, "eligibility": "false" });
        let (code, stdout, _) = simulate(&changed.to_string(), &flags);
        assert!(code == Some(0) && stdout.contains("10  RULE          false"), "{stdout}");
        let offers = offer::Entity::find().count(db.connection()).await.expect("they are counted");
        assert_eq!(offers, 1);
    })
    .await;
}

#[test]
fn what_is_wrong_is_said() {
    let folder = TempDir::new().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("shop.db").display());
    let (_, _, missing) = simulate(r#"{ "key": "trial" }"#, &["--since", "2025-12-01", "--database", &url]);
    assert!(missing.contains("there is no database at"), "{missing}");
    let mut migrate = Command::new(env!("CARGO_BIN_EXE_encircle"));
    assert!(migrate.env_clear().args(["migrate", "--database", &url]).status().expect("it runs").success());
    let draft = |more: Value| {
        let mut draft = json!({ "key": "trial", "placements": ["home"] });
        for (name, value) in more.as_object().expect("an object") {
            draft[name] = value.clone();
        }
        draft.to_string()
    };
    let fine = ["--since", "2025-12-01"];
    let table: [(String, &[&str], &str); 10] = [
        (draft(json!({ "elligibility": "true" })), &fine, "there is no `new.elligibility` in an offer"),
        (draft(json!({ "limits": { "totall": 3 } })), &fine, "`new.limits.totall`"),
        (draft(json!({ "channels": ["TV"] })), &fine, "TV"),
        (draft(json!({ "benefit": { "percentageOff": "1.234" } })), &fine, "benefit.percentageOff: `1.234`"),
        (draft(json!({ "key": "a b", "eligibility": "x" })), &fine, "draft.new.key: `a b` is no key"),
        ("{".to_owned(), &fine, "draft.json"),
        ("{}".to_owned(), &fine, "a new offer has a `key`"),
        (json!({ "id": "off_1" }).to_string(), &fine, "the `version` that you have read"),
        (draft(json!({})), &["--since", "yesterday"], "--since yesterday"),
        (draft(json!({})), &["--since", "2025-12-01", "--sample", "0"], "--sample"),
    ];
    for (draft, flags, words) in table {
        let (code, _, stderr) = simulate(&draft, &[flags, &["--database", &url]].concat());
        assert_eq!(code, Some(2), "{draft}: {stderr}");
        assert!(stderr.contains(words), "{words} is not in: {stderr}");
    }
    let (_, _, both) = simulate(
        &draft(json!({ "key": "a b", "eligibility": "x" })),
        &[&fine[..], &["--database", &url]].concat(),
    );
    assert!(both.contains("draft.new.eligibility: "), "all that is wrong is said: {both}");
}
