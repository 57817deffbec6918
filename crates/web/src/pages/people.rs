//! People: everyone the imported rosters name, with when they came and went,
//! their accounts, their training and their background check.
//!
//! What must hold: all of it is read from populations; where one was never
//! imported the page says so in words and never shows a zero for it; a leaver
//! who is on no roster is listed and marked, not dropped; people are joined by
//! worker number or address, never by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use tickmark_access::Action;
use tickmark_catalog::Period;
use tickmark_control_tests::Completeness;

use super::register;
use super::{Group, Page, no_count};
use crate::fault::Answer;
use crate::format;
use crate::frame::{Shown, head};
use crate::listing::{Column, Table};
use crate::parts::{self, Tone, icon, tag};
use crate::picture::Recorded;
use crate::route::{Access, On, get};
use crate::rows::{Row, Wanted};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// Who may see people.
const ACCESS: Access = Access::May(Action::ViewPeople, On::Company);

/// The datasets the page is read from, and what it reads of each.
const DATASETS: [(&str, &[&str]); 5] = [
    (
        "people",
        &[
            "person_id",
            "full_name",
            "title",
            "department",
            "employment_type",
            "start_date",
            "end_date",
            "status",
            "email",
            "alias_emails",
            "observed_at",
            "background_check_status",
            "background_check_completed_on",
        ],
    ),
    (
        "leavers",
        &[
            "person_id",
            "full_name",
            "title",
            "department",
            "employment_type",
            "start_date",
            "end_date",
            "last_day",
            "background_check_status",
            "background_check_completed_on",
        ],
    ),
    (
        "accounts",
        &[
            "source_id",
            "observed_at",
            "kind",
            "status",
            "person_id",
            "email",
            "system",
            "native_id",
        ],
    ),
    (
        "training_assignments",
        &["person_id", "assigned_on", "due_on", "completed_on"],
    ),
    (
        "access_requests",
        &["kind", "granted_at", "requested_at", "subject_person_id"],
    ),
];

/// The page.
pub static PAGE: Page = Page {
    title: "People",
    icon: "users",
    group: Group::Evidence,
    href: "/people",
    access: ACCESS,
    count: no_count,
    routes: || vec![get("/people", ACCESS, list)],
};

/// The rows of a dataset; `None` when it was never imported.
type Known = Option<Vec<Row>>;

/// Everything the page is read from.
struct Populations {
    people: Known,
    leavers: Known,
    accounts: Known,
    training: Known,
    requests: Known,
}

impl Populations {
    fn of(rows: Vec<Known>) -> Self {
        let mut rows = rows.into_iter();
        let mut next = || rows.next().flatten();
        Self {
            people: next(),
            leavers: next(),
            accounts: next(),
            training: next(),
            requests: next(),
        }
    }
}

/// Everyone, and of which populations that is known.
struct Everyone {
    people: Vec<Person>,
    has_roster: bool,
    has_leavers: bool,
    has_accounts: bool,
    has_training: bool,
    has_requests: bool,
}

impl Everyone {
    /// Puts everyone together, once for the same populations, period and day.
    async fn read(visit: &Visit) -> Answer<Arc<Self>> {
        let recorded = visit.recorded()?;
        let frame = Frame {
            period: recorded.program.period,
            zone: recorded.zone.clone(),
            today: recorded.day(visit.now()),
        };
        let zone = &recorded.program.organization.time_zone;
        let wanted = Wanted {
            datasets: &DATASETS,
            besides: format!("people {:?} {zone} {}", frame.period, frame.today),
        };
        crate::rows::worked_out(visit, wanted, move |rows| {
            Self::of(&Populations::of(rows), &frame)
        })
        .await
    }

    fn of(populations: &Populations, frame: &Frame) -> Self {
        // Without a roster everyone who left would look like a person on none.
        let people = match &populations.people {
            Some(_) => Facts::new(populations, frame).people(),
            None => Vec::new(),
        };
        Self {
            people,
            has_roster: populations.people.is_some(),
            has_leavers: populations.leavers.is_some(),
            has_accounts: populations.accounts.is_some(),
            has_training: populations.training.is_some(),
            has_requests: populations.requests.is_some(),
        }
    }
}

