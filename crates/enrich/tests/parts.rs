//! A part of a resource joins what is known of the whole at its time, and speaks for nothing else.

#![cfg(test)]

use enrich::{Change, Snapshot, Spoken, Timeline, difference};
use model::facts::{
    ArmId, Asset, BackendPool, BalancingRule, FactSet, Frontend, LoadBalancer, PartList, Partial, Resource,
    RouteTable, Rule, RuleProtocol, SecurityGroup, Side, Subnet,
};

fn id(kind: &str, name: &str) -> ArmId {
    let id = format!("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/{kind}/{name}");
    ArmId::parse(&id).unwrap()
}

fn rule(name: &str, priority: i32, is_default: bool) -> Rule {
    Rule {
        name: name.to_owned(),
        priority,
        direction: model::Direction::Inbound,
        access: model::facts::Access::Allow,
        protocol: RuleProtocol::Tcp,
        source: Side::default(),
        destination: Side::default(),
        is_default,
        description: None,
        unknown: Vec::new(),
    }
}

/// A group with rules of these names; a name ends with the number that tells it from an earlier one.
fn group(name: &str, rules: &[&str]) -> Resource {
    let mut rules: Vec<Rule> = rules.iter().map(|name| rule(name, 100, false)).collect();
    rules.push(rule("DenyAllInBound", 65_500, true));
    whole("networkSecurityGroups", name, group_of(rules))
}

fn group_of(rules: Vec<Rule>) -> Asset {
    Asset::SecurityGroup(SecurityGroup {
        rules,
        subnets: vec![id("virtualNetworks/v/subnets", "s")],
        ..SecurityGroup::default()
    })
}

fn whole(kind: &str, name: &str, asset: Asset) -> Resource {
    Resource {
        location: Some("westeurope".to_owned()),
        ..Resource::in_part(id(kind, name), asset)
    }
}

fn wholes(resources: Vec<Resource>) -> FactSet {
    FactSet {
        resources,
        ..FactSet::default()
    }
}

fn part(kind: &str, name: &str, asset: Asset, lists: &[PartList]) -> FactSet {
    let id = id(kind, name);
    FactSet {
        resources: vec![Resource::in_part(id.clone(), asset)],
        partial: vec![Partial {
            id,
            lists: lists.to_vec(),
            adds: false,
        }],
        ..FactSet::default()
    }
}

fn rules(group: &str, rules: &[(&str, i32)], lists: &[PartList]) -> FactSet {
    let rules = rules.iter().map(|(name, priority)| rule(name, *priority, false));
    let asset = Asset::SecurityGroup(SecurityGroup {
        rules: rules.collect(),
        ..SecurityGroup::default()
    });
    part("networkSecurityGroups", group, asset, lists)
}

fn timeline(sets: &[(i64, FactSet)]) -> Timeline {
    let snapshots = sets.iter().cloned().map(|(taken, facts)| {
        let text = serde_json::to_vec(&facts).unwrap();
        assert_eq!(Spoken::read(&text).unwrap(), Spoken::of(&facts));
        assert_eq!(serde_json::from_slice::<FactSet>(&text).unwrap(), facts);
        Snapshot { taken, facts }
    });
    Timeline::of(snapshots.collect())
}

fn known(timeline: &Timeline, time: i64) -> FactSet {
    timeline.at(time).unwrap().0.facts
}

/// Each group with its rules and what it has beside them: `gs: a100 b100 DenyAllInBound65500 ?`.
#[track_caller]
fn check(timeline: &Timeline, time: i64, expected: &[&str]) {
    let facts = known(timeline, time);
    let groups = facts.resources.iter().filter_map(|held| match &held.asset {
        Asset::SecurityGroup(group) => {
            let rules = group.rules.iter();
            let mut rules: Vec<String> = rules
                .filter(|rule| !rule.is_default)
                .map(|rule| format!("{}{}", rule.name, rule.priority))
                .collect();
            rules.sort();
            let defaults = group.rules.iter().filter(|rule| rule.is_default).count();
            let open = group.left_out.join(" ");
            Some(format!(
                "{}: {} {defaults} {open}",
                held.id.name(),
                rules.join(" ")
            ))
        }
        _ => None,
    });
    let mut groups: Vec<String> = groups.map(|text| text.trim_end().to_owned()).collect();
    groups.sort();
    assert_eq!(groups, expected, "at {time}");
    // `Assets` says the same of every time.
    let held = timeline.resources();
    let now = held
        .iter()
        .filter(|held| held.from.is_none_or(|from| from <= time) && held.to.is_none_or(|to| time < to));
    let mut now: Vec<String> = now.map(|held| format!("{:?}", held.resource)).collect();
    let mut all: Vec<String> = facts.resources.iter().map(|held| format!("{held:?}")).collect();
    now.sort();
    all.sort();
    assert_eq!(now, all, "at {time}");
}

