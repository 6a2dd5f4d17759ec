//! How one attribute is computed, compiled from its row.

use chrono_tz::Tz;
use entities::attribute_definition;
use entities::ids::AttributeDefinitionId;
use entities::values::{Aggregate, AttributeStatus};

use crate::domain::attributes::window::Window;
use crate::kernel::error::{Error, Result};
use crate::kernel::zone;
use crate::rules::{Expect, Kind, Rule, Vocabulary};

/// How one attribute is computed.
#[derive(Clone, Debug)]
pub struct Definition {
    pub id: AttributeDefinitionId,
    pub key: String,
    /// The name of the behaviors that count.
    pub behavior: String,
    /// The names on the way to the property.
    pub property: Vec<String>,
    pub filter: Option<Rule>,
    pub aggregate: Aggregate,
    pub window: Option<Window>,
    pub zone: Tz,
    pub status: AttributeStatus,
}

/// What a filter may speak of.
pub fn filter_vocabulary() -> Vocabulary {
    Vocabulary::new()
        .open("properties")
        .value_of("channel", Kind::Text)
        .value_of("name", Kind::Text)
        .value_of("occurredAt", Kind::Timestamp)
}

/// Whether an aggregate reckons with numbers.
pub fn is_numeric(aggregate: Aggregate) -> bool {
    matches!(aggregate, Aggregate::Sum | Aggregate::Min | Aggregate::Max | Aggregate::Average)
}

/// Whether an aggregate tells values apart.
pub fn is_by_value(aggregate: Aggregate) -> bool {
    matches!(aggregate, Aggregate::MostFrequent | Aggregate::DistinctCount)
}

/// Whether an aggregate means nothing without a property.
pub fn needs_property(aggregate: Aggregate) -> bool {
    is_numeric(aggregate) || is_by_value(aggregate)
}

impl Definition {
    /// Compiles a row; the error names the input that is wrong.
    pub fn compile(row: &attribute_definition::Model) -> Result<Self> {
        if needs_property(row.aggregate) && row.property.is_none() {
            return Err(Error::invalid(
                "input.property",
                "this aggregate needs the property whose values it reckons with",
            ));
        }
        let filter = row.filter.as_deref().map(|source| {
            Rule::compile(source, &filter_vocabulary(), Expect::Condition)
                .map_err(|error| Error::invalid("input.where", error.to_string()))
        });
        let window = row
            .window
            .as_deref()
            .map(|text| Window::parse(text).map_err(|reason| Error::invalid("input.window", reason)));
        let zone = zone::parse(&row.time_zone).map_err(|reason| Error::invalid("input.timeZone", reason))?;
        Ok(Self {
            id: row.id,
            key: row.key.clone(),
            behavior: row.behavior.clone(),
            property: row.property.iter().flat_map(|path| path.split('.')).map(str::to_owned).collect(),
            filter: filter.transpose()?,
            aggregate: row.aggregate,
            window: window.transpose()?,
            zone,
            status: row.status,
        })
    }

    /// Of what kind its values are, if the definition alone tells: what a property is, is the sender's.
    pub fn kind(&self) -> Option<Kind> {
        match self.aggregate {
            Aggregate::Count
            | Aggregate::Sum
            | Aggregate::Min
            | Aggregate::Max
            | Aggregate::Average
            | Aggregate::DistinctCount
            | Aggregate::DaysSinceLast => Some(Kind::Number),
            // The time, in RFC 3339.
            Aggregate::First | Aggregate::Last if self.property.is_empty() => Some(Kind::Text),
            Aggregate::First | Aggregate::Last | Aggregate::MostFrequent => None,
        }
    }

    /// Whether values come from buckets. A window of hours is read from the behaviors themselves.
    pub fn is_bucketed(&self) -> bool {
        !matches!(self.window, Some(Window::Span(_)))
    }
}
