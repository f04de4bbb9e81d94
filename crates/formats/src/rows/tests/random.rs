//! Random rows, written by other people's writers, against a slow twin that reads them by other people's
//! readers and says what they mean in plain words.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chrono::{DateTime, NaiveDateTime};

use super::read;
use crate::tests::random::Random;
use crate::twin::Row;

/// A row as names and values.
type Fields = Vec<(&'static str, String)>;

fn random_time(random: &mut Random) -> String {
    let micros =
        1_756_000_000_000_000 + i64::try_from(random.next(10_000_000)).unwrap() * 1_000_000 + 937_000;
    let time = DateTime::from_timestamp_micros(micros).unwrap();
    match random.next(5) {
        0 => time.format("%-m/%-d/%Y %-I:%M:%S%.3f %p").to_string(),
        1 => time.format("%m/%d/%Y, %I:%M:%S%.3f %p").to_string(),
        2 => time.format("%Y-%m-%d %H:%M:%S%.6f").to_string(),
        3 => time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        _ => random.pick(&["", "never", "2014-01-01T00:00:00Z"]).to_owned(),
    }
}

fn random_address(random: &mut Random) -> String {
    match random.next(12) {
        0 => random.pick(&["2001:db8::1", "fd00::7"]).to_owned(),
        1 => random.pick(&["10.0.0", "host", "10.0.0.256"]).to_owned(),
        _ => format!("10.0.{}.{}", random.next(4), random.next(250)),
    }
}

fn random_list(random: &mut Random) -> String {
    let entry = |random: &mut Random| {
        let numbers: Vec<String> = (0..6).map(|_| random.next(1000).to_string()).collect();
        format!("192.0.2.{}|{}", random.next(250), numbers.join("|"))
    };
    let mut entries: Vec<String> = (0..random.next(4)).map(|_| entry(random)).collect();
    if random.chance(5) {
        entries.push("192.0.2.1|1|2".to_owned());
    }
    entries.join(" ")
}

fn random_count(random: &mut Random) -> String {
    match random.next(12) {
        0 => String::new(),
        1 => random.pick(&["1.5", "-1", "x", "7.0", "2E3"]).to_owned(),
        _ => random.next(1_000_000).to_string(),
    }
}

fn random_row(random: &mut Random) -> Fields {
    let public = random.next(5);
    let text = |random: &mut Random, choices: &[&str]| random.pick(choices).to_owned();
    let source = if public == 0 {
        String::new()
    } else {
        random_address(random)
    };
    let destination = if public == 1 {
        String::new()
    } else {
        random_address(random)
    };
    vec![
        ("TimeGenerated", random_time(random)),
        (
            "SubType",
            text(random, &["FlowLog", "FlowLog", "FlowLog", "StatusMessage"]),
        ),
        ("FaSchemaVersion", "3".to_owned()),
        ("FlowStartTime", random_time(random)),
        ("FlowEndTime", random_time(random)),
        ("SrcIp", source),
        ("DestIp", destination),
        (
            "SrcPublicIps",
            if public == 0 {
                random_list(random)
            } else {
                String::new()
            },
        ),
        (
            "DestPublicIps",
            if public == 1 {
                random_list(random)
            } else {
                String::new()
            },
        ),
        (
            "DestPort",
            text(random, &["443", "22", "53", "65535", "70000", ""]),
        ),
        (
            "L4Protocol",
            text(random, &["T", "U", "TCP", "UDP", "TCP", "UDP", "ICMP", "Q"]),
        ),
        (
            "FlowDirection",
            text(
                random,
                &["I", "O", "Inbound", "Outbound", "Inbound", "Outbound", "Both"],
            ),
        ),
        (
            "FlowStatus",
            text(
                random,
                &["A", "D", "Allowed", "Denied", "Allowed", "Denied", "NX"],
            ),
        ),
        (
            "FlowEncryption",
            text(
                random,
                &[
                    "",
                    "Unencrypted",
                    "Encrypted",
                    "NX",
                    "Destination on same host",
                    "New",
                ],
            ),
        ),
        (
            "AclGroup",
            text(random, &["", "Unspecified", "/Subscriptions/S/nsg \"a\", b"]),
        ),
        (
            "AclRule",
            text(
                random,
                &["", "platformrule", "allowvnetinbound", "my_rule", "line\nbreak"],
            ),
        ),
        ("AllowedInFlows", random_count(random)),
        ("DeniedInFlows", random_count(random)),
        ("CompletedFlows", random_count(random)),
        ("PacketsSrcToDest", random_count(random)),
        ("BytesSrcToDest", random_count(random)),
        ("PacketsDestToSrc", random_count(random)),
        ("BytesDestToSrc", random_count(random)),
        (
            "MacAddress",
            text(random, &["", "00-0D-3A-98-82-CE", "000d3a9882ce"]),
        ),
        (
            "FlowType",
            text(random, &["", "IntraVNet", "a,b", "say \"x\"", "\u{e9}\u{1f600}"]),
        ),
    ]
}

/// What the twin makes of a row: rows of the table, nothing for a status row, or that it is wrong.
type Said = Result<Vec<BTreeMap<&'static str, String>>, ()>;

fn time(text: &str) -> Result<Option<i64>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    let forms = [
        "%m/%d/%Y %I:%M:%S%.f %p",
        "%m/%d/%Y, %I:%M:%S%.f %p",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.fZ",
    ];
    let found = forms
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let micros = found.ok_or(())?.and_utc().timestamp_micros();
    if (1_420_070_400_000_000..4_102_444_800_000_000).contains(&micros) {
        Ok(Some(micros))
    } else {
        Err(())
    }
}

