//! An in-memory world of people and what they make. Its rows and who is linked to whom follow from a seed;
//! so do the faults: answers that are missing, links that fail whole.

use std::collections::HashSet;

use async_graphql::Enum;
use encircle::kernel::error::Error;
use entities::ids::{CustomerId, ProductId};
use entities::timestamp::Timestamp;
use uuid::Uuid;

/// Who may be linked to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    Root,
    Friend,
    Boss,
    Friends,
    Rivals,
    Pupils,
    SecretFriend,
    SecretBoss,
    Resident,
    Favourites,
    Wishes,
    Books,
    Author,
    Sequel,
    Director,
    Singer,
    Related,
}

impl Link {
    pub const ALL: [Self; 17] = [
        Self::Root,
        Self::Friend,
        Self::Boss,
        Self::Friends,
        Self::Rivals,
        Self::Pupils,
        Self::SecretFriend,
        Self::SecretBoss,
        Self::Resident,
        Self::Favourites,
        Self::Wishes,
        Self::Books,
        Self::Author,
        Self::Sequel,
        Self::Director,
        Self::Singer,
        Self::Related,
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Mood {
    Happy,
    Sad,
    /// Neither.
    VeryCalm,
}

#[derive(Clone, Debug)]
pub struct Note {
    pub text: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Tally {
    pub wins: i32,
    pub losses: i32,
    pub notes: Vec<Note>,
}

#[derive(Clone, Debug)]
pub struct PersonRow {
    pub id: CustomerId,
    pub place: u32,
    pub name: String,
    pub nick: Option<String>,
    pub age: i32,
    pub born: Option<Timestamp>,
    pub mood: Mood,
    pub score: Option<f64>,
    pub tags: Vec<String>,
    pub labels: Option<Vec<Option<String>>>,
    pub tally: Tally,
    /// The key of the link `friend`, if the person has one.
    pub friend: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct AddressRow {
    pub of: u32,
    pub street: String,
    pub city: Option<String>,
}

#[derive(Clone, Debug)]
pub struct BookRow {
    pub id: ProductId,
    pub place: u32,
    pub title: String,
    pub pages: i32,
}

#[derive(Clone, Debug)]
pub struct FilmRow {
    pub id: ProductId,
    pub place: u32,
    pub title: String,
    pub minutes: Option<i32>,
}

#[derive(Clone, Debug)]
pub struct SongRow {
    pub id: ProductId,
    pub place: u32,
    pub title: String,
    pub tempo: f64,
}

#[derive(Clone, Debug)]
pub enum WorkRow {
    Book(BookRow),
    Film(FilmRow),
    Song(SongRow),
}

#[derive(Clone, Debug)]
pub enum ThingRow {
    Person(PersonRow),
    Book(BookRow),
    Film(FilmRow),
}

/// What a world is made from.
#[derive(Clone, Debug)]
pub struct Seed {
    pub number: u64,
    /// One link in how many keys has no answer; none for never.
    pub missing: Option<u64>,
    pub broken: Vec<Link>,
    pub people: u32,
}

impl Seed {
    /// A world where nothing fails.
    pub fn sound(number: u64, people: u32) -> Self {
        Self { number, missing: None, broken: Vec::new(), people }
    }
}

#[derive(Debug)]
pub struct World {
    seed: Seed,
    broken: HashSet<Link>,
    pub people: Vec<PersonRow>,
    pub books: Vec<BookRow>,
    pub films: Vec<FilmRow>,
    pub songs: Vec<SongRow>,
}

/// SplitMix64 over all parts: the same on every platform.
fn noise(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |state, part| {
        let mut mixed = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

/// The id of the book (kind 1), film or song at a place: it does not depend on the seed.
pub fn product_id(kind: u32, place: u32) -> ProductId {
    ProductId(Uuid::from_u128(u128::from(kind) << 64 | u128::from(place)))
}

impl World {
    pub fn new(seed: Seed) -> Self {
        let number = seed.number;
        let people = seed.people;
        let title = |kind: &str, place: u32| {
            format!("{kind} \"{place}\" – né\t{}", noise(&[number, place.into()]) % 100)
        };
        Self {
            broken: seed.broken.iter().copied().collect(),
            people: (0..people).map(|place| person(number, place, people)).collect(),
            books: (0..6)
                .map(|place| BookRow {
                    id: product_id(1, place),
                    place,
                    title: title("Book", place),
                    pages: 100 + place as i32,
                })
                .collect(),
            films: (0..4)
                .map(|place| FilmRow {
                    id: product_id(2, place),
                    place,
                    title: title("Film", place),
                    minutes: (place % 2 == 0).then_some(90 + place as i32),
                })
                .collect(),
            songs: (0..4)
                .map(|place| SongRow {
                    id: product_id(3, place),
                    place,
                    title: title("Song", place),
                    tempo: 60.5 + f64::from(place),
                })
                .collect(),
            seed,
        }
    }

    fn noise(&self, link: Link, of: u32, salt: u64) -> u64 {
        noise(&[self.seed.number, link as u64, of.into(), salt])
    }

    /// Why every load of a link fails, if it does.
    pub fn fault(&self, link: Link) -> Option<Error> {
        self.broken.contains(&link).then(|| Error::Unavailable(format!("{link:?} is away")))
    }

    /// Whether the batch of a link leaves a key without an answer.
    pub fn missing(&self, link: Link, of: u32) -> bool {
        self.seed.missing.is_some_and(|one_in| self.noise(link, of, 1).is_multiple_of(one_in))
    }

    /// Which of `count` a link of one leads to.
    pub fn one(&self, link: Link, of: u32, count: usize) -> usize {
        if link == Link::Root { of as usize } else { (self.noise(link, of, 2) % count as u64) as usize }
    }

    /// Which of `count` a link of many leads to: at most three.
    pub fn many(&self, link: Link, of: u32, count: usize) -> Vec<usize> {
        let length = self.noise(link, of, 3) % 4;
        (0..length).map(|item| (self.noise(link, of, 10 + item) % count as u64) as usize).collect()
    }

    /// Whether an item of a list, or a list, is null where it may be.
    pub fn null(&self, link: Link, of: u32, item: usize) -> bool {
        self.noise(link, of, 100 + item as u64).is_multiple_of(4)
    }

    /// The books of a person, in the order of their list.
    pub fn books_of(&self, of: u32) -> Vec<&BookRow> {
        self.books
            .iter()
            .filter(|book| !self.noise(Link::Books, of, 200 + u64::from(book.place)).is_multiple_of(3))
            .collect()
    }

    /// The works that a link of many leads to.
    pub fn works(&self, link: Link, of: u32) -> Vec<WorkRow> {
        self.many(link, of, 12)
            .into_iter()
            .map(|work| match work % 3 {
                0 => WorkRow::Book(self.books[work % self.books.len()].clone()),
                1 => WorkRow::Film(self.films[work % self.films.len()].clone()),
                _ => WorkRow::Song(self.songs[work % self.songs.len()].clone()),
            })
            .collect()
    }

    /// The things that a link of many leads to; some are null.
    pub fn things(&self, link: Link, of: u32) -> Vec<Option<ThingRow>> {
        self.many(link, of, 12)
            .into_iter()
            .enumerate()
            .map(|(item, thing)| {
                (!self.null(link, of, item)).then(|| match thing % 3 {
                    0 => ThingRow::Book(self.books[thing % self.books.len()].clone()),
                    1 => ThingRow::Film(self.films[thing % self.films.len()].clone()),
                    _ => ThingRow::Person(self.people[thing % self.people.len()].clone()),
                })
            })
            .collect()
    }
}

fn person(number: u64, place: u32, people: u32) -> PersonRow {
    let noise = |salt| noise(&[number, place.into(), salt]);
    let text = |salt, one_in: u64| {
        (!noise(salt).is_multiple_of(one_in)).then(|| format!("t{}\\\u{1}", noise(salt) % 50))
    };
    PersonRow {
        id: CustomerId(Uuid::from_u128(u128::from(place) + 1)),
        place,
        name: format!("Person {place}"),
        nick: text(1, 3),
        age: (noise(2) % 90) as i32,
        born: (!noise(3).is_multiple_of(3)).then(|| Timestamp((noise(3) % 1_700_000_000_000) as i64)),
        mood: [Mood::Happy, Mood::Sad, Mood::VeryCalm][(noise(4) % 3) as usize],
        score: (!noise(5).is_multiple_of(3)).then(|| (noise(5) % 1_000) as f64 / 8.0),
        tags: (0..noise(6) % 3).map(|tag| format!("tag {tag}")).collect(),
        labels: (!noise(7).is_multiple_of(3))
            .then(|| (0..noise(7) % 4).map(|label| text(20 + label, 2)).collect()),
        tally: Tally {
            wins: (noise(8) % 10) as i32,
            losses: (noise(9) % 10) as i32,
            notes: (0..noise(10) % 3).map(|note| Note { text: text(30 + note, 2) }).collect(),
        },
        friend: (!noise(11).is_multiple_of(4)).then(|| (noise(11) % u64::from(people)) as u32),
    }
}
