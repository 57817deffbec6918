//! `tickmark apply` and `tickmark export`: the program, or the firm's
//! decisions, as files and as record.

use std::path::Path;

use serde_json::json;
use tickmark_catalog::{Problem, Problems};
use tickmark_engagement::{Decisions, Procedures};
use tickmark_program::Change;
use tickmark_realm::{Company, CompanyState, Folded, Moment, Realm, Result, write_folder};

use super::{Session, progress, read_text};
use crate::args::ApplyArgs;
use crate::output::{BAD, GOOD, styled};

/// Records the files of the workspace, or of another folder.
///
/// # Errors
/// Everything wrong with the files; then nothing is recorded.
pub fn run(session: &Session, args: &ApplyArgs) -> Result<u8> {
    let folder = args.from.as_deref().unwrap_or(&session.workspace);
    match session.open()?.file().realm {
        Realm::Company => apply_program(session, folder, args.dry_run),
        Realm::Firm => apply_decisions(session, folder, args.dry_run),
    }
}

fn apply_program(session: &Session, folder: &Path, dry_run: bool) -> Result<u8> {
    let mut company = session.company()?;
    let difference = company.difference(folder)?;
    let recorded = if dry_run {
        0
    } else {
        record(session, &mut company, &difference)?
    };
    let answer =
        json!({ "changes": difference.changes, "recorded_entries": recorded, "dry_run": dry_run });
    session.output.print(&answer, || {
        let lines: String = difference
            .changes
            .iter()
            .map(|change| format!("{}\n", line(change)))
            .collect();
        let end = match (difference.events.is_empty(), dry_run) {
            (true, _) if recorded == 0 => {
                "no difference: the files are what is recorded".to_owned()
            }
            (_, true) => format!("{} files differ; nothing recorded", difference.events.len()),
            _ => format!("recorded {recorded} entries"),
        };
        format!("{lines}{end}\n")
    })?;
    Ok(0)
}

fn record(
    session: &Session,
    company: &mut Company,
    difference: &tickmark_program::Difference,
) -> Result<usize> {
    Ok(company.apply(&session.actor, difference)?.len())
}

/// A change in one line.
fn line(change: &Change) -> String {
    let record = |it: &tickmark_program::ChangedRecord| {
        let title = it
            .title
            .as_deref()
            .map(|title| format!(" — {title}"))
            .unwrap_or_default();
        format!("{} {}{title}", it.kind.title(), it.id)
    };
    match change {
        Change::Added { record: it } => styled(GOOD, format!("+ {}", record(it))),
        Change::Removed { record: it } => styled(BAD, format!("- {}", record(it))),
        Change::Changed { record: it, fields } => {
            let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
            format!("~ {} ({})", record(it), names.join(", "))
        }
        other => format!("~ {}", other.file()),
    }
}

/// Puts `decisions.toml` and `procedures.toml` on file.
fn apply_decisions(session: &Session, folder: &Path, dry_run: bool) -> Result<u8> {
    let mut firm = session.firm()?;
    let missing: Vec<Problem> = ["decisions.toml", "procedures.toml"]
        .iter()
        .map(|name| folder.join(name))
        .filter(|path| !path.is_file())
        .map(|path| Problem::new(format!("there is no file `{}`", path.display())))
        .map(|problem| {
            problem.hint(
                "it holds what the firm decides; `tickmark init --firm` writes one to fill in",
            )
        })
        .collect();
    Problems::unless_empty(missing, ())?;
    let texts = ["decisions.toml", "procedures.toml"].map(|name| read_text(&folder.join(name)));
    let [decisions, procedures] = texts;
    let (decisions, procedures) = (
        Decisions::parse("decisions.toml", &decisions?),
        Procedures::parse("procedures.toml", &procedures?),
    );
    let (decisions, procedures) = match (decisions, procedures) {
        (Ok(decisions), Ok(procedures)) => (decisions, procedures),
        (decisions, procedures) => {
            let problems = decisions.err().into_iter().chain(procedures.err());
            return Err(Problems(problems.flat_map(|found| found.0).collect()).into());
        }
    };
    let bar = progress(session, "testing again");
    let basis = firm.examine_package()?.basis()?;
    bar.finish();
    let count = if dry_run {
        decisions
            .decide(&firm.state().engagement, &procedures, &basis)?
            .len()
    } else {
        firm.decide(&session.actor, &decisions, &procedures, &basis)?
            .len()
    };
    session
        .output
        .print(
            &json!({ "entries": count, "dry_run": dry_run }),
            || match (count, dry_run) {
                (0, _) => "no difference: the files are what is on file\n".to_owned(),
                (_, true) => format!("{count} decisions pass every check; nothing recorded\n"),
                _ => format!("recorded {count} entries\n"),
            },
        )?;
    Ok(0)
}

/// Writes the program into `out`, as recorded now or at a past moment.
///
/// # Errors
/// When no program was recorded by then, or a file there holds something that
/// was never recorded.
pub fn export(session: &Session, out: &Path, at: Option<Moment>) -> Result<u8> {
    let workspace = session.open()?.expect(Realm::Company)?;
    let state = CompanyState::read(&workspace, at)?;
    state.program()?;
    let texts = state.program.texts();
    let different: Vec<Problem> = texts
        .iter()
        .filter(|(path, text)| {
            std::fs::read(out.join(path)).is_ok_and(|there| there != text.as_bytes())
        })
        .map(|(path, _)| {
            Problem::new(format!(
                "`{}` holds something else",
                out.join(path).display()
            ))
            .hint("record it with `tickmark apply` first, or export into another folder")
        })
        .collect();
    if !different.is_empty() {
        return Err(tickmark_catalog::Problems(different).into());
    }
    write_folder(out, &texts)?;
    session
        .output
        .print(&json!({ "files": texts.len(), "out": out }), || {
            format!("wrote {} files to {}\n", texts.len(), out.display())
        })?;
    Ok(0)
}
