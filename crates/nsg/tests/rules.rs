//! What rules mean, statement by statement: exports as Azure's tools print them, flows, verdicts.

#![cfg(test)]

use model::Direction;
use model::facts::{ArmId, FactSet};
use nsg::{Because, Flow, Guard, State};
use serde_json::{Value, json};

const AROUND: &str = "/subscriptions/0a1b/resourceGroups/rg/providers/Microsoft.Network";

fn id(rest: &str) -> String {
    format!("{AROUND}/{rest}")
}

/// `100 In Allow Tcp * * VirtualNetwork 443`: number, direction, access, protocol, source, its ports, destination, its ports. Several
/// addresses or ports stand with commas between them.
fn rule(name: &str, words: &str) -> Value {
    let words: Vec<&str> = words.split(' ').collect();
    let list = |at: usize| words[at].split(',').collect::<Vec<_>>();
    json!({
        "name": name,
        "properties": {
            "priority": words[0].parse::<i32>().unwrap(),
            "direction": if words[1] == "In" { "Inbound" } else { "Outbound" },
            "access": words[2],
            "protocol": words[3],
            "sourceAddressPrefixes": list(4),
            "sourcePortRanges": list(5),
            "destinationAddressPrefixes": list(6),
            "destinationPortRanges": list(7),
        }
    })
}

fn group(name: &str, rules: &[Value]) -> Value {
    json!({
        "id": id(&format!("networkSecurityGroups/{name}")),
        "name": name,
        "type": "Microsoft.Network/networkSecurityGroups",
        "properties": { "securityRules": rules }
    })
}

/// A network of two subnets, and an interface `n` with 10.0.1.4 in the first.
struct Setup {
    documents: Vec<Value>,
    subnet: Value,
    network: Value,
    interface: Value,
}

impl Setup {
    fn new() -> Self {
        let configuration = json!({
            "name": "ipconfig1",
            "properties": { "privateIPAddress": "10.0.1.4", "subnet": { "id": id("virtualNetworks/v/subnets/web") } }
        });
        Self {
            documents: Vec::new(),
            subnet: json!({ "id": id("virtualNetworks/v/subnets/web"), "name": "web", "properties": { "addressPrefix": "10.0.1.0/24" } }),
            network: json!({
                "id": id("virtualNetworks/v"), "name": "v", "type": "Microsoft.Network/virtualNetworks",
                "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] }, "virtualNetworkPeerings": [] }
            }),
            interface: json!({
                "id": id("networkInterfaces/n"), "name": "n", "type": "Microsoft.Network/networkInterfaces",
                "properties": { "ipConfigurations": [configuration] }
            }),
        }
    }

    /// The subnet is guarded by a group with these rules.
    fn subnet_group(mut self, rules: &[Value]) -> Self {
        self.subnet["properties"]["networkSecurityGroup"] =
            json!({ "id": id("networkSecurityGroups/of-subnet") });
        self.document(group("of-subnet", rules))
    }

    /// The interface is guarded by a group with these rules.
    fn own_group(mut self, rules: &[Value]) -> Self {
        self.interface["properties"]["networkSecurityGroup"] =
            json!({ "id": id("NETWORKSECURITYGROUPS/OWN") });
        self.document(group("own", rules))
    }

    fn document(mut self, document: Value) -> Self {
        self.documents.push(document);
        self
    }

