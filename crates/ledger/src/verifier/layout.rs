//! Names in the tlog-tiles layout, in the one spelling each has.

use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;

/// Level, index and width in `tile/<level>/<index>[.p/<width>]`, accepting
/// only their one spelling.
pub(super) fn parse_name(name: &str) -> Option<(&str, usize, usize)> {
    let (level, rest) = name.strip_prefix("tile/")?.split_once('/')?;
    let known = level == "entries"
        || level
            .parse::<u8>()
            .is_ok_and(|n| n < 64 && n.to_string() == level);
    let (path, width) = match rest.split_once(".p/") {
        Some((path, width)) => (path, partial_width(width)?),
        None => (rest, 256),
    };
    let digits: String = path
        .split('/')
        .map(|part| part.trim_start_matches('x'))
        .collect();
    let index: u64 = digits.parse().ok()?;
    let spelled = stem_of(level, index) == format!("tile/{level}/{path}");
    (known && spelled).then(|| Some((level, usize::try_from(index).ok()?, width)))?
}

/// Path of a tile or bundle, `.p/<width>` for partial ones.
pub(super) fn path_of(level: &str, index: u64, width: usize) -> PathBuf {
    let stem = stem_of(level, index);
    if width == 256 {
        stem.into()
    } else {
        format!("{stem}.p/{width}").into()
    }
}

/// `tile/<level>/x001/x234/067`.
fn stem_of(level: &str, index: u64) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    format!("tile/{level}/{path}")
}

fn partial_width(text: &str) -> Option<usize> {
    let width: usize = text.parse().ok()?;
    ((1..256).contains(&width) && width.to_string() == text).then_some(width)
}

/// Every file below a folder, in order of name.
pub(super) fn files_below(folder: &Path, failures: &mut Vec<Failure>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue; // a ledger without entries has no tiles
        };
        for entry in entries {
            match entry.and_then(|entry| Ok((entry.file_type()?, entry.path()))) {
                Ok((kind, path)) if kind.is_dir() => folders.push(path),
                Ok((kind, path)) if kind.is_file() => files.push(path),
                Ok((_, path)) => failures.push(Failure::new(
                    path.display().to_string(),
                    "it is neither a file nor a folder",
                )),
                Err(error) => failures.push(Failure::new(
                    folder.display().to_string(),
                    error.to_string(),
                )),
            }
        }
    }
    files.sort();
    files
}
