//! Parts of resources that stand by themselves, as `az … rule show`, `az … rule list` and templates of one rule print them.

#![cfg(test)]

use inventory::{Reading, read, together};
use model::facts::{Asset, LoadBalancer, PartList, Partial, PortRange, SecurityGroup};
use serde_json::{Value, json};

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

fn reading(document: &Value) -> Reading {
    read(document.to_string().as_bytes()).unwrap()
}

fn rule(group: &str, name: &str, port: u16) -> Value {
    json!({ "id": format!("{NETWORK}/networkSecurityGroups/{group}/securityRules/{name}"), "name": name,
        "type": "Microsoft.Network/networkSecurityGroups/securityRules", "priority": 100, "direction": "Inbound",
        "access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": port.to_string() })
}

fn group(name: &str, rules: &[Value]) -> Value {
    json!({ "id": format!("{NETWORK}/networkSecurityGroups/{name}"), "name": name, "location": "westeurope",
        "securityRules": rules })
}

fn names(partial: &[Partial]) -> Vec<(&str, &[PartList])> {
    let named = partial.iter().map(|part| (part.id.name(), part.lists.as_slice()));
    named.collect()
}

#[test]
fn one_rule_is_a_part_and_a_list_is_all_rules_of_its_group() {
    let one = reading(&rule("gs", "a", 80));
    assert!(one.is_alone && one.by_itself.is_empty());
    assert_eq!(names(&one.facts.partial), [("gs", &[][..])]);
    let list = reading(&json!([rule("gs", "a", 80), rule("gb", "b", 80)]));
    assert!(!list.is_alone);
    let all = &[PartList::Rules][..];
    assert_eq!(names(&list.facts.partial), [("gb", all), ("gs", all)]);
    let paged = reading(&json!({"value": [rule("gs", "a", 80)]}));
    assert_eq!(names(&paged.facts.partial), [("gs", all)]);
    // A page of a list is not all of it.
    let page = reading(&json!({"value": [rule("gs", "a", 80)], "nextLink": "https://next"}));
    assert_eq!(names(&page.facts.partial), [("gs", &[][..])]);
    // A group that stands there too is whole.
    let both = reading(&json!([group("gs", &[]), rule("gs", "a", 80)]));
    assert_eq!(both.facts.partial, []);
}

#[test]
fn what_a_command_makes_is_one_resource() {
    let made = reading(&json!({ "NewNSG": group("gs", &[]) }));
    assert!(made.is_alone);
    assert_eq!(made.facts.partial, []);
}

#[test]
fn parts_of_balancers_interfaces_and_others() {
    let child = |kind: &str, name: &str| json!([{ "id": format!("{NETWORK}/{kind}/{name}"), "name": name }]);
    for (kind, list) in [
        ("loadBalancers/lb/loadBalancingRules", PartList::BalancingRules),
        ("loadBalancers/lb/inboundNatRules", PartList::NatRules),
        ("loadBalancers/lb/inboundNatPools", PartList::NatPools),
        ("loadBalancers/lb/outboundRules", PartList::OutboundRules),
        ("loadBalancers/lb/backendAddressPools", PartList::Pools),
        ("loadBalancers/lb/frontendIPConfigurations", PartList::Frontends),
        ("networkInterfaces/lb/ipConfigurations", PartList::Configurations),
        ("virtualNetworks/lb/virtualNetworkPeerings", PartList::Peerings),
        ("routeTables/lb/routes", PartList::Routes),
        (
            "networkSecurityGroups/lb/defaultSecurityRules",
            PartList::DefaultRules,
        ),
    ] {
        let held = reading(&child(kind, "x"));
        assert_eq!(names(&held.facts.partial), [("lb", &[list][..])], "{kind}");
        assert_eq!(held.facts.resources.len(), 1, "{kind}");
    }
}

#[test]
fn a_rule_of_a_template_is_a_part() {
    let template = json!({ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [{ "type": "Microsoft.Network/networkSecurityGroups/securityRules",
        "apiVersion": "2023-09-01", "name": "gs/a", "properties": { "priority": 100, "direction": "Inbound",
        "access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": "80" } }] });
    let held = reading(&template);
    assert_eq!(held.problems, []);
    assert_eq!(names(&held.facts.partial), [("gs", &[][..])]);
}

fn terraform(resources: &[(&str, Value)]) -> Value {
    let resources = resources
        .iter()
        .map(|(kind, values)| json!({ "type": kind, "values": values }));
    json!({ "format_version": "1.0", "terraform_version": "1.9.0",
        "values": { "root_module": { "resources": resources.collect::<Vec<_>>() } } })
}

