//! The program grown: every control of the demo again for each of the company's
//! products, with the tests that show it.

use std::collections::BTreeMap;
use std::path::Path;

use tickmark_realm::{Company, CompanyState, Edits, Folded};

use super::{LEAD, Outcome};

/// Products beside the one the demo is about.
const PRODUCTS: [&str; 6] = [
    "billing",
    "search",
    "archive",
    "partner portal",
    "reporting",
    "mobile",
];

/// Adds controls until there are `count`.
pub fn grow(company: &mut Company, count: usize) -> Outcome<()> {
    let texts = company.state().program.texts();
    let controls: Vec<(&String, &String)> = texts
        .iter()
        .filter(|(path, _)| path.starts_with("controls/"))
        .collect();
    let missing = count.saturating_sub(controls.len());
    let mut edits = Edits::new();
    for number in 0..missing {
        let place = number % controls.len().max(1);
        let product = PRODUCTS.get(number / controls.len().max(1));
        let (path, text) = controls.get(place).ok_or("the demo has no controls")?;
        let id = format!("PR-{:03}", number + 1);
        let product = product.ok_or("too few products")?;
        edits.insert(
            format!("controls/{id}.md"),
            Some(for_product(path, text, &id, product)?),
        );
    }
    company.edit(LEAD, &edits)?;
    Ok(())
}

/// A control of the demo as that of a product.
fn for_product(path: &str, text: &str, id: &str, product: &str) -> Outcome<String> {
    let mut told = String::new();
    for line in text.lines() {
        if line.starts_with("id = ") {
            told.push_str(&format!("id = \"{id}\""));
        } else if let Some(title) = line
            .strip_prefix("title = \"")
            .and_then(|it| it.strip_suffix('"'))
        {
            told.push_str(&format!("title = \"{title}, {product}\""));
        } else {
            told.push_str(line);
        }
        told.push('\n');
    }
    if told.contains(&format!("id = \"{id}\"")) {
        Ok(told)
    } else {
        Err(format!("`{path}` has no line with its id").into())
    }
}

/// Writes the texts as recorded into the folder, as a page does when it edits.
pub fn write_down(company: &Company, folder: &Path) -> Outcome<()> {
    let state = CompanyState::read(company.workspace(), None)?;
    let texts: BTreeMap<String, String> = state.program.texts();
    for (path, text) in texts {
        std::fs::write(folder.join(path), text)?;
    }
    Ok(())
}
