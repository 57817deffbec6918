//! The command line's words.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tickmark_access::{MAX_TOKEN_DAYS, Scope};
use tickmark_catalog::{Category, ControlId, ControlTestId, Period, Problem};
use tickmark_engagement::sampling::{Rate, RiskProfile};
use tickmark_realm::Moment;

use crate::commands::ledger::LedgerArgs;
use crate::commands::witness::WitnessArgs;

const TEST_EXAMPLES: &str = "\
Examples:
  tickmark test                                  every control test over the program's period
  tickmark test --control TM-048 --items         tests of one control, with the items that deviate
  tickmark test --test second-factor-enrolled --as-of 2026-03-31
  tickmark test --period 2025-07-01..2025-12-31 --json
  tickmark test --list                           the tests in force, and their controls
  tickmark test --sql \"SELECT person_id AS item, 'operated' AS status, '' AS reason,
      start_date AS occurred_at FROM people\"    SQL that is not kept";

const READINESS_EXAMPLES: &str = "\
Examples:
  tickmark readiness
  tickmark readiness --json | jq '.criteria[] | select(.not_tested != [])'";

const SAMPLE_EXAMPLES: &str = "\
Examples:
  tickmark sample size --confidence 0.95 --tolerable 0.05 --expected 0.01
  tickmark sample size --confidence 95% --tolerable 5% --population 412
  tickmark sample draw items.txt --control TM-047 --nonce 'rain on Tuesday' --size 25
  tickmark sample draw items.txt --control TM-047 --nonce 'rain on Tuesday' --after 25 --size 15
  tickmark sample evaluate --n 40 --deviations 1 --confidence 0.95 --population 412";

const REPORT_EXAMPLES: &str = "\
Examples, in a firm's workspace:
  tickmark apply                                 record the decisions first
  tickmark report --out report
  tickmark verify report                         what a reader of the report does";

const CATALOG_EXAMPLES: &str = "\
Examples:
  tickmark catalog show CC6.2                    a criterion, its points of focus and controls
  tickmark catalog show TM-048                   a control of the library
  tickmark catalog show access-removed-on-leaving
  tickmark catalog show leavers                  a dataset and its columns
  tickmark catalog list tests";

const DEMO_EXAMPLES: &str = "\
Examples:
  tickmark demo
  tickmark demo --pack b --dir demo-qualified    the same year, ending qualified
  tickmark verify demo/report";

const SERVE_EXAMPLES: &str = "\
Examples:
  tickmark serve --demo demo                     after `tickmark demo`; one click signs in
  tickmark serve --workspace acme                a company's workspace
  tickmark serve --workspace acme --firm firm    both realms on one server
  TICKMARK_SERVE_LISTEN=127.0.0.1:9000 tickmark serve";

const TOKEN_EXAMPLES: &str = "\
Examples:
  tickmark token issue --account owner --scopes read --days 30
  tickmark token issue --account ada@acme.example --scopes read,run_tests --title nightly";

