//! The slow, obvious twin of the parser, for tests: `serde_json` values, split, standard parsing.
//!
//! It shares no code with the parser and says the same of every well-formed input. It holds the
//! whole input in memory and has no opinion on damaged JSON, nor on JSON of another shape.

#![allow(
    clippy::indexing_slicing,
    reason = "a twin for tests, as plain as can be; it may panic"
)]

mod shape;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

/// A row as text by column name; null is `None`.
pub type Row = BTreeMap<&'static str, Option<String>>;

/// What the twin makes of an input.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows in no particular order.
    pub rows: Vec<Row>,
    /// Tuples seen.
    pub received: u64,
    /// Tuples not readable, or too far from their record.
    pub quarantined: u64,
    /// Records.
    pub records: u64,
}

/// Reads a well-formed input, or returns `None`: of what is not JSON, of keys that come twice, and of values
/// that are not of their key's type, the parser has more to say.
#[must_use]
pub fn read(input: &[u8]) -> Option<Outcome> {
    let text = std::str::from_utf8(input).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut outcome = Outcome::default();
    for value in serde_json::Deserializer::from_str(text).into_iter::<shape::Once>() {
        let value = value.ok()?.0;
        if !shape::is_usual(&value) {
            return None;
        }
        item(&value, &mut outcome);
    }
    Some(outcome)
}

fn item(value: &Value, outcome: &mut Outcome) {
    if let Some(list) = value.as_array() {
        return list.iter().for_each(|value| item(value, outcome));
    }
    if value.get("records").is_some() {
        value["records"]
            .as_array()
            .into_iter()
            .flatten()
            .for_each(|value| item(value, outcome));
    }
    let other = ["NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter"];
    if value["category"]
        .as_str()
        .is_some_and(|category| other.contains(&category))
    {
        outcome.records += 1;
        return;
    }
    let category = value["category"].as_str().unwrap_or("");
    let is = |name: &str| category.eq_ignore_ascii_case(name);
    if value["flowRecords"].is_object() {
        outcome.records += 1;
        let first = outcome.rows.len();
        vnet(value, outcome);
        put_aside_if(is("NetworkSecurityGroupFlowEvent"), first, outcome);
    } else if value["properties"]["flows"].is_array() {
        outcome.records += 1;
        let first = outcome.rows.len();
        nsg(value, outcome);
        put_aside_if(is("FlowLogFlowEvent"), first, outcome);
    } else if value.get("records").is_none() || value.get("category").is_some() {
        outcome.records += 1;
    }
}

/// Puts the rows of a record aside whose category is that of the other log.
fn put_aside_if(other: bool, first: usize, outcome: &mut Outcome) {
    if other {
        outcome.quarantined += (outcome.rows.len() - first) as u64;
        outcome.rows.truncate(first);
    }
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn vnet(record: &Value, outcome: &mut Outcome) {
    let mut index = 0;
    for flow in list(&record["flowRecords"], "flows") {
        let acl = text(&flow["aclID"]);
        for group in list(flow, "flowGroups") {
            for tuple in list(group, "flowTuples") {
                let mut row = Row::new();
                let nil = "00000000-0000-0000-0000-000000000000";
                let lower = acl.as_ref().map(|acl| {
                    if acl == nil {
                        "unspecified".into()
                    } else {
                        acl.to_lowercase()
                    }
                });
                row.insert("AclGroup", lower);
                row.insert("AclIdLogged", acl.clone());
                rule(&mut row, text(&group["rule"]), true);
                row.insert(
                    "MacAddress",
                    text(&record["macAddress"]).map(|mac| mac_address(&mac)),
                );
                row.insert("TargetResourceId", text(&record["targetResourceID"]));
                let flow_log = text(&record["flowLogResourceID"]).or_else(|| text(&record["resourceId"]));
                row.insert("FlowLogResourceId", flow_log);
                row.insert("FlowLogGuid", text(&record["flowLogGUID"]));
                row.insert("SystemId", None);
                enter(row, record, tuple, index, true, outcome);
                index += 1;
            }
        }
    }
}

fn nsg(record: &Value, outcome: &mut Outcome) {
    let mut index = 0;
    for flow in list(&record["properties"], "flows") {
        for inner in list(flow, "flows") {
            for tuple in list(inner, "flowTuples") {
                let mut row = Row::new();
                let resource = text(&record["resourceId"]);
                row.insert("AclGroup", resource.as_ref().map(|id| id.to_lowercase()));
                row.insert("AclIdLogged", resource.clone());
                row.insert("TargetResourceId", resource);
                rule(&mut row, text(&flow["rule"]), false);
                let mac = text(&inner["mac"]).or_else(|| text(&record["macAddress"]));
                row.insert("MacAddress", mac.map(|mac| mac_address(&mac)));
                row.insert("FlowLogResourceId", None);
                row.insert("FlowLogGuid", None);
                row.insert("SystemId", text(&record["systemId"]));
                enter(row, record, tuple, index, false, outcome);
                index += 1;
            }
        }
    }
}

fn mac_address(mac: &str) -> String {
    let plain: String = mac.chars().filter(|c| !"-:.".contains(*c)).collect();
    if plain.len() != 12 || !plain.chars().all(|c| c.is_ascii_hexdigit()) {
        return mac.to_owned();
    }
    let pairs: Vec<String> = plain
        .to_uppercase()
        .as_bytes()
        .chunks(2)
        .map(|pair| String::from_utf8_lossy(pair).into_owned())
        .collect();
    pairs.join("-")
}

fn rule(row: &mut Row, logged: Option<String>, is_vnet: bool) {
    let text = logged.clone().unwrap_or_default();
    let lower = text.to_lowercase();
    let (kind, name) = if lower == "userrule" {
        ("UserRule", None)
    } else if lower == "defaultrule" {
        ("DefaultRule", None)
    } else if lower.starts_with("userrule_") {
        ("UserRule", Some(lower.replacen("userrule_", "", 1)))
    } else if lower.starts_with("defaultrule_") {
        ("DefaultRule", Some(lower.replacen("defaultrule_", "", 1)))
    } else if lower == "platformrule" {
        ("PlatformRule", Some(lower))
    } else if lower == "unspecified" {
        ("Unspecified", Some(lower))
    } else if lower.is_empty() {
        ("Unknown", None)
    } else if is_vnet {
        ("SecurityAdminRule", Some(lower))
    } else {
        ("Unknown", Some(lower))
    };
    row.insert("AclRule", name);
    row.insert("AclRuleKind", Some(kind.into()));
    row.insert("AclRuleLogged", logged);
}

fn enter(mut row: Row, record: &Value, value: &Value, index: u32, is_vnet: bool, outcome: &mut Outcome) {
    outcome.received += 1;
    for column in [
        "FlowEndTime",
        "StartedFlows",
        "CompletedFlows",
        "AdditionalFields",
    ] {
        row.insert(column, None);
    }
    let record_time = record["time"]
        .as_str()
        .and_then(|text| crate::names::time(text.as_bytes()));
    row.insert("RecordTime", record_time.map(|time| time.to_string()));
    row.insert("TupleIndex", Some(index.to_string()));
    let Some(time) = value.as_str().and_then(|text| tuple(&mut row, text, is_vnet)) else {
        outcome.quarantined += 1;
        return;
    };
    let years = 1_420_070_400_000_000..4_102_444_800_000_000;
    let far = record_time.is_some_and(|record| (record - time).abs() > 86_400_000_000);
    if !years.contains(&time) || far {
        outcome.quarantined += 1;
        return;
    }
    outcome.rows.push(row);
}

/// State, whether denied, encryption, and the name of the layout.
type Decision<'t> = (Option<&'t str>, bool, Option<&'t str>, &'static str);

