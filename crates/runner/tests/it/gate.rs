//! SQL that may not run is refused, and the refusal says why.

use crate::world::World;

/// Runs `sql`; what is said of it must begin with `expected` lines.
fn check(sql: &str, expected: &str) {
    let world = World::people();
    let problem = world
        .run(sql)
        .expect_err(&sql.chars().take(80).collect::<String>());
    let told = problem
        .causes
        .iter()
        .map(String::as_str)
        .chain(problem.hint.as_deref());
    let told: Vec<&str> = told.collect();
    let place = problem
        .place
        .map(|place| place.to_string())
        .unwrap_or_default();
    assert_eq!(
        format!("{} [{place}]", told.join(" | ")),
        expected,
        "{}",
        sql.chars().take(200).collect::<String>()
    );
}

const FILE: &str = "unsaved/test.sql";

#[test]
fn only_a_single_query_runs() {
    let refused = |what: &str| {
        format!(
            "the SQL is not a query | `{what}` is not allowed | write one `SELECT`, or `WITH … SELECT` [{FILE}]"
        )
    };
    check("COPY people TO '/tmp/out.csv'", &refused("COPY people TO"));
    check(
        "COPY (SELECT 1) TO '/tmp/out.csv' STORED AS CSV",
        &refused("COPY (SELECT 1)"),
    );
    check(
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        &refused("CREATE EXTERNAL TABLE"),
    );
    check("CREATE TABLE t AS SELECT 1", &refused("CREATE TABLE t"));
    check("CREATE VIEW t AS SELECT 1", &refused("CREATE VIEW t"));
    check("DROP TABLE people", &refused("DROP TABLE people"));
    check(
        "INSERT INTO people VALUES (1)",
        &refused("INSERT INTO people"),
    );
    check("DELETE FROM people", &refused("DELETE FROM people"));
    check(
        "UPDATE people SET email = NULL",
        &refused("UPDATE people SET"),
    );
    check(
        "SET datafusion.execution.batch_size = 1",
        &refused("SET datafusion.execution.batch_size ="),
    );
    check("EXPLAIN SELECT 1", &refused("EXPLAIN SELECT 1"));
    check("SHOW TABLES", &refused("SHOW TABLES"));
    check(
        "SELECT 1; SELECT 2",
        &format!("the SQL is more than one statement [{FILE}]"),
    );
    check("", &format!("there is no SQL [{FILE}]"));
}

#[test]
fn only_the_tables_given_can_be_read() {
    let hint = "SQL reads the datasets of the catalog, their history, and the program's records";
    let unknown = |table: &str| format!("there is no table `{table}` | {hint} [{FILE}]");
    check("SELECT * FROM '/etc/passwd'", &unknown("/etc/passwd"));
    check(
        "SELECT * FROM 'file:///etc/passwd'",
        &unknown("file:///etc/passwd"),
    );
    check(
        "SELECT * FROM read_csv('/etc/passwd')",
        &unknown("read_csv"),
    );
    check(
        "SELECT * FROM generate_series(1, 1000000000)",
        &unknown("generate_series"),
    );
    check("SELECT * FROM range(1, 10)", &unknown("range"));
    check(
        "SELECT * FROM information_schema.tables",
        &format!("`information_schema.tables` is not the plain name of a table [{FILE}]"),
    );
    check(
        "SELECT * FROM peple",
        &format!("there is no table `peple` | did you mean `people`? [{FILE}]"),
    );
}

#[test]
fn nothing_that_changes_from_run_to_run_is_called() {
    for call in [
        "now()",
        "random()",
        "uuid()",
        "version()",
        "current_date",
        "current_timestamp",
        "CURRENT_TIME",
    ] {
        let name = call.trim_end_matches("()").to_lowercase();
        let expected = format!(
            "the SQL calls `{name}`, whose value changes from run to run | a result must be reproducible: \
             use `$period_start`, `$period_end` or a parameter [{FILE}]"
        );
        check(&format!("SELECT {call} AS item FROM people"), &expected);
        check(
            &format!("SELECT 1 FROM people WHERE person_id IN (SELECT CAST({call} AS TEXT))"),
            &expected,
        );
    }
    check(
        "SELECT nosuch(1)",
        &format!("there is no function `nosuch` [{FILE}:1:8]"),
    );
    check(
        "SELECT lowr('A')",
        &format!("there is no function `lowr` | did you mean `lower`? [{FILE}:1:8]"),
    );
}

#[test]
fn recursion_is_refused() {
    let world = World::people();
    let sql = "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT n FROM t";
    let told = world.run(sql).unwrap_err().to_string();
    assert!(told.contains("ecursive"), "{told}");
}

