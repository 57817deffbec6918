//! Makes small git repositories with `git fast-import`, and reads snapshots.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;
use tickmark_catalog::catalog;
use tickmark_collect::{GitCollection, GitSource};
use tickmark_evidence::{EvidenceError, Rejects, Snapshot, Store};

/// A repository with a store beside it.
pub struct Clone {
    folder: TempDir,
    pub store: Store,
}

impl Clone {
    /// An empty bare repository whose default branch is `main`.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let clone = Self { folder, store };
        clone.git(&["init", "-q", "--bare", "-b", "main", "."]);
        clone
    }

    pub fn path(&self) -> PathBuf {
        let path = self.folder.path().join("repo");
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.path(), arguments, b"")
    }

    /// Feeds a stream to `git fast-import`.
    pub fn fast_import(&self, stream: &[u8]) {
        git(&self.path(), &["fast-import", "--quiet", "--force"], stream);
    }

    pub fn collect(&self) -> Result<GitCollection, EvidenceError> {
        self.collect_from(&self.path(), None)
    }

    pub fn collect_from(
        &self,
        path: &Path,
        branch: Option<&str>,
    ) -> Result<GitCollection, EvidenceError> {
        let source = GitSource {
            path,
            repo: "relay",
            source_id: "git-relay",
            system: "Code host \"A\"",
            tenant: "fernhollow",
            default_branch: branch,
            covers: "2025-07-01..2026-06-30".parse().unwrap(),
            collected_at: "2026-07-02T15:00:00Z".parse().unwrap(),
            rejects: Rejects::Refuse,
        };
        source.collect(&catalog().datasets, &self.store)
    }

    /// The named columns of a snapshot, one line a row, `null` for null.
    pub fn rows(&self, snapshot: &Snapshot, columns: &[&str]) -> String {
        let file =
            std::fs::File::open(self.store.local_path(&snapshot.manifest.derived.sha256)).unwrap();
        let batches = ParquetRecordBatchReaderBuilder::try_new(file)
            .unwrap()
            .build()
            .unwrap();
        let mut lines = Vec::new();
        for batch in batches.map(Result::unwrap) {
            lines.extend((0..batch.num_rows()).map(|row| line(&batch, columns, row)));
        }
        lines.join("\n")
    }
}

pub fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

fn line(batch: &RecordBatch, columns: &[&str], row: usize) -> String {
    let cell = |name: &&str| cell(batch.column_by_name(name).unwrap(), row);
    columns.iter().map(cell).collect::<Vec<_>>().join(" | ")
}

fn cell(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "null".to_owned();
    }
    if let Some(texts) = column.as_string_opt::<i32>() {
        return texts.value(row).to_owned();
    }
    if let Some(truths) = column.as_boolean_opt() {
        return truths.value(row).to_string();
    }
    if let Some(times) = column.as_primitive_opt::<TimestampMicrosecondType>() {
        return (times.value(row) / 1_000_000).to_string();
    }
    column.as_primitive::<Int64Type>().value(row).to_string()
}

/// A stream for `git fast-import`.
#[derive(Default)]
pub struct Stream(pub Vec<u8>);

impl Stream {
    /// A commit on a branch: `mark` names it, `parents` are marks.
    pub fn commit(
        &mut self,
        branch: &str,
        mark: u32,
        (author, committer): (&str, &str),
        time: i64,
        message: impl AsRef<[u8]>,
        parents: &[u32],
    ) -> &mut Self {
        let message = message.as_ref();
        let head = format!(
            "commit refs/heads/{branch}\nmark :{mark}\nauthor {author} {} +0000\ncommitter {committer} {time} +0000\ndata {}\n",
            time - 10,
            message.len()
        );
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(message);
        self.0.push(b'\n');
        for (index, parent) in parents.iter().enumerate() {
            let kind = if index == 0 { "from" } else { "merge" };
            self.line(&format!("{kind} :{parent}"));
        }
        self.line(&format!("M 644 inline file-{mark}\ndata 1\nx\n"))
    }

    pub fn line(&mut self, line: &str) -> &mut Self {
        self.0.extend_from_slice(line.as_bytes());
        self.0.push(b'\n');
        self
    }
}
