//! Tiles, compared with the hashes of the entries.

use std::path::{Path, PathBuf};

use super::Failure;
use super::bundle::{MAX_BUNDLE_BYTES, compare, read_into, split_bundle};
use super::layout::{parse_name, path_of};
use super::tree::{Digest32, hash_leaf};

/// Compares every tile above the entries' own hashes, then judges every file
/// of `files` that is not one of the tiles and bundles the checkpoint needs.
/// Returns those that go beyond the checkpoint.
pub(super) fn check_tiles(
    folder: &Path,
    files: &[PathBuf],
    levels: &[Vec<Digest32>],
    failures: &mut Vec<Failure>,
) -> Vec<PathBuf> {
    let mut buffer = Vec::new();
    for (level, hashes) in levels.iter().enumerate().skip(1) {
        for (index, tile) in (0..).zip(hashes.chunks(256)) {
            let path = folder.join(path_of(&level.to_string(), index, tile.len()));
            failures.extend(compare(&path, tile.as_flattened(), &mut buffer).err());
        }
    }
    let mut beyond = Vec::new();
    for path in files {
        match check_file(folder, path, levels) {
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
fn check_file(folder: &Path, path: &Path, levels: &[Vec<Digest32>]) -> Result<Extent, String> {
    let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
    let name = name.ok_or("its name is not text")?;
    if name.ends_with(".tmp") {
        return Ok(Extent::Beyond); // left by an export that was interrupted
    }
    let (level, index, width) = parse_name(name).ok_or("it is not named like a tile")?;
    let row = if level == "entries" {
        levels.first()
    } else {
        level.parse().ok().and_then(|row: usize| levels.get(row))
    };
    let row = row.map_or(&[][..], Vec::as_slice);
    let expected = part(row, index, width);
    if width == part(row, index, 256).len() {
        return Ok(Extent::Covered); // what the checkpoint needs has been compared
    }
    let mut bytes = Vec::new();
    read_into(path, MAX_BUNDLE_BYTES, &mut bytes).map_err(|failure| failure.why)?;
    let held = if level == "entries" {
        let entries = split_bundle(&bytes).filter(|held| held.len() == width);
        let entries = entries.ok_or("it does not hold the entries its name stands for")?;
        entries.into_iter().map(hash_leaf).collect()
    } else {
        let (hashes, rest) = bytes.as_chunks::<32>();
        let whole = rest.is_empty() && hashes.len() == width;
        if whole { hashes.to_vec() } else { Vec::new() }
    };
    if held.len() == width && held.starts_with(expected) {
        return Ok(Extent::of(expected.len(), width));
    }
    Err(if level == "entries" {
        "it does not hold the entries its name stands for".into()
    } else {
        "it does not hold the hashes of the entries".into()
    })
}

/// What of tile `index`, `width` wide, lies within `items`.
fn part<T>(items: &[T], index: usize, width: usize) -> &[T] {
    let start = index.saturating_mul(256).min(items.len());
    let end = start.saturating_add(width).min(items.len());
    items.get(start..end).unwrap_or(&[])
}
