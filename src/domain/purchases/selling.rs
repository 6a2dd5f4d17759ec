//! Who sells, where, and what they may do with money.

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

/// What is done with money, or with what was paid by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Saying that a purchase was paid for, and being believed.
    TakePayment,
    /// Calling a purchase off that is not paid yet.
    CallOff,
    Refund,
    /// Recording a purchase that was made elsewhere.
    Import,
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seller {
    /// The customer whose purchase it is.
    Customer,
    /// A touchpoint by its own channel, whatever a request says; none if it is not known any more.
    Touchpoint(Option<Channel>),
    /// Staff who may change purchases.
    Staff,
}

impl Seller {
    /// Whether this one may do it. Behind a till or on the telephone is somebody of the brand; a kiosk takes money by
    /// itself, and gives none back. The token of any other touchpoint lies where anybody may find it: in a page, an app.
    pub fn may(self, deed: Deed) -> bool {
        match self {
            Self::Staff | Self::Touchpoint(Some(Channel::PointOfSale | Channel::CallCenter)) => true,
            Self::Touchpoint(Some(Channel::Kiosk)) => matches!(deed, Deed::TakePayment | Deed::CallOff),
            Self::Touchpoint(_) => false,
            Self::Customer => deed == Deed::CallOff,
        }
    }

    /// Whether somebody of the brand does it: who may give money back.
    pub fn is_staffed(self) -> bool {
        self.may(Deed::Refund)
    }
}

impl Deed {
    /// Who may do it, for who may not.
    pub fn who_may(self) -> &'static str {
        match self {
            Self::TakePayment => {
                "This is for tills, call centers, kiosks and staff with the scope `purchases:write`: only their word is \
                 taken for a payment."
            }
            Self::CallOff => {
                "This is for tills, call centers, kiosks, staff with the scope `purchases:write` and the customer whose \
                 purchase it is."
            }
            Self::Refund | Self::Import => {
                "This is for touchpoints with the channel POINT_OF_SALE or CALL_CENTER, and staff with the scope \
                 `purchases:write`."
            }
        }
    }
}

/// Who changes a cart or a purchase, and how.
#[derive(Clone, Copy, Debug)]
pub struct Selling<'a> {
    pub caller: Caller<'a>,
    pub seller: Seller,
    pub place: SalesPlace,
    pub holds: HoldSettings,
    /// How many of one product of limited stock may be in a cart, unless a till, a kiosk or staff put more in.
    pub most_held: u32,
    /// For how many minutes a purchase waits to be paid.
    pub pending_minutes: u32,
}

#[cfg(test)]
mod tests {
    use entities::values::TextEnum;

    use super::*;

    #[test]
    fn money_is_for_those_whose_token_is_well_kept() {
        let deeds = [Deed::TakePayment, Deed::CallOff, Deed::Refund, Deed::Import];
        let may = |seller: Seller| deeds.map(|deed| seller.may(deed));
        assert_eq!(may(Seller::Staff), [true; 4]);
        assert_eq!(may(Seller::Customer), [false, true, false, false]);
        assert_eq!(may(Seller::Touchpoint(None)), [false; 4]);
        for channel in Channel::ALL {
            let expected = match channel {
                Channel::PointOfSale | Channel::CallCenter => [true; 4],
                Channel::Kiosk => [true, true, false, false],
                _ => [false; 4],
            };
            let seller = Seller::Touchpoint(Some(*channel));
            assert_eq!((may(seller), seller.is_staffed()), (expected, expected == [true; 4]), "{channel:?}");
        }
    }
}
