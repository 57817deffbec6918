//! Excel workbooks.

use insta::assert_snapshot;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use tickmark_evidence::Rejects;

use crate::setup::{Setup, mapping, shown};

const COLUMNS: &[(&str, &str)] = &[
    ("name", "from = \"Name\""),
    ("active", "from = \"Active\""),
    ("count", "from = \"Count\""),
    ("day", "from = \"Day\""),
    ("at", "from = \"At\""),
    ("tags", "from = \"Tags\"\nsplit = \";\""),
];
const HEADERS: [&str; 7] = ["id", "Name", "Active", "Count", "Day", "At", "Tags"];

fn import(options: &str, bytes: &[u8]) -> String {
    let setup = Setup::new();
    setup.write("a.xlsx", bytes);
    let format = format!(
        "format = \"xlsx\"\nfiles = [\"a.xlsx\"]\ntime_zone = \"America/Los_Angeles\"\n{options}"
    );
    match setup.import(&mapping(&format, COLUMNS), Rejects::Refuse) {
        Ok(snapshot) => format!(
            "{}\n{}",
            setup.table(&snapshot),
            snapshot.manifest.notes.join("\n")
        ),
        Err(error) => shown(error),
    }
}

/// A workbook whose second sheet holds the header in row 3.
fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook
        .add_worksheet()
        .set_name("Cover")
        .unwrap()
        .write(0, 0, "Fernhollow")
        .unwrap();
    let sheet = workbook.add_worksheet().set_name("Things").unwrap();
    sheet.write(0, 0, "Report").unwrap();
    for (column, header) in HEADERS.iter().enumerate() {
        sheet.write(2, column as u16, *header).unwrap();
    }
    fill(sheet);
    workbook.save_to_buffer().unwrap()
}

const SHEET: &str = "sheet = \"Things\"\nheader_row = 3";

