//! An identity provider on this machine that says what a test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use openidconnect::core::{
    CoreEdDsaPrivateSigningKey, CoreHmacKey, CoreIdToken, CoreIdTokenClaims,
    CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, Audience, EmptyAdditionalClaims, EndUserEmail, IssuerUrl, JsonWebKeyId, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, PrivateSigningKey, StandardClaims, SubjectIdentifier,
};
use serde_json::{Value, json};
use url::Url;

use super::{ANNA, SsoCallback};
use crate::entrance::testing::after;

pub(super) const CLIENT: &str = "tickmark";
pub(super) const SECRET: &str = "a-secret-of-two-parties";
const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";

/// What the provider says.
#[derive(Clone)]
pub(super) struct Says {
    pub(super) verified: Option<bool>,
    /// Whether the address is in the token, or with the user info.
    pub(super) in_token: bool,
    pub(super) issuer: Option<&'static str>,
    pub(super) audience: &'static str,
    pub(super) nonce: Option<&'static str>,
    /// Seconds after the start.
    pub(super) expires: i64,
    /// When it asked who it is, in seconds after the start.
    pub(super) asked_at: Option<i64>,
    pub(super) is_shared_key: bool,
    pub(super) is_other_key: bool,
    pub(super) is_other_access: bool,
    pub(super) says_iss: bool,
    pub(super) is_redirecting: bool,
}

impl Default for Says {
    fn default() -> Self {
        Self {
            verified: Some(true),
            in_token: true,
            issuer: None,
            audience: CLIENT,
            nonce: None,
            expires: 300,
            asked_at: None,
            is_shared_key: false,
            is_other_key: false,
            is_other_access: false,
            says_iss: false,
            is_redirecting: false,
        }
    }
}

/// What the browser was sent with.
#[derive(Clone, Default)]
struct Asked {
    nonce: String,
    challenge: String,
}

pub(super) struct Provider {
    pub(super) issuer: String,
    asked: Arc<Mutex<Asked>>,
    /// Paths that were asked for.
    pub(super) paths: Arc<Mutex<Vec<String>>>,
}

pub(super) fn parameter(url: &Url, name: &str) -> Option<String> {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

impl Provider {
    pub(super) fn start(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Asked>>::default();
        let paths = Arc::<Mutex<Vec<String>>>::default();
        let served = Served {
            issuer: issuer.clone(),
            says,
            asked: asked.clone(),
            paths: paths.clone(),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                served.answer(stream.unwrap());
            }
        });
        Self {
            issuer,
            asked,
            paths,
        }
    }

    /// What the browser brings back once the person said yes.
    pub(super) fn authorize(&self, url: &Url) -> SsoCallback {
        let asked = Asked {
            nonce: parameter(url, "nonce").unwrap(),
            challenge: parameter(url, "code_challenge").unwrap(),
        };
        *self.asked.lock().unwrap() = asked;
        SsoCallback {
            code: Some(CODE.to_owned()),
            state: parameter(url, "state"),
            iss: None,
            error: None,
        }
    }
}

struct Served {
    issuer: String,
    says: Says,
    asked: Arc<Mutex<Asked>>,
    paths: Arc<Mutex<Vec<String>>>,
}

impl Served {
    fn answer(&self, mut stream: TcpStream) {
        let (path, body) = read_request(&stream);
        self.paths.lock().unwrap().push(path.clone());
        let (status, body) = match path.as_str() {
            "/.well-known/openid-configuration" => ("200 OK", self.discovery()),
            "/jwks" => ("200 OK", json!({ "keys": [key(7).as_verification_key()] })),
            "/token" if self.says.is_redirecting => ("302 Found", Value::Null),
            "/token" => self.token(&body),
            "/userinfo" => ("200 OK", self.user_info()),
            _ => ("404 Not Found", Value::Null),
        };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nlocation: {}/elsewhere\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n",
            self.issuer,
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
    }

    fn discovery(&self) -> Value {
        let at = |path: &str| format!("{}/{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "userinfo_endpoint": at("userinfo"),
            "jwks_uri": at("jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA", "HS256"],
            "authorization_response_iss_parameter_supported": self.says.says_iss,
        })
    }

    /// Exchanges the code, for whoever has the secret and the verifier.
    fn token(&self, body: &str) -> (&'static str, Value) {
        let form = Url::parse(&format!("http://form/?{body}")).unwrap();
        let verifier = PkceCodeVerifier::new(parameter(&form, "code_verifier").unwrap());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let is_same = challenge.as_str() == self.asked.lock().unwrap().challenge;
        if !is_same || parameter(&form, "code").as_deref() != Some(CODE) {
            return ("400 Bad Request", json!({ "error": "invalid_grant" }));
        }
        let shown = if self.says.is_other_access {
            "another"
        } else {
            "access"
        };
        let body = json!({
            "access_token": shown,
            "token_type": "Bearer",
            "id_token": self.id_token(),
        });
        ("200 OK", body)
    }

    fn id_token(&self) -> CoreIdToken {
        let access = AccessToken::new("access".to_owned());
        let claims = self.claims();
        if self.says.is_shared_key {
            let algorithm = CoreJwsSigningAlgorithm::HmacSha256;
            let key = CoreHmacKey::new(SECRET);
            return CoreIdToken::new(claims, &key, algorithm, Some(&access), None).unwrap();
        }
        let key = key(if self.says.is_other_key { 8 } else { 7 });
        let algorithm = CoreJwsSigningAlgorithm::EdDsa;
        CoreIdToken::new(claims, &key, algorithm, Some(&access), None).unwrap()
    }

    fn claims(&self) -> CoreIdTokenClaims {
        let issuer = self.says.issuer.unwrap_or(&self.issuer);
        let time = |at: Timestamp| std::time::SystemTime::from(at).into();
        let subject = SubjectIdentifier::new("248289761001".to_owned());
        let mut standard = StandardClaims::new(subject);
        if self.says.in_token {
            standard = standard
                .set_email(Some(EndUserEmail::new(ANNA.to_owned())))
                .set_email_verified(self.says.verified);
        }
        let nonce = self.asked.lock().unwrap().nonce.clone();
        let nonce = self.says.nonce.map_or(nonce, str::to_owned);
        CoreIdTokenClaims::new(
            IssuerUrl::new(issuer.to_owned()).unwrap(),
            vec![Audience::new(self.says.audience.to_owned())],
            time(after(self.says.expires)),
            time(after(0)),
            standard,
            EmptyAdditionalClaims {},
        )
        .set_nonce(Some(Nonce::new(nonce)))
        .set_auth_time(self.says.asked_at.map(|at| time(after(at))))
    }

    fn user_info(&self) -> Value {
        json!({ "sub": "248289761001", "email": ANNA, "email_verified": self.says.verified })
    }
}

/// Path and body of a request.
fn read_request(stream: &TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.to_lowercase());
    }
    let path = lines[0].split(' ').nth(1).unwrap().to_owned();
    let length = lines
        .iter()
        .find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    (path, String::from_utf8(body).unwrap())
}

/// An Ed25519 key made from a seed, so that none stands in the source.
fn key(seed: u8) -> CoreEdDsaPrivateSigningKey {
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend([seed; 32]);
    let label = ["PRIVATE", "KEY"].join(" ");
    let body = STANDARD.encode(der);
    let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let id = JsonWebKeyId::new("k1".to_owned());
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(id)).unwrap()
}
