//! Takes raw files in: checks and converts every record, writes the snapshot,
//! its rejects and its manifest.
//!
//! Must hold: either everything is stored and the caller gets a [`Snapshot`],
//! or nothing is and the caller gets every problem; memory does not grow with
//! the number of records (raw files are copied into the staging folder, never
//! loaded); the result depends on nothing but the schema, the mapping, the raw
//! bytes and the parameters.

pub(crate) mod convert;
mod findings;
mod formats;
mod instant;
mod keys;
mod notes;
mod pass;
mod plan;
mod reject;

use std::path::Path;

use jiff::Timestamp;
use tickmark_catalog::{DatasetSchema, Problem, Problems, Sha256Hex};

use crate::manifest::{Collector, Observed, RawFileRecord};
use crate::mapping::ObservedAt;
use crate::raw::RawFile;
use crate::store::{ObjectRef, Staged};
use crate::{EvidenceError, Manifest, Mapping, Store};
use findings::Findings;
use pass::Pass;

/// Version of the code that derives snapshots from raw files. It changes when
/// the same raw bytes would give other Parquet bytes.
pub const DERIVATION: &str = "tickmark-evidence derivation 1";

/// What to do about bad records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejects {
    /// One bad record refuses the whole import.
    Refuse,
    /// Bad records are left out, kept beside the snapshot and counted.
    Accept,
}

/// One import: what is taken in, by which rules.
#[derive(Clone, Debug)]
pub struct Import<'a> {
    /// The dataset to fill; the one the mapping names.
    pub dataset: &'a DatasetSchema,
    /// How records become rows.
    pub mapping: &'a Mapping,
    /// Who read the source.
    pub collector: Collector,
    /// Clock of the collector.
    pub collected_at: Timestamp,
    /// What to do about bad records.
    pub rejects: Rejects,
}

/// A stored snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Hash of the stored manifest.
    pub manifest_sha256: Sha256Hex,
    /// What is known about it.
    pub manifest: Manifest,
}

/// What an import made, before any of it is stored.
pub(crate) struct Derived {
    pub(crate) snapshot: Staged,
    pub(crate) rejects: Option<Staged>,
    pub(crate) findings: Findings,
}

