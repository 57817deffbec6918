//! Runs SQL that a user wrote in a process of its own.
//!
//! The parent writes one [`ChildRequest`] as JSON to the child's standard
//! input; the child answers on its standard output with one result or problem
//! for each test, the keys or a problem for each reading of keys, and what each
//! fixture showed. The child has no environment, and the operating system limits
//! its memory, its processor time and the size of its files; the parent kills it
//! when its time is over. So a query that the engine cannot stop, or that brings
//! the engine down, costs this one run.
//!
//! Must hold: the parent never waits longer than the limit and a short grace;
//! however the child ends, the parent has a sentence for it and removes what it
//! left behind; the child reads and checks its input before any SQL is looked at.

use std::fs::DirBuilder;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;
use tickmark_control_tests::{ControlTest, Fixture, TestResult};

use crate::config::RunnerConfig;
use crate::datasets::Datasets;
use crate::execute::out_of_time;
use crate::fixtures::{FixtureOutcome, check_fixture};
use crate::keys::{Key, KeyQuery};
use crate::run::{RunOptions, Runner};

/// First argument of the child's command line: the hidden command.
const COMMAND: &str = "runner";

/// What the process needs besides the engine's memory pool.
const MEMORY_BESIDES_POOL: u64 = 768 << 20;

/// Time for starting, reading snapshots and writing the answer.
const GRACE_MS: u64 = 5_000;

/// The largest answer that is read: the parent has to hold it.
const MAX_ANSWER_BYTES: u64 = 256 << 20;

const STACK_BYTES: usize = 32 << 20;

/// What a child is to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildRequest {
    /// The limits.
    pub config: RunnerConfig,
    /// What the SQL can read.
    pub datasets: Datasets,
    /// The tests to run.
    pub tests: Vec<ControlTest>,
    /// The keys to read.
    #[serde(default)]
    pub keys: Vec<KeyQuery>,
    /// Tests to run over fixtures, which bring their own tables.
    #[serde(default)]
    pub fixtures: Vec<(ControlTest, Fixture)>,
}

/// A folder for what one child writes besides its answer. The parent removes
/// it, since a child that was killed cannot.
struct SpillFolder(PathBuf);

impl SpillFolder {
    fn below(folder: &Path) -> Result<Self, Problem> {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = STARTED.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("tickmark-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                // Left by a process of the same number that was killed itself.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(Problem::new(
                        "no folder could be made for the process that runs SQL",
                    )
                    .cause(error.to_string())
                    .in_file(path.display().to_string()));
                }
            }
        }
    }
}

impl Drop for SpillFolder {
    fn drop(&mut self) {
        // What cannot be removed is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl ChildRequest {
    /// A request that asks for nothing yet.
    pub fn new(config: RunnerConfig, datasets: Datasets) -> Self {
        Self {
            config,
            datasets,
            tests: Vec::new(),
            keys: Vec::new(),
            fixtures: Vec::new(),
        }
    }

    /// How many queries it asks for.
    fn query_count(&self) -> u64 {
        u64::try_from(self.tests.len() + self.keys.len() + self.fixtures.len()).unwrap_or(u64::MAX)
    }
}

/// What a child answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildAnswer {
    /// A result or a problem for each test, in the order of the request.
    pub results: Vec<Result<TestResult, Problem>>,
    /// The keys or a problem for each reading, in the order of the request.
    pub keys: Vec<Result<Vec<Key>, Problem>>,
    /// What each fixture showed, in the order of the request.
    pub fixtures: Vec<FixtureOutcome>,
}

/// Runs tests and reads keys in a child process: `exe runner`, where `exe`
/// answers that command with [`child_main`].
///
/// # Errors
/// The child could not be started, was stopped at a limit, or broke down.
/// Problems of single queries are inside the answer.
pub fn run_in_child(exe: &Path, request: &ChildRequest) -> Result<ChildAnswer, Problem> {
    let spill = SpillFolder::below(&request.config.spill_dir)?;
    let mut own = request.clone();
    own.config.spill_dir.clone_from(&spill.0);
    let input = serde_json::to_vec(&own).map_err(|error| {
        Problem::new("the request to the child process cannot be written").cause(error.to_string())
    })?;
    let mut child = start(exe, &own.config)?;
    let answer = exchange(&mut child, input, deadline(request));
    if answer.is_err() {
        // Already ended, or to be ended now: either way it must be waited for.
        let _ = child.kill();
    }
    let status = child
        .wait()
        .map_err(|error| broke_down(&error.to_string()))?;
    match answer {
        Ok(bytes) if bytes.len() as u64 > MAX_ANSWER_BYTES => Err(too_long()),
        Ok(bytes) if status.success() => read_answer(&bytes, request),
        Ok(_) => Err(ended_by(status, &request.config)),
        Err(RecvTimeoutError::Timeout) => {
            Err(out_of_time(&request.config).cause("the process was ended"))
        }
        Err(RecvTimeoutError::Disconnected) => Err(broke_down("its answer was cut off")),
    }
}

