//! A sheet of an Excel workbook.
//!
//! Must hold: the archive passed `xlsx_limits` before it is opened; of a
//! formula only the value that the workbook stores is read, nothing is
//! computed; a date comes as a civil date-time without zone.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxCellReader};
use jiff::civil::DateTime;
use serde_json::Value;
use tickmark_catalog::{Problem, nearest};

use super::xlsx_limits::{check, not_a_workbook};
use super::{At, Cell, RawFile, Record, Sink, find_fields};
use crate::EvidenceError;

pub(super) fn read(
    sheet: Option<&str>,
    header_row: u32,
    file: &RawFile,
    fields: &[String],
    sink: &mut Sink<'_>,
) -> Result<(), EvidenceError> {
    check(file)?;
    let source = File::open(file.path()).map_err(|error| file.failed(error))?;
    let mut workbook: Xlsx<_> =
        Xlsx::new(BufReader::new(source)).map_err(|error| not_a_workbook(file, error))?;
    let sheet = sheet_name(file, &workbook.sheet_names(), sheet)?;
    let cells = workbook
        .worksheet_cells_reader(&sheet)
        .map_err(|error| not_a_workbook(file, error))?;
    let mut rows = Rows {
        cells,
        ahead: None,
        is_done: false,
    };
    let mut indices: Option<Vec<usize>> = None;
    while let Some((number, row)) = rows.next(file)? {
        match &indices {
            None if number < header_row => {}
            None if number == header_row => {
                indices = Some(find_fields(
                    file,
                    Some(number.into()),
                    &headers(&row),
                    fields,
                )?);
            }
            None => break,
            Some(indices) => give(number, &row, indices, sink)?,
        }
    }
    match indices {
        Some(_) => Ok(()),
        None => Err(file.problem_at(header_row.into(), no_header(&sheet, header_row))),
    }
}

fn no_header(sheet: &str, header_row: u32) -> Problem {
    Problem::new(format!("row {header_row} of sheet `{sheet}` is empty"))
        .hint("say with `header_row` where the header stands")
}

fn sheet_name(
    file: &RawFile,
    names: &[String],
    wanted: Option<&str>,
) -> Result<String, EvidenceError> {
    let Some(wanted) = wanted else {
        let first = names.first().cloned();
        return first.ok_or_else(|| file.problem(Problem::new("the workbook has no sheet")));
    };
    if names.iter().any(|name| name == wanted) {
        return Ok(wanted.to_owned());
    }
    let near = nearest(wanted, names.iter().map(String::as_str))
        .map(|near| format!("did you mean `{near}`?"));
    let all = names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let hint = Some(near.unwrap_or_else(|| format!("the workbook has {all}")));
    Err(file.problem(Problem {
        hint,
        ..Problem::new(format!("the workbook has no sheet `{wanted}`"))
    }))
}

/// A row: its cells by column.
type Row<'w> = Vec<DataRef<'w>>;

/// Puts the cells of a sheet together into rows.
struct Rows<'w, S: std::io::Read + std::io::Seek> {
    cells: XlsxCellReader<'w, S>,
    ahead: Option<calamine::Cell<DataRef<'w>>>,
    is_done: bool,
}

impl<'w, S: std::io::Read + std::io::Seek> Rows<'w, S> {
    /// The next row that has a value, with its number from 1.
    fn next(&mut self, file: &RawFile) -> Result<Option<(u32, Row<'w>)>, EvidenceError> {
        let Some(first) = self.next_cell(file)? else {
            return Ok(None);
        };
        let number = first.get_position().0;
        let mut row = Vec::new();
        put(&mut row, &first);
        while let Some(cell) = self.next_cell(file)? {
            if cell.get_position().0 != number {
                self.ahead = Some(cell);
                break;
            }
            put(&mut row, &cell);
        }
        Ok(Some((number + 1, row)))
    }

    fn next_cell(
        &mut self,
        file: &RawFile,
    ) -> Result<Option<calamine::Cell<DataRef<'w>>>, EvidenceError> {
        if let Some(cell) = self.ahead.take() {
            return Ok(Some(cell));
        }
        while !self.is_done {
            match self
                .cells
                .next_cell()
                .map_err(|error| not_a_workbook(file, error))?
            {
                Some(cell) if *cell.get_value() == DataRef::Empty => {}
                Some(cell) => return Ok(Some(cell)),
                None => self.is_done = true,
            }
        }
        Ok(None)
    }
}

/// Columns beyond this do not exist in Excel.
const MAX_COLUMNS: usize = 16_384;

fn put<'w>(row: &mut Row<'w>, cell: &calamine::Cell<DataRef<'w>>) {
    let column = cell.get_position().1 as usize;
    if column >= MAX_COLUMNS {
        return;
    }
    if row.len() <= column {
        row.resize(column + 1, DataRef::Empty);
    }
    if let Some(place) = row.get_mut(column) {
        *place = cell.get_value().clone();
    }
}

fn headers(row: &Row<'_>) -> Vec<String> {
    row.iter().map(|value| raw_text(value)).collect()
}

fn give(
    number: u32,
    row: &Row<'_>,
    indices: &[usize],
    sink: &mut Sink<'_>,
) -> Result<(), EvidenceError> {
    let cells: Vec<Cell<'_>> = indices
        .iter()
        .map(|index| row.get(*index).map_or(Cell::Null, cell))
        .collect();
    let raw = || row.iter().map(raw_text).collect::<Value>();
    sink(Record {
        at: At::Line(number.into()),
        cells: Ok(&cells),
        raw: &raw,
    })
}

fn cell<'r>(value: &'r DataRef<'_>) -> Cell<'r> {
    match value {
        DataRef::Empty => Cell::Null,
        DataRef::Int(number) => Cell::Int(*number),
        DataRef::Float(number) => Cell::Float(*number),
        DataRef::Bool(truth) => Cell::Bool(*truth),
        DataRef::String(text) | DataRef::DateTimeIso(text) => Cell::Text(Cow::Borrowed(text)),
        DataRef::SharedString(text) => Cell::Text(Cow::Borrowed(text)),
        DataRef::DateTime(time) => civil(*time).map_or_else(Cell::Broken, Cell::Civil),
        DataRef::DurationIso(_) => Cell::Broken("is a duration".to_owned()),
        DataRef::Error(error) => Cell::Broken(format!("is the spreadsheet error `{error}`")),
    }
}

/// The serial number of the day after 9999-12-31, the last that Excel knows.
const END_OF_CALENDAR: f64 = 2_958_466.0;

fn civil(time: ExcelDateTime) -> Result<DateTime, String> {
    if !time.is_datetime() {
        return Err("is a duration".to_owned());
    }
    if !(0.0..END_OF_CALENDAR).contains(&time.as_f64()) {
        return Err(format!(
            "is the number {}, which is not a date",
            time.as_f64()
        ));
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let small = |part: u8| i8::try_from(part).unwrap_or(-1);
    DateTime::new(
        i16::try_from(year).unwrap_or(-1),
        small(month),
        small(day),
        small(hour),
        small(minute),
        small(second),
        i32::from(milli) * 1_000_000,
    )
    .map_err(|_| format!("is the number {}, which is not a date", time.as_f64()))
}

fn raw_text(value: &DataRef<'_>) -> String {
    match cell(value) {
        Cell::Float(number) => number.to_string(),
        Cell::Broken(why) => format!("({why})"),
        other => other.text().ok().flatten().unwrap_or_default().into_owned(),
    }
}
