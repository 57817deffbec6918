//! How many items to test.
//!
//! Source: exact binomial and hypergeometric rules that reproduce the tables
//! of the AICPA audit guide *Audit Sampling* (2017), appendix A.

use serde::Serialize;

use super::rate::Rate;
use super::tail::{binomial_at_most, hypergeometric_at_most};

/// Largest sample this module computes; beyond it, test everything.
const MOST: u64 = 100_000;

/// A sample size and the number of deviations it allows for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SampleSize {
    /// Items to test.
    pub n: u64,
    /// Deviations that may be found and the tolerable rate still be excluded.
    pub k: u64,
}

/// Why no sample size exists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// The confidence is 0 or 1.
    #[error(
        "confidence `{0}` leaves no risk to plan for: give a rate between 0 and 1, for example `0.95`"
    )]
    Confidence(String),
    /// The tolerable rate is 0 or 1.
    #[error(
        "tolerable rate `{0}` cannot be planned for: give a rate between 0 and 1, for example `0.05`"
    )]
    Tolerable(String),
    /// The expected rate is not below the tolerable one.
    #[error(
        "expected rate `{expected}` is not below the tolerable rate `{tolerable}`: no sample can support reliance"
    )]
    Expected {
        /// The expected rate given.
        expected: String,
        /// The tolerable rate given.
        tolerable: String,
    },
    /// The sample would be too large to be one.
    #[error("more than {MOST} items would be needed: test the whole population")]
    TooLarge,
    /// Even testing every item cannot support reliance.
    #[error("no sample of {population} items supports reliance with these rates: test every item")]
    Everything {
        /// Items in the population.
        population: u64,
    },
}

/// The sample size for a large population (binomial).
///
/// The smallest `n` with `k = ceil(n × expected)` and
/// `Pr[Bin(n, tolerable) <= k] <= 1 - confidence`.
///
/// # Errors
/// [`SizeError`] when the rates leave no such size.
///
/// ```
/// use tickmark_engagement::sampling::{SampleSize, sample_size};
/// let size = sample_size(&"0.95".parse()?, &"0.05".parse()?, &"0.01".parse()?)?;
/// assert_eq!(size, SampleSize { n: 93, k: 1 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sample_size(
    confidence: &Rate,
    tolerable: &Rate,
    expected: &Rate,
) -> Result<SampleSize, SizeError> {
    let risk = risk(confidence, tolerable, expected)?;
    (1..=MOST)
        .map(|n| SampleSize {
            n,
            k: expected.ceil_of(n),
        })
        .find(|size| binomial_at_most(size.n, size.k, tolerable, &risk))
        .ok_or(SizeError::TooLarge)
}

/// The sample size for a finite population (hypergeometric).
///
/// The tolerable count is `ceil(population × tolerable)`.
///
/// # Errors
/// [`SizeError`] when the rates leave no such size.
pub fn finite_sample_size(
    population: u64,
    confidence: &Rate,
    tolerable: &Rate,
    expected: &Rate,
) -> Result<SampleSize, SizeError> {
    let risk = risk(confidence, tolerable, expected)?;
    let deviating = tolerable.ceil_of(population).max(1);
    (1..=population.min(MOST))
        .map(|n| SampleSize {
            n,
            k: expected.ceil_of(n),
        })
        .find(|size| {
            deviating > size.k
                && hypergeometric_at_most(population, deviating, size.n, size.k, &risk)
        })
        .ok_or(SizeError::Everything { population })
}

/// The sample size by the Poisson approximation, and its confidence factor.
///
/// `n = ceil(factor / tolerable)`, where the factor is the mean at which
/// `k` or fewer deviations have probability `1 - confidence`.
pub fn poisson_sample_size(k: u32, confidence: &Rate, tolerable: &Rate) -> (u64, f64) {
    let risk = confidence.complement().to_f64();
    let (mut low, mut high) = (0.0_f64, 10.0 + 10.0 * f64::from(k + 1));
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if poisson_at_most(k, middle) > risk {
            low = middle
        } else {
            high = middle
        }
    }
    ((high / tolerable.to_f64() - 1e-9).ceil() as u64, high)
}

fn poisson_at_most(k: u32, mean: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = term;
    for i in 1..=k {
        term *= mean / f64::from(i);
        sum += term;
    }
    sum
}

fn risk(confidence: &Rate, tolerable: &Rate, expected: &Rate) -> Result<Rate, SizeError> {
    if confidence.is_zero() || confidence.is_one() {
        return Err(SizeError::Confidence(confidence.to_string()));
    }
    if tolerable.is_zero() || tolerable.is_one() {
        return Err(SizeError::Tolerable(tolerable.to_string()));
    }
    if expected >= tolerable {
        return Err(SizeError::Expected {
            expected: expected.to_string(),
            tolerable: tolerable.to_string(),
        });
    }
    Ok(confidence.complement())
}
