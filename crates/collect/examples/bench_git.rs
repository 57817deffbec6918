//! Times the git collector on a generated repository.
//!
//! `cargo run --release -p tickmark-collect --example bench_git -- [COMMITS] [PATH]`:
//! makes a repository of COMMITS commits (100,000) with `git fast-import`, or
//! reads the clone at PATH, and prints what it found, the seconds it took and
//! the peak memory of the process.

use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use tickmark_catalog::catalog;
use tickmark_collect::GitSource;
use tickmark_evidence::{Rejects, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u32 = arguments
        .next()
        .map_or(Ok(100_000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    let path = match arguments.next() {
        Some(path) => PathBuf::from(path),
        None => generate(folder.path(), count)?,
    };
    let store = Store::open(&folder.path().join("store"))?;
    let source = GitSource {
        path: &path,
        repo: "relay",
        source_id: "git-relay",
        system: "Code host",
        tenant: "fernhollow",
        default_branch: None,
        covers: "2025-07-01..2026-06-30".parse()?,
        collected_at: "2026-07-02T15:00:00Z".parse()?,
        rejects: Rejects::Accept,
    };
    let start = Instant::now();
    let collected = source.collect(&catalog().datasets, &store)?;
    let seconds = start.elapsed().as_secs_f64();
    let commits = collected.commits.manifest.row_count;
    let changes = collected.pull_requests.manifest.row_count;
    let reviews = collected.reviews.manifest.row_count;
    println!("commits={commits}");
    println!("changes={changes}");
    println!("reviews={reviews}");
    println!("seconds={seconds:.3}");
    println!("peak_kib={}", peak_memory_kib().unwrap_or_default());
    Ok(())
}

/// Peak resident memory of this process, where the system tells it.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A repository in which every fourth commit merges a branch of two.
fn generate(folder: &Path, count: u32) -> Result<PathBuf, Box<dyn Error>> {
    let path = folder.join("relay.git");
    run(Command::new("git")
        .args(["init", "-q", "--bare", "-b", "main"])
        .arg(&path))?;
    let mut git = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(&path)
        .stdin(Stdio::piped())
        .spawn()?;
    let stdin = git.stdin.take().ok_or("no standard input")?;
    let mut stream = BufWriter::new(stdin);
    for mark in 1..=count {
        write_commit(&mut stream, mark)?;
    }
    stream.flush()?;
    drop(stream);
    if !git.wait()?.success() {
        return Err("git fast-import failed".into());
    }
    Ok(path)
}

fn write_commit(stream: &mut impl Write, mark: u32) -> std::io::Result<()> {
    let (branch, parents, message) = match mark % 4 {
        1 if mark == 1 => ("main", String::new(), "Begin".to_owned()),
        1 => (
            "main",
            format!("from :{}\n", mark - 1),
            format!("Repair {mark}"),
        ),
        2 => (
            "topic",
            format!("from :{}\n", mark - 1),
            format!("Write part {mark}"),
        ),
        3 => (
            "topic",
            format!("from :{}\n", mark - 1),
            format!(
                "Write part {mark}\n\nReviewed-by: R <r{}@fernhollow.example>",
                mark % 40
            ),
        ),
        _ => (
            "main",
            format!("from :{}\nmerge :{}\n", mark - 3, mark - 1),
            format!("Merge pull request #{mark} from fernhollow/topic\n\nChange {mark}"),
        ),
    };
    let time = 1_700_000_000 + u64::from(mark) * 60;
    let person = format!("Dev <dev{}@fernhollow.example> {time} +0000", mark % 50);
    let size = message.len();
    write!(
        stream,
        "commit refs/heads/{branch}\nmark :{mark}\nauthor {person}\ncommitter {person}\ndata {size}\n{message}\n{parents}M 644 inline file-{}\ndata 8\n{mark:08}\n",
        mark % 1000
    )
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    if command.status()?.success() {
        Ok(())
    } else {
        Err("git failed".into())
    }
}
