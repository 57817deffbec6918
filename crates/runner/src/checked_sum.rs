//! `sum` over whole numbers that does not wrap: a total too large for its type
//! ends the query instead of becoming another number.
//!
//! The engine's own `sum` wraps around in silence. This one counts in 128 bits,
//! which no table can exceed, and fails where the total does not fit. Decimals,
//! floating-point numbers and durations are summed by the engine's.
//!
//! Must hold: where nothing overflows, values, types and nulls are those of the
//! engine's `sum`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array};
use arrow::datatypes::{DataType, Decimal128Type, Field, FieldRef, Int64Type, UInt64Type};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::functions_aggregate::sum::Sum;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, Signature,
};

/// How the running total is written between steps.
const STATE: DataType = DataType::Decimal128(38, 0);

/// The function, under the name of the engine's.
pub(crate) fn checked_sum() -> AggregateUDF {
    AggregateUDF::new_from_impl(CheckedSum { inner: Sum::new() })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct CheckedSum {
    inner: Sum,
}

fn is_ours(kind: &DataType, is_distinct: bool) -> bool {
    !is_distinct && matches!(kind, DataType::Int64 | DataType::UInt64)
}

impl AggregateUDFImpl for CheckedSum {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, kinds: &[DataType]) -> Result<DataType> {
        self.inner.return_type(kinds)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let kind = args.return_field.data_type();
        if is_ours(kind, args.is_distinct) {
            return Ok(Box::new(Total::new(kind.clone())));
        }
        self.inner.accumulator(args)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        if is_ours(args.return_type(), args.is_distinct) {
            let name = format_state_name(args.name, "sum");
            return Ok(vec![Arc::new(Field::new(name, STATE, true))]);
        }
        self.inner.state_fields(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        !is_ours(args.return_field.data_type(), args.is_distinct)
            && self.inner.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        self.inner.create_groups_accumulator(args)
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        let kind = args.return_field.data_type();
        if is_ours(kind, args.is_distinct) {
            return Ok(Box::new(Total::new(kind.clone())));
        }
        self.inner.create_sliding_accumulator(args)
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        self.inner.reverse_expr()
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.inner.order_sensitivity()
    }
}

/// A running total of whole numbers.
#[derive(Debug)]
struct Total {
    kind: DataType,
    total: i128,
    /// Numbers summed; the total of none is null.
    count: i64,
}

impl Total {
    fn new(kind: DataType) -> Self {
        Self {
            kind,
            total: 0,
            count: 0,
        }
    }

    /// Total and count of a column of the function's own type.
    fn of(&self, column: &ArrayRef) -> (i128, i64) {
        let total = match self.kind {
            DataType::UInt64 => column
                .as_primitive::<UInt64Type>()
                .iter()
                .flatten()
                .map(i128::from)
                .sum(),
            _ => column
                .as_primitive::<Int64Type>()
                .iter()
                .flatten()
                .map(i128::from)
                .sum(),
        };
        let present = column.len() - column.null_count();
        (total, i64::try_from(present).unwrap_or(i64::MAX))
    }
}

impl Accumulator for Total {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for column in columns.iter().take(1) {
            let (total, count) = self.of(column);
            self.total += total;
            self.count += count;
        }
        Ok(())
    }

    fn retract_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for column in columns.iter().take(1) {
            let (total, count) = self.of(column);
            self.total -= total;
            self.count -= count;
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for totals in states.iter().take(1) {
            let totals: &Decimal128Array = totals.as_primitive::<Decimal128Type>();
            for total in totals.iter().flatten() {
                self.total += total;
                self.count += 1;
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let total = (self.count > 0).then_some(self.total);
        Ok(vec![ScalarValue::Decimal128(total, 38, 0)])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let total = (self.count > 0).then_some(self.total);
        let too_large = || exec_err!("a sum of whole numbers is too large: cast them to DECIMAL");
        Ok(match (&self.kind, total) {
            (DataType::UInt64, None) => ScalarValue::UInt64(None),
            (_, None) => ScalarValue::Int64(None),
            (DataType::UInt64, Some(total)) => match u64::try_from(total) {
                Ok(total) => ScalarValue::UInt64(Some(total)),
                Err(_) => return too_large(),
            },
            (_, Some(total)) => match i64::try_from(total) {
                Ok(total) => ScalarValue::Int64(Some(total)),
                Err(_) => return too_large(),
            },
        })
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}
