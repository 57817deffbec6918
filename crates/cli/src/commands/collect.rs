//! `tickmark collect`: sources that Tickmark reads itself.

use std::path::Path;

use serde_json::{Value, json};
use tickmark_catalog::{Problem, catalog};
use tickmark_collect::{GitCollection, GitSource};
use tickmark_evidence::{Manifest, Rejects};
use tickmark_realm::{Company, Result};

use super::import::say_reconciliations;
use super::{Session, progress};
use crate::args::CollectCommand;

/// Collects, records and reconciles.
///
/// # Errors
/// When the source cannot be read whole; nothing is recorded then.
pub fn run(session: &Session, command: &CollectCommand) -> Result<u8> {
    let CollectCommand::Git {
        repository,
        name,
        branch,
        accept_rejects,
    } = command;
    let mut company = session.company()?;
    let name = match name {
        Some(name) => name.clone(),
        None => name_of(repository)?,
    };
    let source_id = source_id(&name)?;
    refuse_other_repository(&company, &source_id, &name)?;
    let program = company.state().program()?;
    let source = GitSource {
        path: repository,
        repo: &name,
        source_id: &source_id,
        system: "git",
        tenant: program.organization.id.as_str(),
        default_branch: branch.as_deref(),
        covers: program.period,
        collected_at: session.surroundings.now(),
        rejects: match accept_rejects {
            Some(_) => Rejects::Accept,
            None => Rejects::Refuse,
        },
    };
    let bar = progress(session, "reading commits");
    let collection = source.collect(&catalog().datasets, company.store());
    bar.finish();
    let collected = record(
        session,
        &mut company,
        collection?,
        accept_rejects.as_deref(),
    )?;
    let reconciliations = company.reconcile(&session.actor)?;
    say_reconciliations(session.output, &reconciliations)?;
    session.output.print(&collected, String::new)?;
    Ok(u8::from(
        reconciliations.iter().any(|result| !result.complete),
    ))
}

fn record(
    session: &Session,
    company: &mut Company,
    collection: GitCollection,
    reason: Option<&str>,
) -> Result<Vec<Value>> {
    let snapshots = [
        collection.commits,
        collection.pull_requests,
        collection.reviews,
        collection.releases,
    ];
    let mut answers = Vec::new();
    for snapshot in snapshots {
        let imported = company.record_snapshot(&session.actor, snapshot, reason)?;
        let manifest = &imported.snapshot.manifest;
        let rejects = match manifest.reject_count {
            0 => String::new(),
            count => format!(", {count} rejected"),
        };
        session.output.say(format!(
            "{}: {} rows into {}{rejects}",
            manifest.source_id, manifest.row_count, manifest.dataset
        ))?;
        answers.push(json!({
            "source": manifest.source_id, "dataset": manifest.dataset, "rows": manifest.row_count,
            "rejects": manifest.reject_count, "manifest": imported.snapshot.manifest_sha256,
        }));
    }
    Ok(answers)
}

/// The name of a repository's folder: of the work tree, or of a bare
/// repository without `.git`.
fn name_of(repository: &Path) -> Result<String> {
    let path = repository.canonicalize().map_err(|error| {
        let shown = repository.display();
        Problem::new(format!("there is no repository at `{shown}`")).cause(error.to_string())
    })?;
    let path = match path.file_name() {
        Some(name) if name == ".git" => path.parent().unwrap_or(&path),
        _ => path.as_path(),
    };
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.map(|name| name.strip_suffix(".git").unwrap_or(name).to_owned());
    let nameless = || Problem::new("the repository's folder has no name that is text");
    Ok(name.ok_or_else(|| nameless().hint("give it one with `--name`"))?)
}

/// The id of a repository's sources: its name in small letters, digits and
/// dashes.
fn source_id(name: &str) -> Result<String> {
    let words: Vec<String> = name
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.is_empty() {
        let problem = Problem::new(format!("`{name}` has no letter or digit to make an id of"));
        return Err(problem.hint("name the repository with `--name`").into());
    }
    Ok(format!("git-{}", words.join("-")))
}

/// Two repositories must not take turns in one source: each collection would
/// put the other's rows out of force.
fn refuse_other_repository(company: &Company, source_id: &str, name: &str) -> Result<()> {
    let commits = format!("{source_id}-commits");
    let evidence = &company.state().evidence;
    let Some(known) = evidence.current_of("commits", &commits) else {
        return Ok(());
    };
    let manifest = Manifest::from_bytes(&company.store().get(&known.manifest)?)?;
    if manifest.request.contains(&format!("refs of `{name}`;")) {
        return Ok(());
    }
    let problem = Problem::new(format!(
        "source `{commits}` holds another repository than `{name}`"
    ));
    Err(problem
        .cause(format!("it was collected as: {}", manifest.request))
        .hint("tell the two apart with `--name`")
        .into())
}

#[cfg(test)]
mod tests {
    use super::source_id;

    #[test]
    fn ids_are_made_of_names() {
        let check = |name, expected: &str| assert_eq!(source_id(name).unwrap(), expected, "{name}");
        check("relay", "git-relay");
        check("My_App.js", "git-my-app-js");
        check("--a  b--", "git-a-b");
        check("trünk", "git-tr-nk");
        assert!(source_id("日本").is_err());
    }
}
