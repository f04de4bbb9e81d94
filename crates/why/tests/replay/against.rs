//! What was logged against what the facts say: rules that are only proposed before the one that the log names, and groups where there
//! was none.

use enrich::Index;
use inventory::read;
use model::facts::{FactSet, Mac};
use model::{Direction, RuleKind};
use nsg::Flow;
use serde_json::{Value, json};
use why::replay::{Decider, Impact, Overlay, Replay, Replayed};
use why::{LoggedFlow, Sums};

use crate::judged::{MAC, group, id, interface, proposal, rule, subnet};

fn facts(more: &[Value]) -> FactSet {
    read(Value::from(more.to_vec()).to_string().as_bytes())
        .unwrap()
        .facts
}

fn network(guard: Option<&str>) -> Value {
    json!({ "id": id("virtualNetworks/vnet"), "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] },
        "subnets": [subnet(guard)] })
}

/// What becomes of a flow to 8082.
fn impact(
    now: &FactSet,
    proposed: &[Value],
    (is_allowed, rule_kind, rule, group): (bool, RuleKind, &str, &str),
) -> (Impact, Replayed) {
    let overlay = Overlay::of(now, &[proposal(proposed)]);
    let index = Index::of(now);
    let mut replay = Replay::new(now, &index, &overlay);
    let impact = replay.take(&LoggedFlow {
        mac: Mac::parse(MAC),
        flow: Flow {
            direction: Direction::Inbound,
            protocol: 6,
            source: "203.0.113.9".parse().unwrap(),
            source_port: 0,
            destination: "10.0.0.4".parse().unwrap(),
            destination_port: 8082,
        },
        has_source_port: false,
        is_allowed,
        rule_kind,
        rule,
        group,
        sums: Sums {
            lines: 1,
            ..Sums::default()
        },
    });
    (impact, replay.finish(1))
}

/// The subnet's group denies all by the facts; the log says that the interface's let it in.
#[test]
fn a_new_rule_before_the_one_that_was_logged_may_break_it() {
    let deny_all = rule("DenyAll", 130, "Deny", "*", "*");
    let web = rule("AllowWeb", 110, "Allow", "*", "8082");
    let now = facts(&[
        interface(Some("nsg-nic")),
        network(Some("nsg")),
        group("nsg", std::slice::from_ref(&deny_all)),
        group("nsg-nic", std::slice::from_ref(&web)),
    ]);
    let nic = id("networkSecurityGroups/nsg-nic").to_ascii_lowercase();
    let logged = (true, RuleKind::User, "allowweb", nic.as_str());
    let deny = |priority: u32, port: &str| rule("DenyNew", priority, "Deny", "*", port);
    for (proposed, expected) in [
        (
            group("nsg-nic", &[web.clone(), deny(105, "8082")]),
            Impact::Indeterminate,
        ),
        (
            group("nsg", &[deny_all.clone(), deny(105, "8082")]),
            Impact::Indeterminate,
        ),
        // What stands behind what decides, or is about another port, does nothing.
        (
            group("nsg-nic", &[web.clone(), deny(120, "8082")]),
            Impact::NotImpacted,
        ),
        (
            group("nsg-nic", &[web.clone(), deny(105, "8083")]),
            Impact::NotImpacted,
        ),
        (
            group("nsg", &[deny_all.clone(), deny(140, "8082")]),
            Impact::NotImpacted,
        ),
    ] {
        let (found, replayed) = impact(&now, std::slice::from_ref(&proposed), logged);
        assert_eq!(found, expected, "{proposed}");
        let is_doubtful = u64::from(expected == Impact::Indeterminate);
        assert_eq!(replayed.doubtful.keys, is_doubtful, "{proposed}");
        // What is now is what was logged.
        let by_rule = replayed.by_rule.largest();
        let [(key, _)] = by_rule.as_slice() else {
            panic!("{by_rule:?}");
        };
        let named = Decider::Logged {
            group: nic.clone(),
            name: "allowweb".to_owned(),
        };
        assert_eq!(key.before, named, "{proposed}");
        if expected == Impact::NotImpacted {
            assert_eq!(key.after, named, "{proposed}");
        }
    }
}

/// What was turned away by one group is let in by no other.
#[test]
fn a_new_rule_lets_in_what_its_own_group_turned_away() {
    let web = rule("AllowWeb", 110, "Allow", "*", "8082");
    let now = facts(&[
        interface(Some("nsg-nic")),
        network(Some("nsg")),
        group("nsg", std::slice::from_ref(&web)),
        group("nsg-nic", std::slice::from_ref(&web)),
    ]);
    let nic = id("networkSecurityGroups/nsg-nic").to_ascii_lowercase();
    let logged = (false, RuleKind::User, "denyold", nic.as_str());
    let allow = rule("AllowNew", 100, "Allow", "*", "8082");
    for (name, expected) in [("nsg-nic", Impact::Indeterminate), ("nsg", Impact::NotImpacted)] {
        let proposed = group(name, &[web.clone(), allow.clone()]);
        // The decider of now is that of the last group that is asked.
        let (found, _) = impact(&now, &[proposed], logged);
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_group_where_there_was_none_judges_what_the_platform_let_through() {
    let unguarded = facts(&[interface(None), network(None), group("nsg", &[])]);
    let web = group("nsg", &[rule("AllowWeb", 110, "Allow", "*", "8082")]);
    let platform = |is_allowed: bool| (is_allowed, RuleKind::Platform, "platformrule", "");
    let closed = [network(Some("nsg"))];
    let (found, replayed) = impact(&unguarded, &closed, platform(true));
    assert_eq!(found, Impact::NewlyDenied);
    assert_eq!(replayed.not_of_rules.keys, 0);
    let by_rule = replayed.by_rule.largest();
    assert_eq!(by_rule[0].0.before, Decider::Nobody);
    let (found, _) = impact(&unguarded, &[network(Some("nsg")), web.clone()], platform(true));
    assert_eq!(found, Impact::NotImpacted);
    assert_eq!(
        impact(&unguarded, &closed, platform(false)).0,
        Impact::NotImpacted
    );
    // So it is with a group at the interface.
    let at_interface = [interface(Some("nsg"))];
    assert_eq!(
        impact(&unguarded, &at_interface, platform(true)).0,
        Impact::NewlyDenied
    );
    // Where a group guards already, the platform decided in spite of it.
    let guarded = facts(&[interface(None), network(Some("nsg")), web]);
    let (found, replayed) = impact(&guarded, &[group("nsg", &[])], platform(true));
    assert_eq!((found, replayed.not_of_rules.keys), (Impact::NotImpacted, 1));
}
