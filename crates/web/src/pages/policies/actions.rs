//! Changing a policy: someone proposes a text, someone else approves it, and
//! everyone acknowledges the text in force.
//!
//! What must hold: nobody approves their own proposal; an acknowledgement names
//! the digest of the text that was read, and counts for that text alone.

use axum::response::Response;
use axum_extra::extract::Form;
use maud::{Markup, html};
use serde::Deserialize;
use tickmark_access::Action;
use tickmark_catalog::Sha256Hex;
use tickmark_program::Policy;

use super::{difference, file_of, found, recorded_file};
use crate::fault::Answer;
use crate::format;
use crate::frame::{Shown, head};
use crate::guard::{again, see};
use crate::parts::{self, Tone, icon};
use crate::strings::{t, tn};
use crate::visit::Visit;

/// What is going on with a policy: a proposal to approve, who acknowledged it.
///
/// # Errors
/// When this server holds no company.
pub fn state(visit: &Visit, policy: &Policy) -> Answer<Markup> {
    Ok(html! { (proposal(visit, policy)?) (acknowledgements(visit, policy)?) })
}

fn proposal(visit: &Visit, policy: &Policy) -> Answer<Markup> {
    let program = &visit.picture()?.state.program;
    let Some(draft) = program.draft_of(&file_of(policy)) else {
        return Ok(html! {});
    };
    if !visit.may(Action::ApprovePolicy) {
        return Ok(html! {});
    }
    let is_own = visit.actor()? == draft.by;
    let in_force = recorded_file(visit, policy)?;
    let base = format!("/policies/{}", policy.id);
    Ok(html! {
        section.card.split {
            header {
                div { h2 { (t!("Proposed text")) } p { (visit.name_of(&draft.by)) " · " (format::instant(draft.at, &visit.zone())) } }
                @if visit.shows_past().is_none() { div.row.wrap {
                    form method="post" action={ (base) "/discard" } { button.btn type="submit" { (icon("trash-2")) (t!("Discard")) } }
                    @if !is_own { form method="post" action={ (base) "/approve" } {
                        input type="hidden" name="sha256" value=(draft.sha256);
                        button.btn.primary type="submit" { (icon("stamp")) (t!("Approve")) }
                    } }
                } }
            }
            @if is_own { p.none { (t!("You proposed it, so someone else approves it.")) } }
            div.body { (difference(&in_force.text, &draft.text)) }
        }
    })
}

fn acknowledgements(visit: &Visit, policy: &Policy) -> Answer<Markup> {
    let file = recorded_file(visit, policy)?;
    let program = &visit.picture()?.state.program;
    let all = program.acknowledged(&file.sha256);
    let count = all.clone().count();
    let (shown, links) = crate::listing::paged(visit, all);
    let mine = program.acknowledged_by(&file.sha256, &visit.actor()?);
    let may = visit.may(Action::AcknowledgePolicy) && visit.shows_past().is_none();
    Ok(html! {
        @match mine {
            Some(at) => (parts::note(Tone::Ok, html! { (t!("You acknowledged this text on {at}.", at = format::instant(at, &visit.zone()))) })),
            None if may => div.note.brand { (icon("book-open-check")) div.row.wrap {
                span { (t!("Read the text, then say that you have and will keep to it.")) }
                form method="post" action={ "/policies/" (policy.id) "/acknowledge" } {
                    input type="hidden" name="sha256" value=(file.sha256);
                    button.btn.primary type="submit" { (t!("I acknowledge it")) }
                }
            } },
            None => {}
        }
        @if visit.may(Action::ViewPeople) && count > 0 {
            details open[visit.asked("page").is_some()] { summary { (tn!(count, "{n} account acknowledged this text", "{n} accounts acknowledged this text")) }
                ul.plain { @for (by, at) in shown { li { (visit.name_of(by)) " · " (format::instant(at, &visit.zone())) } } }
                (links) }
        }
    })
}