#[test]
fn what_terraform_joins_is_a_part_that_adds() {
    let nic = format!("{NETWORK}/networkInterfaces/nic-a");
    let held = reading(&terraform(&[(
        "azurerm_network_interface_application_security_group_association",
        json!({ "network_interface_id": nic, "application_security_group_id": format!("{NETWORK}/applicationSecurityGroups/web") }),
    )]));
    let [part] = held.facts.partial.as_slice() else {
        panic!("{:?}", held.facts.partial);
    };
    assert!(part.adds && part.lists.is_empty());
}

fn security_group(facts: &model::facts::FactSet) -> SecurityGroup {
    let [held] = facts.resources.as_slice() else {
        panic!("{facts:?}");
    };
    match &held.asset {
        Asset::SecurityGroup(group) => group.clone(),
        other => panic!("{other:?}"),
    }
}

/// In one load, or in one file, what stands by itself counts: two rules of one name are not made one that has the ports of both.
#[test]
fn a_rule_beside_its_group_takes_the_place_of_the_one_in_it() {
    let whole = group("gs", &[rule("gs", "a", 80), rule("gs", "b", 81)]);
    let one = rule("gs", "A", 443);
    let port = |group: &SecurityGroup, at: usize| group.rules[at].destination.ports.clone();
    let only = |port: u16| {
        vec![PortRange {
            first: port,
            last: port,
        }]
    };
    let one_file = reading(&json!([whole, one]));
    let (of_two, told) = together([reading(&one).facts, reading(&json!([whole])).facts]);
    for facts in [&one_file.facts, &of_two] {
        let held = security_group(facts);
        assert_eq!(
            (port(&held, 0), port(&held, 1)),
            (only(443), only(81)),
            "{facts:?}"
        );
        assert_eq!(facts.partial, []);
    }
    assert!(!told.is_empty() && !one_file.problems.is_empty());
    // A list of all rules says that there are no others.
    let (listed, told) = together([
        reading(&json!([whole])).facts,
        reading(&json!([rule("gs", "b", 81)])).facts,
    ]);
    let held = security_group(&listed);
    assert_eq!((held.rules.len(), held.rules[0].name.as_str()), (1, "b"));
    assert!(
        told[0].message.contains("`securityRules[a]` is not in the list"),
        "{told:?}"
    );
    // The same twice is the same.
    let (_, told) = together([
        reading(&json!([whole])).facts,
        reading(&rule("gs", "a", 80)).facts,
    ]);
    assert_eq!(told, []);
}

fn balancer(reading: &Reading) -> LoadBalancer {
    let held = reading.facts.resources.iter().find_map(|held| match &held.asset {
        Asset::LoadBalancer(held) => Some(held.clone()),
        _ => None,
    });
    held.expect("a balancer")
}

