//! What SQL may run: one query over the tables it declares, of bounded size,
//! without a clock, chance, settings or recursion.
//!
//! Each check stands where it is surest: size and nesting on the text, before
//! anything recursive looks at it; the kind of statement, the tables and the
//! parameters on the parsed form; functions on the logical plan; joins without
//! equality on the physical plan.
//!
//! Must hold: what passes reads only the tables it was allowed, and gives the
//! same rows for the same tables.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::joins::{CrossJoinExec, NestedLoopJoinExec};
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::physical_plan::union::UnionExec;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{
    self, Value, ValueWithSpan, visit_expressions, visit_expressions_mut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use tickmark_catalog::{Problem, catalog, nearest};
use tickmark_control_tests::{ParameterValue, dataset_of, program_table, program_tables};

use crate::checked::checked_arithmetic;
use crate::engine_problem::{engine_problem, parser_problem};
use crate::order::check_order;
use crate::session::REMOVED;

/// The longest SQL that is looked at.
pub(crate) const MAX_SQL_BYTES: usize = 32 << 10;
/// The most operators SQL may have.
pub(crate) const MAX_OPERATORS: usize = 400;
/// The most signs of arithmetic SQL may have: checking sums for overflow makes
/// planning them slow, with the third power of their number.
pub(crate) const MAX_ARITHMETIC: usize = 100;
/// The deepest nesting of parentheses.
pub(crate) const MAX_NESTING: usize = 40;

/// Rows assumed of a table whose size the engine does not know.
const UNKNOWN_ROWS: u64 = 1_000_000;

/// SQL that passed the checks on its text and its parsed form.
pub(crate) struct Query {
    statement: Statement,
    file: String,
}

impl Query {
    /// Parses SQL and fills in its parameters. `file` is its place in problems.
    pub(crate) fn parse(
        sql: &str,
        file: &str,
        values: &BTreeMap<String, ParameterValue>,
    ) -> Result<Self, Problem> {
        let in_file = |problem: Problem| place_in(problem, file);
        check_text(sql).map_err(in_file)?;
        let mut statement = one_query(sql, file)?;
        check_calls(&statement).map_err(in_file)?;
        check_order(&statement).map_err(in_file)?;
        fill_parameters(&mut statement, values).map_err(in_file)?;
        Ok(Self {
            statement,
            file: file.to_owned(),
        })
    }

    /// The tables the SQL names, its own `WITH` names left out.
    pub(crate) fn tables(&self) -> Result<BTreeSet<String>, Problem> {
        let (references, _) = resolve_table_references(&self.statement, true)
            .map_err(|error| engine_problem(&error, &self.file))?;
        references
            .into_iter()
            .map(|reference| match reference.schema() {
                None => Ok(reference.table().to_owned()),
                Some(_) => {
                    Err(self.refusal(format!("`{reference}` is not the plain name of a table")))
                }
            })
            .collect()
    }

    /// Refuses tables that do not exist or are not allowed.
    pub(crate) fn check_tables(&self, allowed: &BTreeSet<String>) -> Result<(), Problem> {
        for table in self.tables()? {
            if allowed.contains(&table) {
                continue;
            }
            return Err(self.refused_table(&table, allowed));
        }
        Ok(())
    }

    /// The logical plan, its functions checked.
    pub(crate) async fn plan(self, state: &SessionState) -> Result<LogicalPlan, Problem> {
        let Self { statement, file } = self;
        let problem = |error: DataFusionError| engine_problem(&error, &file);
        let plan = state.statement_to_plan(statement).await.map_err(problem)?;
        let options = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        options.verify_plan(&plan).map_err(problem)?;
        check_functions(&plan).map_err(|problem| place_in(problem, &file))?;
        checked_arithmetic(plan, state).map_err(problem)
    }

    fn refused_table(&self, table: &str, allowed: &BTreeSet<String>) -> Problem {
        if is_known_table(table) && !allowed.contains(table) {
            return self
                .refusal(format!(
                    "the SQL reads `{table}`, which is not among the tables it may read"
                ))
                .hint("list every table under `reads` in `test.toml`");
        }
        let problem = self.refusal(format!("there is no table `{table}`"));
        let datasets = catalog()
            .datasets
            .iter()
            .map(|dataset| dataset.name.as_str());
        match nearest(
            table,
            datasets.chain(program_tables().iter().map(|table| table.name)),
        ) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint(
                "SQL reads the datasets of the catalog, their history, and the program's records",
            ),
        }
    }

    fn refusal(&self, message: String) -> Problem {
        place_in(Problem::new(message), &self.file)
    }
}

fn is_known_table(table: &str) -> bool {
    program_table(table).is_some()
        || catalog()
            .datasets
            .iter()
            .any(|dataset| dataset.name == dataset_of(table))
}

fn place_in(mut problem: Problem, file: &str) -> Problem {
    match &mut problem.place {
        Some(place) => place.file = file.to_owned(),
        None => problem = problem.in_file(file),
    }
    problem
}

