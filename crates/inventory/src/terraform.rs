//! Terraform: `terraform show -json` of a state or a plan, and state files. Resources have Azure's ids; what Azure nests in
//! one another, Terraform joins by resources of their own.

mod planned;

use model::facts::{ArmId, Asset, Interface, IpConfiguration, NatGateway, Resource, Subnet};

use crate::balancer;
use crate::gone::Gone;
use crate::node::Node;
use crate::resource::{self, Found};
pub(crate) use planned::Meant;
use planned::Planned;

/// Types that are read as Azure's own.
const TYPES: [(&str, &str); 16] = [
    ("azurerm_network_interface", "Microsoft.Network/networkInterfaces"),
    (
        "azurerm_network_security_group",
        "Microsoft.Network/networkSecurityGroups",
    ),
    ("azurerm_virtual_network", "Microsoft.Network/virtualNetworks"),
    ("azurerm_subnet", "Microsoft.Network/virtualNetworks/subnets"),
    (
        "azurerm_application_security_group",
        "Microsoft.Network/applicationSecurityGroups",
    ),
    ("azurerm_route_table", "Microsoft.Network/routeTables"),
    ("azurerm_public_ip", "Microsoft.Network/publicIPAddresses"),
    ("azurerm_public_ip_prefix", "Microsoft.Network/publicIPPrefixes"),
    ("azurerm_lb", "Microsoft.Network/loadBalancers"),
    (
        "azurerm_application_gateway",
        "Microsoft.Network/applicationGateways",
    ),
    ("azurerm_nat_gateway", "Microsoft.Network/natGateways"),
    ("azurerm_private_endpoint", "Microsoft.Network/privateEndpoints"),
    (
        "azurerm_network_watcher_flow_log",
        "Microsoft.Network/networkWatchers/flowLogs",
    ),
    (
        "azurerm_virtual_network_gateway",
        "Microsoft.Network/virtualNetworkGateways",
    ),
    (
        "azurerm_local_network_gateway",
        "Microsoft.Network/localNetworkGateways",
    ),
    (
        "azurerm_virtual_network_gateway_connection",
        "Microsoft.Network/connections",
    ),
];

/// A collection of security admin rules.
const COLLECTION: (&str, &str) = (
    "azurerm_network_manager_admin_rule_collection",
    "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections",
);

const MACHINES: [&str; 3] = [
    "azurerm_linux_virtual_machine",
    "azurerm_windows_virtual_machine",
    "azurerm_virtual_machine",
];

/// True for what Terraform prints.
pub(crate) fn is_terraform(node: &Node<'_>) -> bool {
    node.get(&["terraform_version"]).is_some()
}

pub(crate) fn take(node: &Node<'_>, found: &mut Found) {
    let known = node.get(&["values"]).or_else(|| node.get(&["planned_values"]));
    if let Some(known) = known {
        if let Some(root) = known.get(&["root_module"]) {
            take_module(&root, found, &Planned::of(node, &root), 0);
        }
        let_single_rules_hold(found);
        take_deletions(node, found);
        return;
    }
    // A state file: each resource has its instances.
    let planned = Planned::default();
    for resource in node.all(&["resources"]) {
        let kind = resource.text(&["type"]).unwrap_or_default();
        for instance in resource.all(&["instances"]) {
            match instance.get(&["attributes"]) {
                Some(values) => take_resource(&kind, &values, planned.meant(""), found),
                None => instance.lost("a resource without attributes: state files of version 4 have them"),
            }
        }
    }
}

/// A group whose rules are resources of their own has them in its list as well, as they were before the plan: what is planned of
/// them holds.
fn let_single_rules_hold(found: &mut Found) {
    let mut planned: Vec<(ArmId, String)> = Vec::new();
    for resource in &found.parts {
        if let Asset::SecurityGroup(group) = &resource.asset {
            let names = group.rules.iter().map(|rule| &rule.name).chain(&group.left_out);
            planned.extend(names.map(|name| (resource.id.clone(), name.to_ascii_lowercase())));
        }
    }
    for resource in &mut found.resources {
        if let Asset::SecurityGroup(group) = &mut resource.asset {
            let is_planned = |name: &str| planned.contains(&(resource.id.clone(), name.to_ascii_lowercase()));
            group.rules.retain(|rule| !is_planned(&rule.name));
            group.left_out.retain(|name| !is_planned(name));
        }
    }
}

/// What a plan deletes, or replaces by another: one that is made anew under its own id stays what it is planned to be.
fn take_deletions(node: &Node<'_>, found: &mut Found) {
    for change in node.all(&["resource_changes"]) {
        let Some(held) = change.get(&["change"]) else {
            continue;
        };
        let actions: Vec<String> = held.all(&["actions"]).iter().filter_map(Node::as_text).collect();
        if actions.iter().any(|action| action == "delete")
            && let (Some(kind), Some(before)) = (change.text(&["type"]), held.get(&["before"]))
        {
            let is_replaced = actions.len() > 1;
            let is_made_anew = |gone: &Gone| match gone {
                Gone::Resource(id) => is_replaced && may_be_named(id, &held),
                _ => is_replaced,
            };
            found
                .gone
                .extend(gone(&kind, &before).filter(|gone| !is_made_anew(gone)));
        }
    }
}

