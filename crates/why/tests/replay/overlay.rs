//! What is proposed, in the forms in which people have it, over the facts of a small network.

use model::facts::{Asset, FactSet, SecurityGroup};
use serde_json::json;
use why::replay::{Overlay, Proposal, ProposalKind};

const GROUP: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg-web";
const OTHER: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg-app";
const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet";

fn rule(name: &str, priority: u32, access: &str) -> serde_json::Value {
    json!({ "name": name, "priority": priority, "direction": "Inbound", "access": access, "protocol": "Tcp",
        "sourceAddressPrefix": "10.0.0.0/8", "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": "443" })
}

fn group(id: &str, rules: &[serde_json::Value]) -> serde_json::Value {
    json!({ "id": id, "type": "Microsoft.Network/networkSecurityGroups", "location": "westeurope", "securityRules": rules })
}

fn subnet(name: &str, group: Option<&str>) -> serde_json::Value {
    json!({ "id": format!("{NETWORK}/subnets/{name}"), "name": name, "addressPrefix": "10.0.0.0/24",
        "networkSecurityGroup": group.map(|id| json!({ "id": id })) })
}

fn read(document: &serde_json::Value, kind: ProposalKind) -> Proposal {
    let reading = inventory::read(document.to_string().as_bytes()).unwrap();
    assert_eq!(reading.problems, []);
    Proposal {
        facts: reading.facts,
        by_itself: reading.by_itself,
        gone: reading.gone,
        kind,
    }
}

fn now() -> FactSet {
    let document = json!([
        group(
            GROUP,
            &[rule("AllowWeb", 100, "Allow"), rule("DenyRest", 200, "Deny")]
        ),
        group(OTHER, &[]),
        subnet("web", Some(GROUP)),
        subnet("app", Some(GROUP)),
    ]);
    read(&document, ProposalKind::List).facts
}

fn over(proposals: &[Proposal]) -> Overlay {
    Overlay::of(&now(), proposals)
}

fn group_in<'f>(facts: &'f FactSet, id: &str) -> Option<&'f SecurityGroup> {
    let held = facts.resources.iter().find(|held| held.id.as_str() == id)?;
    match &held.asset {
        Asset::SecurityGroup(group) => Some(group),
        _ => None,
    }
}

fn rules(overlay: &Overlay, id: &str) -> Vec<String> {
    let group = group_in(&overlay.facts, id).unwrap();
    let mut rules: Vec<String> = group
        .rules
        .iter()
        .map(|rule| format!("{} {}", rule.priority, rule.name))
        .collect();
    rules.sort();
    rules
}

