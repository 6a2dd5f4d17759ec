//! Settings: defaults, then a file, then the environment, then flags; each overrules what came before it.
//! A key that is not known is refused, so that a misspelt one does not go unnoticed.

pub mod selling;
mod sources;
pub mod write_keys;

use std::collections::HashSet;
use std::path::Path;

use axum::http::HeaderValue;
use chrono_tz::Tz;
use entities::ids::{CustomerId, Id, TouchpointId};
use serde::Deserialize;

use crate::config::selling::{CartSettings, PurchaseSettings};
use crate::config::write_keys::WriteKeySettings;
use crate::db::connect::DbConfig;
use crate::domain::behaviors::definitions::UnknownNames;
use crate::domain::offers::retention::DEFAULT_DAYS;
use crate::domain::purchases::holds::HoldSettings;
use crate::graph::limits::DocumentLimits;
use crate::http::auth::{Tokens, may_stand_in_token};
use crate::kernel::error::{Error, Result};
use crate::kernel::viewer::{Scope, Scopes, Viewer};
use crate::kernel::zone;

/// A token shorter than this can be guessed.
const MIN_TOKEN: usize = 24;

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The address to serve on; port 0 takes a free one.
    pub listen: String,
    pub database: DatabaseSettings,
    pub graphql: GraphqlSettings,
    pub http: HttpFileSettings,
    /// The zone in which the brand's days begin, such as `Europe/Vienna`; attributes take it unless they say another.
    #[serde(deserialize_with = "zone::deserialize")]
    pub time_zone: Tz,
    pub behaviors: BehaviorSettings,
    pub offers: OfferSettings,
    pub carts: CartSettings,
    pub purchases: PurchaseSettings,
    /// Who may ask, by token.
    pub viewers: Vec<ViewerSettings>,
    /// Who may send behaviors, by write key.
    pub write_keys: Vec<WriteKeySettings>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// `sqlite://path` or `postgres://user:password@host/database`.
    pub url: String,
    pub read_connections: usize,
    pub write_connections: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GraphqlSettings {
    /// The most an operation may cost; a field with a selection costs 1, a page multiplies by its size.
    pub max_cost: u64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BehaviorSettings {
    /// Whether behaviors whose name is not defined are accepted or refused.
    pub unknown_names: UnknownNames,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfferSettings {
    /// The share of customers who are shown no offers at all, in hundredths of a percent: what offers do is measured
    /// against them.
    pub universal_holdout: u32,
    /// How many days decisions are kept with their reasons.
    pub decision_days: u32,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpFileSettings {
    /// Origins whose pages may call from a browser, such as `https://shop.example`.
    pub allowed_origins: Vec<String>,
}

/// One token and whom it stands for.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum ViewerSettings {
    Staff { token: String, scopes: Vec<String> },
    Touchpoint { token: String, id: String },
    Customer { token: String, id: String },
}

/// How the application is set.
#[derive(Clone, Debug)]
pub struct AppSettings {
    pub limits: DocumentLimits,
    /// The zone in which the brand's days begin.
    pub time_zone: Tz,
    pub unknown_behaviors: UnknownNames,
    /// The share of customers who are shown no offers, in basis points.
    pub universal_holdout: u32,
    /// How many days decisions are kept.
    pub decision_days: u32,
    pub holds: HoldSettings,
    /// How many of one product of which there is an end customers may have in their carts.
    pub most_held: u32,
    /// For how many minutes a purchase waits to be paid.
    pub pending_minutes: u32,
    /// For how many days a cart is kept that nobody changes.
    pub cart_days: u32,
    pub write_keys: Vec<WriteKeySettings>,
}

impl Default for AppSettings {
    fn default() -> Self {
        Settings::default().app()
    }
}

impl Default for OfferSettings {
    fn default() -> Self {
        Self { universal_holdout: 0, decision_days: DEFAULT_DAYS }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:4000".into(),
            database: DatabaseSettings::default(),
            graphql: GraphqlSettings::default(),
            http: HttpFileSettings::default(),
            time_zone: Tz::UTC,
            behaviors: BehaviorSettings::default(),
            offers: OfferSettings::default(),
            carts: CartSettings::default(),
            purchases: PurchaseSettings::default(),
            viewers: Vec::new(),
            write_keys: Vec::new(),
        }
    }
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        let DbConfig { url, read_connections, write_connections } = DbConfig::new("sqlite://encircle.db");
        Self { url, read_connections, write_connections }
    }
}

