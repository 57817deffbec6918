//! How bad input is told to a person: what is wrong, why, where, and what to do.
//!
//! Must hold: messages are lower case without a full stop and quote the user's
//! text in backticks; a `Problems` that is returned as an error is never empty,
//! and holds everything that was found, not just the first.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in a file a person can open.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Path as the user knows it, with `/` between its parts.
    pub file: String,
    /// Line, from 1; `None` when the whole file is meant.
    pub line: Option<u64>,
    /// Column in characters, from 1.
    pub column: Option<u64>,
}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
        }
    }

    /// A line of a file, from 1.
    pub fn line(file: impl Into<String>, line: u64) -> Self {
        Self {
            file: file.into(),
            line: Some(line),
            column: None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for part in [self.line, self.line.and(self.column)]
            .into_iter()
            .flatten()
        {
            write!(f, ":{part}")?;
        }
        Ok(())
    }
}

/// One thing that is wrong with what a person handed over.
///
/// Shows as
///
/// ```text
/// error: control test `access-removed` could not run
///   Caused by: population `people` has no column `left_on`
///   --> sample/people.csv:1:7
/// hint: map it under `[columns.end_date]`
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Problem {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Why, outermost cause first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// Where, when it has a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without cause, place or hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            causes: Vec::new(),
            place: None,
            hint: None,
        }
    }

    /// Puts the problem on a line of a file; lines count from 1.
    #[must_use]
    pub fn at(self, file: impl Into<String>, line: u64) -> Self {
        self.in_place(Place::line(file, line))
    }

    /// Adds the column, in characters from 1, to a place that has a line.
    #[must_use]
    pub fn at_column(mut self, column: u64) -> Self {
        if let Some(place) = &mut self.place {
            place.column = Some(column);
        }
        self
    }

    /// Puts the problem in a file as a whole.
    #[must_use]
    pub fn in_file(self, file: impl Into<String>) -> Self {
        self.in_place(Place::file(file))
    }

    /// Puts the problem in a place.
    #[must_use]
    pub fn in_place(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Adds a cause below those already there.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        for cause in &self.causes {
            write!(f, "\n  Caused by: {cause}")?;
        }
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// Everything that is wrong, told at once; never empty when used as an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// `Ok(value)` when nothing was found, otherwise all that was found.
    ///
    /// # Errors
    /// The problems, sorted by file, line and column and without repeats;
    /// those without a place come first.
    pub fn unless_empty<T>(mut found: Vec<Problem>, value: T) -> Result<T, Self> {
        if found.is_empty() {
            return Ok(value);
        }
        found.sort_by(|a, b| a.place.cmp(&b.place));
        found.dedup();
        Err(Self(found))
    }

    /// The problems in the order in which they are shown.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
