//! What is to become of a cart. How much is asked for is looked at before anything is read or locked.

use std::collections::HashSet;

use entities::ids::{CartLineId, CustomerId, ProductId};

use crate::domain::customers::rejection::{Reason, Refusal};
use crate::domain::purchases::cart::limits::{check_count, check_quantity, checked_codes, sums};
use crate::kernel::money::Currency;

/// What is done to a cart.
#[derive(Clone, Debug)]
pub enum Edit {
    /// So many more of products. The currency is that of a cart in which there is nothing yet.
    Add(Vec<(ProductId, i64)>, Option<Currency>),
    /// So many from now on; none takes the line out.
    Update(Vec<(CartLineId, i64)>),
    Remove(Vec<CartLineId>),
    /// These codes and no others.
    Codes(Vec<String>),
}

/// A change of the cart of a customer, which asks for no more than may be asked for.
#[derive(Clone, Debug)]
pub struct Change {
    /// Whose cart; absent: the caller's own.
    pub customer: Option<CustomerId>,
    /// The version that the caller has read; absent: whatever it is. 0: there is none yet.
    pub version: Option<i64>,
    edit: Edit,
}

impl Change {
    pub fn new(customer: Option<CustomerId>, version: Option<i64>, edit: Edit) -> Result<Self, Refusal> {
        Ok(Self { customer, version, edit: checked(edit)? })
    }

    pub fn edit(&self) -> &Edit {
        &self.edit
    }
}

/// The same, codes as they are compared.
fn checked(edit: Edit) -> Result<Edit, Refusal> {
    match &edit {
        Edit::Add(wanted, _) => drop(sums(wanted)?),
        Edit::Update(wanted) => {
            check_count(wanted.len(), "lines")?;
            check_each_once(wanted.iter().map(|(id, _)| *id), "lines")?;
            let numbers = wanted.iter().map(|(_, quantity)| *quantity).enumerate();
            for (at, quantity) in numbers.filter(|(_, quantity)| *quantity != 0) {
                check_quantity(quantity, &format!("lines.{at}.quantity"))?;
            }
        }
        Edit::Remove(ids) => {
            check_count(ids.len(), "lineIds")?;
            check_each_once(ids.iter().copied(), "lineIds")?;
        }
        Edit::Codes(typed) => return Ok(Edit::Codes(checked_codes(typed)?)),
    }
    Ok(edit)
}

fn check_each_once(ids: impl Iterator<Item = CartLineId>, path: &str) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    for (at, id) in ids.enumerate() {
        if !seen.insert(id) {
            let message = format!("The line `{id}` is named twice.");
            return Err(Refusal::new(Reason::Invalid, format!("{path}.{at}"), message));
        }
    }
    Ok(())
}
