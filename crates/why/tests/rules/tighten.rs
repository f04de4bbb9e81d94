//! Narrower rules, against every flow that could tell them from those of now, at random.

use std::net::IpAddr;

use model::Direction;
use model::facts::{Access, AddressSpec, Asset, FactSet, PortRange, Rule, RuleProtocol, Side};
use nsg::{Decision, Estate, Flow, Guard, HeldRule, default_rules};
use sim::prng::{Prng, Purpose};
use why::{Fate, Form, Hours, LoggedFlow, Margin, Proposal, Sums, TightenError, learner, widens, written};

use crate::small::{Dice, facts, flows, id, tag};

fn logged(flow: Flow, attempts: u64) -> LoggedFlow<'static> {
    LoggedFlow {
        mac: None,
        flow,
        has_source_port: true,
        is_allowed: true,
        rule_kind: model::RuleKind::User,
        rule: "",
        group: "",
        sums: Sums {
            lines: attempts,
            attempts,
            times: Some((0, 1)),
            ..Sums::default()
        },
    }
}

const WHOLE: Hours = Hours {
    expected: 24,
    logged: 24,
};

fn proposed(facts: &FactSet, seen: &[Flow], margin: Margin) -> Result<Proposal, TightenError> {
    let interface = id("networkInterfaces/n");
    let mut learner = learner(facts, "G", margin)?;
    learner.cover(|_| WHOLE, 100);
    for flow in seen {
        learner.take(&interface, &logged(*flow, 12));
    }
    learner.propose()
}

fn tags() -> Option<Vec<model::facts::ServiceTag>> {
    Some(vec![tag("Storage", &["20.0.0.0/25"])])
}

#[test]
fn nothing_is_widened_nothing_seen_is_lost_and_what_logs_do_not_show_passes_as_before() {
    let flows = flows();
    let interface = id("networkInterfaces/n");
    let (mut narrowed, mut denied) = (0, 0);
    for seed in 0..300 {
        let mut dice = Dice(Prng::keyed(seed, Purpose::BigBlob, &[82]));
        let facts = facts(dice.rules(&["VirtualNetwork", "Internet", "Storage"]), tags());
        let now = Guard::of(&facts, &interface).unwrap();
        let through = |flow: &&Flow| now.judge(flow).decision == Decision::Allowed && flow.has_ports();
        let all: Vec<Flow> = flows.iter().filter(through).copied().collect();
        let seen: Vec<Flow> = match all.is_empty() {
            true => Vec::new(),
            false => (0..6).map(|_| *dice.one(&all)).collect(),
        };
        let margin = *dice.one(&[Margin::default(), Margin::of_bits(32), Margin::of_bits(16)]);
        let proposal = proposed(&facts, &seen, margin).unwrap();
        narrowed += usize::from(proposal.changes());
        let changed = proposal.applied(&facts);
        let then = Guard::of(&changed, &interface).unwrap();
        for flow in &flows {
            let (before, after) = (now.judge(flow).decision, then.judge(flow).decision);
            let is_wider = after == Decision::Allowed && before == Decision::Denied;
            assert!(!is_wider, "seed {seed}, {flow:?}, {proposal:#?}");
            if !flow.has_ports() && before == Decision::Allowed {
                assert_eq!(after, before, "seed {seed}, {flow:?}, {proposal:#?}");
            }
            denied += usize::from(after == Decision::Denied && before == Decision::Allowed);
        }
        for flow in &seen {
            let after = then.judge(flow).decision;
            assert_eq!(after, Decision::Allowed, "seed {seed}, {flow:?}, {proposal:#?}");
        }
        for held in proposal.rules.iter().filter(|held| held.part_of.is_some()) {
            let is_taken = is_taken(&held.rule.source) && is_taken(&held.rule.destination);
            assert!(is_taken, "seed {seed}, {held:?}");
        }
        let numbers = proposal
            .rules
            .iter()
            .map(|held| (held.rule.direction, held.rule.priority));
        let mut numbers: Vec<_> = numbers.collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count, "seed {seed}: a number twice");
        assert!(numbers.iter().all(|(_, number)| (100..=4_096).contains(number)));
    }
    println!("{narrowed} groups narrowed, {denied} flows turned away that were let through");
    assert!(narrowed > 100 && denied > 1_000);
}

