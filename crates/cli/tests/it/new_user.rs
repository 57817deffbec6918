//! Story: a new company starts, and its firm takes over.

use crate::tell::Told;
use crate::world::World;

const LEAVERS: &str = "\
Employee ID,Name,Type,Last Day
P1,Ada Example,Regular,2026-02-03
P2,\"Example, Bo\",Regular,2026-03-31
";

/// The mapping of [`LEAVERS`].
pub const MAPPING: &str = r#"id = "leavers"
dataset = "leavers"
system = "HR"
tenant = "acme"
format = "csv"
files = ["exports/leavers.csv"]
observed_at = "2026-07-02T15:00:00Z"
request = "report of leavers"
covers = "2026-01-01..2026-06-30"
grade = "client_file"
unmapped = ["email", "assets_returned_on"]

[columns.person_id]
from = "Employee ID"

[columns.full_name]
from = "Name"

[columns.employment_type]
from = "Type"
map = { "Regular" = "employee" }

[columns.last_day]
from = "Last Day"
"#;

/// Runs the program on the new company's workspace.
pub fn at_acme(world: &World, arguments: &[&str]) -> Told {
    world.at("acme", "keys", arguments)
}

/// A workspace of a new company, with its program recorded.
pub fn acme() -> World {
    let world = World::empty();
    let init = [
        "init",
        "--id",
        "acme",
        "--name",
        "Acme",
        "--time-zone",
        "Europe/Berlin",
        "--period",
        "2026-01-01..2026-06-30",
    ];
    at_acme(&world, &init).exits(0);
    at_acme(&world, &["apply"]).exits(0);
    world
}

/// Adds the source of leavers with the rows of `csv`.
pub fn with_leavers(world: &World, csv: &str) {
    world.write("acme/sources/leavers.toml", MAPPING);
    world.write("acme/exports/leavers.csv", csv);
    at_acme(world, &["apply"]).exits(0);
}

