//! Five hundred tests over small tables: every test of the library, ten times,
//! over the populations of the sample company, in one context.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tickmark_catalog::catalog;
use tickmark_control_tests::{ControlTest, library};
use tickmark_evidence::{Collector, Import, Mapping, Rejects, SnapshotRecord, Store};
use tickmark_program::{Program, is_program_file};
use tickmark_runner::{Datasets, RunOptions, Runner, SnapshotFile};

use crate::{Outcome, config, peak_memory_kib};

const TESTS: usize = 500;

/// Runs them once and prints seconds, tests, items and peak memory.
pub fn run(folder: &Path) -> Outcome<()> {
    let store = folder.join("small");
    std::fs::create_dir_all(&store)?;
    let datasets = sample_company(&store)?;
    let tests = tests()?;
    let start = Instant::now();
    let runner = Runner::new(config(folder))?;
    let results = runner.run_all(&datasets, &tests, &RunOptions::default());
    let seconds = start.elapsed().as_secs_f64();
    let mut items = 0;
    for result in results {
        items += result?.items.len();
    }
    println!("seconds={seconds:.4}");
    println!("tests={}", tests.len());
    println!("items={items}");
    println!("peak_kib={}", peak_memory_kib().unwrap_or_default());
    Ok(())
}

/// The library over and over, each copy under an id of its own.
fn tests() -> Outcome<Vec<ControlTest>> {
    let library = library()?;
    let copies = library.iter().cycle().take(TESTS).enumerate();
    copies
        .map(|(number, test)| {
            let mut copy = test.clone();
            copy.id = format!("{}-{number}", test.id).parse()?;
            Ok(copy)
        })
        .collect()
}

fn sample_company(folder: &Path) -> Outcome<Datasets> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/fernhollow");
    let mut texts = BTreeMap::new();
    program_files(&sample, "", &mut texts)?;
    let program = Program::parse(&texts)?;
    let store = Store::open(folder)?;
    let mut snapshots = Vec::new();
    for (id, text) in &program.sources {
        snapshots.push(import(
            &sample,
            &format!("sources/{id}.toml"),
            text,
            &store,
        )?);
    }
    Ok(Datasets {
        snapshots,
        program: Datasets::tables_of(&program)?,
        calendars: Datasets::calendars_of(&program),
        time_zone: program.organization.time_zone.clone(),
        period: program.period,
        as_of: "2026-07-10T00:00:00Z".parse()?,
        completeness: BTreeMap::new(),
    })
}

fn program_files(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) -> Outcome<()> {
    for entry in std::fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            program_files(&path, &format!("{name}/"), found)?;
        } else if is_program_file(&name) {
            found.insert(name, std::fs::read_to_string(path)?);
        }
    }
    Ok(())
}

fn import(sample: &Path, name: &str, text: &str, store: &Store) -> Outcome<SnapshotFile> {
    let mapping = Mapping::parse(name, text, &catalog().datasets)?;
    let mut datasets = catalog().datasets.iter();
    let dataset = datasets.find(|dataset| dataset.name == mapping.dataset);
    let import = Import {
        dataset: dataset.ok_or("no dataset")?,
        mapping: &mapping,
        collector: Collector {
            name: "bench".to_owned(),
            version: "1".to_owned(),
        },
        collected_at: "2026-07-03T00:00:00Z".parse()?,
        rejects: Rejects::Refuse,
    };
    let record = SnapshotRecord::of(&import.run(sample, store)?);
    Ok(SnapshotFile {
        path: store.local_path(&record.derived),
        dataset: record.dataset,
        source: record.source_id,
        observed_at: record.observed_at,
        sha256: record.derived,
        rows: record.row_count,
    })
}
