//! What happens at a large company day by day, as entries.
//!
//! What must hold: an entry follows from those before it, so that the ledger
//! replays; what is said of sources, tests and reconciliations is older than
//! what the company really imported and ran.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tickmark_access::{AccessEvent, AccountRef, CredentialChange, CredentialKind};
use tickmark_catalog::{ControlId, Sha256Hex};
use tickmark_control_tests::ControlTestsEvent;
use tickmark_control_tests::events::{ResponseGiven, RunRecorded};
use tickmark_evidence::{
    Artifact, ArtifactKind, EvidenceEvent, ReconciliationResult, SnapshotRecord,
};
use tickmark_ledger::NewEntry;
use tickmark_program::ProgramEvent;
use tickmark_realm::Company;

use super::clock::noise;
use super::{LEAD, Outcome, digest, people};

/// How many of a thousand entries are of which kind, in this order: runs of
/// tests, snapshots, acknowledgements, documents, access, reconciliations,
/// edits of controls, drafts of policies, responses.
const SHARES: [u64; 9] = [340, 240, 250, 50, 70, 30, 15, 3, 2];
/// Documents that are taken in again and again.
const DOCUMENTS: u64 = 2_000;
/// A collector asks its source every quarter of an hour.
const EVERY: SignedDuration = SignedDuration::from_mins(15);

/// What there is to be said, and how often each was said already.
pub struct History {
    runs: Vec<RunRecorded>,
    snapshots: Vec<SnapshotRecord>,
    reconciliations: Vec<ReconciliationResult>,
    controls: Vec<(String, String)>,
    policies: Vec<(String, String)>,
    in_force: BTreeMap<String, Sha256Hex>,
    documents: Vec<Artifact>,
    accounts: u64,
    has_totp: Vec<bool>,
    count: u64,
    of_kind: [u64; 9],
    /// What has to be said before anything else, the last first.
    due: Vec<NewEntry>,
}

fn entry<E: Serialize>(actor: &str, subject: &str, event: &E) -> Outcome<NewEntry> {
    Ok(NewEntry::from_event(actor, subject, event)?)
}

fn program(actor: &str, event: &ProgramEvent) -> Outcome<NewEntry> {
    entry(actor, &event.subject(), event)
}

fn evidence(event: &EvidenceEvent) -> Outcome<NewEntry> {
    entry("collector", &event.subject(), event)
}

fn tests(actor: &str, event: &ControlTestsEvent) -> Outcome<NewEntry> {
    entry(actor, &event.subject(), event)
}

/// One of many, by number.
fn pick<T>(all: &[T], number: u64) -> Outcome<&T> {
    let place = number % (all.len() as u64).max(1);
    Ok(all
        .get(usize::try_from(place)?)
        .ok_or("nothing to pick from")?)
}

impl History {
    /// What can happen at a company as it stands.
    pub fn new(company: &Company, accounts: u64) -> Outcome<Self> {
        let state = company.state();
        let texts = state.program.texts();
        let of = |folder: &str| -> Vec<(String, String)> {
            let found = texts.iter().filter(|(path, _)| path.starts_with(folder));
            found
                .map(|(path, text)| (path.clone(), text.clone()))
                .collect()
        };
        let policies = of("policies/");
        let in_force = policies.iter().map(|(path, text)| {
            let sha256 = Sha256Hex::of(text.as_bytes());
            (path.clone(), sha256)
        });
        let controls = state.program()?.controls;
        let ids: Vec<ControlId> = controls.into_iter().map(|it| it.definition.id).collect();
        let datasets = state.evidence.datasets();
        Ok(Self {
            runs: state
                .control_tests
                .runs
                .values()
                .map(|(run, _)| run.clone())
                .collect(),
            snapshots: datasets
                .flat_map(|dataset| state.evidence.current(dataset))
                .cloned()
                .collect(),
            reconciliations: state
                .evidence
                .reconciliations()
                .map(|it| it.value.clone())
                .collect(),
            in_force: in_force.collect(),
            controls: of("controls/"),
            documents: documents(company, &ids)?,
            policies,
            accounts,
            has_totp: vec![false; usize::try_from(accounts)?],
            count: 0,
            of_kind: [0; 9],
            due: Vec::new(),
        })
    }

