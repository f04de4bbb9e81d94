//! What kind of address an address is: private, platform, internet and so on.
//!
//! Classes are decided from the address alone (IANA special-purpose registries, and Azure's two
//! platform addresses). Whether an address belongs to *this* network is a question for facts, not
//! for this module: private space is not the same as the service tag `VirtualNetwork`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The class of an address, from the address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressClass {
    /// RFC 1918, or IPv6 unique local (`fc00::/7`).
    Private,
    /// Carrier-grade NAT space, `100.64.0.0/10`; used privately in Azure too.
    Shared,
    /// Azure's own host addresses: `168.63.129.16` (DNS, DHCP, health probes, agent) and
    /// `169.254.169.254` (instance metadata).
    AzurePlatform,
    /// Link-local.
    LinkLocal,
    /// Loopback.
    Loopback,
    /// Multicast.
    Multicast,
    /// The limited broadcast address.
    Broadcast,
    /// `0.0.0.0` or `::`.
    Unspecified,
    /// Reserved for documentation; on a real network a sign of synthetic data.
    Documentation,
    /// Reserved for measuring devices (RFC 2544, RFC 5180): `198.18.0.0/15`, `2001:2::/48`.
    Benchmarking,
    /// Set aside and not reachable from the internet, such as `240.0.0.0/4` and `192.0.0.0/24`.
    Reserved,
    /// Anything else: reachable on the internet.
    Internet,
}

/// Shorthand used by reports: is the address inside or out on the internet?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IpClass {
    /// Private, shared, link-local, loopback.
    Internal,
    /// Azure's platform addresses.
    Platform,
    /// The internet, documentation and benchmarking ranges included: they stand in for it in samples.
    Internet,
    /// Multicast, broadcast, unspecified, reserved.
    Special,
}

/// The host address of DNS, DHCP, health probes and the guest agent.
pub const AZURE_WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);
/// The instance metadata service.
pub const AZURE_INSTANCE_METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

impl AddressClass {
    /// Classifies an address. IPv4-mapped IPv6 addresses are classed as the IPv4 address they hold.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::of_v4(v4),
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| Self::of_v6(v6), Self::of_v4),
        }
    }

    fn of_v4(ip: Ipv4Addr) -> Self {
        let [a, b, c, d] = ip.octets();
        if ip == AZURE_WIRE_SERVER || ip == AZURE_INSTANCE_METADATA {
            Self::AzurePlatform
        } else if ip.is_private() {
            Self::Private
        } else if a == 100 && (64..128).contains(&b) {
            Self::Shared
        } else if ip.is_loopback() {
            Self::Loopback
        } else if ip.is_link_local() {
            Self::LinkLocal
        } else if ip.is_multicast() {
            Self::Multicast
        } else if ip.is_broadcast() {
            Self::Broadcast
        } else if a == 0 {
            Self::Unspecified
        } else if ip.is_documentation() {
            Self::Documentation
        } else if a == 198 && (b == 18 || b == 19) {
            Self::Benchmarking
        } else if a >= 240 || ([a, b, c] == [192, 0, 0] && d != 9 && d != 10) {
            // The two addresses left out are anycast services, reachable from anywhere.
            Self::Reserved
        } else {
            Self::Internet
        }
    }

    fn of_v6(ip: Ipv6Addr) -> Self {
        let [first, second, third, fourth, ..] = ip.segments();
        if ip.is_unspecified() {
            Self::Unspecified
        } else if ip.is_loopback() {
            Self::Loopback
        } else if first & 0xfe00 == 0xfc00 {
            Self::Private
        } else if first & 0xffc0 == 0xfe80 {
            Self::LinkLocal
        } else if ip.is_multicast() {
            Self::Multicast
        } else if (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000) {
            Self::Documentation
        } else if [first, second, third] == [0x2001, 2, 0] {
            Self::Benchmarking
        } else if first == 0x5f00
            || [first, second, third] == [0x64, 0xff9b, 1]
            || (first == 0x100 && [second, third] == [0, 0] && fourth < 2)
            || (first == 0x2001 && second & 0xfff0 == 0x10)
        {
            // Segment routing, local translation, discard and dummy prefixes, the first ORCHID.
            Self::Reserved
        } else {
            Self::Internet
        }
    }

    /// The spelling used in columns and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "Private",
            Self::Shared => "Shared",
            Self::AzurePlatform => "AzurePlatform",
            Self::LinkLocal => "LinkLocal",
            Self::Loopback => "Loopback",
            Self::Multicast => "Multicast",
            Self::Broadcast => "Broadcast",
            Self::Unspecified => "Unspecified",
            Self::Documentation => "Documentation",
            Self::Benchmarking => "Benchmarking",
            Self::Reserved => "Reserved",
            Self::Internet => "Internet",
        }
    }

    /// Inside, platform, internet or special.
    #[must_use]
    pub const fn ip_class(self) -> IpClass {
        match self {
            Self::Private | Self::Shared | Self::LinkLocal | Self::Loopback => IpClass::Internal,
            Self::AzurePlatform => IpClass::Platform,
            Self::Documentation | Self::Benchmarking | Self::Internet => IpClass::Internet,
            Self::Multicast | Self::Broadcast | Self::Unspecified | Self::Reserved => IpClass::Special,
        }
    }
}

