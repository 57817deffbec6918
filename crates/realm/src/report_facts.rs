//! What a report is made from: the company's facts as they were verified and
//! computed again, and the firm's file.

use std::collections::BTreeMap;

use tickmark_catalog::{Problem, Sha256Hex};
use tickmark_engagement::{EngagementState, ReportEntry};
use tickmark_report::ReportFacts;
use tickmark_report::gather::{ReconciliationFacts, ReportInputs, gather};
use tickmark_report::value::{CheckpointText, InputDigest};

use crate::error::Result;
use crate::firm::Examined;
use crate::reconcile::reconciliations as reconciliations_of;

/// Where a ledger stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerHead {
    /// Origin line.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: [u8; 32],
}

/// Gathers the facts of a report. `firm`: the firm's ledger before the entry
/// that issues it.
///
/// # Errors
/// Everything that must be on file before a report can be written, and is not.
pub fn facts(
    examined: &Examined,
    engagement: &EngagementState,
    report: &ReportEntry,
    firm: &LedgerHead,
) -> Result<ReportFacts> {
    let relied = engagement
        .checkpoint
        .as_ref()
        .ok_or_else(|| Problem::new("the firm's file names no checkpoint of the company"))?;
    let checkpoints = [
        CheckpointText {
            realm: examined.program.organization.name.clone(),
            text: relied.note.clone(),
        },
        CheckpointText {
            realm: firm_name(engagement),
            text: head_text(firm),
        },
    ];
    let facts = gather(&ReportInputs {
        program: &examined.program,
        tests: &examined.tests,
        results: &examined.results,
        engagement,
        report,
        systems: &systems(examined),
        reconciliations: &reconciliations(examined),
        wording: &BTreeMap::new(),
        checkpoints: &checkpoints,
        inputs: &inputs(examined, relied.size)?,
        inputs_digest: Some(&examined.received.sha256),
    });
    Ok(facts?)
}

fn firm_name(engagement: &EngagementState) -> String {
    engagement
        .terms
        .as_ref()
        .map(|terms| terms.firm.clone())
        .unwrap_or_default()
}

/// A ledger's head as text. It is not signed: the signed one comes after the
/// entry that issues the report, which the report cannot hold.
fn head_text(head: &LedgerHead) -> String {
    format!(
        "{}\n{}\n{}\n",
        head.origin,
        head.size,
        hex::encode(head.root)
    )
}

/// The system of record of each source.
fn systems(examined: &Examined) -> BTreeMap<String, String> {
    let snapshots = examined.state.evidence.all_snapshots();
    snapshots
        .map(|it| (it.value.source_id.clone(), it.value.system.clone()))
        .collect()
}

fn reconciliations(examined: &Examined) -> Vec<ReconciliationFacts> {
    let titles: BTreeMap<String, String> = reconciliations_of(&examined.program)
        .map(|all| {
            let definitions = all.into_iter().map(|it| it.reconciliation);
            definitions.map(|it| (it.id, it.title)).collect()
        })
        .unwrap_or_default();
    examined
        .reconciliations
        .iter()
        .map(|it| ReconciliationFacts {
            title: titles.get(&it.id).cloned().unwrap_or_else(|| it.id.clone()),
            datasets: it.marks.clone(),
            matched: it.matched_count,
            only_left: it.only_left.len() as u64,
            only_right: it.only_right.len() as u64,
        })
        .collect()
}

fn inputs(examined: &Examined, size: u64) -> Result<Vec<InputDigest>> {
    let mut lines = String::new();
    for result in &examined.results {
        lines.push_str(&format!("{}\n", result.sha256()?));
    }
    let package = format!("List of the company's evidence package ({size} ledger entries)");
    let results = format!(
        "Results of the {} control tests: their digests, one a line, in order of id",
        examined.results.len()
    );
    Ok(vec![
        InputDigest {
            what: package,
            sha256: examined.received.sha256.clone(),
        },
        InputDigest {
            what: results,
            sha256: Sha256Hex::of(lines.as_bytes()),
        },
    ])
}
