//! What a file's header promises, and rows that do not keep to it.

use encircle::cli::import::NounName;
use encircle::kernel::error::Error;

use super::{Desk, reasons, run};
use crate::harness::databases::on_both;

#[tokio::test]
async fn columns_that_nothing_asks_for_are_in_the_summary() {
    on_both(async |db| {
        let desk = Desk::new();
        let file = desk.put("crm.csv", "email,mood,shoe\na@x.eu,good,42\n");
        let summary = run(&db, &desk.args(NounName::Customers, file), 0).await.expect("it is imported");
        assert_eq!(summary.recorded, 1);
        assert!(summary.to_string().contains("columns ignored: mood, shoe\n"), "{summary}");
        let file = desk.put("plain.csv", "email\na@x.eu\n");
        let summary = run(&db, &desk.args(NounName::Customers, file), 1).await.expect("it is imported");
        assert!(!summary.to_string().contains("ignored"), "{summary}");
    })
    .await;
}

#[tokio::test]
async fn keys_that_nothing_asks_for_are_in_the_summary_with_their_rows() {
    on_both(async |db| {
        let desk = Desk::new();
        let rows = [
            r#"{"email": "a@x.eu", "placed_at": "2026-01-02", "total": 5, "placedAt": "x", "note": {"a": 1}}"#,
            r#"{"email": "b@x.eu", "placed_at": "2026-01-02", "total": 5, "note": null}"#,
            r#"{"placedAt": "2026-01-02"}"#,
        ];
        let args = desk.args(NounName::Purchases, desk.put("orders.ndjson", &rows.join("\n")));
        let summary = run(&db, &args, 0).await.expect("it is imported").to_string();
        assert!(summary.contains("keys ignored: note (1 row), placedAt (2 rows)\n"), "{summary}");
        let row = r#"{"email": "a@x.eu", "traits": {"any": {"key": 1}}}"#;
        let args = desk.args(NounName::Customers, desk.put("crm.ndjson", row));
        let summary = run(&db, &args, 1).await.expect("it is imported").to_string();
        assert!(!summary.contains("ignored"), "{summary}");
    })
    .await;
}

#[tokio::test]
async fn a_header_that_identifies_nobody_is_one_error() {
    on_both(async |db| {
        let desk = Desk::new();
        for (noun, header) in [
            (NounName::Customers, "Mail,first_name"),
            (NounName::Behaviors, "Mail,name,occurred_at"),
            (NounName::Purchases, "Mail,placed_at,total"),
        ] {
            let args = desk.args(noun, desk.put("crm.csv", &format!("{header}\na@x.eu,Ada,\n")));
            match run(&db, &args, 0).await {
                Err(Error::Invalid { message, .. }) => {
                    assert!(message.contains(&header.replace(',', ", ")), "{message}");
                    assert!(message.contains("customer_id, email"), "{message}");
                }
                other => panic!("it should not be imported: {other:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_row_with_more_cells_than_the_header_is_refused() {
    on_both(async |db| {
        let desk = Desk::new();
        let text = "email,last_name,locale\n\
                    a@x.eu,Okafor, Ada,de\n\
                    b@x.eu,\"Okafor, Bo\",de\n\
                    c@x.eu\n";
        let args = desk.args(NounName::Customers, desk.put("crm.csv", text));
        let summary = run(&db, &args, 0).await.expect("it is imported");
        assert_eq!((summary.recorded, summary.rejected), (2, 1));
        let rejects = reasons(&args);
        assert_eq!(rejects[0].0, 2);
        assert!(rejects[0].2.contains("4 cells"), "{rejects:?}");
    })
    .await;
}
