//! Finds keys that occur twice, in bounded memory.
//!
//! The first pass over the records keeps a 64-bit hash of each key, in sorted
//! runs that go to disk when they grow. Hashes that occur twice are suspects.
//! Only when there are any, a second pass compares those few keys exactly.
//!
//! Must hold: a repeated key is never missed (equal keys have equal hashes) and
//! a single key is never refused (the second pass compares the keys).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufReader, Read};

use tickmark_catalog::{Place, Problem};

use super::convert::Value;
use crate::store::Staged;
use crate::{EvidenceError, Store};

/// Hashes held in memory before a run goes to disk: 64 MiB.
const RUN_LENGTH: usize = 8 * 1024 * 1024;
/// More repeated keys than this are not a slip but a wrong key.
const MAX_SUSPECTS: usize = 1_000_000;

/// The key of a row as bytes: equal for equal keys, and only for those.
pub(super) fn key_bytes<'a>(values: impl Iterator<Item = Option<&'a Value<'a>>>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    for value in values {
        match value {
            None => bytes.push(0),
            Some(Value::Text(text)) => put(&mut bytes, 1, text.as_bytes()),
            Some(Value::Bool(truth)) => put(&mut bytes, 2, &[u8::from(*truth)]),
            Some(Value::Int(number)) => put(&mut bytes, 3, &number.to_le_bytes()),
            Some(Value::Float(number)) => put(&mut bytes, 4, &number.to_le_bytes()),
            Some(Value::Date(days)) => put(&mut bytes, 5, &days.to_le_bytes()),
            Some(Value::Timestamp(us)) => put(&mut bytes, 6, &us.to_le_bytes()),
            Some(Value::List(items)) => {
                put(&mut bytes, 7, &(items.len() as u64).to_le_bytes());
                items
                    .iter()
                    .for_each(|item| put(&mut bytes, 1, item.as_bytes()));
            }
        }
    }
    bytes
}

fn put(bytes: &mut Vec<u8>, kind: u8, value: &[u8]) {
    bytes.push(kind);
    bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
    bytes.extend_from_slice(value);
}

/// The hash of a key; the same in every run.
fn key_hash(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The hashes of all keys of the first pass.
pub(super) struct KeyHashes<'s> {
    store: &'s Store,
    run: Vec<u64>,
    spilt: Vec<Staged>,
}

impl<'s> KeyHashes<'s> {
    pub(super) fn new(store: &'s Store) -> Self {
        Self {
            store,
            run: Vec::new(),
            spilt: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, key: &[u8]) -> Result<(), EvidenceError> {
        self.run.push(key_hash(key));
        if self.run.len() == RUN_LENGTH {
            self.spill()
        } else {
            Ok(())
        }
    }

    fn spill(&mut self) -> Result<(), EvidenceError> {
        self.run.sort_unstable();
        let mut file = self.store.stage()?;
        for hash in self.run.drain(..) {
            file.append(&hash.to_le_bytes())?;
        }
        self.spilt.push(file.finish()?);
        Ok(())
    }

    /// The hashes that occur more than once; `None` when all keys differ.
    pub(super) fn suspects(&mut self) -> Result<Option<Suspects>, EvidenceError> {
        self.run.sort_unstable();
        let mut repeated = HashSet::new();
        let mut previous = None;
        let mut look = |hash: u64| {
            if previous == Some(hash) {
                repeated.insert(hash);
            }
            previous = Some(hash);
            if repeated.len() > MAX_SUSPECTS {
                Err(too_many())
            } else {
                Ok(())
            }
        };
        if self.spilt.is_empty() {
            self.run.iter().try_for_each(|hash| look(*hash))?;
        } else {
            merge(&self.spilt, &self.run, look)?;
        }
        Ok((!repeated.is_empty()).then(|| Suspects {
            hashes: repeated,
            seen: HashMap::new(),
        }))
    }
}

fn too_many() -> EvidenceError {
    Problem::new(format!("more than {MAX_SUSPECTS} keys occur twice"))
        .hint("check the columns that make up the key of the dataset")
        .into()
}

/// Goes over the hashes of all runs in ascending order.
fn merge(
    spilt: &[Staged],
    run: &[u64],
    mut look: impl FnMut(u64) -> Result<(), EvidenceError>,
) -> Result<(), EvidenceError> {
    let mut runs: Vec<Box<dyn Iterator<Item = Result<u64, EvidenceError>> + '_>> = Vec::new();
    for file in spilt {
        runs.push(Box::new(read_run(file)?));
    }
    runs.push(Box::new(run.iter().copied().map(Ok)));
    let mut heads = BinaryHeap::new();
    for (index, run) in runs.iter_mut().enumerate() {
        if let Some(hash) = run.next().transpose()? {
            heads.push(Reverse((hash, index)));
        }
    }
    while let Some(Reverse((hash, index))) = heads.pop() {
        look(hash)?;
        if let Some(next) = runs.get_mut(index).and_then(Iterator::next).transpose()? {
            heads.push(Reverse((next, index)));
        }
    }
    Ok(())
}

fn read_run(
    file: &Staged,
) -> Result<impl Iterator<Item = Result<u64, EvidenceError>> + use<'_>, EvidenceError> {
    let failed = |error| EvidenceError::reading(file.path(), error);
    let mut source = BufReader::new(File::open(file.path()).map_err(failed)?);
    let count = file.object.size_bytes / 8;
    Ok((0..count).map(move |_| {
        let mut bytes = [0; 8];
        source.read_exact(&mut bytes).map_err(failed)?;
        Ok(u64::from_le_bytes(bytes))
    }))
}

/// The keys to compare exactly in the second pass.
pub(super) struct Suspects {
    hashes: HashSet<u64>,
    seen: HashMap<Vec<u8>, Place>,
}

impl Suspects {
    /// Where the same key stood before, if it did.
    pub(super) fn earlier(&mut self, key: &[u8], place: impl FnOnce() -> Place) -> Option<Place> {
        if !self.hashes.contains(&key_hash(key)) {
            return None;
        }
        if let Some(earlier) = self.seen.get(key) {
            return Some(earlier.clone());
        }
        self.seen.insert(key.to_owned(), place());
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_spilt_runs() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let mut hashes = KeyHashes::new(&store);
        for part in [["a", "b"], ["c", "a"], ["d", "e"]] {
            part.iter()
                .for_each(|key| hashes.add(key.as_bytes()).unwrap());
            hashes.spill().unwrap();
        }
        hashes.add(b"e").unwrap();
        let mut suspects = hashes.suspects().unwrap().unwrap();
        let place = |line| {
            move || Place {
                file: "f".to_owned(),
                line: Some(line),
                column: None,
            }
        };
        assert_eq!(suspects.earlier(b"b", place(1)), None);
        assert_eq!(suspects.earlier(b"a", place(2)), None);
        assert_eq!(suspects.earlier(b"e", place(3)), None);
        assert_eq!(suspects.earlier(b"a", place(4)), Some(place(2)()));
        assert_eq!(suspects.earlier(b"b", place(5)), None);
    }
}