/// Refuses SQL that is too large, too deep or has too many operators, without
/// parsing it: a parser of such a text could exhaust the stack.
fn check_text(sql: &str) -> Result<(), Problem> {
    if sql.len() > MAX_SQL_BYTES {
        let message = format!(
            "the SQL has {} bytes, more than the {MAX_SQL_BYTES} allowed",
            sql.len()
        );
        return Err(Problem::new(message));
    }
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, sql).tokenize_with_location();
    let tokens = tokens.map_err(|error| parser_problem(&error.into()))?;
    let (mut depth, mut operators, mut arithmetic) = (0_usize, 0_usize, 0_usize);
    for token in &tokens {
        match &token.token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            other => {
                operators += usize::from(is_operator(other));
                arithmetic += usize::from(matches!(other, Token::Plus | Token::Minus | Token::Mul));
            }
        }
        if depth > MAX_NESTING || operators > MAX_OPERATORS || arithmetic > MAX_ARITHMETIC {
            let start = token.span.start;
            return Err(too_complex(depth, arithmetic)
                .at("", start.line)
                .at_column(start.column));
        }
    }
    Ok(())
}

fn too_complex(depth: usize, arithmetic: usize) -> Problem {
    let what = if depth > MAX_NESTING {
        format!("the SQL is nested more than {MAX_NESTING} levels deep")
    } else if arithmetic > MAX_ARITHMETIC {
        format!("the SQL has more than {MAX_ARITHMETIC} signs of arithmetic (`+`, `-`, `*`)")
    } else {
        format!("the SQL has more than {MAX_OPERATORS} operators")
    };
    Problem::new(what).hint("split it with `WITH`, or compare with a list by `IN`")
}

fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::UNION
                | Keyword::EXCEPT
                | Keyword::INTERSECT
                | Keyword::JOIN
                | Keyword::CASE
                | Keyword::BETWEEN
                | Keyword::LIKE
                | Keyword::IS
        ),
        Token::EOF
        | Token::Number(..)
        | Token::Char(_)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::Comma
        | Token::Whitespace(_)
        | Token::Period
        | Token::SemiColon
        | Token::Placeholder(_) => false,
        _ => true,
    }
}

fn one_query(sql: &str, file: &str) -> Result<Statement, Problem> {
    let dialect = GenericDialect {};
    let statements = DFParserBuilder::new(sql)
        .with_dialect(&dialect)
        .with_recursion_limit(MAX_NESTING + 10)
        .build()
        .and_then(|mut parser| parser.parse_statements());
    let mut statements = statements.map_err(|error| engine_problem(&error, file))?;
    let first = statements.pop_front();
    match (first, statements.is_empty()) {
        (Some(Statement::Statement(statement)), true)
            if matches!(*statement, ast::Statement::Query(_)) =>
        {
            Ok(Statement::Statement(statement))
        }
        (None, _) => Err(Problem::new("there is no SQL").in_file(file)),
        (Some(_), false) => Err(Problem::new("the SQL is more than one statement").in_file(file)),
        (Some(other), true) => Err(Problem::new("the SQL is not a query")
            .cause(format!(
                "`{}` is not allowed",
                first_words(&other.to_string())
            ))
            .hint("write one `SELECT`, or `WITH … SELECT`")
            .in_file(file)),
    }
}

