//! The growing edge of the tree: everything needed to append and to know the
//! root, without the hashes that already lie in full tiles.
//!
//! What must hold: `rows[l]` are the hashes of the partial tile at level `l`
//! (0 to 255 of them), `peaks` are the roots of the perfect subtrees that the
//! bits of `size` stand for, largest first. A tile is handed out exactly once,
//! when its 256th hash arrives, and never changes afterwards.

use crate::hash::{Hash, empty_root, node_hash, perfect_root};

/// Hashes in a full tile (C2SP tlog-tiles: tiles have height 8).
pub const TILE_WIDTH: u64 = 256;

/// A tile that has just become full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullTile {
    /// Level: 0 holds leaf hashes, each level above holds roots of full tiles.
    pub level: u8,
    /// Index within the level.
    pub index: u64,
    /// Its 256 hashes.
    pub hashes: Vec<Hash>,
}

/// The right edge of a tree of `size` leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    rows: Vec<Vec<Hash>>,
    peaks: Vec<Hash>,
}

impl Edge {
    /// Rebuilds the edge of a tree of `size` leaves from its partial tiles,
    /// `rows[l]` being level `l`. `None` when a row is not as long as `size` asks.
    #[must_use]
    pub fn from_rows(size: u64, rows: Vec<Vec<Hash>>) -> Option<Self> {
        let mut peaks = Vec::new();
        for (level, row) in rows.iter().enumerate().rev() {
            if row.len() as u64 != partial_width(size, u8::try_from(level).ok()?) {
                return None;
            }
            peaks.extend(row_peaks(row));
        }
        Some(Self { size, rows, peaks })
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Hashes of the partial tile at `level`; empty where there is none.
    #[must_use]
    pub fn row(&self, level: u8) -> &[Hash] {
        self.rows.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }

    /// Appends one leaf hash; tiles that became full are added to `full`.
    pub fn push(&mut self, leaf: Hash, full: &mut Vec<FullTile>) {
        let mut node = leaf;
        let mut height = 0_u32;
        self.push_row(0, leaf, full);
        while (self.size >> height) & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
            height += 1;
            if height.is_multiple_of(8) {
                self.push_row((height / 8) as usize, node, full);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// Root of the tree, RFC 6962 section 2.1.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut smallest_first = self.peaks.iter().rev();
        let Some(last) = smallest_first.next() else {
            return empty_root();
        };
        smallest_first.fold(*last, |right, left| node_hash(left, &right))
    }

    fn push_row(&mut self, level: usize, hash: Hash, full: &mut Vec<FullTile>) {
        if self.rows.len() <= level {
            self.rows.resize(level + 1, Vec::new());
        }
        let Some(row) = self.rows.get_mut(level) else {
            return;
        };
        row.push(hash);
        if row.len() as u64 == TILE_WIDTH {
            full.push(FullTile {
                level: level as u8,
                index: self.size >> (8 * (level + 1)),
                hashes: std::mem::take(row),
            });
        }
    }
}

/// Hashes in the partial tile at `level` of a tree of `size` leaves.
#[must_use]
pub fn partial_width(size: u64, level: u8) -> u64 {
    full_hashes(size, level) % TILE_WIDTH
}

/// Hashes at `level` of a tree of `size` leaves, in full and partial tiles.
#[must_use]
pub fn full_hashes(size: u64, level: u8) -> u64 {
    size.checked_shr(8 * u32::from(level)).unwrap_or(0)
}

/// Levels that hold at least one hash in a tree of `size` leaves.
#[must_use]
pub fn level_count(size: u64) -> u8 {
    (0..8).filter(|level| full_hashes(size, *level) > 0).count() as u8
}

/// Roots of the perfect subtrees within one partial tile, largest first.
fn row_peaks(row: &[Hash]) -> Vec<Hash> {
    let mut rest = row;
    let mut peaks = Vec::new();
    while !rest.is_empty() {
        let width = 1 << rest.len().ilog2();
        let (perfect, after) = rest.split_at(width);
        peaks.push(perfect_root(perfect));
        rest = after;
    }
    peaks
}
