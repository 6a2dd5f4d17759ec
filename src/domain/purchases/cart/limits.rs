//! How large a cart may be.

use std::collections::BTreeSet;

use entities::cart_line;
use entities::ids::ProductId;
use sea_orm::ConnectionTrait;

use crate::domain::customers::rejection::{Reason, Refusal, Rejection};
use crate::domain::offers::codes::normal;
use crate::domain::products::stock::{self, Quantities};
use crate::domain::purchases::selling::{Deed, Selling};

/// Lines of a cart, at most.
const MAX_LINES: usize = 200;
/// Of one product in a cart, at most.
const MAX_QUANTITY: i64 = 10_000;
/// Of one product of which there is an end, at most, in the cart of a customer who has put it there without the help of a
/// till, unless settings say another.
pub const DEFAULT_HELD: u32 = 50;
/// Codes in a cart, at most.
pub const MAX_CODES: usize = 10;
/// Bytes of a code, at most.
const MAX_CODE: usize = 64;
/// What a cart may cost: less than where clients begin to miscount whole numbers.
const END_MINOR: i64 = 1 << 53;

/// How many of each product, all lines together.
pub fn sums(wanted: &[(ProductId, i64)]) -> Result<Quantities, Refusal> {
    check_count(wanted.len(), "lines")?;
    let mut sums = Quantities::new();
    for (at, (product, quantity)) in wanted.iter().enumerate() {
        check_quantity(*quantity, &format!("lines.{at}.quantity"))?;
        *sums.entry(*product).or_default() += quantity;
    }
    Ok(sums)
}

/// Refuses to change nothing, or more lines than a cart has.
pub fn check_count(count: usize, path: &str) -> Result<(), Refusal> {
    if (1..=MAX_LINES).contains(&count) {
        return Ok(());
    }
    Err(Refusal::new(Reason::Invalid, path, format!("Give 1 to {MAX_LINES} lines, not {count}.")))
}

pub fn check_quantity(quantity: i64, path: &str) -> Result<(), Refusal> {
    if (1..=MAX_QUANTITY).contains(&quantity) {
        return Ok(());
    }
    Err(Refusal::new(Reason::Invalid, path, format!("It must be 1 to {MAX_QUANTITY}, it is {quantity}.")))
}

pub fn check_size<'l>(lines: impl Iterator<Item = &'l cart_line::Model> + Clone) -> Result<(), Refusal> {
    let count = lines.clone().filter(|line| line.quantity > 0).count();
    if count > MAX_LINES {
        let message = format!("The cart would have {count} lines; the most is {MAX_LINES}.");
        return Err(Refusal::new(Reason::LimitReached, "lines", message));
    }
    let sum: i128 = lines.map(|line| i128::from(line.unit_minor) * i128::from(line.quantity)).sum();
    check_cost(sum, "lines")
}

/// Refuses what costs more than can be counted.
pub fn check_cost(minor: i128, path: &str) -> Result<(), Refusal> {
    if minor < i128::from(END_MINOR) {
        return Ok(());
    }
    let message = "The cart would cost more than can be counted; take something out of it.";
    Err(Refusal::new(Reason::LimitReached, path, message))
}

/// Refuses who takes no payments more of something than may be in a cart: else one device, which anybody may register,
/// holds a whole showing by one request. What is there already, put in at a till, may stay and become less.
pub async fn check_held(
    transaction: &impl ConnectionTrait,
    selling: &Selling<'_>,
    before: &Quantities,
    changed: &[cart_line::Model],
    path: impl Fn(ProductId) -> String,
) -> Result<(), Rejection> {
    let most = i64::from(selling.most_held);
    let is_more = |line: &&cart_line::Model| {
        line.quantity > most.max(before.get(&line.product_id).copied().unwrap_or_default())
    };
    if selling.seller.may(Deed::TakePayment) {
        return Ok(());
    }
    let more: Vec<ProductId> = changed.iter().filter(is_more).map(|line| line.product_id).collect();
    let Some(product) = stock::first_with_end(transaction, &more).await? else { return Ok(()) };
    let message = format!("At most {most} of `{product}` may be in a cart: the number of it is limited.");
    Err(Refusal::new(Reason::LimitReached, path(product), message).about(product).into())
}

/// The codes as they are compared, each once.
pub fn checked_codes(typed: &[String]) -> Result<Vec<String>, Refusal> {
    if typed.len() > MAX_CODES {
        return Err(Refusal::new(
            Reason::LimitReached,
            "codes",
            format!("A cart has {MAX_CODES} codes at most."),
        ));
    }
    let mut codes = BTreeSet::new();
    for (at, typed) in typed.iter().enumerate() {
        let code = normal(typed);
        let is_word =
            !code.is_empty() && code.len() <= MAX_CODE && code.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_word {
            let message = format!("A code has 1 to {MAX_CODE} letters and digits.");
            return Err(Refusal::new(Reason::Invalid, format!("codes.{at}"), message));
        }
        codes.insert(code);
    }
    Ok(codes.into_iter().collect())
}
