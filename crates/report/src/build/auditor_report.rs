//! Section I: the independent service auditor's report.
//!
//! What must hold: every element a report must carry is its own passage; what
//! was not examined is said as plainly as what was; the conditional wording
//! about complementary controls appears exactly when such controls exist.
//!
//! The wording is ours. The elements follow AT-C sections 105 and 205 as
//! amended by SSAE 21 and the practice of SOC 2 reports.

use super::opinion;
use super::voice::{
    AUDITOR_REPORT_TITLE, DC_200, TSP_100, Voice, and_list, paragraph, publication, says, words,
};
use crate::facts::ReportFacts;
use crate::value::{
    Block, FactId, Letter, Opinion, Outcome, Passage, ReportType, Signature, Subject, Subservice,
    SubserviceMethod,
};

/// Writes Section I.
pub fn write(facts: &ReportFacts, other_information_title: Option<&str>) -> Letter {
    let voice = Voice { facts };
    let mut passages = vec![scope(voice)];
    passages.extend(subservice(voice));
    passages.extend(user_entity_controls(voice));
    passages.extend(other_information_title.map(other_information));
    passages.push(organization_responsibilities(voice));
    passages.push(auditor_responsibilities(voice));
    passages.push(inherent_limitations(voice));
    passages.extend(tests_of_controls(voice));
    passages.extend(operation_not_examined(voice));
    passages.extend(emphasis(voice));
    passages.extend(opinion::write(voice));
    passages.extend(restricted_use(voice));
    Letter {
        title: AUDITOR_REPORT_TITLE.to_owned(),
        addressee: Some(format!("To the {}", facts.addressee)),
        passages,
        signature: Signature {
            name: facts.firm.name.clone(),
            title: None,
            place: facts.firm.place.clone(),
            date: facts.report_date,
        },
    }
}

fn passage(subject: Subject, heading: &str, blocks: Vec<Block>) -> Passage {
    Passage {
        subject,
        heading: Some(heading.to_owned()),
        blocks,
    }
}

fn scope(voice: Voice<'_>) -> Passage {
    let blocks = match voice.facts.report_type {
        ReportType::Soc3 => vec![scope_soc3(voice)],
        _ => vec![scope_description(voice), scope_controls(voice)],
    };
    passage(Subject::Scope, "Scope", blocks)
}

