//! The people of the sample company: who works, when, and with what access.
//!
//! Headcount: 104 employees at the start, 34 hires, 18 leavers, 120 at the
//! end; 22 contractors of whom 8 leave; one intern who leaves. Two people
//! share the name "Sam Lee"; one of them leaves (T6).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::clock::{self, Clock, PERIOD_END, plus};
use super::draw::{Draw, Quota};
use super::options::{Options, Pack};
use super::story::{LEAVER_MONTHS, Story, leaving_days};
use super::{Outcome, names};

/// Hires in each month from July.
const HIRES: [usize; 12] = [3, 3, 4, 3, 2, 1, 4, 3, 3, 3, 3, 2];
/// New contractors in each month from July.
const CONTRACTORS: [usize; 12] = [1, 1, 1, 1, 1, 0, 1, 1, 2, 2, 1, 0];
/// Months in which the eight contractors leave; July is 0.
const CONTRACTOR_LEAVERS: [usize; 8] = [1, 3, 4, 5, 8, 9, 10, 11];
/// Employees at the start, contractors at the start.
const AT_START: (usize, usize) = (104, 10);
/// Active people who can reach production at the end.
const PRODUCTION: usize = 31;

/// How often each department occurs among the 89 employees below the heads.
const STAFF: [(&str, usize); 9] = [
    ("Engineering", 38), ("Data", 7), ("Product", 8), ("Support", 15), ("Sales", 10),
    ("Information Technology", 4), ("Marketing", 4), ("People", 2), ("Finance", 1),
];
/// How often each department occurs among 34 hires.
const HIRED: [(&str, usize); 7] = [
    ("Engineering", 16), ("Data", 3), ("Product", 3), ("Support", 6), ("Sales", 4), ("Marketing", 1), ("Finance", 1),
];
/// How often each department occurs among 22 contractors.
const CONTRACTED: [(&str, usize); 4] = [("Engineering", 9), ("Data", 2), ("Support", 8), ("Marketing", 3)];

/// Kind of work relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Employment {
    /// On the payroll.
    Employee,
    /// Engaged through procurement.
    Contractor,
    /// On the payroll for a summer.
    Intern,
}

/// One worker, over the whole period.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Worker number, the stable key.
    pub id: String,
    /// First name.
    pub first: String,
    /// Last name.
    pub last: String,
    /// Work address, lower case.
    pub email: String,
    /// Job title.
    pub title: String,
    /// Department.
    pub department: &'static str,
    /// Worker number of the manager.
    pub manager_id: String,
    /// Kind of work relation.
    pub employment: Employment,
    /// First day of work.
    pub start: Date,
    /// Last day of work, for those who left.
    pub last_day: Option<Date>,
    /// Day the background check finished.
    pub background_on: Date,
    /// Day the confidentiality agreement was signed.
    pub agreement_on: Date,
    /// Day the code of conduct was accepted.
    pub conduct_on: Date,
    /// Day production access was granted.
    pub production_on: Option<Date>,
    /// When the identity provider switched sign-in off.
    pub access_ended_at: Option<Timestamp>,
    /// The identity provider's id of the account.
    pub account_id: String,
}

impl Worker {
    /// Works on `day`.
    pub fn works_on(&self, day: Date) -> bool {
        self.start <= day && self.last_day.is_none_or(|last| day <= last)
    }

    /// Login on the code host.
    pub fn login(&self) -> String {
        let local = self.email.split('@').next().unwrap_or_default();
        local.replace('.', "-")
    }

    /// Has an account on the code host.
    pub fn writes_code(&self) -> bool {
        matches!(self.department, "Engineering" | "Data" | "Product" | "Information Technology")
    }

    /// Hired in the period as an employee.
    pub fn is_hire(&self) -> bool {
        self.employment == Employment::Employee && self.start >= clock::PERIOD_START
    }

    /// Heads a department; never leaves.
    pub fn is_head(&self) -> bool {
        names::HEADS.iter().any(|head| self.title == head.title)
    }

    /// Production access on `day`.
    pub fn reaches_production(&self, day: Date) -> bool {
        self.works_on(day) && self.production_on.is_some_and(|on| on <= day)
    }
}

/// The company's people and the story of its year.
pub struct Company {
    /// Everyone who works or worked in the period, ordered by worker number.
    pub workers: Vec<Worker>,
    /// Where the deviations lie.
    pub story: Story,
    /// V1, and in pack b the others whose access stayed too long: worker numbers.
    pub late_leavers: Vec<String>,
    /// V4: worker number of the hire whose check came late.
    pub unchecked_hire: String,
}

