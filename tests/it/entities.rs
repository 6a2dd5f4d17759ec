//! Every table, written through SeaORM and read back, by SeaORM and by the read door, on both databases.

use encircle::db::Db;
use encircle::db::read::Select;
use encircle::kernel::columns::Columns;
use encircle::kernel::error::Error;
use sea_orm::{ActiveModelTrait, EntityName, EntityTrait, IdenStatic, IntoActiveModel, Iterable};

use crate::harness::databases::on_both;
use rows::Compared;

mod rows;
pub mod samples;

/// Inserts models as they are.
pub async fn insert<E>(db: &Db, models: impl IntoIterator<Item = E::Model>)
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    let models: Vec<E::ActiveModel> =
        models.into_iter().map(|model| model.into_active_model().reset_all()).collect();
    db.write(async |transaction| {
        // Below the number of values that one statement may carry.
        let mut models = models.into_iter().peekable();
        while models.peek().is_some() {
            E::insert_many(models.by_ref().take(500)).exec_without_returning(transaction).await?;
        }
        Ok(())
    })
    .await
    .expect("the rows are inserted");
}

async fn round_trip<R: Compared>(db: &Db, models: Vec<<R::Entity as EntityTrait>::Model>)
where
    R::Entity: Default,
    <R::Entity as EntityTrait>::Model:
        IntoActiveModel<<R::Entity as EntityTrait>::ActiveModel> + Clone + PartialEq + std::fmt::Debug,
    <R::Entity as EntityTrait>::ActiveModel: Send,
{
    assert_eq!(R::Entity::default().table_name(), R::TABLE);
    let known: Vec<&str> = <R::Entity as EntityTrait>::Column::iter().map(|column| column.as_str()).collect();
    let read: Vec<&str> = R::COLUMNS.iter().map(|column| column.name).collect();
    assert_eq!(known, read, "{}: the test's row has every column", R::TABLE);

    insert::<R::Entity>(db, models.clone()).await;
    let back = R::Entity::find().all(db.connection()).await.expect("SeaORM reads");
    let rows = Select::<R>::of(Columns::ALL).rows(db).await.expect("the read door reads");
    assert_eq!((back.len(), rows.len()), (models.len(), models.len()), "{}", R::TABLE);
    for model in &models {
        assert!(back.contains(model), "SeaORM: {model:?} is not in {back:?}");
        assert!(rows.iter().any(|row| row.agrees(model)), "read door: {model:?} is not in {rows:?}");
    }
}