/// Whether Azure takes a side: prefixes of one family, or one tag.
fn is_taken(side: &Side) -> bool {
    let families = side.addresses.iter().map(|spec| match spec {
        AddressSpec::Prefix(prefix) => Some(prefix.addr().is_ipv4()),
        _ => None,
    });
    let mut families: Vec<Option<bool>> = families.collect();
    families.dedup();
    families.len() == 1 && (families[0].is_some() || side.addresses.len() == 1)
}

/// The rules of a group and those that Azure adds, in the order in which they are asked.
fn held(facts: &FactSet) -> Vec<HeldRule> {
    let estate = Estate::of(facts);
    let (level, _) = estate.rules_of(&id("networkSecurityGroups/g")).unwrap();
    let mut rules = level.rules;
    rules.retain(|held| held.rule.direction == Direction::Inbound);
    rules
}

#[test]
fn a_wider_list_is_told_from_one_that_is_not() {
    let flows = flows();
    let interface = id("networkInterfaces/n");
    let (mut wider, mut not_wider) = (0, 0);
    for seed in 0..600 {
        let mut dice = Dice(Prng::keyed(seed, Purpose::BigBlob, &[83]));
        let mut rules = dice.rules(&["VirtualNetwork", "Internet", "Storage"]);
        // Flows without ports are in doubt where a rule has ports and any protocol.
        for rule in &mut rules {
            if rule.protocol == RuleProtocol::Any || rule.protocol == RuleProtocol::Icmp {
                rule.destination.ports = vec![PortRange::ALL];
            }
        }
        let before = facts(rules.clone(), tags());
        // Another list that is like it: a rule gone, turned round, or moved to the end.
        let at = dice.below(rules.len());
        match dice.below(3) {
            0 => {
                rules.remove(at);
            }
            1 => {
                rules[at].access = match rules[at].access {
                    Access::Deny => Access::Allow,
                    _ => Access::Deny,
                };
            }
            _ => rules[at].priority = 4_000,
        }
        let after = facts(rules, tags());
        let surroundings = Estate::of(&before).surroundings_of(&interface).unwrap();
        let told = widens(&held(&before), &held(&after), &surroundings, Direction::Inbound);
        let now = Guard::of(&before, &interface).unwrap();
        let then = Guard::of(&after, &interface).unwrap();
        let shown = flows.iter().find(|flow| {
            let (now, then) = (now.judge(flow).decision, then.judge(flow).decision);
            then == Decision::Allowed && now == Decision::Denied
        });
        assert_eq!(told.is_err(), shown.is_some(), "seed {seed}, {told:?}, {shown:?}");
        if told.is_err() { wider += 1 } else { not_wider += 1 }
    }
    println!("{wider} wider, {not_wider} not");
    assert!(wider > 100 && not_wider > 100);
    assert_eq!(default_rules().len(), 6);
}

fn rule(name: &str, priority: i32, source: AddressSpec, port: u16, protocol: RuleProtocol) -> Rule {
    Rule {
        name: name.to_owned(),
        priority,
        direction: Direction::Inbound,
        access: Access::Allow,
        protocol,
        source: Side {
            addresses: vec![source],
            ports: vec![PortRange::ALL],
            ..Side::default()
        },
        destination: Side {
            addresses: vec![AddressSpec::Any],
            ports: vec![PortRange {
                first: port,
                last: port,
            }],
            ..Side::default()
        },
        is_default: false,
        description: None,
        unknown: Vec::new(),
    }
}

fn flow(source: &str, port: u16) -> Flow {
    Flow {
        direction: Direction::Inbound,
        protocol: 6,
        source: source.parse().unwrap(),
        source_port: 40_000,
        destination: "10.0.0.4".parse().unwrap(),
        destination_port: port,
    }
}

