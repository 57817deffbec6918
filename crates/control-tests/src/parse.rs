//! From a folder to a [`ControlTest`]: every rule of the format, checked.
//!
//! Must hold: all problems of a folder are found in one pass, each with the
//! file and the line to change.

use std::collections::{BTreeMap, BTreeSet};

use tickmark_catalog::{
    ControlId, ControlTestId, DatasetKind, Field, FieldValue, Fields, Located, Problem, Problems,
    Sha256Hex, catalog, nearest, read_toml,
};

use crate::definition::{ControlTest, ItemNoun, Measures, Nature, list_of};
use crate::folder::TestFolder;
use crate::parameters::{Parameter, ParameterType, ParameterValue, RESERVED};
use crate::program_tables::{program_table, program_tables};
use crate::sentences::{PLACEHOLDERS, placeholders};

const NATURES: &[(&str, Nature)] = &[
    ("inquiry", Nature::Inquiry),
    ("observation", Nature::Observation),
    ("inspection", Nature::Inspection),
    ("reperformance", Nature::Reperformance),
];

const KINDS: &[(&str, DatasetKind)] =
    &[("event", DatasetKind::Event), ("state", DatasetKind::State)];

const MEASURES: &[(&str, Measures)] = &[
    ("control", Measures::Control),
    ("commitment", Measures::Commitment),
];

/// Reads a control test from its folder; see [`ControlTest::from_folder`].
pub(crate) fn control_test(folder: &TestFolder) -> Result<ControlTest, Problems> {
    let mut problems = layout_problems(folder);
    let mut test = None;
    if let (Some(toml), Some(sql)) = (folder.file("test.toml"), folder.file("test.sql")) {
        let place = folder.place_of("test.toml");
        test = read_toml(&place, toml, &mut problems, |fields| {
            read(fields, folder, toml, sql)
        });
    }
    match Problems::unless_empty(problems, test)? {
        Some(test) => Ok(test),
        None => Err(Problem::new(format!("`{}` is not a control test", folder.path)).into()),
    }
}

fn layout_problems(folder: &TestFolder) -> Vec<Problem> {
    let missing = ["test.toml", "test.sql"]
        .into_iter()
        .filter(|path| folder.file(path).is_none());
    let mut problems: Vec<Problem> = missing
        .map(|path| {
            Problem::new(format!("control test `{}` has no `{path}`", folder.name()))
                .in_file(&folder.path)
        })
        .collect();
    let known = |path: &str| {
        matches!(path, "test.toml" | "test.sql" | "README.md") || path.starts_with("fixtures/")
    };
    for path in folder.files.keys().filter(|path| !known(path)) {
        let problem = Problem::new(format!(
            "`{path}` does not belong into the folder of a control test"
        ));
        problems.push(
            problem
                .in_file(folder.place_of(path))
                .hint("it holds `test.toml`, `test.sql`, `fixtures/`"),
        );
    }
    problems
}

fn read(
    fields: &mut Fields<'_>,
    folder: &TestFolder,
    toml: &str,
    sql: &str,
) -> Option<ControlTest> {
    let id = read_id(fields, folder);
    let version = fields.required("version");
    let title = fields.text("title");
    let kind = one_of(fields, "kind", KINDS);
    let measures = one_of(fields, "measures", MEASURES);
    let controls = read_controls(fields, measures);
    let population = fields.required::<Located<String>>("population");
    let reads = fields.required::<Vec<Located<String>>>("reads");
    check_tables(fields, kind, population.as_ref(), reads.as_deref());
    let item = read_item(fields);
    let nature = one_of(fields, "nature", NATURES);
    let procedure = fields.required::<Located<String>>("procedure");
    let deviation = fields.required::<Located<String>>("deviation");
    let why = fields.text("why");
    let remedy = fields.text("remedy");
    let max_gap_days = read_gap(fields, kind);
    let parameters = fields
        .table("parameters", |table| Some(read_parameters(table)))
        .unwrap_or_default();
    check_placeholders(fields, [&procedure, &deviation], &parameters);
    Some(ControlTest {
        id: id?,
        version: version?,
        title: title?,
        controls: controls?,
        kind: kind?,
        measures: measures?,
        population: population?.value,
        reads: reads?.into_iter().map(|name| name.value).collect(),
        item: item?,
        nature: nature?,
        procedure: procedure?.value,
        deviation: deviation?.value,
        why: why?,
        remedy: remedy?,
        max_gap_days,
        parameters,
        sql: sql.to_owned(),
        sql_sha256: Sha256Hex::of(sql.as_bytes()),
        definition_sha256: Sha256Hex::of(toml.as_bytes()),
        folder_sha256: folder.sha256(),
    })
}

