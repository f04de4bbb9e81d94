//! Resources and rules as rows of a table, each with the times at which it was so.

use std::borrow::Cow;
use std::net::IpAddr;

use ahash::AHashMap;
use model::facts::{Access, AddressSpec, ArmId, Asset, ConnectionKind, Resource, Rule, RuleProtocol, Side};
use serde_json::Value;

use crate::ends::{path, subnet_path};
use crate::timeline::{Held, Timeline};

/// A resource, for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetRow {
    /// Since when, in microseconds since 1970; none for what the first facts of its type said, which hold before them too.
    pub from: Option<i64>,
    /// Until when; none while it is so.
    pub to: Option<i64>,
    /// Its id, in lower case.
    pub id: String,
    /// What it is, as Traffic Analytics names it.
    pub kind: &'static str,
    /// `group/name`, and the names of what it is a part of between them.
    pub name: String,
    /// Its subscription.
    pub subscription: String,
    /// Its region.
    pub region: String,
    /// Of an interface.
    pub mac_address: String,
    /// With blanks between them.
    pub private_addresses: String,
    /// With blanks between them; those of an interface as last known.
    pub public_addresses: String,
    /// `group/machine`.
    pub machine: String,
    /// `group/scale set`.
    pub scale_set: String,
    /// `group/network/subnet`.
    pub subnet: String,
    /// `group/security group`.
    pub security_group: String,
    /// `group/route table`.
    pub route_table: String,
    /// With blanks between them.
    pub prefixes: String,
    /// Of a machine.
    pub power_state: String,
    /// What its owners wrote about it, as JSON.
    pub tags: String,
    /// All that is known of it, as JSON.
    pub details: String,
}

/// A rule, for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleRow {
    /// As of an asset.
    pub from: Option<i64>,
    /// As of an asset.
    pub to: Option<i64>,
    /// What logs call the owner, in lower case: the group's id, of admin rules the GUID of their configuration.
    pub group_id: String,
    /// `group/security group`.
    pub group: String,
    /// Its name.
    pub name: String,
    /// `UserRule`, `DefaultRule` or `SecurityAdminRule`.
    pub kind: &'static str,
    /// Its priority; none where the rule is not known.
    pub priority: Option<i32>,
    /// `Inbound` or `Outbound`.
    pub direction: &'static str,
    /// `Allow`, `Deny` or `AlwaysAllow`.
    pub access: &'static str,
    /// `*`, `Tcp` and so on.
    pub protocol: &'static str,
    /// Addresses, tags and groups, with blanks between them.
    pub source: String,
    /// Ports, with commas between them.
    pub source_ports: String,
    /// Addresses, tags and groups, with blanks between them.
    pub destination: String,
    /// Ports, with commas between them.
    pub destination_ports: String,
    /// What somebody wrote about it.
    pub description: String,
    /// False for a rule of which only its name is known: the others are empty then.
    pub is_known: bool,
}

impl Timeline {
    /// Every resource, in the order of their ids and times.
    #[must_use]
    pub fn assets(&self) -> Vec<AssetRow> {
        let resources = self.resources();
        let mut public: AHashMap<&ArmId, IpAddr> = AHashMap::new();
        for held in &resources {
            if let Asset::PublicAddress(address) = &held.resource.asset {
                public.extend(address.address.map(|ip| (&held.resource.id, ip)));
            }
        }
        resources
            .iter()
            .map(|held| AssetRow {
                from: held.from,
                ..asset(held, &public)
            })
            .collect()
    }

