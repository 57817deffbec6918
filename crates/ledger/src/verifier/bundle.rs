//! Entry bundles: 256 entries a file, each after its length as a big-endian
//! 16-bit number.

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use super::Failure;
use super::layout::path_of;
use super::leaf::{VerifiedEntry, parse_leaf};
use super::tree::{Digest32, hash_leaf};

/// What one or several bundles hold.
#[derive(Default)]
pub(super) struct Bundles {
    pub paths: Vec<PathBuf>,
    pub leaves: Vec<Vec<u8>>,
    pub hashes: Vec<Digest32>,
    pub entries: Vec<VerifiedEntry>,
    pub failures: Vec<Failure>,
}

/// Reads, hashes and parses every bundle of a ledger of `size` entries, on all
/// processors.
pub(super) fn read_bundles(folder: &Path, size: u64) -> Bundles {
    let count = size.div_ceil(256);
    let workers = thread::available_parallelism().map_or(1, NonZero::get) as u64;
    let share = count.div_ceil(workers).max(1);
    let mut all = Bundles::default();
    thread::scope(|scope| {
        let running: Vec<_> = (0..workers)
            .map(|worker| {
                let range = worker * share..((worker + 1) * share).min(count);
                scope.spawn(move || {
                    let mut part = Bundles::default();
                    range.for_each(|index| part.read(folder, index, size));
                    part
                })
            })
            .collect();
        for worker in running {
            match worker.join() {
                Ok(part) => all.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    all.check_order();
    all
}

impl Bundles {
    fn read(&mut self, folder: &Path, index: u64, size: u64) {
        let start = index * 256;
        let width = (size - start).min(256) as usize;
        let path = folder.join(path_of("entries", index, width));
        let leaves = read(&path).and_then(|bytes| {
            split_bundle(&bytes)
                .filter(|entries| entries.len() == width)
                .ok_or_else(|| {
                    let why = format!("it does not hold exactly {width} entries");
                    Failure::new(path.display().to_string(), why)
                })
        });
        match leaves {
            Ok(leaves) => self.add(start, leaves),
            Err(failure) => self.failures.push(failure),
        }
        self.paths.push(path);
    }

    fn add(&mut self, start: u64, leaves: Vec<Vec<u8>>) {
        for (index, leaf) in (start..).zip(leaves) {
            self.hashes.push(hash_leaf(&leaf));
            match parse_leaf(index, &leaf) {
                Ok(entry) => self.entries.push(entry),
                Err(failure) => self.failures.push(failure),
            }
            self.leaves.push(leaf);
        }
    }

    fn extend(&mut self, more: Self) {
        self.paths.extend(more.paths);
        self.leaves.extend(more.leaves);
        self.hashes.extend(more.hashes);
        self.entries.extend(more.entries);
        self.failures.extend(more.failures);
    }

    /// Times never go back.
    fn check_order(&mut self) {
        let back = self.entries.windows(2).filter_map(|pair| match pair {
            [before, entry] if before.at > entry.at => Some(entry.index),
            _ => None,
        });
        let failures: Vec<Failure> = back
            .map(|index| {
                let why = "it is dated before the entry before it";
                Failure::new(format!("entry {index}"), why)
            })
            .collect();
        self.failures.extend(failures);
    }
}

/// The entries in a bundle; `None` when it is cut short.
pub(super) fn split_bundle(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut rest = bytes;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry.to_vec());
        rest = after;
    }
    Some(entries)
}

/// Reads a file whole.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::new(path.display().to_string(), error.to_string()))
}
