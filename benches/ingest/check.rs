//! Whether attributes are what a plain recount of the behaviors says.

use encircle::domain::attributes::bucket::Bucket;
use encircle::domain::attributes::counting::{Counted, contributions};
use encircle::domain::attributes::read;
use encircle::domain::attributes::value::value_of;
use encircle::domain::attributes::window::{Window, day_of};
use encircle::domain::ingest::service::Ingest;
use encircle::kernel::viewer::CustomerScope;
use entities::{behavior, customer};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha12Rng;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::behaviors::NOW;

/// Recounts the attributes of some customers, chosen at random, from their behaviors without any buckets kept;
/// how many they were.
pub async fn attributes(ingest: &Ingest, customers: usize) -> usize {
    let connection = ingest.db.connection();
    let rows = customer::Entity::find().order_by_asc(customer::Column::Id).all(connection).await;
    let mut people: Vec<_> = rows.expect("customers").into_iter().map(|row| row.id).collect();
    people.shuffle(&mut ChaCha12Rng::seed_from_u64(1));
    people.truncate(customers);
    let definitions = ingest.attributes.current().all().to_vec();
    let found =
        read::read(&ingest.db, CustomerScope::Everybody, &definitions, &people, NOW).await.expect("a read");
    for person in &people {
        let query = behavior::Entity::find().filter(behavior::Column::CustomerId.eq(*person));
        let behaviors = query.all(connection).await.expect("behaviors");
        for attribute in &found[person] {
            let definition = &attribute.definition;
            let buckets: Vec<Bucket> = behaviors
                .iter()
                .flat_map(|row| {
                    let day = match definition.window {
                        Some(Window::Days(_)) => day_of(definition.zone, row.occurred_at),
                        _ => 0,
                    };
                    let bucket = |(value, totals)| Bucket { day, channel: row.channel, value, totals };
                    contributions(definition, Counted::of(row)).into_iter().map(bucket).collect::<Vec<_>>()
                })
                .collect();
            assert_eq!(
                attribute.value,
                Some(value_of(definition, &buckets, NOW)),
                "{person} {}",
                definition.key
            );
        }
    }
    people.len()
}
