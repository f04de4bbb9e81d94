//! What Azure computes: what-if, effective security admin rules, security group views and effective routes.

#![cfg(test)]

use inventory::{Beside, Reading, read, read_beside};
use model::facts::{AddressSpec, ArmId, Asset, FactSet, PortRange};

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

#[track_caller]
fn reading(text: &str, form: &str) -> Reading {
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(reading.problems, [], "{text}");
    assert_eq!(reading.form, form);
    reading
}

fn told(reading: &Reading) -> Vec<(&str, &str)> {
    let problems = reading.problems.iter();
    problems
        .map(|problem| (problem.path.as_str(), problem.message.as_str()))
        .collect()
}

fn names(facts: &FactSet) -> Vec<&str> {
    facts.resources.iter().map(|held| held.id.name()).collect()
}

/// A network before or after a deployment.
fn network(name: &str, prefix: &str) -> String {
    format!(
        r#"{{"apiVersion":"2024-05-01","id":"{NETWORK}/virtualNetworks/{name}","name":"{name}","type":"Microsoft.Network/virtualNetworks","location":"westeurope",
        "properties":{{"addressSpace":{{"addressPrefixes":["{prefix}"]}}}}}}"#
    )
}

#[test]
fn what_if_is_the_state_after_the_deployment() {
    let change = |name: &str, kind: &str, before: &str, after: &str| {
        format!(
            r#"{{"resourceId":"{NETWORK}/virtualNetworks/{name}","changeType":"{kind}","before":{before},"after":{after},"delta":[]}}"#
        )
    };
    let (old, new) = (
        |name: &str| network(name, "10.1.0.0/16"),
        |name: &str| network(name, "10.2.0.0/16"),
    );
    let changes = [
        change("made", "Create", "null", &new("made")),
        change("changed", "Modify", &old("changed"), &new("changed")),
        change("kept", "NoChange", &old("kept"), "null"),
        change("left", "Ignore", &old("left"), &old("left")),
        change("gone", "Delete", &old("gone"), "null"),
    ]
    .join(",");
    for text in [
        format!(
            r#"{{"changes":[{changes}],"diagnostics":null,"error":null,"potentialChanges":null,"status":"Succeeded"}}"#
        ),
        format!(r#"{{"status":"Succeeded","properties":{{"changes":[{changes}]}}}}"#),
    ] {
        let facts = reading(&text, "what-if").facts;
        assert_eq!(names(&facts), ["made", "changed", "kept", "left"]);
        let prefixes: Vec<String> = facts
            .resources
            .iter()
            .map(|held| match &held.asset {
                Asset::VirtualNetwork(network) => network.prefixes[0].to_string(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            prefixes,
            ["10.2.0.0/16", "10.2.0.0/16", "10.1.0.0/16", "10.1.0.0/16"]
        );
    }
    assert_eq!(
        reading(r#"{"changes":[],"status":"Succeeded"}"#, "what-if").facts,
        FactSet::default()
    );
}

#[test]
fn what_azure_could_not_foresee_is_told() {
    let text = format!(
        r#"{{"status":"Failed","error":{{"code":"X","message":"no rights"}},"changes":[
        {{"resourceId":"{NETWORK}/virtualNetworks/a","changeType":"Deploy"}},
        {{"resourceId":"{NETWORK}/virtualNetworks/b","changeType":"Unsupported","unsupportedReason":"its id is not known"}},
        {{"resourceId":"{NETWORK}/virtualNetworks/c","changeType":"Vanish","after":{}}},
        {{"resourceId":"[resourceId('x/y', 'z')]","changeType":"Create","after":{{"type":"Microsoft.Network/virtualNetworks"}}}},
        {{"resourceId":"{NETWORK}/networkSecurityGroups/g","changeType":"Modify","after":{{"type":"Microsoft.Network/networkSecurityGroups","properties":{{"securityRules":[
        {{"name":"ssh","properties":{{"priority":100,"direction":"Inbound","access":"Deny","protocol":"*","sourceAddressPrefix":"[reference('x').ip]","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"22"}}}}]}}}}}}],
        "potentialChanges":[{{"resourceId":"{NETWORK}/virtualNetworks/d","changeType":"Create","after":{{}}}}]}}"#,
        network("c", "10.0.0.0/8")
    );
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(
        told(&reading),
        [
            ("error", "what-if failed, and may not tell all: no rights"),
            (
                "changes[0]",
                "only that it changes is said, not how: run what-if with `--result-format FullResourcePayloads`"
            ),
            (
                "changes[1]",
                "Azure could not foresee what becomes of this resource: its id is not known"
            ),
            ("changes[2]", "`vanish` is no kind of change that is known"),
            (
                "changes[3].resourceId",
                "this is not known: `[resourceId('x/y', 'z')]` was not evaluated"
            ),
            ("changes[3]", "a change without a `resourceId`"),
            (
                "changes[4].after.properties.securityRules[0].properties.sourceAddressPrefix",
                "rule `ssh` is left out, for this is not known: `[reference('x').ip]` was not evaluated"
            ),
            (
                "potentialChanges[0]",
                "1 changes that may or may not come are not taken"
            ),
        ]
    );
    assert_eq!(
        reading.problems[1].resource.as_deref(),
        Some(format!("{NETWORK}/virtualNetworks/a").as_str())
    );
    let [only] = reading.facts.resources.as_slice() else {
        panic!("{:?}", reading.facts);
    };
    let Asset::SecurityGroup(group) = &only.asset else {
        panic!("{only:?}");
    };
    assert_eq!(
        (group.rules.len(), group.left_out.as_slice()),
        (0, &["ssh".to_owned()][..])
    );
}

#[test]
fn security_admin_rules_that_hold_at_a_network() {
    let manager = format!("{NETWORK}/networkManagers/m");
    let collection = format!("{manager}/securityAdminConfigurations/c/ruleCollections/rc");
    let properties = r#""displayName":"no ssh","description":"","priority":10,"protocol":"Tcp","direction":"Inbound","access":"AlwaysAllow",
        "sources":[{"addressPrefix":"Internet","addressPrefixType":"ServiceTag"}],"destinations":[],"sourcePortRanges":[],"destinationPortRanges":["22"],"provisioningState":"Succeeded""#;
    let around = format!(
        r#""id":"{collection}/rules/ssh","kind":"Custom","configurationDescription":"","ruleCollectionDescription":"",
        "ruleCollectionAppliesToGroups":[{{"networkGroupId":"{manager}/networkGroups/prod"}}]"#
    );
    for text in [
        // REST, and the command line, which leaves `properties` away.
        format!(
            r#"{{"skipToken":"","value":[{{{around},"properties":{{{properties}}},
            "ruleGroups":[{{"id":"{manager}/networkGroups/prod","properties":{{"displayName":"","memberType":"Microsoft.Network/virtualNetworks",
            "groupMembers":[{{"resourceId":"{NETWORK}/virtualNetworks/v"}}]}}}}]}}]}}"#
        ),
        format!(
            r#"{{"value":[{{{around},{properties},"ruleGroups":[{{"id":"{manager}/networkGroups/prod","groupMembers":[{{"resourceId":"{NETWORK}/virtualNetworks/v"}}]}}]}}]}}"#
        ),
    ] {
        let facts = reading(&text, "resources").facts;
        let [only] = facts.resources.as_slice() else {
            panic!("{facts:?}");
        };
        assert_eq!(only.id.as_str(), collection);
        let Asset::AdminRules(held) = &only.asset else {
            panic!("{only:?}");
        };
        assert_eq!(
            held.network_groups,
            [ArmId::parse(&format!("{manager}/networkGroups/prod")).unwrap()]
        );
        assert_eq!(
            held.scopes,
            [ArmId::parse(&format!("{NETWORK}/virtualNetworks/v")).unwrap()]
        );
        let rule = &held.rules[0];
        assert_eq!((rule.name.as_str(), rule.priority), ("ssh", 10));
        assert_eq!(rule.source.addresses, [AddressSpec::Tag("Internet".to_owned())]);
        assert_eq!(rule.destination.addresses, [AddressSpec::Any]);
        assert_eq!(rule.destination.ports, [PortRange { first: 22, last: 22 }]);
    }
}

#[test]
fn members_of_a_network_group_are_all_where_no_condition_finds_others() {
    let manager = format!("{NETWORK}/networkManagers/m");
    let group = format!("{manager}/networkGroups/prod");
    let text = |condition: &str, members: &str| {
        format!(
            r#"{{"value":[{{"id":"{manager}/securityAdminConfigurations/c/ruleCollections/rc/rules/ssh","kind":"Custom","region":"westeurope",
            "commitTime":"2026-01-01T00:00:00Z","configurationDisplayName":"c","ruleCollectionAppliesToGroups":[{{"networkGroupId":"{group}"}}],
            "ruleGroups":[{{"id":"{group}","groupMembers":[{members}]{condition}}}],
            "properties":{{"priority":10,"protocol":"Tcp","direction":"Inbound","access":"Deny","destinationPortRanges":["22"]}}}}]}}"#
        )
    };
    let member = format!(r#"{{"resourceId":"{NETWORK}/virtualNetworks/v"}}"#);
    for (condition, members, groups) in [
        (r#","conditionalMembership":"""#, member.as_str(), 0),
        (r#","conditionalMembership":"tags"#, &member, 1),
        ("", &member, 1),
        (r#","conditionalMembership":"""#, "", 1),
    ] {
        let closing = if condition.ends_with("tags") { "\"" } else { "" };
        let reading = read(text(&format!("{condition}{closing}"), members).as_bytes()).unwrap();
        assert_eq!(reading.problems, [], "{condition}");
        let [only] = reading.facts.resources.as_slice() else {
            panic!("{:?}", reading.facts);
        };
        let Asset::AdminRules(held) = &only.asset else {
            panic!("{only:?}");
        };
        assert_eq!(held.network_groups.len(), groups, "{condition} {members}");
    }
}

#[test]
fn a_collection_and_its_rules_by_themselves() {
    let collection = format!("{NETWORK}/networkManagers/m/securityAdminConfigurations/c/ruleCollections/rc");
    let text = format!(
        r#"[{{"id":"{collection}","name":"rc","type":"Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections","appliesToGroups":[{{"networkGroupId":"{NETWORK}/networkManagers/m/networkGroups/prod"}}]}},
        {{"id":"{collection}/rules/a","name":"a","kind":"Custom","priority":1,"protocol":"Any","direction":"Outbound","access":"Deny","sources":[],"destinations":[{{"addressPrefix":"bad!","addressPrefixType":"IPPrefix"}}],"destinationPortRanges":["x"]}},
        {{"id":"{collection}/rules/b","name":"b","kind":"Custom","priority":2,"protocol":"Nothing","direction":"Outbound","access":"Deny"}}]"#
    );
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(reading.problems.len(), 3, "{:?}", reading.problems);
    let [only] = reading.facts.resources.as_slice() else {
        panic!("{:?}", reading.facts);
    };
    let Asset::AdminRules(held) = &only.asset else {
        panic!("{only:?}");
    };
    assert_eq!(held.network_groups.len(), 1);
    // What cannot be read is nothing, not all.
    let rule = &held.rules[0];
    assert_eq!(rule.source.addresses, [AddressSpec::Any]);
    assert_eq!(
        (rule.destination.addresses.len(), rule.destination.ports.len()),
        (0, 0)
    );
    assert_eq!(held.left_out, ["b"]);
}

/// A rule as the view writes it.
fn rule(name: &str, priority: i32, beside: &str) -> String {
    format!(
        r#"{{"name":"{name}","priority":{priority},"direction":"Inbound","access":"Allow","protocol":"TCP","sourceAddressPrefix":"VirtualNetwork","sourcePortRange":"*",
        "destinationAddressPrefix":"*","destinationPortRange":"3389"{beside}}}"#
    )
}

#[test]
fn the_view_of_a_machine_names_groups_by_their_rules() {
    let of = |group: &str, name: &str| {
        format!(r#","id":"{NETWORK}/networkSecurityGroups/{group}/securityRules/{name}""#)
    };
    let expanded = r#","expandedSourceAddressPrefix":["10.1.0.0/16","168.63.129.16/32"]"#;
    let text = format!(
        r#"{{"networkInterfaces":[{{"id":"{NETWORK}/networkInterfaces/n","resourceGroup":"rg","securityRuleAssociations":{{
        "networkInterfaceAssociation":{{"id":"{NETWORK}/networkInterfaces/n","securityRules":[{}]}},
        "subnetAssociation":{{"id":"{NETWORK}/virtualNetworks/v/subnets/web","securityRules":[{}]}},
        "defaultSecurityRules":[{}],
        "effectiveSecurityRules":[{},{},{}]}}}}]}}"#,
        rule("rdp", 1000, &of("own", "rdp")),
        rule("web", 100, &of("subnets", "web")),
        rule("AllowVnetInBound", 65_000, ""),
        rule("UserRule_rdp", 1000, expanded),
        rule("DefaultRule_AllowVnetInBound", 65_000, expanded),
        rule("DefaultInboundDenyAll", 65_500, ""),
    );
    let facts = reading(&text, "security group view").facts;
    let [held] = facts.effective.as_slice() else {
        panic!("{facts:?}");
    };
    assert_eq!(held.interface.as_ref().unwrap().name(), "n");
    let told: Vec<_> = held
        .groups
        .iter()
        .map(|group| {
            let rules = group.rules.iter();
            let rules = rules.map(|rule| (rule.name.as_str(), rule.is_default, rule.source.expanded.len()));
            (
                group.group.as_ref().unwrap().name(),
                group.association.as_ref().unwrap().name(),
                rules.collect(),
            )
        })
        .collect();
    let (vnet, rest) = (("AllowVnetInBound", true, 2), ("DefaultInboundDenyAll", true, 0));
    assert_eq!(
        told,
        [
            ("own", "n", vec![("rdp", false, 2), vnet, rest]),
            ("subnets", "web", vec![("web", false, 0), vnet, rest]),
        ]
    );
}

