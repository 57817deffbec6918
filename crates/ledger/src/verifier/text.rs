//! The spellings that entries and bodies files have in common: times, digests
//! and strings.

use jiff::Timestamp;

/// How many bytes come before the next quote, backslash or control character.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    let (groups, _) = bytes.as_chunks::<32>();
    let plain = 32 * groups.iter().take_while(|group| is_plain(group)).count();
    let rest = bytes.get(plain..).unwrap_or(&[]).iter();
    plain + rest.take_while(|byte| special(**byte) == 0).count()
}

/// Looks at a whole group without an early exit, which the compiler turns into
/// a few instructions.
fn is_plain(group: &[u8; 32]) -> bool {
    group.iter().fold(0, |found, byte| found | special(*byte)) == 0
}

/// 1 for a byte that no string holds as it is.
fn special(byte: u8) -> u8 {
    u8::from(byte == b'"') | u8::from(byte == b'\\') | u8::from(byte < 0x20)
}

/// 32 bytes in lower-case hexadecimal.
pub(super) fn digest(text: &[u8]) -> Option<[u8; 32]> {
    let text: &[u8; 64] = text.try_into().ok()?;
    let mut digest = [0; 32];
    let mut sound = true;
    for (to, [high, low]) in digest.iter_mut().zip(text.as_chunks().0) {
        let (high, low) = (nibble(*high), nibble(*low));
        sound &= high < 16 && low < 16;
        *to = high << 4 | low & 15;
    }
    sound.then_some(digest)
}

/// Value of a hexadecimal digit; at least 16 for anything else.
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => 16,
    }
}

/// A time in UTC, in the one spelling it has.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    plain_time(text.as_bytes()).or_else(|| {
        let time: Timestamp = text.parse().ok()?;
        (time.to_string() == text).then_some(time)
    })
}

/// `2026-02-27T09:30:00Z`, or with a fraction of up to nine digits of which the
/// last is not zero. Nothing where it is not spelled so: slower code decides.
fn plain_time(text: &[u8]) -> Option<Timestamp> {
    let (civil, rest) = text.split_first_chunk::<19>()?;
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T',
        rest_of_day @ ..,
    ] = civil
    else {
        return None;
    };
    let [h1, h2, b':', n1, n2, b':', s1, s2] = rest_of_day else {
        return None;
    };
    let two = |tens: &u8, ones: &u8| Some(decimal(*tens)? * 10 + decimal(*ones)?);
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    let sound = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let seconds = ((day_number(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    let time = Timestamp::new(seconds, fraction(rest.strip_suffix(b"Z")?)?).ok()?;
    sound.then_some(time)
}

/// Nanoseconds of `.5` to `.123456789`, or of nothing.
fn fraction(text: &[u8]) -> Option<i32> {
    let Some((point, digits)) = text.split_first() else {
        return Some(0);
    };
    let sound = *point == b'.' && digits.len() <= 9 && digits.last().is_some_and(|d| *d != b'0');
    if !sound {
        return None;
    }
    let padded = digits.iter().copied().chain(std::iter::repeat(b'0'));
    padded.take(9).try_fold(0, |sum, digit| {
        Some(sum * 10 + i32::try_from(decimal(digit)?).ok()?)
    })
}

fn decimal(digit: u8) -> Option<i64> {
    digit.is_ascii_digit().then(|| i64::from(digit - b'0'))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1 January 1970 to a day of the Gregorian calendar. A year is
/// counted from March, so that the leap day is its last.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days_before_month = (153 * month + 2) / 5;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + days_before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::{digest, plain_length, plain_time, time};

    proptest! {
        #[test]
        fn every_time_reads_as_it_was_written(
            seconds in -62_167_219_200_i64..253_402_207_200,
            nanosecond in prop_oneof![Just(0), 0..1_000_000_000, (0..1_000).prop_map(|n| n * 1_000_000)],
        ) {
            let time = Timestamp::new(seconds, nanosecond).unwrap();
            prop_assert_eq!(plain_time(time.to_string().as_bytes()), Some(time));
        }

        #[test]
        fn what_is_read_is_spelled_that_way(text in "[0-9]{3}[0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,10})?Z") {
            let slow = text.parse::<Timestamp>().ok().filter(|time| time.to_string() == text);
            prop_assert_eq!(time(&text), slow);
            prop_assert!(plain_time(text.as_bytes()).is_none_or(|fast| Some(fast) == slow));
        }

        #[test]
        fn a_string_ends_where_it_must(text in "[a-z]{0,70}[\"\\\\\n é]?[a-z]{0,40}") {
            let expected = text.find(['"', '\\', '\n']).unwrap_or(text.len());
            prop_assert_eq!(plain_length(text.as_bytes()), expected);
        }

        #[test]
        fn a_digest_has_one_spelling(bytes: [u8; 32], at in 0_usize..64, wrong in "[A-Fg-z ]") {
            let text = hex::encode(bytes);
            prop_assert_eq!(digest(text.as_bytes()), Some(bytes));
            let mut changed = text;
            changed.replace_range(at..=at, &wrong);
            prop_assert_eq!(digest(changed.as_bytes()), None);
        }
    }

    #[test]
    fn times_that_are_no_times_are_refused() {
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.10Z",
            "2026-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
            "2026-01-01t00:00:00z",
            "",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