impl Company {
    /// Draws the people of `options.seed`.
    pub fn draw(options: &Options, clock: &Clock) -> Outcome<Company> {
        let story = Story::of(options.seed)?;
        let mut draw = Draw::new(options.seed, "people");
        let mut hiring = Hiring::new(options.scale);
        hiring.everyone(&mut draw)?;
        let mut workers = hiring.workers;
        let leaving = leave(&mut workers, &story, options.scale, &mut draw)?;
        let unchecked_hire = grant_production(&mut workers, options.scale, &mut draw)?;
        let late_leavers = end_access(&mut workers, &leaving, options, clock)?;
        Ok(Company { workers, story, late_leavers, unchecked_hire })
    }

    /// Those who work on `day`.
    pub fn active(&self, day: Date) -> Vec<&Worker> {
        self.workers.iter().filter(|w| w.works_on(day)).collect()
    }

    /// Those who left in the period.
    pub fn leavers(&self) -> impl Iterator<Item = &Worker> {
        self.workers.iter().filter(|w| w.last_day.is_some())
    }

    /// The head with this title.
    ///
    /// # Errors
    /// Nobody holds it.
    pub fn head(&self, title: &str) -> Outcome<&Worker> {
        let found = self.workers.iter().find(|w| w.title == title);
        found.ok_or_else(|| format!("nobody is `{title}`"))
    }

    /// Addresses of the heads, who stay all year.
    pub fn heads(&self) -> Vec<&Worker> {
        self.workers.iter().filter(|w| w.is_head()).collect()
    }
}

/// Gives out names, addresses and numbers.
struct Hiring {
    scale: usize,
    workers: Vec<Worker>,
    taken: BTreeSet<String>,
    repeats: BTreeMap<String, usize>,
}

impl Hiring {
    fn new(scale: usize) -> Hiring {
        Hiring { scale, workers: Vec::new(), taken: BTreeSet::new(), repeats: BTreeMap::new() }
    }

    fn everyone(&mut self, draw: &mut Draw) -> Outcome<()> {
        self.first_employees(draw)?;
        self.hires(draw)?;
        self.contractors(draw)?;
        for n in 0..self.scale {
            let id = format!("N{:04}", 301 + n);
            self.engage(id, "Engineering", Employment::Intern, date(2025, 6, 9), draw)?;
        }
        Ok(())
    }

    /// Those employed at the start: the heads, then staff, two of them called Sam Lee.
    fn first_employees(&mut self, draw: &mut Draw) -> Outcome<()> {
        let count = AT_START.0 * self.scale;
        let staff = departments(&STAFF, count, draw);
        let sams = draw.sample(count - names::HEADS.len(), 2);
        for n in 0..count {
            let start = workday(plus(date(2019, 2, 4), (n as i64) * 2280 / count as i64 + draw.between(0, 12)));
            let id = format!("E{:04}", 1001 + n);
            match (names::HEADS.get(n), n.checked_sub(names::HEADS.len())) {
                (Some(head), _) => {
                    self.engage(id, head.department, Employment::Employee, start, draw)?;
                    self.promote(head);
                }
                (None, place) => {
                    let place = place.unwrap_or_default();
                    let department = staff.get(place).copied().unwrap_or("Engineering");
                    self.engage(id, department, Employment::Employee, start, draw)?;
                    if sams.contains(&place) {
                        self.rename("Sam", "Lee");
                    }
                }
            }
        }
        Ok(())
    }

    fn hires(&mut self, draw: &mut Draw) -> Outcome<()> {
        let days = joining_days(&HIRES, self.scale, draw)?;
        let departments = departments(&HIRED, days.len(), draw);
        let first = 1001 + AT_START.0 * self.scale;
        for (n, (day, department)) in days.into_iter().zip(departments).enumerate() {
            self.engage(format!("E{:04}", first + n), department, Employment::Employee, day, draw)?;
        }
        Ok(())
    }

    fn contractors(&mut self, draw: &mut Draw) -> Outcome<()> {
        let earlier = AT_START.1 * self.scale;
        let mut days: Vec<Date> = (0..earlier).map(|_| workday(plus(date(2024, 3, 4), draw.between(0, 440)))).collect();
        days.sort();
        days.extend(joining_days(&CONTRACTORS, self.scale, draw)?);
        let departments = departments(&CONTRACTED, days.len(), draw);
        for (n, (day, department)) in days.into_iter().zip(departments).enumerate() {
            self.engage(format!("C{:04}", 2001 + n), department, Employment::Contractor, day, draw)?;
        }
        Ok(())
    }

