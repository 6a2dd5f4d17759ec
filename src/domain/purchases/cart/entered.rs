//! Why a code that was entered takes nothing off. Of what is not known, used up by its one use, somebody else's or not
//! live there is one answer, so that nobody learns by it which codes there are.

use entities::ids::OfferId;
use entities::values::CodeKind;

use crate::domain::offers::codes;
use crate::domain::offers::decide::Stage;
use crate::domain::offers::live::LiveOffer;
use crate::domain::purchases::cart::promotions::{Candidates, Known};
use crate::domain::purchases::cart::view::DiscountView;
use crate::domain::purchases::cart::warnings::Warning;
use crate::domain::purchases::pricing::{Reason, Rejected};
use crate::kernel::money::Currency;

/// Why a code takes nothing off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Unknown,
    NotNow,
    NotEligible,
    LimitReached,
    UsedUp,
    OtherCurrency,
    NothingToTakeOff,
    NotTogether,
}

/// What came of pricing a cart.
pub struct Outcome<'a> {
    pub known: &'a Known,
    pub currency: Currency,
    pub candidates: &'a Candidates,
    pub rejected: &'a [Rejected],
    pub discounts: &'a [DiscountView],
}

impl Outcome<'_> {
    /// A warning for each of these codes that takes nothing off.
    pub fn warnings<'c>(&'c self, entered: &'c [String]) -> impl Iterator<Item = Warning> + 'c {
        let is_used =
            |code: &String| self.discounts.iter().any(|discount| discount.code.as_ref() == Some(code));
        entered.iter().filter(move |code| !is_used(code)).map(|code| Warning::of_code(code, self.fault(code)))
    }

    fn fault(&self, code: &str) -> Fault {
        let Some(offer) = self.offer_of(code) else { return Fault::Unknown };
        if self.discounts.iter().any(|discount| discount.offer == offer.id) {
            // By another of its codes.
            return Fault::NotTogether;
        }
        if let Some(rejected) = self.rejected.iter().find(|rejected| rejected.offer == offer.id) {
            return of_price(rejected.why);
        }
        match self.candidates.stopped.get(&offer.id) {
            Some(stage) => of_stage(*stage),
            None if offer.budget.minor.is_some() && offer.budget_currency != Some(self.currency) => {
                Fault::OtherCurrency
            }
            // It may apply, and is neither applied nor rejected: it would take more than is left of its budget.
            None if self.is_candidate(offer.id) => Fault::UsedUp,
            None => Fault::NotEligible,
        }
    }

    fn is_candidate(&self, offer: OfferId) -> bool {
        self.candidates.all.iter().any(|candidate| candidate.promotion.offer == offer)
    }

    fn offer_of(&self, code: &str) -> Option<&LiveOffer> {
        let definitions = &self.known.definitions;
        let is_shared = |offer: &&LiveOffer| {
            offer.code_kind == Some(CodeKind::Shared) && offer.code.as_deref() == Some(code)
        };
        definitions.offers().iter().find(is_shared).or_else(|| {
            let offer = self.known.offer_of_hash(&codes::hash(code))?;
            Some(&definitions.offers()[definitions.place(offer)?])
        })
    }
}

fn of_price(why: Reason) -> Fault {
    match why {
        Reason::OtherCurrency => Fault::OtherCurrency,
        Reason::NoSuchProductInCart | Reason::NothingToTakeOff | Reason::NothingLeft => {
            Fault::NothingToTakeOff
        }
        Reason::SameOfferTwice | Reason::ExcludedBy(_) => Fault::NotTogether,
    }
}

/// Of experiments nobody is to know.
fn of_stage(stage: Stage) -> Fault {
    match stage {
        Stage::Schedule => Fault::NotNow,
        Stage::CustomerCap | Stage::PeriodCap => Fault::LimitReached,
        Stage::Budget => Fault::UsedUp,
        Stage::Channel
        | Stage::Consent
        | Stage::Eligibility
        | Stage::Dismissed
        | Stage::ShownCap
        | Stage::UniversalHoldout
        | Stage::Holdout
        | Stage::Experiment
        | Stage::Outranked => Fault::NotEligible,
    }
}

impl Fault {
    /// For developers.
    pub fn message(self) -> &'static str {
        match self {
            Self::Unknown => "The code is not one that can be used here and now.",
            Self::NotNow => "The code's offer does not count at this time.",
            Self::NotEligible => "The code's offer is not for this customer, this cart or this channel.",
            Self::LimitReached => "The customer has used the code's offer as often as it may.",
            Self::UsedUp => "Not enough is left of the code's offer.",
            Self::OtherCurrency => "The code's offer is in another currency than the cart.",
            Self::NothingToTakeOff => "There is nothing in the cart that the code's offer is taken off.",
            Self::NotTogether => "The code's offer does not go together with another that applies.",
        }
    }
}
