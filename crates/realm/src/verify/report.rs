//! Verifying an issued report: its bytes, the entry that issued it, the ledgers
//! behind it, the evidence behind those, and the report written once more.

use std::path::Path;

use tickmark_catalog::{Problem, Sha256Hex};
use tickmark_engagement::{EngagementState, ReportEntry, ReportIssued};
use tickmark_ledger::verifier::{VerifierKey, verify_extends, verify_proof};

use super::{Trust, Verification, package};
use crate::error::{Error, Result};
use crate::firm::{Examined, FirmState};
use crate::issue::{RenderPdf, VERIFICATION, render};
use crate::receive::{Received, receive};
use crate::report_facts::LedgerHead;
use crate::told::Folded;

/// Verifies the report in `folder`, or only `file` of its renderings where one
/// is named; everything behind it in any case.
pub(super) fn verify_report(
    folder: &Path,
    file: Option<&str>,
    trust: &Trust,
    pdf: RenderPdf<'_>,
    verification: &mut Verification,
) -> Result<()> {
    let behind = folder.join(VERIFICATION);
    let firm = receive(&behind.join("firm"), trust.firm.as_ref(), &trust.witnesses)?;
    let whose = if trust.firm.is_some() {
        "the key you named"
    } else {
        "the key the package states; pin it with `--firm-key`"
    };
    verification.step(
        "the firm's checkpoint is signed, and its tree rebuilt from the entries",
        format!(
            "{}, {} entries, {whose}",
            firm.checkpoint().origin,
            firm.checkpoint().size
        ),
    );
    let (issued, index) = issuance(&firm)?;
    compare_files(folder, file, &issued, verification)?;
    prove_issuance(&behind, &firm, index, trust, verification)?;
    if !firm.checkpoint().cosignatures.is_empty() {
        verification.cosigned("the firm's", firm.checkpoint());
    }
    verification.rotated("the firm's", &firm.rotations);
    verification.erased("the firm's", &firm.erased);
    let examined = package::verify_package(
        &behind.join("company"),
        trust,
        Some(firm.checkpoint()),
        verification,
    )?;
    let before = FirmState::fold(firm.told.iter().filter(|told| told.index < index))?.engagement;
    compare_reliance(&before, &issued, &examined, verification)?;
    let head = head_before(&firm, index)?;
    write_again(&before, &head, &issued, &examined, pdf, verification)
}

/// The last report issued and the entry that did it.
fn issuance(firm: &Received) -> Result<(ReportIssued, u64)> {
    let state = FirmState::fold(&firm.told)?;
    let none = || Error::Damaged(Problem::new("the firm's ledger issues no report"));
    let issued = state.engagement.issued.last().cloned().ok_or_else(none)?;
    let (index, _) = state.issued_at.last().copied().ok_or_else(none)?;
    Ok((issued, index))
}

fn compare_files(
    folder: &Path,
    only: Option<&str>,
    issued: &ReportIssued,
    verification: &mut Verification,
) -> Result<()> {
    if let Some(name) = only.filter(|name| !issued.files.contains_key(*name)) {
        let unknown = Problem::new(format!(
            "`{name}` is not a file of report `{}`",
            issued.report
        ));
        return Err(Error::Damaged(unknown.cause(format!(
            "issued were: {}",
            issued.files.keys().cloned().collect::<Vec<_>>().join(", ")
        ))));
    }
    for (name, digest) in issued
        .files
        .iter()
        .filter(|(name, _)| only.is_none_or(|only| only == *name))
    {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).map_err(|error| Error::file("read", &path, &error))?;
        if Sha256Hex::of(&bytes) != *digest {
            let changed = Problem::new(format!("`{name}` is not the file that was issued"));
            return Err(Error::Damaged(changed.cause(format!(
                "issued with SHA-256 {digest}, this file has {}",
                Sha256Hex::of(&bytes)
            ))));
        }
        verification.step(
            format!("`{name}` is the file that was issued"),
            format!("SHA-256 {digest}"),
        );
    }
    Ok(())
}