fn guards(overlay: &Overlay, subnet: &str) -> Option<String> {
    let held = overlay
        .facts
        .resources
        .iter()
        .find(|held| held.id.name() == subnet)
        .unwrap();
    match &held.asset {
        Asset::Subnet(held) => held.security_group.as_ref().map(|id| id.name().to_owned()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_group_that_is_listed_is_said_anew() {
    let overlay = over(&[read(
        &json!([group(GROUP, &[rule("AllowAll", 150, "Allow")])]),
        ProposalKind::List,
    )]);
    assert_eq!(rules(&overlay, GROUP), ["150 AllowAll"]);
    assert_eq!(guards(&overlay, "web").as_deref(), Some("nsg-web"));
    assert_eq!(overlay.changes.len(), 1);
    assert!(!overlay.is_wide);
}

#[test]
fn a_subnet_that_is_listed_without_a_group_has_none() {
    let overlay = over(&[read(&json!([subnet("web", None)]), ProposalKind::List)]);
    assert_eq!(guards(&overlay, "web"), None);
    assert_eq!(guards(&overlay, "app").as_deref(), Some("nsg-web"));
}

#[test]
fn a_group_that_lists_whom_it_guards_lets_go_of_the_others() {
    let mut listed = group(GROUP, &[rule("AllowWeb", 100, "Allow")]);
    listed["subnets"] = json!([{ "id": format!("{NETWORK}/subnets/app") }]);
    let overlay = over(&[read(&json!([listed]), ProposalKind::List)]);
    assert_eq!(
        (guards(&overlay, "web"), guards(&overlay, "app").as_deref()),
        (None, Some("nsg-web"))
    );
}

/// A plan of Terraform.
fn plan(resources: &serde_json::Value, changes: &serde_json::Value) -> Proposal {
    let document = json!({ "terraform_version": "1.9.0", "planned_values": { "root_module": { "resources": resources } },
        "resource_changes": changes });
    read(&document, ProposalKind::Plan)
}

fn planned_rule(name: &str, priority: u32, port: &str) -> serde_json::Value {
    json!({ "id": format!("{GROUP}/securityRules/{name}"), "name": name, "priority": priority, "direction": "Inbound",
        "access": "Allow", "protocol": "Tcp", "source_address_prefix": "10.1.0.0/16", "source_port_range": "*",
        "destination_address_prefix": "*", "destination_port_range": port,
        "resource_group_name": "rg", "network_security_group_name": "nsg-web" })
}

#[test]
fn a_planned_rule_takes_the_place_of_the_one_of_its_name() {
    let overlay = over(&[plan(
        &json!([{ "type": "azurerm_network_security_rule", "values": planned_rule("AllowWeb", 110, "8443") }]),
        &json!([]),
    )]);
    assert_eq!(rules(&overlay, GROUP), ["110 AllowWeb", "200 DenyRest"]);
    let group = group_in(&overlay.facts, GROUP).unwrap();
    let held = group.rules.iter().find(|held| held.name == "AllowWeb").unwrap();
    assert_eq!(held.source.addresses.len(), 1, "{held:?}");
}

#[test]
fn what_a_group_lists_of_before_gives_way_to_what_is_planned_of_its_rules() {
    let listed = json!([{ "name": "AllowWeb", "priority": 100, "direction": "Inbound", "access": "Allow",
        "protocol": "Tcp", "source_address_prefix": "10.0.0.0/8", "source_port_range": "*",
        "destination_address_prefix": "*", "destination_port_range": "443" }]);
    let overlay = over(&[plan(
        &json!([
            { "type": "azurerm_network_security_group", "values": { "id": GROUP, "name": "nsg-web",
                "location": "westeurope", "resource_group_name": "rg", "security_rule": listed } },
            { "type": "azurerm_network_security_rule", "values": planned_rule("AllowWeb", 100, "443") },
        ]),
        &json!([]),
    )]);
    assert_eq!(rules(&overlay, GROUP), ["100 AllowWeb"]);
    let held = &group_in(&overlay.facts, GROUP).unwrap().rules[0];
    assert_eq!(format!("{:?}", held.source.addresses), "[Prefix(10.1.0.0/16)]");
}

#[test]
fn what_a_plan_deletes_is_gone() {
    let overlay = over(&[plan(
        &json!([]),
        &json!([
            { "type": "azurerm_network_security_rule",
                "change": { "actions": ["delete"], "before": planned_rule("AllowWeb", 100, "443") } },
            { "type": "azurerm_subnet_network_security_group_association", "change": { "actions": ["delete"],
                "before": { "subnet_id": format!("{NETWORK}/subnets/web"), "network_security_group_id": GROUP } } },
            { "type": "azurerm_network_security_group",
                "change": { "actions": ["delete", "create"], "before": { "id": OTHER } } },
        ]),
    )]);
    assert_eq!(rules(&overlay, GROUP), ["200 DenyRest"]);
    assert_eq!(
        (guards(&overlay, "web"), guards(&overlay, "app").as_deref()),
        (None, Some("nsg-web"))
    );
    // What is made anew is planned elsewhere.
    assert!(group_in(&overlay.facts, OTHER).is_some());
}

#[test]
fn a_group_that_is_only_planned_is_none_that_is_known() {
    let document = json!({ "terraform_version": "1.9.0",
        "planned_values": { "root_module": { "resources": [
            { "address": "azurerm_subnet_network_security_group_association.web",
                "type": "azurerm_subnet_network_security_group_association",
                "values": { "subnet_id": format!("{NETWORK}/subnets/web") } }] } },
        "resource_changes": [{ "address": "azurerm_subnet_network_security_group_association.web",
            "change": { "actions": ["create"], "after_unknown": { "id": true, "network_security_group_id": true } } }] });
    let reading = inventory::read(document.to_string().as_bytes()).unwrap();
    let [problem] = reading.problems.as_slice() else {
        panic!("{:?}", reading.problems);
    };
    assert_eq!(
        problem.message,
        "`network_security_group_id` of `azurerm_subnet_network_security_group_association.web` is known only after apply: which group is to guard `web` is not known, nor what becomes of flows there"
    );
    assert_eq!(
        problem.resource.as_deref(),
        Some(&*format!("{NETWORK}/subnets/web"))
    );
    let overlay = over(&[Proposal {
        facts: reading.facts,
        kind: ProposalKind::Plan,
        ..Proposal::default()
    }]);
    assert_eq!(guards(&overlay, "web").as_deref(), Some("known-after-apply"));
    assert_eq!(overlay.unmatched, []);
}

#[test]
fn a_group_that_is_planned_guards_whom_the_plan_says() {
    let document = json!({
        "terraform_version": "1.9.0",
        "planned_values": { "root_module": { "resources": [
            { "address": "azurerm_network_security_group.new", "type": "azurerm_network_security_group",
                "values": { "name": "nsg-new", "resource_group_name": "rg", "location": "westeurope", "security_rule": [] } },
            { "address": "azurerm_subnet_network_security_group_association.web",
                "type": "azurerm_subnet_network_security_group_association",
                "values": { "subnet_id": format!("{NETWORK}/subnets/web") } },
        ] } },
        "configuration": { "root_module": { "resources": [
            { "address": "azurerm_subnet_network_security_group_association.web", "expressions": {
                "network_security_group_id": { "references": ["azurerm_network_security_group.new.id",
                    "azurerm_network_security_group.new"] } } },
        ] } },
    });
    let overlay = over(&[read(&document, ProposalKind::Plan)]);
    assert_eq!(guards(&overlay, "web").as_deref(), Some("nsg-new"));
    assert_eq!(guards(&overlay, "app").as_deref(), Some("nsg-web"));
}

#[test]
fn what_if_says_what_is_deleted() {
    let document = json!({ "status": "Succeeded", "changes": [
        { "resourceId": format!("{GROUP}/securityRules/DenyRest"), "changeType": "Delete", "before": {} },
    ] });
    let overlay = over(&[read(&document, ProposalKind::Deployment)]);
    assert_eq!(rules(&overlay, GROUP), ["100 AllowWeb"]);
}

#[test]
fn a_template_without_its_subscription_is_matched_by_names() {
    let document = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [{ "type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2023-09-01",
            "name": "nsg-web", "location": "westeurope",
            "properties": { "securityRules": [{ "name": "Only", "properties": rule("Only", 100, "Deny") }] } }]
    });
    let overlay = over(&[read(&document, ProposalKind::Deployment)]);
    assert_eq!(rules(&overlay, GROUP), ["100 Only"]);
    assert_eq!(overlay.unmatched, []);
}

#[test]
fn what_says_nothing_of_rules_is_silent() {
    let silent = json!([{ "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/pip",
        "type": "Microsoft.Network/publicIPAddresses" }]);
    assert!(read(&silent, ProposalKind::List).is_silent());
    assert!(!read(&json!([subnet("web", None)]), ProposalKind::List).is_silent());
    assert!(!read(&json!([group(GROUP, &[])]), ProposalKind::List).is_silent());
}

/// Effective rules of a group that changes are those of before; what they say of `VirtualNetwork` does not change with it.
#[test]
fn what_azure_computed_of_the_network_stays_with_a_changed_group() {
    use model::facts::{ArmId, EffectiveGroup, EffectiveRules, Rule, Side};

    let interface =
        ArmId::parse("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic");
    let mut facts = now();
    let own = group_in(&facts, GROUP).unwrap().rules.clone();
    let default = Rule {
        name: "AllowVnetInBound".to_owned(),
        priority: 65_000,
        is_default: true,
        source: Side {
            expanded: vec!["10.123.0.0/16".parse().unwrap()],
            ..own[0].source.clone()
        },
        ..own[0].clone()
    };
    facts.effective.push(EffectiveRules {
        interface: interface.clone(),
        groups: vec![EffectiveGroup {
            group: ArmId::parse(GROUP),
            association: interface,
            rules: own.into_iter().chain([default.clone()]).collect(),
            left_out: Vec::new(),
        }],
    });
    let proposed = read(
        &json!([group(GROUP, &[rule("AllowOther", 300, "Allow")])]),
        ProposalKind::List,
    );
    let overlay = Overlay::of(&facts, &[proposed]);
    let [held] = overlay.facts.effective.as_slice() else {
        panic!("{:?}", overlay.facts.effective);
    };
    let [group] = held.groups.as_slice() else {
        panic!("{held:?}");
    };
    let names: Vec<&str> = group.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["AllowVnetInBound", "AllowOther"]);
    assert_eq!(group.rules[0], default);
}

