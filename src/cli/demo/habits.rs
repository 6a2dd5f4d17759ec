//! When people go to the cinema, to which film, with how many, and how they book.

use entities::timestamp::Timestamp;
use entities::values::Channel;

use super::catalogue::{Catalogue, Showing};
use super::dice::Dice;
use super::films::FILMS;
use super::people::{Person, Persona};
use super::{DAY, HOUR, MINUTE};

/// Somebody sees a film.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Its position in the catalogue.
    pub showing: usize,
    pub tickets: i64,
    pub channel: Channel,
    pub booked_at: Timestamp,
}

/// The visits of a person in the order of their booking. Their seats are taken.
pub fn visits(person: &Person, catalogue: &mut Catalogue, dice: &mut Dice, now: Timestamp) -> Vec<Visit> {
    let shown = &catalogue.by_cinema[person.cinema];
    let mut sum = 0;
    let sums: Vec<u64> = shown
        .iter()
        .map(|&at| {
            sum += weight(person, &catalogue.showings[at]);
            sum
        })
        .collect();
    let mut chosen: Vec<usize> = Vec::new();
    if sum > 0 {
        let wanted = how_many(person, dice);
        // Some draws hit what was chosen before: enough of them, then it is what it is.
        for _ in 0..wanted * 4 {
            let point = dice.between(1, sum as i64) as u64;
            let at = shown[sums.partition_point(|sum| *sum < point)];
            if chosen.len() < wanted && !chosen.contains(&at) {
                chosen.push(at);
            }
        }
    }
    let mut visits: Vec<Visit> = chosen
        .into_iter()
        .filter_map(|at| book(person, &mut catalogue.showings[at], at, dice, now))
        .collect();
    visits.sort_by_key(|visit| (visit.booked_at, visit.showing));
    visits
}

fn how_many(person: &Person, dice: &mut Dice) -> usize {
    let (low, high) = match person.persona {
        _ if person.number == 0 => (15, 15),
        Persona::FilmBuff => (9, 16),
        Persona::Growing => (6, 10),
        Persona::Family => (3, 6),
        Persona::Lapsed => (2, 5),
        Persona::Casual => (1, 3),
        Persona::Newcomer | Persona::Streamer => (1, 2),
        Persona::Anonymous => (0, 0),
    };
    dice.between(low, high) as usize
}

/// How much somebody is drawn to a showing.
fn weight(person: &Person, showing: &Showing) -> u64 {
    // Nobody goes on the day they were first seen, and nobody once they have left.
    let starts_at = showing.starts_at.millis();
    let leaves_at = if person.persona == Persona::Lapsed { person.left_at.millis() } else { i64::MAX };
    if starts_at < person.joined_at.millis() + 11 * DAY || starts_at > leaves_at {
        return 0;
    }
    let taste: u32 = FILMS[showing.film].genres.iter().map(|genre| person.taste[*genre as usize]).sum();
    let hour = match (person.persona == Persona::Family, showing.is_matinee, showing.is_weekend) {
        (true, true, _) => 10,
        (true, false, _) => 1,
        (false, true, _) => 2,
        (false, false, true) => 8,
        (false, false, false) => 4,
    };
    let growth = match person.persona {
        // From one to ten over the time they have been here.
        Persona::Growing => {
            let known_for = (starts_at - person.joined_at.millis()) / DAY;
            let all = ((person.left_at.millis() - person.joined_at.millis()) / DAY).max(1);
            1 + (9 * known_for / all).clamp(0, 9)
        }
        _ => 3,
    };
    u64::from(taste) * hour * growth as u64
}

/// Takes the seats; `None` when the showing is full or cannot be booked yet.
fn book(person: &Person, showing: &mut Showing, at: usize, dice: &mut Dice, now: Timestamp) -> Option<Visit> {
    let tickets = match person.persona {
        Persona::Family => dice.between(2, 5),
        Persona::FilmBuff => dice.between(1, 2),
        _ => *dice.pick(&[1, 2, 2, 2, 3]),
    };
    let is_over = showing.starts_at.millis() + 20 * MINUTE < now.millis();
    let channel = channel(person, dice, is_over)?;
    let ahead = match channel {
        Channel::Web | Channel::MobileApp => {
            *dice.pick(&[3 * HOUR, 8 * HOUR, DAY, 2 * DAY, 4 * DAY, 9 * DAY]) + dice.between(0, 100 * MINUTE)
        }
        _ => dice.between(6 * MINUTE, 40 * MINUTE),
    };
    let mut booked_at = showing.starts_at.millis() - ahead;
    if booked_at > now.millis() {
        booked_at = now.millis() - dice.between(2 * HOUR, 36 * HOUR);
    }
    if tickets > showing.seats - showing.taken {
        return None;
    }
    showing.taken += tickets;
    Some(Visit { showing: at, tickets, channel, booked_at: Timestamp(booked_at) })
}

/// Where somebody books: online, if they do that at all, or on the spot just before.
fn channel(person: &Person, dice: &mut Dice, is_over: bool) -> Option<Channel> {
    let on_the_spot = if is_over { 1 } else { 0 };
    let weights = [
        if person.uses_web { 42 } else { 0 },
        if person.uses_app { 40 } else { 0 },
        on_the_spot * 16,
        on_the_spot * if person.loyalty_card.is_some() { 14 } else { 6 },
    ];
    let channels = [Channel::Web, Channel::MobileApp, Channel::Kiosk, Channel::PointOfSale];
    (weights.iter().sum::<u32>() > 0).then(|| channels[dice.weighted(weights.into_iter())])
}
