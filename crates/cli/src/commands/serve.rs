//! `tickmark serve`: the web application over one or two workspaces.
//!
//! What must hold: one click signs in only over the demo's own keys, which
//! everyone knows; a workspace of anyone else is never served that way.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::Path;

use tickmark_catalog::Problem;
use tickmark_ledger::LogKey;
use tickmark_realm::{Company, Firm, Realm, Result, Workspace};
use tickmark_web::server::{self, Realms};
use tickmark_web::settings::{LogFormat, Settings};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{Session, demo, read_text};
use crate::args::ServeArgs;

/// Where settings are looked for in a workspace.
const SETTINGS_FILE: &str = "tickmark-serve.toml";

/// The variable that `--listen` stands in for.
const LISTEN: &str = "TICKMARK_SERVE_LISTEN";

/// Serves until it is told to end.
///
/// # Errors
/// Every wrong setting; a workspace that cannot be opened; an address that is
/// taken.
pub fn run(session: &Session, args: &ServeArgs) -> Result<u8> {
    let settings = settings(session, args)?;
    start_log(settings.log);
    let realms = match &args.demo {
        Some(folder) => demo_realms(session, folder)?,
        None => realms(session, args)?,
    };
    let app = server::app(realms, settings, session.surroundings.clone())?;
    let links = app.clone();
    server::serve(&app, |address| said(&links, address), ended())?;
    Ok(0)
}

fn settings(session: &Session, args: &ServeArgs) -> Result<Settings> {
    let beside = session.workspace.join(SETTINGS_FILE);
    let path = args
        .config
        .clone()
        .or_else(|| beside.is_file().then_some(beside));
    let text = path.as_deref().map(read_text).transpose()?;
    let file = path.as_deref().zip(text.as_deref());
    // The command line wins over both, and is held to the same rules.
    let listen = args.listen.map(|it| (LISTEN.to_owned(), it.to_string()));
    let mut settings = Settings::read(file, std::env::vars().chain(listen))?;
    settings.demo = args.demo.is_some();
    Ok(settings)
}

/// The workspace named, and the firm's beside it where one is named too.
fn realms(session: &Session, args: &ServeArgs) -> Result<Realms> {
    let mut realms = Realms {
        company: None,
        firm: None,
    };
    match session.open()?.file().realm {
        Realm::Company => realms.company = Some(session.company()?),
        Realm::Firm => realms.firm = Some(session.firm()?),
    }
    if let Some(folder) = &args.firm {
        if realms.firm.is_some() {
            return Err(
                Problem::new("`--workspace` and `--firm` both name a firm's workspace")
                    .hint("name the company's with `--workspace`")
                    .into(),
            );
        }
        realms.firm = Some(Firm::open(folder, &session.keys()?, &session.surroundings)?);
    }
    Ok(realms)
}

/// The two workspaces of a demo.
///
/// # Errors
/// When the folder holds no demo, or workspaces with other keys than the
/// demo's.
fn demo_realms(session: &Session, folder: &Path) -> Result<Realms> {
    let open = |name: &str, keys: &str| {
        let (folder, keys) = (folder.join(name), folder.join("keys").join(keys));
        Workspace::open(&folder, &keys).map(|workspace| (workspace, folder, keys))
    };
    let (company, company_folder, company_keys) = open("fernhollow", "company")?;
    let (firm, firm_folder, firm_keys) = open("brindlewood", "firm")?;
    for (workspace, seed) in [(&company, demo::COMPANY_SEED), (&firm, demo::FIRM_SEED)] {
        refuse_other_keys(workspace, seed)?;
    }
    Ok(Realms {
        company: Some(Company::open(
            &company_folder,
            &company_keys,
            &session.surroundings,
        )?),
        firm: Some(Firm::open(&firm_folder, &firm_keys, &session.surroundings)?),
    })
}

/// A workspace whose key is not the demo's is somebody's in earnest.
fn refuse_other_keys(workspace: &Workspace, seed: u8) -> Result<()> {
    let origin = &workspace.file().origin;
    let expected = demo::key(seed).verifier_key(origin);
    if LogKey::read(&workspace.key_path())?.verifier_key(origin) == expected {
        return Ok(());
    }
    Err(Problem::new(format!(
        "`{}` is not the demo's",
        workspace.folder().display()
    ))
    .hint("serve it without `--demo`: people then sign in with their own accounts")
    .into())
}

/// Says where the server is, and for a realm without people how the first one
/// comes in.
fn said(app: &tickmark_web::App, address: SocketAddr) {
    let base = app.settings().base(address);
    let mut out = anstream::stdout();
    // Nobody may be reading; the server serves all the same.
    let _ = writeln!(out, "serving {base}");
    if app.settings().demo {
        let _ = writeln!(out, "the demo: choose a role to sign in; Ctrl-C ends it");
    }
    for link in app.set_up_links(&base) {
        let _ = writeln!(
            out,
            "nobody can sign in yet; set up with this link, once, within 72 hours:\n  {link}"
        );
    }
    let _ = out.flush();
}

fn start_log(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TICKMARK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,tickmark_web=info"));
    let log = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(|meta| is_loggable(meta.target(), *meta.level())));
    let lines = fmt::layer().with_writer(std::io::stderr);
    // A second subscriber is refused; the first one goes on.
    let _ = match format {
        LogFormat::Text => log
            .with(lines.with_ansi(std::io::stderr().is_terminal()))
            .try_init(),
        LogFormat::Json => log
            .with(lines.json().flatten_event(true).with_span_list(false))
            .try_init(),
    };
}

/// What may be logged at all, whatever is chosen: our own lines, which hold no
/// secret, and warnings of others, but for those who log whole addresses.
fn is_loggable(target: &str, level: tracing::Level) -> bool {
    target.starts_with("tickmark")
        || (level <= tracing::Level::WARN && !target.starts_with("tower_http"))
}

/// Done once the process is told to end.
async fn ended() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => _ = signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