/// A rule that Terraform replaces has another name: the old one goes.
#[test]
fn a_rule_that_a_plan_replaces_is_gone() {
    let id = format!("{GROUP}/securityRules/AllowWeb");
    let planned = |name: &str, priority: u32| json!([{ "type": "azurerm_network_security_rule", "values": planned_rule(name, priority, "8443") }]);
    for actions in [["delete", "create"], ["create", "delete"]] {
        let changes = json!([{ "type": "azurerm_network_security_rule", "change": { "actions": actions,
            "before": { "id": id, "name": "AllowWeb" }, "after": { "name": "AllowNarrow" } } }]);
        let overlay = over(&[plan(&planned("AllowNarrow", 100), &changes)]);
        assert_eq!(
            rules(&overlay, GROUP),
            ["100 AllowNarrow", "200 DenyRest"],
            "{actions:?}"
        );
        // Replaced under its own name it is what is planned.
        let changes = json!([{ "type": "azurerm_network_security_rule", "change": { "actions": actions,
            "before": { "id": id, "name": "AllowWeb" }, "after": { "name": "AllowWeb" } } }]);
        let overlay = over(&[plan(&planned("AllowWeb", 110), &changes)]);
        assert_eq!(
            rules(&overlay, GROUP),
            ["110 AllowWeb", "200 DenyRest"],
            "{actions:?}"
        );
    }
}