/// The days that count.
struct Frame {
    period: Period,
    zone: TimeZone,
    today: Date,
}

fn all(known: &Known) -> &[Row] {
    known.as_deref().unwrap_or_default()
}

fn cell<'r>(row: &'r Row, column: &str) -> Option<&'r str> {
    row.get(column)
        .map(String::as_str)
        .filter(|text| !text.is_empty())
}

fn text(row: &Row, column: &str) -> Option<String> {
    cell(row, column).map(str::to_owned)
}

fn day(row: &Row, column: &str) -> Option<Date> {
    cell(row, column)?.parse().ok()
}

/// The day on which a row was observed, in UTC.
fn observed(row: &Row) -> &str {
    cell(row, "observed_at")
        .and_then(|at| at.get(..10))
        .unwrap_or_default()
}

/// One person.
struct Person {
    id: String,
    name: Option<String>,
    title: Option<String>,
    department: Option<String>,
    employment: Option<String>,
    start: Option<Date>,
    last_day: Option<Date>,
    is_on_roster: bool,
    is_active: bool,
    joined: bool,
    left: bool,
    moved: bool,
    /// Accounts in use when their systems were last observed.
    accounts: Option<usize>,
    training: Training,
    check: Check,
}

/// Training assigned in the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Training {
    /// Assignments were never imported.
    NotKnown,
    NotAssigned,
    Done,
    Open,
    Overdue,
}

/// The background check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    Clear,
    /// Clear, but finished after the first day.
    Late,
    Pending,
    NotRequired,
    /// The source cannot say, or the person is on no roster.
    NotKnown,
}

impl Training {
    fn words(self) -> (Tone, &'static str) {
        match self {
            Self::NotKnown => (Tone::Idle, t!("Not known")),
            Self::NotAssigned => (Tone::Warn, t!("None assigned")),
            Self::Done => (Tone::Ok, t!("Completed")),
            Self::Open => (Tone::Warn, t!("Open")),
            Self::Overdue => (Tone::Bad, t!("Overdue")),
        }
    }

    fn is_missing(self) -> bool {
        matches!(self, Self::NotAssigned | Self::Open | Self::Overdue)
    }
}

impl Check {
    fn of(row: &Row) -> Self {
        let late = || Some(day(row, "background_check_completed_on")? > day(row, "start_date")?);
        match cell(row, "background_check_status") {
            Some("clear") if late() == Some(true) => Self::Late,
            Some("clear") => Self::Clear,
            Some("pending") => Self::Pending,
            Some("not_required") => Self::NotRequired,
            _ => Self::NotKnown,
        }
    }

    fn words(self) -> (Tone, &'static str) {
        match self {
            Self::Clear => (Tone::Ok, t!("Clear")),
            Self::Late => (Tone::Warn, t!("Clear, after the first day")),
            Self::Pending => (Tone::Warn, t!("Pending")),
            Self::NotRequired => (Tone::Idle, t!("Not required")),
            Self::NotKnown => (Tone::Warn, t!("Not known")),
        }
    }

    fn is_missing(self) -> bool {
        matches!(self, Self::Pending | Self::NotKnown)
    }
}

impl Person {
    fn status(&self) -> (Tone, &'static str) {
        match self {
            Self {
                is_on_roster: false,
                ..
            } => (Tone::Bad, t!("On no roster")),
            Self {
                is_active: true,
                joined: true,
                ..
            } => (Tone::Note, t!("Joined in the period")),
            Self {
                is_active: true, ..
            } => (Tone::Ok, t!("Active")),
            Self { left: true, .. } => (Tone::Idle, t!("Left in the period")),
            _ => (Tone::Idle, t!("Left")),
        }
    }

    fn keeps_accounts(&self) -> bool {
        !self.is_active && self.accounts.is_some_and(|count| count > 0)
    }

