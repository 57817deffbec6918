//! Recording a program and getting it back.

use jiff::Timestamp;
use tickmark_catalog::Sha256Hex;
use tickmark_program::{Program, ProgramEvent, ProgramEventError, ProgramState, diff};

use crate::sample::{Texts, edited, program, texts, without};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + 60 * minute).unwrap()
}

/// The state after recording the texts one version after the other, a minute
/// apart.
fn recorded(versions: &[Texts]) -> ProgramState {
    let mut state = ProgramState::default();
    for (minute, texts) in (0..).zip(versions) {
        for event in diff(&state, texts).unwrap().events {
            state.apply(&event, at(minute)).unwrap();
        }
    }
    state
}

#[test]
fn events_as_they_stand_in_the_ledger() {
    let set = ProgramEvent::file_set("risks.toml", "none\n");
    let removed = ProgramEvent::file_removed("risks.toml");
    insta::assert_snapshot!(serde_json::to_string_pretty(&[&set, &removed]).unwrap(), @r#"
    [
      {
        "kind": "program.file_set/1",
        "body": {
          "path": "risks.toml",
          "text": "none\n",
          "sha256": "fcf33dfbe13c2354bf0e1b063f9fb422747a46cee00b7420bceff2b81457b345"
        }
      },
      {
        "kind": "program.file_removed/1",
        "body": {
          "path": "risks.toml"
        }
      }
    ]
    "#);
    insta::assert_snapshot!(set.subject(), @"file-8ff1c7fe7d982692");
    assert_eq!(set.subject(), removed.subject());
    let (draft, discarded) = (
        ProgramEvent::draft_set("risks.toml", "version = 2\n", "owner"),
        ProgramEvent::DraftDiscarded {
            path: "risks.toml".to_owned(),
        },
    );
    let approved = ProgramEvent::DraftApproved {
        path: "risks.toml".to_owned(),
        sha256: Sha256Hex::of(b"version = 2\n"),
    };
    let acknowledged = ProgramEvent::PolicyAcknowledged {
        path: "policies/access.md".to_owned(),
        sha256: Sha256Hex::of(b"text"),
        by: "employee".to_owned(),
    };
    let all = [set, removed, draft, discarded, approved, acknowledged];
    let kinds: Vec<&str> = all.iter().map(ProgramEvent::kind).collect();
    assert_eq!(kinds, ProgramEvent::KINDS);
    for event in all {
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<ProgramEvent>(&text).unwrap(), event);
    }
}

#[test]
fn an_approval_is_of_the_draft_there_is() {
    let mut state = recorded(&[texts()]);
    let path = "policies/access-control.md";
    let proposed = |text: &str| ProgramEvent::draft_set(path, text, "lead");
    let approved = |text: &str| ProgramEvent::DraftApproved {
        path: path.to_owned(),
        sha256: Sha256Hex::of(text.as_bytes()),
    };
    let refused = Err(ProgramEventError::OtherDraft {
        path: path.to_owned(),
    });
    assert_eq!(state.apply(&approved("a\n"), at(1)), refused);
    state.apply(&proposed("a\n"), at(2)).unwrap();
    state.apply(&proposed("b\n"), at(3)).unwrap();
    assert_eq!(state.apply(&approved("a\n"), at(4)), refused);
    assert!(state.draft_of(path).is_some());
    state.apply(&approved("b\n"), at(5)).unwrap();
    assert!(state.draft_of(path).is_none());
    assert_eq!(state.apply(&approved("b\n"), at(6)), refused);
}

#[test]
fn what_is_not_such_an_event_is_refused() {
    let check = |text: &str, expected: &str| {
        let error = serde_json::from_str::<ProgramEvent>(text)
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(
        r#"{"kind":"program.file_set/2","body":{}}"#,
        "unknown variant `program.file_set/2`",
    );
    check(
        r#"{"kind":"program.file_removed/1","body":{"path":"a","why":"b"}}"#,
        "unknown field `why`",
    );
    check(
        r#"{"kind":"program.file_removed/1","body":{"path":"a"},"at":1}"#,
        "invalid value: string \"at\"",
    );
    check(
        r#"{"kind":"program.file_set/1","body":{"path":"a","text":"","sha256":"0"}}"#,
        "`0` is not a SHA-256",
    );
}

#[test]
fn a_recorded_program_comes_back_byte_for_byte() {
    let texts = texts();
    let state = recorded(std::slice::from_ref(&texts));
    assert_eq!(state.texts(), texts);
    assert_eq!(state.program().unwrap(), program(&texts));
    assert_eq!(state.changed_at(), Some(at(0)));
    assert_eq!(diff(&state, &texts).unwrap().events, []);
}

#[test]
fn comments_and_line_ends_survive() {
    let mut texts = edited("risks.toml", "[[risk]]", "# a remark\r\n\r\n[[risk]]");
    texts.insert(
        "vendors.toml".to_owned(),
        "\u{feff}".to_owned() + &texts["vendors.toml"],
    );
    assert_eq!(recorded(std::slice::from_ref(&texts)).texts(), texts);
}

#[test]
fn the_state_as_of_then_is_a_prefix() {
    let later = edited("risks.toml", "likelihood = 4", "likelihood = 3");
    let state = recorded(&[texts(), later]);
    assert_eq!(state.program().unwrap().risks[0].likelihood, 3);
    assert_eq!(state.files()["risks.toml"].set_at, at(1));
    assert_eq!(state.files()["vendors.toml"].set_at, at(0));
    assert_eq!(
        recorded(&[texts()]).program().unwrap().risks[0].likelihood,
        4
    );
}

#[test]
fn a_removed_file_is_gone() {
    let state = recorded(&[texts(), without("vendors.toml")]);
    assert!(!state.files().contains_key("vendors.toml"));
    assert_eq!(state.texts(), without("vendors.toml"));
}

#[test]
fn nothing_is_recorded_of_a_folder_with_a_problem() {
    let mut texts = edited("risks.toml", "QP-01", "QP-09");
    texts.remove("vendors.toml");
    let state = recorded(&[self::texts()]);
    assert_eq!(
        diff(&state, &texts).unwrap_err(),
        Program::parse(&texts).unwrap_err()
    );
}

#[test]
fn events_that_cannot_follow_are_refused_and_leave_the_state() {
    let mut state = recorded(&[texts()]);
    let before = state.clone();
    let mut check = |event: ProgramEvent, expected: &str| {
        let error: ProgramEventError = state.apply(&event, at(9)).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(state, before);
    };
    check(
        ProgramEvent::file_removed("risk.toml"),
        "`risk.toml` is removed but was not there",
    );
    check(
        ProgramEvent::file_set("../risks.toml", ""),
        "`../risks.toml` is not a path inside the program folder",
    );
    let event = ProgramEvent::FileSet {
        path: "risks.toml".to_owned(),
        text: "other".to_owned(),
        sha256: Sha256Hex::of(b"text"),
    };
    check(
        event,
        "the text of `risks.toml` does not have the digest recorded with it",
    );
}

#[test]
fn paths_that_lead_out_of_the_folder() {
    for path in [
        "",
        "/etc/passwd",
        "a//b",
        "./a",
        "a/..",
        "a\\b",
        "c:/a",
        "a\nb",
        "a/",
    ] {
        let event = ProgramEvent::file_set(path, "");
        assert!(
            ProgramState::default().apply(&event, at(0)).is_err(),
            "{path:?}"
        );
    }
}
