//! `tickmark ledger …`: sign, prove, verify, export, check, list and erase.
//!
//! Everything here is told where the ledger is and what time it is; nothing
//! looks for a workspace or reads a clock.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tickmark_ledger::export::export;
use tickmark_ledger::fsck::{Against, Replay, fsck};
use tickmark_ledger::proof_file::{prove, write_proof};
use tickmark_ledger::verifier::{
    self, Erasure, Failures, SignedCheckpoint, VerifiedBodies, VerifierKey, verify_bodies,
    verify_directory, verify_extends, verify_proof,
};
use tickmark_ledger::{
    Checkpoint, Clock, Ledger, LedgerError, LedgerReader, LogKey, Record, Settings,
};

/// Exit status when what was checked is damaged or does not verify.
const DAMAGED: u8 = 3;

/// Work with the ledger: the tamper-evident record of everything that happened.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LedgerCommand,
}

/// What to do with the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Sign the ledger as it is now and print the checkpoint.
    ///
    /// Give it to someone outside: a checkpoint that left the building is what
    /// makes a later change show.
    Checkpoint {
        /// Also have the witness at this address cosign it.
        #[arg(long, value_name = "URL", requires = "witness_key")]
        witness: Option<String>,
        /// Verifier key line of that witness.
        #[arg(long, value_name = "VKEY")]
        witness_key: Option<String>,
        /// Keep the cosignature lines in this file, as `tickmark witness cosign` printed them.
        #[arg(long, value_name = "FILE", conflicts_with = "witness")]
        add_cosignatures: Option<PathBuf>,
    },
    /// Prove that one entry is in the signed ledger.
    ///
    /// Writes `entry-<INDEX>.tlog-proof` and, beside it, the entry itself.
    Prove {
        /// Index of the entry.
        index: u64,
        /// Folder for the two files.
        #[arg(long, value_name = "DIR", default_value = ".")]
        out: PathBuf,
    },
    /// Verify an exported ledger, a package or a proof, with code that does not
    /// share anything with the writer.
    Verify(VerifyArgs),
    /// Export the ledger in the tlog-tiles layout, for tools of others.
    Export {
        /// Folder to write to: new, or holding an older export.
        out: PathBuf,
    },
    /// Check every invariant of the ledger and report everything found.
    Fsck {
        /// Also check this exported folder against the ledger.
        #[arg(long, value_name = "DIR")]
        published: Option<PathBuf>,
    },
    /// List the newest entries.
    Tail {
        /// How many.
        #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 20)]
        lines: u64,
        /// Show bodies too. They may hold personal data.
        #[arg(long)]
        bodies: bool,
    },
    /// Erase the body of an entry. The entry and all proofs stay; the erasure
    /// is itself recorded.
    Erase {
        /// Index of the entry.
        index: u64,
        /// The provision it rests on, such as `GDPR article 17(1)(b)`.
        #[arg(long, value_name = "TEXT")]
        legal_basis: String,
    },
    /// Print the verifier key line: what others pin to verify this ledger.
    Vkey,
    /// Go on, on purpose, from a restored copy that lost entries.
    Epoch {
        /// What happened. Kept for ever; no personal data.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// What to verify, and against what.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// An exported folder, a package with `ledger/` and `bodies.ndjson`, or a
    /// `.tlog-proof` file. Without it, the ledger of the workspace.
    pub path: Option<PathBuf>,
    /// Verifier key line you trust. Without it, that of the workspace's ledger.
    #[arg(long, value_name = "VKEY")]
    pub vkey: Option<String>,
    /// Verifier key line of a witness that must have cosigned; may be repeated.
    #[arg(long, value_name = "VKEY")]
    pub witness: Vec<String>,
    /// A checkpoint you kept from earlier, which the ledger must extend; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// The entry a proof is about. Without it, the file beside the proof.
    #[arg(long, value_name = "FILE")]
    pub leaf: Option<PathBuf>,
}

/// Where a ledger is and what opening it takes.
#[derive(Debug, Clone)]
pub struct LedgerPlace {
    /// The database file.
    pub database: PathBuf,
    /// The high-water mark, outside the workspace.
    pub high_water_mark: PathBuf,
    /// The signing key, outside the workspace.
    pub key_file: PathBuf,
    /// Kinds of entries the program can read, besides the ledger's own.
    pub known_kinds: Vec<&'static str>,
    /// Opaque id of whoever runs the command.
    pub actor: String,
}

