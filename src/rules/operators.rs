//! The operators of rules: CEL's, but lenient with null and with whole and decimal numbers side by side, and
//! unable to grow a text or a list. `lower` puts them in the place of CEL's own.

use std::cmp::Ordering;

use cel::common::types::{
    CelBool, CelDouble, CelDuration, CelInt, CelList, CelNull, CelString, DYN_TYPE, Kind,
};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::functions::ENVIRONMENT;

pub(super) type Outcome<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;
type Operator = for<'b, 'v> fn(Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v>;

/// No name that a rule can spell begins so.
pub(super) const LESS: &str = "@less";
pub(super) const LESS_EQUALS: &str = "@less_equals";
pub(super) const GREATER: &str = "@greater";
pub(super) const GREATER_EQUALS: &str = "@greater_equals";
pub(super) const ADD: &str = "@add";
pub(super) const SUBTRACT: &str = "@subtract";
pub(super) const MULTIPLY: &str = "@multiply";
pub(super) const DIVIDE: &str = "@divide";
pub(super) const REMAINDER: &str = "@remainder";
pub(super) const NEGATE: &str = "@negate";
pub(super) const IN: &str = "@within";
pub(super) const AT: &str = "@at";
pub(super) const HAS: &str = "@has";
pub(super) const ITEMS: &str = "@items";
pub(super) const TRUTH: &str = "@truth";
pub(super) const DURATION: &str = "@duration";

pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    let of_two: [(&str, Operator); 12] = [
        (LESS, |sides| ordered("<", &sides, |order| order == Ordering::Less)),
        (LESS_EQUALS, |sides| ordered("<=", &sides, |order| order != Ordering::Greater)),
        (GREATER, |sides| ordered(">", &sides, |order| order == Ordering::Greater)),
        (GREATER_EQUALS, |sides| ordered(">=", &sides, |order| order != Ordering::Less)),
        (ADD, |sides| reckoned("+", sides)),
        (SUBTRACT, |sides| reckoned("-", sides)),
        (MULTIPLY, |sides| reckoned("*", sides)),
        (DIVIDE, |sides| reckoned("/", sides)),
        (REMAINDER, |sides| reckoned("%", sides)),
        (IN, |sides| within(&sides)),
        (AT, at),
        (HAS, |sides| has(&sides)),
    ];
    let of_one: [(&str, Operator); 4] =
        [(NEGATE, |sides| negated(&sides)), (ITEMS, items), (TRUTH, truth), (DURATION, duration)];
    for (name, operator) in of_two {
        env.add_overload(name, name, vec![DYN_TYPE, DYN_TYPE], operator)?;
    }
    for (name, operator) in of_one {
        env.add_overload(name, name, vec![DYN_TYPE], operator)?;
    }
    Ok(())
}

fn is_null(value: &dyn Val) -> bool {
    value.get_type().kind() == Kind::NullType
}

fn boolean<'b, 'v>(holds: bool) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(holds)))
}

fn nothing<'b, 'v>() -> Outcome<'b, 'v> {
    Ok(CowVal::owned(CelNull))
}

/// An operator between values that it does not take.
fn mismatch(symbol: &str, left: &dyn Val, right: &dyn Val) -> ExecutionError {
    let types = [left, right].map(|value| value.get_type().name().to_owned());
    ExecutionError::no_such_overload(symbol, types.to_vec())
}

fn ordered<'b, 'v>(symbol: &str, sides: &[CowVal<'b, 'v>], wanted: fn(Ordering) -> bool) -> Outcome<'b, 'v> {
    let (left, right) = (sides[0].as_ref(), sides[1].as_ref());
    if is_null(left) || is_null(right) {
        return boolean(false);
    }
    let order = left.as_comparer().and_then(|comparer| comparer.compare(right).ok());
    order.map(wanted).ok_or_else(|| mismatch(symbol, left, right)).and_then(boolean)
}

/// A whole number as a decimal one, where the other side is decimal.
fn beside<'b, 'v>(value: CowVal<'b, 'v>, other: Kind) -> CowVal<'b, 'v> {
    match value.downcast_ref::<CelInt>() {
        Some(whole) if other == Kind::Double => CowVal::owned(CelDouble::from(*whole.inner() as f64)),
        _ => value,
    }
}

