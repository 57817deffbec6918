//! The layout of a program folder: which file is what.
//!
//! Must hold: every text that could be meant as part of the program is either
//! read or refused, never passed over; no path leads out of the folder.

use std::collections::BTreeMap;

use tickmark_catalog::{Problem, Problems, nearest};

/// The files at the top of the folder.
const TOP_FILES: [(&str, ProgramFile<'static>); 8] = [
    ("tickmark.toml", ProgramFile::Settings),
    ("commitments.toml", ProgramFile::Commitments),
    ("subservice.toml", ProgramFile::Subservices),
    ("risks.toml", ProgramFile::Risks),
    ("vendors.toml", ProgramFile::Vendors),
    ("incidents.toml", ProgramFile::Incidents),
    ("changes.toml", ProgramFile::Changes),
    ("calendars.toml", ProgramFile::Calendars),
];

/// Folders whose files belong to the program.
const FOLDERS: [&str; 7] = [
    "controls",
    "description",
    "documents",
    "policies",
    "reconciliations",
    "sources",
    "tests",
];

/// What a file of the program is; the text is its name without extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgramFile<'p> {
    Settings,
    Commitments,
    Subservices,
    Risks,
    Vendors,
    Incidents,
    Changes,
    Calendars,
    Documents,
    Description(&'p str),
    Control(&'p str),
    Policy(&'p str),
    Source(&'p str),
    Reconciliation(&'p str),
    /// A file of a control test: the test's folder and the path below it.
    ControlTest(&'p str, &'p str),
}

/// Mapping files that a later one of the same source has replaced; they are
/// kept beside the program and can still be imported by name.
const SUPERSEDED: &str = "sources/superseded/";

/// Whether a file below the program folder is text of the program, so that it
/// has to be handed to [`Program::parse`](crate::Program::parse).
///
/// `path` is relative to the folder, with `/` between its parts. Not text of
/// the program: `exports/`, the documents themselves, `sources/superseded/`,
/// hidden files, files in other formats, and folders of other names. TOML and
/// Markdown files in a folder whose name is nearly that of one of the program's
/// are handed over and refused, so that a misspelled folder is noticed.
pub fn is_program_file(path: &str) -> bool {
    if path.starts_with(SUPERSEDED) || path.split('/').any(|part| part.starts_with('.')) {
        return false;
    }
    let is_text = has_extension(path, &["toml", "md"]);
    match path.split_once('/') {
        None => has_extension(path, &["toml"]),
        Some(("exports", _)) => false,
        Some(("documents", rest)) => rest == "index.toml",
        Some(("tests", _)) => is_text || has_extension(path, &["sql", "csv"]),
        Some((folder, _)) => is_text && nearest(folder, FOLDERS).is_some(),
    }
}

/// Decodes the bytes of the program's files, leaving out what is not text of
/// the program (see [`is_program_file`]).
///
/// # Errors
/// Every file that is not UTF-8, with the line of its first bad byte.
pub fn program_texts(
    files: BTreeMap<String, Vec<u8>>,
) -> Result<BTreeMap<String, String>, Problems> {
    let mut problems = Vec::new();
    let mut texts = BTreeMap::new();
    for (path, bytes) in files.into_iter().filter(|(path, _)| is_program_file(path)) {
        match String::from_utf8(bytes) {
            Ok(text) => {
                texts.insert(path, text);
            }
            Err(error) => problems.push(not_utf8(&path, &error)),
        }
    }
    Problems::unless_empty(problems, texts)
}

fn not_utf8(path: &str, error: &std::string::FromUtf8Error) -> Problem {
    let good = error
        .as_bytes()
        .get(..error.utf8_error().valid_up_to())
        .unwrap_or_default();
    let line = good.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    Problem::new("the file is not UTF-8 text")
        .at(path, line)
        .hint("save it as UTF-8")
}

/// Whether a path stays inside its folder and means the same on every system:
/// relative, `/` between non-empty parts, no `.` or `..`, no backslash, colon
/// or control character.
pub(crate) fn is_safe_path(path: &str) -> bool {
    let safe_part = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && !part.contains(|c: char| c == '\\' || c == ':' || c.is_control())
    };
    path.split('/').all(safe_part)
}

/// What the file at `path` is.
///
/// # Errors
/// The path has no place in a program; names the nearest that has.
pub(crate) fn classify(path: &str) -> Result<ProgramFile<'_>, Problems> {
    if !is_safe_path(path) {
        return Err(
            Problem::new(format!("`{path}` is not a path inside the program folder")).into(),
        );
    }
    match path.split_once('/') {
        None => top_file(path),
        Some((folder, rest)) => file_in_folder(path, folder, rest),
    }
}

fn top_file(path: &str) -> Result<ProgramFile<'_>, Problems> {
    let known = TOP_FILES
        .iter()
        .find(|(name, _)| *name == path)
        .map(|(_, file)| *file);
    known.ok_or_else(|| {
        misplaced(
            path,
            nearest(path, TOP_FILES.map(|(name, _)| name)).map(str::to_owned),
        )
    })
}

fn file_in_folder<'p>(
    path: &'p str,
    folder: &str,
    rest: &'p str,
) -> Result<ProgramFile<'p>, Problems> {
    let stem = |extension| {
        rest.strip_suffix(extension)
            .filter(|stem| !stem.contains('/'))
    };
    let file = match folder {
        "description" => stem(".md").map(ProgramFile::Description),
        "controls" => stem(".md").map(ProgramFile::Control),
        "policies" => stem(".md").map(ProgramFile::Policy),
        "sources" => stem(".toml").map(ProgramFile::Source),
        "reconciliations" => stem(".toml").map(ProgramFile::Reconciliation),
        "documents" => (rest == "index.toml").then_some(ProgramFile::Documents),
        "tests" => rest
            .split_once('/')
            .map(|(id, file)| ProgramFile::ControlTest(id, file)),
        _ => {
            return Err(misplaced(
                path,
                nearest(folder, FOLDERS).map(|near| format!("{near}/")),
            ));
        }
    };
    file.ok_or_else(|| misplaced(path, None))
}

fn misplaced(path: &str, nearest: Option<String>) -> Problems {
    let suggestion = nearest.map_or_else(String::new, |near| format!("; the nearest is `{near}`"));
    Problem::new(format!(
        "`{path}` has no place in a program folder{suggestion}"
    ))
    .in_file(path)
    .hint("rename it, or move it below `documents/` or out of the folder")
    .into()
}

fn has_extension(path: &str, extensions: &[&str]) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| extensions.contains(&extension))
}
