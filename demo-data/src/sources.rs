//! Mapping files: copied beside the exports, each with the true count of its
//! export.
//!
//! The mapping files of the sample company are written by hand; only the line
//! `source_count = …` is kept by the generator, because another seed or pack
//! has other counts.

use super::{Outcome, Run, files};
use std::path::Path;

/// Writes the mapping files of `sample` below the run's folder.
///
/// # Errors
/// A mapping file has no export, or an export no mapping file.
pub fn write(sample: &Path, run: &Run) -> Outcome<()> {
    let from = sample.join("sources");
    let mut missing: Vec<&String> = run.key.records.keys().collect();
    for path in files::listing(&from)? {
        let id = path.with_extension("").to_string_lossy().into_owned();
        let count = run
            .key
            .records
            .get(&id)
            .ok_or_else(|| format!("`sources/{}` has no export", path.display()))?;
        missing.retain(|known| **known != id);
        let full = from.join(&path);
        let text = std::fs::read_to_string(&full)
            .map_err(|e| format!("cannot read `{}`: {e}", full.display()))?;
        let target = run.folder.join("sources").join(&path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(|e| files::told(parent, e))?;
        }
        std::fs::write(&target, counted(&text, *count)).map_err(|e| files::told(&target, e))?;
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("exports without a mapping file: {missing:?}"))
    }
}

/// `text` with its `source_count` line saying `count`.
fn counted(text: &str, count: u64) -> String {
    let line = |line: &str| {
        if line.starts_with("source_count") {
            format!("source_count = {count}\n")
        } else {
            format!("{line}\n")
        }
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_count_changes() {
        assert_eq!(
            counted("id = \"x\"\nsource_count = 1\n[columns]\n", 7),
            "id = \"x\"\nsource_count = 7\n[columns]\n"
        );
    }
}
