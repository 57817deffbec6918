//! Refuses SQL whose answer depends on an order that nobody said, or on chance:
//! with more threads, or another file, such SQL gives other rows.
//!
//! Must hold: what passes takes, numbers or joins rows only in an order that it
//! says itself. Ties in that order remain the author's to break.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArgumentClause, FunctionArguments, Query, Select, TableFactor, Visit,
    Visitor, WindowType,
};
use tickmark_catalog::Problem;

/// Functions whose value depends on the order of the rows of a window.
const NUMBERING: &[&str] = &[
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "lag",
    "lead",
    "first_value",
    "last_value",
    "nth_value",
];

/// Functions whose value depends on the order of the rows they gather.
const GATHERING: &[&str] = &[
    "array_agg",
    "string_agg",
    "listagg",
    "first_value",
    "last_value",
    "nth_value",
];

/// Refuses rows taken, numbered or gathered in no order, samples, and a query
/// that makes a table.
///
/// # Errors
/// The first such thing.
pub(crate) fn check_order(statement: &Statement) -> Result<(), Problem> {
    let Statement::Statement(statement) = statement else {
        return Ok(());
    };
    match statement.visit(&mut Check) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(problem) => Err(problem),
    }
}

struct Check;

impl Visitor for Check {
    type Break = Problem;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Problem> {
        let takes_some = query.limit_clause.is_some() || query.fetch.is_some();
        if takes_some && query.order_by.is_none() {
            return ControlFlow::Break(
                Problem::new("the SQL takes some rows of many without saying which")
                    .cause("`LIMIT`, `OFFSET` and `FETCH` need an `ORDER BY` beside them")
                    .hint("say the order; a control test leaves no item out"),
            );
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Problem> {
        if select.into.is_some() {
            return ControlFlow::Break(
                Problem::new("the SQL is not a query")
                    .cause("`SELECT … INTO` is not allowed")
                    .hint("write one `SELECT`, or `WITH … SELECT`"),
            );
        }
        if select.top.is_some() {
            return ControlFlow::Break(
                Problem::new("the SQL takes some rows of many without saying which")
                    .cause("`TOP` is not allowed")
                    .hint("say the order; a control test leaves no item out"),
            );
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<Problem> {
        if let TableFactor::Table {
            name,
            sample: Some(_),
            ..
        } = table
        {
            return ControlFlow::Break(
                Problem::new(format!("the SQL samples the rows of `{name}`")).hint(
                    "read the whole table: a control test is over the whole population, and a sample is drawn with `tickmark sample draw`",
                ),
            );
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Problem> {
        let Expr::Function(call) = expr else {
            return ControlFlow::Continue(());
        };
        let name = call.name.to_string().to_lowercase();
        if is_in_no_order(call, &name) {
            return ControlFlow::Break(
                Problem::new(format!(
                    "the SQL calls `{name}` over rows in no particular order"
                ))
                .hint(match call.over {
                    Some(_) => format!("say the order: `{name}(…) OVER (… ORDER BY …)`"),
                    None => format!("say the order: `{name}(… ORDER BY …)`"),
                }),
            );
        }
        ControlFlow::Continue(())
    }
}

fn is_in_no_order(call: &Function, name: &str) -> bool {
    match &call.over {
        Some(WindowType::WindowSpec(window)) => {
            let depends = NUMBERING.contains(&name) || GATHERING.contains(&name);
            depends && window.order_by.is_empty() && window.window_name.is_none()
        }
        // Its definition is not looked up: it is a query's author who named it.
        Some(WindowType::NamedWindow(_)) => false,
        None => GATHERING.contains(&name) && !is_ordered(call),
    }
}

fn is_ordered(call: &Function) -> bool {
    let FunctionArguments::List(list) = &call.args else {
        return !call.within_group.is_empty();
    };
    let says_order =
        |clause: &FunctionArgumentClause| matches!(clause, FunctionArgumentClause::OrderBy(_));
    !call.within_group.is_empty() || list.clauses.iter().any(says_order)
}
