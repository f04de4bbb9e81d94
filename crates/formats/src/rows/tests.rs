//! Rows of every form, against the samples, a slow twin and hostile input.

mod detection;
mod flat;
mod forms;
mod growth;
mod headers;
mod hostile;
mod notes;
mod random;
mod samples;

use crate::fuzz::Kept;
use crate::report::Report;
use crate::{Options, RowOptions};
use model::SourceId;

/// Reads with a window of this size.
pub(super) fn read_with(input: &[u8], rows: RowOptions, window_bytes: usize) -> (Kept, Report) {
    let mut kept = Kept::default();
    let options = Options {
        window_bytes: Some(window_bytes),
        rows: rows.into(),
        ..Options::new(SourceId(7))
    };
    let report = crate::read(input, options, &mut kept);
    assert!(report.counts.add_up(), "{:?}", report.counts);
    let rows: usize = kept.batches.iter().map(|batch| batch.rows.num_rows()).sum();
    assert_eq!(rows as u64, report.counts.tuples_stored);
    (kept, report)
}

pub(super) fn read(input: impl AsRef<[u8]>) -> (Kept, Report) {
    read_with(input.as_ref(), RowOptions::default(), 64)
}
