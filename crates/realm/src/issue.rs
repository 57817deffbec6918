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

use crate::error::{Error, Result};
use crate::firm::{Examined, Firm, FirmState, examine};
use crate::folder::{Staged, copy_folder, write_file};
use crate::package::write_package;
use crate::received;
use crate::reliance;
use crate::replay::replay;
use crate::report_facts::{LedgerHead, facts};
use crate::told::{Folded, Told};

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
    /// a reader needs to verify it beside it. A report that was issued already
    /// is written once more, where `out` does not have it.
    ///
    /// # Errors
    /// Every check of the report that fails; then nothing is issued. A folder
    /// that cannot be written; then nothing is in it, and where the report was
    /// issued by then, the problem says how to have it written.
    pub fn issue(
        &mut self,
        actor: &str,
        entry: &ReportEntry,
        out: &Path,
        pdf: RenderPdf<'_>,
    ) -> Result<Issued> {
        refuse_issued(out)?;
        let told = self.entries()?;
        let before = self
            .state()
            .issuances()
            .find(|(_, issued)| issued.report == entry.id)
            .map(|(index, issued)| (index, issued.clone()));
        match before {
            Some((index, before)) => self.write_again(&told, index, &before, entry, out, pdf),
            None => self.issue_new(actor, &told, entry, out, pdf),
        }
    }

    fn issue_new(
        &mut self,
        actor: &str,
        told: &[Told],
        entry: &ReportEntry,
        out: &Path,
        pdf: RenderPdf<'_>,
    ) -> Result<Issued> {
        let package = self.package()?;
        let examined = self.examine_package()?;
        replay(told, &examined)?;
        let head = self.head()?;
        let renderings = render(&examined, &self.state().engagement, entry, &head, pdf)?;
        let questions = check(
            &renderings.report,
            &AuditFile::of(&self.state().engagement, &examined.program),
        )?;
        // All that can be written before the entry is: a full disk shows here.
        let staged = stage(out, &package, &renderings)?;
        self.keep(&renderings)?;
        let opinion = renderings.report.meta.opinion;
        let event = EngagementEvent::ReportIssued(ReportIssued {
            report: entry.id.clone(),
            report_type: self.report_type()?,
            dated: entry.dated,
            opinion,
            files: renderings.digests(),
            package_sha256: Some(examined.received.sha256.clone()),
            released: entry.released.clone(),
            issuer: Some(issuer()),
        });
        let receipts = self.append(actor, &[event])?;
        let index = receipts.first().map_or(head.size, |receipt| receipt.index);
        self.settle(staged, index)
            .map_err(|error| issued_but(error, &entry.id))?;
        Ok(issued(entry, index, opinion, &renderings, questions, out))
    }

    /// Writes the files of a report again that entry `index` issued.
    fn write_again(
        &self,
        told: &[Told],
        index: u64,
        before: &ReportIssued,
        entry: &ReportEntry,
        out: &Path,
        pdf: RenderPdf<'_>,
    ) -> Result<Issued> {
        if (before.dated, &before.released) != (entry.dated, &entry.released) {
            return Err(Problem::new(format!(
                "report `{}` was issued already, under another date or signature",
                entry.id
            ))
            .hint("an issued report is never changed: give the new one another id")
            .into());
        }
        let earlier: Vec<&Told> = told.iter().filter(|it| it.index < index).collect();
        let relied = FirmState::fold(earlier.iter().copied())?
            .engagement
            .checkpoint
            .ok_or_else(|| Problem::new("the report rests on no package"))?;
        let package = received::folder(self.workspace(), &relied.note);
        let examined = examine(&package, None, &[], self.executable(), None)?;
        reliance::check_results(&relied, &examined)?;
        let (state, _) = replay(earlier, &examined)?;
        let renderings = render(&examined, &state, entry, &self.head_at(index)?, pdf)?;
        if renderings.digests() != before.files {
            return Err(written_otherwise(before).into());
        }
        let questions = check(
            &renderings.report,
            &AuditFile::of(&state, &examined.program),
        )?;
        self.keep(&renderings)?;
        self.settle(stage(out, &package, &renderings)?, index)?;
        let opinion = before.opinion;
        Ok(issued(entry, index, opinion, &renderings, questions, out))
    }

    /// Keeps the files of a report in the firm's store, where the digests in
    /// the entry that issues it find them.
    fn keep(&self, renderings: &Renderings) -> Result<()> {
        let store = self.workspace().evidence()?;
        for bytes in renderings.files.values() {
            store.put(bytes)?;
        }
        Ok(())
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
        self.head_at(self.ledger().reader()?.head()?.size)
    }

    /// The firm's ledger when it had `size` entries.
    fn head_at(&self, size: u64) -> Result<LedgerHead> {
        let reader = self.ledger().reader()?;
        Ok(LedgerHead {
            origin: reader.origin()?,
            size,
            root: reader.root_at(size)?,
        })
    }

    /// Adds to a staged report what proves entry `index`, which issued it, and
    /// moves it to its place.
    fn settle(&self, staged: Staged, index: u64) -> Result<()> {
        let note = self.ledger().checkpoint()?;
        let verification = staged.path().join(VERIFICATION);
        let reader = self.ledger().reader()?;
        write_package(&reader, &note, None, &verification.join("firm"))?;
        write_proof(&verification, index, &prove(&reader, index, &note)?)?;
        staged.settle()
    }
}

impl Renderings {
    /// SHA-256 of each file.
    fn digests(&self) -> BTreeMap<String, Sha256Hex> {
        let digest = |(name, bytes): (&String, &Vec<u8>)| (name.clone(), Sha256Hex::of(bytes));
        self.files.iter().map(digest).collect()
    }
}

/// The files of a report and the company's package, beside their place.
fn stage(out: &Path, package: &Path, renderings: &Renderings) -> Result<Staged> {
    let staged = Staged::beside(out)?;
    copy_folder(package, &staged.path().join(VERIFICATION).join("company"))?;
    for (name, bytes) in &renderings.files {
        write_file(&staged.path().join(name), bytes)?;
    }
    Ok(staged)
}

fn issued(
    entry: &ReportEntry,
    index: u64,
    opinion: tickmark_engagement::ladder::Opinion,
    renderings: &Renderings,
    questions: Vec<String>,
    out: &Path,
) -> Issued {
    let kind = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let files = renderings.files.keys();
    Issued {
        report: entry.id.clone(),
        entry: index,
        opinion,
        files: files.map(|name| (kind(name), out.join(name))).collect(),
        questions,
    }
}

/// The entry stands, the files do not: says how to get them.
fn issued_but(error: Error, report: &str) -> Error {
    let found = error.into_problems().0.into_iter().next();
    let mut problem = Problem::new(format!(
        "report `{report}` was issued, but its files could not be written"
    ));
    if let Some(found) = found {
        problem.causes = [vec![found.message], found.causes].concat();
    }
    problem
        .hint("run `tickmark report` again: it writes the same files once more")
        .into()
}

fn written_otherwise(before: &ReportIssued) -> Problem {
    let problem = Problem::new(format!(
        "report `{}` was issued already, and comes out otherwise now",
        before.report
    ));
    match &before.issuer {
        Some(theirs) if *theirs != issuer() => problem
            .cause(format!(
                "it was issued by Tickmark {}, by another build than this",
                theirs.tickmark
            ))
            .hint(
                "write it again with the build that issued it, or give the new report another id",
            ),
        _ => problem.hint("an issued report is never changed: give the new one another id"),
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
