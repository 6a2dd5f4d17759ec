//! What Aurora Cinemas sells: films, their showings, things to eat and drink, the streaming subscription.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeZone, Weekday};
use entities::ids::ProductId;
use entities::product;
use entities::timestamp::Timestamp;
use entities::values::ProductKind;
use serde_json::{Value, json};

use super::cinemas::{CINEMAS, HALLS};
use super::dice::Dice;
use super::films::{FILMS, Genre};
use super::{DAY, HISTORY_DAYS, MINUTE};
use crate::kernel::ids::Ids;

/// Showings at scale 1; more people need more of them.
const SHOWINGS: usize = 400;
/// How far ahead the programme is out.
const AHEAD_DAYS: i64 = 20;
/// How long a film runs.
const RUN_DAYS: i64 = 95;

/// Something on sale, as baskets need it.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: ProductId,
    pub sku: String,
    pub name: String,
    pub category: &'static str,
    pub price: i64,
}

/// One showing, and how many of its seats are sold.
#[derive(Clone, Debug)]
pub struct Showing {
    pub item: Item,
    pub film: usize,
    pub cinema: usize,
    pub starts_at: Timestamp,
    pub seats: i64,
    pub taken: i64,
    pub is_matinee: bool,
    /// Friday to Sunday.
    pub is_weekend: bool,
}

/// Everything on sale.
#[derive(Debug)]
pub struct Catalogue {
    /// As the database has it, before anything is sold.
    pub rows: Vec<product::Model>,
    pub films: Vec<Item>,
    /// When each film came out, or will.
    pub released: Vec<Timestamp>,
    pub showings: Vec<Showing>,
    /// Positions of the showings of each cinema, by time.
    pub by_cinema: Vec<Vec<usize>>,
    pub concessions: Vec<Item>,
    pub streaming: Item,
}

/// Positions in `Catalogue::concessions`.
pub const POPCORN_SMALL: usize = 0;
pub const POPCORN_LARGE: usize = 1;
pub const NACHOS: usize = 2;
pub const LEMONADE: usize = 3;
pub const COLA: usize = 4;
pub const BEER: usize = 5;
pub const ICE_CREAM: usize = 6;

const CONCESSIONS: [(&str, &str, i64); 7] = [
    ("POPCORN-S", "Popcorn, small", 490),
    ("POPCORN-L", "Popcorn, large", 790),
    ("NACHOS", "Nachos with salsa", 690),
    ("LEMONADE", "Lemonade 0.4 l", 420),
    ("COLA", "Cola 0.5 l", 450),
    ("BEER", "Beer 0.3 l", 480),
    ("ICE-CREAM", "Ice cream", 350),
];

impl Catalogue {
    pub fn build(ids: &Ids, now: Timestamp, scale: u32) -> Self {
        let mut builder = Builder { ids, now, rows: Vec::new() };
        let opened = Timestamp(now.millis() - (HISTORY_DAYS + 60) * DAY);
        let (films, released) = builder.films();
        let concessions = CONCESSIONS
            .map(|(sku, name, price)| {
                builder.add(sku, name, ProductKind::Physical, "concession", price, opened, json!({}))
            })
            .to_vec();
        let attributes = json!({"renews": "P1M"});
        let streaming = builder.add(
            "AURORA-STREAM",
            "Aurora at home, one month",
            ProductKind::Digital,
            "subscription",
            799,
            opened,
            attributes,
        );
        let showings = builder.showings(&films, &released, SHOWINGS * scale as usize);
        let by_cinema = (0..CINEMAS.len())
            .map(|cinema| (0..showings.len()).filter(|&at| showings[at].cinema == cinema).collect())
            .collect();
        Self { rows: builder.rows, films, released, showings, by_cinema, concessions, streaming }
    }
}

struct Builder<'a> {
    ids: &'a Ids,
    now: Timestamp,
    rows: Vec<product::Model>,
}

