//! `tickmark catalog`: what SOC 2 asks, and what the libraries offer.

use serde_json::json;
use tickmark_catalog::{
    CriterionId, DatasetKind, DatasetSchema, DescriptionCriterionId, LibraryControl, Problem,
    catalog, nearest,
};
use tickmark_control_tests::{ControlTest, library};
use tickmark_realm::Result;

use super::Session;
use crate::args::{CatalogCommand, CatalogList};

/// Shows or lists.
///
/// # Errors
/// When nothing has the id; names the nearest that exists.
pub fn run(session: &Session, command: &CatalogCommand) -> Result<u8> {
    match command {
        CatalogCommand::Show { id } => show(session, &id.join(" ")),
        CatalogCommand::List { what } => list(session, *what),
    }
}

fn show(session: &Session, id: &str) -> Result<u8> {
    if let Some(dataset) = catalog().dataset(id) {
        session.output.print(dataset, || dataset_text(dataset))?;
    } else if let Some(control) = id.parse().ok().and_then(|id| catalog().control(&id)) {
        session.output.print(control, || control_text(control))?;
    } else if let Some(criterion) = id
        .parse::<DescriptionCriterionId>()
        .ok()
        .and_then(|id| catalog().description_criterion(id))
    {
        session.output.print(criterion, || {
            format!("{}  {}\n", criterion.id, criterion.summary)
        })?;
    } else if let Ok(criterion) = id.parse::<CriterionId>() {
        show_criterion(session, criterion)?;
    } else if let Some(test) = library()?.into_iter().find(|test| test.id.as_str() == id) {
        session.output.print(&test, || test_text(&test))?;
    } else {
        return Err(unknown(id)?.into());
    }
    Ok(0)
}

/// What does not exist, with the nearest thing of any kind that does.
fn unknown(id: &str) -> Result<Problem> {
    let problem = match id.parse::<CriterionId>() {
        Err(error) if error.nearest.is_some() => Problem::new(error.to_string()),
        _ => Problem::new(format!("there is nothing called `{id}` in the catalog")),
    };
    let tests = library()?;
    let names = catalog()
        .datasets
        .iter()
        .map(|it| it.name.as_str())
        .chain(catalog().controls.iter().map(|it| it.id.as_str()))
        .chain(tests.iter().map(|it| it.id.as_str()));
    Ok(match nearest(id, names) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(
            "`tickmark catalog list criteria` names the criteria; `list controls`, `list tests` and `list datasets` the rest",
        ),
    })
}

fn test_text(test: &ControlTest) -> String {
    let controls: Vec<String> = test.controls.iter().map(ToString::to_string).collect();
    let mut text = format!(
        "{}  {}\n\ncontrols   {}\nreads      {}\ndeviation  {}\nwhy        {}\nremedy     {}\n",
        test.id,
        test.title,
        controls.join(", "),
        test.reads.join(", "),
        test.deviation,
        test.why,
        test.remedy
    );
    if let Some(days) = test.max_gap_days {
        text.push_str(&format!(
            "gap        an observation counts for {days} days\n"
        ));
    }
    for (name, parameter) in &test.parameters {
        let (default, meaning) = (&parameter.default, &parameter.meaning);
        text.push_str(&format!("parameter  {name} = {default}: {meaning}\n"));
    }
    text.push_str(&format!("\n{}\n", test.sql.trim_end()));
    text
}

