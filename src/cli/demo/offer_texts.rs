//! The words of the offers: whom they are for, and what each kind of screen shows.

use entities::offer;
use entities::timestamp::Timestamp;
use entities::values::OfferStatus;
use serde_json::{Value, json};

use crate::kernel::ids::Ids;

/// The words of an offer.
pub struct Text {
    key: &'static str,
    name: &'static str,
    placements: &'static [&'static str],
    channels: &'static [&'static str],
    eligibility: &'static str,
    rank: Option<&'static str>,
    priority: i32,
    pub days_old: i64,
    /// What is shown: channel, headline, call to action. The first is what other channels show.
    content: &'static [(&'static str, &'static str, &'static str)],
}

impl Text {
    /// The offer, live and giving nothing yet.
    pub fn into_row(self, ids: &Ids, created_at: Timestamp) -> offer::Model {
        offer::Model {
            name: self.name.to_owned(),
            status: OfferStatus::Live,
            placements: json!(self.placements),
            channels: json!(self.channels),
            content: content(self.key, self.content),
            eligibility: self.eligibility.to_owned(),
            rank: self.rank.map(str::to_owned),
            priority: self.priority,
            ..offer::Model::draft(ids.next(created_at), self.key, created_at)
        }
    }
}

/// Small screens get words, large ones a picture too.
fn content(key: &str, texts: &[(&str, &str, &str)]) -> Value {
    let shown = texts.iter().map(|(channel, headline, action)| {
        let mut shown = json!({"headline": headline, "action": action});
        if matches!(*channel, "default" | "WEB" | "KIOSK" | "SMART_TV") {
            shown["image"] = json!(format!("/offers/{key}.webp"));
        }
        ((*channel).to_owned(), shown)
    });
    Value::Object(shown.collect())
}