    /// Whether a filter of the status keeps the person.
    fn is(&self, status: &str) -> bool {
        match status {
            "active" => self.is_active,
            "joined" => self.joined,
            "left" => self.left,
            "moved" => self.moved,
            _ => !self.is_on_roster,
        }
    }
}

/// What is worked out over all rows before people are put together.
struct Facts<'r> {
    roster: BTreeMap<&'r str, &'r Row>,
    leavers: BTreeMap<&'r str, &'r Row>,
    accounts: Option<BTreeMap<&'r str, usize>>,
    training: Option<BTreeMap<&'r str, Training>>,
    movers: BTreeSet<&'r str>,
    period: Period,
}

impl<'r> Facts<'r> {
    fn new(populations: &'r Populations, frame: &Frame) -> Self {
        let (period, today) = (frame.period, frame.today);
        let roster = newest(all(&populations.people), "observed_at");
        let accounts = populations
            .accounts
            .as_ref()
            .map(|rows| accounts_in_use(rows, &addresses(&roster)));
        let training = populations
            .training
            .as_ref()
            .map(|rows| training_of(rows, period, today));
        Self {
            leavers: newest(all(&populations.leavers), "last_day"),
            movers: movers(all(&populations.requests), frame),
            roster,
            accounts,
            training,
            period,
        }
    }

    fn people(&self) -> Vec<Person> {
        let unlisted = self
            .leavers
            .iter()
            .filter(|(id, _)| !self.roster.contains_key(*id));
        let listed = self
            .roster
            .iter()
            .map(|(id, row)| self.person(id, row, true));
        listed
            .chain(unlisted.map(|(id, row)| self.person(id, row, false)))
            .collect()
    }

    fn person(&self, id: &str, row: &Row, is_on_roster: bool) -> Person {
        let is_active = is_on_roster && cell(row, "status") == Some("active");
        // Who is active again after leaving has an old last day elsewhere.
        let left_on = self
            .leavers
            .get(id)
            .filter(|_| !is_active)
            .and_then(|it| day(it, "last_day"));
        let last_day = day(row, "end_date").or(left_on);
        let start = day(row, "start_date");
        let within = |on: Option<Date>| on.is_some_and(|on| self.period.contains(on));
        Person {
            id: id.to_owned(),
            name: text(row, "full_name"),
            title: text(row, "title"),
            department: text(row, "department"),
            employment: text(row, "employment_type"),
            start,
            last_day,
            is_on_roster,
            is_active,
            joined: within(start),
            left: within(last_day),
            moved: self.movers.contains(id),
            accounts: self
                .accounts
                .as_ref()
                .map(|of| of.get(id).copied().unwrap_or_default()),
            training: self.training.as_ref().map_or(Training::NotKnown, |of| {
                of.get(id).copied().unwrap_or(Training::NotAssigned)
            }),
            check: Check::of(row),
        }
    }
}

/// The row of each person that is greatest in `column`.
fn newest<'r>(rows: &'r [Row], column: &str) -> BTreeMap<&'r str, &'r Row> {
    let mut newest: BTreeMap<&'r str, &'r Row> = BTreeMap::new();
    for row in rows {
        let Some(id) = cell(row, "person_id") else {
            continue;
        };
        let known = newest.entry(id).or_insert(row);
        if cell(known, column) <= cell(row, column) {
            *known = row;
        }
    }
    newest
}

/// Whom an address belongs to; one that several people have belongs to none.
fn addresses<'r>(roster: &BTreeMap<&'r str, &'r Row>) -> BTreeMap<String, Option<&'r str>> {
    let mut owners: BTreeMap<String, Option<&'r str>> = BTreeMap::new();
    for (id, row) in roster {
        let lists = [cell(row, "email"), cell(row, "alias_emails")];
        for address in lists.into_iter().flatten().flat_map(split_list) {
            let owner = owners.entry(address.to_lowercase()).or_insert(Some(*id));
            if *owner != Some(*id) {
                *owner = None;
            }
        }
    }
    owners
}

