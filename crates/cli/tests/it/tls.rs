//! Story: the server encrypts itself, with files that are right, wrong and
//! replaced.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustix::process::Signal;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::new_user::acme;
use crate::server::{Answer, Server, exchange, request};
use crate::tell::{command, run};
use crate::world::World;

/// Settings that name the two files.
const TLS: [(&str, &str); 2] = [
    ("TICKMARK_SERVE_TLS_CERTIFICATE", "server.pem"),
    ("TICKMARK_SERVE_TLS_KEY", "server.key"),
];

fn kept(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tls");
    fs::read(folder.join(name)).unwrap()
}

/// A workspace with the certificate `name` in place.
fn with_certificate(world: &World, name: &str) {
    world.write("server.pem", kept(&format!("{name}.pem")));
    world.write("server.key", kept(&format!("{name}.key")));
}

/// Asks for `/health` trusting one certificate only.
fn health(server: &Server, trusted: &str) -> Result<Answer, String> {
    let certificate = CertificateDer::from_pem_slice(&kept(&format!("{trusted}.pem"))).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream: TcpStream = server.connect();
    while connection.is_handshaking() {
        connection
            .complete_io(&mut stream)
            .map_err(|error| error.to_string())?;
    }
    let stream = StreamOwned::new(connection, stream);
    Ok(exchange(stream, &request("GET", "/health", &[], 0)))
}

#[test]
fn health_over_https_and_a_certificate_that_is_replaced() {
    let world = acme();
    with_certificate(&world, "one");
    let mut server = Server::start(&world, "acme", &TLS);
    let told = health(&server, "one").unwrap();
    assert_eq!((told.status, told.body.as_str()), (200, "ok"));
    assert!(told.header("strict-transport-security").contains("max-age"));
    let other = health(&server, "two").err().unwrap();
    assert!(other.contains("certificate"), "{other}");

    // Broken files leave what is in use; good ones take its place.
    world.write("server.key", "no key");
    server.signal(Signal::HUP);
    server.logs("the certificate before stays in use");
    assert_eq!(health(&server, "one").unwrap().status, 200);
    with_certificate(&world, "two");
    server.signal(Signal::HUP);
    server.logs("the certificate was read again");
    assert_eq!(health(&server, "two").unwrap().status, 200);
    assert!(health(&server, "one").is_err());
    assert_eq!(server.end().code, Some(0));
}

#[test]
fn without_a_certificate_the_signal_does_no_harm() {
    let world = acme();
    let mut server = Server::start(&world, "acme", &[]);
    server.signal(Signal::HUP);
    server.logs("there is no certificate to read again");
    assert_eq!(server.get("/health", "").status, 200);
    assert_eq!(server.end().code, Some(0));
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let world = acme();
    let told = |certificate: &[u8], key: &[u8]| {
        world.write("server.pem", certificate);
        world.write("server.key", key);
        let mut command = command();
        let told = run(command
            .current_dir(world.folder())
            .envs(TLS)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--workspace", "acme", "--keys", "keys"]));
        told.exits(2).err
    };
    let (certificate, key) = (kept("one.pem"), kept("one.key"));
    let broken = certificate.split_at(certificate.len() / 2).0;
    let mut all = vec![
        told(b"text", &key),
        told(broken, &key),
        told(&certificate, b"text"),
        told(&certificate, &certificate),
        told(&certificate, &kept("two.key")),
        told(&key, &certificate),
    ];
    fs::remove_file(world.path("server.pem")).unwrap();
    let mut command = command();
    let missing = run(command.current_dir(world.folder()).envs(TLS).args([
        "serve",
        "--workspace",
        "acme",
        "--keys",
        "keys",
    ]));
    all.push(missing.exits(2).err);
    insta::assert_snapshot!(all.join("\n"), @r"
    error: `server.pem` holds no certificate
    hint: `tls_certificate` is a PEM file: the server's own certificate, then those that vouch for it

    error: `server.pem` is no PEM file
      Caused by: a section has no end: the file breaks off

    error: `server.key` holds no private key
    hint: `tls_key` is a PEM file with a key that no passphrase protects

    error: `server.key` holds no private key
    hint: `tls_key` is a PEM file with a key that no passphrase protects

    error: the key in `server.key` does not belong to the certificate in `server.pem`
    hint: the first certificate in the file must be the server's own

    error: `server.pem` holds no certificate
    hint: `tls_certificate` is a PEM file: the server's own certificate, then those that vouch for it

    error: `server.pem` cannot be read
      Caused by: No such file or directory (os error 2)
    ");
}
