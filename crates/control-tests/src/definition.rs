//! What a control test is: the parsed form of its folder.
//!
//! Must hold: a value of [`ControlTest`] that came from a folder is complete
//! and consistent (every rule of `parse` was checked), so the runner and the
//! report need not doubt it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tickmark_catalog::{
    ControlId, ControlTestId, DatasetKind, Period, Problem, Problems, Sha256Hex, nearest,
};

use crate::folder::TestFolder;
use crate::parameters::{Parameter, ParameterValue};

/// What a miss means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measures {
    /// A control: a miss is a deviation of the controls named.
    Control,
    /// A service commitment: a miss is not a control deviation.
    Commitment,
}

/// How the test is performed, in the auditor's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// Asking the people concerned.
    Inquiry,
    /// Watching a process or a configuration at a moment.
    Observation,
    /// Reading records, configurations, tickets or logs.
    Inspection,
    /// Doing the control again, independently.
    Reperformance,
}

/// What one item is called in sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemNoun {
    /// One of them, for example `leaver`.
    pub singular: String,
    /// Several of them, for example `leavers`.
    pub plural: String,
}

impl ItemNoun {
    /// The form that fits `count`.
    pub fn for_count(&self, count: u64) -> &str {
        if count == 1 {
            &self.singular
        } else {
            &self.plural
        }
    }
}

/// A control test, ready to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ControlTest {
    /// Its id, also the name of its folder.
    pub id: ControlTestId,
    /// Raised by whoever changes what the test means.
    pub version: u32,
    /// What holds when no item deviates, as a sentence without a full stop.
    pub title: String,
    /// The controls it tests; empty only for a commitment or an unsaved test.
    pub controls: Vec<ControlId>,
    /// Whether items are things that happened or things observed over time.
    pub kind: DatasetKind,
    /// Whether a miss is a control deviation.
    pub measures: Measures,
    /// Dataset that defines the items; empty only in an unsaved test.
    pub population: String,
    /// Every table the SQL may read; empty only in an unsaved test, which may
    /// read all of them.
    pub reads: Vec<String>,
    /// What an item is called.
    pub item: ItemNoun,
    /// How the test is performed.
    pub nature: Nature,
    /// What was done, as Section IV says it; may hold `{placeholders}`.
    pub procedure: String,
    /// What a deviation is, as the rest of "For 1 of 27 leavers tested, …".
    pub deviation: String,
    /// Why it matters.
    pub why: String,
    /// What to do about a deviation.
    pub remedy: String,
    /// State tests only: days an observation counts; a longer silence means
    /// that the item was not observed.
    pub max_gap_days: Option<u32>,
    /// Parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// The SQL as written.
    pub sql: String,
    /// Digest of the SQL's text.
    pub sql_sha256: Sha256Hex,
    /// Digest of the text of `test.toml`.
    pub definition_sha256: Sha256Hex,
    /// Digest of the whole folder as one canonical JSON object.
    pub folder_sha256: Sha256Hex,
}

impl ControlTest {
    /// Reads a control test from its folder.
    ///
    /// # Errors
    /// Every problem of `test.toml` and of the folder's layout, each with file
    /// and line. The SQL itself is judged by the runner.
    pub fn from_folder(folder: &TestFolder) -> Result<Self, Problems> {
        crate::parse::control_test(folder)
    }

    /// A test that is not kept: SQL handed over on the command line. It may
    /// read every table, tests no control and has no parameters of its own.
    pub fn unsaved(sql: impl Into<String>) -> Result<Self, Problem> {
        let sql = sql.into();
        let id = "unsaved"
            .parse()
            .map_err(|why: tickmark_catalog::MalformedId| Problem::new(why.to_string()))?;
        let digest = Sha256Hex::of(sql.as_bytes());
        Ok(Self {
            id,
            version: 1,
            title: "Unsaved test".to_owned(),
            controls: Vec::new(),
            kind: DatasetKind::Event,
            measures: Measures::Control,
            population: String::new(),
            reads: Vec::new(),
            item: ItemNoun {
                singular: "item".to_owned(),
                plural: "items".to_owned(),
            },
            nature: Nature::Inspection,
            procedure: "Ran SQL that is not kept as a control test".to_owned(),
            deviation: "the SQL returned the status `deviation`".to_owned(),
            why: String::new(),
            remedy: String::new(),
            max_gap_days: None,
            parameters: BTreeMap::new(),
            sql,
            sql_sha256: digest.clone(),
            definition_sha256: digest.clone(),
            folder_sha256: digest,
        })
    }

    /// The test with some parameters overridden, given as text.
    ///
    /// # Errors
    /// A problem for every name the test has no parameter of, and for every
    /// value that is not of the parameter's type.
    pub fn with_parameters(&self, overrides: &BTreeMap<String, String>) -> Result<Self, Problems> {
        let mut test = self.clone();
        let mut problems = Vec::new();
        for (name, text) in overrides {
            match test.parameters.get_mut(name) {
                None => problems.push(self.unknown_parameter(name)),
                Some(parameter) => match parameter.default.kind().read(text) {
                    Some(value) => parameter.value = value,
                    None => problems.push(self.wrong_value(name, parameter, text)),
                },
            }
        }
        Problems::unless_empty(problems, test)
    }

    /// The values the test runs with over `period`, by name: its own parameters
    /// and `period_start`, `period_end`.
    pub fn values(&self, period: Period) -> BTreeMap<String, ParameterValue> {
        let own = self
            .parameters
            .iter()
            .map(|(name, parameter)| (name.clone(), parameter.value.clone()));
        let bounds = [("period_start", period.start), ("period_end", period.end)];
        own.chain(bounds.map(|(name, date)| (name.to_owned(), ParameterValue::Date(date))))
            .collect()
    }

    fn unknown_parameter(&self, name: &str) -> Problem {
        let problem = Problem::new(format!(
            "control test `{}` has no parameter `{name}`",
            self.id
        ));
        match nearest(name, self.parameters.keys().map(String::as_str)) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None if self.parameters.is_empty() => problem.hint("the test has no parameters"),
            None => problem.hint(format!("it has {}", list_of(self.parameters.keys()))),
        }
    }

    fn wrong_value(&self, name: &str, parameter: &Parameter, text: &str) -> Problem {
        let kind = parameter.default.kind().name();
        Problem::new(format!(
            "`{text}` is not a value of parameter `{name}` of control test `{}`",
            self.id
        ))
        .hint(format!(
            "it is of type {kind}; the default is `{}`",
            parameter.default
        ))
    }
}

/// Names in backticks, joined by commas.
pub(crate) fn list_of(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let quoted: Vec<String> = names
        .into_iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    quoted.join(", ")
}
