//! What stands around machines and networks: public addresses, gateways, routes, endpoints, flow logs.

use model::facts::{
    Connection, ConnectionKind, FlowLog, Gateway, LocalGateway, NatGateway, PrivateEndpoint, PublicAddress,
    Route, RouteTable, prefix,
};

use crate::node::Node;

pub(crate) fn public_address(node: &Node<'_>) -> PublicAddress {
    let dns = node.get(&["dnsSettings"]);
    PublicAddress {
        address: node.address(&["ipAddress"]),
        prefix: node.prefixes(&["ipPrefix"]).into_iter().next(),
        of: node
            .id("ipConfiguration")
            .or_else(|| node.id("natGateway"))
            .or_else(|| node.id("loadBalancerFrontendIpConfiguration")),
        dns_name: dns
            .and_then(|dns| dns.text(&["fqdn"]))
            .or_else(|| node.text(&["fqdn"])),
    }
}

pub(crate) fn nat_gateway(node: &Node<'_>) -> NatGateway {
    let lists = [
        "publicIPAddresses",
        "publicIPAddressesV6",
        "publicIPPrefixes",
        "publicIPPrefixesV6",
    ];
    NatGateway {
        public_addresses: lists.iter().flat_map(|list| node.ids(list)).collect(),
        subnets: node.ids("subnets"),
    }
}

pub(crate) fn route_table(node: &Node<'_>) -> RouteTable {
    let routes = node.all(&["routes", "route"]);
    RouteTable {
        routes: routes.iter().filter_map(route).collect(),
        subnets: node.ids("subnets"),
    }
}

/// One route; none, and that is told, where a part of it is not known: it must not lead elsewhere.
pub(crate) fn route(node: &Node<'_>) -> Option<Route> {
    if let Some((part, reason)) = node.first_unknown(&[]) {
        let name = node.text(&["name"]).unwrap_or_default();
        part.say(&format!(
            "route `{name}` is left out, for this is not known: {reason}"
        ));
        return None;
    }
    let to = node.text(&["addressPrefix"]);
    let held = to.as_deref().and_then(prefix);
    Some(Route {
        name: node.text(&["name"]).unwrap_or_default(),
        tag: to.filter(|_| held.is_none()),
        prefix: held,
        next_hop: node.text(&["nextHopType"]).unwrap_or_default(),
        next_hop_address: node.address(&["nextHopIPAddress", "nextHopInIPAddress"]),
    })
}

pub(crate) fn private_endpoint(node: &Node<'_>) -> PrivateEndpoint {
    let connections = node.all(&[
        "privateLinkServiceConnections",
        "manualPrivateLinkServiceConnections",
        "privateServiceConnection",
    ]);
    let targets = connections.iter().filter_map(|one| {
        one.id("privateLinkService")
            .or_else(|| one.id("privateConnectionResource"))
    });
    let mut addresses = Vec::new();
    for held in node.all(&["customDnsConfigs"]) {
        addresses.extend(held.all(&["ipAddresses"]).iter().filter_map(Node::as_address));
    }
    let fixed = node.all(&["ipConfigurations", "ipConfiguration", "privateServiceConnection"]);
    addresses.extend(fixed.iter().filter_map(|one| one.address(&["privateIPAddress"])));
    addresses.sort_unstable();
    addresses.dedup();
    let mut interfaces = node.ids("networkInterfaces");
    interfaces.extend(node.ids("networkInterface"));
    PrivateEndpoint {
        subnet: node.id("subnet"),
        interfaces,
        targets: targets.collect(),
        addresses,
    }
}

pub(crate) fn flow_log(node: &Node<'_>) -> FlowLog {
    let one = |name: &str| node.all(&[name]).into_iter().next();
    let retention = one("retentionPolicy");
    let analytics = one("flowAnalyticsConfiguration")
        .and_then(|held| held.get(&["networkWatcherFlowAnalyticsConfiguration"]));
    let analytics = analytics.or_else(|| one("trafficAnalytics"));
    let is_analysed = analytics.as_ref().and_then(|held| held.flag(&["enabled"])) == Some(true);
    let filters = [
        node.text(&["enabledFilteringCriteria"]),
        node.text(&["recordTypes"]),
    ];
    let filters: Vec<String> = filters.into_iter().flatten().collect();
    FlowLog {
        target: node
            .id("targetResource")
            .or_else(|| node.id("networkSecurityGroup")),
        storage: node.id("storage").or_else(|| node.id("storageAccount")),
        is_enabled: node.flag(&["enabled"]),
        version: one("format")
            .and_then(|format| format.number(&["version"]))
            .or_else(|| node.number(&["version"])),
        retention_days: retention.as_ref().and_then(|held| {
            match (held.get(&["enabled"]), held.flag(&["enabled"])) {
                (_, Some(false)) => Some(0),
                (None, _) | (_, Some(true)) => held.number(&["days"]),
                (Some(_), None) => None,
            }
        }),
        analytics_interval_minutes: analytics
            .filter(|_| is_analysed)
            .and_then(|held| held.number(&["trafficAnalyticsInterval", "intervalInMinutes"])),
        filter: (!filters.is_empty()).then(|| filters.join("; ")),
    }
}

pub(crate) fn gateway(node: &Node<'_>) -> Gateway {
    let configurations = node.all(&["ipConfigurations", "ipConfiguration"]);
    let clients = node.all(&["vpnClientConfiguration"]);
    let pools = clients
        .iter()
        .flat_map(|one| match one.get(&["vpnClientAddressPool"]) {
            Some(pool) => pool.prefixes(&["addressPrefixes"]),
            None => one.prefixes(&["addressSpace"]),
        });
    Gateway {
        kind: node.text(&["gatewayType"]).or_else(|| {
            let kind = node.text(&["type"])?;
            (!kind.contains('/')).then_some(kind)
        }),
        subnets: configurations.iter().filter_map(|one| one.id("subnet")).collect(),
        public_addresses: configurations
            .iter()
            .filter_map(|one| one.id("publicIPAddress"))
            .collect(),
        client_pools: pools.collect(),
    }
}

pub(crate) fn local_gateway(node: &Node<'_>) -> LocalGateway {
    let space = node.get(&["localNetworkAddressSpace"]);
    LocalGateway {
        address: node.address(&["gatewayIPAddress", "gatewayAddress"]),
        prefixes: match space {
            Some(space) => space.prefixes(&["addressPrefixes"]),
            None => node.prefixes(&["addressSpace"]),
        },
    }
}

pub(crate) fn connection(node: &Node<'_>) -> Connection {
    let kind = node.text(&["connectionType"]).or_else(|| node.text(&["type"]));
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let remote = [
        "localNetworkGateway2",
        "localNetworkGateway",
        "virtualNetworkGateway2",
        "peerVirtualNetworkGateway",
    ];
    let remote = remote.iter().find_map(|name| node.id(name));
    Connection {
        kind: match kind.as_str() {
            "ipsec" => Some(ConnectionKind::SiteToSite),
            "vnet2vnet" => Some(ConnectionKind::BetweenNetworks),
            "expressroute" => Some(ConnectionKind::ExpressRoute),
            _ => None,
        },
        gateway: node
            .id("virtualNetworkGateway1")
            .or_else(|| node.id("virtualNetworkGateway")),
        remote: remote
            .or_else(|| node.id("peer"))
            .or_else(|| node.id("expressRouteCircuit")),
    }
}
