//! What SOC 2 asks and our library answers, loaded once from the files that are
//! part of the executable.
//!
//! Must hold: the embedded files are sound (a test loads them; a damaged one
//! stops the program at its first use); queries give things in the order of
//! publication.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::category::Category;
use crate::checklist::ChecklistItem;
use crate::control::{LibraryControl, read_library_control};
use crate::control_id::ControlId;
use crate::criteria::{Criterion, PointOfFocus};
use crate::criterion_id::{CriterionId, DescriptionCriterionId, PointOfFocusId, UnknownId};
use crate::crosswalk::CrosswalkRow;
use crate::dataset::DatasetSchema;
use crate::description_criteria::DescriptionCriterion;
use crate::nearest::nearest;
use crate::problem::{Problem, Problems};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Everything the catalog holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Catalog {
    /// The 61 trust services criteria, as published.
    pub criteria: Vec<Criterion>,
    /// The nine description criteria.
    pub description_criteria: Vec<DescriptionCriterion>,
    /// One row per criterion.
    pub crosswalk: Vec<CrosswalkRow>,
    /// The control library, by identifier.
    pub controls: Vec<LibraryControl>,
    /// The dataset schemas, by name.
    pub datasets: Vec<DatasetSchema>,
    /// What a report must show before it is issued.
    pub checklist: Vec<ChecklistItem>,
}

/// The catalog of this executable.
pub fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let mut problems = Vec::new();
        let catalog = load(&mut problems);
        assert!(
            problems.is_empty(),
            "the embedded catalog is damaged\n{}",
            Problems(problems)
        );
        catalog
    });
    &CATALOG
}

#[derive(serde::Deserialize)]
struct CriteriaFile {
    criteria: Vec<Criterion>,
}

fn load(problems: &mut Vec<Problem>) -> Catalog {
    let criteria: Option<CriteriaFile> =
        json("data/tsc.json", include_str!("../data/tsc.json"), problems);
    Catalog {
        criteria: criteria.map_or_else(Vec::new, |file| file.criteria),
        description_criteria: json(
            "data/description_criteria.json",
            include_str!("../data/description_criteria.json"),
            problems,
        )
        .unwrap_or_default(),
        crosswalk: json(
            "data/crosswalk.json",
            include_str!("../data/crosswalk.json"),
            problems,
        )
        .unwrap_or_default(),
        controls: load_controls(problems),
        datasets: load_datasets(problems),
        checklist: json(
            "data/report_checklist.json",
            include_str!("../data/report_checklist.json"),
            problems,
        )
        .unwrap_or_default(),
    }
}

fn load_controls(problems: &mut Vec<Problem>) -> Vec<LibraryControl> {
    let mut controls = Vec::new();
    for (file, text) in CONTROLS {
        controls.extend(read_library_control(file, text, problems));
    }
    controls
}

fn load_datasets(problems: &mut Vec<Problem>) -> Vec<DatasetSchema> {
    let mut datasets: Vec<DatasetSchema> = Vec::new();
    for (file, text) in DATASETS {
        match toml::from_str::<DatasetSchema>(text) {
            Ok(schema) => {
                problems.extend(schema.check(file));
                datasets.push(schema);
            }
            Err(error) => problems.push(Problem::new(error.message()).in_file(*file)),
        }
    }
    datasets
}

fn json<T: DeserializeOwned>(file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<T> {
    let damaged = |error: serde_json::Error| Problem::new(error.to_string()).in_file(file);
    serde_json::from_str(text)
        .map_err(damaged)
        .map_err(|problem| problems.push(problem))
        .ok()
}

impl Catalog {
    /// The criterion `id`.
    pub fn criterion(&self, id: CriterionId) -> Option<&Criterion> {
        self.criteria.iter().find(|criterion| criterion.id == id)
    }

    /// The point of focus `id`.
    pub fn point_of_focus(&self, id: PointOfFocusId) -> Option<&PointOfFocus> {
        self.criterion(id.criterion())?
            .points_of_focus
            .iter()
            .find(|point| point.id == id)
    }

    /// The description criterion `id`.
    pub fn description_criterion(
        &self,
        id: DescriptionCriterionId,
    ) -> Option<&DescriptionCriterion> {
        self.description_criteria
            .iter()
            .find(|criterion| criterion.id == id)
    }

    /// The crosswalk's row for a criterion.
    pub fn crosswalk_row(&self, criterion: CriterionId) -> Option<&CrosswalkRow> {
        self.crosswalk.iter().find(|row| row.criterion == criterion)
    }

    /// The library control `id`.
    pub fn control(&self, id: &ControlId) -> Option<&LibraryControl> {
        self.controls.iter().find(|control| control.id == *id)
    }

    /// The library controls that support a criterion.
    pub fn controls_for(&self, criterion: CriterionId) -> impl Iterator<Item = &LibraryControl> {
        self.controls
            .iter()
            .filter(move |control| control.criteria.contains(&criterion))
    }

    /// The schema of the dataset called `name`.
    pub fn dataset(&self, name: &str) -> Option<&DatasetSchema> {
        self.datasets.iter().find(|schema| schema.name == name)
    }

    /// As [`Self::dataset`], for a name a person wrote.
    ///
    /// # Errors
    /// The dataset does not exist; names the nearest that does.
    pub fn named_dataset(&self, name: &str) -> Result<&DatasetSchema, UnknownId> {
        let names = self.datasets.iter().map(|schema| schema.name.as_str());
        self.dataset(name).ok_or_else(|| UnknownId {
            what: "dataset",
            input: name.to_owned(),
            nearest: nearest(name, names).map(str::to_owned),
        })
    }

    /// The criteria that apply when `categories` are examined: the 33 common
    /// ones whatever is chosen, and those of each category.
    ///
    /// Criteria declared not relevant are for the caller to take away.
    pub fn applicable_criteria(&self, categories: &BTreeSet<Category>) -> Vec<&Criterion> {
        self.criteria
            .iter()
            .filter(|criterion| criterion.applies_to(categories))
            .collect()
    }

    /// The points of focus in play when `categories` are examined, for a system
    /// that does or does not make or distribute goods.
    ///
    /// For security alone and no goods: 208.
    pub fn points_of_focus_in_play(
        &self,
        categories: &BTreeSet<Category>,
        handles_goods: bool,
    ) -> Vec<&PointOfFocus> {
        self.applicable_criteria(categories)
            .into_iter()
            .flat_map(|criterion| &criterion.points_of_focus)
            .filter(|point| point.is_in_play(categories, handles_goods))
            .collect()
    }
}
