//! Tiles, compared with the hashes of the entries.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use super::bundle::{read, split_bundle};
use super::layout::{parse_name, path_of};
use super::tree::Digest32;

/// Compares every tile there should be, then judges every other file of
/// `files` that is not in `known`. Returns those that go beyond the checkpoint.
pub(super) fn check_tiles(
    folder: &Path,
    files: &[PathBuf],
    mut known: BTreeSet<PathBuf>,
    levels: &[Vec<Digest32>],
    leaves: &[Vec<u8>],
    failures: &mut Vec<Failure>,
) -> Vec<PathBuf> {
    for (level, hashes) in levels.iter().enumerate() {
        for (index, tile) in hashes.chunks(256).enumerate() {
            let path = folder.join(path_of(&level.to_string(), index as u64, tile.len()));
            compare(&path, tile.as_flattened(), failures);
            known.insert(path);
        }
    }
    let mut beyond = Vec::new();
    for path in files.iter().filter(|path| !known.contains(*path)) {
        match check_file(folder, path, levels, leaves) {
            Ok(Extent::Covered) => {}
            Ok(Extent::Beyond) => beyond.push(path.clone()),
            Err(why) => failures.push(Failure::new(path.display().to_string(), why)),
        }
    }
    beyond
}

/// Whether the checkpoint covers all that a file holds.
enum Extent {
    Covered,
    Beyond,
}

impl Extent {
    fn of(covered: usize, width: usize) -> Self {
        if covered == width {
            Self::Covered
        } else {
            Self::Beyond
        }
    }
}

/// Judges a file by its name: a full tile or a partial one, also of a smaller
/// export before this one, or of a larger one that was interrupted. As far as
/// the checkpoint reaches, it must hold what its name stands for.
fn check_file(
    folder: &Path,
    path: &Path,
    levels: &[Vec<Digest32>],
    leaves: &[Vec<u8>],
) -> Result<Extent, String> {
    let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
    let name = name.ok_or("its name is not text")?;
    if name.ends_with(".tmp") {
        return Ok(Extent::Beyond); // left by an export that was interrupted
    }
    let (level, index, width) = parse_name(name).ok_or("it is not named like a tile")?;
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    if level == "entries" {
        let expected = part(leaves, index, width);
        let held = split_bundle(&bytes).filter(|held| held.len() == width);
        return held
            .filter(|held| held.starts_with(expected))
            .map(|_| Extent::of(expected.len(), width))
            .ok_or_else(|| "it does not hold the entries its name stands for".into());
    }
    let hashes = level
        .parse()
        .ok()
        .and_then(|level: usize| levels.get(level));
    let expected = part(hashes.map_or(&[], Vec::as_slice), index, width);
    if bytes.len() == width * 32 && bytes.starts_with(expected.as_flattened()) {
        return Ok(Extent::of(expected.len(), width));
    }
    Err("it does not hold the hashes of the entries".into())
}

/// What of tile `index`, `width` wide, lies within `items`.
fn part<T>(items: &[T], index: usize, width: usize) -> &[T] {
    let start = index.saturating_mul(256).min(items.len());
    let end = start.saturating_add(width).min(items.len());
    items.get(start..end).unwrap_or(&[])
}

fn compare(path: &Path, expected: &[u8], failures: &mut Vec<Failure>) {
    match read(path) {
        Ok(bytes) if bytes == expected => {}
        Ok(_) => failures.push(Failure::new(
            path.display().to_string(),
            "it does not hold the hashes of the entries",
        )),
        Err(failure) => failures.push(failure),
    }
}