/// Writes every sample and reads it back, for tests too that need a row of everything.
pub async fn insert_and_check_all(db: &Db) {
    round_trip::<rows::TouchpointRow>(db, samples::touchpoints().to_vec()).await;
    round_trip::<rows::CustomerRow>(db, samples::customers().to_vec()).await;
    round_trip::<rows::CustomerIdentityRow>(db, samples::identities().to_vec()).await;
    round_trip::<rows::DeviceRow>(db, samples::devices().to_vec()).await;
    round_trip::<rows::ConsentRow>(db, samples::consents().to_vec()).await;
    round_trip::<rows::BehaviorRow>(db, samples::behaviors().to_vec()).await;
    round_trip::<rows::BehaviorMessageRow>(db, samples::behavior_messages().to_vec()).await;
    round_trip::<rows::OfferResponseRow>(db, samples::offer_responses().to_vec()).await;
    round_trip::<rows::ProductRow>(db, samples::products().to_vec()).await;
    round_trip::<rows::OfferRow>(db, samples::offers().to_vec()).await;
    round_trip::<rows::PurchaseRow>(db, samples::purchases().to_vec()).await;
    round_trip::<rows::PurchaseLineRow>(db, samples::purchase_lines().to_vec()).await;
    round_trip::<rows::RedemptionRow>(db, samples::redemptions().to_vec()).await;
    round_trip::<rows::CustomerMergeRow>(db, samples::customer_merges().to_vec()).await;
    round_trip::<rows::BehaviorDefinitionRow>(db, samples::behavior_definitions().to_vec()).await;
    round_trip::<rows::QuarantinedBehaviorRow>(db, samples::quarantined_behaviors().to_vec()).await;
    round_trip::<rows::CatalogueRow>(db, samples::catalogues().to_vec()).await;
    round_trip::<rows::AttributeDefinitionRow>(db, samples::attribute_definitions().to_vec()).await;
    round_trip::<rows::AttributeBucketRow>(db, samples::attribute_buckets().to_vec()).await;
    round_trip::<rows::SegmentRow>(db, samples::segments().to_vec()).await;
    round_trip::<rows::SegmentMemberRow>(db, samples::segment_members().to_vec()).await;
    round_trip::<rows::RetiredAttributeRow>(db, samples::retired_attributes().to_vec()).await;
    round_trip::<rows::SegmentJudgementRow>(db, samples::segment_judgements().to_vec()).await;
    round_trip::<rows::PlacementRow>(db, samples::placements().to_vec()).await;
    round_trip::<rows::OfferBudgetRow>(db, samples::offer_budgets().to_vec()).await;
    round_trip::<rows::OfferCodeRow>(db, samples::offer_codes().to_vec()).await;
    round_trip::<rows::DecisionRow>(db, samples::decisions().to_vec()).await;
    round_trip::<rows::ProductPriceRow>(db, samples::product_prices().to_vec()).await;
    round_trip::<rows::CartRow>(db, samples::carts().to_vec()).await;
    round_trip::<rows::CartLineRow>(db, samples::cart_lines().to_vec()).await;
    round_trip::<rows::CartCodeRow>(db, samples::cart_codes().to_vec()).await;
    round_trip::<rows::HoldRow>(db, samples::holds().to_vec()).await;
    round_trip::<rows::HoldSpanRow>(db, samples::hold_spans().to_vec()).await;
    round_trip::<rows::CodeEntryRow>(db, samples::code_entries().to_vec()).await;
    round_trip::<rows::LineDiscountRow>(db, samples::line_discounts().to_vec()).await;
    round_trip::<rows::EntitlementRow>(db, samples::entitlements().to_vec()).await;
    round_trip::<rows::IdempotencyKeyRow>(db, samples::idempotency_keys().to_vec()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entity_is_written_and_read_back_equal() {
    on_both(async |db| insert_and_check_all(&db).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_row_with_the_same_unique_value_is_a_conflict() {
    on_both(async |db| {
        insert::<entities::touchpoint::Entity>(&db, samples::touchpoints()).await;
        let [again] = samples::touchpoints();
        let model =
            entities::touchpoint::Model { id: samples::id(9), ..again }.into_active_model().reset_all();
        let outcome = db.write(async |transaction| Ok(model.insert(transaction).await?)).await;
        assert!(matches!(outcome, Err(Error::Conflict(_))), "{outcome:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn references_and_texts_are_checked_by_the_database() {
    on_both(async |db| {
        insert::<entities::customer::Entity>(&db, samples::customers()).await;
        let orphan =
            entities::device::Model { customer_id: samples::id(77), ..samples::devices()[0].clone() };
        let orphan = orphan.into_active_model().reset_all();
        let outcome = db.write(async |transaction| Ok(orphan.insert(transaction).await?)).await;
        assert!(matches!(outcome, Err(Error::Internal(_))), "{outcome:?}");
        let unknown = "INSERT INTO consents (customer_id, purpose, status, source, updated_at) \
                       SELECT id, 'ANALYTICS', 'PERHAPS', '', 0 FROM customers";
        assert!(sea_orm::ConnectionTrait::execute_unprepared(db.connection(), unknown).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_leaves_nothing() {
    on_both(async |db| {
        let failed: Result<(), Error> = db
            .write(async |transaction| {
                samples::customer(5).into_active_model().reset_all().insert(transaction).await?;
                Err(Error::Conflict("on purpose".to_owned()))
            })
            .await;
        assert!(matches!(failed, Err(Error::Conflict(_))));
        let customers = Select::<rows::CustomerRow>::of(Columns::NONE);
        assert_eq!(customers.count(&db).await.expect("a count"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_once_all_succeed() {
    on_both(async |db| {
        let writers = (1..=20).map(|number| {
            let db = db.clone();
            // Spawned: a write is a future that may move between threads.
            tokio::spawn(async move {
                db.write(async |transaction| {
                    let read = entities::customer::Entity::find().all(transaction).await?;
                    let model = samples::customer(number).into_active_model().reset_all();
                    model.insert(transaction).await?;
                    Ok(read.len())
                })
                .await
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.expect("no panic").expect("the write succeeds");
        }
        assert_eq!(Select::<rows::CustomerRow>::of(Columns::NONE).count(&db).await.expect("a count"), 20);
    })
    .await;
}
