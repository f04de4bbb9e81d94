//! Sources that share batches are read as each would be alone.

use std::ops::ControlFlow;

use model::SourceId;

use super::*;
use crate::twin::Row;
use crate::{Batching, FlowBatch, Options, Quarantined, Sink};

const ROWS: &str = "time,sourceIP,destinationIP,destinationPort,flowState\n\
     2024-03-14T10:59:41Z,10.0.0.1,10.0.0.2,443,Allow\n";

fn options(number: usize) -> Options {
    Options::new(SourceId(number as i64))
}

/// Rows, offsets, occurrences and times of a source's records.
type Told = (Vec<Row>, Vec<(u64, u32, Option<i64>)>);

fn told(batches: &[FlowBatch], source: usize) -> Told {
    let mut told = Told::default();
    for batch in batches {
        let rows = fuzz::rows_as_text(&batch.rows);
        for record in batch
            .records
            .iter()
            .filter(|record| record.source == SourceId(source as i64))
        {
            told.0
                .extend_from_slice(&rows[record.first_row..record.first_row + record.rows]);
            told.1.push((record.offset, record.occurrence, record.time));
        }
        assert_eq!(
            batch.records.iter().map(|record| record.rows).sum::<usize>(),
            rows.len()
        );
    }
    told
}

#[test]
fn sources_in_one_batch_are_what_each_is_alone() {
    let record = vnet_record("", TUPLE);
    let other = record
        .replace("6045BDBA5272", "000D3A989CE1")
        .replace("Allow", "Deny");
    let far = record.replace("1710413935827", "1610413935827");
    let sources = [
        format!(r#"{{"records":[{record},{other},{record}]}}"#),
        // Cut: its last record is taken back, and nobody else's.
        format!(r#"{{"records":[{other},{}"#, &record[..record.len() - 20]),
        record.clone(),
        "hello".to_owned(),
        // The tuple turns out to be far from its record's time.
        format!("{{{},{}", &far[far.len() - 180..far.len() - 1], &far[1..]),
        // Rows have batches of their own.
        ROWS.to_owned(),
        format!("{record}\n{other}"),
        // Refused, and nothing of it is left.
        r#"{"records":[{"time":"2024-03-14T10:59:41Z","category":"NetworkSecurityGroupEvent"}]}"#.to_owned(),
        "time,sourceIP,destinationIP,destinationPort,flowState\n1,a,b,c,d\n".repeat(40),
        other,
    ];
    let mut batching = Batching::new(1);
    let mut shared = Kept::default();
    let mut reports = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        reports.push(batching.read(source.as_bytes(), options(number), &mut shared));
    }
    assert!(!batching.is_empty());
    assert!(batching.flush(&mut shared).unwrap().is_continue());
    assert!(batching.is_empty());
    // Those before the rows, the rows, and those behind them.
    assert_eq!(shared.batches.len(), 3);
    let mut quarantined = 0;
    for (number, source) in sources.iter().enumerate() {
        let mut alone = Kept::default();
        let report = crate::read(source.as_bytes(), options(number), &mut alone);
        assert_eq!(
            told(&shared.batches, number),
            told(&alone.batches, number),
            "{source}"
        );
        assert_eq!(
            format!("{:?}", reports[number]),
            format!("{report:?}"),
            "{source}"
        );
        quarantined += alone.quarantined.len();
    }
    assert_eq!(shared.quarantined.len(), quarantined);
}

/// Breaks off at its first batch.
struct Deaf;

impl Sink for Deaf {
    fn batch(&mut self, _: FlowBatch) -> ControlFlow<()> {
        ControlFlow::Break(())
    }

    fn quarantine(&mut self, _: Quarantined) {}
}

#[test]
fn a_sink_that_breaks_off_has_cancelled() {
    let record = vnet_record("", TUPLE);
    assert!(crate::read(record.as_bytes(), options(1), &mut Deaf).cancelled);
    let mut batching = Batching::new(1);
    assert!(!batching.read(record.as_bytes(), options(1), &mut Deaf).cancelled);
    assert!(batching.read(ROWS.as_bytes(), options(2), &mut Deaf).cancelled);
}

#[test]
fn a_header_as_in_the_record_before_says_the_same() {
    let one = vnet_record("", TUPLE);
    let again = one.replace("10:59:41.5", "11:00:41.5");
    for (what, changed) in [
        ("another value", again.replace("\"/F\"", "\"/G\"")),
        ("a longer value", again.replace("\"g\"", "\"gg\"")),
        ("an escape", again.replace("\"g\"", "\"\\u0067\"")),
        (
            "white space",
            again.replace("\"flowLogGUID\":", "\"flowLogGUID\" : "),
        ),
        ("another case", again.replace("flowLogGUID", "FLOWLOGGUID")),
        (
            "a missing key",
            again.replace("\"category\":\"FlowLogFlowEvent\",", ""),
        ),
        (
            "a key twice",
            again.replace(
                "\"flowLogGUID\":\"g\"",
                "\"flowLogGUID\":\"g\",\"flowLogGUID\":\"h\"",
            ),
        ),
        ("null", again.replace("\"g\"", "null")),
        ("a number", again.replace("\"g\"", "7")),
        (
            "an unknown key",
            again.replace("{\"time\"", "{\"more\":[1],\"time\""),
        ),
        (
            "another order",
            again
                .replace("\"macAddress\":\"6045BDBA5272\",", "")
                .replace("{\"time\"", "{\"macAddress\":\"6045BDBA5272\",\"time\""),
        ),
    ] {
        assert_ne!(changed, again, "{what}");
        let (together, report) = read(&format!("{one}{changed}{again}{again}"));
        let mut expected = Vec::new();
        for single in [&one, &changed, &again, &again] {
            expected.extend(read(single).0.rows());
        }
        let mut rows = together.rows();
        // Where a row stands, and how often it came, is not what this is about.
        for row in rows.iter_mut().chain(&mut expected) {
            row.retain(|name, _| !["RecordOffset", "RecordOccurrence"].contains(name));
        }
        assert_eq!(rows, expected, "{what}");
        let alone = read(&changed).1;
        assert_eq!(
            format!("{:?}", report.quarantined),
            format!("{:?}", alone.quarantined),
            "{what}"
        );
    }
}
