//! Progress of long work, for a person at a terminal. Silent in a pipe and for the first half second.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::quantity;

/// Work that ends sooner needs no progress.
const QUIET_FOR: Duration = Duration::from_millis(500);

/// A line that says how far the reading has come.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    began: Instant,
    files: u64,
    bytes_before: u64,
    tuples: u64,
}

impl Progress {
    /// Begins; with `shown` false it never says anything.
    pub(crate) fn start(shown: bool) -> Self {
        let bar = shown.then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style)
        });
        Self {
            bar,
            began: Instant::now(),
            files: 0,
            bytes_before: 0,
            tuples: 0,
        }
    }

    /// A batch was read: so many bytes of the present file, so many more tuples.
    pub(crate) fn batch(&mut self, file_bytes: u64, tuples: u64) {
        self.tuples += tuples;
        self.show(file_bytes);
    }

    /// A file is done.
    pub(crate) fn file(&mut self, file_bytes: u64) {
        self.files += 1;
        self.bytes_before += file_bytes;
        self.show(0);
    }

    fn show(&mut self, file_bytes: u64) {
        let Some(bar) = &self.bar else { return };
        if self.began.elapsed() < QUIET_FOR {
            return;
        }
        if bar.is_hidden() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
        }
        bar.set_message(format!(
            "{}, {}, {}",
            quantity::counted(self.files, "file"),
            quantity::bytes(self.bytes_before + file_bytes),
            quantity::counted(self.tuples, "tuple")
        ));
        bar.tick();
    }

    /// Takes the line away, so that a message can be printed.
    pub(crate) fn aside(&self, say: impl FnOnce()) {
        match &self.bar {
            Some(bar) if !bar.is_hidden() => bar.suspend(say),
            _ => say(),
        }
    }

    /// Ends.
    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
