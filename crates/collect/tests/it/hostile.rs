//! Repositories that are odd, cut off or damaged.

use std::path::PathBuf;

use insta::assert_snapshot;
use tickmark_evidence::EvidenceError;

use crate::clone::{Clone, Stream, git};

const ANN: (&str, &str) = ("Ann <ann@x>", "Ann <ann@x>");

fn line_of(count: u32) -> Clone {
    let clone = Clone::new();
    let mut stream = Stream::default();
    for mark in 1..=count {
        let parents: &[u32] = if mark == 1 { &[] } else { &[mark - 1] };
        stream.commit(
            "main",
            mark,
            ANN,
            1000 + i64::from(mark),
            format!("Change {mark}"),
            parents,
        );
    }
    clone.fast_import(&stream.0);
    clone
}

/// What an error shows, without the folder of the test.
fn shown(clone: &Clone, error: EvidenceError) -> String {
    error
        .problems()
        .to_string()
        .replace(clone.path().to_str().unwrap(), "(repo)")
}

#[test]
fn texts_that_are_not_utf_8_are_kept_visible() {
    let clone = Clone::new();
    let mut stream = Stream::default();
    stream.commit(
        "main",
        1,
        ("A <a@x>", "A <a@x>"),
        1000,
        b"caf\xe9".as_slice(),
        &[],
    );
    let at = stream
        .0
        .windows(5)
        .position(|bytes| bytes == b"<a@x>")
        .unwrap();
    stream.0[at + 1] = 0xe4;
    stream.commit("main", 2, ("<>", "B <b@x>"), 1001, "", &[1]);
    clone.fast_import(&stream.0);
    let commits = clone.collect().unwrap().commits;
    assert_snapshot!(clone.rows(&commits, &["subject", "author_email", "committer_email"]), @r"
    caf� | �@x | a@x
    null |  | b@x
    ");
    assert_snapshot!(commits.manifest.notes.join("\n"), @r"
    2 commit(s) reached the default branch without a merge or a number
    1 commit(s) hold bytes that are no text; they are shown as U+FFFD
    ");
}

#[test]
fn a_shallow_clone_is_refused() {
    let clone = line_of(5);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shallow");
    let origin = format!("file://{}", clone.path().display());
    git(
        folder.path(),
        &[
            "clone",
            "-q",
            "--depth",
            "2",
            &origin,
            path.to_str().unwrap(),
        ],
        b"",
    );
    let error = clone.collect_from(&path, None).unwrap_err();
    let shown = error
        .problems()
        .to_string()
        .replace(path.to_str().unwrap(), "(shallow)");
    assert_snapshot!(shown, @r"
    error: `(shallow)` is a shallow clone: its history is cut off
    hint: fetch the rest with `git fetch --unshallow`, then collect again
    ");
}

#[test]
fn what_is_no_repository_is_refused() {
    let clone = Clone::new();
    let folder = tempfile::tempdir().unwrap();
    assert!(clone.collect_from(folder.path(), None).is_err());
    assert!(
        clone
            .collect_from(&folder.path().join("none"), None)
            .is_err()
    );
}

#[test]
fn a_detached_head_needs_the_branch_named() {
    let clone = line_of(2);
    let id = clone.git(&["rev-parse", "main"]);
    std::fs::write(clone.path().join("HEAD"), format!("{id}\n")).unwrap();
    assert_snapshot!(shown(&clone, clone.collect().unwrap_err()), @r"
    error: no branch is checked out in `(repo)`
    hint: name the branch that changes are merged into with `--branch`
    ");
    assert!(clone.collect_from(&clone.path(), Some("main")).is_ok());
    assert_snapshot!(shown(&clone, clone.collect_from(&clone.path(), Some("trunk")).unwrap_err()), @r"
    error: `(repo)` has no branch `trunk`
    hint: it has `main`
    ");
}

/// The loose object file of a commit.
fn loose(clone: &Clone, name: &str) -> (String, PathBuf) {
    for pack in std::fs::read_dir(clone.path().join("objects/pack")).unwrap() {
        let pack = pack.unwrap().path();
        if pack
            .extension()
            .is_some_and(|extension| extension == "pack")
        {
            let bytes = std::fs::read(&pack).unwrap();
            std::fs::remove_file(&pack).unwrap();
            let _ = std::fs::remove_file(pack.with_extension("idx"));
            git(&clone.path(), &["unpack-objects", "-q"], &bytes);
        }
    }
    let id = clone.git(&["rev-parse", name]);
    let path = clone.path().join("objects").join(&id[..2]).join(&id[2..]);
    (id, path)
}

#[test]
fn a_missing_commit_is_refused() {
    let clone = line_of(3);
    let (id, path) = loose(&clone, "main^");
    let child = clone.git(&["rev-parse", "main"]);
    std::fs::remove_file(path).unwrap();
    let shown = shown(&clone, clone.collect().unwrap_err())
        .replace(&id, "(id)")
        .replace(&child, "(child)");
    assert_snapshot!(shown, @r"
    error: object (id) of `(repo)` cannot be read
      Caused by: an object with id (id) could not be found
      Caused by: it is named by commit (child)
    hint: check the clone with `git fsck`, then clone it again
    ");
}

#[test]
fn a_damaged_commit_is_refused() {
    let clone = line_of(3);
    let (id, path) = loose(&clone, "main^");
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, b"no zlib").unwrap();
    assert!(shown(&clone, clone.collect().unwrap_err()).contains(&id));
}

#[test]
fn a_commit_that_was_exchanged_for_another_is_refused() {
    let clone = line_of(3);
    let (exchanged_for, other) = loose(&clone, "main~2");
    let (id, path) = loose(&clone, "main^");
    std::fs::remove_file(&path).unwrap();
    std::fs::copy(&other, &path).unwrap();
    let shown = shown(&clone, clone.collect().unwrap_err());
    assert!(shown.contains(&format!("object {id}")), "{shown}");
    assert!(
        shown.contains(&format!("its bytes hash to {exchanged_for}")),
        "{shown}"
    );
}

#[test]
fn replacement_refs_do_not_change_what_is_read() {
    let clone = line_of(3);
    let honest = clone.collect().unwrap();
    clone.git(&["replace", "main", "main~2"]);
    assert_eq!(clone.git(&["rev-list", "--count", "main"]), "1");
    let collected = clone.collect().unwrap();
    assert_eq!(collected.commits.manifest.row_count, 3);
    assert_eq!(collected, honest);
}

#[test]
fn refs_to_other_objects_are_counted() {
    let clone = line_of(1);
    let tree = clone.git(&["rev-parse", "main^{tree}"]);
    clone.git(&["update-ref", "refs/tags/tree", &tree]);
    clone.git(&["update-ref", "refs/notes/commits", "main"]);
    let collected = clone.collect().unwrap();
    assert_eq!(collected.releases.manifest.row_count, 0);
    assert_snapshot!(collected.releases.manifest.notes.join("\n"), @r"
    1 commit(s) reached the default branch without a merge or a number
    1 ref(s) lead to something that is not a commit
    ");
}

#[test]
fn the_same_number_twice_stays_two_changes() {
    let clone = Clone::new();
    let mut stream = Stream::default();
    stream
        .commit("main", 1, ANN, 1000, "Begin (#1)", &[])
        .commit("main", 2, ANN, 1001, "Once more (#1)", &[1]);
    clone.fast_import(&stream.0);
    let changes = clone.collect().unwrap().pull_requests;
    assert_eq!(changes.manifest.row_count, 2);
    assert!(clone.rows(&changes, &["pr_id"]).starts_with("relay#1\n"));
}
