//! All commits and tags that the refs lead to.
//!
//! Must hold: every commit that can be reached is there exactly once, in order
//! of commit time and then id; parents are places in that order's table.

use std::collections::HashMap;

use gix::ObjectId;
use gix::objs::Kind;
use tickmark_evidence::EvidenceError;

use super::object::{Actor, CommitObject, TagObject};
use super::repository::{GitRef, GitRepository};

/// A commit with its id; parents are places in [`History::commits`].
#[derive(Clone, Debug)]
pub(super) struct Commit {
    pub id: ObjectId,
    pub parents: Vec<usize>,
    pub object: CommitObject,
}

/// A tag.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// Name without `refs/tags/`.
    pub name: String,
    /// Place of the tagged commit.
    pub commit: usize,
    /// Who tagged, when the tag is an object of its own and says so.
    pub tagger: Option<Actor>,
    pub is_signed: bool,
}

/// Commits and tags of a repository.
#[derive(Debug, Default)]
pub(super) struct History {
    /// In order of discovery.
    pub commits: Vec<Commit>,
    /// By name.
    pub tags: Vec<Tag>,
    /// Refs that lead to something that is not a commit.
    pub other_refs: Vec<String>,
    places: HashMap<ObjectId, usize>,
}

/// What a ref leads to when tags are followed.
struct Peeled {
    commit: Option<ObjectId>,
    outermost: Option<TagObject>,
}

impl History {
    pub(super) fn read(repository: &GitRepository, refs: &[GitRef]) -> Result<Self, EvidenceError> {
        let mut history = Self::default();
        for found in refs {
            let peeled = peel(repository, found)?;
            let Some(commit) = peeled.commit else {
                history.other_refs.push(found.name.clone());
                continue;
            };
            history.walk(repository, commit, &found.name)?;
            if let (Some(name), Some(place)) =
                (found.name.strip_prefix("refs/tags/"), history.place(commit))
            {
                let outermost = peeled.outermost;
                let is_signed = outermost.as_ref().is_some_and(|tag| tag.is_signed);
                let tagger = outermost.and_then(|tag| tag.tagger);
                history.tags.push(Tag {
                    name: name.to_owned(),
                    commit: place,
                    tagger,
                    is_signed,
                });
            }
        }
        history.link_parents();
        Ok(history)
    }

    /// Where a commit stands.
    pub(super) fn place(&self, id: ObjectId) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// The commit at a place.
    pub(super) fn commit(&self, place: usize) -> Option<&Commit> {
        self.commits.get(place)
    }

    /// Reads everything that can be reached from a commit and is not there yet.
    fn walk(
        &mut self,
        repository: &GitRepository,
        from: ObjectId,
        named_by: &str,
    ) -> Result<(), EvidenceError> {
        let mut waiting = vec![(from, None::<ObjectId>)];
        while let Some((id, child)) = waiting.pop() {
            if self.places.contains_key(&id) {
                continue;
            }
            let named_by = || {
                child.map_or_else(
                    || format!("`{named_by}`"),
                    |child| format!("commit {child}"),
                )
            };
            let object = read_commit(repository, id, &named_by())?;
            for parent in &object.parents {
                waiting.push((parse_id(repository, id, parent)?, Some(id)));
            }
            self.places.insert(id, self.commits.len());
            self.commits.push(Commit {
                id,
                parents: Vec::new(),
                object,
            });
        }
        Ok(())
    }

    fn link_parents(&mut self) {
        let places = &self.places;
        let place = |parent: &String| {
            places
                .get(&ObjectId::from_hex(parent.as_bytes()).ok()?)
                .copied()
        };
        for commit in &mut self.commits {
            commit.parents = commit.object.parents.iter().filter_map(place).collect();
        }
    }

    /// The places of all commits in order of commit time, then id.
    pub(super) fn in_time_order(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.commits.len()).collect();
        places.sort_by_cached_key(|place| {
            self.commit(*place)
                .map(|commit| (seconds(&commit.object.committer), commit.id))
        });
        places
    }
}

/// Seconds since 1970, for ordering; times that cannot be read come first.
pub(super) fn seconds(actor: &Actor) -> i64 {
    actor.seconds.parse().unwrap_or(i64::MIN)
}

fn read_commit(
    repository: &GitRepository,
    id: ObjectId,
    named_by: &str,
) -> Result<CommitObject, EvidenceError> {
    let (kind, bytes) = repository.object(id, named_by)?;
    let commit = (kind == Kind::Commit)
        .then(|| CommitObject::parse(&bytes))
        .flatten();
    commit.ok_or_else(|| repository.malformed(id, "commit"))
}

fn parse_id(
    repository: &GitRepository,
    child: ObjectId,
    id: &str,
) -> Result<ObjectId, EvidenceError> {
    ObjectId::from_hex(id.as_bytes()).map_err(|_| repository.malformed(child, "commit"))
}

/// Follows tags to the commit they mean in the end.
fn peel(repository: &GitRepository, found: &GitRef) -> Result<Peeled, EvidenceError> {
    let mut peeled = Peeled {
        commit: None,
        outermost: None,
    };
    let mut id = found.target;
    loop {
        let (kind, bytes) = repository.object(id, &format!("`{}`", found.name))?;
        match kind {
            Kind::Commit => {
                peeled.commit = Some(id);
                return Ok(peeled);
            }
            Kind::Tag => {
                let tag =
                    TagObject::parse(&bytes).ok_or_else(|| repository.malformed(id, "tag"))?;
                id = parse_id(repository, id, &tag.target)?;
                peeled.outermost.get_or_insert(tag);
            }
            Kind::Tree | Kind::Blob => return Ok(peeled),
        }
    }
}
