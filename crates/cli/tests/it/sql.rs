//! Story: someone writes SQL of their own, and someone means harm with it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::tell::{Told, command};
use crate::world::World;

fn told(world: &World, sql: &str) -> Told {
    world.at_company(&["test", "--sql", sql])
}

/// A query of four columns over `rest`.
fn query(item: &str, status: &str, rest: &str) -> String {
    format!("SELECT {item} AS item, {status} AS status, 'x' AS reason, NULL AS occurred_at {rest}")
}

#[test]
fn an_unsaved_test_is_run_over_the_period() {
    let world = World::company();
    let early = "CASE WHEN last_day < $period_start THEN 'deviation' ELSE 'operated' END";
    let cases = [
        (
            query("person_id", "'operated'", "FROM leavers"),
            0,
            "no deviations  (population 27)",
        ),
        (
            query("person_id", "'deviation'", "FROM leavers"),
            1,
            "27 of 27 deviate",
        ),
        (
            query("person_id", early, "FROM leavers"),
            0,
            "(population 27)",
        ),
        (
            query("person_id", "'operated'", "FROM leavers WHERE 1 = 2"),
            0,
            "nothing occurred",
        ),
        (
            query("control_id", "'operated'", "FROM program_controls"),
            0,
            "(population 96)",
        ),
    ];
    for (sql, code, expected) in cases {
        let told = told(&world, &sql).exits(code);
        assert!(told.out.contains(expected), "{sql}: {}", told.out);
    }
}

