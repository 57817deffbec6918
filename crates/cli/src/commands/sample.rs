//! `tickmark sample`: sizes, draws and limits.

use std::io::Read;
use std::path::Path;

use serde_json::json;
use tickmark_catalog::Problem;
use tickmark_engagement::sampling::{
    DRAW_ALGORITHM, Draw, Methodology, Rate, finite_sample_size, population_digest, sample_size,
    seed, upper_count, upper_limit,
};
use tickmark_realm::Result;

use super::Session;
use crate::args::SampleCommand;
use crate::output::{counted, plain};

/// Runs a subcommand.
///
/// # Errors
/// When the rates leave no size, or the population cannot be drawn from.
pub fn run(session: &Session, command: SampleCommand) -> Result<u8> {
    match command {
        SampleCommand::Size {
            confidence,
            tolerable,
            expected,
            population,
        } => size(session, &confidence, &tolerable, &expected, population),
        SampleCommand::Evaluate {
            n,
            deviations,
            confidence,
            population,
        } => evaluate(session, n, deviations, &confidence, population),
        SampleCommand::Draw {
            items,
            control,
            nonce,
            size,
            after,
            risk,
        } => {
            check_nonce(&nonce)?;
            let population = read_items(&items)?;
            let digest = population_digest(&population);
            let draw = Draw::new(&population, seed(&digest, &control, &nonce)).map_err(refused)?;
            let size = size.unwrap_or_else(|| {
                Methodology::default().size(population.len() as u64, risk) as usize
            });
            let drawn = draw.extension(after, size).map_err(refused)?;
            let answer = json!({
                "algorithm": DRAW_ALGORITHM, "population": population.len(), "population_sha256": digest,
                "control": control, "nonce": nonce, "after": after, "items": drawn,
            });
            session.output.print(&answer, || {
                drawn
                    .iter()
                    .map(|item| format!("{}\n", plain(item)))
                    .collect()
            })?;
            Ok(0)
        }
    }
}

fn size(
    session: &Session,
    confidence: &Rate,
    tolerable: &Rate,
    expected: &Rate,
    population: Option<u64>,
) -> Result<u8> {
    let size = match population {
        Some(population) => finite_sample_size(population, confidence, tolerable, expected),
        None => sample_size(confidence, tolerable, expected),
    };
    let size =
        size.map_err(|error| Problem::new("no sample size fits").cause(error.to_string()))?;
    session.output.print(&size, || {
        format!(
            "test {}; with at most {} found, the tolerable rate is excluded\n",
            counted(size.n, "item", "items"),
            counted(size.k, "deviation", "deviations")
        )
    })?;
    Ok(0)
}

fn evaluate(
    session: &Session,
    n: u64,
    deviations: u64,
    confidence: &Rate,
    population: Option<u64>,
) -> Result<u8> {
    if deviations > n || population.is_some_and(|population| n > population) {
        let wrong = Problem::new("the figures contradict each other");
        return Err(wrong.cause("there cannot be more deviations than items tested, nor more items tested than there are").into());
    }
    let limit = upper_limit(n, deviations, confidence);
    let mut answer = json!({
        "n": n, "deviations": deviations, "rate": if n == 0 { 0.0 } else { deviations as f64 / n as f64 },
        "upper_limit": limit.exact, "upper_limit_percent": limit.percent(),
    });
    let mut text = format!(
        "{deviations} of {n}: the rate of deviation is at most {} % ({:.4} %) at this confidence\n",
        limit.percent(),
        limit.exact * 100.0
    );
    if let (Some(population), Some(object)) = (population, answer.as_object_mut()) {
        let finite = upper_count(population, n, deviations, confidence);
        object.insert("upper_count".to_owned(), finite.count.into());
        object.insert("population".to_owned(), population.into());
        text.push_str(&format!(
            "at most {} of the {population} items of the population deviate\n",
            finite.count
        ));
    }
    session.output.print(&answer, || text)?;
    Ok(0)
}

/// A draw without a nonce could be foreseen by whoever makes the population.
fn check_nonce(nonce: &str) -> Result<()> {
    if !nonce.trim().is_empty() {
        return Ok(());
    }
    Err(Problem::new("the nonce is empty")
        .cause("whoever prepared the population could have known what would be drawn")
        .hint("think of a text now that the population is frozen, and note it down")
        .into())
}

fn read_items(path: &Path) -> Result<Vec<String>> {
    let unreadable = |error: std::io::Error| {
        Problem::new(format!("the items in `{}` cannot be read", path.display()))
            .cause(error.to_string())
    };
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(unreadable)?;
    } else {
        text = std::fs::read_to_string(path).map_err(unreadable)?;
    }
    Ok(text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect())
}

fn refused(error: tickmark_engagement::sampling::DrawError) -> Problem {
    Problem::new("nothing could be drawn").cause(error.to_string())
}
