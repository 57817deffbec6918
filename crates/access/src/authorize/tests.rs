//! Every role, action and resource as one table; tokens; policies that misfit.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::*;
use crate::entrance::testing::id;

/// A column of the table: someone who acts.
struct Column {
    title: &'static str,
    side: Side,
    role: Role,
}

const COLUMNS: [Column; 11] = [
    column("own", Side::Company, Role::Owner),
    column("cmp", Side::Company, Role::ComplianceManager),
    column("ctl", Side::Company, Role::ControlOwner),
    column("emp", Side::Company, Role::Employee),
    column("rdo", Side::Company, Role::ReadOnly),
    // Guests of the company.
    column("ptr", Side::Company, Role::Partner),
    column("mgr", Side::Company, Role::Manager),
    column("stf", Side::Company, Role::Staff),
    // At home.
    column("PTR", Side::Firm, Role::Partner),
    column("MGR", Side::Firm, Role::Manager),
    column("STF", Side::Firm, Role::Staff),
];

const fn column(title: &'static str, side: Side, role: Role) -> Column {
    Column { title, side, role }
}

fn principal(side: Side, role: Role) -> Principal {
    Principal {
        side,
        account: id("anna"),
        role,
        functions: ["Head of People".to_owned()].into(),
        scopes: None,
    }
}

/// What is acted on, with the name of its row.
fn resources<'a>(own: &'a AccountId, other: &'a AccountId) -> [(&'static str, Resource<'a>); 6] {
    let control = |owner_role| Resource::Control { owner_role };
    [
        ("company", Resource::Company),
        ("firm", Resource::Firm),
        ("own control", control("Head of People")),
        ("other control", control("Head of Engineering")),
        ("own account", Resource::Account { id: own }),
        ("other account", Resource::Account { id: other }),
    ]
}

/// Rows in which anyone may do anything; all others are refusals.
fn table(authorizer: &Authorizer, scopes: Option<&BTreeSet<Scope>>) -> String {
    let (own, other) = (id("anna"), id("berta"));
    let titles: Vec<&str> = COLUMNS.iter().map(|column| column.title).collect();
    let mut table = format!("{:38} {}\n", "", titles.join(" "));
    for action in Action::ALL {
        for (name, resource) in resources(&own, &other) {
            let cells = COLUMNS.map(|column| {
                let mut principal = principal(column.side, column.role);
                principal.scopes = scopes.cloned();
                authorizer.decide(&principal, *action, resource).allowed
            });
            if cells.contains(&true) {
                let marks = cells.map(|allowed| if allowed { " x " } else { " . " });
                let row = format!("{action:24} {name:13}");
                writeln!(table, "{row:38} {}", marks.join(" ").trim_end()).unwrap();
            }
        }
    }
    table
}

