//! Markdown files that begin with TOML between two `+++` lines.
//!
//! Must hold: places count lines of the whole file, so a person finds what is
//! meant; the Markdown is handed on untouched but for the blank lines around it.

use crate::fields::{Fields, read_toml_part};
use crate::problem::{Problem, Problems};

const FENCE: &str = "+++";

/// A Markdown file cut in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrontMatter<'t> {
    /// The TOML between the `+++` lines; it begins on line 2 of the file.
    pub toml: &'t str,
    /// The Markdown after them, without blank lines around it.
    pub body: &'t str,
    /// Line of the file on which the body begins, from 1.
    pub body_line: u64,
}

/// Cuts the text of a Markdown file at its `+++` lines.
///
/// A byte order mark and Windows line ends are accepted.
///
/// # Errors
/// The one problem that keeps `text` from being cut: the first line is not
/// `+++`, or no later line is.
pub fn split_front_matter<'t>(file: &str, text: &'t str) -> Result<FrontMatter<'t>, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut offset = 0;
    let mut toml_start = None;
    for (index, line) in (1..).zip(text.split_inclusive('\n')) {
        let is_fence = line.trim_end() == FENCE;
        match toml_start {
            None if is_fence => toml_start = Some(offset + line.len()),
            None => return Err(no_opening_fence(file).into()),
            Some(start) if is_fence => {
                let toml = text.get(start..offset).unwrap_or_default();
                let rest = text.get(offset + line.len()..).unwrap_or_default();
                return Ok(FrontMatter::new(toml, rest, index + 1));
            }
            Some(_) => {}
        }
        offset += line.len();
    }
    Err(toml_start
        .map_or_else(|| no_opening_fence(file), |_| no_closing_fence(file))
        .into())
}

impl<'t> FrontMatter<'t> {
    fn new(toml: &'t str, rest: &'t str, rest_line: u64) -> Self {
        let body = rest.trim_start();
        let skipped = rest.len() - body.len();
        let blank_lines = rest
            .get(..skipped)
            .unwrap_or_default()
            .matches('\n')
            .count();
        Self {
            toml,
            body: body.trim_end(),
            body_line: rest_line + blank_lines as u64,
        }
    }
}

fn no_opening_fence(file: &str) -> Problem {
    Problem::new("the file does not begin with a `+++` line")
        .at(file, 1)
        .hint("put the keys between two lines of `+++` at the top of the file")
}

fn no_closing_fence(file: &str) -> Problem {
    Problem::new("the `+++` of the first line is never closed")
        .at(file, 1)
        .hint("put a second `+++` line between the keys and the text")
}

/// Reads a Markdown file: its keys and its body are handed to `read`.
///
/// Adds everything that is wrong to `problems`, including keys that `read` did
/// not ask for. `None` when the file cannot be cut, its front matter is not
/// TOML, or `read` gave up.
pub fn read_markdown<'t, T>(
    file: &str,
    text: &'t str,
    problems: &mut Vec<Problem>,
    read: impl FnOnce(&mut Fields<'_>, FrontMatter<'t>) -> Option<T>,
) -> Option<T> {
    match split_front_matter(file, text) {
        Ok(parts) => read_toml_part(file, parts.toml, 2, problems, |fields| read(fields, parts)),
        Err(found) => {
            problems.extend(found);
            None
        }
    }
}
