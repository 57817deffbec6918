//! What a commit message tells about a change: its number, its title, who
//! approved it.
//!
//! Must hold: only forms that code hosts write are recognised; a message is a
//! claim of whoever wrote it, and the manifest says so.

/// What is kept of a commit message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// First line.
    pub subject: String,
    /// First line after it that is not blank.
    pub second: String,
    /// Number of the merged change, where the message names one.
    pub number: Option<i64>,
    /// Addresses in the `Reviewed-by` and `Approved-by` trailers, in order.
    pub approvers: Vec<String>,
}

impl Message {
    pub(super) fn parse(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim_end);
        let subject = lines.next().unwrap_or_default().to_owned();
        let second = lines
            .find(|line| !line.is_empty())
            .unwrap_or_default()
            .to_owned();
        let number = number(&subject, text);
        Self {
            subject,
            second,
            number,
            approvers: approvers(text),
        }
    }

    /// The title of the change a merge commit brings in.
    pub(super) fn title(&self) -> &str {
        let names_only_the_branch = self.subject.starts_with("Merge ") && !self.second.is_empty();
        if names_only_the_branch {
            &self.second
        } else {
            &self.subject
        }
    }
}

/// The number by which the code host knows the change.
fn number(subject: &str, text: &str) -> Option<i64> {
    let merged = subject
        .strip_prefix("Merge pull request #")
        .and_then(leading_number);
    let in_brackets =
        || number_at_end(subject, "(#").or_else(|| number_at_end(subject, "(pull request #"));
    let merge_request = || {
        let line = text
            .lines()
            .rev()
            .find(|line| line.starts_with("See merge request "))?;
        leading_number(line.rsplit_once('!')?.1)
    };
    merged.or_else(in_brackets).or_else(merge_request)
}

/// The number in `… (#12)`.
fn number_at_end(subject: &str, open: &str) -> Option<i64> {
    let (_, inner) = subject.strip_suffix(')')?.rsplit_once(open)?;
    let is_number = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| inner.parse().ok()).flatten()
}

fn leading_number(text: &str) -> Option<i64> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// Addresses in the trailers that say somebody approved.
fn approvers(text: &str) -> Vec<String> {
    trailers(text)
        .filter(|(key, _)| {
            ["reviewed-by", "approved-by"]
                .iter()
                .any(|name| key.eq_ignore_ascii_case(name))
        })
        .filter_map(|(_, value)| address(value))
        .collect()
}

/// The `Key: value` lines of the last paragraph, which is not the first.
fn trailers(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let start = lines.iter().rposition(|line| line.trim().is_empty());
    let paragraph = start.map_or(lines.len(), |blank| blank + 1);
    lines.into_iter().skip(paragraph).filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        let is_key = !key.is_empty()
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_key.then(|| (key, value.trim()))
    })
}

/// The address in `Name <address>`, or a bare address, in lower case.
fn address(value: &str) -> Option<String> {
    let inner = value
        .rsplit_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    let address = inner.map_or(value, |(address, _)| address).trim();
    let is_address = address.contains('@') && !address.contains(char::is_whitespace);
    is_address.then(|| address.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_number() {
        let check =
            |text: &str, expected| assert_eq!(Message::parse(text).number, expected, "{text}");
        check("Merge pull request #17 from x/y\n\nTitle", Some(17));
        check("Add backups (#9)", Some(9));
        check("Revert \"Add backups (#9)\" (#12)", Some(12));
        check("Add backups (#9) again", None);
        check("Add backups (#9a)", None);
        check("Merged in x (pull request #5)", Some(5));
        check(
            "Merge branch 'x' into 'main'\n\nTitle\n\nSee merge request relay/relay!31",
            Some(31),
        );
        check("Merge branch 'x'", None);
        check("Fix (#99999999999999999999)", None);
        check("", None);
    }

    #[test]
    fn finds_the_title() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Message::parse(text).title(), expected, "{text}")
        };
        check(
            "Merge pull request #17 from x/y\n\nAdd backups\n\nMore",
            "Add backups",
        );
        check("Merge branch 'x'", "Merge branch 'x'");
        check("Add backups (#9)\n\nBecause", "Add backups (#9)");
    }

    #[test]
    fn finds_approvers() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(Message::parse(text).approvers, expected, "{text}")
        };
        check(
            "S\n\nBody\n\nReviewed-by: Ann B <Ann@Example.com>\nSigned-off-by: C <c@x>\n",
            &["ann@example.com"],
        );
        check(
            "S\n\nApproved-by: a@x\nreviewed-by: B <b@x>\nTested-by: c@x",
            &["a@x", "b@x"],
        );
        check("S\n\nReviewed-by: Ann <a@x>\n\nMore text", &[]);
        check("Reviewed-by: Ann <a@x>", &[]);
        check("S\n\nReviewed-by: nobody at all\nReviewed-by: <>", &[]);
        check("S\n\nText that says Reviewed-by: Ann <a@x>", &[]);
        check("S\r\n\r\nReviewed-by: Ann <a@x>\r\n", &["a@x"]);
    }
}
