//! Every fixture of every control test of the library shows what it should.

use tickmark_control_tests::{ControlTest, Fixture, library_folders};
use tickmark_runner::{Runner, RunnerConfig, check_fixtures};

#[test]
fn every_fixture_of_the_library_holds() {
    let dir = tempfile::tempdir().unwrap();
    let runner = Runner::new(RunnerConfig::new(dir.path(), 2)).unwrap();
    let mut told = Vec::new();
    for folder in library_folders() {
        let test = ControlTest::from_folder(folder).unwrap();
        let fixtures = Fixture::from_folder(folder, &test).unwrap();
        for outcome in check_fixtures(&runner, &test, &fixtures) {
            let name = format!("{}/{}", test.id, outcome.fixture);
            told.extend(
                outcome
                    .differences
                    .iter()
                    .map(|difference| format!("{name}: {difference}")),
            );
            told.extend(
                outcome
                    .problem
                    .iter()
                    .map(|problem| format!("{name}: {problem}")),
            );
        }
    }
    assert!(
        told.is_empty(),
        "{} failures\n{}",
        told.len(),
        told.join("\n")
    );
}
