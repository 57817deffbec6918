//! The engine's errors in our words.
//!
//! Must hold: no type name of Rust or of the engine reaches the user; a problem
//! in SQL names its line and column whenever the engine knows them.

use datafusion::common::diagnostic::Diagnostic;
use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;
use tickmark_catalog::{Problem, nearest};

/// A failure of the engine as a problem; `file` is the file that holds the SQL,
/// empty when the SQL is not the user's.
pub(crate) fn engine_problem(error: &DataFusionError, file: &str) -> Problem {
    let problem = describe(error);
    let place = error.diagnostic().and_then(position);
    match place {
        Some((line, column)) if problem.place.is_none() => problem.at(file, line).at_column(column),
        _ => with_file(problem, file),
    }
}

fn with_file(mut problem: Problem, file: &str) -> Problem {
    match &mut problem.place {
        Some(place) => place.file = file.to_owned(),
        None if file.is_empty() => {}
        None => problem = problem.in_file(file),
    }
    problem
}

fn position(diagnostic: &Diagnostic) -> Option<(u64, u64)> {
    let start = diagnostic.span?.start;
    (start.line > 0).then_some((start.line, start.column))
}

fn describe(error: &DataFusionError) -> Problem {
    match error {
        DataFusionError::Diagnostic(_, inner) | DataFusionError::Context(_, inner) => {
            describe(inner)
        }
        DataFusionError::Shared(inner) => describe(inner),
        DataFusionError::Collection(all) => all
            .first()
            .map_or_else(|| Problem::new("the SQL cannot run"), describe),
        DataFusionError::SQL(error, _) => parser_problem(error),
        DataFusionError::SchemaError(error, _) => schema_problem(error),
        DataFusionError::ResourcesExhausted(why) => memory_problem(why),
        DataFusionError::NotImplemented(why) => not_implemented(why),
        DataFusionError::Plan(why) => plan_problem(why),
        other => Problem::new("the SQL cannot run").cause(first_line(&other.strip_backtrace())),
    }
}

/// What the engine cannot do, and what to write instead.
fn not_implemented(why: &str) -> Problem {
    let problem = Problem::new("the SQL uses something the engine cannot do");
    let join = "join instead: the population `LEFT JOIN` the matching rows, grouped by the item";
    if why.contains("logical expression Exists") {
        problem.cause("`EXISTS` stands outside `WHERE`").hint(join)
    } else if why.contains("OuterReferenceColumn") || why.contains("ScalarSubquery") {
        problem
            .cause("a subquery compares with the row around it other than by `=`")
            .hint(join)
    } else if why.contains("Recursive CTEs") {
        Problem::new("the SQL is recursive").hint("`WITH RECURSIVE` is not allowed")
    } else {
        // What follows is the inside of the engine.
        let words = why.split(['{', '(']).next().unwrap_or_default();
        problem.cause(first_line(words.trim_end()))
    }
}

fn plan_problem(why: &str) -> Problem {
    let Some(name) = why
        .strip_prefix("Invalid function '")
        .and_then(|rest| rest.split('\'').next())
    else {
        return Problem::new("the SQL cannot be planned").cause(first_line(why));
    };
    let problem = Problem::new(format!("there is no function `{name}`"));
    // The engine always has a suggestion, however far it is.
    let suggestion = why
        .split_once("Did you mean '")
        .and_then(|(_, rest)| rest.split('\'').next());
    match nearest(name, suggestion) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    }
}

/// A failure to parse, with the place taken out of its text.
pub(crate) fn parser_problem(error: &ParserError) -> Problem {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => {
            return Problem::new("the SQL is nested too deeply").hint("split it with `WITH`");
        }
    };
    let (what, place) = text.split_once(" at Line: ").unwrap_or((text, ""));
    let problem = Problem::new("the SQL cannot be read").cause(what.to_owned());
    match place
        .split_once(", Column: ")
        .map(|(line, column)| (line.parse(), column.parse()))
    {
        Some((Ok(line), Ok(column))) => problem.at("", line).at_column(column),
        _ => problem,
    }
}

fn schema_problem(error: &SchemaError) -> Problem {
    match error {
        SchemaError::FieldNotFound {
            field,
            valid_fields,
        } => unknown_column(field, valid_fields),
        SchemaError::AmbiguousReference { field } => Problem::new(format!(
            "column `{}` could be of more than one table",
            field.name
        ))
        .hint("write the table's name before it, like `t.column`"),
        SchemaError::DuplicateUnqualifiedField { name }
        | SchemaError::DuplicateQualifiedField { name, .. } => {
            Problem::new(format!("two columns are called `{name}`"))
                .hint("give one another name with `AS`")
        }
    }
}

fn unknown_column(field: &Column, valid: &[Column]) -> Problem {
    let problem = Problem::new(format!("there is no column `{}`", field.flat_name()));
    let names: Vec<&str> = valid.iter().map(|column| column.name.as_str()).collect();
    match nearest(&field.name, names.iter().copied()) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => problem,
        None => {
            let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            problem.hint(format!("there is {}", quoted.join(", ")))
        }
    }
}

fn memory_problem(why: &str) -> Problem {
    Problem::new("the SQL needed more memory or disk than it may have")
        .cause(first_line(
            why.split(" with top memory").next().unwrap_or(why),
        ))
        .hint("read fewer rows or columns, or group before joining")
}

/// The longest cause, in characters, that is told whole.
const LONGEST_CAUSE: usize = 240;

/// Names of the engine's parts, which say nothing to a reader.
const PARTS: &[&str] = &[
    "External error: ",
    "Arrow error: ",
    "Compute error: ",
    "Execution error: ",
    "Parser error: ",
    "Cast error: ",
    "Invalid argument error: ",
    "Arithmetic overflow: ",
];

fn first_line(text: &str) -> String {
    let mut line = text.lines().next().unwrap_or_default();
    while let Some(rest) = PARTS.iter().find_map(|part| line.strip_prefix(part)) {
        line = rest;
    }
    if line.chars().count() <= LONGEST_CAUSE {
        return line.trim_end_matches('.').to_owned();
    }
    // A plan, written out.
    let start: String = line.chars().take(LONGEST_CAUSE).collect();
    format!("{start} …")
}
