//! Forms for records: what a field asks for, how it is shown, and what was
//! typed as a value of the program's files.
//!
//! What must hold: what was typed is shown again as it was, whatever is wrong
//! with it; what a field may say is judged by the program, not here.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tickmark_catalog::Problem;
use tickmark_program::{Entered, Values};

use crate::parts;
use crate::strings::t;

/// Choices before a list of them can be searched.
const SEARCHED_CHOICES: usize = 12;

/// What was typed, by field; a field may have several values.
pub type Typed = BTreeMap<String, Vec<String>>;

/// A field of a form.
pub struct Field {
    /// Its name in the file.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What to write, where the label does not say it.
    pub hint: &'static str,
    /// What it asks for.
    pub kind: Kind,
    /// Whether it has to be filled in.
    pub is_required: bool,
}

/// What a field asks for.
pub enum Kind {
    /// One line of text.
    Line,
    /// A few lines of text.
    Lines,
    /// The text of a whole file, in Markdown.
    Body,
    /// One of several values: value and words.
    Choice(Vec<(String, String)>),
    /// Any of several values: value and words.
    Several(Vec<(String, String)>),
    /// A number from 1 to this.
    Scale(u8),
    /// A number from 1.
    Count,
    /// A day.
    Day,
    /// Yes or no.
    Flag,
    /// Texts, one a line.
    Texts,
}

impl Field {
    /// A field that has to be filled in.
    pub fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self {
            name,
            label,
            hint: "",
            kind,
            is_required: true,
        }
    }

    /// With a word on what to write.
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// That may stay empty.
    pub fn optional(mut self) -> Self {
        self.is_required = false;
        self
    }

    /// The field as it was typed.
    pub fn show(&self, typed: &Typed) -> Markup {
        let all = typed.get(self.name).map(Vec::as_slice).unwrap_or_default();
        let one = all.first().map_or("", String::as_str);
        let (name, required) = (self.name, self.is_required);
        let hint = (!self.hint.is_empty()).then(|| format!("{name}-hint"));
        let input = match &self.kind {
            Kind::Line => {
                html! { input id=(name) name=(name) value=(one) required[required] aria-describedby=[hint]; }
            }
            Kind::Lines => {
                html! { textarea id=(name) name=(name) rows="3" required[required] aria-describedby=[hint] { (one) } }
            }
            Kind::Body => {
                html! { textarea.editor.prose id=(name) name=(name) rows=(lines(one, 8)) spellcheck="true" required[required] aria-describedby=[hint] { "\n" (one) } }
            }
            Kind::Texts => {
                let text = all.join("\n");
                html! { textarea id=(name) name=(name) rows=(lines(&text, 4)) aria-describedby=[hint] { (text) } }
            }
            Kind::Day => {
                html! { input id=(name) name=(name) type="date" value=(one) required[required] aria-describedby=[hint]; }
            }
            Kind::Count => {
                html! { input id=(name) name=(name) type="number" min="1" value=(one) required[required] aria-describedby=[hint]; }
            }
            Kind::Scale(most) => html! { select id=(name) name=(name) aria-describedby=[hint] {
                @for n in 1..=*most { option value=(n) selected[one == n.to_string()] { (n) } }
            } },
            Kind::Choice(choices) => {
                html! { select id=(name) name=(name) aria-describedby=[hint] {
                    @if !required { option value="" { "–" } }
                    @for (value, words) in choices { option value=(value) selected[one == value] { (words) } }
                } }
            }
            Kind::Flag => {
                return html! { div.field {
                    label.check-line { input id=(name) name=(name) type="checkbox" value="true" checked[one == "true"] aria-describedby=[hint]; (self.label) }
                    @if !self.hint.is_empty() { small id={ (name) "-hint" } { (self.hint) } }
                } };
            }
            Kind::Several(choices) => return self.several(choices, all),
        };
        parts::field(name, self.label, self.hint, input)
    }

    fn several(&self, choices: &[(String, String)], chosen: &[String]) -> Markup {
        // Those chosen come first and in their order, which may mean something:
        // the first criterion of a control is the one it is shown under. What is
        // chosen and no longer offered is kept until someone unticks it.
        let words_of = |value: &String| {
            let known = choices.iter().find(|(known, _)| known == value);
            known
                .map_or(value.as_str(), |(_, words)| words.as_str())
                .to_owned()
        };
        let others = choices.iter().filter(|(value, _)| !chosen.contains(value));
        html! { fieldset.choose data-choose {
            legend { (self.label) }
            @if !self.hint.is_empty() { small { (self.hint) } }
            @if choices.len() > SEARCHED_CHOICES { input type="search" data-choose-search aria-label=(t!("Find in {list}", list = self.label)) placeholder=(t!("Find …")); }
            div.choose-list {
                @for value in chosen { (choice(self.name, value, &words_of(value), true)) }
                @for (value, words) in others { (choice(self.name, value, words, false)) }
            }
        } }
    }

    /// What was typed, as a value of the file; `None` where it is left out.
    ///
    /// # Errors
    /// When it is no value of its kind.
    pub fn entered(&self, typed: &Typed) -> Result<Option<Entered>, Problem> {
        let all = typed.get(self.name).map(Vec::as_slice).unwrap_or_default();
        let one = all.first().map_or("", |it| it.trim());
        if one.is_empty()
            && !self.is_required
            && !matches!(self.kind, Kind::Flag | Kind::Several(_))
        {
            return Ok(None);
        }
        let refused = |what: &str| {
            Problem::new(format!("`{}` is not {what}: `{one}`", self.label)).hint("fill it in anew")
        };
        Ok(Some(match self.kind {
            Kind::Line | Kind::Choice(_) => Entered::Text(one.to_owned()),
            Kind::Lines | Kind::Body => Entered::Text(one.replace("\r\n", "\n")),
            Kind::Scale(_) | Kind::Count => {
                Entered::Number(one.parse().map_err(|_| refused("a number"))?)
            }
            Kind::Day => Entered::Day(one.parse().map_err(|_| refused("a day"))?),
            Kind::Flag => Entered::Flag(one == "true"),
            Kind::Several(_) => Entered::Texts(all.to_vec()),
            Kind::Texts => Entered::Texts(
                one.lines()
                    .map(str::trim)
                    .filter(|it| !it.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ),
        }))
    }
}

