//! Every change is in the ledger, under the account that made it.

use std::collections::BTreeSet;

use axum::http::Method;
use tickmark_access::Role;

use crate::world::{Told, World, form, upload};

/// A change: route, who makes it, the path and form of one that succeeds.
struct Change {
    route: &'static str,
    role: Role,
    path: String,
    form: (String, Vec<u8>),
}

/// Routes that change nothing an auditor would ask for, and why.
const UNAUDITED: &[(&str, &str)] = &[
    ("/sign-in", "a session, which is not the program's"),
    ("/sign-in/code", "a session"),
    ("/sign-in/demo", "a session"),
    ("/sign-in/passkey", "a session"),
    ("/sign-in/passkey/start", "asks a device"),
    ("/sign-out", "ends the own session"),
    ("/account/sessions/{id}/end", "ends an own session"),
    ("/account/confirm", "a session, in place of the own one"),
    (
        "/account/security/app",
        "shows a secret, which counts once it is confirmed",
    ),
    (
        "/account/security/app/confirm",
        "told in the tests of accounts, since it takes a code",
    ),
    (
        "/account/security/app/remove",
        "told in the tests of accounts",
    ),
    ("/account/security/passkeys/start", "asks a device"),
    (
        "/account/security/passkeys",
        "takes a device: told in the browser",
    ),
    (
        "/account/security/passkeys/{id}/remove",
        "takes a device: told in the browser",
    ),
    (
        "/account/security/unlink",
        "takes an identity provider: told in the browser",
    ),
    (
        "/settings/people/{account}/reset",
        "told in the tests of accounts, since it takes a second factor",
    ),
    (
        "/account/tokens/{id}/revoke",
        "told in the tests of accounts, since ids are random",
    ),
    (
        "/settings/tokens/{id}/revoke",
        "told in the tests of accounts, since ids are random",
    ),
    (
        "/invitation/{secret}",
        "told in the story of the set-up link, since its secret is shown once",
    ),
    (
        "/jobs/{id}/cancel",
        "stops work, which then records nothing",
    ),
    (
        "/records/{register}",
        "told in `records`, for every register",
    ),
    ("/controls/{id}/edit", "told in `records`"),
    (
        "/views",
        "a filter of one's own, which is not the program's",
    ),
    ("/views/{view}/remove", "as `/views`"),
    ("/account/preferences", "how pages look to one's own eyes"),
    ("/ledger/verify", "reads"),
    (
        "/ledger/checkpoint",
        "signs what is there; a checkpoint is no entry",
    ),
    (
        "/evidence/exports",
        "keeps a file for the wizard, until it is imported",
    ),
    (
        "/evidence/exports/{upload}",
        "told in the wizard's own test",
    ),
    (
        "/reconciliations/run",
        "compares nothing in this world; the command is told in the stories of the command line",
    ),
    ("/workbench", "runs SQL that is not kept"),
    (
        "/workbench/save",
        "runs fixtures in a process of its own: told in the browser",
    ),
    ("/welcome", "told in the test of the first start"),
    (
        "/settings/webhooks/{webhook}/remove",
        "needs the webhook's id: told in `tests/api`",
    ),
    (
        "/settings/webhooks/{webhook}/deliveries/{delivery}/again",
        "posts again what was posted",
    ),
    (
        "/api/v1/tests/run",
        "answers with a job: told in `tests/api`",
    ),
    (
        "/api/v1/reconciliations/run",
        "as `/reconciliations/run`, with a job",
    ),
    ("/api/v1/ledger/verify", "reads"),
    (
        "/api/v1/checkpoints",
        "signs what is there; a checkpoint is no entry",
    ),
    (
        "/api/v1/jobs/{id}/cancel",
        "stops work, which then records nothing",
    ),
];

fn digest(world: &World, path: &str) -> String {
    world.state().program.files()[path].sha256.to_string()
}