#[test]
fn sql_that_is_too_large_or_deep_is_refused_before_it_is_parsed() {
    let many = |count: usize, operator: &str| {
        format!("SELECT 1{}", format!(" {operator} 1").repeat(count))
    };
    let hint = "split it with `WITH`, or compare with a list by `IN`";
    check(
        &many(100_000, "+"),
        &format!("the SQL has 400008 bytes, more than the 32768 allowed [{FILE}]"),
    );
    check(
        &many(5_000, "OR"),
        &format!("the SQL has more than 400 operators | {hint} [{FILE}:1:2010]"),
    );
    check(
        &format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        &format!("the SQL is nested more than 40 levels deep | {hint} [{FILE}:1:48]"),
    );
    check(
        &format!("SELECT {}1", "NOT ".repeat(3_000)),
        &format!("the SQL has more than 400 operators | {hint} [{FILE}:1:1608]"),
    );
    check(
        &format!("SELECT {}1", "- ".repeat(3_000)),
        &format!(
            "the SQL has more than 100 signs of arithmetic (`+`, `-`, `*`) | {hint} [{FILE}:1:208]"
        ),
    );
    check(
        &"SELECT 1 UNION ALL ".repeat(1_000),
        &format!("the SQL has more than 400 operators | {hint} [{FILE}:1:7610]"),
    );
}

#[test]
fn the_most_complex_sql_that_is_let_in_does_not_exhaust_the_stack() {
    let world = World::people();
    for operator in ["+", "OR", "||", "AND"] {
        let one = match operator {
            "+" => "1",
            "||" => "'a'",
            _ => "true",
        };
        let count = if operator == "+" { 98 } else { 398 };
        let sum = format!("{one}{}", format!(" {operator} {one}").repeat(count));
        world.values(&sum, "").expect(operator);
    }
    let unions = "SELECT 1 AS a UNION ALL ".repeat(390);
    world
        .values("a", &format!("FROM ({unions} SELECT 1 AS a)"))
        .unwrap();
    let nested = format!("{}1{}", "(".repeat(38), ")".repeat(38));
    world.values(&nested, "").unwrap();
    let subqueries = format!(
        "{}SELECT 1 AS a{}",
        "SELECT a FROM (".repeat(8),
        ")".repeat(8)
    );
    world.values("a", &format!("FROM ({subqueries})")).unwrap();
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    check(
        "SELECT person_id\nFROM people\nWHERE emial IS NULL",
        &format!("there is no column `emial` | did you mean `email`? [{FILE}:3:7]"),
    );
    check(
        "SELECT person_id FROM people WHERE person_id = $perod_end",
        &format!("there is no parameter `$perod_end` | did you mean `$period_end`? [{FILE}:1:48]"),
    );
    check(
        "SELECT person_id\nFROM people AS p q",
        &format!("the SQL cannot be read | Expected: end of statement, found: q [{FILE}:2:18]"),
    );
}

#[test]
fn rows_in_no_order_are_neither_taken_nor_numbered_nor_gathered() {
    let some = "the SQL takes some rows of many without saying which";
    let limit = "`LIMIT`, `OFFSET` and `FETCH` need an `ORDER BY` beside them";
    let whole = "say the order; a control test leaves no item out";
    for end in ["LIMIT 1", "OFFSET 1", "FETCH FIRST 1 ROW ONLY"] {
        check(
            &format!("SELECT person_id FROM people {end}"),
            &format!("{some} | {limit} | {whole} [{FILE}]"),
        );
        check(
            &format!("SELECT a FROM (SELECT person_id AS a FROM people {end})"),
            &format!("{some} | {limit} | {whole} [{FILE}]"),
        );
    }
    check(
        "SELECT person_id FROM people TABLESAMPLE (50 PERCENT)",
        &format!(
            "the SQL samples the rows of `people` | read the whole table: a control test is over the whole \
             population, and a sample is drawn with `tickmark sample draw` [{FILE}]"
        ),
    );
    let unordered = |call: &str, order: &str| {
        format!(
            "the SQL calls `{call}` over rows in no particular order | say the order: `{order}` [{FILE}]"
        )
    };
    for call in [
        "string_agg(person_id, ',')",
        "array_agg(DISTINCT person_id)",
    ] {
        let name = call.split('(').next().unwrap();
        check(
            &format!("SELECT {call} FROM people"),
            &unordered(name, &format!("{name}(… ORDER BY …)")),
        );
    }
    check(
        "SELECT row_number() OVER (PARTITION BY status) FROM people",
        &unordered("row_number", "row_number(…) OVER (… ORDER BY …)"),
    );
    check(
        "SELECT person_id INTO x FROM people",
        &format!(
            "the SQL is not a query | `SELECT … INTO` is not allowed | write one `SELECT`, or `WITH … SELECT` [{FILE}]"
        ),
    );
    let world = World::people();
    for fine in [
        "string_agg(person_id, ',' ORDER BY person_id)",
        "count(*) OVER ()",
        "first_value(person_id) OVER (ORDER BY person_id)",
    ] {
        world
            .run(&format!("SELECT 'a' AS item, 'operated' AS status, CAST({fine} AS TEXT) AS reason, NULL AS occurred_at FROM people ORDER BY 3 LIMIT 1"))
            .expect(fine);
    }
}

