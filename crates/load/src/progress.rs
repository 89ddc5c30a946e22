//! At a terminal, a bar with what is under way; elsewhere nothing.
//! Measures nothing.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the bar is drawn anew (ours: a movement one sees).
const TICK: Duration = Duration::from_millis(200);
const LINE: &str = "{spinner} {msg} {bar:30} {human_pos}/{human_len} ({elapsed}, {eta} to go)";

/// A bar. It is gone when it is dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar for so many steps.
    #[must_use]
    pub fn of(what: &str, steps: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        bar.set_style(ProgressStyle::with_template(LINE).expect("the line is well written"));
        bar.set_message(what.to_owned());
        Self(bar)
    }

    /// One more step is done.
    pub fn step(&self) {
        self.0.inc(1);
    }

    /// Waits for work, and shows meanwhile how many steps are done.
    pub async fn during<T>(&self, work: impl Future<Output = T>, done: impl Fn() -> u64) -> T {
        tokio::pin!(work);
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result,
                _ = tick.tick() => self.0.set_position(done()),
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
