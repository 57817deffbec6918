//! TC: tests of controls and their results.

use std::collections::{BTreeMap, BTreeSet};

use tickmark_engagement::ladder::CriterionConclusion;

use super::words::{all, has};
use super::{Examined, Rule, Verdict, fail, none_of, not_applicable, when};
use crate::build::results::NO_OCCURRENCE;
use crate::value::rich_text::plain;
use crate::value::{
    IntroTopic, NO_EXCEPTIONS, Nature, Opinion, Outcome, Selection, TestEntry, TestsOfControls,
};

pub fn rule(id: &str) -> Option<Rule> {
    Some(match id {
        "TC01" => |it| introduced(it, &[IntroTopic::Purpose]),
        "TC02" => verbs,
        "TC03" => |it| introduced(it, &[IntroTopic::Sampling, IntroTopic::Information]),
        "TC04" => criteria_in_order,
        "TC05" => criteria_have_controls,
        "TC06" => controls_as_registered,
        "TC07" => controls_have_tests,
        "TC08" => not_only_inquiry,
        "TC09" => tests_say_enough,
        "TC10" => one_result_each,
        "TC11" => clean_constant,
        "TC12" => deviations_told,
        "TC13" => deviations_counted,
        "TC14" => same_result_everywhere,
        "TC15" => no_occurrence_shown,
        "TC16" => changed_controls,
        "TC17" => no_tests,
        "TC18" => inclusive,
        "TC19" => no_names,
        "TC20" => opinion_follows,
        _ => return None,
    })
}

/// Runs a rule on Section IV, or fails when there is none.
fn section(it: Examined<'_>, rule: impl FnOnce(&TestsOfControls) -> Verdict) -> Verdict {
    it.report
        .tests
        .as_ref()
        .map_or_else(|| fail("the report has no tests of controls"), rule)
}

/// The ids of the tests that `is_wrong`.
fn offenders(section: &TestsOfControls, is_wrong: impl Fn(&TestEntry) -> bool) -> Vec<String> {
    section
        .tests
        .iter()
        .filter(|test| is_wrong(test))
        .map(|test| test.id.clone())
        .collect()
}

fn introduced(it: Examined<'_>, topics: &[IntroTopic]) -> Verdict {
    section(it, |section| {
        let told = |topic: &IntroTopic| {
            section
                .introduction
                .iter()
                .any(|part| part.topic == *topic && !plain(&part.blocks).is_empty())
        };
        when(
            topics.iter().all(told),
            "the introduction does not explain it",
        )
    })
}

/// Every verb that a test uses is defined.
fn verbs(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let used: BTreeSet<&str> = section
            .tests
            .iter()
            .flat_map(|test| &test.nature)
            .map(|nature| verb(*nature))
            .collect();
        let defined = |word: &&str| {
            section
                .verbs
                .iter()
                .any(|verb| verb.verb == **word && !verb.meaning.is_empty())
        };
        let undefined: Vec<String> = used
            .into_iter()
            .filter(|word| !defined(word))
            .map(str::to_owned)
            .collect();
        none_of(&undefined, "verbs without a definition")
    })
}

fn verb(nature: Nature) -> &'static str {
    match nature {
        Nature::Inquiry => "Inquired",
        Nature::Observation => "Observed",
        Nature::Inspection => "Inspected",
        Nature::Reperformance => "Re-performed",
    }
}

fn criteria_in_order(it: Examined<'_>) -> Verdict {
    let ids: Vec<_> = it
        .report
        .criteria
        .iter()
        .map(|criterion| criterion.id)
        .collect();
    let missing: Vec<String> = it
        .file
        .criteria
        .iter()
        .filter(|(id, conclusion)| {
            **conclusion != CriterionConclusion::NotApplicable && !ids.contains(id)
        })
        .map(|(id, _)| id.to_string())
        .collect();
    all([
        when(
            ids.is_sorted() && !ids.is_empty(),
            "the criteria are not in publication order",
        ),
        none_of(&missing, "criteria concluded on but not reported"),
    ])
}

