//! A disk that loses power.
//!
//! What was synced is there. Of what was not, each write is dropped, kept, or
//! torn at 512 bytes, and the changes of names stop at a random point. Two
//! kinds of file system: *ordered*, where syncing a file also makes every
//! earlier change of names durable, and *strict* (POSIX), where only syncing
//! the folder does.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Outcome;
use crate::dice::Dice;
use crate::trace::Step;

/// The unit that a disk writes whole.
const SECTOR: usize = 512;

/// A change of a file's content that may not have reached the disk.
#[derive(Debug, Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate(usize),
}

/// A file, whatever its name.
#[derive(Debug, Clone, Default)]
struct Inode {
    durable: Vec<u8>,
    pending: Vec<Change>,
    written: usize,
}

/// A change of names that may not have reached the disk.
#[derive(Debug, Clone)]
enum Naming {
    Folder(String),
    Name {
        path: String,
        inode: usize,
    },
    Gone(String),
    Moved {
        from: String,
        to: String,
        inode: usize,
    },
}

/// Names on a disk.
type Names = BTreeMap<String, Option<usize>>;

/// A disk while the power is still on.
#[derive(Debug, Clone)]
pub struct Disk {
    root: String,
    strict: bool,
    inodes: Vec<Inode>,
    seen: Names,
    durable: Names,
    pending: Vec<Naming>,
}

impl Disk {
    /// An empty disk for the folder `root`; what lies elsewhere is ignored.
    pub fn new(root: &Path, strict: bool) -> Self {
        Self {
            root: root.to_string_lossy().into_owned(),
            strict,
            inodes: Vec::new(),
            seen: Names::new(),
            durable: Names::new(),
            pending: Vec::new(),
        }
    }

    /// Carries out one step.
    pub fn apply(&mut self, step: &Step) {
        match step {
            Step::Open {
                path,
                create,
                empty,
            } => self.open(path, *create, *empty),
            Step::MakeFolder(path) => self.name(path, None),
            Step::Write {
                path,
                offset,
                bytes,
            } => self.write(path, *offset, bytes),
            Step::Truncate { path, length } => {
                self.change(path, Change::Truncate(*length as usize));
            }
            Step::Sync(path) => self.sync(path),
            Step::Rename { from, to } => self.rename(from, to),
            Step::Remove(path) => self.remove(path),
        }
    }

    /// Builds what a power cut now would leave, below `target`.
    pub fn cut(&self, dice: &mut Dice, target: &Path) -> Outcome<()> {
        let mut names = self.durable.clone();
        let kept = dice.below(self.pending.len() as u64 + 1) as usize;
        for naming in self.pending.iter().take(kept) {
            apply_naming(&mut names, naming);
        }
        std::fs::create_dir_all(target).map_err(|error| error.to_string())?;
        for (path, inode) in &names {
            let place = target.join(path);
            let made = match inode {
                None => std::fs::create_dir_all(&place),
                Some(inode) => {
                    let Some(inode) = self.inodes.get(*inode) else {
                        continue;
                    };
                    let parent = place.parent().unwrap_or(target);
                    std::fs::create_dir_all(parent)
                        .and_then(|()| std::fs::write(&place, after_cut(inode, dice)))
                }
            };
            made.map_err(|error| format!("{}: {error}", place.display()))?;
        }
        Ok(())
    }

    fn open(&mut self, path: &str, create: bool, empty: bool) {
        let Some(path) = self.inside(path) else {
            return;
        };
        let known = matches!(self.seen.get(&path), Some(Some(_)));
        if !known && create {
            self.inodes.push(Inode::default());
            let inode = self.inodes.len() - 1;
            self.seen.insert(path.clone(), Some(inode));
            self.pending.push(Naming::Name { path, inode });
        } else if let Some(inode) = self.inode(&path) {
            inode.written = 0;
            if empty {
                inode.pending.push(Change::Truncate(0));
            }
        }
    }

    fn name(&mut self, path: &str, inode: Option<usize>) {
        let Some(path) = self.inside(path) else {
            return;
        };
        self.seen.insert(path.clone(), inode);
        self.pending.push(Naming::Folder(path));
    }

