//! What people look at without buying, and what the demo's customer did last.

use entities::timestamp::Timestamp;
use entities::values::Channel;
use serde_json::json;

use super::films::FILMS;
use super::people::Persona;
use super::story::{Place, Story, product};
use super::{DAY, HOUR, MINUTE};

impl Story<'_> {
    /// Evenings on the sofa.
    pub fn browse(&mut self) {
        let (low, high) = match self.person.persona {
            Persona::FilmBuff | Persona::Streamer => (4, 9),
            Persona::Growing | Persona::Family => (2, 5),
            Persona::Casual | Persona::Newcomer => (1, 4),
            Persona::Lapsed => (1, 3),
            Persona::Anonymous => (1, 4),
        };
        for _ in 0..self.dice.between(low, high) {
            let channel = match (self.person.uses_web, self.person.uses_app) {
                (true, true) if self.dice.percent(55) => Channel::MobileApp,
                (true, _) => Channel::Web,
                (false, true) => Channel::MobileApp,
                (false, false) => return,
            };
            let place = self.place(channel);
            let (from, to) = (self.person.joined_at.millis(), self.person.left_at.millis());
            let at = Timestamp(self.dice.between(from, to - HOUR));
            self.look_around(place, at);
        }
    }

    fn look_around(&mut self, place: Place, at: Timestamp) {
        let after = |seconds: i64| Timestamp(at.millis() + seconds * 1000);
        if place.channel == Channel::MobileApp {
            self.note(place, at, "Screen Viewed", json!({"name": "Home"}));
        } else {
            let list = if self.dice.percent(50) { "coming-soon" } else { "programme" };
            self.note(place, at, "Product List Viewed", json!({"list_id": list, "category": "film"}));
        }
        for look in 1..=self.dice.between(1, 3) {
            let film = self.film_for(at);
            self.view_film(place, after(look * 70), film);
            if self.dice.percent(22) {
                let seconds = self.dice.between(10, 130);
                self.note(
                    place,
                    after(look * 70 + 25),
                    "Trailer Watched",
                    json!({"title": FILMS[film].title, "seconds": seconds}),
                );
            }
        }
    }

    /// Last night Ada looked at what is on next week, and left a ticket in the cart.
    pub fn yesterday(&mut self) {
        let now = self.world.now.millis();
        let coming = self.world.catalogue.by_cinema[self.person.cinema]
            .iter()
            .map(|&at| &self.world.catalogue.showings[at])
            .find(|showing| showing.starts_at.millis() > now + 2 * DAY);
        let Some(showing) = coming.cloned() else { return };
        let at = |minutes: i64| Timestamp(now - 20 * HOUR + minutes * MINUTE);
        let phone = self.place(Channel::MobileApp);
        let title = FILMS[showing.film].title;
        self.note(phone, at(0), "Screen Viewed", json!({"name": "Programme"}));
        self.view_film(phone, at(1), showing.film);
        self.note(phone, at(3), "Trailer Watched", json!({"title": title, "seconds": 118}));
        self.note(phone, at(6), "Product Added", product(&showing.item));
        let browser = self.place(Channel::Web);
        self.note(browser, at(95), "Cart Viewed", json!({"lines": 1}));
    }
}
