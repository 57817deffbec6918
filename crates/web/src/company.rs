//! A company's workspace as the server holds it: one writer, and the picture
//! that every page reads.
//!
//! What must hold: a command is the same the command line has; commands come
//! one after the other; a page is never kept waiting by one, because it reads
//! the picture from before.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use tickmark_evidence::Store;
use tickmark_ledger::{LedgerHandle, LedgerReader};
use tickmark_realm::{Company, CompanyState, Folded, Moment, Result, Workspace};

use crate::fault::{Answer, Fault};
use crate::metrics::Tally;
use crate::picture::Picture;
use crate::results::Results;
use crate::webhooks::Outbox;

/// How many past moments are kept at hand.
const PAST_PICTURES: usize = 4;

/// A company's workspace, open for pages and commands.
pub struct CompanyHost {
    company: Mutex<Company>,
    workspace: Workspace,
    store: Arc<Store>,
    results: Results,
    picture: ArcSwap<Picture>,
    /// The ledger as pages read it; it sees every entry that was committed.
    reader: Mutex<LedgerReader>,
    past: Mutex<Vec<(String, Arc<Picture>)>>,
    outbox: OnceLock<Outbox>,
    ledger: LedgerHandle,
    tally: Tally,
}

impl CompanyHost {
    /// Takes a workspace over.
    ///
    /// # Errors
    /// When what is recorded cannot be read by this program.
    pub fn new(company: Company) -> Result<Self> {
        let workspace = company.workspace().clone();
        let results = Results::new(workspace.results_folder());
        let picture = Picture::new(company.state_now(), &results, None)?;
        Ok(Self {
            store: company.shared_store(),
            ledger: company.ledger().handle(),
            tally: Tally::default(),
            picture: ArcSwap::from_pointee(picture),
            reader: Mutex::new(workspace.reader()?),
            company: Mutex::new(company),
            workspace,
            results,
            past: Mutex::default(),
            outbox: OnceLock::new(),
        })
    }

    /// The company as it stands.
    pub fn picture(&self) -> Arc<Picture> {
        self.picture.load_full()
    }

    /// The company as it stood at a past moment, `120`, `2026-03-09` or an
    /// instant. It takes as long as reading the ledger up to there.
    ///
    /// # Errors
    /// When the text is no moment, or the ledger does not reach it.
    pub fn picture_at(&self, text: &str) -> Result<Arc<Picture>> {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = past.iter().find(|(at, _)| at == text) {
            return Ok(known.clone());
        }
        let moment: Moment = text.parse()?;
        let state = CompanyState::read(&self.workspace, Some(moment))?;
        let picture = Arc::new(Picture::new(
            Arc::new(state),
            &self.results,
            Some(text.to_owned()),
        )?);
        // A moment that has not passed yet may still get entries.
        if matches!(moment, Moment::Entry(_)) {
            past.truncate(PAST_PICTURES - 1);
            past.insert(0, (text.to_owned(), picture.clone()));
        }
        Ok(picture)
    }

    /// Queues from now on what webhooks are to be told.
    pub fn tell_through(&self, outbox: Outbox) {
        // The first one stays: a host is taken over once.
        let _ = self.outbox.set(outbox);
    }

    /// Where is queued what webhooks are to be told.
    pub fn outbox(&self) -> Option<&Outbox> {
        self.outbox.get()
    }

    /// The evidence.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// What tests found.
    pub fn results(&self) -> &Results {
        &self.results
    }

    /// What came of commands.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Its ledger.
    pub fn ledger(&self) -> &LedgerHandle {
        &self.ledger
    }

    /// Whether the pages lag behind what is recorded although no command runs.
    pub fn is_behind(&self) -> bool {
        let idle = self.company.try_lock();
        idle.is_ok_and(|company| !Arc::ptr_eq(&company.state_now(), &self.picture.load().state))
    }

