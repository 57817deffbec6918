//! Reading folders that people hand over, and writing folders that are whole or
//! not there.
//!
//! Links are not followed and names that are no UTF-8 are refused, so that a
//! hostile folder cannot reach outside itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

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

/// A folder that is filled beside its place and moved there when it is whole.
/// Dropped before that, it is removed.
pub(crate) struct Staged {
    place: PathBuf,
    beside: PathBuf,
    settled: bool,
}

impl Staged {
    /// An empty folder for what will lie at `place`; what a process that broke
    /// off left beside it is removed.
    ///
    /// # Errors
    /// Something lies at `place` already, or the folder cannot be made.
    pub(crate) fn beside(place: &Path) -> Result<Self> {
        refuse_filled(place)?;
        let beside = beside(place);
        remove_folder(&beside)?;
        fs::create_dir_all(&beside).map_err(|error| Error::file("made", &beside, &error))?;
        Ok(Self {
            place: place.to_owned(),
            beside,
            settled: false,
        })
    }

    /// The folder to fill.
    pub(crate) fn path(&self) -> &Path {
        &self.beside
    }

    /// Moves the folder to its place.
    ///
    /// # Errors
    /// It cannot be moved; it is removed then.
    pub(crate) fn settle(mut self) -> Result<()> {
        refuse_filled(&self.place)?;
        // An empty folder there makes way: not every system renames over one.
        let _ = fs::remove_dir(&self.place);
        fs::rename(&self.beside, &self.place)
            .map_err(|error| Error::file("written", &self.place, &error))?;
        self.settled = true;
        Ok(())
    }
}

/// Where something is made before it has its name: a name that nobody else
/// gives, so that nothing of anybody's is written over.
fn beside(place: &Path) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    place.with_file_name(format!(".{name}.tickmark-part"))
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.settled {
            // Nothing relies on it, and the next one removes it as well.
            let _ = fs::remove_dir_all(&self.beside);
        }
    }
}

/// Refuses a place where there is anything but an empty folder, and one that is
/// named by where it lies: the folder that somebody works in is not replaced.
fn refuse_filled(place: &Path) -> Result<()> {
    if place.file_name().is_none() {
        let nameless = Problem::new(format!("`{}` does not name a new folder", place.display()));
        return Err(nameless.hint("give the folder a name").into());
    }
    let filled = match fs::read_dir(place) {
        Ok(mut names) => names.next().is_some(),
        Err(_) => place.symlink_metadata().is_ok(),
    };
    if !filled {
        return Ok(());
    }
    let there = Problem::new(format!("`{}` holds something already", place.display()));
    Err(there
        .hint("name a folder that is empty or not there yet")
        .into())
}

/// Removes a folder with all that is in it, where there is one.
pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::file("removed", folder, &error))
        }
        _ => Ok(()),
    }
}

/// Files and folders about to be made, which are taken away again unless all
/// of them are finished.
///
/// What was there before is left alone.
#[must_use]
pub struct Unfinished {
    new: Vec<PathBuf>,
}

impl Unfinished {
    /// Marks what is not there yet of `paths`, and of the folders they lie in.
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut new: Vec<PathBuf> = paths
            .into_iter()
            .filter(|path| path.symlink_metadata().is_err())
            .map(|path| topmost_missing(&path))
            .collect();
        new.sort();
        new.dedup();
        Self { new }
    }

    /// All of it is made.
    pub fn finish(mut self) {
        self.new.clear();
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        for path in &self.new {
            // Whatever cannot be removed stays: the failure before is told.
            let _ = if path.is_dir() {
                fs::remove_dir_all(path)
            } else {
                fs::remove_file(path)
            };
        }
    }
}

/// The path, or the highest folder above it that is not there either.
fn topmost_missing(path: &Path) -> PathBuf {
    let missing = path
        .ancestors()
        .take_while(|above| !above.as_os_str().is_empty() && above.symlink_metadata().is_err());
    missing.last().unwrap_or(path).to_owned()
}

/// Copies every file below `from` to the same place below `to`.
///
/// # Errors
/// The first file that cannot be read or written, or is no plain file.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for path in plain_paths(from)? {
        let (source, target) = (from.join(&path), to.join(&path));
        let parent = target.parent().unwrap_or(to);
        fs::create_dir_all(parent).map_err(|error| Error::file("made", parent, &error))?;
        fs::copy(&source, &target).map_err(|error| Error::file("copied", &source, &error))?;
    }
    Ok(())
}

/// The bytes of a file that somebody handed over: a plain file of at most
/// `limit` bytes, so that a device, a pipe or a huge file does not hold the
/// reader up.
///
/// # Errors
/// The file cannot be read, is none, or is too large.
pub(crate) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| Error::file("read", path, &error);
    let known = fs::metadata(path).map_err(failed)?;
    let refused = |why: String| {
        Error::Damaged(Problem::new(format!("`{}` cannot be read", path.display())).cause(why))
    };
    if !known.is_file() {
        return Err(refused("it is no file".to_owned()));
    }
    if known.len() > limit {
        return Err(refused(format!(
            "it has {} bytes, at most {limit} are read",
            known.len()
        )));
    }
    fs::read(path).map_err(failed)
}

/// Writes one file whole: beside its place first, then moved there.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(|error| Error::file("made", parent, &error))?;
    let beside = beside(path);
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

/// Paths of the files below a folder that somebody handed over, sorted.
///
/// # Errors
/// Anything but folders and plain files: a link could lead out of the folder, a
/// pipe would hold the reader up.
pub(crate) fn plain_paths(folder: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            Problem::new(format!("`{}` cannot be read", folder.display())).cause(error.to_string())
        })?;
        let path = relative(folder, entry.path())?;
        if entry.file_type().is_file() {
            paths.push(path);
        } else if !entry.file_type().is_dir() {
            let what = if entry.path_is_symlink() {
                "it is a link"
            } else {
                "it is neither a file nor a folder"
            };
            let problem = Problem::new(format!("`{path}` does not belong here")).cause(what);
            return Err(Error::Damaged(
                problem.cause(format!("it lies in `{}`", folder.display())),
            ));
        }
    }
    paths.sort();
    Ok(paths)
}

pub(crate) fn relative(folder: &Path, path: &Path) -> Result<String> {
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
