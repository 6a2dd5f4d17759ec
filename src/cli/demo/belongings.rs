//! What people carry, and what they agreed to.

use entities::ids::DeviceId;
use entities::values::{Channel, ConsentPurpose, ConsentStatus};
use entities::{consent, device};

use super::dice::Dice;
use super::people::{Person, Persona};
use crate::kernel::ids::Ids;

/// The devices of a person.
#[derive(Clone, Copy, Debug, Default)]
pub struct Devices {
    pub browser: Option<DeviceId>,
    pub phone: Option<DeviceId>,
}

const BROWSERS: [(&str, &str); 5] = [
    ("windows", "Firefox"),
    ("windows", "Edge"),
    ("macos", "Safari"),
    ("linux", "Firefox"),
    ("android", "Chrome"),
];
const PHONES: [(&str, &str); 5] = [
    ("ios", "iPhone 14"),
    ("ios", "iPhone 16"),
    ("android", "Pixel 8"),
    ("android", "Galaxy S23"),
    ("android", "Fairphone 5"),
];

impl Devices {
    /// Gives a person their devices.
    pub fn give(ids: &Ids, person: &Person, dice: &mut Dice, rows: &mut Vec<device::Model>) -> Self {
        let mut give = |channel, (platform, model): (&str, &str)| {
            let id = ids.next(person.joined_at);
            rows.push(device::Model {
                id,
                customer_id: person.id,
                channel,
                platform: platform.to_owned(),
                model: Some(model.to_owned()),
                token_hash: None,
                created_at: person.joined_at,
                last_seen_at: person.left_at,
            });
            id
        };
        let browser = *dice.pick(&BROWSERS);
        let phone = *dice.pick(&PHONES);
        Self {
            browser: person.uses_web.then(|| give(Channel::Web, browser)),
            phone: person.uses_app.then(|| give(Channel::MobileApp, phone)),
        }
    }
}

/// What a person said about their data.
pub fn consents(person: &Person, dice: &mut Dice) -> Vec<consent::Model> {
    let source = if person.uses_app { "app" } else { "web" };
    let asked = match person.persona {
        Persona::Anonymous => &[ConsentPurpose::Analytics][..],
        _ => &[ConsentPurpose::Analytics, ConsentPurpose::Personalization, ConsentPurpose::Marketing],
    };
    let said = asked.iter().map(|&purpose| {
        let yes = match purpose {
            ConsentPurpose::Marketing => 58,
            ConsentPurpose::Analytics => 93,
            _ => 82,
        };
        let status = match dice.percent(yes) {
            _ if person.number == 0 => ConsentStatus::Granted,
            true if dice.percent(6) => ConsentStatus::Revoked,
            true => ConsentStatus::Granted,
            false => ConsentStatus::Denied,
        };
        consent::Model {
            customer_id: person.id,
            purpose,
            status,
            source: source.to_owned(),
            updated_at: if status == ConsentStatus::Revoked { person.left_at } else { person.joined_at },
            expires_at: None,
        }
    });
    said.collect()
}
