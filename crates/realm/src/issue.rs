//! Issuing a report: written from the verified facts, checked, rendered, bound
//! to its inputs by an entry in the firm's ledger.
//!
//! What must hold: the report is a function of the company's package and the
//! firm's entries before the one that issues it; whoever has both writes the
//! same bytes again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tickmark_catalog::{Problem, Problems, Sha256Hex};
use tickmark_engagement::{EngagementEvent, Issuer, ReportEntry, ReportIssued};
use tickmark_ledger::proof_file::{prove, write_proof};
use tickmark_report::Report;
use tickmark_report::checks::{self, AuditFile, Verdict};

use crate::error::Result;
use crate::firm::{Examined, Firm};
use crate::folder::{copy_folder, write_file};
use crate::package::write_package;
use crate::replay::replay;
use crate::report_facts::{LedgerHead, facts};
use crate::told::Told;

/// Folder beside a report that holds what is needed to verify it.
pub const VERIFICATION: &str = "verification";

/// Sets a report as PDF; the caller decides in which process.
pub type RenderPdf<'a> = &'a dyn Fn(&Report) -> Result<Vec<u8>, Problem>;

/// A report as it was issued.
#[derive(Debug, Clone, Serialize)]
pub struct Issued {
    /// Id of the report.
    pub report: String,
    /// Index of the entry that issued it in the firm's ledger.
    pub entry: u64,
    /// The opinion it carries.
    pub opinion: tickmark_engagement::ladder::Opinion,
    /// The files written, by kind: `pdf`, `html`, `json`.
    pub files: BTreeMap<String, PathBuf>,
    /// Questions the checks leave to a person.
    pub questions: Vec<String>,
}

/// A report in its three forms.
pub struct Renderings {
    /// The report as a value.
    pub report: Report,
    /// Bytes by file name.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Writes the report from verified facts and renders it.
///
/// `firm`: origin, size and root of the firm's ledger before the entry that
/// issues the report.
///
/// # Errors
/// Everything that is missing or contradictory.
pub fn render(
    examined: &Examined,
    engagement: &tickmark_engagement::EngagementState,
    entry: &ReportEntry,
    firm: &LedgerHead,
    pdf: RenderPdf<'_>,
) -> Result<Renderings> {
    let facts = facts(examined, engagement, entry, firm)?;
    let report = tickmark_report::compose(&facts)?;
    let json = report.to_json().map_err(|error| {
        Problem::new("the report cannot be written as JSON").cause(error.to_string())
    })?;
    let html = tickmark_report::html::render_html(&report);
    let mut files = BTreeMap::new();
    files.insert(format!("{}.pdf", entry.id), pdf(&report)?);
    files.insert(format!("{}.html", entry.id), html.into_bytes());
    files.insert(format!("{}.json", entry.id), json.into_bytes());
    Ok(Renderings { report, files })
}

impl Firm {
    /// Issues the report these decisions lead to into `out`, with everything
    /// a reader needs to verify it beside it.
    ///
    /// # Errors
    /// Every check of the report that fails; then nothing is issued.
    pub fn issue(
        &mut self,
        actor: &str,
        entry: &ReportEntry,
        out: &Path,
        pdf: RenderPdf<'_>,
    ) -> Result<Issued> {
        if self
            .state()
            .engagement
            .issued
            .iter()
            .any(|issued| issued.report == entry.id)
        {
            return Err(
                Problem::new(format!("report `{}` was issued already", entry.id))
                    .hint("an issued report is never changed: give the new one another id")
                    .into(),
            );
        }
        refuse_issued(out)?;
        let package = self.package()?;
        let examined = self.examine_package()?;
        replay(&self.entries()?, &examined)?;
        let head = self.head()?;
        let renderings = render(&examined, &self.state().engagement, entry, &head, pdf)?;
        let questions = check(
            &renderings.report,
            &AuditFile::of(&self.state().engagement, &examined.program),
        )?;
        let opinion = renderings.report.meta.opinion;
        let digests = renderings
            .files
            .iter()
            .map(|(name, bytes)| (name.clone(), Sha256Hex::of(bytes)))
            .collect();
        let event = EngagementEvent::ReportIssued(ReportIssued {
            report: entry.id.clone(),
            report_type: self.report_type()?,
            dated: entry.dated,
            opinion,
            files: digests,
            package_sha256: Some(examined.received.sha256.clone()),
            released: entry.released.clone(),
            issuer: Some(issuer()),
        });
        let receipts = self.append(actor, &[event])?;
        let index = receipts.first().map_or(head.size, |receipt| receipt.index);
        let note = self.ledger().checkpoint()?;
        self.write(out, &package, &renderings, index, &note)?;
        let files = renderings
            .files
            .keys()
            .map(|name| {
                (
                    name.rsplit('.').next().unwrap_or_default().to_owned(),
                    out.join(name),
                )
            })
            .collect();
        Ok(Issued {
            report: entry.id.clone(),
            entry: index,
            opinion,
            files,
            questions,
        })
    }

