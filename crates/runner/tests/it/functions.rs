//! The functions of SQL: business days, civil days, JSON.

use crate::world::World;

fn check(cases: &[(&str, &str)]) {
    let world = World::people();
    for (expression, expected) in cases {
        assert_eq!(
            world
                .values(expression, "")
                .map_err(|problem| problem.to_string())
                .as_deref(),
            Ok(*expected),
            "{expression}"
        );
    }
}

fn refused(expression: &str) -> String {
    let problem = World::people().values(expression, "").unwrap_err();
    problem.causes.last().cloned().unwrap_or_default()
}

#[test]
fn business_days() {
    check(&[
        (
            "business_days_between(DATE '2025-07-03', DATE '2025-07-07', 'company')",
            "1",
        ),
        (
            "business_days_between('2025-07-07', '2025-07-03', 'company')",
            "0",
        ),
        (
            "business_days_between(NULL, DATE '2025-07-03', 'company')",
            "null",
        ),
        // 23:30 in Los Angeles is still the day before in UTC terms.
        (
            "business_days_between(DATE '2025-07-01', TIMESTAMP '2025-07-03T06:30:00Z', 'company')",
            "1",
        ),
        (
            "add_business_days(DATE '2025-07-03', 1, 'company')",
            "2025-07-07",
        ),
        (
            "add_business_days(DATE '2025-07-07', -1, 'company')",
            "2025-07-03",
        ),
        (
            "add_business_days(DATE '2025-07-05', 0, 'company')",
            "2025-07-05",
        ),
        (
            "add_business_days(CAST(NULL AS DATE), 1, 'company')",
            "null",
        ),
    ]);
}

#[test]
fn civil_days_are_those_of_the_organization() {
    check(&[
        ("local_date(TIMESTAMP '2025-07-01T06:59:59Z')", "2025-06-30"),
        ("local_date(TIMESTAMP '2025-07-01T07:00:00Z')", "2025-07-01"),
        ("local_date(TIMESTAMP '2026-01-01T07:59:59Z')", "2025-12-31"),
        ("local_date(DATE '2025-07-01')", "2025-07-01"),
        ("local_date(CAST(NULL AS TIMESTAMP))", "null"),
        (
            "within(TIMESTAMP '2025-07-01T06:59:59Z', $period_start, $period_end)",
            "false",
        ),
        (
            "within(TIMESTAMP '2025-07-01T07:00:00Z', $period_start, $period_end)",
            "true",
        ),
        (
            "within(TIMESTAMP '2026-07-01T06:59:59Z', $period_start, $period_end)",
            "true",
        ),
        (
            "within(TIMESTAMP '2026-07-01T07:00:00Z', $period_start, $period_end)",
            "false",
        ),
        (
            "within(DATE '2025-07-01', $period_start, $period_end)",
            "true",
        ),
        (
            "within(DATE '2026-07-01', $period_start, $period_end)",
            "false",
        ),
        (
            "within(CAST(NULL AS DATE), $period_start, $period_end)",
            "null",
        ),
    ]);
}

#[test]
fn the_comparison_that_within_becomes_says_the_same_as_the_function() {
    let world = World::people();
    let moments = "FROM (VALUES ('2025-07-01T06:59:59.999999Z'), ('2025-07-01T07:00:00Z'), \
                   ('2026-07-01T06:59:59Z'), ('2026-07-01T07:00:00Z'), (NULL)) AS v(t)";
    let at = "arrow_cast(t, 'Timestamp(Microsecond, Some(\"UTC\"))')";
    // With constant bounds it becomes a comparison, with a column it does not.
    let constant = world
        .values(
            &format!("within({at}, $period_start, $period_end)"),
            moments,
        )
        .unwrap();
    let computed = format!("within({at}, CAST(left('2025-07-01' || t, 10) AS DATE), $period_end)");
    assert_eq!(constant, "false, true, true, false, null");
    assert_eq!(world.values(&computed, moments).unwrap(), constant);
}

#[test]
fn json_is_read() {
    check(&[
        (r#"json_get_str('{"a": {"b": "c"}}', 'a', 'b')"#, "c"),
        (r#"'{"a": {"b": "c"}}' ->> 'a'"#, r#"{"b": "c"}"#),
        (r#"json_get_int('{"a": [1, 2]}', 'a', 1)"#, "2"),
        (r#"json_contains('{"a": null}', 'b')"#, "false"),
    ]);
}

#[test]
fn wrong_use_is_told() {
    let there = "there is no calendar `factory`; there is `company`";
    assert!(refused("add_business_days(DATE '2025-07-03', 1, 'factory')").contains(there));
    assert!(
        refused("add_business_days(DATE '2025-07-03', 1)")
            .contains("add_business_days(date, number, 'calendar')")
    );
    assert!(refused("local_date(true)").contains("local_date(instant)"));
    let far = refused("add_business_days(DATE '2025-07-03', 1000000, 'company')");
    assert!(
        far.contains("adding 1000000 business days leads too far"),
        "{far}"
    );
}
