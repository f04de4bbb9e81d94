//! Rules and guards that a document leaves open: what they may decide is not known, whatever writes the document.

use enrich::Index;
use inventory::{Reading, read};
use model::Direction;
use model::RuleKind;
use model::facts::{ArmId, Asset, FactSet, Mac, SecurityGroup};
use nsg::Flow;
use serde_json::{Value, json};
use why::replay::{Impact, Overlay, Proposal, ProposalKind, Replay};
use why::{LoggedFlow, Sums};

const AROUND: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const MAC: &str = "000D3A000001";

fn id(rest: &str) -> String {
    format!("{AROUND}/{rest}")
}

fn rule(name: &str, priority: u32, access: &str, port: &str) -> Value {
    json!({ "name": name, "priority": priority, "direction": "Inbound", "access": access, "protocol": "Tcp",
        "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": port })
}

/// A machine in a subnet that `nsg` guards: 443 is let in.
fn now() -> FactSet {
    let subnet = id("virtualNetworks/vnet/subnets/web");
    let all = json!([
        { "id": id("networkInterfaces/nic"), "macAddress": MAC, "ipConfigurations": [{ "name": "one",
            "privateIPAddress": "10.0.0.4", "subnet": { "id": subnet } }] },
        { "id": id("virtualNetworks/vnet"), "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] },
            "subnets": [{ "id": subnet, "name": "web", "addressPrefix": "10.0.0.0/24",
                "networkSecurityGroup": { "id": id("networkSecurityGroups/nsg") } }] },
        { "id": id("networkSecurityGroups/nsg"), "name": "nsg", "location": "westeurope",
            "securityRules": [rule("AllowHttps", 100, "Allow", "443")] },
    ]);
    read(all.to_string().as_bytes()).unwrap().facts
}

/// What becomes of what was let in and of what was turned away.
fn impacts(now: &FactSet, reading: &Reading, kind: ProposalKind) -> [Impact; 2] {
    let overlay = Overlay::of(
        now,
        &[Proposal {
            facts: reading.facts.clone(),
            by_itself: reading.by_itself.clone(),
            gone: reading.gone.clone(),
            kind,
        }],
    );
    let index = Index::of(now);
    let mut replay = Replay::new(now, &index, &overlay);
    let logged = [(443, true, "allowhttps"), (22, false, "denyallinbound")];
    logged.map(|(port, is_allowed, rule)| {
        replay.take(&LoggedFlow {
            mac: Mac::parse(MAC),
            flow: Flow {
                direction: Direction::Inbound,
                protocol: 6,
                source: "203.0.113.9".parse().unwrap(),
                source_port: 0,
                destination: "10.0.0.4".parse().unwrap(),
                destination_port: port,
            },
            has_source_port: false,
            is_allowed,
            rule_kind: match is_allowed {
                false => RuleKind::Default,
                true => RuleKind::User,
            },
            rule,
            group: &id("networkSecurityGroups/nsg").to_ascii_lowercase(),
            sums: Sums {
                lines: 1,
                ..Sums::default()
            },
        })
    })
}

fn told(reading: &Reading) -> String {
    let problems = reading.problems.iter();
    problems
        .map(|problem| format!("{}: {}\n", problem.path, problem.message))
        .collect()
}

fn group_resource(properties: &Value) -> Value {
    json!({ "type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2023-09-01", "name": "nsg",
        "location": "westeurope", "properties": properties })
}

fn template(resource: &Value) -> Value {
    json!({ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": { "rules": { "type": "array" }, "p": { "type": "object" }, "nsg": { "type": "string" } },
        "variables": { "own": [rule("Deny", 200, "Deny", "22")] },
        "resources": [resource] })
}

#[test]
fn rules_of_a_template_that_cannot_be_known_leave_their_group_open() {
    let rule_of_its_own = json!({ "type": "Microsoft.Network/networkSecurityGroups/securityRules", "name": "nsg/AllowHttps",
        "apiVersion": "2023-09-01", "condition": "[parameters('p').on]",
        "properties": rule("AllowHttps", 100, "Deny", "443") });
    for resource in [
        group_resource(&json!({ "securityRules": "[parameters('rules')]" })),
        group_resource(&json!({ "securityRules": "[concat(parameters('rules'), variables('own'))]" })),
        group_resource(&json!({ "securityRules": ["[parameters('rules')[0]]"] })),
        group_resource(
            &json!({ "securityRules": [{ "name": "[parameters('nsg')]", "properties": rule("A", 100, "Deny", "443") }] }),
        ),
        group_resource(
            &json!({ "copy": [{ "name": "securityRules", "count": "[length(parameters('rules'))]",
            "input": { "name": "x", "properties": {} } }] }),
        ),
        group_resource(&json!("[parameters('p')]")),
        rule_of_its_own,
    ] {
        let reading = read(template(&resource).to_string().as_bytes()).unwrap();
        assert!(
            told(&reading).contains("not known"),
            "{resource}: {}",
            told(&reading)
        );
        let found = impacts(&now(), &reading, ProposalKind::Deployment);
        assert_eq!(found, [Impact::Indeterminate; 2], "{resource}");
    }
}

