//! Reads and checks a mapping file.
//!
//! Must hold: reading never stops at the first problem; what is returned on
//! success fits the dataset.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tickmark_catalog::{
    DatasetKind, DatasetSchema, Field, FieldValue, Fields, Period, Problem, Problems, nearest,
    read_toml,
};

use super::read_column::{ColumnContext, column_rules};
use super::{ColumnRule, Format, Grade, Mapping, ObservedAt, Origin};
use crate::import::convert::{Kind, Rule};
use crate::zone::time_zone;

pub(super) fn mapping(
    file: &str,
    text: &str,
    datasets: &[DatasetSchema],
) -> Result<Mapping, Problems> {
    let mut problems = Vec::new();
    let mapping = read_toml(file, text, &mut problems, |fields| {
        read(fields, text, datasets)
    });
    match mapping {
        Some(mapping) => Problems::unless_empty(problems, mapping),
        None => Err(Problems(problems)),
    }
}

fn read(fields: &mut Fields<'_>, text: &str, datasets: &[DatasetSchema]) -> Option<Mapping> {
    let missing = KEYS.iter().filter(|key| !fields.has(key)).count();
    let id = fields.required::<SourceId>("id");
    let dataset = dataset(fields, datasets);
    let system = fields.text("system");
    let tenant = fields.text("tenant");
    let format = format(fields);
    let files = files(fields);
    let zone = fields.optional::<Zone>("time_zone").map(|Zone(zone)| zone);
    let observed_at = observed_at(fields, zone.as_ref());
    let request = fields.text("request");
    let covers = covers(fields, dataset);
    let source_count = fields.optional("source_count");
    let not_collected = fields.list("not_collected");
    let notes = fields.list("notes");
    let scopes = fields.list("scopes");
    let grade = fields.required("grade");
    let unmapped_place = fields.place_of("unmapped");
    let unmapped: Vec<String> = fields.list("unmapped");
    let context = ColumnContext {
        dataset,
        unmapped_place,
        format: format.as_ref(),
        zone: zone.as_ref(),
    };
    let columns = column_rules(fields, &context, &unmapped);
    if missing > 1 {
        report_incomplete(fields, dataset, missing);
    }
    Some(Mapping {
        id: id?.0,
        dataset: dataset?.name.clone(),
        system: system?,
        tenant: tenant?,
        format: format?,
        files: files?,
        time_zone: zone,
        observed_at: observed_at?,
        request: request?,
        covers,
        source_count,
        not_collected,
        notes,
        scopes,
        grade: grade?,
        columns: columns?,
        unmapped,
        text: text.to_owned(),
    })
}

/// Says where a whole mapping can be seen.
fn report_incomplete(fields: &Fields<'_>, dataset: Option<&DatasetSchema>, missing: usize) {
    let dataset = dataset.map_or("leavers", |dataset| &dataset.name);
    let problem = Problem::new(format!("{missing} keys that every mapping has are missing"));
    let hint = format!("`tickmark import --example {dataset}` prints a mapping that has them all");
    fields.report(problem.in_place(fields.place_of("id")).hint(hint));
}

/// The keys that every mapping has.
const KEYS: [&str; 9] = [
    "id",
    "dataset",
    "system",
    "tenant",
    "format",
    "files",
    "observed_at",
    "request",
    "grade",
];

/// The id of a source: small letters, digits and dashes.
struct SourceId(String);

impl FieldValue for SourceId {
    fn read(field: &Field<'_>) -> Option<Self> {
        let text = String::read(field)?;
        if tickmark_catalog::is_kebab_case(&text) {
            return Some(Self(text));
        }
        field.refuse(Problem::new(format!(
            "source id `{text}` may hold only small letters, digits and single dashes"
        )))
    }
}

struct Zone(TimeZone);

impl FieldValue for Zone {
    fn read(field: &Field<'_>) -> Option<Self> {
        let name = String::read(field)?;
        time_zone(&name).map(Self).or_else_refuse(field)
    }
}

