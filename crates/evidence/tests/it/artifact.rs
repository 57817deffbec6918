//! Artifacts: kinds by bytes, names that lie.

use insta::assert_snapshot;
use tickmark_evidence::{Artifact, ArtifactKind, EvidenceError, sniff};

use crate::setup::{Setup, shown};

fn store(setup: &Setup, path: &str) -> Result<Artifact, EvidenceError> {
    let controls = ["TM-004".parse().unwrap()];
    let dated = Some("2026-05-20".parse().unwrap());
    Artifact::store(
        setup.path(),
        path,
        "Minutes of the board",
        &controls,
        dated,
        &setup.store,
    )
}

#[test]
fn knows_kinds_by_their_bytes() {
    let check = |bytes: &[u8], expected| assert_eq!(sniff(bytes), expected, "{bytes:?}");
    check(b"%PDF-1.7\n", ArtifactKind::Pdf);
    check(b"\x89PNG\r\n\x1a\n....", ArtifactKind::Png);
    check(b"\xff\xd8\xff\xe0", ArtifactKind::Jpeg);
    check(b"PK\x03\x04....", ArtifactKind::Zip);
    check(b"\xef\xbb\xbf  <!DOCTYPE HTML><title>", ArtifactKind::Html);
    check(b"<html lang=en>", ArtifactKind::Html);
    check("Minutes, résumé".as_bytes(), ArtifactKind::Text);
    check(&"é".as_bytes()[..1], ArtifactKind::Binary);
    check(b"caf\xc3", ArtifactKind::Text);
    check(b"\x00\x01", ArtifactKind::Binary);
}

#[test]
fn keeps_a_file_unchanged() {
    let setup = Setup::new();
    setup.write("documents/minutes.pdf", b"%PDF-1.7 minutes");
    let artifact = store(&setup, "documents/minutes.pdf").unwrap();
    assert_eq!(artifact.kind, ArtifactKind::Pdf);
    assert_eq!(artifact.size_bytes, 16);
    assert_eq!(
        setup.store.get(&artifact.sha256).unwrap(),
        b"%PDF-1.7 minutes"
    );
}

#[test]
fn refuses_what_is_not_what_it_says() {
    let setup = Setup::new();
    setup.write("documents/minutes.pdf", b"<html>please sign in</html>");
    setup.write("documents/empty.txt", b"");
    setup.write("documents/photo.PNG", b"\xff\xd8\xff");
    assert_snapshot!(shown(store(&setup, "documents/minutes.pdf").unwrap_err()), @r"
        error: artifact `documents/minutes.pdf` is a web page, not a PDF as its name says
          --> documents/minutes.pdf
        hint: a page that asks to sign in is often saved under the name of the file wanted
        ");
    assert_snapshot!(shown(store(&setup, "documents/empty.txt").unwrap_err()), @r"
    error: artifact `documents/empty.txt` is empty
      --> documents/empty.txt
    ");
    assert_snapshot!(shown(store(&setup, "documents/photo.PNG").unwrap_err()), @r"
    error: artifact `documents/photo.PNG` is a JPEG picture, not a PNG picture as its name says
      --> documents/photo.PNG
    hint: a page that asks to sign in is often saved under the name of the file wanted
    ");
    assert_snapshot!(shown(store(&setup, "../minutes.pdf").unwrap_err()), @r"
    error: artifact `../minutes.pdf` leads out of the program folder
      --> ../minutes.pdf
    ");
    assert_snapshot!(shown(store(&setup, "documents").unwrap_err()), @r"
    error: `documents` is not a file
      --> documents
    ");
    assert!(store(&setup, "documents/none.pdf").is_err());
}
