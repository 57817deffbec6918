//! Periods and digests.

use jiff::civil::date;
use tickmark_catalog::{Period, Sha256Hex};

#[test]
fn periods() {
    let check = |input: &str, expected: &str| {
        let said = input
            .parse::<Period>()
            .map_or_else(|error| error.to_string(), |p| format!("ok {p}"));
        assert_eq!(said, expected);
    };
    check("2025-07-01..2026-06-30", "ok 2025-07-01..2026-06-30");
    check("2026-06-30..2026-06-30", "ok 2026-06-30..2026-06-30");
    check(
        "2026-07-01..2026-06-30",
        "the period ends on `2026-06-30`, before it starts on `2026-07-01`",
    );
    check(
        "2025-02-31..2026-06-30",
        "`2025-02-31..2026-06-30` is not a period like `2025-07-01..2026-06-30`",
    );
    check(
        "2025-07-01",
        "`2025-07-01` is not a period like `2025-07-01..2026-06-30`",
    );
}

#[test]
fn a_period_includes_both_ends() {
    let period: Period = "2025-07-01..2026-06-30".parse().unwrap();
    let check = |day, expected| assert_eq!(period.contains(day), expected, "{day}");
    check(date(2025, 6, 30), false);
    check(date(2025, 7, 1), true);
    check(date(2026, 6, 30), true);
    check(date(2026, 7, 1), false);
    assert_eq!(period.day_count(), 365);
    assert_eq!(
        serde_json::to_string(&period).unwrap(),
        "\"2025-07-01..2026-06-30\""
    );
}

#[test]
fn digests() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Sha256Hex::of(b"").as_str(), empty);
    assert_eq!(empty.parse(), Ok(Sha256Hex::of(b"")));
    for bad in [
        empty.to_uppercase().as_str(),
        &empty[1..],
        "",
        &"g".repeat(64),
    ] {
        assert!(bad.parse::<Sha256Hex>().is_err(), "{bad}");
    }
}
