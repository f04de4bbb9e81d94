//! What Azure's tools would print about a case.

use serde_json::{Value, json};

use super::estate::{
    Estate, Gateway, Interface, LocalGateway, Network, Peering, RouteTable, Subnet, network_of,
};
use super::print_rules;
use super::spelling::{Members, Speller, member};
use crate::cidr::Prefix;
use crate::prng::{Prng, Purpose};

/// The name of a document and its text.
type Document = (String, String);

pub(super) fn exports(seed: u64, estate: &Estate) -> Vec<Document> {
    let mut speller = Speller::new(Prng::keyed(seed, Purpose::Verdicts, &[1]));
    let speller = &mut speller;
    let mut documents = Vec::new();
    put(&mut documents, speller, "vnets.json", |speller| {
        let networks = estate.networks.iter();
        networks.map(|held| network(speller, estate, held)).collect()
    });
    put(&mut documents, speller, "nics.json", |speller| {
        let interfaces = estate.interfaces.iter().enumerate();
        interfaces
            .map(|(at, held)| interface(speller, at, held))
            .collect()
    });
    put_groups(&mut documents, speller, estate);
    put(&mut documents, speller, "asgs.json", |speller| {
        let groups = estate.application_groups.iter();
        groups
            .map(|id| speller.resource(id, Some("applicationSecurityGroups"), Members::new()))
            .collect()
    });
    put(&mut documents, speller, "route-tables.json", |speller| {
        let tables = estate.tables.iter();
        tables.map(|held| table(speller, estate, held)).collect()
    });
    put(&mut documents, speller, "gateways.json", |speller| {
        let gateways = estate.gateways.iter();
        gateways.map(|held| gateway(speller, held)).collect()
    });
    put(&mut documents, speller, "local-gateways.json", |speller| {
        let gateways = estate.local_gateways.iter();
        gateways.map(|held| local_gateway(speller, held)).collect()
    });
    put(&mut documents, speller, "connections.json", |speller| {
        let connections = estate.connections.iter();
        connections
            .map(|held| {
                let is_gateway = estate.gateways.iter().any(|gateway| gateway.id == held.remote);
                let (kind, remote) = match is_gateway {
                    true => ("Vnet2Vnet", "virtualNetworkGateway2"),
                    false => ("IPsec", "localNetworkGateway2"),
                };
                let mut members = member("connectionType", kind);
                members.extend(member("virtualNetworkGateway1", speller.reference(&held.gateway)));
                members.extend(member(remote, speller.reference(&held.remote)));
                speller.resource(&held.id, Some("connections"), members)
            })
            .collect()
    });
    put(&mut documents, speller, "admin-collections.json", |speller| {
        let collections = estate.collections.iter();
        collections
            .filter_map(|held| print_rules::collection(speller, held))
            .collect()
    });
    put(&mut documents, speller, "admin-rules.json", |speller| {
        let collections = estate.collections.iter();
        collections
            .flat_map(|held| print_rules::admin_rules(speller, held))
            .collect()
    });
    put_effective(&mut documents, speller, estate);
    if let Some(tags) = &estate.tags {
        let text = print_rules::tags(speller, tags);
        documents.push(("ServiceTags_Public.json".to_owned(), text));
    }
    documents
}

/// A document with a list of resources, if there are any.
fn put(
    documents: &mut Vec<Document>,
    speller: &mut Speller,
    name: &str,
    resources: impl FnOnce(&mut Speller) -> Vec<Value>,
) {
    speller.next_document();
    let resources = resources(speller);
    if !resources.is_empty() {
        documents.push((name.to_owned(), speller.list(resources)));
    }
}

/// All groups as a list, or each by itself, as the command prints it that makes one.
fn put_groups(documents: &mut Vec<Document>, speller: &mut Speller, estate: &Estate) {
    if !speller.is(150) {
        put(documents, speller, "nsgs.json", |speller| {
            let groups = estate.groups.iter();
            groups
                .map(|held| print_rules::group(speller, estate, held))
                .collect()
        });
        return;
    }
    for held in &estate.groups {
        speller.next_document();
        let group = print_rules::group(speller, estate, held);
        let text = speller.text(json!({ "NewNSG": group }));
        let name = held.id.rsplit('/').next().unwrap_or_default();
        documents.push((format!("{name}.json"), text));
    }
}

/// What Azure says that holds at interfaces, each by itself.
fn put_effective(documents: &mut Vec<Document>, speller: &mut Speller, estate: &Estate) {
    for held in estate.interfaces.iter().filter(|held| !held.effective.is_empty()) {
        speller.next_document();
        let groups = held.effective.iter();
        let groups: Vec<Value> = groups
            .map(|group| print_rules::effective(speller, held, group))
            .collect();
        let text = speller.text(json!({ "value": groups }));
        let name = held.id.rsplit('/').next().unwrap_or_default();
        documents.push((format!("effective-{name}.json"), text));
    }
}

fn texts(prefixes: &[Prefix]) -> Vec<String> {
    prefixes.iter().map(ToString::to_string).collect()
}

fn network(speller: &mut Speller, estate: &Estate, network: &Network) -> Value {
    let space = json!({ "addressPrefixes": texts(&network.prefixes) });
    let mut members = member("addressSpace", space);
    let subnets = estate.subnets.iter();
    let subnets: Vec<Value> = subnets
        .filter(|subnet| network_of(&subnet.id) == network.id)
        .map(|held| subnet(speller, held))
        .collect();
    members.extend(member("subnets", subnets));
    let peerings = network.peerings.iter();
    let peerings: Vec<Value> = peerings.map(|held| peering(speller, network, held)).collect();
    if peerings.is_empty() {
        members.extend(speller.nothing("virtualNetworkPeerings"));
    } else {
        members.extend(member("virtualNetworkPeerings", peerings));
    }
    speller.resource(&network.id, Some("virtualNetworks"), members)
}

