//! Seeded choices.
//!
//! Every part of the company draws from its own stream of one seed, so a
//! change in one part does not move the others, and scenario packs differ
//! only where their story differs.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::Outcome;

/// A stream of choices that depends on the seed and a label only.
pub struct Draw {
    rng: ChaCha20Rng,
}

impl Draw {
    /// Opens the stream called `label` of `seed`.
    pub fn new(seed: u64, label: &str) -> Draw {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        rng.set_stream(fnv1a(label));
        Draw { rng }
    }

    /// A number from 0 up to and not including `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n.max(1) as u64;
        (self.rng.next_u64() % n) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = (high - low).max(0) as usize + 1;
        low + self.below(width) as i64
    }

    /// True in `percent` of 100 draws.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `items`.
    ///
    /// # Errors
    /// `items` is empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Outcome<&'a T> {
        items
            .get(self.below(items.len()))
            .ok_or_else(|| "nothing left to choose from".to_owned())
    }

    /// Puts `items` in a drawn order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// `count` different numbers below `n`, ascending; all of them when `count >= n`.
    pub fn sample(&mut self, n: usize, count: usize) -> Vec<usize> {
        let mut quota = Quota::new(count, n);
        (0..n).filter(|_| quota.takes(self)).collect()
    }

    /// A lower-case hexadecimal text of `digits` digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            text.push_str(&format!("{:016x}", self.rng.next_u64()));
        }
        text.truncate(digits);
        text
    }
}

/// Chooses exactly `wanted` of `left` items that are seen once, in order
/// (Knuth's algorithm S).
pub struct Quota {
    wanted: usize,
    left: usize,
}

impl Quota {
    /// `wanted` of the next `left` items.
    pub fn new(wanted: usize, left: usize) -> Quota {
        Quota { wanted, left }
    }

    /// Whether the next item is among the chosen.
    pub fn takes(&mut self, draw: &mut Draw) -> bool {
        let taken = draw.below(self.left) < self.wanted;
        self.left = self.left.saturating_sub(1);
        self.wanted -= usize::from(taken);
        taken
    }
}

/// The 64-bit FNV-1a hash, used as the number of a stream.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
