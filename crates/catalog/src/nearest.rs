//! The nearest name to one that does not exist, for hints.
//!
//! Must hold: a suggestion is only made when it is close enough to be what the
//! person meant; a wild guess is worse than none.

/// The candidate that was most likely meant by `input`.
///
/// Letter case does not count. Of several equally near candidates the first
/// wins. `None` when more than a third of the letters (at least one, or two
/// from four letters on) would have to change.
///
/// ```
/// use tickmark_catalog::nearest;
/// assert_eq!(nearest("titel", ["id", "title"]), Some("title"));
/// assert_eq!(nearest("population", ["id", "title"]), None);
/// ```
pub fn nearest<'c>(input: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let wanted = input.to_lowercase();
    let limit = allowed_changes(wanted.chars().count());
    candidates
        .into_iter()
        .map(|candidate| (changes(&wanted, candidate), candidate))
        .filter(|(changes, _)| *changes <= limit)
        .min_by_key(|(changes, _)| *changes)
        .map(|(_, candidate)| candidate)
}

fn changes(wanted: &str, candidate: &str) -> usize {
    strsim::damerau_levenshtein(wanted, &candidate.to_lowercase())
}

fn allowed_changes(length: usize) -> usize {
    if length < 4 { 1 } else { (length / 3).max(2) }
}
