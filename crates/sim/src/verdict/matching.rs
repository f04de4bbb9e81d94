//! Whether a rule matches a flow: yes, no or unknown.

use std::net::IpAddr;

use super::CaseFlow;
use super::estate::{Protocol, Rule, Side};
use super::known::{Match, View, is_host, is_metadata};
use crate::rules::{Address, PortRange};

/// Where names are resolved.
const DNS_PORT: u16 = 53;
/// Where licences are asked for.
const LICENCE_PORT: u16 = 1688;

/// True for the two addresses that stand for the platform.
pub(super) fn is_platform(address: IpAddr) -> bool {
    is_host(address) || is_metadata(address)
}

pub(super) fn matches(view: &View<'_>, rule: &Rule, flow: &CaseFlow) -> Match {
    if rule.direction != flow.direction {
        return Match::No;
    }
    Match::all([
        protocol(rule.protocol, flow.protocol),
        ports(&rule.source.ports, flow.source_port, flow.protocol),
        ports(&rule.destination.ports, flow.destination_port, flow.protocol),
        side(view, &rule.source, flow.source, flow.source_port),
        side(view, &rule.destination, flow.destination, flow.destination_port),
    ])
}

fn protocol(wanted: Protocol, number: u8) -> Match {
    match wanted {
        Protocol::Any => Match::Yes,
        Protocol::Tcp => Match::of(number == 6),
        Protocol::Udp => Match::of(number == 17),
        Protocol::Icmp if number == 58 => Match::Unknown,
        Protocol::Icmp => Match::of(number == 1),
        Protocol::Esp => Match::of(number == 50),
        Protocol::Ah => Match::of(number == 51),
    }
}

fn ports(ranges: &[PortRange], port: u16, protocol: u8) -> Match {
    if ranges.is_empty() {
        return Match::Unknown;
    }
    let has_ports = protocol == 6 || protocol == 17;
    Match::any(ranges.iter().map(|range| {
        if has_ports {
            Match::of(range.contains(port))
        } else if *range == PortRange::ANY {
            Match::Yes
        } else {
            Match::Unknown
        }
    }))
}

fn side(view: &View<'_>, side: &Side, address: IpAddr, port: u16) -> Match {
    if is_platform(address) {
        let addresses = side.addresses.iter();
        return Match::any(addresses.map(|wanted| match wanted {
            Address::Tag(name) => platform_tag(name, address, port).unwrap_or(Match::No),
            Address::Any | Address::Prefix(_) => Match::No,
        }));
    }
    // Azure has no such rule: what was said of it got lost.
    if side.addresses.is_empty() && side.application_groups.is_empty() && side.network_groups.is_empty() {
        return Match::Unknown;
    }
    let addresses = side.addresses.iter().map(|wanted| match wanted {
        Address::Any => Match::Yes,
        Address::Prefix(prefix) => Match::of(prefix.contains(address)),
        Address::Tag(name) => tag(view, side, name, address, port),
    });
    let expanded = side
        .expanded
        .iter()
        .map(|prefix| Match::of(prefix.contains(address)));
    let groups = side.application_groups.iter();
    let groups = groups.map(|group| view.in_application_group(group, address));
    let network_groups = side.network_groups.iter().map(|_| Match::Unknown);
    Match::any(addresses.chain(expanded).chain(groups).chain(network_groups))
}

fn tag(view: &View<'_>, side: &Side, name: &str, address: IpAddr, port: u16) -> Match {
    if let Some(found) = platform_tag(name, address, port) {
        return found;
    }
    // What Azure made of the tag takes its place, in the families of which it lists something.
    let mut expanded = side.expanded.iter();
    if expanded.any(|prefix| prefix.base.is_ipv4() == address.is_ipv4()) {
        return Match::No;
    }
    match name.to_ascii_lowercase().as_str() {
        "virtualnetwork" => view.in_virtual_network(address),
        "internet" => view.in_virtual_network(address).not(),
        "azureloadbalancer" => Match::of(is_host(address)),
        other => view.in_file(other, address),
    }
}

/// Reading 3; none for any other tag.
fn platform_tag(name: &str, address: IpAddr, port: u16) -> Option<Match> {
    let may_be = |is: bool| if is { Match::Unknown } else { Match::No };
    match name.to_ascii_lowercase().as_str() {
        "azureplatformdns" if port == DNS_PORT => Some(Match::of(is_host(address))),
        "azureplatformdns" => Some(may_be(is_host(address))),
        "azureplatformimds" => Some(Match::of(is_metadata(address))),
        "azureplatformlkm" => Some(may_be(port == LICENCE_PORT)),
        _ => None,
    }
}