#[test]
fn the_whole_table() {
    let authorizer = Authorizer::new().unwrap();
    insta::assert_snapshot!(table(&authorizer, None), @r#"
                                           own cmp ctl emp rdo ptr mgr stf PTR MGR STF
    view_program             company        x   x   x   .   x   x   x   x   x   x   x
    view_program             own control    x   x   x   .   x   x   x   x   x   x   x
    view_program             other control  x   x   x   .   x   x   x   x   x   x   x
    view_people              company        x   x   .   .   x   x   x   x   x   x   x
    view_people              firm           .   .   .   .   .   .   .   .   x   x   x
    view_policies            company        x   x   x   x   x   x   x   x   x   x   x
    view_own_account         own account    x   x   x   x   x   x   x   x   x   x   x
    view_engagement          firm           .   .   .   .   .   .   .   .   x   x   x
    view_report              company        x   x   .   .   x   x   x   x   x   x   x
    view_report              firm           .   .   .   .   .   .   .   .   x   x   x
    edit_program             company        x   x   .   .   .   .   .   .   .   .   .
    edit_control             company        x   x   .   .   .   .   .   .   .   .   .
    edit_control             own control    x   x   x   .   .   .   .   .   .   .   .
    edit_control             other control  x   x   .   .   .   .   .   .   .   .   .
    save_test                company        x   x   .   .   .   .   .   .   .   .   .
    respond_to_deviation     company        x   x   .   .   .   .   .   .   .   .   .
    upload_evidence          company        x   x   .   .   .   .   .   .   .   .   .
    upload_evidence          own control    x   x   x   .   .   .   .   .   .   .   .
    upload_evidence          other control  x   x   .   .   .   .   .   .   .   .   .
    import_population        company        x   x   .   .   .   .   .   .   .   .   .
    reconcile                company        x   x   .   .   .   .   .   .   .   .   .
    sign_checkpoint          company        x   x   .   .   .   .   .   .   .   .   .
    make_package             company        x   x   .   .   .   .   .   .   .   .   .
    run_tests                company        x   x   x   .   .   .   .   .   .   .   .
    run_unsaved_sql          company        x   x   .   .   .   x   x   x   x   x   x
    acknowledge_policy       company        x   x   x   x   x   .   .   .   .   .   .
    approve_policy           company        x   x   .   .   .   .   .   .   .   .   .
    manage_access            company        x   .   .   .   .   .   .   .   .   .   .
    manage_access            firm           .   .   .   .   .   .   .   .   x   .   .
    manage_settings          company        x   .   .   .   .   .   .   .   .   .   .
    manage_settings          firm           .   .   .   .   .   .   .   .   x   .   .
    manage_webhooks          company        x   .   .   .   .   .   .   .   .   .   .
    manage_webhooks          firm           .   .   .   .   .   .   .   .   x   .   .
    manage_keys              company        x   .   .   .   .   .   .   .   .   .   .
    manage_keys              firm           .   .   .   .   .   .   .   .   x   .   .
    manage_own_credentials   own account    x   x   x   x   x   x   x   x   x   x   x
    manage_own_tokens        own account    x   x   x   .   x   x   x   x   x   x   x
    "#);
}

#[test]
fn a_token_with_every_scope_never_stands_in_for_a_person() {
    let authorizer = Authorizer::new().unwrap();
    let scopes = Scope::ALL.iter().copied().collect();
    insta::assert_snapshot!(table(&authorizer, Some(&scopes)), @r#"
                                           own cmp ctl emp rdo ptr mgr stf PTR MGR STF
    view_program             company        x   x   x   .   x   x   x   x   x   x   x
    view_program             own control    x   x   x   .   x   x   x   x   x   x   x
    view_program             other control  x   x   x   .   x   x   x   x   x   x   x
    view_people              company        x   x   .   .   x   x   x   x   x   x   x
    view_people              firm           .   .   .   .   .   .   .   .   x   x   x
    view_policies            company        x   x   x   x   x   x   x   x   x   x   x
    view_own_account         own account    x   x   x   x   x   x   x   x   x   x   x
    view_engagement          firm           .   .   .   .   .   .   .   .   x   x   x
    view_report              company        x   x   .   .   x   x   x   x   x   x   x
    view_report              firm           .   .   .   .   .   .   .   .   x   x   x
    edit_program             company        x   x   .   .   .   .   .   .   .   .   .
    edit_control             company        x   x   .   .   .   .   .   .   .   .   .
    edit_control             own control    x   x   x   .   .   .   .   .   .   .   .
    edit_control             other control  x   x   .   .   .   .   .   .   .   .   .
    save_test                company        x   x   .   .   .   .   .   .   .   .   .
    respond_to_deviation     company        x   x   .   .   .   .   .   .   .   .   .
    upload_evidence          company        x   x   .   .   .   .   .   .   .   .   .
    upload_evidence          own control    x   x   x   .   .   .   .   .   .   .   .
    upload_evidence          other control  x   x   .   .   .   .   .   .   .   .   .
    import_population        company        x   x   .   .   .   .   .   .   .   .   .
    reconcile                company        x   x   .   .   .   .   .   .   .   .   .
    sign_checkpoint          company        x   x   .   .   .   .   .   .   .   .   .
    make_package             company        x   x   .   .   .   .   .   .   .   .   .
    run_tests                company        x   x   x   .   .   .   .   .   .   .   .
    run_unsaved_sql          company        x   x   .   .   .   x   x   x   x   x   x
    "#);
}

#[test]
fn a_token_without_a_scope_can_do_nothing() {
    let authorizer = Authorizer::new().unwrap();
    let table = table(&authorizer, Some(&BTreeSet::new()));
    assert_eq!(table.lines().count(), 1, "{table}");
}

#[test]
fn each_scope_is_good_for_its_own_actions() {
    let authorizer = Authorizer::new().unwrap();
    let mut table = String::new();
    for scope in Scope::ALL {
        let mut owner = principal(Side::Company, Role::Owner);
        owner.scopes = Some([*scope].into());
        let account = owner.account.clone();
        let own = Resource::Account { id: &account };
        let may = |action: &&Action| {
            [Resource::Company, own]
                .iter()
                .any(|resource| authorizer.decide(&owner, **action, *resource).allowed)
        };
        let actions: Vec<&str> = Action::ALL
            .iter()
            .filter(may)
            .map(|it| it.as_str())
            .collect();
        writeln!(table, "{scope}: {}", actions.join(", ")).unwrap();
    }
    insta::assert_snapshot!(table, @r#"
    read: view_program, view_people, view_policies, view_own_account, view_report
    write_program: edit_program, edit_control, save_test, respond_to_deviation
    write_evidence: upload_evidence, import_population, reconcile, sign_checkpoint, make_package
    run_tests: run_tests, run_unsaved_sql
    "#);
}

#[test]
fn a_company_role_has_no_place_in_the_firms_realm() {
    let authorizer = Authorizer::new().unwrap();
    let (own, other) = (id("anna"), id("berta"));
    for role in Role::ALL.iter().filter(|role| role.side() == Side::Company) {
        for action in Action::ALL {
            for (name, resource) in resources(&own, &other) {
                let decision = authorizer.decide(&principal(Side::Firm, *role), *action, resource);
                assert!(!decision.allowed, "{role} {action} {name}");
            }
        }
    }
}

#[test]
fn a_decision_names_the_policies_that_made_it() {
    let authorizer = Authorizer::new().unwrap();
    let check = |principal: &Principal, action, resource, expected| {
        let decision = authorizer.decide(principal, action, resource);
        let told = format!("{} {}", decision.allowed, decision.policies.join(" "));
        assert_eq!(told, expected, "{action}");
    };
    let owner = principal(Side::Company, Role::Owner);
    let runs = "true program-is-run-by-owner-and-compliance-manager";
    check(&owner, Action::EditProgram, Resource::Company, runs);
    let closed = "false firm-is-closed-to-other-realms";
    check(&owner, Action::ViewEngagement, Resource::Firm, closed);
    // An action that does not go with the resource.
    check(&owner, Action::EditProgram, Resource::Firm, "false ");

    let guest = principal(Side::Company, Role::Partner);
    let changes = "false auditor-changes-nothing-of-the-company";
    check(&guest, Action::EditProgram, Resource::Company, changes);
    check(&guest, Action::ManageAccess, Resource::Firm, closed);
    let partner = principal(Side::Firm, Role::Partner);
    let manages = "true firm-is-managed-by-its-partner";
    check(&partner, Action::ManageAccess, Resource::Firm, manages);

    let by_token = Principal {
        scopes: Some([].into()),
        ..owner
    };
    let scopeless = "false token-reads-with-scope-only";
    check(&by_token, Action::ViewProgram, Resource::Company, scopeless);
}

#[test]
fn a_remembered_decision_is_the_one_made_anew() {
    let warm = Authorizer::new().unwrap();
    let (own, other) = (id("anna"), id("berta"));
    for _ in 0..2 {
        for column in &COLUMNS {
            for action in [
                Action::EditControl,
                Action::ViewOwnAccount,
                Action::ManageAccess,
            ] {
                for (name, resource) in resources(&own, &other) {
                    for function in ["Head of People", "Head of Engineering"] {
                        let mut principal = principal(column.side, column.role);
                        principal.functions = [function.to_owned()].into();
                        let question = Question::new(&principal, action, resource);
                        let anew = warm.evaluate(&question).map(|it| it.allowed);
                        let decision = warm.decide(&principal, action, resource);
                        assert_eq!(decision.allowed, anew.unwrap_or(false), "{action} {name}");
                    }
                }
            }
        }
    }
}

#[test]
fn policies_that_misfit_are_refused() {
    let permit = |condition: &str| {
        format!(
            "@id(\"it\") permit (principal, action == Action::\"edit_control\", resource is Control) when {{ {condition} }};"
        )
    };
    Authorizer::with(
        SCHEMA,
        &permit("principal.functions.contains(resource.owner_role)"),
    )
    .unwrap();
    for broken in [
        permit("principal.functions.contains(resource.owner_roles)"),
        permit("principal.rank == Role::\"owner\""),
        permit("principal.role == Role::\"boss\""),
        permit("principal.scopes.contains(\"read\")"),
        permit("principal.role == Role::\"owner\"").replace("edit_control", "edit_controls"),
        permit("principal.by_token").replace("@id(\"it\")", ""),
        permit("principal.by_token").repeat(2),
        "permit".to_owned(),
    ] {
        let problem = Authorizer::with(SCHEMA, &broken).unwrap_err();
        assert!(
            problem.message.contains("access polic"),
            "{broken}: {problem}"
        );
    }
}

#[test]
fn every_action_is_in_the_schema_and_in_a_policy() {
    for action in Action::ALL {
        assert!(SCHEMA.contains(&format!("action {action} in")), "{action}");
        assert!(
            POLICIES.contains(&format!("Action::\"{action}\"")),
            "{action}"
        );
    }
}
