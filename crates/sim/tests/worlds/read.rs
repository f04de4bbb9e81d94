//! Reads written blobs back with a general JSON parser, knowing FORMATS.md and nothing of the writer.

use serde_json::Value;
use sim::{Blob, LogFormat, Scale, Sums, Truth, TruthKey, World, WorldSpec};
use std::collections::BTreeMap;

/// 2026-03-02, a Monday.
pub(crate) const MONDAY: i32 = 20_514;

pub(crate) fn spec(seed: u64) -> WorldSpec {
    WorldSpec {
        seed,
        start_day: MONDAY,
        hours: 24,
        scale: Scale::Tiny,
    }
}

pub(crate) fn write(spec: &WorldSpec) -> (World, Vec<Blob>, Truth) {
    let world = World::generate(spec);
    let mut blobs = Vec::new();
    let truth = world.write(&mut |blob| blobs.push(blob));
    (world, blobs, truth)
}

/// One tuple, read back.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) format: LogFormat,
    pub(crate) record_time: String,
    pub(crate) mac: String,
    pub(crate) acl_id: String,
    pub(crate) rule: String,
    pub(crate) text: String,
    pub(crate) time_ms: i64,
    pub(crate) source: String,
    pub(crate) destination: String,
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) direction: char,
    pub(crate) state: Option<char>,
    pub(crate) allowed: bool,
    pub(crate) encryption: String,
    pub(crate) counters: Option<[u64; 4]>,
}

pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no `{key}` in {value}"))
}

pub(crate) fn letter(field: &str) -> char {
    assert_eq!(field.len(), 1, "`{field}`");
    field.chars().next().unwrap()
}

pub(crate) fn row(format: LogFormat, record: &Value, acl_id: &str, rule: &str, tuple: &str) -> Row {
    let fields: Vec<&str> = tuple.split(',').collect();
    assert_eq!(
        fields.len(),
        if format == LogFormat::Nsg1 { 8 } else { 13 },
        "{tuple}"
    );
    let vnet = format == LogFormat::Vnet4;
    let (unit, digits) = if vnet { (1, 13) } else { (1_000, 10) };
    assert_eq!(fields[0].len(), digits, "{tuple}");
    let protocols: &[&str] = if vnet { &["6", "17"] } else { &["T", "U"] };
    assert!(protocols.contains(&fields[5]), "{tuple}");
    let counters = fields
        .get(9..13)
        .filter(|all| all.iter().any(|one| !one.is_empty()));
    let counters = counters.map(|all| std::array::from_fn(|at| all[at].parse().unwrap()));
    let state = match format {
        LogFormat::Vnet4 => Some(letter(fields[7])),
        LogFormat::Nsg2 => Some(letter(fields[8])),
        LogFormat::Nsg1 => None,
    };
    Row {
        format,
        record_time: text(record, "time").to_owned(),
        mac: text(record, "macAddress").to_owned(),
        acl_id: acl_id.to_owned(),
        rule: rule.to_owned(),
        text: tuple.to_owned(),
        time_ms: fields[0].parse::<i64>().unwrap() * unit,
        source: fields[1].to_owned(),
        destination: fields[2].to_owned(),
        source_port: fields[3].parse().unwrap(),
        destination_port: fields[4].parse().unwrap(),
        direction: letter(fields[6]),
        allowed: fields[7] != "D",
        encryption: if vnet { fields[8].to_owned() } else { String::new() },
        state,
        counters,
    }
}

pub(crate) fn read_record(record: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    if text(record, "category") == "FlowLogFlowEvent" {
        assert_eq!(record["flowLogVersion"], 4);
        for flow in record["flowRecords"]["flows"].as_array().unwrap() {
            for group in flow["flowGroups"].as_array().unwrap() {
                for tuple in group["flowTuples"].as_array().unwrap() {
                    let (acl_id, rule) = (text(flow, "aclID"), text(group, "rule"));
                    rows.push(row(
                        LogFormat::Vnet4,
                        record,
                        acl_id,
                        rule,
                        tuple.as_str().unwrap(),
                    ));
                }
            }
        }
        return rows;
    }
    let version = record["properties"]["Version"].as_u64().unwrap();
    let format = if version == 2 {
        LogFormat::Nsg2
    } else {
        LogFormat::Nsg1
    };
    for outer in record["properties"]["flows"].as_array().unwrap() {
        for inner in outer["flows"].as_array().unwrap() {
            assert_eq!(inner["mac"], record["macAddress"]);
            for tuple in inner["flowTuples"].as_array().unwrap() {
                let (acl_id, rule) = (text(record, "resourceId"), text(outer, "rule"));
                rows.push(row(format, record, acl_id, rule, tuple.as_str().unwrap()));
            }
        }
    }
    rows
}

pub(crate) fn records(bytes: &[u8]) -> Vec<Value> {
    let parsed: Value = serde_json::from_slice(bytes).unwrap();
    parsed["records"].as_array().unwrap().clone()
}

pub(crate) fn rows(blobs: &[Blob]) -> Vec<Row> {
    blobs
        .iter()
        .flat_map(|blob| records(&blob.bytes()))
        .flat_map(|record| read_record(&record))
        .collect()
}

pub(crate) fn sums<'r>(rows: impl Iterator<Item = &'r Row>) -> Sums {
    let mut total = Sums::default();
    for row in rows {
        let [packets_sent, bytes_sent, packets_received, bytes_received] = row.counters.unwrap_or_default();
        let unreported = u64::from(row.counters.is_none());
        total.add(&Sums {
            tuples: 1,
            unreported,
            packets_sent,
            bytes_sent,
            packets_received,
            bytes_received,
        });
    }
    total
}

pub(crate) fn recount(rows: &[Row]) -> BTreeMap<TruthKey, Sums> {
    let mut counted: BTreeMap<TruthKey, Sums> = BTreeMap::new();
    for row in rows {
        let key = TruthKey {
            format: row.format,
            mac: row.mac.clone(),
            acl_id: row.acl_id.clone(),
            rule: row.rule.clone(),
            direction: row.direction,
            state: row.state,
            allowed: row.allowed && row.state != Some('D'),
        };
        counted.entry(key).or_default().add(&sums(std::iter::once(row)));
    }
    counted
}

/// Milliseconds of a record's `time`, by the calendar of the test day and the day before it only.
pub(crate) fn stamp_ms(time: &str) -> i64 {
    assert_eq!(time.len(), 28, "{time}");
    assert!(time.ends_with('Z'), "{time}");
    let number = |from: usize, to: usize| time.get(from..to).unwrap().parse::<i64>().unwrap();
    let day = match time.get(..10).unwrap() {
        "2026-03-02" => i64::from(MONDAY),
        "2026-03-03" => i64::from(MONDAY) + 1,
        other => panic!("a record of {other}"),
    };
    ((day * 24 + number(11, 13)) * 60 + number(14, 16)) * 60_000 + number(17, 19) * 1_000 + number(20, 23)
}
