//! Numbers, dates and lists as people read them.
//!
//! What must hold: an instant is always shown in a named time zone; a civil
//! date never moves with it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tickmark_catalog::Period;

/// A whole number with thousands apart: `13,480`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes: `214 KB`.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{} KB", n.div_ceil(1_000)),
        _ => format!("{}.{} MB", n / 1_000_000, n % 1_000_000 / 100_000),
    }
}

/// A day: `9 Mar 2026`.
pub fn day(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// A period: `1 Jul 2025 to 30 Jun 2026`.
pub fn period(period: Period) -> String {
    format!("{} to {}", day(period.start), day(period.end))
}

/// An instant in a time zone: `9 Mar 2026, 16:47`.
pub fn instant(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    zoned.strftime("%-d %b %Y, %H:%M").to_string()
}

/// The day of an instant in a time zone.
pub fn day_of(at: Timestamp, zone: &TimeZone) -> String {
    day(at.to_zoned(zone.clone()).date())
}

/// The first letters of a digest.
pub fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// A word of an enum as the ledger writes it, as people read it:
/// `not_observed` becomes `Not observed`.
pub fn words(name: &str) -> String {
    // Words that are written otherwise than their parts.
    let known = [
        ("it_dependent", "IT-dependent"),
        ("type1", "Type 1"),
        ("type2", "Type 2"),
        ("soc3", "SOC 3"),
        ("pdf", "PDF"),
        ("png", "PNG"),
        ("jpeg", "JPEG"),
        ("html", "HTML"),
    ];
    if let Some((_, words)) = known.iter().find(|(known, _)| *known == name) {
        return (*words).to_owned();
    }
    let text = name.replace(['_', '-'], " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// The name under which serde writes a value.
pub fn serde_name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// A value of an enum as people read it.
pub fn named(value: &impl serde::Serialize) -> String {
    words(&serde_name(value))
}

/// Text for a part of a query or path of an address.
pub fn url_part(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_have_their_thousands_apart() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (13_480, "13,480"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(super::number(n), text);
        }
    }

    #[test]
    fn words_of_enums_become_words_of_people() {
        assert_eq!(super::words("not_observed"), "Not observed");
        assert_eq!(super::words(""), "");
    }

    #[test]
    fn a_part_of_an_address_holds_nothing_special() {
        assert_eq!(super::url_part("a b/c?d&é"), "a%20b%2Fc%3Fd%26%C3%A9");
    }
}
