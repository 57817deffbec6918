//! A firm's workspace as the server holds it.
//!
//! What must hold: as for [`crate::company`]; nothing of the firm's is shown to
//! the company's people but an issued report.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tickmark_realm::{Firm, FirmState, Result, Workspace};

use crate::fault::{Answer, Fault};

/// A firm's workspace, open for pages and commands.
pub struct FirmHost {
    firm: Mutex<Firm>,
    workspace: Workspace,
    state: ArcSwap<FirmState>,
}

impl FirmHost {
    /// Takes a workspace over.
    pub fn new(firm: Firm) -> Self {
        Self {
            workspace: firm.workspace().clone(),
            state: ArcSwap::from_pointee(firm.state().clone()),
            firm: Mutex::new(firm),
        }
    }

    /// The firm as it stands.
    pub fn state(&self) -> Arc<FirmState> {
        self.state.load_full()
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
            host.state.store(Arc::new(firm.state().clone()));
            done
        });
        done.await
            .map_err(|error| Fault::Failed(error.to_string()))?
            .map_err(Fault::from)
    }
}
