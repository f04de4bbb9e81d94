//! Truncation, garbage, hostile shapes: nothing good is lost, everything bad is named.

use model::codes::list as code;

use super::*;
use crate::Looks;

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

/// The key a record begins with is of no account where only a bracket before it is damaged.
#[test]
fn a_damaged_bracket_costs_no_record_behind_it() {
    let (first, record) = (vnet_record("", TUPLE), vnet_record("", TUPLE));
    let unknown = record.replacen('{', r#"{"unheardOf":1,"#, 1);
    for (between, given_up) in [("},", 1), ("}},", 2), ("],", 0)] {
        let text = format!(r#"{{"records":[{first}{between}{unknown}]}}"#);
        let (kept, report) = damaged(text.as_bytes());
        assert_eq!((kept.rows().len(), report.counts.records), (2, 2), "{text}");
        assert_eq!(report.counts.bytes_given_up, given_up, "{text}");
    }
}

#[test]
fn what_a_wrapper_says_behind_its_list_is_no_record() {
    let record = vnet_record("", TUPLE);
    let text = format!(r#"{{"records":[{record}],"note":{record}}}"#);
    let (kept, report) = damaged(text.as_bytes());
    let (after, _) = fuzz::read(&text.as_bytes()[report.cursor as usize..], report.cursor, 1 << 16);
    assert_eq!((kept.rows().len(), after.rows().len()), (1, 0));
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
    for (text, looks) in [
        ("time,src,dst\n1,2,3", Looks::Lines),
        ("PK\u{3}\u{4}", Looks::Archive("zip")),
        ("hello", Looks::Other),
    ] {
        assert_eq!(damaged(text.as_bytes()).1.looks, Some(looks), "{text}");
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

/// Zeros over a stretch of three records, wherever it begins and ends.
#[test]
fn a_record_with_a_hole_is_left_for_later_whole() {
    let records: Vec<String> = (0..5)
        .map(|n| vnet_record("", &TUPLE.replace(",80,", &format!(",{},", n + 1))))
        .collect();
    let text = format!(r#"{{"records":[{}]}}"#, records.join(","));
    let (whole, _) = damaged(text.as_bytes());
    assert_eq!(whole.rows().len(), 5);
    let second = 12 + records[0].len() + 1;
    let third = second + records[1].len();
    for start in (second + 1..third - 1).step_by(7) {
        for length in [16, 40, records[1].len(), 2 * records[1].len()] {
            let mut holed = text.clone().into_bytes();
            holed[start..start + length].fill(0);
            let (kept, report) = damaged(&holed);
            let rows = kept.rows();
            assert!(
                rows.iter().all(|row| whole.rows().contains(row)),
                "{start} {length}"
            );
            let lost = 5 - rows.len();
            assert!((1..=3).contains(&lost), "{start} {length}: {lost}");
            assert_eq!(report.quarantined.count(code::HOLE), 1, "{start} {length}");
            assert_eq!(kept.quarantined[0].offset, second as u64);
            assert!(report.counts.bytes_given_up >= length as u64);
        }
    }
}

#[test]
fn zeros_up_to_the_end_are_a_cut_end() {
    let record = vnet_record("", TUPLE);
    let text = format!(r#"{{"records":[{record},{record}"#);
    let one = 12 + record.len();
    for cut in one..text.len() {
        let mut bytes = text.as_bytes()[..cut].to_vec();
        bytes.resize(cut + 5000, 0);
        let (kept, report) = damaged(&bytes);
        assert_eq!((kept.rows().len(), report.cursor), (1, one as u64), "{cut}");
        assert!(
            report
                .truncated_at
                .is_some_and(|at| at >= one as u64 && at <= cut as u64),
            "{cut}"
        );
        assert!(kept.quarantined.is_empty(), "{cut}");
    }
}

#[test]
fn a_file_whose_beginning_is_yet_to_come() {
    let (kept, report) = damaged(&[0; 5000]);
    assert!(kept.quarantined.is_empty() && !report.unrecognised);
    assert_eq!((report.truncated_at, report.cursor), (Some(0), 0));
    let mut bytes = vec![0; 5000];
    bytes.extend_from_slice(vnet_record("", TUPLE).as_bytes());
    let (kept, report) = damaged(&bytes);
    assert_eq!(kept.rows().len(), 1);
    assert_eq!(report.quarantined.count(code::HOLE), 1);
}

#[test]
fn a_piece_that_begins_inside_a_record_gives_the_records_after_it() {
    let record = vnet_record("", TUPLE);
    let text = format!("{record},{record}");
    for cut in 1..record.len() {
        let (kept, report) = damaged(&text.as_bytes()[cut..]);
        assert_eq!(kept.rows().len(), 1, "{cut}");
        assert_eq!(
            kept.quarantined.len() as u64,
            report.quarantined.iter().map(|(_, n)| n).sum::<u64>(),
            "{cut}"
        );
        assert!(!report.unrecognised);
    }
    let quoted = format!("an example:\n\n    {record}\n");
    assert!(damaged(quoted.as_bytes()).1.unrecognised);
}

#[test]
fn numbers_where_text_belongs_are_kept_and_noted() {
    let record =
        vnet_record("", TUPLE).replace(r#""macAddress":"6045BDBA5272""#, r#""macAddress":604500005272"#);
    let (kept, report) = damaged(record.as_bytes());
    assert_eq!(column(&kept, "MacAddress")[0], "60-45-00-00-52-72");
    assert_eq!(report.oddities.count(code::ODD_TYPE), 1);
    assert_eq!(
        damaged(vnet_record("", TUPLE).as_bytes())
            .1
            .oddities
            .count(code::ODD_TYPE),
        0
    );
}

#[test]
fn a_key_past_the_limit_is_noted_as_such() {
    let key = "k".repeat(9000);
    let (kept, report) = damaged(vnet_record(&format!(r#","{key}":1"#), TUPLE).as_bytes());
    assert_eq!(kept.rows().len(), 1);
    let names: Vec<(&str, u64)> = report.oddities.names(code::ODD_KEY).collect();
    assert_eq!(names, [("(longer than the limit)", 1)]);
}

#[test]
fn a_record_on_too_many_days_keeps_the_tuples_of_the_first() {
    let limit = model::limits::PARTITIONS_PER_COMMIT_MAX as u64;
    let tuples: Vec<String> = (0..limit + 7)
        .map(|day| {
            TUPLE.replacen(
                &TUPLE[1..14],
                &(1_430_000_000_000 + day * 86_400_000).to_string(),
                1,
            )
        })
        .collect();
    let record = vnet_record("", &tuples.join(",")).replacen("\"time\"", "\"t\"", 1);
    let (kept, report) = fuzz::read(record.as_bytes(), 0, 1 << 16);
    assert_eq!(kept.rows().len() as u64, limit);
    assert_eq!(report.quarantined.count(code::TUPLE_DAYS), 7);
}

/// A record of many long names is handed on in parts, which know their group and differ in hash.
#[test]
fn a_record_of_long_names_is_handed_on_in_parts() {
    let name = "n".repeat(4000);
    let groups: Vec<String> = (0..5000)
        .map(|n| format!(r#"{{"rule":"{name}{n}","flowTuples":[{TUPLE}]}}"#))
        .collect();
    let record = vnet_record("", TUPLE);
    let start = record.find(r#"{"rule""#).unwrap();
    let end = start + record[start..].find('}').unwrap() + 1;
    let text = format!("{}{}{}", &record[..start], groups.join(","), &record[end..]);
    let (kept, report) = fuzz::read(text.as_bytes(), 0, 1 << 16);
    assert_eq!((report.counts.records, report.counts.tuples_stored), (1, 5000));
    assert!(kept.batches.len() > 2);
    assert_eq!(
        report.oddities.count(code::RECORD_SPLIT) + 1,
        kept.batches.len() as u64
    );
    let groups: std::collections::BTreeSet<String> = column(&kept, "AclGroup").into_iter().collect();
    assert_eq!(groups.len(), 1);
    let hashes: std::collections::BTreeSet<String> = column(&kept, "RecordHash").into_iter().collect();
    assert_eq!(hashes.len(), kept.batches.len());
}

/// Records without a row take memory too.
#[test]
fn many_empty_records_are_handed_on() {
    let text = r#"{"flowRecords":{}}"#.repeat(100_000);
    let (kept, report) = fuzz::read(text.as_bytes(), 0, 1 << 16);
    assert_eq!(report.counts.records, 100_000);
    assert!(
        kept.batches
            .iter()
            .all(|batch| batch.records.len() <= model::limits::BATCH_ROWS)
    );
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
    assert_eq!(report.oddities.count(code::RECORD_SPLIT), 1);
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
    let record = vnet_record("", &vec![TUPLE; 40_000].join(","));
    let text = format!("{record}{record}");
    let report = crate::read(
        text.as_bytes(),
        crate::Options::new(model::SourceId(1)),
        &mut Stop,
    );
    assert!(report.cancelled);
    assert_eq!(report.counts.records, 1);
}
