//! h2load over HTTP/1.1: requests at a fixed rate, and a log of each.
//!
//! Why h2load: of Debian's tools it alone sends at a rate that is given
//! (`wrk` and `ab` send as fast as answers come, `hey` waits for the answer
//! before) and logs every request, so that percentiles are of requests, not of
//! means. Ten connections, begun five milliseconds apart, take turns: one
//! request every five milliseconds, not ten at once.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench::measure::median;

const CONNECTIONS: u32 = 10;

/// How long answers took.
pub struct Latency {
    /// Half of them took no longer.
    pub p50_ms: f64,
    /// Ninety-nine of a hundred took no longer.
    pub p99_ms: f64,
    /// None took longer.
    pub worst_ms: f64,
}

impl Latency {
    /// The figures of some milliseconds.
    pub fn of(mut taken: Vec<f64>) -> Self {
        taken.sort_by(f64::total_cmp);
        let place = (taken.len() * 99).div_ceil(100).saturating_sub(1);
        Self {
            p99_ms: taken.get(place).copied().unwrap_or(f64::NAN),
            worst_ms: taken.last().copied().unwrap_or(f64::NAN),
            p50_ms: median(taken),
        }
    }
}

/// One request as logged: when it was sent, what was answered, how long it took.
struct Logged {
    sent_us: f64,
    status: u32,
    taken_us: f64,
}

/// Sends `requests` to a page, `rate` a second, from the second processor.
///
/// # Errors
/// When an answer was not 200 or failed, or the rate was not kept.
pub fn run(url: &str, cookie: &str, rate: u32, requests: u32) -> Result<Latency, String> {
    let log = std::env::temp_dir().join(format!("tickmark-load-{}.tsv", std::process::id()));
    let _ = std::fs::remove_file(&log);
    let mut load = Command::new("taskset");
    load.args(["-c", "1", "h2load", "--h1"]);
    load.args(["-c", &CONNECTIONS.to_string(), "-n", &requests.to_string()]);
    load.args(["--rps", &(rate / CONNECTIONS).to_string()]);
    load.args(["-r", "1", "--rate-period", &format!("{}ms", 1000 / rate)]);
    load.args(["-H", "accept-encoding: gzip", "-H", "accept: text/html"]);
    if !cookie.is_empty() {
        load.args(["-H", &format!("cookie: {cookie}")]);
    }
    load.arg(format!("--log-file={}", log.display())).arg(url);
    let ended = load
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("h2load could not start: {error}"))?;
    if !ended.success() {
        return Err(format!("h2load failed: {ended}"));
    }
    let latency = read(&log, url, rate, requests);
    let _ = std::fs::remove_file(&log);
    latency
}

fn read(log: &Path, url: &str, rate: u32, requests: u32) -> Result<Latency, String> {
    let text = crate::bench::read(log)?;
    let logged: Vec<Logged> = text.lines().filter_map(line).collect();
    if logged.len() as u32 != requests {
        return Err(format!(
            "{url}: {} of {requests} requests were answered",
            logged.len()
        ));
    }
    if let Some(other) = logged.iter().find(|it| it.status != 200) {
        return Err(format!("{url}: answered {} under load", other.status));
    }
    let kept = kept_rate(&logged);
    if kept < f64::from(rate) * 0.95 {
        eprintln!("{url}: only {kept:.0} requests a second; the server cannot keep up");
        let all = Latency::of(logged.iter().map(|it| it.taken_us / 1000.0).collect());
        // Who could not send has waited too: no figure is better than a wrong one.
        return Ok(Latency {
            p99_ms: f64::INFINITY,
            ..all
        });
    }
    Ok(Latency::of(
        logged.iter().map(|it| it.taken_us / 1000.0).collect(),
    ))
}

fn line(line: &str) -> Option<Logged> {
    let mut cells = line.split('\t');
    Some(Logged {
        sent_us: cells.next()?.parse().ok()?,
        status: cells.next()?.parse().ok()?,
        taken_us: cells.next()?.parse().ok()?,
    })
}

/// Requests sent a second.
fn kept_rate(logged: &[Logged]) -> f64 {
    let sent = || logged.iter().map(|it| it.sent_us);
    let span = sent().fold(f64::MIN, f64::max) - sent().fold(f64::MAX, f64::min);
    (logged.len() as f64 - 1.0) / (span / 1e6).max(1e-6)
}

#[cfg(test)]
mod tests {
    use super::{Latency, kept_rate, line};

    #[test]
    fn the_99th_of_100_is_the_second_worst() {
        let latency = Latency::of((1..=100).map(f64::from).collect());
        assert_eq!((latency.p99_ms, latency.worst_ms), (99.0, 100.0));
    }

    #[test]
    fn the_rate_is_that_of_sending() {
        let text = "1000000\t200\t900\n1005000\t200\t90000\n1010000\t200\t900";
        let logged: Vec<_> = text.lines().filter_map(line).collect();
        assert!((kept_rate(&logged) - 200.0).abs() < 0.001);
    }
}
