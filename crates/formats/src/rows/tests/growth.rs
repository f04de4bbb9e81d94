//! Sources that grow, and copies of them that were caught half-way.

use model::SourceId;
use model::codes::list as code;

use super::read;
use crate::fuzz::Kept;
use crate::report::Report;
use crate::twin::Row;
use crate::{Ending, Options};

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

/// Ends in values of which a piece is a value too, and of which a piece is none.
const LAST: &str = "time,sourceIP,destinationIP,protocol,flowState,flowDirection,note,destinationPort\n\
    1756152681,10.0.0.4,20.1.2.3,TCP,Allow,Outbound,\"a\nb\",443\n\
    1756152682,10.0.0.5,20.1.2.3,TCP,Deny,Inbound,\"say \"\"x\"\" \",4433\n";
const DIRECTION: &str = "time,sourceIP,destinationIP,protocol,flowState,destinationPort,flowDirection\r\n\
    1756152681,10.0.0.4,20.1.2.3,TCP,Allow,443,Outbound\r\n\
    1756152682,10.0.0.5,20.1.2.3,TCP,Deny,4433,Inbound\r\n";
const TABS: &str = "note\tnote2\ttime\tsourceIP\tdestinationIP\tprotocol\tflowState\tdestinationPort\tflowDirection\n\
    \t\t1756152681\t10.0.0.4\t20.1.2.3\tTCP\tAllow\t443\tOutbound\n\
    \t\t1756152682\t10.0.0.5\t20.1.2.3\tTCP\tDeny\t4433\tInbound\n";

fn ending(input: &[u8], ending: Ending) -> (Kept, Report) {
    let mut kept = Kept::default();
    let options = Options {
        window_bytes: Some(64),
        ending,
        ..Options::new(SourceId(7))
    };
    let report = crate::read(input, options, &mut kept);
    assert!(report.counts.add_up(), "{:?}", report.counts);
    (kept, report)
}

#[test]
fn a_last_row_of_a_growing_source_waits_whole() {
    for whole in [LAST, DIRECTION, TABS] {
        let all: Vec<Row> = read(whole).0.rows();
        assert_eq!(all.len(), 2);
        for cut in 0..=whole.len() {
            let (first, report) = ending(&whole.as_bytes()[..cut], Ending::Growing);
            assert!(report.quarantined.is_empty(), "{cut} {:?}", report.quarantined);
            let (rest, report) = if report.cursor == 0 {
                read(whole)
            } else {
                go_on(whole.as_bytes(), report.cursor)
            };
            assert!(report.quarantined.is_empty(), "{cut} {:?}", report.quarantined);
            let rows: Vec<Row> = first.rows().into_iter().chain(rest.rows()).collect();
            assert_eq!(rows, all, "cut at {cut}");
        }
    }
}

#[test]
fn a_last_row_of_a_quiet_source_is_taken_if_it_can_be_read() {
    let (kept, report) = ending(LAST.trim_end().as_bytes(), Ending::Quiet);
    assert_eq!((kept.rows().len(), report.waits_at), (2, None));
    let last = LAST.find("1756152682").unwrap() as u64;
    assert_eq!(report.cursor, last);
    let (kept, report) = ending(LAST.trim_end().as_bytes(), Ending::Growing);
    assert_eq!((kept.rows().len(), report.waits_at), (1, Some(last)));
    // Half a value: left for later where more may come, put aside where nothing can.
    let cut = DIRECTION.trim_end().strip_suffix("ound").unwrap().as_bytes();
    for open in [Ending::Quiet, Ending::Growing] {
        let (kept, report) = ending(cut, open);
        assert_eq!(
            (kept.rows().len(), report.truncated_at, report.waits_at),
            (1, Some(report.cursor), None)
        );
        assert!(report.quarantined.is_empty());
    }
    let (_, report) = ending(cut, Ending::Final);
    assert_eq!(report.quarantined.count(code::ROW_DIRECTION), 1);
    let more = [DIRECTION.trim_end(), ",more"].concat();
    let (_, report) = ending(more.as_bytes(), Ending::Final);
    assert_eq!(report.quarantined.count(code::ROW_FIELDS), 1);
}

#[test]
fn a_long_line_without_end_waits_too() {
    let long = format!("{DIRECTION}{}", "x".repeat(2 << 20));
    let (_, report) = ending(long.as_bytes(), Ending::Growing);
    assert_eq!(report.cursor, DIRECTION.len() as u64);
    assert!(report.quarantined.is_empty() && report.truncated_at.is_some());
    let (_, report) = ending(long.as_bytes(), Ending::Final);
    assert_eq!(report.quarantined.count(code::ROW_LONG), 1);
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
