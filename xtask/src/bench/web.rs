//! The web application under load: the sample company, and one of 5,000 people,
//! 500 controls and a million entries.
//!
//! What must hold: the server has one processor and the load tool the other;
//! requests are sent at a fixed rate whether answers come or not, and a run that
//! did not keep its rate is no figure; every page measured answered 200 before
//! and throughout.

mod company;
mod first_load;
mod http;
mod load;
mod server;

use std::time::Instant;

use super::Bench;
use super::measure::{median, megabytes};
use crate::run;

use company::Company;
use http::Answer;
use load::Latency;
use server::{Page, Server};

/// Requests a second.
const RATE: u32 = 200;
/// Changes whose latency is measured, one after the other.
const CHANGES: u32 = 30;

/// What was measured of one company.
struct Measured {
    name: &'static str,
    title: &'static str,
    goal_ms: f64,
    goal_kib: f64,
    pages: Vec<Loaded>,
    start_seconds: f64,
    resting_kib: f64,
    peak_kib: f64,
    changes: Latency,
}

/// A page under load.
struct Loaded {
    page: Page,
    /// Bytes of the page as sent.
    sent_bytes: usize,
    /// Time of the processor for one request, which other programs on the
    /// machine change little.
    cpu_ms: f64,
    latency: Latency,
}

/// Measures both companies, and the first load.
pub fn run(bench: &Bench) -> Result<String, String> {
    run::debian(&[("h2load", "nghttp2-client"), ("taskset", "util-linux")])?;
    let companies = company::make(bench)?;
    let pages = server::pages(&super::read(&run::root().join("browser/pages.json"))?)?;
    let mut measured = Vec::new();
    let mut first = None;
    for company in &companies {
        let mut starts = Vec::new();
        for _ in 1..bench.options.rounds {
            starts.push(start(bench, company)?.0);
        }
        let (taken, server) = start(bench, company)?;
        starts.push(taken);
        if first.is_none() {
            first = Some(first_load::of(&server)?);
        }
        measured.push(of(bench, company, &server, &pages, median(starts))?);
    }
    let first = first.ok_or("no company was measured")?;
    Ok(format!("{}\n\n{}", tables(&measured), first.table()))
}

/// Starts a server; the seconds until the dashboard is answered.
fn start(bench: &Bench, company: &Company) -> Result<(f64, Server), String> {
    let begun = Instant::now();
    let server = Server::start(&bench.product, &company.folder)?;
    let cookie = server.sign_in("owner")?;
    server.get("/", &cookie)?.expect(200, "/")?;
    Ok((begun.elapsed().as_secs_f64(), server))
}

fn of(
    bench: &Bench,
    company: &Company,
    server: &Server,
    pages: &[Page],
    start_seconds: f64,
) -> Result<Measured, String> {
    let mut rounds: Vec<Vec<Loaded>> = pages.iter().map(|_| Vec::new()).collect();
    for _ in 0..bench.options.rounds {
        for (page, loaded) in pages.iter().zip(&mut rounds) {
            loaded.push(load_page(bench, company, server, page)?);
        }
    }
    let told = rounds.into_iter().filter_map(together).collect();
    let resting_kib = server.kib("VmRSS:")?;
    let changes = changes(server)?;
    Ok(Measured {
        name: company.name,
        title: company.title,
        goal_ms: company.goal_ms,
        goal_kib: company.goal_kib,
        pages: told,
        start_seconds,
        resting_kib,
        peak_kib: server.kib("VmHWM:")?,
        changes,
    })
}

/// Puts one page under load.
fn load_page(
    bench: &Bench,
    company: &Company,
    server: &Server,
    page: &Page,
) -> Result<Loaded, String> {
    let cookie = server.cookie_of(page)?;
    // What a page reads for the first time it reads once, as for anyone.
    let begun = Instant::now();
    let answer = server.get(&page.path, &cookie)?;
    let first = begun.elapsed();
    answer.expect(200, &page.path)?;
    let requests = bounded(RATE * bench.options.seconds, server, page, &cookie)?;
    let before = server.cpu_seconds()?;
    let latency = load::run(&server.address(&page.path), &cookie, RATE, requests)?;
    let cpu_ms = (server.cpu_seconds()? - before) * 1000.0 / f64::from(requests);
    eprintln!(
        "{}: {} p50 {:.2} ms, p99 {:.2} ms, worst {:.1} ms, first {:.1} ms, {cpu_ms:.2} ms of processor, {} bytes",
        company.name,
        page.path,
        latency.p50_ms,
        latency.p99_ms,
        latency.worst_ms,
        first.as_secs_f64() * 1000.0,
        answer.body.len()
    );
    Ok(Loaded {
        page: page.clone(),
        sent_bytes: answer.body.len(),
        cpu_ms,
        latency,
    })
}