const MCP_EXAMPLES: &str = "\
Examples, in the configuration of an assistant:
  {\"command\": \"tickmark\", \"args\": [\"--workspace\", \"/srv/acme\", \"mcp\"]}
  {\"command\": \"tickmark\", \"args\": [\"--workspace\", \"/srv/acme\", \"mcp\", \"--at\", \"2026-06-30\"]}";
const BACKUP_EXAMPLES: &str = "\
Examples:
  tickmark backup --workspace acme /backups/acme-2026-07-02.zip
  tickmark restore --check /backups/acme-2026-07-02.zip";

const RESTORE_EXAMPLES: &str = "\
Examples:
  tickmark restore acme-2026-07-02.zip acme      as the workspace `acme`
  tickmark restore --check acme-2026-07-02.zip   only verify it";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  tickmark completions bash > ~/.local/share/bash-completion/completions/tickmark
  tickmark completions zsh > \"${fpath[1]}/_tickmark\"
  tickmark completions fish > ~/.config/fish/completions/tickmark.fish";

/// Carries a SOC 2 examination from scope to signed report.
///
/// A company records its program, imports what its systems export and tests
/// every control over whole populations. A firm takes the company's package,
/// does the tests again, concludes and issues a report that anyone can verify.
///
/// Exit codes: 0 fine · 1 deviations or failures found · 2 usage, or input that
/// cannot be accepted · 3 damaged evidence · 70 a write failed part way.
#[derive(Debug, Parser)]
#[command(
    name = "tickmark",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command understands.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The workspace.
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub workspace: PathBuf,
    /// Where signing keys live; outside every workspace.
    #[arg(long, global = true, value_name = "DIR", env = "TICKMARK_KEYS")]
    pub keys: Option<PathBuf>,
    /// Who gives the command: an opaque id, never a name.
    #[arg(
        long,
        global = true,
        value_name = "ID",
        env = "TICKMARK_ACTOR",
        default_value = "owner"
    )]
    pub actor: String,
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a workspace, with a program to start from
    Init(InitArgs),
    /// Show how the files differ from the record, and record them
    ///
    /// In a company's workspace the files are the program; in a firm's they are
    /// `decisions.toml` and `procedures.toml`.
    Apply(ApplyArgs),
    /// Write the recorded program back as files
    Export {
        /// Folder to write into; files that hold something else are not touched.
        out: PathBuf,
        #[command(flatten)]
        moment: MomentArgs,
    },
    /// Import populations and documents by the program's mappings
    ///
    /// `sources/<id>.toml` says how an export becomes rows of a dataset. With
    /// `--example leavers` a mapping is printed to start from; `tickmark catalog
    /// list datasets` names the datasets. Nothing is imported while a row is bad.
    Import(ImportArgs),
    /// Collect from a source that Tickmark reads itself: a git repository
    #[command(subcommand)]
    Collect(CollectCommand),
    /// Run control tests over the whole period
    ///
    /// Exits with 1 when an item deviates, a test could not be run over its
    /// population, or the population is not complete.
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestArgs),
    /// Show what is evidenced, what deviates and what is missing
    ///
    /// Counts, for each criterion, the controls by where they stand over the
    /// program's period: the worst of their tests, or their documents. Exits with
    /// 1 when anything deviates, was not tested or lacks evidence.
    #[command(after_help = READINESS_EXAMPLES)]
    Readiness(MomentArgs),
    /// Plan, draw and evaluate samples
    #[command(subcommand, after_help = SAMPLE_EXAMPLES)]
    Sample(SampleCommand),
    /// Write the evidence package for the firm
    Package {
        /// A new folder.
        out: PathBuf,
    },
    /// Take a company's package into the firm's workspace, and run every test again
    Receive(ReceiveArgs),
    /// Issue the report the firm's decisions lead to
    ///
    /// Every automatic check runs first, and blocks the issue where it fails.
    #[command(after_help = REPORT_EXAMPLES)]
    Report {
        /// Folder for the report and what is needed to verify it.
        #[arg(long, value_name = "DIR", default_value = "report")]
        out: PathBuf,
    },
    /// Verify a report, a package or a ledger, down to the last row
    ///
    /// Walks from the page back to the source: digests, signatures, proofs,
    /// snapshots; runs every test again and writes the report once more. Names
    /// the first thing that does not hold.
    Verify(VerifyArgs),
    /// The ledger: sign, prove, verify, export, check, list, erase
    Ledger(LedgerArgs),
    /// Cosign the ledgers of others
    Witness(WitnessArgs),
    /// Show what SOC 2 asks: criteria, points of focus, controls, datasets
    #[command(subcommand, after_help = CATALOG_EXAMPLES)]
    Catalog(CatalogCommand),
    /// Carry the sample company from raw evidence to a Type 2 report
    ///
    /// Makes the workspaces of an invented company and an invented firm, each with
    /// keys of its own that everyone knows, and prints where the report is.
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(DemoArgs),
    /// Serve the web application over a workspace
    ///
    /// Everything the workspace knows, in a browser, on this machine's loopback
    /// address unless told otherwise. Settings come from `tickmark-serve.toml` in
    /// the workspace or `--config`, and from variables `TICKMARK_SERVE_…`; every
    /// wrong one is told at start. The first start prints a link to set it up.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Issue API tokens without the web application
    #[command(subcommand)]
    Token(TokenCommand),
    /// Answer an assistant about the workspace, over standard input and output
    ///
    /// Speaks the Model Context Protocol. Every tool reads: nothing is changed
    /// and nothing is concluded. Without `--at` it shows what was recorded last.
    #[command(after_help = MCP_EXAMPLES)]
    Mcp(MomentArgs),
    /// Write a backup of the workspace to one file, and verify it
    ///
    /// Also while a server uses the workspace. The file holds everything but the
    /// signing keys, hashes of passwords included: only its owner can read it. It
    /// is unpacked and verified before it gets its name.
    #[command(after_help = BACKUP_EXAMPLES)]
    Backup {
        /// A new file, outside the workspace.
        file: PathBuf,
    },
    /// Put a backup back as a new workspace, once all of it verifies
    ///
    /// Says what is to be done where the signing key is missing or more was signed
    /// since. Everyone has to sign in again.
    #[command(after_help = RESTORE_EXAMPLES)]
    Restore(RestoreArgs),
    /// Print completions for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Runs SQL for a parent process
    #[command(hide = true)]
    Runner,
    /// Sets a report as PDF for a parent process
    #[command(hide = true)]
    RenderPdf,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// Id of the organization or firm: lower-case letters, digits, dashes.
    #[arg(long)]
    pub id: String,
    /// Its name.
    #[arg(long)]
    pub name: Option<String>,
    /// Make a firm's workspace instead of a company's.
    #[arg(long)]
    pub firm: bool,
    /// Categories in scope.
    #[arg(long, value_delimiter = ',', default_value = "security", value_parser = category)]
    pub categories: Vec<Category>,
    /// IANA time zone of the organization; civil dates are read in it.
    #[arg(long, value_name = "ZONE", value_parser = time_zone, required_unless_present = "firm")]
    pub time_zone: Option<String>,
    /// Period examined, as `2026-01-01..2026-12-31`.
    #[arg(long, value_parser = period, required_unless_present = "firm")]
    pub period: Option<Period>,
}

