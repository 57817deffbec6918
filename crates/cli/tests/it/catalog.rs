//! Story: a newcomer looks things up, and shells and programs read along.

use crate::tell::{command, run, tickmark, words};
use crate::world::World;

#[test]
fn what_exists_is_shown_and_what_does_not_names_the_nearest() {
    let cases = [
        ("catalog show CC6.2", 0, "CC6.2-03"),
        ("catalog show CC6.2", 0, "TM-048"),
        ("catalog show TM-048", 0, "Access ends when people leave"),
        ("catalog show DC 4", 0, "DC 4"),
        ("catalog show leavers", 0, "last_day"),
        ("catalog list criteria", 0, "P8.1"),
        ("catalog list controls", 0, "TM-106"),
        ("catalog list datasets", 0, "access_reviews"),
        ("catalog list tests", 0, "access-removed-on-leaving"),
        ("catalog show CC8.2", 2, "the nearest is `CC8.1`"),
        ("catalog show C1.3", 2, "the nearest is `C1.2`"),
        ("catalog show TM-999", 2, "TM-"),
    ];
    for (line, code, expected) in cases {
        let told = tickmark(words(line)).exits(code);
        let said = told.out + &told.err;
        assert!(said.contains(expected), "{line}: {said}");
    }
}

#[test]
fn everything_that_reads_answers_in_json() {
    let world = World::company();
    for (line, code) in [
        ("catalog show CC6.2 --json", 0),
        ("catalog list criteria --json", 0),
        ("readiness --json", 1),
        ("test --list --json", 0),
        ("test --control TM-048 --json", 1),
        ("ledger vkey --json", 0),
        ("ledger fsck --json", 0),
        ("ledger tail -n 1 --json", 0),
        ("apply --dry-run --json", 0),
    ] {
        let line = words(line);
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let told = world.at_company(&line).exits(code);
        assert_ne!(told.json(), serde_json::Value::Null, "{line:?}");
    }
}

#[test]
fn shells_complete_and_help_teaches() {
    let bash = tickmark(["completions", "bash"]).exits(0);
    assert!(bash.out.contains("complete -F _tickmark"));
    for word in ["readiness", "--company-key", "evaluate"] {
        assert!(bash.out.contains(word), "{word}");
    }
    let help = tickmark(["--help"]).exits(0);
    assert!(help.out.contains("Exit codes: 0 fine"), "{}", help.out);
    tickmark(["no-such-command"]).exits(2);
    tickmark::<&str>([]).exits(2);
}

#[test]
fn no_escape_codes_without_a_terminal() {
    let world = World::company();
    let lines: [&[&str]; 4] = [
        &["test", "--control", "TM-048"],
        &["readiness"],
        &["apply"],
        &["catalog", "show", "CC8.2"],
    ];
    for line in lines {
        let told = world.at_company(line);
        assert!(!(told.out + &told.err).contains('\u{1b}'), "{line:?}");
    }
    // Colour can be forced, and NO_COLOR is stronger than a terminal's wish.
    let forced = run(command()
        .args(["catalog", "show", "CC8.2"])
        .env("CLICOLOR_FORCE", "1"));
    assert!(forced.err.contains('\u{1b}'), "{:?}", forced.err);
    let never = run(command()
        .args(["catalog", "show", "CC8.2"])
        .env("NO_COLOR", "1"));
    assert!(!never.err.contains('\u{1b}'), "{:?}", never.err);
}