/// One of a few words that must be there.
pub(crate) fn one_of<T: Copy>(
    fields: &mut Fields<'_>,
    key: &str,
    words: &[(&str, T)],
) -> Option<T> {
    let found = fields.required::<Located<String>>(key)?;
    let chosen = words
        .iter()
        .find(|(word, _)| *word == found.value)
        .map(|(_, value)| *value);
    if chosen.is_none() {
        let problem =
            Problem::new(format!("`{key}` cannot be `{}`", found.value)).in_place(found.place);
        fields.report(problem.hint(format!(
            "it is one of {}",
            list_of(words.iter().map(|(word, _)| word))
        )));
    }
    chosen
}

fn read_id(fields: &mut Fields<'_>, folder: &TestFolder) -> Option<ControlTestId> {
    let id = fields.required::<Located<ControlTestId>>("id")?;
    if id.value.as_str() != folder.name() {
        let message = format!(
            "`id` is `{}`, but the folder is called `{}`",
            id.value,
            folder.name()
        );
        fields.report(Problem::new(message).in_place(id.place));
    }
    Some(id.value)
}

fn read_controls(fields: &mut Fields<'_>, measures: Option<Measures>) -> Option<Vec<ControlId>> {
    let place = fields.place_of("controls");
    let controls = fields.required::<Vec<ControlId>>("controls")?;
    if controls.is_empty() && measures == Some(Measures::Control) {
        let problem = Problem::new("`controls` is empty, but the test measures a control");
        fields.report(problem.in_place(place));
    }
    Some(controls)
}

fn read_item(fields: &mut Fields<'_>) -> Option<ItemNoun> {
    let place = fields.place_of("item");
    let nouns = fields.required::<Vec<String>>("item")?;
    let [singular, plural] = nouns.as_slice() else {
        let problem = Problem::new("`item` is not a pair of the singular and the plural noun");
        fields.report(problem.in_place(place));
        return None;
    };
    Some(ItemNoun {
        singular: singular.clone(),
        plural: plural.clone(),
    })
}

fn read_gap(fields: &mut Fields<'_>, kind: Option<DatasetKind>) -> Option<u32> {
    let gap = fields.optional::<Located<u32>>("max_gap_days");
    let message = match (kind, &gap) {
        (Some(DatasetKind::State), None) => "a state test has no `max_gap_days`",
        (Some(DatasetKind::State), Some(Located { value: 0, .. })) => {
            "`max_gap_days` is 0: an observation would not even count on its own day"
        }
        (Some(DatasetKind::Event), Some(_)) => "`max_gap_days` is for state tests only",
        _ => return gap.map(|gap| gap.value),
    };
    let place = gap.map_or_else(|| fields.place(), |gap| gap.place);
    fields.report(Problem::new(message).in_place(place));
    None
}

fn read_parameters(table: &mut Fields<'_>) -> BTreeMap<String, Parameter> {
    let mut parameters = BTreeMap::new();
    for name in table.remaining_keys() {
        check_parameter_name(table, &name);
        if let Some(parameter) = table.table(&name, read_parameter) {
            parameters.insert(name, parameter);
        }
    }
    parameters
}

fn check_parameter_name(table: &Fields<'_>, name: &str) {
    let place = table.place_of(name);
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(fits) {
        let message = format!("parameter `{name}` is not lower-case words joined by underscores");
        table.report(Problem::new(message).in_place(place.clone()));
    }
    if RESERVED.contains(&name) {
        let message = format!("parameter `{name}` is there in every test and cannot be declared");
        table.report(Problem::new(message).in_place(place));
    }
}