fn fate<'p>(proposal: &'p Proposal, name: &str) -> &'p Fate {
    let mut fates = proposal.fates.iter();
    &fates.find(|(rule, _)| rule.name == name).unwrap().1
}

#[test]
fn rare_unused_and_unlogged_rules_stay_and_are_listed() {
    let network = || AddressSpec::Tag("VirtualNetwork".to_owned());
    let rules = vec![
        rule("web", 100, network(), 443, RuleProtocol::Tcp),
        rule("rare", 110, network(), 22, RuleProtocol::Tcp),
        rule("unused", 120, network(), 23, RuleProtocol::Tcp),
        rule("ping", 130, network(), 0, RuleProtocol::Icmp),
        rule(
            "probes",
            140,
            AddressSpec::Tag("AzureLoadBalancer".to_owned()),
            80,
            RuleProtocol::Tcp,
        ),
    ];
    let facts = facts(rules, tags());
    let interface = id("networkInterfaces/n");
    let mut learner = learner(&facts, "g", Margin::default()).unwrap();
    learner.cover(|_| WHOLE, 100);
    learner.take(&interface, &logged(flow("10.0.1.4", 443), 500));
    learner.take(&interface, &logged(flow("10.0.1.4", 22), 2));
    let proposal = learner.propose().unwrap();
    assert_eq!(fate(&proposal, "rare"), &Fate::Rare(2));
    assert_eq!(fate(&proposal, "unused"), &Fate::Unused);
    assert_eq!(fate(&proposal, "ping"), &Fate::NotLogged);
    assert_eq!(fate(&proposal, "probes"), &Fate::OfHost);
    assert!(matches!(
        fate(&proposal, "web"),
        Fate::Narrowed {
            parts: 1,
            flows: 500,
            ..
        }
    ));
    let names: Vec<&str> = proposal
        .rules
        .iter()
        .map(|held| held.rule.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["web-tcp-1", "web-probes", "rare", "unused", "ping", "probes"]
    );
    let narrow = &proposal.rules[0].rule;
    assert_eq!(
        narrow.source.addresses,
        [AddressSpec::Prefix("10.0.1.0/24".parse().unwrap())]
    );
    assert_eq!(
        proposal.gone().map(|rule| rule.name.as_str()).collect::<Vec<_>>(),
        ["web"]
    );
}

#[test]
fn an_interface_that_did_not_log_enough_keeps_what_reaches_it() {
    let rules = vec![rule("web", 200, AddressSpec::Any, 443, RuleProtocol::Tcp)];
    let mut facts = facts(rules, tags());
    // A second machine in the subnet, of which logs are missing.
    let mut other = facts.resources[0].clone();
    other.id = id("networkInterfaces/other");
    if let Asset::Interface(interface) = &mut other.asset {
        interface.configurations[0].address = Some("10.0.0.5".parse().unwrap());
    }
    facts.resources.push(other);
    let own = id("networkInterfaces/n");
    let mut learner = learner(&facts, "g", Margin::of_bits(32)).unwrap();
    let half = Hours {
        expected: 24,
        logged: 12,
    };
    assert!(matches!(learner.propose(), Err(TightenError::NothingComplete(_))));
    learner.cover(|id| if *id == own { WHOLE } else { half }, 100);
    learner.take(&own, &logged(flow("10.0.1.4", 443), 50));
    // What the other logged is not learned.
    let strange = Flow {
        destination: "10.0.0.5".parse().unwrap(),
        ..flow("10.0.1.77", 443)
    };
    learner.take(&id("networkInterfaces/other"), &logged(strange, 50));
    let proposal = learner.propose().unwrap();
    assert_eq!(
        proposal.skipped.keys().map(|id| id.name()).collect::<Vec<_>>(),
        ["other"]
    );
    let changed = proposal.applied(&facts);
    let to = |address: &str, from: &str| {
        let destination: IpAddr = address.parse().unwrap();
        let name = if address == "10.0.0.4" { "n" } else { "other" };
        let guard = Guard::of(&changed, &id(&format!("networkInterfaces/{name}"))).unwrap();
        guard
            .judge(&Flow {
                destination,
                ..flow(from, 443)
            })
            .decision
    };
    // The rule that Azure gives lets machines of the network in, so only others are turned away.
    assert_eq!(to("10.0.0.4", "10.0.1.4"), Decision::Allowed);
    assert_eq!(to("10.0.0.4", "10.9.0.1"), Decision::Denied);
    assert_eq!(to("10.0.0.5", "10.9.0.1"), Decision::Allowed);
    let percent = why::Hours::percent(half);
    assert_eq!(percent, Some(50));
}

