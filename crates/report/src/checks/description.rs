//! SD: management's description.

use std::collections::BTreeSet;

use super::figures;
use super::words::{all, has, narrative};
use super::{Examined, Rule, Verdict, fail, none_of, not_applicable, when};
use crate::build::typography::curly;
use crate::value::rich_text::plain;
use crate::value::{Chapter, Incident, SubserviceMethod};

pub fn rule(id: &str) -> Option<Rule> {
    Some(match id {
        "SD01" => services,
        "SD03" => commitments,
        "SD04" => |it| {
            when(
                !it.report.description.requirements.is_empty(),
                "no system requirements are listed",
            )
        },
        "SD05" => |it| part(it, "infrastructure"),
        "SD06" => |it| part(it, "software"),
        "SD07" => |it| part(it, "people"),
        "SD08" => procedures,
        "SD09" => |it| part(it, "data"),
        "SD10" => |it| part(it, "boundaries"),
        "SD11" => |it| part(it, "control_environment"),
        "SD12" => |it| part(it, "risk_assessment"),
        "SD13" => |it| part(it, "information_communication"),
        "SD14" => |it| part(it, "monitoring"),
        "SD15" => key_procedures,
        "SD16" => incidents_stated,
        "SD17" => incidents_told,
        "SD18" => matrix,
        "SD19" => user_entity_controls,
        "SD21" => subservice_methods,
        "SD22" => subservice_controls,
        "SD23" => subservice_monitoring,
        "SD24" => not_relevant,
        "SD25" => changes,
        "SD26" => controls_agree,
        "SD27" => tie_out,
        "SD29" => boundaries,
        "SD30" => attachment_b,
        _ => return None,
    })
}

/// The chapter that answers `DC n`.
fn chapter(it: Examined<'_>, number: u8) -> Option<&Chapter> {
    it.report
        .description
        .chapters
        .iter()
        .find(|chapter| chapter.criterion.number() == number)
}

fn lead(it: Examined<'_>, number: u8) -> String {
    chapter(it, number)
        .map(|chapter| plain(&chapter.lead))
        .unwrap_or_default()
}

fn services(it: Examined<'_>) -> Verdict {
    let told = chapter(it, 1).is_some_and(|chapter| !chapter.parts.is_empty());
    when(
        told || !it.report.description.services.is_empty(),
        "no services are described",
    )
}

/// Every category in scope has a principal commitment.
fn commitments(it: Examined<'_>) -> Verdict {
    let commitments = &it.report.description.commitments;
    let without = it
        .report
        .meta
        .categories
        .iter()
        .filter(|category| !commitments.iter().any(|c| c.category == Some(**category)));
    none_of(
        &without
            .map(|category| category.title().to_owned())
            .collect::<Vec<_>>(),
        "categories without a principal commitment",
    )
}

fn has_part(it: Examined<'_>, name: &str) -> bool {
    let parts = it
        .report
        .description
        .chapters
        .iter()
        .flat_map(|chapter| &chapter.parts);
    parts
        .filter(|part| part.part.as_deref() == Some(name))
        .any(|part| !plain(&part.blocks).trim().is_empty())
}

fn part(it: Examined<'_>, name: &str) -> Verdict {
    when(
        has_part(it, name),
        format!("nothing is said about `{name}`"),
    )
}

/// Procedures may stand in one part or in the parts about single procedures.
fn procedures(it: Examined<'_>) -> Verdict {
    let any = ["procedures", "access", "change", "operations"]
        .iter()
        .any(|name| has_part(it, name));
    when(any, "no procedures are described")
}

fn key_procedures(it: Examined<'_>) -> Verdict {
    let keys = [
        "access",
        "change",
        "operations",
        "incident",
        "vendor",
        "continuity",
    ];
    let missing: Vec<String> = keys
        .iter()
        .filter(|name| !has_part(it, name))
        .map(|name| (*name).to_owned())
        .collect();
    none_of(&missing, "nothing is said about")
}

