//! RFC 6962 tree hashes, straight from the definition in section 2.1.

use sha2::{Digest, Sha256};

/// A SHA-256 digest.
pub(super) type Digest32 = [u8; 32];

/// `MTH({d})`.
pub(super) fn hash_leaf(leaf: &[u8]) -> Digest32 {
    let mut hasher = Sha256::new_with_prefix([0x00]);
    hasher.update(leaf);
    hasher.finalize().into()
}

fn hash_children(left: Digest32, right: Digest32) -> Digest32 {
    let mut hasher = Sha256::new_with_prefix([0x01]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// `MTH(D[n])` over leaf hashes, by the recursive definition.
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

/// The level above: one hash per full group of 256.
pub(super) fn level_above(hashes: &[Digest32]) -> Vec<Digest32> {
    hashes.chunks_exact(256).map(tree_hash).collect()
}
