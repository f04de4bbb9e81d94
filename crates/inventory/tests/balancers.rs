//! Rules of load balancers, as tools print them.

#![cfg(test)]

use inventory::{Reading, read};
use model::facts::{Asset, BalancedProtocol, LoadBalancer, PortRange};

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

#[track_caller]
fn balancer(text: &str) -> (LoadBalancer, Reading) {
    let reading = read(text.as_bytes()).unwrap();
    let mut found = reading
        .facts
        .resources
        .iter()
        .filter_map(|held| match &held.asset {
            Asset::LoadBalancer(held) => Some(held.clone()),
            _ => None,
        });
    let held = found.next().expect("a balancer");
    assert_eq!(found.next(), None, "{text}");
    (held, reading)
}

#[track_caller]
fn check(text: &str, lists_rules: Option<bool>) {
    let (held, reading) = balancer(text);
    assert_eq!(reading.problems, [], "{text}");
    let [web] = held.load_balancing_rules.as_slice() else {
        panic!("{:?}", held.load_balancing_rules);
    };
    assert_eq!(web.name, "web");
    assert_eq!(web.frontend.as_ref().unwrap().name(), "fe", "{text}");
    assert_eq!(web.protocol, Some(BalancedProtocol::Tcp));
    assert_eq!(
        web.ports,
        Some(PortRange {
            first: 8080,
            last: 8080
        })
    );
    assert_eq!(web.backend_port, Some(80));
    assert_eq!(web.is_floating, Some(false));
    assert_eq!(web.pools.len(), 1, "{:?}", web.pools);
    assert_eq!(web.pools[0].name(), "p");
    let [ssh] = held.inbound_nat_rules.as_slice() else {
        panic!("{:?}", held.inbound_nat_rules);
    };
    assert_eq!((ssh.name.as_str(), ssh.backend_port), ("ssh", Some(22)));
    assert_eq!(ssh.machine.as_ref().unwrap().parent().unwrap().name(), "nic-a");
    let [out] = held.outbound_rules.as_slice() else {
        panic!("{:?}", held.outbound_rules);
    };
    assert_eq!(out.frontends[0].name(), "fe");
    assert_eq!(out.pools[0].name(), "p");
    let [pool] = held.backend_pools.as_slice() else {
        panic!("{:?}", held.backend_pools);
    };
    assert_eq!(pool.name, "p");
    assert_eq!(pool.configurations.len(), 1);
    assert_eq!(held.backends, pool.configurations);
    assert_eq!(held.lists_rules, lists_rules, "{text}");
}

