//! What is said of the payment of a purchase, and whether it is believed.

use crate::domain::customers::rejection::{Reason, Refusal};

/// Bytes of a payment's reference, at most.
const MAX_REFERENCE: usize = 255;

/// What a payment is called by whoever took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentReference(String);

impl PaymentReference {
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.is_empty() || text.len() > MAX_REFERENCE {
            let message = format!("It must have 1 to {MAX_REFERENCE} bytes.");
            return Err(Refusal::new(Reason::Invalid, "paymentReference", message));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn text(&self) -> &str {
        &self.0
    }
}

/// What is known of the payment when something is bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payment {
    /// It is still to come.
    Awaited,
    /// Somebody says so whose word is not taken for it: the customer, a screen.
    Claimed(PaymentReference),
    /// Who took it says so.
    Confirmed(PaymentReference),
}

impl Payment {
    /// What somebody says who is believed or not.
    pub fn said(reference: Option<&str>, is_believed: bool) -> Result<Self, Refusal> {
        let Some(reference) = reference.map(PaymentReference::parse).transpose()? else {
            return Ok(Self::Awaited);
        };
        Ok(if is_believed { Self::Confirmed(reference) } else { Self::Claimed(reference) })
    }

    /// What was said, whoever said it.
    pub fn reference(&self) -> Option<&str> {
        self.confirmed().or(self.claimed())
    }

    /// What who took it says.
    pub fn confirmed(&self) -> Option<&str> {
        if let Self::Confirmed(reference) = self { Some(reference.text()) } else { None }
    }

    /// What the customer says.
    pub fn claimed(&self) -> Option<&str> {
        if let Self::Claimed(reference) = self { Some(reference.text()) } else { None }
    }

    /// Whether nothing is left to be waited for: of nothing, nothing is to be paid.
    pub fn settles(&self, total_minor: i64) -> bool {
        total_minor == 0 || matches!(self, Self::Confirmed(_))
    }
}
