//! The clock, the source of randomness and the program itself, handed in from
//! outside.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
type Random = Arc<Mutex<dyn FnMut(&mut [u8]) + Send>>;

/// Where time and random bytes come from, and which program runs SQL that a
/// user wrote in a process of its own.
///
/// The command line hands in the system's; the sample company a scripted clock
/// and a seeded stream, so that its ledgers and report come out the same on
/// every machine.
#[derive(Clone)]
pub struct Surroundings {
    clock: Clock,
    random: Random,
    executable: PathBuf,
}

impl Surroundings {
    /// Surroundings from a clock and a source that fills a slice with random
    /// bytes. `executable` answers `runner` as `tickmark` does.
    pub fn new(
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
        random: impl FnMut(&mut [u8]) + Send + 'static,
        executable: impl Into<PathBuf>,
    ) -> Self {
        Self {
            clock: Arc::new(clock),
            random: Arc::new(Mutex::new(random)),
            executable: executable.into(),
        }
    }

    /// The program that runs SQL in a process of its own.
    pub fn executable(&self) -> &Path {
        &self.executable
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Fills `bytes` with random bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        // A panic while holding the lock leaves the source usable.
        let mut random = self
            .random
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        random(bytes);
    }

    /// Thirty-two random bytes.
    pub fn seed(&self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.fill(&mut seed);
        seed
    }
}
