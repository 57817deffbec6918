//! From the company to the firm to the reader: package, receive, report.

use std::path::Path;

use serde_json::json;
use tickmark_catalog::{ControlTestId, Problem};
use tickmark_engagement::Decisions;
use tickmark_realm::{Provenance, Realm, Result, write_package};
use tickmark_report::Report;
use tickmark_report::pdf::child;

use super::Session;
use super::verify::key;
use crate::args::ReceiveArgs;
use crate::surroundings::executable;

/// Writes the company's evidence package.
///
/// # Errors
/// When an object of the store is missing or changed.
pub fn package(session: &Session, out: &Path) -> Result<u8> {
    let company = session.company()?;
    company.state().program()?;
    let note = company.checkpoint()?;
    let state = company.state();
    let bar = super::progress(session, "packaging");
    let sha256 = write_package(
        &company.ledger().reader()?,
        &note,
        Some((state, company.store())),
        out,
    )?;
    bar.finish();
    session.output.print(
        &json!({ "package": out, "sha256": sha256, "entries": state.size }),
        || {
            format!(
                "wrote the package of {} entries to {}\ndigest of its list: {sha256}\n",
                state.size,
                out.display()
            )
        },
    )?;
    Ok(0)
}

/// Takes a package into the firm's workspace.
///
/// # Errors
/// The first thing in it that does not verify.
pub fn receive(session: &Session, args: &ReceiveArgs) -> Result<u8> {
    let mut firm = session.firm()?;
    let trusted = args.company_key.as_deref().map(key).transpose()?;
    let had_procedures = !firm.state().engagement.procedures.is_empty();
    let bar = super::progress(session, "testing");
    let examined = firm.receive(
        &session.actor,
        &args.package,
        trusted.as_ref(),
        &[],
        Some(&|_, done, all| bar.step(done, all)),
    )?;
    bar.finish();
    let lapsed = had_procedures && firm.state().engagement.procedures.is_empty();
    let checkpoint = examined.received.checkpoint();
    let answer = json!({ "origin": checkpoint.origin, "entries": checkpoint.size, "control_tests": examined.results.len(), "key_pinned": trusted.is_some(), "tests": examined.provenance, "lapsed": lapsed });
    session.output.print(&answer, || {
        let pinned = if trusted.is_some() {
            "the key you named"
        } else {
            "the key the package states: compare it with the one agreed outside"
        };
        format!(
            "{}: {} entries verified with {pinned}; {} control tests run again\n",
            checkpoint.origin,
            checkpoint.size,
            examined.results.len()
        ) + &told_of(&examined.provenance)
            + if lapsed { LAPSED } else { "" }
    })?;
    Ok(0)
}

const LAPSED: &str = "\
the results are others than before: what was done and concluded on the earlier ones has lapsed
look at it again, then record it with `tickmark apply`
";

/// Which control tests are not simply those this program ships.
fn told_of(provenance: &Provenance) -> String {
    let line = |what: &str, ids: &[ControlTestId]| {
        let ids: Vec<&str> = ids.iter().map(ControlTestId::as_str).collect();
        match ids.as_slice() {
            [] => String::new(),
            ids => format!("{what}: {}\n", ids.join(", ")),
        }
    };
    line("written by the company", &provenance.own)
        + &line("not as this Tickmark ships them", &provenance.other)
        + &line(
            "shipped with this Tickmark, applying, and not in force",
            &provenance.left_out,
        )
}

/// Issues the report the firm's decisions lead to.
///
/// # Errors
/// Every check that fails; then nothing is issued.
pub fn report(session: &Session, out: &Path) -> Result<u8> {
    let mut firm = session.firm()?;
    firm.workspace().clone().expect(Realm::Firm)?;
    let path = session.workspace.join("decisions.toml");
    let decisions = Decisions::parse("decisions.toml", &super::read_text(&path)?)?;
    let bar = super::progress(session, "testing again and typesetting");
    let issued = firm.issue(&session.actor, decisions.report(), out, &|report| {
        pdf_in_child(report)
    })?;
    bar.finish();
    session.output.print(&issued, || {
        let files: String = issued
            .files
            .values()
            .map(|file| format!("  {}\n", file.display()))
            .collect();
        let questions: String = issued
            .questions
            .iter()
            .map(|question| format!("  {question}\n"))
            .collect();
        format!(
            "issued report {} as entry {}\n{files}left to a person:\n{questions}",
            issued.report, issued.entry
        )
    })?;
    Ok(0)
}

/// Sets a report as PDF in a child of this program, so that what the
/// typesetter keeps in memory goes with it.
///
/// # Errors
/// When the child fails or refuses the report.
pub fn pdf_in_child(report: &Report) -> Result<Vec<u8>, Problem> {
    Ok(child::render(&executable(), child::Pages::Report(report))?.pdf)
}
