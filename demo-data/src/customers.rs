//! Customer relations: customers, contracts signed and customers who left.
//!
//! Negotiated terms were reviewed by counsel before signing; data of those who
//! left was deleted within 30 days, with a certificate.

use jiff::civil::{Date, date};

use super::clock::{self, plus};
use super::draw::Draw;
use super::files::{Csv, Dialect};
use super::{Outcome, Run};

/// Customers at the end, those who left in the period, contracts signed in it.
const CUSTOMERS: usize = 412;
const LEFT: usize = 17;
const CONTRACTS: usize = 86;

/// Writes all that the CRM exports.
pub fn write(run: &mut Run) -> Outcome<()> {
    let mut draw = run.draw("customers");
    let left = draw.sample(CUSTOMERS + LEFT, LEFT);
    customers(&left, run, &mut draw)?;
    contracts(&left, run, &mut draw)?;
    offboardings(&left, run, &mut draw)
}

fn number(place: usize) -> String {
    format!("CUST-{:05}", 10_001 + place * 3)
}

fn customers(left: &[usize], run: &mut Run, draw: &mut Draw) -> Outcome<()> {
    let header = ["Account Number", "Plan", "Customer Since", "Stage"];
    let mut csv = Csv::create(
        run.folder,
        "exports/crm/customers.csv",
        Dialect::Plain,
        &header,
    )?;
    for place in 0..CUSTOMERS + LEFT {
        let since = plus(date(2020, 1, 6), draw.between(0, 1960));
        let plan = *draw.pick(&["Team", "Business", "Enterprise"])?;
        let stage = if left.contains(&place) {
            "Churned"
        } else {
            "Customer"
        };
        csv.row(&[
            number(place),
            plan.to_owned(),
            since.to_string(),
            stage.to_owned(),
        ])?;
    }
    run.count("crm-customers", csv.finish()?);
    run.key.population("customers_active", CUSTOMERS);
    Ok(())
}

fn contracts(left: &[usize], run: &mut Run, draw: &mut Draw) -> Outcome<()> {
    let days = clock::clear_days(date(2025, 7, 2), date(2026, 6, 26), 0);
    let signed: Vec<usize> = draw
        .sample(CUSTOMERS + LEFT, CONTRACTS + LEFT)
        .into_iter()
        .filter(|p| !left.contains(p))
        .collect();
    let header = [
        "Contract",
        "Account Number",
        "Signed",
        "Paper",
        "Legal Review",
    ];
    let mut csv = Csv::create(
        run.folder,
        "exports/crm/contracts.csv",
        Dialect::Plain,
        &header,
    )?;
    for (n, place) in (1..).zip(signed.into_iter().take(CONTRACTS)) {
        let on: Date = *draw.pick(&days)?;
        let negotiated = draw.chance(20);
        let reviewed = if negotiated {
            plus(on, -draw.between(0, 14)).to_string()
        } else {
            String::new()
        };
        let paper = if negotiated { "Negotiated" } else { "Standard" };
        csv.row(&[
            format!("CTR-{n:04}"),
            number(place),
            on.to_string(),
            paper.to_owned(),
            reviewed,
        ])?;
    }
    let rows = csv.finish()?;
    run.count("crm-contracts", rows);
    run.key.population("contracts", rows as usize);
    Ok(())
}

fn offboardings(left: &[usize], run: &mut Run, draw: &mut Draw) -> Outcome<()> {
    let header = [
        "Account Number",
        "Contract End",
        "Data Deleted",
        "Certificate",
    ];
    let mut csv = Csv::create(
        run.folder,
        "exports/crm/offboardings.csv",
        Dialect::Plain,
        &header,
    )?;
    for place in left {
        let end = plus(date(2025, 7, 8), draw.between(0, 310));
        let deleted = run.clock.at(
            plus(end, draw.between(2, 25)),
            draw.between(8 * 60, 20 * 60),
        )?;
        let certificate = format!("DEL-{}", draw.between(2000, 8999));
        csv.row(&[
            number(*place),
            end.to_string(),
            run.clock.with_offset(deleted),
            certificate,
        ])?;
    }
    let rows = csv.finish()?;
    run.count("crm-offboardings", rows);
    run.key.population("customer_offboardings", rows as usize);
    Ok(())
}