/// The answer, if it answers everything that was asked.
fn read_answer(bytes: &[u8], request: &ChildRequest) -> Result<ChildAnswer, Problem> {
    let answer: ChildAnswer = serde_json::from_slice(bytes)
        .map_err(|error| broke_down(&format!("its answer cannot be read: {error}")))?;
    let answered = [
        answer.results.len(),
        answer.keys.len(),
        answer.fixtures.len(),
    ];
    if answered
        != [
            request.tests.len(),
            request.keys.len(),
            request.fixtures.len(),
        ]
    {
        return Err(broke_down("it answered something else than was asked"));
    }
    Ok(answer)
}

fn too_long() -> Problem {
    let megabytes = MAX_ANSWER_BYTES >> 20;
    Problem::new(format!(
        "the SQL returns more than the {megabytes} MB allowed"
    ))
    .hint("return fewer rows, and make no long texts")
}

fn deadline(request: &ChildRequest) -> Duration {
    let queries = request.query_count().max(1);
    Duration::from_millis(
        request
            .config
            .time_limit_ms
            .saturating_mul(queries)
            .saturating_add(GRACE_MS),
    )
}

fn start(exe: &Path, config: &RunnerConfig) -> Result<Child, Problem> {
    Command::new(exe)
        .arg(COMMAND)
        .env_clear()
        .current_dir(&config.spill_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            Problem::new("the process that runs SQL could not be started")
                .cause(error.to_string())
                .in_file(exe.display().to_string())
        })
}

/// Writes the request and reads the answer, each in a thread of its own, since
/// the child may stop reading or writing at any time.
fn exchange(
    child: &mut Child,
    input: Vec<u8>,
    deadline: Duration,
) -> Result<Vec<u8>, RecvTimeoutError> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    std::thread::spawn(move || stdin.map(|mut pipe| pipe.write_all(&input)));
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.map(|pipe| pipe.take(MAX_ANSWER_BYTES + 1).read_to_end(&mut bytes));
        if matches!(read, Some(Ok(_))) {
            let _ = sender.send(bytes);
        }
    });
    receiver.recv_timeout(deadline)
}

fn broke_down(why: &str) -> Problem {
    Problem::new("the process that ran the SQL broke down").cause(why.to_owned())
}

/// Signal sent when the processor time is used up.
const SIGXCPU: i32 = 24;

fn ended_by(status: ExitStatus, config: &RunnerConfig) -> Problem {
    match status.signal() {
        Some(SIGXCPU) => out_of_time(config).cause("the process used up its processor time"),
        Some(signal) => {
            let megabytes = config
                .memory_limit_bytes
                .saturating_add(MEMORY_BESIDES_POOL)
                >> 20;
            Problem::new("the process that ran the SQL was stopped")
                .cause(format!(
                    "signal {signal}, most likely for needing more than {megabytes} MB of memory"
                ))
                .hint("read fewer rows or columns, and make no long texts or lists")
        }
        None => broke_down(&format!("it ended with {status}")),
    }
}

/// What the child process does: reads a request, limits itself, runs, answers.
///
/// # Errors
/// The request cannot be read, a limit cannot be set, the answer not written.
pub fn child_main() -> Result<(), Problem> {
    let mut input = Vec::new();
    std::io::stdin()
        .read_to_end(&mut input)
        .map_err(|error| broke_down(&error.to_string()))?;
    let request: ChildRequest = serde_json::from_slice(&input)
        .map_err(|error| Problem::new("the request cannot be read").cause(error.to_string()))?;
    limit(&request)?;
    let thread = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || answer(&request));
    let thread = thread.map_err(|error| broke_down(&error.to_string()))?;
    let answer = thread
        .join()
        .map_err(|_| broke_down("the thread ended"))??;
    let answer = serde_json::to_vec(&answer).map_err(|error| broke_down(&error.to_string()))?;
    std::io::stdout()
        .write_all(&answer)
        .map_err(|error| broke_down(&error.to_string()))
}

fn answer(request: &ChildRequest) -> Result<ChildAnswer, Problem> {
    let runner = Runner::new(request.config.clone())?;
    let ChildRequest {
        datasets,
        tests,
        keys,
        fixtures,
        ..
    } = request;
    let results = if tests.is_empty() {
        Vec::new()
    } else {
        runner.run_all(datasets, tests, &RunOptions::default())
    };
    let keys = keys.iter().map(|query| runner.key_rows(datasets, query));
    let fixtures = fixtures.iter();
    Ok(ChildAnswer {
        results,
        keys: keys.collect(),
        fixtures: fixtures
            .map(|(test, fixture)| check_fixture(&runner, test, fixture))
            .collect(),
    })
}

fn limit(request: &ChildRequest) -> Result<(), Problem> {
    let config = &request.config;
    let stacks = (STACK_BYTES as u64).saturating_mul(config.core_count as u64 + 1);
    let memory = config
        .memory_limit_bytes
        .saturating_add(MEMORY_BESIDES_POOL)
        .saturating_add(stacks);
    let wall = deadline(request).as_secs().saturating_add(1);
    let limits = [
        (Resource::Data, memory),
        (Resource::Cpu, wall.saturating_mul(config.core_count as u64)),
        (Resource::Fsize, config.spill_limit_bytes),
        (Resource::Core, 0),
    ];
    for (resource, limit) in limits {
        let limit = Rlimit {
            current: Some(limit),
            maximum: Some(limit),
        };
        setrlimit(resource, limit).map_err(|error| {
            Problem::new("the process could not limit itself").cause(error.to_string())
        })?;
    }
    Ok(())
}