impl LedgerPlace {
    /// Settings to open or create the ledger here.
    ///
    /// # Errors
    /// When the key file cannot be read.
    pub fn settings(&self, clock: &Clock, random: fn(&mut [u8])) -> Result<Settings, LedgerError> {
        let clock = clock.clone();
        Ok(Settings::new(
            &self.database,
            &self.high_water_mark,
            LogKey::read(&self.key_file)?,
            &self.known_kinds,
            move || clock(),
            random,
        ))
    }
}

/// Everything a subcommand works with.
struct Session<'a> {
    place: &'a LedgerPlace,
    clock: &'a Clock,
    random: fn(&mut [u8]),
    json: bool,
    out: &'a mut dyn Write,
}

/// Runs a subcommand and returns the exit status. `replay` is asked about each
/// record during `fsck` (invariant I11).
///
/// # Errors
/// Those of the ledger; [`LedgerError::exit_code`] is their exit status.
pub fn run(
    args: &LedgerArgs,
    place: &LedgerPlace,
    clock: &Clock,
    random: fn(&mut [u8]),
    replay: Option<&mut Replay<'_>>,
    json: bool,
    out: &mut dyn Write,
) -> Result<u8, LedgerError> {
    let mut session = Session {
        place,
        clock,
        random,
        json,
        out,
    };
    match &args.command {
        LedgerCommand::Checkpoint {
            witness,
            witness_key,
            add_cosignatures,
        } => session.checkpoint(
            witness.as_deref(),
            witness_key.as_deref(),
            add_cosignatures.as_deref(),
        ),
        LedgerCommand::Prove { index, out } => session.prove(*index, out),
        LedgerCommand::Verify(args) => session.verify(args),
        LedgerCommand::Export { out } => session.export(out),
        LedgerCommand::Fsck { published } => session.fsck(published.as_deref(), replay),
        LedgerCommand::Tail { lines, bodies } => session.tail(*lines, *bodies),
        LedgerCommand::Erase { index, legal_basis } => session.erase(*index, legal_basis),
        LedgerCommand::Vkey => session.vkey(),
        LedgerCommand::Epoch { reason } => session.epoch(reason),
    }
}