fn choice(name: &str, value: &str, words: &str, is_chosen: bool) -> Markup {
    html! { label.check-line { input type="checkbox" name=(name) value=(value) checked[is_chosen]; span { (words) } } }
}

/// What a record says, as if it had been typed.
pub fn typed(values: &Values) -> Typed {
    let texts = |value: &Entered| match value {
        Entered::Text(text) => vec![text.clone()],
        Entered::Number(number) => vec![number.to_string()],
        Entered::Flag(flag) => vec![flag.to_string()],
        Entered::Day(day) => vec![day.to_string()],
        Entered::Texts(texts) => texts.clone(),
    };
    values
        .iter()
        .map(|(field, value)| (field.clone(), texts(value)))
        .collect()
}

/// What a browser sent, by field.
pub fn received(pairs: Vec<(String, String)>) -> Typed {
    let mut typed = Typed::new();
    for (name, value) in pairs {
        typed.entry(name).or_default().push(value);
    }
    typed
}

/// How many lines a text gets to be written in: its own and some more, and not
/// less than `least`.
fn lines(text: &str, least: usize) -> usize {
    // A line of a paragraph wraps after about so many letters.
    let wrapped = text.lines().map(|line| line.len() / 80 + 1);
    (wrapped.sum::<usize>() + 3).clamp(least, 28)
}

#[cfg(test)]
mod tests {
    use tickmark_program::Entered;

    use super::{Field, Kind, received};

    fn entered(kind: Kind, value: &str) -> Option<Option<Entered>> {
        let typed = received(vec![("x".to_owned(), value.to_owned())]);
        Field::new("x", "X", kind).entered(&typed).ok()
    }

    #[test]
    fn what_is_typed_becomes_a_value_of_its_kind() {
        let text = |it: &str| Some(Some(Entered::Text(it.to_owned())));
        assert_eq!(entered(Kind::Line, " a "), text("a"));
        assert_eq!(entered(Kind::Lines, "a\r\nb"), text("a\nb"));
        assert_eq!(entered(Kind::Scale(5), "4"), Some(Some(Entered::Number(4))));
        assert_eq!(entered(Kind::Scale(5), "four"), None);
        assert_eq!(entered(Kind::Day, "2026-02-30"), None);
        assert_eq!(entered(Kind::Flag, "true"), Some(Some(Entered::Flag(true))));
        assert_eq!(
            entered(Kind::Texts, " a \n\nb"),
            Some(Some(Entered::Texts(vec!["a".to_owned(), "b".to_owned()])))
        );
    }

    #[test]
    fn a_box_that_is_not_ticked_says_no_and_an_empty_field_is_left_out() {
        let nothing = received(Vec::new());
        let flag = Field::new("x", "X", Kind::Flag).optional();
        assert_eq!(flag.entered(&nothing).unwrap(), Some(Entered::Flag(false)));
        let line = Field::new("x", "X", Kind::Line).optional();
        assert_eq!(line.entered(&nothing).unwrap(), None);
    }

    #[test]
    fn what_was_chosen_and_is_gone_is_still_shown() {
        let typed = received(vec![("x".to_owned(), "TM-9".to_owned())]);
        let shown = Field::new("x", "X", Kind::Several(Vec::new())).show(&typed);
        assert!(shown.into_string().contains("value=\"TM-9\" checked"));
    }
}
