//! `tickmark collect`: sources that Tickmark reads itself.

use std::path::Path;

use serde_json::json;
use tickmark_catalog::{Problem, catalog};
use tickmark_collect::GitSource;
use tickmark_evidence::Rejects;
use tickmark_realm::Result;

use super::Session;
use crate::args::CollectCommand;

/// Collects and records.
///
/// # Errors
/// When the source cannot be read whole.
pub fn run(session: &Session, command: &CollectCommand) -> Result<u8> {
    match command {
        CollectCommand::Git { repository, name } => {
            collect_git(session, repository, name.as_deref())
        }
    }
}

fn collect_git(session: &Session, repository: &Path, name: Option<&str>) -> Result<u8> {
    let mut company = session.company()?;
    let folder = || {
        repository.canonicalize().ok().and_then(|path| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        })
    };
    let nameless = || Problem::new("the repository has no name").hint("give it one with `--name`");
    let name = name
        .map(str::to_owned)
        .or_else(folder)
        .ok_or_else(nameless)?;
    let program = company.state().program()?;
    let source = GitSource {
        path: repository,
        repo: &name,
        source_id: &format!("git-{name}"),
        system: "git",
        tenant: program.organization.id.as_str(),
        default_branch: None,
        covers: program.period,
        collected_at: session.surroundings.now(),
        rejects: Rejects::Refuse,
    };
    let collection = source.collect(&catalog().datasets, company.store())?;
    let mut answers = Vec::new();
    for snapshot in [
        collection.commits,
        collection.pull_requests,
        collection.reviews,
        collection.releases,
    ] {
        let imported = company.record_snapshot(&session.actor, snapshot, None)?;
        let manifest = &imported.snapshot.manifest;
        session.output.say(format!(
            "{}: {} rows into {}",
            manifest.source_id, manifest.row_count, manifest.dataset
        ))?;
        answers.push(json!({ "dataset": manifest.dataset, "rows": manifest.row_count, "manifest": imported.snapshot.manifest_sha256 }));
    }
    session.output.print(&answers, String::new)?;
    Ok(0)
}
