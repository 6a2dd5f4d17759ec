//! What one replica writes, devices of another are told, even when the database takes connections away.

use std::sync::Arc;

use encircle::db::Db;
use encircle::db::connect::DbConfig;
use entities::customer;
use entities::ids::CustomerId;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;

use super::watching::Device;
use super::{Desk, NOON};
use crate::entities::{insert, samples};
use crate::harness::client::application;
use crate::harness::databases::{on_both, refuse_connections, url_of};

/// How often the database takes all connections away that listen.
const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn what_one_replica_writes_devices_of_another_are_told() {
    on_both(async |db| {
        insert::<customer::Entity>(&db, [samples::customer(1)]).await;
        let here = Desk::open(db.clone()).await;
        here.attribute("visits").await;
        here.app.upkeep().once().await.expect("definitions are looked at");
        for visits in 1..=KILLS {
            let eligibility = format!("attributes.visits == {visits}");
            here.live(&format!("after_{visits}"), json!({ "eligibility": eligibility })).await;
        }
        let config = DbConfig { read_connections: 2, write_connections: 2, url: url_of(&db).await };
        let there = Db::connect(&config).await.expect("the same database");
        let app = Arc::new(application(there.clone(), NOON).await);
        let watching = app.watching().start();
        let ada: CustomerId = samples::id(1);
        let mut phone = Device::own(&app, ada).await;
        assert!(phone.shows().await.is_empty());
        for visits in 1..=KILLS {
            hang_up(&db).await;
            here.visit(ada).await;
            assert_eq!(phone.shows().await, [format!("after_{visits}")]);
        }
        drop((phone, watching, app));
        there.close().await.expect("the connections close");
    })
    .await;
}

/// While nothing can be listened to, devices are told a little later.
#[tokio::test(flavor = "multi_thread")]
async fn devices_are_told_while_the_database_refuses_to_be_listened_to() {
    on_both(async |db| {
        insert::<customer::Entity>(&db, [samples::customer(1)]).await;
        // Of each kind the one connection that is open when no more are let in.
        let config = DbConfig { read_connections: 1, write_connections: 1, url: url_of(&db).await };
        let (near, far) = (Db::connect(&config).await, Db::connect(&config).await);
        let (near, far) = (near.expect("the same database"), far.expect("the same database"));
        let here = Desk::open(near.clone()).await;
        here.attribute("visits").await;
        here.app.upkeep().once().await.expect("definitions are looked at");
        for visits in 1..=4 {
            let eligibility = format!("attributes.visits == {visits}");
            here.live(&format!("after_{visits}"), json!({ "eligibility": eligibility })).await;
        }
        let app = Arc::new(application(far.clone(), NOON).await);
        let watching = app.watching().start();
        let ada: CustomerId = samples::id(1);
        let mut phone = Device::own(&app, ada).await;
        assert!(phone.shows().await.is_empty());
        here.visit(ada).await;
        assert_eq!(phone.shows().await, ["after_1"]);
        app.services.deciding.queue.flush().await;
        refuse_connections(&db, true).await;
        for visits in 2..=3 {
            hang_up(&db).await;
            here.visit(ada).await;
            assert_eq!(phone.shows().await, [format!("after_{visits}")]);
            if db.connection().get_database_backend() == DbBackend::Postgres {
                assert!(far.listen().await.is_err(), "it cannot be listened to");
            }
        }
        refuse_connections(&db, false).await;
        here.visit(ada).await;
        assert_eq!(phone.shows().await, ["after_4"]);
        drop((phone, watching, app, here));
        for replica in [near, far] {
            replica.close().await.expect("the connections close");
        }
    })
    .await;
}

/// Ends the connections that listen.
async fn hang_up(db: &Db) {
    if db.connection().get_database_backend() == DbBackend::Postgres {
        let text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'encircle live' AND datname = current_database()";
        db.connection().execute_unprepared(text).await.expect("they are ended");
    }
}