impl IpClass {
    /// The word used in sentences.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Platform => "platform",
            Self::Internet => "internet",
            Self::Special => "special",
        }
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for IpClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: AddressClass) {
        let address: IpAddr = text.parse().unwrap();
        assert_eq!(AddressClass::of(address), expected, "{text}");
    }

    #[test]
    fn classes() {
        check("10.0.0.4", AddressClass::Private);
        check("172.15.255.255", AddressClass::Internet);
        check("172.16.0.0", AddressClass::Private);
        check("172.31.255.255", AddressClass::Private);
        check("172.32.0.0", AddressClass::Internet);
        check("192.168.1.1", AddressClass::Private);
        check("100.64.0.1", AddressClass::Shared);
        check("100.128.0.1", AddressClass::Internet);
        check("168.63.129.16", AddressClass::AzurePlatform);
        check("169.254.169.254", AddressClass::AzurePlatform);
        check("169.254.1.1", AddressClass::LinkLocal);
        check("127.0.0.1", AddressClass::Loopback);
        check("224.0.0.251", AddressClass::Multicast);
        check("255.255.255.255", AddressClass::Broadcast);
        check("0.0.0.0", AddressClass::Unspecified);
        check("203.0.113.7", AddressClass::Documentation);
        check("198.17.255.255", AddressClass::Internet);
        check("198.18.0.1", AddressClass::Benchmarking);
        check("198.19.255.255", AddressClass::Benchmarking);
        check("198.20.0.0", AddressClass::Internet);
        check("192.0.0.8", AddressClass::Reserved);
        check("192.0.0.9", AddressClass::Internet);
        check("192.0.1.1", AddressClass::Internet);
        check("239.255.255.255", AddressClass::Multicast);
        check("240.0.0.0", AddressClass::Reserved);
        check("255.255.255.254", AddressClass::Reserved);
        check("20.42.65.92", AddressClass::Internet);
        check("fd00::1", AddressClass::Private);
        check("fe80::1", AddressClass::LinkLocal);
        check("ff02::1", AddressClass::Multicast);
        check("2001:db8::1", AddressClass::Documentation);
        check("3fff:fff::1", AddressClass::Documentation);
        check("3fff:1000::1", AddressClass::Internet);
        check("2001:2::1", AddressClass::Benchmarking);
        check("2001:2:1::1", AddressClass::Internet);
        check("2001:10::1", AddressClass::Reserved);
        check("2001:20::1", AddressClass::Internet);
        check("100::1", AddressClass::Reserved);
        check("100:0:0:1::1", AddressClass::Reserved);
        check("64:ff9b:1::1", AddressClass::Reserved);
        check("64:ff9b::808:808", AddressClass::Internet);
        check("5f00::1", AddressClass::Reserved);
        check("2603:1030::1", AddressClass::Internet);
        check("::ffff:10.0.0.1", AddressClass::Private);
    }
}
