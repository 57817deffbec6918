//! Governance records: the register of suppliers and their reviews.
//!
//! Of 64 suppliers 11 are critical and 9 are new. V8: one critical supplier
//! was not reviewed in the period; its report had expired and no bridge
//! letter covers the time since.

use jiff::civil::{Date, date};

use super::clock::{self, plus};
use super::draw::Draw;
use super::people::Company;
use super::spreadsheet::{Book, Cell, Sheet};
use super::{Outcome, Run, names};

/// The first suppliers of the list are critical, the last are new.
const CRITICAL: usize = 11;
const NEW: usize = 9;
/// Suppliers whose controls are needed together with ours.
const SUBSERVICE: usize = 3;

/// One supplier.
struct Supplier {
    id: String,
    name: &'static str,
    category: &'static str,
    tier: &'static str,
    owner: String,
    onboarded_on: Date,
    is_new: bool,
    is_subservice: bool,
    is_neglected: bool,
}

/// Writes the workbook and the key.
pub fn write(company: &Company, run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("suppliers");
    let suppliers = suppliers(company, &mut draw)?;
    let mut book = Book::new()?;
    let registered = register(&mut book, &suppliers)?;
    let reviewed = reviews(&mut book, &suppliers, company, &mut draw)?;
    book.save(run.folder, "exports/grc/vendors.xlsx")?;
    run.count("grc-vendors", registered);
    run.count("grc-vendor-reviews", reviewed);
    run.key.population("vendors", suppliers.len());
    run.key.population("critical_vendors", CRITICAL);
    run.key.population("new_vendors", NEW);
    let neglected = suppliers
        .iter()
        .filter(|s| s.is_neglected)
        .map(|s| s.id.clone())
        .collect();
    run.key.finding("V8", "no review in the period; the supplier's SOC 2 report expired and there is no bridge letter");
    run.key
        .expects("V8", "vendor-reviewed-yearly", Some(CRITICAL), neglected);
    Ok(())
}

fn suppliers(company: &Company, draw: &mut Draw) -> Outcome<Vec<Supplier>> {
    let new_days = clock::clear_days(date(2025, 7, 14), date(2026, 6, 5), 0);
    let heads = company.heads();
    let mut all = Vec::new();
    for (place, (name, category)) in names::VENDORS.iter().enumerate() {
        let is_new = place >= names::VENDORS.len() - NEW;
        let earlier = plus(date(2020, 2, 3), draw.between(0, 1800));
        let drawn = *draw.pick(&new_days)?;
        all.push(Supplier {
            id: format!("VND-{:03}", place + 1),
            name,
            category,
            tier: tier(place),
            owner: draw.pick(&heads)?.email.clone(),
            onboarded_on: if is_new { drawn } else { earlier },
            is_new,
            is_subservice: place < SUBSERVICE,
            is_neglected: place + 1 == company.story.unreviewed_vendor,
        });
    }
    Ok(all)
}

fn tier(place: usize) -> &'static str {
    match place {
        0..CRITICAL => "critical",
        CRITICAL..28 => "high",
        28..50 => "medium",
        _ => "low",
    }
}

fn register(book: &mut Book, suppliers: &[Supplier]) -> Outcome<u64> {
    let header = [
        "Record",
        "Supplier",
        "Tier",
        "Category",
        "Owner",
        "In Use Since",
        "Subservice",
        "Security Terms",
    ];
    let mut sheet = book.sheet("Register", &header)?;
    for supplier in suppliers {
        sheet.row(&[
            Cell::text(&supplier.id),
            Cell::text(supplier.name),
            Cell::text(supplier.tier),
            Cell::text(supplier.category),
            Cell::text(&supplier.owner),
            Cell::Day(supplier.onboarded_on),
            Cell::Flag(supplier.is_subservice),
            Cell::text("Yes"),
        ])?;
    }
    Ok(sheet.rows())
}

/// One review of a supplier.
struct Review {
    kind: &'static str,
    on: Date,
    report: &'static str,
    report_end: Option<Date>,
    bridge_letter: bool,
}

fn reviews(
    book: &mut Book,
    suppliers: &[Supplier],
    company: &Company,
    draw: &mut Draw,
) -> Outcome<u64> {
    let header = [
        "Record",
        "Type",
        "Reviewed",
        "Reviewer",
        "Report",
        "Report Until",
        "Bridge Letter",
        "Outcome",
    ];
    let mut sheet = book.sheet("Reviews", &header)?;
    let reviewer = company.head("Procurement Manager")?.email.clone();
    for supplier in suppliers {
        for review in of(supplier, draw)? {
            enter(&mut sheet, supplier, &review, &reviewer)?;
        }
    }
    Ok(sheet.rows())
}

fn enter(sheet: &mut Sheet, supplier: &Supplier, review: &Review, reviewer: &str) -> Outcome<()> {
    sheet.row(&[
        Cell::text(&supplier.id),
        Cell::text(review.kind),
        Cell::Day(review.on),
        Cell::text(reviewer),
        Cell::text(review.report),
        review.report_end.map_or(Cell::Empty, Cell::Day),
        Cell::text(if review.bridge_letter { "Yes" } else { "No" }),
        Cell::text(if review.bridge_letter {
            "Accepted with actions"
        } else {
            "Accepted"
        }),
    ])
}

/// The onboarding of new suppliers, and the yearly review of critical and
/// high ones: the year before, and in the period.
fn of(supplier: &Supplier, draw: &mut Draw) -> Outcome<Vec<Review>> {
    if supplier.is_new {
        let on = plus(supplier.onboarded_on, -draw.between(3, 25));
        return Ok(vec![Review {
            kind: "Onboarding",
            on,
            report: "questionnaire",
            report_end: None,
            bridge_letter: false,
        }]);
    }
    if !matches!(supplier.tier, "critical" | "high") {
        return Ok(Vec::new());
    }
    let yearly = |on: Date, bridge_letter: bool| Review {
        kind: "Annual",
        on,
        report: "SOC 2 Type 2",
        report_end: Some(plus(
            on.first_of_month(),
            -1 - if bridge_letter { 150 } else { 45 },
        )),
        bridge_letter,
    };
    let before = *draw.pick(&clock::clear_days(date(2024, 9, 9), date(2025, 5, 30), 0))?;
    let within = *draw.pick(&clock::clear_days(date(2025, 8, 4), date(2026, 5, 29), 0))?;
    let bridged = draw.chance(25);
    let mut reviews = vec![yearly(before, false)];
    if !supplier.is_neglected {
        reviews.push(yearly(within, bridged));
    }
    Ok(reviews)
}
