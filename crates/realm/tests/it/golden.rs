//! One real entry of every kind, as ledgers out there hold them: leaf, salt
//! and body, byte for byte. They must read and replay for ever.
//!
//! A change that breaks a line needs a new version of that kind, with a line of
//! its own; lines are added, never changed. They were taken from ledgers of the
//! sample company and the fictional firm.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tickmark_access::AccessEvent;
use tickmark_control_tests::ControlTestsEvent;
use tickmark_engagement::EngagementEvent;
use tickmark_evidence::EvidenceEvent;
use tickmark_ledger::{Body, Entry, LedgerEvent, NewEntry, Record};
use tickmark_program::ProgramEvent;
use tickmark_realm::{CompanyState, FirmState, Folded, Told};

const COMPANY: &str = include_str!("golden/company.ndjson");
const FIRM: &str = include_str!("golden/firm.ndjson");

#[derive(Deserialize)]
struct Line {
    leaf: String,
    salt: String,
    body: String,
}

/// The entries of a golden file, each held against its own commitment.
fn records(text: &str) -> Vec<Record> {
    let read = |line: &str| {
        let line: Line = serde_json::from_str(line).unwrap();
        let leaf = line.leaf.into_bytes();
        let entry = Entry::from_leaf(&leaf).unwrap();
        assert!(entry.is_canonical(&leaf), "{}", entry.kind);
        let body = Body {
            salt: hex::decode(line.salt).unwrap().try_into().unwrap(),
            bytes: line.body.into_bytes(),
        };
        assert_eq!(hex::encode(body.commitment()), entry.body, "{}", entry.kind);
        let body = Some(body);
        Record { entry, leaf, body }
    };
    text.lines().map(read).collect()
}

/// Decodes a record as an event and encodes it again: the same body comes out.
fn reads_back<E: DeserializeOwned + Serialize>(record: &Record) {
    let event: E = record.event().unwrap().unwrap();
    let again = NewEntry::from_event("a", "b", &event).unwrap();
    assert_eq!(again.kind, record.entry.kind);
    assert_eq!(Some(again.body), record.value().unwrap(), "{}", again.kind);
}

fn kinds(records: &[Record]) -> BTreeSet<&str> {
    records.iter().map(|it| it.entry.kind.as_str()).collect()
}

/// The state that the records fold into.
fn replayed<S: Folded>(records: Vec<Record>) -> S {
    let told: Vec<Told> = records
        .into_iter()
        .map(|record| Told::try_from(record).unwrap())
        .collect();
    S::fold(&told).unwrap()
}

#[test]
fn every_kind_of_a_company_reads_and_replays() {
    let records = records(COMPANY);
    for record in &records {
        match record.entry.kind.split_once('.').unwrap().0 {
            "ledger" => reads_back::<LedgerEvent>(record),
            "program" => reads_back::<ProgramEvent>(record),
            "evidence" => reads_back::<EvidenceEvent>(record),
            "control_tests" => reads_back::<ControlTestsEvent>(record),
            "access" => reads_back::<AccessEvent>(record),
            other => panic!("{other} is no stage of a company"),
        }
    }
    let known = [CompanyState::kinds().as_slice(), LedgerEvent::KINDS].concat();
    assert_eq!(kinds(&records), known.into_iter().collect());
    let state: CompanyState = replayed(records);
    assert_eq!(state.evidence.all_snapshots().count(), 1);
    assert_eq!(state.evidence.artifacts().count(), 1);
    assert_eq!(
        state.control_tests.defined.len(),
        1,
        "the other was removed again"
    );
    assert!(state.program.is_empty(), "its files were removed again");
    assert_eq!(state.control_tests.responses.len(), 1);
    assert_eq!(state.access.accounts().count(), 2);
}

#[test]
fn every_kind_of_a_firm_reads_and_replays() {
    let records = records(FIRM);
    records.iter().for_each(reads_back::<EngagementEvent>);
    let known = EngagementEvent::KINDS.iter().copied().collect();
    assert_eq!(kinds(&records), known);
    let state: FirmState = replayed(records);
    assert_eq!(state.issued_at.len(), 1);
    assert!(state.engagement.checkpoint.is_some());
}
