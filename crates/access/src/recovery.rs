//! Recovery codes: the way in when the second factor is lost.
//!
//! Must hold: ten codes, each of 80 random bits and used once; only their hashes
//! are stored; capitals, dashes and spaces do not matter when one is typed.

use crate::secret::{Digest, Random, Secret};

/// How many codes a person gets.
pub(crate) const CODE_COUNT: usize = 10;

/// 32 letters and digits that cannot be taken for one another.
const ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz0";

/// A new set of codes, to be shown once.
pub(crate) fn new_codes(random: &Random) -> Vec<Secret> {
    (0..CODE_COUNT).map(|_| new_code(random)).collect()
}

fn new_code(random: &Random) -> Secret {
    let mut bytes = [0; 16];
    random(&mut bytes);
    let letters = bytes.map(letter);
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    Secret::new(groups.join("-"))
}

fn letter(byte: u8) -> char {
    let index = usize::from(byte & 31);
    ALPHABET.get(index).copied().map_or('0', char::from)
}

/// What is stored of a code, and looked for when one is typed.
pub(crate) fn digest(code: &str) -> Digest {
    let plain: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    Digest::of(&plain.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::entrance::testing::random;

    #[test]
    fn codes_differ_and_can_be_typed_loosely() {
        let codes = new_codes(&random());
        let digests: BTreeSet<Digest> = codes.iter().map(|it| digest(it.reveal())).collect();
        assert_eq!(digests.len(), CODE_COUNT);
        for code in &codes {
            let text = code.reveal();
            assert_eq!(text.len(), 19, "{text}");
            let loose = format!(" {} ", text.replace('-', " ").to_uppercase());
            assert_eq!(digest(&loose), digest(text));
        }
    }

    #[test]
    fn letters_are_told_apart() {
        let letters: BTreeSet<char> = (0..=255).map(letter).collect();
        assert_eq!(letters.len(), 32);
        assert!(letters.iter().all(|c| !"il1o".contains(*c)));
    }
}
