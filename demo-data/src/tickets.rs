//! Ticketing: the tickets that records of other systems refer to.

use jiff::Timestamp;

use super::files::{Csv, Dialect};
use super::people::Company;
use super::{Outcome, Run};

/// One ticket that was resolved.
pub struct Ticket {
    key: String,
    kind: &'static str,
    created_at: Timestamp,
    resolved_at: Timestamp,
    assignee: String,
    reporter: String,
    summary: String,
}

impl Ticket {
    /// A ticket of `kind`, for example `security` or `backup`.
    pub fn new(
        key: String,
        kind: &'static str,
        created_at: Timestamp,
        resolved_at: Timestamp,
        assignee: &str,
        reporter: &str,
        summary: String,
    ) -> Ticket {
        let (assignee, reporter) = (assignee.to_owned(), reporter.to_owned());
        Ticket {
            key,
            kind,
            created_at,
            resolved_at,
            assignee,
            reporter,
            summary,
        }
    }
}

/// Writes all tickets in the order in which they were made.
pub fn write(company: &Company, run: &mut Run) -> Outcome<()> {
    let desk = company.head("Head of IT")?.email.clone();
    let mut tickets = std::mem::take(&mut run.tickets);
    tickets.sort_by(|a, b| (a.created_at, &a.key).cmp(&(b.created_at, &b.key)));
    let header = [
        "Issue key",
        "Issue Type",
        "Status",
        "Priority",
        "Created",
        "Resolved",
        "Assignee",
        "Reporter",
        "Labels",
        "Summary",
    ];
    let mut csv = Csv::create(
        run.folder,
        "exports/ticketing/tickets.csv",
        Dialect::Plain,
        &header,
    )?;
    for ticket in &tickets {
        let priority = if ticket.kind == "security" {
            "High"
        } else {
            "Medium"
        };
        csv.row(&[
            ticket.key.as_str(),
            ticket.kind,
            "Done",
            priority,
            &run.clock.with_offset(ticket.created_at),
            &run.clock.with_offset(ticket.resolved_at),
            if ticket.assignee.is_empty() {
                &desk
            } else {
                &ticket.assignee
            },
            if ticket.reporter.is_empty() {
                &desk
            } else {
                &ticket.reporter
            },
            &format!("{};soc2", ticket.kind),
            &ticket.summary,
        ])?;
    }
    let security = tickets.iter().filter(|t| t.kind == "security").count();
    run.key.population("security_tickets", security);
    run.count("ticketing-tickets", csv.finish()?);
    Ok(())
}