/// The changes in the order in which they can be made.
fn changes(world: &World) -> Vec<Change> {
    let change = |route, role, path: &str, text: &str| Change {
        route,
        role,
        path: path.to_owned(),
        form: form(text),
    };
    let (owner, lead) = (Role::Owner, Role::ComplianceManager);
    let policy = "policies/access-control.md";
    let text = world.state().program.files()[policy].text.clone();
    let encoded: String = url::form_urlencoded::byte_serialize(
        text.replace("version = ", "# new\nversion = ").as_bytes(),
    )
    .collect();
    let run = world
        .state()
        .control_tests
        .runs
        .values()
        .next()
        .unwrap()
        .0
        .clone();
    let answer = format!(
        "result={}&position=Agrees.&cause=Late.&action=Sooner.&owner_role=Head+of+IT&due_on=2026-09-30",
        run.result_sha256
    );
    vec![
        change(
            "/controls",
            lead,
            "/controls",
            "row=TM-001&row=TM-002&field=owner_role&value=Head+of+Fun",
        ),
        change(
            "/tests/run",
            lead,
            "/tests/run",
            "test=second-factor-enrolled",
        ),
        change(
            "/tests/{id}/response",
            lead,
            "/tests/access-removed-on-leaving/response",
            &answer,
        ),
        change(
            "/policies/{id}/draft",
            lead,
            "/policies/access-control/draft",
            &format!("then=propose&text={encoded}"),
        ),
        change(
            "/policies/{id}/discard",
            owner,
            "/policies/access-control/discard",
            "",
        ),
        change(
            "/policies/{id}/draft",
            lead,
            "/policies/access-control/draft",
            &format!("then=propose&text={encoded}"),
        ),
        change(
            "/policies/{id}/approve",
            owner,
            "/policies/access-control/approve",
            &format!(
                "sha256={}",
                tickmark_catalog::Sha256Hex::of(
                    text.replace("version = ", "# new\nversion = ").as_bytes()
                )
            ),
        ),
        change(
            "/policies/{id}/acknowledge",
            Role::Employee,
            "/policies/code-of-conduct/acknowledge",
            &format!("sha256={}", digest(world, "policies/code-of-conduct.md")),
        ),
        change(
            "/program/edit",
            lead,
            "/program/edit?file=calendars.toml",
            &format!(
                "base={}&then=record&text={}",
                digest(world, "calendars.toml"),
                url::form_urlencoded::byte_serialize(
                    format!(
                        "# note\n{}",
                        world.state().program.files()["calendars.toml"].text
                    )
                    .as_bytes()
                )
                .collect::<String>()
            ),
        ),
        Change {
            route: "/evidence/documents",
            role: lead,
            path: "/evidence/documents".to_owned(),
            form: upload(
                "file",
                "minutes.txt",
                "We met.",
                &[
                    ("title", "Minutes"),
                    ("dated", "2026-06-01"),
                    ("controls", "TM-001"),
                ],
            ),
        },
        Change {
            route: "/controls/{id}/upload",
            role: Role::ControlOwner,
            path: "/controls/TM-037/upload".to_owned(),
            form: upload(
                "file",
                "proof.txt",
                "Seen.",
                &[("title", "Proof"), ("dated", "2026-06-01")],
            ),
        },
        Change {
            route: "/api/v1/documents",
            role: lead,
            path: "/api/v1/documents".to_owned(),
            form: upload(
                "file",
                "later-minutes.txt",
                "We met again.",
                &[
                    ("title", "Minutes"),
                    ("dated", "2026-06-08"),
                    ("controls", "TM-001"),
                ],
            ),
        },
        Change {
            route: "/api/v1/tests/{id}/response",
            role: lead,
            path: "/api/v1/tests/access-removed-on-leaving/response".to_owned(),
            form: (
                "application/json".to_owned(),
                format!(
                    r#"{{"result_sha256":"{}","position":"Agrees.","cause":"Late, and seen late.","action":"Sooner.","owner_role":"Head of IT","due_on":"2026-09-30"}}"#,
                    run.result_sha256
                )
                .into_bytes(),
            ),
        },
        change(
            "/settings/webhooks",
            owner,
            "/settings/webhooks",
            "url=https%3A%2F%2Fhooks.example.com%2F&kind=evidence.snapshot_recorded%2F1",
        ),
        change(
            "/account/security/password",
            owner,
            "/account/security/password",
            "new=verdant+kestrel+ottoman+plinth",
        ),
        change(
            "/account/security/codes",
            Role::Partner,
            "/account/security/codes",
            "",
        ),
        change(
            "/account/sessions/end-others",
            Role::Employee,
            "/account/sessions/end-others",
            "",
        ),
        change(
            "/account/tokens",
            lead,
            "/account/tokens",
            "title=Export&scopes=read&days=30",
        ),
        change(
            "/settings/people",
            owner,
            "/settings/people",
            "name=New+Person&email=new%40example.com&role=read_only",
        ),
        change(
            "/settings/people/{account}/link",
            owner,
            "/settings/people/read-only/link",
            "",
        ),
        change(
            "/settings/people/{account}/role",
            owner,
            "/settings/people/read-only/role",
            "role=employee",
        ),
        change(
            "/settings/people/{account}/close",
            owner,
            "/settings/people/read-only/close",
            "",
        ),
        change(
            "/settings/people/{account}/reopen",
            owner,
            "/settings/people/read-only/reopen",
            "",
        ),
    ]
}

