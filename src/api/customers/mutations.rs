//! The mutations of customers: arguments in, a service called, a payload out.

use async_graphql::{Context, ID, Object};
use entities::ids::CustomerId;

use crate::api::callers::CallerName;
use crate::api::customers::inputs::{
    ConsentsUpdateInput, CustomerIdentifyInput, CustomerMergeInput, CustomerUnmergeInput,
    CustomerUpdateInput, DeviceRegisterInput,
};
use crate::api::customers::payloads::{
    ConsentsUpdatePayload, CustomerIdentifyPayload, CustomerMergePayload, CustomerUnmergePayload,
    CustomerUpdatePayload, DeviceRegisterPayload, customer, no_customer,
};
use crate::api::inputs::parse_id;
use crate::api::payload::{UserError, reads, require, settle_refusal};
use crate::api::reads::Reads;
use crate::domain::customers::consents::{self, ConsentChange};
use crate::domain::customers::devices::{self, Registered};
use crate::domain::customers::identify::{self, Identified, Identify};
use crate::domain::customers::import::Profile;
use crate::domain::customers::rejection::Rejection;
use crate::domain::customers::{merge, profile};
use crate::kernel::error::Result;
use crate::kernel::viewer::Scope;

/// Mutations of customers, their identities, devices and consents.
#[derive(Default)]
pub struct CustomerMutations;

#[Object]
impl CustomerMutations {
    /// Makes an anonymous customer with a device, and gives the device a token to speak for it. Anybody may. Your
    /// server, with the scope `customers:write`, names the customer who signed in: the device, new or one that has
    /// lost its token, then speaks for that customer.
    async fn device_register(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The device.")] input: DeviceRegisterInput,
    ) -> async_graphql::Result<DeviceRegisterPayload> {
        let reads = reads(context)?;
        if input.customer_id.is_some() {
            require(reads, Scope::CustomersWrite)?;
        }
        let name = CallerName::of(reads).await?;
        let done = register(reads, &name, input).await;
        Ok(match settle_refusal(reads, done)? {
            Ok(Registered { device, customer, token }) => {
                reads.register(customer);
                DeviceRegisterPayload::registered(device, customer, token)
            }
            Err(user_errors) => DeviceRegisterPayload::refused(user_errors),
        })
    }

    /// Says who somebody is: the customers that the identities name are found or made, and what is known of
    /// them is added. Named by staff, customers that turn out to be one are merged; a customer or a touchpoint
    /// is refused identities of another.
    async fn customer_identify(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who it is, and what is known of them.")] input: CustomerIdentifyInput,
    ) -> async_graphql::Result<CustomerIdentifyPayload> {
        let reads = reads(context)?;
        let name = CallerName::allowed(reads, Scope::CustomersWrite).await?;
        let done = identified(reads, &name, input).await;
        Ok(match settle_refusal(reads, done)? {
            Ok(who) => CustomerIdentifyPayload {
                customer: customer(who.customer),
                created: who.is_new,
                user_errors: Vec::new(),
            },
            Err(user_errors) => {
                CustomerIdentifyPayload { customer: no_customer(), created: false, user_errors }
            }
        })
    }

    /// Changes what is known of a customer: oneself, or anybody with the scope `customers:write`. A touchpoint
    /// adds what is missing and overwrites nothing.
    async fn customer_update(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The customer, and what changes.")] input: CustomerUpdateInput,
    ) -> async_graphql::Result<CustomerUpdatePayload> {
        let reads = reads(context)?;
        let name = CallerName::allowed(reads, Scope::CustomersWrite).await?;
        let done = updated(reads, &name, input).await;
        let (customer, user_errors) = changed(reads, done)?;
        Ok(CustomerUpdatePayload { customer, user_errors })
    }

    /// Makes one customer of two. No history moves, and it can be undone. Needs the scope `customers:write`.
    async fn customer_merge(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The two customers.")] input: CustomerMergeInput,
    ) -> async_graphql::Result<CustomerMergePayload> {
        let reads = reads(context)?;
        require(reads, Scope::CustomersWrite)?;
        let name = CallerName::of(reads).await?;
        let done = merged(reads, &name, input).await;
        let (customer, user_errors) = changed(reads, done)?;
        Ok(CustomerMergePayload { customer, user_errors })
    }

