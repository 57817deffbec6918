//! `tickmark verify`: from the page back to the row.
//!
//! Each step names what it established; the first that fails names what does
//! not hold, and nothing after it is claimed.

mod again;
mod package;
mod report;

use std::path::{Path, PathBuf};

use serde::Serialize;
use tickmark_catalog::{Problem, Problems};
use tickmark_ledger::verifier::{Erasure, Rotation, SignedCheckpoint, VerifierKey};

use crate::error::{Error, Result};
use crate::issue::{RenderPdf, VERIFICATION};
use crate::package::PACKAGE_FILE;

/// What a reader trusts beforehand.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Verifier key of the company's ledger.
    pub company: Option<VerifierKey>,
    /// Verifier key of the firm's ledger.
    pub firm: Option<VerifierKey>,
    /// Keys of witnesses, each of which must have cosigned a checkpoint.
    pub witnesses: Vec<VerifierKey>,
}

/// One thing that was established.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What holds.
    pub what: String,
    /// Figures and names.
    pub detail: String,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// What was verified: `report`, `package` or `ledger`.
    pub subject: &'static str,
    /// Everything established, in order.
    pub steps: Vec<Step>,
    /// What a reader must know although it fails nothing, such as a body that
    /// was erased.
    pub notes: Vec<String>,
    /// The first thing that does not hold.
    pub failure: Option<Problem>,
    /// What holds as far as this build can tell, but was not compared: the
    /// pages of a report that another build issued.
    pub not_compared: Option<Problem>,
}

impl Verification {
    fn new(subject: &'static str) -> Self {
        Self {
            subject,
            steps: Vec::new(),
            notes: Vec::new(),
            failure: None,
            not_compared: None,
        }
    }

    fn step(&mut self, what: impl Into<String>, detail: impl Into<String>) {
        self.steps.push(Step {
            what: what.into(),
            detail: detail.into(),
        });
    }

    /// Says which of the named witnesses cosigned `checkpoint`, the one of
    /// `whose` ledger.
    fn cosigned(&mut self, whose: &str, checkpoint: &SignedCheckpoint) {
        for witness in &checkpoint.cosignatures {
            let what = format!("{whose} checkpoint is cosigned by a witness you named");
            self.step(what, witness.name.clone());
        }
        if checkpoint.cosignatures.is_empty() {
            let what = format!("no witness you named vouches for {whose} checkpoint");
            self.note(what + ": it counts as self-signed only; name one with `--witness-key`");
        }
    }

    /// Says which bodies of `whose` ledger were erased: what they said is in
    /// nothing that is computed from it.
    fn erased(&mut self, whose: &str, erased: &[Erasure]) {
        for body in erased {
            self.note(format!(
                "{whose} ledger does not say any more what was in {body}; everything here was computed without it"
            ));
        }
    }

    /// Says how the key that was trusted came to be the one that signed.
    fn rotated(&mut self, whose: &str, rotations: &[Rotation]) {
        for rotation in rotations {
            self.step(
                format!("{whose} signing key was changed, as the key before it has signed"),
                format!("entry {}", rotation.index),
            );
        }
    }

    fn note(&mut self, what: impl Into<String>) {
        self.notes.push(what.into());
    }

    /// Whether everything holds and was compared.
    pub fn holds(&self) -> bool {
        self.failure.is_none() && self.not_compared.is_none()
    }
}

