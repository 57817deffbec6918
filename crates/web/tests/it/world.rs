//! A company and a firm with people of every role, served without a network.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::MockConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tickmark_access::{AccessEvent, AccountProfile, Role};
use tickmark_control_tests::{Counts, ItemResult, ItemStatus, Outcome};
use tickmark_realm::{Company, CompanyState, Firm, Folded, Surroundings, Tested, Workspace};
use tickmark_web::App;
use tickmark_web::server::{self, Realms};
use tickmark_web::settings::{Settings, SignInLimits};
use tower::ServiceExt;

/// A server in this process.
pub struct World {
    _folder: TempDir,
    pub app: App,
    router: Router,
    company: Workspace,
    firm: Workspace,
    clock: Clock,
}

/// The time, which passes when a test says so.
type Clock = Arc<Mutex<Timestamp>>;

/// What a world has and is.
#[derive(Clone, Copy)]
struct Made {
    /// The sample company's program is recorded.
    has_program: bool,
    /// People sign in by role with one click.
    is_demo: bool,
    /// How long people stay signed in, and how often they may try.
    sign_in: SignInLimits,
}

/// An answer, read whole.
pub struct Told {
    pub status: StatusCode,
    pub location: String,
    pub cookie: String,
    pub body: String,
}

fn surroundings(clock: &Clock) -> Surroundings {
    let clock = Arc::clone(clock);
    let count = Arc::new(Mutex::new(0u64));
    let random = move |bytes: &mut [u8]| {
        for byte in bytes {
            let mut count = count.lock().unwrap();
            *count += 1;
            *byte = mixed(*count);
        }
    };
    let now = move || *clock.lock().unwrap();
    Surroundings::new(now, random, "tickmark-is-not-run-here")
}

/// The byte at a place of a sequence that does not come round to itself: ids and
/// secrets made of it differ (`SplitMix64`).
fn mixed(count: u64) -> u8 {
    let mut mixed = count.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    u8::try_from((mixed ^ (mixed >> 31)) >> 56).unwrap()
}

/// One person of each role, each able to come in; the id is the role's name.
fn people(firm: bool) -> Vec<AccessEvent> {
    let roles = Role::ALL
        .iter()
        .filter(|role| (role.side() == tickmark_access::Side::Firm) == firm);
    roles
        .flat_map(|role| {
            let account: tickmark_access::AccountId =
                role.as_str().replace('_', "-").parse().unwrap();
            let profile = AccountProfile {
                account: account.clone(),
                name: role.title().to_owned(),
                email: format!("{account}@example.com"),
                role: *role,
                functions: ["Head of Platform".to_owned()].into(),
            };
            [
                AccessEvent::AccountAdded(profile),
                AccessEvent::activated(&account),
            ]
        })
        .collect()
}

impl World {
    /// Made on a thread of its own: the engine starts a runtime, which a test
    /// that has one may not.
    pub fn new() -> Self {
        let made = Made {
            has_program: true,
            is_demo: true,
            sign_in: SignInLimits::default(),
        };
        std::thread::spawn(move || Self::made(made)).join().unwrap()
    }

    /// A company that has recorded nothing but its people yet.
    pub fn without_program() -> Self {
        Self::with_limits(SignInLimits::default())
    }

    /// As [`Self::without_program`], with other limits.
    pub fn with_limits(sign_in: SignInLimits) -> Self {
        Self::made(Made {
            has_program: false,
            is_demo: true,
            sign_in,
        })
    }

    /// One in earnest: nobody comes in with one click, nor has a password yet.
    pub fn in_earnest() -> Self {
        Self::made(Made {
            has_program: false,
            is_demo: false,
            sign_in: SignInLimits::default(),
        })
    }

