//! The catalogue of strings is what the sources say.

use std::collections::BTreeSet;
use std::path::Path;

/// Every string marked in a source: what `t!` and `tn!` begin with, and the
/// titles of pages.
fn marked(source: &str, found: &mut BTreeSet<String>) {
    for (mark, count) in [("t!(", 1), ("tn!(", 2), ("    title: ", 1)] {
        for (at, _) in source.match_indices(mark) {
            // `format!(` ends like `t!(`.
            let before = source.get(..at).and_then(|it| it.chars().next_back());
            if before.is_some_and(|it| it.is_alphanumeric() || it == '_') {
                continue;
            }
            let rest = source.get(at + mark.len()..).unwrap().trim_start();
            if count == 2 || rest.starts_with('"') {
                literals(rest, count)
                    .into_iter()
                    .for_each(|it| _ = found.insert(it));
            }
        }
    }
}

/// The first `count` string literals of a text.
fn literals(text: &str, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut letters = text.chars();
    while found.len() < count && letters.by_ref().any(|it| it == '"') {
        let mut literal = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '"' => break,
                '\\' => literal.extend(letters.next()),
                other => literal.push(other),
            }
        }
        found.push(literal);
    }
    found
}

fn sources(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("strings.rs") {
            marked(&std::fs::read_to_string(&path).unwrap(), found);
        }
    }
}

#[test]
fn the_catalogue_lists_every_string() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    sources(&root.join("src"), &mut found);
    let listed: String = found.iter().map(|it| format!("{it}\n")).collect();
    let pinned = std::fs::read_to_string(root.join("strings/en.txt")).unwrap_or_default();
    if listed != pinned {
        let path = std::env::temp_dir().join("tickmark-strings.txt");
        std::fs::write(&path, &listed).unwrap();
        panic!(
            "strings/en.txt is not what the sources say; as it is now: {}",
            path.display()
        );
    }
}
