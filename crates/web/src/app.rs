//! The server's whole: the realms it serves, who may come in, and what goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tickmark_access::{AccessEvent, AccessState, Authorizer, Change, Entrance, Side, Sso};
use tickmark_catalog::Problem;
use tickmark_realm::{Result as Outcome, Surroundings, Workspace};

use crate::company::CompanyHost;
use crate::fault::{Answer, Fault};
use crate::firm::FirmHost;
use crate::jobs::Jobs;
use crate::metrics::{Metrics, Tally};
use crate::pages::Uploads;
use crate::rows::RowCache;
use crate::settings::Settings;
use crate::webhooks::Outbox;

/// The server's whole, shared by every request.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What [`App`] holds.
pub struct Inner {
    /// Clock, randomness, this program.
    pub surroundings: Surroundings,
    /// What the server was told to do.
    pub settings: Settings,
    /// Who may do what.
    pub authorizer: Authorizer,
    /// The company's realm and its entrance.
    pub company: Option<(Arc<CompanyHost>, Arc<Entrance>)>,
    /// The firm's realm and its entrance.
    pub firm: Option<(Arc<FirmHost>, Arc<Entrance>)>,
    /// The identity provider, where people may sign in with one.
    pub sso: Option<Sso>,
    /// Work that goes on beside.
    pub jobs: Jobs,
    /// Rows read before.
    pub rows: RowCache,
    /// Exports that wait to be mapped.
    pub uploads: Uploads,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the server was told to end.
    pub ending: AtomicBool,
}

impl App {
    /// A server's whole.
    pub fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Clock, randomness, this program.
    pub fn surroundings(&self) -> &Surroundings {
        &self.0.surroundings
    }

    /// Where secrets come from.
    pub fn random(&self) -> tickmark_access::Random {
        let surroundings = self.0.surroundings.clone();
        Arc::new(move |bytes: &mut [u8]| surroundings.fill(bytes))
    }

    /// What the server was told to do.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Who may do what.
    pub fn authorizer(&self) -> &Authorizer {
        &self.0.authorizer
    }

    /// The company's host, where this server has one.
    pub fn company(&self) -> Option<&Arc<CompanyHost>> {
        self.0.company.as_ref().map(|(host, _)| host)
    }

    /// The firm's host, where this server has one.
    pub fn firm(&self) -> Option<&Arc<FirmHost>> {
        self.0.firm.as_ref().map(|(host, _)| host)
    }

    /// The identity provider, where people may sign in with one.
    pub fn sso(&self) -> Option<&Sso> {
        self.0.sso.as_ref()
    }

    /// Work that goes on beside.
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// Rows read before.
    pub fn rows(&self) -> &RowCache {
        &self.0.rows
    }

    /// Exports that wait to be mapped.
    pub fn uploads(&self) -> &Uploads {
        &self.0.uploads
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Ends what can be ended: `/ready` says so from now on, and jobs stop.
    pub fn begin_ending(&self) {
        self.0.ending.store(true, Ordering::Relaxed);
        self.0.jobs.cancel_all();
    }

    /// Whether the server was told to end.
    pub fn is_ending(&self) -> bool {
        self.0.ending.load(Ordering::Relaxed)
    }

    /// Where a side's workspace lies.
    pub fn workspace(&self, side: Side) -> Option<&Workspace> {
        match side {
            Side::Company => self.company().map(|host| host.workspace()),
            Side::Firm => self.firm().map(|host| host.workspace()),
        }
    }

    /// What came of a side's commands.
    pub fn tally(&self, side: Side) -> Option<&Tally> {
        match side {
            Side::Company => self.company().map(|host| host.tally()),
            Side::Firm => self.firm().map(|host| host.tally()),
        }
    }

    /// Whether a command of a side could be recorded now.
    ///
    /// # Errors
    /// When its ledger could not be written.
    pub fn check_writable(&self, side: Side) -> Outcome<()> {
        let ledger = match side {
            Side::Company => self.company().map(|host| host.ledger()),
            Side::Firm => self.firm().map(|host| host.ledger()),
        };
        Ok(ledger.map_or(Ok(()), |ledger| ledger.check_writable())?)
    }

    /// The sides this server has a realm of.
    pub fn sides(&self) -> impl Iterator<Item = Side> + '_ {
        [Side::Company, Side::Firm]
            .into_iter()
            .filter(|side| self.entrance(*side).is_some())
    }

    /// How people of a side come in.
    pub fn entrance(&self, side: Side) -> Option<&Arc<Entrance>> {
        match side {
            Side::Company => self.0.company.as_ref().map(|(_, entrance)| entrance),
            Side::Firm => self.0.firm.as_ref().map(|(_, entrance)| entrance),
        }
    }

    /// Where is queued what the webhooks of a side are to be told.
    pub fn outbox(&self, side: Side) -> Option<&Outbox> {
        match side {
            Side::Company => self.company().and_then(|host| host.outbox()),
            Side::Firm => self.firm().and_then(|host| host.outbox()),
        }
    }

    /// Runs `read` on who has access to a side, as its ledger says.
    pub fn with_access<T>(
        &self,
        side: Side,
        read: impl FnOnce(&AccessState, &Entrance) -> T,
    ) -> Option<T> {
        match side {
            Side::Company => {
                let (host, entrance) = self.0.company.as_ref()?;
                Some(read(&host.picture().state.access, entrance))
            }
            Side::Firm => {
                let (host, entrance) = self.0.firm.as_ref()?;
                Some(read(&host.state().access, entrance))
            }
        }
    }

    /// For each realm that nobody can come into yet, the link with which its
    /// first owner or partner sets it up. `base`: the address people use.
    pub fn set_up_links(&self, base: &str) -> Vec<String> {
        let now = self.surroundings().now();
        let link = |side| {
            let made =
                self.with_access(side, |state, entrance| entrance.set_up_link(state, now))?;
            Some(format!("{base}/invitation/{}", made.ok()?.reveal()))
        };
        self.sides().filter_map(link).collect()
    }

    /// Records a change of access in the side's ledger, then keeps what is
    /// secret of it.
    ///
    /// # Errors
    /// When the ledger or the store refuses; kept is only what was recorded.
    pub async fn record(&self, side: Side, actor: String, change: Change) -> Answer<()> {
        self.record_events(side, actor, change.events().to_vec())
            .await?;
        let entrance = Arc::clone(self.entrance(side).ok_or(Fault::NotFound)?);
        let now = self.surroundings().now();
        self.apart(move || entrance.store().keep(change, now)).await
    }

    /// Records who may come in, in the side's ledger.
    ///
    /// # Errors
    /// When the ledger refuses.
    pub async fn record_events(
        &self,
        side: Side,
        actor: String,
        events: Vec<AccessEvent>,
    ) -> Answer<()> {
        if events.is_empty() {
            return Ok(());
        }
        match side {
            Side::Company => {
                let host = self.company().ok_or(Fault::NotFound)?;
                host.command(move |company| company.record_access(&actor, &events))
                    .await?;
            }
            Side::Firm => {
                let host = self.firm().ok_or(Fault::NotFound)?;
                host.command(move |firm| firm.record_access(&actor, &events))
                    .await?;
            }
        }
        Ok(())
    }

    /// Runs work that waits for a disk or a hash on a thread that may wait.
    ///
    /// # Errors
    /// As the work.
    pub async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Answer<T> {
        let done = tokio::task::spawn_blocking(work).await;
        Ok(done.map_err(|error| Fault::Failed(error.to_string()))??)
    }
}
