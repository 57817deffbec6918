//! A rate between 0 and 1, kept as the exact fraction its decimal text means.
//!
//! `0.035` in binary floating point is not 35/1000, and published tables turn
//! on that difference: 400 × 0.035 is 14, but a computer's 14.000000000000002
//! rounds up to 15.

use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

/// An exact rate: confidence, tolerable rate, expected rate.
///
/// Parsed from a decimal such as `0.05` or a percentage such as `5%`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(BigRational);

/// Why a text is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a rate between 0 and 1: write a decimal such as `0.05` or a percentage such as `5%`"
)]
pub struct RateError(pub String);

impl Rate {
    /// The rate `numerator / denominator`.
    ///
    /// # Errors
    /// [`RateError`] when the denominator is zero or the value is above 1.
    pub fn from_fraction(numerator: u64, denominator: u64) -> Result<Self, RateError> {
        let text = || RateError(format!("{numerator}/{denominator}"));
        if denominator == 0 || numerator > denominator {
            return Err(text());
        }
        Ok(Self(BigRational::new(numerator.into(), denominator.into())))
    }

    /// The nearest floating-point value; for display and first estimates only.
    pub fn to_f64(&self) -> f64 {
        self.0.to_f64().unwrap_or(f64::NAN)
    }

    /// `1 - self`.
    pub fn complement(&self) -> Self {
        Self(BigRational::one() - &self.0)
    }

    /// Whether the rate is 0.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether the rate is 1.
    pub fn is_one(&self) -> bool {
        self.0.is_one()
    }

    /// The smallest whole number not below `self * count`.
    pub fn ceil_of(&self, count: u64) -> u64 {
        (&self.0 * BigRational::from_integer(count.into()))
            .ceil()
            .to_integer()
            .to_u64()
            .unwrap_or(u64::MAX)
    }

    pub(crate) fn numerator(&self) -> &BigInt {
        self.0.numer()
    }

    pub(crate) fn denominator(&self) -> &BigInt {
        self.0.denom()
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || RateError(text.to_owned());
        let trimmed = text.trim();
        let (digits, percent) = match trimmed.strip_suffix('%') {
            Some(rest) => (rest.trim_end(), true),
            None => (trimmed, false),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || all.len() > 30 || !all.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let numerator: BigInt = all.parse().map_err(|_| wrong())?;
        let places = fraction.len() + if percent { 2 } else { 0 };
        let denominator = BigInt::from(10).pow(u32::try_from(places).map_err(|_| wrong())?);
        let value = BigRational::new(numerator, denominator);
        if value > BigRational::one() {
            Err(wrong())
        } else {
            Ok(Self(value))
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_f64())
    }
}