#[test]
fn rules_of_a_balancer_in_four_dialects() {
    let lb = format!("{NETWORK}/loadBalancers/lb");
    let machine = format!("{NETWORK}/networkInterfaces/nic-a/ipConfigurations/ip");
    // REST says one of several pools twice.
    check(
        &format!(
            r#"{{"value":[{{"name":"lb","id":"{lb}","type":"Microsoft.Network/loadBalancers","location":"westeurope","properties":{{
            "frontendIPConfigurations":[{{"name":"fe","id":"{lb}/frontendIPConfigurations/fe","properties":{{}}}}],
            "backendAddressPools":[{{"name":"p","id":"{lb}/backendAddressPools/p","properties":{{"backendIPConfigurations":[{{"id":"{machine}"}}],
              "loadBalancerBackendAddresses":[{{"name":"x","properties":{{"networkInterfaceIPConfiguration":{{"id":"{machine}"}}}}}}]}}}}],
            "loadBalancingRules":[{{"name":"web","properties":{{"frontendIPConfiguration":{{"id":"{lb}/frontendIPConfigurations/fe"}},"frontendPort":8080,
              "backendPort":80,"enableFloatingIP":false,"protocol":"Tcp","backendAddressPool":{{"id":"{lb}/backendAddressPools/p"}},
              "backendAddressPools":[{{"id":"{lb}/backendAddressPools/p"}}]}}}}],
            "inboundNatRules":[{{"name":"ssh","properties":{{"frontendIPConfiguration":{{"id":"{lb}/frontendIPConfigurations/fe"}},"frontendPort":2201,
              "backendPort":22,"enableFloatingIP":false,"protocol":"Tcp","backendIPConfiguration":{{"id":"{machine}"}}}}}}],
            "outboundRules":[{{"name":"out","properties":{{"protocol":"All","backendAddressPool":{{"id":"{lb}/backendAddressPools/p"}},
              "frontendIPConfigurations":[{{"id":"{lb}/frontendIPConfigurations/fe"}}]}}}}]}}}}]}}"#
        ),
        Some(true),
    );
    // The command line.
    let flat = format!(
        r#"[{{"name":"lb","id":"{lb}","location":"westeurope","frontendIPConfigurations":[{{"name":"fe"}}],
        "backendAddressPools":[{{"name":"p","backendIPConfigurations":[{{"id":"{machine}"}}]}}],
        "loadBalancingRules":[{{"name":"web","frontendIPConfiguration":{{"id":"{lb}/frontendIPConfigurations/fe"}},"frontendPort":8080,"backendPort":80,
          "enableFloatingIP":false,"protocol":"Tcp","backendAddressPool":{{"id":"{lb}/backendAddressPools/p"}}}}],
        "inboundNatRules":[{{"name":"ssh","frontendIPConfiguration":{{"id":"{lb}/frontendIPConfigurations/fe"}},"frontendPort":2201,"backendPort":22,
          "protocol":"Tcp","backendIPConfiguration":{{"id":"{machine}"}}}}],
        "outboundRules":[{{"name":"out","protocol":"All","backendAddressPool":{{"id":"{lb}/backendAddressPools/p"}},
          "frontendIPConfigurations":[{{"id":"{lb}/frontendIPConfigurations/fe"}}]}}]}}]"#
    );
    check(&flat, Some(true));
    // PowerShell.
    check(
        &flat
            .replace("frontendIPConfiguration", "FrontendIPConfiguration")
            .replace("loadBalancingRules", "LoadBalancingRules")
            .replace("inboundNatRules", "InboundNatRules")
            .replace("\"name\"", "\"Name\"")
            .replace("\"id\"", "\"Id\"")
            .replace("enableFloatingIP", "EnableFloatingIP"),
        Some(true),
    );
    // Terraform has each of them by itself, and may have others elsewhere.
    let own = |kind: &str, values: &str| {
        format!(r#"{{"type":"azurerm_lb_{kind}","values":{{"loadbalancer_id":"{lb}",{values}}}}}"#)
    };
    check(
        &format!(
            r#"{{"format_version":"1.0","terraform_version":"1.9.0","values":{{"root_module":{{"resources":[{},{},{},{},
            {{"type":"azurerm_lb","values":{{"id":"{lb}","name":"lb","frontend_ip_configuration":[{{"name":"fe"}}]}}}}]}}}}}}"#,
            own(
                "backend_address_pool",
                &format!(
                    r#""id":"{lb}/backendAddressPools/p","name":"p","backend_ip_configurations":["{machine}"]"#
                )
            ),
            own(
                "rule",
                &format!(
                    r#""name":"web","frontend_ip_configuration_name":"fe","protocol":"Tcp","frontend_port":8080,"backend_port":80,
                    "floating_ip_enabled":false,"backend_address_pool_ids":["{lb}/backendAddressPools/p"]"#
                )
            ),
            own(
                "nat_rule",
                &format!(
                    r#""name":"ssh","frontend_ip_configuration_name":"fe","protocol":"Tcp","frontend_port":2201,"backend_port":22,
                    "backend_ip_configuration_id":"{machine}""#
                )
            ),
            own(
                "outbound_rule",
                &format!(
                    r#""name":"out","protocol":"All","frontend_ip_configuration":[{{"name":"fe"}}],"backend_address_pool_id":"{lb}/backendAddressPools/p""#
                )
            ),
        ),
        None,
    );
}

