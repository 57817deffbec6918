//! Changes: what was merged into the default branch, and which commits each
//! merge brought in.
//!
//! Must hold: a commit belongs to at most one change: to the first merge that
//! made it part of the default branch; two changes never have one number.

use std::collections::HashSet;

use super::history::History;

/// A change that reached the default branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The merge commit, or the one commit of a squashed change.
    pub merge: usize,
    /// Last commit of the change.
    pub head: usize,
    /// The commits it brought in, the merge commit itself not among them.
    pub members: Vec<usize>,
    /// Number, unique in the repository.
    pub number: i64,
    /// Whether the code host squashed it into one commit.
    pub is_squash: bool,
}

/// The changes of a branch, oldest first, and what else is on it.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub changes: Vec<Change>,
    /// Commits that reached the branch neither by a merge nor with a number.
    pub direct_count: u64,
    /// Merges of more than two parents.
    pub octopus_count: u64,
    /// Changes that got their number from their id.
    pub unnumbered_count: u64,
}

impl Changes {
    /// The changes on the way from the root to `tip` along first parents.
    pub(super) fn of(history: &History, tip: Option<usize>) -> Self {
        let mainline = mainline(history, tip);
        let mut is_taken = vec![false; history.commits.len()];
        for place in &mainline {
            take(&mut is_taken, *place);
        }
        let mut changes = Self::default();
        let mut numbers = HashSet::new();
        for place in mainline {
            changes.add(history, place, &mut is_taken, &mut numbers);
        }
        changes
    }

    fn add(
        &mut self,
        history: &History,
        place: usize,
        is_taken: &mut [bool],
        numbers: &mut HashSet<i64>,
    ) {
        let Some(commit) = history.commit(place) else {
            return;
        };
        let told = commit.object.message.number;
        let is_squash = commit.parents.len() < 2;
        if is_squash && told.is_none() {
            self.direct_count += 1;
            return;
        }
        self.octopus_count += u64::from(commit.parents.len() > 2);
        let number = match told.filter(|number| numbers.insert(*number)) {
            Some(number) => number,
            None => {
                self.unnumbered_count += 1;
                number_from_id(commit.id)
            }
        };
        let head = commit.parents.get(1).copied().unwrap_or(place);
        let brought = commit.parents.get(1..).unwrap_or_default();
        let members = reach(history, brought, is_taken);
        self.changes.push(Change {
            merge: place,
            head,
            members,
            number,
            is_squash,
        });
    }
}

fn take(is_taken: &mut [bool], place: usize) -> bool {
    is_taken
        .get_mut(place)
        .is_some_and(|taken| !std::mem::replace(taken, true))
}

/// First parents from the tip to the root, oldest first.
fn mainline(history: &History, tip: Option<usize>) -> Vec<usize> {
    let first_parent = |place: &usize| history.commit(*place)?.parents.first().copied();
    let mut mainline: Vec<usize> = std::iter::successors(tip, first_parent).collect();
    mainline.reverse();
    mainline
}

/// The commits reached from `from` that no earlier merge brought in.
fn reach(history: &History, from: &[usize], is_taken: &mut [bool]) -> Vec<usize> {
    let mut members = Vec::new();
    let mut waiting: Vec<usize> = from.to_vec();
    while let Some(place) = waiting.pop() {
        if take(is_taken, place) {
            members.push(place);
            waiting.extend(
                history
                    .commit(place)
                    .into_iter()
                    .flat_map(|commit| &commit.parents),
            );
        }
    }
    members
}

/// The first twelve hexadecimal digits of an id as a number: far above the
/// numbers that code hosts give.
fn number_from_id(id: gix::ObjectId) -> i64 {
    id.as_bytes()
        .iter()
        .take(6)
        .fold(0, |number, byte| number * 256 + i64::from(*byte))
}