/// Which state of the workspace a command reads.
#[derive(Debug, Clone, Copy, Args)]
pub struct MomentArgs {
    /// As the ledger stood right after this entry, or at the end of this day in UTC.
    #[arg(long, value_name = "ENTRY|DAY|INSTANT", value_parser = moment)]
    pub at: Option<Moment>,
}

#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Only show the difference.
    #[arg(long)]
    pub dry_run: bool,
    /// Folder with the files; the workspace where none is named.
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Ids of sources to import; all of the program where none is named.
    pub sources: Vec<String>,
    /// A mapping file that is not one of the program's sources.
    #[arg(long, value_name = "FILE", conflicts_with = "sources")]
    pub mapping: Option<PathBuf>,
    /// Folder the mapping's files are below; the workspace where none is named.
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// Import although rows are bad: they are kept, counted and shown, with this reason.
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub accept_rejects: Option<String>,
    /// Print a mapping for a dataset, to be filled in; nothing is imported.
    #[arg(long, value_name = "DATASET", conflicts_with_all = ["sources", "mapping", "from", "accept_rejects"])]
    pub example: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum CollectCommand {
    /// Commits, merges, reviews and tags of a local git repository
    Git {
        /// The repository.
        repository: PathBuf,
        /// Name of the repository in the datasets; its folder's name otherwise.
        #[arg(long)]
        name: Option<String>,
        /// Branch that changes are merged into; the default of `origin`, or the one checked out.
        #[arg(long)]
        branch: Option<String>,
        /// Collect although records are bad: they are kept, counted and shown, with this reason.
        #[arg(long, value_name = "REASON", value_parser = reason)]
        accept_rejects: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct TestArgs {
    /// Only tests of these controls.
    #[arg(long, value_name = "CONTROL")]
    pub control: Vec<ControlId>,
    /// Only these control tests.
    #[arg(long, value_name = "TEST")]
    pub test: Vec<ControlTestId>,
    /// Look back, as if run at the end of this day: what was observed later does
    /// not count. Not recorded.
    ///
    /// An export that was made later is left out with all its rows, whenever
    /// they happened, so a year that was imported at once is "not tested" as of a
    /// day in it. To narrow what happened, use `--period`.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// Another period than the program's, as `2025-07-01..2025-12-31`.
    #[arg(long, value_parser = period)]
    pub period: Option<Period>,
    /// Run this SQL as an unsaved test, in a process of its own.
    ///
    /// The columns are `item`, `status`, `reason`, `occurred_at` and any detail.
    #[arg(
        long,
        value_name = "SELECT",
        allow_hyphen_values = true,
        conflicts_with_all = ["control", "test", "list"]
    )]
    pub sql: Option<String>,
    /// List the control tests in force instead of running them.
    #[arg(long)]
    pub list: bool,
    /// Run the tests of the program's own, as their files are now, over their
    /// fixtures. Not recorded, and no evidence is needed.
    ///
    /// With `--test` or `--control`: these tests, of the library too.
    #[arg(long, conflicts_with_all = ["list", "sql", "as_of", "period", "items"])]
    pub fixtures: bool,
    /// Show the items of each test that deviate or could not be tested.
    #[arg(long)]
    pub items: bool,
}