impl Session<'_> {
    fn open(&self) -> Result<Ledger, LedgerError> {
        Ledger::open(self.place.settings(self.clock, self.random)?)
    }

    fn reader(&self) -> Result<LedgerReader, LedgerError> {
        LedgerReader::open(&self.place.database)
    }

    fn checkpoint(
        &mut self,
        witness: Option<&str>,
        witness_key: Option<&str>,
        lines: Option<&Path>,
    ) -> Result<u8, LedgerError> {
        let ledger = self.open()?;
        if let Some(path) = lines {
            let lines = read_text(path)?;
            let newest = newest_checkpoint(&ledger)?;
            let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
            ledger.add_cosignatures(&newest, &lines)?;
            return self.print_checkpoint(&newest_checkpoint(&ledger)?);
        }
        let note = ledger.checkpoint()?;
        if let (Some(url), Some(key)) = (witness, witness_key) {
            super::witness::cosign_over_http(&ledger, &note, url, key)?;
        }
        self.print_checkpoint(&ledger.checkpoint()?)
    }

    fn print_checkpoint(&mut self, note: &[u8]) -> Result<u8, LedgerError> {
        let text = String::from_utf8_lossy(note).into_owned();
        let signed = Checkpoint::parse_note(note)?;
        self.print(&text, || {
            json!({
                "origin": signed.origin,
                "size": signed.size,
                "root": hex(&signed.root),
                "note": text,
            })
        })
    }

    fn prove(&mut self, index: u64, out: &Path) -> Result<u8, LedgerError> {
        let ledger = self.open()?;
        let note = ledger.checkpoint()?;
        let proof = prove(&ledger.reader()?, index, &note)?;
        let (proof_path, leaf_path) = write_proof(out, index, &proof)?;
        let text = format!(
            "wrote {} and {}\n",
            proof_path.display(),
            leaf_path.display()
        );
        self.print(
            &text,
            || json!({"index": index, "proof": proof_path, "leaf": leaf_path}),
        )
    }

    fn export(&mut self, out: &Path) -> Result<u8, LedgerError> {
        let ledger = self.open()?;
        let note = ledger.checkpoint()?;
        let exported = export(&ledger.reader()?, &note, out)?;
        let (size, files) = (exported.checkpoint.size, exported.files_written);
        let text = format!(
            "exported {size} entries to {} ({files} new files)\n",
            out.display()
        );
        self.print(
            &text,
            || json!({"size": size, "files_written": files, "path": out}),
        )
    }

    fn fsck(
        &mut self,
        published: Option<&Path>,
        mut replay: Option<&mut Replay<'_>>,
    ) -> Result<u8, LedgerError> {
        let reader = self.reader()?;
        let mut replayed = |record: &Record| match &mut replay {
            Some(replay) => replay(record),
            None => Ok(()),
        };
        let against = Against {
            high_water_mark: Some(&self.place.high_water_mark),
            known_kinds: &self.place.known_kinds,
            published,
            replay: Some(&mut replayed),
            ..Against::default()
        };
        let findings = fsck(&reader, against)?;
        let size = reader.head()?.size;
        let mut text = String::new();
        for finding in &findings {
            text.push_str(&format!("{finding}\n"));
        }
        text.push_str(&format!(
            "checked {size} entries: {}\n",
            counted(findings.len(), "finding", "findings")
        ));
        self.print(&text, || {
            let found: Vec<Value> = findings
                .iter()
                .map(|finding| json!({"invariant": finding.invariant, "what": finding.what}))
                .collect();
            json!({"entries": size, "findings": found})
        })?;
        Ok(if findings.is_empty() { 0 } else { DAMAGED })
    }

    fn tail(&mut self, lines: u64, bodies: bool) -> Result<u8, LedgerError> {
        let reader = self.reader()?;
        let size = reader.head()?.size;
        for record in reader.entries(size.saturating_sub(lines)..size) {
            let record = record?;
            let body = if bodies { record.value()? } else { None };
            let text = line_of(&record, body.as_ref());
            self.print(&text, || object_of(&record, bodies.then_some(body)))?;
        }
        Ok(0)
    }

    fn erase(&mut self, index: u64, legal_basis: &str) -> Result<u8, LedgerError> {
        let receipt = self.open()?.erase(&self.place.actor, index, legal_basis)?;
        let text = format!(
            "erased the body of entry {index}; recorded as entry {}\n",
            receipt.index
        );
        self.print(
            &text,
            || json!({"erased": index, "recorded_as": receipt.index}),
        )
    }

    fn vkey(&mut self) -> Result<u8, LedgerError> {
        let line = self.reader()?.verifier_key()?;
        self.print(&format!("{line}\n"), || json!({"vkey": line}))
    }

    fn epoch(&mut self, reason: &str) -> Result<u8, LedgerError> {
        let settings = self.place.settings(self.clock, self.random)?;
        let ledger = Ledger::open_epoch(settings, &self.place.actor, reason)?;
        let reader = ledger.reader()?;
        let (origin, line) = (reader.origin()?, reader.verifier_key()?);
        let text = format!("opened `{origin}`; give others its verifier key:\n{line}\n");
        self.print(&text, || json!({"origin": origin, "vkey": line}))
    }

    fn verify(&mut self, args: &VerifyArgs) -> Result<u8, LedgerError> {
        match self.verified(args)? {
            Ok(report) => {
                let text = report.text();
                self.print(&text, || report.json())
            }
            Err(Failures(failures)) => {
                let text: String = failures
                    .iter()
                    .map(|failure| format!("{failure}\n"))
                    .collect();
                let listed: Vec<Value> = failures
                    .iter()
                    .map(|failure| json!({"place": failure.place, "why": failure.why}))
                    .collect();
                self.print(&text, || json!({"verified": false, "failures": listed}))?;
                Ok(DAMAGED)
            }
        }
    }

    fn verified(&self, args: &VerifyArgs) -> Result<Result<Report, Failures>, LedgerError> {
        let line = match &args.vkey {
            Some(line) => line.clone(),
            None => self.reader()?.verifier_key()?,
        };
        let trust = match Trust::parse(&line, &args.witness) {
            Ok(trust) => trust,
            Err(failure) => return Err(LedgerError::Refused(failure.to_string())),
        };
        let Some(path) = &args.path else {
            return self.verify_own(args, &trust);
        };
        if path.is_file() {
            let leaf = args.leaf.clone().unwrap_or_else(|| leaf_beside(path));
            let (proof, leaf) = (read_bytes(path)?, read_bytes(&leaf)?);
            return Ok(trust.proof(&proof, &leaf));
        }
        let older = read_older(&args.checkpoint)?;
        Ok(trust.folder(path, &older))
    }

    /// The workspace's own ledger, exported to a temporary folder first.
    fn verify_own(
        &self,
        args: &VerifyArgs,
        trust: &Trust,
    ) -> Result<Result<Report, Failures>, LedgerError> {
        let folder = tempfile::tempdir().map_err(|source| LedgerError::File {
            action: "create",
            path: std::env::temp_dir(),
            source,
        })?;
        let ledger = self.open()?;
        let reader = ledger.reader()?;
        export(&reader, &ledger.checkpoint()?, folder.path())?;
        Ok(trust.folder(folder.path(), &read_older(&args.checkpoint)?))
    }

    /// Prints text, or with `--json` one line of JSON.
    fn print(&mut self, text: &str, value: impl FnOnce() -> Value) -> Result<u8, LedgerError> {
        let written = if self.json {
            writeln!(self.out, "{}", value())
        } else {
            self.out.write_all(text.as_bytes())
        };
        written.map(|()| 0).map_err(|source| LedgerError::File {
            action: "write to",
            path: "standard output".into(),
            source,
        })
    }
}

