//! Identity provider: its sign-in log, as a Parquet file.
//!
//! Nobody signs in before the first or after the last (local) day of work.
//! Evenings in the organization's zone are the next day in UTC.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::clock::{self, Clock, PERIOD_END, PERIOD_START};
use super::draw::Draw;
use super::people::{Company, Worker};
use super::{Outcome, Run, files};

/// Records held in memory before they are written.
const BATCH: usize = 50_000;

/// Last successful sign-in of each worker at each month's end.
pub struct LastSignIns {
    at: Vec<Vec<Option<Timestamp>>>,
}

impl LastSignIns {
    /// The last sign-in of worker `index` before snapshot number `snapshot`.
    pub fn of(&self, snapshot: usize, index: usize) -> Option<Timestamp> {
        self.at.get(snapshot)?.get(index).copied().flatten()
    }
}

/// One attempt.
struct SignIn {
    at: Timestamp,
    id: String,
    worker: usize,
    account_id: String,
    success: bool,
    address: String,
}

/// Writes the log; the last sign-ins go into the account snapshots.
pub fn write(company: &Company, run: &mut Run) -> Outcome<LastSignIns> {
    let mut log = Log::create(run)?;
    let mut draw = run.draw("sign-ins");
    let mut latest = vec![None; company.workers.len()];
    let mut at = vec![latest.clone()];
    for day in clock::days(PERIOD_START, PERIOD_END) {
        for event in of_day(company, &run.clock, day, &mut draw)? {
            if let (true, Some(last)) = (event.success, latest.get_mut(event.worker)) {
                *last = Some(event.at);
            }
            log.push(event)?;
        }
        if day == day.last_of_month() {
            at.push(latest.clone());
        }
    }
    let rows = log.finish()?;
    run.count("keyring-sign-ins", rows);
    run.key.population("sign_ins", rows as usize);
    Ok(LastSignIns { at })
}

/// The attempts of one day, in order.
fn of_day(company: &Company, clock: &Clock, day: Date, draw: &mut Draw) -> Outcome<Vec<SignIn>> {
    let share = if clock::is_business_day(day) { 48 } else { 3 };
    let mut events = Vec::new();
    for (index, worker) in company.workers.iter().enumerate() {
        if worker.works_on(day) && draw.chance(share) {
            events.push(attempt(index, worker, clock, day, draw)?);
        }
    }
    events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    Ok(events)
}

fn attempt(
    index: usize,
    worker: &Worker,
    clock: &Clock,
    day: Date,
    draw: &mut Draw,
) -> Outcome<SignIn> {
    let evening = draw.chance(8);
    let minute = if evening {
        draw.between(19 * 60, 21 * 60)
    } else {
        draw.between(8 * 60, 16 * 60)
    };
    let mut at = clock.at(day, minute)? + SignedDuration::from_millis(draw.between(0, 59_999));
    if day == PERIOD_END || is_switched_off(worker, clock, day) {
        at = clock.at(day, draw.between(8 * 60, 10 * 60))?;
    }
    Ok(SignIn {
        at,
        id: draw.hex(16),
        worker: index,
        account_id: worker.account_id.clone(),
        success: !draw.chance(4),
        address: address(draw),
    })
}

/// The account is switched off on this very day.
fn is_switched_off(worker: &Worker, clock: &Clock, day: Date) -> bool {
    worker
        .access_ended_at
        .is_some_and(|ended| clock.day(ended) == day)
}

/// An address of the ranges kept for documents.
fn address(draw: &mut Draw) -> String {
    let network = if draw.chance(50) {
        "203.0.113"
    } else {
        "198.51.100"
    };
    format!("{network}.{}", draw.between(1, 254))
}

/// The Parquet file being written.
struct Log {
    writer: ArrowWriter<BufWriter<File>>,
    schema: SchemaRef,
    pending: Vec<SignIn>,
    rows: u64,
}

impl Log {
    fn create(run: &Run) -> Outcome<Log> {
        let schema = Arc::new(Schema::new(vec![
            Field::new("uuid", DataType::Utf8, false),
            Field::new(
                "published",
                DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
                false,
            ),
            Field::new("actor_id", DataType::Utf8, false),
            Field::new("target", DataType::Utf8, false),
            Field::new("outcome_result", DataType::Utf8, false),
            Field::new("client_ip", DataType::Utf8, true),
            Field::new("factor_used", DataType::Boolean, true),
        ]));
        let level = ZstdLevel::try_new(9).map_err(|e| e.to_string())?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .build();
        let file = files::create(run.folder, "exports/keyring/sign-ins.parquet")?;
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties))
            .map_err(|e| e.to_string())?;
        Ok(Log {
            writer,
            schema,
            pending: Vec::new(),
            rows: 0,
        })
    }

    fn push(&mut self, event: SignIn) -> Outcome<()> {
        self.rows += 1;
        self.pending.push(event);
        if self.pending.len() >= BATCH {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Outcome<()> {
        let events = std::mem::take(&mut self.pending);
        let times: Vec<i64> = events.iter().map(|e| e.at.as_microsecond()).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(events.iter().map(|e| &e.id))),
            Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
            Arc::new(StringArray::from_iter_values(
                events.iter().map(|e| &e.account_id),
            )),
            Arc::new(StringArray::from_iter_values(
                events.iter().map(|_| "keyring"),
            )),
            Arc::new(StringArray::from_iter_values(
                events.iter().map(|e| outcome(e.success)),
            )),
            Arc::new(StringArray::from_iter_values(
                events.iter().map(|e| &e.address),
            )),
            Arc::new(BooleanArray::from_iter(
                events.iter().map(|e| Some(e.success)),
            )),
        ];
        let batch =
            RecordBatch::try_new(self.schema.clone(), columns).map_err(|e| e.to_string())?;
        self.writer.write(&batch).map_err(|e| e.to_string())
    }

    fn finish(mut self) -> Outcome<u64> {
        self.flush()?;
        self.writer.close().map_err(|e| e.to_string())?;
        Ok(self.rows)
    }
}

fn outcome(success: bool) -> &'static str {
    if success { "SUCCESS" } else { "FAILURE" }
}
