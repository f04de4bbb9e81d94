//! One source, read to its end: decompressed, parsed, its batches handed on as they come.
//! What they mean and what is said about the source is decided by the caller.

use std::cell::Cell;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use formats::{FlowBatch, Options, Quarantined, Report, RowOptions, Sink};
use model::{Code, SourceId};

/// What reading a source amounted to.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) report: Report,
    /// Bytes of the source itself, before decompression.
    pub(crate) source_bytes: u64,
    /// Why decompression stopped early.
    pub(crate) decompression: Option<Code>,
    pub(crate) compressed: bool,
}

/// Takes what is read.
pub(crate) trait Reader {
    /// Rows; breaking off ends the scan. `source_bytes` says how far it has come.
    fn batch(&mut self, batch: &FlowBatch, source_bytes: u64) -> ControlFlow<()>;
    /// Something that could not be read.
    fn quarantine(&mut self, item: Quarantined);
}

struct Tap<R> {
    read: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Tap<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read.read(buffer)?;
        self.bytes.set(self.bytes.get() + count as u64);
        Ok(count)
    }
}

struct Adapter<'a> {
    reader: &'a mut dyn Reader,
    bytes: Rc<Cell<u64>>,
}

impl Sink for Adapter<'_> {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.reader.batch(&batch, self.bytes.get())
    }

    fn quarantine(&mut self, item: Quarantined) {
        self.reader.quarantine(item);
    }
}

/// Reads a source, which was opened.
///
/// # Errors
/// If its first bytes cannot be read. A later failure is in the report.
pub(crate) fn scan(
    bytes: impl Read,
    id: SourceId,
    rows: &Arc<RowOptions>,
    reader: &mut dyn Reader,
) -> io::Result<Scan> {
    let taken = Rc::new(Cell::new(0));
    let mut plain = formats::decompress(Tap {
        read: bytes,
        bytes: Rc::clone(&taken),
    })?;
    let mut adapter = Adapter {
        reader,
        bytes: Rc::clone(&taken),
    };
    let options = Options {
        rows: Arc::clone(rows),
        ..Options::new(id)
    };
    let report = formats::read(&mut plain, options, &mut adapter);
    Ok(Scan {
        report,
        source_bytes: taken.get(),
        decompression: plain.failure,
        compressed: plain.compression() != formats::Compression::None,
    })
}
