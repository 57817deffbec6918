//! The company's own records as tables that SQL can read.
//!
//! Must hold: the columns here are those of the files of a program folder, so
//! an author can guess them; additions only, since tests depend on them.

use tickmark_catalog::ColumnType;

/// The shape of one table of program records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramTableSchema {
    /// Name in SQL.
    pub name: &'static str,
    /// Column names and types, in order.
    pub columns: &'static [(&'static str, ColumnType)],
}

use ColumnType::{Bool, Date, Int, Text, TextList};

const TABLES: &[ProgramTableSchema] = &[
    ProgramTableSchema {
        name: "program_controls",
        columns: &[
            ("control_id", Text),
            ("title", Text),
            ("description", Text),
            ("owner_role", Text),
            ("frequency", Text),
            ("also_frequency", Text),
            ("nature", Text),
            ("automation", Text),
            ("mode", Text),
            ("library", Text),
            ("since", Date),
            ("criteria", TextList),
            ("tests", TextList),
        ],
    },
    ProgramTableSchema {
        name: "program_policies",
        columns: &[
            ("policy_id", Text),
            ("title", Text),
            ("version", Text),
            ("approved_on", Date),
            ("approver_role", Text),
            ("review_months", Int),
            ("owner_role", Text),
            ("controls", TextList),
        ],
    },
    ProgramTableSchema {
        name: "program_vendors",
        columns: &[
            ("vendor_id", Text),
            ("name", Text),
            ("tier", Text),
            ("services", Text),
            ("owner_role", Text),
            ("subservice", Bool),
            ("data", TextList),
        ],
    },
    ProgramTableSchema {
        name: "program_risks",
        columns: &[
            ("risk_id", Text),
            ("title", Text),
            ("category", Text),
            ("likelihood", Int),
            ("impact", Int),
            ("treatment", Text),
            ("owner_role", Text),
            ("controls", TextList),
            ("residual_likelihood", Int),
            ("residual_impact", Int),
            ("fraud", Bool),
            ("reviewed_on", Date),
        ],
    },
    ProgramTableSchema {
        name: "program_commitments",
        columns: &[
            ("commitment_id", Text),
            ("text", Text),
            ("category", Text),
            ("criteria", TextList),
            ("controls", TextList),
            ("source", Text),
            ("principal", Bool),
            ("measure", Text),
        ],
    },
];

/// All tables of program records.
pub fn program_tables() -> &'static [ProgramTableSchema] {
    TABLES
}

/// The table of program records with this name.
pub fn program_table(name: &str) -> Option<&'static ProgramTableSchema> {
    TABLES.iter().find(|table| table.name == name)
}
