//! Finding anything by a word: controls, criteria, tests, policies, risks,
//! vendors, evidence, commitments, pages.
//!
//! What must hold: what is found is only what the visitor may open; better
//! matches come first, and equal ones in a fixed order.

use serde::Serialize;
use tickmark_catalog::catalog;
use tickmark_realm::CompanyState;

use crate::format::url_part;
use crate::picture::Recorded;
use crate::strings::t;

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A control.
    Control,
    /// A criterion in scope.
    Criterion,
    /// A control test.
    Test,
    /// A policy.
    Policy,
    /// A risk.
    Risk,
    /// A vendor.
    Vendor,
    /// A commitment.
    Commitment,
    /// A dataset of which a population was imported.
    Population,
    /// A document that was taken in.
    Document,
}

impl Kind {
    /// What pages call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Control => t!("Control"),
            Self::Criterion => t!("Criterion"),
            Self::Test => t!("Test"),
            Self::Policy => t!("Policy"),
            Self::Risk => t!("Risk"),
            Self::Vendor => t!("Vendor"),
            Self::Commitment => t!("Commitment"),
            Self::Population => t!("Population"),
            Self::Document => t!("Document"),
        }
    }
}

/// One thing that can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its identifier.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Where it is shown.
    pub href: String,
    /// Identifier and title in lower case.
    folded: String,
}

/// Everything that can be found.
#[derive(Clone, Debug, Default)]
pub struct Index(Vec<Found>);

impl Found {
    fn new(kind: Kind, id: impl ToString, title: &str, href: String) -> Self {
        let id = id.to_string();
        let folded = format!("{id} {title}").to_lowercase();
        Self {
            kind,
            id,
            title: title.to_owned(),
            href,
            folded,
        }
    }
}

impl Index {
    /// Indexes a state.
    pub fn new(state: &CompanyState, recorded: Option<&Recorded>) -> Self {
        let Some(recorded) = recorded else {
            return Self::default();
        };
        let program = &recorded.program;
        let mut all = Vec::new();
        for control in &program.controls {
            let id = &control.definition.id;
            all.push(Found::new(
                Kind::Control,
                id,
                &control.definition.title,
                format!("/controls/{id}"),
            ));
        }
        for criterion in program.applicable_criteria() {
            let title = catalog()
                .criterion(criterion)
                .map_or_else(String::new, |it| it.summary.clone());
            all.push(Found::new(
                Kind::Criterion,
                criterion,
                &title,
                format!("/criteria/{criterion}"),
            ));
        }
        for (id, (_, test)) in recorded.tests.iter() {
            all.push(Found::new(
                Kind::Test,
                id,
                &test.title,
                format!("/tests/{id}"),
            ));
        }
        for it in &program.policies {
            all.push(Found::new(
                Kind::Policy,
                &it.id,
                &it.title,
                format!("/policies/{}", it.id),
            ));
        }
        for it in &program.risks {
            all.push(Found::new(
                Kind::Risk,
                &it.id,
                &it.title,
                format!("/risks/{}", it.id),
            ));
        }
        for it in &program.vendors {
            all.push(Found::new(
                Kind::Vendor,
                &it.id,
                &it.name,
                format!("/vendors/{}", it.id),
            ));
        }
        for it in &program.commitments {
            all.push(Found::new(
                Kind::Commitment,
                &it.id,
                &it.text,
                format!("/commitments#{}", it.id),
            ));
        }
        for dataset in state.evidence.datasets() {
            all.push(Found::new(
                Kind::Population,
                dataset,
                dataset,
                format!("/populations/{dataset}"),
            ));
        }
        for it in state.evidence.artifacts() {
            let href = format!("/evidence/documents/{}", url_part(it.sha256.as_str()));
            all.push(Found::new(Kind::Document, &it.path, &it.title, href));
        }
        Self(all)
    }

    /// What matches every word of `query`, best first, at most `limit`.
    pub fn find(&self, query: &str, limit: usize) -> Vec<&Found> {
        let query = query.to_lowercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        let Some(first) = words.first() else {
            return Vec::new();
        };
        let mut found: Vec<(u8, &Found)> = self
            .0
            .iter()
            .filter(|it| words.iter().all(|word| it.folded.contains(word)))
            .map(|it| (rank(it, first), it))
            .collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().take(limit).map(|(_, it)| it).collect()
    }
}

/// Nearer the start is better: the id itself, its start, a word's start.
fn rank(found: &Found, word: &str) -> u8 {
    let id = found.id.to_lowercase();
    if id == word {
        0
    } else if id.starts_with(word) {
        1
    } else if found.title.to_lowercase().starts_with(word) {
        2
    } else if found.folded.contains(&format!(" {word}")) {
        3
    } else {
        4
    }
}
