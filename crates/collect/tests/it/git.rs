//! What is read out of a repository.

use insta::assert_snapshot;
use tickmark_catalog::catalog;
use tickmark_evidence::verify_manifest;

use crate::clone::{Clone, Stream, git};

const ANN: (&str, &str) = (
    "Ann <Ann@fernhollow.example>",
    "Ann <ann@fernhollow.example>",
);
const BOB: (&str, &str) = (
    "Bob <bob@fernhollow.example>",
    "Bob <bob@fernhollow.example>",
);
const BUTTON: (&str, &str) = (
    "Cy <cy@fernhollow.example>",
    "Code host <noreply@github.com>",
);
const BOT: (&str, &str) = (
    "autobump[bot] <7+autobump[bot]@fernhollow.example>",
    "x <x@x>",
);

/// main: 1 (direct), 4 merges 2-3, 5 squash, 8 merges 6 and 7 (octopus), 9 direct.
fn relay() -> Clone {
    let clone = Clone::new();
    let mut stream = Stream::default();
    stream
        .commit("main", 1, ANN, 1000, "Begin", &[])
        .commit("backups", 2, ANN, 1100, "Write backups\n\nReviewed-by: Dee <dee@fernhollow.example>\n", &[1])
        .commit("backups", 3, BOB, 1200, "Test backups\n", &[2])
        .commit("main", 4, BUTTON, 1300, "Merge pull request #7 from fernhollow/backups\n\nBackups every night\n\nReviewed-by: Eli <Eli@fernhollow.example>\nApproved-by: dee@fernhollow.example\n", &[1, 3])
        .commit("main", 5, BOT, 1400, "Raise versions (#8)\n", &[4])
        .commit("a", 6, BOB, 1410, "A", &[4])
        .commit("b", 7, ANN, 1420, "B", &[5])
        .commit("main", 8, BOB, 1500, "Merge branches 'a' and 'b'", &[5, 6, 7])
        .commit("main", 9, ANN, 1600, "Repair in haste", &[8])
        .commit("open", 10, ANN, 1700, "Not merged (#9)", &[9])
        .line("reset refs/tags/v0\nfrom :1")
        .line("tag v1\nfrom :9\ntagger Ann <ann@fernhollow.example> 1650 +0000\ndata 5\nFirst");
    clone.fast_import(&stream.0);
    clone
}

