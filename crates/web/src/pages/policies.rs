//! Policies: what the company has decided and published, each with who approved
//! it and when it is to be reviewed, and every version the ledger has.
//!
//! What must hold: a text is shown as it was recorded, and its digest is the
//! ledger's; a comparison leaves no changed line out and marks it by a sign as
//! well as by colour; whoever reads policies only sees nothing of controls but
//! their ids.

mod actions;

use axum::response::Response;
use jiff::Span;
use jiff::civil::Date;
use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};
use tickmark_access::Action;
use tickmark_program::{Policy, ProgramEvent, RecordId, RecordedFile};
use tickmark_realm::Told;
use tickmark_report::pdf::{Sheet, child};

use super::ledger::Said;
use super::register;
use super::{Group, Page};
use crate::fault::{Answer, Fault};
use crate::format;
use crate::frame::{Shown, head};
use crate::listing::{Column, Table, download};
use crate::markdown;
use crate::parts::{self, Tone, icon, tag};
use crate::picture::Recorded;
use crate::route::{Access, On, get, post};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// Who may read policies.
const ACCESS: Access = Access::May(Action::ViewPolicies, On::Company);

/// Who may propose and approve policies.
const APPROVERS: Access = Access::May(Action::ApprovePolicy, On::Company);

/// Unchanged lines a comparison shows around changed ones.
const CONTEXT_LINES: usize = 3;

/// The page.
pub static PAGE: Page = Page {
    title: "Policies",
    icon: "scroll-text",
    group: Group::Program,
    href: "/policies",
    access: ACCESS,
    count: |visit| Some(visit.recorded().ok()?.program.policies.len()),
    routes: || {
        vec![
            get("/policies", ACCESS, list),
            get("/policies/{id}", ACCESS, show),
            get("/policies/{id}/history", ACCESS, history),
            get("/policies/{id}/pdf", ACCESS, pdf),
            get("/policies/{id}/edit", APPROVERS, actions::editor),
            post("/policies/{id}/draft", APPROVERS, actions::draft),
            post("/policies/{id}/approve", APPROVERS, actions::approve),
            post("/policies/{id}/discard", APPROVERS, actions::discard),
            post(
                "/policies/{id}/acknowledge",
                Access::May(Action::AcknowledgePolicy, On::Company),
                actions::acknowledge,
            ),
        ]
    },
};

/// The day by which a policy is to be reviewed again.
pub fn next_review(policy: &Policy) -> Option<Date> {
    let months = Span::new().try_months(policy.review_months).ok()?;
    policy.approved_on.checked_add(months).ok()
}

fn file_of(policy: &Policy) -> String {
    format!("policies/{}.md", policy.id)
}

async fn list(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let table = table(&visit, recorded);
    if let Some(file) = table.file(&visit) {
        return file;
    }
    let today = recorded.day(visit.now());
    let overdue = recorded
        .program
        .policies
        .iter()
        .filter(|it| register::is_overdue(next_review(it), today))
        .count();
    let body = html! {
        (head(t!("Policies"), html! { (t!("What the company has decided and published, and who answers for it.")) }, html! {}))
        @if overdue > 0 {
            (parts::note(Tone::Warn, html! {
                b { (tn!(overdue, "The review of {n} policy is overdue.", "The review of {n} policies is overdue.")) } " "
                a.link href=(visit.with_base("/policies", &[("review", "overdue")])) { (t!("Show them")) }
            }))
        }
        section.card { (table.render(&visit)) }
    };
    Ok(Shown::new(t!("Policies"), body).in_frame(&visit))
}

fn table<'v>(visit: &'v Visit, recorded: &'v Recorded) -> Table<'v, &'v Policy> {
    let policies = &recorded.program.policies;
    let today = recorded.day(visit.now());
    let columns = vec![
        Column::new("title", t!("Policy"), |row: &&Policy| row.title.clone())
            .show(move |row| html! { a.t href=(visit.link(&format!("/policies/{}", row.id))) { (row.title) } small { (row.id) } }),
        Column::new("version", t!("Version"), |row: &&Policy| row.version.clone()),
        Column::new("approved", t!("Approved"), |row: &&Policy| row.approved_on),
        Column::new("approver", t!("Approved by"), |row: &&Policy| row.approver_role.clone()).wide_only(),
        Column::new("review", t!("Next review"), |row: &&Policy| next_review(row)).show(move |row| register::due(next_review(row), today)),
        Column::new("owner", t!("Owner"), |row: &&Policy| row.owner_role.clone()).show(|row| parts::person(&row.owner_role)).wide_only(),
        Column::new("controls", t!("Controls"), |row: &&Policy| row.controls.len()).wide_only(),
    ];
    Table::new("policies", policies.iter().collect(), columns)
        .filter("owner", t!("Any owner"), register::choices(policies.iter().map(|it| it.owner_role.as_str())), |row, choice| row.owner_role == choice)
        .filter("review", t!("Overdue or not"), vec![("overdue".into(), t!("Review overdue").into()), ("current".into(), t!("Review current").into())],
            move |row, choice| register::is_overdue(next_review(row), today) == (choice == "overdue"))
        .when_empty(parts::empty("scroll-text", t!("No policy is recorded yet"),
            t!("A policy says what the company has decided, who approved it and when it is looked at again. Write each as a Markdown file into policies/ and name the controls that carry it out."), html! {}))
}

