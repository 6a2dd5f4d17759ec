//! From an event of the wire to what arrives: what was done, by whom, when, and where.

use std::sync::Arc;

use entities::ids::BehaviorId;
use entities::timestamp::Timestamp;
use entities::values::{Channel, IdentityKind};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::domain::behaviors::definitions::MAX_NAME;
use crate::domain::behaviors::record::BehaviorRecord;
use crate::domain::customers::identity::IdentityKey;
use crate::domain::customers::import::{CustomerRef, Profile};
use crate::domain::ingest::arrival::{Arrival, Introduction};
use crate::domain::ingest::times;
use crate::http::ingest::auth::WriteKey;
use crate::http::ingest::fields::Fields;
use crate::http::ingest::people;
use crate::http::ingest::post::{Post, time};
use crate::kernel::ids::Ids;

/// Bytes of an event.
const MAX_EVENT: usize = 32 * 1024;
const MAX_MESSAGE_ID: usize = 255;
/// Where the circumstances of a behavior stand among its properties.
const CONTEXT: &str = "$context";

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Identify,
    Track,
    Page,
    Screen,
    Group,
    Alias,
}

impl Kind {
    pub const ALL: [Self; 6] =
        [Self::Identify, Self::Track, Self::Page, Self::Screen, Self::Group, Self::Alias];

    pub fn name(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Track => "track",
            Self::Page => "page",
            Self::Screen => "screen",
            Self::Group => "group",
            Self::Alias => "alias",
        }
    }
}

/// Why an event cannot be taken.
#[derive(Debug)]
pub struct Wrong {
    pub message_id: Option<String>,
    pub reason: String,
    pub is_too_large: bool,
}

/// What reading an event needs to know beside it.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub key: &'a WriteKey,
    pub post: &'a Post<'a>,
    pub received_at: Timestamp,
    pub ids: &'a Ids,
}

impl Reading<'_> {
    /// What arrives with an event, and the sender's id of it.
    pub fn arrival(&self, raw: &RawValue) -> Result<(String, Arrival), Wrong> {
        let wrong = |message_id, reason| Wrong { message_id, reason, is_too_large: false };
        if raw.get().len() > MAX_EVENT {
            let reason = format!("it has {} bytes; {MAX_EVENT} is the limit", raw.get().len());
            return Err(Wrong { message_id: None, reason, is_too_large: true });
        }
        let mut fields = Fields::parse(raw.get()).map_err(|reason| wrong(None, reason))?;
        let fresh = || self.ids.next::<BehaviorId>(self.received_at).to_string();
        let message_id =
            message_id(&mut fields, self.post.kind, fresh).map_err(|reason| wrong(None, reason))?;
        match self.read(fields, &message_id) {
            Ok(arrival) => Ok((message_id, arrival)),
            Err(reason) => Err(wrong(Some(message_id), reason)),
        }
    }

    fn read(&self, mut fields: Fields, message_id: &str) -> Result<Arrival, String> {
        let kind = self.kind(&mut fields)?;
        let mut context = self.post.context.clone();
        context.extend(fields.object("context")?);
        let keys = self.keys(&mut fields)?;
        match kind {
            Kind::Identify => self.identify(fields, &mut context, keys),
            Kind::Alias => self.alias(fields, keys),
            _ => self.behavior(kind, fields, context, (keys, message_id)),
        }
    }

    fn kind(&self, fields: &mut Fields) -> Result<Kind, String> {
        let said = fields.text("type")?;
        if let Some(kind) = self.post.kind {
            return Ok(kind);
        }
        let said = said.ok_or_else(|| "`type` is missing".to_owned())?;
        let known = Kind::ALL.into_iter().find(|kind| kind.name() == said);
        known.ok_or_else(|| {
            format!("`type` is `{said}`; it is one of {}", Kind::ALL.map(Kind::name).join(", "))
        })
    }

    /// Who is meant, the account first.
    fn keys(&self, fields: &mut Fields) -> Result<Vec<IdentityKey>, String> {
        let user = people::identity(IdentityKind::UserId, "userId", fields.text("userId")?)?;
        let anonymous = fields.text("anonymousId")?;
        // Many people use it: what tells it from other devices tells nobody apart.
        let anonymous = anonymous.filter(|_| !self.key.sender.is_shared);
        let anonymous = people::identity(IdentityKind::AnonymousId, "anonymousId", anonymous)?;
        Ok(user.into_iter().chain(anonymous).collect())
    }

    fn identify(
        &self,
        mut fields: Fields,
        context: &mut Map<String, Value>,
        mut keys: Vec<IdentityKey>,
    ) -> Result<Arrival, String> {
        // RudderStack keeps them in the context.
        let mut traits = match context.remove("traits") {
            Some(Value::Object(traits)) => traits,
            _ => Map::new(),
        };
        traits.extend(fields.object("traits")?);
        let (profile, more) = people::profile(traits, context.get("locale"));
        keys.extend(more);
        self.named(&keys)?;
        let said_at = self.occurred_at(&mut fields)?;
        let sender = Arc::clone(&self.key.sender);
        Ok(Arrival::Introduction(Introduction { sender, keys, previous: None, profile, said_at }))
    }

    fn alias(&self, mut fields: Fields, keys: Vec<IdentityKey>) -> Result<Arrival, String> {
        let previous = people::identity(IdentityKind::AnonymousId, "previousId", fields.text("previousId")?)?;
        let previous = previous.ok_or("`previousId` is missing, or identifies nobody")?;
        if keys.first().is_none_or(|key| key.kind() != IdentityKind::UserId) {
            return Err("`userId` is missing, or identifies nobody".to_owned());
        }
        Ok(Arrival::Introduction(Introduction {
            sender: Arc::clone(&self.key.sender),
            keys,
            previous: Some(previous.into_value()),
            profile: Profile::default(),
            said_at: self.received_at,
        }))
    }

    fn behavior(
        &self,
        kind: Kind,
        mut fields: Fields,
        mut context: Map<String, Value>,
        (keys, message_id): (Vec<IdentityKey>, &str),
    ) -> Result<Arrival, String> {
        self.named(&keys)?;
        let (name, mut properties) = what_was_done(kind, &mut fields)?;
        let occurred_at = self.occurred_at(&mut fields)?;
        let channel = self.key.channel.unwrap_or_else(|| channel(&context));
        // They describe the customer: identify says them, and who may see behaviors need not see them.
        context.remove("traits");
        if !context.is_empty() {
            properties.insert(CONTEXT.to_owned(), Value::Object(context));
        }
        let id: BehaviorId = self.ids.next(occurred_at);
        let record = BehaviorRecord {
            id,
            customer: CustomerRef::Identified(keys),
            name,
            channel,
            touchpoint_id: self.key.touchpoint_id,
            device_id: None,
            properties: properties.into(),
            occurred_at,
            received_at: self.received_at,
            source: self.key.sender.name.clone(),
            message_id: message_id.to_owned(),
        };
        Ok(Arrival::Claimed(record, Arc::clone(&self.key.sender)))
    }

    fn named(&self, keys: &[IdentityKey]) -> Result<(), String> {
        match (keys.is_empty(), self.key.sender.is_shared) {
            (false, _) => Ok(()),
            (true, true) => {
                Err("it names nobody: many people use this touchpoint, so it needs a `userId` that \
                identifies somebody"
                    .to_owned())
            }
            (true, false) => {
                Err("it names nobody: it needs a `userId` or `anonymousId` that identifies somebody"
                    .to_owned())
            }
        }
    }

    /// When it was done, by the sender's clock set right.
    fn occurred_at(&self, fields: &mut Fields) -> Result<Timestamp, String> {
        let sent_at = fields.text("sentAt")?.and_then(|text| time(&text)).or(self.post.sent_at);
        let mut said = None;
        for name in ["originalTimestamp", "timestamp"] {
            if let Some(text) = fields.text(name)? {
                let wrong = || format!("`{name}` is no time such as 2026-03-01T18:30:00Z");
                said = Some(time(&text).ok_or_else(wrong)?);
            }
        }
        Ok(said.map_or(self.received_at, |said| times::corrected(said, sent_at, self.received_at)))
    }
}

