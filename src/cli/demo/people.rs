//! Who goes to Aurora Cinemas: what they like, since when, how often, and by what they are recognised.

use entities::ids::CustomerId;
use entities::timestamp::Timestamp;
use entities::values::IdentityKind;
use serde_json::json;

use super::cinemas::CINEMAS;
use super::dice::Dice;
use super::films::Genre;
use super::names::{FIRST_NAMES, LAST_NAMES};
use super::{DAY, HISTORY_DAYS};
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::import::{CustomerRecord, Profile};
use crate::kernel::error::{Error, Result};
use crate::kernel::ids::Ids;

/// The loyalty card of the demo's customer.
pub const DEMO_CARD: &str = "AUR-0000-1001";

/// What kind of customer somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persona {
    /// Sees most of what runs.
    FilmBuff,
    /// Comes more and more often.
    Growing,
    /// Comes with children in the afternoon.
    Family,
    Casual,
    /// Came, and has stopped.
    Lapsed,
    /// Came first a few weeks ago.
    Newcomer,
    /// Rather watches at home.
    Streamer,
    /// A browser nobody has signed in to.
    Anonymous,
}

/// In the order of `Persona`, without the anonymous: how many in a hundred.
const SHARES: [u32; 7] = [8, 10, 24, 29, 15, 9, 5];
const PERSONAS: [Persona; 7] = [
    Persona::FilmBuff,
    Persona::Growing,
    Persona::Family,
    Persona::Casual,
    Persona::Lapsed,
    Persona::Newcomer,
    Persona::Streamer,
];

/// A customer.
#[derive(Debug)]
pub struct Person {
    pub id: CustomerId,
    pub number: u64,
    pub persona: Persona,
    /// The house they go to.
    pub cinema: usize,
    /// How much they like each genre.
    pub taste: [u32; Genre::COUNT],
    pub joined_at: Timestamp,
    /// From when on they did nothing.
    pub left_at: Timestamp,
    pub name: Option<(&'static str, &'static str)>,
    pub email: Option<String>,
    pub user_id: Option<String>,
    pub loyalty_card: Option<String>,
    pub uses_web: bool,
    pub uses_app: bool,
    pub anonymous_id: String,
    pub installation: String,
}

impl Person {
    /// The demo's customer: number 0.
    pub fn ada(ids: &Ids, now: Timestamp) -> Self {
        let joined_at = Timestamp(now.millis() - (HISTORY_DAYS - 12) * DAY);
        let mut taste = [1; Genre::COUNT];
        taste[Genre::ScienceFiction as usize] = 9;
        taste[Genre::Thriller as usize] = 6;
        Self {
            id: ids.next(joined_at),
            number: 0,
            persona: Persona::FilmBuff,
            cinema: 0,
            taste,
            joined_at,
            left_at: now,
            name: Some(("Ada", "Okafor")),
            email: Some("ada.okafor@example.com".to_owned()),
            user_id: Some("ada.okafor".to_owned()),
            loyalty_card: Some(DEMO_CARD.to_owned()),
            uses_web: true,
            uses_app: true,
            anonymous_id: "ada-browser-1".to_owned(),
            installation: "ada-phone-1".to_owned(),
        }
    }

    /// Anybody else.
    pub fn somebody(ids: &Ids, now: Timestamp, number: u64, dice: &mut Dice) -> Self {
        let persona = PERSONAS[dice.weighted(SHARES.into_iter())];
        let (joined_at, left_at) = lifetime(dice, persona, now);
        let first = *dice.pick(&FIRST_NAMES);
        let last = *dice.pick(&LAST_NAMES);
        let (uses_web, uses_app) = (dice.percent(68), dice.percent(52) || persona == Persona::Streamer);
        let has_card = match persona {
            Persona::FilmBuff | Persona::Growing => dice.percent(90),
            Persona::Family => dice.percent(60),
            _ => dice.percent(38),
        };
        let has_account = uses_web || uses_app;
        // Somebody without an account and without a card would not be recognised at all.
        let has_card = has_card || !has_account;
        Self {
            id: ids.next(joined_at),
            number,
            persona,
            cinema: dice.weighted(CINEMAS.iter().map(|cinema| cinema.share)),
            taste: taste(dice, persona),
            joined_at,
            left_at,
            name: Some((first, last)),
            email: has_account.then(|| format!("{}.{}{number}@example.com", ascii(first), ascii(last))),
            user_id: has_account.then(|| format!("aurora-{number:06}")),
            loyalty_card: has_card.then(|| {
                let card = 10_000 + number;
                format!("AUR-{:04}-{:04}", card / 10_000, card % 10_000)
            }),
            uses_web,
            uses_app,
            anonymous_id: dice.token(),
            installation: dice.token(),
        }
    }

