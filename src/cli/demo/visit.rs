//! One evening at the cinema: looking, booking, popcorn, the ticket torn, and what they thought of it.

use entities::timestamp::Timestamp;
use entities::values::Channel;
use serde_json::json;

use super::basket::Basket;
use super::catalogue::{BEER, COLA, ICE_CREAM, LEMONADE, NACHOS, POPCORN_LARGE, POPCORN_SMALL, Showing};
use super::films::{FILMS, Genre};
use super::habits::Visit;
use super::offers::Used;
use super::people::Persona;
use super::story::{Place, Story, product};
use super::{DAY, HOUR, MINUTE};

impl Story<'_> {
    /// A visit from the first look to the last word.
    pub fn visit(&mut self, visit: Visit) {
        let showing = self.world.catalogue.showings[visit.showing].clone();
        let place = self.place(visit.channel);
        let mut basket = Basket::default();
        basket.add(&showing.item, visit.tickets);
        let is_online = matches!(visit.channel, Channel::Web | Channel::MobileApp);
        if self.dice.percent(if is_online { 22 } else { 55 }) {
            self.add_snacks(&mut basket, visit.tickets);
        }
        self.use_an_offer(&mut basket, visit, &showing);
        match visit.channel {
            Channel::Web | Channel::MobileApp => self.shop_online(place, visit.booked_at, &basket, &showing),
            Channel::Kiosk => self.touch_kiosk(place, visit.booked_at, &basket),
            _ => {}
        }
        self.buy(&basket, place, visit.booked_at);
        if is_online && self.dice.percent(28) {
            self.snacks_at_the_till(&showing, visit.tickets);
        }
        self.attend(&showing);
        self.visits_so_far += 1;
        self.last_visit = Some(showing.starts_at);
    }

    /// At most one offer a purchase: the first that fits.
    fn use_an_offer(&mut self, basket: &mut Basket, visit: Visit, showing: &Showing) {
        let at = visit.booked_at;
        let is_online = matches!(visit.channel, Channel::Web | Channel::MobileApp);
        let has_card = self.person.loyalty_card.is_some();
        let away = self.last_visit.map_or(0, |last| at.millis() - last.millis());
        let has_drink = basket.has("COLA") || basket.has("LEMONADE");
        let candidates = [
            (Used::ComeBack, is_online && away > 120 * DAY, 60),
            (Used::WelcomeApp, visit.channel == Channel::MobileApp, 90),
            (
                Used::FamilyMatinee,
                showing.is_matinee && visit.tickets >= 3 && visit.channel != Channel::PointOfSale,
                65,
            ),
            (Used::FreePopcorn, has_card && self.visits_so_far % 5 == 4 && basket.has_room(), 80),
            (Used::KioskCombo, visit.channel == Channel::Kiosk && basket.has("POPCORN-L") && has_drink, 70),
            (Used::WeekdayLoyal, has_card && !showing.is_weekend, 45),
        ];
        for (used, fits, percent) in candidates {
            if fits && self.dice.percent(percent) && self.redeem(basket, used, at) {
                return;
            }
        }
    }

    /// Up to four kinds of things to eat and drink.
    fn add_snacks(&mut self, basket: &mut Basket, people: i64) {
        let is_family = self.person.persona == Persona::Family;
        let drink = if is_family { LEMONADE } else { *self.dice.pick(&[COLA, COLA, BEER, LEMONADE]) };
        let choices = [
            (if self.dice.percent(40) { POPCORN_LARGE } else { POPCORN_SMALL }, 80, (people + 1) / 2),
            (drink, 70, people),
            (NACHOS, 22, 1),
            (ICE_CREAM, if is_family { 50 } else { 10 }, people),
        ];
        for (item, percent, quantity) in choices {
            if self.dice.percent(percent) {
                basket.add(&self.world.catalogue.concessions[item], quantity);
            }
        }
    }

    fn shop_online(&mut self, place: Place, at: Timestamp, basket: &Basket, showing: &Showing) {
        let film = showing.film;
        let before = |minutes: i64, seconds: i64| Timestamp(at.millis() - minutes * MINUTE - seconds * 1000);
        let is_app = place.channel == Channel::MobileApp;
        if is_app {
            self.note(
                place,
                before(9, self.person.number as i64 % 60),
                "Screen Viewed",
                json!({"name": "Programme"}),
            );
        } else {
            self.note(
                place,
                before(9, 12),
                "Product List Viewed",
                json!({"list_id": "programme", "category": "film"}),
            );
        }
        if self.dice.percent(25) {
            let word = FILMS[film].title.rsplit(' ').next().unwrap_or_default().to_lowercase();
            self.note(place, before(8, 20), "Products Searched", json!({"query": word}));
        }
        if self.dice.percent(35) {
            let other = self.film_for(at);
            self.view_film(place, before(7, 5), other);
        }
        self.view_film(place, before(6, 30), film);
        if self.dice.percent(30) {
            let seconds = self.dice.between(15, 130);
            self.note(
                place,
                before(5, 10),
                "Trailer Watched",
                json!({"title": FILMS[film].title, "seconds": seconds}),
            );
        }
        for item in basket.items() {
            self.note(place, before(3, 0), "Product Added", product(item));
        }
        if self.dice.percent(45) {
            self.note(place, before(2, 0), "Cart Viewed", json!({"lines": basket.items().count()}));
        }
        self.note(place, before(1, 0), "Checkout Started", json!({"lines": basket.items().count()}));
    }

    /// Somebody looks at a film.
    pub fn view_film(&mut self, place: Place, at: Timestamp, film: usize) {
        let mut properties = product(&self.world.catalogue.films[film]);
        properties["genres"] = json!(FILMS[film].genres.map(Genre::name));
        self.note(place, at, "Product Viewed", properties);
    }

    fn touch_kiosk(&mut self, place: Place, at: Timestamp, basket: &Basket) {
        let before = |seconds: i64| Timestamp(at.millis() - seconds * 1000);
        self.note(
            place,
            before(95),
            "Product List Viewed",
            json!({"list_id": "today", "category": "ticket"}),
        );
        for item in basket.items() {
            self.note(place, before(40), "Product Added", product(item));
        }
    }

    /// Who booked online may still be hungry.
    fn snacks_at_the_till(&mut self, showing: &Showing, people: i64) {
        let at = Timestamp(showing.starts_at.millis() - self.dice.between(4 * MINUTE, 18 * MINUTE));
        let is_known = self.person.loyalty_card.is_some();
        let mut basket = Basket::default();
        self.add_snacks(&mut basket, people);
        // Without a card the till does not know whose purchase it is.
        if !is_known || basket.is_empty() || at > self.world.now {
            return;
        }
        let place = self.place(Channel::PointOfSale);
        self.buy(&basket, place, at);
    }

    /// At the door, in the foyer, and the day after.
    fn attend(&mut self, showing: &Showing) {
        let starts_at = showing.starts_at.millis();
        let film = &FILMS[showing.film];
        let title = film.title;
        let door = self.place(Channel::PointOfSale);
        let at = Timestamp(starts_at - self.dice.between(MINUTE, 14 * MINUTE));
        let genres = film.genres.map(Genre::name);
        let scanned = json!({"sku": showing.item.sku, "title": title, "genre": genres[0], "genres": genres});
        self.note(door, at, "Ticket Scanned", scanned);
        if self.person.loyalty_card.is_some() && self.dice.percent(9) {
            let screen = self.place(Channel::SmartTv);
            let next = self.film_for(Timestamp(starts_at + 20 * DAY));
            let at = Timestamp(starts_at - self.dice.between(15 * MINUTE, 25 * MINUTE));
            let seconds = self.dice.between(20, 130);
            self.note(screen, at, "Trailer Watched", json!({"title": FILMS[next].title, "seconds": seconds}));
        }
        let asked = if self.person.uses_app { Channel::MobileApp } else { Channel::Web };
        let has_screen = self.person.uses_app || self.person.uses_web;
        if has_screen && self.dice.percent(22) {
            let place = self.place(asked);
            let at = Timestamp(starts_at + self.dice.between(4 * HOUR, 30 * HOUR));
            let score = self.score(showing);
            self.note(place, at, "Feedback Given", json!({"kind": "nps", "score": score, "title": title}));
        }
    }

    /// How likely they are to recommend it, from 0 to 10: who likes the genre and keeps coming, more.
    fn score(&mut self, showing: &Showing) -> i64 {
        let (low, high) = match self.person.persona {
            Persona::FilmBuff | Persona::Growing => (7, 10),
            Persona::Lapsed => (2, 8),
            _ => (5, 10),
        };
        let is_loved = FILMS[showing.film].genres.iter().any(|genre| self.person.taste[*genre as usize] > 5);
        (self.dice.between(low, high) + i64::from(is_loved)).min(10)
    }
}
