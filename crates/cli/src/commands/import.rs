//! `tickmark import`: populations by mapping, documents by index, and at once
//! the reconciliations that show what is complete.

use std::path::Path;

use serde_json::json;
use tickmark_catalog::{Problem, Problems, catalog};
use tickmark_evidence::{EvidenceError, Mapping, ReconciliationResult, Rejects, Snapshot, Store};
use tickmark_realm::{Company, Error, Imported, Result, mappings};

use super::{Session, example, progress};
use crate::args::ImportArgs;
use crate::output::{BAD, GOOD, Output, plain, styled};

/// Imports sources, then documents, then reconciles. All sources are read
/// before the first is recorded.
///
/// # Errors
/// Every bad row of every source, unless rejects are accepted; nothing is
/// recorded then.
pub fn run(session: &Session, args: &ImportArgs) -> Result<u8> {
    if let Some(dataset) = &args.example {
        return example::run(session, dataset);
    }
    let mut company = session.company()?;
    let folder = args.from.as_deref().unwrap_or(&session.workspace);
    let wanted = wanted(&company, args)?;
    let reason = args.accept_rejects.as_deref();
    let snapshots = take_in_all(session, &company, folder, &wanted, reason)?;
    let mut answers = Vec::new();
    for snapshot in snapshots {
        let imported = company.record_snapshot(&session.actor, snapshot, reason)?;
        say_imported(session, company.store(), &imported)?;
        answers.push(imported_json(&imported));
    }
    let documents = if args.sources.is_empty() && args.mapping.is_none() {
        company.add_documents(&session.actor, folder)?.len()
    } else {
        0
    };
    let reconciliations = company.reconcile(&session.actor)?;
    say_reconciliations(session.output, &reconciliations)?;
    let answer =
        json!({ "imported": answers, "documents": documents, "reconciliations": reconciliations });
    session.output.print(&answer, || {
        let none = if wanted.is_empty() { NO_SOURCE } else { "" };
        format!("{documents} documents taken in\n{none}")
    })?;
    Ok(u8::from(
        reconciliations.iter().any(|result| !result.complete),
    ))
}

const NO_SOURCE: &str = "\
the program has no source yet: write how an export is read into `sources/<id>.toml`, then `tickmark apply`
`tickmark import --example leavers` prints a mapping to start from, `tickmark catalog list datasets` what there is
";

/// Stores what every source holds.
fn take_in_all(
    session: &Session,
    company: &Company,
    folder: &Path,
    wanted: &[Mapping],
    reason: Option<&str>,
) -> Result<Vec<Snapshot>> {
    let rejects = match reason {
        Some(_) => Rejects::Accept,
        None => Rejects::Refuse,
    };
    let bar = progress(session, "reading sources");
    let (mut snapshots, mut problems, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for (done, mapping) in wanted.iter().enumerate() {
        bar.step(done, wanted.len());
        match company.take_in(folder, mapping, rejects) {
            Ok(snapshot) => snapshots.push(snapshot),
            Err(Error::Problems(found) | Error::Evidence(EvidenceError::Refused(found))) => {
                problems.extend(found.0);
                refused.push(format!("`{}`", mapping.id));
            }
            Err(other) => {
                bar.finish();
                return Err(other);
            }
        }
    }
    bar.finish();
    if refused.is_empty() {
        return Ok(snapshots);
    }
    problems.push(nothing_imported(&refused, rejects));
    Err(Problems(problems).into())
}

fn nothing_imported(refused: &[String], rejects: Rejects) -> Problem {
    let sources = if refused.len() == 1 {
        "source"
    } else {
        "sources"
    };
    let refused = refused.join(", ");
    let problem = Problem::new(format!(
        "nothing was imported: {sources} {refused} cannot be accepted"
    ));
    problem.hint(match rejects {
        Rejects::Refuse => "correct the export or the mapping, or leave single bad rows out, kept and counted, with `--accept-rejects REASON`",
        Rejects::Accept => "correct the export or the mapping: only single bad rows can be left out",
    })
}

fn say_imported(session: &Session, store: &Store, imported: &Imported) -> Result<()> {
    session.output.say(imported_line(imported))?;
    let manifest = &imported.snapshot.manifest;
    let last = manifest.observed.as_ref().map(|observed| observed.last);
    if let Some(last) = last.filter(|last| *last > session.surroundings.now()) {
        let id = &manifest.source_id;
        session.output.say(styled(
            BAD,
            format!("    `{id}` says it was observed at {last}, which is later than this machine's clock"),
        ))?;
    }
    if manifest.reject_count > 0
        && let Some(rejects) = &manifest.rejects
    {
        session.output.say(format!(
            "    rejected rows, with their reasons: {}",
            store.local_path(&rejects.sha256).display()
        ))?;
    }
    Ok(())
}

fn imported_json(imported: &Imported) -> serde_json::Value {
    let manifest = &imported.snapshot.manifest;
    json!({
        "source": manifest.source_id, "dataset": manifest.dataset, "rows": manifest.row_count,
        "rejects": manifest.reject_count, "manifest": imported.snapshot.manifest_sha256, "unchanged": imported.unchanged,
    })
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
    let all = mappings(&company.state().program()?)?;
    if args.sources.is_empty() {
        return Ok(all.into_values().collect());
    }
    let unknown: Vec<Problem> = args
        .sources
        .iter()
        .filter(|id| !all.contains_key(*id))
        .map(|id| unknown_source(id, all.keys()))
        .collect();
    let is_wanted = |(id, _): &(String, Mapping)| args.sources.contains(id);
    let wanted = all
        .into_iter()
        .filter(is_wanted)
        .map(|(_, it)| it)
        .collect();
    Ok(Problems::unless_empty(unknown, wanted)?)
}

fn unknown_source<'k>(id: &str, known: impl Iterator<Item = &'k String>) -> Problem {
    let known: Vec<String> = known.map(|id| format!("`{id}`")).collect();
    let hint = match known.as_slice() {
        [] => "it has none yet: write `sources/<id>.toml`, then `tickmark apply`".to_owned(),
        _ => format!(
            "its sources are {}; one that is new is known after `tickmark apply`",
            known.join(", ")
        ),
    };
    Problem::new(format!("there is no source `{id}` in this program")).hint(hint)
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
                output.say(format!("    {side}: {}", plain(&key.join(" / "))))?;
            }
        }
    }
    Ok(())
}
