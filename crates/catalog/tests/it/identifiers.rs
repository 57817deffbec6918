//! Identifiers refuse what does not exist and name the nearest that does.

use std::fmt::Display;
use std::str::FromStr;

use tickmark_catalog::{
    Category, ControlId, ControlTestId, CriterionId, DescriptionCriterionId, Frequency,
    PointOfFocusId, nearest,
};

fn said<T: FromStr<Err: Display> + Display>(input: &str) -> String {
    input
        .parse::<T>()
        .map_or_else(|error| error.to_string(), |id| format!("ok {id}"))
}

#[test]
fn criteria() {
    let check = |input: &str, expected: &str| assert_eq!(said::<CriterionId>(input), expected);
    check("CC6.1", "ok CC6.1");
    check("P8.1", "ok P8.1");
    check(
        "CC8.2",
        "criterion `CC8.2` does not exist; the nearest is `CC8.1`",
    );
    check(
        "C1.3",
        "criterion `C1.3` does not exist; the nearest is `C1.2`",
    );
    check(
        "CC6.0",
        "criterion `CC6.0` does not exist; the nearest is `CC6.1`",
    );
    check(
        "CC6.99",
        "criterion `CC6.99` does not exist; the nearest is `CC6.8`",
    );
    check(
        "cc6.3",
        "criterion `cc6.3` does not exist; the nearest is `CC6.3`",
    );
    check(
        "CC10.1",
        "criterion `CC10.1` does not exist; the nearest is `CC1.1`",
    );
    check(
        "PI.1",
        "criterion `PI.1` does not exist; the nearest is `PI1.1`",
    );
    check(
        "CC6",
        "criterion `CC6` does not exist; the nearest is `CC6.1`",
    );
    check("encryption", "criterion `encryption` does not exist");
    check("", "criterion `` does not exist");
}

#[test]
fn points_of_focus() {
    let check = |input: &str, expected: &str| assert_eq!(said::<PointOfFocusId>(input), expected);
    check("CC6.1-03", "ok CC6.1-03");
    check("CC2.2-13", "ok CC2.2-13");
    check(
        "CC2.2-14",
        "point of focus `CC2.2-14` does not exist; the nearest is `CC2.2-13`",
    );
    check(
        "CC6.1-3",
        "point of focus `CC6.1-3` does not exist; the nearest is `CC6.1-03`",
    );
    check(
        "CC6.1-00",
        "point of focus `CC6.1-00` does not exist; the nearest is `CC6.1-01`",
    );
    check(
        "CC6.1",
        "point of focus `CC6.1` does not exist; the nearest is `CC6.1-01`",
    );
    check(
        "CC8.2-01",
        "point of focus `CC8.2-01` does not exist; the nearest is `CC8.1-01`",
    );
}

#[test]
fn description_criteria() {
    let check =
        |input: &str, expected: &str| assert_eq!(said::<DescriptionCriterionId>(input), expected);
    check("DC 9", "ok DC 9");
    check(
        "DC4",
        "description criterion `DC4` does not exist; the nearest is `DC 4`",
    );
    check(
        "DC 10",
        "description criterion `DC 10` does not exist; the nearest is `DC 1`",
    );
}

#[test]
fn order_is_that_of_publication() {
    let mut ids: Vec<CriterionId> = ["P1.1", "A1.1", "CC9.2", "PI1.1", "C1.1", "CC1.1"]
        .map(|id| id.parse().unwrap())
        .into();
    ids.sort();
    let sorted: Vec<&str> = ids.into_iter().map(CriterionId::as_str).collect();
    assert_eq!(sorted, ["CC1.1", "CC9.2", "A1.1", "C1.1", "PI1.1", "P1.1"]);
}

#[test]
fn controls_and_control_tests() {
    let check = |input: &str, is_control: bool, is_control_test: bool| {
        assert_eq!(input.parse::<ControlId>().is_ok(), is_control, "{input}");
        assert_eq!(
            input.parse::<ControlTestId>().is_ok(),
            is_control_test,
            "{input}"
        );
    };
    check("TM-048", true, false);
    check("access-removed-on-leaving", false, true);
    check("tm-048", false, true);
    for neither in [
        "TM048",
        "TM-",
        "-048",
        "TM-04 8",
        "TM-048-1",
        "../TM-048",
        "A_B",
        "access--x",
        "-access",
        "",
    ] {
        check(neither, false, false);
    }
    assert_eq!(
        said::<ControlId>("tm-048"),
        "control `tm-048` is not written as capital letters, a dash and digits, like `TM-048`"
    );
}

#[test]
fn named_values() {
    assert_eq!(said::<Frequency>("half_yearly"), "ok half_yearly");
    assert_eq!(
        said::<Frequency>("half-yearly"),
        "frequency `half-yearly` does not exist; the nearest is `half_yearly`"
    );
    assert_eq!(
        said::<Category>("avaliability"),
        "category `avaliability` does not exist; the nearest is `availability`"
    );
}

#[test]
fn identifiers_serialize_as_written() {
    let id: CriterionId = "CC6.1".parse().unwrap();
    assert_eq!(serde_json::to_string(&id).unwrap(), "\"CC6.1\"");
    assert_eq!(
        serde_json::from_str::<CriterionId>("\"CC6.1\"").unwrap(),
        id
    );
    let refused = serde_json::from_str::<PointOfFocusId>("\"CC6.1-99\"")
        .unwrap_err()
        .to_string();
    assert!(
        refused.starts_with("point of focus `CC6.1-99` does not exist"),
        "{refused}"
    );
}

#[test]
fn a_wild_guess_is_worse_than_none() {
    let check = |input: &str, expected: Option<&str>| {
        assert_eq!(
            nearest(input, ["title", "id", "criteria", "owner_role"]),
            expected,
            "{input}"
        );
    };
    check("titel", Some("title"));
    check("Title", Some("title"));
    check("criterion", Some("criteria"));
    check("owner", None);
    check("x", None);
}