/// The texts of a list as a row shows it, `[a, b]`.
fn split_list(list: &str) -> impl Iterator<Item = &str> {
    list.split(|c: char| c.is_whitespace() || "[],;\"'".contains(c))
        .filter(|it| !it.is_empty())
}

/// How many accounts of their own people have in use: those that were active
/// on the last day on which their source was observed. One that is gone by
/// then is not in use, though an older row still says so.
fn accounts_in_use<'r>(
    rows: &'r [Row],
    addresses: &BTreeMap<String, Option<&'r str>>,
) -> BTreeMap<&'r str, usize> {
    let mut last: BTreeMap<Option<&str>, &str> = BTreeMap::new();
    for row in rows {
        let known = last.entry(cell(row, "source_id")).or_default();
        *known = observed(row).max(*known);
    }
    let in_use = rows.iter().filter(|row| {
        let is_personal = matches!(cell(row, "kind"), Some("human" | "guest"));
        is_personal
            && cell(row, "status") == Some("active")
            && last.get(&cell(row, "source_id")) == Some(&observed(row))
    });
    let owned: BTreeSet<_> = in_use
        .filter_map(|row| {
            Some((
                holder(row, addresses)?,
                cell(row, "system"),
                cell(row, "native_id"),
            ))
        })
        .collect();
    let mut counts: BTreeMap<&'r str, usize> = BTreeMap::new();
    for (person, _, _) in owned {
        *counts.entry(person).or_default() += 1;
    }
    counts
}

/// Whose an account is: whom the source links it to, or whose address it has.
fn holder<'r>(row: &'r Row, addresses: &BTreeMap<String, Option<&'r str>>) -> Option<&'r str> {
    match cell(row, "person_id") {
        Some(id) => Some(id),
        None => addresses
            .get(&cell(row, "email")?.to_lowercase())
            .copied()
            .flatten(),
    }
}

/// How each person's assignments of the period stand, the worst of them.
fn training_of(rows: &[Row], period: Period, today: Date) -> BTreeMap<&str, Training> {
    let mut standing: BTreeMap<&str, Training> = BTreeMap::new();
    let of_period = rows
        .iter()
        .filter(|row| day(row, "assigned_on").is_some_and(|on| period.contains(on)));
    for row in of_period {
        let Some(id) = cell(row, "person_id") else {
            continue;
        };
        let one = match (cell(row, "completed_on"), day(row, "due_on")) {
            (Some(_), _) => Training::Done,
            (None, Some(due)) if due < today => Training::Overdue,
            (None, _) => Training::Open,
        };
        let known = standing.entry(id).or_insert(one);
        if *known == Training::Done || one == Training::Overdue {
            *known = one;
        }
    }
    standing
}

/// Whose access was changed in the period because their role changed.
fn movers<'r>(rows: &'r [Row], frame: &Frame) -> BTreeSet<&'r str> {
    let in_period = |row: &Row| {
        let at = cell(row, "granted_at").or_else(|| cell(row, "requested_at"))?;
        let at: Timestamp = at.parse().ok()?;
        let on = at.to_zoned(frame.zone.clone()).date();
        Some(frame.period.contains(on))
    };
    rows.iter()
        .filter(|row| cell(row, "kind") == Some("mover") && in_period(row) == Some(true))
        .filter_map(|row| cell(row, "subject_person_id"))
        .collect()
}

async fn list(visit: Visit) -> Answer<Response> {
    let everyone = Everyone::read(&visit).await?;
    let recorded = visit.recorded()?;
    let summary = html! {
        (missing(&visit, &everyone, recorded))
        @if everyone.has_roster { (figures(&visit, &everyone)) }
    };
    let tabs = status_tabs(&visit, &everyone);
    let table = table(&visit, &everyone.people);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let body = html! {
        (head(t!("People"), html! { (t!("Who works for the company, who joined and who left, from the imported rosters.")) }, html! {
            (parts::button_link(&visit.link("/populations/people"), "database", t!("The population")))
        }))
        (summary)
        section.card { div.body { (tabs) } (table.render(&visit)) }
    };
    Ok(Shown::new(t!("People"), body).in_frame(&visit))
}