impl Default for GraphqlSettings {
    fn default() -> Self {
        Self { max_cost: DocumentLimits::default().cost }
    }
}

impl Settings {
    /// Reads the file, if one is named, and the environment (`ENCIRCLE__DATABASE__URL` …).
    pub fn read(file: Option<&Path>) -> Result<Self> {
        sources::read(file)
    }

    pub fn database(&self) -> DbConfig {
        let DatabaseSettings { url, read_connections, write_connections } = self.database.clone();
        DbConfig { url, read_connections, write_connections }
    }

    /// What the application takes of these.
    pub fn app(&self) -> AppSettings {
        AppSettings {
            limits: self.limits(),
            time_zone: self.time_zone,
            unknown_behaviors: self.behaviors.unknown_names,
            universal_holdout: self.offers.universal_holdout,
            decision_days: self.offers.decision_days,
            holds: self.carts.holds(),
            most_held: self.carts.most_held(),
            pending_minutes: self.purchases.waiting_minutes(),
            cart_days: self.carts.kept_days(),
            write_keys: self.write_keys.clone(),
        }
    }

    pub fn limits(&self) -> DocumentLimits {
        DocumentLimits { cost: self.graphql.max_cost, ..DocumentLimits::default() }
    }

    pub fn allowed_origins(&self) -> Result<Vec<HeaderValue>> {
        let parse = |origin: &String| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            host.filter(|host| !host.is_empty() && !host.contains(['/', '*', '?', '#', ' ']))
                .and_then(|_| HeaderValue::from_str(origin).ok())
                .ok_or_else(|| {
                    let message =
                        format!("`{origin}` is not an origin: scheme and host, as https://shop.example");
                    Error::invalid("http.allowed_origins", message)
                })
        };
        self.http.allowed_origins.iter().map(parse).collect()
    }

    pub fn tokens(&self) -> Result<Tokens> {
        let tokens: Vec<_> = self.viewers.iter().enumerate().map(token_of).collect::<Result<_>>()?;
        let mut seen = HashSet::new();
        if tokens.iter().any(|(token, _)| !seen.insert(*token)) {
            let message = "two viewers have the same token; each needs its own";
            return Err(Error::invalid("viewers.token", message));
        }
        Ok(Tokens::new(tokens))
    }
}

/// A viewer's token; an error says in which of the viewers it is.
fn token_of((at, viewer): (usize, &ViewerSettings)) -> Result<(&str, Viewer)> {
    viewer.token().map_err(|error| match error {
        Error::Invalid { field, message } => {
            Error::invalid(field, format!("settings, viewers[{at}]: {message}"))
        }
        other => other,
    })
}

impl ViewerSettings {
    fn token(&self) -> Result<(&str, Viewer)> {
        let (token, viewer) = match self {
            Self::Staff { token, scopes } => (token, Viewer::staff(parse_scopes(scopes)?)),
            Self::Touchpoint { token, id } => (token, Viewer::Touchpoint(parse_id::<TouchpointId>(id)?)),
            Self::Customer { token, id } => (token, Viewer::Customer(parse_id::<CustomerId>(id)?)),
        };
        if token.len() < MIN_TOKEN {
            let message = format!("the token has {} characters; it needs at least {MIN_TOKEN}", token.len());
            return Err(Error::invalid("viewers.token", message));
        }
        if !token.bytes().all(may_stand_in_token) {
            let message = "the token may have letters, digits and - . _ ~ + / = only";
            return Err(Error::invalid("viewers.token", message));
        }
        Ok((token, viewer))
    }
}

fn parse_id<I: Id>(id: &str) -> Result<I> {
    I::parse(id).map_err(|error| {
        Error::invalid("viewers.id", format!("`{id}` is not the id of such a viewer: {error}"))
    })
}

fn parse_scopes(names: &[String]) -> Result<Scopes> {
    let parse = |name: &String| {
        Scope::parse(name).ok_or_else(|| {
            let known = Scope::ALL.map(Scope::name).join(", ");
            Error::invalid("viewers.scopes", format!("`{name}` is not a scope; there are {known}"))
        })
    };
    names.iter().map(parse).collect()
}
