//! What would turn a verdict around: what is proposed, and what is not.

#![cfg(test)]

use inventory::{read, together};
use model::Direction;
use model::facts::{ArmId, FactSet};
use nsg::Flow;
use why::explain::{Change, Place, to_allow, to_deny};

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

/// A machine in a subnet with a group, and with a group of its own.
fn facts(subnet: &str, own: &str) -> FactSet {
    let text = format!(
        r#"[{{"id":"{NETWORK}/networkInterfaces/nic","networkSecurityGroup":{{"id":"{NETWORK}/networkSecurityGroups/nsg-own"}},
          "ipConfigurations":[{{"name":"ip","privateIPAddress":"10.0.2.4","primary":true,"subnet":{{"id":"{NETWORK}/virtualNetworks/vnet/subnets/data"}}}}]}},
        {{"id":"{NETWORK}/virtualNetworks/vnet","addressSpace":{{"addressPrefixes":["10.0.0.0/16"]}},"subnets":[
          {{"id":"{NETWORK}/virtualNetworks/vnet/subnets/data","addressPrefix":"10.0.2.0/24","networkSecurityGroup":{{"id":"{NETWORK}/networkSecurityGroups/nsg-data"}}}}]}},
        {{"id":"{NETWORK}/networkSecurityGroups/nsg-data","securityRules":[{subnet}]}},
        {{"id":"{NETWORK}/networkSecurityGroups/nsg-own","securityRules":[{own}]}}]"#
    );
    let reading = read(text.as_bytes()).unwrap();
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    together([reading.facts]).0
}

fn rule(name: &str, priority: i32, access: &str, source: &str, port: &str) -> String {
    format!(
        r#"{{"name":"{name}","priority":{priority},"direction":"Inbound","access":"{access}","protocol":"*",
        "sourceAddressPrefix":"{source}","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"{port}"}}"#
    )
}

fn changed(facts: &FactSet, protocol: u8, change: fn(&FactSet, &[Place<'_>]) -> Change) -> Change {
    let interface = ArmId::parse(&format!("{NETWORK}/networkInterfaces/nic")).unwrap();
    let has_ports = matches!(protocol, 6 | 17);
    let place = Place {
        interface: &interface,
        flow: Flow {
            direction: Direction::Inbound,
            protocol,
            source: "8.8.8.8".parse().unwrap(),
            source_port: if has_ports { 50_000 } else { 0 },
            destination: "10.0.2.4".parse().unwrap(),
            destination_port: if has_ports { 443 } else { 0 },
        },
    };
    change(facts, &[place])
}

/// Azure's own rules cannot be changed; a rule that somebody made can.
#[test]
fn no_default_rule_is_widened() {
    let change = changed(&facts("", ""), 6, to_allow);
    assert_eq!(change.additions.len(), 2, "{change:?}");
    assert!(
        change.additions.iter().all(|added| added.or_widen.is_none()),
        "{change:?}"
    );
    let made = rule("web", 200, "Allow", "10.9.0.0/24", "443");
    let change = changed(&facts(&made, ""), 6, to_allow);
    let widened = change.additions.iter().find_map(|added| added.or_widen.clone());
    assert_eq!(widened, Some(("web".to_owned(), "source `8.8.8.8`".to_owned())));
    // Azure takes no address beside a tag or an application security group.
    let group = made.replace(
        r#""sourceAddressPrefix":"10.9.0.0/24""#,
        &format!(r#""sourceApplicationSecurityGroups":[{{"id":"{NETWORK}/applicationSecurityGroups/asg"}}]"#),
    );
    for held in [rule("web", 200, "Allow", "AzureLoadBalancer", "443"), group] {
        let change = changed(&facts(&held, ""), 6, to_allow);
        assert!(
            change.additions.iter().all(|added| added.or_widen.is_none()),
            "{change:?}"
        );
    }
}

/// What rules deny needs no rule that denies it, though the log let it through.
#[test]
fn no_denial_is_put_before_a_denial() {
    let change = changed(&facts("", ""), 6, to_deny);
    assert_eq!(change, Change::default());
    let open = rule("web", 200, "Allow", "*", "443");
    let change = changed(&facts(&open, &open), 6, to_deny);
    assert_eq!(change.additions.len(), 1, "{change:?}");
    // One group denies: the other needs no rule.
    assert_eq!(changed(&facts(&open, ""), 6, to_deny), Change::default());
}

/// Rules know five protocols: what `*` opens beside is told.
#[test]
fn a_protocol_that_rules_cannot_name_opens_all() {
    let change = changed(&facts("", ""), 47, to_allow);
    let effects = change.additions[0].effects().join("\n");
    assert!(
        effects.contains("`*` opens every protocol and port from this source to this destination"),
        "{effects}"
    );
    assert!(!effects.contains("protocol and port only"), "{effects}");
    let tcp = changed(&facts("", ""), 6, to_allow);
    assert!(tcp.additions[0].effects()[0].contains("protocol and port only"));
}
