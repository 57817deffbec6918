//! A bar on the terminal for anything that lasts over a second.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Session;

/// A bar that shows only on a terminal, and only for what people wait for.
pub struct Bar(ProgressBar);

/// Of work whose length is not known: that it goes on, and since when.
const GOES_ON: &str = "{spinner} {msg} {elapsed}";
/// Of work whose length is known: how far it is as well.
const HOW_FAR: &str = "{spinner} {msg} {wide_bar} {pos}/{len} {elapsed}";

/// Starts a bar; none where programs read or there is no terminal.
pub fn progress(session: &Session, what: &'static str) -> Bar {
    if session.output.is_json() {
        return Bar(ProgressBar::hidden());
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let bar = Bar(bar);
    bar.look_like(GOES_ON);
    bar.0.set_message(what);
    bar.0.enable_steady_tick(Duration::from_millis(200));
    bar
}

impl Bar {
    /// Shows that `done` of `all` are done.
    pub fn step(&self, done: usize, all: usize) {
        if self.0.length() != Some(all as u64) {
            self.look_like(HOW_FAR);
            self.0.set_length(all as u64);
        }
        self.0.set_position(done as u64);
    }

    fn look_like(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
    }

    /// Takes the bar away.
    pub fn finish(self) {}
}

impl Drop for Bar {
    /// A bar never outlives its work, however that ended.
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
