//! Attribute sampling: how many items to test, which ones, and what the result
//! proves.
//!
//! What must hold: every size and limit is exact (a decision near a boundary
//! is made with rational numbers, never with rounded ones); a draw is a pure
//! function of the frozen population, the control and the auditor's nonce; an
//! extension continues the same permutation, so nothing can be re-drawn.

mod draw;
mod limit;
mod methodology;
mod rate;
mod size;
mod tail;

pub use draw::{DRAW_ALGORITHM, Draw, DrawError, population_digest, seed};
pub use limit::{UpperCount, UpperLimit, upper_count, upper_limit};
pub use methodology::{Methodology, RiskProfile, SizeRow};
pub use rate::{Rate, RateError};
pub use size::{SampleSize, SizeError, finite_sample_size, poisson_sample_size, sample_size};

#[cfg(test)]
mod tests;
