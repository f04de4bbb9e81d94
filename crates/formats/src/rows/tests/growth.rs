//! Sources that grow, and copies of them that were caught half-way.

use model::SourceId;

use super::read;
use crate::Options;
use crate::fuzz::Kept;
use crate::report::Report;
use crate::twin::Row;

/// Goes on at a cursor, with the beginning of the source at hand.
fn go_on(input: &[u8], cursor: u64) -> (Kept, Report) {
    let at = usize::try_from(cursor).unwrap();
    let mut kept = Kept::default();
    let options = Options {
        start: cursor,
        window_bytes: Some(64),
        beginning: Some(input[..at].into()),
        ..Options::new(SourceId(7))
    };
    let report = crate::read(&input[at..], options, &mut kept);
    (kept, report)
}

fn without_occurrence(mut row: Row) -> Row {
    row.remove("RecordOccurrence");
    row
}

/// Whatever was there at first, the rows before its cursor and those of going on there are all rows.
fn grows(whole: &str) {
    let (all, report) = read(whole);
    assert!(
        report.quarantined.is_empty() && report.truncated_at.is_none(),
        "{whole}"
    );
    let all: Vec<Row> = all.rows().into_iter().map(without_occurrence).collect();
    for cut in 0..whole.len() {
        let (first, report) = read(&whole.as_bytes()[..cut]);
        assert!(report.quarantined.is_empty(), "{cut} {:?}", report.quarantined);
        let before = |row: &Row| {
            let offset: u64 = row["RecordOffset"].as_deref().unwrap().parse().unwrap();
            offset < report.cursor
        };
        let mut rows: Vec<Row> = first.rows().into_iter().filter(before).collect();
        let (rest, _) = if report.cursor == 0 {
            read(whole)
        } else {
            go_on(whole.as_bytes(), report.cursor)
        };
        rows.extend(rest.rows());
        let rows: Vec<Row> = rows.into_iter().map(without_occurrence).collect();
        assert_eq!(rows, all, "cut at {cut}, went on at {}", report.cursor);
    }
}

const ROW: &str = r#"{"time":1756152681,"sourceIP":"10.0.0.4","destinationIP":"20.1.2.3","sourcePort":1,"destinationPort":443,"protocol":"TCP","flowState":"Allow","flowDirection":"Outbound","note":"a,\"b\""}"#;

#[test]
fn lines_that_grow() {
    grows(
        "time,sourceIP,destinationIP,sourcePort,destinationPort,protocol,flowState,flowDirection,note\r\n\
         1756152681,10.0.0.4,20.1.2.3,1,443,TCP,Allow,Outbound,\"a,\"\"b\"\"\nc\"\r\n\
         1756152682,10.0.0.5,20.1.2.3,1,443,TCP,Deny,Outbound,x\r\n\r\n\
         1756152683,10.0.0.6,20.1.2.3,1,443,TCP,Deny,Outbound,y\n",
    );
}

#[test]
fn objects_that_grow() {
    grows(&format!("{ROW}\n{ROW}\n\n{ROW}\n"));
    grows(&format!("[{ROW},\n{ROW}]"));
    grows(&format!("{{\"n\":1,\"records\":[{ROW},{ROW}],\"next\":\"x\"}}"));
}

#[test]
fn a_cut_is_said() {
    let (_, report) = read(&ROW.as_bytes()[..ROW.len() - 1]);
    assert_eq!(report.truncated_at, Some(0));
    assert_eq!(report.counts.bytes_given_up, ROW.len() as u64 - 1);
    let csv = "time,sourceIP,destinationIP,destinationPort,flowState\n1756152681,10.0";
    let (_, report) = read(csv);
    assert_eq!(report.truncated_at, Some(54));
}
