//! Which items are tested: a draw anyone can replay.
//!
//! The seed mixes the digest of the frozen population, the control and a nonce
//! that the auditor enters only after the population is frozen, so nobody can
//! foresee the sample while the population can still change. The items, sorted
//! by key, are shuffled whole (Fisher and Yates) by a ChaCha20 stream; a sample
//! is the head of that permutation, an extension simply the next items.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tickmark_catalog::{ControlId, Sha256Hex};

/// Name and version of the way items are drawn; recorded with each sample.
pub const DRAW_ALGORITHM: &str = "chacha20-fisher-yates/1";

/// A population put in the order in which its items would be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    order: Vec<String>,
}

/// Why nothing was drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// The population has no items.
    #[error("the population has no items: nothing occurred, so nothing can be sampled")]
    Empty,
    /// Two items have the same key.
    #[error("item `{0}` stands twice in the population: items must be unique before one can draw")]
    Duplicate(String),
    /// More items were asked for than there are.
    #[error("{size} items were asked for, but the population has {population}")]
    TooLarge {
        /// Items asked for.
        size: usize,
        /// Items there are.
        population: usize,
    },
}

/// The digest of a population: SHA-256 over its sorted keys, each ended by a
/// line feed.
pub fn population_digest(items: &[String]) -> Sha256Hex {
    let mut sorted: Vec<&String> = items.iter().collect();
    sorted.sort();
    let text: String = sorted
        .iter()
        .flat_map(|item| [item.as_str(), "\n"])
        .collect();
    Sha256Hex::of(text.as_bytes())
}

/// The seed of a draw: SHA-256 over population digest, control and nonce, each
/// followed by a line feed.
pub fn seed(population: &Sha256Hex, control: &ControlId, nonce: &str) -> [u8; 32] {
    Sha256::digest(format!("{population}\n{control}\n{nonce}\n")).into()
}

impl Draw {
    /// Puts `items` into the order in which they are drawn.
    ///
    /// # Errors
    /// [`DrawError::Empty`] and [`DrawError::Duplicate`].
    pub fn new(items: &[String], seed: [u8; 32]) -> Result<Self, DrawError> {
        let mut order = items.to_vec();
        order.sort();
        if order.is_empty() {
            return Err(DrawError::Empty);
        }
        if let Some(pair) = order.array_windows().find(|[a, b]| a == b) {
            return Err(DrawError::Duplicate(
                pair.first().cloned().unwrap_or_default(),
            ));
        }
        let mut stream = ChaCha20Rng::from_seed(seed);
        for last in (1..order.len()).rev() {
            order.swap(last, below(&mut stream, last + 1));
        }
        Ok(Self { order })
    }

    /// The first `size` items, in the order drawn.
    ///
    /// # Errors
    /// [`DrawError::TooLarge`].
    pub fn sample(&self, size: usize) -> Result<&[String], DrawError> {
        self.order.get(..size).ok_or(DrawError::TooLarge {
            size,
            population: self.order.len(),
        })
    }

    /// The `more` items after the first `drawn`: an extension of a sample.
    ///
    /// # Errors
    /// [`DrawError::TooLarge`].
    pub fn extension(&self, drawn: usize, more: usize) -> Result<&[String], DrawError> {
        let too_large = DrawError::TooLarge {
            size: drawn.saturating_add(more),
            population: self.order.len(),
        };
        self.order
            .get(drawn..drawn.saturating_add(more))
            .ok_or(too_large)
    }
}

/// A number below `bound`, each equally likely: values that would favour small
/// remainders are thrown away.
fn below(stream: &mut ChaCha20Rng, bound: usize) -> usize {
    let bound = bound as u64;
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let value = stream.next_u64();
        if value < fair {
            return (value % bound) as usize;
        }
    }
}
