//! `tickmark demo`: the sample company from raw evidence to a Type 2 report.
//!
//! The clock and the randomness are scripted, so that the ledgers and the
//! report are the same bytes on every machine. The keys that come of it are
//! known to everyone and good for nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use include_dir::{Dir, include_dir};
use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::json;
use tickmark_access::{AccessEvent, AccountId, AccountProfile, Role};
use tickmark_catalog::{Problem, catalog};
use tickmark_control_tests::{Outcome, TestResult};
use tickmark_engagement::ladder::Opinion;
use tickmark_engagement::{Decisions, EngagementState, Procedures};
use tickmark_evidence::Mapping;
use tickmark_ledger::LogKey;
use tickmark_ledger::verifier::VerifierKey;
use tickmark_ledger::witness::{Witness, cosign_in_process};
use tickmark_realm::{
    Company, Firm, Issued, Result, Surroundings, Unfinished, mappings, write_folder, write_package,
};

use super::examination::pdf_in_child;
use super::{Session, progress, read_text};
use crate::args::DemoArgs;
use crate::output::{BAD, FAINT, GOOD, styled};

static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../sample");

/// The mapping of the first leaver export, from which interns were missing.
const FIRST_LEAVERS: &str = "sources/superseded/hris-leavers-first.toml";

/// When what happens, in the story.
const COMPANY_DAY: &str = "2026-07-02T16:00:00Z";
const CORRECTED_DAY: &str = "2026-07-03T17:30:00Z";
const PACKAGE_DAY: &str = "2026-07-06T15:00:00Z";
const FIRM_DAY: &str = "2026-07-06T18:00:00Z";
const CONCLUSION_DAY: &str = "2026-08-14T16:00:00Z";
const REPORT_DAY: &str = "2026-08-14T20:00:00Z";

/// Seeds of the randomness of the two realms, and so of their keys.
pub const COMPANY_SEED: u8 = 1;
/// As [`COMPANY_SEED`].
pub const FIRM_SEED: u8 = 2;

/// The signing key of a realm of the demo, which everyone knows: the first that
/// is drawn.
pub fn key(seed: u8) -> LogKey {
    let mut first = [0; 32];
    stream(seed).fill_bytes(&mut first);
    LogKey::from_seed(first)
}

