//! Links between the documents lead somewhere.

use std::fs;
use std::path::Path;

use regex::Regex;

use super::{files, shown};

/// Relative links in the documents whose target does not exist.
pub fn findings() -> Vec<String> {
    let Ok(link) = Regex::new(r"\]\(([^)\s]+)\)") else {
        return Vec::new();
    };
    let documents = files(&["md"])
        .into_iter()
        .filter(|path| !shown(path).starts_with("sample/") && !shown(path).contains("/data/"));
    documents.flat_map(|path| in_file(&path, &link)).collect()
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
