//! Verifying a company's evidence package, or an exported ledger.

use std::path::Path;

use tickmark_catalog::Problem;
use tickmark_ledger::verifier::{SignedCheckpoint, VerifierKey, verify_directory};

use super::{Trust, Verification, all_cosigned};
use crate::definitions::Provenance;
use crate::error::{Error, Result};
use crate::firm::{Examined, examine};

/// Verifies a package and compares the results of its tests, computed again,
/// with those the company recorded. `firm`: the firm's checkpoint, where a
/// report is verified, which a witness may have cosigned instead.
pub(super) fn verify_package(
    folder: &Path,
    trust: &Trust,
    executable: &Path,
    firm: Option<&SignedCheckpoint>,
    verification: &mut Verification,
) -> Result<Examined> {
    let key = trust.company.as_ref();
    let examined = examine(folder, key, &trust.witnesses, executable, None)?;
    ledger_steps(&examined, trust, firm, verification)?;
    let snapshots = examined.state.evidence.all_snapshots().count();
    verification.step(
        "every snapshot was derived again from its raw files",
        format!("{snapshots} snapshots"),
    );
    let documents = examined.state.evidence.artifacts().count();
    verification.step(
        "every document has the digest recorded",
        format!("{documents} documents"),
    );
    verification.step(
        "every reconciliation was made again with the same result",
        format!(
            "{} reconciliations, {} recorded",
            examined.reconciliations.len(),
            examined.reconciliations_recorded
        ),
    );
    let compared = compare_runs(&examined)?;
    verification.step(
        "every control test was run again with the same result",
        format!("{} tests, {compared} recorded runs", examined.results.len()),
    );
    provenance_steps(&examined.provenance, verification);
    Ok(examined)
}

/// Says which tests are not those this program ships: a reader must look at
/// their SQL, and miss those that are left out.
fn provenance_steps(provenance: &Provenance, verification: &mut Verification) {
    for (what, ids) in [
        ("control tests that the company wrote", &provenance.own),
        (
            "control tests that are not as this Tickmark ships them",
            &provenance.other,
        ),
        (
            "control tests that this Tickmark ships, that apply, and that are not in force",
            &provenance.left_out,
        ),
    ] {
        if !ids.is_empty() {
            let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
            verification.step(what, ids.join(", "));
        }
    }
}

fn ledger_steps(
    examined: &Examined,
    trust: &Trust,
    firm: Option<&SignedCheckpoint>,
    verification: &mut Verification,
) -> Result<()> {
    let checkpoint = examined.received.checkpoint();
    verification.step(
        "every file of the package has its listed digest",
        format!("{} files", examined.received.summary.files.len()),
    );
    verification.step(
        "the company's checkpoint is signed, and its tree rebuilt from the entries",
        format!("{}, {} entries", checkpoint.origin, checkpoint.size),
    );
    let whose = if trust.company.is_some() {
        "the key you named"
    } else {
        "the key the package states; pin it with `--company-key`"
    };
    verification.step("signature of the company's ledger", whose);
    let checkpoints: Vec<&SignedCheckpoint> = firm.into_iter().chain([checkpoint]).collect();
    all_cosigned(trust, &checkpoints)?;
    verification.rotated("the company's", &examined.received.rotations);
    verification.cosigned("the company's", checkpoint);
    let told = &examined.received.told;
    let opened = told.iter().filter(|told| told.body.is_some()).count();
    verification.step(
        "every body opens its commitment",
        format!("{opened} bodies, {} erased", told.len() - opened),
    );
    verification.erased("the company's", &examined.received.erased);
    Ok(())
}

/// Compares the recorded runs over the program's own period with the results:
/// their digests, and what the entries themselves say came out.
fn compare_runs(examined: &Examined) -> Result<usize> {
    let mut compared = 0;
    for result in &examined.results {
        let key = result.key()?;
        let differs = |why: &str| {
            Error::Damaged(
                Problem::new(format!(
                    "control test `{}` gives another result than the one recorded",
                    result.test
                ))
                .cause(why.to_owned()),
            )
        };
        let Some(recorded) = examined.state.control_tests.result_of(&key) else {
            continue;
        };
        if recorded != result.sha256()? {
            return Err(differs(
                "inputs, parameters and SQL are the same, the result is not",
            ));
        }
        let runs = examined.state.control_tests.runs.values();
        let mut same = runs.map(|(run, _)| run).filter(|run| run.key == key);
        if same.any(|run| run.outcome != result.outcome || run.counts != result.counts) {
            return Err(differs(
                "its digest is the one recorded, the outcome and counts beside it are not",
            ));
        }
        compared += 1;
    }
    Ok(compared)
}

/// Verifies an exported ledger.
pub(super) fn verify_ledger(
    folder: &Path,
    key: &VerifierKey,
    trust: &Trust,
    verification: &mut Verification,
) -> Result<()> {
    let ledger = verify_directory(folder, key, &trust.witnesses).map_err(|failures| {
        Error::Damaged(
            Problem::new("the ledger does not verify").cause(
                failures
                    .0
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ),
        )
    })?;
    verification.step(
        "the checkpoint is signed, and its tree rebuilt from the entries",
        format!(
            "{}, {} entries",
            ledger.checkpoint.origin, ledger.checkpoint.size
        ),
    );
    all_cosigned(trust, &[&ledger.checkpoint])?;
    verification.cosigned("the", &ledger.checkpoint);
    Ok(())
}
