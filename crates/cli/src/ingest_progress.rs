//! Progress of an ingest: a bar at a terminal, remarks about single sources either way.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use ingest::{Progress, SourceOutcome, Status};
use table::Migration;

use crate::commands::ingest::remark;
use crate::message::{Grade, Message};
use crate::quantity;
use crate::session::Session;
use crate::terminal::Terminal;

/// Remarks said one by one; the rest are summed up.
const REMARKS_MAX: u64 = 20;

/// Says what happens while it happens.
#[derive(Debug)]
pub(crate) struct IngestProgress {
    bar: ProgressBar,
    terminal: Terminal,
    remarks: AtomicU64,
    failed: AtomicBool,
    held_back: Mutex<u64>,
}

impl IngestProgress {
    /// Begins, with a bar if a person looks.
    pub(crate) fn start(terminal: Terminal) -> Self {
        let target = if terminal.stderr {
            ProgressDrawTarget::stderr_with_hz(8)
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            bar: ProgressBar::with_draw_target(None, target).with_style(style()),
            terminal,
            remarks: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            held_back: Mutex::new(0),
        }
    }

    /// Something failed that should not have.
    pub(crate) fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Ends; true if a source failed that should not have.
    pub(crate) fn finish(&self, session: &Session) -> bool {
        self.bar.finish_and_clear();
        let more = *self.held_back.lock().unwrap_or_else(PoisonError::into_inner);
        if more > 0 {
            let text = format!("{more} more sources had something to be said of them");
            session.say(
                &Message::new(Grade::Note, text)
                    .hint("`flowglass query --sql \"SELECT * FROM IngestLog\"` has them"),
            );
        }
        self.failed.load(Ordering::Relaxed)
    }
}

/// In the units that the report has.
fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{wide_bar} {done} of {all}  {decimal_bytes_per_sec}  {eta}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    let size = |bytes: u64, text: &mut dyn std::fmt::Write| {
        let _ = text.write_str(&quantity::bytes(bytes));
    };
    style
        .with_key(
            "done",
            move |state: &ProgressState, text: &mut dyn std::fmt::Write| size(state.pos(), text),
        )
        .with_key(
            "all",
            move |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                size(state.len().unwrap_or(0), text);
            },
        )
}

impl Progress for IngestProgress {
    fn begin(&self, _sources: usize, bytes: u64) {
        self.bar.set_length(self.bar.length().unwrap_or(0) + bytes);
    }

    fn bytes(&self, count: u64) {
        self.bar.inc(count);
    }

    fn source(&self, outcome: &SourceOutcome) {
        if outcome.status == Status::Unchanged && outcome.source.blob.is_none() {
            self.bar.inc(outcome.source.bytes);
        }
        let Some(message) = remark(outcome) else { return };
        if message.grade == Grade::Error {
            self.failed.store(true, Ordering::Relaxed);
        }
        if self.remarks.fetch_add(1, Ordering::Relaxed) >= REMARKS_MAX {
            *self.held_back.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            return;
        }
        self.bar.suspend(|| {
            // What cannot be said is not worth failing for.
            let _ = message.write(&mut self.terminal.err(), self.terminal.color_stderr);
        });
    }

    fn committed(&self, _version: i64) {}

    fn migrated(&self, migrations: &[Migration]) {
        for Migration { table, steps } in migrations {
            let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
            let text = format!(
                "table `{table}` was brought to the present format: {}",
                steps.join(", ")
            );
            self.bar.suspend(|| {
                let message = Message::new(Grade::Note, text);
                let _ = message.write(&mut self.terminal.err(), self.terminal.color_stderr);
            });
        }
    }
}
