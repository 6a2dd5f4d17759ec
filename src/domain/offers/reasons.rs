//! Why an offer is shown or not, in a form for programs and in words. Staff see all of it; a customer sees what it
//! may know: a code and words, and of rules only what is missing of its own attributes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::rules::Clause;

/// What kind of reason it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// It is not shown in this channel.
    Channel,
    /// It does not count at this time.
    Schedule,
    /// The customer has not allowed what it needs.
    Consent,
    /// The customer belongs to other segments.
    Segment,
    /// The customer's attributes are others.
    Attribute,
    /// Something else that its rule asks for does not hold.
    Rule,
    /// The customer has redeemed or seen it as often as it may.
    CapReached,
    /// The customer has sent it away.
    Dismissed,
    /// All of it is taken.
    BudgetSpent,
    /// The customer is held out, to measure what offers do.
    Holdout,
    /// The experiment has no variant for the customer.
    Experiment,
    /// Others fit better.
    Outranked,
    /// A rule of it failed.
    RuleFailed,
    /// It is shown because nothing else is.
    Fallback,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub code: Code,
    pub message: String,
    /// The part of the rule that does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub actual: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub required: Value,
    /// Whether a customer may know it.
    #[serde(default)]
    pub is_safe: bool,
}

/// Who reads reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// All of it.
    Staff,
    /// The rules, and not what is known of customers.
    Rules,
    /// Its own: what it may know, and what is missing of its attributes.
    Customer,
    /// What anybody may know who serves the customer.
    Others,
}

impl Reason {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let is_safe = matches!(
            code,
            Code::Channel | Code::Schedule | Code::CapReached | Code::Dismissed | Code::Outranked
        );
        let (actual, required) = (Value::Null, Value::Null);
        Self { code, message: message.into(), expression: None, actual, required, is_safe }
    }

    #[must_use]
    pub fn between(mut self, actual: impl Into<Value>, required: impl Into<Value>) -> Self {
        (self.actual, self.required) = (actual.into(), required.into());
        self
    }

    /// Why a clause of a rule does not hold.
    pub fn of_clause(clause: Clause) -> Self {
        let Clause { expression, actual, required, compared, roots, failure, .. } = clause;
        let reads_only = |root: &str| roots.iter().all(|own| own == root) && !roots.is_empty();
        let code = match &failure {
            Some(_) => Code::RuleFailed,
            None if roots.iter().any(|root| root == "segments") => Code::Segment,
            None if reads_only("attributes") => Code::Attribute,
            None if reads_only("consents") => Code::Consent,
            None => Code::Rule,
        };
        let key = compared.filter(|path| path.root == "attributes").and_then(|mut path| path.keys.pop());
        let missing = key.and_then(|key| missing(&key, &actual, &required)).filter(|_| failure.is_none());
        let is_safe = missing.is_some() && code == Code::Attribute;
        let message = match (missing, failure) {
            (_, Some(failure)) => format!("`{expression}` failed: {failure}"),
            (Some(missing), None) => missing,
            (None, None) => format!("`{expression}` does not hold"),
        };
        let expression = Some(expression);
        Self { code, message, expression, actual, required: required.into(), is_safe }
    }

    /// What an audience sees of it.
    pub fn seen_by(&self, audience: Audience) -> Option<Self> {
        match audience {
            Audience::Staff => Some(self.clone()),
            Audience::Rules => Some(self.without_values()),
            Audience::Customer => self.is_safe.then(|| Self::new(self.code, self.message.clone())),
            Audience::Others if self.code == Code::Attribute => None,
            Audience::Others => self.seen_by(Audience::Customer),
        }
    }

    /// Without what was found of the customer, which the words of a rule's clause tell too.
    fn without_values(&self) -> Self {
        let message = match &self.expression {
            Some(expression) => format!("`{expression}` does not hold"),
            None => self.message.clone(),
        };
        let is_consent = self.code == Code::Consent;
        let actual = if self.expression.is_some() || is_consent { Value::Null } else { self.actual.clone() };
        Self { message, actual, ..self.clone() }
    }
}

