//! Where the seeded deviations lie in time.
//!
//! The committed exports tell a fixed story, because the program, the recorded
//! judgements and the documents of the sample company speak of it. Another
//! seed draws another story with the same number of deviations.

use jiff::civil::{Date, date};

use super::clock::{clear_days, plus};
use super::draw::Draw;
use super::options::DEFAULT_SEED;
use super::{Outcome, names};

/// Dates and places of the deviations that span several systems.
pub struct Story {
    /// V1: place in the leaver calendar of the one whose access stayed.
    pub late_leaver: usize,
    /// V1: the last day of that leaver.
    pub late_leaver_last_day: Date,
    /// V3: fiscal quarter whose review was late, 1 to 3.
    pub late_review_quarter: usize,
    /// V3: system of that review.
    pub late_review_system: &'static str,
    /// V8: record number of the critical supplier that was not reviewed.
    pub unreviewed_vendor: usize,
    /// V10: the repository made during the period.
    pub new_repository: &'static str,
    /// V10: the day it was made.
    pub new_repository_on: Date,
    /// T8: the day of the outage.
    pub outage_on: Date,
    /// T8: place of the outage among the six incidents.
    pub outage_incident: usize,
}

/// Months of the eighteen employees' last days, in order; July is 0.
pub const LEAVER_MONTHS: [usize; 18] = [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 11];

impl Story {
    /// The story of `seed`.
    pub fn of(seed: u64) -> Outcome<Story> {
        if seed == DEFAULT_SEED {
            Ok(Story::committed())
        } else {
            Story::drawn(&mut Draw::new(seed, "story"))
        }
    }

    fn committed() -> Story {
        Story {
            late_leaver: 12,
            late_leaver_last_day: date(2026, 2, 27),
            late_review_quarter: 2,
            late_review_system: "warehouse",
            unreviewed_vendor: 8,
            new_repository: "ml-pipeline",
            new_repository_on: date(2026, 3, 3),
            outage_on: date(2026, 4, 14),
            outage_incident: 5,
        }
    }

    fn drawn(draw: &mut Draw) -> Outcome<Story> {
        let late_leaver = *draw.pick(&[1, 2, 5, 8, 11, 12, 13, 15])?;
        let month = LEAVER_MONTHS.get(late_leaver).copied().unwrap_or_default();
        let outage_incident = draw.below(6);
        Ok(Story {
            late_leaver,
            late_leaver_last_day: *draw.pick(&leaving_days(month, 13))?,
            late_review_quarter: draw.between(1, 3) as usize,
            late_review_system: draw.pick(&["warehouse", "crm", "billing", "support-desk"])?,
            unreviewed_vendor: draw.between(4, 11) as usize,
            new_repository: draw.pick(&[
                "ml-pipeline",
                "relay-assist",
                "edge-cache",
                "relay-exports",
            ])?,
            new_repository_on: *draw.pick(&clear_days(date(2025, 9, 22), date(2026, 4, 10), 1))?,
            outage_on: *draw.pick(&incident_days(outage_incident))?,
            outage_incident,
        })
    }

    /// V10: the first day on which the new repository was protected.
    pub fn protected_from(&self) -> Date {
        plus(self.new_repository_on, 23)
    }

    /// The fourteen repositories, the new one last.
    pub fn repositories(&self) -> Vec<&'static str> {
        let mut all = names::REPOSITORIES.to_vec();
        all.push(self.new_repository);
        all
    }
}

/// Days on which an employee may leave in `month` (July is 0) with no
/// possible holiday in the `span` days after.
pub fn leaving_days(month: usize, span: i64) -> Vec<Date> {
    let first = super::clock::months()
        .get(month)
        .copied()
        .unwrap_or(super::clock::PERIOD_START);
    let (low, high) = match month {
        0 => (7, 31),
        5 => (15, 31),
        7 => (17, 28),
        11 => (1, 22),
        _ => (1, 31),
    };
    clear_days(first, first.last_of_month(), span)
        .into_iter()
        .filter(|d| (low..=high).contains(&d.day()))
        .collect()
}

/// Business days of the two months in which incident `place` (0 to 5) falls.
pub fn incident_days(place: usize) -> Vec<Date> {
    let months = super::clock::months();
    let first = months
        .get(place * 2)
        .copied()
        .unwrap_or(super::clock::PERIOD_START);
    clear_days(plus(first, 6), plus(first, 50), 1)
}
