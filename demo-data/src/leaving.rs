//! Who leaves the sample company, when, and when their access ends.
//!
//! 18 employees, 8 contractors and the intern. Access ends on the last day or
//! the next business day, except V1 and, in pack b, eight more.

use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::Outcome;
use super::clock::{self, Clock};
use super::draw::Draw;
use super::options::{Options, Pack};
use super::people::{Employment, Worker, places};
use super::story::{LEAVER_MONTHS, Story, leaving_days};

/// Months in which the eight contractors leave; July is 0.
const CONTRACTOR_LEAVERS: [usize; 8] = [1, 3, 4, 5, 8, 9, 10, 11];
/// The leavers of the year by place in the calendar: index of the worker, and
/// whether six business days and more can be counted after the last day.
pub struct Leaving {
    indexes: Vec<(usize, bool)>,
    late: usize,
}

/// Chooses who leaves and when.
pub fn leave(
    workers: &mut [Worker],
    story: &Story,
    scale: usize,
    draw: &mut Draw,
) -> Outcome<Leaving> {
    let mut staff = places(workers, |w| {
        w.employment == Employment::Employee
            && !w.is_head()
            && w.start < clock::PERIOD_START
            && w.last != "Lee"
    });
    draw.shuffle(&mut staff);
    let sam = places(workers, |w| w.last == "Lee").first().copied();
    let sam_at =
        (story.late_leaver + 1 + draw.below(LEAVER_MONTHS.len() - 1)) % LEAVER_MONTHS.len();
    let mut indexes = Vec::new();
    let mut late = 0;
    for copy in 0..scale {
        for (place, month) in LEAVER_MONTHS.iter().enumerate() {
            let own = (copy == 0).then_some(place);
            let next = if own == Some(sam_at) {
                sam
            } else {
                staff.pop()
            };
            let index = next.ok_or("not enough employees to leave")?;
            let day = if own == Some(story.late_leaver) {
                late = index;
                story.late_leaver_last_day
            } else {
                *draw.pick(&leaving_days(*month, 5))?
            };
            depart(workers, index, day);
            indexes.push((index, leaving_days(*month, 13).contains(&day)));
        }
    }
    let earlier = places(workers, |w| {
        w.employment == Employment::Contractor && w.start < clock::PERIOD_START
    });
    let chosen = draw.sample(earlier.len(), CONTRACTOR_LEAVERS.len() * scale);
    let months = CONTRACTOR_LEAVERS.iter().cycle();
    for (place, month) in chosen.into_iter().zip(months) {
        let index = earlier.get(place).copied().unwrap_or_default();
        let day = *draw.pick(&leaving_days(*month, 5))?;
        depart(workers, index, day);
        indexes.push((index, leaving_days(*month, 13).contains(&day)));
    }
    for index in places(workers, |w| w.employment == Employment::Intern) {
        depart(workers, index, date(2025, 8, 22));
        indexes.push((index, false));
    }
    Ok(Leaving { indexes, late })
}

fn depart(workers: &mut [Worker], index: usize, day: Date) {
    if let Some(worker) = workers.get_mut(index) {
        worker.last_day = Some(day);
    }
}

/// Sets when the identity provider switched leavers off: on the last day, that
/// evening (the next day in UTC), or the next business morning. V1 took six
/// business days; in pack b eight more took two to nine.
pub fn end_access(
    workers: &mut [Worker],
    leaving: &Leaving,
    options: &Options,
    clock: &Clock,
) -> Outcome<Vec<String>> {
    let draw = &mut Draw::new(options.seed, "leaving");
    let mut late = vec![(leaving.late, 6)];
    if options.pack == Pack::B {
        late.extend(more_late(
            leaving,
            &mut Draw::new(options.seed, "late-leavers"),
        )?);
    }
    for (index, _) in &leaving.indexes {
        let Some(worker) = workers.get_mut(*index) else {
            continue;
        };
        let Some(last_day) = worker.last_day else {
            continue;
        };
        let usual = usual_end(last_day, clock, draw)?;
        let delay = late.iter().find(|(l, _)| l == index).map(|(_, days)| *days);
        let ended = match delay {
            Some(days) => clock.at(clock::add_business_days(last_day, days), 9 * 60 + 47)?,
            None => usual,
        };
        worker.access_ended_at = Some(ended);
    }
    let numbers = late.iter().filter_map(|(index, _)| workers.get(*index));
    Ok(numbers.map(|w| w.id.clone()).collect())
}

fn usual_end(last_day: Date, clock: &Clock, draw: &mut Draw) -> Outcome<Timestamp> {
    let second = jiff::SignedDuration::from_secs(draw.between(0, 59));
    let at = match draw.below(10) {
        0..6 => clock.at(last_day, draw.between(16 * 60 + 30, 18 * 60))?,
        6..8 => clock.at(last_day, draw.between(20 * 60, 21 * 60 + 40))?,
        _ => clock.at(
            clock::add_business_days(last_day, 1),
            draw.between(8 * 60 + 30, 11 * 60),
        )?,
    };
    Ok(at + second)
}

/// Eight further leavers whose business days can be counted, and how many passed.
fn more_late(leaving: &Leaving, draw: &mut Draw) -> Outcome<Vec<(usize, usize)>> {
    let mut able: Vec<usize> = leaving
        .indexes
        .iter()
        .filter(|(index, countable)| *countable && *index != leaving.late)
        .map(|(index, _)| *index)
        .collect();
    draw.shuffle(&mut able);
    if able.len() < 8 {
        return Err("not enough leavers can be late".to_owned());
    }
    let days = [2, 3, 3, 4, 5, 7, 8, 9];
    Ok(able.into_iter().zip(days).collect())
}
