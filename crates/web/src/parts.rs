//! The pieces pages are made of: plain functions that return markup.
//!
//! What must hold: no `style` attribute and no inline script (the content
//! security policy refuses both); a status is always an icon and a word, never
//! a colour alone; a picture has a text beside it or in its label.

use maud::{Markup, html};
use tickmark_control_tests::Outcome;
use tickmark_realm::Standing;

use crate::assets;
use crate::format;
use crate::strings::t;

/// How something stands, as colour and icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Ok,
    /// To be looked at.
    Warn,
    /// Not as it should be.
    Bad,
    /// Nothing to say.
    Idle,
    /// Neither good nor bad, but of note.
    Note,
}

impl Tone {
    /// The class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Idle => "idle",
            Self::Note => "brand",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Ok => "circle-check",
            Self::Warn => "circle-alert",
            Self::Bad => "circle-x",
            Self::Idle => "circle-dashed",
            Self::Note => "info",
        }
    }
}

/// An icon of the sprite; decoration, so hidden from readers of the screen.
pub fn icon(name: &str) -> Markup {
    html! { svg.icon aria-hidden="true" { use href={ (assets::address("icons.svg")) "#" (name) } {} } }
}

/// A smaller icon.
pub fn icon_small(name: &str) -> Markup {
    html! { svg.icon.sm aria-hidden="true" { use href={ (assets::address("icons.svg")) "#" (name) } {} } }
}

/// A status: icon and word.
pub fn pill(tone: Tone, text: &str) -> Markup {
    html! { span class={ "pill " (tone.class()) } { (icon_small(tone.icon())) (text) } }
}

/// A property without judgement.
pub fn label(text: &str) -> Markup {
    html! { span.pill.plain { (text) } }
}

/// An identifier.
pub fn tag(text: &str) -> Markup {
    html! { span.tag.long[is_long(text)] { (text) } }
}

/// An identifier that leads somewhere.
pub fn tag_link(href: &str, text: &str) -> Markup {
    html! { a.tag.long[is_long(text)] href=(href) { (text) } }
}

/// Whether an identifier has to break where there is little room.
fn is_long(text: &str) -> bool {
    text.len() > 20
}

