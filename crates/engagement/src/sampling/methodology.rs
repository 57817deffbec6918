//! The firm's table of sample sizes by population.
//!
//! No standard prescribes sizes. The default below is customary practice; a
//! firm edits it, and the table in force is recorded with each sample.

use serde::{Deserialize, Serialize};

/// How much assurance the sample must give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskProfile {
    /// Low risk of the control failing, or other evidence exists.
    Low,
    /// The usual case.
    Moderate,
    /// The control carries much weight or has failed before.
    High,
}

/// One row: the sizes for populations up to `up_to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeRow {
    /// Largest population the row is for; the last row has none.
    pub up_to: Option<u64>,
    /// Items at low, moderate and high risk.
    pub items: [u64; 3],
    /// Percent of the population at low, moderate and high risk, rounded up;
    /// the larger of this and `items` counts, up to `cap`.
    #[serde(default)]
    pub percent: [u64; 3],
    /// Most items at low, moderate and high risk; 0 is no cap.
    #[serde(default)]
    pub cap: [u64; 3],
}

/// A table of sample sizes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Methodology {
    /// Name and version, printed with each sample.
    pub name: String,
    /// Rows in rising order of `up_to`.
    pub rows: Vec<SizeRow>,
}

impl Methodology {
    /// The size for a population, or 0 when nothing occurred.
    pub fn size(&self, population: u64, risk: RiskProfile) -> u64 {
        let row = self
            .rows
            .iter()
            .find(|row| row.up_to.is_none_or(|most| population <= most));
        row.map_or(population, |row| row.size(population, risk))
            .min(population)
    }
}

impl SizeRow {
    fn size(&self, population: u64, risk: RiskProfile) -> u64 {
        let of = |values: [u64; 3]| {
            let [low, moderate, high] = values;
            match risk {
                RiskProfile::Low => low,
                RiskProfile::Moderate => moderate,
                RiskProfile::High => high,
            }
        };
        let share = (population * of(self.percent)).div_ceil(100);
        let size = of(self.items).max(share);
        if of(self.cap) > 0 {
            size.min(of(self.cap))
        } else {
            size
        }
    }
}

impl Default for Methodology {
    fn default() -> Self {
        let row = |up_to, items| SizeRow {
            up_to,
            items,
            percent: [0; 3],
            cap: [0; 3],
        };
        Self {
            name: "customary-practice/1".to_owned(),
            rows: vec![
                row(Some(1), [1, 1, 1]),
                row(Some(4), [2, 2, 2]),
                row(Some(12), [2, 3, 4]),
                row(Some(24), [3, 5, 8]),
                row(Some(52), [5, 8, 15]),
                SizeRow {
                    up_to: Some(250),
                    items: [8, 0, 0],
                    percent: [10, 15, 20],
                    cap: [25, 30, 40],
                },
                row(None, [25, 40, 60]),
            ],
        }
    }
}
