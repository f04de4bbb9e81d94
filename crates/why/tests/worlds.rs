//! Seeded worlds: every denial that was planted is explained by the rule that denied, and by the change that would allow it.

#![cfg(test)]

use std::collections::BTreeMap;
use std::net::IpAddr;

use enrich::{Databases, Snapshot, Timeline};
use inventory::{read, together};
use model::facts::{FactSet, Mac};
use model::vocabulary::RuleKind;
use model::{Direction, FlowState, FlowStatus};
use nsg::{Decision, Estate, Flow};
use serde_json::Value;
use sim::{Scale, World, WorldSpec};
use why::explain::{
    Agreement, Case, Counters, Explanation, FlowKey, Line, Meaning, Meant, Outcome, Past, Surrounding,
};

fn world(seed: u64) -> (World, FactSet) {
    let world = World::generate(&WorldSpec {
        seed,
        start_day: 20_514,
        hours: 2,
        scale: Scale::Tiny,
    });
    let sets = world
        .exports()
        .into_iter()
        .map(|export| read(export.text.as_bytes()).unwrap().facts);
    let (facts, _) = together(sets);
    (world, facts)
}

fn past(world: &World, facts: &FactSet) -> Past {
    Past::of(Timeline::of(vec![Snapshot {
        taken: world.start_ms() * 1_000,
        facts: facts.clone(),
    }]))
}

fn kind(rule: &str) -> RuleKind {
    match rule.split('_').next().unwrap() {
        "UserRule" => RuleKind::User,
        "DefaultRule" => RuleKind::Default,
        "PlatformRule" => RuleKind::Platform,
        "unspecified" => RuleKind::Unspecified,
        _ => RuleKind::Admin,
    }
}

/// A tuple of a flow log of a network.
fn line(tuple: &str, mac: Mac, group: &str, rule: &str) -> Line {
    let parts: Vec<&str> = tuple.split(',').collect();
    let number = |at: usize| parts.get(at).and_then(|part| part.parse::<i64>().ok());
    let port = |at: usize| number(at).and_then(|number| u16::try_from(number).ok());
    let state = FlowState::from_text(parts[7]).unwrap();
    Line {
        at: number(0).unwrap() * 1_000,
        mac: Some(mac),
        direction: match parts[6] {
            "I" => Direction::Inbound,
            _ => Direction::Outbound,
        },
        key: FlowKey {
            source: parts[1].parse().unwrap(),
            source_port: port(3),
            destination: parts[2].parse().unwrap(),
            destination_port: port(4),
            protocol: number(5).and_then(|number| u8::try_from(number).ok()),
        },
        state: Some(state),
        status: match state {
            FlowState::Denied => FlowStatus::Denied,
            _ => FlowStatus::Allowed,
        },
        encryption: parts[8].to_owned(),
        counters: Counters {
            packets_sent: number(9),
            bytes_sent: number(10),
            packets_received: number(11),
            bytes_received: number(12),
        },
        rule_kind: kind(rule),
        rule: rule.to_owned(),
        group: group.to_owned(),
        target: String::new(),
        format: "vnet-4".to_owned(),
        flow_id: String::new(),
    }
}

/// All tuples of flow logs of networks, by the flow's key.
fn lines(world: &World) -> BTreeMap<String, Vec<Line>> {
    let mut all: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    world.write(&mut |blob| {
        let text: Value = serde_json::from_slice(&blob.bytes()).unwrap();
        for record in text["records"].as_array().unwrap() {
            let Some(flows) = record["flowRecords"]["flows"].as_array() else {
                continue;
            };
            let mac = Mac::parse(record["macAddress"].as_str().unwrap()).unwrap();
            for flow in flows {
                let acl = flow["aclID"].as_str().unwrap();
                for group in flow["flowGroups"].as_array().unwrap() {
                    let rule = group["rule"].as_str().unwrap();
                    for tuple in group["flowTuples"].as_array().unwrap() {
                        let line = line(tuple.as_str().unwrap(), mac, acl, rule);
                        all.entry(format!("{:?}", line.key)).or_default().push(line);
                    }
                }
            }
        }
    });
    all
}

fn explained(past: &Past, lines: &[Line], at: Option<i64>) -> Explanation {
    let case = Case::new(
        past,
        lines[0].key,
        Meaning {
            at,
            ..Meaning::default()
        },
        lines,
        0,
        [None, None],
    );
    case.explain(&Surrounding::default(), &Databases::default())
}

#[test]
fn every_denial_is_explained_by_the_rule_that_denied() {
    let (mut denials, mut dropped, mut by_default, mut either_way) = (0, 0, 0, 0);
    for seed in 1..=3 {
        let (world, facts) = world(seed);
        let past = past(&world, &facts);
        for lines in lines(&world).values() {
            let Some(denied) = lines.iter().find(|line| line.status == FlowStatus::Denied) else {
                continue;
            };
            let told = explained(&past, lines, Some(denied.at));
            if denied.rule_kind == RuleKind::Unspecified {
                assert_eq!(told.outcome, Outcome::DroppedForEncryption, "{}", told.says);
                dropped += 1;
                continue;
            }
            assert_eq!(told.outcome, Outcome::DeniedByRule, "{}", told.says);
            let vantage = told
                .vantages
                .iter()
                .find(|vantage| vantage.status == "Denied")
                .unwrap();
            assert!(
                denied.rule.ends_with(&vantage.rule),
                "{} {}",
                denied.rule,
                vantage.rule
            );
            assert!(matches!(vantage.meant, Some(Meant::Rule(_))), "{vantage:?}");
            let judged = told
                .judged
                .iter()
                .find(|held| {
                    held.direction == vantage.direction && Some(&held.interface) == vantage.interface.as_ref()
                })
                .unwrap();
            match (&judged.agreement, judged.proof.deciding()) {
                (Agreement::Agrees, Some(step)) => {
                    assert!(denied.rule.to_lowercase().ends_with(&step.name.to_lowercase()));
                }
                // Which networks a security admin rule is for is not in the export that a world writes.
                (Agreement::AgreesOnDecision(why), None) => {
                    assert!(why.contains("`Block"), "{why}");
                    either_way += 1;
                }
                other => panic!("{other:?} {}", told.says),
            }
            assert!(told.says.contains("denied by"), "{}", told.says);
            by_default += i32::from(denied.rule_kind == RuleKind::Default);
            denials += 1;
        }
    }
    println!(
        "{denials} denials ({by_default} by default rules) and {dropped} drops for want of encryption explained"
    );
    assert!(either_way < denials / 10, "{either_way}");
    assert!(
        denials > 300 && by_default > 0 && dropped > 0,
        "{denials} {by_default} {dropped}"
    );
}