/// A text whose parts between backticks are what a person types or a machine
/// reads.
pub fn coded(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A message as a sentence of a page; see [`coded`].
pub fn sentence(text: &str) -> Markup {
    let begins = text.starts_with(|it: char| it.is_ascii_alphabetic());
    html! { @if begins { span.says { (coded(text)) } } @else { (coded(text)) } }
}

/// How a control stands.
pub fn standing(standing: Standing) -> Markup {
    let (tone, text) = standing_words(standing);
    pill(tone, text)
}

/// The tone and the words for how a control stands.
pub fn standing_words(standing: Standing) -> (Tone, &'static str) {
    match standing {
        Standing::Operated => (Tone::Ok, t!("No deviations")),
        Standing::Deviates => (Tone::Bad, t!("Deviations")),
        Standing::NoOccurrence => (Tone::Idle, t!("No occurrence")),
        Standing::NotTested => (Tone::Warn, t!("Not tested")),
        Standing::Documented => (Tone::Note, t!("Documents only")),
        Standing::Nothing => (Tone::Warn, t!("No evidence")),
    }
}

/// What came out of a test.
pub fn outcome(outcome: &Outcome) -> Markup {
    match outcome {
        Outcome::NoDeviations => pill(Tone::Ok, t!("No deviations")),
        Outcome::Deviations => pill(Tone::Bad, t!("Deviations")),
        Outcome::NoOccurrence => pill(Tone::Idle, t!("No occurrence")),
        Outcome::NotTested { .. } => pill(Tone::Warn, t!("Not tested")),
    }
}

/// The initials of a person or role, in a circle.
pub fn avatar(name: &str) -> Markup {
    let initials: String = name
        .split([' ', '-'])
        .filter_map(|word| word.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    let hue = name.bytes().map(usize::from).sum::<usize>() % 5;
    html! { span class={ "avatar av" (hue) } aria-hidden="true" { (initials) } }
}

/// A person or role with initials.
pub fn person(name: &str) -> Markup {
    html! { span.row { (avatar(name)) span { (name) } } }
}

/// A card with a heading.
pub fn card(title: &str, beside: Markup, body: Markup) -> Markup {
    html! {
        section.card {
            header { h2 { (title) } (beside) }
            div.body { (body) }
        }
    }
}

/// A card whose body reaches its edges, for tables and lists.
pub fn card_flush(title: &str, beside: Markup, body: Markup) -> Markup {
    html! {
        section.card.split {
            header { h2 { (title) } (beside) }
            (body)
        }
    }
}

/// A link at the head of a card.
pub fn more(href: &str, text: &str) -> Markup {
    html! { a.more href=(href) { (text) (icon_small("arrow-right")) } }
}

/// Names and values, one under the other.
pub fn properties(pairs: &[(&str, Markup)]) -> Markup {
    html! { dl.props { @for (name, value) in pairs { div { dt { (name) } dd { (value) } } } } }
}

/// What a page says where there is nothing yet: what it is for and what to do.
pub fn empty(icon_name: &str, title: &str, text: &str, action: Markup) -> Markup {
    html! {
        div.empty {
            span.empty-icon { (icon(icon_name)) }
            h2 { (title) }
            p { (text) }
            (action)
        }
    }
}

/// A note to the reader. `tone` decides icon and colour.
pub fn note(tone: Tone, body: Markup) -> Markup {
    html! { div class={ "note " (tone.class()) } { (icon(tone.icon())) div { (body) } } }
}

/// A key figure with what it counts and where its rows are.
pub fn figure(name: &str, value: &str, of: Option<&str>, below: Markup, href: &str) -> Markup {
    html! {
        a.card.kpi href=(href) {
            span.label { (name) }
            span.value { (value) @if let Some(of) = of { small { " / " (of) } } }
            span.sub { (below) }
        }
    }
}

/// A ring of which a part is filled. `label` says the same in words.
pub fn ring(part: usize, whole: usize, tone: Tone, label: &str) -> Markup {
    let around = 2.0 * std::f64::consts::PI * 28.0;
    let share = if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    };
    let on = around * share;
    html! {
        svg.ring viewBox="0 0 64 64" role="img" aria-label=(label) {
            circle.s-track cx="32" cy="32" r="28" {}
            @if part > 0 {
                circle class={ "s-" (tone.class()) } cx="32" cy="32" r="28" stroke-linecap="round" stroke-dasharray=(format!("{on:.1} {:.1}", around - on)) transform="rotate(-90 32 32)" {}
            }
            text x="32" y="37" text-anchor="middle" { @if whole == 0 { "–" } @else { (part) "/" (whole) } }
        }
    }
}

/// A bar of parts side by side, each as wide as its count. `label` says the
/// same in words.
pub fn bar(parts: &[(Tone, usize)], label: &str) -> Markup {
    let total = parts.iter().map(|(_, n)| n).sum::<usize>().max(1) as f64;
    let mut left = 0.0;
    let placed: Vec<(Tone, f64, f64)> = parts
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(tone, n)| {
            let (start, width) = (left, *n as f64 * 100.0 / total);
            left += width;
            (*tone, start, width)
        })
        .collect();
    html! {
        svg.bar role="img" aria-label=(label) preserveAspectRatio="none" viewBox="0 0 100 8" {
            rect.f-track width="100" height="8" {}
            @for (tone, start, width) in placed {
                rect class={ "f-" (tone.class()) } x=(format!("{start:.2}")) width=(format!("{:.2}", (width - 0.6).max(0.3))) height="8" {}
            }
        }
    }
}

/// What the colours of a picture mean.
pub fn legend(entries: &[(Tone, &str)]) -> Markup {
    html! {
        div.legend { @for (tone, text) in entries { span { i class={ "dot " (tone.class()) } {} (text) } } }
    }
}

/// Tabs of a page: title, count, address, whether it is the one shown.
pub fn tabs(name: &str, entries: &[(&str, Option<usize>, String, bool)]) -> Markup {
    html! {
        nav.tabs aria-label=(name) {
            @for (title, count, href, current) in entries {
                a href=(href) aria-current=[current.then_some("page")] {
                    (title)
                    @if let Some(count) = count { span.n { (format::number(*count as u64)) } }
                }
            }
        }
    }
}

/// A button that leads to a page.
pub fn button_link(href: &str, icon_name: &str, text: &str) -> Markup {
    html! { a.btn href=(href) { (icon(icon_name)) (text) } }
}

/// The main button of a page or form.
pub fn button_primary(icon_name: &str, text: &str) -> Markup {
    html! { button.btn.primary type="submit" { (icon(icon_name)) (text) } }
}

/// A field of a form with its name above it and a hint below.
pub fn field(id: &str, name: &str, hint: &str, input: Markup) -> Markup {
    html! {
        div.field {
            label for=(id) { (name) }
            (input)
            @if !hint.is_empty() { small id={ (id) "-hint" } { (hint) } }
        }
    }
}