pub const WELCOME_APP: Text = Text {
    key: "welcome-app",
    name: "5 € off the first order in the app",
    placements: &["home.hero", "cart.upsell"],
    channels: &["MOBILE_APP"],
    eligibility: "true",
    rank: Some("50"),
    priority: 90,
    days_old: 560,
    content: &[
        ("default", "Your first film in the app: 5 € off", "Choose a film"),
        ("MOBILE_APP", "5 € off, just for opening this app", "Use it now"),
    ],
};
pub const FAMILY_MATINEE: Text = Text {
    key: "family-matinee",
    name: "Family matinee: 6 € off three tickets",
    placements: &["home.row", "kiosk.attract", "film.banner"],
    channels: &["WEB", "MOBILE_APP", "KIOSK"],
    eligibility: "'family' in segments || attributes.favorite_genre == 'family'",
    rank: Some("40 + attributes.family_visits_365d * 2"),
    priority: 70,
    days_old: 540,
    content: &[
        ("default", "Three tickets this afternoon, 6 € off", "See matinees"),
        ("KIOSK", "Here with the family? 6 € off three tickets", "Touch to start"),
    ],
};
pub const WEEKDAY_LOYAL: Text = Text {
    key: "weekday-loyal",
    name: "Card holders: 15 % off from Monday to Thursday",
    placements: &["home.row", "till.prompt", "kiosk.upsell"],
    channels: &[],
    eligibility: "has(identities.LOYALTY_CARD)",
    rank: Some("30 + attributes.visits_90d"),
    priority: 60,
    days_old: 500,
    content: &[
        ("default", "Quiet weekdays, 15 % off with your card", "Find a showing"),
        ("POINT_OF_SALE", "Card holder: 15 % off today", "Apply"),
    ],
};
pub const COME_BACK: Text = Text {
    key: "come-back",
    name: "We missed you: 25 % off",
    placements: &["home.hero", "email.body"],
    channels: &["WEB", "MOBILE_APP", "EMAIL"],
    eligibility: "'lapsing' in segments",
    rank: Some("80"),
    priority: 80,
    days_old: 420,
    content: &[
        ("default", "It has been a while: 25 % off your next film", "What is on"),
        ("EMAIL", "We kept your seat warm", "25 % off your next film"),
    ],
};
pub const FREE_POPCORN: Text = Text {
    key: "free-popcorn",
    name: "Every fifth visit: popcorn is on us",
    placements: &["till.prompt", "kiosk.upsell", "cart.upsell"],
    channels: &["POINT_OF_SALE", "KIOSK", "WEB", "MOBILE_APP"],
    eligibility: "has(identities.LOYALTY_CARD) && attributes.visits_365d % 5 == 4",
    rank: Some("60"),
    priority: 75,
    days_old: 480,
    content: &[
        ("default", "Your fifth visit: popcorn is on us", "Add popcorn"),
        ("POINT_OF_SALE", "Fifth visit: give a small popcorn", "Give it"),
    ],
};
pub const STREAM_TRIAL: Text = Text {
    key: "stream-trial",
    name: "Aurora at home: first month at half price",
    placements: &["home.row", "film.banner"],
    channels: &["WEB", "MOBILE_APP", "SMART_TV"],
    eligibility: "'film_buff' in segments && attributes.visits_90d >= 3 && !('streamer' in segments)",
    rank: Some("attributes.films_viewed_24h * 5"),
    priority: 50,
    days_old: 450,
    content: &[
        ("default", "More films at home: first month at half price", "Try it"),
        ("SMART_TV", "Watch the classics at home", "Scan to try"),
    ],
};
pub const KIOSK_COMBO: Text = Text {
    key: "kiosk-combo",
    name: "Popcorn and a drink with the ticket: 2 € off",
    placements: &["kiosk.upsell"],
    channels: &["KIOSK"],
    eligibility: "attributes.visits_365d >= 1",
    rank: Some("35"),
    priority: 65,
    days_old: 510,
    content: &[
        ("default", "Popcorn and a drink: 2 € off", "Add both"),
        ("KIOSK", "Hungry? Popcorn and a drink, 2 € off", "Add both"),
    ],
};
pub const PREVIEW_NIGHT: Text = Text {
    key: "preview-night",
    name: "Preview night for film buffs",
    placements: &["home.hero", "foyer.loop", "kiosk.attract"],
    channels: &[],
    eligibility: "'film_buff' in segments && attributes.days_since_last_visit <= 90",
    rank: Some("20 + attributes.visits_365d * 3"),
    priority: 40,
    days_old: 40,
    content: &[
        ("default", "See it a week early", "Reserve a seat"),
        ("MOBILE_APP", "A week early, on Thursday", "Reserve"),
        ("KIOSK", "See it a week early", "Touch to reserve"),
        ("SMART_TV", "Preview night on Thursday", "Ask at the till"),
    ],
};
pub const RATE_YOUR_FILM: Text = Text {
    key: "rate-your-film",
    name: "How was the film?",
    placements: &["home.row"],
    channels: &["WEB", "MOBILE_APP"],
    eligibility: "attributes.days_since_last_visit <= 90",
    rank: None,
    priority: 10,
    days_old: 300,
    content: &[("default", "How was the film?", "Tell us"), ("MOBILE_APP", "How was it?", "Rate")],
};
pub const FOYER_QUIZ: Text = Text {
    key: "foyer-quiz",
    name: "Foyer quiz",
    placements: &["foyer.loop"],
    channels: &["SMART_TV"],
    eligibility: "true",
    rank: None,
    priority: 5,
    days_old: 200,
    content: &[("default", "Which film is it?", "Hold your card to the screen")],
};
pub const SUMMER_PASS: Text = Text {
    key: "summer-pass",
    name: "Summer pass: 20 % off for three months",
    placements: &["home.hero"],
    channels: &["WEB", "MOBILE_APP"],
    eligibility: "has(identities.LOYALTY_CARD)",
    rank: None,
    priority: 30,
    days_old: 270,
    content: &[("default", "All summer long: 20 % off", "Get the pass")],
};
pub const SPRING_PREMIERES: Text = Text {
    key: "spring-premieres",
    name: "Spring premieres: 10 % off in advance",
    placements: &["home.hero", "film.banner"],
    channels: &[],
    eligibility: "attributes.favorite_genre in ['drama', 'romance']",
    rank: Some("25"),
    priority: 35,
    days_old: 6,
    content: &[("default", "First night, first choice: 10 % off", "Book ahead")],
};
