//! The people of the sample company: who works, when, and with what access.
//!
//! Headcount: 104 employees at the start, 34 hires, 18 leavers, 120 at the
//! end; 22 contractors of whom 8 leave; one intern who leaves. Two people
//! share the name "Sam Lee"; one of them leaves (T6).

use jiff::Timestamp;
use jiff::civil::Date;

use super::clock::{self, Clock};
use super::draw::Draw;
use super::options::Options;
use super::story::Story;
use super::{Outcome, hiring, leaving, names, production};

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
        matches!(
            self.department,
            "Engineering" | "Data" | "Product" | "Information Technology"
        )
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
        let mut workers = hiring::everyone(options.scale, &mut draw)?;
        let left = leaving::leave(&mut workers, &story, options.scale, &mut draw)?;
        let unchecked_hire = production::grant(&mut workers, options.scale, &mut draw)?;
        let late_leavers = leaving::end_access(&mut workers, &left, options, clock)?;
        Ok(Company {
            workers,
            story,
            late_leavers,
            unchecked_hire,
        })
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

/// Places of the workers who are `wanted`.
pub fn places(workers: &[Worker], wanted: impl Fn(&Worker) -> bool) -> Vec<usize> {
    let numbered = workers.iter().enumerate();
    numbered
        .filter(|(_, w)| wanted(w))
        .map(|(n, _)| n)
        .collect()
}
