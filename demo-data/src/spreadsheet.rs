//! Workbooks whose bytes depend on their cells only.

use std::path::Path;

use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{Outcome, files};

/// A workbook being written.
pub struct Book {
    workbook: Workbook,
}

/// One cell.
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A calendar date, stored as the day number spreadsheets use.
    Day(Date),
    /// Yes or no.
    Flag(bool),
}

impl Cell {
    /// A text cell.
    pub fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl Book {
    /// An empty workbook, dated the day the exports were taken.
    pub fn new() -> Outcome<Book> {
        let taken = ExcelDateTime::from_ymd(2026, 7, 2).map_err(told)?;
        let properties = DocProperties::new()
            .set_author("Docketry")
            .set_creation_datetime(&taken);
        let mut workbook = Workbook::new();
        workbook.set_properties(&properties);
        Ok(Book { workbook })
    }

    /// Adds a sheet with its header row.
    pub fn sheet(&mut self, name: &str, header: &[&str]) -> Outcome<Sheet<'_>> {
        let worksheet = self.workbook.add_worksheet();
        worksheet.set_name(name).map_err(told)?;
        let bold = Format::new().set_bold();
        for (column, title) in (0..).zip(header) {
            worksheet
                .write_string_with_format(0, column, *title, &bold)
                .map_err(told)?;
        }
        let day = Format::new().set_num_format("yyyy-mm-dd");
        Ok(Sheet {
            worksheet,
            day,
            rows: 0,
        })
    }

    /// Writes the workbook below `folder`.
    pub fn save(mut self, folder: &Path, path: &str) -> Outcome<()> {
        let file = files::create(folder, path)?;
        self.workbook.save_to_writer(file).map_err(told)
    }
}

/// A sheet being written.
pub struct Sheet<'a> {
    worksheet: &'a mut Worksheet,
    day: Format,
    rows: u32,
}

impl Sheet<'_> {
    /// Writes one record.
    pub fn row(&mut self, cells: &[Cell]) -> Outcome<()> {
        self.rows += 1;
        for (column, cell) in (0..).zip(cells) {
            self.cell(column, cell).map_err(told)?;
        }
        Ok(())
    }

    /// Records written.
    pub fn rows(&self) -> u64 {
        u64::from(self.rows)
    }

    fn cell(&mut self, column: u16, cell: &Cell) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => {
                self.worksheet.write_string(self.rows, column, text)?;
            }
            Cell::Flag(flag) => {
                self.worksheet.write_boolean(self.rows, column, *flag)?;
            }
            Cell::Day(day) => {
                let (year, month, day_of_month) = (day.year(), day.month(), day.day());
                let value = ExcelDateTime::from_ymd(
                    year.unsigned_abs(),
                    month.unsigned_abs(),
                    day_of_month.unsigned_abs(),
                )?;
                self.worksheet
                    .write_datetime_with_format(self.rows, column, &value, &self.day)?;
            }
        }
        Ok(())
    }
}

fn told(error: XlsxError) -> String {
    format!("cannot write a workbook: {error}")
}
