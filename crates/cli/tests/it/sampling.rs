//! Story: an auditor plans, draws and evaluates a sample.

use serde_json::json;

use crate::tell::{tickmark, words};
use crate::world::World;

#[test]
fn the_exact_forms_print_the_exact_answers() {
    let cases = [
        (
            "sample size --confidence 0.95 --tolerable 0.05 --expected 0.01 --json",
            "{\"n\":93,\"k\":1}\n",
        ),
        (
            "sample size --confidence 0.95 --tolerable 0.05 --json",
            "{\"n\":59,\"k\":0}\n",
        ),
        (
            "sample size --confidence 95% --tolerable 5% --expected 1% --population 200 --json",
            "{\"n\":78,\"k\":1}\n",
        ),
        (
            "sample size --confidence 0.95 --tolerable 0.05 --expected 0.01",
            "test 93 items; with at most 1 deviation found, the tolerable rate is excluded\n",
        ),
        (
            "sample evaluate --n 40 --deviations 1 --confidence 0.95",
            "1 of 40: the rate of deviation is at most 11.4 % (11.3188 %) at this confidence\n",
        ),
        (
            "sample evaluate --n 40 --deviations 1 --confidence 0.95 --population 200",
            "1 of 40: the rate of deviation is at most 11.4 % (11.3188 %) at this confidence\nat most 20 of the 200 items of the population deviate\n",
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(tickmark(words(line)).exits(0).out, expected, "{line}");
    }
}

#[test]
fn the_upper_limit_is_told_exact_and_rounded_up() {
    let told = tickmark(words(
        "sample evaluate --n 40 --deviations 1 --confidence 0.95 --json",
    ))
    .exits(0)
    .json();
    assert_eq!(told["upper_limit_percent"], json!(11.4));
    let exact = told["upper_limit"].as_f64().unwrap();
    assert!((exact - 0.113_188).abs() < 1e-6, "{exact}");
}

fn draw(world: &World, line: &str) -> Vec<String> {
    let told = world.here(&words(line).iter().map(String::as_str).collect::<Vec<_>>());
    told.exits(0).out.lines().map(str::to_owned).collect()
}

#[test]
fn a_draw_is_replayed_and_extended_item_by_item() {
    let world = World::empty();
    let items: String = (1..=120).map(|number| format!("item-{number}\n")).collect();
    world.write("items", items);
    let five = draw(
        &world,
        "sample draw items --control TM-048 --nonce n1 --size 5",
    );
    let eight = draw(
        &world,
        "sample draw items --control TM-048 --nonce n1 --size 8",
    );
    let three = draw(
        &world,
        "sample draw items --control TM-048 --nonce n1 --size 3 --after 5",
    );
    assert_eq!(five, eight[..5]);
    assert_eq!(three, eight[5..]);
    for other in ["--control TM-049 --nonce n1", "--control TM-048 --nonce n2"] {
        let drawn = draw(&world, &format!("sample draw items {other} --size 5"));
        assert_ne!(drawn, five, "{other}");
    }
    let by_table = draw(
        &world,
        "sample draw items --control TM-048 --nonce n1 --risk low",
    );
    assert_eq!(by_table[..5], five);
}

#[test]
fn figures_that_make_no_sense_are_refused() {
    let world = World::empty();
    world.write("twice", "a\na\n");
    world.write("two", "a\nb\n");
    let lines = [
        "sample size --confidence 0.95 --tolerable 0",
        "sample size --confidence 0.95 --tolerable 0.01 --expected 0.02",
        "sample evaluate --n 1 --deviations 2 --confidence 0.95",
        "sample draw two --control TM-048 --nonce n --size 3",
        "sample draw twice --control TM-048 --nonce n --size 1",
        "sample draw nowhere --control TM-048 --nonce n --size 1",
    ];
    let told: Vec<String> = lines
        .iter()
        .map(|line| world.here(&words(line).iter().map(String::as_str).collect::<Vec<_>>()))
        .map(|told| told.exits(2).err)
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    error: no sample size fits
      Caused by: tolerable rate `0` cannot be planned for: give a rate between 0 and 1, for example `0.05`

    error: no sample size fits
      Caused by: expected rate `0.02` is not below the tolerable rate `0.01`: no sample can support reliance

    error: the figures contradict each other
      Caused by: there cannot be more deviations than items tested, nor more items tested than there are

    error: nothing could be drawn
      Caused by: 3 items were asked for, but the population has 2

    error: nothing could be drawn
      Caused by: item `a` stands twice in the population: items must be unique before one can draw

    error: the items in `nowhere` cannot be read
      Caused by: No such file or directory (os error 2)
    ");
}