#[test]
fn from_nothing_to_a_package_the_firm_has_received() {
    let world = acme();
    with_leavers(&world, LEAVERS);
    let told = at_acme(&world, &["import"]).exits(0);
    assert!(
        told.out.contains("leavers: 2 rows into leavers"),
        "{}",
        told.out
    );
    let told = at_acme(&world, &["test"]).exits(1);
    assert!(
        told.out.contains("not tested: there is no snapshot"),
        "{}",
        told.out
    );
    let told = at_acme(&world, &["test", "--sql", "SELECT person_id AS item, 'operated' AS status, '' AS reason, last_day AS occurred_at FROM leavers"]).exits(0);
    assert!(
        told.out.contains("(population 2, completeness not shown)"),
        "{}",
        told.out
    );
    let told = at_acme(&world, &["readiness"]).exits(1);
    assert!(told.out.contains("never imported:"), "{}", told.out);
    at_acme(&world, &["package", "package"]).exits(0);
    world.here(&["verify", "package"]).exits(0);
    let key = at_acme(&world, &["ledger", "vkey"]).exits(0).out;
    let firm = |arguments: &[&str]| world.at("firm", "firm-keys", arguments);
    let told = firm(&["init", "--firm", "--id", "assurance"]).exits(0);
    assert!(told.out.contains("tickmark receive"), "{}", told.out);
    let receive = ["receive", "package", "--company-key", key.trim()];
    let told = firm(&receive).exits(0);
    assert!(
        told.out.contains("verified with the key you named"),
        "{}",
        told.out
    );
    let early = firm(&["report"]).exits(2);
    insta::assert_snapshot!(early.err, @r"
    error: `decisions.toml` cannot be read
      Caused by: missing field `engagement`
      --> decisions.toml:1
    ");
}

#[test]
fn steps_taken_in_the_wrong_order_are_explained() {
    let world = World::empty();
    let init = [
        "init",
        "--id",
        "acme",
        "--time-zone",
        "UTC",
        "--period",
        "2026-01-01..2026-06-30",
    ];
    at_acme(&world, &init).exits(0);
    let told: Vec<String> = [
        &init[..],
        &["import"],
        &["test"],
        &["readiness"],
        &["package", "package"],
        &["report"],
    ]
    .iter()
    .map(|arguments| at_acme(&world, arguments).exits(2).err)
    .collect();
    assert!(!world.path("package").exists());
    insta::assert_snapshot!(told.join("\n"), @r"
    error: there is a workspace in `acme` already
    hint: use it, or choose another folder

    error: no program was recorded yet
    hint: record it with `tickmark apply`

    error: no program was recorded yet
    hint: record it with `tickmark apply`

    error: no program was recorded yet
    hint: record it with `tickmark apply`

    error: no program was recorded yet
    hint: record it with `tickmark apply`

    error: `acme` is the workspace of a company, this command is for a firm
    ");
}

#[test]
fn a_package_that_was_changed_is_not_taken_in() {
    let world = acme();
    at_acme(&world, &["package", "package"]).exits(0);
    let firm = |arguments: &[&str]| world.at("firm", "firm-keys", arguments);
    firm(&["init", "--firm", "--id", "assurance"]).exits(0);
    crate::world::flip(&world.path("package/bodies.ndjson"));
    let told = firm(&["receive", "package"]).exits(3);
    assert!(
        told.err
            .contains("`bodies.ndjson` of the package has changed"),
        "{}",
        told.err
    );
    assert_eq!(firm(&["ledger", "tail"]).exits(0).out, "");
}

#[test]
fn what_init_cannot_use_is_refused_before_anything_is_made() {
    let world = World::empty();
    let cases = [
        (
            "acme",
            "Nowhere/Land",
            "2026-01-01..2026-06-30",
            "`Europe/Berlin`",
        ),
        (
            "Acme!",
            "UTC",
            "2026-01-01..2026-06-30",
            "use lower-case letters",
        ),
        ("acme", "UTC", "2026-06-30..2026-01-01", "before it starts"),
        ("acme", "UTC", "2026-02-30..2026-06-30", "2026-02-30"),
    ];
    for (id, zone, period, expected) in cases {
        let init = ["init", "--id", id, "--time-zone", zone, "--period", period];
        let told = at_acme(&world, &init).exits(2);
        assert!(told.err.contains(expected), "{}", told.err);
    }
    assert!(!world.path("acme").exists() && !world.path("keys").exists());
}

#[test]
fn files_of_a_program_are_not_written_over() {
    let world = World::empty();
    world.write("acme/tickmark.toml", "");
    world.write("acme/controls/TM-048.md", "");
    let init = [
        "init",
        "--id",
        "acme",
        "--time-zone",
        "UTC",
        "--period",
        "2026-01-01..2026-06-30",
    ];
    let told = at_acme(&world, &init).exits(2);
    insta::assert_snapshot!(told.err, @r"
    error: `acme/controls/TM-048.md` and 1 more files stand in the way
    hint: use an empty folder; for a program that is written already, make the workspace elsewhere and use `tickmark apply --from`
    ");
    assert!(!world.path("acme/.tickmark").exists());
}

#[test]
fn an_example_of_a_mapping_leads_to_an_import() {
    let world = acme();
    let told = at_acme(&world, &["import"]).exits(0);
    assert!(
        told.out.contains("tickmark import --example leavers"),
        "{}",
        told.out
    );
    let mapping = at_acme(&world, &["import", "--example", "leavers"])
        .exits(0)
        .out;
    insta::assert_snapshot!(mapping, @r##"
    # Leavers.
    # A row is identified by: person_id. The dataset holds things that happened.
    id = "leavers"
    dataset = "leavers"
    system = "to be written"   # the system of record
    tenant = "acme"
    format = "csv"   # or xlsx, json (with `records`), ndjson, parquet
    files = ["exports/leavers.csv"]   # below this folder
    observed_at = "2026-06-30T23:00:00Z"   # when the source was in this state
    request = "to be written"   # what the source was asked, word for word
    covers = "2026-01-01..2026-06-30"   # the period the source was asked for
    # source_count = 0   # what the source itself counts; a difference refuses the import
    grade = "client_file"   # or connector, observed_run, screenshot
    # Columns left empty. Give one a section of its own below to fill it.
    unmapped = [
      "full_name",   # text: Name as the source shows it
      "email",   # text: Work address
      "assets_returned_on",   # date: Day laptop and badge came back
    ]

    # text: Worker number
    [columns.person_id]
    from = "person_id"
    # map = { "Text of the source" = "value" }
    # lower = true

    # text: `employee`, `contractor` or `intern`
    [columns.employment_type]
    from = "employment_type"
    # map = { "Text of the source" = "value" }
    # lower = true

    # date: Last day of work
    [columns.last_day]
    from = "last_day"
    # format = "%m/%d/%Y"   # 2025-12-31 where absent
    "##);
    world.write("acme/sources/leavers.toml", &mapping);
    let csv = "person_id,employment_type,last_day\nP1,employee,2026-02-03\n";
    world.write("acme/exports/leavers.csv", csv);
    at_acme(&world, &["apply"]).exits(0);
    let told = at_acme(&world, &["import"]).exits(0);
    assert!(
        told.out.contains("leavers: 1 rows into leavers"),
        "{}",
        told.out
    );
    let told = at_acme(&world, &["import", "--example", "leaver"]).exits(2);
    insta::assert_snapshot!(told.err, @r"
    error: dataset `leaver` does not exist; the nearest is `leavers`
    hint: `tickmark catalog list datasets` names them
    ");
}

#[test]
fn a_firm_starts_with_files_to_fill_in() {
    let world = World::empty();
    let firm = |arguments: &[&str]| world.at("firm", "firm-keys", arguments);
    let told = firm(&["init", "--firm", "--id", "assurance", "--time-zone", "UTC"]).exits(2);
    insta::assert_snapshot!(told.err, @r"
    error: a firm's workspace has no period and no time zone of its own
    hint: leave them away: the terms of the engagement go into `decisions.toml`
    ");
    let told = firm(&["init", "--firm", "--id", "assurance"]).exits(0);
    assert!(
        told.out
            .contains("fill in decisions.toml and procedures.toml"),
        "{}",
        told.out
    );
    std::fs::remove_file(world.path("firm/procedures.toml")).unwrap();
    let told = firm(&["apply"]).exits(2);
    insta::assert_snapshot!(told.err, @r"
    error: there is no file `firm/procedures.toml`
    hint: it holds what the firm decides; `tickmark init --firm` writes one to fill in
    ");
}
