//! Typed ids: a UUID in the database, a prefixed sortable text (`cus_…`) outside.
//!
//! The text is the prefix of the kind, an underscore and the 128 bits in Crockford's base32, lower case,
//! 26 digits: it sorts like the UUID, and so, for UUIDv7, by time of creation.

use uuid::Uuid;

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Number of base32 digits of an id's text, after prefix and underscore.
pub const ID_DIGITS: usize = 26;

/// Why a text is not an id of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("it does not begin with `{expected}_`")]
    Prefix { expected: &'static str },
    #[error("after the prefix it must have 26 characters of 0-9 and a-z without i, l, o, u")]
    Digits,
}

/// What all typed ids have in common.
pub trait Id: Copy + Eq + Ord + std::hash::Hash + Send + Sync + std::fmt::Debug + 'static {
    /// Three letters that name the kind, such as `cus`.
    const PREFIX: &'static str;
    fn from_uuid(uuid: Uuid) -> Self;
    fn uuid(self) -> Uuid;

    /// Reads the text form; the reason names what is wrong with it.
    fn parse(text: &str) -> Result<Self, IdError> {
        let digits = text
            .strip_prefix(Self::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(IdError::Prefix { expected: Self::PREFIX })?;
        decode(digits).map(Self::from_uuid).ok_or(IdError::Digits)
    }

    /// The text form's bytes behind prefix and underscore: all ASCII.
    fn digits(self) -> [u8; ID_DIGITS] {
        encode(self.uuid())
    }
}

fn encode(uuid: Uuid) -> [u8; ID_DIGITS] {
    let mut bits = uuid.as_u128();
    let mut digits = [0; ID_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(bits & 31) as usize];
        bits >>= 5;
    }
    digits
}

fn decode(text: &str) -> Option<Uuid> {
    // The first digit holds three bits only: 26 digits are 130 bits.
    if text.len() != ID_DIGITS || text.as_bytes()[0] > b'7' {
        return None;
    }
    text.bytes()
        .try_fold(0_u128, |bits, byte| {
            let digit = DIGITS.iter().position(|digit| *digit == byte)?;
            Some(bits << 5 | digit as u128)
        })
        .map(Uuid::from_u128)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sea_orm::DeriveValueType)]
        pub struct $name(pub Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl sea_orm::TryFromU64 for $name {
            /// A key is never a number that the database counted up.
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self(Uuid::nil())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let digits = self.digits();
                let digits = std::str::from_utf8(&digits).map_err(|_| std::fmt::Error)?;
                write!(f, "{}_{digits}", Self::PREFIX)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }
    };
}

id!(/// A customer, known or an anonymous device.
    CustomerId, "cus");
id!(/// One identity of a customer: an e-mail address, a loyalty card …
    CustomerIdentityId, "cid");
id!(/// One merge of two customers.
    CustomerMergeId, "mrg");
id!(/// A device a customer uses.
    DeviceId, "dev");
id!(/// A place where the brand meets its customers: a site, an app, a kiosk.
    TouchpointId, "tou");
id!(/// Something a customer did.
    BehaviorId, "beh");
id!(/// What behaviors of one name must look like.
    BehaviorDefinitionId, "bdf");
id!(/// A behavior that did not look as it must.
    QuarantinedBehaviorId, "qua");
id!(/// How an attribute is computed.
    AttributeDefinitionId, "atd");
id!(/// Customers for whom a rule holds.
    SegmentId, "seg");
id!(/// Something that can be bought.
    ProductId, "prd");
id!(/// Something the brand offers.
    OfferId, "off");
id!(/// A spot on a touchpoint where offers are shown.
    PlacementId, "plc");
id!(/// What a customer was to be shown in a placement, and why.
    DecisionId, "dec");
id!(/// What a customer is about to buy.
    CartId, "crt");
id!(/// One line of a cart.
    CartLineId, "cli");
id!(/// What is held of a product for a cart.
    HoldId, "hol");
id!(/// A digital product that a customer may use.
    EntitlementId, "ent");
id!(/// What a customer bought at one time.
    PurchaseId, "pur");
id!(/// One line of a purchase.
    PurchaseLineId, "pli");
id!(/// The use of an offer in a purchase.
    RedemptionId, "red");
id!(/// An internal failure, by which its log entry is found. It has no table.
    FailureId, "err");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_sorts_like_the_uuid() {
        let ids: Vec<CustomerId> =
            [0_u128, 1, 31, 32, 1 << 64, u128::MAX].map(|bits| CustomerId(Uuid::from_u128(bits))).to_vec();
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        assert!(texts.is_sorted());
        for (id, text) in ids.iter().zip(&texts) {
            assert_eq!(text.parse(), Ok(*id));
        }
    }

    #[test]
    fn wrong_texts_say_what_is_wrong() {
        let expected = IdError::Prefix { expected: "cus" };
        assert_eq!(CustomerId::parse("off_00000000000000000000000000"), Err(expected));
        assert_eq!(CustomerId::parse(""), Err(expected));
        for digits in [
            "",
            "0",
            "8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "0000000000000000000000000u",
            "é0000000000000000000000000",
        ] {
            assert_eq!(CustomerId::parse(&format!("cus_{digits}")), Err(IdError::Digits), "{digits}");
        }
    }
}
