//! One customer's eighteen months: what they did and bought, told in the order of their visits.

use entities::ids::{DeviceId, TouchpointId};
use entities::timestamp::Timestamp;
use entities::values::Channel;
use serde_json::{Map, Value, json};

use super::DAY;
use super::basket::{Basket, Receipt, euros};
use super::belongings::{Devices, consents};
use super::catalogue::{Item, POPCORN_SMALL};
use super::dice::Dice;
use super::films::FILMS;
use super::habits::visits;
use super::offers::Used;
use super::people::{Person, Persona};
use super::world::World;
use super::writer::Batch;
use crate::domain::behaviors::record::BehaviorRecord;
use crate::domain::customers::import::CustomerRef;
use crate::kernel::error::Result;
use crate::kernel::ids::Ids;

/// Where something is done.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub channel: Channel,
    pub touchpoint: TouchpointId,
    pub device: Option<DeviceId>,
}

/// A story being told.
pub struct Story<'w> {
    pub world: &'w mut World,
    pub ids: &'w Ids,
    pub out: &'w mut Batch,
    pub person: Person,
    pub devices: Devices,
    pub dice: Dice,
    pub redeemed: [u32; Used::COUNT],
    pub visits_so_far: u32,
    pub last_visit: Option<Timestamp>,
    behaviors: u32,
    purchases: u32,
}

impl<'w> Story<'w> {
    /// Tells everything a person did.
    pub fn tell(
        world: &'w mut World,
        ids: &'w Ids,
        out: &'w mut Batch,
        person: Person,
        mut dice: Dice,
    ) -> Result<()> {
        out.customers.push(person.record(&mut dice)?);
        out.consents.extend(consents(&person, &mut dice));
        let devices = Devices::give(ids, &person, &mut dice, &mut out.devices);
        let mut story = Self {
            world,
            ids,
            out,
            person,
            devices,
            dice,
            redeemed: [0; Used::COUNT],
            visits_so_far: 0,
            last_visit: None,
            behaviors: 0,
            purchases: 0,
        };
        let now = story.world.now;
        let visits = visits(&story.person, &mut story.world.catalogue, &mut story.dice, now);
        for visit in visits {
            story.visit(visit);
        }
        story.browse();
        story.subscribe();
        if story.person.number == 0 {
            story.yesterday();
        }
        Ok(())
    }

    /// Where the person is when they use a channel.
    pub fn place(&mut self, channel: Channel) -> Place {
        let house = self.world.places.houses[self.person.cinema];
        let (touchpoint, device) = match channel {
            Channel::Web => (self.world.places.web, self.devices.browser),
            Channel::MobileApp => (self.world.places.app, self.devices.phone),
            Channel::Kiosk => (house.kiosks[usize::from(self.dice.percent(40))], None),
            Channel::SmartTv => (house.foyer_tv, None),
            _ => (house.till, None),
        };
        Place { channel, touchpoint, device }
    }

    /// Notes that something was done; nothing that is still to come, nothing before they were first seen.
    pub fn note(&mut self, place: Place, at: Timestamp, name: &str, properties: Value) {
        if at > self.world.now || at < self.person.joined_at {
            return;
        }
        let properties = match properties {
            Value::Object(properties) => properties,
            _ => Map::new(),
        };
        self.behaviors += 1;
        self.out.behaviors.push(BehaviorRecord {
            id: self.ids.next(at),
            customer: CustomerRef::Known(self.person.id),
            name: name.to_owned(),
            channel: place.channel,
            touchpoint_id: Some(place.touchpoint),
            device_id: place.device,
            properties: properties.into(),
            occurred_at: at,
            received_at: Timestamp(at.millis() + 40 + self.dice.between(0, 900)),
            source: source(place.channel).to_owned(),
            message_id: format!("{:06}-{:04}", self.person.number, self.behaviors),
        });
    }

    /// Buys what is in the basket: the purchase and the behavior that tells of it.
    pub fn buy(&mut self, basket: &Basket, place: Place, at: Timestamp) {
        self.purchases += 1;
        let receipt =
            Receipt { number: format!("R-{:06}-{:02}", self.person.number, self.purchases), place, at };
        self.out.purchases.push(basket.purchase(self.ids, &self.world.offers, &self.person, &receipt));
        let order = basket.order(&self.world.offers, &receipt);
        self.note(place, at, "Order Completed", Value::Object(order));
    }

    /// Uses an offer, if it was there by then and this customer may still.
    pub fn redeem(&mut self, basket: &mut Basket, used: Used, at: Timestamp) -> bool {
        let is_out = self.world.offers.rows[used as usize].created_at <= at;
        if !is_out || self.redeemed[used as usize] >= used.limit() {
            return false;
        }
        self.redeemed[used as usize] += 1;
        basket.redeem(used, &self.world.catalogue.concessions[POPCORN_SMALL]);
        true
    }

    /// Months of watching at home.
    fn subscribe(&mut self) {
        let months = match self.person.persona {
            Persona::Streamer => self.dice.between(5, 14),
            Persona::FilmBuff if self.person.uses_app && self.dice.percent(30) => self.dice.between(2, 6),
            _ => 0,
        };
        if months == 0 || !self.person.uses_app {
            return;
        }
        let place = self.place(Channel::MobileApp);
        let streaming = self.world.catalogue.streaming.clone();
        let first = self.world.now.millis() - months * 30 * DAY - self.dice.between(0, 20 * DAY);
        for month in 0..months {
            let at = Timestamp(first + month * 30 * DAY);
            if at <= self.person.joined_at {
                continue;
            }
            let mut basket = Basket::default();
            basket.add(&streaming, 1);
            self.redeem(&mut basket, Used::StreamTrial, at);
            self.buy(&basket, place, at);
            for _ in 0..self.dice.between(1, 3) {
                let film = self.film_for(at);
                let at = Timestamp(at.millis() + self.dice.between(DAY / 4, 29 * DAY));
                let minutes = FILMS[film].minutes;
                let watched = minutes * self.dice.between(20, 100) / 100;
                let title = FILMS[film].title;
                self.note(
                    place,
                    at,
                    "Film Watched",
                    json!({"title": title, "minutes": watched, "of": minutes}),
                );
            }
        }
    }

    /// A film somebody may think of at a time: one that has been announced, by their taste.
    pub fn film_for(&mut self, at: Timestamp) -> usize {
        let (person, released) = (&self.person, &self.world.catalogue.released);
        let weights = (0..FILMS.len()).map(|film| {
            let age = at.millis() - released[film].millis();
            if !(-25 * DAY..110 * DAY).contains(&age) {
                return 0;
            }
            FILMS[film].genres.iter().map(|genre| person.taste[*genre as usize]).sum()
        });
        self.dice.weighted(weights)
    }
}

/// Product properties as Segment's e-commerce events name them.
pub fn product(item: &Item) -> Value {
    json!({"sku": item.sku, "name": item.name, "category": item.category, "price": euros(item.price), "currency": "EUR"})
}

fn source(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "aurora-web",
        Channel::MobileApp => "aurora-app",
        Channel::Kiosk => "aurora-kiosk",
        Channel::SmartTv => "aurora-tv",
        _ => "aurora-till",
    }
}
