//! Fuzz bodies: what must hold of any input at all. Each is a function, so that the corpus replays
//! in ordinary tests and a fuzzer needs three lines.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::ControlFlow;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use model::SourceId;

use crate::twin::{self, Row};
use crate::{
    Batching, Compression, FlowBatch, FormatIn, Mapping, Options, Quarantined, RecordInfo, Report,
    RowOptions, Sink, Zone,
};

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

pub(crate) fn rows_as_text(batch: &RecordBatch) -> Vec<Row> {
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
    holds(input, &Options::new(SourceId(7)));
}

/// How many ways [`rows`] knows to read an input.
pub const ROWS_WAYS: u8 = 40;

/// Holds of any bytes, in whatever form the caller says they are: as [`any_input`]. The first byte
/// says the form, whether a zone is named, and whether fields are.
pub fn rows(input: &[u8]) {
    let Some((way, input)) = input.split_first() else {
        return;
    };
    let way = usize::from(way % ROWS_WAYS);
    let forms = FormatIn::ALL;
    let mut mapping = Mapping::default();
    if way / forms.len() % 2 == 1 {
        for typed in [
            "TimeGenerated=when",
            "SrcIp=client",
            "DestIp=server",
            "FlowStatus=verdict",
        ] {
            let added = mapping.add(typed);
            assert!(added.is_ok(), "{typed}: {added:?}");
        }
    }
    let rows = RowOptions {
        form: forms.get(way % forms.len()).map_or(FormatIn::Auto, |form| form.0),
        mapping,
        zone: (way / forms.len() / 2 == 1)
            .then(|| Zone::parse("Europe/Berlin"))
            .flatten(),
    };
    let options = Options {
        rows: rows.into(),
        ..Options::new(SourceId(7))
    };
    holds(input, &options);
}

fn holds(input: &[u8], options: &Options) {
    let read = |window: usize| {
        let options = Options {
            window_bytes: Some(window),
            ..options.clone()
        };
        read_with(input, options)
    };
    let (kept, report) = read(1 << 16);
    assert!(report.counts.add_up(), "{:?}", report.counts);
    let rows = kept.rows();
    // A source is refused before anything of it is handed on.
    assert!(report.refused.is_none() || rows.is_empty());
    if report.refused.is_none() {
        assert_eq!(report.counts.tuples_stored, rows.len() as u64);
        let put_aside: u64 = report.quarantined.iter().map(|(_, count)| count).sum();
        assert_eq!(
            put_aside,
            kept.quarantined.len() as u64 + report.quarantine_overflow
        );
    }
    assert!(report.cursor <= input.len() as u64);
    let whole = !report.unrecognised && report.refused.is_none();
    assert!(!whole || report.counts.bytes_read == input.len() as u64);
    for batch in &kept.batches {
        assert_eq!(
            batch.records.iter().map(|record| record.rows).sum::<usize>(),
            batch.rows.num_rows()
        );
    }
    for window in [16, 61] {
        let (small, other) = read(window);
        assert_eq!(other.counts, report.counts, "window {window}");
        assert_eq!(small.rows(), rows, "window {window}");
        assert_eq!(small.quarantined.len(), kept.quarantined.len(), "window {window}");
        assert_eq!(other.cursor, report.cursor, "window {window}");
        assert_eq!(other.refused, report.refused, "window {window}");
    }
    assert_eq!(between_others(input, options), rows, "between other sources");
    let cursor = usize::try_from(report.cursor).unwrap_or(usize::MAX);
    let on = Options {
        start: report.cursor,
        beginning: (cursor > 0).then(|| input.get(..cursor).unwrap_or(input).into()),
        ..options.clone()
    };
    let (after, _) = read_with(input.get(cursor..).unwrap_or(&[]), on);
    let before = rows.iter().filter(|row| offset_of(row) < report.cursor).count();
    assert_eq!(
        before + after.rows().len(),
        rows.len(),
        "reading on from the cursor"
    );
}

/// The rows of an input that shares its batches with a source before it and one behind it.
fn between_others(input: &[u8], options: &Options) -> Vec<Row> {
    const OTHER: &[u8] = br#"{"time":"2024-03-14T10:59:41Z","macAddress":"A","flowRecords":{"flows":[{"aclID":"/Sub/Nsg","flowGroups":[{"rule":"r","flowTuples":["1710413935827,10.0.0.1,10.0.0.2,1,2,6,I,B,NX,,,,"]}]}]}}"#;
    let mut batching = Batching::new(options.seed);
    let mut kept = Kept::default();
    let other = Options::new(SourceId(8));
    let mut read = |input, options| batching.read(input, options, &mut kept);
    let before = read(OTHER, other.clone());
    let own = read(input, options.clone());
    let behind = read(OTHER, other);
    assert!(!before.cancelled && !own.cancelled && !behind.cancelled);
    assert_eq!((before.counts.tuples_stored, behind.counts.tuples_stored), (1, 1));
    let flushed = batching.flush(&mut kept);
    assert!(matches!(flushed, Ok(ControlFlow::Continue(()))));
    let of_input = |batch: &FlowBatch| {
        let rows = rows_as_text(&batch.rows);
        let mine = |record: &&RecordInfo| record.source == options.source_id;
        let of = |record: &RecordInfo| rows.iter().skip(record.first_row).take(record.rows).cloned();
        let mine = batch.records.iter().filter(mine).flat_map(of);
        mine.collect::<Vec<Row>>()
    };
    kept.batches.iter().flat_map(of_input).collect()
}

/// Bytes of output that are compared.
const DECOMPRESSED_KEPT: u64 = 1 << 20;

/// A source that gives one byte at a time.
struct Dripping<'b>(&'b [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let one = buffer.len().min(1);
        self.0.read(buffer.get_mut(..one).unwrap_or_default())
    }
}

/// Holds of any bytes taken for a compressed source: what is damaged is told and no error, the output is
/// bounded, and it hangs on the bytes alone and not on how they arrive.
pub fn decompress(input: &[u8]) {
    let (text, length, failure) = undone(input);
    let (other, _, told) = undone(Dripping(input));
    assert_eq!(failure, told);
    // Of a stream that is damaged, each gives what it had undone when it came upon the damage.
    assert!(text.starts_with(&other) || other.starts_with(&text));
    assert!(failure.is_some() || text == other);
    let most = (input.len() as u64)
        .saturating_mul(model::limits::DECOMPRESSED_RATIO_MAX)
        .max(64 << 20);
    assert!(length <= most, "{length} of {}", input.len());
    if Compression::of(input) == Compression::None {
        let kept = usize::try_from(DECOMPRESSED_KEPT).unwrap_or(usize::MAX);
        assert!(failure.is_none() && text == input.get(..kept).unwrap_or(input));
    }
}

/// The beginning of what a source holds, the length of all of it, and why it ended early.
fn undone(input: impl Read) -> (Vec<u8>, u64, Option<model::Code>) {
    let mut text = Vec::new();
    let done = crate::decompress(input).and_then(|mut read| {
        read.by_ref().take(DECOMPRESSED_KEPT).read_to_end(&mut text)?;
        let rest = io::copy(&mut read, &mut io::sink())?;
        Ok((rest, read.failure))
    });
    assert!(done.is_ok(), "a source in memory does not fail: {done:?}");
    let (rest, failure) = done.unwrap_or_default();
    let length = text.len() as u64 + rest;
    (text, length, failure)
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
