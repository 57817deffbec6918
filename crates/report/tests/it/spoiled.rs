//! One way to spoil a sound report per automatic item of the checklist.

use jiff::civil::date;
use tickmark_catalog::Category;
use tickmark_engagement::ladder::CriterionConclusion;
use tickmark_report::checks::AuditFile;
use tickmark_report::value::*;

use crate::fixture::id;

/// The sound report an item is spoiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    Type1,
    Type2,
    Soc3,
    Qualified,
    Inclusive,
}

type Spoil = fn(&mut Report, &mut AuditFile);

/// Takes away the passages about `subject`.
fn without(letter: &mut Letter, subject: Subject) {
    letter.passages.retain(|passage| passage.subject != subject);
}

/// Replaces words everywhere in a letter.
fn reword(letter: &mut Letter, from: &str, to: &str) {
    let text = serde_json::to_string(letter).unwrap();
    assert!(text.contains(from), "`{from}` is not in the letter");
    *letter = serde_json::from_str(&text.replace(from, to)).unwrap();
}

fn without_part(report: &mut Report, name: &str) {
    for chapter in &mut report.description.chapters {
        chapter
            .parts
            .retain(|part| part.part.as_deref() != Some(name));
    }
}

fn without_lead(report: &mut Report, number: u8) {
    for chapter in &mut report.description.chapters {
        if chapter.criterion.number() == number {
            chapter.lead.clear();
        }
    }
}

fn tests(report: &mut Report) -> &mut TestsOfControls {
    report.tests.as_mut().unwrap()
}

fn with_outcome(report: &mut Report, outcome: Outcome) -> &mut TestEntry {
    tests(report)
        .tests
        .iter_mut()
        .find(|test| test.outcome == outcome)
        .unwrap()
}

fn without_intro(report: &mut Report, topic: IntroTopic) {
    tests(report)
        .introduction
        .retain(|part| part.topic != topic);
}