fn found(visit: &Visit) -> Answer<&Policy> {
    let id: RecordId = visit.parsed("id")?;
    visit
        .recorded()?
        .program
        .policy(id.as_str())
        .ok_or(Fault::NotFound)
}

fn recorded_file<'v>(visit: &'v Visit, policy: &Policy) -> Answer<&'v RecordedFile> {
    let state = &visit.picture()?.state;
    state
        .program
        .files()
        .get(&file_of(policy))
        .ok_or(Fault::NotFound)
}

/// Every entry that gave the policy another text, newest first.
fn versions(visit: &Visit, policy: &Policy) -> Answer<Vec<Said>> {
    super::ledger::about_of(visit, &[file_of(policy)], &[], |kind| {
        kind.starts_with("program.file_")
    })
}

/// The head and tabs that both pages of a policy have.
fn framed(
    visit: &Visit,
    policy: &Policy,
    versions: usize,
    tab: &str,
    body: Markup,
) -> Answer<Response> {
    let today = visit.recorded()?.day(visit.now());
    let base = format!("/policies/{}", policy.id);
    let body = html! {
        div.stack {
            div.page-head { div {
                div.row.wrap {
                    (tag(policy.id.as_str())) (parts::label(&t!("Version {version}", version = policy.version)))
                    @if register::is_overdue(next_review(policy), today) { (parts::pill(Tone::Bad, t!("Review overdue"))) }
                }
                h1.mt8 { (policy.title) }
            }
            div.row.wrap {
                (parts::button_link(&visit.link(&format!("{base}/pdf")), "download", "PDF"))
                @if visit.may(Action::ApprovePolicy) && visit.shows_past().is_none() { (parts::button_link(&format!("{base}/edit"), "square-pen", t!("Propose a change"))) } } }
            (parts::tabs(t!("Policy"), &[
                (t!("Text"), None, visit.link(&base), tab == "text"),
                (t!("History"), Some(versions), visit.link(&format!("{base}/history")), tab == "history"),
            ]))
        }
        (body)
    };
    Ok(Shown::new(policy.title.clone(), body)
        .below("/policies", t!("Policies"))
        .in_frame(visit))
}

async fn show(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let policy = found(&visit)?;
    let body = html! {
        (actions::state(&visit, policy)?)
        div.grid.g-detail {
            (parts::card(t!("Text of the policy"), html! {}, markdown::render(&policy.body)))
            aside.stack { (side(&visit, recorded, policy)?) }
        }
        @if visit.may(Action::ViewProgram) && !policy.controls.is_empty() {
            (parts::card_flush(t!("Controls that carry it out"), html! { span.mut { (tn!(policy.controls.len(), "{n} control", "{n} controls")) } },
                register::control_rows(&visit, recorded, &policy.controls)))
        }
    };
    framed(
        &visit,
        policy,
        versions(&visit, policy)?.len(),
        "text",
        body,
    )
}