fn count(text: &str) -> Result<Option<i64>, ()> {
    match text {
        "" => Ok(None),
        "7.0" => Ok(Some(7)),
        "2E3" => Ok(Some(2000)),
        number => number
            .parse::<u32>()
            .map(|number| Some(number.into()))
            .map_err(|_| ()),
    }
}

fn twin(fields: &BTreeMap<&str, &str>) -> Said {
    let get = |name: &str| fields.get(name).map_or("", |text| text.trim());
    if get("SubType") == "StatusMessage" {
        return Ok(Vec::new());
    }
    let mut row = BTreeMap::new();
    let start = time(get("FlowStartTime"))?.ok_or(())?;
    row.insert("TimeGenerated", start.to_string());
    row.insert(
        "RecordTime",
        time(get("TimeGenerated"))?.unwrap_or(start).to_string(),
    );
    let optional = |value: Option<i64>| value.map_or_else(|| "null".to_owned(), |value| value.to_string());
    row.insert("FlowEndTime", optional(time(get("FlowEndTime"))?));
    row.insert(
        "DestPort",
        get("DestPort").parse::<u16>().map_err(|_| ())?.to_string(),
    );
    let one_of = |name, choices: &[(&str, &[&str])]| {
        let found = choices.iter().find(|(_, spelled)| spelled.contains(&get(name)));
        found.map(|(meant, _)| (*meant).to_owned()).ok_or(())
    };
    row.insert(
        "L4Protocol",
        one_of(
            "L4Protocol",
            &[
                ("TCP", &["T", "TCP"]),
                ("UDP", &["U", "UDP"]),
                ("ICMP", &["ICMP"]),
            ],
        )?,
    );
    row.insert(
        "FlowDirection",
        one_of(
            "FlowDirection",
            &[("Inbound", &["I", "Inbound"]), ("Outbound", &["O", "Outbound"])],
        )?,
    );
    row.insert(
        "FlowStatus",
        one_of(
            "FlowStatus",
            &[("Allowed", &["A", "Allowed"]), ("Denied", &["D", "Denied"])],
        )?,
    );
    row.insert(
        "FlowEncryption",
        one_of(
            "FlowEncryption",
            &[
                ("null", &[""]),
                ("NX", &["NX", "Unencrypted"]),
                ("X", &["Encrypted"]),
                ("NX_LOCAL_DST", &["Destination on same host"]),
                ("New", &["New"]),
            ],
        )?,
    );
    row.insert(
        "AclRuleKind",
        one_of(
            "AclRule",
            &[
                ("PlatformRule", &["platformrule"]),
                ("DefaultRule", &["allowvnetinbound"]),
                ("Unknown", &["", "my_rule", "line\nbreak"]),
            ],
        )?,
    );
    row.insert(
        "MacAddress",
        if get("MacAddress").is_empty() {
            "null"
        } else {
            "00-0D-3A-98-82-CE"
        }
        .to_owned(),
    );
    let group = if get("AclGroup").is_empty() {
        "null".to_owned()
    } else {
        get("AclGroup").to_lowercase()
    };
    row.insert("AclGroup", group);
    let started = match (count(get("AllowedInFlows"))?, count(get("DeniedInFlows"))?) {
        (None, None) => None,
        (left, right) => Some(left.unwrap_or(0) + right.unwrap_or(0)),
    };
    row.insert("StartedFlows", optional(started));
    row.insert("CompletedFlows", optional(count(get("CompletedFlows"))?));
    let counters = [
        "PacketsSrcToDest",
        "BytesSrcToDest",
        "PacketsDestToSrc",
        "BytesDestToSrc",
    ];
    for name in counters {
        row.insert(name, optional(count(get(name))?));
    }
    let address = |text: &str| text.parse::<IpAddr>().map(|_| text.to_owned()).map_err(|_| ());
    let (side, list) = match (get("SrcIp"), get("DestIp")) {
        ("", "") => return Err(()),
        ("", _) => ("SrcIp", get("SrcPublicIps")),
        (_, "") => ("DestIp", get("DestPublicIps")),
        _ => ("", ""),
    };
    for name in ["SrcIp", "DestIp"] {
        if name != side {
            row.insert(name, address(get(name))?);
        }
    }
    if side.is_empty() {
        return Ok(vec![row]);
    }
    if list.is_empty() {
        return Err(());
    }
    let entry = |text: &str| {
        let parts: Vec<&str> = text.split('|').collect();
        let [
            ip,
            started,
            ended,
            packets_there,
            packets_back,
            bytes_there,
            bytes_back,
        ] = parts[..]
        else {
            return Err(());
        };
        let mut row = row.clone();
        row.insert(side, ip.to_owned());
        row.insert("StartedFlows", started.to_owned());
        row.insert("CompletedFlows", ended.to_owned());
        for (name, value) in counters
            .iter()
            .zip([packets_there, bytes_there, packets_back, bytes_back])
        {
            row.insert(name, value.to_owned());
        }
        Ok(row)
    };
    list.split(' ').map(entry).collect()
}