/// True where what comes in its place has its name, so its id, or one that is not known.
fn may_be_named(id: &ArmId, change: &Node<'_>) -> bool {
    let after = change.get(&["after"]).and_then(|after| after.text(&["name"]));
    after.is_none_or(|name| name.eq_ignore_ascii_case(id.name()))
}

/// What is not there any more without a resource; nothing for types that say nothing about rules.
fn gone(kind: &str, before: &Node<'_>) -> Option<Gone> {
    match kind {
        "azurerm_subnet_network_security_group_association" => before.id("subnet").map(Gone::SecurityGroupOf),
        "azurerm_network_interface_security_group_association" => {
            before.id("network_interface").map(Gone::SecurityGroupOf)
        }
        "azurerm_network_interface_application_security_group_association" => {
            Some(Gone::ApplicationGroupOf {
                interface: before.id("network_interface")?,
                group: before.id("application_security_group")?,
            })
        }
        "azurerm_network_security_rule" | "azurerm_network_manager_admin_rule" => {
            before.get(&["id"])?.as_id().map(Gone::Resource)
        }
        kind if TYPES.iter().any(|(held, _)| *held == kind) => {
            before.get(&["id"])?.as_id().map(Gone::Resource)
        }
        _ => None,
    }
}

/// The group that guards: one that a plan only makes has no id yet. Where it is not known which of those that are planned it is,
/// it is one that nothing is known of.
fn guarding(values: &Node<'_>, guarded: &str, meant: Meant<'_>) -> Option<ArmId> {
    if let Some(known) = meant.id(values, "network_security_group") {
        return Some(known);
    }
    let guarded = meant.id(values, guarded);
    let told = values.report.first_to_come(&["network_security_group_id"]);
    let told = told.map_or_else(
        || "its `network_security_group_id` is not in the plan".to_owned(),
        |held| held.to_string(),
    );
    values.report.resource(guarded.as_ref().map(ArmId::to_string));
    values.say(&format!(
        "{told}: which group is to guard `{}` is not known, nor what becomes of flows there",
        guarded.as_ref().map_or("it", |id| id.name())
    ));
    values.report.resource(None);
    ArmId::group_to_come()
}

/// Modules stand so deep in one another at the most.
const DEPTH_MAX: usize = 64;

fn take_module(node: &Node<'_>, found: &mut Found, planned: &Planned, depth: usize) {
    if depth > DEPTH_MAX {
        node.lost("modules stand deeper inside of one another than 64 levels");
        return;
    }
    for resource in node.all(&["resources"]) {
        let kind = resource.text(&["type"]).unwrap_or_default();
        if let Some(values) = resource.get(&["values"]) {
            let address = resource.text(&["address"]).unwrap_or_default();
            values.report.to_come(planned.to_come_of(&address));
            take_resource(&kind, &values, planned.meant(&address), found);
            values.report.to_come(Vec::new());
        }
    }
    for module in node.all(&["child_modules"]) {
        take_module(&module, found, planned, depth + 1);
    }
}

/// The properties by which a resource says to what it belongs.
const JOINED: [&str; 11] = [
    "subnet_id",
    "network_interface_id",
    "network_security_group_name",
    "route_table_name",
    "virtual_network_name",
    "nat_gateway_id",
    "loadbalancer_id",
    "backend_address_pool_id",
    "nat_rule_id",
    "admin_rule_collection_id",
    "resource_group_name",
];

fn take_resource(kind: &str, values: &Node<'_>, meant: Meant<'_>, found: &mut Found) {
    // Its id says of which configuration it is.
    if let Some(id) = values.get(&["id"]).filter(|_| kind == COLLECTION.0) {
        if let Some(id) = id.as_id() {
            found.take_as(values, &id, COLLECTION.1);
        }
        return;
    }
    if let Some((_, azure)) = TYPES.iter().find(|(held, _)| *held == kind) {
        if let Some(id) = id_of(values, azure) {
            found.take_as(values, &id, azure);
        }
        return;
    }
    if MACHINES.contains(&kind) {
        let azure = "Microsoft.Compute/virtualMachines";
        if let Some(id) = id_of(values, azure) {
            found.take_as(values, &id, azure);
        }
        return;
    }
    match joined(kind, values, meant) {
        Some(Some((id, asset))) => {
            *found.counts.entry(kind.to_owned()).or_default() += 1;
            found.parts.push(Resource::in_part(id, asset));
        }
        Some(None) => match values.report.first_to_come(&JOINED) {
            Some(held) => values.say(&format!(
                "{held}: what it is for is not known, and it is left out"
            )),
            None => values.problem(&format!("this `{kind}` does not say what it joins")),
        },
        None => *found.others.entry(kind.to_owned()).or_default() += 1,
    }
}