fn read_parameter(fields: &mut Fields<'_>) -> Option<Parameter> {
    let types: Vec<(&str, ParameterType)> = ParameterType::ALL
        .iter()
        .map(|kind| (kind.name(), *kind))
        .collect();
    let kind = one_of(fields, "type", &types);
    let meaning = fields.text("meaning");
    let policy = fields.optional("policy");
    if !fields.has("default") {
        fields.report(Problem::new("a parameter has no `default`"));
    }
    let Some(kind) = kind else {
        // Without a type the default cannot be read, but it is no unknown key.
        fields.optional::<Ignored>("default");
        return None;
    };
    let default = parameter_value(fields, "default", kind)?;
    Some(Parameter {
        value: default.clone(),
        default,
        meaning: meaning?,
        policy,
    })
}

/// Any value, of which nothing is read.
struct Ignored;

impl FieldValue for Ignored {
    fn read(_: &Field<'_>) -> Option<Self> {
        Some(Self)
    }
}

/// A value of a given type that may be absent.
pub(crate) fn parameter_value(
    fields: &mut Fields<'_>,
    key: &str,
    kind: ParameterType,
) -> Option<ParameterValue> {
    Some(match kind {
        ParameterType::Int => ParameterValue::Int(fields.optional(key)?),
        ParameterType::Float => ParameterValue::Float(fields.optional(key)?),
        ParameterType::Text => ParameterValue::Text(fields.optional(key)?),
        ParameterType::Date => ParameterValue::Date(fields.optional(key)?),
        ParameterType::Bool => ParameterValue::Bool(fields.optional(key)?),
    })
}

fn check_tables(
    fields: &Fields<'_>,
    kind: Option<DatasetKind>,
    population: Option<&Located<String>>,
    reads: Option<&[Located<String>]>,
) {
    let mut seen = BTreeSet::new();
    for table in reads.unwrap_or_default() {
        check_table(fields, table);
        if !seen.insert(table.value.as_str()) {
            report_at(
                fields,
                table,
                format!("table `{}` is listed twice in `reads`", table.value),
            );
        }
    }
    let (Some(population), Some(_)) = (population, reads) else {
        return;
    };
    check_table(fields, population);
    if !seen
        .iter()
        .any(|table| dataset_of(table) == population.value)
    {
        report_at(
            fields,
            population,
            format!("population `{}` is not in `reads`", population.value),
        );
    }
    check_population_kind(fields, kind, population);
}

fn report_at(fields: &Fields<'_>, text: &Located<String>, message: String) {
    fields.report(Problem::new(message).in_place(text.place.clone()));
}

fn check_table(fields: &Fields<'_>, table: &Located<String>) {
    let name = dataset_of(&table.value);
    let datasets = &catalog().datasets;
    if program_table(&table.value).is_some() || datasets.iter().any(|dataset| dataset.name == name)
    {
        return;
    }
    let names = datasets.iter().map(|dataset| dataset.name.as_str());
    let problem =
        Problem::new(format!("there is no table `{}`", table.value)).in_place(table.place.clone());
    fields.report(
        match nearest(
            name,
            names.chain(program_tables().iter().map(|table| table.name)),
        ) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        },
    );
}

fn check_population_kind(
    fields: &Fields<'_>,
    kind: Option<DatasetKind>,
    population: &Located<String>,
) {
    let dataset = catalog()
        .datasets
        .iter()
        .find(|dataset| dataset.name == population.value);
    if let (Some(DatasetKind::State), Some(DatasetKind::Event)) =
        (kind, dataset.map(|dataset| dataset.kind))
    {
        let message = format!(
            "a state test needs a state dataset, but `{}` holds events",
            population.value
        );
        report_at(fields, population, message);
    }
}

/// The dataset a table name stands for: `accounts_history` reads `accounts`.
pub fn dataset_of(table: &str) -> &str {
    table.strip_suffix("_history").unwrap_or(table)
}

fn check_placeholders(
    fields: &Fields<'_>,
    texts: [&Option<Located<String>>; 2],
    parameters: &BTreeMap<String, Parameter>,
) {
    let known: Vec<&str> = PLACEHOLDERS
        .iter()
        .copied()
        .chain(parameters.keys().map(String::as_str))
        .collect();
    for text in texts.into_iter().flatten() {
        for name in placeholders(&text.value)
            .into_iter()
            .filter(|name| !known.contains(name))
        {
            let problem = Problem::new(format!("nothing is known to fill `{{{name}}}` with"));
            let problem = problem.in_place(text.place.clone());
            fields.report(match nearest(name, known.iter().copied()) {
                Some(near) => problem.hint(format!("did you mean `{{{near}}}`?")),
                None => problem,
            });
        }
    }
}
