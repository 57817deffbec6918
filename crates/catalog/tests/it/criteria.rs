//! Counts of criteria and points of focus, and which apply to which scope.

use std::collections::{BTreeMap, BTreeSet};

use tickmark_catalog::{Category, CriterionId, Origin, catalog};

fn count_by<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

#[test]
fn criteria_are_33_common_3_2_5_18() {
    let counts = count_by(
        catalog()
            .criteria
            .iter()
            .map(|criterion| criterion.category),
    );
    let expected = [
        (Category::Security, 33),
        (Category::Availability, 3),
        (Category::ProcessingIntegrity, 5),
        (Category::Confidentiality, 2),
        (Category::Privacy, 18),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    assert_eq!(catalog().criteria.len(), 61);
}

#[test]
fn common_criteria_by_series() {
    let common = catalog()
        .criteria
        .iter()
        .filter(|criterion| criterion.id.is_common());
    let counts: Vec<usize> = count_by(common.map(|criterion| criterion.series.clone()))
        .into_values()
        .collect();
    assert_eq!(counts, [5, 3, 4, 2, 3, 8, 5, 1, 2]);
}

#[test]
fn points_of_focus_by_series() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for criterion in &catalog().criteria {
        let group = if criterion.category == Category::Privacy {
            "P"
        } else {
            criterion.id.series()
        };
        *counts.entry(group).or_default() += criterion.points_of_focus.len();
    }
    let expected = [
        ("A1", 16),
        ("C1", 5),
        ("CC1", 28),
        ("CC2", 34),
        ("CC3", 36),
        ("CC4", 11),
        ("CC5", 16),
        ("CC6", 38),
        ("CC7", 36),
        ("CC8", 18),
        ("CC9", 15),
        ("P", 58),
        ("PI1", 19),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    assert_eq!(counts.values().sum::<usize>(), 330);
}

#[test]
fn files_and_identifiers_agree() {
    let ids: Vec<CriterionId> = catalog()
        .criteria
        .iter()
        .map(|criterion| criterion.id)
        .collect();
    assert_eq!(ids, CriterionId::all().collect::<Vec<_>>());
    for criterion in &catalog().criteria {
        assert_eq!(criterion.series, criterion.id.series());
        let points: Vec<_> = criterion
            .points_of_focus
            .iter()
            .map(|point| point.id)
            .collect();
        assert_eq!(
            points,
            criterion.id.points_of_focus().collect::<Vec<_>>(),
            "{}",
            criterion.id
        );
    }
}

#[test]
fn points_of_focus_by_scope() {
    use Category::{Availability, Confidentiality, Privacy, ProcessingIntegrity, Security};
    let check = |categories: &[Category], goods: bool, criteria: usize, points: usize| {
        let scope: BTreeSet<Category> = categories.iter().copied().collect();
        assert_eq!(
            catalog().applicable_criteria(&scope).len(),
            criteria,
            "{categories:?}"
        );
        assert_eq!(
            catalog().points_of_focus_in_play(&scope, goods).len(),
            points,
            "{categories:?}"
        );
    };
    check(&[Security], false, 33, 208);
    check(&[Security, Availability], false, 36, 208 + 17);
    check(&[Security, Confidentiality], false, 35, 208 + 12);
    check(&[Security, ProcessingIntegrity], false, 38, 208 + 18);
    check(&[Security, ProcessingIntegrity], true, 38, 208 + 19);
    check(&[Security, Privacy], false, 51, 208 + 74);
    check(
        &[Security, Availability, Confidentiality],
        false,
        38,
        208 + 17 + 12,
    );
    check(Category::ALL, false, 61, 329);
    check(Category::ALL, true, 61, 330);
    check(&[Availability], false, 36, 208 + 17);
}

#[test]
fn common_criteria_points_by_origin() {
    let common: Vec<_> = catalog()
        .criteria
        .iter()
        .filter(|c| c.id.is_common())
        .flat_map(|c| &c.points_of_focus)
        .collect();
    let count = |wanted: &dyn Fn(&tickmark_catalog::PointOfFocus) -> bool| {
        common.iter().filter(|point| wanted(point)).count()
    };
    assert_eq!(common.len(), 232);
    assert_eq!(count(&|point| point.origin == Origin::Coso), 85);
    assert_eq!(count(&|point| point.system_level), 7);
    assert_eq!(count(&|point| point.only_category.is_some()), 24);
    assert_eq!(
        count(&|p| p.origin == Origin::Tsc && !p.system_level && p.only_category.is_none()),
        116
    );
}

#[test]
fn category_conditional_points_within_the_common_criteria() {
    let conditional = |category: Category| {
        let points = catalog()
            .criteria
            .iter()
            .filter(|c| c.id.is_common())
            .flat_map(|c| &c.points_of_focus);
        let of_category = points.filter(|point| point.only_category == Some(category));
        count_by(of_category.map(|point| point.id.criterion().to_string()))
            .into_iter()
            .map(|(criterion, count)| format!("{criterion} x{count}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    assert_eq!(conditional(Category::Availability), "CC8.1 x1");
    assert_eq!(
        conditional(Category::Confidentiality),
        "CC2.3 x1, CC6.1 x1, CC7.3 x2, CC8.1 x1, CC9.2 x2"
    );
    assert_eq!(conditional(Category::ProcessingIntegrity), "");
    assert_eq!(
        conditional(Category::Privacy),
        "CC1.3 x1, CC1.5 x1, CC2.2 x2, CC2.3 x2, CC6.1 x1, CC7.3 x2, CC7.4 x3, CC8.1 x2, CC9.2 x2"
    );
}

#[test]
fn coso_principles_follow_components_not_numbers() {
    let principles: Vec<u8> = catalog()
        .criteria
        .iter()
        .filter_map(|c| c.coso_principle)
        .collect();
    assert_eq!(
        principles,
        [1, 2, 3, 4, 5, 13, 14, 15, 6, 7, 8, 9, 16, 17, 10, 11, 12]
    );
}

#[test]
fn description_criteria_are_nine_and_only_the_last_is_type_2_only() {
    let found: Vec<(String, bool)> = catalog()
        .description_criteria
        .iter()
        .map(|dc| (dc.id.to_string(), dc.type2_only))
        .collect();
    let expected: Vec<(String, bool)> = (1..=9).map(|n| (format!("DC {n}"), n == 9)).collect();
    assert_eq!(found, expected);
}
