//! How rules are met: by all on the path, though a log names only the last.

use model::Direction;
use model::RuleKind;
use model::facts::{
    Access, AddressSpec, Asset, FactSet, Mac, PortRange, Rule, RuleProtocol, SecurityGroup, Side,
};
use nsg::Flow;
use why::{
    Coverage, FindingKind, Guards, LoggedFlow, Observed, RuleId, Sums, Usage, hygiene, observed, unused,
};

use crate::small::{facts, id, resource};

const MAC: &str = "00-0D-3A-00-00-01";

fn rule(name: &str, priority: i32, access: Access, protocol: RuleProtocol) -> Rule {
    let any = Side {
        addresses: vec![AddressSpec::Any],
        ports: vec![PortRange::ALL],
        ..Side::default()
    };
    Rule {
        name: name.to_owned(),
        priority,
        direction: Direction::Inbound,
        access,
        protocol,
        source: any.clone(),
        destination: any,
        is_default: false,
        description: None,
        unknown: Vec::new(),
    }
}

/// A group at the subnet and one at the interface.
fn two_groups(own: Vec<Rule>) -> FactSet {
    let subnet = vec![
        rule("Tcp", 100, Access::Allow, RuleProtocol::Tcp),
        rule("Rest", 200, Access::Deny, RuleProtocol::Any),
    ];
    let mut facts = facts(subnet, None);
    if let Asset::Interface(interface) = &mut facts.resources[0].asset {
        interface.mac = Mac::parse(MAC);
        interface.security_group = Some(id("networkSecurityGroups/own"));
        interface.machine = Some(id("virtualMachines/m"));
    }
    let group = SecurityGroup {
        rules: own,
        ..SecurityGroup::default()
    };
    facts
        .resources
        .push(resource("networkSecurityGroups/own", Asset::SecurityGroup(group)));
    facts
}

fn logged<'l>(group: &'l str, rule: &'l str, is_allowed: bool, last: i64) -> LoggedFlow<'l> {
    LoggedFlow {
        mac: Mac::parse(MAC),
        flow: Flow {
            direction: Direction::Inbound,
            protocol: 6,
            source: "203.0.113.7".parse().unwrap(),
            source_port: 40_000,
            destination: "10.0.0.4".parse().unwrap(),
            destination_port: 443,
        },
        has_source_port: true,
        is_allowed,
        rule_kind: RuleKind::User,
        rule,
        group,
        sums: Sums {
            lines: 3,
            attempts: 2,
            times: Some((last - 5, last)),
            ..Sums::default()
        },
    }
}

/// Flows begun that a rule met, when it was last met, and lines that may have met it.
fn used(usage: &Usage, group: &str, name: &str) -> (u64, Option<i64>, u64) {
    let id = RuleId {
        owner: id(&format!("networkSecurityGroups/{group}")),
        direction: Direction::Inbound,
        name: name.to_owned(),
    };
    let used = usage.rules.get(&id).cloned().unwrap_or_default();
    (used.hits(), used.last(), used.perhaps.lines)
}

#[test]
fn every_rule_on_the_path_is_met() {
    let facts = two_groups(vec![rule("All", 100, Access::Allow, RuleProtocol::Any)]);
    let (mut usage, mut guards) = (Usage::default(), Guards::of(&facts));
    usage.begin(&facts, 0);
    usage.take(&mut guards, &logged("s/rg/own", "all", true, 100));
    usage.take(&mut guards, &logged("s/rg/own", "all", true, 90));
    usage.finish();
    assert_eq!(used(&usage, "own", "all"), (4, Some(100), 0));
    // No log names the rule of the subnet.
    assert_eq!(used(&usage, "g", "tcp"), (4, Some(100), 0));
    assert_eq!(used(&usage, "g", "rest"), (0, None, 0));
    assert_eq!(usage.logged_otherwise, Sums::default());
}

#[test]
fn where_the_log_says_otherwise_the_rule_that_it_names_counts() {
    let facts = two_groups(vec![rule("All", 100, Access::Allow, RuleProtocol::Any)]);
    let (mut usage, mut guards) = (Usage::default(), Guards::of(&facts));
    usage.take(&mut guards, &logged("s/rg/g", "rest", false, 100));
    usage.finish();
    assert_eq!(used(&usage, "g", "rest"), (2, Some(100), 0));
    assert_eq!(used(&usage, "g", "tcp"), (0, None, 3));
    assert_eq!(usage.logged_otherwise.lines, 3);
    // A reporter that nobody knows: the rule is at least not told to be unused.
    let stranger = LoggedFlow {
        mac: None,
        ..logged("s/rg/g", "tcp", true, 100)
    };
    usage.take(&mut guards, &stranger);
    assert_eq!(usage.unplaced.lines, 3);
    let name = RuleId {
        owner: id("networkSecurityGroups/g"),
        direction: Direction::Inbound,
        name: "tcp".to_owned(),
    };
    assert_eq!(usage.named_elsewhere(&name).lines, 3);
}

