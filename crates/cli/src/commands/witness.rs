//! `tickmark witness …`: cosign the ledgers of others, online or offline.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;
use tickmark_ledger::verifier::VerifierKey;
use tickmark_ledger::witness::{
    Refusal, Witness, request_cosignature, send_http, serve, witness_key,
};
use tickmark_ledger::{Clock, Ledger, LedgerError, LogKey};

use super::ledger::print;

/// Remember the last checkpoint of each ledger and cosign the next one only
/// when it extends it.
///
/// A signature alone shows little, since whoever holds the key can rewrite the
/// whole ledger. A witness outside the company makes that show.
#[derive(Debug, Args)]
pub struct WitnessArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: WitnessCommand,
}

/// What a witness does.
#[derive(Debug, Subcommand)]
pub enum WitnessCommand {
    /// Make a signing key for a witness and print its verifier key line.
    Init {
        /// Who the witness is.
        #[command(flatten)]
        signer: WitnessSigner,
    },
    /// Serve `POST /add-checkpoint` (C2SP tlog-witness) until interrupted.
    Serve {
        /// Who the witness is.
        #[command(flatten)]
        identity: WitnessIdentity,
        /// Address to listen on.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7643")]
        listen: SocketAddr,
    },
    /// Verify an exported ledger completely and print the cosignature line.
    Cosign {
        /// Who the witness is.
        #[command(flatten)]
        identity: WitnessIdentity,
        /// Exported folder with a `checkpoint`.
        folder: PathBuf,
    },
    /// Print the witness's verifier key line: what others pin.
    Vkey {
        /// Who the witness is.
        #[command(flatten)]
        signer: WitnessSigner,
    },
}

/// Name and key of a witness.
#[derive(Debug, Args)]
pub struct WitnessSigner {
    /// Name on its cosignatures, such as `brindlewood.example/witness`.
    #[arg(long)]
    pub name: String,
    /// File with its signing key, made by `tickmark witness init`.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
}

/// Name, key, ledgers followed and memory of a witness.
#[derive(Debug, Args)]
pub struct WitnessIdentity {
    /// Name and key.
    #[command(flatten)]
    pub signer: WitnessSigner,
    /// Verifier key line of a ledger to follow; may be repeated.
    #[arg(long, value_name = "VKEY")]
    pub log: Vec<String>,
    /// Folder where it keeps the last checkpoint it saw of each ledger.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
}

/// Runs a subcommand and returns the exit status.
///
/// # Errors
/// Those of the witness; [`LedgerError::exit_code`] is their exit status.
pub fn run(
    args: &WitnessArgs,
    clock: &Clock,
    random: fn(&mut [u8]),
    json: bool,
    out: &mut dyn Write,
) -> Result<u8, LedgerError> {
    match &args.command {
        WitnessCommand::Init { signer } => {
            let mut seed = [0; 32];
            random(&mut seed);
            let key = LogKey::from_seed(seed);
            // The name is checked before anything is written.
            let line = witness_key(&signer.name, &key)?;
            key.write_new(&signer.key)?;
            print(out, json, &format!("{line}\n"), || json!({"vkey": line}))
        }
        WitnessCommand::Serve { identity, listen } => {
            listen_and_serve(identity.open()?, *listen, clock, out)
        }
        WitnessCommand::Cosign { identity, folder } => {
            cosign(&identity.open()?, folder, clock, json, out)
        }
        WitnessCommand::Vkey { signer } => {
            let line = witness_key(&signer.name, &LogKey::read(&signer.key)?)?;
            print(out, json, &format!("{line}\n"), || json!({"vkey": line}))
        }
    }
}

impl WitnessIdentity {
    fn open(&self) -> Result<Witness, LedgerError> {
        let key = LogKey::read(&self.signer.key)?;
        Witness::new(&self.signer.name, key, &self.log, &self.state)
    }
}

/// Has the witness at `url` cosign a checkpoint and keeps the cosignature.
///
/// # Errors
/// When the witness does not cosign or cannot be reached.
pub fn cosign_over_http(
    ledger: &Ledger,
    note: &[u8],
    url: &str,
    witness_key: &str,
) -> Result<(), LedgerError> {
    let witness =
        VerifierKey::of_witness(witness_key).map_err(|e| LedgerError::Refused(e.to_string()))?;
    let mut send = |request: &[u8]| send_http(url, request);
    let lines = request_cosignature(&ledger.reader()?, note, &witness, &mut send)?;
    ledger.add_cosignatures(note, &lines)
}

fn cosign(
    witness: &Witness,
    folder: &Path,
    clock: &Clock,
    json: bool,
    out: &mut dyn Write,
) -> Result<u8, LedgerError> {
    match witness.cosign_folder(folder, clock()) {
        Ok(lines) => {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            print(out, json, &text, || json!({"cosignatures": lines}))
        }
        Err(Refusal::Failed(error)) => Err(error),
        Err(refusal @ Refusal::NotExtending(_)) => Err(LedgerError::Damaged(refusal.to_string())),
        Err(refusal) => Err(LedgerError::Refused(refusal.to_string())),
    }
}

fn listen_and_serve(
    witness: Witness,
    listen: SocketAddr,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<u8, LedgerError> {
    let fail = |source| LedgerError::File {
        action: "listen on",
        path: listen.to_string().into(),
        source,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(fail)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        // Whoever started us may wait for this line.
        writeln!(
            out,
            "witness `{}` listens on http://{address}",
            witness.verifier_key()
        )
        .and_then(|()| out.flush())
        .map_err(fail)?;
        serve(
            listener,
            Arc::new(witness),
            clock.clone(),
            std::future::pending(),
        )
        .await
        .map_err(fail)
    })?;
    Ok(0)
}
