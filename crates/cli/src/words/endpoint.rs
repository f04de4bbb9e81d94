//! Addresses, ports and the services on them, in words. A service is a guess from the port: nothing
//! here claims to know what really ran there.

use std::net::IpAddr;

use model::address::{AZURE_INSTANCE_METADATA, AZURE_WIRE_SERVER};
use model::protocols::{TCP, UDP};
use model::services::{EPHEMERAL_FROM, service_name, well_known_label};
use model::{AddressClass, IpClass};

use crate::reading::row::{Address, Protocol};

/// Server ports whose late replies Azure logs as flows of their own.
const REPLYING: [u16; 4] = [53, 80, 123, 443];

/// What a port says about a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// The destination port has a name.
    Named(&'static str),
    /// It has none.
    Nameless,
    /// A well-known port answers an ephemeral one: likely the tail of a flow that was forgotten, not a
    /// connection opened by the source.
    LateReply(&'static str),
}

/// Guesses the service of a flow from its ports.
pub(crate) fn service(source_port: u16, destination_port: u16, protocol: Option<u8>) -> Service {
    let Some(protocol) = protocol else {
        return Service::Nameless;
    };
    if let Some(label) = well_known_label(destination_port, protocol) {
        return Service::Named(label);
    }
    if destination_port >= EPHEMERAL_FROM {
        return match well_known_label(source_port, protocol) {
            Some(label) if REPLYING.contains(&source_port) => Service::LateReply(label),
            _ => Service::Nameless,
        };
    }
    service_name(destination_port, protocol).map_or(Service::Nameless, Service::Named)
}

/// Whether tuples of this protocol have ports worth printing.
pub(crate) fn has_ports(protocol: Option<u8>, ports: (u16, u16)) -> bool {
    matches!(protocol, Some(TCP | UDP)) || ports != (0, 0)
}

/// What kind of address it is, as the word in brackets.
pub(crate) fn kind(ip: Option<IpAddr>) -> &'static str {
    let Some(ip) = ip else { return "not an address" };
    match AddressClass::of(ip) {
        AddressClass::AzurePlatform if is(ip, AZURE_WIRE_SERVER) => {
            "Azure platform: DNS, DHCP, health probes"
        }
        AddressClass::AzurePlatform if is(ip, AZURE_INSTANCE_METADATA) => "Azure platform: instance metadata",
        AddressClass::Documentation => "internet, documentation range",
        AddressClass::Benchmarking => "internet, benchmarking range",
        AddressClass::Reserved => "reserved range",
        AddressClass::Multicast => "multicast",
        AddressClass::Broadcast => "broadcast",
        AddressClass::Unspecified => "no particular address",
        AddressClass::Loopback => "loopback",
        AddressClass::LinkLocal => "link-local",
        AddressClass::Shared => "internal, carrier-grade range",
        class => match class.ip_class() {
            IpClass::Internal => "internal",
            IpClass::Platform => "Azure platform",
            IpClass::Internet => "internet",
            IpClass::Special => "special",
        },
    }
}

fn is(ip: IpAddr, platform: std::net::Ipv4Addr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4 == platform,
        IpAddr::V6(v6) => v6.to_ipv4_mapped() == Some(platform),
    }
}

/// `10.0.0.4:443`, `[2001:db8::1]:443`, or the bare address where there is no port.
pub(crate) fn endpoint(address: Address<'_>, port: Option<u16>) -> String {
    let text = model::printable::text(address.text);
    match port {
        Some(port) if text.contains(':') => format!("[{text}]:{port}"),
        Some(port) => format!("{text}:{port}"),
        None => text.into_owned(),
    }
}

/// `HTTPS/TCP`, or `TCP` where the port has no name.
pub(crate) fn service_text(service: Service, protocol: Protocol<'_>) -> String {
    let protocol = model::printable::text(protocol.name);
    match service {
        Service::Named(label) => format!("{label}/{protocol}"),
        Service::Nameless | Service::LateReply(_) => {
            if protocol.bytes().all(|byte| byte.is_ascii_digit()) {
                format!("protocol {protocol}")
            } else {
                protocol.into_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_on_the_destination_port() {
        let check = |source, destination, protocol, expected| {
            assert_eq!(
                service(source, destination, Some(protocol)),
                expected,
                "{source} -> {destination}"
            );
        };
        check(55_490, 80, TCP, Service::Named("HTTP"));
        check(55_490, 443, UDP, Service::Named("HTTPS (QUIC)"));
        check(55_490, 109, TCP, Service::Named("pop2"));
        check(55_490, 4, TCP, Service::Nameless);
        check(443, 80, TCP, Service::Named("HTTP"));
        // A registered name among ephemeral ports is no service, a product that really lives there is.
        check(55_490, 48_000, TCP, Service::Nameless);
        check(443, 51_820, UDP, Service::Named("WireGuard"));
        check(443, 8_443, TCP, Service::Named("HTTPS alternate"));
        check(0, 0, 1, Service::Nameless);
        assert_eq!(service(443, 50_001, None), Service::Nameless);
    }

    #[test]
    fn late_replies() {
        for (port, protocol, label) in [
            (443, TCP, "HTTPS"),
            (53, UDP, "DNS"),
            (80, TCP, "HTTP"),
            (123, UDP, "NTP"),
        ] {
            assert_eq!(service(port, 60_123, Some(protocol)), Service::LateReply(label));
        }
        // From other ports it may as well be a scan that chose its source port.
        assert_eq!(service(22, 60_123, Some(TCP)), Service::Nameless);
        assert_eq!(service(443, 20_000, Some(TCP)), Service::Named("dnp"));
    }

    #[test]
    fn kinds() {
        for (address, expected) in [
            ("10.0.0.4", "internal"),
            ("fd00::1", "internal"),
            ("100.64.0.1", "internal, carrier-grade range"),
            ("8.8.8.8", "internet"),
            ("2606:4700::1111", "internet"),
            ("192.0.2.1", "internet, documentation range"),
            ("198.18.0.1", "internet, benchmarking range"),
            ("240.0.0.1", "reserved range"),
            ("168.63.129.16", "Azure platform: DNS, DHCP, health probes"),
            ("::ffff:168.63.129.16", "Azure platform: DNS, DHCP, health probes"),
            ("169.254.169.254", "Azure platform: instance metadata"),
            ("169.254.1.1", "link-local"),
            ("224.0.0.251", "multicast"),
            ("255.255.255.255", "broadcast"),
            ("0.0.0.0", "no particular address"),
            ("127.0.0.1", "loopback"),
            ("host", "not an address"),
        ] {
            assert_eq!(kind(address.parse().ok()), expected, "{address}");
        }
    }

    #[test]
    fn endpoints() {
        let address = |text| Address { text, ip: None };
        assert_eq!(endpoint(address("10.0.0.4"), Some(80)), "10.0.0.4:80");
        assert_eq!(endpoint(address("2001:db8::1"), Some(80)), "[2001:db8::1]:80");
        assert_eq!(endpoint(address("10.0.0.4"), None), "10.0.0.4");
        assert_eq!(
            service_text(
                Service::Nameless,
                Protocol {
                    name: "61",
                    number: Some(61)
                }
            ),
            "protocol 61"
        );
    }
}
