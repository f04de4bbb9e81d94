//! Whether a protocol, a port and an address of the host match what a rule says of them.

use std::net::IpAddr;

use model::address::{AZURE_INSTANCE_METADATA, AZURE_WIRE_SERVER};
use model::facts::{PortRange, RuleProtocol, Side};

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

/// Whether a port is among those of a side; one that is not may be where some could not be read.
pub(crate) fn port_state(side: &Side, port: u16) -> State {
    if side.ports.iter().any(|range| range.has(port)) {
        State::Yes
    } else if side.unread_ports.is_empty() {
        State::No
    } else {
        State::Unknown
    }
}

/// Whether a flow without ports meets a rule's ports: one range of all of them it does, none it does not, and else it is not known.
pub(crate) fn portless_state(side: &Side) -> State {
    if side.ports.contains(&PortRange::ALL) {
        State::Yes
    } else if side.ports.is_empty() && side.unread_ports.is_empty() {
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

/// The port of DNS.
const DNS_PORT: u16 = 53;
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

    /// Whether an address is of it, at a port of the same side. DNS is one of several services at the same address, and what a rule
    /// with its tag does to the others is not said anywhere; nor is where the licensing service answers.
    /// <https://learn.microsoft.com/azure/virtual-network/service-tags-overview#available-service-tags>
    pub(crate) fn state(self, address: IpAddr, port: Option<u16>) -> State {
        let address = address.to_canonical();
        match self {
            Self::Licensing if port == Some(LICENSING_PORT) => State::Unknown,
            Self::Dns if address == IpAddr::V4(AZURE_WIRE_SERVER) => match port {
                Some(DNS_PORT) => State::Yes,
                _ => State::Unknown,
            },
            Self::Metadata if address == IpAddr::V4(AZURE_INSTANCE_METADATA) => State::Yes,
            _ => State::No,
        }
    }
}
