//! Inclusion and consistency proofs, RFC 6962 sections 2.1.1 and 2.1.2,
//! made from tiles.
//!
//! What must hold: no proof leaves this module unchecked. Each is verified
//! with `ct-merkle`, code we did not write, against the roots it is for.

use std::collections::HashMap;

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use sha2::Sha256;

use crate::error::{LedgerError, Result};
use crate::hash::{Hash, node_hash, perfect_root};
use crate::tree::TILE_WIDTH;

/// Loads the hashes that exist at `(level, tile index)`; a partial tile may
/// be returned longer than the tree asked about needs.
pub type LoadRow<'a> = dyn FnMut(u8, u64) -> Result<Vec<Hash>> + 'a;

/// Subtree hashes of one tree, computed from tiles and remembered by tile.
pub struct Subtrees<'a> {
    load: &'a mut LoadRow<'a>,
    rows: HashMap<(u8, u64), Vec<Hash>>,
}

impl<'a> Subtrees<'a> {
    /// Subtrees over the tiles that `load` returns.
    pub fn new(load: &'a mut LoadRow<'a>) -> Self {
        Self {
            load,
            rows: HashMap::new(),
        }
    }

    /// Root over the first `size` leaves.
    pub fn root(&mut self, size: u64) -> Result<Hash> {
        if size == 0 {
            return Ok(crate::hash::empty_root());
        }
        self.range(0, size)
    }

    /// Audit path of leaf `index` in the tree of `size` leaves, sibling first.
    pub fn inclusion(&mut self, index: u64, size: u64) -> Result<Vec<Hash>> {
        let (mut start, mut end) = (0, size);
        let mut path = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(self.range(middle, end)?);
                end = middle;
            } else {
                path.push(self.range(start, middle)?);
                start = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// Proof that the tree of `old` leaves is a prefix of the tree of `new`.
    /// Empty when `old` is 0 or both are equal.
    pub fn consistency(&mut self, old: u64, new: u64) -> Result<Vec<Hash>> {
        if old == 0 || old == new {
            return Ok(Vec::new());
        }
        let (mut start, mut end, mut old_is_whole) = (0, new, true);
        let mut path = Vec::new();
        while end != old {
            let middle = start + split(end - start);
            if old <= middle {
                path.push(self.range(middle, end)?);
                end = middle;
            } else {
                path.push(self.range(start, middle)?);
                start = middle;
                old_is_whole = false;
            }
        }
        if !old_is_whole {
            path.push(self.range(start, end)?);
        }
        path.reverse();
        Ok(path)
    }

    /// Hash of the leaves `start..end`, `start` being where the tree splits.
    fn range(&mut self, start: u64, end: u64) -> Result<Hash> {
        let width = end - start;
        if width.is_power_of_two() {
            return self.perfect(start, width);
        }
        let middle = start + split(width);
        let left = self.perfect(start, middle - start)?;
        let right = self.range(middle, end)?;
        Ok(node_hash(&left, &right))
    }

    /// Hash of a perfect subtree: `width` leaves, a power of two, from `start`.
    fn perfect(&mut self, start: u64, width: u64) -> Result<Hash> {
        let height = width.ilog2();
        let level = (height / 8) as u8;
        let first = start >> (8 * u32::from(level));
        let count = 1_u64 << (height % 8);
        let tile = (level, first / TILE_WIDTH);
        let offset = (first % TILE_WIDTH) as usize;
        self.row(tile)?
            .get(offset..offset + count as usize)
            .map(perfect_root)
            .ok_or_else(|| {
                LedgerError::damaged(format!(
                    "tile {}/{} holds fewer hashes than the tree needs",
                    tile.0, tile.1
                ))
            })
    }

    fn row(&mut self, tile: (u8, u64)) -> Result<&[Hash]> {
        let row = match self.rows.entry(tile) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(unknown) => {
                unknown.insert((self.load)(tile.0, tile.1)?)
            }
        };
        Ok(row)
    }
}

/// Where RFC 6962 splits `width` leaves: the largest power of two below it.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// Checks that `leaf` is entry `index` of the tree `(size, root)`.
///
/// # Errors
/// [`LedgerError::Damaged`] when the proof does not lead to the root.
pub fn check_inclusion(
    leaf: &[u8],
    index: u64,
    path: &[Hash],
    size: u64,
    root: &Hash,
) -> Result<()> {
    let proof = InclusionProof::<Sha256>::from_digests(path.iter().map(Into::into));
    RootHash::<Sha256>::new((*root).into(), size)
        .verify_inclusion(&leaf, index, &proof)
        .map_err(|error| {
            LedgerError::damaged(format!(
                "the inclusion proof of entry {index} fails: {error}"
            ))
        })
}

/// Checks that the tree `old` is a prefix of the tree `new`, each `(size, root)`.
/// The empty tree is a prefix of every tree, with an empty proof.
///
/// # Errors
/// [`LedgerError::Damaged`] when the proof does not connect the two roots.
pub fn check_consistency(old: (u64, &Hash), new: (u64, &Hash), path: &[Hash]) -> Result<()> {
    let fail = |why: String| {
        LedgerError::damaged(format!(
            "no consistency from size {} to size {}: {why}",
            old.0, new.0
        ))
    };
    if old.0 == 0 {
        let sound = path.is_empty() && *old.1 == crate::hash::empty_root();
        return sound
            .then_some(())
            .ok_or_else(|| fail("the empty tree needs no proof and has a fixed root".into()));
    }
    let proof = ConsistencyProof::<Sha256>::from_digests(path.iter().map(Into::into));
    RootHash::<Sha256>::new((*new.1).into(), new.0)
        .verify_consistency(&RootHash::new((*old.1).into(), old.0), &proof)
        .map_err(|error| fail(error.to_string()))
}