#[test]
fn one_rule_joins_its_group_and_takes_nothing_away() {
    let timeline = timeline(&[
        (10, wholes(vec![group("gs", &["a", "b"]), group("gb", &["c"])])),
        (20, rules("gs", &[("A", 200), ("d", 300)], &[])),
    ]);
    check(&timeline, 15, &["gb: c100 1", "gs: a100 b100 1"]);
    check(&timeline, 25, &["gb: c100 1", "gs: A200 b100 d300 1"]);
    let facts = known(&timeline, 25);
    assert_eq!(facts.partial, []);
    let gs = facts
        .resource(&id("networkSecurityGroups", "gs"))
        .unwrap()
        .clone();
    assert_eq!(gs.location.as_deref(), Some("westeurope"));
    let Asset::SecurityGroup(held) = gs.asset else {
        panic!("a group");
    };
    assert_eq!(held.subnets.len(), 1);
    let changes = difference(&timeline.said(15), &timeline.said(25));
    let [(changed, Change::Changed(_))] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    assert_eq!(changed.name(), "gs");
}

#[test]
fn a_list_of_rules_is_all_of_its_group_and_of_no_other() {
    let timeline = timeline(&[
        (10, wholes(vec![group("gs", &["a", "b"]), group("gb", &["c"])])),
        (20, rules("gs", &[("b", 200)], &[PartList::Rules])),
    ]);
    check(&timeline, 25, &["gb: c100 1", "gs: b200 1"]);
}

#[test]
fn a_list_of_what_is_known_changes_nothing() {
    let timeline = timeline(&[
        (1, wholes(vec![group("g", &["a", "b"])])),
        (2, rules("g", &[("b", 100), ("a", 100)], &[PartList::Rules])),
    ]);
    assert_eq!(known(&timeline, 2).resources, known(&timeline, 1).resources);
}

#[test]
fn of_a_group_that_nobody_knows_the_rest_is_not_known() {
    let all = wholes(vec![group("gb", &["c"])]);
    let one = timeline(&[(10, all.clone()), (20, rules("gs", &[("a", 200)], &[]))]);
    check(&one, 25, &["gb: c100 1", "gs: a200 0 (not known)"]);
    // That none was listed then is known.
    check(&one, 15, &["gb: c100 1"]);
    let list = timeline(&[(10, all), (20, rules("gs", &[("a", 200)], &[PartList::Rules]))]);
    check(&list, 25, &["gb: c100 1", "gs: a200 0"]);
    let alone = timeline(&[(20, rules("gs", &[("a", 200)], &[]))]);
    check(&alone, 25, &["gs: a200 0 (not known)"]);
    check(&alone, 5, &["gs: a200 0 (not known)"]);
}

/// What is said first of all groups holds before its time, with the parts that were said of them by then.
#[test]
fn a_part_may_be_of_an_earlier_time_than_its_whole() {
    let timeline = timeline(&[
        (10, rules("gs", &[("a", 200)], &[])),
        (15, rules("gs", &[("x", 250)], &[])),
        (20, wholes(vec![group("gs", &["a", "b"]), group("gb", &["c"])])),
        (30, rules("gs", &[("b", 300)], &[])),
    ]);
    check(&timeline, 5, &["gb: c100 1", "gs: a200 b100 1"]);
    check(&timeline, 12, &["gb: c100 1", "gs: a200 b100 1"]);
    check(&timeline, 17, &["gb: c100 1", "gs: a200 b100 x250 1"]);
    check(&timeline, 25, &["gb: c100 1", "gs: a100 b100 1"]);
    check(&timeline, 35, &["gb: c100 1", "gs: a100 b300 1"]);
    // What had been said by then is only the parts.
    let said = timeline.said(17);
    assert_eq!((said.resources.len(), said.partial.len()), (1, 1));
}

/// A whole that comes later takes the place of parts, and a list without the resource says that it is gone.
#[test]
fn a_later_list_is_believed() {
    let timeline = timeline(&[
        (10, wholes(vec![group("gb", &["c"])])),
        (20, rules("gs", &[("a", 200)], &[])),
        (30, wholes(vec![group("gs", &["b"]), group("gb", &["c"])])),
        (40, wholes(vec![group("gb", &["c"])])),
    ]);
    check(&timeline, 25, &["gb: c100 1", "gs: a200 0 (not known)"]);
    check(&timeline, 35, &["gb: c100 1", "gs: b100 1"]);
    check(&timeline, 45, &["gb: c100 1"]);
}

fn balancer() -> LoadBalancer {
    let named = |name: &str| BalancingRule {
        name: name.to_owned(),
        ..BalancingRule::default()
    };
    LoadBalancer {
        frontends: vec![Frontend {
            name: "fe".to_owned(),
            address: None,
            subnet: None,
            public_address: None,
        }],
        backends: vec![id("networkInterfaces/a/ipConfigurations", "ip")],
        backend_pools: vec![BackendPool {
            name: "p".to_owned(),
            configurations: vec![id("networkInterfaces/a/ipConfigurations", "ip")],
            ..BackendPool::default()
        }],
        load_balancing_rules: vec![named("web"), named("web2")],
        inbound_nat_rules: vec![named("ssh")],
        lists_rules: Some(true),
        ..LoadBalancer::default()
    }
}

