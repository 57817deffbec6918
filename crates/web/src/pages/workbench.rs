//! The workbench: writing a control test as SQL, with every table at hand, and
//! saving it as the files of a test.
//!
//! What must hold: SQL that was typed runs in a process of its own, within its
//! limits, and changes nothing; a test is saved only with fixtures that prove
//! it, and is recorded like any other file of the program.

use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::Action;
use tickmark_catalog::{ControlTestId, DatasetSchema, Problem, catalog};
use tickmark_control_tests::{ItemStatus, TestResult};
use tickmark_realm::{Edits, Evaluation};

use crate::fault::{Answer, Fault};
use crate::format::number;
use crate::frame::{Shown, head};
use crate::guard::{again, see};
use crate::parts;
use crate::route::{Access, On, Route, get, post};
use crate::strings::t;
use crate::visit::Visit;

const READERS: Access = Access::May(Action::RunUnsavedSql, On::Company);
const AUTHORS: Access = Access::May(Action::SaveTest, On::Company);

/// Items shown of a run.
const SHOWN_ITEMS: usize = 100;

/// SQL to begin with: every leaver as an item.
const EXAMPLE: &str = "\
SELECT
  person_id AS item,
  CASE WHEN last_day IS NULL THEN 'not_tested' ELSE 'operated' END AS status,
  CASE WHEN last_day IS NULL THEN 'the source gives no last day' ELSE '' END AS reason,
  last_day AS occurred_at
FROM leavers
WHERE last_day BETWEEN $period_start AND $period_end
";

/// The routes.
pub fn routes() -> Vec<Route> {
    vec![
        get("/workbench", READERS, show),
        post("/workbench", READERS, run),
        get("/workbench/rows/{dataset}", READERS, rows),
        post("/workbench/save", AUTHORS, save),
    ]
}

async fn show(visit: Visit) -> Answer<Response> {
    let test: Option<ControlTestId> = visit.asked("test").and_then(|it| it.parse().ok());
    let recorded = visit.recorded()?;
    let sql = test
        .and_then(|id| recorded.test(&id))
        .map_or(EXAMPLE, |test| test.sql.as_str())
        .to_owned();
    Ok(page(&visit, &SaveForm::new(sql), html! {}))
}

/// The workbench with what was typed. `below`: what came of the SQL.
fn page(visit: &Visit, form: &SaveForm, below: Markup) -> Response {
    let sql = &form.sql;
    let words: Vec<String> = catalog()
        .datasets
        .iter()
        .flat_map(|it| {
            std::iter::once(it.name.clone())
                .chain(it.columns.iter().map(|column| column.name.clone()))
        })
        .collect();
    let body = html! {
        (head(t!("Workbench"), html! { (t!("One row an item: item, status, reason, occurred_at, and any further column. Nothing typed here is recorded.")) }, html! {}))
        div.grid.g-detail {
            div.stack {
                form.form.wide method="post" action="/workbench" {
                    (parts::field("sql", t!("SQL"), t!("Ctrl+Space completes names of tables and columns; Ctrl+Enter runs."), html! {
                        textarea #sql.editor name="sql" rows="18" spellcheck="false" data-complete=(words.join(" ")) aria-describedby="sql-hint" { (sql) }
                    }))
                    div.row.wrap { (parts::button_primary("play", t!("Run over the period"))) }
                }
                (below)
                @if visit.may(Action::SaveTest) { (save_card(form)) }
            }
            aside.stack { section.side-sec { h2 { (t!("Tables")) } @for schema in &catalog().datasets { (table(visit, schema)) } } }
        }
    };
    Shown::new(t!("Workbench"), body)
        .below("/tests", t!("Tests"))
        .in_frame(visit)
}

/// A table with its columns; those that were imported first say so.
fn table(visit: &Visit, schema: &DatasetSchema) -> Markup {
    let current = visit.picture().map_or(0, |picture| {
        picture
            .state
            .evidence
            .current(&schema.name)
            .iter()
            .map(|it| it.row_count)
            .sum::<u64>()
    });
    html! {
        details {
            summary { code { (schema.name) } " " span.mut { @if current > 0 { (number(current)) } @else { (t!("not imported")) } } }
            p.mut { (schema.title) }
            ul.plain { @for column in &schema.columns { li title=(column.meaning) { code { (column.name) } " " span.mut { (crate::format::named(&column.kind)) } } } }
            @if current > 0 { a.link href={ "/workbench/rows/" (schema.name) } { (t!("Example rows")) } }
        }
    }
}

