//! What is there before anybody does anything: places, things on sale, offers.

use entities::timestamp::Timestamp;

use super::catalogue::Catalogue;
use super::cinemas::Places;
use super::offers::Offers;
use super::{DAY, HISTORY_DAYS};
use crate::kernel::ids::Ids;

/// Aurora Cinemas.
#[derive(Debug)]
pub struct World {
    pub now: Timestamp,
    pub places: Places,
    pub catalogue: Catalogue,
    pub offers: Offers,
}

impl World {
    pub fn build(ids: &Ids, now: Timestamp, scale: u32) -> Self {
        let places = Places::build(ids, Timestamp(now.millis() - (HISTORY_DAYS + 60) * DAY));
        let catalogue = Catalogue::build(ids, now, scale);
        let offers = Offers::build(ids, now, &catalogue);
        Self { now, places, catalogue, offers }
    }
}