#[test]
fn rules_of_what_if_that_cannot_be_known_leave_their_group_open() {
    let nsg = id("networkSecurityGroups/nsg");
    for change in [
        json!({ "resourceId": nsg, "changeType": "Modify",
            "after": { "id": nsg, "properties": { "securityRules": "[parameters('rules')]" } } }),
        json!({ "resourceId": nsg, "changeType": "Modify" }),
        json!({ "resourceId": nsg, "changeType": "Unsupported", "unsupportedReason": "r" }),
    ] {
        let text = json!({ "status": "Succeeded", "changes": [change] }).to_string();
        let reading = read(text.as_bytes()).unwrap();
        assert_ne!(reading.problems, [], "{text}");
        let found = impacts(&now(), &reading, ProposalKind::Deployment);
        assert_eq!(found, [Impact::Indeterminate; 2], "{text}");
    }
}

#[test]
fn a_guard_that_cannot_be_known_is_not_none() {
    for (guard, expected) in [
        (json!({ "id": "[parameters('nsg')]" }), [Impact::Indeterminate; 2]),
        (json!("[parameters('p')]"), [Impact::Indeterminate; 2]),
        // Nothing at all is none.
        (json!(null), [Impact::NotImpacted, Impact::NewlyPermitted]),
    ] {
        let subnet = json!({ "type": "Microsoft.Network/virtualNetworks/subnets", "apiVersion": "2023-09-01",
            "name": "vnet/web", "properties": { "addressPrefix": "10.0.0.0/24", "networkSecurityGroup": guard } });
        let reading = read(template(&subnet).to_string().as_bytes()).unwrap();
        assert_eq!(reading.problems.is_empty(), guard.is_null(), "{}", told(&reading));
        let found = impacts(&now(), &reading, ProposalKind::Deployment);
        assert_eq!(found, expected, "{guard}");
    }
}

/// A plan of one group whose list is to come; with a rule of its own in the same plan.
fn plan(actions: &[&str], open: &Value, single: bool) -> Reading {
    let address = "azurerm_network_security_group.nsg";
    let values = json!({ "id": id("networkSecurityGroups/nsg"), "name": "nsg", "resource_group_name": "rg",
        "location": "westeurope" });
    let mut changes = vec![
        json!({ "address": address, "type": "azurerm_network_security_group",
        "change": { "actions": actions, "after": values, "after_unknown": { "security_rule": open } } }),
    ];
    if single {
        changes.push(json!({ "address": "azurerm_network_security_rule.a", "type": "azurerm_network_security_rule",
            "change": { "actions": ["create"], "after": { "name": "a", "network_security_group_name": "NSG" } } }));
    }
    let text = json!({ "terraform_version": "1.9.0", "resource_changes": changes,
        "planned_values": { "root_module": { "resources": [
            { "address": address, "type": "azurerm_network_security_group", "values": values }] } } });
    read(text.to_string().as_bytes()).unwrap()
}

#[test]
fn rules_that_terraform_knows_only_after_apply_leave_their_group_open() {
    for (actions, open, single) in [
        (vec!["update"], json!(true), false),
        (vec!["update"], json!([true]), false),
        (vec!["create"], json!(true), false),
        (vec!["update"], json!(true), true),
    ] {
        let reading = plan(&actions, &open, single);
        assert_eq!(
            told(&reading),
            "planned_values.root_module.resources[0].values: `security_rule` of `azurerm_network_security_group.nsg` is known only after apply: \
             which rules the group has is not known, nor what becomes of flows that they may decide\n"
        );
        let found = impacts(&now(), &reading, ProposalKind::Plan);
        assert_eq!(found, [Impact::Indeterminate; 2], "{actions:?} {open}");
    }
    // The provider fills in the list of a group that is made of rules of their own.
    let reading = plan(&["delete", "create"], &json!(true), true);
    assert_eq!(told(&reading), "");
    assert!(reading.facts.resources.iter().all(|held| match &held.asset {
        Asset::SecurityGroup(group) => group.left_out.is_empty(),
        _ => true,
    }));
}

