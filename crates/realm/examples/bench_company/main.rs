//! Grows the demo's company into a large one, for `cargo xtask bench --only web`.
//!
//! `bench_company DEMO ENTRIES TICKMARK`: `DEMO` is what `tickmark demo` wrote,
//! with the exports of a scaled company put over its own. Imports them, adds
//! controls and accounts, reconciles, tests, and writes a history until the
//! ledger has so many entries. Prints what it made as `name=value` lines.
//!
//! What must hold: everything comes in through the commands and the ledger's own
//! way of appending, so that the workspace is one like any other; the same
//! arguments give the same entries on every machine; the last word on each
//! source, test and reconciliation is the one whose rows are in the store.

mod clock;
mod history;
mod people;
mod program;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tickmark_ledger::NewEntry;
use tickmark_realm::{Company, CompanyState, Folded, Surroundings, Workspace, mappings};

use clock::Clock;
use history::History;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Controls the grown program has.
const CONTROLS: usize = 500;
/// Accounts that may come in, besides those of the demo.
const ACCOUNTS: u64 = 5_000;
/// Who does what the company's people do not.
const LEAD: &str = "compliance-lead";

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [demo, entries, tickmark] = arguments.as_slice() else {
        return Err("usage: bench_company DEMO ENTRIES TICKMARK".into());
    };
    let (demo, entries) = (PathBuf::from(demo), entries.parse()?);
    let started = Instant::now();
    grow(&demo, entries, Path::new(tickmark))?;
    println!("seconds={:.1}", started.elapsed().as_secs_f64());
    let started = Instant::now();
    let workspace = Workspace::open(&demo.join("fernhollow"), &demo.join("keys/company"))?;
    let state = CompanyState::read(&workspace, None)?;
    println!("replay_seconds={:.2}", started.elapsed().as_secs_f64());
    println!("entries={}", state.size);
    println!("controls={}", state.program()?.controls.len());
    println!("accounts={}", state.access.accounts().count());
    let roster = state.evidence.current("people");
    let people: u64 = roster.iter().map(|it| it.row_count).sum();
    println!("people={people}");
    Ok(())
}

fn grow(demo: &Path, entries: u64, tickmark: &Path) -> Outcome<()> {
    let folder = demo.join("fernhollow");
    let clock = Clock::new(entries)?;
    let (time, random) = (clock.clone(), clock.randomness());
    let surroundings = Surroundings::new(move || time.now(), random, tickmark);
    let mut company = Company::open(&folder, &demo.join("keys/company"), &surroundings)?;
    // The scaled exports brought the counts of their sources with them.
    let difference = company.difference(&folder)?;
    company.apply(LEAD, &difference)?;
    program::grow(&mut company, CONTROLS)?;
    populations(&mut company, &folder)?;
    people::add(&mut company, ACCOUNTS)?;
    let mut history = History::new(&company, ACCOUNTS)?;
    write(&company, &mut history, entries)?;
    program::write_down(&company, &folder)?;
    company.checkpoint()?;
    Ok(())
}

/// Takes in every export, compares and tests.
fn populations(company: &mut Company, folder: &Path) -> Outcome<()> {
    for mapping in mappings(&company.state().program()?)?.values() {
        company.import(LEAD, folder, mapping, None)?;
    }
    told("imported");
    company.reconcile(LEAD)?;
    let tested = company.test(LEAD, None, None, None, None)?;
    told("tested");
    // What could not be tested stays so, and pages show it.
    println!("tests={}", tested.results.len());
    Ok(())
}

/// Appends what happened until the ledger has so many entries.
fn write(company: &Company, history: &mut History, entries: u64) -> Outcome<()> {
    const BATCH: u64 = 4_000;
    let ledger = company.ledger();
    let last = history.last_words()?;
    let room = |size: u64| entries.saturating_sub(size + last.len() as u64);
    let mut size = company.state().size;
    while room(size) > 0 {
        let count = room(size).min(BATCH);
        let batch: Vec<NewEntry> = (0..count).map(|_| history.next()).collect::<Outcome<_>>()?;
        ledger.append(batch)?;
        size += count;
    }
    ledger.append(last)?;
    told("written");
    Ok(())
}

fn told(what: &str) {
    eprintln!("bench_company: {what}");
}

/// A digest that looks like any other and is that of nothing else.
fn digest(of: &str, number: u64) -> tickmark_catalog::Sha256Hex {
    tickmark_catalog::Sha256Hex::of(format!("{of} {number}").as_bytes())
}
