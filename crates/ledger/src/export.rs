//! Exporting a ledger in the layout of C2SP tlog-tiles, so that tools we did
//! not write can verify it.
//!
//! What must hold: every file is whole before it has its name, the checkpoint
//! comes last, so a reader that finds a checkpoint finds all it covers.
//! Exporting again into the same folder adds what is new.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::checkpoint::Checkpoint;
use crate::error::{LedgerError, Result};
use crate::files;
use crate::reader::LedgerReader;
use crate::tree::{TILE_WIDTH, full_hashes, level_count};

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The checkpoint's statement.
    pub checkpoint: Checkpoint,
    /// Files that were new.
    pub files_written: u64,
}

/// Writes `checkpoint`, `tile/…` and `tile/entries/…` for the signed
/// checkpoint `note` into `folder`.
///
/// # Errors
/// [`LedgerError::Refused`] when the folder holds another ledger or other
/// files, or the ledger does not have the checkpoint's root.
pub fn export(reader: &LedgerReader, note: &[u8], folder: &Path) -> Result<Exported> {
    let checkpoint = Checkpoint::parse_note(note)?;
    if reader.root_at(checkpoint.size)? != checkpoint.root {
        return Err(LedgerError::refused(format!(
            "the checkpoint of size {} is not one of this ledger",
            checkpoint.size
        )));
    }
    check_folder(reader, &checkpoint, folder)?;
    let mut out = Output {
        folder,
        written: 0,
        touched: BTreeSet::new(),
    };
    for level in 0..level_count(checkpoint.size) {
        export_level(reader, level, checkpoint.size, &mut out)?;
    }
    export_entries(reader, checkpoint.size, &mut out)?;
    out.sync()?;
    files::write_durably(&folder.join("checkpoint"), note)?;
    Ok(Exported {
        checkpoint,
        files_written: out.written,
    })
}

/// Path of a tile below `tile/<level>/` or `tile/entries/`: the index in
/// groups of three digits, and `.p/<width>` for partial tiles.
#[must_use]
pub fn tile_path(level: &str, index: u64, width: u64) -> PathBuf {
    let mut groups = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    let mut path = format!("tile/{level}/{}", groups.join("/"));
    if width < TILE_WIDTH {
        path.push_str(&format!(".p/{width}"));
    }
    path.into()
}

fn export_level(reader: &LedgerReader, level: u8, size: u64, out: &mut Output<'_>) -> Result<()> {
    for (index, width) in tiles(full_hashes(size, level)) {
        let path = tile_path(&level.to_string(), index, width);
        let hashes = reader.tile(level, index)?;
        let row = hashes.get(..width as usize).ok_or_else(|| {
            LedgerError::damaged(format!("tile {level}/{index} is shorter than {width}"))
        })?;
        out.put(&path, row.as_flattened())?;
    }
    Ok(())
}

fn export_entries(reader: &LedgerReader, size: u64, out: &mut Output<'_>) -> Result<()> {
    for (index, width) in tiles(size) {
        let start = index * TILE_WIDTH;
        let leaves = reader.store().leaves(start, start + width)?;
        let mut bundle = Vec::new();
        for (_, leaf) in &leaves {
            let length = u16::try_from(leaf.len())
                .map_err(|_| LedgerError::damaged("an entry is longer than 65,535 bytes"))?;
            bundle.extend_from_slice(&length.to_be_bytes());
            bundle.extend_from_slice(leaf);
        }
        if leaves.len() as u64 != width {
            return Err(LedgerError::damaged(format!(
                "entries {start} to {} are not all there",
                start + width - 1
            )));
        }
        out.put(&tile_path("entries", index, width), &bundle)?;
    }
    Ok(())
}

/// Index and width of every tile that holds `count` hashes.
fn tiles(count: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..count.div_ceil(TILE_WIDTH)).map(move |index| {
        let width = (count - index * TILE_WIDTH).min(TILE_WIDTH);
        (index, width)
    })
}

/// An export may only go to a folder that is new, or that holds an older
/// export of the same ledger.
fn check_folder(reader: &LedgerReader, new: &Checkpoint, folder: &Path) -> Result<()> {
    files::create_folder(folder)?;
    let names = std::fs::read_dir(folder).map_err(|e| LedgerError::file("read", folder, e))?;
    for name in names {
        let name = name
            .map_err(|e| LedgerError::file("read", folder, e))?
            .file_name();
        let ours = ["checkpoint", "checkpoint.tmp", "tile"];
        if !ours.iter().any(|known| name == *known) {
            return Err(LedgerError::refused(format!(
                "`{}` holds `{}`, which is no part of an exported ledger; export into a new folder",
                folder.display(),
                name.to_string_lossy()
            )));
        }
    }
    let Some(note) = files::read_if_present(&folder.join("checkpoint"))? else {
        return Ok(());
    };
    let old = Checkpoint::parse_note(&note)?;
    let extends =
        old.origin == new.origin && old.size <= new.size && reader.root_at(old.size)? == old.root;
    extends.then_some(()).ok_or_else(|| {
        LedgerError::refused(format!(
            "`{}` holds an export of `{}` at size {} that this checkpoint does not extend; export into a new folder",
            folder.display(),
            old.origin,
            old.size
        ))
    })
}

/// Files below one folder, and which folders must be synced for their names.
struct Output<'a> {
    folder: &'a Path,
    written: u64,
    touched: BTreeSet<PathBuf>,
}

impl Output<'_> {
    fn put(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        let full = self.folder.join(path);
        if files::read_if_present(&full)?.is_some_and(|have| have == bytes) {
            return Ok(());
        }
        let parent = files::folder_of(&full).to_owned();
        if !self.touched.contains(&parent) {
            files::create_folder(&parent)?;
            let above = parent.ancestors().take_while(|up| *up != self.folder);
            self.touched.extend(above.map(Path::to_owned));
            self.touched.insert(self.folder.to_owned());
        }
        files::write_renamed(&full, bytes)?;
        self.written += 1;
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        self.touched
            .iter()
            .try_for_each(|path| files::sync_folder(path))
    }
}
