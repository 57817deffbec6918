//! The appendix: how a reader proves the report genuine.
//!
//! What must hold: the steps name only what the reader has (this file) or can
//! ask for (the evidence package); we say tamper-evident, never immutable.

use super::voice::{Voice, says};
use crate::facts::ReportFacts;
use crate::value::{Appendix, Block};

/// The title of the appendix.
pub const TITLE: &str = "Verifying This Report";

/// Writes the appendix.
pub fn write(facts: &ReportFacts) -> Appendix {
    Appendix {
        title: TITLE.to_owned(),
        introduction: introduction(Voice { facts }),
        inputs_digest: facts.inputs_digest.clone(),
        checkpoints: facts.checkpoints.clone(),
        inputs: facts.inputs.clone(),
    }
}

fn introduction(voice: Voice<'_>) -> Vec<Block> {
    vec![
        says(
            format!(
                "This report was computed from append-only ledgers kept by {} and by {}. Every population, document, test, result and judgment is an entry in one of them. The ledgers are tamper-evident: each checkpoint below commits to all entries before it, and nobody, not even the holder of the signing key, can change an entry without contradicting a checkpoint that has already left the building.",
                voice.short(),
                voice.facts.firm.name,
            ),
            Vec::new(),
        ),
        says(
            "The file of this report carries the report as data (report.json), from which its pages can be set again. With the program tickmark, and without any service of ours, a reader can check:",
            Vec::new(),
        ),
        Block::list(
            true,
            [
                "that the report is unchanged and bound to the inputs listed below: tickmark verify REPORT.pdf",
                "that the checkpoints are signed by the keys the organization and the firm publish, and that later checkpoints extend them",
                "with the evidence package, that every snapshot has the digest listed, and that running the tests again over it gives the results printed in Section IV: tickmark verify PACKAGE",
            ],
        ),
        says(
            "A verification that fails names the first thing that does not agree.",
            Vec::new(),
        ),
    ]
}
