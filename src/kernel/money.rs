//! Money: integer minor units and a currency. Never a float; the decimal point exists at the edge only.

use rust_decimal::Decimal;

/// An ISO 4217 code, three upper-case letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    pub const USD: Self = Self(*b"USD");
    pub const EUR: Self = Self(*b"EUR");

    pub fn parse(code: &str) -> Option<Self> {
        let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    pub fn code(&self) -> &str {
        // Letters are all it is made of.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Digits behind the decimal point, after ISO 4217.
    pub fn minor_digits(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl Default for Currency {
    /// ISO 4217's code for "no currency": what a row holds whose currency was not read.
    fn default() -> Self {
        Self(*b"XXX")
    }
}

/// An amount in minor units of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The amount as a decimal with the currency's own number of digits: `12.50`.
    pub fn amount(self) -> Decimal {
        Decimal::from_i128_with_scale(self.minor.into(), self.currency.minor_digits())
    }

    /// Reads a decimal amount; `None` when it has more digits than the currency or does not fit.
    pub fn from_amount(amount: Decimal, currency: Currency) -> Option<Self> {
        let scaled = amount.checked_mul(Decimal::from(10_i64.pow(currency.minor_digits())))?;
        if !scaled.fract().is_zero() {
            return None;
        }
        Some(Self::new(
            i64::try_from(scaled.trunc().mantissa() / 10_i128.pow(scaled.trunc().scale())).ok()?,
            currency,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        for (minor, code, text) in [(1250, "EUR", "12.50"), (1250, "JPY", "1250"), (-5, "KWD", "-0.005")] {
            let money = Money::new(minor, Currency::parse(code).unwrap());
            assert_eq!(money.amount().to_string(), text);
            assert_eq!(Money::from_amount(money.amount(), money.currency), Some(money));
        }
        assert_eq!(Money::from_amount("0.001".parse().unwrap(), Currency::USD), None);
        assert_eq!(Currency::parse("usd"), None);
    }
}
