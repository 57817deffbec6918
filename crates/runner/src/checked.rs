//! Whole numbers that do not wrap: a sum, difference or product too large for
//! its type ends the query instead of becoming another number.
//!
//! The engine's own operators wrap around in silence. Here they are replaced by
//! functions that compute the same and fail where it does not fit.
//!
//! Must hold: where nothing overflows, values, types and names are those of the
//! operators.

use std::sync::Arc;

use arrow::array::Datum;
use arrow::compute::kernels::numeric::{add, mul, sub};
use arrow::datatypes::{DataType, Field, FieldRef};
use arrow::error::ArrowError;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result, ScalarValue, exec_err, plan_err};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ReturnFieldArgs,
    ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The plan with every operator on whole numbers replaced.
///
/// # Errors
/// The plan's types do not fit.
pub(crate) fn checked_arithmetic(plan: LogicalPlan, state: &SessionState) -> Result<LogicalPlan> {
    // Both sides of an operator have one type only after the analyzer.
    let analyzed = state
        .analyzer()
        .execute_and_check(plan, state.config_options(), |_, _| {})?;
    let operators = [Operator::Plus, Operator::Minus, Operator::Multiply].map(Checked::udf);
    let rewritten = analyzed.transform_up_with_subqueries(|node| {
        if !has_arithmetic(&node)? {
            return Ok(Transformed::no(node));
        }
        let schema = merge_schema(&node.inputs());
        let names = NamePreserver::new(&node);
        let changed = node.map_expressions(|expr| {
            let name = names.save(&expr);
            let changed = expr.transform_up(|inner| replaced(inner, &schema, &operators))?;
            Ok(changed.update_data(|expr| name.restore(expr)))
        })?;
        changed.map_data(LogicalPlan::recompute_schema)
    })?;
    Ok(rewritten.data)
}

/// Whether an expression of the node itself adds, subtracts or multiplies.
fn has_arithmetic(node: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    node.apply_expressions(|expr| {
        expr.apply(|inner| {
            found |= matches!(inner, Expr::BinaryExpr(BinaryExpr { op, .. }) if is_checked(*op));
            Ok(match found {
                true => TreeNodeRecursion::Stop,
                false => TreeNodeRecursion::Continue,
            })
        })
    })?;
    Ok(found)
}

fn is_checked(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Plus | Operator::Minus | Operator::Multiply
    )
}

fn replaced(
    expr: Expr,
    schema: &DFSchema,
    operators: &[Arc<ScalarUDF>; 3],
) -> Result<Transformed<Expr>> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = expr else {
        return Ok(Transformed::no(expr));
    };
    let wanted = match op {
        Operator::Plus => Some(&operators[0]),
        Operator::Minus => Some(&operators[1]),
        Operator::Multiply => Some(&operators[2]),
        _ => None,
    };
    let kinds = (left.get_type(schema), right.get_type(schema));
    match (wanted, kinds) {
        (Some(function), (Ok(one), Ok(other))) if one.is_integer() && one == other => {
            Ok(Transformed::yes(function.call(vec![*left, *right])))
        }
        _ => Ok(Transformed::no(Expr::BinaryExpr(BinaryExpr {
            left,
            op,
            right,
        }))),
    }
}

/// One operator on whole numbers.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    operator: Operator,
    signature: Signature,
}

impl Checked {
    fn udf(operator: Operator) -> Arc<ScalarUDF> {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(ScalarUDF::new_from_impl(Self {
            operator,
            signature,
        }))
    }

    fn compute(
        &self,
        left: &dyn Datum,
        right: &dyn Datum,
    ) -> std::result::Result<arrow::array::ArrayRef, ArrowError> {
        match self.operator {
            Operator::Plus => add(left, right),
            Operator::Minus => sub(left, right),
            _ => mul(left, right),
        }
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        match self.operator {
            Operator::Plus => "checked_add",
            Operator::Minus => "checked_subtract",
            _ => "checked_multiply",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [one, _] => Ok(one.clone()),
            _ => plan_err!("`{}` takes two numbers", self.name()),
        }
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let nullable = args.arg_fields.iter().any(|field| field.is_nullable());
        match args.arg_fields {
            [one, _] => Ok(Arc::new(Field::new(
                self.name(),
                one.data_type().clone(),
                nullable,
            ))),
            _ => plan_err!("`{}` takes two numbers", self.name()),
        }
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [left, right] = args.args.as_slice() else {
            return exec_err!("`{}` takes two numbers", self.name());
        };
        let computed = match (left, right) {
            (ColumnarValue::Array(left), ColumnarValue::Array(right)) => self.compute(left, right),
            (ColumnarValue::Array(left), ColumnarValue::Scalar(right)) => {
                self.compute(left, &right.to_scalar()?)
            }
            (ColumnarValue::Scalar(left), ColumnarValue::Array(right)) => {
                self.compute(&left.to_scalar()?, right)
            }
            (ColumnarValue::Scalar(left), ColumnarValue::Scalar(right)) => {
                let array = self.compute(&left.to_array()?, &right.to_array()?)?;
                return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                    &array, 0,
                )?));
            }
        };
        Ok(ColumnarValue::Array(computed?))
    }
}
