//! Work that takes longer than a page may: it runs beside, tells how far it is
//! and can be cancelled.
//!
//! What must hold: whoever may start a kind of work may watch it; a cancelled
//! job records nothing; when the server shuts down it waits for jobs that are
//! recording and cancels the others.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::watch;

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// What it is doing.
    pub text: String,
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
    /// How it ended, once it has.
    pub end: Option<End>,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum End {
    /// It is done; `href` shows what came of it.
    Done {
        /// Where to look.
        href: String,
        /// What came of it, in a sentence.
        summary: String,
    },
    /// It was cancelled; nothing was recorded.
    Cancelled,
    /// It could not be done.
    Failed {
        /// Why, one problem a line.
        problems: Vec<String>,
    },
}

/// One job.
pub struct Job {
    /// What it does.
    pub title: String,
    /// Who started it.
    pub by: String,
    progress: watch::Sender<Progress>,
    cancelled: AtomicBool,
}

/// All jobs of a server since it started; the last hundred are remembered.
#[derive(Default)]
pub struct Jobs {
    next: AtomicU64,
    all: Mutex<BTreeMap<u64, Arc<Job>>>,
}

/// How many ended jobs are remembered.
const REMEMBERED: usize = 100;

impl Job {
    /// Tells how far it is; `false` once it was cancelled, so that it stops.
    pub fn step(&self, text: &str, done: usize, total: usize) -> bool {
        self.progress.send_modify(|progress| {
            text.clone_into(&mut progress.text);
            progress.done = done;
            progress.total = total;
        });
        !self.is_cancelled()
    }

    /// Whether someone cancelled it.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Asks it to stop.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Says how it ended.
    pub fn end(&self, end: End) {
        self.progress
            .send_modify(|progress| progress.end = Some(end));
    }

    /// How far it is.
    pub fn now(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Tells every change from now on.
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }
}

impl Jobs {
    /// Makes a job and runs `work` on a thread that may wait; its end is what
    /// `work` returns.
    pub fn start(
        &self,
        title: &str,
        by: &str,
        work: impl FnOnce(&Job) -> End + Send + 'static,
    ) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let (progress, _) = watch::channel(Progress {
            text: title.to_owned(),
            done: 0,
            total: 0,
            end: None,
        });
        let job = Arc::new(Job {
            title: title.to_owned(),
            by: by.to_owned(),
            progress,
            cancelled: AtomicBool::new(false),
        });
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        while all.len() >= REMEMBERED {
            let ended = all.iter().find(|(_, job)| job.now().end.is_some());
            let Some(oldest) = ended.map(|(id, _)| *id) else {
                break;
            };
            all.remove(&oldest);
        }
        all.insert(id, Arc::clone(&job));
        tokio::task::spawn_blocking(move || {
            let end = work(&job);
            job.end(end);
        });
        id
    }

    /// Every job that is remembered, by its number.
    pub fn all(&self) -> Vec<(u64, Arc<Job>)> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|(id, job)| (*id, Arc::clone(job))).collect()
    }

    /// A job by its number.
    pub fn get(&self, id: u64) -> Option<Arc<Job>> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&id).cloned()
    }

    /// How many have not ended.
    pub fn running(&self) -> usize {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().filter(|job| job.now().end.is_none()).count()
    }

    /// Asks every job to stop.
    pub fn cancel_all(&self) {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().for_each(|job| job.cancel());
    }
}

/// The end of work that leads to an address with a summary, or failed.
pub fn end_of(done: tickmark_realm::Result<(String, String)>) -> End {
    match done {
        Ok((href, summary)) => End::Done { href, summary },
        Err(error) => End::Failed {
            problems: told(&error.into_problems()),
        },
    }
}

/// Problems as lines for people.
pub fn told(problems: &tickmark_catalog::Problems) -> Vec<String> {
    let line = |problem: &tickmark_catalog::Problem| {
        let place = problem.place.as_ref().map(|place| match place.line {
            Some(line) => format!("{}:{line}: ", place.file),
            None => format!("{}: ", place.file),
        });
        let hint = problem.hint.as_ref().map(|hint| format!(" ({hint})"));
        format!(
            "{}{}{}",
            place.unwrap_or_default(),
            problem.message,
            hint.unwrap_or_default()
        )
    };
    problems.0.iter().map(line).collect()
}
