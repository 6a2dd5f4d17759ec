//! The field tables of what a customer is shown: experience, decision, and the reasons for it.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::Enum;
use entities::values::Channel as StoredChannel;

use crate::api::enums::Channel;
use crate::api::leaves::AnyJson;
use crate::api::offers::terms::shown;
use crate::api::offers::types::{Offer, content};
use crate::api::reads::Reads;
use crate::db::read::Json;
use crate::domain::offers::decision::{self, Considered, Shown};
use crate::domain::offers::reasons::{self, Audience};
use crate::graph::{EnumLeaf, FieldTable, GraphType, Identifier};

/// A decision, and who reads it.
#[derive(Clone, Debug)]
pub struct DecisionRow {
    pub decision: Arc<decision::Decision>,
    pub audience: Audience,
}

/// What is shown in one placement.
pub struct Experience;

impl GraphType for Experience {
    type Row = DecisionRow;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Experience".into()
    }

    fn description() -> Cow<'static, str> {
        "What a customer is to be shown in one placement.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.leaf("placement", "The placement's key: `home-hero`.", &[], |row| &row.decision.placement);
        t.embed::<Decision>("decision", "What was decided.", &[], Clone::clone);
    }
}

/// What was decided for one placement.
pub struct Decision;

impl GraphType for Decision {
    type Row = DecisionRow;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Decision".into()
    }

    fn description() -> Cow<'static, str> {
        "What a customer was to be shown in one placement at one time, and why. It is kept, and found again by its \
         id with the reasons that it had then; what it says of an offer itself is what the offer is now."
            .into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("id", "The decision's id: `dec_…`.", &[], |row| Identifier(row.decision.id));
        t.leaf("placement", "The placement's key: `home-hero`.", &[], |row| &row.decision.placement);
        t.calc("channel", "For which kind of device it was decided.", &[], |row| {
            EnumLeaf(Channel::from(row.decision.channel))
        });
        t.leaf("decidedAt", "When it was decided.", &[], |row| &row.decision.decided_at);
        t.leaf(
            "validUntil",
            "Until when a device may show it without asking again, if the customer does nothing: at that time the \
             hour, or what is known of the customer, may make it another. To who watches `experienceChanged` it may pass \
             in silence: then the same is to be shown on.",
            &[],
            |row| &row.decision.valid_until,
        );
        t.embed::<Vec<DecidedOffer>>("offers", "What is shown, the best first.", &[], |row| {
            let channel = row.decision.channel;
            let of =
                |(at, shown): (usize, &Shown)| DecidedRow { shown: shown.clone(), rank: at + 1, channel };
            row.decision.shown.iter().enumerate().map(of).collect()
        });
        t.embed::<Vec<OfferVerdict>>(
            "considered",
            "Every offer of the placement with its verdict: what is shown, then what came closest. With the scope \
             `offers:read` with all reasons (what was found of the customer needs `behaviors:read` and \
             `personal:read`, too); else with those that a customer may know, what is missing of its attributes \
             with `behaviors:read` only, and without offers that have not begun or are over.",
            &[],
            |row| row.decision.considered(row.audience),
        )
        .cost(20);
    }
}

/// An offer that is shown.
pub struct DecidedOffer;

/// What `DecidedOffer` is made from.
#[derive(Clone, Debug)]
pub struct DecidedRow {
    shown: Shown,
    rank: usize,
    channel: StoredChannel,
}

impl GraphType for DecidedOffer {
    type Row = DecidedRow;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "DecidedOffer".into()
    }

    fn description() -> Cow<'static, str> {
        "An offer that is shown.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.embed::<Offer>("offer", "What is shown, as it is now.", &[], |row| {
            row.shown.offer.as_ref().clone()
        });
        t.calc(
            "variant",
            "Which variant of the experiment the customer sees; null when all see the same.",
            &[],
            |row| row.shown.variant.clone(),
        );
        t.calc(
            "content",
            "What this kind of device shows: of the variant, else of the offer; an empty object when there is neither.",
            &[],
            |row| {
                let own = row.shown.content.as_ref().and_then(|own| shown(own, Some(row.channel)));
                match own {
                    Some(own) => Ok(Json::from_text(own.to_string())),
                    None => content(&row.shown.offer.content, Some(row.channel)),
                }
            },
        );
        t.calc("rank", "Its place, from 1.", &[], |row| i32::try_from(row.rank).unwrap_or(i32::MAX));
        t.calc(
            "score",
            "How well it fits: the number that the offer's `rank` gave, 0 without one. Equals are ranked by priority.",
            &[],
            |row| row.shown.score,
        );
    }
}

/// The verdict on one offer.
pub struct OfferVerdict;

impl GraphType for OfferVerdict {
    type Row = Considered;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "OfferVerdict".into()
    }

    fn description() -> Cow<'static, str> {
        "Whether a customer may have an offer, and why not.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.embed::<Offer>("offer", "What was considered, as it is now.", &[], |row| {
            row.offer.as_ref().clone()
        });
        t.leaf(
            "eligible",
            "Whether the customer may have it; true also when others are shown before it.",
            &[],
            |row| &row.eligible,
        );
        t.embed::<Vec<Reason>>(
            "reasons",
            "Why it is not shown; of a rule, every part that does not hold. Empty for what is shown, or when who asks \
             may know none of the reasons.",
            &[],
            |row| row.reasons.clone(),
        );
    }
}

/// One reason.
pub struct Reason;

impl GraphType for Reason {
    type Row = reasons::Reason;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "Reason".into()
    }

    fn description() -> Cow<'static, str> {
        "Why an offer is shown or not.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("code", "For programs: what kind of reason it is.", &[], |row| {
            EnumLeaf(ReasonCode::from(row.code))
        });
        t.leaf("message", "For people: `2 more visits_90d`.", &[], |row| &row.message);
        t.leaf(
            "expression",
            "The part of the offer's rule that does not hold; null when it is no rule, or for a customer.",
            &[],
            |row| &row.expression,
        );
        t.calc("actual", "What was found; null when there is nothing to compare.", &[], |row| {
            Some(row.actual.clone()).filter(|value| !value.is_null()).map(AnyJson)
        });
        t.calc("required", "What was required of it.", &[], |row| {
            Some(row.required.clone()).filter(|value| !value.is_null()).map(AnyJson)
        });
    }
}

/// What kind of reason it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "reasons::Code")]
pub enum ReasonCode {
    /// It is not shown in this channel.
    Channel,
    /// It does not count at this time.
    Schedule,
    /// The customer has not allowed what it needs.
    Consent,
    /// It is for members of segments to which the customer does not belong.
    Segment,
    /// What the customer did is not what it asks for.
    Attribute,
    /// Another part of its rule does not hold.
    Rule,
    /// The customer has redeemed it, or was shown it, as often as it may.
    CapReached,
    /// The customer has sent it away a short while ago.
    Dismissed,
    /// All of it is taken.
    BudgetSpent,
    /// The customer is held out, so that what offers do can be measured.
    Holdout,
    /// The experiment has no variant for the customer.
    Experiment,
    /// Others come first.
    Outranked,
    /// A rule of it failed.
    RuleFailed,
    /// It is shown because nothing else is.
    Fallback,
}