/// What is missing of a number: `2 more visits_90d`. `required` is the rest of a comparison: `>= 3`.
fn missing(key: &str, actual: &Value, required: &str) -> Option<String> {
    let actual = actual.as_f64()?;
    let signs = [">=", "<=", "==", ">", "<"];
    let sign = signs.into_iter().find(|sign| required.starts_with(sign))?;
    let number: f64 = required[sign.len()..].trim().parse().ok()?;
    let whole = actual.fract() == 0.0 && number.fract() == 0.0;
    // Of whole numbers one more than so many is one more.
    let step = f64::from(u8::from(whole && sign.len() == 1));
    let (amount, word) = if number > actual || (sign == ">" && number >= actual) {
        (number - actual + step, "more")
    } else {
        (actual - number + step, "fewer")
    };
    let beyond = if whole || sign.len() == 2 { "" } else { "over " };
    Some(format!("{beyond}{} {word} {key}", shown(amount)))
}

/// A difference without the noise of binary fractions.
fn shown(number: f64) -> String {
    let rounded = (number * 1e6).round() / 1e6;
    match rounded.fract() == 0.0 {
        true => format!("{rounded:.0}"),
        false => json!(rounded).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_number_is_told() {
        for (actual, required, expected) in [
            (json!(1), ">= 3", "2 more visits"),
            (json!(3), "> 3", "1 more visits"),
            (json!(0), "> 3", "4 more visits"),
            (json!(9), "<= 7", "2 fewer visits"),
            (json!(9), "< 7", "3 fewer visits"),
            (json!(2), "== 3", "1 more visits"),
            (json!(4), "== 3", "1 fewer visits"),
            (json!(99.75), ">= 100", "0.25 more visits"),
            (json!(0.1), ">= 0.3", "0.2 more visits"),
            (json!(1.5), "> 3", "over 1.5 more visits"),
        ] {
            assert_eq!(
                missing("visits", &actual, required).as_deref(),
                Some(expected),
                "{actual} {required}"
            );
        }
        for (actual, required) in [
            (json!("x"), ">= 3"),
            (Value::Null, ">= 3"),
            (json!(1), ">= attributes.other"),
            (json!(1), "!= 1"),
            (json!(1), "traits.x ? true : false"),
        ] {
            assert_eq!(missing("visits", &actual, required), None, "{actual} {required}");
        }
    }

    #[test]
    fn a_customer_sees_words_and_no_rules() {
        let clause = |expression: &str, root: &str, compared| Clause {
            expression: expression.to_owned(),
            holds: false,
            actual: json!(1),
            required: ">= 3".to_owned(),
            compared,
            roots: vec![root.to_owned()],
            failure: None,
        };
        let path = crate::rules::Path { root: "attributes".to_owned(), keys: vec!["visits".to_owned()] };
        let own = Reason::of_clause(clause("attributes.visits >= 3", "attributes", Some(path)));
        let seen = own.seen_by(Audience::Customer).expect("it is safe");
        assert_eq!((seen.code, seen.message.as_str()), (Code::Attribute, "2 more visits"));
        assert_eq!((seen.expression, seen.actual, seen.required), (None, Value::Null, Value::Null));
        assert_eq!(own.seen_by(Audience::Others), None, "what the customer did is its own");
        let rules = own.seen_by(Audience::Rules).expect("rules may be read");
        let expected = Reason {
            message: "`attributes.visits >= 3` does not hold".to_owned(),
            actual: Value::Null,
            ..own
        };
        assert_eq!(rules, expected);
        for root in ["segments", "traits", "consents"] {
            assert_eq!(Reason::of_clause(clause("x >= 3", root, None)).seen_by(Audience::Customer), None);
        }
        for code in [
            Code::Holdout,
            Code::Experiment,
            Code::BudgetSpent,
            Code::Consent,
            Code::RuleFailed,
            Code::Fallback,
        ] {
            for audience in [Audience::Customer, Audience::Others] {
                assert_eq!(Reason::new(code, "").seen_by(audience), None, "{code:?}");
            }
        }
    }
}