/// The change that is proposed lets the flow through, and is the only difference.
#[test]
fn the_smallest_change_turns_the_decision_around() {
    let (mut allowed, mut denied, mut moved) = (0, 0, 0);
    let (world, facts) = world(4);
    let past = past(&world, &facts);
    let mut seen = std::collections::BTreeSet::new();
    for lines in lines(&world).values() {
        let told = explained(&past, lines, None);
        let Some(change) = &told.change else { continue };
        // One of each kind is enough: worlds repeat themselves.
        let kind = (
            told.outcome as u8,
            told.source.subnet.clone(),
            told.destination.subnet.clone(),
            told.flow.destination_port,
        );
        if !seen.insert(kind) || !change.obstacles.is_empty() || change.additions.is_empty() {
            continue;
        }
        let mut changed = facts.clone();
        for added in &change.additions {
            let resource = changed
                .resources
                .iter_mut()
                .find(|held| held.id == added.group)
                .unwrap();
            let model::facts::Asset::SecurityGroup(group) = &mut resource.asset else {
                panic!("{added:?}");
            };
            added.put_into(&mut group.rules);
            let own = group
                .rules
                .iter()
                .filter(|rule| rule.direction == added.rule.direction);
            let numbers: Vec<i32> = own.map(|rule| rule.priority).collect();
            let different: std::collections::BTreeSet<i32> = numbers.iter().copied().collect();
            assert_eq!(numbers.len(), different.len(), "a number is taken twice");
            moved += added.moved.len();
        }
        let estate = Estate::of(&changed);
        let decisions: Vec<Decision> = told
            .judged
            .iter()
            .map(|held| {
                let flow = flow(&told.flow, Direction::from_text(&held.direction).unwrap());
                estate.guard(&held.interface).unwrap().judge(&flow).decision
            })
            .collect();
        if change.allows {
            assert!(!decisions.contains(&Decision::Denied), "{} {change:?}", told.says);
            allowed += 1;
        } else {
            assert!(decisions.contains(&Decision::Denied), "{} {change:?}", told.says);
            denied += 1;
        }
    }
    assert!(
        allowed > 20 && denied > 10 && moved > 3,
        "{allowed} {denied} {moved}"
    );
}

fn flow(key: &FlowKey, direction: Direction) -> Flow {
    Flow {
        direction,
        protocol: key.protocol.unwrap(),
        source: key.source,
        source_port: key.source_port.unwrap(),
        destination: key.destination,
        destination_port: key.destination_port.unwrap(),
    }
}

/// What is not in the log is judged all the same, and is not said to have happened.
#[test]
fn what_no_log_has_is_told_as_such() {
    let (world, facts) = world(5);
    let past = past(&world, &facts);
    let developer = world
        .nics
        .iter()
        .find(|nic| nic.role == sim::world::Role::Developer)
        .unwrap();
    let database = world
        .nics
        .iter()
        .find(|nic| nic.role == sim::world::Role::Database)
        .unwrap();
    let key = |protocol: u8, port: Option<u16>| FlowKey {
        source: developer.ipv4,
        source_port: None,
        destination: database.ipv4,
        destination_port: port,
        protocol: Some(protocol),
    };
    let told = |key: FlowKey| {
        let at = Meaning {
            at: Some(world.start_ms() * 1_000),
            flow_id: None,
        };
        let case = Case::new(&past, key, at, &[], 0, [None, None]);
        case.explain(&Surrounding::default(), &Databases::default())
    };
    let sql = told(key(6, Some(1433)));
    assert_eq!(sql.outcome, Outcome::NotInTheLog);
    assert!(
        sql.says
            .contains("rules would deny it by rule DenySqlFromDev (priority 200)"),
        "{}",
        sql.says
    );
    let change = sql.change.unwrap();
    assert_eq!(change.additions.len(), 1);
    assert_eq!(change.additions[0].rule.priority, 199);
    let ping = told(key(1, None));
    assert!(
        ping.next[0].contains("flow logs record TCP and UDP: of ICMP nothing is logged"),
        "{:?}",
        ping.next
    );
    let nowhere: IpAddr = "203.0.113.77".parse().unwrap();
    let outside = told(FlowKey {
        source: nowhere,
        destination: "198.51.100.7".parse().unwrap(),
        ..key(6, Some(443))
    });
    assert!(outside.judged.is_empty() && outside.change.is_none());
    assert!(
        outside.next[0].contains("no interface that is known has either address"),
        "{:?}",
        outside.next
    );
}
