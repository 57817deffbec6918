//! Keys of a dataset's rows, for reconciliations.

use tickmark_runner::KeyQuery;

use crate::world::World;

fn query(filter: Option<&str>, key: &[&str]) -> KeyQuery {
    KeyQuery {
        table: "people".to_owned(),
        source: Some("hris".to_owned()),
        filter: filter.map(str::to_owned),
        key: key.iter().map(|key| (*key).to_owned()).collect(),
        file: "reconciliations/people.toml".to_owned(),
    }
}

#[test]
fn keys_are_read_sorted() {
    let world = World::people();
    let keys = world
        .runner
        .key_rows(
            &world.datasets,
            &query(None, &["upper(email)", "manager_id"]),
        )
        .unwrap();
    assert_eq!(
        keys,
        [
            vec![Some("ANA@ACME.EXAMPLE".to_owned()), None],
            vec![Some("BEN@ACME.EXAMPLE".to_owned()), None],
        ]
    );
    let keys = world
        .runner
        .key_rows(
            &world.datasets,
            &query(Some("status = 'left' OR false"), &["person_id"]),
        )
        .unwrap();
    assert_eq!(keys, [vec![Some("P-2".to_owned())]]);
}

#[test]
fn a_condition_cannot_reach_beyond_its_place() {
    let world = World::people();
    let refused = |filter: &str| {
        let problem = world
            .runner
            .key_rows(&world.datasets, &query(Some(filter), &["person_id"]))
            .unwrap_err();
        problem.message
    };
    assert_eq!(
        refused("true) UNION SELECT email FROM people WHERE (true"),
        "the SQL cannot be read"
    );
    assert_eq!(refused("true; DROP TABLE people"), "the SQL cannot be read");
    assert_eq!(
        refused("person_id IN (SELECT person_id FROM leavers)"),
        "the SQL reads `leavers`, which is not among the tables it may read"
    );
    assert!(refused("random() > 0.5").contains("`random`"));
    assert_eq!(refused("nope = 1"), "there is no column `nope`");
}