    /// Every entry of the firm's ledger.
    fn entries(&self) -> Result<Vec<Told>> {
        let reader = self.ledger().reader()?;
        let size = reader.head()?.size;
        let records = reader.entries(0..size);
        records.map(|record| Told::try_from(record?)).collect()
    }

    fn report_type(&self) -> Result<tickmark_engagement::ReportType> {
        let terms = self.state().engagement.terms.as_ref();
        Ok(terms
            .map(|terms| terms.report_type)
            .ok_or_else(|| Problem::new("no engagement is open"))?)
    }

    /// The firm's ledger as it stands.
    fn head(&self) -> Result<LedgerHead> {
        let reader = self.ledger().reader()?;
        let size = reader.head()?.size;
        Ok(LedgerHead {
            origin: reader.origin()?,
            size,
            root: reader.root_at(size)?,
        })
    }

    fn write(
        &self,
        out: &Path,
        package: &Path,
        renderings: &Renderings,
        index: u64,
        note: &[u8],
    ) -> Result<()> {
        let verification = out.join(VERIFICATION);
        let reader = self.ledger().reader()?;
        write_package(&reader, note, None, &verification.join("firm"))?;
        copy_folder(package, &verification.join("company"))?;
        write_proof(&verification, index, &prove(&reader, index, note)?)?;
        for (name, bytes) in &renderings.files {
            write_file(&out.join(name), bytes)?;
        }
        Ok(())
    }
}

/// Refuses a folder that holds a report, before an entry issues another.
fn refuse_issued(out: &Path) -> Result<()> {
    if out.join(VERIFICATION).exists() {
        let there = Problem::new(format!("there is a report in `{}` already", out.display()));
        return Err(there.hint("issue into another folder").into());
    }
    Ok(())
}

/// What this build composes and sets reports with.
pub(crate) fn issuer() -> Issuer {
    Issuer {
        tickmark: env!("CARGO_PKG_VERSION").to_owned(),
        engine: tickmark_runner::ENGINE.to_owned(),
        pages_sha256: tickmark_report::pages_sha256(),
    }
}

/// Runs every automatic check before issue; returns the questions left to a
/// person.
///
/// # Errors
/// Every check that fails.
pub(crate) fn check(report: &Report, file: &AuditFile) -> Result<Vec<String>> {
    let checked = checks::run(report, file);
    let mut problems = Vec::new();
    let mut questions = Vec::new();
    for item in checked {
        let told = format!("{} {}: {}", item.id, item.section, item.check);
        match item.verdict {
            Verdict::Fail { why } => problems.push(Problem::new(told).cause(why)),
            Verdict::Question => questions.push(told),
            Verdict::Pass | Verdict::NotApplicable { .. } => {}
        }
    }
    Ok(Problems::unless_empty(problems, questions)?)
}
