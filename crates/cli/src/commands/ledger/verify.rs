//! `tickmark ledger verify`: whether what someone handed over is the ledger, a
//! part of it or an entry in it that the holder of a key signed.
//!
//! Needs no workspace where the key is named. Exit status 3 when it does not
//! verify, 2 when there is nothing to verify.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use tickmark_ledger::package::export_package;
use tickmark_ledger::verifier::{
    Erasure, Failure, Failures, Rotation, SignedCheckpoint, VerifiedBodies, VerifierKey,
    open_checkpoint, verify_bodies, verify_directory, verify_extends, verify_proof, verify_rotated,
};
use tickmark_ledger::{LedgerError, LedgerReader};

use super::{DAMAGED, counted, hex, print, read_bytes};

/// What to verify, and against what.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// An exported folder, a package with `ledger/` and `bodies.ndjson`, a
    /// ledger's database or a `.tlog-proof` file. Without it, the ledger of the workspace.
    pub path: Option<PathBuf>,
    /// Verifier key line you trust. Without it, that of the workspace's ledger;
    /// with it and a path, no workspace is needed.
    #[arg(long, value_name = "VKEY")]
    pub vkey: Option<String>,
    /// Verifier key line of a witness that must have cosigned; may be repeated.
    #[arg(long, value_name = "VKEY", alias = "witness")]
    pub witness_key: Vec<String>,
    /// A checkpoint you kept from earlier, which the ledger must extend; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// The entry a proof is about. Without it, the file beside the proof.
    #[arg(long, value_name = "FILE")]
    pub leaf: Option<PathBuf>,
}

/// What was verified, or why it does not verify.
pub type Verified = Result<Report, Failures>;

/// Verifies what lies at `path`; `own_key` is asked where no key is named.
///
/// # Errors
/// When there is nothing to verify, or a key is no key.
pub fn at(
    path: &Path,
    args: &VerifyArgs,
    own_key: impl FnOnce() -> Result<String, LedgerError>,
) -> Result<Verified, LedgerError> {
    if path.is_dir() {
        refuse(
            args.leaf.is_some(),
            "`--leaf` belongs to a `.tlog-proof` file, this is a folder",
        )?;
        let is_ledger = ["checkpoint", "ledger/checkpoint"]
            .iter()
            .any(|inside| path.join(inside).is_file());
        refuse(
            !is_ledger,
            format!(
                "there is nothing to verify in `{}`: an exported ledger has `checkpoint`, a package has `ledger/checkpoint`",
                path.display()
            ),
        )?;
        let trust = trust(args, own_key)?;
        return Ok(trust.folder(path, &read_older(args)?));
    }
    if is_database(path)? {
        let reader = LedgerReader::open(path)?;
        let note = reader.last_checkpoint()?.ok_or_else(|| {
            LedgerError::Refused(format!(
                "nothing has been signed yet in `{}`: there is no checkpoint to verify it against",
                path.display()
            ))
        })?;
        return database(&reader, &note, args, own_key);
    }
    refuse(
        !args.checkpoint.is_empty(),
        "a proof shows one entry; to hold a ledger against `--checkpoint`, verify an exported folder",
    )?;
    let leaf = args.leaf.clone().unwrap_or_else(|| leaf_beside(path));
    refuse(
        !leaf.is_file(),
        format!(
            "there is no entry `{}` that the proof could be about; name it with `--leaf FILE`",
            leaf.display()
        ),
    )?;
    let trust = trust(args, own_key)?;
    Ok(trust.proof(&read_bytes(path)?, &read_bytes(&leaf)?))
}

/// Verifies a ledger's database by what it exports for the signed checkpoint
/// `note`: tree and bodies.
///
/// # Errors
/// When it cannot be read, or a key is no key.
pub fn database(
    reader: &LedgerReader,
    note: &[u8],
    args: &VerifyArgs,
    own_key: impl FnOnce() -> Result<String, LedgerError>,
) -> Result<Verified, LedgerError> {
    refuse(
        args.leaf.is_some(),
        "`--leaf` belongs to a `.tlog-proof` file, this is a ledger",
    )?;
    let trust = trust(args, own_key)?;
    let folder = tempfile::tempdir().map_err(|source| LedgerError::File {
        action: "create",
        path: std::env::temp_dir(),
        source,
    })?;
    let exported = export_package(reader, note, folder.path())?;
    let since = reader.head()?.size - exported.checkpoint.size;
    let verified = trust.folder(folder.path(), &read_older(args)?);
    Ok(verified.map(|report| Report { since, ..report }))
}

