//! Which promotions a customer's cart is priced with: decided as what customers are shown is decided, for all offers
//! that take something off. One with a code counts when the code is in the cart, one without counts by itself.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use entities::ids::{CustomerId, OfferId, ProductId};
use entities::timestamp::Timestamp;
use entities::values::{BenefitScope, CodeKind, Stacking};

use rust_decimal::prelude::ToPrimitive;

use crate::db::Db;
use crate::domain::customers::rows::Customer;
use crate::domain::offers::calendar::Calendar;
use crate::domain::offers::cart_facts::CartFacts;
use crate::domain::offers::catalogue::{OfferDefinitions, PROMOTIONS};
use crate::domain::offers::codes;
use crate::domain::offers::decide::{Moment, Stage, Taken, Verdict};
use crate::domain::offers::experience::{Deciding, Ground, Judged, Place, Question};
use crate::domain::offers::live::LiveOffer;
use crate::domain::purchases::cart::view::LineView;
use crate::domain::purchases::holds::HoldSettings;
use crate::domain::purchases::pricing::{Promotion, Scope, StackingMode, Target};
use crate::domain::segments::catalogue::SegmentDefinitions;
use crate::domain::segments::sharing::SharedFacts;
use crate::kernel::error::Result;
use crate::kernel::money::{Currency, Money};
use crate::kernel::viewer::CustomerScope;

/// What carts are priced with.
#[derive(Clone, Debug)]
pub struct Pricing<'a> {
    pub db: &'a Db,
    pub scope: CustomerScope,
    pub facts: &'a SharedFacts,
    pub deciding: &'a Deciding,
    pub segments: Arc<SegmentDefinitions>,
    pub place: Place,
    /// For how long things are held.
    pub holds: HoldSettings,
    pub now: Timestamp,
}

/// What is known of the customers of several carts, and of the codes in them.
pub struct Known {
    pub definitions: Arc<OfferDefinitions>,
    pub moment: Moment,
    judged: Judged,
    /// Offers by the hashes of codes that work once and can be used.
    usable: HashMap<Vec<u8>, OfferId>,
}

/// The promotions that may apply.
#[derive(Default)]
pub struct Candidates {
    pub all: Vec<Candidate>,
    /// By what offers with a code were stopped, if codes were entered.
    pub stopped: HashMap<OfferId, Stage>,
    /// When time alone may make them others.
    pub valid_until: Option<Timestamp>,
}

/// A promotion that may apply, and what of its offer is taken.
pub struct Candidate {
    pub promotion: Promotion,
    /// The hash of the code, if it works once.
    pub code_hash: Option<Vec<u8>>,
    /// How much of the budget is left, in minor units; none: without end.
    pub left_minor: Option<i64>,
}

impl Pricing<'_> {
    /// Reads it: the number of statements does not depend on how many customers, codes and offers there are.
    pub async fn read(&self, customers: &[Arc<Customer>], entered: &[String]) -> Result<Known> {
        let placements = [PROMOTIONS.to_owned()];
        let question = Question { customers, placements: &placements, now: self.now };
        let hashes: Vec<Vec<u8>> = entered.iter().map(|code| codes::hash(code)).collect();
        let definitions = self.deciding.catalogue.current();
        let (ground, usable) = futures_util::try_join!(
            Ground::read(
                self.db,
                self.scope,
                self.facts,
                (definitions, None),
                Arc::clone(&self.segments),
                &question
            ),
            codes::usable(self.db, &hashes),
        )?;
        let moment = Moment {
            calendar: Calendar::at(self.place.zone, self.now),
            channel: self.place.channel,
            limit: usize::MAX,
            universal_holdout: self.deciding.universal_holdout,
        };
        let definitions = Arc::clone(ground.definitions());
        Ok(Known { definitions, moment, judged: ground.judged(&question).await, usable })
    }
}