    fn admin(self, scope: &str, rules: &[Value]) -> Self {
        let collection = id("networkManagers/m/securityAdminConfigurations/c/ruleCollections/rc");
        let rules: Vec<Value> = rules
            .iter()
            .map(|rule| {
                let mut rule = rule.clone();
                let properties = rule["properties"].as_object_mut().unwrap();
                for (side, list) in [("source", "sources"), ("destination", "destinations")] {
                    let held = properties.remove(&format!("{side}AddressPrefixes")).unwrap();
                    let held: Vec<Value> = held
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|address| {
                            let is_tag = address.as_str().unwrap().starts_with(|first: char| first.is_ascii_alphabetic());
                            json!({ "addressPrefix": address, "addressPrefixType": if is_tag { "ServiceTag" } else { "IPPrefix" } })
                        })
                        .collect();
                    properties.insert(list.to_owned(), json!(held));
                }
                rule["id"] = json!(format!("{collection}/rules/{}", rule["name"].as_str().unwrap()));
                rule["kind"] = json!("Custom");
                rule["ruleGroups"] = json!([{ "id": id("networkManagers/m/networkGroups/g"), "groupMembers": [{ "resourceId": id(scope) }] }]);
                rule
            })
            .collect();
        self.document(json!({ "value": rules }))
    }

    fn peer(mut self, state: &str, uses_gateway: bool) -> Self {
        let peering = json!({
            "name": "to-hub",
            "properties": {
                "peeringState": state,
                "allowVirtualNetworkAccess": true,
                "useRemoteGateways": uses_gateway,
                "remoteVirtualNetwork": { "id": id("virtualNetworks/hub") },
                "remoteAddressSpace": { "addressPrefixes": ["10.1.0.0/16"] }
            }
        });
        self.network["properties"]["virtualNetworkPeerings"] = json!([peering]);
        self
    }

    fn gateway(self, network: &str) -> Self {
        let gateway = json!({
            "id": id("virtualNetworkGateways/gw"), "name": "gw", "type": "Microsoft.Network/virtualNetworkGateways",
            "properties": { "gatewayType": "Vpn", "ipConfigurations": [{ "name": "c", "properties": { "subnet": { "id": id(&format!("virtualNetworks/{network}/subnets/GatewaySubnet")) } } }] }
        });
        let local = json!({
            "id": id("localNetworkGateways/office"), "name": "office", "type": "Microsoft.Network/localNetworkGateways",
            "properties": { "localNetworkAddressSpace": { "addressPrefixes": ["192.168.7.0/24"] } }
        });
        let connection = json!({
            "id": id("connections/c"), "name": "c", "type": "Microsoft.Network/connections",
            "properties": { "connectionType": "IPsec", "virtualNetworkGateway1": { "id": id("virtualNetworkGateways/gw") }, "localNetworkGateway2": { "id": id("localNetworkGateways/office") } }
        });
        self.document(gateway).document(local).document(connection)
    }

    fn route(mut self, prefix: &str) -> Self {
        self.subnet["properties"]["routeTable"] = json!({ "id": id("routeTables/rt") });
        self.document(json!({
            "id": id("routeTables/rt"), "name": "rt", "type": "Microsoft.Network/routeTables",
            "properties": { "routes": [{ "name": "r", "properties": { "addressPrefix": prefix, "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.9.4" } }] }
        }))
    }

    fn tags(self) -> Self {
        let tag = |name: &str, prefixes: &[&str]| json!({ "name": name, "id": name, "properties": { "region": "", "addressPrefixes": prefixes } });
        self.document(json!({ "changeNumber": 1, "cloud": "Public", "values": [
            tag("Storage", &["20.38.0.0/16", "2603:1020::/40"]),
            tag("Storage.WestEurope", &["20.38.1.0/24"]),
        ] }))
    }

    fn facts(&self) -> FactSet {
        let mut network = self.network.clone();
        network["properties"]["subnets"] = json!([self.subnet]);
        let mut documents = vec![json!([network]), json!([self.interface])];
        documents.extend(self.documents.iter().cloned());
        let sets = documents
            .iter()
            .map(|document| {
                inventory::read(document.to_string().as_bytes())
                    .unwrap_or_else(|error| panic!("{document}: {error:?}"))
            })
            .inspect(|reading| {
                // One test has a rule that says nothing of a side.
                let other = |message: &str| !message.contains("` does not say its ");
                let problems: Vec<_> = reading
                    .problems
                    .iter()
                    .filter(|problem| other(&problem.message))
                    .collect();
                assert!(problems.is_empty(), "{problems:?}");
            })
            .map(|reading| reading.facts);
        inventory::together(sets).0
    }

    fn guard(&self) -> Guard {
        Guard::of(&self.facts(), &ArmId::parse(&id("networkInterfaces/n")).unwrap()).unwrap()
    }
}

/// `In tcp 10.0.0.9 5000 10.0.1.4 443`
fn flow(text: &str) -> Flow {
    let words: Vec<&str> = text.split(' ').collect();
    Flow {
        direction: if words[0] == "In" {
            Direction::Inbound
        } else {
            Direction::Outbound
        },
        protocol: match words[1] {
            "tcp" => 6,
            "udp" => 17,
            "icmp" => 1,
            other => other.parse().unwrap(),
        },
        source: words[2].parse().unwrap(),
        source_port: words[3].parse().unwrap(),
        destination: words[4].parse().unwrap(),
        destination_port: words[5].parse().unwrap(),
    }
}

/// `Denied by own/DenyAllInBound`
fn said(guard: &Guard, text: &str) -> String {
    let flow = flow(text);
    let verdict = guard.judge(&flow);
    assert_eq!(guard.prove(&flow).verdict, verdict, "{text}");
    let by = verdict.by.and_then(|place| guard.rule(place)).map(|held| {
        let owner = held.owner.as_ref().map_or("", ArmId::name);
        format!(" by {owner}/{}", held.rule.name)
    });
    format!("{:?}{}", verdict.decision, by.unwrap_or_default())
}

#[track_caller]
fn check(setup: &Setup, cases: &[(&str, &str)]) {
    let guard = setup.guard();
    for (flow, expected) in cases {
        assert_eq!(said(&guard, flow), *expected, "{flow}");
    }
}

