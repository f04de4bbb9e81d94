//! Flow by flow: what is not known, what was logged otherwise, and what Azure computed.

use enrich::Index;
use inventory::{Reading, read};
use model::facts::{FactSet, Mac};
use model::{Direction, RuleKind};
use nsg::Flow;
use serde_json::{Value, json};
use why::replay::{Impact, Overlay, Proposal, ProposalKind, Replay, Replayed};
use why::{LoggedFlow, Sums};

const AROUND: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
pub(crate) const MAC: &str = "000D3A000001";

pub(crate) fn id(rest: &str) -> String {
    format!("{AROUND}/{rest}")
}

pub(crate) fn rule(name: &str, priority: u32, access: &str, source: &str, port: &str) -> Value {
    json!({ "name": name, "priority": priority, "direction": "Inbound", "access": access, "protocol": "Tcp",
        "sourceAddressPrefix": source, "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": port })
}

pub(crate) fn group(name: &str, rules: &[Value]) -> Value {
    json!({ "id": id(&format!("networkSecurityGroups/{name}")), "name": name, "location": "westeurope",
        "type": "Microsoft.Network/networkSecurityGroups", "securityRules": rules })
}

pub(crate) fn subnet(group: Option<&str>) -> Value {
    json!({ "id": id("virtualNetworks/vnet/subnets/web"), "name": "web", "addressPrefix": "10.0.0.0/24",
        "networkSecurityGroup": group.map(|name| json!({ "id": id(&format!("networkSecurityGroups/{name}")) })) })
}

pub(crate) fn interface(group: Option<&str>) -> Value {
    json!({ "id": id("networkInterfaces/nic"), "macAddress": MAC, "ipConfigurations": [{ "name": "one",
        "privateIPAddress": "10.0.0.4", "subnet": { "id": id("virtualNetworks/vnet/subnets/web") } }],
        "networkSecurityGroup": group.map(|name| json!({ "id": id(&format!("networkSecurityGroups/{name}")) })) })
}

/// A machine in a subnet that `nsg` guards, and what else there is.
fn facts(rules: &[Value], more: &[Value]) -> FactSet {
    let mut all = vec![
        interface(None),
        json!({ "id": id("virtualNetworks/vnet"), "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] },
            "subnets": [subnet(Some("nsg"))] }),
        group("nsg", rules),
    ];
    all.extend(more.iter().cloned());
    read(Value::from(all).to_string().as_bytes()).unwrap().facts
}

fn gateway() -> Value {
    let subnet = json!({ "id": id("virtualNetworks/vnet/subnets/GatewaySubnet") });
    json!({ "id": id("virtualNetworkGateways/gw"), "name": "gw", "type": "Microsoft.Network/virtualNetworkGateways",
        "gatewayType": "Vpn", "ipConfigurations": [{ "name": "one", "subnet": subnet }] })
}

pub(crate) fn proposal(documents: &[Value]) -> Proposal {
    let reading: Reading = read(Value::from(documents.to_vec()).to_string().as_bytes()).unwrap();
    Proposal {
        facts: reading.facts,
        by_itself: reading.by_itself,
        gone: reading.gone,
        kind: ProposalKind::List,
    }
}

/// The number of `nsg`, by which some logs name it.
const NUMBER: &str = "0f1e2d3c-0000-0000-0000-000000000001";

/// From where, to which port, whether it was let through, and by which rule of `nsg`.
type Logged<'l> = (&'l str, u16, bool, &'l str);

