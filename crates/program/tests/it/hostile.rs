//! Texts made to exhaust the reader are refused like any other.

use tickmark_program::Program;

use crate::sample::with;

#[test]
fn deep_nesting() {
    let depth = 100_000;
    for text in [
        format!("risk = {}", "[".repeat(depth)),
        format!("risk = {}{}", "[".repeat(depth), "]".repeat(depth)),
        format!("risk = {}", "{a=".repeat(depth)),
        format!("{} = 1", ["a"; 100_000].join(".")),
        format!("[{}]", ["a"; 100_000].join(".")),
    ] {
        let start = text.chars().take(10).collect::<String>();
        assert!(
            Program::parse(&with("risks.toml", &text)).is_err(),
            "{start}"
        );
    }
}

#[test]
fn a_very_long_line() {
    let holidays = vec!["2026-01-01"; 50_000].join(", ");
    let text = format!("[[calendar]]\nid = \"company\"\nweekend = []\nholidays = [{holidays}]\n");
    let problems = Program::parse(&with("calendars.toml", &text)).unwrap_err();
    // Beyond 65,536 bytes columns are not counted, so the rest is one problem.
    let columns: Vec<Option<u64>> = problems
        .iter()
        .filter_map(|problem| problem.place.as_ref())
        .map(|place| place.column)
        .collect();
    assert_eq!(columns.iter().flatten().last(), Some(&65_533));
    assert_eq!(columns.iter().filter(|column| column.is_none()).count(), 1);
}