#[derive(Debug, Subcommand)]
pub enum SampleCommand {
    /// How many items to test for a confidence, a tolerable and an expected rate
    #[command(after_help = SAMPLE_EXAMPLES)]
    Size {
        /// Confidence, such as `0.95`.
        #[arg(long)]
        confidence: Rate,
        /// Rate of deviation that can be tolerated.
        #[arg(long)]
        tolerable: Rate,
        /// Rate of deviation expected.
        #[arg(long, default_value = "0")]
        expected: Rate,
        /// Items in the population; switches to the hypergeometric.
        #[arg(long)]
        population: Option<u64>,
    },
    /// Which items: replayable from the population, the control and the nonce
    ///
    /// The seed is the SHA-256 of the population's digest, the control and the
    /// nonce: whoever has the three draws the same items in the same order.
    #[command(after_help = SAMPLE_EXAMPLES)]
    Draw {
        /// File with the items of the frozen population, one a line; `-` for standard input.
        items: PathBuf,
        /// The control tested.
        #[arg(long)]
        control: ControlId,
        /// The auditor's nonce, entered after the population was frozen.
        #[arg(long)]
        nonce: String,
        /// Items to draw; by the firm's table and `--risk` otherwise.
        #[arg(long, value_parser = at_least_one)]
        size: Option<usize>,
        /// Items drawn before: draws the ones that follow them.
        #[arg(long, default_value_t = 0)]
        after: usize,
        /// Risk profile of the firm's table.
        #[arg(long, value_parser = risk, default_value = "moderate")]
        risk: RiskProfile,
    },
    /// What a tested sample proves: the upper deviation limit
    #[command(after_help = SAMPLE_EXAMPLES)]
    Evaluate {
        /// Items tested.
        #[arg(short, long)]
        n: u64,
        /// Deviations found.
        #[arg(long)]
        deviations: u64,
        /// Confidence.
        #[arg(long)]
        confidence: Rate,
        /// Items in the population; adds the limit for a finite population.
        #[arg(long)]
        population: Option<u64>,
    },
}

