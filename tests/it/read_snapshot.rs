//! What a request reads after others have written: one that only reads may see a moment that stands still, one
//! that may write always sees what was written.

use encircle::db::Db;
use encircle::db::read::Select;
use encircle::domain::customers::rows::Customer;
use encircle::kernel::columns::Columns;
use futures_util::future::join_all;
use sea_orm::DbBackend;

use crate::entities::{insert, samples};
use crate::harness::databases::on_both;

async fn count(db: &Db) -> u64 {
    Select::<Customer>::of(Columns::NONE).count(db).await.expect("a count")
}

async fn add(db: &Db, number: u128) {
    insert::<entities::customer::Entity>(db, [samples::customer(number)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_may_write_sees_what_was_written() {
    on_both(async |db| {
        let request = db.for_request();
        for number in 0..5 {
            assert_eq!(count(&request).await, number as u64);
            add(&request, number + 1).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_only_reads_sees_one_moment_and_the_next_request_a_later_one() {
    on_both(async |db| {
        let stands_still = db.connection().get_database_backend() == DbBackend::Sqlite;
        let request = db.for_reading();
        assert_eq!(count(&request).await, 0);
        add(&db, 1).await;
        assert_eq!(count(&request).await, 1, "the first statement is by itself");
        add(&db, 2).await;
        let seen = if stands_still { 1 } else { 2 };
        assert_eq!(join_all((0..9).map(|_| count(&request))).await, [seen; 9]);
        drop(request);
        let next = db.for_reading();
        assert_eq!([count(&next).await, count(&next).await, count(&next).await], [2, 2, 2]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_given_back_by_requests_that_end_in_whatever_way() {
    on_both(async |db| {
        add(&db, 1).await;
        for _ in 0..100 {
            let request = db.for_reading();
            assert_eq!([count(&request).await, count(&request).await], [1, 1]);
            let wrong =
                Select::<Customer>::of(Columns::NONE).eq("id", "not an id's bytes").count(&request).await;
            assert!(!matches!(wrong, Ok(1..)));
        }
        let requests: Vec<_> = (0..4).map(|_| db.for_reading()).collect();
        let twice = async |request: &Db| count(request).await + count(request).await;
        assert_eq!(join_all(requests.iter().map(twice)).await, [2; 4]);
        drop(requests);
        assert_eq!(count(&db).await, 1);
    })
    .await;
}