fn prove_issuance(
    behind: &Path,
    firm: &Received,
    index: u64,
    trust: &Trust,
    verification: &mut Verification,
) -> Result<()> {
    let read = |name: String| {
        let path = behind.join(name);
        std::fs::read(&path).map_err(|error| Error::file("read", &path, &error))
    };
    let (proof, leaf) = (
        read(format!("entry-{index}.tlog-proof"))?,
        read(format!("entry-{index}.leaf.json"))?,
    );
    let stated = VerifierKey::of_log(&firm.summary.verifier_key)
        .map_err(|failure| damaged("the firm's verifier key", &failure.to_string()))?;
    let rotated = firm.rotations.last().map(|last| &last.to);
    let key = rotated.or(trust.firm.as_ref()).unwrap_or(&stated);
    let proved = verify_proof(&proof, &leaf, key, &trust.witnesses)
        .map_err(|failure| damaged("the proof of issuance", &failure.to_string()))?;
    let listed = firm
        .ledger
        .entries
        .get(usize::try_from(index).unwrap_or(usize::MAX));
    if listed != Some(&proved.entry) {
        return Err(damaged(
            "the proof of issuance",
            "it proves another entry than the one in the ledger",
        ));
    }
    verification.step(
        "the entry that issued the report is in the firm's ledger",
        format!("entry {index} of {}", proved.checkpoint.size),
    );
    Ok(())
}

/// The firm relied on a checkpoint that the company's ledger extends, and on
/// the very results that come out again.
fn compare_reliance(
    before: &EngagementState,
    issued: &ReportIssued,
    examined: &Examined,
    verification: &mut Verification,
) -> Result<()> {
    let relied = before
        .checkpoint
        .as_ref()
        .ok_or_else(|| damaged("the firm's ledger", "it names no checkpoint of the company"))?;
    let older = examined
        .received
        .open_older(relied.note.as_bytes())
        .map_err(|error| damaged("the checkpoint the firm relied on", &error.to_string()))?;
    verify_extends(&examined.received.ledger, &older)
        .map_err(|failure| damaged("the company's ledger", &failure.to_string()))?;
    verification.step(
        "the company's ledger extends the checkpoint the firm relied on",
        format!("{} entries", older.size),
    );
    if issued.package_sha256.as_ref() != Some(&examined.received.sha256) {
        return Err(damaged(
            "the company's package",
            "it is not the one the report was issued on",
        ));
    }
    for result in &examined.results {
        if relied.results.get(&result.test) != Some(&result.sha256()?) {
            return Err(damaged(
                &format!("control test `{}`", result.test),
                "it gives another result than the one the firm relied on",
            ));
        }
    }
    verification.step(
        "every result the firm relied on comes out again",
        format!("{} control tests", examined.results.len()),
    );
    Ok(())
}

/// Where the firm's ledger stood before the entry that issued the report.
fn head_before(firm: &Received, index: u64) -> Result<LedgerHead> {
    let shorter = || damaged("the firm's ledger", "it is shorter than the report says");
    Ok(LedgerHead {
        origin: firm.checkpoint().origin.clone(),
        size: index,
        root: firm.ledger.root_at(index).ok_or_else(shorter)?,
    })
}

/// Writes and renders the report once more and compares the bytes.
fn write_again(
    before: &EngagementState,
    head: &LedgerHead,
    issued: &ReportIssued,
    examined: &Examined,
    pdf: RenderPdf<'_>,
    verification: &mut Verification,
) -> Result<()> {
    let entry = ReportEntry {
        id: issued.report.clone(),
        dated: issued.dated,
        released: issued.released.clone(),
    };
    let again = render(examined, before, &entry, head, pdf)?;
    for (name, bytes) in &again.files {
        if issued.files.get(name) != Some(&Sha256Hex::of(bytes)) {
            return Err(damaged(
                &format!("`{name}`"),
                "written again from the ledgers it comes out differently",
            ));
        }
    }
    verification.step(
        "the report, written again from the ledgers, has the same bytes",
        again.files.keys().cloned().collect::<Vec<_>>().join(", "),
    );
    Ok(())
}

fn damaged(what: &str, why: &str) -> Error {
    Error::Damaged(Problem::new(format!("{what} does not verify")).cause(why.to_owned()))
}
