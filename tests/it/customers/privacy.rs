//! Everything held about a person is told and taken away, in every table that there is.

use std::collections::{BTreeMap, BTreeSet};

use encircle::db::Db;
use encircle::domain::privacy::rules::{Erased, Held, RULES};
use entities::{customer, purchase};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement};
use serde_json::{Value, json};

use super::{change, done, id, identified, refused, registered, start};
use crate::entities::{insert_and_check_all, samples};
use crate::harness::client::{Client, application};
use crate::harness::databases::on_both;

/// Stands in every text of the person, and nowhere else.
const MARKER: &str = "Marker4711";

/// Texts of which there are only a few, the same for everybody, and the ids of who sent a request, or of offers.
const OF_A_FEW: [&str; 7] = ["channel", "currency", "kind", "principal", "purpose", "status", "told_offers"];

/// Tables that hold nothing about a person that is a text of its own.
const WITHOUT_TEXT: [&str; 10] = [
    "cart_lines",
    "carts",
    "code_entries",
    "entitlements",
    "hold_spans",
    "holds",
    "line_discounts",
    "purchase_lines",
    "segment_judgements",
    "segment_members",
];

async fn texts(db: &Db, sql: &str) -> Vec<(String, String)> {
    let statement = Statement::from_string(db.connection().get_database_backend(), sql);
    let rows = db.connection().query_all_raw(statement).await.expect("the query runs");
    let text = |row: &sea_orm::QueryResult, at| row.try_get_by_index::<String>(at).expect("a text");
    rows.iter().map(|row| (text(row, 0), text(row, 1))).collect()
}

/// The columns of every table of the database, with their types.
async fn columns(db: &Db) -> BTreeMap<String, Vec<(String, String)>> {
    let sql = match db.connection().get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT t.name, c.name || ' ' || lower(c.type) FROM sqlite_master AS t, pragma_table_info(t.name) AS c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
        }
        _ => {
            "SELECT table_name::text, column_name || ' ' || data_type FROM information_schema.columns \
             WHERE table_schema = 'public'"
        }
    };
    let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (table, column) in texts(db, sql).await {
        let (name, kind) = column.split_once(' ').expect("a name and a type");
        tables.entry(table).or_default().push((name.to_owned(), kind.to_owned()));
    }
    tables
}

/// The columns that can hold a text of a person's own: table, column, and whether it is JSON.
async fn text_columns(db: &Db) -> Vec<(String, String, bool)> {
    let personal: BTreeSet<&str> =
        RULES.iter().filter(|rule| matches!(rule.held, Held::Personal(_))).map(|rule| rule.table).collect();
    let mut found = Vec::new();
    for (table, columns) in columns(db).await {
        for (name, kind) in columns {
            let (is_text, is_json) = (kind.contains("text") || kind.contains("char"), kind.contains("json"));
            if personal.contains(table.as_str()) && (is_text || is_json) && !OF_A_FEW.contains(&name.as_str())
            {
                found.push((table.clone(), name, is_json));
            }
        }
    }
    found
}

