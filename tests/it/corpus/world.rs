//! The server under test: the whole application on a loopback port, over a database with a row of everything.

use std::net::SocketAddr;

use encircle::app::{App, server};
use encircle::config::Settings;
use encircle::db::Db;
use encircle::http::auth::Tokens;
use encircle::http::console::ConsoleConfig;
use encircle::http::serve::{ServeSettings, serve};
use encircle::kernel::clock::Clock;
use encircle::kernel::ids::Ids;
use encircle::kernel::viewer::{Scopes, Viewer};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::case::Request;
use super::client::{Answer, send};
use crate::entities::{insert, samples};

pub const STAFF_TOKEN: &str = "a-token-of-staff-with-all-scopes";
pub const CUSTOMER_TOKEN: &str = "a-token-of-the-first-customer-ok";

/// What the database knows about people. No case asks for it, so no answer may have it.
pub const PERSONAL: [&str; 5] = ["Zoë", "O’Neil", "+43 1 234", "1980-02-29", "zoe@example.com"];

/// A look at everything: equal answers mean that nothing was changed.
const CENSUS: &str = "{ behaviors { totalCount nodes { id name } } customers { totalCount nodes { id createdAt } } \
    offers { totalCount nodes { id status } } products { totalCount nodes { id sku stock { available } } } \
    purchases { totalCount nodes { id number lines { id product { id } } redemptions { id status } } } \
    carts: customers { nodes { cart { id version codes lines { id quantity held } } entitlements { nodes { id } } } } }";

/// A running server.
pub struct World {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl World {
    pub async fn start(db: Db) -> Self {
        fill(&db).await;
        let settings = Settings::default();
        let app = App::open(db, Clock::System, Ids::seeded(1), &settings.app())
            .await
            .expect("the application opens");
        let tokens = Tokens::new([
            (STAFF_TOKEN, Viewer::staff(Scopes::all())),
            (CUSTOMER_TOKEN, Viewer::Customer(samples::id(1))),
        ]);
        let console = ConsoleConfig {
            endpoint: "/graphql".into(),
            subscription_endpoint: None,
            tabs: Vec::new(),
            notice: None,
        };
        let (router, readiness) = server(app, tokens, &console, &settings).expect("the parts fit");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("the port is known");
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(async move {
            let stop = async { stopped.await.unwrap_or_default() };
            serve(listener, router, &readiness, &ServeSettings::default(), stop).await;
        });
        Self { address, stop, ended }
    }

    /// The process answers, and a good operation is answered as ever.
    pub async fn census(&self) -> Value {
        let (health, _) = send(self.address, &Request::get("/healthz").bytes()).await;
        assert!(matches!(health, Answer::Http { status: 200, .. }), "/healthz: {health:?}");
        let (answer, _) = send(self.address, &Request::document(CENSUS).bytes()).await;
        let json = answer.json();
        assert!(json["errors"].is_null() && json["data"]["purchases"]["totalCount"] == 2, "{answer:?}");
        json
    }

    pub async fn ask(&self, document: &str) -> Value {
        send(self.address, &Request::document(document).bytes()).await.0.json()
    }

    pub async fn end(self) {
        self.stop.send(()).expect("the server is there");
        self.ended.await.expect("the server ends");
    }
}

async fn fill(db: &Db) {
    insert::<entities::touchpoint::Entity>(db, samples::touchpoints()).await;
    // The second is another than the first: not merged into it.
    let customers = samples::customers().map(|row| entities::customer::Model { merged_into: None, ..row });
    insert::<entities::customer::Entity>(db, customers).await;
    insert::<entities::customer_identity::Entity>(db, samples::identities()).await;
    insert::<entities::device::Entity>(db, samples::devices()).await;
    insert::<entities::consent::Entity>(db, samples::consents()).await;
    insert::<entities::behavior::Entity>(db, samples::behaviors()).await;
    insert::<entities::product::Entity>(db, samples::products()).await;
    insert::<entities::offer::Entity>(db, samples::offers()).await;
    insert::<entities::purchase::Entity>(db, samples::purchases()).await;
    insert::<entities::purchase_line::Entity>(db, samples::purchase_lines()).await;
    insert::<entities::redemption::Entity>(db, samples::redemptions()).await;
    insert::<entities::line_discount::Entity>(db, samples::line_discounts()).await;
    insert::<entities::entitlement::Entity>(db, samples::entitlements()).await;
    insert::<entities::product_price::Entity>(db, samples::product_prices()).await;
    // The other cart is of a customer who is not there.
    insert::<entities::cart::Entity>(db, samples::carts().into_iter().take(1)).await;
    insert::<entities::cart_line::Entity>(db, samples::cart_lines()).await;
    insert::<entities::cart_code::Entity>(db, samples::cart_codes()).await;
    insert::<entities::hold::Entity>(db, samples::holds()).await;
    insert::<entities::offer_response::Entity>(db, samples::offer_responses()).await;
    insert::<entities::placement::Entity>(db, samples::placements()).await;
    insert::<entities::offer_code::Entity>(db, samples::offer_codes()).await;
}