#[test]
fn the_default_rules_are_there_where_an_export_lacks_them() {
    check(
        &Setup::new().own_group(&[]),
        &[
            (
                "In tcp 10.0.0.9 5000 10.0.1.4 443",
                "Allowed by own/AllowVnetInBound",
            ),
            (
                "In tcp 203.0.113.7 5000 10.0.1.4 443",
                "Denied by own/DenyAllInBound",
            ),
            (
                "Out udp 10.0.1.4 5000 10.0.255.255 53",
                "Allowed by own/AllowVnetOutBound",
            ),
            (
                "Out tcp 10.0.1.4 5000 203.0.113.7 443",
                "Allowed by own/AllowInternetOutBound",
            ),
            ("In icmp 10.0.0.9 0 10.0.1.4 0", "Allowed by own/AllowVnetInBound"),
        ],
    );
}

#[test]
fn default_rules_in_an_export_are_not_added_again() {
    let mut held = group("own", &[]);
    held["properties"]["defaultSecurityRules"] = json!([
        rule(
            "AllowVnetInbound",
            "65000 In Allow * VirtualNetwork * VirtualNetwork *"
        ),
        rule("DenyAllInBound", "65500 In Deny * * * * *"),
    ]);
    let mut setup = Setup::new().document(held);
    setup.interface["properties"]["networkSecurityGroup"] = json!({ "id": id("networkSecurityGroups/own") });
    check(
        &setup,
        &[
            (
                "In tcp 10.0.0.9 5000 10.0.1.4 443",
                "Allowed by own/AllowVnetInbound",
            ),
            (
                "In tcp 203.0.113.7 5000 10.0.1.4 443",
                "Denied by own/DenyAllInBound",
            ),
        ],
    );
    let guard = setup.guard();
    let rules = &guard.levels().interface.as_ref().unwrap().rules;
    assert_eq!(rules.len(), 6);
    assert_eq!(guard.problems(), []);
}

#[test]
fn the_lowest_number_decides_within_its_direction() {
    let setup = Setup::new().own_group(&[
        rule("late", "300 In Deny Tcp * * * 443"),
        rule("early", "200 In Allow Tcp * * * 443"),
        rule("out", "100 Out Deny Tcp * * * 443"),
    ]);
    check(
        &setup,
        &[
            ("In tcp 203.0.113.7 5000 10.0.1.4 443", "Allowed by own/early"),
            ("Out tcp 10.0.1.4 5000 203.0.113.7 443", "Denied by own/out"),
        ],
    );
    let proof = setup.guard().prove(&flow("In tcp 203.0.113.7 5000 10.0.1.4 443"));
    assert_eq!(proof.levels[0].next.as_ref().unwrap().name, "late");
    assert_eq!(proof.levels[0].steps.len(), 1);
}

#[test]
fn both_groups_must_allow_the_subnets_first_for_what_comes_in() {
    let (allow, deny) = ("100 In Allow Tcp * * * 443", "100 In Deny Tcp * * * 443");
    let flow = "In tcp 203.0.113.7 5000 10.0.1.4 443";
    for (subnet, own, expected) in [
        (allow, allow, "Allowed by own/o"),
        (allow, deny, "Denied by own/o"),
        (deny, allow, "Denied by of-subnet/s"),
        (deny, deny, "Denied by of-subnet/s"),
    ] {
        let setup = Setup::new()
            .subnet_group(&[rule("s", subnet)])
            .own_group(&[rule("o", own)]);
        check(&setup, &[(flow, expected)]);
    }
}

#[test]
fn both_groups_must_allow_the_interfaces_first_for_what_goes_out() {
    let (allow, deny) = ("100 Out Allow Tcp * * * 443", "100 Out Deny Tcp * * * 443");
    let flow = "Out tcp 10.0.1.4 5000 203.0.113.7 443";
    for (subnet, own, expected) in [
        (allow, allow, "Allowed by of-subnet/s"),
        (allow, deny, "Denied by own/o"),
        (deny, allow, "Denied by of-subnet/s"),
        (deny, deny, "Denied by own/o"),
    ] {
        let setup = Setup::new()
            .subnet_group(&[rule("s", subnet)])
            .own_group(&[rule("o", own)]);
        check(&setup, &[(flow, expected)]);
    }
}

#[test]
fn no_group_at_a_level_lets_pass() {
    check(
        &Setup::new(),
        &[
            ("In tcp 203.0.113.7 5000 10.0.1.4 443", "Allowed"),
            ("Out tcp 10.0.1.4 5000 203.0.113.7 443", "Allowed"),
        ],
    );
    check(
        &Setup::new().subnet_group(&[]),
        &[
            (
                "In tcp 203.0.113.7 5000 10.0.1.4 443",
                "Denied by of-subnet/DenyAllInBound",
            ),
            // Traffic inside of one subnet passes the subnet's group too.
            (
                "In tcp 10.0.1.5 5000 10.0.1.4 443",
                "Allowed by of-subnet/AllowVnetInBound",
            ),
        ],
    );
}