fn show_criterion(session: &Session, id: CriterionId) -> Result<()> {
    let unknown = || Problem::new(format!("criterion `{id}` is not in the catalog"));
    let criterion = catalog().criterion(id).ok_or_else(unknown)?;
    let controls: Vec<&LibraryControl> = catalog().controls_for(id).collect();
    let crosswalk = catalog().crosswalk_row(id);
    let answer = json!({ "criterion": criterion, "controls": controls.iter().map(|it| &it.id).collect::<Vec<_>>(), "crosswalk": crosswalk });
    session.output.print(&answer, || {
        let mut text = format!(
            "{}  {}\n\npoints of focus (helpful, not required):\n",
            criterion.id, criterion.summary
        );
        for point in &criterion.points_of_focus {
            text.push_str(&format!("  {}  {}\n", point.id, point.title));
        }
        text.push_str("\ncontrols of the library:\n");
        for control in &controls {
            text.push_str(&format!("  {}  {}\n", control.id, control.title));
        }
        if let Some(row) = crosswalk {
            text.push_str("\nrelated to (our judgment):\n");
            let frameworks = [
                ("ISO 27001:2022", &row.iso27001_2022),
                ("NIST CSF 2.0", &row.nist_csf_2),
                ("NIST 800-53 r5", &row.nist_800_53_r5),
                ("HIPAA 45 CFR", &row.hipaa),
                ("PCI DSS 4", &row.pci_dss_4),
            ];
            for (name, ids) in frameworks.into_iter().filter(|(_, ids)| !ids.is_empty()) {
                text.push_str(&format!("  {name:<15} {}\n", ids.join(", ")));
            }
        }
        text
    })
}

fn control_text(control: &LibraryControl) -> String {
    let criteria: Vec<String> = control.criteria.iter().map(ToString::to_string).collect();
    let tests: Vec<&str> = control
        .tests
        .iter()
        .map(tickmark_catalog::ControlTestId::as_str)
        .collect();
    let mut text = format!(
        "{}  {}\n\n{}\n\ncriteria  {}\nowner     {}\n",
        control.id,
        control.title,
        control.description.trim(),
        criteria.join(", "),
        control.owner_role
    );
    text.push_str(&format!("evidence  {}\n", control.evidence.join("; ")));
    if !tests.is_empty() {
        text.push_str(&format!("tests     {}\n", tests.join(", ")));
    }
    text
}

/// What the rows of a dataset are.
fn holds(dataset: &DatasetSchema) -> String {
    match (dataset.kind, &dataset.time) {
        (DatasetKind::Event, Some(time)) => format!("what happened, at `{time}`"),
        (DatasetKind::Event, None) => "what happened".to_owned(),
        (DatasetKind::State, _) => "a state, observed again at each export".to_owned(),
    }
}

fn dataset_text(dataset: &DatasetSchema) -> String {
    let mut text = format!(
        "{}  {}\nkey: {}\nholds: {}\n\n",
        dataset.name,
        dataset.title,
        dataset.key.join(", "),
        holds(dataset)
    );
    for column in &dataset.columns {
        let kind = serde_json::to_value(column.kind)
            .ok()
            .and_then(|it| it.as_str().map(str::to_owned))
            .unwrap_or_default();
        let required = if column.required { " required" } else { "" };
        text.push_str(&format!(
            "  {:<32} {kind}{required}\n      {}\n",
            column.name, column.meaning
        ));
    }
    text
}

fn list(session: &Session, what: CatalogList) -> Result<u8> {
    let rows: Vec<(String, String)> = match what {
        CatalogList::Criteria => catalog()
            .criteria
            .iter()
            .map(|it| (it.id.to_string(), it.summary.clone()))
            .collect(),
        CatalogList::Controls => catalog()
            .controls
            .iter()
            .map(|it| (it.id.to_string(), it.title.clone()))
            .collect(),
        CatalogList::Datasets => catalog()
            .datasets
            .iter()
            .map(|it| (it.name.clone(), it.title.clone()))
            .collect(),
        CatalogList::Tests => library()?
            .into_iter()
            .map(|it| (it.id.to_string(), it.title))
            .collect(),
    };
    let answer: Vec<_> = rows
        .iter()
        .map(|(id, title)| json!({ "id": id, "title": title }))
        .collect();
    let width = rows
        .iter()
        .map(|(id, _)| id.len())
        .max()
        .unwrap_or_default();
    session.output.print(&answer, || {
        rows.iter()
            .map(|(id, title)| format!("{id:<width$}  {title}\n"))
            .collect()
    })?;
    Ok(0)
}
