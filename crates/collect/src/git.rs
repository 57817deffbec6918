//! The collector of git repositories: commits, merged changes, reviews and
//! releases out of any local clone.
//!
//! Must hold: every commit object is read under its own hash (replacement refs
//! are not followed, and the bytes are hashed again), so that a clone cannot
//! show another history than the one its ids stand for; a clone whose history
//! is cut off is refused, not read in part.

mod change;
mod history;
mod message;
mod object;
mod record;
mod repository;

use std::path::Path;

use jiff::Timestamp;
use tickmark_catalog::{DatasetSchema, Period, Problem};
use tickmark_evidence::{Collector, EvidenceError, Import, Mapping, Rejects, Snapshot, Store};

use history::History;
use record::Records;
use repository::GitRepository;

/// A repository, and the names under which it is recorded.
#[derive(Clone, Debug)]
pub struct GitSource<'a> {
    /// The clone: a work tree, a `.git` folder or a bare repository.
    pub path: &'a Path,
    /// Name of the repository in the datasets.
    pub repo: &'a str,
    /// First part of the source ids; `-commits`, `-pull-requests`, `-reviews`
    /// and `-releases` are added.
    pub source_id: &'a str,
    /// System of record.
    pub system: &'a str,
    /// Account or organization inside it.
    pub tenant: &'a str,
    /// The branch changes are merged into; when `None`, the one `origin` calls
    /// its default, else the one that is checked out.
    pub default_branch: Option<&'a str>,
    /// Period the collection is to cover.
    pub covers: Period,
    /// Clock of the collector; also the time of observation.
    pub collected_at: Timestamp,
    /// What to do about commits that cannot become rows (impossible times).
    pub rejects: Rejects,
}

/// What was collected from a repository.
#[derive(Clone, Debug, PartialEq)]
pub struct GitCollection {
    /// All commits reachable from the refs.
    pub commits: Snapshot,
    /// Merges into the default branch.
    pub pull_requests: Snapshot,
    /// Approvals told by trailers.
    pub reviews: Snapshot,
    /// Tags.
    pub releases: Snapshot,
}

impl GitSource<'_> {
    /// Reads the repository and stores a snapshot of each dataset.
    ///
    /// `datasets`: the schemas, usually `catalog().datasets`.
    ///
    /// # Errors
    /// [`EvidenceError::Refused`] when the clone is shallow, an object is
    /// missing or damaged, or the default branch cannot be told; nothing is
    /// recorded then.
    pub fn collect(
        &self,
        datasets: &[DatasetSchema],
        store: &Store,
    ) -> Result<GitCollection, EvidenceError> {
        let repository = GitRepository::open(self.path)?;
        let refs = repository.refs()?;
        let branch = repository.default_branch(self.default_branch)?;
        let history = History::read(&repository, &refs)?;
        let records = Records::of(self, &branch, &refs, &history);
        let import = |raw: record::RawRecords| self.import(raw, datasets, store);
        Ok(GitCollection {
            commits: import(records.commits())?,
            pull_requests: import(records.pull_requests())?,
            reviews: import(records.reviews())?,
            releases: import(records.releases())?,
        })
    }

    fn import(
        &self,
        raw: record::RawRecords<'_>,
        datasets: &[DatasetSchema],
        store: &Store,
    ) -> Result<Snapshot, EvidenceError> {
        let mapping = Mapping::parse(&raw.mapping_name(), &raw.mapping(), datasets)?;
        let dataset = datasets
            .iter()
            .find(|dataset| dataset.name == raw.dataset)
            .ok_or_else(|| Problem::new(format!("there is no dataset `{}`", raw.dataset)))?;
        let import = Import {
            dataset,
            mapping: &mapping,
            collector: collector(),
            collected_at: self.collected_at,
            rejects: self.rejects,
        };
        import.run_raw(vec![raw.write(store)?], store)
    }
}

fn collector() -> Collector {
    Collector {
        name: "tickmark-collect git".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
