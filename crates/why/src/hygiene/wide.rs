//! Rules that let through too much.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use model::AddressClass;
use model::Direction;
use model::address::IpClass;
use model::facts::{Access, AddressSpec, PortRange, Rule, RuleProtocol, Side};
use nsg::{HeldRule, Region, RuleSpace};

use super::{Finding, FindingKind};

/// Ports by which machines are managed: SSH, Telnet, RPC, SMB, RDP, VNC, WinRM.
pub const MANAGEMENT_PORTS: [u16; 8] = [22, 23, 135, 445, 3389, 5900, 5985, 5986];

/// A public prefix with so many bits or fewer is as good as the internet.
const WIDE_PREFIX: u8 = 8;

/// What comes from the internet.
pub(super) struct Internet;

impl Internet {
    /// Everything from the internet to ports of management, as a rule. They are ports of TCP; RDP has UDP beside it.
    pub(super) fn rule() -> HeldRule {
        let ports = MANAGEMENT_PORTS.map(|port| PortRange {
            first: port,
            last: port,
        });
        let rule = Rule {
            name: String::new(),
            priority: i32::MAX,
            direction: Direction::Inbound,
            access: Access::Allow,
            protocol: RuleProtocol::Tcp,
            source: Side {
                addresses: vec![AddressSpec::Tag("Internet".to_owned())],
                ports: vec![PortRange::ALL],
                ..Side::default()
            },
            destination: Side {
                addresses: vec![AddressSpec::Any],
                ports: ports.to_vec(),
                ..Side::default()
            },
            is_default: true,
            description: None,
            unknown: Vec::new(),
        };
        HeldRule {
            rule,
            owner: None,
            applies: true,
        }
    }
}

/// What of a rule is too wide. `left` is what may reach it, `sure` what surely does.
pub(super) fn wide(
    at: usize,
    held: &HeldRule,
    left: &Region,
    sure: &Region,
    internet: &RuleSpace,
) -> Vec<Finding> {
    let rule = &held.rule;
    if rule.access == Access::Deny || left.is_empty() {
        return Vec::new();
    }
    let finding = |kind, is_known| Finding {
        kind,
        rule: at,
        causes: Vec::new(),
        losses: Vec::new(),
        is_known,
    };
    let mut found = Vec::new();
    let has_ports = matches!(
        rule.protocol,
        RuleProtocol::Any | RuleProtocol::Tcp | RuleProtocol::Udp
    );
    let is_everything = is_everywhere(&rule.source)
        && is_everywhere(&rule.destination)
        && rule.destination.ports.contains(&PortRange::ALL);
    if has_ports && is_everything {
        found.push(finding(FindingKind::AnyAny, !sure.is_empty()));
    }
    let is_open = rule.direction == Direction::Inbound && is_from_internet(&rule.source);
    if is_open && left.meets(&internet.subject) {
        let is_known = sure.meets(&internet.lower);
        found.push(finding(FindingKind::ManagementFromInternet, is_known));
    }
    found
}

fn is_everywhere(side: &Side) -> bool {
    side.addresses.iter().any(|address| match address {
        AddressSpec::Any => true,
        AddressSpec::Prefix(prefix) => prefix.prefix_len() == 0,
        AddressSpec::Range(..) => false,
        AddressSpec::Tag(name) => ["Any", "Internet"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name)),
    })
}

fn is_from_internet(side: &Side) -> bool {
    let is_public = |address: IpAddr| AddressClass::of(address).ip_class() == IpClass::Internet;
    is_everywhere(side)
        || side.addresses.iter().any(|address| match address {
            AddressSpec::Prefix(prefix) => {
                prefix.prefix_len() <= WIDE_PREFIX && samples(prefix).any(is_public)
            }
            _ => false,
        })
}

/// Addresses of a wide prefix, a sixteenth of it apart: its ends alone may be of space that nobody has.
fn samples(prefix: &IpNet) -> impl Iterator<Item = IpAddr> {
    let (first, bits) = match prefix.network() {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let step = bits - u32::from(prefix.prefix_len()) - 4;
    (0..16_u128).filter_map(move |at| {
        let number = first | at << step;
        match bits {
            32 => u32::try_from(number)
                .ok()
                .map(|v4| Ipv4Addr::from_bits(v4).into()),
            _ => Some(Ipv6Addr::from_bits(number).into()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_internet_is_from_the_internet() {
        let side = |prefix: &str| Side {
            addresses: vec![AddressSpec::Prefix(prefix.parse().unwrap())],
            ..Side::default()
        };
        for prefix in [
            "0.0.0.0/1",
            "128.0.0.0/1",
            "::/1",
            "2000::/3",
            "8.0.0.0/8",
            "0.0.0.0/0",
        ] {
            assert!(is_from_internet(&side(prefix)), "{prefix}");
        }
        for prefix in ["10.0.0.0/8", "127.0.0.0/8", "fc00::/7", "8.8.0.0/16"] {
            assert!(!is_from_internet(&side(prefix)), "{prefix}");
        }
    }
}
