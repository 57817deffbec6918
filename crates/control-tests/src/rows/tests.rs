//! Items of event tests: their order, and what breaks the contract.

use super::by_hand::{ItemRow, Rows};
use super::*;

fn rows(items: &[&str]) -> Rows {
    let row = |item: &&str| ItemRow {
        item: (*item).to_owned(),
        status: ItemStatus::Operated,
        reason: String::new(),
        occurred_at: None,
        source: Some("hris".to_owned()),
    };
    Rows(items.iter().map(row).collect())
}

fn check(items: &[&str]) {
    let mut expected = items.to_vec();
    expected.sort_unstable();
    let found = event_items(&rows(items), 2).unwrap();
    let found: Vec<&str> = found.iter().map(|item| item.item.as_str()).collect();
    assert_eq!(found, expected);
}

#[test]
fn items_come_sorted_by_their_bytes() {
    check(&[]);
    check(&["one"]);
    check(&["b", "a", "", "ab"]);
    // What all share, one that is only that, and a nul byte.
    check(&["relay#12", "relay#", "relay#1", "relay#\0", "relay#1\0"]);
    // Alike in the 16 bytes that are compared first.
    check(&[
        "x-0123456789abcdefZ",
        "x-0123456789abcdefA",
        "x-0123456789abcdef",
    ]);
    check(&["Zoë", "Zoe", "Zoé", "zoe"]);
}

#[test]
fn many_items_are_shared_among_threads_and_stay_in_order() {
    let names: Vec<String> = (0..120_000)
        .map(|n| format!("item-{}", n * 7919 % 120_000))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    check(&names);
}

#[test]
fn an_item_named_twice_is_refused() {
    let problem = event_items(&rows(&["b", "a", "b"]), 1).unwrap_err();
    assert_eq!(problem.message, "item `b` is returned more than once");
}

#[test]
fn a_deviation_without_a_reason_is_refused() {
    let mut rows = rows(&["a", "b"]);
    rows.0[1].status = ItemStatus::Deviation;
    let problem = event_items(&rows, 1).unwrap_err();
    assert_eq!(problem.message, "item `b` is a deviation without a reason");
}

#[test]
fn shared_detail_equals_a_map_with_the_same_texts() {
    let items = event_items(&rows(&["a"]), 1).unwrap();
    let texts = [("source_id".to_owned(), "hris".to_owned())];
    let map = Detail::from(std::collections::BTreeMap::from(texts));
    assert_eq!(items[0].detail, map);
    assert_eq!(items[0].detail.get("source_id").unwrap(), "hris");
    assert_eq!(items[0].detail.get("other"), None);
    let json = serde_json::to_string(&items[0].detail).unwrap();
    assert_eq!(json, r#"{"source_id":"hris"}"#);
    assert_eq!(serde_json::from_str::<Detail>(&json).unwrap(), map);
}