/// What a reading must come to.
fn expected<'r>(
    rows: impl Iterator<Item = BTreeMap<&'r str, &'r str>>,
) -> (Vec<BTreeMap<&'static str, String>>, u64) {
    let mut all = Vec::new();
    let mut wrong = 0;
    for fields in rows {
        match twin(&fields) {
            Ok(rows) => all.extend(rows),
            Err(()) => wrong += 1,
        }
    }
    (all, wrong)
}

fn same(input: &[u8], (rows, wrong): &(Vec<BTreeMap<&'static str, String>>, u64), seed: u64) {
    let (kept, report) = read(input);
    let text = String::from_utf8_lossy(input);
    if report.refused.is_some() {
        assert!(rows.is_empty(), "seed {seed}: {text}");
        return;
    }
    let got: Vec<Row> = kept.rows();
    assert_eq!(
        got.len(),
        rows.len(),
        "seed {seed}: {:?}\n{text}",
        report.quarantined
    );
    assert_eq!(report.counts.tuples_quarantined, *wrong, "seed {seed}");
    for (got, expected) in got.iter().zip(rows) {
        for (name, value) in expected {
            assert_eq!(
                got[name].as_deref().unwrap_or("null"),
                value,
                "seed {seed}: {name}\n{text}"
            );
        }
    }
}

#[test]
fn rows_and_twin_say_the_same() {
    for seed in 0..400 {
        let mut random = Random(seed);
        let rows: Vec<Fields> = (0..1 + random.next(12))
            .map(|_| random_row(&mut random))
            .collect();
        let borrowed = |row: &'_ Fields| {
            row.iter()
                .map(|(name, value)| (*name, value.clone()))
                .collect::<BTreeMap<_, _>>()
        };
        let owned: Vec<BTreeMap<&str, String>> = rows.iter().map(borrowed).collect();
        let all = expected(
            owned
                .iter()
                .map(|row| row.iter().map(|(name, value)| (*name, value.as_str())).collect()),
        );
        let mut writer = csv::WriterBuilder::new()
            .quote_style(if random.chance(50) {
                csv::QuoteStyle::Always
            } else {
                csv::QuoteStyle::Necessary
            })
            .terminator(if random.chance(50) {
                csv::Terminator::CRLF
            } else {
                csv::Terminator::Any(b'\n')
            })
            .from_writer(Vec::new());
        writer.write_record(rows[0].iter().map(|(name, _)| name)).unwrap();
        for row in &rows {
            writer.write_record(row.iter().map(|(_, value)| value)).unwrap();
        }
        let csv = writer.into_inner().unwrap();
        // The reader of the twin gives back what the writer took.
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let read_back: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert!(
            read_back
                .iter()
                .zip(&rows)
                .all(|(read, row)| read.iter().eq(row.iter().map(|(_, value)| value.as_str())))
        );
        same(&csv, &all, seed);
        let json: Vec<serde_json::Value> = rows.iter().map(|row| as_json(row, &mut random)).collect();
        same(&serde_json::to_vec(&json).unwrap(), &all, seed);
        let lines: Vec<String> = json.iter().map(ToString::to_string).collect();
        same(lines.join("\n").as_bytes(), &all, seed);
        let wrapped = serde_json::to_string_pretty(&serde_json::json!({"records": json})).unwrap();
        same(wrapped.as_bytes(), &all, seed);
    }
}

/// A row as an object: empty fields absent or null or empty, numbers as numbers or as text.
fn as_json(row: &Fields, random: &mut Random) -> serde_json::Value {
    let mut object = serde_json::Map::new();
    for (name, value) in row {
        let number = value.parse::<u32>().ok().filter(|_| random.chance(70));
        match number {
            Some(number) => drop(object.insert((*name).to_owned(), number.into())),
            None if value.is_empty() && random.chance(60) => {}
            None if value.is_empty() && random.chance(50) => {
                drop(object.insert((*name).to_owned(), serde_json::Value::Null))
            }
            None => drop(object.insert((*name).to_owned(), value.as_str().into())),
        }
    }
    object.into()
}
