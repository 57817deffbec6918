//! Sentences of a test and its result.

use tickmark_control_tests::Outcome;
use tickmark_control_tests::sentences::{fill, finding, procedure, thousands};

use crate::sample::{result, test};

#[test]
fn the_finding_says_how_much_was_tested() {
    let check = |counts: [usize; 4], expected: &str| {
        let [operated, deviations, excluded, not_tested] = counts;
        let found = finding(&test(), &result(operated, deviations, excluded, not_tested)).unwrap();
        assert_eq!(found, expected, "{counts:?}");
    };
    let deviation = "an account was still enabled more than 1 business day after the last day.";
    check(
        [26, 1, 0, 0],
        &format!("For 1 of 27 leavers tested (100% of the population), {deviation}"),
    );
    check(
        [2_970, 2, 212, 0],
        &format!(
            "For 2 of 2,972 leavers tested (93.3% of the population of 3,184; 212 excluded as listed), {deviation}"
        ),
    );
    check(
        [0, 1, 0, 0],
        &format!("For 1 of 1 leaver tested (100% of the population), {deviation}"),
    );
    check(
        [27, 0, 0, 0],
        "27 leavers tested (100% of the population), none deviates.",
    );
    check(
        [25, 0, 1, 1],
        "25 leavers tested (92.5% of the population of 27; 1 excluded as listed; 1 could not be tested), none deviates.",
    );
    check(
        [0, 0, 0, 0],
        "Not tested: nothing occurred in the period that required this control to operate.",
    );
    check(
        [0, 0, 0, 4],
        "Not tested: the evidence does not tell of any item whether the control operated.",
    );
    check(
        [0, 0, 4, 0],
        "Not tested: every item of the population is excluded.",
    );
}

#[test]
fn the_procedure_has_its_numbers() {
    let found = procedure(&test(), &result(1_200, 0, 0, 0)).unwrap();
    assert_eq!(
        found,
        "Inspected the last day of each of the 1,200 leavers between 2025-07-01 and 2026-06-30"
    );
}

#[test]
fn the_procedure_reads_well_for_none_and_for_one() {
    let check = |template: &str, population: usize, expected: &str| {
        let test = tickmark_control_tests::ControlTest {
            procedure: template.to_owned(),
            ..test()
        };
        let found = procedure(&test, &result(population, 0, 0, 0)).unwrap();
        assert_eq!(found, expected, "{template} for {population}");
    };
    let each = "Inspected, for each of the {population} leavers, the log";
    check(each, 0, "Inspected, for any leavers, the log");
    check(each, 1, "Inspected, for each of the leavers, the log");
    check(each, 2, "Inspected, for each of the 2 leavers, the log");
    let the = "Inspected the report for the {population} {items} of the period";
    check(the, 0, "Inspected the report for any leavers of the period");
    check(the, 1, "Inspected the report for the leaver of the period");
    let within = "Inspected it within {business_days} business day(s)";
    check(within, 2, "Inspected it within 1 business day");
    check(
        "Inspected 1,001 day(s) and 1 week(s)",
        2,
        "Inspected 1,001 days and 1 week",
    );
}

#[test]
fn a_missing_dataset_is_said_as_such() {
    let mut result = result(0, 0, 0, 0);
    result.outcome = Outcome::NotTested {
        reason: "there is no snapshot of the dataset `leavers`".to_owned(),
    };
    assert_eq!(
        finding(&test(), &result).unwrap(),
        "Not tested: there is no snapshot of the dataset `leavers`."
    );
}

#[test]
fn placeholders_are_filled() {
    let check = |template: &str, expected: Result<&str, &str>| {
        let found = fill(template, |name| (name == "a").then(|| "1".to_owned()));
        assert_eq!(
            found.as_deref().map_err(|problem| problem.message.as_str()),
            expected,
            "{template}"
        );
    };
    check("", Ok(""));
    check("{a}{a} b", Ok("11 b"));
    check("open { brace", Ok("open { brace"));
    check("{b}", Err("nothing is known to fill `{b}` with"));
}

#[test]
fn counts_have_commas() {
    let check = |count, expected| assert_eq!(thousands(count), expected);
    check(0, "0");
    check(999, "999");
    check(1_000, "1,000");
    check(12_345_678, "12,345,678");
}