/// What is not known now and is left open by what is proposed need not be the same.
#[test]
fn what_is_not_known_now_may_become_another_thing() {
    let each = |change: fn(&mut Asset)| {
        let mut now = now();
        now.resources.iter_mut().for_each(|held| change(&mut held.asset));
        now
    };
    let open_rules = each(|asset| {
        if let Asset::SecurityGroup(group) = asset {
            group.left_out = vec![SecurityGroup::NOT_KNOWN.to_owned()];
        }
    });
    let open_rule = each(|asset| {
        if let Asset::SecurityGroup(group) = asset {
            group.left_out = vec!["Other".to_owned()];
        }
    });
    let open_guard = each(|asset| {
        if let Asset::Subnet(subnet) = asset {
            subnet.security_group = ArmId::group_to_come();
        }
    });
    let read_template = |resource: &Value| read(template(resource).to_string().as_bytes()).unwrap();
    let rules = read_template(&group_resource(
        &json!({ "securityRules": "[parameters('rules')]" }),
    ));
    let one = read_template(
        &json!({ "type": "Microsoft.Network/networkSecurityGroups/securityRules", "name": "nsg/Other",
        "apiVersion": "2023-09-01", "properties": "[parameters('p')]" }),
    );
    let guard = read_template(
        &json!({ "type": "Microsoft.Network/virtualNetworks/subnets", "apiVersion": "2023-09-01",
        "name": "vnet/web", "properties": { "addressPrefix": "10.0.0.0/24",
            "networkSecurityGroup": { "id": "[parameters('nsg')]" } } }),
    );
    for (now, reading) in [(&open_rules, &rules), (&open_rule, &one), (&open_guard, &guard)] {
        let found = impacts(now, reading, ProposalKind::Deployment);
        assert_eq!(found, [Impact::Indeterminate; 2], "{}", told(reading));
    }
    // A change that is about something else leaves it as it is.
    let other = json!([{ "id": id("networkSecurityGroups/other"), "name": "other", "location": "westeurope",
        "securityRules": [rule("x", 100, "Deny", "443")] }]);
    let other = read(other.to_string().as_bytes()).unwrap();
    for now in [&open_rules, &open_rule, &open_guard] {
        let found = impacts(now, &other, ProposalKind::List);
        assert_eq!(found, [Impact::NotImpacted; 2]);
    }
}

/// A network of which a plan leaves open which groups guard the subnets that stand in it.
#[test]
fn a_guard_of_an_inline_subnet_that_terraform_knows_only_after_apply() {
    let plan = |open: &Value, group: &Value| {
        let address = "azurerm_virtual_network.v";
        let mut subnet = json!({ "id": id("virtualNetworks/vnet/subnets/web"), "name": "web", "address_prefix": "10.0.0.0/24" });
        if !group.is_null() {
            subnet["security_group"] = group.clone();
        }
        let values = json!({ "id": id("virtualNetworks/vnet"), "name": "vnet", "resource_group_name": "rg", "location": "westeurope",
            "address_space": ["10.0.0.0/16"], "subnet": [subnet] });
        let text = json!({ "terraform_version": "1.9.0", "resource_changes": [{ "address": address, "type": "azurerm_virtual_network",
            "change": { "actions": ["update"], "after": values, "after_unknown": { "subnet": open } } }],
            "planned_values": { "root_module": { "resources": [
                { "address": address, "type": "azurerm_virtual_network", "values": values }] } } });
        read(text.to_string().as_bytes()).unwrap()
    };
    for open in [
        json!([{ "security_group": true }]),
        json!([{}, { "id": true, "security_group": true }]),
        json!([true]),
    ] {
        let reading = plan(&open, &Value::Null);
        assert!(
            told(&reading).contains(
                "`subnet.security_group` of `azurerm_virtual_network.v` is known only after apply: which group is to guard `web` is not known"
            ),
            "{}",
            told(&reading)
        );
        let found = impacts(&now(), &reading, ProposalKind::Plan);
        assert_eq!(found, [Impact::Indeterminate; 2], "{open}");
    }
    let known = plan(
        &json!([{ "security_group": true }]),
        &json!(id("networkSecurityGroups/nsg")),
    );
    assert_eq!(told(&known), "");
    assert_eq!(
        impacts(&now(), &known, ProposalKind::Plan),
        [Impact::NotImpacted; 2]
    );
    let quiet = plan(&json!([{}]), &Value::Null);
    assert_eq!(told(&quiet), "");
}
