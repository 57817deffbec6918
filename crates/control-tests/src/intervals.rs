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

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use tickmark_catalog::{Period, Problem};

use crate::detail::{Detail, DetailColumns, RowAt};
use crate::result::{Interval, IntervalStatus, ItemResult, ItemStatus, Occurred};
use crate::rows::{ResultRows, check_reason};

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
pub fn state_items(rows: &dyn ResultRows, window: &Window<'_>) -> Result<Vec<ItemResult>, Problem> {
    let fold = Fold::new(rows, window);
    let by_item = by_item(observations(rows, window)?);
    let mut named: Vec<(&str, &[Observation])> = by_item
        .chunk_by(|a, b| a.item == b.item)
        .filter_map(|observations| Some((rows.item(observations.first()?.row), observations)))
        .collect();
    named.sort_unstable_by_key(|(item, _)| *item);
    Ok(named
        .into_iter()
        .filter_map(|(item, observations)| fold.item(item, observations))
        .collect())
}

/// One row: which item, seen on which day of the period (the first is 0).
#[derive(Clone, Copy)]
struct Observation {
    /// Number of the item in the order in which items first appear.
    item: u32,
    day: i32,
    status: ItemStatus,
    row: RowAt,
}

fn observations(rows: &dyn ResultRows, window: &Window<'_>) -> Result<Vec<Observation>, Problem> {
    let all = rows.rows();
    let last = day_number(window.period.end, window.period);
    let mut days = DayFinder::new(window);
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut observations = Vec::with_capacity(all.len());
    for row in all {
        check_reason(rows, row)?;
        let day = days.observed_on(rows, row)?;
        if day > last {
            continue;
        }
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        observations.push(Observation {
            item: *numbers.entry(rows.item(row)).or_insert(next),
            day,
            status: rows.status(row),
            row,
        });
    }
    Ok(observations)
}

/// The observations of each item in one run: items in order of their numbers,
/// observations as they came.
fn by_item(observations: Vec<Observation>) -> Vec<Observation> {
    let count = observations.iter().map(|seen| seen.item as usize + 1).max();
    let mut starts = vec![0_usize; count.unwrap_or_default() + 1];
    for seen in &observations {
        if let Some(start) = starts.get_mut(seen.item as usize + 1) {
            *start += 1;
        }
    }
    let mut before = 0;
    for start in &mut starts {
        before += *start;
        *start = before;
    }
    let mut sorted = observations.clone();
    for seen in observations {
        if let Some(start) = starts.get_mut(seen.item as usize) {
            if let Some(slot) = sorted.get_mut(*start) {
                *slot = seen;
            }
            *start += 1;
        }
    }
    sorted
}

/// Finds the days of observations. Rows of one collection come together, so the
/// instants between which the last answer holds are remembered.
struct DayFinder<'a> {
    window: &'a Window<'a>,
    from: Timestamp,
    until: Timestamp,
    day: i32,
}

impl<'a> DayFinder<'a> {
    fn new(window: &'a Window<'a>) -> Self {
        Self {
            window,
            from: Timestamp::MIN,
            until: Timestamp::MIN,
            day: 0,
        }
    }

    fn observed_on(&mut self, rows: &dyn ResultRows, row: RowAt) -> Result<i32, Problem> {
        match rows.occurred_at(row) {
            Some(Occurred::Day(day)) => Ok(day_number(day, self.window.period)),
            Some(Occurred::Instant(instant)) => Ok(self.day_of(instant)),
            None => Err(Problem::new(format!(
                "an observation of item `{}` has no `occurred_at`",
                rows.item(row)
            ))
            .hint("return `observed_at AS occurred_at` from the history table")),
        }
    }