/// All ports, a range of them, and what cannot be read: that leaves the rule open and is told.
#[test]
fn ports_of_rules() {
    let ports = |written: &str| {
        let text = format!(
            r#"[{{"id":"{NETWORK}/loadBalancers/lb","inboundNatRules":[],"loadBalancingRules":[{{"name":"r",{written}}}]}}]"#
        );
        let (held, reading) = balancer(&text);
        let rule = held.load_balancing_rules.into_iter().next().unwrap();
        let told = reading.problems.into_iter().map(|problem| problem.message);
        (rule.ports, rule.protocol, told.collect::<Vec<_>>())
    };
    let all = ports(r#""protocol":"All","frontendPort":0,"backendPort":0"#);
    assert_eq!(
        all,
        (Some(PortRange::ALL), Some(BalancedProtocol::All), Vec::new())
    );
    let range =
        ports(r#""protocol":"Tcp","frontendPortRangeStart":500,"frontendPortRangeEnd":600,"backendPort":22"#);
    assert_eq!(
        range.0,
        Some(PortRange {
            first: 500,
            last: 600
        })
    );
    let (bad, _, told) = ports(r#""protocol":"Tcp","frontendPort":70000,"backendPort":80"#);
    assert_eq!(bad, None);
    assert_eq!(told, ["`70000` is no port: what this rule takes is not known"]);
    let (_, protocol, told) = ports(r#""protocol":"Sctp","frontendPort":80,"backendPort":80"#);
    assert_eq!(protocol, None);
    assert!(
        told[0].contains("`Sctp` is no protocol of a load balancer"),
        "{told:?}"
    );
}

/// A balancer has no other rules only where both lists are said and known.
#[test]
fn lists_that_are_not_said() {
    let listed = |written: &str| {
        let text = format!(r#"[{{"id":"{NETWORK}/loadBalancers/lb"{written}}}]"#);
        balancer(&text).0.lists_rules
    };
    assert_eq!(listed(""), None);
    assert_eq!(listed(r#","loadBalancingRules":[]"#), None);
    assert_eq!(
        listed(r#","loadBalancingRules":[],"inboundNatRules":[]"#),
        Some(true)
    );
    assert_eq!(
        listed(r#","properties":{"loadBalancingRules":[],"inboundNatRules":[]}"#),
        Some(true)
    );
    let template = r#"{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
        "parameters":{"rules":{"type":"array"}},"resources":[{"type":"Microsoft.Network/loadBalancers","apiVersion":"2023-09-01","name":"lb",
        "location":"westeurope","properties":{"inboundNatRules":[],"loadBalancingRules":"[parameters('rules')]"}}]}"#;
    assert_eq!(balancer(template).0.lists_rules, None);
}

/// Facts that were kept before rules of balancers were read still are read.
#[test]
fn facts_of_before_have_no_rules() {
    let kept = r#"{"frontends":[],"backends":[],"backend_addresses":[],"subnets":[]}"#;
    let held: LoadBalancer = serde_json::from_str(kept).unwrap();
    assert_eq!(held, LoadBalancer::default());
    assert_eq!(serde_json::to_string(&held).unwrap(), kept);
}

/// Rules and pools by themselves, as `az network lb rule list` prints them and templates may have them.
#[test]
fn rules_and_pools_by_themselves() {
    let lb = format!("{NETWORK}/loadBalancers/lb");
    let text = format!(
        r#"[{{"id":"{lb}/loadBalancingRules/web","name":"web","protocol":"Tcp","frontendPort":8080,"backendPort":80}},
        {{"id":"{lb}/inboundNatRules/ssh","name":"lb/ssh","protocol":"Tcp","frontendPort":2201,"backendPort":22}},
        {{"id":"{lb}/outboundRules/out","name":"out","protocol":"All"}},
        {{"id":"{lb}/backendAddressPools/p","name":"p","loadBalancerBackendAddresses":[{{"ipAddress":"10.0.0.4"}}]}}]"#
    );
    let (held, reading) = balancer(&text);
    assert_eq!(reading.problems, []);
    assert_eq!(held.load_balancing_rules[0].backend_port, Some(80));
    assert_eq!(held.inbound_nat_rules[0].name, "ssh");
    assert_eq!(held.outbound_rules[0].protocol, Some(BalancedProtocol::All));
    assert_eq!(held.backend_addresses, held.backend_pools[0].addresses);
    assert_eq!(held.lists_rules, None);
}
