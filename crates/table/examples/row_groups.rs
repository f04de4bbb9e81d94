//! Writes the same rows into a file in memory so many times: what `cargo xtask instructions` counts.
//!
//! `row_groups flows TIMES`.
#![allow(clippy::unwrap_used, reason = "an example may stop at the first surprise")]

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow_array::RecordBatch;
use formats::{FlowBatch, Options, Quarantined, Sink};
use model::SourceId;
use object_store::memory::InMemory;

const RECORDS: usize = 100;
const TUPLES: usize = 300;

struct Batches(Vec<RecordBatch>);

impl Sink for Batches {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.0.push(batch.rows);
        ControlFlow::Continue(())
    }
    fn quarantine(&mut self, _: Quarantined) {}
}

fn record(minute: usize) -> String {
    let tuples: Vec<String> = (0..TUPLES)
        .map(|number| {
            let millis = 1_710_413_935_827 + minute * 60_000 + number * 3;
            let port = 49_152 + (minute * 31 + number * 17) % 16_000;
            let bytes = (minute + number) * 37 % 90_000;
            format!(
                "\"{millis},10.1.1.70,203.0.{}.{},{port},443,6,O,C,NX,{},{bytes},3,614\"",
                number % 113,
                minute % 251,
                bytes / 900
            )
        })
        .collect();
    format!(
        r#"{{"time":"2024-03-14T{:02}:{:02}:41Z","flowLogVersion":4,"flowLogGUID":"g","macAddress":"0022487BC205","category":"FlowLogFlowEvent","flowLogResourceID":"/F","targetResourceID":"/t","operationName":"FlowLogFlowEvent","flowRecords":{{"flows":[{{"aclID":"/nsg","flowGroups":[{{"rule":"UserRule_web","flowTuples":[{}]}}]}}]}}}}"#,
        11 + minute / 60,
        minute % 60,
        tuples.join(",")
    )
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let times: u32 = std::env::args()
        .nth(2)
        .and_then(|word| word.parse().ok())
        .unwrap_or(1);
    let records: Vec<String> = (0..RECORDS).map(record).collect();
    let blob = format!("{{\"records\":[{}]}}", records.join(","));
    let mut batches = Batches(Vec::new());
    formats::read(blob.as_bytes(), Options::new(SourceId(1)), &mut batches);
    for _ in 0..times {
        let mut writer = table::Writer::new(&model::FLOWS, Arc::new(InMemory::new()), 0);
        for batch in &batches.0 {
            writer.write(batch).await.unwrap();
        }
        let files = writer.finish().await.unwrap();
        let rows: u64 = files.iter().filter_map(|written| written.file.rows).sum();
        assert_eq!(rows, (RECORDS * TUPLES) as u64);
    }
}
