//! Every word a page says, as one catalogue: the macro [`t!`] marks a string
//! where it is used, and `strings/en.txt` lists all of them in order.
//!
//! What must hold: the list is what the sources say (a test compares), so that
//! a translation can be made from it alone; a placeholder `{name}` is filled by
//! name, never by position, so that a translation may turn a sentence around.

use std::fmt::Display;

/// A string of the catalogue. With values: `t!("{n} of {total}", n = 2, total = 7)`.
macro_rules! t {
    ($text:literal) => { $crate::strings::look_up($text) };
    ($text:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::strings::fill($text, &[$((stringify!($name), &$value as &dyn std::fmt::Display)),+])
    };
}

/// A string of the catalogue that depends on a count `n`.
macro_rules! tn {
    ($n:expr, $one:literal, $other:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        let n = $n;
        let text = if n == 1 { $one } else { $other };
        $crate::strings::fill(text, &[("n", &$crate::format::number(n as u64) as &dyn std::fmt::Display) $(, (stringify!($name), &$value as &dyn std::fmt::Display))*])
    }};
}

pub(crate) use {t, tn};

/// The text in the language of the catalogue in use. English is the source.
pub fn look_up(text: &'static str) -> &'static str {
    text
}

/// The text with its placeholders filled.
pub fn fill(text: &'static str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = look_up(text).to_owned();
    for (name, value) in values {
        filled = filled.replace(&format!("{{{name}}}"), &value.to_string());
    }
    filled
}
