//! Words of the interface: each mirrors an enum of the domain, so that renaming
//! one there does not change what programs read.

/// Declares an enum of the interface and how one of the domain becomes it.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident from $domain:ty { $($variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema, rmcp::schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[schemars(crate = "rmcp::schemars")]
        pub enum $name {
            $(#[doc = concat!("`", stringify!($variant), "`")] $variant),+
        }

        impl From<$domain> for $name {
            fn from(word: $domain) -> Self {
                match word {
                    $(<$domain>::$variant => Self::$variant),+
                }
            }
        }
    };
}

words! {
    /// How a control stands: the worst of its tests, or its documents.
    Standing from tickmark_realm::Standing { Deviates, NotTested, Nothing, Documented, NoOccurrence, Operated }
}

words! {
    /// What a test says of one item.
    ItemStatus from tickmark_control_tests::ItemStatus { Operated, Deviation, Excluded, NotTested }
}

words! {
    /// What holds on a run of days.
    IntervalStatus from tickmark_control_tests::IntervalStatus { Operating, Deviating, NotObserved }
}

words! {
    /// Whether an item is something that happened or something observed over time.
    DatasetKind from tickmark_catalog::DatasetKind { Event, State }
}

words! {
    /// How a test is performed, in the auditor's terms.
    Nature from tickmark_control_tests::Nature { Inquiry, Observation, Inspection, Reperformance }
}

words! {
    /// Whether a miss is a deviation of a control or of a commitment.
    Measures from tickmark_control_tests::Measures { Control, Commitment }
}

words! {
    /// How often a control operates.
    Frequency from tickmark_catalog::Frequency { Continuous, Daily, Weekly, Monthly, Quarterly, HalfYearly, Yearly, EachEvent }
}

words! {
    /// When a control takes effect.
    ControlNature from tickmark_catalog::ControlNature { Preventive, Detective, Corrective }
}

words! {
    /// How a control is performed.
    Automation from tickmark_catalog::ControlAutomation { Manual, Automated, ItDependent }
}

words! {
    /// How a control can be tested.
    TestMode from tickmark_catalog::TestMode { Full, Sample, Inspect }
}

words! {
    /// A trust services category.
    Category from tickmark_catalog::Category { Security, Availability, ProcessingIntegrity, Confidentiality, Privacy }
}

words! {
    /// How far a source can be relied on.
    Grade from tickmark_evidence::Grade { Connector, ObservedRun, Screenshot, ClientFile }
}

words! {
    /// What a file is, by its first bytes.
    DocumentKind from tickmark_evidence::ArtifactKind { Pdf, Png, Jpeg, Zip, Html, Text, Binary }
}

words! {
    /// What is done about a risk.
    Treatment from tickmark_program::Treatment { Mitigate, Accept, Avoid, Share }
}

words! {
    /// Kind of report.
    ReportType from tickmark_catalog::ReportType { Type1, Type2, Soc3 }
}

words! {
    /// The auditor's opinion.
    Opinion from tickmark_engagement::ladder::Opinion { Unmodified, Qualified, Adverse, Disclaimer }
}

words! {
    /// Whether a deviation has one cause that is understood.
    Cause from tickmark_engagement::ladder::Cause { Isolated, Systemic }
}

words! {
    /// What someone is in the organization, as far as access goes.
    Role from tickmark_access::Role { Owner, ComplianceManager, ControlOwner, Employee, ReadOnly, Partner, Manager, Staff }
}

words! {
    /// Whether an account can be used.
    AccountStatus from tickmark_access::AccountStatus { Invited, Active, Closed }
}

words! {
    /// Type of a column's values.
    ColumnType from tickmark_catalog::ColumnType { Text, Bool, Int, Float, Date, Timestamp, TextList }
}
