//! Which files of a workspace go into a backup.
//!
//! What must hold: everything that belongs to the workspace goes in, or the
//! backup is refused and says why; nothing is left out because of what it is.

use std::path::{Path, PathBuf};

use tickmark_catalog::{Problem, Problems};
use walkdir::{DirEntry, WalkDir};

use crate::error::{Error, Result};
use crate::folder::relative;
use crate::workspace::Workspace;

/// Paths of what is copied file by file, sorted. The two databases are not
/// among them: they are copied as of one moment.
///
/// # Errors
/// Every link, pipe and device, all at once.
pub(super) fn files(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.folder();
    let keys = workspace.key_path().canonicalize().ok();
    let keys: Option<PathBuf> = keys.and_then(|path| path.parent().map(Path::to_owned));
    let mut paths = Vec::new();
    let mut problems = Vec::new();
    let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|entry| belongs(folder, keys.as_deref(), entry)) {
        let entry = match entry {
            Ok(entry) => entry,
            // What a server removes meanwhile is not of the workspace any more.
            Err(error) if is_gone(&error) => continue,
            Err(error) => {
                let problem = Problem::new(format!("`{}` cannot be read", folder.display()));
                problems.push(problem.cause(error.to_string()));
                continue;
            }
        };
        if entry.file_type().is_file() {
            paths.push(relative(folder, entry.path())?);
        } else if !entry.file_type().is_dir() {
            problems.push(
                Problem::new(format!("`{}` is no plain file", entry.path().display()))
                    .hint("put a copy of the file in its place, or move it out of the workspace"),
            );
        }
    }
    Problems::unless_empty(problems, paths).map_err(Error::from)
}

fn is_gone(error: &walkdir::Error) -> bool {
    error
        .io_error()
        .is_some_and(|it| it.kind() == std::io::ErrorKind::NotFound)
}

/// Left out are the databases, what is being written, keys that lie inside,
/// and hidden files that are not Tickmark's, such as a repository's.
fn belongs(folder: &Path, keys: Option<&Path>, entry: &DirEntry) -> bool {
    let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
    let names: Vec<_> = inside.iter().map(|name| name.to_string_lossy()).collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let hidden = names.last().is_some_and(|name| name.starts_with('.'));
    if keys.is_some() && entry.path().canonicalize().ok().as_deref() == keys && !names.is_empty() {
        return false;
    }
    match names.as_slice() {
        [".tickmark"] => true,
        [".tickmark", name] => {
            !hidden && !name.starts_with("ledger.db") && !name.starts_with("access.db")
        }
        [".tickmark", "evidence", "staging"] | [".tickmark", "received", "incoming"] => false,
        _ => !hidden,
    }
}
