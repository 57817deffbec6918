//! RFC 6962 tree hashes, from the recursive definition in section 2.1.

use sha2::{Digest, Sha256};

/// A SHA-256 digest.
pub(super) type Digest32 = [u8; 32];

/// `MTH({d})`.
pub(super) fn hash_leaf(leaf: &[u8]) -> Digest32 {
    let mut hasher = Sha256::new_with_prefix([0x00]);
    hasher.update(leaf);
    hasher.finalize().into()
}

/// `MTH({d})` of `0x00 ‖ d`, the prefix being there already.
pub(super) fn hash_prefixed(leaf: &[u8]) -> Digest32 {
    Sha256::digest(leaf).into()
}

fn hash_children(left: Digest32, right: Digest32) -> Digest32 {
    let mut both = [0x01; 65];
    both.iter_mut()
        .skip(1)
        .zip(left.iter().chain(&right))
        .for_each(|(to, from)| *to = *from);
    Sha256::digest(both).into()
}

/// `MTH(D[n])` over leaf hashes.
pub(super) fn tree_hash(leaves: &[Digest32]) -> Digest32 {
    match leaves {
        [] => Sha256::digest([]).into(),
        [only] => *only,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            hash_children(tree_hash(left), tree_hash(right))
        }
    }
}

/// The levels of tiles over leaf hashes: each level above holds one hash per
/// full group of 256 below. `roots` is the first of them.
pub(super) fn levels(leaf_hashes: Vec<Digest32>, roots: Vec<Digest32>) -> Vec<Vec<Digest32>> {
    let mut levels = vec![leaf_hashes];
    let mut above = roots;
    while !above.is_empty() {
        let next = above.chunks_exact(256).map(tree_hash).collect();
        levels.push(std::mem::replace(&mut above, next));
    }
    levels
}

/// `MTH` of the first `size` leaves. Where a part of the tree consists of full
/// groups of 256, it is the tree over the roots of those groups, one level up.
pub(super) fn prefix_hash(levels: &[Vec<Digest32>], size: usize) -> Option<Digest32> {
    range_hash(levels, 0, size)
}

fn range_hash(levels: &[Vec<Digest32>], start: usize, end: usize) -> Option<Digest32> {
    let (here, above) = levels.split_first()?;
    let width = end - start;
    if width > 256 && start.is_multiple_of(256) && end.is_multiple_of(256) {
        return range_hash(above, start / 256, end / 256);
    }
    if width <= 256 {
        return here.get(start..end).map(tree_hash);
    }
    let middle = start + width.next_power_of_two() / 2;
    let left = range_hash(levels, start, middle)?;
    Some(hash_children(left, range_hash(levels, middle, end)?))
}