    fn write(&mut self, path: &str, offset: Option<u64>, bytes: &[u8]) {
        let Some(path) = self.inside(path) else {
            return;
        };
        let Some(inode) = self.inode(&path) else {
            return;
        };
        let offset = offset.map_or(inode.written, |offset| offset as usize);
        inode.written = offset + bytes.len();
        inode.pending.push(Change::Write {
            offset,
            bytes: bytes.to_vec(),
        });
    }

    fn change(&mut self, path: &str, change: Change) {
        let Some(path) = self.inside(path) else {
            return;
        };
        if let Some(inode) = self.inode(&path) {
            inode.pending.push(change);
        }
    }

    fn sync(&mut self, path: &str) {
        let folder = path == self.root
            || matches!(self.inside(path), Some(ref p) if matches!(self.seen.get(p), Some(None)));
        if folder {
            let prefix = self.inside(path).unwrap_or_default();
            return self.settle_names(|naming, strict| !strict || parent_of(naming) == prefix);
        }
        let Some(path) = self.inside(path) else {
            return;
        };
        let Some(inode) = self.inode(&path) else {
            return;
        };
        for change in std::mem::take(&mut inode.pending) {
            apply_change(&mut inode.durable, &change);
        }
        self.settle_names(|_, strict| !strict);
    }

    fn rename(&mut self, from: &str, to: &str) {
        let (Some(from), Some(to)) = (self.inside(from), self.inside(to)) else {
            return;
        };
        if let Some(Some(inode)) = self.seen.remove(&from) {
            self.seen.insert(to.clone(), Some(inode));
            self.pending.push(Naming::Moved { from, to, inode });
        }
    }

    fn remove(&mut self, path: &str) {
        let Some(path) = self.inside(path) else {
            return;
        };
        if self.seen.remove(&path).is_some() {
            self.pending.push(Naming::Gone(path));
        }
    }

    /// Makes those changes of names durable that `which` accepts.
    fn settle_names(&mut self, which: impl Fn(&Naming, bool) -> bool) {
        let strict = self.strict;
        let (settled, open): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|naming| which(naming, strict));
        for naming in &settled {
            apply_naming(&mut self.durable, naming);
        }
        self.pending = open;
    }

    fn inode(&mut self, path: &str) -> Option<&mut Inode> {
        let inode = (*self.seen.get(path)?)?;
        self.inodes.get_mut(inode)
    }

    /// Path below the root; shared memory and locks do not survive and are
    /// left out.
    fn inside(&self, path: &str) -> Option<String> {
        let below = path.strip_prefix(&self.root)?.trim_start_matches('/');
        let lost = below.ends_with("-shm") || below.ends_with(".lock");
        (!below.is_empty() && !lost).then(|| below.to_owned())
    }
}

fn parent_of(naming: &Naming) -> &str {
    let (Naming::Folder(path)
    | Naming::Gone(path)
    | Naming::Name { path, .. }
    | Naming::Moved { to: path, .. }) = naming;
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn apply_naming(names: &mut Names, naming: &Naming) {
    match naming {
        Naming::Folder(path) => {
            names.insert(path.clone(), None);
        }
        Naming::Name { path, inode } => {
            names.insert(path.clone(), Some(*inode));
        }
        Naming::Gone(path) => {
            names.remove(path);
        }
        Naming::Moved { from, to, inode } => {
            names.remove(from);
            names.insert(to.clone(), Some(*inode));
        }
    }
}

fn apply_change(content: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Truncate(length) => content.resize(*length, 0),
        Change::Write { offset, bytes } => {
            let end = offset + bytes.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            if let Some(place) = content.get_mut(*offset..end) {
                place.copy_from_slice(bytes);
            }
        }
    }
}

/// Content of a file after the cut: each change that was not synced is
/// dropped, kept or torn.
fn after_cut(inode: &Inode, dice: &mut Dice) -> Vec<u8> {
    let mut content = inode.durable.clone();
    for change in &inode.pending {
        match (dice.below(3), change) {
            (0, _) => {}
            (1, _) | (_, Change::Truncate(_)) => apply_change(&mut content, change),
            (_, Change::Write { offset, bytes }) => {
                for (sector, part) in bytes.chunks(SECTOR).enumerate() {
                    if dice.below(2) == 0 {
                        let offset = offset + sector * SECTOR;
                        let bytes = part.to_vec();
                        apply_change(&mut content, &Change::Write { offset, bytes });
                    }
                }
            }
        }
    }
    content
}
