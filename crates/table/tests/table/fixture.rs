//! Rows of made-up records, and how to store them.

use std::ops::ControlFlow;
use std::path::Path;

use arrow_array::RecordBatch;
use formats::{FlowBatch, Options, Quarantined, Sink};
use model::RecordHash;
use table::{Contribution, IngestRow, Position, QuarantineRow, Table, TableError};

pub(crate) const NOW: i64 = 1_720_000_000_000_000;

#[derive(Default)]
struct Batches(Vec<FlowBatch>);

impl Sink for Batches {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.0.push(batch);
        ControlFlow::Continue(())
    }
    fn quarantine(&mut self, _: Quarantined) {}
}

/// Rows of one record with `count` tuples, from a source.
pub(crate) fn rows(source: &str, minute: u32, count: u32) -> (RecordBatch, RecordHash) {
    rows_of_day(source, 0, minute, count)
}

/// The day of the rows, since 1970.
pub(crate) const FIRST_DAY: i32 = 19_796;
const FIRST_MILLIS: i64 = 1_710_413_935_827;

/// The same so many days later, within March.
pub(crate) fn rows_of_day(source: &str, day: u32, minute: u32, count: u32) -> (RecordBatch, RecordHash) {
    let first = FIRST_MILLIS + i64::from(day) * 86_400_000;
    let day = 14 + day;
    let tuples: Vec<String> = (0..count)
        .map(|n| {
            format!(
                "\"{},10.0.{}.{},10.9.9.9,4000,443,6,O,E,NX,1,100,2,200\"",
                first + i64::from(n),
                n / 250,
                n % 250
            )
        })
        .collect();
    let text = format!(
        r#"{{"time":"2024-03-{day:02}T10:{minute:02}:41.5Z","macAddress":"6045BDBA5272","category":"FlowLogFlowEvent","flowRecords":{{"flows":[{{"aclID":"a","flowGroups":[{{"rule":"UserRule_x","flowTuples":[{}]}}]}}]}}}}"#,
        tuples.join(",")
    );
    // Each record of a source has a place of its own.
    let text = format!("{}{text}", " ".repeat(usize::try_from(day - 14).unwrap()));
    let mut sink = Batches::default();
    let report = formats::read(
        text.as_bytes(),
        Options::new(Position::source_id(source, 0)),
        &mut sink,
    );
    assert_eq!(report.counts.tuples_stored, u64::from(count));
    let batch = sink.0.pop().unwrap();
    (batch.rows, batch.records[0].hash)
}

pub(crate) fn contribution(source: &str, stored: u64) -> Contribution {
    Contribution {
        source: source.into(),
        position: Some(Position {
            source: source.into(),
            incarnation: 0,
            cursor: 100,
            length: 100,
            sha256: "ab".into(),
            size: 102,
            modified: 1,
            compressed: Some(false),
            hour: Some(5),
            read_as: None,
            waiting: false,
            last_row: None,
            blob: None,
        }),
        row: Some(IngestRow {
            source: source.into(),
            source_id: Position::source_id(source, 0),
            incarnation: 0,
            range: 0..100,
            sha256: "ab".into(),
            source_sha256: "ab".into(),
            compression: "none",
            bytes_decoded: 100,
            bytes_given_up: 0,
            records: 1,
            tuples_received: stored + 1,
            tuples_stored: stored,
            tuples_skipped: 0,
            tuples_quarantined: 1,
            records_repeated: 0,
            times: None,
            oddities: None,
        }),
        quarantined: vec![QuarantineRow {
            source: source.into(),
            source_id: Position::source_id(source, 0),
            code: "FG1001".into(),
            offset: 5,
            length: 3,
            record_offset: Some(0),
            tuple_index: Some(2),
            raw: b"bad".to_vec(),
        }],
    }
}

pub(crate) async fn append(
    table: &mut Table,
    source: &str,
    minute: u32,
    count: u32,
) -> Result<RecordHash, TableError> {
    let transaction = table.begin().await?;
    let (batch, hash) = rows(source, minute, count);
    let mut writer = transaction.writer(NOW);
    writer.write(&batch).await?;
    let files = writer.finish().await?;
    transaction
        .commit(files, vec![contribution(source, u64::from(count))], NOW)
        .await?;
    Ok(hash)
}

pub(crate) async fn assert_whole(path: &Path, rows: u64) {
    let table = Table::open(path).await.unwrap();
    let report = table.check().await.unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    let stats = table.stats().await.unwrap();
    assert_eq!(stats.rows, rows);
    assert_eq!(stats.ingest.stored, rows);
}
