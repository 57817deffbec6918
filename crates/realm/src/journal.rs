//! Who did what when: one short line for each entry, kept in memory.
//!
//! What must hold: a line for every entry, in order, none left out; words that
//! repeat (actors, kinds, subjects) are held once, so a million entries take
//! some tens of megabytes.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::told::Told;

/// Lines that share a block, so that adding one copies little.
const BLOCK: usize = 4096;

/// A short line for each entry of a ledger.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    words: Arc<Words>,
    full: Vec<Arc<Vec<Kept>>>,
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

#[derive(Debug, Clone, Default)]
struct Words {
    all: Vec<Arc<str>>,
    by_text: HashMap<Arc<str>, u32>,
}

impl Journal {
    /// Adds the line of the next entry.
    pub(crate) fn add(&mut self, told: &Told) {
        let kept = Kept {
            at: told.at,
            actor: self.word(&told.actor),
            kind: self.word(&told.kind),
            subject: self.word(&told.subject),
        };
        self.last.push(kept);
        if self.last.len() == BLOCK {
            self.full.push(Arc::new(std::mem::take(&mut self.last)));
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

    /// Every line, in order of index; goes from both ends.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = Line<'_>> {
        (0..self.len()).filter_map(|index| self.line(index))
    }

    /// The line of one entry.
    pub fn line(&self, index: u64) -> Option<Line<'_>> {
        let place = usize::try_from(index).ok()?;
        let kept = match self.full.get(place / BLOCK) {
            Some(block) => block.get(place % BLOCK)?,
            None => self.last.get(place.checked_sub(self.full.len() * BLOCK)?)?,
        };
        Some(Line {
            index,
            at: kept.at,
            actor: self.words.all.get(kept.actor as usize)?,
            kind: self.words.all.get(kept.kind as usize)?,
            subject: self.words.all.get(kept.subject as usize)?,
        })
    }

    /// The lines about any of these subjects, newest first.
    pub fn about<'j>(&'j self, subjects: &[String]) -> impl Iterator<Item = Line<'j>> {
        let wanted: Vec<u32> = subjects
            .iter()
            .filter_map(|subject| self.words.by_text.get(subject.as_str()).copied())
            .collect();
        let blocks = self.full.iter().map(|block| block.as_slice());
        let kept = blocks
            .chain(std::iter::once(self.last.as_slice()))
            .flatten();
        let found: Vec<u64> = kept
            .zip(0u64..)
            .filter(|(kept, _)| wanted.contains(&kept.subject))
            .map(|(_, index)| index)
            .collect();
        found.into_iter().rev().filter_map(|index| self.line(index))
    }

    fn word(&mut self, text: &str) -> u32 {
        if let Some(known) = self.words.by_text.get(text) {
            return *known;
        }
        let words = Arc::make_mut(&mut self.words);
        let text: Arc<str> = text.into();
        let number = u32::try_from(words.all.len()).unwrap_or(u32::MAX);
        words.all.push(Arc::clone(&text));
        words.by_text.insert(text, number);
        number
    }
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
        let rare: Vec<u64> = journal
            .about(&["rare".to_owned()])
            .map(|it| it.index)
            .collect();
        assert_eq!(rare, [8005, 7005, 6005, 5005, 4005, 3005, 2005, 1005, 5]);
    }
}
