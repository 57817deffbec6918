//! Writers of the raw formats, all streaming and free of anything that would
//! differ between two runs.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Outcome;

/// A file below the export folder, its folders made as needed.
pub fn create(folder: &Path, path: &str) -> Outcome<BufWriter<File>> {
    let full = folder.join(path);
    if let Some(parent) = full.parent() {
        std::fs::create_dir_all(parent).map_err(|e| told(parent, e))?;
    }
    let file = File::create(&full).map_err(|e| told(&full, e))?;
    Ok(BufWriter::with_capacity(1 << 16, file))
}

/// An input or output error with the path it is about.
pub fn told(path: &Path, error: impl std::fmt::Display) -> String {
    format!("cannot write `{}`: {error}", path.display())
}

/// How a CSV file is written.
#[derive(Clone, Copy)]
pub enum Dialect {
    /// Commas, UTF-8, quotes only where needed.
    Plain,
    /// Commas, UTF-8, every text quoted, CRLF, as HR systems write.
    Quoted,
    /// Semicolons, windows-1252, CRLF, as European purchasing systems write.
    Semicolon,
}

/// A CSV file being written.
pub struct Csv {
    out: BufWriter<File>,
    dialect: Dialect,
    rows: u64,
}

impl Csv {
    /// Opens the file and writes the header.
    pub fn create(folder: &Path, path: &str, dialect: Dialect, header: &[&str]) -> Outcome<Csv> {
        let out = create(folder, path)?;
        let mut csv = Csv {
            out,
            dialect,
            rows: 0,
        };
        csv.line(header)?;
        Ok(csv)
    }

    /// Writes one record.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> Outcome<()> {
        self.rows += 1;
        self.line(cells)
    }

    /// Closes the file; the number of records.
    pub fn finish(mut self) -> Outcome<u64> {
        self.out.flush().map_err(|e| e.to_string())?;
        Ok(self.rows)
    }

    fn line<T: AsRef<str>>(&mut self, cells: &[T]) -> Outcome<()> {
        let (delimiter, end) = match self.dialect {
            Dialect::Plain => (",", "\n"),
            Dialect::Quoted => (",", "\r\n"),
            Dialect::Semicolon => (";", "\r\n"),
        };
        let cells: Vec<String> = cells.iter().map(|c| self.cell(c.as_ref())).collect();
        let text = cells.join(delimiter) + end;
        let bytes = match self.dialect {
            Dialect::Semicolon => windows_1252(&text)?,
            Dialect::Plain | Dialect::Quoted => text.into_bytes(),
        };
        self.out.write_all(&bytes).map_err(|e| e.to_string())
    }

    fn cell(&self, text: &str) -> String {
        let always = matches!(self.dialect, Dialect::Quoted);
        if always || text.contains([',', ';', '"', '\n']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    }
}

/// `text` in windows-1252, for the characters it shares with Latin-1.
fn windows_1252(text: &str) -> Outcome<Vec<u8>> {
    text.chars()
        .map(|c| match u8::try_from(u32::from(c)) {
            Ok(byte) if !(0x80..0xA0).contains(&byte) => Ok(byte),
            _ => Err(format!("`{c}` does not exist in windows-1252")),
        })
        .collect()
}

/// A file with one JSON value a line.
pub struct Ndjson {
    out: BufWriter<File>,
    rows: u64,
}

impl Ndjson {
    /// Opens the file.
    pub fn create(folder: &Path, path: &str) -> Outcome<Ndjson> {
        let out = create(folder, path)?;
        Ok(Ndjson { out, rows: 0 })
    }

    /// Writes one record.
    pub fn row(&mut self, value: &Value) -> Outcome<()> {
        self.rows += 1;
        writeln!(self.out, "{value}").map_err(|e| e.to_string())
    }

    /// Closes the file; the number of records.
    pub fn finish(mut self) -> Outcome<u64> {
        self.out.flush().map_err(|e| e.to_string())?;
        Ok(self.rows)
    }
}

/// A JSON document with one list of records, one a line.
pub struct JsonList {
    out: BufWriter<File>,
    rows: u64,
}

impl JsonList {
    /// Opens the document `{"<name>":[`.
    pub fn create(folder: &Path, path: &str, name: &str) -> Outcome<JsonList> {
        let mut out = create(folder, path)?;
        write!(out, "{{\"{name}\":[").map_err(|e| e.to_string())?;
        Ok(JsonList { out, rows: 0 })
    }

    /// Writes one record.
    pub fn row(&mut self, value: &Value) -> Outcome<()> {
        let separator = if self.rows == 0 { "\n" } else { ",\n" };
        self.rows += 1;
        write!(self.out, "{separator}{value}").map_err(|e| e.to_string())
    }

    /// Closes the document; the number of records.
    pub fn finish(mut self) -> Outcome<u64> {
        write!(self.out, "\n]}}\n").map_err(|e| e.to_string())?;
        self.out.flush().map_err(|e| e.to_string())?;
        Ok(self.rows)
    }
}

/// Every file below `folder`, as paths relative to it, sorted.
pub fn listing(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|e| e.to_string())?;
        if entry.file_type().is_file() {
            let path = entry
                .path()
                .strip_prefix(folder)
                .map_err(|e| e.to_string())?;
            paths.push(path.to_owned());
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_outside_windows_1252_are_refused() {
        assert_eq!(windows_1252("Zoë").unwrap(), b"Zo\xeb");
        assert!(windows_1252("Łuk").is_err());
    }
}
