//! A world's flow logs, read with a general JSON parser and put together by what rules look at.

use std::collections::BTreeMap;

use model::facts::{Asset, FactSet, Mac};
use model::protocols::{TCP, UDP};
use model::{Direction, RuleKind};
use nsg::Flow;
use serde_json::Value;
use sim::World;
use why::{LoggedFlow, Sums};

/// A flow at an interface, but for its source port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) mac: Mac,
    pub(crate) direction: Direction,
    pub(crate) source: std::net::IpAddr,
    pub(crate) destination: std::net::IpAddr,
    pub(crate) port: u16,
    pub(crate) protocol: u8,
}

/// What was logged of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    pub(crate) is_allowed: bool,
    pub(crate) kind: RuleKind,
    pub(crate) rule: String,
    pub(crate) group: String,
    pub(crate) sums: Sums,
}

pub(crate) type Logs = BTreeMap<Key, Logged>;

impl Key {
    pub(crate) const fn flow(&self) -> Flow {
        Flow {
            direction: self.direction,
            protocol: self.protocol,
            source: self.source,
            source_port: 0,
            destination: self.destination,
            destination_port: self.port,
        }
    }

    pub(crate) fn with<'l>(&self, logged: &'l Logged) -> LoggedFlow<'l> {
        LoggedFlow {
            mac: Some(self.mac),
            flow: self.flow(),
            has_source_port: false,
            is_allowed: logged.is_allowed,
            rule_kind: logged.kind,
            rule: &logged.rule,
            group: &logged.group,
            sums: logged.sums,
        }
    }
}

/// All that a world logs.
pub(crate) fn logs(world: &World) -> Logs {
    let mut logs = Logs::new();
    world.write(&mut |blob| {
        let document: Value = serde_json::from_slice(&blob.bytes()).unwrap();
        for record in document["records"].as_array().unwrap() {
            let mac = Mac::parse(record["macAddress"].as_str().unwrap()).unwrap();
            each_tuple(record, &mut |group, rule, tuple, is_vnet| {
                take(&mut logs, mac, group, rule, tuple, is_vnet);
            });
        }
    });
    logs
}

fn each_tuple(record: &Value, take: &mut dyn FnMut(&str, &str, &str, bool)) {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for flow in list(&record["flowRecords"]["flows"]) {
        for group in list(&flow["flowGroups"]) {
            for tuple in list(&group["flowTuples"]) {
                take(&text(&flow["aclID"]), &text(&group["rule"]), &text(&tuple), true);
            }
        }
    }
    for outer in list(&record["properties"]["flows"]) {
        for inner in list(&outer["flows"]) {
            for tuple in list(&inner["flowTuples"]) {
                take(
                    &text(&record["resourceId"]),
                    &text(&outer["rule"]),
                    &text(&tuple),
                    false,
                );
            }
        }
    }
}

fn take(logs: &mut Logs, mac: Mac, group: &str, rule: &str, tuple: &str, is_vnet: bool) {
    let fields: Vec<&str> = tuple.split(',').collect();
    let key = Key {
        mac,
        direction: if fields[6] == "I" {
            Direction::Inbound
        } else {
            Direction::Outbound
        },
        source: fields[1].parse().unwrap(),
        destination: fields[2].parse().unwrap(),
        port: fields[4].parse().unwrap(),
        protocol: if matches!(fields[5], "6" | "T") { TCP } else { UDP },
    };
    let (kind, name) = match rule.split_once('_') {
        Some(("UserRule", name)) => (RuleKind::User, name),
        Some(("DefaultRule", name)) => (RuleKind::Default, name),
        _ if rule == "PlatformRule" => (RuleKind::Platform, ""),
        _ if rule == "unspecified" => (RuleKind::Unspecified, ""),
        _ => (RuleKind::Admin, rule),
    };
    let number = |at: usize| fields.get(at).and_then(|field| field.parse().ok()).unwrap_or(0);
    let time: i64 = fields[0].parse().unwrap();
    let state = if is_vnet {
        fields[7]
    } else {
        fields.get(8).copied().unwrap_or("B")
    };
    let sums = Sums {
        lines: 1,
        attempts: u64::from(!matches!(state, "C" | "E")),
        packets_sent: number(9),
        bytes_sent: number(10),
        packets_received: number(11),
        bytes_received: number(12),
        times: Some((time, time)),
    };
    let held = logs.entry(key).or_insert_with(|| Logged {
        is_allowed: fields[7] != "D",
        kind,
        rule: name.to_lowercase(),
        group: group.to_lowercase(),
        sums: Sums::default(),
    });
    assert_eq!(
        held.is_allowed,
        fields[7] != "D",
        "{key:?} is decided in two ways"
    );
    held.sums += &sums;
}

/// A world as facts. Whom the security admin rules are for no export of them says: it is put in.
pub(crate) fn facts(world: &World) -> FactSet {
    let exports = world.exports();
    let read = exports
        .iter()
        .filter_map(|export| inventory::read(export.text.as_bytes()).ok());
    let (mut facts, contradictions) = inventory::together(read.map(|reading| reading.facts));
    assert_eq!(contradictions, []);
    let scopes = world
        .vnets
        .iter()
        .filter(|vnet| world.admin.vnets.contains(&vnet.name));
    let scopes: Vec<_> = scopes
        .map(|vnet| model::facts::ArmId::parse(&vnet.id).unwrap())
        .collect();
    for resource in &mut facts.resources {
        if let Asset::AdminRules(rules) = &mut resource.asset {
            rules.scopes.clone_from(&scopes);
        }
    }
    facts
}
