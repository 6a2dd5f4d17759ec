//! Settings of carts and purchases.

use serde::Deserialize;

use crate::domain::purchases::cart::{abandoned, limits};
use crate::domain::purchases::expiry;
use crate::domain::purchases::holds::{DEFAULT_MINUTES, HoldSettings, MOST_MINUTES};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CartSettings {
    /// For how many minutes what is in a cart is held, from its last change on.
    pub hold_minutes: u32,
    /// For how many minutes without a break at most, 120 or less.
    pub hold_minutes_at_most: u32,
    /// How many of one product of which there is an end a customer may have in the cart; tills may put in more.
    pub most_held: u32,
    /// For how many days a cart is kept that nobody changes.
    pub keep_days: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PurchaseSettings {
    /// For how many minutes a purchase waits to be paid before it is called off.
    pub pending_minutes: u32,
}

impl Default for CartSettings {
    fn default() -> Self {
        Self {
            hold_minutes: DEFAULT_MINUTES,
            hold_minutes_at_most: MOST_MINUTES,
            most_held: limits::DEFAULT_HELD,
            keep_days: abandoned::DEFAULT_DAYS,
        }
    }
}

impl Default for PurchaseSettings {
    fn default() -> Self {
        Self { pending_minutes: expiry::DEFAULT_MINUTES }
    }
}

impl CartSettings {
    /// Nothing is held for nothing, or for longer than the longest.
    pub(super) fn holds(&self) -> HoldSettings {
        let most_minutes = self.hold_minutes_at_most.clamp(1, MOST_MINUTES);
        HoldSettings { minutes: self.hold_minutes.clamp(1, most_minutes), most_minutes }
    }

    /// Something may be bought.
    pub(super) fn most_held(&self) -> u32 {
        self.most_held.max(1)
    }

    /// What is held for a cart has run out by then.
    pub(super) fn kept_days(&self) -> u32 {
        self.keep_days.max(1)
    }
}

impl PurchaseSettings {
    /// Something is waited for, and nothing for ever.
    pub(super) fn waiting_minutes(&self) -> u32 {
        self.pending_minutes.clamp(1, expiry::MOST_MINUTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_may_be_bought_whatever_is_set() {
        assert_eq!(CartSettings::default().most_held(), 50);
        for (set, counts) in [(0, 1), (1, 1), (8, 8)] {
            assert_eq!(CartSettings { most_held: set, ..CartSettings::default() }.most_held(), counts);
        }
    }
}