fn reckoned<'b, 'v>(symbol: &str, sides: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let Ok([left, right]) = <[CowVal<'b, 'v>; 2]>::try_from(sides) else { return nothing() };
    if is_null(left.as_ref()) || is_null(right.as_ref()) {
        return nothing();
    }
    let kinds = (left.get_type().kind(), right.get_type().kind());
    let (left, right) = (beside(left, kinds.1), beside(right, kinds.0));
    let (one, other) = (left.as_ref(), right.as_ref());
    // CEL joins texts and lists with `+`; a rule must not grow anything.
    let result = match symbol {
        "+" if !matches!(kinds.0, Kind::String | Kind::List | Kind::Bytes) => {
            one.as_adder().map(|it| it.add(other))
        }
        "-" => one.as_subtractor().map(|it| it.sub(other)),
        "*" => one.as_multiplier().map(|it| it.mul(other)),
        "/" => one.as_divider().map(|it| it.div(other)),
        "%" => one.as_modder().map(|it| it.modulo(other)),
        _ => None,
    };
    match result {
        Some(Ok(value)) => Ok(CowVal::Owned(value.into_owned())),
        Some(Err(ExecutionError::UnsupportedBinaryOperator(..))) | None => Err(mismatch(symbol, one, other)),
        Some(Err(error)) => Err(error),
    }
}

fn negated<'b, 'v>(sides: &[CowVal<'b, 'v>]) -> Outcome<'b, 'v> {
    let value = sides[0].as_ref();
    if is_null(value) {
        return nothing();
    }
    let types = || vec![value.get_type().name().to_owned()];
    let negator = value.as_negator().ok_or_else(|| ExecutionError::no_such_overload("-", types()))?;
    negator.negate().map(CowVal::Owned)
}

fn within<'b, 'v>(sides: &[CowVal<'b, 'v>]) -> Outcome<'b, 'v> {
    let (value, container) = (sides[0].as_ref(), sides[1].as_ref());
    if is_null(container) {
        return boolean(false);
    }
    let found = container.as_container().and_then(|container| container.contains(value).ok());
    found.ok_or_else(|| mismatch("in", value, container)).and_then(boolean)
}

/// `value.key` and `value[key]`: null if it is not there.
fn at<'b, 'v>(sides: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let Ok([value, key]) = <[CowVal<'b, 'v>; 2]>::try_from(sides) else { return nothing() };
    match value {
        CowVal::Borrowed(value) => match value.as_indexer().map(|indexer| indexer.get(key.as_ref())) {
            Some(Ok(found)) => Ok(found),
            _ => nothing(),
        },
        CowVal::Owned(value) => match value.as_indexer().map(|indexer| indexer.get(key.as_ref())) {
            Some(Ok(found)) => Ok(CowVal::Owned(found.into_owned())),
            _ => nothing(),
        },
    }
}

fn has<'b, 'v>(sides: &[CowVal<'b, 'v>]) -> Outcome<'b, 'v> {
    let indexer = sides[0].as_ref().as_indexer();
    boolean(indexer.is_some_and(|indexer| indexer.get(sides[1].as_ref()).is_ok()))
}

/// What a loop goes over.
fn items<'b, 'v>(mut sides: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let kind = sides[0].get_type().kind();
    match kind {
        Kind::List => Ok(sides.swap_remove(0)),
        Kind::NullType => Ok(CowVal::owned(CelList::from(Vec::new()))),
        _ => Err(unexpected(sides[0].as_ref(), "list")),
    }
}

fn truth<'b, 'v>(mut sides: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let kind = sides[0].get_type().kind();
    match kind {
        Kind::Boolean => Ok(sides.swap_remove(0)),
        Kind::NullType => boolean(false),
        _ => Err(unexpected(sides[0].as_ref(), "bool")),
    }
}

fn unexpected(value: &dyn Val, want: &str) -> ExecutionError {
    ExecutionError::UnexpectedType { got: value.get_type().name().to_owned(), want: want.to_owned() }
}

/// `duration(…)`: ISO 8601 as the rest of the house has it, else as CEL has it.
fn duration<'b, 'v>(sides: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let text = sides[0].downcast_ref::<CelString>().map(CelString::inner);
    if let Some(text) = text.filter(|text| text.trim_start_matches('-').starts_with('P')) {
        let message = "not a duration such as P7D or PT12H (weeks, days, hours, minutes, seconds)";
        let span = iso(text).ok_or_else(|| ExecutionError::function_error("duration", message))?;
        return Ok(CowVal::owned(CelDuration::from(span)));
    }
    let types = || vec![sides[0].get_type().name().to_owned()];
    let parse = ENVIRONMENT.find_overload("duration", &sides);
    parse.ok_or_else(|| ExecutionError::no_such_overload("duration", types()))?(sides)
}

/// Reads `P1W`, `P7D`, `PT12H30M`, `-P1D`, whole numbers only.
fn iso(text: &str) -> Option<chrono::Duration> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut rest = rest.strip_prefix('P')?;
    let (mut seconds, mut in_day, mut parts) = (0_i64, false, 0);
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T').filter(|_| !in_day) {
            (in_day, rest) = (true, time);
        }
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = match (rest.as_bytes()[digits], in_day) {
            (b'W', false) => 604_800,
            (b'D', false) => 86_400,
            (b'H', true) => 3_600,
            (b'M', true) => 60,
            (b'S', true) => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
        parts += 1;
    }
    (parts > 0).then(|| chrono::Duration::try_seconds(sign * seconds)).flatten()
}