fn known_balancer(sets: &[(i64, FactSet)]) -> LoadBalancer {
    let facts = known(&timeline(sets), 100);
    match facts.asset(&id("loadBalancers", "lb")) {
        Some(Asset::LoadBalancer(held)) => held.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn parts_of_a_balancer_join_it() {
    let all = || {
        let other = whole("loadBalancers", "other", Asset::LoadBalancer(balancer()));
        wholes(vec![
            whole("loadBalancers", "lb", Asset::LoadBalancer(balancer())),
            other,
        ])
    };
    let joined = |held: LoadBalancer, lists: &[PartList]| {
        let set = part("loadBalancers", "lb", Asset::LoadBalancer(held), lists);
        let sets = [(10, all()), (20, set)];
        assert_eq!(known(&timeline(&sets), 25).resources.len(), 2);
        known_balancer(&sets)
    };
    let web = BalancingRule {
        name: "WEB".to_owned(),
        backend_port: Some(81),
        ..BalancingRule::default()
    };
    let rule = LoadBalancer {
        load_balancing_rules: vec![web],
        ..LoadBalancer::default()
    };
    let one = joined(rule.clone(), &[]);
    assert_eq!(one.load_balancing_rules[0].backend_port, Some(81));
    assert_eq!(
        (
            one.load_balancing_rules.len(),
            one.frontends.len(),
            one.lists_rules
        ),
        (2, 1, Some(true))
    );
    let list = joined(rule, &[PartList::BalancingRules]);
    assert_eq!(
        (list.load_balancing_rules.len(), list.inbound_nat_rules.len()),
        (1, 1)
    );
    // Who is in the pool no more is behind the balancer no more.
    let pool = LoadBalancer {
        backends: vec![id("networkInterfaces/b/ipConfigurations", "ip")],
        backend_pools: vec![BackendPool {
            name: "p".to_owned(),
            configurations: vec![id("networkInterfaces/b/ipConfigurations", "ip")],
            ..BackendPool::default()
        }],
        ..LoadBalancer::default()
    };
    let held = joined(pool.clone(), &[]);
    assert_eq!(held.backends, pool.backends);
    assert_eq!(held.backend_pools, pool.backend_pools);
}

#[test]
fn of_a_balancer_that_nobody_knows_it_is_not_known_that_there_are_no_other_rules() {
    let rule = LoadBalancer {
        load_balancing_rules: balancer().load_balancing_rules,
        ..LoadBalancer::default()
    };
    let one = |lists: &[PartList]| {
        let set = part("loadBalancers", "lb", Asset::LoadBalancer(rule.clone()), lists);
        known_balancer(&[(10, set)]).lists_rules
    };
    assert_eq!(one(&[]), None);
    assert_eq!(one(&[PartList::BalancingRules]), None);
    assert_eq!(one(&[PartList::BalancingRules, PartList::NatRules]), Some(true));
}

/// What Terraform joins to a subnet: of one that is not known nothing is made up.
#[test]
fn a_subnet_of_which_only_its_group_is_known_is_none() {
    let association = || {
        let subnet = Subnet {
            security_group: Some(id("networkSecurityGroups", "gs")),
            ..Subnet::default()
        };
        part("virtualNetworks/v/subnets", "s", Asset::Subnet(subnet), &[])
    };
    let facts = known(&timeline(&[(10, association())]), 20);
    assert_eq!((facts.resources.len(), facts.partial.len()), (0, 1));
    let subnet = Subnet {
        prefixes: vec!["10.0.0.0/24".parse().unwrap()],
        ..Subnet::default()
    };
    let all = wholes(vec![whole(
        "virtualNetworks/v/subnets",
        "s",
        Asset::Subnet(subnet),
    )]);
    for sets in [
        [(10, all.clone()), (20, association())],
        [(20, all), (10, association())],
    ] {
        let facts = known(&timeline(&sets), 15 + i64::from(sets[0].0 == 10) * 10);
        let Asset::Subnet(held) = &facts.resources[0].asset else {
            panic!("{facts:?}");
        };
        assert_eq!(held.prefixes.len(), 1);
        assert_eq!(held.security_group, Some(id("networkSecurityGroups", "gs")));
    }
}

/// Routes that are not known are no routes that there are not.
#[test]
fn a_table_of_which_only_a_route_is_known_is_none() {
    let set = part("routeTables", "rt", Asset::RouteTable(RouteTable::default()), &[]);
    let facts = known(&timeline(&[(10, set)]), 20);
    assert_eq!(facts.resources, []);
}