#[test]
fn what_the_engine_cannot_do_is_told_without_its_insides() {
    let join = "join instead: the population `LEFT JOIN` the matching rows, grouped by the item";
    let cannot = "the SQL uses something the engine cannot do";
    check(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM people AS q WHERE q.person_id = p.person_id) THEN 'a' END AS item, \
         'operated' AS status, '' AS reason, NULL AS occurred_at FROM people AS p",
        &format!("{cannot} | `EXISTS` stands outside `WHERE` | {join} [{FILE}]"),
    );
    check(
        "SELECT person_id AS item, 'operated' AS status, '' AS reason, NULL AS occurred_at FROM people AS p \
         WHERE (SELECT count(*) FROM people AS q WHERE q.person_id <> p.person_id) > 0",
        &format!(
            "{cannot} | a subquery compares with the row around it other than by `=` | {join} [{FILE}]"
        ),
    );
}

#[test]
fn whole_numbers_do_not_wrap_around() {
    let most = "9223372036854775807";
    let world = World::people();
    let told = |expression: &str| {
        let problem = world.values(expression, "FROM people").unwrap_err();
        problem.causes.join(" | ")
    };
    for (expression, shown) in [
        (format!("{most} + 1"), format!("{most} + 1")),
        (format!("{most} + length(person_id)"), format!("{most} + 3")),
        (format!("length(person_id) * {most}"), format!("3 * {most}")),
        (
            format!("-2 - length(person_id) - {most}"),
            format!("-5 - {most}"),
        ),
    ] {
        assert_eq!(
            told(&expression),
            format!("the SQL cannot run | Overflow happened on: {shown}"),
            "{expression}"
        );
    }
    let computed = |expression: &str| world.values(expression, "FROM people").unwrap();
    assert_eq!(
        computed("length(person_id) * 2 - 7 + CAST(1 AS INT)"),
        "0, 0"
    );
    assert_eq!(computed("length(person_id) + NULL"), "null, null");
    assert_eq!(
        computed(&format!("{most} - length(person_id)")),
        "9223372036854775804, 9223372036854775804"
    );
    assert_eq!(computed("1.5 + 1"), "2.5, 2.5");
}

#[test]
fn sums_do_not_wrap_around() {
    let most = "9223372036854775807";
    let world = World::people();
    let total = |of: &str, rows: &str| {
        let from = format!("FROM (SELECT {of} AS total FROM ({rows}))");
        world.values("total", &from)
    };
    let twice = format!("SELECT {most} AS n FROM people");
    let told = total("sum(n)", &twice).unwrap_err().causes.join(" | ");
    assert_eq!(
        told,
        "the SQL cannot run | a sum of whole numbers is too large: cast them to DECIMAL"
    );
    let computed = |of: &str, rows: &str| total(of, rows).unwrap();
    assert_eq!(
        computed("sum(CAST(n AS DECIMAL(38, 0)))", &twice),
        "18446744073709551614"
    );
    // What is too large on the way is not too large in the end.
    let there_and_back = format!("{twice} UNION ALL SELECT -{most}");
    assert_eq!(computed("sum(n)", &there_and_back), most);
    let lengths = "SELECT person_id, length(person_id) AS n FROM people";
    assert_eq!(computed("sum(n)", lengths), "6");
    assert_eq!(computed("sum(n) FILTER (WHERE n > 3)", lengths), "null");
    assert_eq!(
        computed("sum(n)", "SELECT CAST(NULL AS BIGINT) AS n"),
        "null"
    );
    let running = "sum(n) OVER (ORDER BY person_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)";
    assert_eq!(computed(running, lengths), "3, 6");
    assert_eq!(computed("sum(n * 1.5)", lengths), "9.0");
    let grouped =
        "FROM (SELECT person_id, sum(length(person_id)) AS total FROM people GROUP BY person_id)";
    assert_eq!(world.values("total", grouped).unwrap(), "3, 3");
}