#[test]
fn a_view_without_groups_has_what_azure_computed() {
    let text = format!(
        r#"{{"networkInterfaces":[{{"securityRuleAssociations":{{"networkInterfaceAssocation":{{"id":"{NETWORK}/networkInterfaces/n","securityRules":[]}},
        "effectiveSecurityRules":[{}]}}}}]}}"#,
        rule("UserRule_default-allow-rdp", 1000, "")
    );
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(
        told(&reading),
        [(
            "networkInterfaces[0].securityRuleAssociations.networkInterfaceAssocation",
            "it names no rule: whether a group guards it is not known from this"
        )]
    );
    let held = &reading.facts.effective[0];
    assert_eq!(held.interface.as_ref().unwrap().name(), "n");
    assert_eq!(held.groups[0].group, None);
    assert_eq!(held.groups[0].rules[0].name, "default-allow-rdp");
}

/// Addresses of tags that stand beside the rules of a group, for those that do not have them with themselves.
#[test]
fn tags_of_a_group_of_effective_rules() {
    let own = r#","expandedSourceAddressPrefix":["10.1.0.0/16"]"#;
    let text = format!(
        r#"{{"value":[{{"networkSecurityGroup":{{"id":"{NETWORK}/networkSecurityGroups/g"}},"association":{{"networkInterface":{{"id":"{NETWORK}/networkInterfaces/n"}}}},
        "tagMap":{{"VirtualNetwork":["10.0.0.0/16","10.77.0.0/16"]}},"effectiveSecurityRules":[{},{},{}]}}]}}"#,
        rule("UserRule_open", 1000, ""),
        rule("UserRule_own", 1001, own),
        rule("UserRule_other", 1002, "").replace("VirtualNetwork", "Storage"),
    );
    let facts = reading(&text, "effective rules").facts;
    let rules = facts.effective[0].groups[0].rules.iter();
    let told: Vec<(&str, String)> = rules
        .map(|rule| {
            let expanded: Vec<String> = rule.source.expanded.iter().map(ToString::to_string).collect();
            (rule.name.as_str(), expanded.join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("open", "10.0.0.0/16 10.77.0.0/16".to_owned()),
            ("own", "10.1.0.0/16".to_owned()),
            ("other", String::new()),
        ]
    );
}

