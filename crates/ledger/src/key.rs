//! Signing keys: Ed25519, one per realm, kept outside the workspace.
//!
//! What must hold: the secret leaves this module only as the text of the key
//! file; it is never printed, logged or stored in the ledger.

use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use signed_note::{StandardSigner, new_ed25519_verifier_key};

use crate::error::{LedgerError, Result};
use crate::files;

/// First line of a key file.
const HEADER: &str = "tickmark-signing-key/1";

/// An Ed25519 signing key.
#[derive(Clone)]
pub struct LogKey {
    key: SigningKey,
}

impl LogKey {
    /// The key that grows from a 32-byte secret seed.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self {
            key: SigningKey::from_bytes(&seed),
        }
    }

    /// Reads a key file written by [`LogKey::write_new`].
    ///
    /// # Errors
    /// [`LedgerError::File`] when it cannot be read, [`LedgerError::Refused`]
    /// when it is not a key file. The error never quotes the file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = files::read(path)?;
        let seed = parse_key_file(&text).ok_or_else(|| {
            LedgerError::refused(format!(
                "`{}` is not a signing key; expected the line `{HEADER}` and a base64 seed",
                path.display()
            ))
        })?;
        Ok(Self::from_seed(seed))
    }

    /// Writes the key to a new file that only its owner can read.
    ///
    /// # Errors
    /// [`LedgerError::File`] when the file exists or cannot be written.
    pub fn write_new(&self, path: &Path) -> Result<()> {
        let text = format!(
            "{HEADER}\n{}\n",
            BASE64_STANDARD.encode(self.key.to_bytes())
        );
        files::write_secret(path, text.as_bytes())
    }

    /// The public half, 32 bytes.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// Verifier key line for checkpoints named `name` (`name+id+key`), C2SP
    /// signed-note.
    #[must_use]
    pub fn verifier_key(&self, name: &str) -> String {
        new_ed25519_verifier_key(name, &self.key.verifying_key())
    }

    /// Signs bytes.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }

    /// A signer of notes under `name`.
    pub(crate) fn note_signer(&self, name: &str) -> Result<StandardSigner> {
        let mut secret = vec![1];
        secret.extend_from_slice(&self.key.to_bytes());
        let verifier_key = self.verifier_key(name);
        let id = verifier_key
            .strip_prefix(name)
            .and_then(|rest| rest.split('+').nth(1))
            .unwrap_or_default();
        let text = format!("PRIVATE+KEY+{name}+{id}+{}", BASE64_STANDARD.encode(secret));
        StandardSigner::new(&text).map_err(|_| {
            LedgerError::refused(format!(
                "`{name}` cannot name a signature; use a host and path without spaces or `+`"
            ))
        })
    }
}

impl std::fmt::Debug for LogKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LogKey(public {})", hex::encode(self.public_key()))
    }
}

/// Verifier key line of a public key under `name`.
///
/// # Errors
/// [`LedgerError::Damaged`] when the bytes are not an Ed25519 public key.
pub fn verifier_key_of(name: &str, public_key: &[u8; 32]) -> Result<String> {
    VerifyingKey::from_bytes(public_key)
        .map(|key| new_ed25519_verifier_key(name, &key))
        .map_err(|_| LedgerError::damaged("the stored public key is not an Ed25519 key"))
}

/// The public key within a verifier key line (`name+id+key`).
pub(crate) fn public_key_in(verifier_key: &str) -> Result<[u8; 32]> {
    let parsed = (|| {
        let encoded = verifier_key.splitn(3, '+').nth(2)?;
        let bytes = BASE64_STANDARD.decode(encoded).ok()?;
        bytes.strip_prefix(&[1])?.try_into().ok()
    })();
    parsed.ok_or_else(|| {
        LedgerError::refused(format!("`{verifier_key}` is not an Ed25519 verifier key"))
    })
}

fn parse_key_file(bytes: &[u8]) -> Option<[u8; 32]> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (header, seed) = text.trim_end().split_once('\n')?;
    (header == HEADER)
        .then(|| BASE64_STANDARD.decode(seed).ok()?.try_into().ok())
        .flatten()
}
