//! What the pages are set with, as one digest: two builds with the same digest
//! set the same pages from the same value, as far as data goes.

use tickmark_catalog::Sha256Hex;

use crate::{html, pdf};

/// The typesetter and its version, as locked for this build.
pub const TYPESETTER: &str = "typst 0.15.1";

/// Digest of typesetter, template, fonts and style: of a line for each, its
/// name and its own digest.
pub fn pages_sha256() -> Sha256Hex {
    let style = ("style.css", html::STYLE.as_bytes());
    let mut lines = format!("{TYPESETTER}\n");
    for (name, bytes) in pdf::parts().into_iter().chain([style]) {
        lines.push_str(&format!("{name} {}\n", Sha256Hex::of(bytes)));
    }
    Sha256Hex::of(lines.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_typesetter_is_the_locked_one() {
        let (name, version) = TYPESETTER.split_once(' ').unwrap();
        let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        assert!(include_str!("../../../Cargo.lock").contains(&locked));
    }

    #[test]
    fn every_part_counts() {
        let parts = pdf::parts();
        assert_eq!(parts.len(), 8 + 7);
        assert!(parts.iter().all(|(_, bytes)| !bytes.is_empty()));
    }
}
