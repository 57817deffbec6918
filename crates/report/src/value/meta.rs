//! What the cover says: who, what, which time, which opinion.
//!
//! What must hold: the dates here are the dates everywhere in the report; type
//! 1 is as of a date, type 2 and SOC 3 are throughout a period.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_catalog::{Category, Period, ReportType};
use tickmark_engagement::ladder::Opinion;

/// The time the report speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Coverage {
    /// One date (type 1).
    AsOf {
        /// The date.
        date: Date,
    },
    /// Every day from the first to the last, both included (type 2, SOC 3).
    Throughout {
        /// The first day.
        start: Date,
        /// The last day.
        end: Date,
    },
}

impl Coverage {
    /// The period of a type 2 report.
    pub fn throughout(period: Period) -> Self {
        Self::Throughout {
            start: period.start,
            end: period.end,
        }
    }

    /// The last day the report speaks about.
    pub fn end(self) -> Date {
        match self {
            Self::AsOf { date } => date,
            Self::Throughout { end, .. } => end,
        }
    }

    /// `as of June 30, 2025` or `throughout the period July 1, 2025 to June 30, 2026`.
    pub fn phrase(self) -> String {
        match self {
            Self::AsOf { date } => format!("as of {}", long_date(date)),
            Self::Throughout { .. } => format!("throughout the period {}", self.dates()),
        }
    }

    /// `up to June 30, 2025` or `during the period July 1, 2025 to June 30, 2026`:
    /// for things that happen once, such as incidents and changes.
    pub fn during(self) -> String {
        match self {
            Self::AsOf { .. } => format!("up to {}", self.dates()),
            Self::Throughout { .. } => format!("during the period {}", self.dates()),
        }
    }

    /// `June 30, 2025` or `July 1, 2025 to June 30, 2026`.
    pub fn dates(self) -> String {
        match self {
            Self::AsOf { date } => long_date(date),
            Self::Throughout { start, end } => {
                format!("{} to {}", long_date(start), long_date(end))
            }
        }
    }
}

/// A date as American readers write it: `July 1, 2025`.
pub fn long_date(date: Date) -> String {
    date.strftime("%B %-d, %Y").to_string()
}

/// The service organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// The legal name.
    pub name: String,
    /// The name the text uses after the first mention.
    pub short_name: String,
    /// City and state of the headquarters.
    pub headquarters: String,
}

/// The service auditor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firm {
    /// The firm's name; it is also the signature.
    pub name: String,
    /// The city and state the report is issued from: `Seattle, Washington`.
    pub place: String,
}

/// One line of the contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionHead {
    /// A stable name renderers link to: `auditor-report`, `assertion`, …
    pub anchor: String,
    /// `Section I`, `Attachment A`, `Appendix`.
    pub number: String,
    /// The title.
    pub title: String,
    /// The title as the running header prints it, short enough for one line.
    pub running: String,
}

/// What the cover says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The version of the report's shape, [`super::FORMAT`].
    pub format: u32,
    /// The id the engagement gave the report; the PDF's identity.
    pub report_id: String,
    /// The kind of report.
    pub report_type: ReportType,
    /// The title on the cover; names the organization and the system.
    pub title: String,
    /// The kind of report in words.
    pub subtitle: String,
    /// The service organization.
    pub organization: Organization,
    /// The system's name.
    pub system: String,
    /// The exact title of management's description.
    pub description_title: String,
    /// The categories in scope, in publication order.
    pub categories: Vec<Category>,
    /// The time covered.
    pub coverage: Coverage,
    /// The date of the auditor's report.
    pub report_date: Date,
    /// The service auditor.
    pub firm: Firm,
    /// The opinion.
    pub opinion: Opinion,
    /// Who may use the report; `None` for general use.
    pub legend: Option<String>,
}

impl Meta {
    /// The kind of report as the cover prints it.
    pub fn label(&self) -> &'static str {
        label(self.report_type)
    }
}

/// The kind of report as the cover prints it.
pub fn label(report_type: ReportType) -> &'static str {
    match report_type {
        ReportType::Type1 => "SOC 2® Type 1 Report",
        ReportType::Type2 => "SOC 2® Type 2 Report",
        ReportType::Soc3 => "SOC 3® Report",
    }
}
