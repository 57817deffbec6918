//! The two tails sampling turns on, compared with a risk exactly.
//!
//! A floating-point estimate decides when it is clear of the boundary by a
//! wide margin; inside the margin the comparison is done in whole numbers.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::rate::Rate;

/// Relative distance from the boundary inside which the estimate is not trusted.
const MARGIN: f64 = 1e-6;

/// Whether `Pr[Bin(n, rate) <= k] <= risk`.
pub(super) fn binomial_at_most(n: u64, k: u64, rate: &Rate, risk: &Rate) -> bool {
    if k >= n {
        return risk.is_one();
    }
    match clear(binomial_estimate(n, k, rate.to_f64()), risk.to_f64()) {
        Some(answer) => answer,
        None => binomial_exact(n, k, rate, risk),
    }
}

/// Whether `Pr[Hyp(population, deviating, n) <= k] <= risk`: `deviating` of
/// `population` items deviate and `n` are drawn without replacement.
pub(super) fn hypergeometric_at_most(
    population: u64,
    deviating: u64,
    n: u64,
    k: u64,
    risk: &Rate,
) -> bool {
    let least = n.saturating_sub(population - deviating);
    let most = n.min(deviating);
    if k >= most {
        return risk.is_one();
    }
    if k < least {
        return true;
    }
    let estimate = hypergeometric_estimate(population, deviating, n, k);
    match clear(estimate, risk.to_f64()) {
        Some(answer) if least == 0 => answer,
        _ => hypergeometric_exact(population, deviating, n, k, risk),
    }
}

/// The estimate's answer, or `None` when it lies too near the boundary.
fn clear(tail: f64, risk: f64) -> Option<bool> {
    if !tail.is_finite() || (tail - risk).abs() <= MARGIN * risk.max(f64::MIN_POSITIVE) {
        return None;
    }
    Some(tail < risk)
}

/// `Pr[Bin(n, p) <= k]`, summed from logarithms.
pub(super) fn binomial_estimate(n: u64, k: u64, p: f64) -> f64 {
    if p <= 0.0 {
        return 1.0;
    }
    if p >= 1.0 {
        return if k >= n { 1.0 } else { 0.0 };
    }
    let odds = (p / (1.0 - p)).ln();
    let mut term = n as f64 * (-p).ln_1p();
    let mut sum = term.exp();
    for i in 0..k.min(n) {
        term += ((n - i) as f64).ln() - ((i + 1) as f64).ln() + odds;
        sum += term.exp();
    }
    sum
}

fn hypergeometric_estimate(population: u64, deviating: u64, n: u64, k: u64) -> f64 {
    let sound = population - deviating;
    if n > sound {
        return f64::NAN;
    }
    // Pr[no deviation drawn], then upwards one deviation at a time.
    let mut term: f64 = (0..n.min(deviating.max(n)))
        .map(|j| ((sound - j) as f64).ln() - ((population - j) as f64).ln())
        .sum();
    let mut sum = term.exp();
    for i in 0..k {
        term += ((deviating - i) as f64).ln() + ((n - i) as f64).ln();
        term -= ((i + 1) as f64).ln() + ((sound + i + 1 - n) as f64).ln();
        sum += term.exp();
    }
    sum
}

fn binomial_exact(n: u64, k: u64, rate: &Rate, risk: &Rate) -> bool {
    let hit = rate.numerator();
    let miss = rate.denominator() - hit;
    // sum of C(n,i) hit^i miss^(n-i), built from i = 0 upwards by multiplying
    // hit and dividing out miss; done as a Horner scheme to stay in integers.
    let mut sum = BigInt::zero();
    let mut choose = BigInt::one();
    let mut hits = BigInt::one();
    for i in 0..=k {
        sum = sum * &miss + &choose * &hits;
        choose = choose * (n - i) / (i + 1);
        hits *= hit;
    }
    sum *= power(&miss, n - k);
    sum * risk.denominator() <= risk.numerator() * power(rate.denominator(), n)
}

fn hypergeometric_exact(population: u64, deviating: u64, n: u64, k: u64, risk: &Rate) -> bool {
    let sound = population - deviating;
    let least = n.saturating_sub(sound);
    let ways: BigInt = (least..=k)
        .map(|i| choose(deviating, i) * choose(sound, n - i))
        .sum();
    ways * risk.denominator() <= risk.numerator() * choose(population, n)
}

fn choose(n: u64, k: u64) -> BigInt {
    let k = k.min(n.saturating_sub(k));
    (0..k).fold(BigInt::one(), |value, i| value * (n - i) / (i + 1))
}

fn power(base: &BigInt, exponent: u64) -> BigInt {
    // Sample sizes fit in 32 bits; a larger one is refused before it gets here.
    base.pow(u32::try_from(exponent).unwrap_or(u32::MAX))
}
