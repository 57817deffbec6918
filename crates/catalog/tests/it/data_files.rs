//! The data files that are part of the executable.

use std::collections::BTreeSet;

use tickmark_catalog::{CheckMode, ColumnType, DatasetKind, ReportType, catalog};

#[test]
fn datasets() {
    let datasets = &catalog().datasets;
    let names: BTreeSet<&str> = datasets.iter().map(|schema| schema.name.as_str()).collect();
    assert_eq!(names.len(), datasets.len());
    assert!(datasets.len() >= 40);
    for schema in datasets {
        let columns: BTreeSet<&str> = schema
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(columns.len(), schema.columns.len(), "{}", schema.name);
        assert!(
            ["source_id", "observed_at", "source_row", "at"]
                .iter()
                .all(|taken| !columns.contains(taken))
        );
    }
}

#[test]
fn a_dataset_in_full() {
    let leavers = catalog().dataset("leavers").unwrap();
    assert_eq!(leavers.kind, DatasetKind::Event);
    assert_eq!(leavers.time.as_deref(), Some("last_day"));
    assert_eq!(leavers.column("last_day").unwrap().kind, ColumnType::Date);
    assert!(leavers.column("last_day").unwrap().required);
}

#[test]
fn an_unknown_dataset_names_the_nearest() {
    let said = catalog().named_dataset("leaver").unwrap_err().to_string();
    assert_eq!(
        said,
        "dataset `leaver` does not exist; the nearest is `leavers`"
    );
}

#[test]
fn checklist() {
    let items = &catalog().checklist;
    assert_eq!(items.len(), 122);
    assert_eq!(
        items
            .iter()
            .filter(|item| item.mode == CheckMode::Assisted)
            .count(),
        7
    );
    assert_eq!(
        items
            .iter()
            .filter(|item| item.applies.contains(&ReportType::Type2))
            .count(),
        114
    );
    let ids: BTreeSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids.len(), 122);
}
