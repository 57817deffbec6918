//! Encrypting itself: a certificate and its key, read from files.
//!
//! What must hold: the server does not start with files it cannot use, and says
//! which file it is and what is wrong with it; files that are replaced are read
//! again on SIGHUP, and when they cannot be used the ones before stay in use.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tickmark_catalog::Problem;

/// Reads a certificate chain and its key, both PEM.
///
/// # Errors
/// A file that cannot be read, holds no certificate or key, or a key that is
/// another certificate's.
pub fn load((certificate, key): &(PathBuf, PathBuf)) -> Result<Arc<ServerConfig>, Problem> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|error| no_pem(certificate, &error))?;
    if chain.is_empty() {
        return Err(Problem::new(format!(
            "`{}` holds no certificate",
            certificate.display()
        ))
        .hint("`tls_certificate` is a PEM file: the server's own certificate, then those that vouch for it"));
    }
    let private = match PrivateKeyDer::from_pem_slice(&read(key)?) {
        Ok(private) => private,
        Err(PemError::NoItemsFound) => {
            return Err(
                Problem::new(format!("`{}` holds no private key", key.display()))
                    .hint("`tls_key` is a PEM file with a key that no passphrase protects"),
            );
        }
        Err(error) => return Err(no_pem(key, &error)),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, private)
        });
    let mut config = config.map_err(|error| unusable(certificate, key, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    std::fs::read(path).map_err(|error| {
        Problem::new(format!("`{}` cannot be read", path.display())).cause(error.to_string())
    })
}

fn no_pem(path: &Path, error: &PemError) -> Problem {
    let why = match error {
        PemError::MissingSectionEnd { .. } => {
            "a section has no end: the file breaks off".to_owned()
        }
        PemError::IllegalSectionStart { .. } => {
            "a section begins in a line that is wrong".to_owned()
        }
        other => other.to_string(),
    };
    Problem::new(format!("`{}` is no PEM file", path.display())).cause(why)
}

fn unusable(certificate: &Path, key: &Path, error: &rustls::Error) -> Problem {
    let (certificate, key) = (certificate.display(), key.display());
    match error {
        rustls::Error::InconsistentKeys(_) => Problem::new(format!(
            "the key in `{key}` does not belong to the certificate in `{certificate}`"
        ))
        .hint("the first certificate in the file must be the server's own"),
        other => Problem::new(format!("`{certificate}` with `{key}` cannot be used"))
            .cause(other.to_string()),
    }
}

/// Reads the files again on each SIGHUP; without files the signal does nothing.
pub fn reload_on_signal(in_use: Option<(RustlsConfig, (PathBuf, PathBuf))>) {
    let hang_up = tokio::signal::unix::SignalKind::hangup();
    let mut signal = match tokio::signal::unix::signal(hang_up) {
        Ok(signal) => signal,
        Err(error) => return tracing::warn!(%error, "SIGHUP is not heeded"),
    };
    tokio::spawn(async move {
        while signal.recv().await.is_some() {
            match &in_use {
                None => tracing::info!("SIGHUP: there is no certificate to read again"),
                Some((config, files)) => again(config, files),
            }
        }
    });
}

fn again(config: &RustlsConfig, files: &(PathBuf, PathBuf)) {
    match load(files) {
        Ok(read) => {
            config.reload_from_config(read);
            tracing::info!("SIGHUP: the certificate was read again");
        }
        Err(problem) => {
            let cause = problem.to_string();
            tracing::error!(cause, "SIGHUP: the certificate before stays in use");
        }
    }
}