#[test]
fn a_group_that_is_not_known_is_unknown() {
    let mut setup = Setup::new().own_group(&[rule("o", "100 In Deny Tcp * * * 22")]);
    setup.subnet["properties"]["networkSecurityGroup"] =
        json!({ "id": id("networkSecurityGroups/elsewhere") });
    check(
        &setup,
        &[
            ("In tcp 10.0.0.9 5000 10.0.1.4 443", "Unknown"),
            // Whoever denies it, it is denied.
            ("In tcp 10.0.0.9 5000 10.0.1.4 22", "Denied"),
            ("In tcp 168.63.129.16 5000 10.0.1.4 22", "Unknown"),
        ],
    );
    let problems = setup.guard().problems().to_vec();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].path, "networkSecurityGroup");
    assert_eq!(problems[0].resource.as_ref().unwrap().name(), "web");
    assert!(problems[0].message.contains("`elsewhere`"), "{problems:?}");
}

#[test]
fn security_admin_rules_are_asked_first() {
    let setup = |scope: &str| {
        Setup::new()
            .own_group(&[
                rule("ssh", "100 In Deny Tcp * * * 22"),
                rule("web", "110 In Allow Tcp * * * 443,8080,3389"),
            ])
            .admin(
                scope,
                &[
                    rule("deliver", "1 In AlwaysAllow Tcp 10.9.0.0/16 * * 22"),
                    rule("go-on", "2 In Allow Tcp * * * 22,443"),
                    rule("stop", "3 In Deny Tcp * * * 443,8080"),
                ],
            )
    };
    check(
        &setup("virtualNetworks/v"),
        &[
            ("In tcp 10.9.0.1 5000 10.0.1.4 22", "Allowed by rc/deliver"),
            ("In tcp 10.8.0.1 5000 10.0.1.4 22", "Denied by own/ssh"),
            ("In tcp 10.8.0.1 5000 10.0.1.4 443", "Allowed by own/web"),
            ("In tcp 10.8.0.1 5000 10.0.1.4 8080", "Denied by rc/stop"),
            ("In tcp 10.8.0.1 5000 10.0.1.4 3389", "Allowed by own/web"),
        ],
    );
    // Whether the network group has ours beside those that are listed is not known.
    check(
        &setup("virtualNetworks/other"),
        &[
            ("In tcp 10.8.0.1 5000 10.0.1.4 8080", "Unknown"),
            ("In tcp 10.8.0.1 5000 10.0.1.4 22", "Denied by own/ssh"),
            ("In tcp 10.9.0.1 5000 10.0.1.4 22", "Unknown"),
        ],
    );
}

#[test]
fn an_augmented_rule_is_any_by_any_by_any() {
    let setup = Setup::new().own_group(&[rule("many", "100 In Allow TCP 203.0.113.0/24,198.51.100.7,Storage 1000-1999,5000 10.0.1.4,10.0.1.9 80,443-445")]).tags();
    for (source, port, to, expected) in [
        ("203.0.113.0", 1000, 80, true),
        ("203.0.113.255", 1999, 445, true),
        ("198.51.100.7", 5000, 443, true),
        ("20.38.255.255", 5000, 444, true),
        ("198.51.100.8", 5000, 443, false),
        ("203.0.113.1", 2000, 80, false),
        ("203.0.113.1", 999, 80, false),
        ("203.0.113.1", 1000, 446, false),
        ("203.0.113.1", 1000, 79, false),
    ] {
        let expected = if expected {
            "Allowed by own/many"
        } else {
            "Denied by own/DenyAllInBound"
        };
        check(
            &setup,
            &[(&format!("In tcp {source} {port} 10.0.1.4 {to}"), expected)],
        );
    }
    check(
        &setup,
        &[(
            "In udp 203.0.113.1 1000 10.0.1.4 80",
            "Denied by own/DenyAllInBound",
        )],
    );
}

#[test]
fn virtual_network_is_not_private_space() {
    check(
        &Setup::new().own_group(&[]),
        &[
            (
                "In tcp 10.1.0.9 5000 10.0.1.4 443",
                "Denied by own/DenyAllInBound",
            ),
            (
                "In tcp 172.16.0.9 5000 10.0.1.4 443",
                "Denied by own/DenyAllInBound",
            ),
            (
                "In tcp 10.0.255.255 5000 10.0.1.4 443",
                "Allowed by own/AllowVnetInBound",
            ),
            // What is outside of it is `Internet`, private or not.
            (
                "Out tcp 10.0.1.4 5000 192.168.7.7 443",
                "Allowed by own/AllowInternetOutBound",
            ),
        ],
    );
}

