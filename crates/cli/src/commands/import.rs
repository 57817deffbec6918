//! `tickmark import`: populations by mapping, documents by index, and at once
//! the reconciliations that show what is complete.

use serde_json::json;
use tickmark_catalog::{Problem, catalog};
use tickmark_evidence::{Mapping, ReconciliationResult};
use tickmark_realm::{Company, Imported, Result, mappings};

use super::Session;
use crate::args::ImportArgs;
use crate::output::{BAD, GOOD, Output, styled};

/// Imports sources, then documents, then reconciles.
///
/// # Errors
/// Every bad row of a source, unless rejects are accepted; what was imported
/// before it stays.
pub fn run(session: &Session, args: &ImportArgs) -> Result<u8> {
    let mut company = session.company()?;
    let folder = args
        .from
        .clone()
        .unwrap_or_else(|| session.workspace.clone());
    let wanted = wanted(&company, args)?;
    let mut answers = Vec::new();
    for mapping in &wanted {
        let imported = company.import(
            &session.actor,
            &folder,
            mapping,
            args.accept_rejects.as_deref(),
        )?;
        session.output.say(imported_line(&imported))?;
        answers.push(json!({
            "source": mapping.id, "dataset": mapping.dataset, "rows": imported.snapshot.manifest.row_count,
            "rejects": imported.snapshot.manifest.reject_count, "manifest": imported.snapshot.manifest_sha256, "unchanged": imported.unchanged,
        }));
    }
    let documents = if args.sources.is_empty() && args.mapping.is_none() {
        company.add_documents(&session.actor, &folder)?.len()
    } else {
        0
    };
    let reconciliations = company.reconcile(&session.actor)?;
    say_reconciliations(session.output, &reconciliations)?;
    let answer =
        json!({ "imported": answers, "documents": documents, "reconciliations": reconciliations });
    session
        .output
        .print(&answer, || format!("{documents} documents taken in\n"))?;
    Ok(u8::from(
        reconciliations.iter().any(|result| !result.complete),
    ))
}

fn wanted(company: &Company, args: &ImportArgs) -> Result<Vec<Mapping>> {
    if let Some(path) = &args.mapping {
        let text = super::read_text(path)?;
        return Ok(vec![Mapping::parse(
            &path.display().to_string(),
            &text,
            &catalog().datasets,
        )?]);
    }
    let mut all = mappings(&company.state().program()?)?;
    if args.sources.is_empty() {
        return Ok(all.into_values().collect());
    }
    let mut wanted = Vec::new();
    for id in &args.sources {
        let unknown = Problem::new(format!("there is no source `{id}` in this program"));
        let known = all
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        wanted.push(
            all.remove(id)
                .ok_or_else(|| unknown.hint(format!("its sources are {known}")))?,
        );
    }
    Ok(wanted)
}

fn imported_line(imported: &Imported) -> String {
    let manifest = &imported.snapshot.manifest;
    let rejects = match manifest.reject_count {
        0 => String::new(),
        count => styled(BAD, format!(", {count} rejected")),
    };
    let unchanged = if imported.unchanged {
        ", unchanged"
    } else {
        ""
    };
    format!(
        "{}: {} rows into {}{rejects}{unchanged}",
        manifest.source_id, manifest.row_count, manifest.dataset
    )
}

/// Says how each reconciliation came out, with the rows that do not match.
///
/// # Errors
/// When it cannot be written.
pub fn say_reconciliations(output: Output, results: &[ReconciliationResult]) -> Result<()> {
    for result in results {
        let mark = if result.complete {
            styled(GOOD, "complete")
        } else {
            styled(BAD, "not complete")
        };
        output.say(format!("{mark}: {}", result.summary()))?;
        for (side, rows) in [
            ("only left", &result.only_left),
            ("only right", &result.only_right),
        ] {
            for row in rows.iter().take(10) {
                let key: Vec<&str> = row
                    .iter()
                    .map(|part| part.as_deref().unwrap_or("null"))
                    .collect();
                output.say(format!("    {side}: {}", key.join(" / ")))?;
            }
        }
    }
    Ok(())
}