async fn execute(db: &Db, sql: &str) {
    db.connection().execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn marked(db: &Db, table: &str, column: &str) -> usize {
    let sql = format!("SELECT 'row', 'found' FROM {table} WHERE CAST({column} AS TEXT) LIKE '%{MARKER}%'");
    texts(db, &sql).await.len()
}

/// Writes the marker into every text of the samples, which are all of the first customer.
async fn plant(db: &Db) {
    for (table, column, is_json) in text_columns(db).await {
        let sql = match is_json {
            true => format!("UPDATE {table} SET {column} = '{{\"deep\": [{{\"card\": \"{MARKER}4711\"}}]}}'"),
            false => format!("UPDATE {table} SET {column} = '{MARKER}' || COALESCE({column}, '')"),
        };
        execute(db, &sql).await;
        assert!(
            marked(db, &table, &column).await > 0,
            "{table}.{column} holds no marker: is the table empty?"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_of_the_database_has_a_rule() {
    on_both(async |db| {
        let tables: Vec<String> = columns(&db).await.into_keys().collect();
        let mut rules: Vec<&str> = RULES.iter().map(|rule| rule.table).collect();
        rules.sort_unstable();
        assert_eq!(tables, rules, "say in domain/privacy/rules.rs what a table holds about persons");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_told_and_after_erasure_is_nowhere() {
    on_both(async |db| {
        insert_and_check_all(&db).await;
        let (planted, totals) = (text_columns(&db).await, purchases(&db).await);
        plant(&db).await;
        let app = application(db.clone(), super::NOON).await;
        let staff = Client::staff(&app);
        let person = json!({ "customerId": samples::customer(1).id.to_string() });

        let told = done(staff, "customerExport", "data", person.clone()).await;
        for rule in RULES {
            let Held::Personal(personal) = &rule.held else { continue };
            let rows = told["data"][rule.table].as_array().unwrap_or_else(|| panic!("{} is not told", rule.table));
            assert!(!rows.is_empty(), "{} is empty", rule.table);
            let has_marker = Value::Array(rows.clone()).to_string().contains(MARKER);
            assert_eq!(has_marker, !WITHOUT_TEXT.contains(&rule.table), "{}", rule.table);
            if WITHOUT_TEXT.contains(&rule.table) {
                assert!(matches!(personal.erased, Erased::Kept | Erased::Deleted | Erased::DeletedMembership));
            }
        }
        assert!(!told.to_string().contains("token_hash"));
        assert_eq!(told["data"]["behaviors"][0]["customer_id"], person["customerId"]);

        let left = done(staff, "customerErase", "customer { id firstName traits identities { value } purchases { totalCount } devices { totalCount } }", person.clone()).await;
        let bare = json!({
            "id": person["customerId"], "firstName": null, "traits": {}, "identities": [],
            "purchases": { "totalCount": 2 }, "devices": { "totalCount": 0 }
        });
        assert_eq!(left["customer"], bare);
        for (table, column, _) in planted {
            assert_eq!(marked(&db, &table, &column).await, 0, "{table}.{column} still tells who it was");
        }
        assert_eq!(purchases(&db).await, totals, "what was bought counts on");
        let again = done(staff, "customerExport", "data", person).await;
        for table in ["behaviors", "behavior_messages", "offer_responses", "devices", "consents", "customer_identities", "attribute_buckets", "quarantined_behaviors", "segment_members"] {
            assert_eq!(again["data"][table], json!([]), "{table}");
        }
    })
    .await;
}

async fn purchases(db: &Db) -> Vec<(i64, i64, i64)> {
    let rows = purchase::Entity::find().all(db.connection()).await.expect("purchases");
    let mut totals: Vec<_> =
        rows.iter().map(|row| (row.placed_at.millis(), row.total_minor, row.discount_minor)).collect();
    totals.sort_unstable();
    totals
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_erased_and_who_comes_back_is_new() {
    on_both(async |db| {
        let app = start(db.clone()).await;
        let (device, _) = registered(&app, Some("a-1")).await;
        let one = identified(&app, &[("ANONYMOUS_ID", "a-1"), ("EMAIL", "a@example.com")]).await;
        assert_eq!(one, device);
        let two = identified(&app, &[("EMAIL", "b@example.com"), ("PHONE", "+43 1 2345678")]).await;
        let merge = json!({ "survivorId": one, "mergedId": two, "reason": "same person" });
        done(Client::staff(&app), "customerMerge", "customer { id }", merge).await;
        let other = identified(&app, &[("EMAIL", "c@example.com")]).await;
        done(Client::staff(&app), "customerErase", "customer { id }", json!({ "customerId": two })).await;
        let again = identified(&app, &[("EMAIL", "b@example.com")]).await;
        assert!(again != one && again != two);
        assert_eq!(identified(&app, &[("EMAIL", "c@example.com")]).await, other);
        let rows = customer::Entity::find().all(db.connection()).await.expect("rows");
        let merged = rows.iter().find(|row| row.id == id(&two)).expect("the row stays");
        assert_eq!(merged.merged_into, Some(id(&one)), "an id that was merged still leads to the survivor");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_is_written_to_no_more() {
    on_both(async |db| {
        let app = start(db.clone()).await;
        let erased = identified(&app, &[("EMAIL", "a@example.com")]).await;
        let living = identified(&app, &[("EMAIL", "b@example.com")]).await;
        let staff = Client::staff(&app);
        for _ in 0..2 {
            done(staff, "customerErase", "customer { id }", json!({ "customerId": erased })).await;
        }
        let consent = json!({ "purpose": "MARKETING", "status": "GRANTED", "source": "test" });
        let again = json!([{ "type": "EMAIL", "value": "a@example.com" }]);
        for (name, input) in [
            ("customerUpdate", json!({ "customerId": erased, "firstName": "Back" })),
            ("customerIdentify", json!({ "customerId": erased, "identities": again })),
            ("consentsUpdate", json!({ "customerId": erased, "consents": [consent] })),
            ("customerMerge", json!({ "survivorId": erased, "mergedId": living, "reason": "test" })),
            ("customerMerge", json!({ "survivorId": living, "mergedId": erased, "reason": "test" })),
        ] {
            refused(staff, name, input, "NOT_FOUND").await;
        }
        assert_eq!(identified(&app, &[("EMAIL", "b@example.com")]).await, living);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_reads_its_own_and_only_staff_erases() {
    on_both(async |db| {
        let app = start(db).await;
        let own = identified(&app, &[("EMAIL", "a@example.com")]).await;
        let other = identified(&app, &[("EMAIL", "b@example.com")]).await;
        let me = Client::customer(&app, id(&own));
        let told = done(me, "customerExport", "data", json!({})).await;
        assert_eq!(told["data"]["customer_identities"][0]["value"], "a@example.com");
        let refused = change(me, "customerExport", "data", json!({ "customerId": other })).await;
        assert_eq!(
            (&refused["data"], &refused["userErrors"][0]["code"]),
            (&Value::Null, &json!("NOT_FOUND"))
        );
        let export = format!("mutation {{ customerExport(input: {{ customerId: \"{own}\" }}) {{ data }} }}");
        let erase = format!(
            "mutation {{ customerErase(input: {{ customerId: \"{own}\" }}) {{ customer {{ id }} }} }}"
        );
        me.fails_with(&erase, json!({}), "FORBIDDEN").await;
        for client in [Client::anonymous(&app), Client::staff_without_scopes(&app)] {
            client.fails_with(&export, json!({}), "FORBIDDEN").await;
            client.fails_with(&erase, json!({}), "FORBIDDEN").await;
        }
    })
    .await;
}
