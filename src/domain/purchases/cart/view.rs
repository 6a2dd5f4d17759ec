//! A cart as it is now: its lines at today's prices, what is taken off, what is held, and what is to be told.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use entities::ids::{CartId, CartLineId, CustomerId, OfferId, ProductId};
use entities::timestamp::Timestamp;

use crate::db::read::Row;
use crate::domain::customers::rows::Customer;
use crate::domain::customers::store as customers;
use crate::domain::offers::catalogue::OfferDefinitions;
use crate::domain::offers::decide::Moment;
use crate::domain::products::prices;
use crate::domain::products::store::{self as products, Product};
use crate::domain::purchases::cart::entered::Outcome;
use crate::domain::purchases::cart::promotions::{Known, Pricing};
use crate::domain::purchases::cart::rows::{Cart, CartCode, CartLine, Hold, holdable_at, of_carts};
use crate::domain::purchases::cart::told;
use crate::domain::purchases::cart::totals::{budgeted, hash_of, priced};
use crate::domain::purchases::cart::warnings::{Code, Warning, soonest};
use crate::domain::purchases::pricing::{Allocation, CartFault};
use crate::kernel::columns::Columns;
use crate::kernel::error::{Error, Result};
use crate::kernel::money::Money;

/// A cart as it is now.
#[derive(Clone, Debug)]
pub struct CartView {
    pub cart: Cart,
    /// Who the customer turned out to be.
    pub customer: CustomerId,
    pub lines: Vec<LineView>,
    /// The codes that were entered, whether they are any good or not.
    pub codes: Vec<String>,
    pub discounts: Vec<DiscountView>,
    pub subtotal_minor: i64,
    pub total_minor: i64,
    /// When the first of what is held runs out.
    pub holds_expire_at: Option<Timestamp>,
    pub warnings: Vec<Warning>,
    /// When time alone may make it another.
    pub valid_until: Option<Timestamp>,
    /// Offers that take off no more than is left of their budgets.
    pub budgets: Vec<OfferId>,
    /// By what it was reckoned.
    pub definitions: Arc<OfferDefinitions>,
    pub moment: Moment,
}

impl CartView {
    /// What all lines cost before discounts, also when it is more than an amount can be.
    pub fn exact_subtotal(&self) -> i128 {
        self.lines.iter().map(|line| i128::from(line.unit_minor) * i128::from(line.quantity)).sum()
    }
}

/// A line as it is now.
#[derive(Clone, Debug)]
pub struct LineView {
    pub id: CartLineId,
    pub product: Product,
    pub quantity: i64,
    /// How many of them are held.
    pub held: i64,
    pub unit_minor: i64,
    pub subtotal_minor: i64,
    pub total_minor: i64,
    /// What of the discounts it bears.
    pub allocations: Vec<Allocation>,
    /// It has a price in the cart's currency.
    pub is_sold: bool,
}

/// What an offer takes off.
#[derive(Clone, Debug)]
pub struct DiscountView {
    pub offer: OfferId,
    pub amount_minor: i64,
    pub code: Option<String>,
    /// The hash of the code, if it works once.
    pub code_hash: Option<Vec<u8>>,
}

/// What belongs to carts, as it was read.
struct Parts {
    lines: HashMap<CartId, Vec<CartLine>>,
    codes: HashMap<CartId, Vec<CartCode>>,
    holds: HashMap<CartId, Vec<Hold>>,
    customers: HashMap<CustomerId, Arc<Customer>>,
    products: HashMap<ProductId, Product>,
    prices: HashMap<ProductId, Vec<Money>>,
    known: Known,
    /// Until when customers may not hold products again.
    holdable_at: HashMap<(CustomerId, ProductId), Timestamp>,
}

const CUSTOMER: &[&str] = &["id", "created_at", "locale", "traits", "merged_into"];
const PRODUCT: &[&str] = &[
    "id",
    "sku",
    "name",
    "kind",
    "price_minor",
    "currency",
    "stock_total",
    "stock_taken",
    "access_days",
    "part_of",
    "attributes",
];

