//! `tickmark test`: control tests over whole populations and the whole period.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::json;
use tickmark_catalog::{ControlTestId, Problem};
use tickmark_control_tests::{
    Completeness, ControlTest, DatasetCompleteness, ItemStatus, Outcome, TestResult, sentences,
};
use tickmark_program::Program;
use tickmark_realm::{
    Company, CompanyState, Evaluation, Folded, Realm, Result, Workspace, program_files,
    run_fixtures, tests_for,
};
use tickmark_runner::FixtureOutcome;

use super::Session;
use crate::args::TestArgs;
use crate::output::{BAD, FAINT, GOOD, counted, plain, styled};

/// Runs the tests wanted and says what came out; exit code 1 when anything
/// deviates or could not be tested.
///
/// # Errors
/// Every test that is broken or stopped at a limit; the results of the others
/// have been told by then.
pub fn run(session: &Session, args: &TestArgs) -> Result<u8> {
    if args.list {
        return list(session, args);
    }
    if args.fixtures {
        return fixtures(session, args);
    }
    if let Some(sql) = &args.sql {
        return unsaved(session, sql, args);
    }
    let mut company = session.company()?;
    let as_of = as_of(company.state(), args)?;
    let only = only(&company, args)?;
    let bar = crate::commands::progress(session, "testing");
    let tested = company.test(
        &session.actor,
        args.period,
        as_of,
        only.as_deref(),
        Some(&|_, done, all| bar.step(done, all)),
    )?;
    bar.finish();
    let tests = company.tests(None)?;
    let results = &tested.results;
    if !results.is_empty() || tested.problems.is_empty() {
        session
            .output
            .print(results, || text(&tests, results, args.items))?;
    }
    let wanting = results.iter().any(needs_a_look);
    tested.all().map(|_| u8::from(wanting))
}

fn needs_a_look(result: &TestResult) -> bool {
    matches!(
        result.outcome,
        Outcome::Deviations | Outcome::NotTested { .. }
    ) || result.incomplete().is_some()
}

/// The end of the civil day named, in the organization's time zone.
fn as_of(state: &CompanyState, args: &TestArgs) -> Result<Option<Timestamp>> {
    let Some(date) = args.as_of else {
        return Ok(None);
    };
    let name = state.program()?.organization.time_zone;
    let wrong = |error: jiff::Error| {
        Problem::new(format!("`{date}` cannot be placed in time zone `{name}`"))
            .cause(error.to_string())
    };
    let zone = TimeZone::get(&name).map_err(wrong)?;
    let end = date
        .tomorrow()
        .and_then(|next| next.to_zoned(zone))
        // The first instant of the next day is no longer that day.
        .and_then(|next| next.timestamp().checked_sub(1.microsecond()))
        .map_err(wrong)?;
    Ok(Some(end))
}

fn only(company: &Company, args: &TestArgs) -> Result<Option<Vec<ControlTestId>>> {
    if args.control.is_empty() && args.test.is_empty() {
        return Ok(None);
    }
    let mut wanted = args.test.clone();
    let tests = company.tests(None)?;
    for control in &args.control {
        let before = wanted.len();
        wanted.extend(
            tests
                .iter()
                .filter(|test| test.controls.contains(control))
                .map(|test| test.id.clone()),
        );
        if wanted.len() == before {
            return Err(
                Problem::new(format!("no control test tests control `{control}`"))
                    .hint("`tickmark test --list` names the tests and their controls")
                    .into(),
            );
        }
    }
    wanted.sort();
    wanted.dedup();
    Ok(Some(wanted))
}

fn list(session: &Session, args: &TestArgs) -> Result<u8> {
    let (_, state) = read(session)?;
    let tests: Vec<ControlTest> = tests_for(&state.program()?)?
        .into_iter()
        .map(|(_, test)| test)
        .filter(|test| is_any(args) || is_named(test, args))
        .collect();
    let answer: Vec<_> = tests.iter().map(|test| json!({ "id": test.id, "title": test.title, "controls": test.controls, "reads": test.reads })).collect();
    session
        .output
        .print(&answer, || tests.iter().map(list_line).collect())?;
    Ok(0)
}

/// Whether no test in particular is asked for.
fn is_any(args: &TestArgs) -> bool {
    args.control.is_empty() && args.test.is_empty()
}

fn is_named(test: &ControlTest, args: &TestArgs) -> bool {
    args.test.contains(&test.id) || test.controls.iter().any(|it| args.control.contains(it))
}

/// Runs tests over their fixtures; exit code 1 when one does not hold.
fn fixtures(session: &Session, args: &TestArgs) -> Result<u8> {
    session.open()?.expect(Realm::Company)?;
    let program = Program::parse(&program_files(&session.workspace)?)?;
    let is_own = |test: &ControlTest| program.tests.contains_key(&test.id);
    let mut tests = tests_for(&program)?;
    tests.retain(|(_, test)| is_named(test, args) || (is_any(args) && is_own(test)));
    let is_unknown = |id: &&ControlTestId| !tests.iter().any(|(_, test)| test.id == **id);
    if let Some(unknown) = args.test.iter().find(is_unknown) {
        return Err(Problem::new(format!(
            "there is no control test `{unknown}` in the program"
        ))
        .hint("`tickmark test --list` names those in force")
        .into());
    }
    let outcomes = run_fixtures(&tests, session.surroundings.executable())?;
    session.output.print(&outcomes, || {
        let lines: String = outcomes.iter().map(fixture_text).collect();
        let bare = tests
            .iter()
            .filter(|(folder, _)| folder.fixture_names().is_empty());
        let bare: String = bare
            .map(|(_, test)| format!("{:<42} {}\n", test.id.as_str(), styled(BAD, "no fixture")))
            .collect();
        let failing = outcomes.iter().filter(|it| !it.holds()).count();
        let count = counted(outcomes.len() as u64, "fixture", "fixtures");
        match tests.len() {
            0 => "the program has no tests of its own; name others with `--test`\n".to_owned(),
            _ => format!("{lines}{bare}{count}, {failing} not as expected\n"),
        }
    })?;
    Ok(u8::from(outcomes.iter().any(|it| !it.holds())))
}

