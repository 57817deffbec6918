//! What the commands refuse, and what they say.

use super::*;
use crate::entrance::testing::{after, id, profile, record, start};

/// The first line and the hint of a refusal; `ok` when there is none.
fn told(result: Result<AccessEvent, Problem>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(problem) => format!("{} | {}", problem.message, problem.hint.unwrap_or_default()),
    }
}

/// `anna` is the active head, `berta` is invited.
fn realm(side: Side) -> AccessState {
    let mut state = AccessState::default();
    let anna = state
        .add(side, &id("a1"), &profile("anna", side.head()))
        .unwrap();
    let berta = state
        .add(side, &id("b1"), &profile("berta", side.head()))
        .unwrap();
    record(
        &mut state,
        &[anna, AccessEvent::activated(&id("a1")), berta],
        start(),
    );
    state
}

#[test]
fn accounts_are_added_with_an_address_of_their_own_and_a_fitting_role() {
    let state = realm(Side::Company);
    let add =
        |account: &str, profile: &Profile| told(state.add(Side::Company, &id(account), profile));
    let firm = realm(Side::Firm);
    let add_to_firm = |role| told(firm.add(Side::Firm, &id("c1"), &profile("carla", role)));
    let taken = Profile {
        email: "ANNA@fernhollow.example".into(),
        ..profile("carla", Role::Staff)
    };
    let malformed = Profile {
        email: "carla".into(),
        ..profile("carla", Role::Staff)
    };
    let lines = [
        add("c1", &profile("carla", Role::Employee)),
        add("c1", &profile("carla", Role::Partner)),
        add("a1", &profile("carla", Role::Employee)),
        add("c1", &taken),
        add("c1", &malformed),
        add_to_firm(Role::Manager),
        add_to_firm(Role::Owner),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    ok
    ok
    there already is an account `a1` | choose another id
    `ANNA@fernhollow.example` is the address of anna, account `a1` | change that account, or use another address
    `carla` is not an e-mail address | write it like `anna@example.com`
    ok
    role `owner` is the company's, and this realm is the firm's | choose one of `partner`, `manager`, `staff`
    "#);
}

#[test]
fn the_last_head_stays() {
    for side in Side::ALL {
        let (side, other) = (
            *side,
            if *side == Side::Company {
                Role::Partner
            } else {
                Role::Staff
            },
        );
        let mut state = realm(side);
        let demoted = profile("anna", other);
        let refused = [
            state.close(side, &id("a1")),
            state.change(side, &id("a1"), &demoted),
        ];
        for refused in refused {
            let problem = refused.unwrap_err();
            assert_eq!(
                problem.message,
                format!("anna is the last active {}", side.head())
            );
        }
        // Someone who is only invited is no head yet; once active, anna may go.
        assert_eq!(told(state.close(side, &id("b1"))), "ok");
        assert_eq!(
            told(state.change(side, &id("b1"), &profile("berta", other))),
            "ok"
        );
        record(&mut state, &[AccessEvent::activated(&id("b1"))], start());
        assert_eq!(told(state.close(side, &id("a1"))), "ok");
        assert_eq!(told(state.change(side, &id("a1"), &demoted)), "ok");
        let renamed = Profile {
            name: "Anna B".into(),
            ..profile("anna", side.head())
        };
        assert_eq!(told(state.change(side, &id("a1"), &renamed)), "ok");
    }
}

#[test]
fn an_account_is_closed_and_opened_in_turn() {
    let mut state = realm(Side::Company);
    let closed = state.close(Side::Company, &id("b1")).unwrap();
    record(&mut state, &[closed], start());
    let again = Profile {
        email: "berta@fernhollow.example".into(),
        ..profile("berta-two", Role::Employee)
    };
    let lines = [
        told(state.close(Side::Company, &id("b1"))),
        told(state.reopen(&id("b1"))),
        told(state.reopen(&id("a1"))),
        told(state.activate(&id("a1"))),
        told(state.activate(&id("b1"))),
        told(state.close(Side::Company, &id("z9"))),
        told(state.invite(&id("b1"), after(60))),
        told(state.add(Side::Company, &id("b2"), &again)),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    the account of berta is closed | load the page anew to see what can be done with it
    ok
    the account of anna is active | load the page anew to see what can be done with it
    the account of anna is active | load the page anew to see what can be done with it
    the account of berta is closed | load the page anew to see what can be done with it
    there is no account `z9` | look for it in the list of accounts
    the account of berta is closed | load the page anew to see what can be done with it
    `berta@fernhollow.example` is the address of berta, account `b1` | reopen that account
    "#);
}

#[test]
fn a_token_has_a_title_a_scope_and_an_end() {
    let state = realm(Side::Company);
    let token: TokenId = "t1".parse().unwrap();
    let day = 24 * 3600;
    let issue = |account: &str, title, scopes: &[Scope], seconds| {
        let scopes = scopes.iter().copied().collect();
        told(state.issue_token(
            &token,
            &id(account),
            title,
            &scopes,
            after(seconds),
            start(),
        ))
    };
    let lines = [
        issue("a1", "CI", &[Scope::Read], 366 * day),
        issue("a1", "CI", &[Scope::Read], 366 * day + 1),
        issue("a1", "CI", &[Scope::Read], 0),
        issue("a1", "CI", &[], day),
        issue("a1", " ", &[Scope::Read], day),
        issue("b1", "CI", &[Scope::Read], day),
        issue("z9", "CI", &[Scope::Read], day),
        told(state.revoke_token(&token)),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    ok
    the token would live too long | choose a day within the next 366 days
    the token would expire in the past | choose a later day
    a token without a scope can do nothing | choose at least one of `read`, `write_program`, `write_evidence`, `run_tests`
    the title is empty | write a title
    the account of berta is invited | load the page anew to see what can be done with it
    there is no account `z9` | look for it in the list of accounts
    there is no token `t1` to revoke | it may have been revoked already; load the page anew
    "#);
}

#[test]
fn a_webhook_posts_over_tls_and_holds_no_password() {
    let state = realm(Side::Company);
    let webhook: WebhookId = "w1".parse().unwrap();
    let kinds: BTreeSet<String> = ["control_tests.run_recorded/1".to_owned()].into();
    let set = |url| told(state.set_webhook(&webhook, url, &kinds));
    let lines = [
        set("https://hooks.example.com/tickmark"),
        set("http://127.0.0.1:9000/hook"),
        set("http://hooks.example.com/"),
        set("ftp://hooks.example.com/"),
        set("https://user:pass@hooks.example.com/"),
        set("hooks.example.com"),
        told(state.set_webhook(&webhook, "https://hooks.example.com", &[].into())),
        told(state.remove_webhook(&webhook)),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    ok
    ok
    a webhook cannot post to that address: it does not start with `https://` | write it like `https://hooks.example.com/tickmark`
    a webhook cannot post to that address: it does not start with `https://` | write it like `https://hooks.example.com/tickmark`
    a webhook cannot post to that address: it holds a password, and the address is recorded | write it like `https://hooks.example.com/tickmark`
    a webhook cannot post to that address: relative URL without a base | write it like `https://hooks.example.com/tickmark`
    the webhook would post nothing | choose at least one kind of event
    there is no webhook `w1` | it may have been removed already; load the page anew
    "#);
}
