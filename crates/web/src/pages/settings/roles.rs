//! What each role may do, as the policies decide it.
//!
//! What must hold: nothing here is written down a second time; each mark is asked
//! of the authorizer that asks for every request.

use axum::response::Response;
use maud::{Markup, html};
use tickmark_access::{Action, Principal, Resource, Role, Side};

use super::side;
use crate::fault::Answer;
use crate::frame::{Shown, head};
use crate::parts::icon_small;
use crate::strings::t;
use crate::visit::Visit;

/// How far a role may do something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum May {
    Always,
    OnOwn,
    Never,
}

/// The page.
pub async fn show(visit: Visit) -> Answer<Response> {
    let side = side(&visit)?;
    let roles: Vec<Role> = Role::ALL
        .iter()
        .copied()
        .filter(|role| role.may_enter(side))
        .collect();
    let mut rows = Vec::new();
    for action in Action::ALL {
        let cells = roles.iter().map(|role| may(&visit, side, *role, *action));
        let cells = cells.collect::<Answer<Vec<May>>>()?;
        if cells.iter().any(|it| *it != May::Never) {
            rows.push((words(*action), cells));
        }
    }
    let body = html! {
        (head(t!("What each role may do"), html! { (t!("As the policies decide it for every page and every request.")) }, html! {}))
        section.card { div.scroll tabindex="0" role="region" aria-label=(t!("Table")) { table.tbl {
            thead { tr { th scope="col" { (t!("Action")) } @for role in &roles { th scope="col" { (role.title()) } } } }
            tbody { @for (action, cells) in &rows { tr { td { (action) } @for cell in cells { td.nowrap { (mark(*cell)) } } } } }
        } } }
    };
    Ok(Shown::new(t!("What each role may do"), body)
        .below("/settings", t!("Settings"))
        .in_frame(&visit))
}

fn may(visit: &Visit, side: Side, role: Role, action: Action) -> Answer<May> {
    const ANSWERS_FOR: &str = "own";
    let account = visit.signed_in()?.principal.account.clone();
    let principal = Principal {
        side,
        account: account.clone(),
        role,
        functions: [ANSWERS_FOR.to_owned()].into(),
        scopes: None,
    };
    let allows = |resource| {
        let decision = visit
            .app()
            .authorizer()
            .decide(&principal, action, resource);
        decision.allowed
    };
    let realm = match side {
        Side::Company => Resource::Company,
        Side::Firm => Resource::Firm,
    };
    let own_control = Resource::Control {
        owner_role: ANSWERS_FOR,
    };
    Ok(
        if allows(realm) || allows(Resource::Company) || allows(Resource::Account { id: &account })
        {
            May::Always
        } else if allows(own_control) {
            May::OnOwn
        } else {
            May::Never
        },
    )
}

fn mark(may: May) -> Markup {
    match may {
        May::Always => html! { (icon_small("check")) span.vh { (t!("yes")) } },
        May::OnOwn => html! { (t!("own controls")) },
        May::Never => html! { span.mut { "–" } span.vh { (t!("no")) } },
    }
}

fn words(action: Action) -> &'static str {
    match action {
        Action::ViewProgram => t!("See the program, its evidence and the ledger"),
        Action::ViewPeople => t!("See the people"),
        Action::ViewPolicies => t!("Read the policies"),
        Action::ViewOwnAccount => t!("See the own account"),
        Action::ViewEngagement => t!("See the engagement"),
        Action::ViewReport => t!("Read the report"),
        Action::EditProgram => t!("Change the program"),
        Action::EditControl => t!("Change a control"),
        Action::SaveTest => t!("Save a control test"),
        Action::RespondToDeviation => t!("Answer a deviation"),
        Action::UploadEvidence => t!("Hand in a document"),
        Action::ImportPopulation => t!("Import a population"),
        Action::Reconcile => t!("Reconcile populations"),
        Action::SignCheckpoint => t!("Sign a checkpoint"),
        Action::MakePackage => t!("Make the package for the firm"),
        Action::RunTests => t!("Run control tests"),
        Action::RunUnsavedSql => t!("Use the workbench"),
        Action::AcknowledgePolicy => t!("Acknowledge a policy"),
        Action::ApprovePolicy => t!("Approve a policy"),
        Action::ManageAccess => t!("Say who may come in"),
        Action::ManageSettings => t!("Change settings"),
        Action::ManageWebhooks => t!("Manage webhooks"),
        Action::ManageKeys => t!("Rotate keys"),
        Action::ManageOwnCredentials => t!("Change the own password and second factors"),
        Action::ManageOwnTokens => t!("Issue own API tokens"),
    }
}
