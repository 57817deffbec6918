//! Time and randomness of the large company, made of numbers alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

use super::Outcome;

/// Where the history begins: after everything the demo recorded.
const START: &str = "2026-08-15T06:00:00Z";
/// How long it lasts.
const DAYS: i64 = 90;

/// A clock that goes on a little whenever it is read.
#[derive(Clone)]
pub struct Clock {
    now: Arc<AtomicI64>,
    step: i64,
}

impl Clock {
    /// A clock of a history of so many entries.
    pub fn new(entries: u64) -> Outcome<Self> {
        let start: Timestamp = START.parse()?;
        let span = DAYS * 86_400 * 1_000_000;
        Ok(Self {
            now: Arc::new(AtomicI64::new(start.as_microsecond())),
            step: span / i64::try_from(entries.max(1))?,
        })
    }

    /// The time, a step later than when last asked.
    pub fn now(&self) -> Timestamp {
        let micros = self.now.fetch_add(self.step, Ordering::Relaxed);
        Timestamp::from_microsecond(micros).unwrap_or_default()
    }

    /// Bytes that look random.
    pub fn randomness(&self) -> impl FnMut(&mut [u8]) + Send + 'static {
        let mut count = 0;
        move |bytes: &mut [u8]| {
            for part in bytes.chunks_mut(8) {
                count += 1;
                let word = noise(99, count).to_le_bytes();
                part.iter_mut().zip(word).for_each(|(to, from)| *to = from);
            }
        }
    }
}

/// A number that looks random and depends on two others only (SplitMix64).
pub fn noise(stream: u64, index: u64) -> u64 {
    let mut word = stream
        .wrapping_mul(0xd134_2543_de82_ef95)
        .wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