/// Says what was verified, or everything that does not, and returns the exit
/// status.
///
/// # Errors
/// When it cannot be written.
pub fn tell(verified: &Verified, json: bool, out: &mut dyn Write) -> Result<u8, LedgerError> {
    match verified {
        Ok(report) => print(out, json, &report.text(), || report.json()),
        Err(Failures(failures)) => {
            let lines = failures.iter().map(|failure| format!("{failure}\n"));
            let text: String = lines.collect();
            let listed: Vec<Value> = failures
                .iter()
                .map(|failure| json!({"place": failure.place, "why": failure.why}))
                .collect();
            print(
                out,
                json,
                &text,
                || json!({"verified": false, "failures": listed}),
            )?;
            Ok(DAMAGED)
        }
    }
}

fn trust(
    args: &VerifyArgs,
    own_key: impl FnOnce() -> Result<String, LedgerError>,
) -> Result<Trust, LedgerError> {
    let line = args.vkey.clone().map_or_else(own_key, Ok)?;
    Trust::parse(&line, &args.witness_key)
        .map_err(|failure| LedgerError::Refused(failure.to_string()))
}

fn refuse(wrong: bool, why: impl Into<String>) -> Result<(), LedgerError> {
    if wrong {
        Err(LedgerError::Refused(why.into()))
    } else {
        Ok(())
    }
}