fn incidents_stated(it: Examined<'_>) -> Verdict {
    let (text, none) = (lead(it, 4), it.report.description.incidents.is_empty());
    when(
        !text.is_empty() && has(&text, "identified no system incident") == none,
        "neither incidents nor their absence are stated",
    )
}

fn incidents_told(it: Examined<'_>) -> Verdict {
    let is_complete = |incident: &&Incident| {
        [
            &incident.nature,
            &incident.timing,
            &incident.effect,
            &incident.disposition,
        ]
        .iter()
        .all(|text| !text.trim().is_empty())
    };
    let incidents = &it.report.description.incidents;
    if incidents.is_empty() {
        return not_applicable("no incidents to disclose");
    }
    let wanting: Vec<String> = incidents
        .iter()
        .filter(|i| !is_complete(i))
        .map(|i| i.id.clone())
        .collect();
    none_of(&wanting, "nature, timing, effect or disposition is missing")
}

fn matrix(it: Examined<'_>) -> Verdict {
    when(
        chapter(it, 5).is_some() && !it.report.criteria.is_empty(),
        "criteria and controls are not listed",
    )
}

fn user_entity_controls(it: Examined<'_>) -> Verdict {
    let controls = &it.report.description.user_entity_controls;
    if controls.is_empty() {
        return when(
            has(
                &lead(it, 6),
                "no complementary user entity controls are necessary",
            ),
            "their absence is not stated",
        );
    }
    let unlinked: Vec<String> = controls
        .iter()
        .filter(|c| c.criteria.is_empty())
        .map(|c| c.id.clone())
        .collect();
    none_of(&unlinked, "not linked to a criterion")
}

fn subservice_methods(it: Examined<'_>) -> Verdict {
    let organizations = &it.report.description.subservice;
    if organizations.is_empty() {
        return when(
            has(&lead(it, 7), "uses no subservice organizations"),
            "their absence is not stated",
        );
    }
    let unclear: Vec<String> = organizations
        .iter()
        .filter(|o| o.service.trim().is_empty())
        .map(|o| o.name.clone())
        .collect();
    none_of(&unclear, "the service is not described")
}

fn subservice_controls(it: Examined<'_>) -> Verdict {
    let mut carved = it
        .report
        .description
        .subservice
        .iter()
        .filter(|o| o.method == SubserviceMethod::CarveOut)
        .peekable();
    if carved.peek().is_none() {
        return not_applicable("no organization is carved out");
    }
    let wanting = carved.filter(|o| {
        o.criteria.is_empty()
            || o.assumed_controls.is_empty()
            || o.assumed_controls.iter().any(|c| c.criteria.is_empty())
    });
    none_of(
        &wanting.map(|o| o.name.clone()).collect::<Vec<_>>(),
        "criteria or types of controls are missing",
    )
}

fn subservice_monitoring(it: Examined<'_>) -> Verdict {
    let organizations = &it.report.description.subservice;
    if organizations.is_empty() {
        return not_applicable("no subservice organizations");
    }
    let unwatched = organizations
        .iter()
        .filter(|o| o.monitoring_controls.is_empty());
    none_of(
        &unwatched.map(|o| o.name.clone()).collect::<Vec<_>>(),
        "not monitored by a control",
    )
}

fn not_relevant(it: Examined<'_>) -> Verdict {
    let rows = &it.report.description.not_relevant;
    if rows.is_empty() {
        return when(
            has(&lead(it, 8), "are relevant"),
            "neither criteria nor their absence are stated",
        );
    }
    let unexplained: Vec<String> = rows
        .iter()
        .filter(|row| row.reason.trim().is_empty())
        .map(|row| row.criterion.to_string())
        .collect();
    none_of(&unexplained, "no reason is given")
}

fn changes(it: Examined<'_>) -> Verdict {
    let (text, none) = (lead(it, 9), it.report.description.changes.is_empty());
    when(
        !text.is_empty() && has(&text, "there were no changes") == none,
        "neither changes nor their absence are stated",
    )
}

