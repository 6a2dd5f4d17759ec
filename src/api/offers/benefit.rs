//! What an offer gives: one of three kinds, a union.

use std::borrow::Cow;

use entities::ids::ProductId;
use rust_decimal::Decimal;

use crate::api::money::Money;
use crate::api::products::batches::ProductById;
use crate::api::products::types::Product;
use crate::api::reads::Reads;
use crate::domain::offers::parts;
use crate::graph::{FieldTable, Form, GraphType};
use crate::kernel::money;

/// The union over the kinds.
pub struct Benefit;

impl GraphType for Benefit {
    type Row = parts::Benefit;
    type Reader = Reads;
    const FORM: Form = Form::Union;

    fn name() -> Cow<'static, str> {
        "Benefit".into()
    }

    fn description() -> Cow<'static, str> {
        "What a customer gets from an offer.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.member::<PercentageOff>(|row| match row {
            parts::Benefit::PercentageOff(basis_points) => Some(basis_points),
            _ => None,
        });
        t.member::<AmountOff>(|row| match row {
            parts::Benefit::AmountOff(amount) => Some(amount),
            _ => None,
        });
        t.member::<FreeProduct>(|row| match row {
            parts::Benefit::FreeProduct(product) => Some(product),
            _ => None,
        });
    }
}

/// A share of the price.
pub struct PercentageOff;

impl GraphType for PercentageOff {
    type Row = i32;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "PercentageOff".into()
    }

    fn description() -> Cow<'static, str> {
        "A share of the price.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.calc("percent", "The share in percent: `\"12.50\"`.", &[], |basis_points| {
            Decimal::new((*basis_points).into(), 2)
        });
    }
}

/// An amount of money.
pub struct AmountOff;

impl GraphType for AmountOff {
    type Row = money::Money;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "AmountOff".into()
    }

    fn description() -> Cow<'static, str> {
        "An amount of money off the price.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.embed::<Money>("amount", "How much is taken off, at most the price.", &[], |amount| *amount);
    }
}

/// A product for nothing.
pub struct FreeProduct;

impl GraphType for FreeProduct {
    type Row = ProductId;
    type Reader = Reads;

    fn name() -> Cow<'static, str> {
        "FreeProduct".into()
    }

    fn description() -> Cow<'static, str> {
        "A product for nothing.".into()
    }

    fn fields(t: &mut FieldTable<Self>) {
        t.link::<Product, _>("product", "Which one.", &[], |product| ProductById(*product));
    }
}
