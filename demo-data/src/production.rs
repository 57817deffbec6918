//! Who can reach production.
//!
//! 31 of those who stay, and a few who leave. V4: one hire among them started
//! before the background check was done.

use jiff::civil::date;

use super::Outcome;
use super::clock::plus;
use super::draw::{Draw, Quota};
use super::people::{Employment, Worker, places};

/// Active people who can reach production at the end.
const PRODUCTION: usize = 31;

/// Gives production access to 31 who stay and to a few who leave; V4: one of
/// the hires among them started eleven days before the background check was
/// done and got production access on day 15. Returns that hire's number.
pub fn grant(workers: &mut [Worker], scale: usize, draw: &mut Draw) -> Outcome<String> {
    let technical = |w: &Worker| {
        matches!(
            w.department,
            "Engineering" | "Data" | "Information Technology"
        )
    };
    let hires = places(workers, |w| {
        w.is_hire() && technical(w) && w.start <= date(2026, 4, 30)
    });
    let unchecked = *draw.pick(&hires)?;
    let staying = places(workers, |w| {
        technical(w) && w.last_day.is_none() && w.start <= date(2026, 4, 30)
    });
    let mut quota = Quota::new(PRODUCTION * scale - 1, staying.len() - 1);
    let mut granted = vec![unchecked];
    for index in staying {
        if index != unchecked && quota.takes(draw) {
            granted.push(index);
        }
    }
    let leaving = places(workers, |w| {
        technical(w) && w.last_day.is_some() && w.employment == Employment::Employee
    });
    granted.extend(leaving.into_iter().take(5 * scale));
    for index in granted {
        let wait = draw.between(16, 40);
        if let Some(worker) = workers.get_mut(index) {
            let wait = if index == unchecked { 15 } else { wait };
            worker.production_on = Some(plus(worker.start, wait));
        }
    }
    let worker = workers.get_mut(unchecked).ok_or("no hire to check late")?;
    worker.background_on = plus(worker.start, 11);
    Ok(worker.id.clone())
}