fn stream(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

/// A clock that shows what the story says.
#[derive(Clone)]
struct Script(Arc<Mutex<Timestamp>>);

impl Script {
    fn at(&self, when: &str) -> Result<()> {
        let when: Timestamp = when
            .parse()
            .map_err(|error: jiff::Error| Problem::new(error.to_string()))?;
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = when;
        Ok(())
    }

    fn now(&self) -> Timestamp {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The two realms of the story, and where they lie.
struct Story {
    script: Script,
    folder: PathBuf,
    pack: String,
}

/// Runs the demo.
///
/// # Errors
/// When the folder holds an earlier demo or cannot be written.
pub fn run(session: &Session, args: &DemoArgs) -> Result<u8> {
    // How long the demo took, for the reader; nothing depends on it.
    let started = Instant::now();
    let story = Story {
        script: Script(Arc::new(Mutex::new(Timestamp::UNIX_EPOCH))),
        folder: args.dir.clone(),
        pack: args.pack.clone(),
    };
    let unfinished = story.unpack()?;
    let mut company = story.company(session)?;
    let results = story.test(session, &mut company)?;
    let package = story.package(session, &mut company)?;
    let mut firm = story.firm(session, &package)?;
    let issued = story.report(session, &mut firm)?;
    unfinished.finish();
    summary(
        session,
        &story,
        &results,
        &firm.state().engagement,
        &issued,
        started.elapsed().as_secs_f64(),
    )?;
    Ok(0)
}

impl Story {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn surroundings(&self, seed: u8) -> Surroundings {
        let script = self.script.clone();
        let mut stream = stream(seed);
        Surroundings::new(
            move || script.now(),
            move |bytes| stream.fill_bytes(bytes),
            crate::surroundings::executable(),
        )
    }

    /// Writes the sample's files, with those of the scenario on top. A demo that
    /// fails leaves nothing.
    fn unpack(&self) -> Result<Unfinished> {
        let names = ["fernhollow", "brindlewood", "report", "package", "keys"];
        for name in names {
            if self.path(name).exists() {
                let earlier =
                    Problem::new(format!("`{}` holds an earlier demo", self.folder.display()));
                return Err(earlier
                    .hint("remove it, or name another folder with `--dir`")
                    .into());
            }
        }
        let mut company = files("fernhollow");
        company.retain(|path, _| !path.starts_with("packs/"));
        company.extend(files(&format!("fernhollow/packs/{}", self.pack)));
        let unfinished = Unfinished::of(names.map(|name| self.path(name)));
        write_folder(&self.path("fernhollow"), &company)?;
        let mut firm = files("brindlewood");
        firm.extend(files(&format!("scenarios/{}/brindlewood", self.pack)));
        write_folder(&self.path("brindlewood"), &firm)?;
        Ok(unfinished)
    }

    /// Records the program, takes documents and the first exports in.
    fn company(&self, session: &Session) -> Result<Company> {
        self.script.at(COMPANY_DAY)?;
        let folder = self.path("fernhollow");
        let mut company = Company::create(
            &folder,
            &self.path("keys/company"),
            "fernhollow",
            &self.surroundings(COMPANY_SEED),
        )?;
        company.record_access("owner", &people(COMPANY_PEOPLE)?)?;
        let difference = company.difference(&folder)?;
        company.apply("compliance-lead", &difference)?;
        company.add_documents("compliance-lead", &folder)?;
        let text = read_text(&folder.join(FIRST_LEAVERS))?;
        let first = Mapping::parse(FIRST_LEAVERS, &text, &catalog().datasets)?;
        let mut all = mappings(&company.state().program()?)?;
        all.insert(first.id.clone(), first);
        let bar = progress(session, "importing");
        let count = all.len();
        for (done, mapping) in all.into_values().enumerate() {
            company.import("compliance-lead", &folder, &mapping, None)?;
            bar.step(done + 1, count);
        }
        bar.finish();
        Ok(company)
    }

    /// Reconciles, finds the leavers incomplete, imports the corrected export,
    /// and tests everything.
    fn test(&self, session: &Session, company: &mut Company) -> Result<Vec<TestResult>> {
        let failed: Vec<String> = company
            .reconcile("compliance-lead")?
            .iter()
            .filter(|it| !it.complete)
            .map(|it| it.summary())
            .collect();
        for summary in &failed {
            session
                .output
                .say(format!("{} {summary}", styled(BAD, "not complete:")))?;
        }
        let bar = progress(session, "testing");
        let first = company.test(
            "compliance-lead",
            None,
            None,
            None,
            Some(&|_, done, all| bar.step(done, all)),
        )?;
        first.all()?;
        self.script.at(CORRECTED_DAY)?;
        let folder = self.path("fernhollow");
        if let Some(corrected) = mappings(&company.state().program()?)?.remove("hris-leavers") {
            company.import("compliance-lead", &folder, &corrected, None)?;
        }
        let complete = company
            .reconcile("compliance-lead")?
            .iter()
            .all(|it| it.complete);
        if !failed.is_empty() && complete {
            session.output.say(format!(
                "{} every population, after the corrected export",
                styled(GOOD, "complete:")
            ))?;
        }
        let results = company.test(
            "compliance-lead",
            None,
            None,
            None,
            Some(&|_, done, all| bar.step(done, all)),
        )?;
        bar.finish();
        results.all()
    }

    /// Signs, has the firm witness the checkpoint, writes the package.
    fn package(&self, session: &Session, company: &mut Company) -> Result<PathBuf> {
        self.script.at(PACKAGE_DAY)?;
        let note = company.checkpoint()?;
        let witness = self.witness(company)?;
        cosign_in_process(
            &company.ledger().handle(),
            &note,
            &witness,
            self.script.now(),
        )?;
        let note = company
            .ledger()
            .reader()?
            .last_checkpoint()?
            .unwrap_or(note);
        let package = self.path("package");
        write_package(
            &company.ledger().reader()?,
            &note,
            Some((company.state(), company.store())),
            &package,
        )?;
        session.output.say(format!(
            "{} company ledger of {} entries, signed and cosigned by the firm",
            styled(GOOD, "packaged:"),
            company.state().size
        ))?;
        Ok(package)
    }

    fn witness(&self, company: &Company) -> Result<Witness> {
        let log = company.ledger().reader()?.verifier_key()?;
        let mut seed = [0; 32];
        self.surroundings(3).fill(&mut seed);
        let key = LogKey::from_seed(seed);
        key.write_new(&self.path("keys/witness/brindlewood.key"))?;
        Ok(Witness::new(
            "tickmark.dev/witness/brindlewood",
            key,
            &[log],
            &self.path("keys/witness"),
        )?)
    }

    /// The firm takes the package in, runs the tests again and concludes.
    fn firm(&self, session: &Session, package: &Path) -> Result<Firm> {
        self.script.at(FIRM_DAY)?;
        let folder = self.path("brindlewood");
        let mut firm = Firm::create(
            &folder,
            &self.path("keys/firm"),
            "brindlewood",
            &self.surroundings(FIRM_SEED),
        )?;
        firm.record_access("brw-partner", &people(FIRM_PEOPLE)?)?;
        let bar = progress(session, "testing again");
        let key = company_key(package)?;
        let examined = firm.receive(
            "brw-manager",
            package,
            Some(&key),
            &[],
            Some(&|_, done, all| bar.step(done, all)),
        )?;
        bar.finish();
        self.script.at(CONCLUSION_DAY)?;
        let decisions = Decisions::parse(
            "decisions.toml",
            &read_text(&folder.join("decisions.toml"))?,
        )?;
        let procedures = Procedures::parse(
            "procedures.toml",
            &read_text(&folder.join("procedures.toml"))?,
        )?;
        firm.decide("brw-manager", &decisions, &procedures, &examined.basis()?)?;
        Ok(firm)
    }

    fn report(&self, session: &Session, firm: &mut Firm) -> Result<Issued> {
        self.script.at(REPORT_DAY)?;
        let decisions = Decisions::parse(
            "decisions.toml",
            &read_text(&self.path("brindlewood/decisions.toml"))?,
        )?;
        let bar = progress(session, "typesetting");
        let issued = firm.issue(
            "brw-partner",
            decisions.report(),
            &self.path("report"),
            &|report| pdf_in_child(report),
        );
        bar.finish();
        issued
    }
}

/// Who may come in, of the company: id, name, role, owner roles they answer for.
const COMPANY_PEOPLE: &[(&str, &str, Role, &[&str])] = &[
    ("owner", "Marisol Quintrell", Role::Owner, &[]),
    (
        "compliance-lead",
        "Idris Faulkmore",
        Role::ComplianceManager,
        &["Compliance Manager"],
    ),
    (
        "platform-owner",
        "Tamsin Okorafor-Lindqvist",
        Role::ControlOwner,
        &["Head of Platform"],
    ),
    ("employee", "Jonah Pellinore", Role::Employee, &[]),
    ("reader", "Sunniva Aldercott", Role::ReadOnly, &[]),
];

/// Who may come in, of the firm.
const FIRM_PEOPLE: &[(&str, &str, Role, &[&str])] = &[
    ("brw-partner", "Edmund Thackerby", Role::Partner, &[]),
    ("brw-manager", "Roswitha Calloway", Role::Manager, &[]),
    ("brw-senior", "Percival Ongweso", Role::Staff, &[]),
    ("brw-staff", "Linnea Marchbanks", Role::Staff, &[]),
];

/// Accounts for invented people, each able to come in.
fn people(people: &[(&str, &str, Role, &[&str])]) -> Result<Vec<AccessEvent>> {
    let mut events = Vec::new();
    for (id, name, role, functions) in people {
        let account: AccountId = id.parse()?;
        events.push(AccessEvent::AccountAdded(AccountProfile {
            account: account.clone(),
            name: (*name).to_owned(),
            email: format!("{id}@{}.example", role.side()),
            role: *role,
            functions: functions.iter().map(|it| (*it).to_owned()).collect(),
        }));
        events.push(AccessEvent::activated(&account));
    }
    Ok(events)
}

/// The company's key, as agreed between the two outside; in the story, from
/// the package.
fn company_key(package: &Path) -> Result<VerifierKey> {
    let summary: tickmark_realm::PackageSummary =
        serde_json::from_str(&read_text(&package.join("package.json"))?)
            .map_err(|error| Problem::new(error.to_string()))?;
    super::verify::key(&summary.verifier_key)
}

/// The embedded files below a folder of the sample, by path inside it.
fn files(folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    if let Some(dir) = SAMPLE.get_dir(folder) {
        collect(dir, dir.path(), &mut found);
    }
    found
}

fn collect(dir: &Dir<'_>, root: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for file in dir.files() {
        let inside = file.path().strip_prefix(root).unwrap_or(file.path());
        found.insert(
            inside.to_string_lossy().into_owned(),
            file.contents().to_vec(),
        );
    }
    for below in dir.dirs() {
        collect(below, root, found);
    }
}

fn summary(
    session: &Session,
    story: &Story,
    results: &[TestResult],
    engagement: &EngagementState,
    issued: &Issued,
    seconds: f64,
) -> Result<()> {
    let reason = engagement
        .opinion
        .as_ref()
        .map(|opinion| opinion.reason.clone())
        .unwrap_or_default();
    let answer = json!({
        "opinion": issued.opinion, "why": reason, "report": issued.files, "company": story.path("fernhollow"), "firm": story.path("brindlewood"),
        "package": story.path("package"), "deviations": engagement.deviations.len(), "control_tests": results.len(), "seconds": seconds,
    });
    session.output.print(&answer, || {
        let items: u64 = results.iter().map(|result| result.counts.population).sum();
        let found = results
            .iter()
            .filter(|result| result.outcome == Outcome::Deviations)
            .count();
        let mut text = format!(
            "{} control tests over {items} items: {found} found deviations\n\n",
            results.len()
        );
        for deviation in engagement.deviations.values() {
            let controls: Vec<String> =
                deviation.controls.iter().map(ToString::to_string).collect();
            let (count, tested) = (deviation.items.len(), deviation.tested);
            text.push_str(&format!(
                "  {}  {count} of {tested}  {}  {}\n",
                deviation.id,
                controls.join(" "),
                styled(FAINT, deviation.test.as_str())
            ));
        }
        let opinion = match issued.opinion {
            Opinion::Unmodified => styled(GOOD, "unmodified"),
            other => styled(
                BAD,
                serde_json::to_value(other)
                    .ok()
                    .and_then(|it| it.as_str().map(str::to_owned))
                    .unwrap_or_default(),
            ),
        };
        text.push_str(&format!("\nopinion: {opinion}\n  {reason}\n\n"));
        for (kind, path) in &issued.files {
            text.push_str(&format!("{kind:<5} {}\n", path.display()));
        }
        let pdf = issued
            .files
            .get("pdf")
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        text.push_str(&format!(
            "\nverify it:  tickmark verify {pdf}\nsee it all: tickmark serve --demo {}\n{}\n",
            story.folder.display(),
            styled(FAINT, format!("{seconds:.1} s"))
        ));
        text
    })
}
