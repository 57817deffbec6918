//! Section II: management's assertion.
//!
//! What must hold: it says the same as the opinion about the same matters and
//! dates; when the opinion is modified, the assertion is modified for the same
//! criteria; it is a letter of its own, apart from the description.

use super::auditor_report::organization_line;
use super::opinion;
use super::voice::{DC_200, TSP_100, Voice, paragraph, publication, says, words};
use crate::facts::ReportFacts;
use crate::value::{Block, FactId, Letter, Opinion, Passage, ReportType, Signature, Subject};

/// Writes Section II.
pub fn write(facts: &ReportFacts) -> Letter {
    let voice = Voice { facts };
    let mut passages = vec![introduction(voice)];
    passages.extend(responsibilities(voice));
    passages.extend(subservice(voice));
    passages.extend(user_entity_controls(voice));
    passages.extend(limitations(voice));
    passages.extend(basis(voice));
    passages.push(assertion(voice));
    Letter {
        title: voice.assertion_title(),
        addressee: None,
        passages,
        signature: Signature {
            name: voice.org().to_owned(),
            title: Some(facts.management.signatory_title.clone()),
            place: facts.management.place.clone(),
            date: facts.management.date,
        },
    }
}

fn unheaded(subject: Subject, blocks: Vec<Block>) -> Passage {
    Passage {
        subject,
        heading: None,
        blocks,
    }
}

fn introduction(voice: Voice<'_>) -> Passage {
    if voice.facts.report_type == ReportType::Soc3 {
        return unheaded(Subject::Introduction, vec![criteria_paragraph(voice)]);
    }
    let prepared = paragraph(
        [
            words(format!(
                "We, the management of {} ({}), have prepared the description in Section III titled “{}” (the description), which covers our {} system {}. We prepared it to meet the criteria of DC section 200, ",
                voice.org(),
                voice.short(),
                voice.facts.system.description_title,
                voice.system(),
                voice.time(),
            )),
            publication(DC_200),
            words(" (the description criteria)."),
        ],
        voice.scope_facts(),
    );
    let purpose = format!(
        "The description is meant to give report users information about the {} system that helps them to assess the risks arising from their interactions with it, and in particular information about the controls that {} designed, implemented{} to give reasonable assurance that its service commitments and system requirements were achieved.",
        voice.system(),
        voice.short(),
        if voice.is_type1() {
            ""
        } else {
            " and operated"
        },
    );
    unheaded(
        Subject::Introduction,
        vec![
            prepared,
            says(purpose, Vec::new()),
            criteria_paragraph(voice),
        ],
    )
}

fn criteria_paragraph(voice: Voice<'_>) -> Block {
    let lead = match voice.facts.report_type {
        ReportType::Soc3 => format!(
            "We, the management of {} ({}), are responsible for designing, implementing, operating and maintaining effective controls within our {} system (the system) {}, so that there is reasonable assurance that {} were achieved. We judged them by the trust services criteria relevant to {} (the applicable trust services criteria) set out in TSP section 100, ",
            voice.org(),
            voice.short(),
            voice.system(),
            voice.time(),
            voice.promises(),
            voice.categories(),
        ),
        _ => format!(
            "We judged the controls by the trust services criteria relevant to {} (the applicable trust services criteria) set out in TSP section 100, ",
            voice.categories(),
        ),
    };
    paragraph(
        [words(lead), publication(TSP_100), words(".")],
        voice.scope_facts(),
    )
}

fn responsibilities(voice: Voice<'_>) -> Option<Passage> {
    (voice.facts.report_type == ReportType::Soc3).then(|| {
        let list = [
            "identifying the system and describing its boundaries, which Attachment A presents;",
            "identifying our principal service commitments and system requirements, which Attachment B presents, and the risks that threaten their achievement;",
            "identifying, designing, implementing, operating and monitoring the controls within the system; and",
            "selecting the trust services categories and criteria by which the controls are judged.",
        ];
        let blocks = vec![says("Our responsibilities include:", Vec::new()), Block::bullets(list)];
        unheaded(Subject::OrganizationResponsibilities, blocks)
    })
}

fn subservice(voice: Voice<'_>) -> Option<Passage> {
    let organizations = &voice.facts.subservice;
    if organizations.is_empty() {
        return None;
    }
    let facts = organizations
        .iter()
        .map(|o| FactId::subservice(&o.id))
        .collect();
    let mut blocks = vec![
        says(
            format!(
                "{} uses the following subservice organizations:",
                voice.short()
            ),
            facts,
        ),
        Block::bullets(organizations.iter().map(organization_line)),
    ];
    if voice.has_carve_out() {
        let place = if voice.facts.report_type == ReportType::Soc3 {
            "Attachment A"
        } else {
            "The description"
        };
        let text = format!(
            "{place} leaves out the controls of the organizations presented by the carve-out method, and names the types of complementary subservice organization controls that we assumed in the design of our controls."
        );
        blocks.push(says(text, Vec::new()));
    }
    if voice.has_inclusive() {
        let text = "The description includes the controls of the organizations presented by the inclusive method; the assertion of their management is attached to ours.";
        blocks.push(says(text, Vec::new()));
    }
    Some(unheaded(Subject::SubserviceOrganizations, blocks))
}