    /// The last word on every test and reconciliation: what was really found.
    pub fn last_words(&self) -> Outcome<Vec<NewEntry>> {
        let mut last = Vec::new();
        for run in &self.runs {
            last.push(tests(LEAD, &ControlTestsEvent::RunRecorded(run.clone()))?);
        }
        for found in &self.reconciliations {
            let reconciliation = found.clone();
            last.push(evidence(&EvidenceEvent::ReconciliationRecorded {
                reconciliation,
            })?);
        }
        Ok(last)
    }

    /// What happens next.
    pub fn next(&mut self) -> Outcome<NewEntry> {
        if let Some(due) = self.due.pop() {
            return Ok(due);
        }
        self.count += 1;
        let mut left = noise(1, self.count) % SHARES.iter().sum::<u64>();
        let mut kind = 0;
        for (place, share) in SHARES.iter().enumerate() {
            kind = place;
            match left.checked_sub(*share) {
                Some(rest) => left = rest,
                None => break,
            }
        }
        let said = self.of_kind.get_mut(kind).ok_or("no such kind")?;
        let number = *said;
        *said += 1;
        match kind {
            0 => self.run(number),
            1 => self.snapshot(number),
            2 => self.acknowledgement(number),
            3 => self.document(number),
            4 => self.access(number),
            5 => self.reconciliation(number),
            6 => self.edit(number),
            7 => self.draft(number),
            _ => self.response(number),
        }
    }

    /// A test was run, over other rows than ever before.
    fn run(&self, number: u64) -> Outcome<NewEntry> {
        let mut run = pick(&self.runs, number)?.clone();
        run.key = digest("key", number);
        run.result_sha256 = digest("result", number);
        tests("scheduler", &ControlTestsEvent::RunRecorded(run))
    }

    /// A source was read: nothing new since it was read the last time.
    fn snapshot(&self, number: u64) -> Outcome<NewEntry> {
        let mut snapshot = pick(&self.snapshots, number)?.clone();
        let round = i32::try_from(number / self.snapshots.len() as u64)?;
        let first: Timestamp = snapshot.observed_at - EVERY * 10_000;
        snapshot.observed_at = (first + EVERY * round).min(snapshot.observed_at - EVERY);
        evidence(&EvidenceEvent::SnapshotRecorded { snapshot })
    }

    /// A person acknowledges a policy; when everybody has, the policies are
    /// reviewed and get a new text.
    fn acknowledgement(&mut self, number: u64) -> Outcome<NewEntry> {
        let policies = self.policies.len() as u64;
        let person = number % self.accounts;
        let round = number / (self.accounts * policies);
        let (path, text) = pick(&self.policies, number / self.accounts)?.clone();
        if round > 0 && person == 0 {
            let text = format!("{}\n\nReviewed again, round {round}.\n", text.trim_end());
            let event = ProgramEvent::file_set(&path, &text);
            self.in_force
                .insert(path.clone(), Sha256Hex::of(text.as_bytes()));
            self.due.push(self.acknowledged(&path, person)?);
            return program(LEAD, &event);
        }
        self.acknowledged(&path, person)
    }

    fn acknowledged(&self, path: &str, person: u64) -> Outcome<NewEntry> {
        let sha256 = self.in_force.get(path).ok_or("no such policy")?.clone();
        let by = people::account(person)?.to_string();
        let event = ProgramEvent::PolicyAcknowledged {
            path: path.to_owned(),
            sha256,
            by: by.clone(),
        };
        program(&by, &event)
    }

