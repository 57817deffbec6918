//! Who did what when: one short line for each entry, kept in memory.
//!
//! What must hold: a line for every entry, in order, none left out; words that
//! repeat (actors, kinds, subjects) are held once, so a million entries take
//! some tens of megabytes.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tickmark_catalog::GrowingList;

use crate::told::Told;

/// Lines that share a block, so that adding one copies little.
const BLOCK: usize = 4096;
/// Parts of the dictionary: a new word copies one part where it is shared.
const PARTS: usize = 256;

/// A short line for each entry of a ledger.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    words: Words,
    kinds: Vec<(u32, u64)>,
    full: Vec<Arc<Block>>,
    last: Vec<Kept>,
}

/// What one entry was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'j> {
    /// Index of the entry.
    pub index: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who did it, an opaque id.
    pub actor: &'j str,
    /// Kind and version.
    pub kind: &'j str,
    /// What it is about, an opaque id.
    pub subject: &'j str,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    at: Timestamp,
    actor: u32,
    kind: u32,
    subject: u32,
}

/// Lines that do not change any more, with the places of each subject.
#[derive(Debug)]
struct Block {
    lines: Vec<Kept>,
    /// Places of the lines, by subject and then in order.
    by_subject: Vec<u16>,
}

impl Block {
    fn new(lines: Vec<Kept>) -> Self {
        let subject = |place: &u16| lines.get(usize::from(*place)).map(|it| it.subject);
        let mut by_subject: Vec<u16> = (0..).take(lines.len()).collect();
        by_subject.sort_by_key(subject);
        Self { by_subject, lines }
    }

    /// Places of the lines about a subject, in order.
    fn about(&self, subject: u32) -> &[u16] {
        let of = |place: u16| self.lines.get(usize::from(place)).map(|it| it.subject);
        let start = self
            .by_subject
            .partition_point(|it| of(*it) < Some(subject));
        let end = self
            .by_subject
            .partition_point(|it| of(*it) <= Some(subject));
        self.by_subject.get(start..end).unwrap_or_default()
    }
}

/// Every word once, by number and by text.
#[derive(Debug, Clone, Default)]
struct Words {
    all: GrowingList<Arc<str>>,
    by_text: Vec<Arc<HashMap<Arc<str>, u32>>>,
}

impl Words {
    fn get(&self, number: u32) -> Option<&str> {
        self.all.get(number as usize).map(AsRef::as_ref)
    }

    fn number(&self, text: &str) -> Option<u32> {
        self.by_text.get(part(text))?.get(text).copied()
    }

    fn add(&mut self, text: &str) -> u32 {
        if let Some(known) = self.number(text) {
            return known;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        self.by_text.resize_with(PARTS, Arc::default);
        if let Some(known) = self.by_text.get_mut(part(&text)) {
            Arc::make_mut(known).insert(Arc::clone(&text), number);
        }
        self.all.push(text);
        number
    }
}

/// The part of the dictionary a word belongs to (FNV-1a).
fn part(text: &str) -> usize {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash >> 32) as usize % PARTS
}

impl Journal {
    /// Adds the line of the next entry.
    pub(crate) fn add(&mut self, told: &Told) {
        let kept = Kept {
            at: told.at,
            actor: self.words.add(&told.actor),
            kind: self.words.add(&told.kind),
            subject: self.words.add(&told.subject),
        };
        match self.kinds.iter_mut().find(|(kind, _)| *kind == kept.kind) {
            Some((_, count)) => *count += 1,
            None => self.kinds.push((kept.kind, 1)),
        }
        self.last.push(kept);
        if self.last.len() == BLOCK {
            let lines = std::mem::take(&mut self.last);
            self.full.push(Arc::new(Block::new(lines)));
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        (self.full.len() * BLOCK + self.last.len()) as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every kind that occurs, with how many entries are of it.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, u64)> {
        let kinds = self.kinds.iter();
        kinds.filter_map(|(kind, count)| Some((self.words.get(*kind)?, *count)))
    }

    /// Every line, in order of index; goes from both ends.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = Line<'_>> {
        (0..self.len()).filter_map(|index| self.line(index))
    }