impl Known {
    /// The promotions for a customer with these codes.
    pub fn candidates(
        &self,
        customer: CustomerId,
        currency: Currency,
        entered: &[String],
        lines: &[LineView],
    ) -> Candidates {
        let cart = Some(facts(currency, lines));
        let evidence = self.judged.decide_with(&self.definitions, customer, PROMOTIONS, self.moment, cart);
        let Some(evidence) = evidence else { return Candidates::default() };
        let offers = evidence.decided.winners.iter().map(|winner| &self.definitions.offers()[winner.offer]);
        let all = offers.filter_map(|offer| self.candidate(offer, currency, entered, lines, &evidence.taken));
        let all = all.collect();
        let stopped = match entered {
            [] => HashMap::new(),
            _ => self.stopped(&evidence.decided.verdicts),
        };
        Candidates { all, stopped, valid_until: Some(evidence.decided.valid_until) }
    }

    fn stopped(&self, verdicts: &[Verdict]) -> HashMap<OfferId, Stage> {
        let stopped = verdicts.iter().filter_map(|verdict| {
            let offer = &self.definitions.offers()[verdict.offer];
            Some((offer.id, verdict.stopped.filter(|_| offer.code_kind.is_some())?))
        });
        stopped.collect()
    }

    /// The offer of a code with this hash that works once and can be used.
    pub fn offer_of_hash(&self, hash: &[u8]) -> Option<OfferId> {
        self.usable.get(hash).copied()
    }

    fn candidate(
        &self,
        offer: &LiveOffer,
        currency: Currency,
        entered: &[String],
        lines: &[LineView],
        taken: &Taken,
    ) -> Option<Candidate> {
        let benefit = offer.benefit?;
        let (code, code_hash) = match offer.code_kind {
            None => (None, None),
            Some(CodeKind::Shared) => {
                let code = entered.iter().find(|code| Some(*code) == offer.code.as_ref())?;
                (Some(code.clone()), None)
            }
            Some(CodeKind::SingleUse) => {
                let mut hashed = entered.iter().map(|code| (code, codes::hash(code)));
                let (code, hash) = hashed.find(|(_, hash)| self.usable.get(hash) == Some(&offer.id))?;
                (Some(code.clone()), Some(hash))
            }
        };
        let taken_minor = taken.get(&offer.id).map_or(0, |(_, minor)| *minor);
        let promotion = Promotion {
            offer: offer.id,
            key: offer.key.clone(),
            priority: offer.priority,
            reduction: benefit.into(),
            stacking: match offer.stacking {
                Stacking::Stack => StackingMode::Stack,
                Stacking::BestDeal => StackingMode::BestDeal,
                Stacking::Exclusive => StackingMode::Exclusive,
            },
            target: Target {
                scope: match offer.benefit_scope {
                    BenefitScope::AcrossLines => Scope::AcrossLines,
                    BenefitScope::PerLine => Scope::PerLine,
                },
                products: targets(offer, lines),
            },
            code,
        };
        // Amounts in another currency would not count against the budget: it would have no end.
        if offer.budget.minor.is_some() && offer.budget_currency != Some(currency) {
            return None;
        }
        let most = offer.budget.minor;
        Some(Candidate { promotion, code_hash, left_minor: most.map(|most| most - taken_minor) })
    }
}

/// The cart as rules read it.
fn facts(currency: Currency, lines: &[LineView]) -> CartFacts {
    let subtotal = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.subtotal_minor));
    CartFacts {
        subtotal: Money::new(subtotal, currency).amount().to_f64().unwrap_or(f64::MAX),
        currency,
        quantity: lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.quantity)),
        skus: lines.iter().map(|line| line.product.sku.clone()).collect(),
    }
}

/// Which of the products in the cart an offer is taken off: those it names, and what is part of them. None: all.
fn targets(offer: &LiveOffer, lines: &[LineView]) -> Option<BTreeSet<ProductId>> {
    if offer.benefit_products.is_empty() {
        return None;
    }
    let is_named = |id: &ProductId| offer.benefit_products.contains(id);
    let products = lines.iter().map(|line| &line.product);
    let targets = products.filter(|row| is_named(&row.id) || row.part_of.as_ref().is_some_and(is_named));
    Some(targets.map(|row| row.id).collect())
}