    fn day_of(&mut self, instant: Timestamp) -> i32 {
        if instant < self.from || instant >= self.until {
            let date = instant.to_zoned(self.window.time_zone.clone()).date();
            let start_of = |date: Date| date.to_zoned(self.window.time_zone.clone());
            let bounds = (start_of(date), date.tomorrow().and_then(start_of));
            self.day = day_number(date, self.window.period);
            // At the edges of time nothing is remembered.
            (self.from, self.until) = match bounds {
                (Ok(from), Ok(until)) => (from.timestamp(), until.timestamp()),
                _ => (Timestamp::MIN, Timestamp::MIN),
            };
        }
        self.day
    }
}

/// What all items are folded with.
struct Fold<'a> {
    rows: &'a dyn ResultRows,
    window: &'a Window<'a>,
    groups: Groups,
    detail: Arc<dyn DetailColumns>,
}

/// Collection days by source, and of the case that a row names no source.
struct Groups {
    by_source: BTreeMap<String, Group>,
    without_source: Group,
}

/// The collections that would have shown an item had it existed.
struct Group {
    /// Days of the period, counted from its first; others lie outside it.
    days: Vec<i32>,
    /// For each day of the period, whether a collection covers it.
    covered: Vec<bool>,
}

impl Groups {
    fn new(window: &Window<'_>) -> Self {
        let by_source = window
            .collections
            .iter()
            .map(|(source, days)| (source.clone(), Group::new(days, window)))
            .collect();
        // A row that does not name its source may come from any of them: only
        // days on which all were collected show that an item did not exist.
        let mut common = window.collections.values().cloned();
        let first = common.next().unwrap_or_default();
        let days: BTreeSet<Date> = common.fold(first, |all, days| {
            all.intersection(&days).copied().collect()
        });
        Self {
            by_source,
            without_source: Group::new(&days, window),
        }
    }

    /// The group of the first source that the rows of an item name.
    fn of(&self, detail: &dyn DetailColumns, seen: &[Observation]) -> &Group {
        let names = detail.names();
        let column = names.binary_search_by(|name| name.as_str().cmp(SOURCE_COLUMN));
        let source = column
            .ok()
            .and_then(|column| seen.iter().find_map(|seen| detail.text(column, seen.row)));
        source
            .and_then(|source| self.by_source.get(source.as_ref()))
            .unwrap_or(&self.without_source)
    }
}

