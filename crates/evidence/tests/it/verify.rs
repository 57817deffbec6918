//! Manifests, and doing the derivation again.

use insta::assert_snapshot;
use tickmark_catalog::Sha256Hex;
use tickmark_evidence::{Manifest, Rejects, Snapshot, Store, verify_manifest};

use crate::setup::{Setup, datasets, mapping};

fn happenings() -> String {
    let text = mapping(
        "format = \"csv\"\nfiles = [\"a.csv\", \"b.csv\"]\ncovers = \"2025-07-01..2026-06-30\"\nsource_count = 4\nnot_collected = [\"drafts\"]\nscopes = [\"read:things\"]",
        &[("at", "from = \"at\"")],
    );
    let line = text
        .lines()
        .find(|line| line.starts_with("unmapped"))
        .unwrap();
    text.replace(line, "")
        .replace("dataset = \"things\"", "dataset = \"happenings\"")
}

fn imported() -> (Setup, Snapshot) {
    let setup = Setup::new();
    setup.write(
        "a.csv",
        "id,at\n1,2026-01-02T00:00:00Z\n2,2026-01-01T00:00:00Z\n",
    );
    setup.write("b.csv", "id,at\n3,never\n4,2026-06-30T23:59:59.5Z\n");
    let snapshot = setup.import(&happenings(), Rejects::Accept).unwrap();
    (setup, snapshot)
}

#[test]
fn a_manifest_answers_the_auditor() {
    let (_, snapshot) = imported();
    let manifest = String::from_utf8(snapshot.manifest.to_bytes().unwrap()).unwrap();
    assert_snapshot!(manifest, @r#"
    {
      "manifest_version": 1,
      "source_id": "things",
      "system": "Thing register",
      "tenant": "fernhollow",
      "dataset": "happenings",
      "dataset_version": 1,
      "collector": {
        "name": "test",
        "version": "1"
      },
      "grade": "connector",
      "scopes": [
        "read:things"
      ],
      "request": "GET /things",
      "mapping": {
        "sha256": "d8b48c9d1a506fd89423472f7d5690b3f8a16c4a059309ac62fc8d929588aa2a",
        "size_bytes": 364
      },
      "raw_files": [
        {
          "name": "a.csv",
          "object": {
            "sha256": "64f2cd54e910fe31d9f52b8745a501fd0fefc28d558f83ea3dbbeccf065e49c1",
            "size_bytes": 52
          }
        },
        {
          "name": "b.csv",
          "object": {
            "sha256": "3c54fcb83a97649a7d3624e3995fb67ab5f4e90e625d4a748eda1c7bacbf72cb",
            "size_bytes": 39
          }
        }
      ],
      "source_count": 4,
      "record_count": 4,
      "row_count": 3,
      "reject_count": 1,
      "rejects": {
        "sha256": "93db264601cde0c0b666f5669688bde58a64f910c3873817604e1ad10a7998f2",
        "size_bytes": 171
      },
      "first_key": [
        "1"
      ],
      "last_key": [
        "4"
      ],
      "covers": "2025-07-01..2026-06-30",
      "times": {
        "column": "at",
        "first": "2026-01-01T00:00:00Z",
        "last": "2026-06-30T23:59:59.5Z",
        "is_ascending": false
      },
      "observed": {
        "first": "2026-07-02T15:00:00Z",
        "last": "2026-07-02T15:00:00Z",
        "observation_count": 1
      },
      "collected_at": "2026-07-03T00:00:00Z",
      "derived": {
        "sha256": "258963cec226480b75687810af976a1be1da61c0b6b5f2b430e23375972ef2b6",
        "size_bytes": 1310
      },
      "derivation": "tickmark-evidence derivation 1",
      "not_collected": [
        "drafts"
      ],
      "notes": []
    }
    "#);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (_, first) = imported();
    let (_, second) = imported();
    assert_eq!(first, second);
}

#[test]
fn the_bytes_are_those_of_the_first_release() {
    let (_, snapshot) = imported();
    assert_snapshot!(snapshot.manifest.derived.sha256, @"258963cec226480b75687810af976a1be1da61c0b6b5f2b430e23375972ef2b6");
}

#[test]
fn verifies_from_the_raw_bytes_on() {
    let (setup, snapshot) = imported();
    let verified = verify_manifest(&snapshot.manifest_sha256, &datasets(), &setup.store).unwrap();
    assert_eq!(verified, snapshot.manifest);
}

#[test]
fn finds_one_changed_byte_in_any_object() {
    let (_, snapshot) = imported();
    let manifest = &snapshot.manifest;
    let objects: Vec<Sha256Hex> = [
        &manifest.mapping,
        &manifest.derived,
        manifest.rejects.as_ref().unwrap(),
    ]
    .into_iter()
    .chain(manifest.raw_files.iter().map(|raw| &raw.object))
    .map(|object| object.sha256.clone())
    .chain([snapshot.manifest_sha256.clone()])
    .collect();
    for object in objects {
        let (setup, _) = imported();
        let path = setup.store.local_path(&object);
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let error =
            verify_manifest(&snapshot.manifest_sha256, &datasets(), &setup.store).unwrap_err();
        assert!(error.is_damage());
        assert!(error.to_string().contains(object.as_str()), "{error}");
    }
}

/// A manifest that was forged together with all the hashes it names.
#[test]
fn finds_a_forged_manifest() {
    let check = |forge: &dyn Fn(&mut Manifest, &Setup), expected: &str| {
        let (setup, snapshot) = imported();
        let mut manifest = snapshot.manifest.clone();
        forge(&mut manifest, &setup);
        let forged = setup.store.put(&manifest.to_bytes().unwrap()).unwrap();
        let error = verify_manifest(&forged.sha256, &datasets(), &setup.store).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    let other = |setup: &Setup| setup.store.put(b"other").unwrap();
    check(
        &|manifest, setup| manifest.derived = other(setup),
        "its raw files give another snapshot",
    );
    check(
        &|manifest, setup| manifest.rejects = Some(other(setup)),
        "its raw files give other rejects",
    );
    check(
        &|manifest, setup| manifest.raw_files[0].object = other(setup),
        "damaged",
    );
    check(
        &|manifest, _| manifest.reject_count = 0,
        "bad value for `at`",
    );
    check(
        &|manifest, _| manifest.row_count = 4,
        "its manifest says other things",
    );
    check(
        &|manifest, _| manifest.not_collected.clear(),
        "its manifest says other things",
    );
    check(
        &|manifest, _| manifest.dataset_version = 2,
        "its dataset is not known",
    );
    check(
        &|manifest, _| manifest.derivation = "by hand".to_owned(),
        "it was derived by `by hand`",
    );
}

#[test]
fn verifies_a_store_opened_for_reading() {
    let (setup, snapshot) = imported();
    let scratch = tempfile::tempdir().unwrap();
    let store = Store::open_for_reading(&setup.path().join("store"), scratch.path()).unwrap();
    verify_manifest(&snapshot.manifest_sha256, &datasets(), &store).unwrap();
}

#[test]
fn finding_nothing_is_an_observation() {
    let setup = Setup::new();
    setup.write("a.csv", "id\n");
    let text = mapping("format = \"csv\"\nfiles = [\"a.csv\"]", &[]);
    let snapshot = setup.import(&text, Rejects::Refuse).unwrap();
    let observed = snapshot.manifest.observed.as_ref().unwrap();
    assert_eq!(observed.last.to_string(), "2026-07-02T15:00:00Z");
    assert_eq!(observed.observation_count, 1);
    verify_manifest(&snapshot.manifest_sha256, &datasets(), &setup.store).unwrap();
}