/// Waits for the job an answer leads to, where it leads to one: its events end
/// with it.
async fn wait(world: &World, told: &Told, cookie: &str) {
    if told.location.starts_with("/jobs/") {
        let events = world
            .get(&format!("{}/events", told.location), cookie)
            .await;
        assert!(events.body.contains("event: end"), "{}", events.body);
    }
}

async fn check(world: &World, change: Change) {
    let before = world.sizes();
    let cookie = world.sign_in(change.role).await;
    let told = world
        .send(Method::POST, &change.path, &cookie, change.form)
        .await;
    wait(world, &told, &cookie).await;
    assert!(
        told.status.is_redirection() || told.status.is_success(),
        "{}: {} {}",
        change.path,
        told.status,
        told.body
    );
    let actors: BTreeSet<String> = world.actors_since(before).into_iter().collect();
    assert_eq!(
        actors,
        [change.role.as_str().replace('_', "-")].into(),
        "{}",
        change.path
    );
}

#[tokio::test]
async fn every_change_is_in_the_ledger_with_its_actor() {
    let world = World::new();
    let mut told: BTreeSet<&str> = UNAUDITED.iter().map(|(route, _)| *route).collect();
    told.insert("/ledger/{index}/undo");
    for change in changes(&world) {
        told.insert(change.route);
        check(&world, change).await;
    }
    undo(&world).await;
    let routes = tickmark_web::routes()
        .into_iter()
        .filter(|route| route.method == Method::POST);
    let missing: Vec<&str> = routes
        .map(|route| route.path)
        .filter(|path| !told.contains(path))
        .collect();
    assert!(
        missing.is_empty(),
        "no test shows that these are in the ledger: {missing:?}"
    );
}

/// Puts back what was before the last change of a file: a new entry.
async fn undo(world: &World) {
    let state = world.state();
    let calendars = state.program.files()["calendars.toml"].text.clone();
    let subject = tickmark_program::ProgramEvent::file_removed("calendars.toml").subject();
    let last = state.journal.about(&[subject]).next().unwrap().index;
    let cookie = world.sign_in(Role::Owner).await;
    let told = world
        .send(
            Method::POST,
            &format!("/ledger/{last}/undo"),
            &cookie,
            form(""),
        )
        .await;
    assert!(told.status.is_redirection(), "{}", told.body);
    let after = world.state().program.files()["calendars.toml"].text.clone();
    assert_eq!(format!("# note\n{after}"), calendars);
}

#[tokio::test]
async fn nobody_approves_their_own_proposal() {
    let world = World::new();
    let proposal = changes(&world)
        .into_iter()
        .find(|it| it.route == "/policies/{id}/draft")
        .unwrap();
    let digest = tickmark_catalog::Sha256Hex::of(
        world.state().program.files()["policies/access-control.md"]
            .text
            .replace("version = ", "# new\nversion = ")
            .as_bytes(),
    );
    check(&world, proposal).await;
    let cookie = world.sign_in(Role::ComplianceManager).await;
    let before = world.sizes();
    let told = world
        .send(
            Method::POST,
            "/policies/access-control/approve",
            &cookie,
            form(&format!("sha256={digest}")),
        )
        .await;
    assert_eq!(told.status.as_u16(), 422);
    assert!(
        told.body
            .contains("who proposed a policy does not approve it"),
        "{}",
        told.body
    );
    assert_eq!(world.sizes(), before);

    // Someone else does, and the text says on what day.
    let approval = changes(&world)
        .into_iter()
        .find(|it| it.route == "/policies/{id}/approve")
        .unwrap();
    check(&world, approval).await;
    let state = world.state();
    let text = &state.program.files()["policies/access-control.md"].text;
    assert!(text.contains("\napproved_on = 2026-07-02\n"), "{text}");
    assert!(text.contains("# new\nversion = "), "{text}");
    assert!(
        state
            .program
            .draft_of("policies/access-control.md")
            .is_none()
    );
    let (company, _) = world.sizes();
    let kinds: Vec<String> = (before.0..company)
        .map(|index| state.journal.line(index).unwrap().kind.to_owned())
        .filter(|kind| kind.starts_with("program."))
        .collect();
    assert_eq!(kinds, ["program.draft_approved/1", "program.file_set/1"]);
}