impl Group {
    fn new(dates: &BTreeSet<Date>, window: &Window<'_>) -> Self {
        let number = |date: &Date| day_number(*date, window.period);
        let days: Vec<i32> = dates.iter().map(number).collect();
        let mut covered = vec![false; day_total(window.period)];
        let next = days.iter().copied().map(Some).skip(1).chain([None]);
        for (day, next) in days.iter().copied().zip(next) {
            fill(&mut covered, day, last_day_of(day, next, window), true);
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

impl<'a> Fold<'a> {
    fn new(rows: &'a dyn ResultRows, window: &'a Window<'a>) -> Self {
        Self {
            rows,
            window,
            groups: Groups::new(window),
            detail: rows.detail(),
        }
    }

    fn item(&self, item: &str, observations: &[Observation]) -> Option<ItemResult> {
        let seen = self.in_order(observations);
        let group = self.groups.of(self.detail.as_ref(), &seen);
        let marks = marks(&seen, group, self.window);
        if marks.iter().all(|mark| *mark == Mark::Absent) {
            return None;
        }
        let intervals = intervals(&marks, self.window.period.start);
        let status = item_status(&marks);
        let deciding = deciding_row(&seen, status, self.window)?;
        let mut detail = Detail::shared(Arc::clone(&self.detail), deciding.row).to_map();
        detail.extend(day_counts(&intervals));
        Some(ItemResult {
            item: item.to_owned(),
            status,
            reason: self.reason(status, deciding),
            occurred_at: self.rows.occurred_at(deciding.row),
            detail: detail.into(),
            intervals,
        })
    }

    /// The observations of an item in the order of time; what was seen at the
    /// same time is put in an order that does not depend on how it was read.
    fn in_order(&self, observations: &[Observation]) -> Vec<Observation> {
        let mut seen = observations.to_vec();
        let moment = |seen: &Observation| self.rows.occurred_at(seen.row);
        seen.sort_by(|a, b| {
            let by_day = a.day.cmp(&b.day);
            by_day
                .then_with(|| moment(a).cmp(&moment(b)))
                .then_with(|| self.rows.reason(a.row).cmp(self.rows.reason(b.row)))
        });
        seen
    }

    fn reason(&self, status: ItemStatus, deciding: &Observation) -> String {
        if status == ItemStatus::NotTested && deciding.status != ItemStatus::NotTested {
            return "not observed in the period".to_owned();
        }
        self.rows.reason(deciding.row).to_owned()
    }
}

/// One mark for each day of the period.
fn marks(seen: &[Observation], group: &Group, window: &Window<'_>) -> Vec<Mark> {
    let mut marks: Vec<Option<Mark>> = vec![None; day_total(window.period)];
    let mut by_day = seen.chunk_by(|a, b| a.day == b.day).peekable();
    let mut collected = group.days.iter().copied().peekable();
    while let Some(of_day) = by_day.next() {
        let Some(day) = of_day.first().map(|seen| seen.day) else {
            continue;
        };
        let worst = of_day.iter().map(|seen| Mark::of(seen.status)).max();
        let own = by_day.peek().and_then(|next| next.first());
        while collected.next_if(|next| *next <= day).is_some() {}
        let next = own
            .map(|seen| seen.day)
            .into_iter()
            .chain(collected.peek().copied())
            .min();
        fill(&mut marks, day, last_day_of(day, next, window), worst);
    }
    let first = seen.first().map(|seen| seen.day);
    let last = seen.last().map(|seen| seen.day);
    let outside =
        |day: i32| first.is_some_and(|first| day < first) || last.is_some_and(|last| day > last);
    let unseen = (0..)
        .zip(&group.covered)
        .map(|(day, covered)| outside(day) && *covered);
    marks
        .into_iter()
        .zip(unseen)
        .map(|(mark, absent)| mark.unwrap_or(if absent { Mark::Absent } else { Mark::Unknown }))
        .collect()
}

fn intervals(marks: &[Mark], start: Date) -> Vec<Interval> {
    let date = |day: usize| {
        let days = i32::try_from(day).unwrap_or(i32::MAX);
        start.saturating_add(Span::new().days(days))
    };
    let mut day = 0;
    let mut intervals = Vec::new();
    for run in marks.chunk_by(|a, b| a.interval_status() == b.interval_status()) {
        if let Some(status) = run.first().and_then(|mark| mark.interval_status()) {
            intervals.push(Interval {
                start: date(day),
                end: date(day + run.len() - 1),
                status,
            });
        }
        day += run.len();
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
    seen: &'r [Observation],
    status: ItemStatus,
    window: &Window<'_>,
) -> Option<&'r Observation> {
    let reach = days(window.max_gap_days) - 1;
    let mut fitting = seen
        .iter()
        .filter(|seen| seen.status == status && seen.day.saturating_add(reach) >= 0);
    let chosen = if status == ItemStatus::Deviation {
        fitting.next()
    } else {
        fitting.next_back()
    };
    chosen.or_else(|| seen.last())
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

/// The last day an observation on `day` counts.
fn last_day_of(day: i32, next: Option<i32>, window: &Window<'_>) -> i32 {
    let longest = day.saturating_add(days(window.max_gap_days) - 1);
    next.map_or(longest, |next| longest.min(next - 1))
}

fn day_total(period: Period) -> usize {
    usize::try_from(period.day_count()).unwrap_or_default()
}

/// A date as a day of the period: 0 is its first, negative ones lie before it.
fn day_number(date: Date, period: Period) -> i32 {
    (date - period.start).get_days()
}

/// Sets the slots of the days from `first` to `last`, as far as there are any.
fn fill<T: Copy>(slots: &mut [T], first: i32, last: i32, value: T) {
    let first = usize::try_from(first).unwrap_or_default();
    let count = usize::try_from(last.saturating_add(1)).unwrap_or_default();
    for slot in slots.iter_mut().take(count).skip(first) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests;
