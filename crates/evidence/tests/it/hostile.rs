//! Files made to do harm: each is refused, or does none.

use std::io::Write;

use insta::assert_snapshot;
use rust_xlsxwriter::Workbook;
use tickmark_evidence::Rejects;
use zip::write::SimpleFileOptions;

use crate::setup::{Setup, mapping, shown};

fn import_xlsx(bytes: &[u8]) -> String {
    let setup = Setup::new();
    setup.write("a.xlsx", bytes);
    let text = mapping("format = \"xlsx\"\nfiles = [\"a.xlsx\"]", &[]);
    match setup.import(&text, Rejects::Accept) {
        Ok(_) => "imported".to_owned(),
        Err(error) => shown(error),
    }
}

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_opened() {
    let bomb = archive(&[("xl/sharedStrings.xml", &vec![b' '; 64 * 1024 * 1024])]);
    assert!(bomb.len() < 100_000);
    assert_snapshot!(import_xlsx(&bomb).replace(&bomb.len().to_string(), "N"), @r"
    error: the workbook of N bytes unpacks to more than 16 MiB
      --> a.xlsx
    hint: export the data as CSV
    ");
}

#[test]
fn a_zip_bomb_that_lies_about_its_size_is_refused() {
    let honest = vec![b' '; 64 * 1024 * 1024];
    let mut bomb = archive(&[("xl/sharedStrings.xml", &honest)]);
    let size = u32::try_from(honest.len()).unwrap().to_le_bytes();
    let places: Vec<usize> = (0..bomb.len() - 4)
        .filter(|at| bomb[*at..*at + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bomb[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    assert!(import_xlsx(&bomb).starts_with("error: the "));
}

#[test]
fn members_outside_the_archive_are_refused() {
    assert_snapshot!(import_xlsx(&archive(&[("../../etc/cron.d/x", b"x")])), @r"
    error: the workbook has a member `../../etc/cron.d/x` outside itself
      --> a.xlsx
    ");
    assert_snapshot!(import_xlsx(&archive(&[("/etc/passwd", b"x")])), @r"
    error: the workbook has a member `/etc/passwd` outside itself
      --> a.xlsx
    ");
}

#[test]
fn a_workbook_with_forged_structure_does_not_panic() {
    let mut workbook = Workbook::new();
    workbook
        .add_worksheet()
        .write(0, 0, "id")
        .unwrap()
        .write(1, 0, "1")
        .unwrap();
    let good = workbook.save_to_buffer().unwrap();
    assert_eq!(import_xlsx(&good), "imported");
    for at in (0..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        import_xlsx(&bad);
    }
}

#[test]
fn forged_parquet_does_not_panic() {
    let setup = Setup::new();
    setup.write("a.csv", "id\n1\n2\n");
    let text = mapping("format = \"csv\"\nfiles = [\"a.csv\"]", &[]);
    let snapshot = setup.import(&text, Rejects::Refuse).unwrap();
    let good = setup.store.get(&snapshot.manifest.derived.sha256).unwrap();
    let text = mapping("format = \"parquet\"\nfiles = [\"a.parquet\"]", &[]);
    for at in (0..good.len()).step_by(5) {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        setup.write("a.parquet", &bad);
        let _ = setup.import(&text, Rejects::Accept);
    }
}

#[test]
fn links_out_of_the_folder_are_refused() {
    let setup = Setup::new();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), setup.path().join("a.csv")).unwrap();
    let text = mapping(
        "format = \"csv\"\nfiles = [\"a.csv\", \"b.csv\", \"c\"]",
        &[],
    );
    std::fs::create_dir(setup.path().join("c")).unwrap();
    let told = shown(setup.import(&text, Rejects::Refuse).unwrap_err());
    let told = told.replace(&setup.path().display().to_string(), "DIR");
    assert_snapshot!(told, @r"
    error: file `a.csv` leads out of the program folder
    hint: copy it into the folder instead of linking to it

    error: could not read file `b.csv`
      Caused by: No such file or directory (os error 2)
    hint: a mapping's files are below `DIR`

    error: `c` is not a file
    ");
}

#[test]
fn formulas_stay_text_and_are_noted() {
    let setup = Setup::new();
    setup.write(
        "a.csv",
        "id,name\n1,\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\n2,@SUM(A1)\n3,+1 555 0100\n4,-\n",
    );
    let text = mapping(
        "format = \"csv\"\nfiles = [\"a.csv\"]",
        &[("name", "from = \"name\"")],
    );
    let snapshot = setup.import(&text, Rejects::Refuse).unwrap();
    assert_snapshot!(snapshot.manifest.notes.join("\n"), @"2 text(s) begin like a spreadsheet formula and are kept as text; the first is `name` at a.csv:2");
    assert!(
        setup
            .table(&snapshot)
            .contains("=HYPERLINK(\"http://x\",\"y\")")
    );
}

#[test]
fn a_refused_import_leaves_nothing_behind() {
    let setup = Setup::new();
    setup.write("a.csv", "id\n1\n1\n");
    let text = mapping("format = \"csv\"\nfiles = [\"a.csv\"]", &[]);
    assert!(setup.import(&text, Rejects::Refuse).is_err());
    for folder in ["objects", "staging"] {
        let entries = std::fs::read_dir(setup.path().join("store").join(folder)).unwrap();
        assert_eq!(entries.count(), 0, "{folder}");
    }
}
