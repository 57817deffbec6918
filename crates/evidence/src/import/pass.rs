//! One pass over the raw files: every record becomes a row or a reject.
//!
//! Must hold: a record is counted exactly once, as a row or as a reject; all
//! that is wrong with a record is told, not just the first thing.

use tickmark_catalog::{Place, Problems};

use super::findings::{Findings, Tally};
use super::keys::{KeyHashes, Suspects};
use super::notes::Notes;
use super::plan::{Plan, Row};
use super::reject::{Fault, RejectLog};
use super::{Derived, Import, Rejects};
use crate::import::convert::Value;
use crate::raw::{RawFile, Record, read};
use crate::snapshot::SnapshotWriter;
use crate::{EvidenceError, Store};

/// A pass in progress.
pub(super) struct Pass<'i> {
    import: &'i Import<'i>,
    plan: Plan<'i>,
    output: Output<'i>,
}

/// What grows while a pass runs.
struct Output<'i> {
    source_id: &'i str,
    writer: SnapshotWriter,
    hashes: KeyHashes<'i>,
    suspects: Option<Suspects>,
    rejects: RejectLog<'i>,
    notes: Notes,
    tally: Tally,
}

impl<'i> Pass<'i> {
    pub(super) fn new(
        import: &'i Import<'i>,
        store: &'i Store,
        suspects: Option<Suspects>,
    ) -> Result<Self, EvidenceError> {
        let plan = Plan::new(import.dataset, import.mapping)?;
        let output = Output {
            source_id: &import.mapping.id,
            writer: SnapshotWriter::new(import.dataset, store.stage()?)?,
            hashes: KeyHashes::new(store),
            suspects,
            rejects: RejectLog::new(store),
            notes: Notes::new(&plan.fields),
            tally: Tally::default(),
        };
        Ok(Self {
            import,
            plan,
            output,
        })
    }

    /// Reads all files.
    ///
    /// # Errors
    /// Everything that is wrong with any of them, bad records before it
    /// included.
    pub(super) fn run(mut self, files: &[RawFile]) -> Result<Self, EvidenceError> {
        let Self {
            import,
            plan,
            output,
        } = &mut self;
        let mut refused = Vec::new();
        for file in files {
            let mut sink = |record: Record<'_>| output.take(plan, &file.name, &record);
            match read(&import.mapping.format, file, &plan.fields, &mut sink) {
                Ok(()) => {}
                Err(EvidenceError::Refused(problems)) => refused.extend(problems.0),
                Err(error) => return Err(error),
            }
        }
        if refused.is_empty() {
            return Ok(self);
        }
        let mut problems = match import.rejects {
            Rejects::Refuse => output.rejects.told(),
            Rejects::Accept => Vec::new(),
        };
        problems.extend(refused);
        Err(Problems(problems).into())
    }

    /// The keys that may occur twice, after a first pass.
    pub(super) fn suspects(&mut self) -> Result<Option<Suspects>, EvidenceError> {
        self.output.hashes.suspects()
    }

    /// Closes what was written.
    pub(super) fn finish(self) -> Result<Derived, EvidenceError> {
        let output = self.output;
        let reject_count = output.rejects.count;
        let problems = output.rejects.told();
        let notes = output.notes.finish(output.tally.record_count);
        let time = self.import.dataset.time.clone();
        Ok(Derived {
            snapshot: output.writer.finish()?,
            rejects: output.rejects.finish()?,
            findings: Findings {
                reject_count,
                problems,
                notes,
                ..output.tally.findings(time)
            },
        })
    }
}

impl<'i> Output<'i> {
    /// Takes one record: adds a row, or keeps it as a reject.
    fn take(
        &mut self,
        plan: &Plan<'_>,
        file: &str,
        record: &Record<'_>,
    ) -> Result<(), EvidenceError> {
        self.tally.record_count += 1;
        let place = || record.at.place(file);
        let cells = match &record.cells {
            Ok(cells) => *cells,
            Err(why) => return self.reject(&place(), &[Fault::whole(why.clone())], record),
        };
        self.notes.see(cells);
        let (row, observed_at) = match plan.row(cells) {
            Ok(row) => row,
            Err(faults) => return self.reject(&place(), &faults, record),
        };
        let key = plan.key(&row, observed_at);
        match self
            .suspects
            .as_mut()
            .and_then(|suspects| suspects.earlier(&key, place))
        {
            Some(earlier) => self.reject(&place(), &[repeated(&earlier)], record),
            None => {
                self.hashes.add(&key)?;
                self.keep(plan, row, observed_at, place)
            }
        }
    }

    fn keep<'r>(
        &mut self,
        plan: &Plan<'_>,
        mut row: Row<'r>,
        observed_at: i64,
        place: impl Fn() -> Place,
    ) -> Result<(), EvidenceError>
    where
        'i: 'r,
    {
        for (column, value) in plan.named(&row) {
            self.notes.see_value(column, value, &place);
        }
        self.tally.see(plan, &row, observed_at);
        row.push(Some(Value::Text(self.source_id.into())));
        row.push(Some(Value::Timestamp(observed_at)));
        row.push(Some(Value::Int(self.tally.source_row())));
        self.writer.append(&row)
    }

    fn reject(
        &mut self,
        place: &Place,
        faults: &[Fault],
        record: &Record<'_>,
    ) -> Result<(), EvidenceError> {
        self.rejects
            .add(place, self.tally.source_row(), faults, record)
    }
}

fn repeated(earlier: &Place) -> Fault {
    Fault::whole(format!("its key occurred before, at {earlier}"))
}
