//! Writes a result as lines that the other engines write too: one per item, the
//! fields split by `|`, a null as nothing.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use tickmark_control_tests::{ItemResult, TestResult};

use crate::Outcome;

/// Writes the items, in their order, with some columns of detail.
pub fn write(path: &Path, result: &TestResult, detail: &[&str]) -> Outcome<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for item in &result.items {
        write_item(&mut file, item, detail)?;
    }
    Ok(file.flush()?)
}

fn write_item(file: &mut impl Write, item: &ItemResult, detail: &[&str]) -> Outcome<()> {
    write!(file, "{}|{}|{}|", item.item, item.status, item.reason)?;
    if let Some(occurred) = item.occurred_at {
        write!(file, "{occurred}")?;
    }
    for name in detail {
        let value = item.detail.get(name).unwrap_or_default();
        write!(file, "|{value}")?;
    }
    writeln!(file, "|{}", item.intervals_text())?;
    Ok(())
}