impl FieldValue for Grade {
    fn read(field: &Field<'_>) -> Option<Self> {
        let grades = [
            ("connector", Self::Connector),
            ("observed_run", Self::ObservedRun),
            ("screenshot", Self::Screenshot),
            ("client_file", Self::ClientFile),
        ];
        let text = String::read(field)?;
        let found = grades
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, grade)| *grade);
        let names = grades.map(|(name, _)| format!("`{name}`")).join(", ");
        found
            .ok_or_else(|| format!("grade `{text}` is not one of {names}"))
            .or_else_refuse(field)
    }
}

/// Turns a sentence into a problem at the field.
trait OrElseRefuse<T> {
    fn or_else_refuse(self, field: &Field<'_>) -> Option<T>;
}

impl<T> OrElseRefuse<T> for Result<T, String> {
    fn or_else_refuse(self, field: &Field<'_>) -> Option<T> {
        self.map_or_else(|message| field.refuse(Problem::new(message)), Some)
    }
}

fn dataset<'d>(
    fields: &mut Fields<'_>,
    datasets: &'d [DatasetSchema],
) -> Option<&'d DatasetSchema> {
    let place = fields.place_of("dataset");
    let name = fields.text("dataset")?;
    let found = datasets.iter().find(|schema| schema.name == name);
    if found.is_none() {
        let near = nearest(&name, datasets.iter().map(|schema| schema.name.as_str()));
        let hint = near.map(|near| format!("did you mean `{near}`?"));
        let problem = Problem::new(format!("there is no dataset `{name}`")).in_place(place);
        fields.report(Problem { hint, ..problem });
    }
    found
}

fn covers(fields: &mut Fields<'_>, dataset: Option<&DatasetSchema>) -> Option<Period> {
    let is_missing = !fields.has("covers");
    let place = fields.place_of("dataset");
    let covers = fields.optional("covers");
    if let Some(dataset) =
        dataset.filter(|dataset| is_missing && dataset.kind == DatasetKind::Event)
    {
        let problem = Problem::new(format!(
            "`covers` is missing: `{}` is an event dataset",
            dataset.name
        ));
        fields.report(problem.in_place(place).hint(
            "say for which period the source was asked, like `covers = \"2025-07-01..2026-06-30\"`",
        ));
    }
    covers
}

fn files(fields: &mut Fields<'_>) -> Option<Vec<String>> {
    let place = fields.place_of("files");
    let files: Vec<String> = fields.required("files")?;
    if files.is_empty() {
        fields.report(Problem::new("`files` names no file").in_place(place.clone()));
    }
    for (index, file) in files.iter().enumerate() {
        if !stays_inside(file) {
            let problem = Problem::new(format!("file `{file}` leads out of the program folder"));
            let hint = "name files relative to the program folder, with neither `.` nor `..`";
            fields.report(problem.hint(hint).in_place(place.clone()));
        }
        if files.iter().take(index).any(|earlier| earlier == file) {
            let problem = Problem::new(format!("file `{file}` is named twice"));
            fields.report(problem.in_place(place.clone()));
        }
    }
    Some(files)
}

/// Whether a relative path has only plain parts, on any operating system.
pub(crate) fn stays_inside(path: &str) -> bool {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    !path.is_empty() && !path.contains(['\\', '\0', ':']) && Path::new(path).components().all(plain)
}

fn format(fields: &mut Fields<'_>) -> Option<Format> {
    let place = fields.place_of("format");
    let name = fields.text("format")?;
    match name.as_str() {
        "csv" => csv(fields),
        "xlsx" => xlsx(fields),
        "json" => json(fields),
        "ndjson" => Some(Format::Ndjson),
        "parquet" => Some(Format::Parquet),
        other => {
            let problem = Problem::new(format!("format `{other}` cannot be read"));
            let hint = "use `csv`, `xlsx`, `json`, `ndjson` or `parquet`";
            fields.report(problem.hint(hint).in_place(place));
            None
        }
    }
}

fn json(fields: &mut Fields<'_>) -> Option<Format> {
    if !fields.has("records") {
        let place = fields.place_of("format");
        let problem = Problem::new("`records` is missing").in_place(place);
        fields.report(problem.hint(Pointer::HINT));
        return None;
    }
    let Pointer(records) = fields.required("records")?;
    Some(Format::Json { records })
}