/// What this page cannot say, and which population is not complete.
fn missing(visit: &Visit, everyone: &Everyone, recorded: &Recorded) -> Markup {
    let absent = [
        (
            "people",
            t!("Without a roster the page cannot say who works here."),
            !everyone.has_roster,
        ),
        (
            "leavers",
            t!("Who left is taken from the roster alone."),
            !everyone.has_leavers,
        ),
        (
            "accounts",
            t!("Whether people have accounts is not known."),
            !everyone.has_accounts,
        ),
        (
            "training_assignments",
            t!("Whether people were trained is not known."),
            !everyone.has_training,
        ),
        (
            "access_requests",
            t!("Who changed role is not known."),
            !everyone.has_requests,
        ),
    ];
    html! {
        @for (dataset, so, is_absent) in absent { @if is_absent {
            (parts::note(Tone::Warn, html! { b { (t!("Population {name} was never imported.", name = dataset)) } " " (so) }))
        } }
        @for (dataset, _) in DATASETS { @if let Some(Completeness::Incomplete { .. }) = recorded.completeness.get(dataset) {
            (parts::note(Tone::Bad, html! {
                b { (t!("Population {name} is not complete.", name = dataset)) } " "
                a.link href=(visit.link(&format!("/populations/{dataset}"))) { (t!("See what is missing")) }
            }))
        } }
    }
}

/// How many, or a dash where it is not known.
fn known_count(is_known: bool, count: usize) -> String {
    if is_known {
        format::number(count as u64)
    } else {
        "–".to_owned()
    }
}

fn figures(visit: &Visit, everyone: &Everyone) -> Markup {
    let people = &everyone.people;
    let active = people.iter().filter(|it| it.is_active);
    let untrained = active.clone().filter(|it| it.training.is_missing()).count();
    let unchecked = active.clone().filter(|it| it.check.is_missing()).count();
    let contractors = active
        .clone()
        .filter(|it| it.employment.as_deref() == Some("contractor"))
        .count();
    let keeping = people.iter().filter(|it| it.keeps_accounts()).count();
    let all = active.count();
    let of = format::number(all as u64);
    let (trains, knows_accounts) = (everyone.has_training, everyone.has_accounts);
    html! {
        div.grid.g-kpi {
            (parts::figure(t!("Active"), &of, None, html! { (tn!(contractors, "{n} of them a contractor", "{n} of them contractors")) },
                &visit.with_base("/people", &[("status", "active")])))
            (parts::figure(t!("Active without training"), &known_count(trains, untrained), trains.then_some(of.as_str()),
                html! { @if trains { (t!("assigned in the period and completed")) } @else { (t!("assignments were never imported")) } },
                &visit.with_base("/people", &[("status", "active"), ("training", "missing")])))
            (parts::figure(t!("Active without a clear check"), &format::number(unchecked as u64), Some(&of), html! { (t!("pending, or the source cannot say")) },
                &visit.with_base("/people", &[("status", "active"), ("check", "missing")])))
            (parts::figure(t!("Gone, with accounts in use"), &known_count(knows_accounts, keeping), None,
                html! { @if knows_accounts { (t!("when the systems were last observed")) } @else { (t!("accounts were never imported")) } },
                &visit.with_base("/people", &[("accounts", "kept")])))
        }
    }
}

fn status_choices() -> [(&'static str, &'static str); 5] {
    [
        ("active", t!("Active")),
        ("joined", t!("Joined in the period")),
        ("left", t!("Left in the period")),
        ("moved", t!("Changed role in the period")),
        ("unlisted", t!("On no roster")),
    ]
}

