//! What mutations of customers answer.

use async_graphql::SimpleObject;
use entities::ids::{CustomerId, DeviceId};

use crate::api::customers::batches::{CustomerById, DeviceById};
use crate::api::customers::types::{Customer, Device};
use crate::api::payload::UserError;
use crate::api::reads::Reads;
use crate::graph::Batched;

/// A customer in a payload: any selection on it is read after the change.
pub type CustomerField = Batched<Option<Customer>>;

/// The customer with this id.
pub fn customer(id: CustomerId) -> CustomerField {
    Batched::by_key(CustomerById(id))
}

pub fn no_customer() -> CustomerField {
    Batched::by_viewer(|_: &Reads| None::<CustomerById>)
}

/// What `deviceRegister` answers.
#[derive(SimpleObject)]
pub struct DeviceRegisterPayload {
    /// The device; null if it was not registered.
    pub device: Batched<Option<Device>>,
    /// Whose device it is: the customer that was named, else a new one, anonymous until somebody signs in.
    pub customer: CustomerField,
    /// What the device shows from now on: `Authorization: Bearer <token>`. It is told once and cannot be read
    /// again; null if the device was not registered.
    pub token: Option<String>,
    /// Why the device was not registered; empty when it was.
    pub user_errors: Vec<UserError>,
}

impl DeviceRegisterPayload {
    pub fn registered(device: DeviceId, customer_id: CustomerId, token: String) -> Self {
        Self {
            device: Batched::by_key(DeviceById(device)),
            customer: customer(customer_id),
            token: Some(token),
            user_errors: Vec::new(),
        }
    }

    pub fn refused(user_errors: Vec<UserError>) -> Self {
        let device = Batched::by_viewer(|_: &Reads| None::<DeviceById>);
        Self { device, customer: no_customer(), token: None, user_errors }
    }
}

/// What `customerIdentify` answers.
#[derive(SimpleObject)]
pub struct CustomerIdentifyPayload {
    /// Who it is; null if that was refused.
    pub customer: CustomerField,
    /// True when nobody was known by any of this, and a customer was made.
    pub created: bool,
    /// Why nothing was done; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What `customerUpdate` answers.
#[derive(SimpleObject)]
pub struct CustomerUpdatePayload {
    /// The customer as it is now; null if nothing was changed.
    pub customer: CustomerField,
    /// Why nothing was changed; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What `customerMerge` answers.
#[derive(SimpleObject)]
pub struct CustomerMergePayload {
    /// The customer that goes on; null if nothing was merged.
    pub customer: CustomerField,
    /// Why nothing was merged; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What `customerUnmerge` answers.
#[derive(SimpleObject)]
pub struct CustomerUnmergePayload {
    /// The customer that is itself again; null if nothing was undone.
    pub customer: CustomerField,
    /// The customer that it had been merged into; null if nothing was undone.
    pub survivor: CustomerField,
    /// Why nothing was undone; empty when it was.
    pub user_errors: Vec<UserError>,
}

/// What `consentsUpdate` answers.
#[derive(SimpleObject)]
pub struct ConsentsUpdatePayload {
    /// The customer as it is now; null if nothing was changed.
    pub customer: CustomerField,
    /// Why nothing was changed; empty when it was.
    pub user_errors: Vec<UserError>,
}
