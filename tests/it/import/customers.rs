//! Customers: found by any identity, added to, never doubled.

use encircle::cli::import::NounName;
use encircle::kernel::error::Error;
use entities::{customer, customer_identity};
use sea_orm::{ActiveModelTrait, EntityTrait, Set, Unchanged};
use serde_json::json;

use super::{Desk, NOW, reasons, run};
use crate::harness::databases::on_both;

#[tokio::test]
async fn customers_are_found_by_any_identity_and_added_to() {
    on_both(async |db| {
        let desk = Desk::new();
        let first = "customer_id,email,first_name,created_at,traits\n\
                     1,ada@x.eu,Ada,2025-05-01,\"{\"\"vip\"\": true}\"\n\
                     2,,Bo,2025-05-02,\n\
                     2,bo@x.eu,,,\n";
        let args = desk.args(NounName::Customers, desk.put("crm.csv", first));
        let summary = run(&db, &args, 0).await.expect("it is imported");
        assert_eq!((summary.recorded, summary.updated, summary.known, summary.rejected), (2, 1, 0, 0));
        let summary = run(&db, &args, 1).await.expect("it is imported");
        assert_eq!((summary.recorded, summary.updated, summary.known), (0, 0, 3));

        let second = "email,loyalty_card,last_name,traits.city,birth_date\n\
                      ADA@x.eu,C-1,Okafor,Vienna,1986-04-30\n\
                      bo@x.eu,C-1,,,\n\
                      cy@x.eu,,,,30.4.1986\n\
                      cy,,,,\n";
        let args = desk.args(NounName::Customers, desk.put("cards.csv", second));
        for nth in 2..4 {
            let summary = run(&db, &args, nth).await.expect("it is imported");
            assert_eq!((summary.recorded, summary.updated, summary.known), (0, 3 - nth, nth - 2));
            assert_eq!(summary.rejected, 3);
            let rejects = reasons(&args);
            assert!(rejects[0].2.contains("two customers"), "{rejects:?}");
            assert_eq!((rejects[1].1.as_str(), rejects[2].1.as_str()), ("birth_date", "email"));
        }
        let customers = customer::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(customers.len(), 2);
        let ada =
            customers.iter().find(|row| row.first_name.as_deref() == Some("Ada")).expect("Ada is there");
        assert_eq!(ada.last_name.as_deref(), Some("Okafor"));
        assert_eq!(ada.traits, json!({"vip": true, "city": "Vienna"}));
        assert_eq!(ada.created_at.to_string(), "2025-05-01T00:00:00.000Z");
        assert_eq!(ada.updated_at.millis(), NOW.millis() + 2 * 86_400_000);
        let identities = customer_identity::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(identities.len(), 5);
    })
    .await;
}

