//! Where Aurora Cinemas meets its customers: four houses in four time zones, the site, the app.

use chrono_tz::{Atlantic, Europe, Tz};
use entities::ids::TouchpointId;
use entities::timestamp::Timestamp;
use entities::touchpoint;
use entities::values::Channel;
use serde_json::json;

use crate::kernel::ids::Ids;

/// A house of the chain.
#[derive(Debug)]
pub struct Cinema {
    pub key: &'static str,
    pub city: &'static str,
    pub zone: Tz,
    /// Of every hundred customers, how many go here.
    pub share: u32,
}

pub const CINEMAS: [Cinema; 4] = [
    Cinema { key: "vienna", city: "Vienna", zone: Europe::Vienna, share: 34 },
    Cinema { key: "helsinki", city: "Helsinki", zone: Europe::Helsinki, share: 27 },
    Cinema { key: "lisbon", city: "Lisbon", zone: Europe::Lisbon, share: 25 },
    Cinema { key: "azores", city: "Ponta Delgada", zone: Atlantic::Azores, share: 14 },
];

/// The halls of each house, by their seats.
pub const HALLS: [i64; 3] = [220, 140, 84];

/// The touchpoint of the demo that everybody is told about.
pub const DEMO_KIOSK: &str = "vienna-kiosk-1";

/// The touchpoints of one house.
#[derive(Clone, Copy, Debug)]
pub struct House {
    pub kiosks: [TouchpointId; 2],
    pub till: TouchpointId,
    pub foyer_tv: TouchpointId,
}

/// All touchpoints.
#[derive(Debug)]
pub struct Places {
    pub rows: Vec<touchpoint::Model>,
    pub web: TouchpointId,
    pub app: TouchpointId,
    pub houses: Vec<House>,
}

impl Places {
    pub fn build(ids: &Ids, opened: Timestamp) -> Self {
        let mut rows = Vec::new();
        let mut add = |key: String, name: String, channel, placements: &[&str], zone: Tz| {
            let id = ids.next(opened);
            rows.push(touchpoint::Model {
                id,
                key,
                name,
                channel,
                placements: json!(placements),
                time_zone: zone.name().to_owned(),
                currency: "EUR".to_owned(),
                shared: !matches!(channel, Channel::Web | Channel::MobileApp),
                created_at: opened,
            });
            id
        };
        let vienna = CINEMAS[0].zone;
        let online = ["home.hero", "home.row", "film.banner", "cart.upsell"];
        let web = add("web".into(), "auroracinemas.example".into(), Channel::Web, &online, vienna);
        let app = add("app".into(), "Aurora app".into(), Channel::MobileApp, &online, vienna);
        let houses = CINEMAS.iter().map(|cinema| {
            let mut here = |what: &str, name: &str, channel, placements: &[&str]| {
                let name = format!("{} {name}", cinema.city);
                add(format!("{}-{what}", cinema.key), name, channel, placements, cinema.zone)
            };
            House {
                kiosks: [
                    here("kiosk-1", "kiosk 1", Channel::Kiosk, &["kiosk.attract", "kiosk.upsell"]),
                    here("kiosk-2", "kiosk 2", Channel::Kiosk, &["kiosk.attract", "kiosk.upsell"]),
                ],
                till: here("till-1", "till", Channel::PointOfSale, &["till.prompt"]),
                foyer_tv: here("foyer-tv", "foyer screen", Channel::SmartTv, &["foyer.loop"]),
            }
        });
        let houses = houses.collect();
        Self { rows, web, app, houses }
    }
}
