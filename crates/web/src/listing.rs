//! Tables: filter, sort, pages, and the same rows as CSV or XLSX.
//!
//! A page says once what a column is; everything else follows. What must hold:
//! the file has every row the filter leaves, not only those of the page shown;
//! text that a spreadsheet would take for a formula stays text.

use std::borrow::Cow;
use std::cmp::Ordering;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use maud::{Markup, html};
use tickmark_catalog::Problem;

use crate::fault::{Answer, Fault};
use crate::format::{self, url_part};
use crate::parts::{icon, icon_small};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// Rows a page shows.
pub const PAGE_ROWS: usize = 50;
/// Rows a spreadsheet is made of at most: with more, it takes more memory than
/// a server has, and the format ends at a million.
const SHEET_ROWS: usize = 200_000;

/// What a cell holds, for sorting, for filtering and for files.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Number(u64),
    /// A day.
    Day(Date),
    /// Nothing.
    Nothing,
}

type Read<'a, R> = Box<dyn Fn(&R) -> Value + 'a>;
type Keeps<'a, R> = Box<dyn Fn(&R, &str) -> bool + 'a>;
type Show<'a, R> = Box<dyn Fn(&R) -> Markup + 'a>;

/// A column.
pub struct Column<'a, R> {
    key: Cow<'static, str>,
    title: Cow<'static, str>,
    value: Read<'a, R>,
    show: Option<Show<'a, R>>,
    hidden_when_narrow: bool,
    is_wide: bool,
    only_in_file: bool,
}

/// A table over rows of one kind.
pub struct Table<'a, R> {
    /// Name of the file it is downloaded as, without extension.
    name: &'static str,
    columns: Vec<Column<'a, R>>,
    rows: Vec<R>,
    /// How many rows there are, where `rows` are those of the page shown alone.
    count: Option<usize>,
    filters: Vec<Filter<'a, R>>,
    bulk: Option<(Markup, Read<'a, R>)>,
    empty: Markup,
}

/// A choice above the table that leaves some rows out.
pub struct Filter<'a, R> {
    key: &'static str,
    title: &'static str,
    choices: Vec<(String, String)>,
    keeps: Keeps<'a, R>,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Day(date)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

impl Value {
    /// As people read it.
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => format::number(*number),
            Self::Day(date) => format::day(*date),
            Self::Nothing => "–".to_owned(),
        }
    }

    /// As a program reads it.
    fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Day(date) => date.to_string(),
            Self::Nothing => String::new(),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Day(a), Self::Day(b)) => a.cmp(b),
            (Self::Nothing, Self::Nothing) => Ordering::Equal,
            (Self::Nothing, _) => Ordering::Greater,
            (_, Self::Nothing) => Ordering::Less,
            (a, b) => natural(&a.plain()).cmp(&natural(&b.plain())),
        }
    }
}

/// A value to sort by, its text taken apart once.
struct SortKey {
    value: Value,
    natural: Vec<(String, u64)>,
}

impl SortKey {
    fn of(value: Value) -> Self {
        let natural = match value {
            Value::Text(_) => natural(&value.plain()),
            _ => Vec::new(),
        };
        Self { value, natural }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (&self.value, &other.value) {
            (Value::Text(_), Value::Text(_)) => self.natural.cmp(&other.natural),
            (a, b) => a.compare(b),
        }
    }
}

/// A text so that `TM-9` comes before `TM-10`, whatever the case.
fn natural(text: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let letters = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(letters);
        let digits = after
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        parts.push((word.to_lowercase(), number.parse().unwrap_or(u64::MAX)));
        rest = after;
    }
    parts
}

impl<'a, R> Column<'a, R> {
    /// A column that shows its value.
    pub fn new<V: Into<Value>>(
        key: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
        value: impl Fn(&R) -> V + 'a,
    ) -> Self {
        Self {
            key: key.into(),
            title: title.into(),
            value: Box::new(move |row| value(row).into()),
            show: None,
            hidden_when_narrow: false,
            is_wide: false,
            only_in_file: false,
        }
    }

    /// Shows something else than the bare value: a link, a status.
    pub fn show(mut self, show: impl Fn(&R) -> Markup + 'a) -> Self {
        self.show = Some(Box::new(show));
        self
    }

    /// Gets room for whole sentences.
    pub fn wide(mut self) -> Self {
        self.is_wide = true;
        self
    }

    /// Left out of the page; the file has it.
    pub fn only_in_file(mut self) -> Self {
        self.only_in_file = true;
        self
    }

    /// Left out on a narrow screen; the file has it all the same.
    pub fn wide_only(mut self) -> Self {
        self.hidden_when_narrow = true;
        self
    }
}

