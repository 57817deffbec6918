//! Differences are told record by record.

use jiff::Timestamp;
use tickmark_program::{ProgramEvent, ProgramState, diff};

use crate::sample::{Texts, edit, edited, texts, with, without};

/// What a person is told when the sample is recorded and the folder now holds
/// `texts`, and then which files are recorded.
fn told(texts: &Texts) -> String {
    told_since(&recorded(&self::texts()), texts)
}

fn told_since(state: &ProgramState, texts: &Texts) -> String {
    let difference = diff(state, texts).unwrap_or_else(|problems| panic!("{problems}"));
    let changes = difference.changes.iter().map(ToString::to_string);
    let events = difference
        .events
        .iter()
        .map(|event| format!("-> {} {}", event.kind(), event.path()));
    changes.chain(events).collect::<Vec<_>>().join("\n")
}

fn recorded(texts: &Texts) -> ProgramState {
    let mut state = ProgramState::default();
    for (path, text) in texts {
        state
            .apply(&ProgramEvent::file_set(path, text), Timestamp::UNIX_EPOCH)
            .unwrap();
    }
    state
}

#[test]
fn none() {
    assert_eq!(told(&texts()), "");
}

#[test]
fn a_control() {
    let new = texts()["controls/QP-02.md"]
        .replace("QP-02", "QP-03")
        .replace("Critical", "Ordinary");
    insta::assert_snapshot!(told(&with("controls/QP-03.md", &new)), @r"
    added control `QP-03`: Ordinary suppliers are reviewed
    -> program.file_set/1 controls/QP-03.md
    ");
    let texts = edited("controls/QP-01.md", "Head of IT", "Head of Security");
    let texts = edit(texts, "controls/QP-01.md", "\"CC6.3\"", "\"CC6.1\"");
    let texts = edit(
        texts,
        "controls/QP-01.md",
        "within one business day",
        "at once",
    );
    insta::assert_snapshot!(told(&texts), @r"
    changed control `QP-01`: Access ends when people leave
      `criteria` adds `CC6.1`; drops `CC6.3`
      `owner_role` from `Head of IT` to `Head of Security`
      `description` is reworded
    -> program.file_set/1 controls/QP-01.md
    ");
}

#[test]
fn records_within_a_list() {
    let texts = edited("risks.toml", "likelihood = 4", "likelihood = 5");
    let texts = edit(texts, "risks.toml", "id = \"R-02\"", "id = \"R-03\"");
    insta::assert_snapshot!(told(&texts), @r"
    changed risk `R-01`: Access of a leaver stays open
      `likelihood` from `4` to `5`
    removed risk `R-02`: A clerk diverts parcels
    added risk `R-03`: A clerk diverts parcels
    -> program.file_set/1 risks.toml
    ");
}

#[test]
fn settings() {
    let texts = edited("tickmark.toml", "employees = 30", "employees = 31");
    let texts = edit(
        texts,
        "tickmark.toml",
        "end = 2026-06-30",
        "end = 2026-12-31",
    );
    let texts = edit(
        texts,
        "tickmark.toml",
        "\"security\", \"privacy\"",
        "\"security\", \"availability\", \"privacy\"",
    );
    insta::assert_snapshot!(told(&texts), @r"
    changed organization
      `employees` from `30` to `31`
    changed scope
      `categories` adds `availability`
    changed period
      `period` from `2025-07-01..2026-06-30` to `2025-07-01..2026-12-31`
    -> program.file_set/1 tickmark.toml
    ");
}

#[test]
fn a_field_that_goes_and_one_that_comes() {
    let texts = edited("controls/QP-02.md", "since = 2025-10-01\n", "");
    let texts = edit(
        texts,
        "commitments.toml",
        "principal = false",
        "principal = false\nmeasure = \"weather-tracked\"",
    );
    insta::assert_snapshot!(told(&texts), @r"
    changed control `QP-02`: Critical suppliers are reviewed
      `since` from `2025-10-01` to nothing
    changed service commitment `PSC-02`
      `measure` from nothing to `weather-tracked`
    -> program.file_set/1 commitments.toml
    -> program.file_set/1 controls/QP-02.md
    ");
}

#[test]
fn lists_in_another_order() {
    let texts = edited(
        "commitments.toml",
        "\"QP-01\", \"QP-02\"",
        "\"QP-02\", \"QP-01\"",
    );
    insta::assert_snapshot!(told(&texts), @r"
    changed system requirement `SR-01`
      `controls` is reordered
    -> program.file_set/1 commitments.toml
    ");
}

#[test]
fn a_file_with_other_text_and_the_same_records() {
    insta::assert_snapshot!(told(&edited("vendors.toml", "[[vendor]]", "# Reviewed.\n[[vendor]]")), @r"
    rewrote `vendors.toml` without changing a record
    -> program.file_set/1 vendors.toml
    ");
    insta::assert_snapshot!(told(&edited("description/01-services.md", "+++\n\n", "+++\n\n\n")), @r"
    rewrote `description/01-services.md` without changing a record
    -> program.file_set/1 description/01-services.md
    ");
}

#[test]
fn files_that_go() {
    insta::assert_snapshot!(told(&without("vendors.toml")), @r"
    removed vendor `v-001`: Harbor Cloud
    -> program.file_removed/1 vendors.toml
    ");
    insta::assert_snapshot!(told(&without("sources/hris-leavers.toml")), @r"
    removed source `hris-leavers`
    -> program.file_removed/1 sources/hris-leavers.toml
    ");
}

#[test]
fn others_controls() {
    let texts = edited("subservice.toml", "Customers enter", "Customers type");
    let texts = edit(texts, "subservice.toml", "Physical access", "Access");
    insta::assert_snapshot!(told(&texts), @r"
    changed complementary subservice organization control `CSOC-01`
      `text` from `Physical access to data centers is limited.` to `Access to data centers is limited.`
    changed user entity responsibility `1`
      `text` from `Customers enter correct addresses.` to `Customers type correct addresses.`
    -> program.file_set/1 subservice.toml
    ");
}

#[test]
fn the_first_recording_adds_everything() {
    let told = told_since(&ProgramState::default(), &texts());
    let count = |start: &str| told.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(count("added "), 39);
    assert_eq!(count("-> program.file_set/1"), texts().len());
    assert!(
        told.contains("added control `QP-01`: Access ends when people leave"),
        "{told}"
    );
}

#[test]
fn a_recorded_program_that_is_no_longer_sound_can_be_replaced() {
    let broken = edited("tickmark.toml", "version = 1", "version = 0");
    let told = told_since(&recorded(&broken), &texts());
    assert!(told.contains("added organization"), "{told}");
    assert!(
        told.ends_with("-> program.file_set/1 tickmark.toml"),
        "{told}"
    );
}

#[test]
fn changes_as_data() {
    let difference = diff(
        &recorded(&texts()),
        &edited("risks.toml", "likelihood = 4", "likelihood = 5"),
    )
    .unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&difference.changes).unwrap(), @r#"
    [
      {
        "change": "changed",
        "kind": "risk",
        "id": "R-01",
        "title": "Access of a leaver stays open",
        "file": "risks.toml",
        "fields": [
          {
            "field": "likelihood",
            "before": 4,
            "after": 5
          }
        ]
      }
    ]
    "#);
}