/// Whether a file is a database of SQLite, by its first bytes.
fn is_database(path: &Path) -> Result<bool, LedgerError> {
    let mut start = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(16).read_to_end(&mut start))
        .map_err(|source| LedgerError::File {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
    Ok(start == b"SQLite format 3\0")
}

/// `entry-7.leaf.json` for `entry-7.tlog-proof`.
fn leaf_beside(proof: &Path) -> PathBuf {
    proof.with_extension("leaf.json")
}

fn read_older(args: &VerifyArgs) -> Result<Vec<Vec<u8>>, LedgerError> {
    args.checkpoint
        .iter()
        .map(|path| read_bytes(path))
        .collect()
}

/// Keys someone decided to trust.
struct Trust {
    log: VerifierKey,
    witnesses: Vec<VerifierKey>,
}

/// What verified.
pub struct Report {
    checkpoint: SignedCheckpoint,
    what: String,
    bodies: Option<VerifiedBodies>,
    /// Files beyond the checkpoint.
    beyond: usize,
    /// Entries written since the checkpoint.
    since: u64,
    /// Entries that changed the signing key, after the key that is trusted.
    rotated: Vec<u64>,
}

impl Trust {
    fn parse(log: &str, witnesses: &[String]) -> Result<Self, Failure> {
        let witnesses = witnesses.iter().map(|line| VerifierKey::of_witness(line));
        Ok(Self {
            log: VerifierKey::of_log(log)?,
            witnesses: witnesses.collect::<Result<_, _>>()?,
        })
    }

    fn proof(&self, proof: &[u8], leaf: &[u8]) -> Result<Report, Failures> {
        let verified = verify_proof(proof, leaf, &self.log, &self.witnesses)?;
        self.all_cosigned(&verified.checkpoint)?;
        Ok(Report {
            what: format!(
                "entry {} of kind `{}`, written {}",
                verified.entry.index, verified.entry.kind, verified.entry.at
            ),
            checkpoint: verified.checkpoint,
            bodies: None,
            beyond: 0,
            since: 0,
            rotated: Vec::new(),
        })
    }

    /// An exported folder, or a package that holds one and the bodies.
    fn folder(&self, path: &Path, older: &[Vec<u8>]) -> Result<Report, Failures> {
        let (tree, bodies) = (path.join("ledger"), path.join("bodies.ndjson"));
        let is_package = tree.join("checkpoint").is_file();
        let (ledger, rotations) = if is_package {
            verify_rotated(&tree, &bodies, &self.log, &self.witnesses)?
        } else {
            let ledger = verify_directory(path, &self.log, &self.witnesses)?;
            (ledger, Vec::new())
        };
        self.all_cosigned(&ledger.checkpoint)?;
        for note in older {
            verify_extends(&ledger, &self.older(note, &rotations)?)?;
        }
        let bodies = is_package
            .then(|| verify_bodies(&bodies, &ledger))
            .transpose()?;
        Ok(Report {
            what: counted(ledger.entries.len(), "entry", "entries"),
            checkpoint: ledger.checkpoint,
            bodies,
            beyond: ledger.beyond.len(),
            since: 0,
            rotated: rotations.iter().map(|it| it.index).collect(),
        })
    }

    /// A checkpoint from earlier, signed by the trusted key or one it was
    /// rotated to.
    fn older(&self, note: &[u8], rotations: &[Rotation]) -> Result<SignedCheckpoint, Failure> {
        let opened = open_checkpoint(note, &self.log, &[]);
        let later = rotations
            .iter()
            .map(|it| open_checkpoint(note, &it.to, &[]));
        later.fold(opened, Result::or)
    }

    /// Every witness that was named must have cosigned.
    fn all_cosigned(&self, checkpoint: &SignedCheckpoint) -> Result<(), Failures> {
        let missing = self.witnesses.iter().filter(|it| !it.cosigned(checkpoint));
        let failures: Vec<_> = missing
            .map(|witness| Failure {
                place: "checkpoint".into(),
                why: format!("witness `{}` has not cosigned it", witness.name()),
            })
            .collect();
        if failures.is_empty() {
            Ok(())
        } else {
            Err(Failures(failures))
        }
    }
}

impl Report {
    fn text(&self) -> String {
        let mut text = format!(
            "verified {} against the checkpoint of `{}` at size {}\n",
            self.what, self.checkpoint.origin, self.checkpoint.size
        );
        if let Some(bodies) = &self.bodies {
            let opened = counted(bodies.opened, "body", "bodies");
            text.push_str(&format!("verified {opened}\n"));
            for erased in &bodies.erased {
                text.push_str(&format!("erased on the record: {erased}\n"));
            }
        }
        if self.beyond > 0 {
            text.push_str(&format!(
                "not covered by the checkpoint: {}\n",
                counted(self.beyond, "file", "files")
            ));
        }
        for index in &self.rotated {
            text.push_str(&format!(
                "the signing key was changed by entry {index}, as the key before it has signed\n"
            ));
        }
        if self.since > 0 {
            let entries = if self.since == 1 { "entry" } else { "entries" };
            text.push_str(&format!(
                "not covered by the checkpoint: {} {entries}, written since\n",
                self.since
            ));
        }
        for witness in &self.checkpoint.cosignatures {
            text.push_str(&format!("cosigned by `{}`\n", witness.name));
        }
        if self.checkpoint.cosignatures.is_empty() {
            text.push_str("self-signed only: no trusted witness was named with `--witness-key`\n");
        }
        text
    }

    fn json(&self) -> Value {
        let names: Vec<&str> = self
            .checkpoint
            .cosignatures
            .iter()
            .map(|witness| witness.name.as_str())
            .collect();
        json!({
            "verified": true,
            "what": self.what,
            "origin": self.checkpoint.origin,
            "size": self.checkpoint.size,
            "root": hex(&self.checkpoint.root),
            "bodies": self.bodies.as_ref().map(|bodies| bodies.opened),
            "erased": self.bodies.as_ref().map(|bodies| erased_objects(&bodies.erased)),
            "files_beyond_the_checkpoint": self.beyond,
            "entries_since_the_checkpoint": self.since,
            "key_rotated_by": self.rotated,
            "cosigned_by": names,
        })
    }
}

fn erased_objects(erased: &[Erasure]) -> Vec<Value> {
    let object = |it: &Erasure| {
        json!({
            "index": it.index,
            "kind": it.kind,
            "recorded_as": it.recorded_as,
            "legal_basis": it.legal_basis,
        })
    };
    erased.iter().map(object).collect()
}