    fn made(made: Made) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let clock = Arc::new(Mutex::new("2026-07-02T16:00:00Z".parse().unwrap()));
        let surroundings = surroundings(&clock);
        let mut company =
            Company::create(&at("company"), &at("keys/company"), "acme", &surroundings).unwrap();
        company.record_access("owner", &people(false)).unwrap();
        if made.has_program {
            copy_program(&at("company"));
            let difference = company.difference(&at("company")).unwrap();
            company.apply("compliance-manager", &difference).unwrap();
            record_a_deviation(&mut company);
        }
        let mut firm = Firm::create(&at("firm"), &at("keys/firm"), "firm", &surroundings).unwrap();
        firm.record_access("partner", &people(true)).unwrap();
        let (company_workspace, firm_workspace) =
            (company.workspace().clone(), firm.workspace().clone());
        let settings = Settings {
            demo: made.is_demo,
            sign_in: made.sign_in,
            ..Settings::default()
        };
        let realms = Realms {
            company: Some(company),
            firm: Some(firm),
        };
        let app = server::app(realms, settings, surroundings).unwrap();
        let router =
            server::router(&app).layer(MockConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        Self {
            _folder: folder,
            app,
            router,
            company: company_workspace,
            firm: firm_workspace,
            clock,
        }
    }

    /// Lets time pass.
    pub fn pass(&self, minutes: i64) {
        let mut clock = self.clock.lock().unwrap();
        *clock += SignedDuration::from_mins(minutes);
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    /// The cookie of someone of this role.
    pub async fn sign_in(&self, role: Role) -> String {
        let told = self
            .send(
                Method::POST,
                "/sign-in/demo",
                "",
                form(&format!("role={role}")),
            )
            .await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{role}: {}", told.body);
        told.cookie
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Told {
        self.send(Method::GET, path, cookie, (String::new(), Vec::new()))
            .await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        cookie: &str,
        (kind, body): (String, Vec<u8>),
    ) -> Told {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let header = |name| {
            response
                .headers()
                .get(name)
                .map_or(String::new(), |it| it.to_str().unwrap().to_owned())
        };
        let cookie = header(header::SET_COOKIE);
        let (status, location) = (response.status(), header(header::LOCATION));
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Told {
            status,
            location,
            cookie,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Who wrote the entries from `size` on, of either realm's ledger.
    pub fn actors_since(&self, sizes: (u64, u64)) -> Vec<String> {
        let mut actors = Vec::new();
        for (workspace, size) in [(&self.company, sizes.0), (&self.firm, sizes.1)] {
            let reader = workspace.reader().unwrap();
            actors.extend(
                reader
                    .entries(size..u64::MAX)
                    .map(|record| record.unwrap().entry.actor),
            );
        }
        actors
    }

    /// How many entries the two ledgers have.
    pub fn sizes(&self) -> (u64, u64) {
        let size = |workspace: &Workspace| workspace.reader().unwrap().head().unwrap().size;
        (size(&self.company), size(&self.firm))
    }

    /// The company as its ledger says.
    pub fn state(&self) -> CompanyState {
        CompanyState::read(&self.company, None).unwrap()
    }
}

/// A form as browsers send it.
pub fn form(text: &str) -> (String, Vec<u8>) {
    (
        "application/x-www-form-urlencoded".to_owned(),
        text.as_bytes().to_vec(),
    )
}

/// A form with a file as browsers send it.
pub fn upload(field: &str, name: &str, bytes: &str, fields: &[(&str, &str)]) -> (String, Vec<u8>) {
    let mut body = String::new();
    for (key, value) in fields {
        body +=
            &format!("--B\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n");
    }
    body += &format!(
        "--B\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n{bytes}\r\n--B--\r\n"
    );
    (
        "multipart/form-data; boundary=B".to_owned(),
        body.into_bytes(),
    )
}

/// The sample company's program, without what it imports.
fn copy_program(to: &Path) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/fernhollow");
    let files = tickmark_realm::program_files(&sample).unwrap();
    tickmark_realm::write_folder(to, &files).unwrap();
}

/// A result in which one item deviates, so that there is something to answer.
fn record_a_deviation(company: &mut Company) {
    let wanted = ["access-removed-on-leaving".parse().unwrap()];
    let run = company.prepare_tests(None, None, Some(&wanted)).unwrap();
    let mut result = run.run(None).unwrap().all().unwrap().remove(0);
    result.outcome = Outcome::Deviations;
    result.items = vec![ItemResult {
        item: "E1".to_owned(),
        status: ItemStatus::Deviation,
        reason: "disabled late".to_owned(),
        occurred_at: None,
        detail: Default::default(),
        intervals: Vec::new(),
    }];
    result.counts = Counts::of(&result.items);
    let tested = Tested {
        results: vec![result],
        problems: Vec::new(),
    };
    company.record_tests("compliance-manager", &tested).unwrap();
}
