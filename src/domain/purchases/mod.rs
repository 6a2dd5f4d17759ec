//! What customers are about to buy and what they bought, and the offers used in it.
//!
//! Whoever changes several things of the ledger locks them in this order: the idempotency key, customers by id, what a
//! touchpoint has tried of codes, the definitions (shared), the cart, its holds, products by id, spans of holds, codes by
//! hash, the purchase, what behaviors count (attributes), judgements of segments, budgets by offer. Budgets come last
//! because many customers wait for the same ones. Rows of the outbox are each transaction's own: nobody waits for them.

pub mod back;
pub mod cart;
pub mod checkout;
pub mod erased;
pub mod expiry;
pub mod guessing;
pub mod holds;
pub mod import;
mod imported;
mod known;
mod lines;
pub mod order;
pub mod paying;
pub mod payment;
pub mod placed;
pub mod pricing;
pub mod refund;
pub mod refund_request;
pub mod rows;
pub mod selling;
pub mod settle;
pub mod spans;
pub mod store;
mod told;
