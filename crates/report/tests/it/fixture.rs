//! A small report: three criteria, four controls, five tests, two exceptions.
//!
//! What must hold: every kind of outcome and of selection occurs once, so that
//! a test can reach it without a large fixture.

use jiff::civil::date;
use tickmark_catalog::{Category, Sha256Hex, catalog};
use tickmark_report::facts::*;
use tickmark_report::value::*;
use tickmark_report::{Report, compose};

/// Parses an id that the fixture knows to be valid.
pub fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

fn ids<T: std::str::FromStr>(texts: &[&str]) -> Vec<T>
where
    T::Err: std::fmt::Debug,
{
    texts.iter().map(|text| id(text)).collect()
}

/// The facts of a type 2 report with an unmodified opinion.
pub fn facts() -> ReportFacts {
    ReportFacts {
        report_type: ReportType::Type2,
        report_id: "TMR-2026-0001".to_owned(),
        report_date: date(2026, 8, 14),
        coverage: Coverage::Throughout {
            start: date(2025, 7, 1),
            end: date(2026, 6, 30),
        },
        organization: Organization {
            name: "Fernhollow Systems, Inc.".to_owned(),
            short_name: "Fernhollow".to_owned(),
            headquarters: "Portland, Oregon".to_owned(),
        },
        management: ManagementFacts {
            signatory_title: "Chief Executive Officer".to_owned(),
            place: "Portland, Oregon".to_owned(),
            date: date(2026, 8, 12),
        },
        system: SystemFacts {
            name: "Fernhollow Relay".to_owned(),
            description_title: "Description of the Fernhollow Relay System".to_owned(),
            services: vec!["Relay Ingest".to_owned()],
            out_of_scope_services: vec!["Relay Labs previews".to_owned()],
        },
        firm: Firm {
            name: "Brindlewood Assurance LLP".to_owned(),
            place: "Seattle, Washington".to_owned(),
        },
        addressee: "Management of Fernhollow Systems, Inc.".to_owned(),
        categories: vec![Category::Security, Category::Availability],
        criteria: ["CC6.2", "CC7.4", "CC8.1"].map(criterion).to_vec(),
        not_relevant: Vec::new(),
        description: description(),
        commitments: vec![
            commitment("PSC-01", Some(Category::Security)),
            commitment("PSC-02", Some(Category::Availability)),
        ],
        requirements: vec![commitment("SR-01", None)],
        incidents: vec![incident()],
        user_entity_controls: vec![UserEntityControl {
            id: "CUEC-01".to_owned(),
            text: "User entities remove their own users in time.".to_owned(),
            criteria: ids(&["CC6.2"]),
        }],
        user_responsibilities: vec![
            "User entities choose which conversations are collected.".to_owned(),
        ],
        subservice: vec![subservice()],
        changes: vec![Change {
            id: "CHG-01".to_owned(),
            on: date(2026, 3, 3),
            summary: "A repository entered the scope.".to_owned(),
            before: "Thirteen repositories.".to_owned(),
            after: "Fourteen repositories.".to_owned(),
            controls: ids(&["TM-073"]),
        }],
        controls: controls(),
        tests: tests(),
        deviations: deviations(),
        populations: vec![population()],
        opinion: OpinionFacts {
            overall: Opinion::Unmodified,
            description: Opinion::Unmodified,
            design: Opinion::Unmodified,
            operation: Opinion::Unmodified,
            grounds: Vec::new(),
        },
        emphasis: Vec::new(),
        inputs_digest: Some(Sha256Hex::of(b"inputs")),
        checkpoints: vec![CheckpointText {
            realm: "Fernhollow Systems, Inc.".to_owned(),
            text: "fernhollow.example/ledger\n1042\nq83v\n\n— fernhollow.example/ledger AAAA\n"
                .to_owned(),
        }],
        inputs: vec![InputDigest {
            what: "population leavers".to_owned(),
            sha256: Sha256Hex::of(b"leavers"),
        }],
    }
}

/// The report of [`facts`].
pub fn report() -> Report {
    compose(&facts()).unwrap()
}