impl Builder<'_> {
    #[expect(clippy::too_many_arguments, reason = "the columns of a product, each once")]
    fn add(
        &mut self,
        sku: &str,
        name: &str,
        kind: ProductKind,
        category: &'static str,
        price: i64,
        created_at: Timestamp,
        attributes: Value,
    ) -> Item {
        let id = self.ids.next(created_at);
        self.rows.push(product::Model {
            id,
            sku: sku.to_owned(),
            name: name.to_owned(),
            kind,
            price_minor: price,
            currency: "EUR".to_owned(),
            stock_total: None,
            stock_taken: 0,
            part_of: None,
            attributes,
            starts_at: None,
            created_at,
            access_days: None,
        });
        Item { id, sku: sku.to_owned(), name: name.to_owned(), category, price }
    }

    /// The films, to rent and watch at home, and when each came out.
    fn films(&mut self) -> (Vec<Item>, Vec<Timestamp>) {
        let first = self.now.millis() - (HISTORY_DAYS + 40) * DAY;
        let mut items = Vec::with_capacity(FILMS.len());
        let mut released = Vec::with_capacity(FILMS.len());
        for (at, film) in (0..).zip(&FILMS) {
            let release = Timestamp(first + at * (HISTORY_DAYS + 44) * DAY / 40);
            let announced = Timestamp((release.millis() - 30 * DAY).min(self.now.millis() - DAY));
            let attributes = json!({
                "genres": film.genres.map(Genre::name),
                "runtime_minutes": film.minutes,
                "age_rating": film.age,
                "released": release.to_utc().date_naive().to_string(),
            });
            let sku = format!("FILM-{:02}", at + 1);
            items.push(self.add(&sku, film.title, ProductKind::Digital, "film", 499, announced, attributes));
            released.push(release);
        }
        (items, released)
    }

    fn showings(&mut self, films: &[Item], released: &[Timestamp], count: usize) -> Vec<Showing> {
        let mut dice = Dice::new(u64::MAX);
        let each = count / CINEMAS.len();
        let mut slots: Vec<(Timestamp, usize, NaiveDate, NaiveTime)> = Vec::with_capacity(count);
        for (cinema, house) in CINEMAS.iter().enumerate() {
            let today = house.zone.from_utc_datetime(&self.now.to_utc().naive_utc()).date_naive();
            for number in 0..each {
                let (day, time) = slot(&mut dice, today, number as i64, each as i64);
                let starts = house.zone.from_local_datetime(&day.and_time(time)).earliest();
                let starts_at = starts.map(|at| at.to_utc().into()).unwrap_or_default();
                slots.push((starts_at, cinema, day, time));
            }
        }
        slots.sort();
        let numbered = slots.into_iter().zip(1..);
        numbered
            .map(|((starts_at, cinema, day, time), number)| {
                let is_matinee = time < NaiveTime::MIN + chrono::TimeDelta::hours(17);
                let film = running(&mut dice, released, starts_at, is_matinee);
                let price = if is_matinee { 900 } else { 1250 };
                let sku = format!("SHOW-{number:04}");
                let name = format!(
                    "{}: {}, {} {}",
                    CINEMAS[cinema].city,
                    FILMS[film].title,
                    day.format("%a %-d %b %Y"),
                    time.format("%H:%M")
                );
                let hall = dice.weighted([3, 3, 2].into_iter());
                let out = Timestamp((starts_at.millis() - 21 * DAY).min(self.now.millis() - DAY));
                let attributes = json!({"cinema": CINEMAS[cinema].key, "hall": hall + 1});
                let item = self.add(&sku, &name, ProductKind::Ticket, "ticket", price, out, attributes);
                if let Some(row) = self.rows.last_mut() {
                    row.stock_total = Some(HALLS[hall]);
                    row.part_of = Some(films[film].id);
                    row.starts_at = Some(starts_at);
                }
                Showing {
                    item,
                    film,
                    cinema,
                    starts_at,
                    seats: HALLS[hall],
                    taken: 0,
                    is_matinee,
                    is_weekend: matches!(day.weekday(), Weekday::Fri | Weekday::Sat | Weekday::Sun),
                }
            })
            .collect()
    }
}

/// Day and time of a showing: spread over the whole time, most of them at weekends, matinees only then.
fn slot(dice: &mut Dice, today: NaiveDate, number: i64, of: i64) -> (NaiveDate, NaiveTime) {
    let offset = number * (HISTORY_DAYS + AHEAD_DAYS - 2) / of;
    let start = today - Days::new(HISTORY_DAYS as u64 - 1);
    let mut day = start + Days::new(offset as u64);
    if dice.percent(65) {
        let weekday = i64::from(day.weekday().num_days_from_monday());
        let ahead = *dice.pick(&[4, 5, 5, 6]) - weekday;
        day = if ahead >= 0 { day + Days::new(ahead as u64) } else { day - Days::new(ahead.unsigned_abs()) };
    }
    let has_matinee = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let minutes = if has_matinee && dice.percent(38) {
        *dice.pick(&[14 * 60, 15 * 60, 16 * 60])
    } else {
        *dice.pick(&[17 * 60 + 30, 18 * 60, 19 * 60 + 15, 20 * 60, 20 * 60 + 30, 21 * 60 + 15])
    };
    (day, NaiveTime::MIN + chrono::TimeDelta::minutes(minutes))
}

/// A film that runs at that time; in the afternoon one for children, if there is one.
fn running(dice: &mut Dice, released: &[Timestamp], at: Timestamp, is_matinee: bool) -> usize {
    let weights = (0..FILMS.len()).map(|film| {
        let age = at.millis() - released[film].millis();
        let is_for_children = FILMS[film].genres.contains(&Genre::Family);
        match age {
            age if !(-MINUTE..RUN_DAYS * DAY).contains(&age) => 0,
            age => (if is_matinee == is_for_children { 12 } else { 2 }) * if age < 30 * DAY { 3 } else { 1 },
        }
    });
    dice.weighted(weights)
}