    /// Undoes a merge: both customers are as they were, with what happened to each since. Needs the scope
    /// `customers:write`.
    async fn customer_unmerge(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The customer that was merged.")] input: CustomerUnmergeInput,
    ) -> async_graphql::Result<CustomerUnmergePayload> {
        let reads = reads(context)?;
        require(reads, Scope::CustomersWrite)?;
        let name = CallerName::of(reads).await?;
        let done = unmerged(reads, &name, input).await;
        Ok(match settle_refusal(reads, done)? {
            Ok((restored, survivor)) => CustomerUnmergePayload {
                customer: customer(restored),
                survivor: customer(survivor),
                user_errors: Vec::new(),
            },
            Err(user_errors) => {
                CustomerUnmergePayload { customer: no_customer(), survivor: no_customer(), user_errors }
            }
        })
    }

    /// Records what a customer's data may be used for: one's own, that of the customer at a touchpoint, or
    /// anybody's with the scope `customers:write`.
    async fn consents_update(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The customer, and what it says.")] input: ConsentsUpdateInput,
    ) -> async_graphql::Result<ConsentsUpdatePayload> {
        let reads = reads(context)?;
        let name = CallerName::allowed(reads, Scope::CustomersWrite).await?;
        let done = consented(reads, &name, input).await;
        let (customer, user_errors) = changed(reads, done)?;
        Ok(ConsentsUpdatePayload { customer, user_errors })
    }
}

/// The customer of a payload, or why there is none.
fn changed(
    reads: &Reads,
    done: Result<CustomerId, Rejection>,
) -> async_graphql::Result<(super::payloads::CustomerField, Vec<UserError>)> {
    Ok(match settle_refusal(reads, done)? {
        Ok(id) => (customer(id), Vec::new()),
        Err(user_errors) => (no_customer(), user_errors),
    })
}

fn named(id: Option<&ID>) -> Result<Option<CustomerId>> {
    id.map(|id| parse_id("input.customerId", id)).transpose()
}

async fn register(
    reads: &Reads,
    name: &CallerName,
    input: DeviceRegisterInput,
) -> Result<Registered, Rejection> {
    let input = (name.caller(reads), input.device()?);
    reads
        .db
        .write_retrying(&input, |transaction, (caller, device)| {
            Box::pin(devices::register(transaction, caller, device.clone()))
        })
        .await
}

async fn identified(
    reads: &Reads,
    name: &CallerName,
    input: CustomerIdentifyInput,
) -> Result<Identified, Rejection> {
    let (customer, claims) = (named(input.customer_id.as_ref())?, input.claims()?);
    let request = Identify { customer, claims, profile: input.profile.into() };
    reads
        .db
        .write_retrying(&(name.caller(reads), request), |transaction, (caller, request)| {
            Box::pin(identify::identify(transaction, caller, request.clone()))
        })
        .await
}

async fn updated(
    reads: &Reads,
    name: &CallerName,
    input: CustomerUpdateInput,
) -> Result<CustomerId, Rejection> {
    let id = named(input.customer_id.as_ref())?;
    let input = (name.caller(reads), id, Profile::from(input.profile));
    reads
        .db
        .write_retrying(&input, |transaction, (caller, id, profile)| {
            Box::pin(profile::update(transaction, caller, *id, profile.clone()))
        })
        .await
}

async fn merged(
    reads: &Reads,
    name: &CallerName,
    input: CustomerMergeInput,
) -> Result<CustomerId, Rejection> {
    let survivor = parse_id("input.survivorId", &input.survivor_id)?;
    let merged = parse_id("input.mergedId", &input.merged_id)?;
    let input = (name.caller(reads), survivor, merged, input.reason);
    reads
        .db
        .write_retrying(&input, |transaction, (caller, survivor, merged, reason)| {
            Box::pin(merge::merge(transaction, caller, *survivor, *merged, reason))
        })
        .await
}

async fn unmerged(
    reads: &Reads,
    name: &CallerName,
    input: CustomerUnmergeInput,
) -> Result<(CustomerId, CustomerId), Rejection> {
    let id = parse_id("input.customerId", &input.customer_id)?;
    let input = (name.caller(reads), id);
    let survivor = reads
        .db
        .write_retrying(&input, |transaction, (caller, id)| {
            Box::pin(merge::unmerge(transaction, caller, *id))
        })
        .await?;
    Ok((id, survivor))
}

async fn consented(
    reads: &Reads,
    name: &CallerName,
    input: ConsentsUpdateInput,
) -> Result<CustomerId, Rejection> {
    let id = named(input.customer_id.as_ref())?;
    let changes: Vec<ConsentChange> = input.consents.into_iter().map(Into::into).collect();
    reads
        .db
        .write_retrying(&(name.caller(reads), id, changes), |transaction, (caller, id, changes)| {
            Box::pin(consents::update(transaction, caller, *id, changes.clone()))
        })
        .await
}
