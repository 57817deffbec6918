//! How problems read.

use tickmark_catalog::{Problem, Problems};

#[test]
fn a_problem_in_full() {
    let problem = Problem::new("control test `offboarding` could not run")
        .cause("population `leavers` has no column `left_on`")
        .at("sample/leavers.csv", 1)
        .at_column(7)
        .hint("map it under `[columns.end_date]`");
    insta::assert_snapshot!(problem, @r"
    error: control test `offboarding` could not run
      Caused by: population `leavers` has no column `left_on`
      --> sample/leavers.csv:1:7
    hint: map it under `[columns.end_date]`
    ");
}

#[test]
fn many_problems_are_sorted_by_place_and_told_once() {
    let found = vec![
        Problem::new("second").at("b.toml", 2),
        Problem::new("third").at("b.toml", 10),
        Problem::new("first").in_file("a.toml"),
        Problem::new("second").at("b.toml", 2),
    ];
    let problems = Problems::unless_empty(found, ()).unwrap_err();
    insta::assert_snapshot!(problems, @r"
    error: first
      --> a.toml

    error: second
      --> b.toml:2

    error: third
      --> b.toml:10
    ");
    assert_eq!(Problems::unless_empty(Vec::new(), 1), Ok(1));
}
