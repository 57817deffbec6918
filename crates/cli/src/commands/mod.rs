//! What each command does.

mod apply;
mod backup;
mod catalog;
mod collect;
mod demo;
mod examination;
mod example;
mod import;
mod init;
pub mod ledger;
mod mcp;
mod progress;
mod readiness;
mod sample;
mod serve;
mod test;
mod token;
mod verify;
pub mod witness;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::CommandFactory;
use tickmark_catalog::Problem;
use tickmark_realm::{
    Company, CompanyState, Firm, FirmState, Folded, Realm, Result, Surroundings, Told, Workspace,
};

pub use progress::progress;

use crate::args::{Cli, Command, Global};
use crate::output::Output;
use crate::surroundings;

/// What a command works with.
pub struct Session {
    pub workspace: PathBuf,
    pub keys: Option<PathBuf>,
    pub actor: String,
    pub output: Output,
    pub surroundings: Surroundings,
}

impl Session {
    fn new(global: Global) -> Self {
        Self {
            workspace: global.workspace,
            keys: global.keys,
            actor: global.actor,
            output: Output::new(global.json),
            surroundings: surroundings::system(),
        }
    }

    /// The folder of keys.
    pub fn keys(&self) -> Result<PathBuf> {
        surroundings::keys(self.keys.clone())
    }

    /// The workspace, of either realm.
    pub fn open(&self) -> Result<Workspace> {
        Workspace::open(&self.workspace, &self.keys()?)
    }

    /// The company's workspace, for writing.
    pub fn company(&self) -> Result<Company> {
        Company::open(&self.workspace, &self.keys()?, &self.surroundings)
    }

    /// The firm's workspace, for writing.
    pub fn firm(&self) -> Result<Firm> {
        Firm::open(&self.workspace, &self.keys()?, &self.surroundings)
    }
}

/// Runs a command and returns the exit code.
///
/// # Errors
/// Whatever stopped it.
pub fn run(cli: Cli) -> Result<u8> {
    let session = Session::new(cli.global);
    match cli.command {
        Command::Init(args) => init::run(&session, &args),
        Command::Apply(args) => apply::run(&session, &args),
        Command::Export { out, moment } => apply::export(&session, &out, moment.at),
        Command::Import(args) => import::run(&session, &args),
        Command::Collect(command) => collect::run(&session, &command),
        Command::Test(args) => test::run(&session, &args),
        Command::Readiness(moment) => readiness::run(&session, moment.at),
        Command::Sample(command) => sample::run(&session, command),
        Command::Package { out } => examination::package(&session, &out),
        Command::Receive(args) => examination::receive(&session, &args),
        Command::Report { out } => examination::report(&session, &out),
        Command::Verify(args) => verify::run(&session, &args),
        Command::Ledger(args) => run_ledger(&session, &args),
        Command::Witness(args) => run_witness(&session, &args),
        Command::Catalog(command) => catalog::run(&session, &command),
        Command::Demo(args) => demo::run(&session, &args),
        Command::Serve(args) => serve::run(&session, &args),
        Command::Token(command) => token::run(&session, &command),
        Command::Mcp(moment) => mcp::run(&session, moment.at),
        Command::Backup { file } => backup::run(&session, &file),
        Command::Restore(args) => backup::restore(&session, &args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "tickmark", &mut script);
            session.output.raw(&script).map(|()| 0)
        }
        Command::Runner => Ok(tickmark_runner::child_main().map(|()| 0)?),
        Command::RenderPdf => render_pdf(),
    }
}

fn run_ledger(session: &Session, args: &ledger::LedgerArgs) -> Result<u8> {
    let (mut out, json) = (anstream::stdout(), session.output.is_json());
    if let Some(done) = args.run_alone(json, &mut out) {
        return Ok(done?);
    }
    let workspace = session.open()?;
    let (known_kinds, mut replay) = match workspace.file().realm {
        Realm::Company => (CompanyState::kinds(), replay::<CompanyState>()),
        Realm::Firm => (FirmState::kinds(), replay::<FirmState>()),
    };
    let place = ledger::LedgerPlace {
        database: workspace.database(),
        high_water_mark: workspace.high_water_path(),
        key_file: workspace.key_path(),
        known_kinds,
        actor: session.actor.clone(),
    };
    let clock: tickmark_ledger::Clock = Arc::new(surroundings::now);
    Ok(ledger::run(
        args,
        &place,
        &clock,
        surroundings::random,
        Some(&mut *replay),
        json,
        &mut out,
    )?)
}

/// Folds records into a state, one after the other, and says what does not fit.
fn replay<S: Folded + 'static>() -> Box<tickmark_ledger::fsck::Replay<'static>> {
    let mut state = S::default();
    Box::new(move |record| {
        let told = Told::try_from(record.clone());
        told.and_then(|told| state.apply(&told)).map_err(|error| {
            error
                .to_string()
                .lines()
                .map(str::trim)
                .collect::<Vec<_>>()
                .join("; ")
        })
    })
}

fn run_witness(session: &Session, args: &witness::WitnessArgs) -> Result<u8> {
    let clock: tickmark_ledger::Clock = Arc::new(surroundings::now);
    Ok(witness::run(
        args,
        &clock,
        surroundings::random,
        session.output.is_json(),
        &mut anstream::stdout(),
    )?)
}

/// The child's side of [`pdf_in_child`].
fn render_pdf() -> Result<u8> {
    let mut out = std::io::stdout().lock();
    let served = tickmark_report::pdf::child::serve(&mut std::io::stdin().lock(), &mut out)
        .and_then(|()| out.flush());
    served.map_err(|error| {
        Problem::new("the PDF could not be handed over").cause(error.to_string())
    })?;
    Ok(0)
}

/// The text of a file that a person named.
///
/// # Errors
/// When it cannot be read as text.
pub fn read_text(path: &Path) -> Result<String> {
    let unreadable = |error: std::io::Error| {
        Problem::new(format!("`{}` cannot be read", path.display())).cause(error.to_string())
    };
    Ok(std::fs::read_to_string(path).map_err(unreadable)?)
}
