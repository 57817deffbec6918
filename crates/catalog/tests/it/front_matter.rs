//! Markdown with TOML between `+++` lines.

use tickmark_catalog::{Problems, read_markdown, split_front_matter};

#[test]
fn parts() {
    let check = |text: &str, toml: &str, body: &str, body_line: u64| {
        let parts = split_front_matter("a.md", text).unwrap();
        assert_eq!(
            (parts.toml, parts.body, parts.body_line),
            (toml, body, body_line),
            "{text:?}"
        );
    };
    check("+++\nid = 1\n+++\nText.\n", "id = 1\n", "Text.", 4);
    check("+++\n+++\n\n\nText.\n\n", "", "Text.", 5);
    check(
        "\u{feff}+++\r\nid = 1\r\n+++\r\nText.\r\n",
        "id = 1\r\n",
        "Text.",
        4,
    );
    check("+++\nid = 1\n+++", "id = 1\n", "", 4);
    check("+++\n+++\nOne.\n\n+++\n", "", "One.\n\n+++", 3);
}

#[test]
fn problems() {
    let said = |text: &str| split_front_matter("a.md", text).unwrap_err().to_string();
    insta::assert_snapshot!(said("# Title\n"), @r"
    error: the file does not begin with a `+++` line
      --> a.md:1
    hint: put the keys between two lines of `+++` at the top of the file
    ");
    insta::assert_snapshot!(said("+++\nid = 1\n"), @r"
    error: the `+++` of the first line is never closed
      --> a.md:1
    hint: put a second `+++` line between the keys and the text
    ");
    assert_eq!(said(""), said("\n+++\n"));
}

#[test]
fn places_count_lines_of_the_whole_file() {
    let mut problems = Vec::new();
    let text = "+++\nid = \"x\"\ntitel = \"y\"\n+++\nBody.\n";
    let body = read_markdown("a.md", text, &mut problems, |fields, parts| {
        fields.text("id")?;
        fields.text("title");
        Some(parts.body)
    });
    assert_eq!(body, Some("Body."));
    insta::assert_snapshot!(Problems(problems), @r"
    error: `title` is missing
      --> a.md:2

    error: unknown key `titel`; the nearest is `title`
      --> a.md:3:1
    ");
}
