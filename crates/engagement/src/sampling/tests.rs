//! Published tables, boundaries and the properties of a draw.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

fn number(value: &Value) -> Rate {
    rate(&value.to_string())
}

/// Every published or recomputed check value.
#[test]
fn check_values_hold() {
    let vectors: Vec<Value> =
        serde_json::from_str(include_str!("../../tests/data/sampling_vectors.json")).unwrap();
    assert_eq!(vectors.len(), 41);
    for vector in vectors {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let n = || input["n"].as_u64().unwrap();
        let k = || input["k"].as_u64().unwrap();
        let confidence = number(&input["confidence"]);
        match vector["kind"].as_str().unwrap() {
            "sample_size_aicpa" => {
                let size = sample_size(
                    &confidence,
                    &number(&input["tolerable"]),
                    &number(&input["expected_rate"]),
                )
                .unwrap();
                assert_eq!(
                    (size.n, size.k),
                    (
                        expected["n"].as_u64().unwrap(),
                        expected["k"].as_u64().unwrap()
                    ),
                    "{vector}"
                );
            }
            "upper_limit_pct_ceil1" => {
                let limit = upper_limit(n(), k(), &confidence);
                assert_eq!(
                    limit.percent(),
                    expected["udl_pct"].as_f64().unwrap(),
                    "{vector}"
                );
                assert!(
                    (limit.exact * 100.0 - expected["exact"].as_f64().unwrap()).abs() < 5.1e-5,
                    "{vector}"
                );
            }
            "sample_size_hypergeometric" => {
                let population = input["N"].as_u64().unwrap();
                let tolerable =
                    Rate::from_fraction(input["K_tolerable"].as_u64().unwrap(), population)
                        .unwrap();
                assert_eq!(k(), 0);
                let size =
                    finite_sample_size(population, &confidence, &tolerable, &rate("0")).unwrap();
                assert_eq!(size.n, expected["n"].as_u64().unwrap(), "{vector}");
            }
            "upper_limit_count_hypergeometric" => {
                let limit = upper_count(input["N"].as_u64().unwrap(), n(), k(), &confidence);
                assert_eq!(
                    limit.count,
                    expected["K_upper"].as_u64().unwrap(),
                    "{vector}"
                );
            }
            "sample_size_poisson" => {
                let (size, factor) =
                    poisson_sample_size(k() as u32, &confidence, &number(&input["tolerable"]));
                assert_eq!(size, expected["n"].as_u64().unwrap(), "{vector}");
                assert!(
                    (factor - expected["factor"].as_f64().unwrap()).abs() < 1e-4,
                    "{vector}"
                );
            }
            other => panic!("unknown kind {other}"),
        }
    }
}

/// Every cell of the published tables, 392 sizes and 462 limits, recomputed with
/// rational arithmetic.
#[test]
fn whole_tables_hold() {
    let tables: Value =
        serde_json::from_str(include_str!("../../tests/data/sampling_tables.json")).unwrap();
    let percent = |value: &Value| rate(&format!("{value}%"));
    let (mut sizes, mut limits) = (0, 0);
    for row in tables["sizes"].as_array().unwrap() {
        let (confidence, tolerable) = (&row["confidence_percent"], &row["tolerable_percent"]);
        for cell in row["expected_percent_n_k"].as_array().unwrap() {
            let size = sample_size(
                &percent(confidence),
                &percent(tolerable),
                &percent(&cell[0]),
            )
            .unwrap();
            let expected = (cell[1].as_u64().unwrap(), cell[2].as_u64().unwrap());
            assert_eq!(
                (size.n, size.k),
                expected,
                "{confidence}/{tolerable}/{cell}"
            );
            sizes += 1;
        }
    }
    for row in tables["limits"].as_array().unwrap() {
        let (confidence, n) = (&row["confidence_percent"], row["n"].as_u64().unwrap());
        for (k, permille) in row["permille_by_k"].as_array().unwrap().iter().enumerate() {
            let limit = upper_limit(n, k as u64, &percent(confidence));
            assert_eq!(
                limit.permille,
                permille.as_u64().unwrap(),
                "{confidence}: {k} of {n}"
            );
            limits += 1;
        }
    }
    assert_eq!((sizes, limits), (392, 462));
}

/// Acceptance series: the size that allows for 0, 1, 2 … deviations is the
/// smallest whose upper limit does not exceed the tolerable rate.
#[test]
fn acceptance_series_hold() {
    let check = |confidence: &str, tolerable: u64, series: &[u64]| {
        for (k, n) in series.iter().enumerate() {
            let k = k as u64;
            assert!(
                upper_limit(*n, k, &rate(confidence)).exact <= tolerable as f64 / 100.0,
                "{n}/{k}"
            );
            assert!(
                upper_limit(*n - 1, k, &rate(confidence)).exact > tolerable as f64 / 100.0,
                "{n}/{k}"
            );
        }
    };
    check("0.95", 5, &[59, 93, 124, 153, 181, 208, 234]);
    check("0.90", 5, &[45, 77, 105, 132, 158, 184, 209]);
    check("0.95", 10, &[29, 46, 61, 76, 89, 103]);
    check("0.90", 10, &[22, 38, 52, 65, 78, 91]);
}