fn csv(fields: &mut Fields<'_>) -> Option<Format> {
    let delimiter = fields
        .has("delimiter")
        .then(|| fields.required::<Delimiter>("delimiter"));
    let encoding = fields
        .has("encoding")
        .then(|| fields.required::<Encoding>("encoding"));
    let skip_lines = fields.optional("skip_lines").unwrap_or(0);
    let delimiter = delimiter.unwrap_or(Some(Delimiter(b',')))?.0;
    let encoding = encoding.unwrap_or(Some(Encoding(encoding_rs::UTF_8)))?.0;
    Some(Format::Csv {
        delimiter,
        encoding,
        skip_lines,
    })
}

struct Delimiter(u8);

impl FieldValue for Delimiter {
    fn read(field: &Field<'_>) -> Option<Self> {
        let text = String::read(field)?;
        match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Some(Self(*byte)),
            _ => field.refuse(Problem::new(format!(
                "delimiter `{text}` must be one ASCII character"
            ))),
        }
    }
}

struct Encoding(&'static encoding_rs::Encoding);

impl FieldValue for Encoding {
    fn read(field: &Field<'_>) -> Option<Self> {
        let label = String::read(field)?;
        let found = encoding_rs::Encoding::for_label(label.as_bytes());
        found.map(Self).or_else(|| {
            let problem = Problem::new(format!("encoding `{label}` is not known"));
            field.refuse(problem.hint("use a label such as `utf-8`, `windows-1252` or `utf-16le`"))
        })
    }
}

fn xlsx(fields: &mut Fields<'_>) -> Option<Format> {
    let sheet = fields.optional("sheet");
    let place = fields.place_of("header_row");
    let header_row = fields.optional("header_row").unwrap_or(1);
    if header_row == 0 {
        fields.report(Problem::new("`header_row` counts from 1").in_place(place));
        return None;
    }
    Some(Format::Xlsx { sheet, header_row })
}

struct Pointer(String);

impl FieldValue for Pointer {
    fn read(field: &Field<'_>) -> Option<Self> {
        let text = String::read(field)?;
        if text.is_empty() || text.starts_with('/') {
            return Some(Self(text));
        }
        let problem = Problem::new(format!("`{text}` is not a JSON pointer"));
        field.refuse(problem.hint(Self::HINT))
    }
}

impl Pointer {
    const HINT: &str = "write `/users` for the array under `users`, or an empty text when the whole document is the array";
}

/// Either an instant, or the field and format by which each row tells it.
enum Observing {
    Instant(Timestamp),
    Column(BTreeMap<String, String>),
}

impl FieldValue for Observing {
    fn read(field: &Field<'_>) -> Option<Self> {
        let Some(text) = field.as_str() else {
            return BTreeMap::read(field).map(Self::Column);
        };
        text.parse().map(Self::Instant).ok().or_else(|| {
            let problem = Problem::new(format!("`observed_at` cannot be read from `{text}`"));
            field.refuse(
                problem.hint("write an instant with its offset, like `2026-07-02T15:00:00Z`"),
            )
        })
    }
}

fn observed_at(fields: &mut Fields<'_>, zone: Option<&TimeZone>) -> Option<ObservedAt> {
    let place = fields.place_of("observed_at");
    let mut keys = match fields.required("observed_at")? {
        Observing::Instant(instant) => return Some(ObservedAt::Instant(instant)),
        Observing::Column(keys) => keys,
    };
    let report = |message: String| fields.report(Problem::new(message).in_place(place.clone()));
    let column = keys.remove("column");
    let format = keys.remove("format");
    for key in keys.keys() {
        report(format!("unknown key `{key}` in `observed_at`"));
    }
    if column.is_none() {
        report("`observed_at` must be an instant or `{ column = … }`".to_owned());
    }
    let rule = ColumnRule {
        format,
        ..ColumnRule::plain(Origin::Field(column?))
    };
    if let Err(reason) = Rule::new(&rule, Kind::Timestamp, zone) {
        report(format!("`observed_at`: {reason}"));
    }
    Some(ObservedAt::Column(rule))
}
