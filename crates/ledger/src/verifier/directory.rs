//! A whole exported ledger: C2SP tlog-tiles, checked file by file.

use std::fs;
use std::path::{Path, PathBuf};

use super::leaf::{VerifiedEntry, parse_leaf};
use super::note::{SignedCheckpoint, VerifierKey, open_checkpoint};
use super::tree::{Digest32, hash_leaf, level_above, tree_hash};
use super::{Failure, Failures, unless_failed};

/// An exported ledger in which everything verified.
#[derive(Debug, Clone)]
pub struct VerifiedLedger {
    /// The checkpoint that covers it.
    pub checkpoint: SignedCheckpoint,
    /// Every entry, in order.
    pub entries: Vec<VerifiedEntry>,
    /// Files among the tiles that go beyond the checkpoint, as an interrupted
    /// export leaves them: no reader asks for them, nothing vouches for them.
    pub beyond: Vec<PathBuf>,
    pub(super) leaf_hashes: Vec<Digest32>,
}

impl VerifiedLedger {
    /// Root over the first `size` entries; `None` when there are fewer.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Option<[u8; 32]> {
        let prefix = self.leaf_hashes.get(..usize::try_from(size).ok()?)?;
        Some(tree_hash(prefix))
    }
}

/// Verifies an exported folder completely: signature, cosignatures, every
/// entry, the root rebuilt from them, every tile, and that nothing but tiles
/// lies among them.
///
/// # Errors
/// Everything that does not verify.
pub fn verify_directory(
    folder: &Path,
    log: &VerifierKey,
    witnesses: &[VerifierKey],
) -> Result<VerifiedLedger, Failures> {
    let note = read(&folder.join("checkpoint"))?;
    let checkpoint = open_checkpoint(&note, log, witnesses)?;
    let mut failures = Vec::new();
    let leaves = read_entries(folder, checkpoint.size, &mut failures);
    if !failures.is_empty() {
        return Err(Failures(failures));
    }
    let leaf_hashes: Vec<Digest32> = leaves.iter().map(|leaf| hash_leaf(leaf)).collect();
    if tree_hash(&leaf_hashes) != checkpoint.root {
        failures.push(Failure::new(
            "checkpoint",
            format!(
                "its root is not the root of the {} entries",
                checkpoint.size
            ),
        ));
    }
    let beyond = check_tiles(folder, &leaf_hashes, &leaves, &mut failures);
    let entries = parse_entries(&leaves, &mut failures);
    let ledger = VerifiedLedger {
        checkpoint,
        entries,
        beyond,
        leaf_hashes,
    };
    unless_failed(ledger, failures)
}

/// Reads every entry bundle that a ledger of `size` entries has.
fn read_entries(folder: &Path, size: u64, failures: &mut Vec<Failure>) -> Vec<Vec<u8>> {
    let mut leaves = Vec::new();
    for (index, width) in widths(size) {
        let path = folder.join(path_of("entries", index, width));
        let bundle = read(&path).and_then(|bytes| {
            split_bundle(&bytes)
                .filter(|entries| entries.len() == width)
                .ok_or_else(|| {
                    Failure::new(
                        path.display().to_string(),
                        format!("it does not hold exactly {width} entries"),
                    )
                })
        });
        match bundle {
            Ok(entries) => leaves.extend(entries),
            Err(failure) => failures.push(failure),
        }
    }
    leaves
}

/// Entries, each after its length as a big-endian 16-bit number.
fn split_bundle(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut rest = bytes;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry.to_vec());
        rest = after;
    }
    Some(entries)
}

/// Compares every tile there should be, and every file there is. Returns the
/// files that go beyond the checkpoint.
fn check_tiles(
    folder: &Path,
    leaf_hashes: &[Digest32],
    leaves: &[Vec<u8>],
    failures: &mut Vec<Failure>,
) -> Vec<PathBuf> {
    let mut levels = vec![leaf_hashes.to_vec()];
    while let Some(above) = levels
        .last()
        .map(|top| level_above(top))
        .filter(|up| !up.is_empty())
    {
        levels.push(above);
    }
    for (level, hashes) in levels.iter().enumerate() {
        for (index, tile) in hashes.chunks(256).enumerate() {
            let path = folder.join(path_of(&level.to_string(), index as u64, tile.len()));
            compare(&path, tile.as_flattened(), failures);
        }
    }
    let mut beyond = Vec::new();
    for path in files_below(&folder.join("tile"), failures) {
        match check_file(folder, &path, &levels, leaves) {
            Ok(Extent::Covered) => {}
            Ok(Extent::Beyond) => beyond.push(path),
            Err(why) => {
                let failure = Failure::new(path.display().to_string(), why);
                if !failures.contains(&failure) {
                    failures.push(failure);
                }
            }
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

/// Level, index and width in `tile/<level>/<index>[.p/<width>]`, accepting
/// only their one spelling.
fn parse_name(name: &str) -> Option<(&str, usize, usize)> {
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

fn parse_entries(leaves: &[Vec<u8>], failures: &mut Vec<Failure>) -> Vec<VerifiedEntry> {
    let mut entries: Vec<VerifiedEntry> = Vec::with_capacity(leaves.len());
    for (index, leaf) in (0..).zip(leaves) {
        match parse_leaf(index, leaf) {
            Ok(entry) => {
                if entries.last().is_some_and(|before| before.at > entry.at) {
                    failures.push(Failure::new(
                        format!("entry {index}"),
                        "it is dated before the entry before it",
                    ));
                }
                entries.push(entry);
            }
            Err(failure) => failures.push(failure),
        }
    }
    entries
}

/// Index and width of every tile over `count` items.
fn widths(count: u64) -> Vec<(u64, usize)> {
    let full = (0..count / 256).map(|index| (index, 256));
    let last = (!count.is_multiple_of(256)).then_some((count / 256, (count % 256) as usize));
    full.chain(last).collect()
}

fn path_of(level: &str, index: u64, width: usize) -> PathBuf {
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
fn files_below(folder: &Path, failures: &mut Vec<Failure>) -> Vec<PathBuf> {
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

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::new(path.display().to_string(), error.to_string()))
}