#[test]
fn terraform_says_who_is_behind_a_balancer_beside_it() {
    let lb = format!("{NETWORK}/loadBalancers/lb");
    let nic = format!("{NETWORK}/networkInterfaces/nic-a");
    let other = format!("{NETWORK}/loadBalancers/eu/frontendIPConfigurations/fe");
    let held = reading(&terraform(&[
        ("azurerm_lb", json!({ "id": lb, "name": "lb" })),
        (
            "azurerm_lb_nat_rule",
            json!({ "id": format!("{lb}/inboundNatRules/ssh"), "name": "ssh", "loadbalancer_id": lb, "protocol": "Tcp",
                "frontend_port": 2201, "backend_port": 22, "frontend_ip_configuration_name": "fe" }),
        ),
        (
            "azurerm_network_interface_nat_rule_association",
            json!({ "network_interface_id": nic, "ip_configuration_name": "ip", "nat_rule_id": format!("{lb}/inboundNatRules/ssh") }),
        ),
        (
            "azurerm_lb_backend_address_pool",
            json!({ "id": format!("{lb}/backendAddressPools/p"), "name": "p", "loadbalancer_id": lb }),
        ),
        (
            "azurerm_lb_backend_address_pool_address",
            json!({ "name": "x", "backend_address_pool_id": format!("{lb}/backendAddressPools/p"), "ip_address": "10.0.1.9",
                "virtual_network_id": format!("{NETWORK}/virtualNetworks/v") }),
        ),
        (
            "azurerm_lb_backend_address_pool_address",
            json!({ "name": "y", "backend_address_pool_id": format!("{lb}/backendAddressPools/p"),
                "backend_address_ip_configuration_id": other }),
        ),
    ]));
    assert_eq!(held.problems, []);
    let held = balancer(&held);
    let [ssh] = held.inbound_nat_rules.as_slice() else {
        panic!("{held:?}");
    };
    assert_eq!(ssh.backend_port, Some(22));
    assert_eq!(
        ssh.machine.as_ref().unwrap().as_str(),
        format!("{nic}/ipConfigurations/ip")
    );
    let [pool] = held.backend_pools.as_slice() else {
        panic!("{held:?}");
    };
    assert_eq!(pool.addresses, ["10.0.1.9".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(held.backend_addresses, pool.addresses);
    assert_eq!(pool.frontends[0].as_str(), other);
}

#[test]
fn interfaces_and_balancers_say_it_themselves() {
    let lb = format!("{NETWORK}/loadBalancers/lb");
    let nic = reading(
        &json!([{ "id": format!("{NETWORK}/networkInterfaces/nic-a"), "ipConfigurations": [{ "name": "ip",
        "privateIPAddress": "10.0.1.4", "subnet": { "id": format!("{NETWORK}/virtualNetworks/v/subnets/s") },
        "loadBalancerInboundNatRules": [{ "id": format!("{lb}/inboundNatRules/ssh") }] }] }]),
    );
    let Asset::Interface(interface) = &nic.facts.resources[0].asset else {
        panic!("{nic:?}");
    };
    assert_eq!(interface.configurations[0].nat_rules[0].name(), "ssh");
    let held = balancer(&reading(
        &json!([{ "id": lb, "inboundNatPools": [{ "name": "np", "protocol": "Tcp",
        "frontendPortRangeStart": 50000, "frontendPortRangeEnd": 50119, "backendPort": 22 }],
        "backendAddressPools": [{ "name": "p", "loadBalancerBackendAddresses": [{ "name": "x",
        "properties": { "loadBalancerFrontendIPConfiguration": { "id": format!("{NETWORK}/loadBalancers/eu/frontendIPConfigurations/fe") } } }] }] }]),
    ));
    let [pool] = held.inbound_nat_pools.as_slice() else {
        panic!("{held:?}");
    };
    assert_eq!(
        pool.ports,
        Some(PortRange {
            first: 50000,
            last: 50119
        })
    );
    assert_eq!(held.backend_pools[0].frontends[0].name(), "fe");
}

/// A plan in which nothing has an id yet: its configuration says what refers to what.
#[test]
fn what_a_plan_makes_anew_finds_its_balancer() {
    let resource = |address: &str, values: Value| {
        let kind = address.split('.').next().unwrap_or_default();
        json!({ "address": address, "type": kind, "values": values })
    };
    let written =
        |address: &str, expressions: Value| json!({ "address": address, "expressions": expressions });
    let to = |address: &str| json!({ "references": [format!("{address}.id"), address] });
    let plan = json!({ "format_version": "1.0", "terraform_version": "1.9.0",
        "planned_values": { "root_module": { "resources": [
            resource("azurerm_lb.lb", json!({ "name": "lb", "resource_group_name": "rg", "frontend_ip_configuration": [{ "name": "fe" }] })),
            resource("azurerm_lb.other", json!({ "name": "other", "resource_group_name": "rg" })),
            resource("azurerm_lb_backend_address_pool.p", json!({ "name": "p" })),
            resource("azurerm_lb_rule.web", json!({ "name": "web", "protocol": "Tcp", "frontend_port": 8080, "backend_port": 80,
                "frontend_ip_configuration_name": "fe" })),
            resource("azurerm_lb_nat_rule.ssh[0]", json!({ "name": "ssh", "protocol": "Tcp", "frontend_port": 2201, "backend_port": 22,
                "frontend_ip_configuration_name": "fe" })),
            resource("azurerm_network_interface.a[0]", json!({ "name": "nic-a", "resource_group_name": "rg" })),
            resource("azurerm_network_interface_nat_rule_association.a[0]", json!({ "ip_configuration_name": "ip" })),
            resource("azurerm_network_interface_backend_address_pool_association.a[0]", json!({ "ip_configuration_name": "ip" })),
            resource("azurerm_lb_rule.either", json!({ "name": "either", "protocol": "Tcp", "frontend_port": 1, "backend_port": 1 })),
        ] } },
        "configuration": { "root_module": { "resources": [
            written("azurerm_lb_backend_address_pool.p", json!({ "loadbalancer_id": to("azurerm_lb.lb") })),
            written("azurerm_lb_rule.web", json!({ "loadbalancer_id": to("azurerm_lb.lb"),
                "backend_address_pool_ids": to("azurerm_lb_backend_address_pool.p") })),
            written("azurerm_lb_nat_rule.ssh", json!({ "loadbalancer_id": to("azurerm_lb.lb") })),
            written("azurerm_network_interface_nat_rule_association.a", json!({
                "network_interface_id": { "references": ["azurerm_network_interface.a", "count.index"] },
                "nat_rule_id": { "references": ["azurerm_lb_nat_rule.ssh", "count.index"] } })),
            written("azurerm_network_interface_backend_address_pool_association.a", json!({
                "network_interface_id": { "references": ["azurerm_network_interface.a", "count.index"] },
                "backend_address_pool_id": to("azurerm_lb_backend_address_pool.p") })),
            written("azurerm_lb_rule.either", json!({ "loadbalancer_id": { "references":
                ["var.first", "azurerm_lb.lb.id", "azurerm_lb.lb", "azurerm_lb.other.id", "azurerm_lb.other"] } })),
        ] } } });
    let reading = reading(&plan);
    let [told] = reading.problems.as_slice() else {
        panic!("{:?}", reading.problems);
    };
    // Which of two is meant is not guessed.
    assert!(
        told.message
            .contains("this `azurerm_lb_rule` does not say what it joins"),
        "{told:?}"
    );
    let held = balancer(&reading);
    assert_eq!(held.load_balancing_rules.len(), 1);
    let web = &held.load_balancing_rules[0];
    assert_eq!(web.frontend.as_ref().unwrap().name(), "fe");
    assert_eq!(web.pools[0].name(), "p");
    let machine = held.inbound_nat_rules[0].machine.as_ref().unwrap();
    assert_eq!(machine.parent().unwrap().name(), "nic-a");
    let pools = reading.facts.resources.iter().find_map(|held| match &held.asset {
        Asset::Interface(interface) => Some(&interface.configurations[0].pools),
        _ => None,
    });
    assert_eq!(pools.unwrap()[0], web.pools[0]);
}

/// An application security group is joined to an interface, and so to all of its IP configurations, whatever is joined to one of them.
#[test]
fn what_is_joined_to_an_interface_is_joined_to_all_its_configurations() {
    let nic = format!("{NETWORK}/networkInterfaces/nic-a");
    let configuration = |name: &str, address: &str| json!({ "name": name, "private_ip_address": address, "subnet_id": format!("{NETWORK}/virtualNetworks/v/subnets/s") });
    let whole = (
        "azurerm_network_interface",
        json!({ "id": nic, "name": "nic-a", "ip_configuration": [configuration("one", "10.0.0.4"), configuration("two", "10.0.0.5")] }),
    );
    let to_pool = (
        "azurerm_network_interface_backend_address_pool_association",
        json!({ "network_interface_id": nic, "ip_configuration_name": "one",
            "backend_address_pool_id": format!("{NETWORK}/loadBalancers/lb/backendAddressPools/p") }),
    );
    let to_group = (
        "azurerm_network_interface_application_security_group_association",
        json!({ "network_interface_id": nic, "application_security_group_id": format!("{NETWORK}/applicationSecurityGroups/web") }),
    );
    let facts = |all: &[(&str, Value)]| reading(&terraform(all)).facts;
    let one_file = facts(&[to_group.clone(), whole.clone(), to_pool.clone()]);
    let parts = |first: &(&'static str, Value), second: &(&'static str, Value)| {
        together([
            facts(&[first.clone(), second.clone()]),
            facts(std::slice::from_ref(&whole)),
        ])
        .0
    };
    let apart = together([
        facts(std::slice::from_ref(&to_pool)),
        facts(std::slice::from_ref(&to_group)),
        facts(std::slice::from_ref(&whole)),
    ]);
    for held in [
        one_file,
        parts(&to_pool, &to_group),
        parts(&to_group, &to_pool),
        apart.0,
    ] {
        let [resource] = held.resources.as_slice() else {
            panic!("{held:?}");
        };
        let Asset::Interface(interface) = &resource.asset else {
            panic!("{resource:?}");
        };
        let told = interface
            .configurations
            .iter()
            .map(|one| (one.name.as_str(), one.application_groups.len(), one.pools.len()));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [("one", 1, 1), ("two", 1, 0)],
            "{held:?}"
        );
    }
}

/// Admin rules that are active say for whom their collection is; those of a list of the collection do not.
#[test]
fn active_admin_rules_say_all_of_their_collection() {
    let collection = format!("{NETWORK}/networkManagers/m/securityAdminConfigurations/c/ruleCollections/r");
    let mut rule = json!({ "id": format!("{collection}/rules/a"), "kind": "Custom", "access": "Deny", "direction": "Inbound",
        "priority": 1, "protocol": "Tcp", "destinationPortRanges": ["22"] });
    let listed = reading(&json!([rule]));
    assert_eq!(names(&listed.facts.partial), [("r", &[PartList::Rules][..])]);
    rule["ruleCollectionAppliesToGroups"] =
        json!([{ "networkGroupId": format!("{NETWORK}/networkManagers/m/networkGroups/g") }]);
    assert_eq!(reading(&json!({ "value": [rule] })).facts.partial, []);
    // One by itself still is one.
    assert_eq!(names(&reading(&rule).facts.partial), [("r", &[][..])]);
}