#[test]
fn reads_values_of_every_type() {
    let bytes = workbook(|sheet| {
        let date = Format::new().set_num_format("yyyy-mm-dd");
        let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        sheet.write(3, 0, 1001).unwrap();
        sheet.write(3, 1, "=cmd|' /C calc'!A0").unwrap();
        sheet.write(3, 2, true).unwrap();
        sheet.write(3, 3, 17.0).unwrap();
        let day = ExcelDateTime::from_ymd(2026, 2, 28).unwrap();
        sheet.write_with_format(3, 4, &day, &date).unwrap();
        let at = ExcelDateTime::from_ymd(2026, 2, 28)
            .unwrap()
            .and_hms(10, 30, 0)
            .unwrap();
        sheet.write_with_format(3, 5, &at, &time).unwrap();
        sheet.write(3, 6, "a;b").unwrap();
        sheet.write(5, 0, "A-2").unwrap();
        sheet
            .write_formula(5, 3, Formula::new("=1+1").set_result("2"))
            .unwrap();
    });
    assert_snapshot!(import(SHEET, &bytes), @r"
    +------+--------------------+--------+-------+-------+------------+----------------------+--------+-----------+----------------------+------------+
    | id   | name               | active | count | share | day        | at                   | tags   | source_id | observed_at          | source_row |
    +------+--------------------+--------+-------+-------+------------+----------------------+--------+-----------+----------------------+------------+
    | 1001 | =cmd|' /C calc'!A0 | true   | 17    |       | 2026-02-28 | 2026-02-28T18:30:00Z | [a, b] | things    | 2026-07-02T15:00:00Z | 1          |
    | A-2  |                    |        | 2     |       |            |                      |        | things    | 2026-07-02T15:00:00Z | 2          |
    +------+--------------------+--------+-------+-------+------------+----------------------+--------+-----------+----------------------+------------+
    1 text(s) begin like a spreadsheet formula and are kept as text; the first is `name` at a.xlsx:4
    ");
}

#[test]
fn tells_bad_cells_by_row() {
    let bytes = workbook(|sheet| {
        let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        let at = ExcelDateTime::from_ymd(2026, 3, 8)
            .unwrap()
            .and_hms(2, 30, 0)
            .unwrap();
        sheet.write(3, 0, 1.5).unwrap();
        sheet.write(3, 3, 1.5).unwrap();
        sheet.write_with_format(3, 4, &at, &time).unwrap();
        sheet.write_with_format(3, 5, &at, &time).unwrap();
        sheet.write(4, 1, "no id").unwrap();
        sheet.write(6, 0, "x").unwrap();
        sheet
            .write_formula(6, 3, Formula::new("=1/0").set_result("#DIV/0!"))
            .unwrap();
    });
    assert_snapshot!(import(SHEET, &bytes), @r"
    error: bad value for `id`
      Caused by: `1.5` is not a whole number
      --> a.xlsx:4

    error: bad value for `count`, read from `Count`
      Caused by: `1.5` is not a whole number
      --> a.xlsx:4

    error: bad value for `day`, read from `Day`
      Caused by: `2026-03-08T02:30:00` has a time of day, where a date is wanted
      --> a.xlsx:4

    error: bad value for `at`, read from `At`
      Caused by: `2026-03-08T02:30:00` does not exist in America/Los_Angeles, where clocks changed; the source must give the offset
      --> a.xlsx:4

    error: bad value for `id`
      Caused by: the value is empty, and the dataset requires one
      --> a.xlsx:5

    error: bad value for `count`, read from `Count`
      Caused by: the value is the spreadsheet error `#DIV/0!`
      --> a.xlsx:7
    ");
}

#[test]
fn tells_problems_of_the_workbook() {
    let bytes = workbook(|_| {});
    assert_snapshot!(import("sheet = \"Thing\"", &bytes), @r"
    error: the workbook has no sheet `Thing`
      --> a.xlsx
    hint: did you mean `Things`?
    ");
    assert_snapshot!(import("sheet = \"Things\"\nheader_row = 2", &bytes), @r"
    error: row 2 of sheet `Things` is empty
      --> a.xlsx:2
    hint: say with `header_row` where the header stands
    ");
    assert_snapshot!(import("", &bytes), @r"
    error: there is no column with the header `id`
      --> a.xlsx:1
    hint: the file has `Fernhollow`

    error: there is no column with the header `Name`
      --> a.xlsx:1
    hint: the file has `Fernhollow`

    error: there is no column with the header `Active`
      --> a.xlsx:1
    hint: the file has `Fernhollow`

    error: there is no column with the header `Count`
      --> a.xlsx:1
    hint: the file has `Fernhollow`

    error: there is no column with the header `Day`
      --> a.xlsx:1
    hint: the file has `Fernhollow`

    error: there is no column with the header `At`
      --> a.xlsx:1
    hint: the file has `Fernhollow`

    error: there is no column with the header `Tags`
      --> a.xlsx:1
    hint: the file has `Fernhollow`
    ");
    assert_snapshot!(import("", b"id,name\n1,a\n"), @r"
    error: the file is not an Excel workbook (.xlsx)
      Caused by: invalid Zip archive: Could not find EOCD
      --> a.xlsx
    hint: save an older workbook as .xlsx; of a protected one take the password off
    ");
    assert_snapshot!(import("", b""), @r"
    error: the file is not an Excel workbook (.xlsx)
      Caused by: invalid Zip archive: Could not find EOCD
      --> a.xlsx
    hint: save an older workbook as .xlsx; of a protected one take the password off
    ");
    let cut = &bytes[..bytes.len() / 2];
    assert!(import("", cut).starts_with("error: the file is not an Excel workbook"));
}

#[test]
fn numbers_that_are_no_days_are_refused() {
    let bytes = workbook(|sheet| {
        let day = Format::new().set_num_format("yyyy-mm-dd");
        for (row, serial) in [0.0, -1.0, 60.0, 1e9].into_iter().enumerate() {
            let row = row as u32 + 3;
            sheet.write(row, 0, format!("t{row}")).unwrap();
            sheet.write_with_format(row, 4, serial, &day).unwrap();
        }
    });
    assert_snapshot!(import(SHEET, &bytes), @r"
    error: bad value for `day`, read from `Day`
      Caused by: `1899-12-31` lies in the year 1899, outside 1900 to 2199; list it in `null` where it means that there is none
      --> a.xlsx:4

    error: bad value for `day`, read from `Day`
      Caused by: the value is the number -1, which is not a date
      --> a.xlsx:5

    error: bad value for `day`, read from `Day`
      Caused by: the value is the number 60, which is not a date
      --> a.xlsx:6

    error: bad value for `day`, read from `Day`
      Caused by: the value is the number 1000000000, which is not a date
      --> a.xlsx:7
    ");
}