fn status_tabs(visit: &Visit, everyone: &Everyone) -> Markup {
    let people = &everyone.people;
    let asked = visit.asked("status").unwrap_or_default();
    let to = |status: &str| visit.with(&[("status", status), ("page", "")]);
    let mut tabs = vec![(t!("All"), Some(people.len()), to(""), asked.is_empty())];
    for (status, words) in status_choices() {
        let is_known = status != "moved" || everyone.has_requests;
        let count = people.iter().filter(|it| it.is(status)).count();
        // A leaver on no roster is rare: its tab is there when one is.
        if status != "unlisted" || count > 0 {
            tabs.push((
                words,
                is_known.then_some(count),
                to(status),
                asked == status,
            ));
        }
    }
    html! { @if !people.is_empty() { (parts::tabs(t!("Status"), &tabs)) } }
}

fn table<'v>(visit: &'v Visit, people: &'v [Person]) -> Table<'v, &'v Person> {
    let departments = register::choices(people.iter().filter_map(|it| it.department.as_deref()));
    let columns = vec![
        Column::new("id", t!("Person"), |row: &&Person| row.id.clone()).show(|row| tag(&row.id)),
        Column::new("name", t!("Name"), |row: &&Person| row.name.clone())
            .show(|row| html! { b.t { (row.name.as_deref().unwrap_or("–")) } @if let Some(it) = &row.employment { small { (format::words(it)) } } }),
        Column::new("title", t!("Title"), |row: &&Person| row.title.clone()).wide_only(),
        Column::new("department", t!("Department"), |row: &&Person| row.department.clone()).wide_only(),
        Column::new("status", t!("Status"), |row: &&Person| row.status().1)
            .show(|row| { let (tone, words) = row.status(); html! { (parts::pill(tone, words)) @if row.moved { " " (parts::label(t!("Changed role"))) } } }),
        Column::new("start", t!("First day"), |row: &&Person| row.start),
        Column::new("last_day", t!("Last day"), |row: &&Person| row.last_day),
        Column::new("accounts", t!("Accounts in use"), |row: &&Person| row.accounts).show(|row| accounts(row)).wide_only(),
        Column::new("training", t!("Training"), |row: &&Person| row.training.words().1)
            .show(|row| { let (tone, words) = row.training.words(); parts::pill(tone, words) }).wide_only(),
        Column::new("check", t!("Background check"), |row: &&Person| row.check.words().1)
            .show(|row| { let (tone, words) = row.check.words(); parts::pill(tone, words) }).wide_only(),
    ];
    let statuses = status_choices()
        .map(|(value, words)| (value.to_owned(), words.to_owned()))
        .to_vec();
    Table::new("people", people.iter().collect(), columns)
        .filter("status", t!("Any status"), statuses, |row, choice| {
            row.is(choice)
        })
        .filter(
            "department",
            t!("Any department"),
            departments,
            |row, choice| row.department.as_deref() == Some(choice),
        )
        .filter(
            "training",
            t!("Trained or not"),
            vec![
                ("done".into(), t!("Training completed").into()),
                ("missing".into(), t!("Without training").into()),
            ],
            |row, choice| {
                if choice == "done" {
                    row.training == Training::Done
                } else {
                    row.training.is_missing()
                }
            },
        )
        .filter(
            "check",
            t!("Checked or not"),
            vec![
                ("late".into(), t!("Checked after the first day").into()),
                ("missing".into(), t!("Without a clear check").into()),
            ],
            |row, choice| {
                if choice == "late" {
                    row.check == Check::Late
                } else {
                    row.check.is_missing()
                }
            },
        )
        .filter(
            "accounts",
            t!("With or without accounts"),
            vec![("kept".into(), t!("Gone, with accounts in use").into())],
            |row, _| row.keeps_accounts(),
        )
        .when_empty(nobody(visit))
}

fn accounts(person: &Person) -> Markup {
    match person.accounts {
        None => parts::pill(Tone::Idle, t!("Not known")),
        Some(count) if person.keeps_accounts() => parts::pill(
            Tone::Warn,
            &t!("{n} still in use", n = format::number(count as u64)),
        ),
        Some(count) => html! { (format::number(count as u64)) },
    }
}

