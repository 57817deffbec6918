//! The SHA-256 digest of bytes as 64 lower-case hexadecimal digits.
//!
//! Must hold: a value is always exactly that text, so two digests are equal
//! when and only when their texts are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Sha256Hex(String);

/// A text that is not a SHA-256 digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a SHA-256 digest of 64 lower-case hexadecimal digits")]
pub struct MalformedDigest(pub String);

impl Sha256Hex {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_bytes(Sha256::digest(bytes).into())
    }

    /// The text form of a digest computed elsewhere, for example over a stream.
    pub fn from_bytes(digest: [u8; 32]) -> Self {
        Self(hex::encode(digest))
    }

    /// The digest itself.
    pub fn to_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        // The text has 64 digits, so this cannot fail.
        let _ = hex::decode_to_slice(&self.0, &mut bytes);
        bytes
    }

    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Sha256Hex {
    type Err = MalformedDigest;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if input.len() == 64 && input.bytes().all(is_digit) {
            return Ok(Self(input.to_owned()));
        }
        Err(MalformedDigest(input.to_owned()))
    }
}

impl TryFrom<String> for Sha256Hex {
    type Error = MalformedDigest;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Sha256Hex> for String {
    fn from(digest: Sha256Hex) -> Self {
        digest.0
    }
}

impl fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
