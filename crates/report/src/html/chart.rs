//! The chart of results as inline SVG: one mark per test, told apart by shape
//! and by colour.

use maud::{Markup, html};

use crate::pages::Chart;
use crate::value::ChartRow;

const ROW: u32 = 18;
const MARK: u32 = 10;
const STEP: u32 = 14;
const LEFT: u32 = 52;

/// The chart with its legend.
pub fn chart(chart: &Chart<'_>) -> Markup {
    let height = u32::try_from(chart.rows.len()).unwrap_or(0) * ROW;
    let width = LEFT + chart.longest.max(1) * STEP;
    html! {
        figure.chart {
            svg viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="img" aria-label=(chart.alt) {
                @for (index, row) in (0_u32..).zip(chart.rows) { (line(index, row)) }
            }
            figcaption {
                (legend("clean", "no exceptions")) (legend("exception", "exceptions"))
                (legend("absent", "did not occur")) (legend("untested", "not tested"))
            }
        }
    }
}

fn line(index: u32, row: &ChartRow) -> Markup {
    let top = index * ROW + 4;
    let kinds = [
        ("clean", row.no_exceptions),
        ("exception", row.exceptions),
        ("absent", row.no_occurrence),
        ("untested", row.not_tested),
    ];
    let marks = kinds
        .into_iter()
        .flat_map(|(kind, count)| (0..count).map(move |_| kind));
    html! {
        text x="0" y=(top + 9) { (row.criterion) }
        @for (position, kind) in (0_u32..).zip(marks) { (mark(kind, LEFT + position * STEP, top)) }
    }
}

fn mark(kind: &str, x: u32, y: u32) -> Markup {
    let (half, right, bottom) = (x + MARK / 2, x + MARK, y + MARK);
    match kind {
        "clean" => html! { rect.clean x=(x) y=(y) width=(MARK) height=(MARK) {} },
        "exception" => {
            html! { polygon.exception points={ (half) "," (y) " " (right) "," (bottom) " " (x) "," (bottom) } {} }
        }
        "absent" => html! { circle.absent cx=(half) cy=(y + MARK / 2) r=(MARK / 2 - 1) {} },
        _ => {
            html! { path.untested d={ "M" (x) " " (y) "h" (MARK) "v" (MARK) "h-" (MARK) "zl" (MARK) " " (MARK) } {} }
        }
    }
}

fn legend(kind: &str, label: &str) -> Markup {
    html! {
        span {
            svg viewBox={ "0 0 " (MARK) " " (MARK) } width=(MARK) height=(MARK) aria-hidden="true" { (mark(kind, 0, 0)) }
            " " (label)
        }
    }
}
