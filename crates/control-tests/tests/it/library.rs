//! The embedded library: every folder parses, every control it names exists,
//! and every test has a fixture that operates and one that deviates.

use tickmark_catalog::{Problem, catalog};
use tickmark_control_tests::{ControlTest, Fixture, ItemStatus, library, library_folders};

#[test]
fn every_folder_parses() {
    if let Err(problems) = library() {
        panic!("{problems}");
    }
}

#[test]
fn every_control_named_exists() {
    let known = |id: &_| catalog().controls.iter().any(|control| control.id == *id);
    let unknown: Vec<String> = library()
        .unwrap()
        .iter()
        .flat_map(|test| {
            test.controls
                .iter()
                .filter(|id| !known(id))
                .map(|id| format!("{}: {id}", test.id))
        })
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_test_has_a_fixture_that_operates_and_one_that_deviates() {
    let mut problems = Vec::new();
    for folder in library_folders() {
        let Ok(test) = ControlTest::from_folder(folder) else {
            continue;
        };
        match Fixture::from_folder(folder, &test) {
            Ok(fixtures) => problems.extend(missing_fixtures(&test, &fixtures)),
            Err(found) => problems.extend(found),
        }
    }
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
}

fn missing_fixtures(test: &ControlTest, fixtures: &[Fixture]) -> Vec<Problem> {
    let shows = |wanted| {
        fixtures
            .iter()
            .any(|fixture| fixture.expected.iter().any(|item| item.status == wanted))
    };
    [ItemStatus::Operated, ItemStatus::Deviation]
        .into_iter()
        .filter(|status| !shows(*status))
        .map(|status| {
            Problem::new(format!(
                "control test `{}` has no fixture with an item that is `{status}`",
                test.id
            ))
        })
        .collect()
}
