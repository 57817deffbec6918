//! The auditor's report and management's assertion.

use maud::{Markup, html};

use super::rich;
use crate::value::{Letter, long_date};

/// A signed letter.
pub fn letter(letter: &Letter) -> Markup {
    html! {
        div.letter {
            @if let Some(addressee) = &letter.addressee { p.addressee { (addressee) } }
            @for passage in &letter.passages {
                @if let Some(heading) = &passage.heading { h3 { (heading) } }
                (rich::blocks(&passage.blocks, 4))
            }
            address {
                strong { (letter.signature.name) }
                @if let Some(title) = &letter.signature.title { br; (title) }
                br; (letter.signature.place)
                br; (long_date(letter.signature.date))
            }
        }
    }
}
