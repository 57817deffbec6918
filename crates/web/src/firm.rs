//! A firm's workspace as the server holds it.
//!
//! What must hold: as for [`crate::company`]; nothing of the firm's is shown to
//! the company's people but an issued report.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use tickmark_ledger::LedgerHandle;
use tickmark_realm::{Firm, FirmState, Result, Workspace};

use crate::fault::{Answer, Fault};
use crate::metrics::Tally;
use crate::webhooks::Outbox;

/// A firm's workspace, open for pages and commands.
pub struct FirmHost {
    firm: Mutex<Firm>,
    workspace: Workspace,
    state: ArcSwap<FirmState>,
    outbox: OnceLock<Outbox>,
    ledger: LedgerHandle,
    tally: Tally,
}

impl FirmHost {
    /// Takes a workspace over.
    pub fn new(firm: Firm) -> Self {
        Self {
            workspace: firm.workspace().clone(),
            ledger: firm.ledger().handle(),
            tally: Tally::default(),
            state: ArcSwap::from_pointee(firm.state().clone()),
            firm: Mutex::new(firm),
            outbox: OnceLock::new(),
        }
    }

    /// The firm as it stands.
    pub fn state(&self) -> Arc<FirmState> {
        self.state.load_full()
    }

    /// As [`crate::company::CompanyHost::tell_through`].
    pub fn tell_through(&self, outbox: Outbox) {
        // The first one stays: a host is taken over once.
        let _ = self.outbox.set(outbox);
    }

    /// Where is queued what webhooks are to be told.
    pub fn outbox(&self) -> Option<&Outbox> {
        self.outbox.get()
    }

    /// What came of commands.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Its ledger.
    pub fn ledger(&self) -> &LedgerHandle {
        &self.ledger
    }

    /// Where the workspace lies.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// Gives a command, as [`crate::company::CompanyHost::command`].
    ///
    /// # Errors
    /// What the command refuses; then nothing was recorded.
    pub async fn command<T: Send + 'static>(
        self: &Arc<Self>,
        command: impl FnOnce(&mut Firm) -> Result<T> + Send + 'static,
    ) -> Answer<T> {
        let host = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let mut firm = host.firm.lock().unwrap_or_else(PoisonError::into_inner);
            let done = command(&mut firm);
            host.tally.count(&done);
            let state = Arc::new(firm.state().clone());
            let before = host.state.swap(Arc::clone(&state));
            if let Some(outbox) = host.outbox() {
                outbox.tell(&state.access, &state.journal, before.size);
            }
            done
        });
        done.await
            .map_err(|error| Fault::Failed(error.to_string()))?
            .map_err(Fault::from)
    }
}