/// The resource's id; where it has neither an id nor a name, that is told.
fn id_of(values: &Node<'_>, kind: &str) -> Option<ArmId> {
    if let Some(held) = values.get(&["id"]) {
        let id = held.as_id();
        if id.is_none() {
            values.report.lose();
        }
        return id;
    }
    let id = known_id(values, kind);
    if id.is_none() {
        values.lost("a resource without a name");
    }
    id
}

/// The resource's id. What is only planned has none yet: one is made of what is known, of the subscription `unknown`.
fn known_id(values: &Node<'_>, kind: &str) -> Option<ArmId> {
    if let Some(held) = values.get(&["id"]) {
        return held.as_text().and_then(|text| ArmId::parse(&text));
    }
    let named = |property: &str| values.get(&[property]).and_then(|held| held.as_text());
    let name = named("name")?;
    let group = named("resource_group_name").unwrap_or_else(|| "unknown".to_owned());
    let (parent, own) = match kind.rsplit_once("/subnets") {
        Some((parent, _)) => {
            let network = named("virtual_network_name").unwrap_or_else(|| "unknown".to_owned());
            (format!("{parent}/{network}"), format!("subnets/{name}"))
        }
        None => (kind.to_owned(), name),
    };
    ArmId::parse(&format!(
        "/subscriptions/unknown/resourceGroups/{group}/providers/{parent}/{own}"
    ))
}

/// What a resource that joins others says of one of them; nothing for other types.
fn joined(kind: &str, values: &Node<'_>, meant: Meant<'_>) -> Option<Option<(ArmId, Asset)>> {
    if let Some(held) = joined_to_subnet(kind, values, meant) {
        let subnet = meant.id(values, "subnet");
        return Some(subnet.map(|id| (id, Asset::Subnet(held))));
    }
    if let Some(held) = joined_to_interface(kind, values, meant) {
        let interface = meant.id(values, "network_interface");
        return Some(interface.map(|id| (id, Asset::Interface(held))));
    }
    let (id, asset) = match kind {
        "azurerm_network_security_rule" => (
            group_of(values, "networkSecurityGroups", "network_security_group_name"),
            resource::ruled(values, false),
        ),
        "azurerm_route" => (
            group_of(values, "routeTables", "route_table_name"),
            resource::routed(values),
        ),
        "azurerm_virtual_network_peering" => (
            group_of(values, "virtualNetworks", "virtual_network_name"),
            resource::peered(values),
        ),
        "azurerm_nat_gateway_public_ip_association" => {
            let gateway = NatGateway {
                public_addresses: meant.id(values, "public_ip_address").into_iter().collect(),
                ..NatGateway::default()
            };
            (meant.id(values, "nat_gateway"), Asset::NatGateway(gateway))
        }
        "azurerm_network_interface_nat_rule_association" => balancer::associated(values, meant),
        kind if kind.starts_with("azurerm_lb_") => balancer::joined(kind, values, meant)?,
        "azurerm_network_manager_admin_rule" => {
            (values.id("admin_rule_collection"), resource::admin_ruled(values))
        }
        _ => return None,
    };
    Some(id.map(|id| (id, asset)))
}

fn joined_to_subnet(kind: &str, values: &Node<'_>, meant: Meant<'_>) -> Option<Subnet> {
    let mut subnet = Subnet::default();
    match kind {
        "azurerm_subnet_network_security_group_association" => {
            subnet.security_group = guarding(values, "subnet", meant);
        }
        "azurerm_subnet_route_table_association" => subnet.route_table = meant.id(values, "route_table"),
        "azurerm_subnet_nat_gateway_association" => subnet.nat_gateway = meant.id(values, "nat_gateway"),
        _ => return None,
    }
    Some(subnet)
}

fn joined_to_interface(kind: &str, values: &Node<'_>, meant: Meant<'_>) -> Option<Interface> {
    let mut configuration = IpConfiguration::default();
    match kind {
        "azurerm_network_interface_security_group_association" => {
            return Some(Interface {
                security_group: guarding(values, "network_interface", meant),
                ..Interface::default()
            });
        }
        // It holds for all addresses of the interface: the configuration has no name.
        "azurerm_network_interface_application_security_group_association" => {
            configuration
                .application_groups
                .extend(meant.id(values, "application_security_group"));
        }
        "azurerm_network_interface_backend_address_pool_association"
        | "azurerm_network_interface_application_gateway_backend_address_pool_association" => {
            configuration.name = values.text(&["ip_configuration_name"]).unwrap_or_default();
            configuration
                .pools
                .extend(meant.id(values, "backend_address_pool"));
        }
        _ => return None,
    }
    Some(Interface {
        configurations: vec![configuration],
        ..Interface::default()
    })
}

/// What a part belongs to: its own id says it, or names do.
fn group_of(values: &Node<'_>, kind: &str, name: &str) -> Option<ArmId> {
    if let Some(id) = values.get(&["id"]).and_then(|id| id.as_id()) {
        return id.parent();
    }
    let name = values.text(&[name])?;
    let group = values
        .text(&["resource_group_name"])
        .unwrap_or_else(|| "unknown".to_owned());
    ArmId::parse(&format!(
        "/subscriptions/unknown/resourceGroups/{group}/providers/Microsoft.Network/{kind}/{name}"
    ))
}
