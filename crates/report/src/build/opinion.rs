//! The opinion paragraph, and the basis that precedes a modified one.
//!
//! What must hold: heading, basis and paragraphs always belong to the same
//! opinion; a disclaimer expresses nothing; conditions about complementary
//! controls stand in design and operation, never in the description.

use tickmark_engagement::Ground;

use super::voice::{Voice, criteria_list, says};
use crate::value::{Block, Coverage, FactId, Opinion, Passage, ReportType, Subject};

/// Writes the basis (when modified) and the opinion.
pub fn write(voice: Voice<'_>) -> Vec<Passage> {
    let overall = voice.facts.opinion.overall;
    let mut passages = Vec::new();
    if let Some(heading) = basis_heading(overall) {
        passages.push(basis(voice, heading));
    }
    passages.push(Passage {
        subject: Subject::Opinion,
        heading: Some(heading(overall).to_owned()),
        blocks: opinion(voice, overall),
    });
    passages
}

/// The heading of the opinion paragraph.
pub fn heading(opinion: Opinion) -> &'static str {
    match opinion {
        Opinion::Unmodified => "Opinion",
        Opinion::Qualified => "Qualified Opinion",
        Opinion::Adverse => "Adverse Opinion",
        Opinion::Disclaimer => "Disclaimer of Opinion",
    }
}

/// The heading of the paragraph that explains a modified opinion.
pub fn basis_heading(opinion: Opinion) -> Option<&'static str> {
    match opinion {
        Opinion::Unmodified => None,
        Opinion::Qualified => Some("Basis for Qualified Opinion"),
        Opinion::Adverse => Some("Basis for Adverse Opinion"),
        Opinion::Disclaimer => Some("Basis for Disclaimer of Opinion"),
    }
}

fn basis(voice: Voice<'_>, heading: &str) -> Passage {
    Passage {
        subject: Subject::Basis,
        heading: Some(heading.to_owned()),
        blocks: basis_text(voice),
    }
}

/// Each matter with its criteria and its effect; the assertion repeats them.
pub fn basis_text(voice: Voice<'_>) -> Vec<Block> {
    let grounds = &voice.facts.opinion.grounds;
    let text = |ground: &Ground| {
        let criteria = if ground.criteria.len() == 1 {
            "criterion"
        } else {
            "criteria"
        };
        let affected = criteria_list(&ground.criteria);
        format!(
            "{} The matter affects {criteria} {affected} {}. {}",
            ground.matter,
            ground
                .period
                .map_or_else(|| voice.time(), |part| Coverage::throughout(part).during()),
            ground.effect
        )
    };
    let facts = |ground: &Ground| {
        let criteria = ground.criteria.iter().map(FactId::criterion);
        criteria.chain([FactId::engagement("opinion")]).collect()
    };
    grounds
        .iter()
        .map(|ground| says(text(ground), facts(ground)))
        .collect()
}

fn opinion(voice: Voice<'_>, overall: Opinion) -> Vec<Block> {
    let facts = vec![FactId::engagement("opinion")];
    if overall == Opinion::Disclaimer {
        return vec![says(disclaimer(voice), facts)];
    }
    if voice.facts.report_type == ReportType::Soc3 {
        return vec![says(soc3(voice, overall), facts)];
    }
    vec![
        says(lead(voice, overall), facts),
        Block::list(true, statements(voice)),
    ]
}

/// `matter` or `matters`, as many as there are.
fn matters(voice: Voice<'_>) -> &'static str {
    if voice.facts.opinion.grounds.len() == 1 {
        "matter"
    } else {
        "matters"
    }
}

fn lead(voice: Voice<'_>, overall: Opinion) -> String {
    let matters = matters(voice);
    match basis_heading(overall) {
        None => "In our opinion, in all material respects:".to_owned(),
        Some(heading) if overall == Opinion::Qualified => format!(
            "In our opinion, except for the {matters} described under “{heading}”, in all material respects:",
        ),
        Some(heading) => format!(
            "In our opinion, because of the significance of the {matters} described under “{heading}”, in all material respects:",
        ),
    }
}

fn statements(voice: Voice<'_>) -> Vec<String> {
    let two = voice.is_type1();
    let mut list = vec![
        format!("{};{}", description(voice), if two { " and" } else { "" }),
        format!("{}{}", design(voice), if two { "." } else { "; and" }),
    ];
    if !two {
        list.push(format!("{}.", operation(voice)));
    }
    list
}

fn is_adverse(opinion: Opinion) -> bool {
    opinion == Opinion::Adverse
}

fn description(voice: Voice<'_>) -> String {
    let presents = if is_adverse(voice.facts.opinion.description) {
        "does not present"
    } else {
        "presents"
    };
    format!(
        "the description {presents} the {} system of {} as it was designed and put in place {}, in accordance with the description criteria",
        voice.system(),
        voice.short(),
        voice.time(),
    )
}

fn design(voice: Voice<'_>) -> String {
    let were = if is_adverse(voice.facts.opinion.design) {
        "were not"
    } else {
        "were"
    };
    let condition = voice.complementary_parties().map_or_else(String::new, |parties| {
        format!(", and if {parties} applied the complementary controls assumed in the design of {}’s controls {}", voice.short(), voice.that_time())
    });
    format!(
        "the controls stated in the description {were} suitably designed {} to give reasonable assurance that {} would be achieved based on the applicable trust services criteria, if those controls operated effectively {}{condition}",
        voice.time(),
        voice.promises(),
        voice.that_time(),
    )
}

fn operation(voice: Voice<'_>) -> String {
    let operated = if is_adverse(voice.facts.opinion.operation) {
        "did not operate"
    } else {
        "operated"
    };
    let condition = voice.complementary_parties().map_or_else(String::new, |parties| {
        format!(", if the complementary controls of {parties} assumed in the design of {}’s controls operated effectively {}", voice.short(), voice.that_time())
    });
    format!(
        "the controls stated in the description {operated} effectively {} to give reasonable assurance that {} were achieved based on the applicable trust services criteria{condition}",
        voice.time(),
        voice.promises(),
    )
}

fn soc3(voice: Voice<'_>, overall: Opinion) -> String {
    let matters = matters(voice);
    let (lead, is) = match basis_heading(overall) {
        None => (String::new(), "is"),
        Some(heading) if overall == Opinion::Qualified => (
            format!("except for the {matters} described under “{heading}”, ",),
            "is",
        ),
        Some(heading) => (
            format!("because of the significance of the {matters} described under “{heading}”, ",),
            "is not",
        ),
    };
    format!(
        "In our opinion, {lead}management’s assertion that the controls within the {} system of {} were effective {} to give reasonable assurance that {} were achieved based on the applicable trust services criteria {is} fairly stated, in all material respects.",
        voice.system(),
        voice.short(),
        voice.time(),
        voice.promises(),
    )
}

fn disclaimer(voice: Voice<'_>) -> String {
    let matters = matters(voice);
    let on = match voice.facts.report_type {
        ReportType::Type1 => {
            "on the description or on the suitability of the design of the controls stated in it"
        }
        ReportType::Type2 => {
            "on the description, or on the suitability of the design or the operating effectiveness of the controls stated in it"
        }
        ReportType::Soc3 => "on the assertion",
    };
    format!(
        "Because of the significance of the {matters} described under “Basis for Disclaimer of Opinion”, we were not able to obtain sufficient appropriate evidence as a basis for an opinion. Accordingly, we do not express an opinion {on} {}.",
        voice.time(),
    )
}
