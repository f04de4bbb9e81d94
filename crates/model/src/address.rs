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
        } else if a >= 240
            || ([a, b, c] == [192, 0, 0] && d != 9 && d != 10)
            || [a, b, c, d] == [192, 88, 99, 2]
        {
            // The two addresses left out are anycast services, reachable from anywhere.
            Self::Reserved
        } else {
            Self::Internet
        }
    }

    fn of_v6(ip: Ipv6Addr) -> Self {
        let [first, second, third, ..] = ip.segments();
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
        } else if !is_global_v6(ip) {
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

/// Global unicast is `2000::/3` and the well-known NAT64 prefix. `2001::/23` holds protocol assignments,
/// of which a few, and Teredo, are reachable from anywhere.
fn is_global_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => true,
        [0x2001, 0 | 3 | 0x20..=0x3f, ..] | [0x2001, 4, 0x112, ..] | [0x2001, 1, 0, 0, 0, 0, 0, 1..=3] => {
            true
        }
        [0x2001, 0..=0x1ff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
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
        check("20.42.65.92", AddressClass::Internet);
        check("2001:2:1::1", AddressClass::Reserved);
        check("2001:5::1", AddressClass::Reserved);
        check("2001:1::4", AddressClass::Reserved);
        check("2001:200::1", AddressClass::Internet);
        check("3fff:1000::1", AddressClass::Internet);
        check("2603:1030::1", AddressClass::Internet);
        check("fec0::1", AddressClass::Reserved);
        check("4000::1", AddressClass::Reserved);
        check("::10.0.0.1", AddressClass::Reserved);
        check("ff02::1", AddressClass::Multicast);
        check("::ffff:10.0.0.1", AddressClass::Private);
    }
    /// IANA's special-purpose registries for IPv4 and IPv6 (up to RFC 9780 of 2025), line by line: each block's
    /// first and last address. Terminated blocks have the class of what surrounds them.
    #[rustfmt::skip]
    const REGISTRIES: [(&str, AddressClass); 56] = [
        ("0.0.0.0/8", AddressClass::Unspecified),
        ("0.0.0.0/32", AddressClass::Unspecified),
        ("10.0.0.0/8", AddressClass::Private),
        ("100.64.0.0/10", AddressClass::Shared),
        ("127.0.0.0/8", AddressClass::Loopback),
        ("169.254.0.0/16", AddressClass::LinkLocal),
        ("172.16.0.0/12", AddressClass::Private),
        ("192.0.0.0/24", AddressClass::Reserved),
        ("192.0.0.0/29", AddressClass::Reserved), // IPv4 service continuity
        ("192.0.0.8/32", AddressClass::Reserved), // dummy
        ("192.0.0.9/32", AddressClass::Internet), // port control anycast
        ("192.0.0.10/32", AddressClass::Internet), // TURN anycast
        ("192.0.0.170/32", AddressClass::Reserved), // NAT64 discovery
        ("192.0.0.171/32", AddressClass::Reserved),
        ("192.0.2.0/24", AddressClass::Documentation),
        ("192.31.196.0/24", AddressClass::Internet), // AS112
        ("192.52.193.0/24", AddressClass::Internet), // AMT
        ("192.88.99.0/24", AddressClass::Internet), // 6to4 relay, terminated
        ("192.88.99.2/32", AddressClass::Reserved), // 6a44 relay
        ("192.168.0.0/16", AddressClass::Private),
        ("192.175.48.0/24", AddressClass::Internet), // AS112
        ("198.18.0.0/15", AddressClass::Benchmarking),
        ("198.51.100.0/24", AddressClass::Documentation),
        ("203.0.113.0/24", AddressClass::Documentation),
        ("240.0.0.0/5", AddressClass::Reserved), // the lower half of 240.0.0.0/4, whose last address is:
        ("255.255.255.255/32", AddressClass::Broadcast),
        ("::1/128", AddressClass::Loopback),
        ("::/128", AddressClass::Unspecified),
        ("::ffff:1.0.0.0/104", AddressClass::Internet), // mapped addresses: as the address they hold
        ("64:ff9b::/96", AddressClass::Internet), // NAT64
        ("64:ff9b:1::/48", AddressClass::Reserved), // NAT64, local
        ("100::/64", AddressClass::Reserved), // discard
        ("100:0:0:1::/64", AddressClass::Reserved), // dummy
        ("2001::/32", AddressClass::Internet), // Teredo
        ("2001:1::1/128", AddressClass::Internet), // port control anycast
        ("2001:1::2/128", AddressClass::Internet), // TURN anycast
        ("2001:1::3/128", AddressClass::Internet), // DNS-SD anycast
        ("2001:2::/48", AddressClass::Benchmarking),
        ("2001:3::/32", AddressClass::Internet), // AMT
        ("2001:4:112::/48", AddressClass::Internet), // AS112
        ("2001:10::/28", AddressClass::Reserved), // ORCHID, terminated
        ("2001:20::/28", AddressClass::Internet), // ORCHIDv2
        ("2001:30::/28", AddressClass::Internet), // drone identifiers
        ("2001:100::/24", AddressClass::Reserved), // the upper half of 2001::/23, protocol assignments
        ("2001:db8::/32", AddressClass::Documentation),
        ("2002::/16", AddressClass::Internet), // 6to4
        ("2620:4f:8000::/48", AddressClass::Internet), // AS112
        ("3fff::/20", AddressClass::Documentation),
        ("5f00::/16", AddressClass::Reserved), // segment routing
        ("fc00::/7", AddressClass::Private),
        ("fe80::/10", AddressClass::LinkLocal),
        // Not special-purpose in IANA's sense: the multicast and unallocated parts of the two spaces.
        ("224.0.0.0/4", AddressClass::Multicast),
        ("ff00::/8", AddressClass::Multicast),
        ("fec0::/10", AddressClass::Reserved), // site-local, withdrawn
        ("4000::/3", AddressClass::Reserved),
        ("2600::/12", AddressClass::Internet),
    ];

    #[test]
    fn every_line_of_the_registries() {
        for (block, expected) in REGISTRIES {
            let (network, bits) = block.split_once('/').unwrap();
            let bits: u32 = bits.parse().unwrap();
            let (first, last) = match network.parse::<IpAddr>().unwrap() {
                IpAddr::V4(first) => {
                    let host = u32::MAX.checked_shr(bits).unwrap_or(0);
                    (IpAddr::V4(first), IpAddr::V4((u32::from(first) | host).into()))
                }
                IpAddr::V6(first) => {
                    let host = u128::MAX.checked_shr(bits).unwrap_or(0);
                    (IpAddr::V6(first), IpAddr::V6((u128::from(first) | host).into()))
                }
            };
            for address in [first, last] {
                assert_eq!(AddressClass::of(address), expected, "{block}: {address}");
            }
        }
    }
}