fn decision<'t>(fields: &[&'t str], is_vnet: bool, short: bool) -> Option<Decision<'t>> {
    Some(if is_vnet {
        let shifted = ["A", "B", "C", "D", "E", ""].contains(&fields[8]);
        if !["B", "C", "E", "D"].contains(&fields[7])
            || shifted
            || !fields[8].bytes().all(|b| b.is_ascii_graphic())
            || fields[8].len() > 64
        {
            return None;
        }
        (Some(fields[7]), fields[7] == "D", Some(fields[8]), "vnet-4")
    } else {
        if !["A", "D"].contains(&fields[7]) || !short && !["B", "C", "E"].contains(&fields[8]) {
            return None;
        }
        (
            if short { None } else { Some(fields[8]) },
            fields[7] == "D",
            None,
            if short { "nsg-1" } else { "nsg-2" },
        )
    })
}

/// Fills in what a tuple says; its time, or nothing if it cannot be read.
fn tuple(row: &mut Row, text: &str, is_vnet: bool) -> Option<i64> {
    let fields: Vec<&str> = text.split(',').collect();
    let short = fields.len() == 8 && !is_vnet;
    if fields.len() != 13 && !short || text.len() > 1023 {
        return None;
    }
    // No number has more digits, not even of zeros in front.
    let digits =
        |text: &str| (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let stamp: i64 = fields[0].parse().ok().filter(|_| digits(fields[0]))?;
    let time = stamp.checked_mul(if stamp < 100_000_000_000 { 1_000_000 } else { 1_000 })?;
    for (name, field) in [("SrcIp", fields[1]), ("DestIp", fields[2])] {
        field.parse::<IpAddr>().ok()?;
        row.insert(name, Some(field.to_owned()));
    }
    for (name, field) in [("SrcPort", fields[3]), ("DestPort", fields[4])] {
        let port: u16 = field.parse().ok().filter(|_| digits(field))?;
        row.insert(name, Some(port.to_string()));
    }
    let protocol = match fields[5] {
        "T" => 6,
        "U" => 17,
        number => number.parse::<u8>().ok().filter(|_| digits(number))?,
    };
    let keyword =
        model::protocols::protocol_keyword(protocol).map_or_else(|| protocol.to_string(), str::to_owned);
    row.insert("L4Protocol", Some(keyword));
    let direction = match fields[6] {
        "I" => "Inbound",
        "O" => "Outbound",
        _ => return None,
    };
    row.insert("FlowDirection", Some(direction.into()));
    let (state, denied, encryption, format) = decision(&fields, is_vnet, short)?;
    row.insert("FlowState", state.map(str::to_owned));
    row.insert(
        "FlowStatus",
        Some(if denied { "Denied" } else { "Allowed" }.into()),
    );
    row.insert("FlowEncryption", encryption.map(str::to_owned));
    row.insert("LogFormat", Some(format.into()));
    for (index, name) in [
        "PacketsSrcToDest",
        "BytesSrcToDest",
        "PacketsDestToSrc",
        "BytesDestToSrc",
    ]
    .into_iter()
    .enumerate()
    {
        let field = if short { "" } else { fields[9 + index] };
        let value = if field.is_empty() {
            None
        } else {
            Some(field.parse::<i64>().ok().filter(|_| digits(field))?.to_string())
        };
        row.insert(name, value);
    }
    row.insert("TimeGenerated", Some(time.to_string()));
    row.insert("FlowDate", Some(time.div_euclid(86_400_000_000).to_string()));
    Some(time)
}