    /// Every rule, group by group, in the order of their priorities; last those of which only the name is known.
    #[must_use]
    pub fn rules(&self) -> Vec<RuleRow> {
        let mut rows = Vec::new();
        let configurations = self.resources();
        let configurations: AHashMap<&ArmId, &str> = configurations
            .iter()
            .filter(|held| matches!(held.resource.asset, Asset::AdminConfiguration))
            .filter_map(|held| Some((&held.resource.id, held.resource.guid.as_deref()?)))
            .collect();
        for held in self.resources() {
            let (rules, left_out, is_admin) = match &held.resource.asset {
                Asset::SecurityGroup(group) => (&group.rules, group.unknown_rules(), false),
                Asset::AdminRules(admin) => (&admin.rules, admin.unknown_rules(), true),
                _ => continue,
            };
            let mut rules: Vec<&Rule> = rules.iter().collect();
            rules.sort_by_key(|rule| (rule.direction.as_str(), rule.priority));
            let unknown = left_out.into_iter().map(|name| RuleRow {
                name: name.to_owned(),
                ..RuleRow::default()
            });
            let rules = rules.into_iter().map(|one| rule(one, is_admin));
            let id = &held.resource.id;
            // Logs name the configuration that a collection is a part of.
            let configuration = id.parent().filter(|_| is_admin);
            let group_id = match &configuration {
                None => id.key(),
                Some(held) => configurations
                    .get(held)
                    .map_or_else(|| held.key(), |guid| guid.to_ascii_lowercase()),
            };
            rows.extend(rules.chain(unknown).map(|row| RuleRow {
                from: held.from,
                to: held.to,
                group_id: group_id.clone(),
                group: path(&held.resource.id),
                ..row
            }));
        }
        rows
    }
}

fn asset(held: &Held, public: &AHashMap<&ArmId, IpAddr>) -> AssetRow {
    let resource = &held.resource;
    let id = &resource.id;
    let mut row = AssetRow {
        to: held.to,
        id: id.key(),
        name: path_of_parts(id),
        subscription: id.subscription().unwrap_or_default().to_ascii_lowercase(),
        region: resource.location.clone().unwrap_or_default(),
        tags: serde_json::to_string(&resource.tags).unwrap_or_default(),
        details: details(&resource.asset),
        ..AssetRow::default()
    };
    let named = |id: &Option<ArmId>| id.as_ref().map(path).unwrap_or_default();
    row.kind = match &resource.asset {
        Asset::Interface(interface) => {
            row.mac_address = interface.mac.map_or_else(String::new, |mac| mac.to_string());
            let configurations = &interface.configurations;
            row.private_addresses = joined(configurations.iter().filter_map(|one| one.address));
            let public = configurations
                .iter()
                .filter_map(|one| public.get(one.public_address.as_ref()?));
            row.public_addresses = joined(public);
            row.machine = named(&interface.machine);
            row.security_group = named(&interface.security_group);
            let subnet = configurations.iter().find_map(|one| one.subnet.as_ref());
            row.subnet = subnet.map(subnet_path).unwrap_or_default();
            "NetworkInterface"
        }
        Asset::Machine(machine) => {
            // Of a uniform scale set it is a part.
            row.scale_set = named(&machine.scale_set.clone().or_else(|| id.parent()));
            row.power_state = machine
                .power
                .map_or_else(String::new, |power| format!("{power:?}"));
            "VirtualMachine"
        }
        Asset::VirtualNetwork(network) => {
            row.prefixes = joined(&network.prefixes);
            "VirtualNetwork"
        }
        Asset::Subnet(subnet) => {
            row.subnet = subnet_path(id);
            row.prefixes = joined(&subnet.prefixes);
            row.security_group = named(&subnet.security_group);
            row.route_table = named(&subnet.route_table);
            "VirtualSubnetwork"
        }
        Asset::SecurityGroup(_) => "NetworkSecurityGroup",
        Asset::ApplicationGroup => "ApplicationSecurityGroup",
        Asset::RouteTable(_) => "RouteTable",
        Asset::PublicAddress(address) => {
            row.public_addresses = joined(address.address);
            row.prefixes = joined(address.prefix);
            "PublicIpAddress"
        }
        Asset::LoadBalancer(_)
        | Asset::NatGateway(_)
        | Asset::PrivateEndpoint(_)
        | Asset::Gateway(_)
        | Asset::LocalGateway(_) => between(&mut row, resource, public),
        Asset::FlowLog(_) => "FlowLog",
        Asset::Connection(_) => "VirtualNetworkGatewayConnection",
        Asset::AdminRules(_) => "SecurityAdminRules",
        Asset::AdminConfiguration => "SecurityAdminConfiguration",
    };
    row
}