/// Azure refuses to delete a group that guards: the plan is named, and not an export that is not there.
#[test]
fn a_group_that_is_deleted_and_guards_all_the_same_is_told() {
    let document = json!({ "status": "Succeeded", "changes": [
        { "resourceId": GROUP, "changeType": "Delete", "before": {} },
        { "resourceId": format!("{NETWORK}/subnets/app"), "changeType": "Modify", "after": subnet("app", None) },
    ] });
    let overlay = over(&[read(&document, ProposalKind::Deployment)]);
    let [problem] = overlay.problems.as_slice() else {
        panic!("{:?}", overlay.problems);
    };
    assert_eq!(problem.resource.as_ref().map(|id| id.as_str()), Some(GROUP));
    assert!(
        problem.message.starts_with(
            "network security group `nsg-web` is deleted by what is proposed, and guards `web` all the same"
        ),
        "{problem:?}"
    );
    assert_eq!(guards(&overlay, "web").as_deref(), Some("known-after-apply"));
    assert_eq!(guards(&overlay, "app"), None);
}

/// One rule of a group that nobody knows is not all of its rules; a list of its rules is.
#[test]
fn a_rule_of_a_group_that_is_not_among_the_facts() {
    let strange = GROUP.replace("nsg-web", "nsg-strange");
    let mut one = rule("AllowWeb", 100, "Allow");
    one["id"] = json!(format!("{strange}/securityRules/AllowWeb"));
    let left_out = |document: &serde_json::Value, kind: ProposalKind| {
        let overlay = over(&[read(document, kind)]);
        group_in(&overlay.facts, &strange).unwrap().left_out.clone()
    };
    assert_eq!(left_out(&one, ProposalKind::Plan), [SecurityGroup::NOT_KNOWN]);
    assert_eq!(left_out(&json!([one]), ProposalKind::List), [""; 0]);
}

/// A list of the routes of a table says nothing of the subnets that use it, and one of another list of a balancer nothing of its pools.
#[test]
fn lists_of_parts_beside_rules_join_what_is_known() {
    let table = NETWORK.replace("virtualNetworks/vnet", "routeTables/rt");
    let route = |name: &str, to: &str| json!({ "id": format!("{table}/routes/{name}"), "name": name, "addressPrefix": to, "nextHopType": "None" });
    let known = json!([{ "id": table, "routes": [route("a", "10.9.0.0/16"), route("b", "10.8.0.0/16")],
        "subnets": [{ "id": format!("{NETWORK}/subnets/web") }] }]);
    let now = read(&known, ProposalKind::List).facts;
    let mut one = rule("AllowWeb", 100, "Allow");
    one["id"] = json!(format!("{GROUP}/securityRules/AllowWeb"));
    let list = read(&json!([route("b", "10.7.0.0/16"), one]), ProposalKind::List);
    let overlay = Overlay::of(&now, &[list]);
    let held = overlay
        .facts
        .resources
        .iter()
        .find(|held| held.id.as_str() == table);
    let Asset::RouteTable(held) = &held.unwrap().asset else {
        panic!("a table");
    };
    let routes: Vec<&str> = held.routes.iter().map(|route| route.name.as_str()).collect();
    assert_eq!((routes, held.subnets.len()), (vec!["b"], 1));
}