    /// A document that shows a control is taken in again.
    fn document(&self, number: u64) -> Outcome<NewEntry> {
        let mut artifact = pick(&self.documents, number)?.clone();
        let weeks = i64::try_from(number / DOCUMENTS)?;
        artifact.dated = artifact
            .dated
            .and_then(|day| day.checked_add(jiff::Span::new().weeks(weeks)).ok());
        evidence(&EvidenceEvent::ArtifactRecorded { artifact })
    }

    /// Somebody's way of coming in changes.
    fn access(&mut self, number: u64) -> Outcome<NewEntry> {
        let person = noise(2, number) % self.accounts;
        let event = match noise(3, number) % 10 {
            0..4 => AccessEvent::SessionsEnded(AccountRef {
                account: people::account(person)?,
            }),
            4..7 => {
                let has = self
                    .has_totp
                    .get_mut(usize::try_from(person)?)
                    .ok_or("no such person")?;
                *has = !*has;
                let change = if *has {
                    CredentialChange::Set
                } else {
                    CredentialChange::Removed
                };
                people::credential(person, CredentialKind::Totp, change)?
            }
            7..9 => people::credential(person, CredentialKind::Password, CredentialChange::Set)?,
            _ => {
                let mut profile = people::profile(person)?;
                profile.name = format!("Person {person}, unit {}", number % 40);
                AccessEvent::AccountChanged(profile)
            }
        };
        entry("owner", event.subject(), &event)
    }

    fn reconciliation(&self, number: u64) -> Outcome<NewEntry> {
        let reconciliation = pick(&self.reconciliations, number)?.clone();
        evidence(&EvidenceEvent::ReconciliationRecorded { reconciliation })
    }

    /// Someone rewords a control.
    fn edit(&self, number: u64) -> Outcome<NewEntry> {
        let (path, text) = pick(&self.controls, number)?;
        let text = format!("{}\n\nReworded, revision {number}.\n", text.trim_end());
        program(LEAD, &ProgramEvent::file_set(path, &text))
    }

    /// Someone proposes a text for a policy, and discards it again.
    fn draft(&mut self, number: u64) -> Outcome<NewEntry> {
        let (path, text) = pick(&self.policies, number)?.clone();
        let text = format!("{}\n\nProposed, revision {number}.\n", text.trim_end());
        let discarded = ProgramEvent::DraftDiscarded { path: path.clone() };
        self.due.push(program(LEAD, &discarded)?);
        program(LEAD, &ProgramEvent::draft_set(&path, &text, LEAD))
    }

    /// Management answers deviations anew.
    fn response(&self, number: u64) -> Outcome<NewEntry> {
        let deviating: Vec<&RunRecorded> = self
            .runs
            .iter()
            .filter(|it| it.counts.deviations > 0)
            .collect();
        let run = pick(&deviating, number)?;
        let response = ResponseGiven {
            test: run.test.clone(),
            period: run.period,
            result_sha256: run.result_sha256.clone(),
            position: "agrees".to_owned(),
            cause: format!("Found in review {number}: the step was left out under load."),
            action: "The step is part of the checklist since.".to_owned(),
            owner_role: "Head of Platform".to_owned(),
            due_on: jiff::civil::date(2026, 12, 31),
        };
        tests(LEAD, &ControlTestsEvent::ResponseGiven(response))
    }
}

/// The documents that are taken in, their bytes in the store.
fn documents(company: &Company, ids: &[ControlId]) -> Outcome<Vec<Artifact>> {
    let mut documents = Vec::new();
    for number in 0..DOCUMENTS {
        let control = pick(ids, number)?.clone();
        let text = format!("Shows control {control}, document {number}.\n");
        let object = company.store().put(text.as_bytes())?;
        documents.push(Artifact {
            path: format!("documents/shown/{control}-{number:04}.md"),
            title: format!("{control} as seen by its owner, {number}"),
            kind: ArtifactKind::Text,
            sha256: object.sha256,
            size_bytes: object.size_bytes,
            controls: vec![control],
            dated: Some(jiff::civil::date(2025, 7, 1)),
        });
    }
    Ok(documents)
}
