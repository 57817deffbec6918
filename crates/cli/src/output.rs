//! What is printed: text for people, JSON for programs, errors for both.
//!
//! Colour only on a terminal and never with `NO_COLOR`; `anstream` sees to it.

use std::fmt::Display;
use std::io::Write;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use tickmark_catalog::{Problem, Problems};
use tickmark_realm::{Error, Result};

/// How a command answers.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

/// Style of what went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Style of what needs a look.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Style of what is less important.
pub const FAINT: Style = Style::new().dimmed();

impl Output {
    /// Output as text, or as JSON.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether programs read this.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Prints `value` as one line of JSON, or else what `text` says.
    ///
    /// # Errors
    /// When it cannot be written, other than to a closed pipe.
    pub fn print<T: Serialize>(self, value: &T, text: impl FnOnce() -> String) -> Result<()> {
        let mut out = anstream::stdout();
        let written = if self.json {
            let json =
                serde_json::to_string(value).map_err(|error| Problem::new(error.to_string()))?;
            writeln!(out, "{json}")
        } else {
            write!(out, "{}", text())
        };
        closed_pipe_is_fine(written)
    }

    /// Writes bytes that are neither, such as a script for a shell.
    ///
    /// # Errors
    /// As [`Self::print`].
    pub fn raw(self, bytes: &[u8]) -> Result<()> {
        closed_pipe_is_fine(std::io::stdout().write_all(bytes))
    }

    /// Prints a line for people; nothing where programs read.
    ///
    /// # Errors
    /// As [`Self::print`].
    pub fn say(self, line: impl Display) -> Result<()> {
        if self.json {
            return Ok(());
        }
        closed_pipe_is_fine(writeln!(anstream::stdout(), "{line}"))
    }
}

fn closed_pipe_is_fine(written: std::io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Problem::new("the answer could not be written")
                .cause(error.to_string())
                .into())
        }
        _ => Ok(()),
    }
}

/// Text of a source with nothing in it that moves the cursor, colours the
/// terminal or turns the direction of writing: such characters stand as U+FFFD.
pub fn plain(text: &str) -> String {
    let clean = |letter: char| match letter {
        '\n' | '\t' => letter,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        _ if letter.is_control() => char::REPLACEMENT_CHARACTER,
        _ => letter,
    };
    text.chars().map(clean).collect()
}

/// Prints an error with all its parts: as text, or as one line of JSON with
/// `problems` and `exit_code`.
pub fn error(error: Error, json: bool) {
    let code = error.exit_code();
    if json {
        return error_line(&error.into_problems(), code);
    }
    let text = plain(&error.to_string());
    let mut out = anstream::stderr();
    for line in text.lines() {
        let _ = match line.strip_prefix("error:") {
            Some(rest) => writeln!(out, "{BAD}error:{BAD:#}{rest}"),
            None => writeln!(out, "{line}"),
        };
    }
}

/// Prints, as JSON, what is wrong with a command line.
pub fn usage_error(error: &clap::Error) {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let mut problem = Problem::new(first.strip_prefix("error: ").unwrap_or(first));
    problem.causes = lines
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .map(str::to_owned)
        .collect();
    error_line(&problem.hint("`--help` names the arguments").into(), 2);
}

fn error_line(problems: &Problems, code: u8) {
    let line = serde_json::json!({ "problems": problems, "exit_code": code });
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A count with the noun that fits it: `1 test`, `2 tests`.
pub fn counted(count: u64, singular: &str, plural: &str) -> String {
    format!("{count} {}", if count == 1 { singular } else { plural })
}

/// `text` in a style.
pub fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn texts_of_a_source_cannot_command_the_terminal() {
        assert_eq!(
            plain("a\u{1b}[31mb\u{7}\r\n\tc"),
            "a\u{fffd}[31mb\u{fffd}\u{fffd}\n\tc"
        );
        assert_eq!(plain("Zoë 日本"), "Zoë 日本");
    }
}
