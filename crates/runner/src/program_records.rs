//! A program's records as the tables and calendars that SQL can use.
//!
//! Must hold: a row holds the record's own fields under their own names, its
//! `id` under the table's first column; what the table does not have is left
//! out.

use serde::Serialize;
use serde_json::Value;
use tickmark_catalog::Problem;
use tickmark_control_tests::{ProgramTableSchema, program_table};
use tickmark_program::Program;

use crate::calendar::CalendarDefinition;
use crate::datasets::{Datasets, ProgramTable};

impl Datasets {
    /// The tables of a program's records.
    ///
    /// # Errors
    /// None in practice; a record that JSON cannot hold would be one.
    pub fn tables_of(program: &Program) -> Result<Vec<ProgramTable>, Problem> {
        Ok(vec![
            table("program_controls", &program.controls)?,
            table("program_policies", &program.policies)?,
            table("program_vendors", &program.vendors)?,
            table("program_risks", &program.risks)?,
            table("program_commitments", &program.commitments)?,
        ])
    }

    /// The business calendars of a program.
    pub fn calendars_of(program: &Program) -> Vec<CalendarDefinition> {
        let calendar = |calendar: &tickmark_program::Calendar| CalendarDefinition {
            id: calendar.id.as_str().to_owned(),
            weekend: calendar.weekend.iter().map(ToString::to_string).collect(),
            holidays: calendar.holidays.iter().copied().collect(),
        };
        program.calendars.iter().map(calendar).collect()
    }
}

fn table<T: Serialize>(name: &str, records: &[T]) -> Result<ProgramTable, Problem> {
    let Some(schema) = program_table(name) else {
        return Err(Problem::new(format!(
            "there is no table `{name}` of program records"
        )));
    };
    let mut table = ProgramTable::new(name, records)?;
    for row in &mut table.rows {
        let columns = schema
            .columns
            .iter()
            .map(|(column, _)| (*column).to_owned());
        *row = columns
            .map(|column| {
                (
                    column.clone(),
                    row.remove(field(schema, &column)).unwrap_or(Value::Null),
                )
            })
            .collect();
    }
    Ok(table)
}

/// The field of a record that a column shows: its `id` in the first one.
fn field<'c>(schema: &ProgramTableSchema, column: &'c str) -> &'c str {
    let is_first = schema
        .columns
        .first()
        .is_some_and(|(first, _)| *first == column);
    if is_first { "id" } else { column }
}