/// The editor: the text in force, or the one proposed.
pub async fn editor(visit: Visit) -> Answer<Response> {
    let policy = found(&visit)?;
    let in_force = &recorded_file(&visit, policy)?.text;
    let program = &visit.picture()?.state.program;
    let text = program
        .draft_of(&file_of(policy))
        .map_or(in_force, |draft| &draft.text);
    Ok(editor_page(&visit, policy, text, html! {}))
}

fn editor_page(visit: &Visit, policy: &Policy, text: &str, above: Markup) -> Response {
    let base = format!("/policies/{}", policy.id);
    let body = html! {
        (head(&policy.title, html! { (t!("Someone else approves what you propose; until then the text in force stays.")) }, html! {}))
        (above)
        form.form.wide method="post" action={ (base) "/draft" } {
            (parts::field("text", t!("The file"), t!("Between the lines of plus signs: version, approval and the controls that carry it out. Below: the policy in Markdown."),
                html! { textarea #text.editor.prose name="text" rows="28" spellcheck="true" aria-describedby="text-hint" { (text) } }))
            div.row.wrap {
                button.btn type="submit" name="then" value="preview" { (icon("eye")) (t!("Preview")) }
                button.btn.primary type="submit" name="then" value="propose" { (icon("check")) (t!("Propose")) }
            }
        }
    };
    Shown::new(t!("Propose a change"), body)
        .below("/policies", t!("Policies"))
        .below(base, policy.title.clone())
        .in_frame(visit)
}

/// What the editor sends.
#[derive(Deserialize)]
pub struct DraftForm {
    text: String,
    #[serde(default)]
    then: String,
}

/// Proposes a text, or shows what it would change.
pub async fn draft(visit: Visit, Form(form): Form<DraftForm>) -> Answer<Response> {
    let policy = found(&visit)?.clone();
    let path = file_of(&policy);
    // Browsers send line ends of their own.
    let text = form.text.replace("\r\n", "\n");
    if form.then == "preview" {
        let in_force = recorded_file(&visit, &policy)?.text.clone();
        let body = text
            .rsplit_once("+++\n")
            .map_or(text.as_str(), |(_, body)| body);
        let above = html! {
            (parts::card(t!("What changes"), html! {}, difference(&in_force, &text)))
            (parts::card(t!("How it reads"), html! {}, crate::markdown::render(body)))
        };
        return Ok(editor_page(&visit, &policy, &text, above));
    }
    let actor = visit.actor()?;
    let (drafted, file) = (text.clone(), path.clone());
    match visit
        .company()?
        .command(move |company| company.draft_policy(&actor, &file, &drafted))
        .await
    {
        Ok(_) => Ok(see(&format!("/policies/{}", policy.id))),
        Err(fault) => again(fault, |above| {
            Ok(editor_page(&visit, &policy, &text, above))
        }),
    }
}

/// Names the text that was read.
#[derive(Deserialize)]
pub struct DigestForm {
    sha256: Sha256Hex,
}

/// Puts the proposed text in force.
pub async fn approve(visit: Visit, Form(form): Form<DigestForm>) -> Answer<Response> {
    let policy = found(&visit)?;
    let (actor, path) = (visit.actor()?, file_of(policy));
    visit
        .company()?
        .command(move |company| company.approve_policy(&actor, &path, &form.sha256))
        .await?;
    Ok(see(&format!("/policies/{}", policy.id)))
}

/// Discards the proposed text.
pub async fn discard(visit: Visit) -> Answer<Response> {
    let policy = found(&visit)?;
    let (actor, path) = (visit.actor()?, file_of(policy));
    visit
        .company()?
        .command(move |company| company.discard_draft(&actor, &path))
        .await?;
    Ok(see(&format!("/policies/{}", policy.id)))
}

/// Acknowledges the text in force.
pub async fn acknowledge(visit: Visit, Form(form): Form<DigestForm>) -> Answer<Response> {
    let policy = found(&visit)?;
    let (actor, path) = (visit.actor()?, file_of(policy));
    visit
        .company()?
        .command(move |company| company.acknowledge_policy(&actor, &path, &form.sha256))
        .await?;
    Ok(see(&format!("/policies/{}", policy.id)))
}