impl<'a, R> Table<'a, R> {
    /// A table. `name`: of the file it is downloaded as.
    pub fn new(name: &'static str, rows: Vec<R>, columns: Vec<Column<'a, R>>) -> Self {
        Self {
            name,
            columns,
            rows,
            count: None,
            filters: Vec::new(),
            bulk: None,
            empty: html! { p.none { (t!("There is nothing here yet.")) } },
        }
    }

    /// Says that `rows` are those of the page shown, of `count` that there are:
    /// whoever made the table has filtered and sorted.
    pub fn of_page(mut self, count: usize) -> Self {
        self.count = Some(count);
        self
    }

    /// Adds a choice that leaves rows out. `choices`: value and words.
    pub fn filter(
        mut self,
        key: &'static str,
        title: &'static str,
        choices: Vec<(String, String)>,
        keeps: impl Fn(&R, &str) -> bool + 'a,
    ) -> Self {
        self.filters.push(Filter {
            key,
            title,
            choices,
            keeps: Box::new(keeps),
        });
        self
    }

    /// Lets rows be chosen and changed together: `form` holds what can be done,
    /// `id` names a row.
    pub fn bulk<V: Into<Value>>(mut self, form: Markup, id: impl Fn(&R) -> V + 'a) -> Self {
        self.bulk = Some((form, Box::new(move |row| id(row).into())));
        self
    }

    /// What is shown where there are no rows at all.
    pub fn when_empty(mut self, markup: Markup) -> Self {
        self.empty = markup;
        self
    }