    fn engage(&mut self, id: String, department: &'static str, employment: Employment, start: Date, draw: &mut Draw) -> Outcome<()> {
        let (first, last) = self.name(draw)?;
        let email = self.address(&first, &last);
        let title = title(department, employment, draw)?;
        let conduct_on = plus(start, -draw.between(0, 5));
        self.workers.push(Worker {
            id,
            first,
            last,
            email,
            title,
            department,
            manager_id: manager(|head| head.leads.contains(&department)),
            employment,
            start,
            last_day: None,
            background_on: plus(start, -draw.between(3, 20)),
            agreement_on: plus(start, -draw.between(1, 12)),
            conduct_on,
            production_on: None,
            access_ended_at: None,
            account_id: format!("00u{}", draw.hex(14)),
        });
        Ok(())
    }

    /// A name nobody has yet; in a scaled company names may repeat.
    fn name(&mut self, draw: &mut Draw) -> Outcome<(String, String)> {
        loop {
            let first = draw.pick(&names::FIRST)?;
            let last = draw.pick(&names::LAST)?;
            if self.taken.insert(format!("{first} {last}")) || self.scale > 1 {
                return Ok(((*first).to_owned(), (*last).to_owned()));
            }
        }
    }

    fn address(&mut self, first: &str, last: &str) -> String {
        let local = ascii(&format!("{first}.{last}")).to_lowercase();
        let repeat = self.repeats.entry(local.clone()).or_default();
        *repeat += 1;
        match *repeat {
            1 => format!("{local}@fernhollow.example"),
            n => format!("{local}{n}@fernhollow.example"),
        }
    }

    fn rename(&mut self, first: &str, last: &str) {
        let email = self.address(first, last);
        if let Some(worker) = self.workers.last_mut() {
            worker.first = first.to_owned();
            worker.last = last.to_owned();
            worker.email = email;
        }
    }

    fn promote(&mut self, head: &names::Head) {
        if let Some(worker) = self.workers.last_mut() {
            worker.title = head.title.to_owned();
            worker.manager_id = manager(|other| other.title == head.reports_to);
        }
    }
}

/// `text` without accents.
fn ascii(text: &str) -> String {
    let plain = |c: char| match c {
        'é' | 'ë' => 'e',
        'ö' => 'o',
        'ü' => 'u',
        other => other,
    };
    text.chars().map(plain).collect()
}

fn title(department: &str, employment: Employment, draw: &mut Draw) -> Outcome<String> {
    if employment == Employment::Intern {
        return Ok("Software Engineering Intern".to_owned());
    }
    let known = names::TITLES.iter().find(|(name, _)| *name == department);
    let (_, titles) = known.ok_or_else(|| format!("no titles for `{department}`"))?;
    Ok((*draw.pick(titles)?).to_owned())
}

/// Worker number of the first head who is `wanted`, empty when there is none;
/// the heads have the first numbers.
fn manager(wanted: impl Fn(&names::Head) -> bool) -> String {
    let place = names::HEADS.iter().position(wanted);
    place.map(|place| format!("E{:04}", 1001 + place)).unwrap_or_default()
}

/// `day`, or the first business day after it.
fn workday(day: Date) -> Date {
    if clock::is_business_day(day) { day } else { clock::add_business_days(day, 1) }
}