async fn rows(visit: Visit) -> Answer<Response> {
    let dataset = visit.param("dataset").to_owned();
    let current = visit
        .picture()?
        .state
        .evidence
        .current(&dataset)
        .first()
        .map(|it| it.derived.clone())
        .ok_or(Fault::NotFound)?;
    let rows = crate::rows::some(&visit, &current, 0, 20).await?;
    let body = html! {
        (head(&t!("Example rows of {name}", name = dataset), html! {}, html! {}))
        section.card { (super::populations::raw_rows(&rows)) }
    };
    Ok(Shown::new(dataset, body)
        .below("/workbench", t!("Workbench"))
        .in_frame(&visit))
}

#[derive(Deserialize)]
struct Typed {
    sql: String,
}

async fn run(visit: Visit, Form(form): Form<Typed>) -> Answer<Response> {
    let sql = form.sql.replace("\r\n", "\n");
    let (host, state, text) = (
        visit.company()?.clone(),
        visit.picture()?.state.clone(),
        sql.clone(),
    );
    let executable = visit.app().surroundings().executable().to_owned();
    let ran = tokio::task::spawn_blocking(move || {
        let evaluation = Evaluation::new(&state, host.store(), None, None, &executable)?;
        Ok::<_, tickmark_realm::Error>(evaluation.run_unsaved(&text)?)
    });
    let ran = ran
        .await
        .map_err(|error| Fault::Failed(error.to_string()))?;
    let below = match ran.map_err(Fault::from) {
        Ok(result) => outcome(&visit, &result),
        Err(fault @ Fault::Refused(_)) => crate::guard::problems(&fault.problems()),
        Err(other) => return Err(other),
    };
    Ok(page(&visit, &SaveForm::new(sql), below))
}

fn outcome(visit: &Visit, result: &TestResult) -> Markup {
    let counts = result.counts;
    html! {
        section.card.split {
            header { h2 { (t!("What came out")) } (parts::outcome(&result.outcome)) }
            dl.figures.inset {
                div { dt { (t!("Population")) } dd { (number(counts.population)) } }
                div { dt { (t!("Operated")) } dd { (number(counts.operated)) } }
                div { dt { (t!("Deviate")) } dd { (number(counts.deviations)) } }
                div { dt { (t!("Not tested")) } dd { (number(counts.not_tested)) } }
            }
            div.scroll tabindex="0" role="region" aria-label=(t!("Items")) { table.tbl {
                thead { tr { th scope="col" { (t!("Item")) } th scope="col" { (t!("Status")) } th scope="col" { (t!("Reason")) } th scope="col" { (t!("When")) } } }
                tbody { @for item in result.items.iter().filter(|it| it.status != ItemStatus::Operated).chain(result.items.iter().filter(|it| it.status == ItemStatus::Operated)).take(SHOWN_ITEMS) { tr {
                    td { (item.item) } td { (super::tests::status(item.status)) } td { (item.reason) } td { @if let Some(at) = item.occurred_at { (super::tests::occurred(at, &visit.zone())) } }
                } } }
            } }
            @if result.items.len() > SHOWN_ITEMS { p.none { (t!("The first {n} of {all} are shown.", n = SHOWN_ITEMS, all = number(result.items.len() as u64))) } }
        }
    }
}