/// The same facts as a type 1 report.
pub fn type1() -> ReportFacts {
    ReportFacts {
        report_type: ReportType::Type1,
        coverage: Coverage::AsOf {
            date: date(2025, 6, 30),
        },
        report_date: date(2025, 8, 14),
        management: ManagementFacts {
            date: date(2025, 8, 12),
            ..facts().management
        },
        changes: Vec::new(),
        tests: Vec::new(),
        deviations: Vec::new(),
        ..facts()
    }
}

/// The same facts as a SOC 3 report.
pub fn soc3() -> ReportFacts {
    ReportFacts {
        report_type: ReportType::Soc3,
        ..facts()
    }
}

/// The same facts with a modified opinion on operation (and, when adverse or
/// disclaimed, on nothing else).
pub fn modified(opinion: Opinion) -> ReportFacts {
    let mut facts = facts();
    facts.opinion.operation = opinion;
    facts.opinion.overall = opinion;
    facts.opinion.grounds = vec![tickmark_engagement::Ground {
        matter: "Access of 9 of 27 leavers ended late, and no review found it.".to_owned(),
        criteria: ids(&["CC6.2"]),
        period: None,
        effect: "Access of people who had left was possible for up to 41 days.".to_owned(),
    }];
    facts
}

pub fn criterion(code: &str) -> CriterionFacts {
    let id = id(code);
    let criterion = catalog().criterion(id).unwrap();
    CriterionFacts {
        id,
        category: (!id.is_common()).then_some(criterion.category),
        series: tickmark_report::build::series::title(id.series()).to_owned(),
        text: criterion.summary.clone(),
    }
}

fn description() -> Vec<PartFacts> {
    let part = |criterion: &str, part: Option<&str>, title: &str| PartFacts {
        criterion: id(criterion),
        part: part.map(str::to_owned),
        title: title.to_owned(),
        markdown: format!(
            "Text about *{}* at Fernhollow, which names Keyring and TM-048, TM-073, TM-076 and TM-104.",
            title.to_lowercase()
        ),
        file: format!("description/{title}.md"),
    };
    let components = [
        "infrastructure",
        "software",
        "people",
        "procedures",
        "data",
        "boundaries",
        "control_environment",
        "risk_assessment",
        "information_communication",
        "monitoring",
        "access",
        "change",
        "operations",
        "incident",
        "vendor",
        "continuity",
    ];
    let mut parts = vec![part("DC 1", None, "Services")];
    parts.extend(components.map(|name| part("DC 3", Some(name), name)));
    parts
}

fn commitment(id_: &str, category: Option<Category>) -> Commitment {
    Commitment {
        id: id_.to_owned(),
        text: format!("The promise {id_}."),
        category,
        criteria: ids(&["CC6.2"]),
        controls: ids(&["TM-048"]),
        source: "Terms of Service 4.2".to_owned(),
    }
}

fn incident() -> Incident {
    Incident {
        id: "INC-0114".to_owned(),
        nature: "Relay was unavailable.".to_owned(),
        timing: "April 14, 2026.".to_owned(),
        effect: "71 minutes.".to_owned(),
        disposition: "The setting was corrected.".to_owned(),
    }
}

fn subservice() -> Subservice {
    Subservice {
        id: "aws".to_owned(),
        name: "Amazon Web Services, Inc.".to_owned(),
        service: "hosting of Relay".to_owned(),
        method: SubserviceMethod::CarveOut,
        criteria: ids(&["CC6.2"]),
        assumed_controls: vec![SubserviceControl {
            id: "CSOC-01".to_owned(),
            text: "Access of the provider’s personnel is reviewed.".to_owned(),
            criteria: ids(&["CC6.2"]),
        }],
        monitoring_controls: ids(&["TM-048"]),
    }
}

fn controls() -> Vec<ControlFacts> {
    [
        (
            "TM-048",
            "Access ends when people leave",
            &["CC6.2"][..],
            "with each event",
        ),
        (
            "TM-073",
            "Changes are approved by another person",
            &["CC8.1", "CC6.2"],
            "with each event",
        ),
        (
            "TM-076",
            "Emergency changes are approved afterwards",
            &["CC8.1"],
            "with each event",
        ),
        (
            "TM-104",
            "Breaches are notified",
            &["CC7.4"],
            "with each event",
        ),
    ]
    .map(|(control, title, criteria, frequency)| ControlFacts {
        id: id(control),
        title: title.to_owned(),
        markdown: format!("The organization does this: {}.", title.to_lowercase()),
        criteria: ids(criteria),
        frequency: frequency.to_owned(),
        since: None,
        earlier: Vec::new(),
    })
    .to_vec()
}