/// `count` departments in the proportions of `shares`, in a drawn order.
fn departments(shares: &[(&'static str, usize)], count: usize, draw: &mut Draw) -> Vec<&'static str> {
    let once: Vec<&'static str> = shares.iter().flat_map(|(name, n)| std::iter::repeat_n(*name, *n)).collect();
    let mut all: Vec<&'static str> = once.into_iter().cycle().take(count).collect();
    draw.shuffle(&mut all);
    all
}

/// First days of those who join, month by month, ascending.
///
/// January's lie before the training campaign of 2 February, February's after;
/// August's before the cut-off of the performance cycle, September's after.
fn joining_days(per_month: &[usize; 12], scale: usize, draw: &mut Draw) -> Outcome<Vec<Date>> {
    let mut all = Vec::new();
    for (month, (first, count)) in clock::months().into_iter().zip(per_month).enumerate() {
        let (low, high) = match month {
            0 => (7, 31),
            1 => (1, 28),
            6 => (5, 27),
            7 => (9, 27),
            11 => (1, 15),
            _ => (2, 31),
        };
        let days: Vec<Date> = clock::clear_days(first, first.last_of_month(), 1)
            .into_iter()
            .filter(|d| (low..=high).contains(&d.day()))
            .collect();
        for _ in 0..count * scale {
            all.push(*draw.pick(&days)?);
        }
    }
    all.sort();
    Ok(all)
}

/// The leavers of the year by place in the calendar: index of the worker, and
/// whether six business days and more can be counted after the last day.
struct Leaving {
    indexes: Vec<(usize, bool)>,
    late: usize,
}

/// Chooses who leaves and when.
fn leave(workers: &mut [Worker], story: &Story, scale: usize, draw: &mut Draw) -> Outcome<Leaving> {
    let mut staff = places(workers, |w| {
        w.employment == Employment::Employee && !w.is_head() && w.start < clock::PERIOD_START && w.last != "Lee"
    });
    draw.shuffle(&mut staff);
    let sam = places(workers, |w| w.last == "Lee").first().copied();
    let sam_at = (story.late_leaver + 1 + draw.below(LEAVER_MONTHS.len() - 1)) % LEAVER_MONTHS.len();
    let mut indexes = Vec::new();
    let mut late = 0;
    for copy in 0..scale {
        for (place, month) in LEAVER_MONTHS.iter().enumerate() {
            let own = (copy == 0).then_some(place);
            let next = if own == Some(sam_at) { sam } else { staff.pop() };
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
    let earlier = places(workers, |w| w.employment == Employment::Contractor && w.start < clock::PERIOD_START);
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

fn places(workers: &[Worker], wanted: impl Fn(&Worker) -> bool) -> Vec<usize> {
    let numbered = workers.iter().enumerate();
    numbered.filter(|(_, w)| wanted(w)).map(|(n, _)| n).collect()
}

fn depart(workers: &mut [Worker], index: usize, day: Date) {
    if let Some(worker) = workers.get_mut(index) {
        worker.last_day = Some(day);
    }
}

/// Gives production access to 31 who stay and to a few who leave; V4: one of
/// the hires among them started eleven days before the background check was
/// done and got production access on day 15. Returns that hire's number.
fn grant_production(workers: &mut [Worker], scale: usize, draw: &mut Draw) -> Outcome<String> {
    let technical = |w: &Worker| matches!(w.department, "Engineering" | "Data" | "Information Technology");
    let hires = places(workers, |w| w.is_hire() && technical(w) && w.start <= date(2026, 4, 30));
    let unchecked = *draw.pick(&hires)?;
    let staying = places(workers, |w| technical(w) && w.last_day.is_none() && w.start <= date(2026, 4, 30));
    let mut quota = Quota::new(PRODUCTION * scale - 1, staying.len() - 1);
    let mut granted = vec![unchecked];
    for index in staying {
        if index != unchecked && quota.takes(draw) {
            granted.push(index);
        }
    }
    let leaving = places(workers, |w| technical(w) && w.last_day.is_some() && w.employment == Employment::Employee);
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

/// Sets when the identity provider switched leavers off: on the last day, that
/// evening (the next day in UTC), or the next business morning. V1 took six
/// business days; in pack b eight more took two to nine.
fn end_access(workers: &mut [Worker], leaving: &Leaving, options: &Options, clock: &Clock) -> Outcome<Vec<String>> {
    let draw = &mut Draw::new(options.seed, "leaving");
    let mut late = vec![(leaving.late, 6)];
    if options.pack == Pack::B {
        late.extend(more_late(leaving, &mut Draw::new(options.seed, "late-leavers"))?);
    }
    for (index, _) in &leaving.indexes {
        let Some(worker) = workers.get_mut(*index) else { continue };
        let Some(last_day) = worker.last_day else { continue };
        let usual = usual_end(last_day, clock, draw)?;
        let delay = late.iter().find(|(l, _)| l == index).map(|(_, days)| *days);
        let ended = match delay {
            Some(days) => clock.at(clock::add_business_days(last_day, days), 9 * 60 + 47)?,
            None => usual,
        };
        debug_assert!(clock.day(ended) <= PERIOD_END);
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
        _ => clock.at(clock::add_business_days(last_day, 1), draw.between(8 * 60 + 30, 11 * 60))?,
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
