//! Properties: whatever texts a source holds, a snapshot holds the same, and
//! whatever bytes a file holds, the importers come to an end.

use arrow::array::{Array, AsArray};
use proptest::prelude::*;
use tickmark_evidence::Rejects;

use crate::setup::{Setup, mapping};

const FORMATS: [&str; 5] = [
    "format = \"csv\"",
    "format = \"csv\"\nencoding = \"utf-16le\"\nskip_lines = 1",
    "format = \"ndjson\"",
    "format = \"json\"\nrecords = \"\"",
    "format = \"xlsx\"",
];

/// Imports a file of any bytes in every format.
fn import_anyhow(bytes: &[u8]) {
    let setup = Setup::new();
    setup.write("a", bytes);
    for format in FORMATS {
        let text = mapping(
            &format!("files = [\"a\"]\n{format}"),
            &[("name", "from = \"name\"")],
        );
        let _ = setup.import(&text, Rejects::Accept);
    }
}

/// The names of a snapshot of `raw`; null as an empty text.
fn names(format: &str, raw: &str) -> Vec<String> {
    let setup = Setup::new();
    setup.write("a", raw);
    let text = mapping(
        &format!("files = [\"a\"]\n{format}"),
        &[("name", "from = \"name\"")],
    );
    let snapshot = setup.import(&text, Rejects::Refuse).unwrap();
    let mut names = Vec::new();
    for batch in setup.batches(&snapshot) {
        let column = batch
            .column_by_name("name")
            .unwrap()
            .as_string::<i32>()
            .clone();
        names.extend((0..column.len()).map(|row| column.value(row).to_owned()));
    }
    names
}

fn csv(texts: &[String]) -> String {
    let row =
        |(index, text): (usize, &String)| format!("{index},\"{}\"\r\n", text.replace('"', "\"\""));
    format!(
        "id,name\r\n{}",
        texts.iter().enumerate().map(row).collect::<String>()
    )
}

fn ndjson(texts: &[String]) -> String {
    let row = |(index, text)| format!("{}\n", serde_json::json!({ "id": index, "name": text }));
    texts.iter().enumerate().map(row).collect()
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    let text = any::<String>().prop_map(|text| text.replace('\0', ""));
    prop::collection::vec(text, 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn texts_survive(texts in texts()) {
        prop_assert_eq!(&names("format = \"csv\"", &csv(&texts)), &texts);
        prop_assert_eq!(&names("format = \"ndjson\"", &ndjson(&texts)), &texts);
        let document = format!("[{}]", ndjson(&texts).trim_end().replace('\n', ","));
        prop_assert_eq!(&names("format = \"json\"\nrecords = \"\"", &document), &texts);
    }

    #[test]
    fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        import_anyhow(&bytes);
    }

    #[test]
    fn almost_right_texts_come_to_an_end(texts in texts(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for raw in [csv(&texts), ndjson(&texts)] {
            let mut bytes = raw.into_bytes();
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            import_anyhow(&bytes);
        }
    }
}
