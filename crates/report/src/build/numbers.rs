//! Counts and percentages as a reader expects them.
//!
//! What must hold: a percentage never stands without its count; upper limits
//! are rounded up, never down.

/// `3,184`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 leaver`, `27 leavers`.
pub fn counted(number: u64, (one, many): &(String, String)) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

/// A fraction as a percentage with one decimal, rounded up: `9.4%`.
pub fn percent_up(fraction: f64) -> String {
    // The guard keeps 0.073 from becoming 7.4 through binary rounding.
    let permille = (fraction * 1000.0 - 1e-9).ceil().clamp(0.0, 1000.0);
    format!("{:.1}%", permille / 10.0)
}

/// A confidence level as a whole percentage: `95%`.
pub fn percent(fraction: f64) -> String {
    format!("{:.0}%", fraction * 100.0)
}

/// Upper-cases the first letter.
pub fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (3_184_000, "3,184,000"),
        ] {
            assert_eq!(grouped(number), expected);
        }
        for (fraction, expected) in [
            (0.0721, "7.3%"),
            (0.073, "7.3%"),
            (0.0938, "9.4%"),
            (1.0, "100.0%"),
        ] {
            assert_eq!(percent_up(fraction), expected);
        }
    }
}
