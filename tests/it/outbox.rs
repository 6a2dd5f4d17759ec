//! The outbox is read whole: nothing that was committed is missed or read twice, nothing else is seen.

use encircle::db::outbox::{Changed, Outbox, announce, announce_everything, sweep};
use encircle::db::topic::Topic;
use encircle::db::{Db, catalogue};
use entities::change;
use entities::ids::CustomerId;
use sea_orm::{DbBackend, EntityTrait, PaginatorTrait};

use crate::entities::{insert, samples};
use crate::harness::databases::on_both;

fn ids(numbers: &[u128]) -> Vec<CustomerId> {
    numbers.iter().map(|number| samples::id(*number)).collect()
}

fn customers(numbers: &[u128]) -> Changed {
    Changed::These(ids(numbers).into_iter().map(Topic::from).collect())
}

async fn write(db: &Db, numbers: &[u128]) {
    db.write(async |transaction| announce(transaction, ids(numbers)).await).await.expect("it is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_read_once_by_every_reader() {
    on_both(async |db| {
        write(&db, &[9]).await;
        let mut one = Outbox::open(&db).await.expect("it opens");
        let mut other = Outbox::open(&db).await.expect("it opens");
        assert_eq!(one.read(&db).await.expect("read"), [], "what was before is known");
        write(&db, &[2, 1, 2]).await;
        let two = async |transaction: &sea_orm::DatabaseTransaction| {
            announce(transaction, ids(&[3])).await?;
            announce(transaction, ids(&[])).await?;
            announce_everything(transaction).await
        };
        db.write(two).await.expect("they are written");
        for reader in [&mut one, &mut other] {
            let expected = [customers(&[1, 2]), customers(&[3]), Changed::Everything];
            assert_eq!(reader.read(&db).await.expect("read"), expected);
            assert_eq!(reader.read(&db).await.expect("read"), []);
        }
        db.write(async |transaction| catalogue::change(transaction).await).await.expect("it is written");
        assert_eq!(one.read(&db).await.expect("read"), [Changed::Everything]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_commits_late_is_not_passed_over() {
    on_both(async |db| {
        let mut reader = Outbox::open(&db).await.expect("it opens");
        let late = db.begin().await.expect("it begins");
        announce(&late, ids(&[1])).await.expect("it is written");
        let is_postgres = db.connection().get_database_backend() == DbBackend::Postgres;
        if is_postgres {
            // SQLite has one writer at a time.
            write(&db, &[2]).await;
            assert_eq!(reader.read(&db).await.expect("read"), [customers(&[2])]);
        }
        assert_eq!(reader.read(&db).await.expect("read"), [], "not committed yet");
        db.commit(late).await.expect("it commits");
        assert_eq!(reader.read(&db).await.expect("read"), [customers(&[1])]);
        let given_up = db.begin().await.expect("it begins");
        announce(&given_up, ids(&[3])).await.expect("it is written");
        given_up.rollback().await.expect("it is undone");
        write(&db, &[4]).await;
        assert_eq!(reader.read(&db).await.expect("read"), [customers(&[4])]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_comes_too_late_learns_that_anything_may_have_changed() {
    on_both(async |db| {
        write(&db, &[1]).await;
        let mut late = Outbox::open(&db).await.expect("it opens");
        write(&db, &[2]).await;
        let newest = change::Entity::find().all(db.connection()).await.expect("read");
        let newest = newest.iter().map(|row| row.transaction_id).max().expect("a row");
        let more = (1..=10_005).map(|number| change::Model {
            transaction_id: newest + number,
            part: 0,
            topics: Topic::Customer(samples::id(3)).text(),
        });
        insert::<change::Entity>(&db, more).await;
        db.write(async |transaction| sweep(transaction).await).await.expect("it is swept");
        let kept = change::Entity::find().count(db.connection()).await.expect("counted");
        assert_eq!(kept, 10_001);
        assert_eq!(late.read(&db).await.expect("read"), [Changed::Everything]);
    })
    .await;
}
