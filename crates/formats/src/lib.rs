//! Bytes to flow batches: every form an Azure flow log takes, read once, in bounded memory.
//!
//! [`read`] takes a byte source and a [`Sink`], and hands the sink Arrow batches in the schema of the
//! column table, and whatever could not be read. It never panics on input, never gives up a source for
//! one bad tuple, and says in its [`Report`] what became of everything. It opens nothing, reads no
//! clock and knows nothing of tables. The formats themselves are described in `docs/formats.md`.

mod batch;
mod decompress;
mod document;
#[cfg(any(test, feature = "fuzzing"))]
pub mod floor;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
mod hash;
mod hot;
mod intern;
mod json;
mod looks;
mod names;
pub mod path;
mod record;
pub mod report;
mod rows;
mod tuple;
#[cfg(any(test, feature = "fuzzing"))]
pub mod twin;
mod window;

#[cfg(test)]
mod tests;

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;

pub use batch::{FlowBatch, RecordInfo};
pub use decompress::{Compression, Decompressed, decompress};
pub use looks::Looks;
use model::SourceId;
pub use report::{Counts, Quarantined, Report, Tally};
pub use rows::{FormatIn, Mapping, MappingError, RowOptions, Zone};

/// How a source is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Written into every row.
    pub source_id: SourceId,
    /// Offset in the source of the first byte handed in. Not 0 when reading goes on where an earlier
    /// reading stopped; then a leading comma is nothing odd.
    pub start: u64,
    /// Mixed into hash tables over addresses; any number the source cannot know.
    pub seed: u64,
    /// Size of the read window; for tests.
    pub window_bytes: Option<usize>,
    /// How rows are read, where the source holds rows.
    pub rows: Arc<RowOptions>,
    /// How the source begins, where reading does not begin there: its form, and the header of its rows.
    /// Without it, the source is one of Azure's own records.
    pub beginning: Option<Arc<[u8]>>,
    /// Whether more may come behind the end of the input.
    pub ending: Ending,
}

/// What the end of the input is, which decides about a last row under a header that no line end closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// Nothing comes behind it: the last row is judged like any other.
    #[default]
    Final,
    /// The source may grow, but has not for a while: its last row is taken if it can be read.
    Quiet,
    /// The source was written to just now: its last row waits ([`Report::waits_at`]).
    Growing,
}

impl Options {
    /// Reading a source from its beginning.
    #[must_use]
    pub fn new(source_id: SourceId) -> Self {
        Self {
            source_id,
            start: 0,
            seed: 0x5851_f42d_4c95_7f2d,
            window_bytes: None,
            rows: Arc::default(),
            beginning: None,
            ending: Ending::Final,
        }
    }
}

/// Takes what is read. Breaking off stops the reader at the next batch.
pub trait Sink {
    /// Rows of complete records.
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()>;
    /// Something that could not be read.
    fn quarantine(&mut self, item: Quarantined);
}

/// Reads a source to its end. The bytes are those of the log itself; see [`decompress`].
pub fn read<R: Read>(read: R, options: Options, sink: &mut dyn Sink) -> Report {
    let mut batching = Batching::new(options.seed);
    let mut report = batching.read(read, options, sink);
    if !report.cancelled {
        report.cancelled = report.follow(batching.flush(sink)).is_err();
    }
    report
}

/// Rows on their way into batches, of one source or of several read one after another: small sources
/// fill a batch together, for each batch costs as much as a hundred rows.
pub struct Batching {
    rows: batch::Rows,
    /// The window's memory, used again.
    buffer: Vec<u8>,
}

impl Batching {
    /// Nothing read yet. See [`Options::seed`].
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            rows: batch::Rows::new(seed),
            buffer: Vec::new(),
        }
    }

    /// True if the sink has been handed everything that was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Reads a source to its end. Its last rows wait for those of the next source, or for [`Self::flush`].
    pub fn read<R: Read>(&mut self, mut read: R, options: Options, sink: &mut dyn Sink) -> Report {
        self.read_any(&mut read, options, sink)
    }

    /// Hands on what waits. Break if the sink has broken off.
    ///
    /// # Errors
    /// If the batch does not fit its schema, which is a mistake of ours.
    pub fn flush(&mut self, sink: &mut dyn Sink) -> std::io::Result<ControlFlow<()>> {
        self.rows.hand_on(sink)
    }

    /// The parser is built once and in this crate, with its optimisation, whatever it reads from: one call
    /// through a table for each window is not to be noticed.
    fn read_any(&mut self, read: &mut dyn Read, options: Options, sink: &mut dyn Sink) -> Report {
        let bytes = options.window_bytes.unwrap_or(model::limits::WINDOW_BYTES);
        let mut window =
            window::Window::in_buffer(std::mem::take(&mut self.buffer), read, bytes, options.start);
        let form = match &options.beginning {
            Some(beginning) => rows::going_on(beginning, &mut window, &options.rows),
            None if options.start > 0 => rows::Form::Azure,
            None => rows::detect(&mut window, &options.rows),
        };
        self.rows.begin_source(options.source_id);
        let (report, window) = match form {
            rows::Form::Azure => document::Parser::new(window, options, sink, &mut self.rows).run(),
            form => rows::Reader::new(window, options, sink, &mut self.rows).run(form),
        };
        self.buffer = window.into_buffer();
        report
    }
}