/// The text of a policy as a file to hand out: which text it is stands on every
/// page.
async fn pdf(visit: Visit) -> Answer<Response> {
    let recorded = visit.recorded()?;
    let policy = found(&visit)?;
    let file = recorded_file(&visit, policy)?;
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let sheet = Sheet {
        organization: recorded.program.organization.name.clone(),
        title: policy.title.clone(),
        date: policy.approved_on,
        mark: t!(
            "{policy}, version {version}, SHA-256 {digest}",
            policy = policy.id,
            version = policy.version,
            digest = format::short(&file.sha256.to_string())
        ),
        facts: vec![
            fact(t!("Version"), policy.version.clone()),
            fact(t!("Approved"), format::day(policy.approved_on)),
            fact(t!("Approved by"), policy.approver_role.clone()),
            fact(t!("Owner"), policy.owner_role.clone()),
            fact(
                t!("Next review"),
                next_review(policy).map_or_else(String::new, format::day),
            ),
            fact(
                t!("SHA-256 of the file in the ledger"),
                file.sha256.to_string(),
            ),
        ],
        text: Vec::new(),
    };
    let sheet = sheet.with_markdown(&policy.body)?;
    let executable = visit.app().surroundings().executable().to_owned();
    let rendered = tokio::task::spawn_blocking(move || {
        child::render(&executable, child::Pages::Sheet(&sheet))
    })
    .await
    .map_err(|error| Fault::Failed(error.to_string()))?
    .map_err(|problem| Fault::Failed(problem.to_string()))?;
    let name = format!("{}-{}", policy.id, policy.version);
    Ok(download(rendered.pdf, "application/pdf", &name, "pdf"))
}

fn side(visit: &Visit, recorded: &Recorded, policy: &Policy) -> Answer<Markup> {
    let file = recorded_file(visit, policy)?;
    let today = recorded.day(visit.now());
    Ok(html! {
        (parts::properties(&[
            (t!("Version"), html! { (policy.version) }),
            (t!("Approved"), html! { time datetime=(policy.approved_on) { (format::day(policy.approved_on)) } }),
            (t!("Approved by"), parts::person(&policy.approver_role)),
            (t!("Next review"), register::due(next_review(policy), today)),
            (t!("Reviewed every"), html! { (tn!(policy.review_months, "{n} month", "{n} months")) }),
            (t!("Owner"), parts::person(&policy.owner_role)),
            (t!("Recorded"), html! { (format::instant(file.set_at, &visit.zone())) }),
        ]))
        section.side-sec { h2 { (t!("Controls")) }
            @if policy.controls.is_empty() { p.mut { (t!("No control carries it out.")) } }
            @else if visit.may(Action::ViewProgram) { (register::control_marks(visit, recorded, &policy.controls)) }
            @else { div.row.wrap { @for id in &policy.controls { (tag(id.as_str())) } } }
        }
        section.side-sec { h2 { (t!("SHA-256 of the file in the ledger")) } code.breaks { (file.sha256) } }
    })
}

async fn history(visit: Visit) -> Answer<Response> {
    let policy = found(&visit)?;
    let versions = versions(&visit, policy)?;
    let (from, to) = compared(&visit, &versions)?;
    let body = html! {
        (comparison(&visit, policy, from, to)?)
        (parts::card_flush(t!("Every version"), html! { span.mut { (t!("as the ledger has them, newest first")) } }, html! {
            @if versions.is_empty() { p.none { (t!("The ledger has no entry about it yet.")) } }
            ul.rows { @for (place, it) in versions.iter().enumerate() { li { (version_row(&visit, policy, it, versions.get(place + 1), to == Some(it.index))) } } }
        }))
    };
    framed(&visit, policy, versions.len(), "history", body)
}

/// The two versions to compare: those asked for, else the newest and the one
/// before it. Only entries about this policy can be asked for.
fn compared(visit: &Visit, versions: &[Said]) -> Answer<(Option<u64>, Option<u64>)> {
    let to = match asked(visit, "to", versions)? {
        Some(to) => Some(to),
        None => versions.first().map(|it| it.index),
    };
    let before = versions
        .iter()
        .map(|it| it.index)
        .find(|index| Some(*index) < to);
    let from = asked(visit, "from", versions)?.or(before);
    Ok((from, to))
}

fn asked(visit: &Visit, key: &str, versions: &[Said]) -> Answer<Option<u64>> {
    let Some(text) = visit.asked(key).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let index: u64 = text.parse().map_err(|_| Fault::NotFound)?;
    let is_version = versions.iter().any(|it| it.index == index);
    if is_version {
        Ok(Some(index))
    } else {
        Err(Fault::NotFound)
    }
}

fn version_row(
    visit: &Visit,
    policy: &Policy,
    it: &Said,
    before: Option<&Said>,
    is_shown: bool,
) -> Markup {
    let base = format!("/policies/{}", policy.id);
    html! {
        div.row-link {
            (parts::avatar(&it.who))
            span.grow { b { (it.who) } " " (it.what) small { (it.when) } }
            @if is_shown { (parts::pill(Tone::Note, t!("Compared above"))) }
            @if let Some(before) = before {
                a.link href=(visit.with_base(&format!("{base}/history"), &[("from", &before.index.to_string()), ("to", &it.index.to_string())])) {
                    (t!("What changed")) span.vh { " " (t!("in entry {n}", n = it.index)) }
                }
            }
            a.link href={ (base) "?at=" (it.index) } { (t!("The text then")) span.vh { " " (t!("after entry {n}", n = it.index)) } }
        }
    }
}