    /// The rows as a file, where the address asks for one: `?format=csv`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn file(&self, visit: &Visit) -> Option<Answer> {
        match visit.asked("format")? {
            "csv" => Some(self.csv(visit)),
            "xlsx" => Some(self.xlsx(visit)),
            _ => None,
        }
    }

    /// The rows the filters leave, in the order asked for.
    fn wanted(&self, visit: &Visit) -> Vec<&R> {
        let words = visit.asked("q").unwrap_or_default().to_lowercase();
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut rows: Vec<&R> = self
            .rows
            .iter()
            .filter(|row| {
                self.filters.iter().all(|filter| {
                    let mut wanted = visit
                        .all_asked(filter.key)
                        .filter(|it| !it.is_empty())
                        .peekable();
                    wanted.peek().is_none() || wanted.any(|choice| (filter.keeps)(row, choice))
                })
            })
            .filter(|row| words.is_empty() || self.has_all(row, &words))
            .collect();
        let (key, descending) = sort_of(visit);
        if let Some(column) = self
            .columns
            .iter()
            .find(|column| Some(column.key.as_ref()) == key)
        {
            let mut keyed: Vec<(SortKey, &R)> = rows
                .into_iter()
                .map(|row| (SortKey::of((column.value)(row)), row))
                .collect();
            keyed.sort_by(|(a, _), (b, _)| {
                let order = a.compare(b);
                if descending { order.reverse() } else { order }
            });
            rows = keyed.into_iter().map(|(_, row)| row).collect();
        }
        rows
    }

    fn has_all(&self, row: &R, words: &[&str]) -> bool {
        let text: Vec<String> = self
            .columns
            .iter()
            .map(|column| (column.value)(row).plain().to_lowercase())
            .collect();
        words
            .iter()
            .all(|word| text.iter().any(|cell| cell.contains(word)))
    }

    /// The table with its filters, sort links and pages.
    pub fn render(&self, visit: &Visit) -> Markup {
        if let Some(count) = self.count {
            return self.listing(visit, count, &self.rows.iter().collect::<Vec<_>>());
        }
        if self.rows.is_empty() {
            return self.empty.clone();
        }
        let rows = self.wanted(visit);
        let (first, _) = page_of(visit, rows.len());
        let shown: Vec<&R> = rows.iter().copied().skip(first).take(PAGE_ROWS).collect();
        self.listing(visit, rows.len(), &shown)
    }

    /// The rows of one page, of `count` that there are.
    fn listing(&self, visit: &Visit, count: usize, shown: &[&R]) -> Markup {
        html! {
            div.listing id={ "list-" (self.name) } {
                (self.controls(visit, count))
                @if shown.is_empty() {
                    p.none { (t!("Nothing fits these filters.")) " " a.link href=(visit.link(visit.path())) { (t!("Clear them")) } }
                } @else {
                    (self.body(visit, shown.iter()))
                    (page_of(visit, count).1)
                }
            }
        }
    }

    fn controls(&self, visit: &Visit, count: usize) -> Markup {
        html! {
            form.filters method="get" action=(visit.path()) role="search" aria-label=(t!("Filter the table")) {
                @if let Some(sort) = visit.asked("sort") { input type="hidden" name="sort" value=(sort); }
                @if let Some(at) = visit.asked("at") { input type="hidden" name="at" value=(at); }
                label.filter-text { (icon_small("search")) span.vh { (t!("Filter")) }
                    input type="search" name="q" value=(visit.asked("q").unwrap_or_default()) placeholder=(t!("Filter")) autocomplete="off"; }
                @for filter in &self.filters {
                    label { span.vh { (filter.title) }
                        select name=(filter.key) {
                            option value="" { (filter.title) }
                            @for (value, words) in &filter.choices {
                                option value=(value) selected[visit.asked(filter.key) == Some(value)] { (words) }
                            }
                        }
                    }
                }
                button.btn.apply type="submit" { (icon("filter")) (t!("Apply")) }
                span.count { (tn!(count, "{n} row", "{n} rows")) }
                span.exports {
                    a.link href=(visit.with(&[("format", "csv")])) download { "CSV" }
                    a.link href=(visit.with(&[("format", "xlsx")])) download { "XLSX" }
                }
            }
            @if !self.filters.is_empty() && visit.person().is_some() { (crate::pages::views(visit, self.name)) }
        }
    }

    fn body<'r>(&self, visit: &Visit, rows: impl Iterator<Item = &'r &'r R>) -> Markup
    where
        R: 'r,
    {
        let table = html! {
            div.scroll tabindex="0" role="region" aria-label=(t!("Table")) {
                table.tbl {
                    thead { tr {
                        @if self.bulk.is_some() { th.check { input type="checkbox" data-check-all aria-label=(t!("Choose all rows shown")); } }
                        @for column in self.shown() { (heading(visit, column, self.holds_numbers(column))) }
                    } }
                    tbody { @for row in rows { tr {
                        @if let Some((_, id)) = &self.bulk {
                            @let id = id(row).plain();
                            td.check { input type="checkbox" name="row" value=(id) aria-label=(t!("Choose {id}", id = id)); }
                        }
                        @for column in self.shown() {
                            @let value = (column.value)(row);
                            td.r[matches!(value, Value::Number(_))].nowrap[matches!(value, Value::Day(_))].hide-s[column.hidden_when_narrow].w-text[column.is_wide] {
                                @match &column.show { Some(show) => (show(row)), None => (value.text()) }
                            }
                        }
                    } } }
                }
            }
        };
        match &self.bulk {
            Some((form, _)) => {
                html! { form.bulk-form method="post" { div.bulk data-bulk { (form) } (table) } }
            }
            None => table,
        }
    }

    fn holds_numbers(&self, column: &Column<'a, R>) -> bool {
        let first = self.rows.first().map(|row| (column.value)(row));
        matches!(first, Some(Value::Number(_)))
    }

    fn shown(&self) -> impl Iterator<Item = &Column<'a, R>> {
        self.columns.iter().filter(|column| !column.only_in_file)
    }

    fn csv(&self, visit: &Visit) -> Answer {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |error: csv::Error| Fault::Failed(error.to_string());
        writer
            .write_record(self.columns.iter().map(|column| column.title.as_ref()))
            .map_err(failed)?;
        for row in self.wanted(visit) {
            let cells = self
                .columns
                .iter()
                .map(|column| harmless((column.value)(row)));
            writer.write_record(cells).map_err(failed)?;
        }
        let bytes = writer
            .into_inner()
            .map_err(|error| Fault::Failed(error.to_string()))?;
        Ok(download(bytes, "text/csv; charset=utf-8", self.name, "csv"))
    }

    fn xlsx(&self, visit: &Visit) -> Answer {
        let failed = |error: rust_xlsxwriter::XlsxError| Fault::Failed(error.to_string());
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let bold = rust_xlsxwriter::Format::new().set_bold();
        for (at, column) in (0u16..).zip(&self.columns) {
            sheet
                .write_string_with_format(0, at, column.title.as_ref(), &bold)
                .map_err(failed)?;
        }
        let rows = self.wanted(visit);
        if rows.len() > SHEET_ROWS {
            let many = format!("{} rows are too many for a spreadsheet", rows.len());
            return Err(Problem::new(many)
                .hint("take the CSV file, or filter the table first")
                .into());
        }
        for (line, row) in (1u32..).zip(&rows) {
            for (at, column) in (0u16..).zip(&self.columns) {
                match (column.value)(row) {
                    Value::Number(number) => sheet.write_number(line, at, number as f64),
                    Value::Nothing => Ok(&mut *sheet),
                    other => sheet.write_string(line, at, other.plain()),
                }
                .map_err(failed)?;
            }
        }
        let last = u32::try_from(rows.len()).unwrap_or(u32::MAX - 1);
        let width = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        sheet.autofilter(0, 0, last, width).map_err(failed)?;
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
        sheet.autofit();
        let bytes = book.save_to_buffer().map_err(failed)?;
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        Ok(download(bytes, kind, self.name, "xlsx"))
    }
}

/// Text that a spreadsheet would run as a formula, made harmless by a quote.
fn harmless(value: Value) -> String {
    let text = value.plain();
    let is_text = matches!(value, Value::Text(_));
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') if is_text => format!("'{text}"),
        _ => text,
    }
}