fn impacts(now: &FactSet, proposed: &[Value], logged: &[Logged<'_>]) -> (Vec<Impact>, Replayed, Overlay) {
    let group = id("networkSecurityGroups/nsg").to_ascii_lowercase();
    impacts_of(&group, now, proposed, logged)
}

fn impacts_of(
    group: &str,
    now: &FactSet,
    proposed: &[Value],
    logged: &[Logged<'_>],
) -> (Vec<Impact>, Replayed, Overlay) {
    let overlay = Overlay::of(now, &[proposal(proposed)]);
    let index = Index::of(now);
    let mut replay = Replay::new(now, &index, &overlay);
    let impacts = logged.iter().map(|(source, port, is_allowed, rule)| {
        replay.take(&LoggedFlow {
            mac: Mac::parse(MAC),
            flow: Flow {
                direction: Direction::Inbound,
                protocol: 6,
                source: source.parse().unwrap(),
                source_port: 0,
                destination: "10.0.0.4".parse().unwrap(),
                destination_port: *port,
            },
            has_source_port: false,
            is_allowed: *is_allowed,
            rule_kind: match rule.ends_with("inbound") {
                true => RuleKind::Default,
                false => RuleKind::User,
            },
            rule,
            group,
            sums: Sums {
                lines: 1,
                ..Sums::default()
            },
        })
    });
    let impacts = impacts.collect();
    (impacts, replay.finish(1), overlay)
}

const HOME: &str = "192.168.1.1";

/// Whether what lies behind a gateway is inside of `VirtualNetwork` is not known, but it is one thing now and then.
#[test]
fn what_is_not_known_is_the_same_now_and_then() {
    use Impact::{NewlyDenied, NewlyPermitted, NotImpacted};

    let https = || rule("AllowHttps", 100, "Allow", "*", "443");
    let now = facts(&[https()], &[gateway()]);
    let logged = [
        (HOME, 22, false, "denyallinbound"),
        (HOME, 22, true, "allowvnetinbound"),
        (HOME, 9999, false, "denyallinbound"),
        (HOME, 9999, true, "allowvnetinbound"),
    ];
    for (added, expected) in [
        // Another port.
        (
            rule("Deny", 200, "Deny", "*", "9999"),
            [NotImpacted, NotImpacted, NotImpacted, NewlyDenied],
        ),
        (
            rule("Allow", 200, "Allow", "*", "9999"),
            [NotImpacted, NotImpacted, NewlyPermitted, NotImpacted],
        ),
        // The same question decides.
        (rule("Deny", 200, "Deny", "Internet", "22"), [NotImpacted; 4]),
        (
            rule("Allow", 200, "Allow", "Internet", "22"),
            [NewlyPermitted, NotImpacted, NotImpacted, NotImpacted],
        ),
        (
            rule("Allow", 200, "Allow", "VirtualNetwork", "22"),
            [NotImpacted; 4],
        ),
        (
            rule("Deny", 200, "Deny", "VirtualNetwork", "22"),
            [NotImpacted, NewlyDenied, NotImpacted, NotImpacted],
        ),
    ] {
        let (found, ..) = impacts(&now, &[group("nsg", &[https(), added.clone()])], &logged);
        assert_eq!(found, expected, "{added}");
    }
}

/// A rule of which nothing but the name can be read leaves its group open: now as then.
#[test]
fn a_rule_that_cannot_be_read_is_the_same_rule_then() {
    let lost = json!({ "name": "Lost" });
    let web = rule("Web", 300, "Allow", "*", "80");
    let now = facts(&[lost.clone(), web.clone()], &[]);
    let added = rule("Deny", 200, "Deny", "*", "9999");
    let logged = [
        ("203.0.113.9", 80, true, "web"),
        ("203.0.113.9", 9999, true, "lost"),
    ];
    let (found, ..) = impacts(&now, &[group("nsg", &[lost, web.clone(), added])], &logged);
    // It is not known whether it is asked before the rule that is added.
    assert_eq!(found, [Impact::NotImpacted, Impact::Indeterminate]);
    // Where it goes, what it did is not known.
    let (found, ..) = impacts(&now, &[group("nsg", &[web])], &logged);
    assert_eq!(found, [Impact::NotImpacted, Impact::NewlyDenied]);
}

/// So it is where traffic with the host is asked about.
#[test]
fn what_is_not_known_of_the_host_is_the_same_then() {
    let lost = json!({ "name": "Lost" });
    let now = facts(std::slice::from_ref(&lost), &[]);
    let logged = [
        ("168.63.129.16", 80, true, ""),
        ("168.63.129.16", 80, false, "lost"),
    ];
    let added = rule("Deny", 200, "Deny", "*", "9999");
    let (found, ..) = impacts(&now, &[group("nsg", &[lost.clone(), added])], &logged);
    assert_eq!(found, [Impact::NotImpacted; 2]);
    let of_host = rule("Metadata", 200, "Deny", "AzurePlatformIMDS", "*");
    let (found, ..) = impacts(&now, &[group("nsg", &[lost, of_host])], &logged);
    assert_eq!(found, [Impact::Indeterminate; 2]);
}

#[test]
fn a_property_that_is_not_known_leaves_open_what_its_rule_may_decide() {
    let web = |more: &[(&str, Value)]| {
        let mut rule = rule("Web", 100, "Allow", "*", "443");
        for (name, value) in more {
            rule[*name] = value.clone();
        }
        rule
    };
    let logged = [
        ("203.0.113.9", 443, true, "web"),
        ("203.0.113.9", 444, false, "denyallinbound"),
    ];
    let now = facts(&[web(&[])], &[]);
    for (more, expected) in [
        // Beside what it says, or instead of it.
        (
            vec![("sourceAddressPrefx", json!("10.0.0.0/8"))],
            [Impact::Indeterminate, Impact::NotImpacted],
        ),
        (
            vec![
                ("sourceAddressPrefx", json!("10.0.0.0/8")),
                ("sourceAddressPrefix", Value::Null),
            ],
            [Impact::Indeterminate, Impact::NotImpacted],
        ),
        (
            vec![("acces", json!("Deny"))],
            [Impact::Indeterminate, Impact::NotImpacted],
        ),
        (
            vec![("sourceIpGroups", json!([{ "id": "/x" }]))],
            [Impact::Indeterminate, Impact::NotImpacted],
        ),
        // Of a rule whose number may be another one nothing is known.
        (
            vec![("priorty", json!(4000))],
            [Impact::Indeterminate, Impact::Indeterminate],
        ),
    ] {
        let proposed = [group("nsg", &[web(&more)])];
        let (found, ..) = impacts(&now, &proposed, &logged);
        assert_eq!(found, expected, "{more:?}");
        // If it is known no better now, nothing changes.
        let (found, replayed, _) = impacts(&facts(&[web(&more)], &[]), &proposed, &logged);
        assert_eq!(found, [Impact::NotImpacted; 2], "{more:?}");
        assert_eq!(replayed.logged_otherwise.keys, 0, "{more:?}");
    }
}

#[test]
fn a_group_of_applications_that_is_not_there_is_told() {
    let now = facts(&[], &[]);
    let mut named = rule("FromApps", 100, "Allow", "*", "443");
    named["sourceAddressPrefix"] = Value::Null;
    named["sourceApplicationSecurityGroups"] = json!([{ "id": id("applicationSecurityGroups/asg-gone") }]);
    let logged = [
        ("10.0.0.9", 443, false, "denyallinbound"),
        ("10.0.0.9", 22, true, "allowvnetinbound"),
    ];
    let deny = rule("Deny", 200, "Deny", "10.0.0.0/8", "443");
    let (found, _, overlay) = impacts(&now, &[group("nsg", &[named.clone(), deny.clone()])], &logged);
    assert_eq!(found, [Impact::Indeterminate, Impact::NotImpacted]);
    let [problem] = overlay.problems.as_slice() else {
        panic!("{:?}", overlay.problems);
    };
    assert_eq!(
        problem.path,
        "securityRules.FromApps.sourceApplicationSecurityGroups"
    );
    assert_eq!(problem.resource.as_ref().unwrap().name(), "nsg");
    assert!(
        problem
            .message
            .starts_with("application security group `asg-gone`, which rule `FromApps` names")
    );
    // One that is proposed too is there, and has no members.
    let apps = json!({ "id": id("applicationSecurityGroups/asg-gone"), "name": "asg-gone",
        "type": "Microsoft.Network/applicationSecurityGroups" });
    let (_, _, overlay) = impacts(&now, &[group("nsg", &[named.clone(), deny]), apps], &logged);
    assert_eq!(overlay.problems, []);
    // A rule that stays as it is is not the proposal's to mend.
    let now = facts(std::slice::from_ref(&named), &[]);
    let (_, _, overlay) = impacts(
        &now,
        &[group("nsg", &[named, rule("More", 300, "Allow", "*", "80")])],
        &logged,
    );
    assert_eq!(overlay.problems, []);
}

/// The log is the witness of what happened.
#[test]
fn where_log_and_rules_disagree_the_log_counts() {
    use Impact::{Indeterminate, NewlyDenied, NewlyPermitted, NotImpacted};

    let office = || rule("Office", 110, "Allow", "10.0.0.0/8", "443");
    let web = || rule("Web", 200, "Allow", "*", "80");
    let now = facts(&[office(), web()], &[]);
    let logged = [
        // The rules of now turn it away.
        ("203.0.113.9", 443, true, "office"),
        // And let these in.
        ("203.0.113.9", 80, false, "denyallinbound"),
        // Here they agree.
        ("203.0.113.9", 81, false, "denyallinbound"),
        ("10.0.0.9", 443, true, "office"),
    ];
    for (rules, expected) in [
        (
            vec![office(), web(), rule("More", 300, "Allow", "*", "8080")],
            [NotImpacted; 4],
        ),
        // The rule that let it in is gone, narrower, or another decides before it.
        (
            vec![web()],
            [Indeterminate, NotImpacted, NotImpacted, NotImpacted],
        ),
        (
            vec![rule("Office", 110, "Allow", "10.9.0.0/16", "443"), web()],
            [Indeterminate, NotImpacted, NotImpacted, NotImpacted],
        ),
        (
            vec![rule("No", 100, "Deny", "203.0.113.0/24", "*"), office(), web()],
            [Indeterminate, NotImpacted, NotImpacted, NotImpacted],
        ),
        // It is let in then, as it was.
        (
            vec![rule("Office", 110, "Allow", "*", "443"), web()],
            [NotImpacted; 4],
        ),
        // It was turned away, and is.
        (vec![office()], [NotImpacted; 4]),
        // What agrees is judged as ever.
        (
            vec![
                office(),
                rule("Web", 200, "Allow", "*", "80-81"),
                rule("No", 100, "Deny", "10.0.0.9", "*"),
            ],
            [NotImpacted, Indeterminate, NewlyPermitted, NewlyDenied],
        ),
    ] {
        let (found, replayed, _) = impacts(&now, &[group("nsg", &rules)], &logged);
        assert_eq!(found, expected, "{rules:?}");
        assert_eq!(replayed.logged_otherwise.keys, 2);
        let mut numbered = now.clone();
        let groups = numbered
            .resources
            .iter_mut()
            .filter(|held| held.id.name() == "nsg");
        groups.for_each(|held| held.guid = Some(NUMBER.to_ascii_uppercase()));
        let (by_number, ..) = impacts_of(NUMBER, &numbered, &[group("nsg", &rules)], &logged);
        assert_eq!(by_number, expected, "{rules:?}");
        let doubtful = u64::from(expected.first() == Some(&Indeterminate));
        assert_eq!(replayed.doubtful.keys, doubtful, "{rules:?}");
    }
}

/// What Azure computed of `VirtualNetwork` does not change with a group, nor with who is guarded by which.
#[test]
fn what_azure_computed_of_tags_outlives_the_group() {
    let written = |name: &str, priority: u32, access: &str, source: &str, port: &str, expanded: &[&str]| {
        let mut rule = rule(name, priority, access, source, port);
        rule["expandedSourceAddressPrefix"] = json!(expanded);
        rule
    };
    let effective = json!({ "value": [{
        "networkSecurityGroup": { "id": id("networkSecurityGroups/nsg") },
        "association": { "networkInterface": { "id": id("networkInterfaces/nic") }, "subnet": null },
        "effectiveSecurityRules": [
            written("securityRules/Apps", 100, "Allow", "Apps.Zone", "80", &["198.51.100.0/24"]),
            written("defaultSecurityRules/AllowVnetInBound", 65_000, "Allow", "VirtualNetwork", "0-65535", &["10.0.0.0/16", "10.123.0.0/16"]),
            rule("defaultSecurityRules/DenyAllInBound", 65_500, "Deny", "*", "0-65535"),
        ],
    }] });
    let apps = || rule("Apps", 100, "Allow", "Apps.Zone", "80");
    let mut now = facts(&[apps()], &[group("other", &[])]);
    now.effective = read(effective.to_string().as_bytes()).unwrap().facts.effective;
    // The file's list is that of the interface; what it says is of the subnet's group.
    for group in now.effective.iter_mut().flat_map(|held| &mut held.groups) {
        group.association = model::facts::ArmId::parse(&id("virtualNetworks/vnet/subnets/web"));
    }
    let logged = [
        ("10.123.4.5", 22, true, "allowvnetinbound"),
        ("198.51.100.7", 80, true, "apps"),
        ("203.0.113.9", 22, false, "denyallinbound"),
    ];
    let deny = rule("Deny", 4000, "Deny", "*", "9999");
    let other = rule("Apps", 110, "Allow", "Apps.Zone", "80");
    for (proposed, expected) in [
        // The group changes, and what Azure made of its tags stays.
        (
            vec![group("nsg", &[apps(), deny.clone()])],
            [Impact::NotImpacted; 3],
        ),
        (
            vec![group("nsg", &[other.clone(), deny.clone()])],
            [Impact::NotImpacted; 3],
        ),
        // Another group guards.
        (
            vec![group("other", &[other.clone(), deny]), subnet(Some("other"))],
            [Impact::NotImpacted; 3],
        ),
        // And it guards the interface, not the subnet.
        (
            vec![
                group("other", std::slice::from_ref(&other)),
                subnet(None),
                interface(Some("other")),
            ],
            [Impact::NotImpacted; 3],
        ),
        (
            vec![group("other", &[]), subnet(Some("other"))],
            [Impact::NotImpacted, Impact::NewlyDenied, Impact::NotImpacted],
        ),
    ] {
        let (found, ..) = impacts(&now, &proposed, &logged);
        assert_eq!(found, expected, "{proposed:?}");
    }
}

/// Whether a rule for `VirtualNetwork` matches is not known; if all rules of now stay, only what is new turns away what they let in.
#[test]
fn the_only_new_rule_that_can_turn_a_flow_away_is_named() {
    let https = || rule("AllowHttps", 100, "Allow", "*", "443");
    let now = facts(&[https()], &[gateway()]);
    let deny = |name: &str, priority: u32| rule(name, priority, "Deny", "VirtualNetwork", "22");
    let logged = [(HOME, 22, true, "allowvnetinbound")];
    for (proposed, expected) in [
        (vec![https(), deny("Deny", 200)], "nsg/Deny"),
        // Behind one that matches in the same case another is not asked.
        (vec![https(), deny("Deny", 200), deny("Other", 210)], "nsg/Deny"),
        (vec![deny("Deny", 200)], "not known"),
    ] {
        let (found, replayed, _) = impacts(&now, &[group("nsg", &proposed)], &logged);
        assert_eq!(found, [Impact::NewlyDenied]);
        let after = replayed.by_rule.largest()[0].0.after.to_string();
        assert_eq!(after, expected, "{proposed:?}");
    }
}
