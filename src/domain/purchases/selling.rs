//! Who sells, and where.

use entities::ids::TouchpointId;
use entities::values::Channel;

use crate::domain::customers::caller::Caller;
use crate::domain::purchases::holds::HoldSettings;
use crate::kernel::money::Currency;

/// Where a cart is changed or paid for.
#[derive(Clone, Copy, Debug)]
pub struct SalesPlace {
    pub channel: Channel,
    pub touchpoint: Option<TouchpointId>,
    /// In what is paid there, unless somebody says another.
    pub currency: Option<Currency>,
}

/// Who changes a cart or a purchase, and how.
#[derive(Clone, Copy, Debug)]
pub struct Selling<'a> {
    pub caller: Caller<'a>,
    pub place: SalesPlace,
    pub holds: HoldSettings,
    /// For how many minutes a purchase waits to be paid.
    pub pending_minutes: u32,
}