fn comparison(
    visit: &Visit,
    policy: &Policy,
    from: Option<u64>,
    to: Option<u64>,
) -> Answer<Markup> {
    let (Some(from), Some(to)) = (from, to) else {
        return Ok(parts::note(
            Tone::Note,
            html! { (t!("This is its first version: there is none to compare it with.")) },
        ));
    };
    let (before, after) = (text_at(visit, policy, from)?, text_at(visit, policy, to)?);
    let body = match (before, after) {
        (Some(before), Some(after)) => difference(&before, &after),
        _ => {
            html! { p.none { (t!("The text of one of them was erased. Its digest stays in the ledger.")) } }
        }
    };
    let head = html! { span.mut { (t!("from entry {from} to entry {to}", from = from, to = to)) } };
    Ok(parts::card_flush(t!("What changed"), head, body))
}

/// The text that an entry gave a policy; none once it was erased. It is read
/// from the entry itself: the whole state as of then is not needed for it.
fn text_at(visit: &Visit, policy: &Policy, index: u64) -> Answer<Option<String>> {
    let reader = visit.company()?.workspace().reader()?;
    let record = reader
        .entries(index..index + 1)
        .next()
        .ok_or(Fault::NotFound)?;
    let record = record.map_err(|error| Fault::Failed(error.to_string()))?;
    let event: Option<ProgramEvent> = Told::try_from(record)?.event()?;
    match event {
        Some(event) if event.path() != file_of(policy) => Err(Fault::NotFound),
        Some(ProgramEvent::FileSet { text, .. }) => Ok(Some(text)),
        Some(_) => Ok(Some(String::new())),
        None => Ok(None),
    }
}

/// Two texts line by line: what was taken out, what was put in, and a few lines
/// around it.
pub fn difference(before: &str, after: &str) -> Markup {
    let diff = TextDiff::from_lines(before, after);
    let groups = diff.grouped_ops(CONTEXT_LINES);
    if groups.is_empty() {
        return html! { p.none { (t!("The texts are the same.")) } };
    }
    html! {
        div.diff tabindex="0" role="region" aria-label=(t!("Changed lines")) {
            @for (place, group) in groups.iter().enumerate() {
                @if place > 0 { p.diff-skip { (icon("ellipsis")) (t!("unchanged lines")) } }
                @for change in group.iter().flat_map(|op| diff.iter_changes(op)) { (line(change.tag(), change.value())) }
            }
        }
    }
}

/// A line with its sign; the sign is read out as a word.
fn line(tag: ChangeTag, text: &str) -> Markup {
    let text = text.trim_end_matches(['\r', '\n']);
    match tag {
        ChangeTag::Equal => html! { span { "  " (text) } },
        ChangeTag::Delete => {
            html! { del { b aria-hidden="true" { "- " } b.vh { (t!("Taken out: ")) } (text) } }
        }
        ChangeTag::Insert => {
            html! { ins { b aria-hidden="true" { "+ " } b.vh { (t!("Put in: ")) } (text) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn every_changed_line_has_its_sign() {
        let shown = difference("one\ntwo\nthree\n", "one\n2\nthree\nfour\n").into_string();
        assert_eq!(shown.matches("<del").count(), 1);
        assert_eq!(shown.matches("<ins").count(), 2);
        assert_eq!(shown.matches(">- </b>").count(), 1);
        assert_eq!(shown.matches(">+ </b>").count(), 2);
        for line in ["two</del>", "2</ins>", "four</ins>"] {
            assert!(shown.contains(line), "{line}");
        }
    }

    #[test]
    fn lines_far_from_a_change_are_left_out() {
        let before: String = (0..40).map(|n| format!("line {n}\n")).collect();
        let after = before
            .replace("line 2\n", "line two\n")
            .replace("line 37\n", "line 37 anew\n");
        let shown = difference(&before, &after).into_string();
        assert!(!shown.contains("line 20<"));
        assert_eq!(shown.matches("diff-skip").count(), 1);
    }

    #[test]
    fn what_is_in_a_text_stays_text() {
        let shown = difference("", "<script>alert(1)</script>\n").into_string();
        assert!(!shown.contains("<script>"));
    }

    #[test]
    fn equal_texts_say_so() {
        assert!(difference("a\n", "a\n").into_string().contains("the same"));
    }
}
