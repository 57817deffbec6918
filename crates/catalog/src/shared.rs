//! Collections that only grow, and whose copies share what they have in common.
//!
//! Must hold: a copy costs little however long the history is, and never
//! changes when the other grows; order and content are those of a plain list
//! or map. Whoever holds an old state keeps it whole while commands go on.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Sha256Hex;

/// Values of a list that share a block: what adding one copies at most.
const BLOCK: usize = 64;
/// Parts of a map: adding to a shared one copies one part.
const PARTS: usize = 256;

/// A list that only grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrowingList<T> {
    full: Vec<Arc<Vec<T>>>,
    last: Arc<Vec<T>>,
}

impl<T> Default for GrowingList<T> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            last: Arc::default(),
        }
    }
}

impl<T> GrowingList<T> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        self.full.len() * BLOCK + self.last.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at a place, from 0.
    pub fn get(&self, place: usize) -> Option<&T> {
        match self.full.get(place / BLOCK) {
            Some(block) => block.get(place % BLOCK),
            None => self.last.get(place - self.full.len() * BLOCK),
        }
    }

    /// The value added last.
    pub fn last(&self) -> Option<&T> {
        self.iter().next_back()
    }

    /// Every value, in the order in which they were added.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        let blocks = self.full.iter().chain(std::iter::once(&self.last));
        blocks.flat_map(|block| block.iter())
    }
}

impl<T: Clone> GrowingList<T> {
    /// Adds a value at the end.
    pub fn push(&mut self, value: T) {
        let last = Arc::make_mut(&mut self.last);
        last.push(value);
        if last.len() == BLOCK {
            self.full.push(std::mem::take(&mut self.last));
        }
    }
}

impl<T: Clone> FromIterator<T> for GrowingList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut list = Self::default();
        values.into_iter().for_each(|value| list.push(value));
        list
    }
}

/// A map from digests, for hundreds of thousands of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestMap<V> {
    /// By the first byte of the digest; none before the first value.
    parts: Vec<Arc<BTreeMap<[u8; 32], V>>>,
}

impl<V> Default for DigestMap<V> {
    fn default() -> Self {
        Self { parts: Vec::new() }
    }
}

fn part(key: &[u8; 32]) -> usize {
    let [first, ..] = key;
    usize::from(*first)
}

impl<V> DigestMap<V> {
    /// The value of a digest.
    pub fn get(&self, digest: &Sha256Hex) -> Option<&V> {
        let key = digest.to_bytes();
        self.parts.get(part(&key))?.get(&key)
    }

    /// Whether a digest has a value.
    pub fn contains(&self, digest: &Sha256Hex) -> bool {
        self.get(digest).is_some()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

impl<V: Clone> DigestMap<V> {
    /// Sets the value of a digest.
    pub fn insert(&mut self, digest: &Sha256Hex, value: V) {
        let key = digest.to_bytes();
        if self.parts.is_empty() {
            self.parts = (0..PARTS).map(|_| Arc::default()).collect();
        }
        if let Some(part) = self.parts.get_mut(part(&key)) {
            Arc::make_mut(part).insert(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, DigestMap, GrowingList};
    use crate::Sha256Hex;

    #[test]
    fn a_list_is_what_a_plain_one_is_across_blocks() {
        let count = 3 * BLOCK + 5;
        let mut list = GrowingList::default();
        let mut copies = Vec::new();
        for value in 0..count {
            copies.push((value, list.clone()));
            list.push(value);
            assert_eq!(list.last(), Some(&value));
        }
        assert!(list.iter().copied().eq(0..count));
        assert!(list.iter().rev().copied().eq((0..count).rev()));
        assert!((0..count).all(|place| list.get(place) == Some(&place)));
        assert_eq!((list.get(count), list.len()), (None, count));
        for (len, copy) in copies {
            assert!(copy.iter().copied().eq(0..len), "a copy of {len} changed");
            assert_eq!(copy.is_empty(), len == 0);
        }
        assert_eq!((0..count).collect::<GrowingList<_>>(), list);
    }

    #[test]
    fn a_map_keeps_every_digest_and_copies_stay() {
        let digest = |number: u32| Sha256Hex::of(&number.to_be_bytes());
        let mut map = DigestMap::default();
        assert!(map.is_empty() && !map.contains(&digest(0)));
        (0..2000).for_each(|number| map.insert(&digest(number), number));
        let copy = map.clone();
        map.insert(&digest(7), 70);
        map.insert(&digest(2000), 1);
        assert_eq!((map.len(), copy.len()), (2001, 2000));
        assert_eq!(
            (map.get(&digest(7)), copy.get(&digest(7))),
            (Some(&70), Some(&7))
        );
        assert!(!copy.contains(&digest(2000)));
        assert!((8..2000).all(|number| map.get(&digest(number)) == Some(&number)));
    }
}