    /// The ledger, for what the picture does not hold: bodies, proofs, the head.
    /// One reader for all pages, since it keeps the edge of the tree; what is
    /// asked of it takes less than a millisecond.
    pub fn reader(&self) -> MutexGuard<'_, LedgerReader> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the workspace lies.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// Gives a command: off the threads that answer, after the commands before
    /// it. The next picture is in place when this returns.
    ///
    /// # Errors
    /// What the command refuses; then nothing was recorded.
    pub async fn command<T: Send + 'static>(
        self: &Arc<Self>,
        command: impl FnOnce(&mut Company) -> Result<T> + Send + 'static,
    ) -> Answer<T> {
        let host = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || host.command_now(command));
        done.await
            .map_err(|error| Fault::Failed(error.to_string()))?
            .map_err(Fault::from)
    }

    /// As [`Self::command`], on a thread that may wait.
    ///
    /// # Errors
    /// As [`Self::command`].
    pub fn command_now<T>(&self, command: impl FnOnce(&mut Company) -> Result<T>) -> Result<T> {
        let mut company = self.company.lock().unwrap_or_else(PoisonError::into_inner);
        let done = command(&mut company);
        self.tally.count(&done);
        let state = company.state_now();
        let before = self.picture.load_full();
        if !Arc::ptr_eq(&state, &before.state) {
            let picture = before.after(Arc::clone(&state), &self.results)?;
            self.picture.store(Arc::new(picture));
            if let Some(outbox) = self.outbox() {
                outbox.tell(&state.access, &state.journal, before.state.size);
            }
        }
        done
    }
}

impl CompanyHost {
    /// Checks the whole ledger: every leaf, body, hash and signature, and that
    /// its entries replay. `None` when the job was cancelled.
    ///
    /// # Errors
    /// Everything that does not hold, one finding a line.
    pub fn verify(&self, job: &crate::jobs::Job) -> Result<Option<u64>, Vec<String>> {
        let told = |error: &dyn std::fmt::Display| vec![error.to_string()];
        let reader = self.workspace.reader().map_err(|error| told(&error))?;
        let size = reader.head().map_err(|error| told(&error))?.size;
        let mut state = CompanyState::default();
        let mut replay = |record: &tickmark_ledger::Record| {
            let total = usize::try_from(size).unwrap_or(usize::MAX);
            let done = usize::try_from(record.entry.idx).unwrap_or(usize::MAX);
            if done % 64 == 0 && !job.step(crate::strings::t!("Checking entries"), done, total) {
                return Err("cancelled".to_owned());
            }
            let told = tickmark_realm::Told::try_from(record.clone());
            told.and_then(|told| state.apply(&told))
                .map_err(|error| error.to_string())
        };
        let high_water = self.workspace.high_water_path();
        let kinds = CompanyState::kinds();
        let findings = tickmark_ledger::fsck::fsck(
            &reader,
            tickmark_ledger::fsck::Against {
                high_water_mark: Some(&high_water),
                known_kinds: &kinds,
                acknowledged: &[],
                published: None,
                replay: Some(&mut replay),
            },
        )
        .map_err(|error| told(&error))?;
        match findings.as_slice() {
            _ if job.is_cancelled() => Ok(None),
            [] => Ok(Some(size)),
            _ => Err(findings.iter().map(ToString::to_string).collect()),
        }
    }
}

impl CompanyHost {
    /// Runs control tests beside other commands and records what they found;
    /// `None` when the job was cancelled before anything was recorded.
    ///
    /// # Errors
    /// As `Company::test`; the tests that could run are recorded all the same.
    pub fn run_tests(
        &self,
        actor: &str,
        only: Option<&[tickmark_catalog::ControlTestId]>,
        job: &crate::jobs::Job,
    ) -> Result<Option<String>> {
        let run = {
            let company = self.company.lock().unwrap_or_else(PoisonError::into_inner);
            company.prepare_tests(None, None, only)?
        };
        let progress = |id: &tickmark_catalog::ControlTestId, done: usize, total: usize| {
            job.step(id.as_str(), done, total);
        };
        let tested = run.run(Some(&progress))?;
        if job.is_cancelled() {
            return Ok(None);
        }
        self.command_now(|company| company.record_tests(actor, &tested))?;
        let items: u64 = tested
            .results
            .iter()
            .map(|result| result.counts.population)
            .sum();
        let deviating = tested
            .results
            .iter()
            .filter(|it| it.outcome == tickmark_control_tests::Outcome::Deviations)
            .count();
        let tests = tested.all()?.len();
        Ok(Some(crate::strings::tn!(
            tests,
            "{n} test over {items} items: {deviating} found deviations",
            "{n} tests over {items} items: {deviating} found deviations",
            items = crate::format::number(items),
            deviating = deviating
        )))
    }
}