#[test]
fn virtual_network_has_peers_that_are_connected() {
    let flow = "In tcp 10.1.0.9 5000 10.0.1.4 443";
    check(
        &Setup::new().own_group(&[]).peer("Connected", false),
        &[(flow, "Allowed by own/AllowVnetInBound")],
    );
    check(
        &Setup::new().own_group(&[]).peer("Disconnected", false),
        &[(flow, "Denied by own/DenyAllInBound")],
    );
    check(
        &Setup::new().own_group(&[]).peer("Initiated", false),
        &[(flow, "Denied by own/DenyAllInBound")],
    );
}

#[test]
fn virtual_network_has_the_prefixes_of_routes_that_somebody_made() {
    check(
        &Setup::new().own_group(&[]).route("10.7.0.0/16"),
        &[
            (
                "In tcp 10.7.0.9 5000 10.0.1.4 443",
                "Allowed by own/AllowVnetInBound",
            ),
            (
                "In tcp 10.8.0.9 5000 10.0.1.4 443",
                "Denied by own/DenyAllInBound",
            ),
        ],
    );
    // Of IPv6 it says nothing.
    check(
        &Setup::new().own_group(&[]).route("0.0.0.0/0"),
        &[
            (
                "In tcp 203.0.113.7 5000 10.0.1.4 443",
                "Allowed by own/AllowVnetInBound",
            ),
            (
                "Out tcp 10.0.1.4 5000 203.0.113.7 443",
                "Allowed by own/AllowVnetOutBound",
            ),
            (
                "In tcp 2001:db8::7 5000 10.0.1.4 443",
                "Denied by own/DenyAllInBound",
            ),
        ],
    );
}

#[test]
fn behind_a_gateway_more_may_lie_than_is_written_down() {
    let own = Setup::new().own_group(&[]).gateway("v");
    let lent = Setup::new().own_group(&[]).peer("Connected", true).gateway("hub");
    for setup in [&own, &lent] {
        check(
            setup,
            &[
                (
                    "In tcp 192.168.7.9 5000 10.0.1.4 443",
                    "Allowed by own/AllowVnetInBound",
                ),
                ("In tcp 192.168.8.9 5000 10.0.1.4 443", "Unknown"),
                ("In tcp 172.31.255.255 5000 10.0.1.4 443", "Unknown"),
                (
                    "In tcp 172.32.0.0 5000 10.0.1.4 443",
                    "Denied by own/DenyAllInBound",
                ),
                (
                    "In tcp 203.0.113.7 5000 10.0.1.4 443",
                    "Denied by own/DenyAllInBound",
                ),
                // Inside or outside, it is allowed.
                ("Out tcp 10.0.1.4 5000 192.168.8.9 443", "Allowed"),
            ],
        );
    }
    let not_lent = Setup::new()
        .own_group(&[])
        .peer("Connected", false)
        .gateway("hub");
    check(
        &not_lent,
        &[(
            "In tcp 192.168.7.9 5000 10.0.1.4 443",
            "Denied by own/DenyAllInBound",
        )],
    );
    let proof = own.guard().prove(&flow("In tcp 192.168.8.9 5000 10.0.1.4 443"));
    assert!(proof.is_by_cases);
    assert!(
        proof.unknowns.iter().any(|text| text.contains("gateway `gw`")),
        "{:?}",
        proof.unknowns
    );
}

#[test]
fn effective_routes_answer_what_gateways_leave_open() {
    let setup = Setup::new().own_group(&[]).gateway("v");
    let mut facts = setup.facts();
    let routes = json!({ "value": [
        { "source": "Default", "state": "Active", "addressPrefix": ["10.0.0.0/16"], "nextHopType": "VnetLocal" },
        { "source": "VirtualNetworkGateway", "state": "Active", "addressPrefix": ["192.168.0.0/17"], "nextHopType": "VirtualNetworkGateway" },
        { "source": "Default", "state": "Active", "addressPrefix": ["192.168.0.0/16"], "nextHopType": "None" },
    ] });
    let interface = ArmId::parse(&id("networkInterfaces/n")).unwrap();
    let beside = inventory::Beside {
        interface: Some(interface.clone()),
        ..inventory::Beside::default()
    };
    let read = inventory::read_beside(routes.to_string().as_bytes(), &beside).unwrap();
    facts.effective_routes = read.facts.effective_routes;
    assert_eq!(facts.effective_routes[0].interface, Some(interface.clone()));
    let guard = Guard::of(&facts, &interface).unwrap();
    assert_eq!(
        said(&guard, "In tcp 192.168.8.9 5000 10.0.1.4 443"),
        "Allowed by own/AllowVnetInBound"
    );
    assert_eq!(
        said(&guard, "In tcp 192.168.200.9 5000 10.0.1.4 443"),
        "Denied by own/DenyAllInBound"
    );
}