const ROUTES: &str = r#"[{"addressPrefix":["10.1.0.0/16","10.2.0.0/16"],"destinationServiceTags":[],"disableBgpRoutePropagation":false,"hasBgpOverride":false,"name":null,"nextHopIpAddress":[],"nextHopType":"VnetLocal","source":"Default","state":"Active","tagMap":{}},
    {"addressPrefix":["0.0.0.0/0"],"disableBgpRoutePropagation":false,"name":"out","nextHopIpAddress":["10.1.9.4"],"nextHopType":"VirtualAppliance","source":"User","state":"Active"},
    {"addressPrefix":["0.0.0.0/0"],"name":null,"nextHopIpAddress":[],"nextHopType":"Internet","source":"Default","state":"Invalid"}]"#;

#[test]
fn routes_that_hold_at_an_interface() {
    let interface = ArmId::parse(&format!("{NETWORK}/networkInterfaces/n")).unwrap();
    let beside = Beside {
        interface: Some(interface.clone()),
        ..Beside::default()
    };
    let plain = format!(r#"{{"nextLink":null,"value":{ROUTES}}}"#);
    let wrapped = format!(r#"{{"networkInterface":"{interface}","value":{ROUTES}}}"#);
    for (text, beside, expected) in [
        (&plain, &Beside::default(), None),
        (&plain, &beside, Some(&interface)),
        (&wrapped, &Beside::default(), Some(&interface)),
        (&ROUTES.to_owned(), &beside, Some(&interface)),
    ] {
        let reading = read_beside(text.as_bytes(), beside).unwrap();
        assert_eq!((reading.form, reading.problems), ("effective routes", vec![]));
        let [held] = reading.facts.effective_routes.as_slice() else {
            panic!("{:?}", reading.facts);
        };
        assert_eq!(held.interface.as_ref(), expected);
        let [local, out, invalid] = held.routes.as_slice() else {
            panic!("{held:?}");
        };
        assert_eq!((local.prefixes.len(), local.next_hop.as_str()), (2, "VnetLocal"));
        assert_eq!(
            (local.source.as_deref(), local.is_active),
            (Some("Default"), Some(true))
        );
        assert_eq!(
            (out.name.as_deref(), out.source.as_deref()),
            (Some("out"), Some("User"))
        );
        assert_eq!(
            out.next_hop_addresses,
            ["10.1.9.4".parse::<std::net::IpAddr>().unwrap()]
        );
        assert_eq!(invalid.is_active, Some(false));
    }
}

#[test]
fn routes_as_powershell_writes_them_and_wrong_ones() {
    let text = r#"{"Name":"","DisableBgpRoutePropagation":false,"State":"Active","Source":"VirtualNetworkGateway","AddressPrefix":["10.9.0.0/16","x y",7],"NextHopType":"VirtualNetworkGateway","NextHopIpAddress":["1.2.3.4",{}, "z"]}"#;
    let reading = read(text.as_bytes()).unwrap();
    assert_eq!(
        told(&reading),
        [
            (
                "AddressPrefix[2]",
                "`7` is neither an address prefix nor a service tag"
            ),
            ("NextHopIpAddress[2]", "`z` is not an address"),
        ]
    );
    let route = &reading.facts.effective_routes[0].routes[0];
    assert_eq!(
        (route.prefixes.len(), route.tags.as_slice()),
        (1, &["x y".to_owned()][..])
    );
    assert_eq!(route.next_hop_addresses.len(), 1);
}

#[test]
fn facts_of_before_still_read() {
    let of_before = r#"{"resources":[{"id":"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/g","location":null,"guid":null,"tags":{},
        "asset":{"SecurityGroup":{"rules":[],"subnets":[],"interfaces":[]}}},
        {"id":"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkManagers/m/securityAdminConfigurations/c/ruleCollections/r","location":null,"guid":null,"tags":{},
        "asset":{"AdminRules":{"rules":[],"scopes":[]}}}],"effective":[],"tags":null}"#;
    let facts: FactSet = serde_json::from_str(of_before).unwrap();
    assert_eq!(facts.resources.len(), 2);
    // Nothing new is written where there is nothing new.
    let written: serde_json::Value = serde_json::to_value(&facts).unwrap();
    assert_eq!(
        written,
        serde_json::from_str::<serde_json::Value>(of_before).unwrap()
    );
}