/// Carts as they are now, each with whether the customer has another one. The number of statements does not depend on
/// how many carts, lines and offers there are.
pub async fn read(pricing: &Pricing<'_>, carts: Vec<(Cart, bool)>) -> Result<HashMap<CartId, Arc<CartView>>> {
    if carts.is_empty() {
        return Ok(HashMap::new());
    }
    let mut parts = Parts::read(pricing, &carts).await?;
    carts
        .into_iter()
        .map(|(cart, has_other)| {
            let id = cart.id;
            let mut view = parts.view(cart)?;
            if has_other {
                view.warnings.push(Warning::other_cart());
            }
            Ok((id, Arc::new(view)))
        })
        .collect()
}

impl Parts {
    async fn read(pricing: &Pricing<'_>, carts: &[(Cart, bool)]) -> Result<Self> {
        let (db, scope) = (pricing.db, pricing.scope);
        let ids: Vec<CartId> = carts.iter().map(|(cart, _)| cart.id).collect();
        let owners: BTreeSet<CustomerId> = carts.iter().map(|(cart, _)| cart.customer_id).collect();
        let owners: Vec<CustomerId> = owners.into_iter().collect();
        let columns = CUSTOMER.iter().fold(Columns::NONE, |all, name| all | Customer::column(name));
        let (lines, codes, holds, customers) = futures_util::try_join!(
            of_carts::<CartLine>(db, scope, &ids),
            of_carts::<CartCode>(db, scope, &ids),
            of_carts::<Hold>(db, scope, &ids),
            customers::by_ids(db, scope, &owners, columns),
        )?;
        let customers: HashMap<CustomerId, Arc<Customer>> =
            customers.into_iter().map(|(id, row)| (id, Arc::new(row))).collect();
        let canonical: HashMap<CustomerId, Arc<Customer>> =
            customers.values().map(|row| (row.id, Arc::clone(row))).collect();
        let canonical: Vec<Arc<Customer>> = canonical.into_values().collect();
        let entered: BTreeSet<&str> = codes.values().flatten().map(|code| code.code.as_str()).collect();
        let entered: Vec<String> = entered.into_iter().map(str::to_owned).collect();
        let wanted: BTreeSet<ProductId> = lines.values().flatten().map(|line| line.product_id).collect();
        let wanted: Vec<ProductId> = wanted.into_iter().collect();
        let columns = PRODUCT.iter().fold(Columns::NONE, |all, name| all | Product::column(name));
        let (products, prices, known) = futures_util::try_join!(
            products::by_ids(db, &wanted, columns),
            prices::others(db, &wanted),
            pricing.read(&canonical, &entered),
        )?;
        let is_held = |line: &&CartLine| {
            let held = holds.get(&line.cart_id).into_iter().flatten();
            held.filter(|hold| hold.product_id == line.product_id).any(|hold| hold.quantity >= line.quantity)
        };
        let has_end = |id: &ProductId| products.get(id).is_some_and(|row| row.stock_total.is_some());
        let not_held = lines.values().flatten().filter(|line| !is_held(line)).map(|line| line.product_id);
        let not_held: BTreeSet<ProductId> = not_held.filter(has_end).collect();
        let not_held: Vec<ProductId> = not_held.into_iter().collect();
        let people: Vec<CustomerId> = canonical.iter().map(|row| row.id).collect();
        let how = (scope, pricing.holds, pricing.now);
        let holdable_at = holdable_at(db, how, &people, &not_held).await?;
        Ok(Self { lines, codes, holds, customers, products, prices, known, holdable_at })
    }

