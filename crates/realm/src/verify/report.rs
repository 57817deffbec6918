//! Verifying an issued report: its bytes, the entry that issued it, the ledgers
//! behind it, the evidence behind those, and the report written once more.

use std::path::Path;

use tickmark_catalog::{Problem, Sha256Hex};
use tickmark_engagement::{Basis, EngagementEvent, EngagementState, ReportIssued};
use tickmark_ledger::verifier::{VerifierKey, verify_proof};

use super::again::write_again;
use super::{Tools, Trust, Verification, package};
use crate::error::{Error, Result};
use crate::firm::{Examined, FirmState};
use crate::folder::read_file;
use crate::issue::VERIFICATION;
use crate::receive::{Received, receive};
use crate::reliance::{check_extends, check_results};
use crate::replay::replay;
use crate::report_facts::LedgerHead;
use crate::told::Folded;

/// The largest file of a report that is read, in bytes.
const LARGEST_REPORT: u64 = 1 << 30;
/// The largest proof that is read, in bytes.
const LARGEST_PROOF: u64 = 1 << 20;

/// Verifies the report in `folder`, or only `file` of its renderings where one
/// is named; everything behind it in any case.
pub(super) fn verify_report(
    folder: &Path,
    file: Option<&str>,
    trust: &Trust,
    tools: Tools<'_>,
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
    let (issued, index) = issuance(&firm, folder)?;
    compare_files(folder, file, &issued, verification)?;
    prove_issuance(&behind, &firm, index, trust, verification)?;
    if !firm.checkpoint().cosignatures.is_empty() {
        verification.cosigned("the firm's", firm.checkpoint());
    }
    verification.rotated("the firm's", &firm.rotations);
    verification.erased("the firm's", &firm.erased);
    refuse_strangers(&behind, index)?;
    let company = behind.join("company");
    let mut examined = package::verify_package(
        &company,
        trust,
        tools.executable,
        Some(firm.checkpoint()),
        verification,
    )?;
    name_engine(&mut examined, &issued);
    let before = firm.told.iter().filter(|told| told.index < index);
    let state = FirmState::fold(before.clone())?.engagement;
    compare_reliance(&state, &issued, &examined, verification)?;
    let (state, count) = replay(before, &examined)?;
    state
        .admits(
            &EngagementEvent::ReportIssued(issued.clone()),
            &Basis::default(),
        )
        .map_err(Error::Damaged)?;
    verification.step(
        "every entry of the firm keeps the rules of the engagement",
        format!("{count} entries"),
    );
    let head = head_before(&firm, index)?;
    write_again(&state, &head, &issued, &examined, tools.pdf, verification)
}

/// Results name the engine that computed them. Those of another engine are
/// compared as if it had computed them: everything else must be the same.
fn name_engine(examined: &mut Examined, issued: &ReportIssued) {
    if let Some(issuer) = &issued.issuer {
        for result in &mut examined.results {
            result.inputs.engine.clone_from(&issuer.engine);
        }
    }
}

/// Nothing lies beside the packages and the proof: what does was not issued.
fn refuse_strangers(behind: &Path, index: u64) -> Result<()> {
    let known = [
        "company".to_owned(),
        "firm".to_owned(),
        format!("entry-{index}.tlog-proof"),
        format!("entry-{index}.leaf.json"),
    ];
    let failed = |error| Error::file("read", behind, &error);
    for entry in std::fs::read_dir(behind).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if !known.iter().any(|known| name == known.as_str()) {
            let name = name.to_string_lossy();
            let stranger = Problem::new(format!("`{VERIFICATION}/{name}` was not issued"));
            return Err(Error::Damaged(
                stranger.cause("it is not part of what verifies the report"),
            ));
        }
    }
    Ok(())
}

/// The report whose files lie in `folder`, else the last one issued, and the
/// entry that did it.
fn issuance(firm: &Received, folder: &Path) -> Result<(ReportIssued, u64)> {
    let state = FirmState::fold(&firm.told)?;
    let lies_there = |(_, issued): &(u64, &ReportIssued)| {
        let mut names = issued.files.keys();
        names.any(|name| folder.join(name).is_file())
    };
    let (index, issued) = state
        .issuances()
        .rfind(lies_there)
        .or_else(|| state.issuances().next_back())
        .ok_or_else(|| Error::Damaged(Problem::new("the firm's ledger issues no report")))?;
    Ok((issued.clone(), index))
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
        let bytes = read_file(&path, LARGEST_REPORT)?;
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
    let read = |name: String| read_file(&behind.join(name), LARGEST_PROOF);
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
    let older = check_extends(relied, &examined.received)?;
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
    check_results(relied, examined)?;
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

fn damaged(what: &str, why: &str) -> Error {
    Error::Damaged(Problem::new(format!("{what} does not verify")).cause(why.to_owned()))
}