/// `We have examined`, or `We were engaged to examine` in a disclaimer.
fn examined(voice: Voice<'_>) -> &'static str {
    let overall = voice.facts.opinion.overall;
    if overall == Opinion::Disclaimer {
        "We were engaged to examine"
    } else {
        "We have examined"
    }
}

fn scope_description(voice: Voice<'_>) -> Block {
    paragraph(
        [
            words(format!(
                "{} the description of the {} system of {} ({}) {}, which management presents in Section III under the title “{}” (the description). The benchmark for the description is DC section 200, ",
                examined(voice),
                voice.system(),
                voice.org(),
                voice.short(),
                voice.time(),
                voice.facts.system.description_title,
            )),
            publication(DC_200),
            words(" (the description criteria)."),
        ],
        voice.scope_facts(),
    )
}

fn scope_controls(voice: Voice<'_>) -> Block {
    let matters = if voice.is_type1() {
        "the suitability of the design"
    } else {
        "the suitability of the design and the operating effectiveness"
    };
    paragraph(
        [
            words(format!(
                "{} as well {matters} of the controls stated in the description {}: whether they gave reasonable assurance that {} were achieved based on the trust services criteria relevant to {} (the applicable trust services criteria). These are published in TSP section 100, ",
                examined(voice),
                voice.time(),
                voice.promises(),
                voice.categories(),
            )),
            publication(TSP_100),
            words("."),
        ],
        voice.scope_facts(),
    )
}

fn scope_soc3(voice: Voice<'_>) -> Block {
    paragraph(
        [
            words(format!(
                "{} the statement of {} ({}), given in the accompanying “{}” (the assertion), that the controls within its {} system were effective {} and gave reasonable assurance that {} were achieved based on the trust services criteria relevant to {} (the applicable trust services criteria). These are published in TSP section 100, ",
                examined(voice),
                voice.org(),
                voice.short(),
                voice.assertion_title(),
                voice.system(),
                voice.time(),
                voice.promises(),
                voice.categories(),
            )),
            publication(TSP_100),
            words("."),
        ],
        voice.scope_facts(),
    )
}

fn subservice(voice: Voice<'_>) -> Option<Passage> {
    let facts = voice.facts;
    if facts.subservice.is_empty() {
        return None;
    }
    let mut blocks = vec![says(
        format!(
            "{} relies on the following subservice organizations:",
            voice.short()
        ),
        facts
            .subservice
            .iter()
            .map(|s| FactId::subservice(&s.id))
            .collect(),
    )];
    blocks.push(Block::bullets(
        facts.subservice.iter().map(organization_line),
    ));
    if voice.has_carve_out() {
        blocks.push(carve_out(voice));
    }
    if voice.has_inclusive() {
        blocks.push(inclusive(voice));
    }
    Some(Passage {
        subject: Subject::SubserviceOrganizations,
        heading: None,
        blocks,
    })
}

/// A subservice organization as the letters list it.
pub fn organization_line(organization: &Subservice) -> String {
    let method = match organization.method {
        SubserviceMethod::CarveOut => "carve-out method",
        SubserviceMethod::Inclusive => "inclusive method",
    };
    format!(
        "{} ({method}). {}.",
        organization.name,
        organization.service.trim_end_matches('.')
    )
}

fn carve_out(voice: Voice<'_>) -> Block {
    let where_ = match voice.facts.report_type {
        ReportType::Soc3 => "The boundaries in Attachment A",
        _ => "The description",
    };
    let evaluated = if voice.is_type1() {
        "were suitably designed"
    } else {
        "were suitably designed or operated effectively"
    };
    says(
        format!(
            "{where_} leave{} out the controls of the organizations presented by the carve-out method. {} designed its own controls on the assumption that certain types of controls exist at those organizations; these are the complementary subservice organization controls. Our examination did not extend to the services of those organizations, and we have not evaluated whether the complementary subservice organization controls {evaluated}.",
            if voice.facts.report_type == ReportType::Soc3 {
                ""
            } else {
                "s"
            },
            voice.short(),
        ),
        voice
            .facts
            .subservice
            .iter()
            .flat_map(|s| &s.assumed_controls)
            .map(|c| FactId::complementary(&c.id))
            .collect(),
    )
}

fn inclusive(voice: Voice<'_>) -> Block {
    let names = voice
        .facts
        .subservice
        .iter()
        .filter(|s| s.method == SubserviceMethod::Inclusive);
    says(
        format!(
            "The description includes the controls of {}, presented by the inclusive method. Its management has given an assertion of its own, which accompanies the assertion in Section II, and our examination extended to those controls.",
            and_list(names.map(|s| s.name.clone())),
        ),
        Vec::new(),
    )
}

fn user_entity_controls(voice: Voice<'_>) -> Option<Passage> {
    if !voice.has_user_entity_controls() {
        return None;
    }
    let evaluated = if voice.is_type1() {
        "were suitably designed"
    } else {
        "were suitably designed or operated effectively"
    };
    let text = format!(
        "Some of the applicable trust services criteria can be met only when user entities apply controls that {} assumed in the design of its own; these are the complementary user entity controls. Our examination did not extend to them, and we have not evaluated whether they {evaluated}.",
        voice.short(),
    );
    let facts = voice
        .facts
        .user_entity_controls
        .iter()
        .map(|c| FactId::complementary(&c.id));
    let blocks = vec![says(text, facts.collect())];
    Some(Passage {
        subject: Subject::UserEntityControls,
        heading: None,
        blocks,
    })
}

fn other_information(title: &str) -> Passage {
    let text = format!(
        "Section V, “{title}”, is provided by management to give additional information and is not part of the description. It has not been subjected to the procedures of our examination, and we express no opinion on it.",
    );
    Passage {
        subject: Subject::OtherInformation,
        heading: None,
        blocks: vec![says(text, Vec::new())],
    }
}

fn organization_responsibilities(voice: Voice<'_>) -> Passage {
    let short = voice.short();
    let intro = format!(
        "{short} is responsible for its service commitments and system requirements, and for designing, implementing and operating controls within the system that give reasonable assurance of achieving them. In the accompanying “{}” (the assertion) {short} states its view of {}. {short} is also responsible for:",
        voice.assertion_title(),
        match voice.facts.report_type {
            ReportType::Type1 => "the description and of the design of the controls stated in it",
            ReportType::Type2 =>
                "the description and of the design and operating effectiveness of the controls stated in it",
            ReportType::Soc3 => "the effectiveness of the controls within the system",
        },
    );
    let duties: &[&str] = match voice.facts.report_type {
        ReportType::Soc3 => &[
            "making the assertion, and having a reasonable basis for it;",
            "providing the services within the boundaries of the system;",
            "selecting the applicable trust services criteria and the controls that meet them; and",
            "identifying the risks that threaten the achievement of its service commitments and system requirements.",
        ],
        _ => &[
            "preparing the description and the assertion, including their completeness, accuracy and manner of presentation;",
            "providing the services the description covers;",
            "selecting the applicable trust services criteria and stating the related controls in the description; and",
            "identifying the risks that threaten the achievement of its service commitments and system requirements.",
        ],
    };
    passage(
        Subject::OrganizationResponsibilities,
        "Service Organization’s Responsibilities",
        vec![
            says(intro, vec![FactId::engagement("assertion")]),
            Block::bullets(duties.iter().copied()),
        ],
    )
}

fn auditor_responsibilities(voice: Voice<'_>) -> Passage {
    let mut blocks = vec![
        says(opinion_duty(voice), Vec::new()),
        says(standards(voice), Vec::new()),
    ];
    blocks.push(says(
        format!(
            "We are required to be independent of {} and to meet our other ethical responsibilities, in accordance with the ethical requirements that apply to this engagement.",
            voice.short(),
        ),
        vec![FactId::engagement("independence")],
    ));
    blocks.push(says("An examination of this kind includes:", Vec::new()));
    blocks.push(Block::bullets(procedures(voice)));
    passage(
        Subject::AuditorResponsibilities,
        "Service Auditor’s Responsibilities",
        blocks,
    )
}

fn opinion_duty(voice: Voice<'_>) -> String {
    let matters = match voice.facts.report_type {
        ReportType::Type1 => {
            "the description and on the suitability of the design of the controls stated in it"
        }
        ReportType::Type2 => {
            "the description and on the suitability of the design and the operating effectiveness of the controls stated in it"
        }
        ReportType::Soc3 => "whether the assertion is fairly stated",
    };
    format!("Our responsibility is to express an opinion, based on our examination, on {matters}.")
}

fn standards(voice: Voice<'_>) -> String {
    let matters = match voice.facts.report_type {
        ReportType::Type1 => {
            "the description meets the description criteria and the controls stated in it were suitably designed"
        }
        ReportType::Type2 => {
            "the description meets the description criteria and the controls stated in it were suitably designed and operated effectively"
        }
        ReportType::Soc3 => "the assertion is fairly stated",
    };
    let mut text = format!(
        "We conducted our examination in accordance with attestation standards established by the American Institute of Certified Public Accountants (AICPA). Under those standards we plan and perform the examination so as to obtain reasonable assurance about whether, in all material respects, {matters}.",
    );
    if voice.facts.opinion.overall != Opinion::Disclaimer {
        text.push_str(" The nature, timing and extent of the procedures depend on our judgment, including our assessment of the risk of material misstatement, whether due to fraud or error. We believe that the evidence we obtained is sufficient and appropriate to support our opinion.");
    }
    text
}

fn procedures(voice: Voice<'_>) -> Vec<String> {
    let mut list = vec![format!(
        "gaining an understanding of the system and of {};",
        voice.promises()
    )];
    match voice.facts.report_type {
        ReportType::Soc3 => list.extend([
            format!("assessing the risks that the controls did not give reasonable assurance of achieving {};", voice.promises()),
            "obtaining evidence about whether the controls within the system were suitably designed and operated effectively;".to_owned(),
        ]),
        _ => {
            list.push("assessing the risks that the description does not meet the description criteria and that controls were not suitably designed or did not operate effectively;".to_owned());
            list.push("obtaining evidence about whether the description meets the description criteria;".to_owned());
            list.push("obtaining evidence about whether the controls stated in the description were suitably designed;".to_owned());
            if voice.facts.report_type == ReportType::Type2 {
                list.push("testing the operating effectiveness of those controls;".to_owned());
            }
            list.push("evaluating the overall presentation of the description; and".to_owned());
        }
    }
    list.push(
        "performing such other procedures as we considered necessary in the circumstances."
            .to_owned(),
    );
    list
}

fn inherent_limitations(voice: Voice<'_>) -> Passage {
    let mut blocks = Vec::new();
    if voice.facts.report_type == ReportType::Soc3 {
        blocks.push(says("The assertion addresses the common needs of a broad range of users and cannot cover every aspect of the system that one user might find important in its own circumstances.", Vec::new()));
    } else {
        blocks.push(says("The description is written for the common needs of a broad range of report users. It may therefore leave out aspects of the system that one user considers important in its own circumstances.", Vec::new()));
    }
    blocks.push(says(
        format!("Every system of internal control has inherent limitations, among them the possibility of human error and of the circumvention of controls. Controls may for such reasons not always operate effectively to give reasonable assurance that {} are achieved. Projecting any conclusion of this report to a future period carries the risk that controls become inadequate as conditions change, or that compliance with policies and procedures deteriorates.", voice.promises()),
        Vec::new(),
    ));
    passage(Subject::InherentLimitations, "Inherent Limitations", blocks)
}

fn tests_of_controls(voice: Voice<'_>) -> Option<Passage> {
    (voice.facts.report_type == ReportType::Type2).then(|| {
        passage(
            Subject::TestsOfControls,
            "Description of Tests of Controls",
            vec![says(
                "Section IV lists the specific controls we tested, the nature, timing and extent of our tests, and their results.",
                Vec::new(),
            )],
        )
    })
}

fn operation_not_examined(voice: Voice<'_>) -> Option<Passage> {
    voice.is_type1().then(|| {
        passage(
            Subject::OperationNotExamined,
            "Operating Effectiveness",
            vec![says(
                "We did not examine the operating effectiveness of the controls stated in the description, and we express no opinion on it.",
                Vec::new(),
            )],
        )
    })
}

fn emphasis(voice: Voice<'_>) -> Option<Passage> {
    let mut blocks = Vec::new();
    if voice.facts.report_type == ReportType::Type2 {
        blocks.extend(no_occurrence(voice));
    }
    blocks.extend(
        voice
            .facts
            .emphasis
            .iter()
            .map(|text| says(text, vec![FactId::engagement("emphasis")])),
    );
    (!blocks.is_empty()).then(|| passage(Subject::Emphasis, "Emphasis of Matter", blocks))
}

/// One paragraph per control none of whose tests met an occurrence.
fn no_occurrence(voice: Voice<'_>) -> Vec<Block> {
    let facts = voice.facts;
    let silent = facts.controls.iter().filter(|control| {
        let mut tests = facts
            .tests
            .iter()
            .filter(|test| test.control == control.id)
            .peekable();
        tests.peek().is_some() && tests.all(|test| test.outcome == Outcome::NoOccurrence)
    });
    silent
        .map(|control| {
            says(
                format!(
                    "The description states a control, {} ({}), whose circumstances did not arise {}. Its operation was therefore not tested in relation to {}. Our opinion is not modified with respect to this matter.",
                    control.id, control.title, voice.facts.coverage.during(), super::voice::criteria_list(&control.criteria),
                ),
                vec![FactId::control(&control.id)],
            )
        })
        .collect()
}

fn restricted_use(voice: Voice<'_>) -> Option<Passage> {
    if voice.facts.report_type == ReportType::Soc3 {
        return None;
    }
    let (tests, time) = if voice.is_type1() {
        ("", "as of the date above")
    } else {
        (
            ", including the description of tests of controls and their results in Section IV,",
            "during some or all of the period",
        )
    };
    let intro = format!(
        "This report{tests} is intended solely for the information and use of {}; user entities of the {} system {time}; business partners exposed to risks from their interactions with the system; practitioners who serve those user entities and business partners; prospective user entities and business partners; and regulators, each of whom has sufficient knowledge and understanding of:",
        voice.short(),
        voice.system(),
    );
    let end = "It is not intended to be used, and should not be used, by anyone other than these specified parties.";
    Some(passage(
        Subject::RestrictedUse,
        "Restricted Use",
        vec![
            says(intro, voice.scope_facts()),
            Block::bullets(required_knowledge(voice)),
            says(end, Vec::new()),
        ],
    ))
}

fn required_knowledge(voice: Voice<'_>) -> Vec<String> {
    let mut list = vec![
        format!("the nature of the service {} provides;", voice.short()),
        "how the system interacts with user entities, business partners, subservice organizations and other parties;".to_owned(),
        "internal control and its limitations;".to_owned(),
    ];
    if voice.complementary_parties().is_some() {
        list.push("the complementary controls assumed at user entities and subservice organizations, and how they work together with the controls of the service organization;".to_owned());
    }
    list.extend([
        "the responsibilities of user entities, and how these may affect their ability to use the services effectively;".to_owned(),
        "the applicable trust services criteria; and".to_owned(),
        "the risks that may threaten the achievement of the service commitments and system requirements, and how controls address those risks.".to_owned(),
    ]);
    list
}