/// Item, the report it is spoiled in, and how.
pub const SPOILED: &[(&str, Base, Spoil)] = &[
    ("CV01", Base::Type2, |r, _| {
        r.meta.title = "Report".to_owned()
    }),
    ("CV02", Base::Type2, |r, _| {
        r.meta.coverage = Coverage::AsOf {
            date: date(2026, 6, 30),
        }
    }),
    ("CV03", Base::Type2, |_, f| {
        f.categories.push(Category::Privacy)
    }),
    ("CV04", Base::Type2, |r, _| {
        reword(&mut r.assertion, "June 30, 2026", "May 31, 2026")
    }),
    ("CV05", Base::Type2, |r, _| r.contents[2].title.push('!')),
    ("CV06", Base::Type2, |r, _| r.meta.legend = None),
    ("CV07", Base::Type2, |r, _| {
        r.controls[0].title = "SOC II compliant access".to_owned()
    }),
    ("AR01", Base::Type2, |r, _| {
        r.auditor_report.title = "Service Auditor’s Report".to_owned()
    }),
    ("AR02", Base::Type2, |r, _| {
        r.auditor_report.addressee = None
    }),
    ("AR03", Base::Type2, |r, _| {
        reword(
            &mut r.auditor_report,
            "Description of the Fernhollow Relay System",
            "Our System",
        )
    }),
    ("AR04", Base::Type2, |r, _| {
        reword(&mut r.auditor_report, "DC section 200", "DC section 100")
    }),
    ("AR05", Base::Type2, |r, _| {
        reword(
            &mut r.auditor_report,
            "operating effectiveness",
            "effectiveness",
        )
    }),
    ("AR06", Base::Type2, |r, _| {
        reword(&mut r.auditor_report, "TSP section 100", "the criteria")
    }),
    ("AR07", Base::Type2, |r, _| {
        reword(&mut r.auditor_report, "reasonable assurance", "assurance")
    }),
    ("AR08", Base::Type2, |r, _| {
        reword(
            &mut r.auditor_report,
            "Amazon Web Services, Inc.",
            "A provider",
        )
    }),
    ("AR09", Base::Type2, |r, _| {
        reword(&mut r.auditor_report, "not evaluated", "evaluated")
    }),
    ("AR10", Base::Type2, |r, _| {
        without(&mut r.auditor_report, Subject::UserEntityControls)
    }),
    ("AR11", Base::Type2, |r, _| {
        without(&mut r.auditor_report, Subject::OtherInformation)
    }),
    ("AR12", Base::Type2, |r, _| {
        without(&mut r.auditor_report, Subject::OrganizationResponsibilities)
    }),
    ("AR13", Base::Type2, |r, _| {
        r.assertion.title = "Statement of Fernhollow Systems, Inc.".to_owned()
    }),
    ("AR14", Base::Type2, |r, _| {
        reword(
            &mut r.auditor_report,
            "based on our examination",
            "as we see it",
        )
    }),
    ("AR15", Base::Type2, |r, _| {
        reword(
            &mut r.auditor_report,
            "attestation standards established by",
            "standards of",
        )
    }),
    ("AR16", Base::Type2, |r, _| {
        reword(&mut r.auditor_report, "in all material respects", "broadly")
    }),
    ("AR17", Base::Type2, |r, _| {
        reword(&mut r.auditor_report, "sufficient and appropriate", "good")
    }),
    ("AR18", Base::Type2, |r, _| {
        reword(&mut r.auditor_report, "required to be independent", "fond")
    }),
    ("AR19", Base::Type2, |r, _| {
        reword(&mut r.auditor_report, "overall presentation", "look")
    }),
    ("AR20", Base::Type1, |r, _| {
        without(&mut r.auditor_report, Subject::OperationNotExamined)
    }),
    ("AR21", Base::Type2, |r, _| {
        reword(&mut r.auditor_report, "human error", "bad luck")
    }),
    ("AR22", Base::Type2, |r, _| {
        without(&mut r.auditor_report, Subject::TestsOfControls)
    }),
    ("AR23", Base::Type2, |r, _| {
        reword(
            &mut r.auditor_report,
            "in accordance with the description criteria",
            "well",
        )
    }),
    ("AR24", Base::Type2, |r, _| {
        reword(
            &mut r.auditor_report,
            "complementary controls assumed in the design",
            "other controls",
        )
    }),
    ("AR25", Base::Type2, |r, _| {
        reword(
            &mut r.auditor_report,
            "the controls stated in the description operated effectively",
            "the controls ran",
        )
    }),
    ("AR26", Base::Soc3, |r, _| {
        reword(&mut r.auditor_report, "fairly stated", "true")
    }),
    ("AR27", Base::Type2, |r, _| {
        reword(
            &mut r.auditor_report,
            "throughout the period July 1, 2025",
            "throughout the period July 2, 2025",
        )
    }),
    ("AR28", Base::Qualified, |r, _| {
        reword(
            &mut r.auditor_report,
            "\"Qualified Opinion\"",
            "\"Opinion\"",
        )
    }),
    ("AR29", Base::Qualified, |r, _| {
        r.auditor_report.passages.reverse()
    }),
    ("AR30", Base::Type2, |r, _| {
        without(&mut r.auditor_report, Subject::Emphasis)
    }),
    ("AR31", Base::Type2, |r, _| {
        reword(&mut r.auditor_report, "regulators", "others")
    }),
    ("AR32", Base::Soc3, |r, _| {
        let passage = Passage {
            subject: Subject::RestrictedUse,
            heading: None,
            blocks: Vec::new(),
        };
        r.auditor_report.passages.push(passage);
    }),
    ("AR33", Base::Type2, |r, _| {
        r.auditor_report.signature.place = "Seattle".to_owned()
    }),
    ("AR34", Base::Type2, |_, f| {
        f.sign_offs[0].reviewed_on = date(2026, 9, 1)
    }),
    ("AR36", Base::Inclusive, |r, _| {
        reword(&mut r.auditor_report, "an assertion of its own", "its view")
    }),
    ("AR37", Base::Type2, |r, _| {
        r.description.not_relevant.push(NotRelevant {
            criterion: id("CC6.2"),
            reason: "none".to_owned(),
        })
    }),
    ("MA01", Base::Type2, |r, _| {
        reword(&mut r.assertion, "We, the management of", "Those of")
    }),
    ("MA02", Base::Type2, |r, _| {
        reword(&mut r.assertion, "DC section 200", "the criteria")
    }),
    ("MA03", Base::Type2, |r, _| {
        reword(&mut r.assertion, "assess the risks", "see the points")
    }),
    ("MA04", Base::Type2, |r, _| {
        reword(&mut r.assertion, "TSP section 100", "the criteria")
    }),
    ("MA05", Base::Type2, |r, _| {
        without(&mut r.assertion, Subject::SubserviceOrganizations)
    }),
    ("MA06", Base::Type2, |r, _| {
        without(&mut r.assertion, Subject::UserEntityControls)
    }),
    ("MA07", Base::Type2, |r, _| {
        reword(
            &mut r.assertion,
            "in accordance with the description criteria",
            "well",
        )
    }),
    ("MA08", Base::Type2, |r, _| {
        reword(&mut r.assertion, "suitably designed", "designed")
    }),
    ("MA09", Base::Type2, |r, _| {
        reword(
            &mut r.assertion,
            "description operated effectively",
            "description ran",
        )
    }),
    ("MA10", Base::Soc3, |r, _| {
        reword(&mut r.assertion, "Attachment B", "the terms")
    }),
    ("MA12", Base::Qualified, |r, _| {
        without(&mut r.assertion, Subject::Basis)
    }),
    ("MA13", Base::Type2, |r, _| {
        r.assertion.signature.date = date(2026, 12, 1)
    }),
    ("MA14", Base::Type2, |r, _| {
        r.contents.retain(|head| head.anchor != "assertion")
    }),
    ("MA15", Base::Inclusive, |_, f| {
        f.subservice_assertions.clear()
    }),
    ("SD01", Base::Type2, |r, _| {
        r.description.services.clear();
        r.description.chapters[0].parts.clear();
    }),
    ("SD03", Base::Type2, |r, _| {
        r.description.commitments.truncate(1)
    }),
    ("SD04", Base::Type2, |r, _| {
        r.description.requirements.clear()
    }),
    ("SD05", Base::Type2, |r, _| {
        without_part(r, "infrastructure")
    }),
    ("SD06", Base::Type2, |r, _| without_part(r, "software")),
    ("SD07", Base::Type2, |r, _| without_part(r, "people")),
    ("SD08", Base::Type2, |r, _| {
        for name in ["procedures", "access", "change", "operations"] {
            without_part(r, name);
        }
    }),
    ("SD09", Base::Type2, |r, _| without_part(r, "data")),
    ("SD10", Base::Type2, |r, _| without_part(r, "boundaries")),
    ("SD11", Base::Type2, |r, _| {
        without_part(r, "control_environment")
    }),
    ("SD12", Base::Type2, |r, _| {
        without_part(r, "risk_assessment")
    }),
    ("SD13", Base::Type2, |r, _| {
        without_part(r, "information_communication")
    }),
    ("SD14", Base::Type2, |r, _| without_part(r, "monitoring")),
    ("SD15", Base::Type2, |r, _| without_part(r, "continuity")),
    ("SD16", Base::Type2, |r, _| without_lead(r, 4)),
    ("SD17", Base::Type2, |r, _| {
        r.description.incidents[0].disposition.clear()
    }),
    ("SD18", Base::Type2, |r, _| {
        r.description
            .chapters
            .retain(|chapter| chapter.criterion.number() != 5)
    }),
    ("SD19", Base::Type2, |r, _| {
        r.description.user_entity_controls[0].criteria.clear()
    }),
    ("SD21", Base::Type2, |r, _| {
        r.description.subservice[0].service.clear()
    }),
    ("SD22", Base::Type2, |r, _| {
        r.description.subservice[0].assumed_controls.clear()
    }),
    ("SD23", Base::Type2, |r, _| {
        r.description.subservice[0].monitoring_controls.clear()
    }),
    ("SD24", Base::Type2, |r, _| without_lead(r, 8)),
    ("SD25", Base::Type2, |r, _| r.description.changes.clear()),
    ("SD26", Base::Type2, |r, _| {
        r.controls.retain(|control| control.id.as_str() != "TM-104")
    }),
    ("SD27", Base::Type2, |r, _| {
        r.description.changes[0].on = date(2024, 1, 1)
    }),
    ("SD29", Base::Soc3, |r, _| without_part(r, "boundaries")),
    ("SD30", Base::Soc3, |r, _| r.description.commitments.clear()),
    ("TC01", Base::Type2, |r, _| {
        without_intro(r, IntroTopic::Purpose)
    }),
    ("TC02", Base::Type2, |r, _| {
        tests(r).verbs.retain(|verb| verb.verb != "Inspected")
    }),
    ("TC03", Base::Type2, |r, _| {
        without_intro(r, IntroTopic::Sampling)
    }),
    ("TC04", Base::Type2, |r, _| r.criteria.reverse()),
    ("TC05", Base::Type2, |r, _| r.criteria[0].controls.clear()),
    ("TC06", Base::Type2, |_, f| {
        f.register.values_mut().for_each(|text| text.push('!'))
    }),
    ("TC07", Base::Type2, |r, _| {
        tests(r)
            .tests
            .retain(|test| test.control.as_str() != "TM-104")
    }),
    ("TC08", Base::Type2, |r, _| {
        tests(r)
            .tests
            .iter_mut()
            .for_each(|test| test.nature = vec![Nature::Inquiry])
    }),
    ("TC09", Base::Type2, |r, _| {
        tests(r).tests[0].procedure = "Looked at it.".to_owned()
    }),
    ("TC10", Base::Type2, |r, _| tests(r).tests[0].result.clear()),
    ("TC11", Base::Type2, |r, _| {
        with_outcome(r, Outcome::NoExceptions).result = "All good.".to_owned()
    }),
    ("TC12", Base::Type2, |_, f| {
        f.deviations.push("D-99".to_owned())
    }),
    ("TC13", Base::Type2, |r, _| {
        with_outcome(r, Outcome::Exceptions).result =
            "Exception noted. Access ended late.".to_owned()
    }),
    ("TC14", Base::Type2, |r, _| {
        let mut copy = tests(r).tests[0].clone();
        copy.control = id("TM-073");
        copy.result = NO_EXCEPTIONS.to_owned();
        tests(r).tests.push(copy);
    }),
    ("TC15", Base::Type2, |r, _| {
        with_outcome(r, Outcome::NoOccurrence).extent.population = Some(3)
    }),
    ("TC16", Base::Type2, |_, f| {
        f.begun.insert(id("TM-048"), date(2026, 1, 1));
    }),
    ("TC17", Base::Type1, |r, _| {
        r.tests = Some(TestsOfControls {
            title: "Tests".to_owned(),
            introduction: Vec::new(),
            verbs: Vec::new(),
            populations: Vec::new(),
            exceptions: Vec::new(),
            chart: Vec::new(),
            tests: Vec::new(),
        });
    }),
    ("TC18", Base::Inclusive, |r, _| {
        r.controls[0].title = "Access ends".to_owned()
    }),
    ("TC19", Base::Type2, |r, _| {
        tests(r).tests[0]
            .result
            .push_str(" Seen for lee@fernhollow.example.")
    }),
    ("TC20", Base::Type2, |_, f| {
        f.criteria.insert(id("CC6.2"), CriterionConclusion::NotMet);
    }),
    ("OI01", Base::Type2, |r, _| {
        r.other_information.as_mut().unwrap().title = "Other Information".to_owned()
    }),
    ("OI02", Base::Type2, |r, _| {
        r.other_information.as_mut().unwrap().responses.pop();
    }),
    ("OI03", Base::Type2, |r, _| {
        r.other_information.as_mut().unwrap().responses[0]
            .owner_role
            .clear()
    }),
    ("FG01", Base::Type2, |_, f| {
        f.members[0].independence_confirmed_on = None
    }),
    ("FG02", Base::Type2, |_, f| f.engagement_letter = None),
    ("FG03", Base::Type2, |_, f| {
        f.sign_offs[0].reviewed_by = "m-1".to_owned()
    }),
    ("FG04", Base::Type2, |_, f| {
        f.representation_letter = Some(date(2026, 8, 13))
    }),
    ("FG05", Base::Type2, |_, f| {
        f.subsequent_events = Some(date(2026, 7, 1))
    }),
    ("FG06", Base::Type2, |_, f| f.quality_review = None),
    ("FG07", Base::Type2, |r, _| r.appendix.inputs_digest = None),
    ("FG08", Base::Soc3, |r, _| {
        r.meta.legend = Some("Confidential. Use is restricted.".to_owned())
    }),
];