#[tokio::test]
async fn what_is_not_what_its_name_says_is_refused() {
    let world = World::new();
    let cookie = world.sign_in(Role::ComplianceManager).await;
    let before = world.sizes();
    let page = upload(
        "file",
        "minutes.pdf",
        "<html><script>x</script></html>",
        &[
            ("title", "Minutes"),
            ("dated", "2026-06-01"),
            ("controls", "TM-001"),
        ],
    );
    let told = world
        .send(Method::POST, "/evidence/documents", &cookie, page)
        .await;
    assert_eq!(told.status.as_u16(), 422);
    assert_eq!(world.sizes(), before);
}

#[tokio::test]
async fn an_export_becomes_a_population_in_three_steps() {
    let world = World::new();
    let cookie = world.sign_in(Role::ComplianceManager).await;
    let export = "Person ID;Full name;Email;Employment type;Last day\nE7;Ada Vane;ada@example.com;employee;31.03.2026\nE8;Bo Lind;bo@example.com;employee;30.04.2026\n";
    let told = world
        .send(
            Method::POST,
            "/evidence/exports",
            &cookie,
            upload("export", "leavers.csv", export, &[("dataset", "leavers")]),
        )
        .await;
    assert!(
        told.location.starts_with("/evidence/exports/"),
        "{} {}",
        told.status,
        told.body
    );
    let wizard = told.location;
    let page = world.get(&wizard, &cookie).await;
    assert!(
        page.body.contains("<option value=\"Last day\" selected>"),
        "{}",
        page.body
    );
    let columns = [
        "Person ID",
        "Full name",
        "Email",
        "Employment type",
        "Last day",
        "",
    ];
    let from: String = columns
        .iter()
        .map(|it| format!("&from={}", it.replace(' ', "+")))
        .collect();
    let fields = format!(
        "then=preview&id=hr-leavers&system=HR&request=all+leavers&observed_at=2026-07-01T09:00{from}"
    );
    let preview = world
        .send(Method::POST, &wizard, &cookie, form(&fields))
        .await;
    assert!(
        preview.body.contains("2 rows, none of them bad."),
        "{}",
        preview.body
    );
    let before = world.sizes();
    let imported = world
        .send(
            Method::POST,
            &wizard,
            &cookie,
            form(&fields.replace("then=preview", "then=import")),
        )
        .await;
    wait(&world, &imported, &cookie).await;
    assert!(
        world
            .actors_since(before)
            .iter()
            .all(|actor| actor == "compliance-manager")
    );
    assert_eq!(
        world
            .state()
            .evidence
            .current_of("leavers", "hr-leavers")
            .unwrap()
            .row_count,
        2
    );
}

#[tokio::test]
async fn the_first_start_records_a_program() {
    let world = World::without_program();
    let cookie = world.sign_in(Role::Owner).await;
    let page = world.get("/", &cookie).await;
    assert!(page.body.contains("Set up the program"), "{}", page.body);
    let before = world.sizes();
    let company = "name=Acme+Inc.&headquarters=Bonn&employees=12&time_zone=Europe%2FBerlin&signatory_title=CEO&system=Acme&services=Acme+Cloud&start=2026-01-01&end=2026-12-31";
    let wrong = world
        .send(
            Method::POST,
            "/welcome",
            &cookie,
            form(
                &company
                    .replace("Europe%2FBerlin", "Bonn")
                    .replace("12&", "x&"),
            ),
        )
        .await;
    assert_eq!(wrong.status.as_u16(), 422);
    for told in [
        "<code>Bonn</code> is no time zone",
        "how many people there are is missing",
        "value=\"Acme Inc.\"",
    ] {
        assert!(wrong.body.contains(told), "{told}: {}", wrong.body);
    }
    assert_eq!(world.sizes(), before);
    let fields = format!("{company}&category=availability&control=TM-001&control=TM-037");
    let told = world
        .send(Method::POST, "/welcome", &cookie, form(&fields))
        .await;
    assert_eq!(told.location, "/welcome/next", "{}", told.body);
    assert!(
        world
            .actors_since(before)
            .iter()
            .all(|actor| actor == "owner")
    );
    let program = world.state().program().unwrap();
    assert_eq!(program.controls.len(), 2);
    assert_eq!(program.organization.time_zone, "Europe/Berlin");
    let next = world.get("/welcome/next", &cookie).await;
    assert!(next.body.contains("Import the people"), "{}", next.body);
}