fn user_entity_controls(voice: Voice<'_>) -> Option<Passage> {
    voice.has_user_entity_controls().then(|| {
        let text = format!(
            "Some of the applicable trust services criteria can be met only together with complementary user entity controls that we assumed in the design of {}’s controls. {} presents them.",
            voice.short(),
            if voice.facts.report_type == ReportType::Soc3 { "Attachment A" } else { "The description" },
        );
        unheaded(Subject::UserEntityControls, vec![says(text, Vec::new())])
    })
}

fn limitations(voice: Voice<'_>) -> Option<Passage> {
    (voice.facts.report_type == ReportType::Soc3).then(|| {
        let text = "Every system of internal control has inherent limitations, among them the possibility of human error and of the circumvention of controls. Because of these limitations, controls give reasonable but not absolute assurance that service commitments and system requirements are achieved.";
        unheaded(Subject::InherentLimitations, vec![says(text, Vec::new())])
    })
}

fn basis(voice: Voice<'_>) -> Option<Passage> {
    let overall = voice.facts.opinion.overall;
    (overall != Opinion::Unmodified).then(|| Passage {
        subject: Subject::Basis,
        heading: Some("Matters That Modify Our Assertion".to_owned()),
        blocks: opinion::basis_text(voice),
    })
}

fn assertion(voice: Voice<'_>) -> Passage {
    let facts = vec![FactId::engagement("assertion")];
    let overall = voice.facts.opinion.overall;
    let lead = match overall {
        Opinion::Unmodified => "We confirm, to the best of our knowledge and belief, that:",
        Opinion::Qualified => {
            "Except for the matters described above, we confirm, to the best of our knowledge and belief, that:"
        }
        Opinion::Adverse | Opinion::Disclaimer => {
            "Because of the matters described above, and to the best of our knowledge and belief, we state that:"
        }
    };
    let blocks = match voice.facts.report_type {
        ReportType::Soc3 => vec![says(soc3(voice, overall), facts)],
        _ => vec![says(lead, facts), Block::list(true, statements(voice))],
    };
    Passage {
        subject: Subject::Assertion,
        heading: Some("Assertion".to_owned()),
        blocks,
    }
}

fn statements(voice: Voice<'_>) -> Vec<String> {
    let opinion = &voice.facts.opinion;
    let presents = if opinion.description == Opinion::Adverse {
        "does not present"
    } else {
        "presents"
    };
    let designed = if opinion.design == Opinion::Adverse {
        "were not"
    } else {
        "were"
    };
    let condition = voice.complementary_parties().map_or_else(String::new, |parties| {
        format!(" and if {parties} applied the complementary controls assumed in the design of {}’s controls {}", voice.short(), voice.that_time())
    });
    let mut list = vec![
        format!(
            "the description {presents} the {} system as it was designed and put in place {}, in accordance with the description criteria;{}",
            voice.system(),
            voice.time(),
            if voice.is_type1() { " and" } else { "" },
        ),
        format!(
            "the controls stated in the description {designed} suitably designed {} to give reasonable assurance that {} would be achieved based on the applicable trust services criteria, if those controls operated effectively {}{condition}{}",
            voice.time(),
            voice.promises(),
            voice.that_time(),
            if voice.is_type1() { "." } else { "; and" },
        ),
    ];
    if !voice.is_type1() {
        list.push(operation(voice));
    }
    list
}

fn operation(voice: Voice<'_>) -> String {
    let operated = match voice.facts.opinion.operation {
        Opinion::Adverse => "did not operate",
        _ => "operated",
    };
    let condition = voice.complementary_parties().map_or_else(String::new, |parties| {
        format!(", if the complementary controls of {parties} assumed in the design of {}’s controls operated effectively {}", voice.short(), voice.that_time())
    });
    format!(
        "the controls stated in the description {operated} effectively {} to give reasonable assurance that {} were achieved based on the applicable trust services criteria{condition}.",
        voice.time(),
        voice.promises(),
    )
}

fn soc3(voice: Voice<'_>, overall: Opinion) -> String {
    let lead = match overall {
        Opinion::Unmodified => "We assert",
        Opinion::Qualified => "Except for the matters described above, we assert",
        Opinion::Adverse | Opinion::Disclaimer => {
            "Because of the matters described above, we cannot assert"
        }
    };
    format!(
        "{lead} that the controls within the system were effective {} to give reasonable assurance that {} were achieved based on the applicable trust services criteria.",
        voice.time(),
        voice.promises(),
    )
}