/// Verifies whatever lies at `path`: a report (one of its files, or its
/// folder), an evidence package, or an exported ledger.
///
/// `executable`: this program, which runs the company's SQL in processes of
/// their own.
///
/// # Errors
/// When there is nothing to verify at `path`, or it is a ledger of which no key
/// is known. What does not hold is not an error: it is the answer.
pub fn verify(
    path: &Path,
    trust: &Trust,
    executable: &Path,
    pdf: RenderPdf<'_>,
) -> Result<Verification> {
    let target = target(path)?;
    let tools = Tools { executable, pdf };
    let mut verification = Verification::new(target.subject());
    let outcome = match &target {
        Target::Report { folder, file } => {
            report::verify_report(folder, file.as_deref(), trust, tools, &mut verification)
        }
        Target::Package(folder) => {
            package::verify_package(folder, trust, executable, None, &mut verification).map(|_| ())
        }
        Target::Ledger(folder) => {
            let key = trust.company.as_ref().ok_or_else(unknown_key)?;
            package::verify_ledger(folder, key, trust, &mut verification)
        }
    };
    if let Err(error) = outcome {
        verification.failure = Some(problem(error));
    }
    Ok(verification)
}

/// What verifying needs besides files: processes of its own for the company's
/// SQL and for setting pages.
#[derive(Clone, Copy)]
struct Tools<'a> {
    executable: &'a Path,
    pdf: RenderPdf<'a>,
}

enum Target {
    Report {
        folder: PathBuf,
        file: Option<String>,
    },
    Package(PathBuf),
    Ledger(PathBuf),
}

impl Target {
    fn subject(&self) -> &'static str {
        match self {
            Self::Report { .. } => "report",
            Self::Package(_) => "package",
            Self::Ledger(_) => "ledger",
        }
    }
}

fn target(path: &Path) -> Result<Target> {
    let nothing = || {
        Problem::new(format!(
            "there is nothing to verify at `{}`",
            path.display()
        ))
    };
    if path.is_dir() {
        return if path.join(VERIFICATION).is_dir() {
            Ok(Target::Report {
                folder: path.to_owned(),
                file: None,
            })
        } else if path.join(PACKAGE_FILE).is_file() {
            Ok(Target::Package(path.to_owned()))
        } else if path.join("checkpoint").is_file() {
            Ok(Target::Ledger(path.to_owned()))
        } else {
            let known = "a report's folder has `verification/`, a package has `package.json`, an exported ledger has `checkpoint`";
            Err(nothing().cause(known).into())
        };
    }
    if !path.is_file() {
        return Err(nothing().cause("there is no such file").into());
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.join(VERIFICATION).is_dir() {
        let missing = nothing().cause(format!(
            "the folder `{VERIFICATION}` that was issued with the report is not beside it"
        ));
        return Err(missing
            .hint("ask the firm for the whole folder of the report")
            .into());
    }
    let file = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    Ok(Target::Report {
        folder: folder.to_owned(),
        file,
    })
}

/// Every witness that was named must have cosigned one of the checkpoints.
fn all_cosigned(trust: &Trust, checkpoints: &[&SignedCheckpoint]) -> Result<()> {
    let cosigned = |witness: &&VerifierKey| checkpoints.iter().any(|it| witness.cosigned(it));
    let missing: Vec<String> = trust
        .witnesses
        .iter()
        .filter(|witness| !cosigned(witness))
        .map(|witness| format!("`{}`", witness.name()))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let origins: Vec<String> = checkpoints
        .iter()
        .map(|it| format!("`{}` at {} entries", it.origin, it.size))
        .collect();
    let problem = Problem::new(format!(
        "witness {} has not cosigned the checkpoint",
        missing.join(", ")
    ));
    Err(Error::Damaged(problem.cause(format!(
        "the checkpoint of {} bears no signature of that key",
        origins.join(", nor that of ")
    ))))
}

fn unknown_key() -> Problem {
    Problem::new("whose ledger is this?")
        .cause("an exported ledger does not say which key to trust")
        .hint("name its verifier key with `--company-key`; `tickmark ledger vkey` prints it")
}

fn problem(error: Error) -> Problem {
    match error {
        Error::Damaged(problem) => problem,
        Error::Problems(problems) => first(problems),
        Error::Evidence(error) => first(error.problems()),
        Error::Ledger(error) => Problem::new(error.to_string()),
    }
}

fn first(problems: Problems) -> Problem {
    let unnamed = || Problem::new("it does not verify");
    problems.0.into_iter().next().unwrap_or_else(unnamed)
}