#[test]
fn hostile_sql_is_refused_by_name() {
    let world = World::company();
    let cases = [
        "COPY leavers TO 'out.csv'",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "DROP TABLE leavers",
        "INSERT INTO leavers VALUES (1)",
        "SET datafusion.execution.batch_size = 1",
        "SELECT 1; SELECT 2",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM information_schema.tables",
        "SELECT random() AS item",
        "SELECT now() AS item",
        "SELEC 1",
        "SELECT 1",
        "",
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|sql| format!("{sql}\n{}", told(&world, sql).exits(2).err))
        .collect();
    assert!(!world.path("out.csv").exists());
    insta::assert_snapshot!(told.join("\n"), @r"
    COPY leavers TO 'out.csv'
    error: control test `unsaved` could not run
      Caused by: the SQL is not a query
      Caused by: `COPY leavers TO` is not allowed
      --> unsaved/test.sql
    hint: write one `SELECT`, or `WITH … SELECT`

    CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'
    error: control test `unsaved` could not run
      Caused by: the SQL is not a query
      Caused by: `CREATE EXTERNAL TABLE` is not allowed
      --> unsaved/test.sql
    hint: write one `SELECT`, or `WITH … SELECT`

    DROP TABLE leavers
    error: control test `unsaved` could not run
      Caused by: the SQL is not a query
      Caused by: `DROP TABLE leavers` is not allowed
      --> unsaved/test.sql
    hint: write one `SELECT`, or `WITH … SELECT`

    INSERT INTO leavers VALUES (1)
    error: control test `unsaved` could not run
      Caused by: the SQL is not a query
      Caused by: `INSERT INTO leavers` is not allowed
      --> unsaved/test.sql
    hint: write one `SELECT`, or `WITH … SELECT`

    SET datafusion.execution.batch_size = 1
    error: control test `unsaved` could not run
      Caused by: the SQL is not a query
      Caused by: `SET datafusion.execution.batch_size =` is not allowed
      --> unsaved/test.sql
    hint: write one `SELECT`, or `WITH … SELECT`

    SELECT 1; SELECT 2
    error: control test `unsaved` could not run
      Caused by: the SQL is more than one statement
      --> unsaved/test.sql

    SELECT * FROM '/etc/passwd'
    error: control test `unsaved` could not run
      Caused by: there is no table `/etc/passwd`
      --> unsaved/test.sql
    hint: SQL reads the datasets of the catalog, their history, and the program's records

    SELECT * FROM read_csv('/etc/passwd')
    error: control test `unsaved` could not run
      Caused by: there is no table `read_csv`
      --> unsaved/test.sql
    hint: SQL reads the datasets of the catalog, their history, and the program's records

    SELECT * FROM information_schema.tables
    error: control test `unsaved` could not run
      Caused by: `information_schema.tables` is not the plain name of a table
      --> unsaved/test.sql

    SELECT random() AS item
    error: control test `unsaved` could not run
      Caused by: the SQL calls `random`, whose value changes from run to run
      --> unsaved/test.sql
    hint: a result must be reproducible: use `$period_start`, `$period_end` or a parameter

    SELECT now() AS item
    error: control test `unsaved` could not run
      Caused by: the SQL calls `now`, whose value changes from run to run
      --> unsaved/test.sql
    hint: a result must be reproducible: use `$period_start`, `$period_end` or a parameter

    SELEC 1
    error: control test `unsaved` could not run
      Caused by: the SQL cannot be read
      Caused by: Expected: an SQL statement, found: SELEC
      --> unsaved/test.sql:1:1

    SELECT 1
    error: control test `unsaved` could not run
      Caused by: the SQL returns no column `item`
      --> unsaved/test.sql
    hint: a control test returns `item`, `status`, `reason`, `occurred_at` and any detail


    error: control test `unsaved` could not run
      Caused by: there is no SQL
      --> unsaved/test.sql
    ");
}

#[test]
fn sql_without_measure_is_stopped_within_its_limits() {
    let world = World::company();
    let terms = format!("WHERE 1 = 1{}", " OR 1 = 2".repeat(12_000));
    let nested = format!("WHERE {}1 = 1{}", "(".repeat(9_000), ")".repeat(9_000));
    let endless = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT CAST(n AS TEXT) AS item, 'operated' AS status, '' AS reason, NULL AS occurred_at FROM r";
    let two = "a.event_id || b.event_id";
    let three = "a.event_id || b.event_id || c.event_id";
    let huge = "FROM sign_ins a JOIN sign_ins b ON a.system = b.system JOIN sign_ins c ON c.system = b.system ORDER BY 1";
    let cases = [
        (
            query("'x'", "'operated'", &terms),
            "more than the 32768 allowed",
        ),
        (
            query("'x'", "'operated'", &nested),
            "nested more than 40 levels deep",
        ),
        (
            endless.to_owned(),
            "error: control test `unsaved` could not run",
        ),
        (
            query(
                two,
                "'operated'",
                "FROM sign_ins a JOIN sign_ins b ON a.occurred_at < b.occurred_at",
            ),
            "pairs of rows",
        ),
        (
            query(two, "'operated'", "FROM sign_ins a CROSS JOIN sign_ins b"),
            "pairs of rows",
        ),
        (
            query(three, "'operated'", huge),
            "more memory or disk than it may have",
        ),
    ];
    for (sql, expected) in cases {
        let started = Instant::now();
        let told = told(&world, &sql).exits(2);
        assert!(told.err.contains(expected), "{}", told.err);
        assert!(started.elapsed() < Duration::from_secs(60), "{expected}");
    }
}

#[test]
fn other_work_goes_on_meanwhile() {
    let world = World::company();
    // 190 million pairs to compare: allowed, and long enough to be met at work.
    let slow = query(
        "a.event_id",
        "'operated'",
        "FROM (SELECT * FROM sign_ins ORDER BY event_id LIMIT 13000) a JOIN (SELECT * FROM sign_ins ORDER BY event_id LIMIT 13000) b ON a.event_id || a.account_id > b.event_id || b.account_id GROUP BY a.event_id",
    );
    let mut busy = command()
        .current_dir(world.folder())
        .args(["--workspace", "fernhollow", "--keys", "keys/company"])
        .args(["test", "--sql", &slow])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    world.at_company(&["test", "--control", "TM-048"]).exits(1);
    world.at_company(&["readiness"]).exits(1);
    world.at_company(&["apply"]).exits(0);
    assert!(busy.try_wait().unwrap().is_none(), "no longer at work");
    busy.kill().unwrap();
    busy.wait().unwrap();
}

#[test]
fn sql_may_begin_with_a_comment() {
    let world = World::company();
    let sql = format!(
        "-- everybody\n{}",
        query("person_id", "'operated'", "FROM leavers")
    );
    told(&world, &sql).exits(0);
    told(&world, "-- nothing").exits(2);
}

#[test]
fn what_a_terminal_would_obey_is_replaced() {
    let world = World::company();
    let sql = query("chr(27) || '[2J' || chr(8238) || 'a'", "'deviation'", "");
    let told = told(&world, &sql).exits(1);
    assert!(told.out.contains("\u{fffd}[2J\u{fffd}a: x"), "{}", told.out);
}
