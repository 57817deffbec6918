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
        (
            "catalog show access-removed-on-leaving",
            0,
            "parameter  business_days = 1",
        ),
        ("catalog show leaver", 2, "did you mean `leavers`?"),
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

#[test]
fn completions_and_answers_survive_a_reader_that_goes_away() {
    for line in [
        "completions bash",
        "completions zsh",
        "completions fish",
        "catalog list controls",
        "--help",
    ] {
        let mut child = command()
            .args(words(line))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), said.as_ref()),
            (Some(0), ""),
            "{line}"
        );
    }
}

#[test]
fn errors_are_json_where_json_is_asked_for() {
    let cases = [
        "catalog show CC8.2 --json",
        "test --json --workspace nowhere",
        "test --json --as-of yesterday",
        "no-such-command --json",
        "sample size --confidence 2 --tolerable 0.05 --json",
        "sample draw nowhere --control TM-047 --nonce a --json",
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|line| {
            let told = tickmark(words(line)).exits(2);
            assert_eq!(told.out, "", "{line}");
            let error: serde_json::Value = serde_json::from_str(&told.err).unwrap();
            assert_eq!(error["exit_code"], 2, "{line}");
            format!(
                "{line}: {}",
                error["problems"][0]["message"].as_str().unwrap()
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    catalog show CC8.2 --json: criterion `CC8.2` does not exist; the nearest is `CC8.1`
    test --json --workspace nowhere: there is no workspace in `nowhere`
    test --json --as-of yesterday: invalid value 'yesterday' for '--as-of <DATE>': write a day as `2026-06-30`
    no-such-command --json: unrecognized subcommand 'no-such-command'
    sample size --confidence 2 --tolerable 0.05 --json: invalid value '2' for '--confidence <CONFIDENCE>': `2` is not a rate between 0 and 1: write a decimal such as `0.05` or a percentage such as `5%`
    sample draw nowhere --control TM-047 --nonce a --json: the items in `nowhere` cannot be read
    ");
}

#[test]
fn help_of_each_command_shows_examples() {
    for line in [
        "test",
        "readiness",
        "sample",
        "sample size",
        "sample draw",
        "sample evaluate",
        "catalog",
        "catalog show",
        "catalog list",
        "report",
        "demo",
        "completions",
    ] {
        let told = tickmark(words(&format!("{line} --help"))).exits(0);
        assert!(told.out.contains("\n  tickmark "), "{line}: {}", told.out);
    }
}
