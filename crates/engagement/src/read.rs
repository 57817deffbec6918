//! Reading a TOML file of entries so that every entry that cannot be read is
//! told, not the first alone.
//!
//! The parser stops at the first thing wrong. The entry it stands in is then left
//! out and the rest read again, until nothing is wrong with the rest.

use std::ops::Range;

use serde::de::DeserializeOwned;
use tickmark_catalog::{Problem, Problems};

/// Reads a file; `file` names it in problems.
///
/// # Errors
/// The first thing wrong in each entry, with its line.
pub(crate) fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Problems> {
    toml::from_str(text).map_err(|first| {
        let mut problems = all_problems::<T>(file, text, first);
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        Problems(problems)
    })
}

/// The line of a place in a text, counted from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> u64 {
    let before = text.get(..offset).unwrap_or(text);
    before.bytes().filter(|byte| *byte == b'\n').count() as u64 + 1
}

fn all_problems<T: DeserializeOwned>(
    file: &str,
    text: &str,
    first: toml::de::Error,
) -> Vec<Problem> {
    let mut rest = text.to_owned();
    let mut problems = vec![problem(file, text, &first)];
    let mut wrong = first;
    while let Some(entry) = wrong.span().and_then(|span| entry_at(&rest, span.start)) {
        blank(&mut rest, entry);
        match toml::from_str::<T>(&rest) {
            Ok(_) => break,
            // What is missing now is what was left out.
            Err(error) if is_about_the_whole(&rest, &error) => break,
            Err(error) => {
                problems.push(problem(file, text, &error));
                wrong = error;
            }
        }
    }
    problems
}

fn problem(file: &str, text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    Problem::new(format!("`{file}` cannot be read"))
        .cause(error.message().to_owned())
        .at(file, line)
}

/// Whether an error stands outside every entry.
fn is_about_the_whole(text: &str, error: &toml::de::Error) -> bool {
    let entry = error.span().and_then(|span| entry_at(text, span.start));
    entry.is_none()
}

/// The entry at a place: from its header to the next that is none of its own.
fn entry_at(text: &str, offset: usize) -> Option<Range<usize>> {
    let headers = headers(text);
    let (start, path) = headers
        .iter()
        .rev()
        .find(|(start, _)| *start <= offset)
        .cloned()?;
    let inner = format!("{path}.");
    let end = headers
        .iter()
        .find(|(other, name)| *other > start && !name.starts_with(&inner))
        .map_or(text.len(), |(other, _)| *other);
    Some(start..end)
}

/// Where each header stands, and what it names: `opinion.ground` for
/// `[[opinion.ground]]`.
fn headers(text: &str) -> Vec<(usize, String)> {
    let mut offset = 0;
    let mut headers = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') {
            let name = line.split(']').next().unwrap_or(line);
            headers.push((offset, name.trim_start_matches('[').trim().to_owned()));
        }
        offset += line.len();
    }
    headers
}

/// Puts spaces in place of a part, so that lines and places stay as they are.
fn blank(text: &mut String, part: Range<usize>) {
    let Some(removed) = text.get(part.clone()) else {
        return;
    };
    let spaces: String = removed
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    text.replace_range(part, &spaces);
}
