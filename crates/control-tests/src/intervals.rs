//! Observations of a state become intervals of operating, deviating and not
//! observed.
//!
//! An observation counts on its day and after it until the next collection of
//! its source, at most `max_gap_days` days in all. Days that no observation
//! covers are *not observed*, with one exception: before an item's first and
//! after its last observation, days on which its source was collected without
//! showing the item are days on which the item did not exist.
//!
//! Must hold: intervals do not overlap and lie inside the period; a missed
//! collection is never an operating day; of several observations on a day the
//! worst counts; a gap between two observations of an item is never explained
//! away.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use tickmark_catalog::{Period, Problem};

use crate::result::{Interval, IntervalStatus, ItemResult, ItemStatus, Occurred};
use crate::rows::{ItemRow, check_reason};

/// Column by which a row tells the source that observed the item.
pub const SOURCE_COLUMN: &str = "source_id";

/// Days on which each source of the population was observed, by source.
pub type Collections = BTreeMap<String, BTreeSet<Date>>;

/// What observations are judged against.
#[derive(Clone, Debug)]
pub struct Window<'a> {
    /// The period tested.
    pub period: Period,
    /// Days an observation counts, at least 1.
    pub max_gap_days: u32,
    /// The organization's time zone: it says on which day an instant falls.
    pub time_zone: &'a TimeZone,
    /// When the population was collected.
    pub collections: &'a Collections,
}

/// The items of a state test, sorted by name. Items that did not exist on any
/// day of the period are no items of it.
///
/// # Errors
/// A row without `occurred_at`; a deviation without a reason.
pub fn state_items(rows: Vec<ItemRow>, window: &Window<'_>) -> Result<Vec<ItemResult>, Problem> {
    let mut by_item: BTreeMap<String, Vec<(Date, ItemRow)>> = BTreeMap::new();
    for row in rows {
        check_reason(&row)?;
        let day = observed_on(&row, window.time_zone)?;
        if day <= window.period.end {
            by_item
                .entry(row.item.clone())
                .or_default()
                .push((day, row));
        }
    }
    let groups = Groups::new(window);
    Ok(by_item
        .into_iter()
        .filter_map(|(item, rows)| state_item(item, rows, window, &groups))
        .collect())
}

fn observed_on(row: &ItemRow, time_zone: &TimeZone) -> Result<Date, Problem> {
    match row.occurred_at {
        Some(Occurred::Day(day)) => Ok(day),
        Some(Occurred::Instant(instant)) => Ok(instant.to_zoned(time_zone.clone()).date()),
        None => Err(Problem::new(format!(
            "an observation of item `{}` has no `occurred_at`",
            row.item
        ))
        .hint("return `observed_at AS occurred_at` from the history table")),
    }
}

/// Collection days by source, and of the case that a row names no source.
struct Groups {
    by_source: BTreeMap<String, Group>,
    without_source: Group,
}

/// The collections that would have shown an item had it existed.
struct Group {
    days: BTreeSet<Date>,
    /// For each day of the period, whether a collection covers it.
    covered: Vec<bool>,
}

impl Groups {
    fn new(window: &Window<'_>) -> Self {
        let group = |days: &BTreeSet<Date>| Group::new(days.clone(), window);
        let by_source = window
            .collections
            .iter()
            .map(|(source, days)| (source.clone(), group(days)))
            .collect();
        // A row that does not name its source may come from any of them: only
        // days on which all were collected show that an item did not exist.
        let mut common = window.collections.values().cloned();
        let first = common.next().unwrap_or_default();
        let days = common.fold(first, |all, days| {
            all.intersection(&days).copied().collect()
        });
        Self {
            by_source,
            without_source: Group::new(days, window),
        }
    }

    fn of(&self, rows: &[(Date, ItemRow)]) -> &Group {
        let source = rows
            .iter()
            .find_map(|(_, row)| row.detail.get(SOURCE_COLUMN));
        source
            .and_then(|source| self.by_source.get(source))
            .unwrap_or(&self.without_source)
    }
}

impl Group {
    fn new(days: BTreeSet<Date>, window: &Window<'_>) -> Self {
        let mut covered = vec![false; day_total(window.period)];
        for day in &days {
            let span = (
                *day,
                last_day_of(*day, next_after(&days, *day), window.max_gap_days),
            );
            for index in clip(span, window.period) {
                if let Some(slot) = covered.get_mut(index) {
                    *slot = true;
                }
            }
        }
        Self { days, covered }
    }
}

/// What is known of one day; of several the greatest counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Absent,
    Excluded,
    Operating,
    Unknown,
    Deviating,
}

impl Mark {
    fn of(status: ItemStatus) -> Self {
        match status {
            ItemStatus::Operated => Self::Operating,
            ItemStatus::Deviation => Self::Deviating,
            ItemStatus::Excluded => Self::Excluded,
            ItemStatus::NotTested => Self::Unknown,
        }
    }

    fn interval_status(self) -> Option<IntervalStatus> {
        match self {
            Self::Absent | Self::Excluded => None,
            Self::Operating => Some(IntervalStatus::Operating),
            Self::Deviating => Some(IntervalStatus::Deviating),
            Self::Unknown => Some(IntervalStatus::NotObserved),
        }
    }
}