#[test]
fn effective_rules_are_preferred_and_their_prefixes_are_those_of_tags() {
    let setup = Setup::new().own_group(&[rule("old", "100 In Deny Tcp * * * 443")]);
    let mut facts = setup.facts();
    let effective = json!({ "value": [{
        "networkSecurityGroup": { "id": id("networkSecurityGroups/own") },
        "association": { "networkInterface": { "id": id("networkInterfaces/n") } },
        "effectiveSecurityRules": [
            { "name": "securityRules/new", "protocol": "Tcp", "priority": 100, "access": "Allow", "direction": "Inbound", "sourcePortRange": "0-65535", "destinationPortRange": "443-443",
              "sourceAddressPrefix": "Storage", "expandedSourceAddressPrefix": ["20.38.5.0/24"], "destinationAddressPrefix": "0.0.0.0/0" },
            { "name": "defaultSecurityRules/AllowVnetInBound", "protocol": "All", "priority": 65000, "access": "Allow", "direction": "Inbound", "sourcePortRange": "0-65535", "destinationPortRange": "0-65535",
              "sourceAddressPrefix": "VirtualNetwork", "expandedSourceAddressPrefix": ["10.0.0.0/16", "172.20.0.0/16", "168.63.129.16/32"],
              "destinationAddressPrefix": "VirtualNetwork", "expandedDestinationAddressPrefix": ["10.0.0.0/16", "172.20.0.0/16", "168.63.129.16/32"] },
            { "name": "defaultSecurityRules/DenyAllInBound", "protocol": "All", "priority": 65500, "access": "Deny", "direction": "Inbound", "sourcePortRange": "0-65535", "destinationPortRange": "0-65535",
              "sourceAddressPrefix": "0.0.0.0/0", "destinationAddressPrefix": "0.0.0.0/0" }
        ]
    }] });
    facts.effective = inventory::read(effective.to_string().as_bytes())
        .unwrap()
        .facts
        .effective;
    let guard = Guard::of(&facts, &ArmId::parse(&id("networkInterfaces/n")).unwrap()).unwrap();
    for (flow, expected) in [
        ("In tcp 20.38.5.9 5000 10.0.1.4 443", "Allowed by own/new"),
        (
            "In tcp 20.38.6.9 5000 10.0.1.4 443",
            "Denied by own/DenyAllInBound",
        ),
        (
            "In tcp 172.20.0.9 5000 10.0.1.4 22",
            "Allowed by own/AllowVnetInBound",
        ),
        (
            "In tcp 2001:db8::7 5000 2001:db8::8 443",
            "Denied by own/DenyAllInBound",
        ),
        (
            "Out tcp 10.0.1.4 5000 172.20.0.9 443",
            "Allowed by own/AllowVnetOutBound",
        ),
    ] {
        assert_eq!(said(&guard, flow), expected, "{flow}");
    }
}

#[test]
fn service_tags_have_regions_and_any_case_and_an_unknown_one_is_not_empty() {
    let rules = [
        rule("regional", "100 Out Deny Tcp * * STORAGE.westeurope 443"),
        rule("global", "110 Out Deny Tcp * * storage 443"),
        rule("unknown", "120 Out Deny Tcp * * NobodyKnows 8443"),
    ];
    check(
        &Setup::new().own_group(&rules).tags(),
        &[
            ("Out tcp 10.0.1.4 5000 20.38.1.1 443", "Denied by own/regional"),
            ("Out tcp 10.0.1.4 5000 20.38.2.1 443", "Denied by own/global"),
            (
                "Out tcp 10.0.1.4 5000 20.39.0.0 443",
                "Allowed by own/AllowInternetOutBound",
            ),
            ("Out tcp 10.0.1.4 5000 20.39.0.0 8443", "Unknown"),
        ],
    );
    // Without a file no tag is known.
    check(
        &Setup::new().own_group(&rules),
        &[("Out tcp 10.0.1.4 5000 20.39.0.0 443", "Unknown")],
    );
    let proof = Setup::new()
        .own_group(&rules)
        .guard()
        .prove(&flow("Out tcp 10.0.1.4 5000 20.39.0.0 443"));
    assert_eq!(
        proof.levels[0].steps[0].destination.because,
        Because::UnknownTag("STORAGE.westeurope".to_owned())
    );
    assert_eq!(proof.levels[0].steps[0].destination.state, State::Unknown);
}