/// Keys someone decided to trust.
struct Trust {
    log: VerifierKey,
    witnesses: Vec<VerifierKey>,
}

/// What verified.
struct Report {
    checkpoint: SignedCheckpoint,
    what: String,
    bodies: Option<VerifiedBodies>,
    beyond: usize,
}

impl Trust {
    fn parse(log: &str, witnesses: &[String]) -> Result<Self, verifier::Failure> {
        Ok(Self {
            log: VerifierKey::parse(log)?,
            witnesses: witnesses
                .iter()
                .map(|line| VerifierKey::parse(line))
                .collect::<Result<_, _>>()?,
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
        })
    }

    /// An exported folder, or a package that holds one and the bodies.
    fn folder(&self, path: &Path, older: &[Vec<u8>]) -> Result<Report, Failures> {
        let package = path.join("ledger");
        let is_package = package.join("checkpoint").is_file();
        let folder = if is_package { &package } else { path };
        let ledger = verify_directory(folder, &self.log, &self.witnesses)?;
        self.all_cosigned(&ledger.checkpoint)?;
        for note in older {
            let checkpoint = verifier::open_checkpoint(note, &self.log, &[])?;
            verify_extends(&ledger, &checkpoint)?;
        }
        let bodies = path.join("bodies.ndjson");
        let bodies = match is_package && bodies.is_file() {
            true => Some(verify_bodies(&bodies, &ledger)?),
            false => None,
        };
        Ok(Report {
            what: counted(ledger.entries.len(), "entry", "entries"),
            checkpoint: ledger.checkpoint,
            bodies,
            beyond: ledger.beyond.len(),
        })
    }

    /// Every witness that was named must have cosigned.
    fn all_cosigned(&self, checkpoint: &SignedCheckpoint) -> Result<(), Failures> {
        let missing = self.witnesses.iter().filter(|witness| {
            let signed = |by: &verifier::Cosignature| by.name == witness.name();
            !checkpoint.cosignatures.iter().any(signed)
        });
        let failures: Vec<_> = missing
            .map(|witness| verifier::Failure {
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
        for witness in &self.checkpoint.cosignatures {
            text.push_str(&format!("cosigned by `{}`\n", witness.name));
        }
        if self.checkpoint.cosignatures.is_empty() {
            text.push_str("self-signed only: no trusted witness was named with `--witness`\n");
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

fn newest_checkpoint(ledger: &Ledger) -> Result<Vec<u8>, LedgerError> {
    ledger.reader()?.last_checkpoint()?.ok_or_else(|| {
        LedgerError::Refused("nothing has been signed yet; run `tickmark ledger checkpoint`".into())
    })
}

fn line_of(record: &Record, body: Option<&Value>) -> String {
    let entry = &record.entry;
    let erased = if record.body.is_none() {
        "  (body erased)"
    } else {
        ""
    };
    let body = body.map_or_else(String::new, |body| format!("  {body}"));
    format!(
        "{:>6}  {}  {:<32}  {}  by {}{erased}{body}\n",
        entry.idx, entry.at, entry.kind, entry.subject, entry.actor
    )
}

fn object_of(record: &Record, body: Option<Option<Value>>) -> Value {
    let entry = &record.entry;
    let mut object = json!({
        "index": entry.idx,
        "at": entry.at.to_string(),
        "actor": entry.actor,
        "kind": entry.kind,
        "subject": entry.subject,
        "erased": record.body.is_none(),
    });
    if let (Some(body), Some(fields)) = (body, object.as_object_mut()) {
        fields.insert("body".into(), body.unwrap_or(Value::Null));
    }
    object
}

/// `entry-7.leaf.json` for `entry-7.tlog-proof`.
fn leaf_beside(proof: &Path) -> PathBuf {
    proof.with_extension("leaf.json")
}

fn read_older(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, LedgerError> {
    paths.iter().map(|path| read_bytes(path)).collect()
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, LedgerError> {
    std::fs::read(path).map_err(|source| LedgerError::File {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

fn read_text(path: &Path) -> Result<String, LedgerError> {
    Ok(String::from_utf8_lossy(&read_bytes(path)?).into_owned())
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
