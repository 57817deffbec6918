//! A bar on the terminal for anything that lasts over a second.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Session;

/// A bar that shows only on a terminal, and only for what people wait for.
pub struct Bar(ProgressBar);

/// Starts a bar; none where programs read or there is no terminal.
pub fn progress(session: &Session, what: &'static str) -> Bar {
    if session.output.is_json() {
        return Bar(ProgressBar::hidden());
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    Bar(bar)
}

impl Bar {
    /// Shows that `done` of `all` are done.
    pub fn step(&self, done: usize, all: usize) {
        self.0.set_length(all as u64);
        self.0.set_position(done as u64);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