#[test]
fn reads_all_commits_in_order_of_time() {
    let clone = relay();
    let commits = clone.collect().unwrap().commits;
    let columns = [
        "subject",
        "author_email",
        "committer_email",
        "authored_at",
        "committed_at",
        "parents",
        "is_merge",
        "signature",
        "signature_verified",
    ];
    assert_snapshot!(clone.rows(&commits, &columns), @r"
    Begin | ann@fernhollow.example | ann@fernhollow.example | 990 | 1000 | 0 | false | none | null
    Write backups | ann@fernhollow.example | ann@fernhollow.example | 1090 | 1100 | 1 | false | none | null
    Test backups | bob@fernhollow.example | bob@fernhollow.example | 1190 | 1200 | 1 | false | none | null
    Merge pull request #7 from fernhollow/backups | cy@fernhollow.example | noreply@github.com | 1290 | 1300 | 2 | true | none | null
    Raise versions (#8) | 7+autobump[bot]@fernhollow.example | x@x | 1390 | 1400 | 1 | false | none | null
    A | bob@fernhollow.example | bob@fernhollow.example | 1400 | 1410 | 1 | false | none | null
    B | ann@fernhollow.example | ann@fernhollow.example | 1410 | 1420 | 1 | false | none | null
    Merge branches 'a' and 'b' | bob@fernhollow.example | bob@fernhollow.example | 1490 | 1500 | 3 | true | none | null
    Repair in haste | ann@fernhollow.example | ann@fernhollow.example | 1590 | 1600 | 1 | false | none | null
    Not merged (#9) | ann@fernhollow.example | ann@fernhollow.example | 1690 | 1700 | 1 | false | none | null
    ");
}

#[test]
fn reads_merges_into_the_default_branch() {
    let clone = relay();
    let changes = clone.collect().unwrap().pull_requests;
    let columns = [
        "number",
        "title",
        "author_account",
        "author_kind",
        "created_at",
        "merged_at",
        "merged_by_account",
        "base_branch",
        "merged_by_bypass",
    ];
    let rows = clone.rows(&changes, &columns);
    let unnumbered = i64::from_str_radix(&clone.git(&["rev-parse", "main^"])[..12], 16).unwrap();
    assert_snapshot!(rows.replace(&unnumbered.to_string(), "(from id)"), @r"
    7 | Backups every night | bob@fernhollow.example | human | 1090 | 1300 | cy@fernhollow.example | main | null
    8 | Raise versions (#8) | 7+autobump[bot]@fernhollow.example | bot | 1390 | 1400 | x@x | main | null
    (from id) | Merge branches 'a' and 'b' | bob@fernhollow.example | human | 1400 | 1500 | bob@fernhollow.example | main | null
    ");
    let heads = clone.rows(&changes, &["head_sha"]);
    let expected = ["main~2^2", "main~2", "main^^2"].map(|name| match name {
        "main~2^2" => clone.git(&["rev-parse", "main~3^2"]),
        other => clone.git(&["rev-parse", other]),
    });
    assert_eq!(heads, expected.join("\n"));
}

#[test]
fn reads_reviews_from_trailers() {
    let clone = relay();
    let reviews = clone.collect().unwrap().reviews;
    assert_snapshot!(clone.rows(&reviews, &["pr_id", "reviewer_account", "state", "submitted_at"]), @r"
    relay#7 | dee@fernhollow.example | approved | 1100
    relay#7 | eli@fernhollow.example | approved | 1300
    relay#7 | dee@fernhollow.example | approved | 1300
    ");
    let reviewed = clone.rows(&reviews, &["commit_sha"]);
    let head = clone.git(&["rev-parse", "main~3^2"]);
    let first = clone.git(&["rev-parse", "main~3^2^"]);
    assert_eq!(reviewed, format!("{first}\n{head}\n{head}"));
}

#[test]
fn reads_tags() {
    let clone = relay();
    let releases = clone.collect().unwrap().releases;
    assert_snapshot!(clone.rows(&releases, &["tag", "tagged_at", "tagger_email", "is_signed"]), @r"
    v0 | 1000 | null | false
    v1 | 1650 | ann@fernhollow.example | false
    ");
}

#[test]
fn says_what_was_asked_and_what_is_missing() {
    let clone = relay();
    let collected = clone.collect().unwrap();
    let manifest = &collected.pull_requests.manifest;
    let tip = clone.git(&["rev-parse", "main"]);
    assert_snapshot!(manifest.request.replace(&tip, "(tip)"), @"all objects reached from 7 refs of `relay`; default branch `main` at (tip)");
    assert_snapshot!(manifest.notes.join("\n"), @r"
    2 commit(s) reached the default branch without a merge or a number
    1 change(s) were squashed into one commit and are known by their number
    1 merge(s) have more than two parents; the second stands for the change
    1 change(s) have no number of their own; it is made of the commit id
    ");
    assert_snapshot!(manifest.not_collected.join("\n"), @r"
    logins of the code host: accounts are the addresses that commits name
    when a change was opened: the time of its first commit stands for it
    changes that were closed without being merged
    commits that no ref leads to any more, such as those of deleted or rewritten branches
    `refs/notes`, `refs/replace` and `refs/stash`
    ");
    assert_eq!(manifest.source_id, "git-relay-pull-requests");
    assert_eq!(manifest.source_count, Some(3));
}

#[test]
fn every_snapshot_can_be_derived_again() {
    let clone = relay();
    let collected = clone.collect().unwrap();
    for snapshot in [
        &collected.commits,
        &collected.pull_requests,
        &collected.reviews,
        &collected.releases,
    ] {
        verify_manifest(&snapshot.manifest_sha256, &catalog().datasets, &clone.store).unwrap();
    }
}

#[test]
fn the_same_repository_gives_the_same_bytes_in_any_clone() {
    let clone = relay();
    let first = clone.collect().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.git");
    git(
        folder.path(),
        &[
            "clone",
            "-q",
            "--mirror",
            clone.path().to_str().unwrap(),
            path.to_str().unwrap(),
        ],
        b"",
    );
    git(&path, &["repack", "-adfq"], b"");
    assert_eq!(clone.collect_from(&path, None).unwrap(), first);
}

#[test]
fn an_ordinary_clone_knows_the_default_branch_of_its_origin() {
    let clone = relay();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("work");
    git(
        folder.path(),
        &[
            "clone",
            "-q",
            clone.path().to_str().unwrap(),
            path.to_str().unwrap(),
        ],
        b"",
    );
    git(
        &path,
        &["checkout", "-q", "-b", "feature", "origin/open"],
        b"",
    );
    let collected = clone.collect_from(&path, None).unwrap();
    assert_eq!(collected.pull_requests.manifest.row_count, 3);
    let open = clone.collect_from(&path, Some("open")).unwrap();
    assert_eq!(open.pull_requests.manifest.row_count, 4);
}

#[test]
fn an_empty_repository_has_no_rows() {
    let clone = Clone::new();
    let collected = clone.collect().unwrap();
    assert_eq!(collected.commits.manifest.row_count, 0);
    assert_eq!(collected.releases.manifest.row_count, 0);
}
