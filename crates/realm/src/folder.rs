//! Reading folders that people hand over.
//!
//! Links are not followed and names that are no UTF-8 are refused, so that a
//! hostile folder cannot reach outside itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tickmark_catalog::Problem;
use tickmark_program::{is_program_file, program_texts};
use walkdir::WalkDir;

use crate::error::{Error, Result};

/// Largest text file of a program, in bytes.
const LARGEST_TEXT: u64 = 4 << 20;

/// The program's text files below `folder`, by path with `/` between names.
///
/// # Errors
/// Every file that cannot be read as text, all at once.
pub fn program_files(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for path in paths(folder, |name| name != "exports" && !name.starts_with('.'))? {
        if !is_program_file(&path) {
            continue;
        }
        let full = folder.join(&path);
        refuse_large(&full)?;
        files.insert(
            path,
            fs::read(&full).map_err(|error| Error::file("read", &full, &error))?,
        );
    }
    if files.is_empty() {
        let empty = Problem::new(format!("there is no program in `{}`", folder.display()));
        return Err(empty
            .hint("start one with `tickmark init`, or name its folder")
            .into());
    }
    Ok(program_texts(files)?)
}

fn refuse_large(path: &Path) -> Result<()> {
    let size = fs::metadata(path)
        .map_err(|error| Error::file("read", path, &error))?
        .len();
    if size > LARGEST_TEXT {
        let large = Problem::new(format!(
            "`{}` is too large for a file of the program",
            path.display()
        ));
        return Err(large
            .cause(format!(
                "it has {size} bytes, at most {LARGEST_TEXT} are read"
            ))
            .into());
    }
    Ok(())
}

/// Writes files below `folder`, making folders as needed; a file that holds
/// the bytes already is left alone.
///
/// # Errors
/// The first file that cannot be written.
pub fn write_folder<B: AsRef<[u8]>>(folder: &Path, files: &BTreeMap<String, B>) -> Result<()> {
    for (path, bytes) in files {
        write_file(&folder.join(path), bytes.as_ref())?;
    }
    Ok(())
}

/// Copies every file below `from` to the same place below `to`.
///
/// # Errors
/// The first file that cannot be read or written.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for path in paths(from, |_| true)? {
        let source = from.join(&path);
        let bytes = fs::read(&source).map_err(|error| Error::file("read", &source, &error))?;
        write_file(&to.join(&path), &bytes)?;
    }
    Ok(())
}

/// Writes one file whole: beside its place first, then moved there.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(|error| Error::file("made", parent, &error))?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = std::path::PathBuf::from(beside);
    let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        // The half-written file is of no use to anyone.
        let _ = fs::remove_file(&beside);
        Error::file("written", path, &error)
    })
}

/// Paths of the files below `folder`, sorted; `enter` says which folders to
/// look into.
pub(crate) fn paths(folder: &Path, enter: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
    let wanted = |entry: &walkdir::DirEntry| {
        entry.depth() == 0
            || !entry.file_type().is_dir()
            || entry.file_name().to_str().is_some_and(&enter)
    };
    let mut paths = Vec::new();
    for entry in walk.filter_entry(wanted) {
        let entry = entry.map_err(|error| {
            Problem::new(format!("`{}` cannot be read", folder.display())).cause(error.to_string())
        })?;
        if entry.file_type().is_file() {
            paths.push(relative(folder, entry.path())?);
        }
    }
    paths.sort();
    Ok(paths)
}

fn relative(folder: &Path, path: &Path) -> Result<String> {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    let names: Option<Vec<&str>> = inside
        .components()
        .map(|name| name.as_os_str().to_str())
        .collect();
    let unreadable = || {
        Problem::new(format!("`{}` has a name that is no UTF-8", path.display())).hint("rename it")
    };
    names
        .map(|names| names.join("/"))
        .ok_or_else(|| unreadable().into())
}
