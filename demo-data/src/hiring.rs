//! Who works at the sample company: names, numbers, departments, first days.
//!
//! Employees at the start, hires, contractors and an intern, in that order;
//! nobody has left yet. All papers are signed before the first day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use super::clock::{self, plus};
use super::draw::Draw;
use super::people::{Employment, Worker};
use super::{Outcome, names};

/// Hires in each month from July.
const HIRES: [usize; 12] = [3, 3, 4, 3, 2, 1, 4, 3, 3, 3, 3, 2];
/// New contractors in each month from July.
const CONTRACTORS: [usize; 12] = [1, 1, 1, 1, 1, 0, 1, 1, 2, 2, 1, 0];
/// Employees at the start, contractors at the start.
const AT_START: (usize, usize) = (104, 10);
/// How often each department occurs among the 89 employees below the heads.
const STAFF: [(&str, usize); 9] = [
    ("Engineering", 38),
    ("Data", 7),
    ("Product", 8),
    ("Support", 15),
    ("Sales", 10),
    ("Information Technology", 4),
    ("Marketing", 4),
    ("People", 2),
    ("Finance", 1),
];
/// How often each department occurs among 34 hires.
const HIRED: [(&str, usize); 7] = [
    ("Engineering", 16),
    ("Data", 3),
    ("Product", 3),
    ("Support", 6),
    ("Sales", 4),
    ("Marketing", 1),
    ("Finance", 1),
];
/// How often each department occurs among 22 contractors.
const CONTRACTED: [(&str, usize); 4] = [
    ("Engineering", 9),
    ("Data", 2),
    ("Support", 8),
    ("Marketing", 3),
];

/// Everyone who works in the period, by worker number.
pub fn everyone(scale: usize, draw: &mut Draw) -> Outcome<Vec<Worker>> {
    let mut hiring = Hiring {
        scale,
        workers: Vec::new(),
        taken: BTreeSet::new(),
        repeats: BTreeMap::new(),
    };
    hiring.first_employees(draw)?;
    hiring.hires(draw)?;
    hiring.contractors(draw)?;
    hiring.interns(draw)?;
    Ok(hiring.workers)
}

/// Gives out names, addresses and numbers.
struct Hiring {
    scale: usize,
    workers: Vec<Worker>,
    taken: BTreeSet<String>,
    repeats: BTreeMap<String, usize>,
}

impl Hiring {
    fn interns(&mut self, draw: &mut Draw) -> Outcome<()> {
        for n in 0..self.scale {
            let id = format!("N{:04}", 301 + n);
            self.engage(
                id,
                "Engineering",
                Employment::Intern,
                date(2025, 6, 9),
                draw,
            )?;
        }
        Ok(())
    }

    /// Those employed at the start: the heads, then staff, two of them called Sam Lee.
    fn first_employees(&mut self, draw: &mut Draw) -> Outcome<()> {
        let count = AT_START.0 * self.scale;
        let staff = departments(&STAFF, count, draw);
        let sams = draw.sample(count - names::HEADS.len(), 2);
        for n in 0..count {
            let start = workday(plus(
                date(2019, 2, 4),
                (n as i64) * 2280 / count as i64 + draw.between(0, 12),
            ));
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
            self.engage(
                format!("E{:04}", first + n),
                department,
                Employment::Employee,
                day,
                draw,
            )?;
        }
        Ok(())
    }

    fn contractors(&mut self, draw: &mut Draw) -> Outcome<()> {
        let earlier = AT_START.1 * self.scale;
        let mut days: Vec<Date> = (0..earlier)
            .map(|_| workday(plus(date(2024, 3, 4), draw.between(0, 440))))
            .collect();
        days.sort();
        days.extend(joining_days(&CONTRACTORS, self.scale, draw)?);
        let departments = departments(&CONTRACTED, days.len(), draw);
        for (n, (day, department)) in days.into_iter().zip(departments).enumerate() {
            self.engage(
                format!("C{:04}", 2001 + n),
                department,
                Employment::Contractor,
                day,
                draw,
            )?;
        }
        Ok(())
    }

    fn engage(
        &mut self,
        id: String,
        department: &'static str,
        employment: Employment,
        start: Date,
        draw: &mut Draw,
    ) -> Outcome<()> {
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
    place
        .map(|place| format!("E{:04}", 1001 + place))
        .unwrap_or_default()
}

/// `day`, or the first business day after it.
fn workday(day: Date) -> Date {
    if clock::is_business_day(day) {
        day
    } else {
        clock::add_business_days(day, 1)
    }
}

/// `count` departments in the proportions of `shares`, in a drawn order.
fn departments(
    shares: &[(&'static str, usize)],
    count: usize,
    draw: &mut Draw,
) -> Vec<&'static str> {
    let once: Vec<&'static str> = shares
        .iter()
        .flat_map(|(name, n)| std::iter::repeat_n(*name, *n))
        .collect();
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
