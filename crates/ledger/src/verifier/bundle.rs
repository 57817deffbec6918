//! Entry bundles: 256 entries a file, each after its length as a big-endian
//! 16-bit number; and the tile of their hashes, which goes with each.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Failure;
use super::layout::path_of;
use super::leaf::{Names, VerifiedEntry, parse_leaf};
use super::parallel::in_order;
use super::tree::{Digest32, hash_prefixed, tree_hash};

/// Longest bundle: 256 entries, each after its length.
pub(super) const MAX_BUNDLE_BYTES: u64 = 256 * (2 + u16::MAX as u64);

/// Longest tile: 256 hashes.
pub(super) const MAX_TILE_BYTES: u64 = 256 * 32;

/// What the bundles of a ledger hold.
#[derive(Default)]
pub(super) struct Bundles {
    /// Hash of each entry.
    pub hashes: Vec<Digest32>,
    /// Root of the hashes of each full bundle.
    pub roots: Vec<Digest32>,
    pub entries: Vec<VerifiedEntry>,
    pub failures: Vec<Failure>,
}

/// What a thread keeps from bundle to bundle.
#[derive(Default)]
struct Reading {
    buffer: Vec<u8>,
    names: Names,
}

/// Reads, hashes and parses every bundle of a ledger of `size` entries, and
/// compares its tile, on all processors.
pub(super) fn read_bundles(folder: &Path, size: u64) -> Bundles {
    let parts = in_order(size.div_ceil(256), |reading, index| {
        let mut part = Bundles::default();
        part.read(folder, index, size, reading);
        part
    });
    let mut all = Bundles::default();
    let held = parts.iter().map(|part| part.hashes.len()).sum();
    all.hashes.reserve_exact(held);
    all.entries.reserve_exact(held);
    for part in parts {
        all.hashes.extend(part.hashes);
        all.roots.extend(part.roots);
        all.entries.extend(part.entries);
        all.failures.extend(part.failures);
    }
    all.check_order();
    all
}

impl Bundles {
    fn read(&mut self, folder: &Path, index: u64, size: u64, reading: &mut Reading) {
        let Reading { buffer, names } = reading;
        let start = index * 256;
        let width = (size - start).min(256) as usize;
        let path = folder.join(path_of("entries", index, width));
        let whole = read_into(&path, MAX_BUNDLE_BYTES, buffer).and_then(|()| {
            self.add(start, width, buffer, names).ok_or_else(|| {
                let why = format!("it does not hold exactly {width} entries");
                Failure::new(path.display().to_string(), why)
            })
        });
        if let Err(failure) = whole {
            // Nothing of a bundle that is not whole counts.
            self.hashes.clear();
            self.entries.clear();
            return self.failures.push(failure);
        }
        if width == 256 {
            self.roots.push(tree_hash(&self.hashes));
        }
        let tile = folder.join(path_of("0", index, width));
        self.failures
            .extend(compare(&tile, self.hashes.as_flattened(), buffer).err());
    }

    /// Takes in the `width` entries of a bundle; `None` when it holds more or
    /// fewer.
    fn add(
        &mut self,
        start: u64,
        width: usize,
        bundle: &mut [u8],
        names: &mut Names,
    ) -> Option<()> {
        self.hashes.reserve_exact(width);
        self.entries.reserve_exact(width);
        let mut rest = bundle;
        for index in (start..).take(width) {
            let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
            let (entry, after) = rest.split_at_mut_checked(length + 2)?;
            match parse_leaf(index, entry.get(2..)?, names) {
                Ok(entry) => self.entries.push(entry),
                Err(failure) => self.failures.push(failure),
            }
            // The byte before the entry has been read: it makes room for the
            // prefix of a leaf, so that both are hashed in one piece.
            let prefixed = entry.get_mut(1..)?;
            *prefixed.first_mut()? = 0x00;
            self.hashes.push(hash_prefixed(prefixed));
            rest = after;
        }
        rest.is_empty().then_some(())
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
pub(super) fn split_bundle(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut rest = bytes;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        rest = after;
    }
    Some(entries)
}

/// Compares a tile with the hashes it must hold.
pub(super) fn compare(path: &Path, expected: &[u8], buffer: &mut Vec<u8>) -> Result<(), Failure> {
    read_into(path, MAX_TILE_BYTES, buffer)?;
    if buffer == expected {
        return Ok(());
    }
    let why = "it does not hold the hashes of the entries";
    Err(Failure::new(path.display().to_string(), why))
}

/// Reads a file whole, in place of what was in `buffer`. What is longer than
/// its kind can be is refused, not read: whoever sent it may mean to fill the
/// memory.
pub(super) fn read_into(path: &Path, most: u64, buffer: &mut Vec<u8>) -> Result<(), Failure> {
    let fail = |why: String| Failure::new(path.display().to_string(), why);
    buffer.clear();
    File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(buffer))
        .map_err(|error| fail(error.to_string()))?;
    if buffer.len() as u64 > most {
        return Err(fail(format!("it is longer than {most} bytes")));
    }
    Ok(())
}