/// The words of a text that look like the report's control ids: the same
/// letters before the dash, digits after it.
fn mentioned<'a>(it: Examined<'_>, text: &'a str) -> Vec<&'a str> {
    let prefixes: BTreeSet<&str> = it
        .report
        .controls
        .iter()
        .filter_map(|c| c.id.as_str().split_once('-'))
        .map(|(letters, _)| letters)
        .collect();
    let is_id = |word: &&str| {
        word.split_once('-').is_some_and(|(letters, digits)| {
            prefixes.contains(letters)
                && !digits.is_empty()
                && digits.bytes().all(|b| b.is_ascii_digit())
        })
    };
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(is_id)
        .collect()
}

/// No control is named in Section III that Section IV does not have, and every
/// control of Section IV is named in the narrative or listed in the matrix.
fn controls_agree(it: Examined<'_>) -> Verdict {
    let text = narrative(it.report);
    let known = |id: &str| {
        it.report
            .controls
            .iter()
            .any(|control| control.id.as_str() == id)
    };
    let foreign: Vec<String> = mentioned(it, &text)
        .into_iter()
        .filter(|id| !known(id))
        .map(str::to_owned)
        .collect();
    let listed = |control: &&crate::value::ControlEntry| {
        it.report
            .criteria
            .iter()
            .any(|c| c.controls.contains(&control.id))
    };
    let lost: Vec<String> = it
        .report
        .controls
        .iter()
        .filter(|c| !listed(c))
        .map(|c| c.id.to_string())
        .collect();
    all([
        none_of(&foreign, "named in Section III only"),
        none_of(&lost, "not in the matrix of criteria and controls"),
    ])
}

/// Names and ids in the registers exist where they point, each disclosed change
/// lies inside the time covered, and every figure says what the report counts.
fn tie_out(it: Examined<'_>) -> Verdict {
    let description = &it.report.description;
    let commitments = description
        .commitments
        .iter()
        .chain(&description.requirements)
        .flat_map(|c| &c.controls);
    let monitoring = description
        .subservice
        .iter()
        .flat_map(|s| &s.monitoring_controls);
    let changed = description.changes.iter().flat_map(|c| &c.controls);
    let unknown = commitments
        .chain(monitoring)
        .chain(changed)
        .filter(|id| it.report.control(id).is_none());
    let unknown: Vec<String> = unknown.map(ToString::to_string).collect();
    let late: Vec<String> = description
        .changes
        .iter()
        .filter(|c| !covers(it, c.on))
        .map(|c| c.id.clone())
        .collect();
    let system = &it.report.meta.system;
    all([
        none_of(&unknown, "controls the report does not have"),
        none_of(&late, "changes outside the period"),
        none_of(
            &figures::disagreements(it),
            "figures of the description that disagree",
        ),
        when(
            [&it.report.meta.organization.short_name, system]
                .iter()
                .any(|name| narrative(it.report).contains(&curly(name, None))),
            "the narrative names neither organization nor system",
        ),
    ])
}

fn covers(it: Examined<'_>, date: jiff::civil::Date) -> bool {
    match it.report.meta.coverage {
        crate::value::Coverage::AsOf { date: on } => date <= on,
        crate::value::Coverage::Throughout { start, end } => start <= date && date <= end,
    }
}

fn boundaries(it: Examined<'_>) -> Verdict {
    let missing: Vec<String> = ["infrastructure", "software", "people", "data", "boundaries"]
        .iter()
        .filter(|name| !has_part(it, name))
        .map(|name| (*name).to_owned())
        .collect();
    if chapter(it, 7).is_none() {
        return fail("subservice organizations are not presented");
    }
    none_of(&missing, "nothing is said about")
}

fn attachment_b(it: Examined<'_>) -> Verdict {
    let description = &it.report.description;
    when(
        !description.commitments.is_empty() && !description.requirements.is_empty(),
        "commitments or requirements are missing",
    )
}
