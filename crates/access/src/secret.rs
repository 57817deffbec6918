//! Secrets: made from handed-in randomness, shown once, stored as a hash.
//!
//! Must hold: a secret holds 256 random bits, so its SHA-256 is as good as a
//! slow hash; `Debug` of a secret never shows it.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use sha2::{Digest as _, Sha256};

/// Fills bytes with randomness that nobody can guess.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// A text that nobody but its owner may see.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A text that was handed over, for example in a cookie.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// 256 random bits, in base64url: 43 characters.
    pub fn random(random: &Random) -> Self {
        let mut bytes = [0; 32];
        random(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The text itself, for its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// SHA-256 of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// SHA-256 of a text.
    pub fn of(text: &str) -> Self {
        Self::of_bytes(text.as_bytes())
    }

    /// SHA-256 of bytes, for example of a request's body.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads what `Display` writes: 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The first half, for whoever wants 128 bits.
    pub(crate) fn half(self) -> [u8; 16] {
        let mut half = [0; 16];
        half.iter_mut()
            .zip(self.0)
            .for_each(|(to, from)| *to = from);
        half
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl ToSql for Digest {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl FromSql for Digest {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self)
    }
}

macro_rules! kind_of_secret {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub Secret);

        impl $name {
            /// One that was handed over, for example in a cookie or a link.
            pub fn new(text: impl Into<String>) -> Self {
                Self(Secret::new(text))
            }

            /// The text itself, for its owner.
            pub fn reveal(&self) -> &str {
                self.0.reveal()
            }

            pub(crate) fn random(random: &Random) -> Self {
                Self(Secret::random(random))
            }

            pub(crate) fn digest(&self) -> Digest {
                self.0.digest()
            }
        }
    };
}

kind_of_secret!(
    SessionSecret,
    "Shows that a browser is signed in: the value of its cookie."
);
kind_of_secret!(
    PendingSecret,
    "Shows that a password was right and the second factor is due."
);
kind_of_secret!(
    InvitationSecret,
    "The secret part of an invitation or set-up link."
);
kind_of_secret!(
    CeremonySecret,
    "Ties the two halves of a passkey or single sign-on ceremony to one browser."
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entrance::testing::random;

    #[test]
    fn a_secret_is_long_url_safe_and_never_printed() {
        let secret = SessionSecret::random(&random());
        assert_eq!(secret.reveal().len(), 43);
        let is_safe = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        assert!(secret.reveal().bytes().all(is_safe));
        let shown = format!("{secret:?} {:?}", secret.0);
        assert_eq!(shown, "SessionSecret(Secret) Secret");
    }

    #[test]
    fn the_digest_is_sha_256() {
        assert_eq!(
            Digest::of("abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let half = hex::encode(Digest::of("abc").half());
        assert_eq!(half, "ba7816bf8f01cfea414140de5dae2223");
    }
}
