//! That something is under way: at a terminal, a line with the time it has taken, once that is more than a blink.
//! Programs are shown nothing, and nothing of it stays on the screen.

use std::pin::Pin;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::{Sleep, sleep};

/// What is done sooner is not worth a line (ours: people begin to wonder after half a second).
const BLINK: Duration = Duration::from_millis(500);
/// How often the line is drawn anew (ours: a movement one sees).
const TICK: Duration = Duration::from_millis(100);
/// What the line shows.
const LINE: &str = "{spinner} {msg} ({elapsed})";

/// Something that may take a while. Its line is gone when it is dropped.
pub struct Progress {
    bar: ProgressBar,
    /// When the line is due; nothing once it is there.
    due: Option<Pin<Box<Sleep>>>,
}

impl Progress {
    /// Begins now.
    pub fn of(what: impl Into<String>) -> Self {
        let bar = ProgressBar::hidden();
        bar.set_style(ProgressStyle::with_template(LINE).expect("the line is well written"));
        bar.set_message(what.into());
        Self { bar, due: Some(Box::pin(sleep(BLINK))) }
    }

    /// Waits for a part of it.
    pub async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let Some(due) = &mut self.due else { return work.await };
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = due => (),
        }
        self.due = None;
        // Still hidden where standard error is no terminal.
        self.bar.set_draw_target(ProgressDrawTarget::stderr());
        self.bar.enable_steady_tick(TICK);
        work.await
    }

    /// Says what is under way now.
    pub fn is_at(&self, what: impl Into<String>) {
        self.bar.set_message(what.into());
    }

    /// Says it from another thread, too.
    pub fn teller(&self) -> impl FnMut(String) + Send + use<> {
        let bar = self.bar.clone();
        move |what| bar.set_message(what)
    }

    /// Prints something while the line makes room for it.
    pub fn beside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