#[tokio::test]
async fn a_number_is_one_customer_in_all_files_but_those_of_another_namespace() {
    on_both(async |db| {
        let desk = Desk::new();
        let behaviors = "customer_id,name,occurred_at\n1,Page Viewed,2026-01-02\n";
        let purchases = "customer_id,placed_at,total\n1,2026-01-02,5\n";
        let files = [
            (NounName::Customers, "crm.csv", "customer_id,email\n1,ada@x.eu\n", None),
            (NounName::Behaviors, "events.csv", behaviors, None),
            (NounName::Purchases, "orders.csv", purchases, None),
            (NounName::Purchases, "till.csv", purchases, Some("till")),
        ];
        let mut made = Vec::new();
        for (nth, (noun, name, text, namespace)) in files.into_iter().enumerate() {
            let mut args = desk.args(noun, desk.put(name, text));
            (args.source, args.namespace) = (None, namespace.map(str::to_owned));
            let summary = run(&db, &args, nth as u64).await.expect("it is imported");
            assert_eq!((summary.recorded, summary.rejected), (1, 0), "{summary}");
            made.push(summary.customers_made);
        }
        assert_eq!(made, [1, 0, 0, 1]);
        let identities = customer_identity::Entity::find().all(db.connection()).await.expect("they are read");
        let mut values: Vec<_> = identities.into_iter().map(|identity| identity.value).collect();
        values.sort();
        assert_eq!(values, ["1", "ada@x.eu", "till:1"]);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_at_all_is_an_error_that_says_so() {
    on_both(async |db| {
        let desk = Desk::new();
        let file = desk.put("x.csv", "who,when\n1,2026-01-02\n");
        let purchases = desk.args(NounName::Purchases, &file);
        let mut no_file = purchases.clone();
        no_file.file = file.with_extension("nowhere");
        let mut bad_map = purchases.clone();
        bad_map.map = Some(desk.put("bad.toml", "[columns]\nplaced = 1\n"));
        for (args, says) in [(purchases, "placed_at"), (no_file, "nowhere"), (bad_map, "placed")] {
            match run(&db, &args, 0).await {
                Err(Error::Invalid { message, .. }) => assert!(message.contains(says), "{message}"),
                other => panic!("it should not be imported: {other:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn rows_that_identify_nobody_or_two_accounts_are_refused() {
    on_both(async |db| {
        let desk = Desk::new();
        let text = "customer_id,email\n\
                    undefined,\n\
                    0,\n\
                    1,family@x.eu\n\
                    2,family@x.eu\n";
        let args = desk.args(NounName::Customers, desk.put("crm.csv", text));
        for nth in 0..2 {
            let summary = run(&db, &args, nth).await.expect("it is imported");
            assert_eq!((summary.recorded, summary.rejected), (1 - nth, 3));
            let rejects = reasons(&args);
            assert!(rejects[0].2.contains("identifies nobody"), "{rejects:?}");
            assert!(rejects[1].2.contains("for guests"), "{rejects:?}");
            assert!(rejects[2].2.contains("more than 1 of USER_ID"), "{rejects:?}");
        }
        let customers = customer::Entity::find().all(db.connection()).await.expect("they are read");
        assert_eq!(customers.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_said_of_a_merged_customer_is_said_of_the_person() {
    on_both(async |db| {
        let desk = Desk::new();
        let crm = "email,first_name\na@x.eu,Ada\nb@x.eu,Ada\n";
        run(&db, &desk.args(NounName::Customers, desk.put("crm.csv", crm)), 0).await.expect("it is imported");
        let rows = customer::Entity::find().all(db.connection()).await.expect("they are read");
        let (survivor, merged) = (rows[0].id, rows[1].id);
        let pointer = customer::ActiveModel {
            id: Unchanged(merged),
            merged_into: Set(Some(survivor)),
            ..Default::default()
        };
        pointer.update(db.connection()).await.expect("it is merged");
        let later = "email,last_name\na@x.eu,Okafor\nb@x.eu,Okafor-Lind\n";
        run(&db, &desk.args(NounName::Customers, desk.put("later.csv", later)), 1)
            .await
            .expect("it is imported");
        let rows = customer::Entity::find().all(db.connection()).await.expect("they are read");
        let name = |id| rows.iter().find(|row| row.id == id).and_then(|row| row.last_name.clone());
        assert_eq!((name(survivor).as_deref(), name(merged)), (Some("Okafor-Lind"), None));
    })
    .await;
}

#[tokio::test]
async fn a_file_of_another_make_than_its_name_is_read_or_its_error_says_what_to_say() {
    on_both(async |db| {
        let desk = Desk::new();
        let lines = "\u{feff}\n{\"email\": \"a@x.eu\"}\n{\"email\": \"b@x.eu\"}\n";
        let summary = run(&db, &desk.args(NounName::Customers, desk.put("crm.txt", lines)), 0).await;
        assert_eq!(summary.expect("it is imported").recorded, 2);
        for (file, text, says) in [
            (
                "crm.csv",
                "customer_id;email\n1;c@x.eu\n",
                "`;` seems to stand between columns: say --delimiter ';'",
            ),
            ("crm.csv", "customer_id\temail\n1\tc@x.eu\n", "say --delimiter tab"),
            ("crm.tsv", "customer_id,email\n1,c@x.eu\n", "say --delimiter ','"),
            ("crm.csv", "{\"email\": \"c@x.eu\"}\n", "say --format ndjson"),
        ] {
            match run(&db, &desk.args(NounName::Customers, desk.put(file, text)), 0).await {
                Err(Error::Invalid { message, .. }) => assert!(message.contains(says), "{message}"),
                other => panic!("it should not be imported: {other:?}"),
            }
        }
        let mut args = desk.args(NounName::Customers, desk.put("crm.csv", "customer_id;email\n1;c@x.eu\n"));
        args.delimiter = Some(";".to_owned());
        assert_eq!(run(&db, &args, 1).await.expect("it is imported").recorded, 1);
    })
    .await;
}
