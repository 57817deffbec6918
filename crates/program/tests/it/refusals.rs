//! Every way in which a folder is refused, with the words of the refusal.

use tickmark_program::Program;

use crate::sample::{Texts, edit, edited, texts, with, without};

fn said(texts: &Texts) -> String {
    Program::parse(texts).map_or_else(|problems| problems.to_string(), |_| "accepted".to_owned())
}

#[test]
fn no_settings() {
    insta::assert_snapshot!(said(&without("tickmark.toml")), @r"
    error: the program has no `tickmark.toml`
    hint: `tickmark init` writes one
    ");
}

#[test]
fn broken_toml() {
    insta::assert_snapshot!(said(&edited("tickmark.toml", "employees = 30", "employees = ")), @r"
    error: this is not TOML
      Caused by: string values must be quoted, expected literal string
      --> tickmark.toml:10:13
    ");
}

#[test]
fn another_version() {
    insta::assert_snapshot!(said(&edited("tickmark.toml", "version = 1", "version = 2")), @r"
    error: program version `2` is not `1`, the one understood here
      --> tickmark.toml:2:1
    hint: use the release that wrote it, or a newer one
    ");
}

#[test]
fn unknown_time_zone() {
    insta::assert_snapshot!(said(&edited("tickmark.toml", "America/Chicago", "America/Chikago")), @r"
    error: time zone `America/Chikago` does not exist; the nearest is `America/Chicago`
      --> tickmark.toml:9:13
    ");
}

#[test]
fn no_category() {
    let texts = edited("tickmark.toml", r#"["security", "privacy"]"#, "[]");
    insta::assert_snapshot!(said(&texts), @r"
    error: the scope names no category
      --> tickmark.toml:19:1

    error: criterion `P3.1` is of no category in scope
      --> tickmark.toml:22:13
    hint: leave it out: only criteria of the chosen categories need a reason
    ");
}

#[test]
fn an_irrelevant_criterion_that_does_not_apply_anyway() {
    insta::assert_snapshot!(said(&edited("tickmark.toml", "P3.1", "A1.1")), @r"
    error: criterion `A1.1` is of no category in scope
      --> tickmark.toml:22:13
    hint: leave it out: only criteria of the chosen categories need a reason
    ");
}

#[test]
fn a_period_that_ends_before_it_starts() {
    insta::assert_snapshot!(said(&edited("tickmark.toml", "end = 2026-06-30", "end = 2024-06-30")), @r"
    error: the period ends on `2024-06-30`, before it starts on `2025-07-01`
      --> tickmark.toml:27:1
    ");
}

#[test]
fn a_date_that_does_not_exist() {
    insta::assert_snapshot!(said(&edited("changes.toml", "2025-10-01", "2026-02-31")), @r"
    error: this is not TOML
      Caused by: invalid date, expected day between 01 and 28
      --> changes.toml:3:6
    ");
}

#[test]
fn unknown_keys() {
    let texts = edited("controls/QP-01.md", "owner_role", "owner_roll");
    let texts = edit(texts, "tickmark.toml", "[management]", "[managment]");
    insta::assert_snapshot!(said(&texts), @r"
    error: `owner_role` is missing
      --> controls/QP-01.md:2

    error: unknown key `owner_roll`; the nearest is `owner_role`
      --> controls/QP-01.md:10:1

    error: table `[management]` is missing
      --> tickmark.toml:1

    error: unknown key `managment`; the nearest is `management`
      --> tickmark.toml:30:2
    ");
}

#[test]
fn an_unknown_criterion() {
    insta::assert_snapshot!(said(&edited("commitments.toml", "[\"CC6.2\"]", "[\"CC8.2\"]")), @r"
    error: criterion `CC8.2` does not exist; the nearest is `CC8.1`
      --> commitments.toml:5:13
    ");
}

#[test]
fn an_unknown_point_of_focus_and_one_of_another_criterion() {
    let texts = edited(
        "controls/QP-01.md",
        "[\"CC6.2-03\"]",
        "[\"CC6.2-30\", \"CC9.2-01\"]",
    );
    insta::assert_snapshot!(said(&texts), @r"
    error: point of focus `CC6.2-30` does not exist; the nearest is `CC6.2-03`
      --> controls/QP-01.md:6:20

    error: point of focus `CC9.2-01` belongs to no criterion of the control
      --> controls/QP-01.md:6:32
    hint: name `CC9.2` under `criteria`, or leave the point out
    ");
}

#[test]
fn an_unknown_library_control() {
    insta::assert_snapshot!(said(&edited("controls/QP-01.md", "TM-048", "TM-480")), @r"
    error: library control `TM-480` does not exist; the nearest is `TM-080`
      --> controls/QP-01.md:3:11
    ");
}

#[test]
fn an_unknown_value() {
    insta::assert_snapshot!(said(&edited("subservice.toml", "carve_out", "carve-out")), @r"
    error: method `carve-out` does not exist; the nearest is `carve_out`
      --> subservice.toml:5:10
    hint: one of `carve_out`, `inclusive`
    ");
}

#[test]
fn references_that_lead_nowhere() {
    let mut texts = texts();
    for (file, from) in [
        ("commitments.toml", "\"QP-01\", \"QP-02\""),
        ("policies/access-control.md", "\"QP-01\""),
        ("risks.toml", "\"QP-01\""),
        ("subservice.toml", "\"QP-02\""),
        ("changes.toml", "\"QP-02\""),
        ("documents/index.toml", "\"QP-02\""),
    ] {
        texts = edit(texts, file, from, "\"QP-03\"");
    }
    texts = edit(
        texts,
        "tickmark.toml",
        "calendar = \"company\"",
        "calendar = \"compny\"",
    );
    insta::assert_snapshot!(said(&texts), @r"
    error: control `QP-03` is not in the program; the nearest is `QP-01`
      --> changes.toml:7:13

    error: control `QP-03` is not in the program; the nearest is `QP-01`
      --> commitments.toml:22:13

    error: control `QP-03` is not in the program; the nearest is `QP-01`
      --> documents/index.toml:4:13

    error: control `QP-03` is not in the program; the nearest is `QP-01`
      --> policies/access-control.md:9:13

    error: control `QP-03` is not in the program; the nearest is `QP-01`
      --> risks.toml:9:13

    error: control `QP-03` is not in the program; the nearest is `QP-01`
      --> subservice.toml:7:24

    error: calendar `compny` is not in the program; the nearest is `company`
      --> tickmark.toml:28:12
    ");
}

#[test]
fn a_removed_control_that_is_still_in_use() {
    insta::assert_snapshot!(said(&without("controls/QP-02.md")), @r"
    error: control `QP-02` is not in the program; the nearest is `QP-01`
      --> changes.toml:7:13

    error: control `QP-02` is not in the program; the nearest is `QP-01`
      --> commitments.toml:22:22

    error: control `QP-02` is not in the program; the nearest is `QP-01`
      --> documents/index.toml:4:13

    error: control `QP-02` is not in the program; the nearest is `QP-01`
      --> subservice.toml:7:24
    ");
}

#[test]
fn records_defined_twice() {
    let texts = edited("commitments.toml", "PSC-02", "PSC-01");
    let texts = edit(texts, "risks.toml", "R-02", "R-01");
    insta::assert_snapshot!(said(&texts), @r"
    error: service commitment `PSC-01` is defined twice
      Caused by: it is already defined at commitments.toml:2:6
      --> commitments.toml:12:6
    hint: give one of them another id

    error: risk `R-01` is defined twice
      Caused by: it is already defined at risks.toml:2:6
      --> risks.toml:16:6
    hint: give one of them another id
    ");
}

#[test]
fn a_file_called_otherwise_than_its_record() {
    let mut texts = without("controls/QP-02.md");
    texts.insert(
        "controls/QP-03.md".to_owned(),
        crate::sample::texts()["controls/QP-02.md"].clone(),
    );
    insta::assert_snapshot!(said(&texts), @r"
    error: the file of `QP-02` is called `QP-03`
      --> controls/QP-03.md:2:1
    hint: give the file the name of its id
    ");
}

#[test]
fn files_in_the_wrong_place() {
    let mut texts = with("risk.toml", "");
    for path in [
        "control/QP-03.md",
        "controls/more/QP-03.md",
        "sources/a b.toml",
        "tests/Two Keys/test.sql",
        "../x.toml",
    ] {
        texts.insert(path.to_owned(), String::new());
    }
    insta::assert_snapshot!(said(&texts), @r"
    error: `../x.toml` is not a path inside the program folder

    error: `control/QP-03.md` has no place in a program folder; the nearest is `controls/`
      --> control/QP-03.md
    hint: rename it, or move it below `documents/` or out of the folder

    error: `controls/more/QP-03.md` has no place in a program folder
      --> controls/more/QP-03.md
    hint: rename it, or move it below `documents/` or out of the folder

    error: `risk.toml` has no place in a program folder; the nearest is `risks.toml`
      --> risk.toml
    hint: rename it, or move it below `documents/` or out of the folder

    error: id `a b` is not written as 1 to 64 letters, digits, dashes, dots or underscores
      --> sources/a b.toml

    error: control test `Two Keys` is not written as lower-case words joined by dashes, like `access-removed-on-leaving`
      --> tests/Two Keys/test.sql
    ");
}

#[test]
fn front_matter_that_is_missing_or_open() {
    let texts = edited("controls/QP-01.md", "+++\nid", "id");
    let texts = edit(
        texts,
        "policies/access-control.md",
        "+++\nAccess ends",
        "Access ends",
    );
    insta::assert_snapshot!(said(&texts), @r"
    error: the file does not begin with a `+++` line
      --> controls/QP-01.md:1
    hint: put the keys between two lines of `+++` at the top of the file

    error: the `+++` of the first line is never closed
      --> policies/access-control.md:1
    hint: put a second `+++` line between the keys and the text
    ");
}

#[test]
fn a_control_without_criteria_or_description() {
    let texts = edited("controls/QP-02.md", "[\"CC9.2\"]", "[]");
    let sentence =
        "The Head of IT reviews each critical supplier once a year and before it is engaged.";
    insta::assert_snapshot!(said(&edit(texts, "controls/QP-02.md", sentence, "")), @r"
    error: the control has no description below its front matter
      --> controls/QP-02.md:2

    error: a control must support at least one criterion
      --> controls/QP-02.md:4:1
    ");
}

#[test]
fn a_part_outside_the_components_and_a_section_without_text() {
    let texts = edited(
        "description/01-services.md",
        "title",
        "part = \"data\"\ntitle",
    );
    insta::assert_snapshot!(said(&edit(texts, "description/04-software.md", "Track is one program.", "")), @r"
    error: `part` belongs to DC 3 only, not to DC 1
      --> description/01-services.md:3:1

    error: the section has no text below its front matter
      --> description/04-software.md:2
    ");
}

#[test]
fn ratings_out_of_range_and_treatment_that_raises_a_risk() {
    let texts = edited("risks.toml", "likelihood = 4", "likelihood = 9");
    let texts = edit(
        texts,
        "risks.toml",
        "residual_impact = 3",
        "residual_impact = 5",
    );
    insta::assert_snapshot!(said(&texts), @r"
    error: `likelihood` must be 1 to 5, not `9`
      --> risks.toml:5:1

    error: `residual_impact` is higher than `impact`: treatment cannot raise a risk
      --> risks.toml:11:1
    ");
}

#[test]
fn a_significant_incident_of_neither_limb_or_without_timing() {
    let texts = edited("incidents.toml", "limb = \"b\"", "limb = \"none\"");
    let texts = edit(
        texts,
        "incidents.toml",
        "March 3, 2026, 10:00 to 14:00",
        " ",
    );
    insta::assert_snapshot!(said(&texts), @r"
    error: an incident that meets neither limb cannot be significant
      --> incidents.toml:4:1
    hint: set `limb` to `a` or `b`, or `significant` to `false`

    error: `timing` is empty, but the description has to say when a significant incident happened
      --> incidents.toml:6:10
    ");
}

#[test]
fn others_controls_without_criteria() {
    let texts = edited("subservice.toml", "criteria = [\"CC6.4\", \"CC6.5\"]\n", "");
    insta::assert_snapshot!(said(&edit(texts, "subservice.toml", "criteria = [\"CC6.2\"]\n", "")), @r"
    error: a carved-out organization must name the criteria its controls help to meet
      --> subservice.toml:1:1
    hint: list them under `criteria`

    error: a complementary user entity control must support at least one criterion
      --> subservice.toml:13:1
    ");
}

#[test]
fn calendars() {
    let texts = edited("calendars.toml", "2026-07-03", "2025-12-25");
    insta::assert_snapshot!(said(&texts), @r"
    error: holiday `2025-12-25` is listed twice
      --> calendars.toml:4:37
    ");
    let week = r#"["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]"#;
    let texts = edited("calendars.toml", r#"["saturday", "sunday"]"#, week);
    insta::assert_snapshot!(said(&texts), @r"
    error: the whole week is weekend, so there is no business day
      --> calendars.toml:3:1
    ");
    insta::assert_snapshot!(said(&edited("calendars.toml", "\"sunday\"", "\"sun\"")), @r"
    error: day of the week `sun` does not exist
      --> calendars.toml:3:24
    hint: one of `monday`, `tuesday`, `wednesday`, `thursday`, `friday`, `saturday`, `sunday`
    ");
}

#[test]
fn a_document_outside_its_folder() {
    insta::assert_snapshot!(said(&edited("documents/index.toml", "board/minutes", "../minutes")), @r"
    error: `../minutes-2026-03.pdf` is not a path inside `documents/`
      --> documents/index.toml:2:8
    ");
}

#[test]
fn a_policy_that_is_never_reviewed() {
    let texts = edited(
        "policies/access-control.md",
        "review_months = 12",
        "review_months = 0",
    );
    insta::assert_snapshot!(said(&texts), @r"
    error: `review_months` must be at least 1
      --> policies/access-control.md:2
    ");
}

#[test]
fn empty_and_mistyped_values() {
    let texts = edited(
        "tickmark.toml",
        "name = \"Quayside Parcel, Inc.\"",
        "name = \" \"",
    );
    let texts = edit(texts, "tickmark.toml", "employees = 30", "employees = -1");
    let texts = edit(
        texts,
        "vendors.toml",
        "subservice = true",
        "subservice = \"yes\"",
    );
    let texts = edit(texts, "vendors.toml", "v-001", "v 001");
    let texts = edit(
        texts,
        "commitments.toml",
        "access-commitment",
        "Access Commitment",
    );
    insta::assert_snapshot!(said(&texts), @r"
    error: control test `Access Commitment` is not written as lower-case words joined by dashes, like `access-removed-on-leaving`
      --> commitments.toml:9:11

    error: `name` is empty
      --> tickmark.toml:6:1

    error: `employees` cannot be `-1`
      --> tickmark.toml:10:13

    error: id `v 001` is not written as 1 to 64 letters, digits, dashes, dots or underscores
      --> vendors.toml:2:6

    error: `subservice` must be `true` or `false`, not a text
      --> vendors.toml:7:14
    ");
}

#[test]
fn a_thousand_problems_are_all_told() {
    let risks: String = (0..1000)
        .map(|n| format!("[[risk]]\nid = \"R-{n}\"\n"))
        .collect();
    let problems = Program::parse(&with("risks.toml", &risks)).unwrap_err();
    // Ten keys are missing in each.
    assert_eq!(problems.0.len(), 10 * 1000);
}
