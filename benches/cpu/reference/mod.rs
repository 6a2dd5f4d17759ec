//! The three operations as a good engineer would write them by hand for one purpose: an axum handler each,
//! SQL tuned for its database, batches joined in Rust, JSON written by serde from structs.

mod answers;
mod postgres;
mod sqlite;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use entities::ids::{CustomerId, Id};
use entities::timestamp::Timestamp;
use serde::Deserialize;

use answers::{Customers, Data, Home, OneCustomer};
use postgres::Postgres;
use sqlite::Sqlite;

/// What went wrong, for the log.
type Failure = Box<dyn std::error::Error + Send + Sync>;

enum Database {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

/// The endpoints over the database at `url`.
pub fn router(url: &str) -> Router {
    let database = match url.strip_prefix("sqlite://") {
        Some(file) => Database::Sqlite(Sqlite::new(file)),
        None => Database::Postgres(Postgres::open(url)),
    };
    Router::new()
        .route("/q1", post(customer))
        .route("/q2", post(customers))
        .route("/q3", post(home))
        .with_state(Arc::new(database))
}

type Answer<T> = Result<Json<Data<T>>, (StatusCode, String)>;

#[derive(Deserialize)]
struct ById {
    id: String,
}

#[derive(Deserialize)]
struct Until {
    until: String,
}

impl ById {
    fn parse(&self) -> Result<CustomerId, (StatusCode, String)> {
        CustomerId::parse(&self.id).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
    }
}

async fn customer(State(database): State<Arc<Database>>, Json(asked): Json<ById>) -> Answer<OneCustomer> {
    let id = asked.parse()?;
    answer(match &*database {
        Database::Postgres(postgres) => postgres.customer(id).await,
        Database::Sqlite(sqlite) => sqlite.customer(id),
    })
}

async fn customers(State(database): State<Arc<Database>>, Json(asked): Json<Until>) -> Answer<Customers> {
    let until =
        Timestamp::parse(&asked.until).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    answer(match &*database {
        Database::Postgres(postgres) => postgres.customers(until).await,
        Database::Sqlite(sqlite) => sqlite.customers(until),
    })
}

async fn home(State(database): State<Arc<Database>>, Json(asked): Json<ById>) -> Answer<Home> {
    let id = asked.parse()?;
    answer(match &*database {
        Database::Postgres(postgres) => postgres.home(id).await,
        Database::Sqlite(sqlite) => sqlite.home(id),
    })
}

fn answer<T>(read: Result<T, Failure>) -> Answer<T> {
    match read {
        Ok(data) => Ok(Json(Data { data })),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
    }
}
