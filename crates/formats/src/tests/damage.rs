//! Truncation, garbage, hostile shapes: nothing good is lost, everything bad is named.

use model::codes::list as code;

use super::*;

fn damaged(text: &[u8]) -> (Kept, Report) {
    fuzz::any_input(text);
    fuzz::read(text, 0, 1 << 16)
}

#[test]
fn a_cut_end_keeps_all_complete_records_and_counts_the_rest() {
    let record = vnet_record("", TUPLE);
    let text = format!(r#"{{"records":[{record},{record}"#);
    let one = 12 + record.len();
    for cut in one + 2..text.len() - 1 {
        let (kept, report) = damaged(&text.as_bytes()[..cut]);
        assert_eq!(kept.rows().len(), 1, "{cut}");
        assert_eq!(report.cursor, one as u64);
        assert_eq!(report.truncated_at, Some(one as u64 + 1));
        assert_eq!(report.counts.bytes_given_up, (cut - one - 1) as u64, "{cut}");
        assert!(kept.quarantined.is_empty());
    }
    let (kept, report) = damaged(text.as_bytes());
    assert_eq!(
        (
            kept.rows().len(),
            report.truncated_at,
            report.counts.bytes_given_up
        ),
        (2, None, 0)
    );
}

#[test]
fn a_quarantined_tuple_of_a_cut_record_is_not_reported_before_the_record_is_whole() {
    let record = vnet_record("", &format!("\"bad\",{TUPLE}"));
    let (kept, report) = damaged(&record.as_bytes()[..record.len() - 3]);
    assert!(kept.quarantined.is_empty() && report.quarantined.is_empty());
    assert_eq!(report.counts.tuples_cut, 2);
    assert_eq!(report.counts.tuples_received, 0);
}

#[test]
fn reading_goes_on_where_it_stopped() {
    let record = vnet_record("", TUPLE);
    let grown = format!(r#"{{"records":[{record},{record},{record}]}}"#);
    let before = format!(r#"{{"records":[{record}]}}"#);
    let (first, report) = damaged(before.as_bytes());
    let (second, after) = fuzz::read(
        &grown.as_bytes()[report.cursor as usize..],
        report.cursor,
        1 << 16,
    );
    assert_eq!((first.rows().len(), second.rows().len()), (1, 2));
    assert_eq!(after.oddities.count(code::ODD_LEADING_COMMA), 0);
    let offsets = column(&second, "RecordOffset");
    assert_eq!(offsets[0], (12 + record.len() + 1).to_string());
}

#[test]
fn garbage_between_records_costs_only_itself() {
    let record = vnet_record("", TUPLE);
    let text = format!(r#"{{"records":[{record} %%% garbage {{"not":"known"}} , {record}]}}"#);
    let (kept, report) = damaged(text.as_bytes());
    assert_eq!(kept.rows().len(), 2);
    assert!(report.counts.bytes_given_up > 0);
    assert_eq!(kept.quarantined[0].code, code::BYTES_BETWEEN);
    assert!(kept.quarantined[0].raw.starts_with(b"%%% garbage"));
}

#[test]
fn a_record_that_breaks_off_keeps_the_tuples_before_the_break() {
    let record = vnet_record("", &format!("{TUPLE},{TUPLE}"));
    let broken = record.replacen(r#""]}]}]}}"#, r#"" ; oops "#, 1);
    let text = format!(r#"{{"records":[{broken},{record}]}}"#);
    let (kept, report) = damaged(text.as_bytes());
    assert_ne!(broken, record);
    assert_eq!(kept.rows().len(), 4);
    assert_eq!(report.counts.records_broken, 1);
    assert_eq!(column(&kept, "MacAddress")[0], "60-45-BD-BA-52-72");
}

#[test]
fn wrong_types_are_put_aside_and_the_rest_is_read() {
    let record = vnet_record("", TUPLE);
    for (from, to) in [
        (r#""macAddress":"6045BDBA5272""#, r#""macAddress":{"a":[1]}"#),
        (r#""flowTuples":["#, r#""flowTuples":{"x":1},"flowTuples":["#),
        (r#""flowGroups":["#, r#""flowGroups":[7,null,"x","#),
        (r#""flows":["#, r#""flows":"none","flows":["#),
    ] {
        let (kept, _) = damaged(record.replace(from, to).as_bytes());
        assert_eq!(kept.rows().len(), 1, "{to}");
        assert!(
            kept.quarantined
                .iter()
                .any(|item| item.code == code::RECORD_SHAPE),
            "{to}"
        );
    }
}

#[test]
fn things_that_are_not_tuples() {
    let (kept, report) =
        damaged(vnet_record("", &format!("1,{TUPLE},{{\"a\":1}},null,\"\",[{TUPLE}]")).as_bytes());
    assert_eq!(kept.rows().len(), 1);
    assert_eq!(report.quarantined.count(code::TUPLE_NOT_TEXT), 4);
    assert_eq!(report.quarantined.count(code::TUPLE_FIELDS), 1);
    assert_eq!(kept.quarantined[1].raw, br#"{"a":1}"#);
}

#[test]
fn quarantine_shows_how_a_record_began_however_the_bytes_arrive() {
    struct Dripping<'b>(&'b [u8]);
    impl std::io::Read for Dripping<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(3);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }
    let text = br#"{"a":1,"b":[2,3]}"#;
    let mut kept = Kept::default();
    crate::read(Dripping(text), crate::Options::new(model::SourceId(1)), &mut kept);
    assert_eq!(kept.quarantined[0].raw, text);
}

#[test]
fn not_a_flow_log() {
    for text in ["hello", "<xml/>", "PK\u{3}\u{4}", "time,src,dst\n1,2,3"] {
        assert!(damaged(text.as_bytes()).1.unrecognised, "{text}");
    }
    assert!(!damaged(b"").1.unrecognised);
    let (_, report) = damaged(br#"{"a":1}"#);
    assert_eq!(report.quarantined.count(code::RECORD_UNKNOWN), 1);
}

#[test]
fn invalid_utf8_and_nul_bytes() {
    let mut bytes = vnet_record("", TUPLE).into_bytes();
    let place = bytes.windows(4).position(|window| window == b"Web\"").unwrap();
    bytes[place] = 0xff;
    let (kept, report) = damaged(&bytes);
    assert_eq!(kept.rows().len(), 1);
    assert_eq!(report.quarantined.count(code::NOT_UTF8), 1);
    let (kept, _) = damaged(vnet_record("", "\"\u{0}\"").as_bytes());
    assert_eq!(kept.quarantined[0].code, code::TUPLE_FIELDS);
}

#[test]
fn deep_nesting_and_long_text_are_bounded() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let (kept, report) = damaged(vnet_record(&format!(r#","x":{deep}"#), TUPLE).as_bytes());
    assert_eq!(kept.rows().len(), 1);
    assert_eq!(report.quarantined.count(code::RECORD_DEPTH), 1);
    damaged(deep.as_bytes());
    let nested = format!("{}{}", r#"{"records":["#.repeat(10_000), "]}".repeat(10_000));
    damaged(nested.as_bytes());

    let long = "9".repeat(200_000);
    let (kept, report) = damaged(vnet_record("", &format!("\"{long}\",{TUPLE}")).as_bytes());
    assert_eq!(kept.rows().len(), 1);
    assert_eq!(report.quarantined.count(code::TUPLE_LONG), 1);
    let (kept, report) = damaged(vnet_record("", TUPLE).replace("6045BDBA5272", &long).as_bytes());
    assert_eq!(kept.rows().len(), 1);
    assert_eq!(report.quarantined.count(code::RECORD_STRING), 1);
}

#[test]
fn a_record_larger_than_may_wait_is_handed_on_in_parts() {
    let tuples = vec![TUPLE; model::limits::RECORD_ROWS_PENDING_MAX + 10].join(",");
    let text = vnet_record("", &tuples);
    let (kept, report) = fuzz::read(text.as_bytes(), 0, 1 << 16);
    assert_eq!(
        report.counts.tuples_stored,
        model::limits::RECORD_ROWS_PENDING_MAX as u64 + 10
    );
    assert_eq!(report.oddities.count(code::RECORD_HEADER_LATE), 1);
    assert_eq!(kept.batches.len(), 2);
    let last = &kept.batches[1].rows;
    assert_eq!(last.num_rows(), 10);
    assert_eq!(report.counts.records, 1);
}

#[test]
fn the_quarantine_of_one_source_is_bounded() {
    let tuples = vec!["\"x\""; 30_000].join(",");
    let (kept, report) = fuzz::read(vnet_record("", &tuples).as_bytes(), 0, 1 << 16);
    assert_eq!(
        kept.quarantined.len(),
        model::limits::QUARANTINE_ROWS_PER_SOURCE_MAX
    );
    assert_eq!(report.quarantined.count(code::TUPLE_FIELDS), 30_000);
    assert_eq!(report.quarantine_overflow, 20_000);
    assert!(report.counts.add_up());
}

#[test]
fn a_sink_that_breaks_off_stops_the_reader() {
    struct Stop;
    impl crate::Sink for Stop {
        fn batch(&mut self, _: crate::FlowBatch) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Break(())
        }
        fn quarantine(&mut self, _: crate::Quarantined) {}
    }
    let record = vnet_record("", &vec![TUPLE; 70_000].join(","));
    let text = format!("{record}{record}");
    let report = crate::read(
        text.as_bytes(),
        crate::Options::new(model::SourceId(1)),
        &mut Stop,
    );
    assert!(report.cancelled);
    assert_eq!(report.counts.records, 1);
}
