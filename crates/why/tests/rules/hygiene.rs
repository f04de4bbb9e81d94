//! What is found about rules, against every flow that could tell them apart, at random.

use std::collections::{BTreeMap, BTreeSet};

use model::facts::{Access, AddressSpec, Asset, FactSet, PortRange, Rule, RuleProtocol};
use nsg::{Decision, Flow, Guard, RulePlace};
use sim::prng::{Prng, Purpose};
use why::{Finding, FindingKind, Loss, RuleList, hygiene};

use crate::small::{Dice, facts, flows, id, tag};

/// Where a flow ends up: the rule that decides it and what comes of it, at the one level that there is.
fn decided(guard: &Guard, flow: &Flow) -> (Option<RulePlace>, Decision) {
    let verdict = guard.judge(flow);
    (verdict.by, verdict.decision)
}

fn list(facts: &FactSet) -> RuleList {
    let mut lists = hygiene(facts);
    assert_eq!(lists.len(), 1);
    let list = lists.pop().unwrap();
    assert!(list.given_up.is_empty() && list.problems.is_empty(), "{list:?}");
    list
}

fn has(list: &RuleList, kind: FindingKind, rule: usize) -> Option<&Finding> {
    let mut all = list.findings.iter();
    all.find(|finding| finding.kind == kind && finding.rule == rule)
}

/// True if ports of a rule leave open whether flows without ports meet it: then not all is known of it.
fn is_open(rule: &Rule) -> bool {
    rule.destination.ports != [PortRange::ALL]
}

fn without(facts: &FactSet, name: &str) -> FactSet {
    let mut facts = facts.clone();
    for held in &mut facts.resources {
        if let Asset::SecurityGroup(group) = &mut held.asset {
            group.rules.retain(|rule| rule.name != name);
        }
    }
    facts
}

#[test]
fn where_all_is_known_what_is_found_is_what_every_flow_shows() {
    let flows = flows();
    let interface = id("networkInterfaces/n");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..400 {
        let mut dice = Dice(Prng::keyed(seed, Purpose::BigBlob, &[80]));
        let mut rules = dice.rules(&["VirtualNetwork", "Internet", "Storage"]);
        // Flows without ports are in doubt where a rule has ports and any protocol.
        for rule in rules.iter_mut().filter(|rule| is_open(rule)) {
            if rule.protocol == RuleProtocol::Any {
                rule.protocol = RuleProtocol::Tcp;
            }
            if rule.protocol == RuleProtocol::Icmp {
                rule.destination.ports = vec![PortRange::ALL];
            }
        }
        let facts = facts(rules.clone(), Some(vec![tag("Storage", &["20.0.0.0/25"])]));
        let list = list(&facts);
        let guard = Guard::of(&facts, &interface).unwrap();
        let all: Vec<_> = flows.iter().map(|flow| decided(&guard, flow)).collect();
        for (at, rule) in rules.iter().enumerate() {
            let place = list
                .rules
                .iter()
                .position(|held| held.rule.name == rule.name)
                .unwrap();
            let is_met = all
                .iter()
                .any(|(by, _)| by.is_some_and(|by| by.rule as usize == place));
            let shadowed = has(&list, FindingKind::Shadowed, place);
            assert_eq!(shadowed.is_none(), is_met, "seed {seed}, {rule:?}, {list:#?}");
            assert!(
                shadowed.is_none_or(|found| found.is_known),
                "seed {seed}, {rule:?}"
            );
            if let Some(found) = shadowed {
                *counts.entry("shadowed").or_default() += 1;
                assert!(found.causes.iter().all(|cause| *cause < place));
            }
            let changed = without(&facts, &rule.name);
            let other = Guard::of(&changed, &interface).unwrap();
            let changes = flows
                .iter()
                .zip(&all)
                .any(|(flow, (_, decision))| decided(&other, flow).1 != *decision);
            let redundant = has(&list, FindingKind::Redundant, place);
            assert_eq!(
                redundant.is_some(),
                is_met && !changes,
                "seed {seed}, {rule:?}, {list:#?}"
            );
            *counts.entry("redundant").or_default() += usize::from(redundant.is_some());
            let before = rules.iter().take(at);
            let is_same = |other: &Rule| {
                other.access != rule.access
                    && flows
                        .iter()
                        .all(|flow| matches_alone(&facts, other, flow) == matches_alone(&facts, rule, flow))
                    && flows.iter().any(|flow| matches_alone(&facts, rule, flow))
            };
            // Each pair is asked of every flow, which takes its time.
            if seed < 12 {
                let is_conflict = before.clone().any(is_same);
                let found = has(&list, FindingKind::Conflicting, place);
                assert_eq!(
                    found.is_some(),
                    is_conflict,
                    "seed {seed}, {rule:#?}, {:#?}",
                    rules.iter().take(at).collect::<Vec<_>>()
                );
            }
            if seed < 12 {
                let losses = has(&list, FindingKind::PartlyConflicting, place);
                let is_left = is_met && !is_last_word(rule);
                let lost = if is_left {
                    losses_of(&facts, &rules, at, &flows, &all)
                } else {
                    BTreeMap::new()
                };
                let told: BTreeMap<usize, Vec<u16>> = losses.map_or_else(BTreeMap::new, |found| {
                    assert!(found.is_known, "seed {seed}, {rule:?}");
                    let told = found.losses.iter();
                    told.map(|loss| (loss.to, ports_told(loss, rule))).collect()
                });
                assert_eq!(told, lost, "seed {seed}, {rule:#?}, {list:#?}");
                *counts.entry("losses").or_default() += told.len();
            }
            *counts.entry("conflicting").or_default() +=
                usize::from(has(&list, FindingKind::Conflicting, place).is_some());
        }
    }
    println!("{counts:?}");
    assert!(counts["shadowed"] > 100 && counts["redundant"] > 50, "{counts:?}");
    assert!(counts["losses"] > 5, "{counts:?}");
    assert!(counts["conflicting"] > 0, "{counts:?}");
}