/// Bytes as a file to keep.
pub fn download(bytes: Vec<u8>, kind: &'static str, name: &str, extension: &str) -> Response {
    let named = format!("attachment; filename=\"{name}.{extension}\"");
    (
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, named),
        ],
        bytes,
    )
        .into_response()
}

/// Where the page asked for begins, of `count` rows, and the links to others.
pub fn page_of(visit: &Visit, count: usize) -> (usize, Markup) {
    let pages = count.div_ceil(PAGE_ROWS).max(1);
    let page = visit
        .asked("page")
        .and_then(|it| it.parse().ok())
        .unwrap_or(1)
        .clamp(1, pages);
    ((page - 1) * PAGE_ROWS, pager(visit, page, pages))
}

/// The rows of the page asked for, and the links to others.
pub fn paged<'r, R>(
    visit: &Visit,
    rows: impl DoubleEndedIterator<Item = R> + Clone + 'r,
) -> (impl Iterator<Item = R> + 'r, Markup) {
    let (first, links) = page_of(visit, rows.clone().count());
    (rows.skip(first).take(PAGE_ROWS), links)
}

/// The column sorted by, and whether the greatest comes first.
pub fn sort_of(visit: &Visit) -> (Option<&str>, bool) {
    match visit.asked("sort") {
        Some(key) => match key.strip_prefix('-') {
            Some(key) => (Some(key), true),
            None => (Some(key), false),
        },
        None => (None, false),
    }
}

/// `is_number`: what stands below is aligned to the right, and so is the heading.
fn heading<R>(visit: &Visit, column: &Column<'_, R>, is_number: bool) -> Markup {
    let (key, descending) = sort_of(visit);
    let is_sorted = key == Some(column.key.as_ref());
    let next = if is_sorted && !descending {
        format!("-{}", column.key)
    } else {
        column.key.clone().into_owned()
    };
    let state = match (is_sorted, descending) {
        (true, false) => Some("ascending"),
        (true, true) => Some("descending"),
        _ => None,
    };
    html! {
        th scope="col" aria-sort=[state].r[is_number].hide-s[column.hidden_when_narrow] {
            a href=(visit.with(&[("sort", &next), ("page", "")])) {
                (column.title)
                @if is_sorted { (icon_small(if descending { "arrow-down" } else { "arrow-up" })) }
            }
        }
    }
}

fn pager(visit: &Visit, page: usize, pages: usize) -> Markup {
    let to = |page: usize| visit.with(&[("page", &page.to_string())]);
    html! {
        @if pages > 1 {
            nav.pager aria-label=(t!("Pages")) {
                @if page > 1 { a.btn href=(to(page - 1)) rel="prev" { (icon("chevron-left")) (t!("Previous")) } }
                span { (t!("Page {page} of {pages}", page = page, pages = pages)) }
                @if page < pages { a.btn href=(to(page + 1)) rel="next" { (t!("Next")) (icon("chevron-right")) } }
            }
        }
    }
}

/// The query with some parameters set; an empty value takes one out.
pub fn query_with(query: &[(String, String)], set: &[(&str, &str)]) -> String {
    let kept = query
        .iter()
        .filter(|(key, value)| !value.is_empty() && !set.iter().any(|(name, _)| name == key))
        .map(|(key, value)| (key.as_str(), value.as_str()));
    let added = set.iter().copied().filter(|(_, value)| !value.is_empty());
    let parts: Vec<String> = kept
        .chain(added)
        .map(|(key, value)| format!("{}={}", url_part(key), url_part(value)))
        .collect();
    parts.join("&")
}

#[cfg(test)]
mod tests {
    use super::{Value, harmless, natural, query_with};

    #[test]
    fn numbers_in_ids_sort_as_numbers() {
        let mut ids = ["TM-100", "TM-9", "TM-10", "A1.1", "CC10"];
        ids.sort_by_key(|id| natural(id));
        assert_eq!(ids, ["A1.1", "CC10", "TM-9", "TM-10", "TM-100"]);
    }

    #[test]
    fn a_spreadsheet_runs_nothing() {
        for text in ["=1+1", "+1", "-1", "@x", "\t=1"] {
            assert_eq!(harmless(text.into()), format!("'{text}"));
        }
        assert_eq!(harmless("a=b".into()), "a=b");
        assert_eq!(harmless(Value::Nothing), "");
    }

    #[test]
    fn a_query_keeps_what_is_not_set_anew() {
        let query = [
            ("q".to_owned(), "a b".to_owned()),
            ("page".to_owned(), "3".to_owned()),
        ];
        assert_eq!(
            query_with(&query, &[("page", ""), ("sort", "-id")]),
            "q=a%20b&sort=-id"
        );
    }
}