/// What stands between machines and others: its addresses, and what it is.
fn between(row: &mut AssetRow, resource: &Resource, public: &AHashMap<&ArmId, IpAddr>) -> &'static str {
    let id = &resource.id;
    match &resource.asset {
        Asset::LoadBalancer(balancer) => {
            let frontends = &balancer.frontends;
            row.private_addresses = joined(frontends.iter().filter_map(|one| one.address));
            let public = frontends
                .iter()
                .filter_map(|one| public.get(one.public_address.as_ref()?));
            row.public_addresses = joined(public);
            match id.is_of("Microsoft.Network/applicationGateways") {
                true => "ApplicationGateway",
                false => "LoadBalancer",
            }
        }
        Asset::NatGateway(gateway) => {
            row.public_addresses = joined(gateway.public_addresses.iter().filter_map(|id| public.get(id)));
            "NatGateway"
        }
        Asset::PrivateEndpoint(endpoint) => {
            row.private_addresses = joined(&endpoint.addresses);
            row.subnet = endpoint.subnet.as_ref().map(subnet_path).unwrap_or_default();
            "PrivateEndpoint"
        }
        Asset::Gateway(gateway) => {
            row.public_addresses = joined(gateway.public_addresses.iter().filter_map(|id| public.get(id)));
            row.prefixes = joined(&gateway.client_pools);
            "VirtualNetworkGateway"
        }
        Asset::LocalGateway(gateway) => {
            row.public_addresses = joined(gateway.address);
            row.prefixes = joined(&gateway.prefixes);
            "LocalNetworkGateway"
        }
        _ => "",
    }
}

fn rule(rule: &Rule, is_admin: bool) -> RuleRow {
    RuleRow {
        name: rule.name.clone(),
        kind: match (is_admin, rule.is_default) {
            (true, _) => "SecurityAdminRule",
            (false, true) => "DefaultRule",
            (false, false) => "UserRule",
        },
        priority: Some(rule.priority),
        direction: rule.direction.as_str(),
        access: match rule.access {
            Access::Allow => "Allow",
            Access::Deny => "Deny",
            Access::AlwaysAllow => "AlwaysAllow",
        },
        protocol: match rule.protocol {
            RuleProtocol::Any => "*",
            RuleProtocol::Tcp => "Tcp",
            RuleProtocol::Udp => "Udp",
            RuleProtocol::Icmp => "Icmp",
            RuleProtocol::Esp => "Esp",
            RuleProtocol::Ah => "Ah",
        },
        source: side(&rule.source),
        source_ports: ports(&rule.source),
        destination: side(&rule.destination),
        destination_ports: ports(&rule.destination),
        description: rule.description.clone().unwrap_or_default(),
        is_known: true,
        ..RuleRow::default()
    }
}

fn side(side: &Side) -> String {
    let addresses = side.addresses.iter().map(|address| match address {
        AddressSpec::Any => "*".to_owned(),
        AddressSpec::Prefix(prefix) => prefix.to_string(),
        AddressSpec::Range(first, last) => format!("{first}-{last}"),
        AddressSpec::Tag(tag) => tag.clone(),
    });
    let groups = side.application_groups.iter().chain(&side.network_groups);
    addresses.chain(groups.map(path)).collect::<Vec<_>>().join(" ")
}

fn ports(side: &Side) -> String {
    let ports: Vec<String> = side.ports.iter().map(ToString::to_string).collect();
    ports.join(",")
}

fn joined<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    items.join(" ")
}

/// `group/name`, or `group/network/subnet`.
fn path_of_parts(id: &ArmId) -> String {
    let is_plain = matches!(id.name_in_group(), Cow::Borrowed(_));
    match id.parent() {
        Some(_) if is_plain => subnet_path(id),
        _ => path(id),
    }
}

/// All of it, as JSON; ids of connections by their path.
fn details(asset: &Asset) -> String {
    let inside = match serde_json::to_value(asset) {
        Ok(Value::Object(kinds)) => kinds.into_iter().next().map(|(_, inside)| inside),
        _ => None,
    };
    let mut inside = inside.unwrap_or(Value::Null);
    if let (Asset::Connection(connection), Value::Object(members)) = (asset, &mut inside) {
        let kind = connection.kind.map(|kind| match kind {
            ConnectionKind::SiteToSite => "IPsec",
            ConnectionKind::BetweenNetworks => "Vnet2Vnet",
            ConnectionKind::ExpressRoute => "ExpressRoute",
        });
        let ends = [
            ("gatewayPath", &connection.gateway),
            ("remotePath", &connection.remote),
        ];
        members.insert("connectionType".to_owned(), kind.into());
        for (name, id) in ends {
            members.insert(name.to_owned(), id.as_ref().map(path).into());
        }
    }
    inside.to_string()
}