/// The rounds of one page as one: medians, and the worst of all.
fn together(rounds: Vec<Loaded>) -> Option<Loaded> {
    let of = |figure: fn(&Loaded) -> f64| median(rounds.iter().map(figure).collect());
    let (cpu_ms, p50_ms) = (of(|it| it.cpu_ms), of(|it| it.latency.p50_ms));
    let p99_ms = of(|it| it.latency.p99_ms);
    let worst = rounds.iter().map(|it| it.latency.worst_ms);
    let worst_ms = worst.fold(0.0, f64::max);
    let first = rounds.into_iter().next()?;
    Some(Loaded {
        cpu_ms,
        latency: Latency {
            p50_ms,
            p99_ms,
            worst_ms,
        },
        ..first
    })
}

/// How many requests to send: all, or as many as a page that cannot keep the
/// rate answers within some seconds.
fn bounded(wanted: u32, server: &Server, page: &Page, cookie: &str) -> Result<u32, String> {
    const SECONDS: f64 = 8.0;
    let begun = Instant::now();
    server.get(&page.path, cookie)?.expect(200, &page.path)?;
    let possible = SECONDS / begun.elapsed().as_secs_f64();
    Ok(wanted.min((possible as u32).max(20)))
}

/// Proposes texts for a policy, each an entry, and waits for each.
fn changes(server: &Server) -> Result<Latency, String> {
    let cookie = server.sign_in("compliance_manager")?;
    let shown = server.get_plain("/policies/access-control/edit", &cookie)?;
    let text = first_load::text_area(&shown.text()).ok_or("the editor shows no text")?;
    let mut taken = Vec::new();
    for number in 0..CHANGES {
        let text = format!("{text}\n\nProposed, {number}.\n");
        let begun = Instant::now();
        let answer = server.post(
            "/policies/access-control/draft",
            &cookie,
            &[("text", text.as_str())],
        )?;
        taken.push(begun.elapsed().as_secs_f64() * 1000.0);
        answer.expect(303, "a draft of a policy")?;
    }
    Ok(Latency::of(taken))
}

impl Answer {
    /// Fails unless the status is the one wanted.
    fn expect(&self, status: u16, what: &str) -> Result<(), String> {
        if self.status == status {
            return Ok(());
        }
        Err(format!("{what} answered {}, not {status}", self.status))
    }
}

/// The tables for docs/BENCHMARKS.md.
fn tables(measured: &[Measured]) -> String {
    let mut table = "## Web application\n\n| | ".to_owned();
    let cells = |cell: &dyn Fn(&Measured) -> String| -> String {
        measured
            .iter()
            .map(|it| format!(" {} |", cell(it)))
            .collect()
    };
    table.push_str(
        &cells(&|it| it.title.to_owned())
            .trim_start()
            .replace("  ", " "),
    );
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(measured.len()));
    let mut row = |title: &str, cell: &dyn Fn(&Measured) -> String| {
        table.push_str(&format!("\n| {title} |{}", cells(cell)));
    };
    row("start of the server to the first page answered", &|it| {
        format!("{:.2} s", it.start_seconds)
    });
    row("slowest page, p50", &|it| {
        slowest(it, |latency| latency.p50_ms)
    });
    row("slowest page, p99", &|it| {
        slowest(it, |latency| latency.p99_ms)
    });
    row("pages over the goal", &|it| {
        let over = it
            .pages
            .iter()
            .filter(|page| page.latency.p99_ms > it.goal_ms);
        let over: Vec<&str> = over.map(|it| it.page.path.as_str()).collect();
        match over.as_slice() {
            [] => format!("none of {} over {} ms", it.pages.len(), it.goal_ms),
            over => format!("`{}` over {} ms", over.join("`, `"), it.goal_ms),
        }
    });
    row("a change, p50 and worst", &|it| {
        format!("{:.1} ms, {:.1} ms", it.changes.p50_ms, it.changes.worst_ms)
    });
    row("memory after all pages", &|it| megabytes(it.resting_kib));
    row("largest memory, and the goal", &|it| {
        format!("{}, {}", megabytes(it.peak_kib), megabytes(it.goal_kib))
    });
    table.push_str("\n\n| page |");
    for it in measured {
        table.push_str(&format!(" {}: sent | processor | p50 | p99 |", it.name));
    }
    table.push_str("\n|---|");
    table.push_str(&"---|---|---|---|".repeat(measured.len()));
    let Some(first) = measured.first() else {
        return table;
    };
    for (place, page) in first.pages.iter().enumerate() {
        table.push_str(&format!("\n| `{}` |", page.page.path));
        for it in measured {
            if let Some(loaded) = it.pages.get(place) {
                table.push_str(&format!(
                    " {:.1} kB | {:.2} ms | {:.1} ms | {:.1} ms |",
                    loaded.sent_bytes as f64 / 1000.0,
                    loaded.cpu_ms,
                    loaded.latency.p50_ms,
                    loaded.latency.p99_ms
                ));
            }
        }
    }
    table
}

/// The page with the greatest of some figure.
fn slowest(measured: &Measured, of: impl Fn(&Latency) -> f64) -> String {
    let pages = measured.pages.iter();
    let found = pages.max_by(|a, b| of(&a.latency).total_cmp(&of(&b.latency)));
    found.map_or_else(String::new, |it| {
        format!("{:.1} ms, `{}`", of(&it.latency), it.page.path)
    })
}