#[test]
fn what_was_met_of_a_rule_that_is_another_now_is_forgotten() {
    let facts = two_groups(vec![rule("All", 100, Access::Allow, RuleProtocol::Any)]);
    let (mut usage, mut guards) = (Usage::default(), Guards::of(&facts));
    usage.begin(&facts, 10);
    usage.take(&mut guards, &logged("s/rg/own", "all", true, 100));
    let changed = two_groups(vec![rule("All", 100, Access::Allow, RuleProtocol::Tcp)]);
    usage.begin(&changed, 200);
    assert_eq!(used(&usage, "own", "all"), (0, None, 0));
    assert_eq!(used(&usage, "g", "tcp"), (2, Some(100), 0));
    let since = |name: &str, group: &str| {
        usage.since(&RuleId {
            owner: id(&format!("networkSecurityGroups/{group}")),
            direction: Direction::Inbound,
            name: name.to_owned(),
        })
    };
    assert_eq!((since("all", "own"), since("tcp", "g")), (Some(200), Some(10)));
}

#[test]
fn unused_is_said_only_where_logs_could_have_shown_it() {
    const HOUR: i64 = 3_600_000_000;
    let facts = two_groups(vec![
        rule("Web", 100, Access::Allow, RuleProtocol::Tcp),
        rule("Names", 110, Access::Allow, RuleProtocol::Udp),
        rule("Ping", 120, Access::Allow, RuleProtocol::Icmp),
    ]);
    let lists = hygiene(&facts);
    let list = lists.iter().find(|list| list.owner.name() == "own").unwrap();
    let found = |hours: i64, usage: &Usage| {
        let mut coverage = Coverage::default();
        for hour in 0..hours {
            coverage.hear(Mac::parse(MAC).unwrap(), hour * HOUR);
        }
        coverage.take(&facts, 0, 4 * HOUR);
        let seen = observed(&list.rules[0].rule, &list.interfaces, &coverage, None);
        assert_eq!(seen.is_possible(), hours > 0);
        let icmp = list.rules.iter().find(|held| held.rule.name == "Ping").unwrap();
        let icmp = observed(&icmp.rule, &list.interfaces, &coverage, None);
        assert_eq!(icmp, Observed::NotOfProtocol);
        let found = unused(list, usage, &coverage).into_iter();
        let found = found.map(|found| {
            (
                found.kind,
                list.rules[found.rule].rule.name.clone(),
                found.is_known,
            )
        });
        found.collect::<Vec<_>>()
    };
    let none = Usage::default();
    assert_eq!(found(0, &none), []);
    let name = |name: &str, is_known| (FindingKind::Unused, name.to_owned(), is_known);
    assert_eq!(found(2, &none), [name("Web", false), name("Names", false)]);
    assert_eq!(found(4, &none), [name("Web", true), name("Names", true)]);
    // Of a rule that was changed only what comes behind that says something.
    let changed = two_groups(vec![
        rule("Web", 100, Access::Deny, RuleProtocol::Tcp),
        rule("Names", 110, Access::Allow, RuleProtocol::Udp),
    ]);
    let lists = hygiene(&changed);
    let later = lists.iter().find(|list| list.owner.name() == "own").unwrap();
    let mut usage = Usage::default();
    usage.begin(&facts, 0);
    usage.begin(&changed, 3 * HOUR);
    let mut coverage = Coverage::default();
    // All four hours but the last.
    for hour in 0..3 {
        coverage.hear(Mac::parse(MAC).unwrap(), hour * HOUR);
    }
    coverage.take(&facts, 0, 3 * HOUR);
    coverage.take(&changed, 3 * HOUR, 4 * HOUR);
    let names: Vec<_> = unused(later, &usage, &coverage)
        .into_iter()
        .map(|found| (later.rules[found.rule].rule.name.clone(), found.is_known))
        .collect();
    assert_eq!(names, [("Names".to_owned(), false)]);
    let (mut usage, mut guards) = (Usage::default(), Guards::of(&facts));
    usage.take(&mut guards, &logged("s/rg/own", "web", true, 100));
    usage.finish();
    // One of all ports is used.
    let share = (FindingKind::UnusedShare, "Web".to_owned(), true);
    assert_eq!(found(4, &usage), [share, name("Names", true)]);
}