/// The form that makes files of a test; its fixtures are the first two items
/// one can think of, to be replaced by the author's own.
fn save_card(form: &SaveForm) -> Markup {
    let is_begun = !form.id.is_empty();
    parts::card(
        t!("Save as a control test"),
        html! {},
        html! {
            details open[is_begun] { summary { (t!("Make the files of a test")) }
                form.form.wide method="post" action="/workbench/save" {
                    input type="hidden" name="sql" value=(form.sql);
                    div.form-row {
                        (parts::field("id", t!("Id"), t!("Lower-case words with dashes."), html! { input #id name="id" required value=(form.id) aria-describedby="id-hint"; }))
                        (parts::field("controls", t!("Controls it tests"), t!("Separated by spaces."), html! { input #controls name="controls" required value=(form.controls) aria-describedby="controls-hint"; }))
                        (parts::field("population", t!("Dataset of its items"), "", html! { select #population name="population" required { @for schema in &catalog().datasets { option value=(schema.name) selected[schema.name == form.population] { (schema.name) } } } }))
                    }
                    (parts::field("files", t!("test.toml and fixtures"), t!("Each file begins with a line “== path”. Every test needs a fixture that operates and one that deviates; they are run before anything is recorded."), html! { textarea #files.editor name="files" rows="20" spellcheck="false" aria-describedby="files-hint" { (form.files) } }))
                    (parts::button_primary("save", t!("Check and record")))
                }
            }
        },
    )
}

fn skeleton() -> &'static str {
    include_str!("workbench/skeleton.txt")
}

#[derive(Deserialize)]
struct SaveForm {
    sql: String,
    id: String,
    controls: String,
    population: String,
    files: String,
}

impl SaveForm {
    /// As it opens: SQL, and files to begin with.
    fn new(sql: String) -> Self {
        Self {
            sql,
            id: String::new(),
            controls: String::new(),
            population: String::new(),
            files: skeleton().to_owned(),
        }
    }
}

/// Records the files of a test, or shows them again with what is wrong.
async fn save(visit: Visit, Form(form): Form<SaveForm>) -> Answer<Response> {
    match record(&visit, &form).await {
        Ok(id) => Ok(see(&format!("/tests/{id}"))),
        Err(fault) => again(fault, |above| Ok(page(&visit, &form, above))),
    }
}

/// Checks the test over its fixtures, then records its files.
async fn record(visit: &Visit, form: &SaveForm) -> Answer<ControlTestId> {
    let id: ControlTestId =
        form.id
            .trim()
            .parse()
            .map_err(|error: tickmark_catalog::MalformedId| {
                Problem::new(error.to_string()).hint("use lower-case words with dashes")
            })?;
    let edits = files_of(&id, form)?;
    let texts = edits
        .iter()
        .filter_map(|(path, text)| {
            Some((
                path.strip_prefix(&format!("tests/{id}/"))?.to_owned(),
                text.clone()?,
            ))
        })
        .collect();
    let folder = tickmark_control_tests::TestFolder {
        path: format!("tests/{id}"),
        files: texts,
    };
    let test = tickmark_control_tests::ControlTest::from_folder(&folder)?;
    let executable = visit.app().surroundings().executable().to_owned();
    let checked = tokio::task::spawn_blocking(move || {
        tickmark_realm::run_fixtures(&[(folder, test)], &executable)
    });
    let outcomes = checked
        .await
        .map_err(|error| Fault::Failed(error.to_string()))??;
    let failed = outcomes.into_iter().flat_map(|outcome| {
        let fixture = outcome.fixture;
        let differs = outcome.differences.into_iter().map(move |what| {
            Problem::new(format!("fixture `{fixture}`: {what}"))
                .hint("correct the SQL or what the fixture expects")
        });
        outcome
            .problem
            .into_iter()
            .chain(differs)
            .collect::<Vec<_>>()
    });
    tickmark_catalog::Problems::unless_empty(failed.collect(), ())?;
    let actor = visit.actor()?;
    visit
        .company()?
        .command(move |company| company.edit(&actor, &edits))
        .await?;
    Ok(id)
}

/// The files typed, below the folder of the test.
fn files_of(id: &ControlTestId, form: &SaveForm) -> Answer<Edits> {
    let controls: Vec<String> = form
        .controls
        .split([' ', ','])
        .filter(|it| !it.is_empty())
        .map(|it| format!("\"{it}\""))
        .collect();
    let text = form
        .files
        .replace("\r\n", "\n")
        .replace("\"{id}\"", &format!("\"{id}\""))
        .replace("[{controls}]", &format!("[{}]", controls.join(", ")))
        .replace("\"{population}\"", &format!("\"{}\"", form.population))
        .replace("/{population}.csv", &format!("/{}.csv", form.population));
    let mut edits = Edits::from([(
        format!("tests/{id}/test.sql"),
        Some(form.sql.replace("\r\n", "\n")),
    )]);
    for part in text
        .split("\n== ")
        .map(|part| part.strip_prefix("== ").unwrap_or(part))
    {
        let Some((path, text)) = part.split_once('\n') else {
            continue;
        };
        edits.insert(
            format!("tests/{id}/{}", path.trim()),
            Some(format!("{}\n", text.trim_end())),
        );
    }
    if edits.len() < 2 {
        return Err(Problem::new("there are no files besides the SQL")
            .hint("begin each with a line `== test.toml` or `== fixtures/operates/leavers.csv`")
            .into());
    }
    Ok(edits)
}

#[cfg(test)]
mod tests {
    use super::{SaveForm, files_of};

    #[test]
    fn files_are_told_apart_by_their_heads() {
        let form = SaveForm {
            sql: "SELECT 1".to_owned(),
            id: "x".to_owned(),
            controls: "TM-001 TM-002".to_owned(),
            population: "leavers".to_owned(),
            files: "== test.toml\r\nid = \"{id}\"\r\ncontrols = [{controls}]\r\n== fixtures/operates/leavers.csv\r\na,b\r\n".to_owned(),
        };
        let edits = files_of(&"x".parse().unwrap(), &form).unwrap();
        assert_eq!(
            edits["tests/x/test.toml"].as_deref(),
            Some("id = \"x\"\ncontrols = [\"TM-001\", \"TM-002\"]\n")
        );
        assert_eq!(
            edits["tests/x/fixtures/operates/leavers.csv"].as_deref(),
            Some("a,b\n")
        );
    }
}