    /// The lines of some kinds, in order of index; goes from both ends.
    pub fn lines_of(&self, kinds: &[&str]) -> impl DoubleEndedIterator<Item = Line<'_>> {
        let wanted: Vec<u32> = kinds
            .iter()
            .filter_map(|kind| self.words.number(kind))
            .collect();
        let is_wanted = move |(kept, _): &(&Kept, u64)| wanted.contains(&kept.kind);
        let blocks = self.full.iter().map(|block| block.lines.as_slice());
        let blocks = blocks
            .enumerate()
            .flat_map(|(number, lines)| places(number, lines));
        let last = places(self.full.len(), &self.last);
        let found = blocks.chain(last).filter(is_wanted);
        found.filter_map(|(_, index)| self.line(index))
    }

    /// The line of one entry.
    pub fn line(&self, index: u64) -> Option<Line<'_>> {
        let place = usize::try_from(index).ok()?;
        let kept = match self.full.get(place / BLOCK) {
            Some(block) => block.lines.get(place % BLOCK)?,
            None => self.last.get(place.checked_sub(self.full.len() * BLOCK)?)?,
        };
        Some(Line {
            index,
            at: kept.at,
            actor: self.words.get(kept.actor)?,
            kind: self.words.get(kept.kind)?,
            subject: self.words.get(kept.subject)?,
        })
    }

    /// The lines about any of these subjects, newest first. Takes as long as
    /// looking into each block of some thousand lines, not at each line.
    pub fn about<'j>(&'j self, subjects: &[String]) -> impl Iterator<Item = Line<'j>> {
        let mut wanted: Vec<u32> = subjects
            .iter()
            .filter_map(|subject| self.words.number(subject))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let among = wanted.clone();
        let last = places(self.full.len(), &self.last).rev();
        let last = last.filter(move |(kept, _)| among.contains(&kept.subject));
        let blocks = self.full.iter().enumerate().rev();
        let earlier = blocks.flat_map(move |(number, block)| {
            let found = wanted.iter().flat_map(|subject| block.about(*subject));
            let mut found: Vec<u64> = found
                .map(|place| (number * BLOCK) as u64 + u64::from(*place))
                .collect();
            found.sort_unstable_by(|a, b| b.cmp(a));
            found
        });
        let found = last.map(|(_, index)| index).chain(earlier);
        found.filter_map(|index| self.line(index))
    }
}

/// The lines of a block with their indexes.
fn places(block: usize, lines: &[Kept]) -> impl DoubleEndedIterator<Item = (&Kept, u64)> {
    let first = (block * BLOCK) as u64;
    let lines = lines.iter().enumerate();
    lines.map(move |(place, kept)| (kept, first + place as u64))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{BLOCK, Journal};
    use crate::told::Told;

    fn told(index: u64, subject: &str) -> Told {
        Told {
            index,
            at: Timestamp::UNIX_EPOCH,
            actor: format!("actor-{}", index % 3),
            kind: "program.file_set/1".to_owned(),
            subject: subject.to_owned(),
            body: None,
        }
    }

    #[test]
    fn kinds_are_counted_and_their_lines_found_from_both_ends() {
        let mut journal = Journal::default();
        let count = BLOCK as u64 + 20;
        for index in 0..count {
            let mut told = told(index, "subject");
            if index % 100 == 7 {
                told.kind = "program.draft_set/1".to_owned();
            }
            journal.add(&told);
        }
        let counts: Vec<_> = journal.kinds().collect();
        let drafts = (0..count).filter(|index| index % 100 == 7);
        let expected: Vec<u64> = drafts.collect();
        let few = expected.len() as u64;
        assert_eq!(
            counts,
            [
                ("program.file_set/1", count - few),
                ("program.draft_set/1", few)
            ]
        );
        let of = |kinds: &[&str]| {
            journal
                .lines_of(kinds)
                .map(|it| it.index)
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&["program.draft_set/1", "none/1"]), expected);
        let newest = journal.lines_of(&["program.draft_set/1"]).next_back();
        assert_eq!(newest.map(|it| it.index), expected.last().copied());
        assert!(of(&[]).is_empty());
    }

    #[test]
    fn a_copy_stays_as_it_was() {
        let mut journal = Journal::default();
        (0..10).for_each(|index| journal.add(&told(index, "old")));
        let copy = journal.clone();
        (10..2 * BLOCK as u64).for_each(|index| journal.add(&told(index, "new")));
        assert_eq!((copy.len(), copy.lines().count()), (10, 10));
        assert_eq!(copy.about(&["new".to_owned()]).count(), 0);
        assert_eq!(copy.about(&["old".to_owned()]).count(), 10);
    }

    #[test]
    fn every_entry_has_its_line_across_blocks() {
        let mut journal = Journal::default();
        let count = 2 * BLOCK as u64 + 7;
        for index in 0..count {
            let subject = if index % 1000 == 5 { "rare" } else { "common" };
            journal.add(&told(index, subject));
        }
        assert_eq!(journal.len(), count);
        assert_eq!(journal.lines().count() as u64, count);
        assert_eq!(journal.lines().next_back().unwrap().index, count - 1);
        assert_eq!(journal.line(4099).unwrap().actor, "actor-1");
        assert!(journal.line(count).is_none());
        let about = |subjects: &[&str]| -> Vec<u64> {
            let subjects: Vec<String> = subjects.iter().map(|it| (*it).to_owned()).collect();
            journal.about(&subjects).map(|it| it.index).collect()
        };
        let rare = [8005, 7005, 6005, 5005, 4005, 3005, 2005, 1005, 5];
        assert_eq!(about(&["rare"]), rare);
        assert_eq!(about(&["rare", "nothing", "rare"]), rare);
        let all: Vec<u64> = (0..count).rev().collect();
        assert_eq!(about(&["common", "rare"]), all);
    }
}
