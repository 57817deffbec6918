//! What everyone is asked to do once a year: performance review, training and
//! the handbook; hires get the handbook on their first day.
//!
//! 101 reviews, 124 trainings, 158 acknowledgements. V5: five trainings were
//! late, two of them never finished.

use jiff::civil::{Date, date};

use super::clock::{self, maybe, plus, us};
use super::draw::Draw;
use super::files::{Csv, Dialect};
use super::people::{Company, Employment, Worker};
use super::roster::on_payroll;
use super::{Outcome, Run};

/// Day the yearly training and the handbook were put before everyone.
const CAMPAIGN: Date = date(2026, 2, 2);
/// Day the performance reviews of 2025 were due.
const REVIEWS_DUE: Date = date(2025, 12, 12);
/// Who started later is not part of the cycle.
const REVIEW_CUT_OFF: Date = date(2025, 8, 31);

/// Writes reviews, trainings and acknowledgements.
pub fn write(company: &Company, run: &mut Run) -> Outcome<()> {
    performance_reviews(company, run)?;
    training(company, run)?;
    acknowledgements(company, run)
}

fn performance_reviews(company: &Company, run: &mut Run) -> Outcome<()> {
    let header = ["Employee ID", "Cycle", "Due", "Held On", "Security Goals"];
    let path = "exports/hris/performance-reviews.csv";
    let mut csv = Csv::create(run.folder, path, Dialect::Quoted, &header)?;
    let mut draw = run.draw("performance-reviews");
    for worker in on_payroll(company) {
        let eligible = worker.employment == Employment::Employee && worker.start <= REVIEW_CUT_OFF;
        if eligible && worker.works_on(REVIEWS_DUE) {
            let held = plus(REVIEWS_DUE, -draw.between(0, 24));
            csv.row(&[
                worker.id.clone(),
                "2025".to_owned(),
                us(REVIEWS_DUE),
                us(held),
                "Yes".to_owned(),
            ])?;
        }
    }
    let rows = csv.finish()?;
    run.key.population("performance_reviews", rows as usize);
    run.count("hris-performance-reviews", rows);
    Ok(())
}

/// Everyone at work when the campaigns began.
fn campaign(company: &Company) -> Vec<&Worker> {
    let mut invited = company.active(CAMPAIGN);
    invited.retain(|w| w.employment != Employment::Intern);
    invited
}

/// Day someone who is in time finishes what was assigned on `from`.
fn in_time(worker: &Worker, from: Date, draw: &mut Draw) -> Date {
    let done = plus(from, draw.between(1, 27));
    worker
        .last_day
        .map_or(done, |last| done.min(plus(last, -1)))
}

/// V5: five of the campaign's people were late, two of them never finished.
fn training(company: &Company, run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("training");
    let invited = campaign(company);
    let stay: Vec<&&Worker> = invited
        .iter()
        .filter(|w| w.last_day.is_none() && !w.is_head())
        .collect();
    let mut slow = draw.sample(stay.len(), 5);
    draw.shuffle(&mut slow);
    let slow: Vec<&str> = slow
        .iter()
        .filter_map(|n| stay.get(*n))
        .map(|w| w.id.as_str())
        .collect();
    let due = plus(CAMPAIGN, 30);
    let header = [
        "user_external_id",
        "course_code",
        "assigned",
        "due",
        "completed",
        "score",
    ];
    let mut csv = Csv::create(
        run.folder,
        "exports/lms/training.csv",
        Dialect::Plain,
        &header,
    )?;
    for worker in &invited {
        let done = match slow.iter().position(|id| *id == worker.id) {
            Some(0 | 1) => None,
            Some(_) => Some(plus(due, draw.between(4, 33))),
            None => Some(in_time(worker, CAMPAIGN, &mut draw)),
        };
        let score = if done.is_some() {
            draw.between(80, 100).to_string()
        } else {
            String::new()
        };
        let course = "security-2026".to_owned();
        csv.row(&[
            worker.id.clone(),
            course,
            CAMPAIGN.to_string(),
            due.to_string(),
            maybe(done, clock::iso),
            score,
        ])?;
    }
    let rows = csv.finish()?;
    run.count("lms-training", rows);
    run.key.population("training_population", rows as usize);
    let item = |id: &&str| format!("{id}/security-2026/{CAMPAIGN}");
    run.key.finding(
        "V5",
        format!(
            "two never completed: {}",
            slow.get(..2).unwrap_or_default().join(", ")
        ),
    );
    run.key.expects(
        "V5",
        "training-completed-on-time",
        Some(invited.len()),
        slow.iter().map(item).collect(),
    );
    Ok(())
}

/// The handbook: everyone in February, and each hire on the first day.
fn acknowledgements(company: &Company, run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("acknowledgements");
    let header = [
        "worker",
        "bundle",
        "version",
        "assigned_on",
        "due_on",
        "acknowledged_on",
    ];
    let path = "exports/grc/policy-acknowledgements.csv";
    let mut csv = Csv::create(run.folder, path, Dialect::Plain, &header)?;
    let hires = company.workers.iter().filter(|w| w.is_hire());
    let joining = hires.map(|w| (w, "handbook-joining", w.start));
    let yearly = campaign(company)
        .into_iter()
        .map(|w| (w, "handbook-2026", CAMPAIGN));
    for (worker, bundle, assigned) in joining.chain(yearly) {
        let done = if bundle == "handbook-2026" {
            in_time(worker, assigned, &mut draw)
        } else {
            plus(assigned, draw.between(0, 9))
        };
        let version = if assigned < CAMPAIGN {
            "2025.1"
        } else {
            "2026.1"
        };
        let due = plus(assigned, 30);
        csv.row(&[
            worker.id.as_str(),
            bundle,
            version,
            &assigned.to_string(),
            &due.to_string(),
            &done.to_string(),
        ])?;
    }
    let rows = csv.finish()?;
    run.key.population("policy_acknowledgements", rows as usize);
    run.count("grc-acknowledgements", rows);
    Ok(())
}