fn noun(one: &str, many: &str) -> (String, String) {
    (one.to_owned(), many.to_owned())
}

/// A test without exceptions over a whole population; the others vary it.
pub fn clean_test(id_: &str, control: &str) -> TestFacts {
    TestFacts {
        id: id_.to_owned(),
        control: id(control),
        nature: vec![Nature::Inspection],
        procedure:
            "Inspected the record of every item of the period to determine that it met the policy."
                .to_owned(),
        item: noun("item", "items"),
        population: Some(12),
        tested: Some(12),
        deviations: 0,
        not_tested: 0,
        with_gaps: 0,
        incomplete: Vec::new(),
        run: None,
        sample_of: None,
        exclusions: Vec::new(),
        selection: Selection::Whole,
        outcome: Outcome::NoExceptions,
        explanation: None,
        snapshots: vec![Sha256Hex::of(id_.as_bytes())],
    }
}

fn tests() -> Vec<TestFacts> {
    vec![
        TestFacts {
            item: noun("leaver", "leavers"),
            population: Some(27),
            tested: Some(27),
            deviations: 1,
            outcome: Outcome::Exceptions,
            ..clean_test("access-removed-on-leaving", "TM-048")
        },
        TestFacts {
            item: noun("merged change", "merged changes"),
            population: Some(2_972),
            tested: Some(2_972),
            exclusions: vec![Exclusion {
                count: 212,
                reason: "dependency updates merged by a bot under the documented policy".to_owned(),
            }],
            ..clean_test("change-approved-by-another-person", "TM-073")
        },
        TestFacts {
            item: noun("access request", "access requests"),
            population: Some(412),
            tested: Some(40),
            deviations: 1,
            outcome: Outcome::Exceptions,
            selection: sample(0.0938),
            ..clean_test("access-approved-before-grant", "TM-073")
        },
        TestFacts {
            item: noun("emergency change", "emergency changes"),
            population: Some(220),
            tested: Some(40),
            selection: sample(0.0721),
            ..clean_test("emergency-change-approved", "TM-076")
        },
        TestFacts {
            item: noun("breach", "breaches"),
            population: Some(0),
            tested: Some(0),
            outcome: Outcome::NoOccurrence,
            explanation: Some("The breach register of the period has no entry".to_owned()),
            ..clean_test("breach-notified", "TM-104")
        },
    ]
}

fn sample(upper_limit: f64) -> Selection {
    Selection::Sample {
        confidence: 0.9,
        upper_limit,
        seed: Some("5eed".to_owned()),
    }
}

fn deviations() -> Vec<DeviationFacts> {
    vec![
        deviation(
            "D-01",
            "TM-048",
            "access-removed-on-leaving",
            "access to the identity provider ended 6 business days after the last day; the policy allows 1",
            Some("Log inspection showed no sign-in after the last day"),
        ),
        deviation(
            "D-02",
            "TM-073",
            "access-approved-before-grant",
            "access was granted 3 hours before it was approved",
            None,
        ),
    ]
}

fn deviation(
    id_: &str,
    control: &str,
    test: &str,
    narrative: &str,
    note: Option<&str>,
) -> DeviationFacts {
    DeviationFacts {
        id: id_.to_owned(),
        controls: ids(&[control]),
        test: test.to_owned(),
        count: 1,
        narrative: narrative.to_owned(),
        note: note.map(str::to_owned),
        response: Some(ResponseFacts {
            position: "Management agrees.".to_owned(),
            cause: "The ticket waited in a queue.".to_owned(),
            action: "The queue is now watched daily.".to_owned(),
            owner_role: "Head of IT".to_owned(),
            due: date(2026, 9, 30),
        }),
    }
}

fn population() -> PopulationEntry {
    PopulationEntry {
        dataset: "leavers".to_owned(),
        title: "People who left".to_owned(),
        systems: vec!["Hearthside HR".to_owned()],
        records: 27,
        completeness:
            "Reconciled with accounts disabled in the identity provider, in both directions."
                .to_owned(),
        standing: Standing::Reconciled,
        snapshots: vec![Sha256Hex::of(b"leavers")],
    }
}