#[test]
fn rules_that_are_not_all_known_are_not_touched() {
    let mut unread = rule("web", 100, AddressSpec::Any, 443, RuleProtocol::Tcp);
    unread.source.unread_addresses.push("10.0.0.300".to_owned());
    let told = |facts: &FactSet, name: &str| match learner(facts, name, Margin::default()) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        told(&facts(vec![unread], tags()), "g"),
        "group `g`: rule `web` has `10.0.0.300`, which could not be read; nothing is proposed for rules that are not all known"
    );
    let mut strange = rule("web", 100, AddressSpec::Any, 443, RuleProtocol::Tcp);
    strange.unknown.push("acces".to_owned());
    assert_eq!(
        told(&facts(vec![strange], tags()), "g"),
        "group `g`: rule `web` has property `acces`, which is not known; nothing is proposed for rules that are not all known"
    );
    let twice = [1, 2].map(|at| {
        rule(
            &format!("rule-{at}"),
            100,
            AddressSpec::Any,
            443,
            RuleProtocol::Tcp,
        )
    });
    assert_eq!(
        told(&facts(twice.to_vec(), tags()), "g"),
        "group `g`: rules `rule-1` and `rule-2` are both inbound with priority 100: where they disagree it is not known which holds; nothing is proposed for rules that are not all known"
    );
    assert!(told(&facts(Vec::new(), tags()), "h").starts_with("no network security group `h`"));
}

fn each_once<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut once = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

#[test]
fn what_is_written_reads_back_as_what_was_proposed() {
    for seed in 0..60 {
        let mut dice = Dice(Prng::keyed(seed, Purpose::BigBlob, &[84]));
        let mut facts = facts(dice.rules(&["VirtualNetwork", "Internet", "Storage"]), tags());
        for held in &mut facts.resources {
            held.location = Some("westeurope".to_owned());
        }
        let all = flows();
        let seen: Vec<Flow> = (0..20).map(|_| *dice.one(&all)).collect();
        let proposal = proposed(&facts, &seen, Margin::default()).unwrap();
        let text = written(&proposal, Form::Arm, &["a remark".to_owned()]);
        let beside = inventory::Beside {
            subscription: Some("s"),
            resource_group: Some("rg"),
            ..inventory::Beside::default()
        };
        let read = inventory::read_beside(text.as_bytes(), &beside).unwrap();
        assert_eq!(read.problems, [], "{text}");
        let group = read
            .facts
            .resources
            .iter()
            .find_map(|held| match &held.asset {
                Asset::SecurityGroup(group) => Some(group),
                _ => None,
            })
            .unwrap();
        assert_eq!(group.rules.len(), proposal.rules.len(), "{text}");
        for (read, meant) in group.rules.iter().zip(&proposal.rules) {
            let meant = &meant.rule;
            let of = |rule: &Rule| {
                let side = |side: &Side| {
                    let mut addresses = side.addresses.clone();
                    if addresses.contains(&AddressSpec::Any) {
                        addresses = vec![AddressSpec::Any];
                    }
                    let mut ports = side.ports.clone();
                    if ports.contains(&PortRange::ALL) {
                        ports = vec![PortRange::ALL];
                    }
                    (each_once(addresses), each_once(ports))
                };
                (
                    rule.name.clone(),
                    rule.priority,
                    rule.direction,
                    rule.access,
                    rule.protocol,
                    side(&rule.source),
                    side(&rule.destination),
                )
            };
            assert_eq!(of(read), of(meant), "{text}");
        }
    }
}
