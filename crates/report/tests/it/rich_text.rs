//! Markdown becomes the allowed tree and nothing else.

use tickmark_report::value::rich_text::{Block, from_markdown};

fn check(markdown: &str, expected: &str) {
    assert_eq!(
        from_markdown(markdown)
            .unwrap()
            .iter()
            .map(show)
            .collect::<Vec<_>>()
            .join(" "),
        expected,
        "{markdown:?}"
    );
}

/// A block in short: its kind and its words.
fn show(block: &Block) -> String {
    match block {
        Block::Paragraph { .. } => format!("p({})", block.plain()),
        Block::Heading { level, .. } => format!("h{level}({})", block.plain()),
        Block::List { ordered, items } => {
            let items: Vec<String> = items
                .iter()
                .map(|item| item.iter().map(show).collect())
                .collect();
            format!(
                "{}({})",
                if *ordered { "ol" } else { "ul" },
                items.join(" | ")
            )
        }
        Block::Table { head, rows } => format!("table({}x{})", head.len(), rows.len()),
        Block::Quote { blocks } => {
            format!("quote({})", blocks.iter().map(show).collect::<String>())
        }
        Block::Code { text } => format!("code({text})"),
    }
}

#[test]
fn markdown_becomes_blocks() {
    for (markdown, expected) in [
        ("", ""),
        ("one\ntwo", "p(one two)"),
        ("a *b* **c** `d`", "p(a b c d)"),
        ("### a\n\n##### b\n\n### c", "h1(a) h2(b) h1(c)"),
        ("- a\n- b\n  1. c", "ul(p(a) | p(b)ol(p(c)))"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "table(2x1)"),
        ("> a\n>\n> b", "quote(p(a)p(b))"),
        ("```\nx\n```", "code(x)"),
        ("a\n\n---\n\nb", "p(a) p(b)"),
        ("<b>x</b>", "p(<b>x</b>)"),
        ("<div>\nx\n</div>", "p(<div>\nx\n</div>)"),
        ("[a](https://b.example)", "p(a)"),
        ("in [3,184](count:pull_requests) cases", "p(in 3,184 cases)"),
    ] {
        check(markdown, expected);
    }
}

#[test]
fn only_known_schemes_are_links() {
    for (markdown, is_link) in [
        ("[a](https://b.example)", true),
        ("[a](mailto:b@c.example)", true),
        ("[a](javascript:alert(1))", false),
        ("[a](JAVASCRIPT:alert(1))", false),
        ("[a](file:///etc/passwd)", false),
        ("[a](/relative)", false),
    ] {
        let json = serde_json::to_string(&from_markdown(markdown).unwrap()).unwrap();
        assert_eq!(json.contains("\"link\""), is_link, "{markdown}");
    }
}
