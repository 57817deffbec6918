//! The introduction of Section IV: purpose, verbs, sampling, information used.
//!
//! What must hold: every verb a test may use is defined here, and only once.

use super::voice::{Voice, says};
use crate::value::{Block, IntroPart, IntroTopic, Verb};

/// The verbs and what each means.
pub fn verbs() -> Vec<Verb> {
    [
        ("Inquired", "Asked the person responsible how, when and by whom the control is performed, and compared the answer with other evidence. Inquiry alone was never taken as sufficient."),
        ("Observed", "Watched a process, a screen, a facility or a configuration. An observation is evidence for the moment at which it was made."),
        ("Inspected", "Read records, configurations, tickets, logs, policies or other documents, where needed against records of another system."),
        ("Re-performed", "Carried out the control or the calculation independently and compared the outcome with the organization’s."),
    ]
    .into_iter()
    .map(|(verb, meaning)| Verb { verb: verb.to_owned(), meaning: meaning.to_owned() })
    .collect()
}

/// The parts of the introduction in reading order.
pub fn parts(voice: Voice<'_>) -> Vec<IntroPart> {
    let mut parts = vec![
        purpose(voice),
        tests(),
        sampling(),
        information(),
        results(),
    ];
    parts.extend(complementary(voice));
    parts
}

fn part(topic: IntroTopic, heading: &str, blocks: Vec<Block>) -> IntroPart {
    IntroPart {
        topic,
        heading: heading.to_owned(),
        blocks,
    }
}

fn purpose(voice: Voice<'_>) -> IntroPart {
    part(
        IntroTopic::Purpose,
        "Purpose and Use of This Section",
        vec![
            says(
                format!(
                    "This section sets out, for each applicable trust services criterion, the controls {} specified, the tests {} performed {} to determine whether they operated effectively, and the results. It is meant to be read together with the description in Section III, by the parties named in Section I, and with an understanding of how the controls of user entities and subservice organizations work together with those tested here.",
                    voice.short(),
                    voice.facts.firm.name,
                    voice.time(),
                ),
                voice.scope_facts(),
            ),
            says(
                "The controls were specified by, and are the responsibility of, management. The tests and their results are the responsibility of the service auditor.",
                Vec::new(),
            ),
        ],
    )
}

fn tests() -> IntroPart {
    part(
        IntroTopic::Tests,
        "Tests of Controls",
        vec![says(
            "The nature, timing and extent of each test follow from the nature and frequency of the control, the risk that it fails, the deviations expected, the other evidence at hand and the importance of the control to its criteria. The verbs in the tests have these meanings:",
            Vec::new(),
        )],
    )
}

fn sampling() -> IntroPart {
    part(
        IntroTopic::Sampling,
        "Whole Populations and Samples",
        vec![
            says(
                "Where the systems of record allow it, a control was tested over its whole population: a fixed query was applied to every item that occurred, or to every state observed, in the period. Such a test has no sampling risk. The query, its parameters and the records it read are identified by their digests in the appendix, and every item that deviated was followed up.",
                Vec::new(),
            ),
            says(
                "Where a sample was drawn from a population, it was drawn at random. The population was frozen first; only then did the auditor enter a number of its own, from which, together with the digest of the population, the selection follows and can be repeated. Extensions continue the same selection, and no item once selected is replaced because it failed. Beside each sampled result stand the number tested and the upper deviation limit: the rate that the true rate of deviation does not exceed at the confidence stated.",
                Vec::new(),
            ),
            says(
                "Where a few instances were read to confirm other evidence, they were selected by judgment; the test says how many. Such a selection is not a sample, and no rate is computed from it.",
                Vec::new(),
            ),
        ],
    )
}

fn information() -> IntroPart {
    part(
        IntroTopic::Information,
        "Information Produced by the Organization",
        vec![says(
            "Populations and reports taken from the organization’s systems were used only after their completeness and accuracy had been examined: the system of record and the exact request were inspected, record counts and first and last entries were agreed to the source, and where a second, independent system holds the same facts the two were reconciled in both directions. The table names each population and what was done; where it says “agreed with the source”, no second source holds the same facts.",
            Vec::new(),
        )],
    )
}

fn results() -> IntroPart {
    part(
        IntroTopic::Results,
        "How to Read the Results",
        vec![
            says(
                "“No exceptions noted.” means that every item tested met the attribute tested. An exception is an item that did not; every exception found is reported, whatever its number, cause or effect on the opinion. “Not tested: the circumstances requiring this control did not occur in the period.” means that nothing happened that would have called for the control; it says nothing about how the control would have operated.",
                Vec::new(),
            ),
            says(
                "A control that serves several criteria is tested once. Its test and result are printed in full under its primary criterion; under the others the result is repeated in short and the place of the full text is named.",
                Vec::new(),
            ),
        ],
    )
}

fn complementary(voice: Voice<'_>) -> Option<IntroPart> {
    voice.complementary_parties().map(|parties| {
        part(IntroTopic::Complementary, "Controls Elsewhere", vec![says(
            format!("The controls tested here were designed on the assumption that {parties} apply the complementary controls listed in Section III. Those controls were not tested."),
            Vec::new(),
        )])
    })
}
