//! Amounts of money and the one rounding rule.
//!
//! An amount is an integer in the marketplace's minor unit: cents, pence, yen. Rates are exact
//! decimals. Whenever a rate meets an amount the result is rounded half away from zero.

use keepa::Domain;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

/// An amount with its currency, in the minor unit (1400 USD = 14.00 dollars, 1400 JPY = 1400 yen).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Money {
    /// The amount in the currency's minor unit.
    #[schema(value_type = i64)]
    pub minor: i64,
    /// The marketplace whose currency it is.
    #[schema(value_type = String, example = "us")]
    pub marketplace: Domain,
}

impl Money {
    /// An amount of a marketplace's currency.
    #[must_use]
    pub fn new(minor: i64, marketplace: Domain) -> Self {
        Self { minor, marketplace }
    }

    /// Reads what people type, `15`, `15.5` or `15.00`, as an amount of the marketplace's currency.
    pub fn parse(text: &str, marketplace: Domain) -> Result<Self, MoneyError> {
        let text = text.trim();
        let decimals = decimals(marketplace);
        let malformed = || MoneyError::Malformed { text: text.to_owned(), decimals };
        let plain = text.strip_prefix(['-', '+']).unwrap_or(text);
        if plain.is_empty() || !plain.chars().all(|c| c.is_ascii_digit() || c == '.') {
            return Err(malformed());
        }
        let value: Decimal = text.parse().map_err(|_| malformed())?;
        if value.normalize().scale() > decimals {
            return Err(malformed());
        }
        let minor = value
            .checked_mul(Decimal::from(marketplace.minor_units()))
            .and_then(|v| v.to_i64())
            .filter(|v| v.abs() <= MAX_AMOUNT)
            .ok_or(MoneyError::TooLarge { text: text.to_owned() })?;
        Ok(Self::new(minor, marketplace))
    }

    /// The amount as a decimal number in major units, for example `14.00`; yen have no decimals.
    #[must_use]
    pub fn major(self) -> Decimal {
        Decimal::new(self.minor, decimals(self.marketplace))
    }

    /// The amount in major units as a float, for columns that other systems read as one.
    #[must_use]
    pub fn major_f64(self) -> f64 {
        self.major().to_f64().unwrap_or_default()
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.major().to_string())
    }
}

/// The largest amount that is accepted, in minor units: ten million dollars.
pub const MAX_AMOUNT: i64 = 1_000_000_000;

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Not a number, or with more decimals than the currency has.
    #[error("'{text}' is not an amount: write it with at most {decimals} decimals, for example {}", if *decimals == 0 { "1500" } else { "15.00" })]
    Malformed {
        /// What was given.
        text: String,
        /// How many decimals the currency has.
        decimals: u32,
    },
    /// Beyond [`MAX_AMOUNT`].
    #[error("'{text}' is too large for an amount: at most ten million")]
    TooLarge {
        /// What was given.
        text: String,
    },
}

/// How many decimals the marketplace's currency is written with.
#[must_use]
pub fn decimals(marketplace: Domain) -> u32 {
    if marketplace.minor_units() == 1 { 0 } else { 2 }
}

/// Rounds half away from zero to a whole minor unit.
///
/// # Panics
/// Beyond 9e18, which no amount within [`MAX_AMOUNT`] reaches.
#[must_use]
pub fn round(value: Decimal) -> i64 {
    value
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
        .to_i64()
        .expect("amounts are bounded far below i64")
}

/// `amount * percent / 100`, rounded half away from zero.
#[must_use]
pub fn percent_of(amount: i64, percent: Decimal) -> i64 {
    round(Decimal::from(amount) * percent / Decimal::ONE_HUNDRED)
}

/// The largest whole number `n` with `n * divisor <= value`; the divisor is positive.
///
/// # Panics
/// Beyond 9e18, which no amount within [`MAX_AMOUNT`] reaches.
#[must_use]
pub fn floor_div(value: Decimal, divisor: Decimal) -> i64 {
    let mut n = (value / divisor).floor();
    // A quotient of 28 digits may sit a hair above or below the whole number it stands for.
    while n * divisor > value {
        n -= Decimal::ONE;
    }
    while (n + Decimal::ONE) * divisor <= value {
        n += Decimal::ONE;
    }
    n.to_i64().expect("amounts are bounded far below i64")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (text, minor) in [("15", 1500), ("15.5", 1550), ("15.00", 1500), ("0.05", 5), (" 9.99 ", 999)] {
            assert_eq!(Money::parse(text, Domain::Us).unwrap().minor, minor, "{text}");
        }
        assert_eq!(Money::parse("1500", Domain::Jp).unwrap().minor, 1500);
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in ["", "abc", "1e3", "1,50", "1.234", "--1", "$5", "NaN", "."] {
            assert!(Money::parse(text, Domain::Us).is_err(), "{text}");
        }
        assert!(Money::parse("15.5", Domain::Jp).is_err(), "yen have no decimals");
        assert!(Money::parse("99999999999", Domain::Us).is_err());
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(percent_of(1499, Decimal::from(15)), 225);
        assert_eq!(percent_of(10, Decimal::from(15)), 2);
        assert_eq!(round(Decimal::new(-15, 1)), -2);
    }

    #[test]
    fn amounts_are_written_in_major_units() {
        assert_eq!(Money::new(1400, Domain::Us).to_string(), "14.00");
        assert_eq!(Money::new(-5, Domain::De).to_string(), "-0.05");
        assert_eq!(Money::new(1400, Domain::Jp).to_string(), "1400");
    }
}