fn subnet(speller: &mut Speller, subnet: &Subnet) -> Value {
    let mut members = speller.values("addressPrefix", "addressPrefixes", &texts(&subnet.prefixes));
    members.extend(speller.referring("networkSecurityGroup", subnet.group.as_ref()));
    members.extend(speller.referring("routeTable", subnet.table.as_ref()));
    if let Some(policies) = subnet.endpoint_policies {
        members.extend(member("privateEndpointNetworkPolicies", speller.word(policies)));
    }
    speller.resource(&subnet.id, None, members)
}

fn peering(speller: &mut Speller, network: &Network, peering: &Peering) -> Value {
    let mut members = member("peeringState", speller.word(peering.state));
    members.extend(member("remoteVirtualNetwork", speller.reference(&peering.remote)));
    match peering.has_access {
        Some(has_access) => members.extend(member("allowVirtualNetworkAccess", has_access)),
        None => members.extend(speller.nothing("allowVirtualNetworkAccess")),
    }
    members.extend(member("allowForwardedTraffic", speller.is(500)));
    members.extend(member("allowGatewayTransit", peering.allows_gateway));
    members.extend(member("useRemoteGateways", peering.uses_remote_gateway));
    if !peering.remote_prefixes.is_empty() {
        let name = if speller.is(500) {
            "remoteAddressSpace"
        } else {
            "remoteVirtualNetworkAddressSpace"
        };
        let space = json!({ "addressPrefixes": texts(&peering.remote_prefixes) });
        members.extend(member(name, space));
    }
    let remote = peering.remote.rsplit('/').next().unwrap_or_default();
    let id = format!("{}/virtualNetworkPeerings/to-{remote}", network.id);
    speller.resource(&id, None, members)
}

fn interface(speller: &mut Speller, at: usize, interface: &Interface) -> Value {
    let configurations = interface.configurations.iter().enumerate();
    let configurations: Vec<Value> = configurations
        .map(|(of, held)| {
            let version = if held.address.is_ipv4() { "IPv4" } else { "IPv6" };
            let name = if speller.is(500) {
                "privateIPAddress"
            } else {
                "privateIpAddress"
            };
            let mut members = member(name, held.address.to_string());
            members.extend(member("privateIPAddressVersion", version));
            members.extend(member("primary", of == 0));
            members.extend(member("subnet", speller.reference(&held.subnet)));
            members.extend(speller.references("applicationSecurityGroups", &held.application_groups));
            let id = format!("{}/ipConfigurations/ipconfig{of}", interface.id);
            speller.resource(&id, None, members)
        })
        .collect();
    let mut members = member("ipConfigurations", configurations);
    members.extend(member("macAddress", format!("00-0D-3A-00-00-{at:02X}")));
    members.extend(speller.referring("networkSecurityGroup", interface.group.as_ref()));
    members.extend(speller.referring("privateEndpoint", interface.private_endpoint.as_ref()));
    speller.resource(&interface.id, Some("networkInterfaces"), members)
}

fn table(speller: &mut Speller, estate: &Estate, table: &RouteTable) -> Value {
    let routes = table.routes.iter().enumerate();
    let routes: Vec<Value> = routes
        .map(|(at, route)| {
            let mut members = member("addressPrefix", route.to.to_string());
            members.extend(member("nextHopType", route.next_hop));
            if route.next_hop == "VirtualAppliance" {
                members.extend(member("nextHopIpAddress", "10.1.0.250"));
            } else {
                members.extend(speller.nothing("nextHopIpAddress"));
            }
            speller.resource(&format!("{}/routes/route-{at}", table.id), None, members)
        })
        .collect();
    let subnets = estate.subnets.iter();
    let subnets = subnets.filter(|subnet| subnet.table.as_ref() == Some(&table.id));
    let subnets: Vec<String> = subnets.map(|subnet| subnet.id.clone()).collect();
    let mut members = member("routes", routes);
    members.extend(speller.references("subnets", &subnets));
    speller.resource(&table.id, Some("routeTables"), members)
}

fn gateway(speller: &mut Speller, gateway: &Gateway) -> Value {
    let configuration = member("subnet", speller.reference(&gateway.subnet));
    let id = format!("{}/ipConfigurations/default", gateway.id);
    let configuration = speller.resource(&id, None, configuration);
    let mut members = member("gatewayType", gateway.kind);
    if !gateway.clients.is_empty() {
        let pool = json!({ "addressPrefixes": texts(&gateway.clients) });
        members.extend(member(
            "vpnClientConfiguration",
            json!({ "vpnClientAddressPool": pool }),
        ));
    }
    members.extend(member("ipConfigurations", vec![configuration]));
    speller.resource(&gateway.id, Some("virtualNetworkGateways"), members)
}

fn local_gateway(speller: &mut Speller, gateway: &LocalGateway) -> Value {
    let space = json!({ "addressPrefixes": texts(&gateway.prefixes) });
    let mut members = member("localNetworkAddressSpace", space);
    members.extend(member("gatewayIpAddress", "198.51.100.1"));
    speller.resource(&gateway.id, Some("localNetworkGateways"), members)
}
