//! A company with the sample's program, some of its evidence and people, and a
//! server over it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;
use tickmark_access::{
    AccessEvent, AccessStore, AccountId, AccountProfile, Entrance, Role, Scope,
    Settings as EntranceSettings, Side,
};
use tickmark_realm::{Company, Surroundings, mappings};
use tickmark_web::App;
use tickmark_web::server::{self, Realms};
use tickmark_web::settings::Settings;
use tower::ServiceExt;

/// The day of the story.
pub const NOW: Timestamp = Timestamp::constant(1_783_008_000, 0);

/// A control test whose populations are imported.
pub const TEST: &str = "background-check-before-start";

const PEOPLE: &[(&str, Role)] = &[
    ("owner", Role::Owner),
    ("reader", Role::ReadOnly),
    ("employee", Role::Employee),
];

/// A server and the folder of its workspace.
pub struct World {
    folder: TempDir,
    app: App,
    router: Router,
    tokens: Vec<(String, String)>,
}

/// What a request came to.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Insists on a status; shows everything when it is another.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }
}

impl World {
    /// A world with the sample's program and the populations of [`TEST`].
    ///
    /// It is made apart: the evidence store waits for its own work, and hundreds
    /// of waits within one step of a test's runtime would wait for ever.
    pub fn new() -> Self {
        std::thread::spawn(Self::made).join().unwrap()
    }

    fn made() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (workspace, keys) = (folder.path().join("company"), folder.path().join("keys"));
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/fernhollow"),
            &workspace,
        );
        let surroundings = surroundings();
        let mut company = Company::create(&workspace, &keys, "fernhollow", &surroundings).unwrap();
        company.record_access("owner", &people()).unwrap();
        let difference = company.difference(&workspace).unwrap();
        company.apply("owner", &difference).unwrap();
        company.add_documents("owner", &workspace).unwrap();
        for mapping in mappings(&company.state().program().unwrap())
            .unwrap()
            .values()
        {
            if ["people", "background_checks"].contains(&mapping.dataset.as_str()) {
                company.import("owner", &workspace, mapping, None).unwrap();
            }
        }
        let tokens = issue(&mut company, &surroundings);
        let realms = Realms {
            company: Some(company),
            firm: None,
        };
        let app = server::app(realms, Settings::default(), surroundings).unwrap();
        Self {
            folder,
            router: server::router(&app),
            app,
            tokens,
        }
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// The store of what is secret, as another process would open it.
    pub fn store(&self) -> AccessStore {
        let path = self.app.company().unwrap().workspace().access_store();
        AccessStore::open(&path).unwrap()
    }

    /// Where the world lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The token of someone, `owner`, `reader`, `employee`, or of the owner for
    /// one scope alone, `owner/run_tests`.
    #[track_caller]
    pub fn token(&self, whose: &str) -> &str {
        let found = self.tokens.iter().find(|(known, _)| known == whose);
        found.map(|(_, token)| token.as_str()).expect("a token")
    }

    /// Sends a request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX)
            .await
            .unwrap()
            .to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    /// Reads, as the holder of a token.
    pub async fn get_as(&self, whose: &str, address: &str) -> Answer {
        let token = self.token(whose);
        self.send(
            Request::get(address)
                .header("authorization", format!("Bearer {token}"))
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// Reads, as the owner.
    pub async fn get(&self, address: &str) -> Answer {
        self.get_as("owner", address).await
    }

    /// Changes something, as the owner, with further headers.
    pub async fn post(&self, address: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::post(address)
            .header("authorization", format!("Bearer {}", self.token("owner")));
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    }

    /// Sends a body of a kind that the headers say, as the owner.
    pub async fn upload(&self, address: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::post(address)
            .header("authorization", format!("Bearer {}", self.token("owner")));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Waits for a job to end and reads it.
    pub async fn ended(&self, job: &Value) -> Value {
        let id = job["id"].as_u64().unwrap();
        let mut progress = self.app.jobs().get(id).unwrap().watch();
        progress.wait_for(|it| it.end.is_some()).await.unwrap();
        self.get(job["href"].as_str().unwrap()).await.is(200).json()
    }
}

/// The clock stands still; every secret is another one.
fn surroundings() -> Surroundings {
    let count = AtomicU64::new(1);
    let random = move |bytes: &mut [u8]| {
        let digest =
            tickmark_access::Digest::of(&count.fetch_add(1, Ordering::Relaxed).to_string())
                .to_string();
        bytes
            .iter_mut()
            .zip(digest.bytes().cycle())
            .for_each(|(to, from)| *to = from);
    };
    Surroundings::new(|| NOW, random, program())
}

/// The program that runs SQL in processes of its own; a build of the workspace
/// makes it.
fn program() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    target.join("release/tickmark")
}

fn people() -> Vec<AccessEvent> {
    let added = |(id, role): &(&str, Role)| {
        let account: AccountId = id.parse().unwrap();
        let profile = AccountProfile {
            account: account.clone(),
            name: id.to_uppercase(),
            email: format!("{id}@company.example"),
            role: *role,
            functions: BTreeSet::new(),
        };
        [
            AccessEvent::AccountAdded(profile),
            AccessEvent::activated(&account),
        ]
    };
    PEOPLE.iter().flat_map(added).collect()
}

fn issue(company: &mut Company, surroundings: &Surroundings) -> Vec<(String, String)> {
    let store = Arc::new(AccessStore::open(&company.workspace().access_store()).unwrap());
    let random = surroundings.clone();
    let settings = EntranceSettings::new(
        Side::Company,
        "fernhollow",
        "http://localhost".parse().unwrap(),
    );
    let entrance = Entrance::new(
        store,
        Arc::new(move |bytes: &mut [u8]| random.fill(bytes)),
        settings,
    )
    .unwrap();
    let all: BTreeSet<Scope> = Scope::ALL.iter().copied().collect();
    let everyone = PEOPLE
        .iter()
        .map(|(id, _)| ((*id).to_owned(), *id, all.clone()));
    let single = Scope::ALL
        .iter()
        .map(|scope| (format!("owner/{scope}"), "owner", BTreeSet::from([*scope])));
    let expires_at = NOW.checked_add(SignedDuration::from_hours(24)).unwrap();
    let mut tokens = Vec::new();
    for (name, account, scopes) in everyone.chain(single) {
        let state = &company.state().access;
        let (change, secret) = entrance
            .issue_token(
                state,
                &account.parse().unwrap(),
                "test",
                &scopes,
                expires_at,
                NOW,
            )
            .unwrap();
        company.record_access(account, change.events()).unwrap();
        entrance.store().keep(change, NOW).unwrap();
        tokens.push((name, secret.reveal().to_owned()));
    }
    tokens
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}
