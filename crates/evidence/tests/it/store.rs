//! The content-addressed store.

use tickmark_catalog::Sha256Hex;
use tickmark_evidence::Store;

use crate::setup::Setup;

#[test]
fn gives_back_what_was_put() {
    let setup = Setup::new();
    let object = setup.store.put(b"evidence").unwrap();
    assert_eq!(object.sha256, Sha256Hex::of(b"evidence"));
    assert_eq!(object.size_bytes, 8);
    assert_eq!(setup.store.get(&object.sha256).unwrap(), b"evidence");
    assert_eq!(setup.store.put(b"evidence").unwrap(), object);
    assert!(setup.store.contains(&object.sha256));
    assert_eq!(staged_count(&setup), 0);
}

#[test]
fn finds_changed_and_absent_objects() {
    let setup = Setup::new();
    let object = setup.store.put(b"evidence").unwrap();
    std::fs::write(setup.store.local_path(&object.sha256), b"Evidence").unwrap();
    let found = [
        setup.store.get(&object.sha256).unwrap_err(),
        setup.store.check(&object.sha256).unwrap_err(),
        setup.store.put(b"evidence").unwrap_err(),
    ];
    for error in found {
        assert!(error.is_damage());
        assert!(
            error.to_string().contains(object.sha256.as_str()),
            "{error}"
        );
    }
    std::fs::remove_file(setup.store.local_path(&object.sha256)).unwrap();
    assert!(setup.store.get(&object.sha256).unwrap_err().is_damage());
}

#[test]
fn refuses_a_file_with_another_hash() {
    let setup = Setup::new();
    setup.write("a", b"evidence");
    let file = setup.path().join("a");
    let other = Sha256Hex::of(b"other");
    assert!(
        setup
            .store
            .put_stream(&file, Some(&other))
            .unwrap_err()
            .is_damage()
    );
    let right = Sha256Hex::of(b"evidence");
    assert!(!setup.store.contains(&right));
    assert_eq!(
        setup.store.put_stream(&file, Some(&right)).unwrap().sha256,
        right
    );
    assert_eq!(staged_count(&setup), 0);
}

#[test]
fn several_writers_of_the_same_bytes_agree() {
    let setup = Setup::new();
    let bytes = vec![7; 300_000];
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| setup.store.put(&bytes).unwrap());
        }
    });
    assert_eq!(setup.store.get(&Sha256Hex::of(&bytes)).unwrap(), bytes);
    assert_eq!(staged_count(&setup), 0);
}

fn staged_count(setup: &Setup) -> usize {
    std::fs::read_dir(setup.path().join("store/staging"))
        .unwrap()
        .count()
}

#[test]
fn a_store_opened_for_reading_takes_nothing() {
    let setup = Setup::new();
    let object = setup.store.put(b"evidence").unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let root = setup.path().join("store");
    std::fs::remove_dir(root.join("staging")).unwrap();
    let store = Store::open_for_reading(&root, scratch.path()).unwrap();
    assert_eq!(store.get(&object.sha256).unwrap(), b"evidence");
    let error = store.put(b"more").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the store was opened for reading"),
        "{error}"
    );
    assert!(!root.join("staging").exists());
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
    assert!(Store::open_for_reading(&setup.path().join("none"), scratch.path()).is_err());
}

#[test]
fn what_a_killed_writer_left_can_be_removed() {
    let setup = Setup::new();
    setup.write("store/staging/1-0", b"half");
    setup.store.remove_abandoned().unwrap();
    assert_eq!(staged_count(&setup), 0);
}