/// A rule between all addresses.
fn is_last_word(rule: &Rule) -> bool {
    let is_wide = |side: &model::facts::Side| {
        side.addresses.iter().any(|held| match held {
            AddressSpec::Any => true,
            AddressSpec::Prefix(prefix) => prefix.prefix_len() == 0,
            AddressSpec::Tag(name) => name != "Storage",
            AddressSpec::Range(..) => false,
        }) && side.ports == [PortRange::ALL]
    };
    is_wide(&rule.source) && is_wide(&rule.destination)
}

/// What a rule loses, by rule: those of our ports at which flows that it matches are decided by another that does the opposite, and that
/// matches something else too.
fn losses_of(
    facts: &FactSet,
    rules: &[Rule],
    at: usize,
    flows: &[Flow],
    all: &[(Option<RulePlace>, Decision)],
) -> BTreeMap<usize, Vec<u16>> {
    let rule = &rules[at];
    let mut lost = BTreeMap::new();
    for (place, taker) in rules.iter().enumerate().take(at) {
        let is_exception = flows
            .iter()
            .all(|flow| matches_alone(facts, rule, flow) || !matches_alone(facts, taker, flow));
        if taker.access == rule.access || is_exception {
            continue;
        }
        let taken = flows.iter().zip(all).filter(|(flow, (by, _))| {
            by.is_some_and(|by| by.rule as usize == place) && matches_alone(facts, rule, flow)
        });
        let taken: Vec<&Flow> = taken.map(|(flow, _)| flow).collect();
        if taken.is_empty() {
            continue;
        }
        let with_ports = taken.iter().filter(|flow| flow.has_ports());
        let ports: BTreeSet<u16> = with_ports.map(|flow| flow.destination_port).collect();
        lost.insert(place, ports.into_iter().collect());
    }
    lost
}

/// Those of our ports that are told to be lost.
fn ports_told(loss: &Loss, rule: &Rule) -> Vec<u16> {
    let told = match loss.ports.is_empty() {
        _ if loss.is_portless => return Vec::new(),
        true => &rule.destination.ports,
        false => &loss.ports,
    };
    let ours = crate::small::PORTS.iter().copied();
    ours.filter(|port| told.iter().any(|range| range.has(*port)))
        .collect()
}

/// Whether a rule by itself matches a flow, by a group of which it is the only one.
fn matches_alone(facts: &FactSet, rule: &Rule, flow: &Flow) -> bool {
    let mut facts = facts.clone();
    for held in &mut facts.resources {
        if let Asset::SecurityGroup(group) = &mut held.asset {
            group.rules = vec![rule.clone()];
        }
    }
    let guard = Guard::of(&facts, &id("networkInterfaces/n")).unwrap();
    guard
        .judge(flow)
        .by
        .is_some_and(|by| guard.rule(by).unwrap().rule.name == rule.name)
}

