//! What a browser loads that comes for the first time: the dashboard, and every
//! stylesheet, script, icon and font it needs, as they are sent.

use regex::Regex;

use super::server::Server;
use crate::bench::measure::count;

/// What was loaded: address without digest, bytes sent.
pub struct FirstLoad(Vec<(String, usize)>);

impl FirstLoad {
    /// A table for docs/BENCHMARKS.md.
    pub fn table(&self) -> String {
        let mut table = "| first load | bytes sent |\n|---|---|".to_owned();
        for (name, bytes) in &self.0 {
            table.push_str(&format!("\n| `{name}` | {} |", count(*bytes as f64)));
        }
        let all: usize = self.0.iter().map(|(_, bytes)| bytes).sum();
        table.push_str(&format!("\n| together | {} |", count(all as f64)));
        table
    }
}

/// Loads the dashboard as a browser does.
pub fn of(server: &Server) -> Result<FirstLoad, String> {
    let cookie = server.sign_in("owner")?;
    let page = server.get_plain("/", &cookie)?.text();
    let sent = server.get("/", &cookie)?.body.len();
    let mut loaded = vec![("/".to_owned(), sent)];
    for address in assets(&page)? {
        loaded.push(load(server, &address)?);
        if address.ends_with(".css") {
            let style = server.get_plain(&address, "")?.text();
            for font in fonts(&style, &page)? {
                loaded.push(load(server, &font)?);
            }
        }
    }
    Ok(FirstLoad(loaded))
}

fn load(server: &Server, address: &str) -> Result<(String, usize), String> {
    let answer = server.get(address, "")?;
    answer.expect(200, address)?;
    Ok((address.to_owned(), answer.body.len()))
}

/// The assets a page names, each once.
fn assets(page: &str) -> Result<Vec<String>, String> {
    let named = Regex::new(r##"(?:href|src)="(/assets/[^"#]+)"##).map_err(|it| it.to_string())?;
    let mut found: Vec<String> = named
        .captures_iter(page)
        .filter_map(|it| Some(it.get(1)?.as_str().to_owned()))
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// The fonts of a stylesheet that a page has characters for.
fn fonts(style: &str, page: &str) -> Result<Vec<String>, String> {
    let face = Regex::new(r"@font-face\s*\{([^}]*)\}").map_err(|it| it.to_string())?;
    let url = Regex::new(r#"url\(["']?([^"')]+)"#).map_err(|it| it.to_string())?;
    let range = Regex::new(r"unicode-range:\s*([^;]+)").map_err(|it| it.to_string())?;
    let mut found = Vec::new();
    for face in face.captures_iter(style) {
        let face = face.get(1).map_or("", |it| it.as_str());
        let covers = range.captures(face).and_then(|it| it.get(1));
        let is_needed = covers.is_none_or(|it| page.chars().any(|c| covers_char(it.as_str(), c)));
        if let Some(url) = url.captures(face).and_then(|it| it.get(1))
            && is_needed
        {
            let address = url.as_str();
            found.push(if address.starts_with('/') {
                address.to_owned()
            } else {
                format!("/assets/{address}")
            });
        }
    }
    Ok(found)
}

/// Whether a `unicode-range` has a character.
fn covers_char(ranges: &str, character: char) -> bool {
    let code = u32::from(character);
    let parse = |text: &str| u32::from_str_radix(text, 16).ok();
    ranges.split(',').any(|range| {
        let range = range
            .trim()
            .trim_start_matches("U+")
            .trim_start_matches("u+");
        match range.split_once('-') {
            Some((first, last)) => {
                parse(first).is_some_and(|it| it <= code)
                    && parse(last).is_some_and(|it| code <= it)
            }
            None => parse(range) == Some(code),
        }
    })
}

/// The text of a page's first text area.
pub fn text_area(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("<textarea")?;
    let (_, rest) = rest.split_once('>')?;
    let (text, _) = rest.split_once("</textarea>")?;
    let plain = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'");
    Some(plain.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::{assets, fonts, text_area};

    #[test]
    fn a_page_names_its_assets_once() {
        let page = r#"<script src="/assets/a-1.js"></script><use href="/assets/i-2.svg#x"/><use href="/assets/i-2.svg#y"/><a href="/controls">"#;
        assert_eq!(assets(page).unwrap(), ["/assets/a-1.js", "/assets/i-2.svg"]);
    }

    #[test]
    fn a_font_is_loaded_for_its_characters_only() {
        let style = "@font-face{src:url(/assets/a.woff2);unicode-range:U+0000-00FF,U+2014}@font-face{src:url(\"b.woff2\");unicode-range:U+0100-02AF}";
        assert_eq!(fonts(style, "plain").unwrap(), ["/assets/a.woff2"]);
        assert_eq!(
            fonts(style, "Łódź").unwrap(),
            ["/assets/a.woff2", "/assets/b.woff2"]
        );
    }

    #[test]
    fn the_text_of_an_editor_is_what_was_escaped() {
        let page = "<textarea name=\"text\">a &lt;b&gt; &amp;amp; c</textarea>";
        assert_eq!(text_area(page).unwrap(), "a <b> &amp; c");
    }
}
