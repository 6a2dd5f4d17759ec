//! The segments as every replica keeps them in memory, their rules compiled, with the attributes they read.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use entities::ids::SegmentId;
use entities::segment;
use entities::values::{ConsentPurpose, IdentityKind, TextEnum};
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::db::catalogue::{Catalogue, Definitions};
use crate::domain::attributes::catalogue::AttributeDefinitions;
use crate::domain::attributes::definition::Definition;
use crate::domain::segments::store;
use crate::kernel::error::Result;
use crate::rules::{Expect, Kind, Rule, Vocabulary};

/// A segment, ready to be judged.
#[derive(Debug)]
pub struct Segment {
    pub row: store::Segment,
    /// What its rule asks for, or why it asks for nothing.
    pub rule: Result<Rule, String>,
    /// What its members have to be judged by.
    pub basis: String,
}

/// All segments, in the order of their keys.
#[derive(Debug, Default)]
pub struct SegmentDefinitions {
    all: Vec<Arc<Segment>>,
    needs: Needs,
}

/// What the rules read.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    pub attributes: Vec<Arc<Definition>>,
    pub traits: bool,
    pub identities: bool,
    /// Whether a rule's verdict may be another at any time.
    pub now: bool,
}

/// The catalogue of one process.
pub type SegmentCatalogue = Catalogue<SegmentDefinitions>;

/// What a segment's rule may speak of.
pub fn vocabulary(attributes: &AttributeDefinitions) -> Vocabulary {
    let keys = attributes.all().iter().map(|definition| (definition.key.clone(), definition.kind()));
    let consents = ConsentPurpose::ALL.iter().map(|purpose| (purpose.text(), Some(Kind::Text)));
    let identities = IdentityKind::ALL.iter().map(|kind| (kind.text(), Some(Kind::List)));
    Vocabulary::new()
        .open("traits")
        .keys_of("attributes", keys)
        .keys_of("consents", consents)
        .keys_of("identities", identities)
        .value_of("createdAt", Kind::Timestamp)
        .value_of("locale", Kind::Text)
        .value_of("now", Kind::Timestamp)
}

impl Segment {
    /// Compiles a stored segment. One whose rule no longer makes sense has no members, and says why.
    fn of(row: segment::Model, attributes: &AttributeDefinitions) -> Self {
        let rule = Rule::compile(&row.rule, &vocabulary(attributes), Expect::Condition);
        let rule = rule.map_err(|error| error.to_string());
        let basis = basis(row.version, rule.as_ref().ok(), attributes);
        let row = store::Segment {
            id: row.id,
            key: row.key,
            name: row.name,
            rule: row.rule,
            purpose: row.purpose,
            size: row.size,
            judged_at: row.judged_at,
            failure: row.failure,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        Self { row, rule, basis }
    }

    /// A segment that is only tried.
    pub fn tried(rule: Rule, purpose: ConsentPurpose) -> Self {
        let row = store::Segment { purpose, rule: rule.source().to_owned(), ..store::Segment::default() };
        Self { row, rule: Ok(rule), basis: String::new() }
    }

    pub fn id(&self) -> SegmentId {
        self.row.id
    }
}

/// Names all that changes the members without anything being recorded of them: the version of the rule, and
/// the meaning of each attribute it reads, which counts only once its history is counted.
fn basis(version: i64, rule: Option<&Rule>, attributes: &AttributeDefinitions) -> String {
    let mut basis = version.to_string();
    for key in rule.into_iter().flat_map(|rule| rule.keys("attributes")) {
        if let Some(definition) = attributes.by_key(key) {
            // Writing to a string cannot fail.
            let _ = write!(basis, " {} {}", definition.id, definition.status.text());
        }
    }
    basis
}

impl SegmentDefinitions {
    pub fn new(mut all: Vec<Arc<Segment>>, attributes: &AttributeDefinitions) -> Self {
        all.sort_by(|a, b| a.row.key.cmp(&b.row.key));
        let needs = Needs::of(all.iter().filter_map(|segment| segment.rule.as_ref().ok()), attributes);
        Self { all, needs }
    }

    pub fn all(&self) -> &[Arc<Segment>] {
        &self.all
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn needs(&self) -> &Needs {
        &self.needs
    }
}

impl Needs {
    /// What these rules read.
    pub fn of<'r>(rules: impl Iterator<Item = &'r Rule>, attributes: &AttributeDefinitions) -> Self {
        let mut needs = Self::default();
        let mut read = BTreeMap::new();
        for rule in rules {
            needs.traits |= rule.reads_root("traits");
            needs.identities |= rule.reads_root("identities");
            needs.now |= rule.reads_root("now");
            let definitions = rule.keys("attributes").filter_map(|key| attributes.by_key(key));
            read.extend(definitions.map(|definition| (definition.key.clone(), Arc::clone(definition))));
        }
        needs.attributes = read.into_values().collect();
        needs
    }

    /// Adds what others need.
    pub fn add(&mut self, other: &Self) {
        self.traits |= other.traits;
        self.identities |= other.identities;
        self.now |= other.now;
        self.add_attributes(&other.attributes);
    }

    /// Adds attributes, each once.
    pub fn add_attributes(&mut self, more: &[Arc<Definition>]) {
        for definition in more {
            if self.attributes.iter().all(|known| known.id != definition.id) {
                self.attributes.push(Arc::clone(definition));
            }
        }
    }
}

impl Definitions for SegmentDefinitions {
    async fn load(connection: &impl ConnectionTrait) -> Result<Self> {
        let attributes = AttributeDefinitions::load(connection).await?;
        let rows = segment::Entity::find().all(connection).await?;
        let all = rows.into_iter().map(|row| Arc::new(Segment::of(row, &attributes))).collect();
        Ok(Self::new(all, &attributes))
    }
}
