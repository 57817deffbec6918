//! The functions that SQL has besides the engine's: business days and civil
//! days of the organization.
//!
//! Must hold: all are immutable (equal arguments, equal values: the calendars
//! and the zone are fixed for a run and hashed into its results); null in
//! gives null out; nothing here looks at the machine's clock or zone.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array};
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimestampMicrosecondType};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};

use crate::arrow_cells::utc_timestamp;
use crate::calendar::Calendar;
use crate::zone::Zone;

/// The calendars and the zone that the functions work with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Almanac {
    pub(crate) calendars: BTreeMap<String, Calendar>,
    pub(crate) zone: Zone,
}

/// All functions, ready to be registered.
pub(crate) fn functions(almanac: &Arc<Almanac>) -> Vec<ScalarUDF> {
    let udf = |kind| {
        let signature = Signature::user_defined(Volatility::Immutable);
        ScalarUDF::new_from_impl(Function {
            kind,
            signature,
            almanac: Arc::clone(almanac),
        })
    };
    [
        Kind::BusinessDaysBetween,
        Kind::AddBusinessDays,
        Kind::Within,
        Kind::LocalDate,
    ]
    .map(udf)
    .into()
}

/// Names of the functions with their arguments, for messages and docs.
pub(crate) const USAGE: &[(&str, &str)] = &[
    (
        "business_days_between",
        "business_days_between(date, date, 'calendar')",
    ),
    (
        "add_business_days",
        "add_business_days(date, number, 'calendar')",
    ),
    ("within", "within(date or instant, date, date)"),
    ("local_date", "local_date(instant)"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    BusinessDaysBetween,
    AddBusinessDays,
    Within,
    LocalDate,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Function {
    kind: Kind,
    signature: Signature,
    almanac: Arc<Almanac>,
}

/// What an argument must be.
#[derive(Clone, Copy)]
enum Argument {
    /// A civil date; an instant is turned into its day.
    Moment,
    /// A civil date.
    Day,
    /// A whole number.
    Number,
    /// A text.
    Text,
}

impl Function {
    fn usage(&self) -> (&'static str, &'static str) {
        let index = match self.kind {
            Kind::BusinessDaysBetween => 0,
            Kind::AddBusinessDays => 1,
            Kind::Within => 2,
            Kind::LocalDate => 3,
        };
        USAGE.get(index).copied().unwrap_or(("", ""))
    }

    fn arguments(&self) -> &'static [Argument] {
        match self.kind {
            Kind::BusinessDaysBetween => &[Argument::Moment, Argument::Moment, Argument::Text],
            Kind::AddBusinessDays => &[Argument::Moment, Argument::Number, Argument::Text],
            Kind::Within => &[Argument::Moment, Argument::Day, Argument::Day],
            Kind::LocalDate => &[Argument::Moment],
        }
    }

    fn days(&self, array: &ArrayRef) -> Result<Date32Array> {
        Ok(match array.data_type() {
            DataType::Date32 => array.as_primitive::<Date32Type>().clone(),
            _ => {
                let mut finder = self.almanac.zone.days();
                let instants = array.as_primitive::<TimestampMicrosecondType>();
                instants
                    .iter()
                    .map(|micros| micros.and_then(|micros| finder.day_of(micros)))
                    .collect()
            }
        })
    }

    fn calendar(&self, value: Option<&ColumnarValue>) -> Result<Option<&Calendar>> {
        let name = match value {
            Some(ColumnarValue::Scalar(scalar)) if scalar.is_null() => return Ok(None),
            Some(ColumnarValue::Scalar(scalar)) => {
                scalar.try_as_str().flatten().unwrap_or_default()
            }
            _ => return exec_err!("the calendar of `{}` must be a constant text", self.name()),
        };
        match self.almanac.calendars.get(name) {
            Some(calendar) => Ok(Some(calendar)),
            None => {
                let known: Vec<String> = self
                    .almanac
                    .calendars
                    .keys()
                    .map(|name| format!("`{name}`"))
                    .collect();
                exec_err!(
                    "there is no calendar `{name}`; there is {}",
                    known.join(", ")
                )
            }
        }
    }

    fn business_days_between(
        &self,
        from: &ArrayRef,
        until: &ArrayRef,
        calendar: &Calendar,
    ) -> Result<ArrayRef> {
        let (from, until) = (self.days(from)?, self.days(until)?);
        let between =
            |(from, until): (Option<i32>, Option<i32>)| Some(calendar.between(from?, until?));
        Ok(Arc::new(
            from.iter()
                .zip(until.iter())
                .map(between)
                .collect::<Int64Array>(),
        ))
    }

    fn add_business_days(
        &self,
        day: &ArrayRef,
        count: &ArrayRef,
        calendar: &Calendar,
    ) -> Result<ArrayRef> {
        let days = self.days(day)?;
        let add = |(day, count): (Option<i32>, Option<i64>)| match (day, count) {
            (Some(day), Some(count)) => match calendar.add(day, count) {
                Some(day) => Ok(Some(day)),
                None => exec_err!("adding {count} business days leads too far"),
            },
            _ => Ok(None),
        };
        let counts = count.as_primitive::<Int64Type>();
        Ok(Arc::new(
            days.iter()
                .zip(counts.iter())
                .map(add)
                .collect::<Result<Date32Array>>()?,
        ))
    }

    fn within(&self, moment: &ArrayRef, start: &ArrayRef, end: &ArrayRef) -> Result<ArrayRef> {
        let days = self.days(moment)?;
        let (start, end) = (self.days(start)?, self.days(end)?);
        let within = |((day, start), end): ((Option<i32>, Option<i32>), Option<i32>)| {
            let day = day?;
            Some(start? <= day && day <= end?)
        };
        Ok(Arc::new(
            days.iter()
                .zip(start.iter())
                .zip(end.iter())
                .map(within)
                .collect::<BooleanArray>(),
        ))
    }

    /// `within` an interval of constant days as a plain comparison, which the
    /// engine can push into a file's scan.
    fn within_as_comparison(&self, args: &[Expr], moment: &DataType) -> Option<Expr> {
        let [value, start, end] = args else {
            return None;
        };
        let (start, end) = (constant_day(start)?, constant_day(end)?);
        if *moment == DataType::Date32 {
            let day = |day| lit(ScalarValue::Date32(Some(day)));
            return Some(
                value
                    .clone()
                    .gt_eq(day(start))
                    .and(value.clone().lt_eq(day(end))),
            );
        }
        let instant = |day| {
            let micros = self.almanac.zone.start_of(day)?;
            Some(lit(ScalarValue::TimestampMicrosecond(
                Some(micros),
                Some("UTC".into()),
            )))
        };
        let (from, until) = (instant(start)?, instant(end.checked_add(1)?)?);
        (*moment == utc_timestamp()).then(|| value.clone().gt_eq(from).and(value.clone().lt(until)))
    }
}

fn constant_day(expr: &Expr) -> Option<i32> {
    match expr {
        Expr::Literal(ScalarValue::Date32(day), _) => *day,
        _ => None,
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.usage().0
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(match self.kind {
            Kind::BusinessDaysBetween => DataType::Int64,
            Kind::AddBusinessDays | Kind::LocalDate => DataType::Date32,
            Kind::Within => DataType::Boolean,
        })
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let wanted = self.arguments();
        if arg_types.len() != wanted.len() {
            return plan_err!(
                "`{}` is used with {} arguments",
                self.usage().1,
                arg_types.len()
            );
        }
        let coerced: Option<Vec<DataType>> = wanted
            .iter()
            .zip(arg_types)
            .map(|(argument, found)| argument.coerced(found))
            .collect();
        match coerced {
            Some(types) => Ok(types),
            None => plan_err!("the arguments of `{}` are of other types", self.usage().1),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let calendar = match self.kind {
            Kind::BusinessDaysBetween | Kind::AddBusinessDays => self.calendar(args.args.get(2))?,
            Kind::Within | Kind::LocalDate => None,
        };
        let constant = args
            .args
            .iter()
            .all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let length = if constant { 1 } else { args.number_rows };
        let arrays: Vec<ArrayRef> = args
            .args
            .iter()
            .take(self.arguments().len())
            .map(|arg| arg.to_array(length))
            .collect::<Result<_>>()?;
        let array = match (self.kind, arrays.as_slice(), calendar) {
            (Kind::BusinessDaysBetween, [from, until, _], Some(calendar)) => {
                self.business_days_between(from, until, calendar)?
            }
            (Kind::AddBusinessDays, [day, count, _], Some(calendar)) => {
                self.add_business_days(day, count, calendar)?
            }
            (Kind::Within, [moment, start, end], _) => self.within(moment, start, end)?,
            (Kind::LocalDate, [moment], _) => Arc::new(self.days(moment)?),
            _ => arrow::array::new_null_array(args.return_field.data_type(), length),
        };
        Ok(if constant {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?)
        } else {
            ColumnarValue::Array(array)
        })
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        if self.kind == Kind::Within
            && let Some(first) = args.first()
            && let Some(comparison) = self.within_as_comparison(&args, &info.get_data_type(first)?)
        {
            return Ok(ExprSimplifyResult::Simplified(comparison));
        }
        Ok(ExprSimplifyResult::Original(args))
    }
}

impl Argument {
    /// The type to convert an argument to; `None` when it does not fit.
    fn coerced(self, found: &DataType) -> Option<DataType> {
        let is_text = matches!(
            found,
            DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8
        );
        match (self, found) {
            (Self::Moment, DataType::Timestamp(_, _)) => Some(utc_timestamp()),
            (Self::Moment | Self::Day, DataType::Date32 | DataType::Date64 | DataType::Null) => {
                Some(DataType::Date32)
            }
            (Self::Moment | Self::Day, _) if is_text => Some(DataType::Date32),
            (Self::Number, found) if found.is_integer() || found.is_null() => Some(DataType::Int64),
            (Self::Text, DataType::Null) => Some(DataType::Utf8),
            (Self::Text, _) if is_text => Some(DataType::Utf8),
            _ => None,
        }
    }
}
