//! Fuzz bodies: what must hold of any input at all. Each is a function, so that the corpus replays
//! in ordinary tests and a fuzzer needs three lines.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use model::SourceId;

use crate::twin::{self, Row};
use crate::{FlowBatch, FormatIn, Options, Quarantined, Report, RowOptions, Sink};

/// A sink that keeps everything.
#[derive(Debug, Default)]
pub struct Kept {
    /// Batches in order.
    pub batches: Vec<FlowBatch>,
    /// Quarantined items in order.
    pub quarantined: Vec<Quarantined>,
}

impl Sink for Kept {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.batches.push(batch);
        ControlFlow::Continue(())
    }

    fn quarantine(&mut self, item: Quarantined) {
        self.quarantined.push(item);
    }
}

impl Kept {
    /// All rows as text, by column.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        self.batches
            .iter()
            .flat_map(|batch| rows_as_text(&batch.rows))
            .collect()
    }
}

/// Reads an input with a window of this size.
#[must_use]
pub fn read(input: &[u8], start: u64, window_bytes: usize) -> (Kept, Report) {
    read_with(
        input,
        Options {
            start,
            window_bytes: Some(window_bytes),
            ..Options::new(SourceId(7))
        },
    )
}

fn read_with(input: &[u8], options: Options) -> (Kept, Report) {
    let mut kept = Kept::default();
    let report = crate::read(input, options, &mut kept);
    (kept, report)
}

/// A cell as text.
fn cell(array: &dyn Array, row: usize) -> Option<String> {
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Binary => array
            .as_binary::<i32>()
            .value(row)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Date32 => array.as_primitive::<Date32Type>().value(row).to_string(),
        DataType::Timestamp(..) => array
            .as_primitive::<TimestampMicrosecondType>()
            .value(row)
            .to_string(),
        DataType::Dictionary(..) => {
            let dictionary = array.as_dictionary::<Int32Type>();
            let key = usize::try_from(dictionary.keys().value(row)).unwrap_or(0);
            return cell(dictionary.values(), key);
        }
        other => format!("{other:?}"),
    })
}

fn rows_as_text(batch: &RecordBatch) -> Vec<Row> {
    (0..batch.num_rows())
        .map(|row| {
            model::FLOWS
                .stored_columns()
                .zip(batch.columns())
                .map(|(column, array)| (column.name, cell(array, row)))
                .collect::<BTreeMap<_, _>>()
        })
        .collect()
}

/// Holds of any bytes: no panic, the counts add up, the size of the window changes nothing, every
/// row lies in a record, and reading again from the cursor finds nothing that was stored.
pub fn any_input(input: &[u8]) {
    let (kept, report) = read(input, 0, 1 << 16);
    assert!(report.counts.add_up(), "{:?}", report.counts);
    let rows = kept.rows();
    assert_eq!(report.counts.tuples_stored, rows.len() as u64);
    assert!(report.cursor <= input.len() as u64);
    let whole = !report.unrecognised && report.refused.is_none();
    assert!(!whole || report.counts.bytes_read == input.len() as u64);
    for batch in &kept.batches {
        assert_eq!(
            batch.records.iter().map(|record| record.rows).sum::<usize>(),
            batch.rows.num_rows()
        );
    }
    let put_aside: u64 = report.quarantined.iter().map(|(_, count)| count).sum();
    assert_eq!(
        put_aside,
        kept.quarantined.len() as u64 + report.quarantine_overflow
    );
    for window in [16, 61] {
        let (small, other) = read(input, 0, window);
        assert_eq!(other.counts, report.counts, "window {window}");
        assert_eq!(small.rows(), rows, "window {window}");
        assert_eq!(small.quarantined.len(), kept.quarantined.len(), "window {window}");
        assert_eq!(other.cursor, report.cursor, "window {window}");
    }
    let cursor = usize::try_from(report.cursor).unwrap_or(usize::MAX);
    let options = Options {
        start: report.cursor,
        beginning: (cursor > 0).then(|| input.get(..cursor).unwrap_or(input).into()),
        ..Options::new(SourceId(7))
    };
    let (after, _) = read_with(input.get(cursor..).unwrap_or(&[]), options);
    let before = rows.iter().filter(|row| offset_of(row) < report.cursor).count();
    assert_eq!(
        before + after.rows().len(),
        rows.len(),
        "reading on from the cursor"
    );
}

fn offset_of(row: &Row) -> u64 {
    row.get("RecordOffset")
        .and_then(|offset| offset.as_ref()?.parse().ok())
        .unwrap_or(0)
}

/// Columns the twin does not know: where a row came from.
const PROVENANCE: [&str; 4] = ["SourceId", "RecordOffset", "RecordHash", "RecordOccurrence"];

/// Holds of well-formed input: parser and twin say the same.
pub fn same_as_twin(input: &[u8]) {
    let Some(expected) = twin::read(input) else { return };
    // Of rows the twin knows nothing.
    let azure = RowOptions {
        form: FormatIn::Azure,
        ..RowOptions::default()
    };
    let options = Options {
        rows: azure.into(),
        ..Options::new(SourceId(7))
    };
    let (kept, report) = read_with(input, options);
    let strip = |mut row: Row| {
        PROVENANCE.iter().for_each(|name| {
            row.remove(name);
        });
        row
    };
    let mut rows: Vec<Row> = kept.rows().into_iter().map(strip).collect();
    let mut wanted = expected.rows;
    rows.sort();
    wanted.sort();
    assert_eq!(rows, wanted);
    assert_eq!(report.counts.tuples_received, expected.received);
    assert_eq!(report.counts.tuples_quarantined, expected.quarantined);
    assert_eq!(report.counts.records, expected.records);
}