fn criteria_have_controls(it: Examined<'_>) -> Verdict {
    let bare = it
        .report
        .criteria
        .iter()
        .filter(|criterion| criterion.controls.is_empty());
    none_of(
        &bare
            .map(|criterion| criterion.id.to_string())
            .collect::<Vec<_>>(),
        "criteria without a control",
    )
}

fn controls_as_registered(it: Examined<'_>) -> Verdict {
    let differs = it
        .report
        .controls
        .iter()
        .filter(|control| it.file.register.get(&control.id) != Some(&plain(&control.text)));
    none_of(
        &differs
            .map(|control| control.id.to_string())
            .collect::<Vec<_>>(),
        "the text is not the register's",
    )
}

fn controls_have_tests(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let untested = it
            .report
            .controls
            .iter()
            .filter(|control| section.of(&control.id).next().is_none());
        none_of(
            &untested
                .map(|control| control.id.to_string())
                .collect::<Vec<_>>(),
            "controls without a test",
        )
    })
}

fn not_only_inquiry(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let only = it.report.controls.iter().filter(|control| {
            let mut tests = section.of(&control.id).peekable();
            tests.peek().is_some() && tests.all(|test| test.nature == [Nature::Inquiry])
        });
        none_of(
            &only
                .map(|control| control.id.to_string())
                .collect::<Vec<_>>(),
            "inquiry is the only test",
        )
    })
}

/// The procedure begins with the verb of its nature, which the section defines,
/// and goes on to say to what; items come with counts.
fn tests_say_enough(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let is_wanting = |test: &TestEntry| {
            let first = test.procedure.split_whitespace().next().unwrap_or_default();
            let first = first.trim_end_matches(',');
            let is_defined = test.nature.iter().any(|nature| verb(*nature) == first);
            let uncounted = test.extent.population.is_some()
                && (test.extent.tested.is_none() || test.extent.words.is_empty());
            !is_defined || uncounted || test.procedure.split_whitespace().count() < 6
        };
        none_of(
            &offenders(section, is_wanting),
            "verb, subject or extent is missing",
        )
    })
}

fn one_result_each(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let mut seen = BTreeSet::new();
        let repeated = section
            .tests
            .iter()
            .filter(|test| !seen.insert((&test.control, &test.id)));
        let repeated: Vec<String> = repeated.map(|test| test.id.clone()).collect();
        all([
            none_of(&repeated, "listed twice for the same control"),
            none_of(
                &offenders(section, |test| test.result.trim().is_empty()),
                "without a result",
            ),
        ])
    })
}

fn clean_constant(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let is_wrong = |test: &TestEntry| {
            (test.outcome == Outcome::NoExceptions) != (test.result == NO_EXCEPTIONS)
        };
        none_of(
            &offenders(section, is_wrong),
            "the result is not worded as its outcome",
        )
    })
}

fn deviations_told(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let is_told = |id: &&String| {
            section.exceptions.iter().any(|e| &&e.id == id)
                && section.tests.iter().any(|t| t.deviations.contains(id))
        };
        let untold: Vec<String> = it
            .file
            .deviations
            .iter()
            .filter(|id| !is_told(id))
            .cloned()
            .collect();
        none_of(
            &untold,
            "deviations of the file that the report does not tell",
        )
    })
}

/// Every exception says how many of how many.
fn deviations_counted(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let is_wanting = |test: &TestEntry| {
            let counted = |number: Option<u64>| {
                number.is_none_or(|n| test.result.contains(&crate::build::numbers::grouped(n)))
            };
            test.outcome == Outcome::Exceptions
                && !(counted(Some(test.extent.deviations))
                    && counted(test.extent.tested)
                    && (test.extent.selection == Selection::Whole
                        || counted(test.extent.population)))
        };
        none_of(
            &offenders(section, is_wanting),
            "count, items tested or population is missing",
        )
    })
}

