//! What a tested sample proves: the upper deviation limit.

use serde::Serialize;

use super::rate::Rate;
use super::tail::{binomial_at_most, binomial_estimate, hypergeometric_at_most};

/// The highest rate of deviation that the sample does not exclude.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct UpperLimit {
    /// The limit as a rate, to the precision of a double.
    pub exact: f64,
    /// The limit in tenths of a percent, rounded up as published tables print
    /// it; decided by exact comparison, not by rounding `exact`.
    pub permille: u64,
}

impl UpperLimit {
    /// The rounded limit in percent, for example 11.3.
    pub fn percent(self) -> f64 {
        self.permille as f64 / 10.0
    }
}

/// The highest number of deviations in a finite population that the sample
/// does not exclude.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct UpperCount {
    /// Items that may deviate.
    pub count: u64,
    /// Items in the population.
    pub population: u64,
}

/// The upper limit after `k` deviations in `n` items (Clopper and Pearson,
/// one-sided): the rate at which `k` or fewer deviations have probability
/// `1 - confidence`. It is 1 when every item deviates or none was tested.
///
/// ```
/// use tickmark_engagement::sampling::upper_limit;
/// assert_eq!(upper_limit(40, 1, &"0.95".parse()?).percent(), 11.4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn upper_limit(n: u64, k: u64, confidence: &Rate) -> UpperLimit {
    if k >= n {
        return UpperLimit {
            exact: 1.0,
            permille: 1000,
        };
    }
    let risk = confidence.complement();
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if binomial_estimate(n, k, middle) > risk.to_f64() {
            low = middle
        } else {
            high = middle
        }
    }
    let start = ((high * 1000.0) as u64).saturating_sub(1);
    let permille = (start..=1000)
        .find(|m| {
            Rate::from_fraction(*m, 1000).is_ok_and(|rate| binomial_at_most(n, k, &rate, &risk))
        })
        .unwrap_or(1000);
    UpperLimit {
        exact: high,
        permille,
    }
}

/// The largest number of deviating items in `population` that `k` deviations
/// in `n` drawn items do not exclude.
pub fn upper_count(population: u64, n: u64, k: u64, confidence: &Rate) -> UpperCount {
    let risk = confidence.complement();
    let most = population - (n.min(population) - k.min(n));
    let (mut low, mut high) = (k.min(most), most);
    // The tail falls as the count rises, so the boundary can be bisected.
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if hypergeometric_at_most(population, middle, n, k, &risk) {
            high = middle - 1
        } else {
            low = middle
        }
    }
    UpperCount {
        count: low,
        population,
    }
}