#[test]
fn the_host_is_not_governed_but_by_the_tags_of_its_services() {
    let all = Setup::new().own_group(&[
        rule("all-in", "100 In Deny * * * * *"),
        rule("all-out", "100 Out Deny * * * * *"),
    ]);
    check(
        &all,
        &[
            ("In tcp 168.63.129.16 5000 10.0.1.4 443", "NotGoverned"),
            ("Out udp 10.0.1.4 5000 168.63.129.16 53", "NotGoverned"),
            ("Out tcp 10.0.1.4 5000 169.254.169.254 80", "NotGoverned"),
            (
                "Out tcp 10.0.1.4 5000 169.254.169.253 80",
                "Denied by own/all-out",
            ),
        ],
    );
    let tags = Setup::new().own_group(&[
        rule("dns", "100 Out Deny * * * AzurePlatformDNS *"),
        rule("metadata", "110 Out Deny * * * azureplatformimds *"),
    ]);
    check(
        &tags,
        &[
            ("Out udp 10.0.1.4 5000 168.63.129.16 53", "Denied by own/dns"),
            (
                "Out tcp 10.0.1.4 5000 169.254.169.254 80",
                "Denied by own/metadata",
            ),
            // The agent's traffic has the same address as DNS.
            ("Out tcp 10.0.1.4 5000 168.63.129.16 80", "Unknown"),
            (
                "Out tcp 10.0.1.4 5000 203.0.113.7 53",
                "Allowed by own/AllowInternetOutBound",
            ),
        ],
    );
    let licensing = Setup::new().own_group(&[rule("licensing", "100 Out Deny * * * AzurePlatformLKM *")]);
    check(
        &licensing,
        &[
            ("Out tcp 10.0.1.4 5000 203.0.113.7 1688", "Unknown"),
            (
                "Out tcp 10.0.1.4 5000 203.0.113.7 1689",
                "Allowed by own/AllowInternetOutBound",
            ),
        ],
    );
}

#[test]
fn the_tag_of_load_balancers_is_the_host_and_no_client() {
    let setup = Setup::new().own_group(&[rule("balancer", "100 In Allow * AzureLoadBalancer * * *")]);
    check(
        &setup,
        &[
            (
                "In tcp 203.0.113.7 5000 10.0.1.4 443",
                "Denied by own/DenyAllInBound",
            ),
            ("In tcp 168.63.129.16 5000 10.0.1.4 443", "NotGoverned"),
        ],
    );
}

#[test]
fn application_groups_are_known_by_their_members() {
    let asg = |name: &str| json!([{ "id": id(&format!("applicationSecurityGroups/{name}")) }]);
    let mut to_web = rule("to-web", "100 In Allow Tcp * * * 443");
    to_web["properties"]["destinationAddressPrefixes"] = json!([]);
    to_web["properties"]["destinationApplicationSecurityGroups"] = asg("WEB");
    let mut from_data = rule("from-data", "110 In Deny Tcp * * * 22");
    from_data["properties"]["sourceAddressPrefixes"] = Value::Null;
    from_data["properties"]["sourceApplicationSecurityGroups"] = asg("data");
    let mut setup = Setup::new().own_group(&[to_web, from_data]);
    setup.interface["properties"]["ipConfigurations"][0]["properties"]["applicationSecurityGroups"] =
        asg("web");
    check(
        &setup,
        &[
            ("In tcp 203.0.113.7 5000 10.0.1.4 443", "Allowed by own/to-web"),
            // Nobody is known to be in the group, and whoever has this address may be.
            ("In tcp 10.0.0.9 5000 10.0.1.4 22", "Unknown"),
            // No member has an address out there.
            (
                "In tcp 203.0.113.7 5000 10.0.1.4 22",
                "Denied by own/DenyAllInBound",
            ),
        ],
    );
    let other = json!({
        "id": id("networkInterfaces/db"), "name": "db", "type": "Microsoft.Network/networkInterfaces",
        "properties": { "ipConfigurations": [{ "name": "c", "properties": {
            "privateIPAddress": "10.0.0.9", "subnet": { "id": id("virtualNetworks/v/subnets/data") },
            "applicationSecurityGroups": asg("DATA") } }] }
    });
    check(
        &setup.document(json!([other])),
        &[("In tcp 10.0.0.9 5000 10.0.1.4 22", "Denied by own/from-data")],
    );
}

/// A null prefix is not everywhere, and it is not nowhere either: Azure has no such rule, so something got lost.
#[test]
fn a_side_of_which_nothing_is_said_is_open() {
    let emptied = |name: &str, spec: &str| {
        let mut empty = rule(name, spec);
        empty["properties"]["sourceAddressPrefixes"] = Value::Null;
        empty["properties"]["sourceAddressPrefix"] = json!("");
        empty
    };
    check(
        &Setup::new().own_group(&[emptied("empty", "100 In Allow Tcp * * * 443")]),
        &[
            ("In tcp 203.0.113.7 5000 10.0.1.4 443", "Unknown"),
            // Whatever it means, it is not about this port.
            (
                "In tcp 203.0.113.7 5000 10.0.1.4 444",
                "Denied by own/DenyAllInBound",
            ),
        ],
    );
    check(
        &Setup::new().own_group(&[emptied("empty", "100 In Deny Tcp * * * 443")]),
        &[("In tcp 203.0.113.7 5000 10.0.1.4 443", "Denied")],
    );
}