fn nobody(visit: &Visit) -> Markup {
    let may = visit.may(Action::ImportPopulation);
    parts::empty(
        "users",
        t!("No roster was imported yet"),
        t!(
            "Export everyone who works or worked for the company in the period, contractors and interns included, and import it as `people`. Leavers, accounts and training assignments come from their own systems."
        ),
        html! { @if may { a.btn.primary href="/evidence/upload" { (icon("upload")) (t!("Upload an export")) } } },
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;
    use tickmark_catalog::Period;

    use super::{Check, Training, accounts_in_use, addresses, newest, training_of};
    use crate::rows::Row;

    fn row(cells: &[(&str, &str)]) -> Row {
        cells
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).to_owned()))
            .collect()
    }

    fn account(id: &str, holder: (&str, &str), day: &str) -> Row {
        let at = format!("{day}T19:00:00Z");
        row(&[
            ("source_id", "idp"),
            ("system", "idp"),
            ("native_id", id),
            ("kind", "human"),
            ("status", "active"),
            ("observed_at", at.as_str()),
            holder,
        ])
    }

    #[test]
    fn only_accounts_of_the_last_observation_are_in_use() {
        let people = [row(&[
            ("person_id", "E1"),
            ("email", "a@x"),
            ("alias_emails", "[b@x, c@x]"),
        ])];
        let owners = addresses(&newest(&people, "observed_at"));
        let accounts = [
            account("1", ("person_id", "E1"), "2026-05-31"),
            account("2", ("person_id", "E1"), "2026-06-30"),
            account("3", ("email", "C@x"), "2026-06-30"),
            account("4", ("email", "nobody@x"), "2026-06-30"),
        ];
        assert_eq!(
            accounts_in_use(&accounts, &owners),
            BTreeMap::from([("E1", 2)])
        );
    }

    #[test]
    fn an_address_of_two_people_is_nobodys() {
        let people = [
            row(&[("person_id", "E1"), ("email", "a@x")]),
            row(&[("person_id", "E2"), ("email", "A@x")]),
        ];
        let owners = addresses(&newest(&people, "observed_at"));
        assert_eq!(owners, BTreeMap::from([("a@x".to_owned(), None)]));
    }

    #[test]
    fn the_worst_assignment_decides() {
        let of = |assigned: &str, due: &str, done: &str| {
            row(&[
                ("person_id", "E1"),
                ("assigned_on", assigned),
                ("due_on", due),
                ("completed_on", done),
            ])
        };
        let period = Period::new(date(2025, 7, 1), date(2026, 6, 30)).unwrap();
        let done = of("2026-02-01", "2026-03-01", "2026-02-07");
        let open = of("2026-05-01", "2026-07-01", "");
        let overdue = of("2026-04-01", "2026-05-01", "");
        let before = of("2025-02-01", "2025-03-01", "");
        for (rows, expected) in [
            (vec![done.clone()], Some(Training::Done)),
            (vec![done.clone(), open.clone()], Some(Training::Open)),
            (
                vec![overdue.clone(), done.clone(), open],
                Some(Training::Overdue),
            ),
            (vec![done, before.clone()], Some(Training::Done)),
            (vec![before], None),
        ] {
            assert_eq!(
                training_of(&rows, period, date(2026, 6, 1))
                    .get("E1")
                    .copied(),
                expected
            );
        }
    }

    #[test]
    fn what_the_source_cannot_say_is_not_clear() {
        for (status, on, expected) in [
            ("clear", "2025-08-01", Check::Clear),
            ("clear", "2025-08-05", Check::Late),
            ("clear", "", Check::Clear),
            ("pending", "", Check::Pending),
            ("", "", Check::NotKnown),
        ] {
            let row = row(&[
                ("start_date", "2025-08-04"),
                ("background_check_status", status),
                ("background_check_completed_on", on),
            ]);
            assert_eq!(Check::of(&row), expected);
        }
    }
}