impl Import<'_> {
    /// Imports the files the mapping names below the program folder.
    ///
    /// # Errors
    /// [`EvidenceError::Refused`] with every bad record (the first thousand of
    /// them in full), missing file, missing header, or a count that differs
    /// from the source's own; nothing is stored then.
    pub fn run(&self, folder: &Path, store: &Store) -> Result<Snapshot, EvidenceError> {
        let mut problems = Vec::new();
        let mut files = Vec::new();
        for name in &self.mapping.files {
            match stage(folder, name, store) {
                Ok(file) => files.push(file),
                Err(EvidenceError::Refused(found)) => problems.extend(found.0),
                Err(error) => return Err(error),
            }
        }
        Problems::unless_empty(problems, ())?;
        self.run_raw(files, store)
    }

    /// Imports raw files that a collector wrote.
    ///
    /// # Errors
    /// As [`Import::run`].
    pub fn run_raw(&self, files: Vec<RawFile>, store: &Store) -> Result<Snapshot, EvidenceError> {
        let derived = self.derive(&files, store)?;
        self.commit(files, derived, store)
    }

    /// Derives rows and rejects from raw files.
    pub(crate) fn derive(
        &self,
        files: &[RawFile],
        store: &Store,
    ) -> Result<Derived, EvidenceError> {
        if self.dataset.name != self.mapping.dataset {
            let (given, named) = (&self.dataset.name, &self.mapping.dataset);
            return Err(Problem::new(format!("the mapping fills `{named}`, not `{given}`")).into());
        }
        let mut first = Pass::new(self, store, None)?.run(files)?;
        let derived = match first.suspects()? {
            None => first.finish()?,
            Some(suspects) => {
                drop(first);
                Pass::new(self, store, Some(suspects))?
                    .run(files)?
                    .finish()?
            }
        };
        self.check_counts(&derived.findings)?;
        Ok(derived)
    }

    fn check_counts(&self, findings: &Findings) -> Result<(), EvidenceError> {
        let mut problems = findings.problems.clone();
        if self.rejects == Rejects::Accept {
            problems.clear();
        }
        if let Some(expected) = self
            .mapping
            .source_count
            .filter(|count| *count != findings.record_count)
        {
            problems.push(self.count_differs(expected, findings.record_count));
        }
        Problems::unless_empty(problems, ()).map_err(EvidenceError::from)
    }

    fn count_differs(&self, expected: u64, found: u64) -> Problem {
        let id = &self.mapping.id;
        Problem::new(format!(
            "source `{id}` counts {expected} records, its files hold {found}"
        ))
        .hint("export again, or correct `source_count` if the source's own count was misread")
    }

    fn commit(
        &self,
        files: Vec<RawFile>,
        derived: Derived,
        store: &Store,
    ) -> Result<Snapshot, EvidenceError> {
        let mapping = store.put(self.mapping.text().as_bytes())?;
        let mut raw_files = Vec::new();
        for file in files {
            let name = file.name.clone();
            let object = file.object().clone();
            if let Some(staged) = file.into_staged() {
                store.commit(staged)?;
            }
            raw_files.push(RawFileRecord { name, object });
        }
        let rejects = derived
            .rejects
            .map(|rejects| store.commit(rejects))
            .transpose()?;
        let snapshot = store.commit(derived.snapshot)?;
        let manifest = self.describe(mapping, raw_files, rejects, snapshot, derived.findings);
        let manifest_sha256 = store.put(&manifest.to_bytes()?)?.sha256;
        Ok(Snapshot {
            manifest_sha256,
            manifest,
        })
    }

    /// The manifest of what was derived.
    pub(crate) fn describe(
        &self,
        mapping: ObjectRef,
        raw_files: Vec<RawFileRecord>,
        rejects: Option<ObjectRef>,
        derived: ObjectRef,
        findings: Findings,
    ) -> Manifest {
        Manifest {
            manifest_version: Manifest::VERSION,
            source_id: self.mapping.id.clone(),
            system: self.mapping.system.clone(),
            tenant: self.mapping.tenant.clone(),
            dataset: self.dataset.name.clone(),
            dataset_version: self.dataset.version,
            collector: self.collector.clone(),
            grade: self.mapping.grade,
            scopes: self.mapping.scopes.clone(),
            request: self.mapping.request.clone(),
            mapping,
            raw_files,
            source_count: self.mapping.source_count,
            record_count: findings.record_count,
            row_count: findings.row_count,
            reject_count: findings.reject_count,
            rejects,
            first_key: findings.first_key,
            last_key: findings.last_key,
            covers: self.mapping.covers,
            times: findings.times,
            observed: findings.observed.or_else(|| self.observed_nothing()),
            collected_at: self.collected_at,
            derived,
            derivation: DERIVATION.to_owned(),
            not_collected: self.mapping.not_collected.clone(),
            notes: [self.mapping.notes.clone(), findings.notes].concat(),
        }
    }

    /// Looking and finding no record is an observation too.
    fn observed_nothing(&self) -> Option<Observed> {
        match self.mapping.observed_at {
            ObservedAt::Instant(instant) => Some(Observed {
                first: instant,
                last: instant,
                observation_count: 1,
            }),
            ObservedAt::Column(_) => None,
        }
    }
}

/// Copies a file of the program folder into the staging folder.
fn stage(folder: &Path, name: &str, store: &Store) -> Result<RawFile, EvidenceError> {
    let path = folder.join(name);
    let real = path
        .canonicalize()
        .map_err(|error| unreadable(name, folder, &error))?;
    let inside = folder
        .canonicalize()
        .is_ok_and(|folder| real.starts_with(folder));
    if !inside {
        let problem = Problem::new(format!("file `{name}` leads out of the program folder"));
        return Err(problem
            .hint("copy it into the folder instead of linking to it")
            .into());
    }
    if !real.is_file() {
        return Err(Problem::new(format!("`{name}` is not a file")).into());
    }
    Ok(RawFile::staged(name.to_owned(), store.stage_file(&real)?))
}

fn unreadable(name: &str, folder: &Path, error: &std::io::Error) -> EvidenceError {
    let hint = format!("a mapping's files are below `{}`", folder.display());
    Problem::new(format!("could not read file `{name}`"))
        .cause(error.to_string())
        .hint(hint)
        .into()
}