fn state_item(
    item: String,
    mut rows: Vec<(Date, ItemRow)>,
    window: &Window<'_>,
    groups: &Groups,
) -> Option<ItemResult> {
    rows.sort_by_key(|(day, _)| *day);
    let group = groups.of(&rows);
    let marks = marks(&rows, group, window);
    if marks.iter().all(|mark| *mark == Mark::Absent) {
        return None;
    }
    let intervals = intervals(&marks, window.period.start);
    let status = item_status(&marks);
    let deciding = deciding_row(&rows, status, window)?;
    let mut detail = deciding.detail.clone();
    detail.extend(day_counts(&intervals));
    Some(ItemResult {
        item,
        status,
        reason: reason(status, deciding),
        occurred_at: deciding.occurred_at,
        detail,
        intervals,
    })
}

/// One mark for each day of the period.
fn marks(rows: &[(Date, ItemRow)], group: &Group, window: &Window<'_>) -> Vec<Mark> {
    let mut by_day: BTreeMap<Date, Mark> = BTreeMap::new();
    for (day, row) in rows {
        let mark = by_day.entry(*day).or_insert(Mark::Absent);
        *mark = (*mark).max(Mark::of(row.status));
    }
    let mut marks: Vec<Option<Mark>> = vec![None; day_total(window.period)];
    for (day, mark) in &by_day {
        let own = by_day.range(next_day(*day)..).next().map(|(day, _)| *day);
        let next = own.into_iter().chain(next_after(&group.days, *day)).min();
        for index in clip(
            (*day, last_day_of(*day, next, window.max_gap_days)),
            window.period,
        ) {
            if let Some(slot) = marks.get_mut(index) {
                *slot = Some(*mark);
            }
        }
    }
    let first = by_day.first_key_value().map(|(day, _)| *day);
    let last = by_day.last_key_value().map(|(day, _)| *day);
    let outside =
        |day: Date| first.is_some_and(|first| day < first) || last.is_some_and(|last| day > last);
    let days = window.period.start.series(1.day());
    let unseen = days
        .zip(&group.covered)
        .map(|(day, covered)| outside(day) && *covered);
    marks
        .into_iter()
        .zip(unseen)
        .map(|(mark, absent)| mark.unwrap_or(if absent { Mark::Absent } else { Mark::Unknown }))
        .collect()
}

fn intervals(marks: &[Mark], start: Date) -> Vec<Interval> {
    let mut intervals: Vec<Interval> = Vec::new();
    for (day, mark) in start.series(1.day()).zip(marks) {
        let Some(status) = mark.interval_status() else {
            continue;
        };
        match intervals.last_mut() {
            Some(last) if last.status == status && next_day(last.end) == day => last.end = day,
            _ => intervals.push(Interval {
                start: day,
                end: day,
                status,
            }),
        }
    }
    intervals
}

fn item_status(marks: &[Mark]) -> ItemStatus {
    let has = |mark: Mark| marks.contains(&mark);
    if has(Mark::Deviating) {
        ItemStatus::Deviation
    } else if has(Mark::Operating) {
        ItemStatus::Operated
    } else if has(Mark::Unknown) {
        ItemStatus::NotTested
    } else {
        ItemStatus::Excluded
    }
}

/// The row whose reason and detail the item shows: of a deviation the first
/// that counts in the period, otherwise the last with the item's status.
fn deciding_row<'r>(
    rows: &'r [(Date, ItemRow)],
    status: ItemStatus,
    window: &Window<'_>,
) -> Option<&'r ItemRow> {
    let reach = days(window.max_gap_days) - 1;
    let counts = |day: Date| {
        day.checked_add(reach.days())
            .map_or(true, |last| last >= window.period.start)
    };
    let mut fitting = rows
        .iter()
        .filter(|(day, row)| row.status == status && counts(*day))
        .map(|(_, row)| row);
    let chosen = if status == ItemStatus::Deviation {
        fitting.next()
    } else {
        fitting.next_back()
    };
    chosen.or_else(|| rows.last().map(|(_, row)| row))
}

fn reason(status: ItemStatus, deciding: &ItemRow) -> String {
    if status == ItemStatus::NotTested && deciding.status != ItemStatus::NotTested {
        return "not observed in the period".to_owned();
    }
    deciding.reason.clone()
}

/// Days of each status as detail: `days_operating`, `days_deviating`,
/// `days_not_observed`, those that are not zero.
fn day_counts(intervals: &[Interval]) -> BTreeMap<String, String> {
    let mut days: BTreeMap<IntervalStatus, i32> = BTreeMap::new();
    for interval in intervals {
        *days.entry(interval.status).or_default() += interval.day_count();
    }
    days.into_iter()
        .map(|(status, count)| (format!("days_{status}"), count.to_string()))
        .collect()
}

fn days(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX).clamp(1, 36_500)
}

fn next_day(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

fn next_after(days: &BTreeSet<Date>, day: Date) -> Option<Date> {
    days.range(next_day(day)..)
        .next()
        .copied()
        .filter(|next| *next > day)
}

/// The last day an observation on `day` counts.
fn last_day_of(day: Date, next: Option<Date>, max_gap_days: u32) -> Date {
    let longest = day.saturating_add(Span::new().days(days(max_gap_days) - 1));
    next.and_then(|next| next.yesterday().ok())
        .map_or(longest, |before| before.min(longest))
}

fn day_total(period: Period) -> usize {
    usize::try_from(period.day_count()).unwrap_or_default()
}

/// The indices of the period's days that lie between two dates, both included.
fn clip((first, last): (Date, Date), period: Period) -> std::ops::Range<usize> {
    let index = |day: Date| usize::try_from((day - period.start).get_days()).unwrap_or_default();
    let (first, last) = (first.max(period.start), last.min(period.end));
    if last < first {
        0..0
    } else {
        index(first)..index(last) + 1
    }
}

#[cfg(test)]
mod tests;