    /// A browser that was never signed in.
    pub fn anonymous(ids: &Ids, now: Timestamp, number: u64, dice: &mut Dice) -> Self {
        let joined_at = Timestamp(now.millis() - dice.between(DAY, HISTORY_DAYS * DAY));
        Self {
            id: ids.next(joined_at),
            number,
            persona: Persona::Anonymous,
            cinema: dice.weighted(CINEMAS.iter().map(|cinema| cinema.share)),
            taste: taste(dice, Persona::Anonymous),
            joined_at,
            left_at: Timestamp((joined_at.millis() + dice.between(DAY, 40 * DAY)).min(now.millis())),
            name: None,
            email: None,
            user_id: None,
            loyalty_card: None,
            uses_web: true,
            uses_app: false,
            anonymous_id: dice.token(),
            installation: String::new(),
        }
    }

    /// The customer as it is recorded.
    pub fn record(&self, dice: &mut Dice) -> Result<CustomerRecord> {
        let anonymous_id = self.uses_web.then_some(&self.anonymous_id);
        let installation = self.uses_app.then_some(&self.installation);
        let known = [
            (IdentityKind::Email, self.email.as_ref()),
            (IdentityKind::UserId, self.user_id.as_ref()),
            (IdentityKind::LoyaltyCard, self.loyalty_card.as_ref()),
            (IdentityKind::AnonymousId, anonymous_id),
            (IdentityKind::Device, installation),
        ];
        let identities = known
            .into_iter()
            .filter_map(|(kind, text)| text.map(|text| IdentityKey::try_new(kind, text)))
            .collect::<std::result::Result<_, _>>()
            .map_err(Error::internal)?;
        Ok(CustomerRecord {
            id: self.id,
            first_seen_at: self.joined_at,
            identities,
            profile: self.profile(dice),
        })
    }

    fn profile(&self, dice: &mut Dice) -> Profile {
        let Some((first, last)) = self.name else { return Profile::default() };
        let city = &CINEMAS[self.cinema];
        let prefix = ["+43660", "+35840", "+35191", "+35196"][self.cinema];
        let phone = format!("{prefix}{:07}", dice.between(1_000_000, 9_999_999));
        let born =
            format!("{}-{:02}-{:02}", dice.between(1948, 2007), dice.between(1, 12), dice.between(1, 28));
        let mut profile = Profile {
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            email: self.email.clone(),
            phone: dice.percent(35).then_some(phone),
            birth_date: dice.percent(60).then_some(born),
            locale: Some(["de-AT", "fi-FI", "pt-PT", "pt-PT"][self.cinema].to_owned()),
            ..Profile::default()
        };
        profile.traits.insert("home_cinema".to_owned(), json!(city.key));
        if self.persona == Persona::Family {
            profile.traits.insert("children".to_owned(), json!(dice.between(1, 3)));
        }
        profile
    }
}

/// From when to when somebody is a customer.
fn lifetime(dice: &mut Dice, persona: Persona, now: Timestamp) -> (Timestamp, Timestamp) {
    let ago = |days: i64| Timestamp(now.millis() - days * DAY);
    let mut days = |from, to| dice.between(from * 24, to * 24) * DAY / 24;
    let at = |span: i64| Timestamp(now.millis() - span);
    match persona {
        Persona::Lapsed => (at(days(HISTORY_DAYS - 120, HISTORY_DAYS)), at(days(170, 320))),
        Persona::Newcomer => (at(days(12, 75)), now),
        _ => (at(days(90, HISTORY_DAYS)).min(ago(60)), now),
    }
}

/// One or two favourites, and a little of the rest.
fn taste(dice: &mut Dice, persona: Persona) -> [u32; Genre::COUNT] {
    let mut taste = [1; Genre::COUNT];
    for _ in 0..2 {
        taste[dice.between(0, Genre::COUNT as i64 - 1) as usize] += 7;
    }
    match persona {
        Persona::Family => taste[Genre::Family as usize] += 16,
        // Somebody who likes what is for children without having any is rare.
        _ => taste[Genre::Family as usize] = 1,
    }
    taste
}

/// A name as it stands in an address.
fn ascii(name: &str) -> String {
    name.to_lowercase().chars().filter(char::is_ascii_alphabetic).collect()
}