/// The sender's id of an event. One without is known by its content if that says when it was done, so that sending
/// it again changes nothing; else two that are alike were done twice.
fn message_id(
    fields: &mut Fields,
    kind: Option<Kind>,
    fresh: impl FnOnce() -> String,
) -> Result<String, String> {
    let is_timed = ["timestamp", "originalTimestamp"].iter().any(|name| fields.all().contains_key(*name));
    let text = match fields.text("messageId")? {
        Some(text) => text,
        None if !is_timed => return Ok(fresh()),
        None => {
            let mut said = fields.all().clone();
            // It differs each time the event is sent.
            said.remove("sentAt");
            // What a door says is content too: a page is not a screen.
            if let Some(kind) = kind {
                said.insert("type".to_owned(), json!(kind.name()));
            }
            let digest = Sha256::digest(Value::Object(said).to_string());
            return Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        }
    };
    if text.len() > MAX_MESSAGE_ID {
        return Err(format!("`messageId` has {} bytes; {MAX_MESSAGE_ID} is the limit", text.len()));
    }
    Ok(text)
}

/// The name of a behavior, and its properties.
fn what_was_done(kind: Kind, fields: &mut Fields) -> Result<(String, Map<String, Value>), String> {
    let mut properties = fields.object("properties")?;
    let name = match kind {
        Kind::Page => "Page Viewed",
        Kind::Screen => "Screen Viewed",
        Kind::Group => {
            let group = fields.text("groupId")?.ok_or("`groupId` is missing")?;
            properties.insert("groupId".to_owned(), json!(group));
            properties.insert("traits".to_owned(), Value::Object(fields.object("traits")?));
            return Ok(("Group Joined".to_owned(), properties));
        }
        _ => {
            let event = fields.text("event")?.ok_or("`event` is missing: the name of what was done")?;
            if event.len() > MAX_NAME {
                return Err(format!("`event` has {} bytes; {MAX_NAME} is the limit", event.len()));
            }
            return Ok((event, properties));
        }
    };
    for field in ["name", "category"] {
        if let Some(text) = fields.text(field)? {
            properties.entry(field).or_insert(Value::String(text));
        }
    }
    Ok((name.to_owned(), properties))
}

/// Where something was done, by what the SDK says of itself and its device.
fn channel(context: &Map<String, Value>) -> Channel {
    let text = |object: &str, field: &str| context.get(object)?.get(field)?.as_str();
    let library = text("library", "name").unwrap_or_default().to_ascii_lowercase();
    let is_mobile = |text: &str| ["ios", "ipados", "android"].contains(&text.to_ascii_lowercase().as_str());
    if ["analytics.js", "rudderlabs javascript sdk", "@segment/analytics-next"].contains(&library.as_str()) {
        return Channel::Web;
    }
    match text("device", "type").or_else(|| text("os", "name")) {
        Some(system) if is_mobile(system) => Channel::MobileApp,
        _ => Channel::Other,
    }
}
