//! FG: what must be on file before a report leaves the firm.

use super::words::{all, has};
use super::{Examined, Rule, Verdict, none_of, not_applicable, when};
use crate::value::{ReportType, Subject};

pub fn rule(id: &str) -> Option<Rule> {
    Some(match id {
        "FG01" => independence,
        "FG02" => |it| {
            when(
                it.file
                    .engagement_letter
                    .is_some_and(|date| date <= it.report.meta.report_date),
                "no signed engagement letter is on file",
            )
        },
        "FG03" => reviews,
        "FG04" => |it| {
            when(
                it.file.representation_letter == Some(it.report.meta.report_date),
                "no representation letter has the date of the report",
            )
        },
        "FG05" => subsequent_events,
        "FG06" => quality_review,
        "FG07" => bound,
        "FG08" => distribution,
        _ => return None,
    })
}

fn independence(it: Examined<'_>) -> Verdict {
    let date = it.report.meta.report_date;
    let open = it
        .file
        .members
        .iter()
        .filter(|member| member.independence_confirmed_on.is_none_or(|on| on > date));
    // Without an assertion there is nothing to be independent of yet; MA15 says
    // that it is missing.
    let dependent = it.included().filter(|organization| {
        let assertion = it.file.subservice_assertions.get(&organization.id);
        assertion.is_some_and(|assertion| assertion.independence_confirmed_on > date)
    });
    all([
        when(!it.file.members.is_empty(), "no team is recorded"),
        none_of(
            &open.map(|member| member.id.clone()).collect::<Vec<_>>(),
            "independence is not confirmed",
        ),
        none_of(
            &dependent.map(|it| it.name.clone()).collect::<Vec<_>>(),
            "independence is confirmed only after the report of",
        ),
    ])
}

fn reviews(it: Examined<'_>) -> Verdict {
    let same = it
        .file
        .sign_offs
        .iter()
        .filter(|paper| paper.prepared_by == paper.reviewed_by);
    all([
        when(
            !it.file.sign_offs.is_empty(),
            "no working papers are signed",
        ),
        none_of(
            &same.map(|paper| paper.what.clone()).collect::<Vec<_>>(),
            "prepared and reviewed by the same person",
        ),
    ])
}

/// The inquiry reaches at least to the day before the report.
fn subsequent_events(it: Examined<'_>) -> Verdict {
    let date = it.report.meta.report_date;
    let earliest = date.yesterday().unwrap_or(date);
    when(
        it.file
            .subsequent_events
            .is_some_and(|on| earliest <= on && on <= date),
        "the inquiry about subsequent events does not reach the date of the report",
    )
}

fn quality_review(it: Examined<'_>) -> Verdict {
    if !it.file.is_quality_review_required {
        return not_applicable("no quality review is required");
    }
    when(
        it.file
            .quality_review
            .is_some_and(|on| on <= it.report.meta.report_date),
        "the quality review is not complete",
    )
}

fn bound(it: Examined<'_>) -> Verdict {
    let appendix = &it.report.appendix;
    all([
        when(
            appendix.inputs_digest.is_some() && !appendix.inputs.is_empty(),
            "the report is not bound to a digest of its inputs",
        ),
        when(
            !appendix.checkpoints.is_empty(),
            "the report names no checkpoint",
        ),
    ])
}

/// A restricted report says so on its cover and in Section I; a general one
/// nowhere.
fn distribution(it: Examined<'_>) -> Verdict {
    let is_restricted = it.report.meta.report_type != ReportType::Soc3;
    let legend = it
        .report
        .meta
        .legend
        .as_deref()
        .is_some_and(|legend| has(legend, "restricted"));
    let passage = it
        .report
        .auditor_report
        .position(Subject::RestrictedUse)
        .is_some();
    when(
        legend == is_restricted && passage == is_restricted,
        "the distribution stated does not fit the kind of report",
    )
}
