//! Whether a protocol, a port and an address of the host match what a rule says of them.

use std::net::IpAddr;

use model::address::{AZURE_INSTANCE_METADATA, AZURE_WIRE_SERVER};
use model::facts::{PortRange, RuleProtocol};

use crate::ranges::{Ranges, State};

/// Whether a protocol is the one that a rule is about. A rule about ICMP says nothing that is known of ICMP for IPv6.
pub(crate) const fn protocol_state(rule: RuleProtocol, protocol: u8) -> State {
    match (rule, protocol) {
        (RuleProtocol::Any, _)
        | (RuleProtocol::Tcp, 6)
        | (RuleProtocol::Udp, 17)
        | (RuleProtocol::Icmp, 1)
        | (RuleProtocol::Esp, 50)
        | (RuleProtocol::Ah, 51) => State::Yes,
        (RuleProtocol::Icmp, 58) => State::Unknown,
        _ => State::No,
    }
}

/// Ports of a rule as a set.
pub(crate) fn port_set(ports: &[PortRange]) -> Ranges<u16> {
    Ranges::of(ports.iter().map(|range| (range.first, range.last)).collect())
}

/// Whether a flow without ports meets a rule's ports: all of them it does, none it does not, and some is not known.
pub(crate) fn portless_state(ports: &Ranges<u16>) -> State {
    if ports.is_all() {
        State::Yes
    } else if ports.is_empty() {
        State::No
    } else {
        State::Unknown
    }
}

/// The tags through which traffic with the host is governed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlatformTag {
    /// The default DNS.
    Dns,
    /// The instance metadata service.
    Metadata,
    /// The licensing service of Windows.
    Licensing,
}

/// The port of the licensing service.
pub(crate) const LICENSING_PORT: u16 = 1688;

impl PlatformTag {
    pub(crate) fn of(name: &str) -> Option<Self> {
        [
            ("AzurePlatformDNS", Self::Dns),
            ("AzurePlatformIMDS", Self::Metadata),
            ("AzurePlatformLKM", Self::Licensing),
        ]
        .into_iter()
        .find(|(held, _)| held.eq_ignore_ascii_case(name))
        .map(|(_, tag)| tag)
    }

    /// Whether an address of the host is of it. The tags are made to stop what a machine asks of a service; what they do to other
    /// ports of the same address, and to what comes from there, is not said anywhere.
    /// <https://learn.microsoft.com/azure/virtual-network/service-tags-overview#available-service-tags>
    pub(crate) fn state(self, address: IpAddr, destination_port: Option<u16>) -> State {
        let (host, port) = match self {
            Self::Dns => (AZURE_WIRE_SERVER, 53),
            Self::Metadata => (AZURE_INSTANCE_METADATA, 80),
            Self::Licensing => (AZURE_WIRE_SERVER, LICENSING_PORT),
        };
        let is_host = match address {
            IpAddr::V4(v4) => v4 == host,
            IpAddr::V6(v6) => v6.to_ipv4_mapped() == Some(host),
        };
        match (is_host, self) {
            (false, _) => State::No,
            // Where the service answers is not said.
            (true, Self::Licensing) if destination_port == Some(port) => State::Unknown,
            (true, Self::Licensing) => State::No,
            (true, _) if destination_port == Some(port) => State::Yes,
            (true, _) => State::Unknown,
        }
    }
}