    fn view(&mut self, cart: Cart) -> Result<CartView> {
        let mut lines = self.lines.remove(&cart.id).unwrap_or_default();
        lines.sort_unstable_by_key(|line| line.id);
        let mut codes: Vec<String> =
            self.codes.remove(&cart.id).unwrap_or_default().into_iter().map(|code| code.code).collect();
        codes.sort_unstable();
        let holds = self.holds.remove(&cart.id).unwrap_or_default();
        let customer = self.customers.get(&cart.customer_id).map_or(cart.customer_id, |row| row.id);
        let mut warnings = Vec::new();
        let lines: Vec<LineView> = lines
            .iter()
            .filter_map(|line| self.line((&cart, customer), line, &holds, &mut warnings))
            .collect();
        let candidates = self.known.candidates(customer, cart.currency, &codes, &lines);
        let priced = match priced(&cart, &lines, &candidates.all) {
            Ok(priced) => Some(priced),
            // One that is too dear must not take the others with it that are read beside it.
            Err(CartFault::TooDear) => {
                warnings.push(Warning::too_dear());
                None
            }
            Err(fault) => return Err(Error::internal(fault)),
        };
        let is_too_dear = priced.is_none();
        let subtotal_minor = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.subtotal_minor));
        let total_minor = priced.as_ref().map_or(subtotal_minor, |priced| priced.total_minor);
        let (priced_lines, discounts, rejected) =
            priced.map_or_else(Default::default, |priced| (priced.lines, priced.discounts, priced.rejected));
        let discounts: Vec<DiscountView> = discounts
            .iter()
            .map(|discount| DiscountView {
                offer: discount.offer,
                amount_minor: discount.amount_minor,
                code: discount.code.clone(),
                code_hash: hash_of(&candidates.all, discount.offer),
            })
            .collect();
        let currency = cart.currency;
        let outcome = Outcome {
            known: &self.known,
            currency,
            candidates: &candidates,
            rejected: &rejected,
            discounts: &discounts,
        };
        if !is_too_dear {
            warnings.extend(outcome.warnings(&codes));
            warnings.extend(told::gone(&cart, &discounts)?);
        }
        let mut bearing: HashMap<CartLineId, _> =
            priced_lines.into_iter().map(|line| (line.key, line)).collect();
        let lines = lines
            .into_iter()
            .map(|line| match bearing.remove(&line.id) {
                Some(priced) => {
                    LineView { total_minor: priced.total_minor, allocations: priced.allocations, ..line }
                }
                None => line,
            })
            .collect();
        Ok(CartView {
            holds_expire_at: holds.iter().map(|hold| hold.expires_at).min(),
            customer,
            lines,
            codes,
            discounts,
            subtotal_minor,
            total_minor,
            valid_until: soonest(&warnings).into_iter().chain(candidates.valid_until).min(),
            warnings,
            budgets: budgeted(&candidates.all),
            definitions: Arc::clone(&self.known.definitions),
            moment: self.known.moment,
            cart,
        })
    }

    fn line(
        &self,
        (cart, customer): (&Cart, CustomerId),
        line: &CartLine,
        holds: &[Hold],
        warnings: &mut Vec<Warning>,
    ) -> Option<LineView> {
        let product = self.products.get(&line.product_id)?.clone();
        let price = match product.currency == cart.currency {
            true => Some(product.price_minor),
            false => {
                let others = self.prices.get(&product.id).map_or(&[][..], Vec::as_slice);
                others.iter().find(|price| price.currency == cart.currency).map(|price| price.minor)
            }
        };
        let held = holds.iter().find(|hold| hold.product_id == product.id).map_or(0, |hold| hold.quantity);
        let held = held.min(line.quantity);
        match price {
            None => warnings.push(Warning::not_sold(line.id, product.id, cart.currency.code())),
            Some(price) if price != line.unit_minor => {
                let was = Money::new(line.unit_minor, cart.currency).amount();
                let message = format!("The price of one was {was} {}.", cart.currency.code());
                warnings.push(Warning::of_line(Code::PriceChanged, line.id, message));
            }
            Some(_) => {}
        }
        if let Some(total) = product.stock_total.filter(|_| held < line.quantity) {
            let left = (total - product.stock_taken).max(0) + held;
            let until = self.holdable_at.get(&(customer, product.id)).copied();
            warnings.push(Warning::not_held(line.id, line.quantity, left, until));
        }
        let unit_minor = price.unwrap_or(line.unit_minor);
        let subtotal_minor = unit_minor.saturating_mul(line.quantity);
        Some(LineView {
            id: line.id,
            product,
            quantity: line.quantity,
            held,
            unit_minor,
            subtotal_minor,
            total_minor: subtotal_minor,
            allocations: Vec::new(),
            is_sold: price.is_some(),
        })
    }
}