#[test]
fn what_is_found_holds_whatever_the_truth_about_unknown_tags_is() {
    let flows = flows();
    let interface = id("networkInterfaces/n");
    let prefixes = [
        "20.0.0.0/25",
        "20.0.0.0/24",
        "10.9.0.0/16",
        "203.0.113.0/24",
        "::/0",
    ];
    let (mut sure, mut unsure) = (0, 0);
    for seed in 0..300 {
        let mut dice = Dice(Prng::keyed(seed, Purpose::BigBlob, &[81]));
        let rules = dice.rules(&["VirtualNetwork", "Internet", "Sql", "Storage", "Sql"]);
        let list = list(&facts(rules.clone(), None));
        unsure += list.findings.iter().filter(|found| !found.is_known).count();
        for _ in 0..6 {
            let tags = ["Sql", "Storage"].map(|name| {
                let some: Vec<&str> = (0..dice.below(3)).map(|_| *dice.one(&prefixes)).collect();
                tag(name, &some)
            });
            let facts = facts(rules.clone(), Some(tags.to_vec()));
            let guard = Guard::of(&facts, &interface).unwrap();
            for found in list.findings.iter().filter(|found| found.is_known) {
                let name = &list.rules[found.rule].rule.name;
                let is_it =
                    |by: Option<RulePlace>| by.is_some_and(|by| guard.rule(by).unwrap().rule.name == *name);
                match found.kind {
                    FindingKind::Shadowed => {
                        let met = flows.iter().find(|flow| is_it(guard.judge(flow).by));
                        assert_eq!(met, None, "seed {seed}, {name}, {list:#?}");
                    }
                    FindingKind::Redundant => {
                        let changed = without(&facts, name);
                        let other = Guard::of(&changed, &interface).unwrap();
                        let is_other = |flow: &&Flow| {
                            let (now, then) = (decided(&guard, flow).1, decided(&other, flow).1);
                            now != then && now != Decision::Unknown && then != Decision::Unknown
                        };
                        assert_eq!(
                            flows.iter().find(is_other),
                            None,
                            "seed {seed}, {name}, {list:#?}"
                        );
                    }
                    _ => continue,
                }
                sure += 1;
            }
        }
    }
    println!("{sure} known findings held, {unsure} were not known");
    assert!(sure > 300 && unsure > 20);
}

/// What one rule does not say, another that does not say it either may mean otherwise.
#[test]
fn two_rules_of_which_the_same_is_not_known_need_not_match_the_same() {
    let mut dice = Dice(Prng::keyed(1, Purpose::BigBlob, &[84]));
    let base = dice.rules(&["Storage"]).swap_remove(0);
    let rule = |name: &str, priority: i32, access: Access| {
        let mut rule = Rule {
            name: name.to_owned(),
            priority,
            access,
            protocol: RuleProtocol::Tcp,
            ..base.clone()
        };
        for side in [&mut rule.source, &mut rule.destination] {
            side.addresses = vec![AddressSpec::Any];
            side.ports = vec![PortRange::ALL];
        }
        rule.source.addresses.clear();
        rule.source.unread_addresses = vec!["(nothing)".to_owned()];
        rule
    };
    let rules = vec![
        rule("first", 100, Access::Deny),
        rule("second", 110, Access::Allow),
    ];
    let list = hygiene(&facts(rules, None)).pop().unwrap();
    let second = list
        .rules
        .iter()
        .position(|held| held.rule.name == "second")
        .unwrap();
    let mut found = list.findings.iter().filter(|finding| finding.rule == second);
    // It may lose all to the first; that it does is not known.
    assert!(found.all(|finding| !finding.is_known), "{:?}", list.findings);
    assert!(has(&list, FindingKind::Shadowed, second).is_some());
}

/// A rule for everybody and everything is also one for management from the internet.
#[test]
fn what_is_any_any_may_be_for_management_too() {
    let found = |direction: &str, source: &str| -> Vec<FindingKind> {
        let rule = serde_json::json!({ "name": "Any", "priority": 100, "direction": direction, "access": "Allow", "protocol": "Tcp",
            "sourceAddressPrefix": source, "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "*" });
        let group = serde_json::json!([{ "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg",
            "location": "westeurope", "securityRules": [rule] }]);
        let facts = inventory::read(group.to_string().as_bytes()).unwrap().facts;
        list(&facts).findings.iter().map(|held| held.kind).collect()
    };
    let both = [FindingKind::AnyAny, FindingKind::ManagementFromInternet];
    assert_eq!(found("Inbound", "*"), both);
    assert_eq!(found("Outbound", "*"), [FindingKind::AnyAny]);
    assert_eq!(found("Inbound", "10.0.0.0/8"), []);
}