#[test]
fn a_decimal_is_exact() {
    assert_eq!(rate("0.035").ceil_of(400), 14);
    assert_eq!(rate("3.5%"), rate("0.035"));
    assert_eq!(
        sample_size(&rate("0.90"), &rate("0.08"), &rate("0.07"))
            .unwrap()
            .n,
        1300
    );
    // Printed as 112; the exact rule gives 113.
    assert_eq!(
        sample_size(&rate("0.90"), &rate("0.07"), &rate("0.0325"))
            .unwrap()
            .n,
        113
    );
    for wrong in ["", "-1", "1.5", "abc", "101%", "0x1", "."] {
        assert_eq!(wrong.parse::<Rate>(), Err(RateError(wrong.to_owned())));
    }
}

#[test]
fn impossible_plans_are_refused() {
    let check = |confidence, tolerable, expected, text: &str| {
        let error = sample_size(&rate(confidence), &rate(tolerable), &rate(expected)).unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    };
    check("1", "0.05", "0", "leaves no risk");
    check("0.95", "0", "0", "cannot be planned for");
    check("0.95", "0.05", "0.05", "not below the tolerable rate");
}

#[test]
fn small_populations_are_tested_nearly_whole() {
    let size = finite_sample_size(12, &rate("0.95"), &rate("0.05"), &rate("0")).unwrap();
    assert_eq!(size.n, 12);
    assert_eq!(
        upper_count(27, 27, 1, &rate("0.95")),
        UpperCount {
            count: 1,
            population: 27
        }
    );
}

#[test]
fn the_customary_table_reads_as_written() {
    let table = Methodology::default();
    let check = |population, risk, expected| {
        assert_eq!(table.size(population, risk), expected, "{population}")
    };
    for (population, expected) in [
        (0, 0),
        (1, 1),
        (2, 2),
        (4, 2),
        (12, 3),
        (13, 5),
        (34, 8),
        (52, 8),
        (60, 9),
        (250, 30),
        (412, 40),
        (3184, 40),
    ] {
        check(population, RiskProfile::Moderate, expected);
    }
    check(60, RiskProfile::Low, 8);
    check(250, RiskProfile::High, 40);
    check(251, RiskProfile::High, 60);
}

fn items(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("item-{i:04}")).collect()
}

/// The draw is part of the format: this order may never change.
#[test]
fn a_draw_can_be_replayed() {
    let population = items(20);
    let digest = population_digest(&population);
    let seed = seed(&digest, &"TM-047".parse().unwrap(), "nonce");
    let draw = Draw::new(&population, seed).unwrap();
    insta::assert_snapshot!(draw.sample(6).unwrap().join(" "), @"item-0011 item-0017 item-0015 item-0014 item-0013 item-0006");
}

#[test]
fn a_draw_refuses_what_is_no_population() {
    let key = [0; 32];
    assert_eq!(Draw::new(&[], key), Err(DrawError::Empty));
    assert_eq!(
        Draw::new(&["a".into(), "b".into(), "a".into()], key),
        Err(DrawError::Duplicate("a".into()))
    );
    let draw = Draw::new(&items(3), key).unwrap();
    assert_eq!(
        draw.sample(4),
        Err(DrawError::TooLarge {
            size: 4,
            population: 3
        })
    );
    assert_eq!(
        draw.extension(2, 2),
        Err(DrawError::TooLarge {
            size: 4,
            population: 3
        })
    );
}

proptest! {
    #[test]
    fn a_sample_and_its_extension_never_overlap(count in 2usize..300, first in 0usize..100, more in 0usize..100, seed in any::<[u8; 32]>()) {
        let (first, more) = (first % count, more % count);
        prop_assume!(first + more <= count);
        let mut shuffled = items(count);
        shuffled.reverse();
        let draw = Draw::new(&shuffled, seed).unwrap();
        // The order of the rows as handed in does not matter.
        prop_assert_eq!(&draw, &Draw::new(&items(count), seed).unwrap());
        let mut seen = draw.sample(first).unwrap().to_vec();
        seen.extend_from_slice(draw.extension(first, more).unwrap());
        prop_assert_eq!(draw.sample(first + more).unwrap(), seen.as_slice());
        seen.sort();
        seen.dedup();
        prop_assert_eq!(seen.len(), first + more);
    }

    #[test]
    fn limits_agree_with_sizes(n in 1u64..300, k in 0u64..10) {
        prop_assume!(k < n);
        let limit = upper_limit(n, k, &rate("0.95"));
        prop_assert!(limit.exact > k as f64 / n as f64);
        prop_assert!(limit.permille as f64 / 1000.0 >= limit.exact - 1e-12);
        prop_assert!(limit.permille as f64 / 1000.0 < limit.exact + 0.001 + 1e-12);
    }
}