fn same_result_everywhere(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let mut results: BTreeMap<&str, (&Outcome, &str)> = BTreeMap::new();
        let mut wrong = Vec::new();
        for test in &section.tests {
            let result = (&test.outcome, test.result.as_str());
            if *results.entry(&test.id).or_insert(result) != result {
                wrong.push(test.id.clone());
            }
        }
        let ids: BTreeSet<_> = it
            .report
            .controls
            .iter()
            .map(|control| &control.id)
            .collect();
        all([
            none_of(&wrong, "tests with two results"),
            when(
                ids.len() == it.report.controls.len(),
                "a control is listed twice",
            ),
        ])
    })
}

fn no_occurrence_shown(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let is_wrong = |test: &TestEntry| {
            test.outcome == Outcome::NoOccurrence
                && (!test.result.starts_with(NO_OCCURRENCE)
                    || test
                        .extent
                        .population
                        .is_some_and(|population| population > 0))
        };
        none_of(
            &offenders(section, is_wrong),
            "not shown by a population of zero",
        )
    })
}

fn changed_controls(it: Examined<'_>) -> Verdict {
    let wanting = it.file.begun.iter().filter(|(id, since)| {
        it.report
            .control(id)
            .is_some_and(|control| control.since != Some(**since))
    });
    none_of(
        &wanting.map(|(id, _)| id.to_string()).collect::<Vec<_>>(),
        "begun in the period without saying so",
    )
}

fn no_tests(it: Examined<'_>) -> Verdict {
    when(
        it.report.tests.is_none(),
        "this kind of report shows no tests",
    )
}

fn inclusive(it: Examined<'_>) -> Verdict {
    let mut included = it.included().peekable();
    if included.peek().is_none() {
        return not_applicable("no organization is presented inclusively");
    }
    let named = |name: &str| {
        it.report
            .controls
            .iter()
            .any(|control| has(&control.title, name) || has(&plain(&control.text), name))
    };
    let missing = included.filter(|organization| !named(&organization.name));
    none_of(
        &missing.map(|o| o.name.clone()).collect::<Vec<_>>(),
        "no control is labelled as that of",
    )
}

/// Neither mail addresses nor names handed in by the caller stand in results.
/// The offending test is told, never the name.
fn no_names(it: Examined<'_>) -> Verdict {
    section(it, |section| {
        let is_wrong = |test: &TestEntry| {
            let text = format!("{} {} {}", test.procedure, test.result, test.extent.words);
            text.contains('@')
                || it
                    .file
                    .private_names
                    .iter()
                    .any(|name| super::words::has_word(&text, name))
        };
        none_of(
            &offenders(section, is_wrong),
            "a person or a customer is named",
        )
    })
}

fn opinion_follows(it: Examined<'_>) -> Verdict {
    use CriterionConclusion as C;
    let of = |wanted: &[C]| -> Vec<String> {
        it.file
            .criteria
            .iter()
            .filter(|(_, c)| wanted.contains(c))
            .map(|(id, _)| id.to_string())
            .collect()
    };
    let is_modified = it.report.meta.opinion != Opinion::Unmodified;
    let (open, wanting) = (
        of(&[C::Open]),
        of(&[C::NotMet, C::NotMetByDesign, C::UnableToConclude]),
    );
    let basis = it
        .report
        .auditor_report
        .text_about(crate::value::Subject::Basis);
    let unnamed: Vec<String> = wanting
        .iter()
        .filter(|id| is_modified && !basis.contains(id.as_str()))
        .cloned()
        .collect();
    all([
        none_of(&open, "criteria nobody concluded on"),
        when(
            is_modified || wanting.is_empty(),
            format!(
                "the opinion is unmodified although criteria are not met: {}",
                wanting.join(", ")
            ),
        ),
        none_of(&unnamed, "criteria not met that the basis does not name"),
    ])
}