fn fixture_text(outcome: &FixtureOutcome) -> String {
    let mark = if outcome.holds() {
        styled(GOOD, "as expected")
    } else {
        styled(BAD, "not as expected")
    };
    let mut text = format!(
        "{:<42} {:<40} {mark}\n",
        outcome.test.as_str(),
        outcome.fixture
    );
    for difference in &outcome.differences {
        text.push_str(&format!("    {}\n", plain(difference)));
    }
    if let Some(problem) = &outcome.problem {
        for line in problem.to_string().lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}

fn list_line(test: &ControlTest) -> String {
    let controls: Vec<String> = test.controls.iter().map(ToString::to_string).collect();
    format!(
        "{:<42} {:<18} {}\n",
        test.id.as_str(),
        controls.join(" "),
        test.title
    )
}

fn text(tests: &[ControlTest], results: &[TestResult], items: bool) -> String {
    let mut text: String = results
        .iter()
        .map(|result| result_text(tests, result, items))
        .collect();
    let count =
        |wanted: fn(&TestResult) -> bool| results.iter().filter(|result| wanted(result)).count();
    text.push_str(&format!(
        "{}: {} without deviations, {} with, {} nothing occurred, {} not tested\n",
        counted(results.len() as u64, "test", "tests"),
        count(|it| it.outcome == Outcome::NoDeviations),
        count(|it| it.outcome == Outcome::Deviations),
        count(|it| it.outcome == Outcome::NoOccurrence),
        count(|it| matches!(it.outcome, Outcome::NotTested { .. })),
    ));
    text
}

fn result_text(tests: &[ControlTest], result: &TestResult, items: bool) -> String {
    let counts = &result.counts;
    let mark = match &result.outcome {
        Outcome::NoDeviations => styled(GOOD, "no deviations"),
        Outcome::Deviations => styled(
            BAD,
            format!("{} of {} deviate", counts.deviations, counts.tested),
        ),
        Outcome::NoOccurrence => styled(FAINT, "nothing occurred"),
        Outcome::NotTested { reason } => styled(BAD, format!("not tested: {reason}")),
    };
    let notes = notes(result);
    let mut text = format!("{:<42} {mark}{notes}\n", result.test.as_str());
    let deviating = tests
        .iter()
        .find(|test| test.id == result.test)
        .filter(|_| counts.deviations > 0);
    if let Some(finding) = deviating
        && let Ok(sentence) = sentences::finding(finding, result)
    {
        text.push_str(&format!("    {sentence}\n"));
    }
    if items {
        for item in result
            .items
            .iter()
            .filter(|item| matches!(item.status, ItemStatus::Deviation | ItemStatus::NotTested))
        {
            // An item's text stays on its line.
            let line = format!("{}: {}", item.item, item.reason).replace(['\n', '\t'], "\u{fffd}");
            text.push_str(&format!("    {}\n", plain(&line)));
        }
    }
    text
}

/// What must stand on the same line as a status.
fn notes(result: &TestResult) -> String {
    let counts = &result.counts;
    let mut notes = vec![format!("population {}", counts.population)];
    if counts.excluded > 0 {
        notes.push(format!("{} excluded", counts.excluded));
    }
    if counts.not_tested > 0 {
        notes.push(styled(
            BAD,
            format!("{} could not be tested", counts.not_tested),
        ));
    }
    if counts.with_gaps > 0 {
        notes.push(styled(BAD, format!("{} with gaps", counts.with_gaps)));
    }
    if result.incomplete().is_some() {
        notes.push(styled(BAD, "population not complete"));
    } else if result.completeness.iter().any(is_not_shown) {
        notes.push(styled(FAINT, "completeness not shown"));
    }
    format!("  ({})", notes.join(", "))
}

fn is_not_shown(dataset: &DatasetCompleteness) -> bool {
    dataset.status == Completeness::NotShown
}

/// The company's workspace and its state, for reading: others may write meanwhile.
fn read(session: &Session) -> Result<(Workspace, CompanyState)> {
    let workspace = session.open()?.expect(Realm::Company)?;
    let state = CompanyState::read(&workspace, None)?;
    Ok((workspace, state))
}

/// Runs SQL that a user wrote, in a child process that is killed at its limit.
fn unsaved(session: &Session, sql: &str, args: &TestArgs) -> Result<u8> {
    let (workspace, state) = read(session)?;
    let as_of = as_of(&state, args)?;
    let store = workspace.evidence()?;
    let evaluation = Evaluation::new(
        &state,
        &store,
        args.period,
        as_of,
        session.surroundings.executable(),
    )?;
    let result = evaluation
        .run_unsaved(sql)
        .map_err(|problem| evaluation.failure(&store, problem.into()))?;
    session
        .output
        .print(&result, || result_text(&[], &result, true))?;
    Ok(u8::from(needs_a_look(&result)))
}
