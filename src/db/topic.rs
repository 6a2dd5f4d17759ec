//! What a change may be about, in the short text that the outbox keeps of it.

use entities::ids::{CustomerId, Id, OfferId, ProductId};
use uuid::Uuid;

/// What something that is shown may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// One row of a customer, with all that is the customer's.
    Customer(CustomerId),
    /// What a product is and costs, and how many there are of it in all.
    Product(ProductId),
    /// How many of a product are sold or held.
    Stock(ProductId),
    /// How much of an offer's budget is taken.
    Budget(OfferId),
    /// Whether a code that works once can be used: by the first half of its hash.
    Code(Uuid),
}

impl From<CustomerId> for Topic {
    fn from(id: CustomerId) -> Self {
        Self::Customer(id)
    }
}

impl Topic {
    /// A letter for the kind, and the digits of the id.
    pub fn text(self) -> String {
        let (kind, id) = match self {
            Self::Customer(id) => ('c', id.uuid()),
            Self::Product(id) => ('p', id.uuid()),
            Self::Stock(id) => ('s', id.uuid()),
            Self::Budget(id) => ('b', id.uuid()),
            Self::Code(id) => ('k', id),
        };
        format!("{kind}{}", id.simple())
    }

    pub fn parse(text: &str) -> Option<Self> {
        let mut letters = text.chars();
        let kind = letters.next()?;
        let id = Uuid::try_parse(letters.as_str()).ok()?;
        Some(match kind {
            'c' => Self::Customer(CustomerId::from_uuid(id)),
            'p' => Self::Product(ProductId::from_uuid(id)),
            's' => Self::Stock(ProductId::from_uuid(id)),
            'b' => Self::Budget(OfferId::from_uuid(id)),
            'k' => Self::Code(id),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_what_its_text_says() {
        let id = Uuid::from_u128(7);
        let topics = [
            Topic::Customer(CustomerId::from_uuid(id)),
            Topic::Product(ProductId::from_uuid(id)),
            Topic::Stock(ProductId::from_uuid(id)),
            Topic::Budget(OfferId::from_uuid(id)),
            Topic::Code(id),
        ];
        for topic in topics {
            assert_eq!(Topic::parse(&topic.text()), Some(topic));
        }
        for text in ["", "c", "x00000000000000000000000000000007", "ä", "c7"] {
            assert_eq!(Topic::parse(text), None, "{text}");
        }
    }
}
