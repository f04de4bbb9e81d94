//! Who is behind a balancer, where its own export does not say it: interfaces do, scale sets and other balancers are.

#![cfg(test)]

use enrich::{Snapshot, Timeline};
use inventory::{read, together};
use serde_json::{Value, json};
use why::explain::{Balanced, balanced};

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const FRONT: &str = "10.0.2.100";

fn interface(name: &str, address: &str, configuration: &Value) -> Value {
    let mut one = json!({ "name": "ip", "privateIPAddress": address, "primary": true,
        "subnet": { "id": format!("{NETWORK}/virtualNetworks/vnet/subnets/app") } });
    for (name, held) in configuration.as_object().unwrap() {
        one[name] = held.clone();
    }
    json!({ "id": format!("{NETWORK}/networkInterfaces/{name}"), "ipConfigurations": [one] })
}

fn id(rest: &str) -> Value {
    json!({ "id": format!("{NETWORK}/{rest}") })
}

fn at(balancer: &Value, interfaces: &[Value], port: u16) -> Balanced {
    let mut lb = json!({ "id": format!("{NETWORK}/loadBalancers/lb"), "frontendIPConfigurations": [{ "name": "fe",
        "privateIPAddress": FRONT, "subnet": id("virtualNetworks/vnet/subnets/app") }] });
    for (name, held) in balancer.as_object().unwrap() {
        lb[name] = held.clone();
    }
    let network = json!({ "id": format!("{NETWORK}/virtualNetworks/vnet"), "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] },
        "subnets": [{ "id": format!("{NETWORK}/virtualNetworks/vnet/subnets/app"), "addressPrefix": "10.0.2.0/24" }] });
    let all: Vec<Value> = [network, lb]
        .into_iter()
        .chain(interfaces.iter().cloned())
        .collect();
    let reading = read(json!(all).to_string().as_bytes()).unwrap();
    assert_eq!(reading.problems, []);
    let facts = together([reading.facts]).0;
    let (part, _) = Timeline::of(vec![Snapshot { taken: 1, facts }]).at(1).unwrap();
    balanced(&part, FRONT.parse().unwrap(), Some(port), Some(6)).expect("a frontend")
}

fn names(held: &Balanced) -> Vec<&str> {
    held.machines
        .iter()
        .map(|machine| machine.name.as_str())
        .collect()
}

fn rule(name: &str, port: u16, more: &Value) -> Value {
    let mut rule = json!({ "name": name, "protocol": "Tcp", "frontendPort": port, "backendPort": 22,
        "frontendIPConfiguration": id("loadBalancers/lb/frontendIPConfigurations/fe") });
    for (name, held) in more.as_object().unwrap() {
        rule[name] = held.clone();
    }
    rule
}

#[test]
fn interfaces_say_which_nat_rule_sends_to_them() {
    let lb = json!({ "inboundNatRules": [rule("ssh", 2201, &json!({}))], "loadBalancingRules": [] });
    let named = json!({ "loadBalancerInboundNatRules": [id("loadBalancers/lb/inboundNatRules/ssh")] });
    let held = at(
        &lb,
        &[
            interface("a", "10.0.2.5", &named),
            interface("b", "10.0.2.6", &json!({})),
        ],
        2201,
    );
    assert_eq!((held.rule.as_deref(), held.port), (Some("ssh"), Some(22)));
    assert_eq!(names(&held), ["a (10.0.2.5)"]);
}

/// Where no rule is known, all that say that they are in a pool of it are behind it.
#[test]
fn interfaces_say_which_pool_they_are_in() {
    let named = json!({ "loadBalancerBackendAddressPools": [id("loadBalancers/lb/backendAddressPools/p")] });
    let other = json!({ "loadBalancerBackendAddressPools": [id("loadBalancers/lb2/backendAddressPools/p")] });
    let held = at(
        &json!({}),
        &[
            interface("a", "10.0.2.5", &named),
            interface("b", "10.0.2.6", &other),
        ],
        80,
    );
    assert!(held.open.is_some());
    assert_eq!(names(&held), ["a (10.0.2.5)"]);
}

#[test]
fn a_nat_pool_takes_its_ports() {
    let pool = json!({ "name": "np", "protocol": "Tcp", "frontendPortRangeStart": 50000, "frontendPortRangeEnd": 50119,
        "backendPort": 22, "frontendIPConfiguration": id("loadBalancers/lb/frontendIPConfigurations/fe") });
    let lb = json!({ "inboundNatRules": [], "loadBalancingRules": [], "inboundNatPools": [pool] });
    let held = at(&lb, &[], 50003);
    assert!(!held.is_dropped);
    assert!(
        held.open
            .as_deref()
            .is_some_and(|why| why.contains("its NAT pool `np`")),
        "{held:?}"
    );
    // Ports outside of it are taken by nothing.
    assert!(at(&lb, &[], 50120).is_dropped);
    // A machine's own rule counts.
    let named = json!({ "inboundNatRules": [rule("np.3", 50003, &json!({}))], "loadBalancingRules": [], "inboundNatPools": lb["inboundNatPools"] });
    assert_eq!(at(&named, &[], 50003).rule.as_deref(), Some("np.3"));
}

#[test]
fn a_balancer_for_several_regions_sends_to_other_balancers() {
    let eu =
        json!({ "loadBalancerFrontendIPConfiguration": id("loadBalancers/eu/frontendIPConfigurations/fe") });
    let lb = json!({ "inboundNatRules": [], "loadBalancingRules": [rule("web", 80,
            &json!({ "backendAddressPool": id("loadBalancers/lb/backendAddressPools/p") }))],
        "backendAddressPools": [{ "name": "p", "loadBalancerBackendAddresses": [{ "name": "x", "properties": eu }] }] });
    let held = at(&lb, &[interface("a", "10.0.2.5", &json!({}))], 80);
    assert_eq!(names(&held), ["load balancer eu"]);
    assert!(
        held.open
            .as_deref()
            .is_some_and(|why| why.contains("frontends of other balancers")),
        "{held:?}"
    );
}
