//! Links between the documents lead somewhere.

use std::fs;
use std::path::Path;

use regex::Regex;

use super::{files, shown};

/// Code in a line, which holds no links, or a link; its target is the first
/// group.
const LINK: &str = r"`[^`]*`|\]\(([^)\s]+)\)";

/// Relative links in the documents whose target does not exist.
pub fn findings() -> Result<Vec<String>, String> {
    let link = Regex::new(LINK).map_err(|error| error.to_string())?;
    let documents = files(&["md"])
        .into_iter()
        .filter(|path| !shown(path).starts_with("sample/") && !shown(path).contains("/data/"));
    Ok(documents.flat_map(|path| in_file(&path, &link)).collect())
}

fn in_file(path: &Path, link: &Regex) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let folder = path.parent().unwrap_or(path);
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for target in link
            .captures_iter(line)
            .filter_map(|it| it.get(1))
            .map(|it| it.as_str())
        {
            if !leads_somewhere(path, &text, folder, target) {
                findings.push(format!(
                    "{}:{}: the link `{target}` leads nowhere",
                    shown(path),
                    index + 1
                ));
            }
        }
    }
    findings
}

fn leads_somewhere(path: &Path, text: &str, folder: &Path, target: &str) -> bool {
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file_path = if file.is_empty() {
        path.to_path_buf()
    } else {
        folder.join(file)
    };
    if !file_path.exists() {
        return false;
    }
    if anchor.is_empty() {
        return true;
    }
    let other = if file.is_empty() {
        text.to_owned()
    } else {
        fs::read_to_string(&file_path).unwrap_or_default()
    };
    other
        .lines()
        .filter(|line| line.starts_with('#'))
        .any(|line| slug(line) == anchor)
}

/// The anchor a heading gets.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use regex::Regex;

    use super::{LINK, in_file};

    fn check(text: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("other.md"), "# One heading: two words\n").unwrap();
        let path = folder.path().join("page.md");
        fs::write(&path, text).unwrap();
        let found = in_file(&path, &Regex::new(LINK).unwrap());
        let targets: Vec<&str> = found.iter().filter_map(|it| it.split('`').nth(1)).collect();
        assert_eq!(targets, expected);
    }

    #[test]
    fn a_link_leads_to_a_file_and_a_heading() {
        check("[a](other.md)", &[]);
        check("[a](other.md#one-heading-two-words)", &[]);
        check("[a](https://example.com/none)", &[]);
        check("# Here\n[a](#here)", &[]);
        check("[a](none.md)", &["none.md"]);
        check("[a](other.md#none)", &["other.md#none"]);
        check("[a](#none) and [b](none.md)", &["#none", "none.md"]);
        check("`[a](none.md)` and [`b`](other.md)", &[]);
        check("`a` and [`b`](none.md)", &["none.md"]);
    }
}
