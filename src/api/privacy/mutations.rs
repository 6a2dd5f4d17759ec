//! `customerExport` and `customerErase`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entities::ids::CustomerId;

use crate::api::callers::CallerName;
use crate::api::customers::payloads::{CustomerField, customer, no_customer};
use crate::api::inputs::parse_id;
use crate::api::payload::{UserError, reads, require, settle, settle_refusal};
use crate::api::scalars::JSONObject;
use crate::domain::privacy::{erase, export};
use crate::kernel::viewer::Scope;

/// Whose data is wanted.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerExportInput {
    /// The customer: `cus_…`. A customer may leave it out and means itself.
    customer_id: Option<ID>,
}

/// Who is to be erased.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerEraseInput {
    /// The customer: `cus_…`. All that were merged into one with it are erased with it.
    customer_id: ID,
}

/// What `customerExport` answers.
#[derive(SimpleObject)]
pub struct CustomerExportPayload {
    /// A list of rows for each table that holds anything about persons; null if it could not be read.
    data: Option<JSONObject>,
    /// Why nothing was read; empty when it was.
    user_errors: Vec<UserError>,
}

/// What `customerErase` answers.
#[derive(SimpleObject)]
pub struct CustomerErasePayload {
    /// What is left: a customer without name or history, whose purchases count on; null if nothing was erased.
    customer: CustomerField,
    /// Why nothing was erased; empty when it was.
    user_errors: Vec<UserError>,
}

/// Mutations over all that is held about a person.
#[derive(Default)]
pub struct PrivacyMutations;

#[Object]
impl PrivacyMutations {
    /// Reads everything held about a person: a customer its own, staff with the scope `privacy` anybody's.
    async fn customer_export(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose data is wanted.")] input: CustomerExportInput,
    ) -> async_graphql::Result<CustomerExportPayload> {
        let reads = reads(context)?;
        if reads.viewer.own().is_none() {
            require(reads, Scope::Privacy)?;
        }
        let id = input.customer_id.map(|id| parse_id("input.customerId", &id)).transpose();
        let id = match settle(reads, id)? {
            Ok(id) => id,
            Err(user_errors) => return Ok(CustomerExportPayload { data: None, user_errors }),
        };
        let name = CallerName::of(reads).await?;
        let read = reads
            .db
            .write_retrying(&(name.caller(reads), id), |transaction, (caller, id)| {
                Box::pin(export::export(transaction, caller, *id))
            })
            .await;
        Ok(match settle_refusal(reads, read)? {
            Ok(data) => CustomerExportPayload { data: Some(JSONObject(data)), user_errors: Vec::new() },
            Err(user_errors) => CustomerExportPayload { data: None, user_errors },
        })
    }

    /// Erases a person: identity and history are gone for ever, what was bought is nobody's. Needs the scope
    /// `privacy`.
    async fn customer_erase(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who is to be erased.")] input: CustomerEraseInput,
    ) -> async_graphql::Result<CustomerErasePayload> {
        let reads = reads(context)?;
        require(reads, Scope::Privacy)?;
        let id = match settle(reads, parse_id::<CustomerId>("input.customerId", &input.customer_id))? {
            Ok(id) => id,
            Err(user_errors) => return Ok(CustomerErasePayload { customer: no_customer(), user_errors }),
        };
        let name = CallerName::of(reads).await?;
        let done = reads
            .db
            .write_retrying(&(name.caller(reads), id), |transaction, (caller, id)| {
                Box::pin(erase::erase(transaction, caller, *id))
            })
            .await;
        Ok(match settle_refusal(reads, done)? {
            Ok(id) => CustomerErasePayload { customer: customer(id), user_errors: Vec::new() },
            Err(user_errors) => CustomerErasePayload { customer: no_customer(), user_errors },
        })
    }
}
