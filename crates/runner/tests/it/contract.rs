//! A test that breaks the contract of its rows is an error, never a result.

use crate::world::World;

fn check(select: &str, expected: &str) {
    let world = World::people();
    let problem = world.run(select).expect_err(select);
    let told: Vec<&str> = problem
        .causes
        .iter()
        .map(String::as_str)
        .chain(problem.hint.as_deref())
        .collect();
    assert_eq!(told.join(" | "), expected, "{select}");
}

#[test]
fn columns_are_checked() {
    let contract =
        "a control test returns `item`, `status`, `reason`, `occurred_at` and any detail";
    check(
        "SELECT count(*) AS n FROM people",
        &format!("the SQL returns no column `item` | {contract}"),
    );
    check(
        "SELECT person_id AS items, 'operated' AS status, '' AS reason, NULL AS occurred_at FROM people",
        "the SQL returns no column `item` | is it `items`? write `items AS item`",
    );
    check(
        "SELECT 1 AS item, 'operated' AS status, '' AS reason, NULL AS occurred_at",
        "the SQL returns column `item` of another type | it is a text: write `CAST(… AS TEXT) AS item`",
    );
    check(
        "SELECT 'a' AS item, true AS status, '' AS reason, NULL AS occurred_at",
        "the SQL returns column `status` of another type | it is a text: write `CAST(… AS TEXT) AS status`",
    );
    check(
        "SELECT 'a' AS item, 'operated' AS status, '' AS reason, 'today' AS occurred_at",
        "the SQL returns column `occurred_at` of another type | it is a date or an instant, or `CAST(NULL AS DATE)`",
    );
}

#[test]
fn rows_are_checked() {
    let rest = "'' AS reason, CAST(NULL AS DATE) AS occurred_at FROM people";
    check(
        &format!("SELECT person_id AS item, 'ok' AS status, {rest}"),
        "`ok` is not a status | it is the `status` of item `P-1` | \
         it is one of `operated`, `deviation`, `excluded`, `not_tested`",
    );
    check(
        &format!(
            "SELECT person_id AS item, CASE WHEN manager_id = 'x' THEN 'operated' END AS status, {rest}"
        ),
        "the `status` of item `P-1` is null | a condition on a null is null: let the SQL say `not_tested` \
         where the source cannot say",
    );
    check(
        &format!("SELECT manager_id AS item, 'operated' AS status, {rest}"),
        "the SQL returns a row whose `item` is null or empty | name every item; where the source gives no id, make one of what it gives",
    );
    check(
        &format!("SELECT 'same' AS item, 'operated' AS status, {rest}"),
        "item `same` is returned more than once | return one row per item: join the matching rows to the \
         population and group by the item",
    );
    check(
        &format!("SELECT person_id AS item, 'deviation' AS status, {rest}"),
        "item `P-1` is a deviation without a reason | let the SQL say in `reason` what was found and what was expected",
    );
}

#[test]
fn what_fits_is_a_result() {
    let world = World::people();
    let result = world
        .run(
            "SELECT person_id AS item, CASE WHEN status = 'left' THEN 'deviation' ELSE 'operated' END AS status, \
             'is ' || status AS reason, observed_at AS occurred_at, 1.5 AS half, true AS yes, \
             DATE '2025-07-01' AS day, make_array('a', 'b') AS list, NULL AS nothing FROM people",
        )
        .unwrap();
    let items: Vec<String> = result
        .items
        .iter()
        .map(|item| {
            format!(
                "{} {} {} {} {:?}",
                item.item,
                item.status,
                item.reason,
                item.occurred_at.unwrap(),
                item.detail
            )
        })
        .collect();
    let detail = r#"{"day": "2025-07-01", "half": "1.5", "list": "a;b", "yes": "true"}"#;
    assert_eq!(
        items,
        [
            format!("P-1 operated is active 2026-07-02T15:00:00Z {detail}"),
            format!("P-2 deviation is left 2026-07-02T15:00:00Z {detail}"),
        ]
    );
}