#[test]
fn a_prefix_of_twelve_bits_is_not_one_of_twenty() {
    let setup = Setup::new().own_group(&[rule("private", "100 In Allow Tcp 172.16.0.0/12 * * 443")]);
    check(
        &setup,
        &[
            (
                "In tcp 172.31.255.255 5000 10.0.1.4 443",
                "Allowed by own/private",
            ),
            ("In tcp 172.16.0.0 5000 10.0.1.4 443", "Allowed by own/private"),
            (
                "In tcp 172.32.0.0 5000 10.0.1.4 443",
                "Denied by own/DenyAllInBound",
            ),
        ],
    );
}

#[test]
fn one_number_for_two_rules_is_unknown_where_they_disagree() {
    let setup = Setup::new().own_group(&[
        rule("one", "100 In Allow Tcp * * * 443,80"),
        rule("two", "100 In Deny Tcp * * * 443"),
        rule("three", "100 In Allow Tcp * * * 80"),
    ]);
    check(
        &setup,
        &[
            ("In tcp 203.0.113.7 5000 10.0.1.4 443", "Unknown"),
            ("In tcp 203.0.113.7 5000 10.0.1.4 80", "Allowed"),
            (
                "In tcp 203.0.113.7 5000 10.0.1.4 81",
                "Denied by own/DenyAllInBound",
            ),
        ],
    );
    let problems = setup.guard().problems().to_vec();
    assert_eq!(problems.len(), 2);
    assert_eq!(problems[0].path, "securityRules.two.priority");
    assert_eq!(
        problems[0].message,
        "rules `one` and `two` are both inbound with priority 100: where they disagree it is not known which holds"
    );
}

#[test]
fn a_rule_of_which_only_the_name_is_known_leaves_its_group_open() {
    let mut setup = Setup::new()
        .own_group(&[])
        .subnet_group(&[rule("ssh", "100 In Deny Tcp * * * 22")]);
    setup.documents[0]["properties"]["securityRules"] =
        json!([{ "name": "odd", "properties": { "priority": 100, "direction": "Inbound" } }]);
    let sets = [
        json!([setup.interface]),
        json!([{ "id": id("virtualNetworks/v"), "name": "v", "type": "Microsoft.Network/virtualNetworks",
        "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] }, "subnets": [setup.subnet] } }]),
    ];
    let documents = sets.iter().chain(&setup.documents);
    let facts = documents.map(|document| inventory::read(document.to_string().as_bytes()).unwrap().facts);
    let (facts, _) = inventory::together(facts);
    let guard = Guard::of(&facts, &ArmId::parse(&id("networkInterfaces/n")).unwrap()).unwrap();
    assert_eq!(said(&guard, "In tcp 10.0.0.9 5000 10.0.1.4 443"), "Unknown");
    assert_eq!(
        said(&guard, "In tcp 10.0.0.9 5000 10.0.1.4 22"),
        "Denied by of-subnet/ssh"
    );
    let problem = &guard.problems()[0];
    assert_eq!(
        (problem.resource.as_ref().unwrap().name(), problem.path.as_str()),
        ("own", "securityRules.odd")
    );
}

#[test]
fn flows_without_ports_do_not_meet_rules_about_some() {
    let setup = Setup::new().own_group(&[
        rule("ping", "100 In Deny Icmp * * * *"),
        rule("esp", "110 In Deny Esp * * * 500"),
    ]);
    check(
        &setup,
        &[
            ("In icmp 10.0.0.9 0 10.0.1.4 0", "Denied by own/ping"),
            ("In 50 10.0.0.9 0 10.0.1.4 0", "Unknown"),
            ("In 58 10.0.0.9 0 10.0.1.4 0", "Unknown"),
            ("In 51 10.0.0.9 0 10.0.1.4 0", "Allowed by own/AllowVnetInBound"),
        ],
    );
}

#[test]
fn rules_hold_for_private_endpoints_only_where_the_subnet_says_so() {
    let flow = "In tcp 203.0.113.7 5000 10.0.1.4 443";
    for (policies, expected) in [
        (Some("Enabled"), "Denied by own/DenyAllInBound"),
        (Some("Disabled"), "NotGoverned"),
        (None, "Unknown"),
    ] {
        let mut setup = Setup::new().own_group(&[]);
        setup.interface["properties"]["privateEndpoint"] = json!({ "id": id("privateEndpoints/pe") });
        if let Some(policies) = policies {
            setup.subnet["properties"]["privateEndpointNetworkPolicies"] = json!(policies);
        }
        check(&setup, &[(flow, expected)]);
    }
}

#[test]
fn an_interface_that_nobody_lists_has_no_guard() {
    let error = Guard::of(
        &FactSet::default(),
        &ArmId::parse(&id("networkInterfaces/n")).unwrap(),
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is not among the facts: load an export that has it"),
        "{error}"
    );
}
