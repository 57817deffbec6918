//! `tickmark import --example`: a mapping file for a dataset, to be filled in.
//!
//! Must hold: what is printed is a mapping that can be applied as it stands; it
//! reads a CSV file whose headers are the names of the dataset's columns.

use serde_json::json;
use tickmark_catalog::{Column, ColumnType, DatasetKind, DatasetSchema, Period, Problem, catalog};
use tickmark_program::Program;
use tickmark_realm::{CompanyState, Folded, Realm, Result};

use super::Session;

/// Prints a mapping for a dataset.
///
/// # Errors
/// When there is no such dataset.
pub fn run(session: &Session, dataset: &str) -> Result<u8> {
    let schema = catalog().named_dataset(dataset).map_err(|error| {
        Problem::new(error.to_string()).hint("`tickmark catalog list datasets` names them")
    })?;
    let (tenant, period) = match recorded_program(session) {
        Some(program) => (program.organization.id.to_string(), program.period),
        None => ("acme".to_owned(), example_period()),
    };
    let mapping = mapping(schema, &tenant, period);
    session.output.print(
        &json!({ "dataset": schema.name, "mapping": mapping }),
        || mapping.clone(),
    )?;
    Ok(0)
}

/// The program of the workspace, where there is one.
fn recorded_program(session: &Session) -> Option<Program> {
    let workspace = session.open().ok()?.expect(Realm::Company).ok()?;
    CompanyState::read(&workspace, None).ok()?.program().ok()
}

fn example_period() -> Period {
    let (start, end) = (
        jiff::civil::date(2025, 1, 1),
        jiff::civil::date(2025, 12, 31),
    );
    Period { start, end }
}

/// The mapping, with the meaning of every column above it.
fn mapping(schema: &DatasetSchema, tenant: &str, period: Period) -> String {
    let name = &schema.name;
    let id = name.replace('_', "-");
    let observed_on = period.end;
    let (covers, kind) = match schema.kind {
        DatasetKind::Event => (
            format!("covers = \"{period}\"   # the period the source was asked for\n"),
            "things that happened",
        ),
        DatasetKind::State => (String::new(), "a state, observed again at each export"),
    };
    let mut text = format!(
        "# {title}.\n# A row is identified by: {key}. The dataset holds {kind}.\n\
         id = \"{id}\"\ndataset = \"{name}\"\n\
         system = \"to be written\"   # the system of record\ntenant = \"{tenant}\"\n\
         format = \"csv\"   # or xlsx, json (with `records`), ndjson, parquet\n\
         files = [\"exports/{id}.csv\"]   # below this folder\n\
         observed_at = \"{observed_on}T23:00:00Z\"   # when the source was in this state\n\
         request = \"to be written\"   # what the source was asked, word for word\n{covers}\
         # source_count = 0   # what the source itself counts; a difference refuses the import\n\
         grade = \"client_file\"   # or connector, observed_run, screenshot\n",
        title = schema.title,
        key = schema.key.join(", "),
    );
    if schema
        .columns
        .iter()
        .any(|it| it.kind == ColumnType::Timestamp)
    {
        text.push_str("# time_zone = \"Europe/Berlin\"   # of times that say no offset\n");
    }
    text.push_str(&unmapped(schema));
    for column in schema.columns.iter().filter(|column| column.required) {
        text.push_str(&rule(column));
    }
    text
}

fn unmapped(schema: &DatasetSchema) -> String {
    let optional: Vec<&Column> = schema.columns.iter().filter(|it| !it.required).collect();
    if optional.is_empty() {
        return String::new();
    }
    let lines: String = optional
        .iter()
        .map(|column| {
            let kind = kind(column.kind);
            format!("  \"{}\",   # {kind}: {}\n", column.name, column.meaning)
        })
        .collect();
    format!(
        "# Columns left empty. Give one a section of its own below to fill it.\nunmapped = [\n{lines}]\n"
    )
}

fn rule(column: &Column) -> String {
    let (name, meaning) = (&column.name, &column.meaning);
    let more = match column.kind {
        ColumnType::Text => "# map = { \"Text of the source\" = \"value\" }\n# lower = true\n",
        ColumnType::Bool => "true = [\"true\", \"yes\"]\nfalse = [\"false\", \"no\"]\n",
        ColumnType::Date => "# format = \"%m/%d/%Y\"   # 2025-12-31 where absent\n",
        ColumnType::Timestamp => {
            "# format = \"epoch_s\"   # or epoch_ms, or like \"%d/%b/%Y:%H:%M:%S %z\"; ISO 8601 where absent\n"
        }
        ColumnType::TextList => "split = \";\"\n",
        ColumnType::Int | ColumnType::Float => "",
    };
    let kind = kind(column.kind);
    format!("\n# {kind}: {meaning}\n[columns.{name}]\nfrom = \"{name}\"\n{more}")
}

fn kind(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "text",
        ColumnType::Bool => "true or false",
        ColumnType::Int => "whole number",
        ColumnType::Float => "number",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "time",
        ColumnType::TextList => "list of texts",
    }
}

#[cfg(test)]
mod tests {
    use tickmark_catalog::catalog;
    use tickmark_evidence::Mapping;

    #[test]
    fn every_example_can_be_applied_as_it_stands() {
        for schema in &catalog().datasets {
            let text = super::mapping(schema, "acme", super::example_period());
            let read = Mapping::parse("example.toml", &text, &catalog().datasets);
            assert!(read.is_ok(), "{}: {text}", read.unwrap_err());
        }
    }
}