#[derive(Debug, Args)]
pub struct ReceiveArgs {
    /// The package's folder.
    pub package: PathBuf,
    /// Verifier key line of the company's ledger, as agreed outside.
    #[arg(long, value_name = "VKEY")]
    pub company_key: Option<String>,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A report's file or folder, a package, or an exported ledger.
    pub path: PathBuf,
    /// Verifier key line of the company's ledger you trust.
    #[arg(long, value_name = "VKEY")]
    pub company_key: Option<String>,
    /// Verifier key line of the firm's ledger you trust.
    #[arg(long, value_name = "VKEY")]
    pub firm_key: Option<String>,
    /// Verifier key line of a witness that must have cosigned a checkpoint; may be repeated.
    #[arg(long, value_name = "VKEY")]
    pub witness_key: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Show one criterion, control, control test or dataset
    #[command(after_help = CATALOG_EXAMPLES)]
    Show {
        /// `CC6.2`, `TM-048`, `DC 4`, `access-removed-on-leaving` or `leavers`.
        #[arg(required = true, num_args = 1..=2)]
        id: Vec<String>,
    },
    /// List criteria, controls, control tests or datasets
    #[command(after_help = CATALOG_EXAMPLES)]
    List {
        /// What to list.
        #[arg(value_enum)]
        what: CatalogList,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum CatalogList {
    /// The 61 trust services criteria.
    Criteria,
    /// The library of controls.
    Controls,
    /// The datasets control tests read.
    Datasets,
    /// The library of control tests.
    Tests,
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folder for the two workspaces and the report.
    #[arg(long, value_name = "DIR", default_value = "demo")]
    pub dir: PathBuf,
    /// Scenario: `a` ends unmodified with exceptions, `b` qualified.
    #[arg(long, default_value = "a", value_parser = ["a", "b"])]
    pub pack: String,
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Issue a token for an account, and print it once
    ///
    /// The token acts for the account within its scopes, and never does what the
    /// account may not. While a server has the workspace it is issued there, in
    /// the account's own settings.
    #[command(after_help = TOKEN_EXAMPLES)]
    Issue {
        /// The account's id, or its e-mail address.
        #[arg(long, value_name = "ACCOUNT")]
        account: String,
        /// What it may be used for: read, write_program, write_evidence, run_tests.
        #[arg(long, value_delimiter = ',', required = true, value_parser = scope)]
        scopes: Vec<Scope>,
        /// How long it can be used.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=MAX_TOKEN_DAYS))]
        days: i64,
        /// What its owner calls it.
        #[arg(long, default_value = "from the command line")]
        title: String,
    },
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<std::net::SocketAddr>,
    /// File with settings; `tickmark-serve.toml` in the workspace where none is named.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A firm's workspace to serve beside the company's.
    #[arg(long, value_name = "DIR")]
    pub firm: Option<PathBuf>,
    /// Serve the folder of a demo, where one click signs in.
    #[arg(long, value_name = "DIR", conflicts_with = "firm")]
    pub demo: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The file that `tickmark backup` wrote.
    pub file: PathBuf,
    /// The workspace: a folder that is empty or not there yet.
    #[arg(required_unless_present = "check")]
    pub folder: Option<PathBuf>,
    /// Only verify the backup; nothing is put back.
    #[arg(long, conflicts_with = "folder")]
    pub check: bool,
}

fn category(text: &str) -> Result<Category, String> {
    serde_json::from_value(serde_json::Value::String(text.replace('-', "_"))).map_err(|_| {
        "use security, availability, processing_integrity, confidentiality or privacy".to_owned()
    })
}

fn scope(text: &str) -> Result<Scope, String> {
    text.parse().map_err(|_| {
        let names: Vec<String> = Scope::ALL.iter().map(ToString::to_string).collect();
        format!("use {}", names.join(", "))
    })
}

fn moment(text: &str) -> Result<Moment, String> {
    text.parse()
        .map_err(|problem: Problem| problem.hint.unwrap_or(problem.message))
}

fn date(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "write a day as `2026-06-30`".to_owned())
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("write a whole number from 1".to_owned()),
        Ok(size) => Ok(size),
    }
}

fn period(text: &str) -> Result<Period, String> {
    text.parse::<Period>().map_err(|error| error.to_string())
}

fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why the rows may be left out".to_owned()),
        text => Ok(text.to_owned()),
    }
}

fn time_zone(text: &str) -> Result<String, String> {
    match TimeZone::get(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("use an IANA name such as `Europe/Berlin` or `UTC`".to_owned()),
    }
}

fn risk(text: &str) -> Result<RiskProfile, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map_err(|_| "use low, moderate or high".to_owned())
}
