//! Write keys: who may send behaviors in the wire of Segment and RudderStack.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use entities::values::{Channel, TextEnum};
use serde::Deserialize;

use crate::db::Db;
use crate::domain::customers::caller::Trust;
use crate::domain::ingest::arrival::Sender;
use crate::domain::touchpoints::store as touchpoints;
use crate::http::ingest::auth::{WriteKey, WriteKeys};
use crate::http::ingest::rate::{EventRate, RateLimit};
use crate::kernel::error::{Error, Result};

/// A key shorter than this can be guessed. Not as long as a token must be: it reads nothing.
const MIN_KEY: usize = 16;
/// Anybody can send with a key that stands in a page: enough for a busy shop, and too little to fill a disk unseen.
const EVENTS_PER_SECOND: u32 = 1_000;
/// More is no limit.
const MAX_EVENTS_PER_SECOND: u32 = 1_000_000;
/// A burst without a size of its own is what comes in so many seconds.
const BURST: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// The sources of other doors.
const TAKEN: &[&str] = &["graphql", "staff"];

/// One write key and what it stands for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteKeySettings {
    /// The source of what it sends: message ids are unique within it.
    pub name: String,
    pub key: String,
    /// The key of the touchpoint that sends, if it is one.
    pub touchpoint: Option<String>,
    /// The channel of what it sends, if it is one; else the touchpoint's, else the event says.
    pub channel: Option<String>,
    /// Its word is taken on who somebody is: for servers of the brand only.
    #[serde(default)]
    pub trusted: bool,
    /// Events it may bring a second, over time; 0 for any number. Without it: any number if it is `trusted`, else
    /// [`EVENTS_PER_SECOND`].
    pub events_per_second: Option<u32>,
    /// Events it may bring at once after it was quiet; what comes in ten seconds without it.
    pub burst: Option<NonZeroU32>,
}

/// Refuses what write keys cannot be.
pub fn check(keys: &[WriteKeySettings]) -> Result<()> {
    let (mut names, mut texts) = (HashSet::new(), HashSet::new());
    for key in keys {
        key.check()?;
        if !names.insert(&key.name) || !texts.insert(&key.key) {
            let message =
                format!("write key `{}`: its name or its key is another's; each needs its own", key.name);
            return Err(Error::invalid("write_keys", message));
        }
    }
    Ok(())
}

/// The write keys, checked before, with the touchpoints they name.
pub async fn open(db: &Db, keys: &[WriteKeySettings]) -> Result<WriteKeys> {
    let mut named: Vec<String> = keys.iter().filter_map(|key| key.touchpoint.clone()).collect();
    named.sort_unstable();
    named.dedup();
    let rows = if named.is_empty() { Vec::new() } else { touchpoints::by_keys(db, &named).await? };
    let mut opened = Vec::with_capacity(keys.len());
    for settings in keys {
        let touchpoint = match &settings.touchpoint {
            None => None,
            Some(key) => Some(rows.iter().find(|row| row.key == *key).ok_or_else(|| {
                let message = format!("write key `{}`: there is no touchpoint `{key}`", settings.name);
                Error::invalid("write_keys.touchpoint", message)
            })?),
        };
        let sender = Sender {
            name: settings.name.clone(),
            trust: if settings.trusted { Trust::Trusted } else { Trust::Untrusted },
            is_shared: touchpoint.is_some_and(|touchpoint| touchpoint.shared),
        };
        let own = settings.channel.as_deref().and_then(Channel::parse);
        opened.push((
            settings.key.as_str(),
            WriteKey {
                sender: Arc::new(sender),
                touchpoint_id: touchpoint.map(|touchpoint| touchpoint.id),
                channel: own.or(touchpoint.map(|touchpoint| touchpoint.channel)),
                limit: settings.rate().map(RateLimit::new),
            },
        ));
    }
    Ok(WriteKeys::new(opened))
}

impl WriteKeySettings {
    /// How many events it may bring; none for any number.
    fn rate(&self) -> Option<EventRate> {
        let default = if self.trusted { 0 } else { EVENTS_PER_SECOND };
        let per_second = NonZeroU32::new(self.events_per_second.unwrap_or(default))?;
        let burst = self.burst.unwrap_or_else(|| per_second.saturating_mul(BURST));
        Some(EventRate { per_second, burst })
    }

    fn check(&self) -> Result<()> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_name = (1..=100).contains(&self.name.len()) && self.name.bytes().all(fits);
        if !is_name || TAKEN.contains(&self.name.as_str()) {
            let message = format!(
                "`{}` cannot be the name of a write key: letters, digits and - _ . only, and not {}",
                self.name,
                TAKEN.join(", ")
            );
            return Err(Error::invalid("write_keys.name", message));
        }
        let wrong = |field: &str, message: String| {
            Err(Error::invalid(
                format!("write_keys.{field}"),
                format!("write key `{}`: {message}", self.name),
            ))
        };
        if self.key.len() < MIN_KEY {
            return wrong(
                "key",
                format!("the key has {} characters; it needs at least {MIN_KEY}", self.key.len()),
            );
        }
        // A colon ends the user of Basic authentication.
        if !self.key.bytes().all(fits) {
            return wrong("key", "the key may have letters, digits and - _ . only".to_owned());
        }
        if self.events_per_second.is_some_and(|rate| rate > MAX_EVENTS_PER_SECOND) {
            let message = format!("{MAX_EVENTS_PER_SECOND} is the most; 0 takes any number");
            return wrong("events_per_second", message);
        }
        if self.burst.is_some() && self.rate().is_none() {
            return wrong("burst", "it needs `events_per_second`".to_owned());
        }
        match &self.channel {
            Some(channel) if Channel::parse(channel).is_none() => {
                let known: Vec<_> = Channel::ALL.iter().map(|channel| channel.text()).collect();
                wrong("channel", format!("`{channel}` is not a channel; there are {}", known.join(", ")))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> WriteKeySettings {
        toml::from_str(&format!("name = 'shop'\nkey = 'key-of-the-web-shop'\n{text}")).expect("settings")
    }

    #[test]
    fn keys_that_anybody_has_are_limited_unless_told_otherwise() {
        for (text, rate) in [
            ("", Some((1_000, 10_000))),
            ("trusted = true", None),
            ("events_per_second = 0", None),
            ("events_per_second = 5", Some((5, 50))),
            ("trusted = true\nevents_per_second = 5\nburst = 7", Some((5, 7))),
            ("burst = 1", Some((1_000, 1))),
        ] {
            check(&[key(text)]).expect(text);
            assert_eq!(
                key(text).rate().map(|rate| (rate.per_second.get(), rate.burst.get())),
                rate,
                "{text}"
            );
        }
        for text in ["trusted = true\nburst = 7", "events_per_second = 1000001"] {
            assert!(check(&[key(text)]).is_err(), "{text}");
        }
    }
}