fn first_words(sql: &str) -> String {
    sql.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// Refuses calls whose value changes from run to run, by name: the functions
/// themselves are not registered, and "unknown function" would not say why.
fn check_calls(statement: &Statement) -> Result<(), Problem> {
    let Statement::Statement(statement) = statement else {
        return Ok(());
    };
    let checked = visit_expressions(statement.as_ref(), |expr| {
        let ast::Expr::Function(call) = expr else {
            return ControlFlow::Continue(());
        };
        let name = call.name.to_string().to_lowercase();
        match REMOVED.iter().find(|removed| **removed == name) {
            Some(removed) => ControlFlow::Break(changing(removed)),
            None => ControlFlow::Continue(()),
        }
    });
    match checked {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(problem) => Err(problem),
    }
}

fn changing(function: &str) -> Problem {
    Problem::new(format!(
        "the SQL calls `{function}`, whose value changes from run to run"
    ))
    .hint("a result must be reproducible: use `$period_start`, `$period_end` or a parameter")
}

/// Replaces `$name` by the parameter's value.
fn fill_parameters(
    statement: &mut Statement,
    values: &BTreeMap<String, ParameterValue>,
) -> Result<(), Problem> {
    let Statement::Statement(statement) = statement else {
        return Ok(());
    };
    let filled = visit_expressions_mut(statement.as_mut(), |expr| {
        let ast::Expr::Value(ValueWithSpan {
            value: Value::Placeholder(name),
            span,
        }) = expr
        else {
            return ControlFlow::Continue(());
        };
        let start = span.start;
        match name
            .strip_prefix('$')
            .and_then(|name| values.get(name))
            .and_then(literal)
        {
            Some(value) => {
                *expr = value;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(
                unknown_parameter(name, values)
                    .at("", start.line)
                    .at_column(start.column),
            ),
        }
    });
    match filled {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(problem) => Err(problem),
    }
}

fn unknown_parameter(name: &str, values: &BTreeMap<String, ParameterValue>) -> Problem {
    let problem = Problem::new(format!("there is no parameter `{name}`"));
    match nearest(
        name.trim_start_matches('$'),
        values.keys().map(String::as_str),
    ) {
        Some(near) => problem.hint(format!("did you mean `${near}`?")),
        None => problem.hint("declare it under `[parameters]` in `test.toml`"),
    }
}

/// A value as a literal of SQL.
fn literal(value: &ParameterValue) -> Option<ast::Expr> {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let sql = match value {
        ParameterValue::Int(number) => format!("CAST({number} AS BIGINT)"),
        ParameterValue::Float(number) => format!("CAST({number} AS DOUBLE)"),
        ParameterValue::Text(text) => quoted(text),
        ParameterValue::Date(day) => format!("DATE {}", quoted(&day.to_string())),
        ParameterValue::Bool(value) => value.to_string(),
    };
    expression(&sql).ok()
}

/// Parses one expression and nothing besides.
pub(crate) fn expression(sql: &str) -> Result<ast::Expr, Problem> {
    check_text(sql)?;
    let dialect = GenericDialect {};
    let parser = Parser::new(&dialect)
        .with_recursion_limit(MAX_NESTING + 10)
        .try_with_sql(sql);
    let mut parser = parser.map_err(|error| parser_problem(&error))?;
    let expr = parser
        .parse_expr()
        .map_err(|error| parser_problem(&error))?;
    match parser.peek_token().token {
        Token::EOF => Ok(expr),
        other => Err(Problem::new("the SQL cannot be read")
            .cause(format!("`{other}` stands behind the expression"))),
    }
}

fn check_functions(plan: &LogicalPlan) -> Result<(), Problem> {
    let mut refused = None;
    let walked = plan.apply_with_subqueries(|node| {
        if matches!(node, LogicalPlan::RecursiveQuery(_)) {
            refused =
                Some(Problem::new("the SQL is recursive").hint("`WITH RECURSIVE` is not allowed"));
            return Ok(TreeNodeRecursion::Stop);
        }
        node.apply_expressions(|expr| {
            expr.apply(|inner| {
                refused = refusal(inner);
                Ok(if refused.is_some() {
                    TreeNodeRecursion::Stop
                } else {
                    TreeNodeRecursion::Continue
                })
            })
        })
    });
    match (walked, refused) {
        (_, Some(problem)) => Err(problem),
        (Err(error), None) => Err(engine_problem(&error, "")),
        (Ok(_), None) => Ok(()),
    }
}

fn refusal(expr: &Expr) -> Option<Problem> {
    let (name, volatility) = match expr {
        Expr::ScalarFunction(call) => (call.func.name(), call.func.signature().volatility),
        Expr::AggregateFunction(call) => (call.func.name(), call.func.signature().volatility),
        Expr::ScalarVariable(..) => {
            return Some(Problem::new("the SQL reads a setting of the engine"));
        }
        _ => return None,
    };
    (volatility != Volatility::Immutable).then(|| changing(name))
}

/// Refuses joins that would compare too many pairs of rows.
pub(crate) fn check_joins(plan: &Arc<dyn ExecutionPlan>, pair_limit: u64) -> Result<(), Problem> {
    estimated_rows(plan, pair_limit).map(|_| ())
}

/// How many rows a plan yields at most, roughly.
fn estimated_rows(plan: &Arc<dyn ExecutionPlan>, pair_limit: u64) -> Result<u64, Problem> {
    let inputs: Result<Vec<u64>, Problem> = plan
        .children()
        .into_iter()
        .map(|child| estimated_rows(child, pair_limit))
        .collect();
    let inputs = inputs?;
    let most = inputs.iter().copied().max();
    let rows = if plan.is::<NestedLoopJoinExec>() || plan.is::<CrossJoinExec>() {
        let pairs = inputs.iter().copied().fold(1, u64::saturating_mul);
        if pairs > pair_limit {
            return Err(too_many_pairs(pairs, pair_limit));
        }
        pairs
    } else if plan
        .downcast_ref::<AggregateExec>()
        .is_some_and(|node| node.group_expr().is_empty())
    {
        1
    } else if plan.is::<UnionExec>() {
        inputs.iter().copied().fold(0, u64::saturating_add)
    } else {
        most.unwrap_or_else(|| leaf_rows(plan))
    };
    Ok(plan.fetch().map_or(rows, |fetch| rows.min(fetch as u64)))
}

fn leaf_rows(plan: &Arc<dyn ExecutionPlan>) -> u64 {
    let statistics = StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new());
    let rows = statistics
        .ok()
        .and_then(|statistics| statistics.num_rows.get_value().copied());
    rows.map_or(UNKNOWN_ROWS, |rows| rows as u64)
}

fn too_many_pairs(pairs: u64, pair_limit: u64) -> Problem {
    Problem::new(format!(
        "the SQL would compare some {pairs} pairs of rows, more than the {pair_limit} allowed"
    ))
    .cause("a join has no equality between a column of one side and a column of the other")
    .hint("join `ON a.key = b.key`, and put the other conditions after it")
}
