//! Rules that nothing met, and ranges of ports of which little was used: only as far as logs could have shown it.

use std::net::IpAddr;

use ipnet::IpNet;
use model::address::{AZURE_INSTANCE_METADATA, AZURE_WIRE_SERVER};
use model::facts::{Access, AddressSpec, ArmId, PortRange, Rule, RuleProtocol, Side};

use super::{RuleId, Usage};
use crate::coverage::{Coverage, Hours};
use crate::hygiene::{Finding, FindingKind, RuleList};

/// Of a range of ports less than one in so many is used: the rest is told.
const SHARE: u64 = 10;

/// Whether logs can show that a rule is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// They can, in these hours of the interfaces that it guards.
    In(Hours),
    /// Flow logs have no ICMP, ESP or AH.
    NotOfProtocol,
    /// It is about traffic with the host only, such as health probes.
    NotOfHost,
    /// None of the interfaces that it guards logged anything, or none is known.
    Unlogged(Hours),
}

impl Observed {
    /// True if the absence of hits says something.
    #[must_use]
    pub const fn is_possible(self) -> bool {
        matches!(self, Self::In(_))
    }
}

/// Whether logs can show that a rule of a list is met, which is as it is since a time. The interfaces are those that the list guards.
#[must_use]
pub fn observed(rule: &Rule, interfaces: &[ArmId], coverage: &Coverage, since: Option<i64>) -> Observed {
    let hours = coverage.of_all_since(interfaces, since.unwrap_or(i64::MIN));
    match rule.protocol {
        RuleProtocol::Icmp | RuleProtocol::Esp | RuleProtocol::Ah => Observed::NotOfProtocol,
        _ if is_of_host(&rule.source) || is_of_host(&rule.destination) => Observed::NotOfHost,
        _ if hours.logged == 0 => Observed::Unlogged(hours),
        _ => Observed::In(hours),
    }
}

/// The tags of the host's services.
const HOST_TAGS: [&str; 4] = [
    "AzureLoadBalancer",
    "AzurePlatformDNS",
    "AzurePlatformIMDS",
    "AzurePlatformLKM",
];

fn is_host(address: &AddressSpec) -> bool {
    match address {
        AddressSpec::Tag(name) => HOST_TAGS.iter().any(|known| known.eq_ignore_ascii_case(name)),
        AddressSpec::Prefix(prefix) => {
            let addresses = [AZURE_WIRE_SERVER, AZURE_INSTANCE_METADATA].map(IpAddr::from);
            addresses.iter().any(|address| *prefix == IpNet::from(*address))
        }
        AddressSpec::Any | AddressSpec::Range(..) => false,
    }
}

/// True if a side names one of the host's services.
pub(crate) fn names_host(side: &Side) -> bool {
    side.addresses.iter().any(is_host)
}

/// True if a side names nothing but the host's services.
fn is_of_host(side: &Side) -> bool {
    let is_only_of_addresses = side.application_groups.is_empty()
        && side.network_groups.is_empty()
        && side.unread_addresses.is_empty();
    is_only_of_addresses && !side.addresses.is_empty() && side.addresses.iter().all(is_host)
}

/// What was not used of a list. It is known where its interfaces logged in every hour.
#[must_use]
pub fn unused(list: &RuleList, usage: &Usage, coverage: &Coverage) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, held) in list.rules.iter().enumerate() {
        let Some(id) = RuleId::of(held).filter(|_| !held.rule.is_default) else {
            continue;
        };
        let since = usage.since(&id);
        let Observed::In(hours) = observed(&held.rule, &list.interfaces, coverage, since) else {
            continue;
        };
        let finding = |kind| Finding {
            kind,
            rule: at,
            causes: Vec::new(),
            losses: Vec::new(),
            is_known: hours.is_complete(),
        };
        let used = usage.rules.get(&id);
        let is_unused = used.is_none_or(super::RuleUse::is_unused) && usage.named_elsewhere(&id).lines == 0;
        if is_unused {
            found.push(finding(FindingKind::Unused));
        } else if let Some(used) = used.filter(|used| !used.has_more_ports)
            && held.rule.access != Access::Deny
            && has_unused_share(&held.rule.destination.ports, used.ports.len())
        {
            found.push(finding(FindingKind::UnusedShare));
        }
    }
    found
}

/// True if a rule is for ranges of ports of which few were used.
fn has_unused_share(ports: &[PortRange], used: usize) -> bool {
    let is_range = ports.iter().any(|range| range.first < range.last);
    is_range && used > 0 && (used as u64).saturating_mul(SHARE) < count_ports(ports)
}

/// How many ports these are; one that stands in two ranges counts twice.
#[must_use]
pub fn count_ports(ports: &[PortRange]) -> u64 {
    ports
        .iter()
        .map(|range| u64::from(range.last) - u64::from(range.first.min(range.last)) + 1)
        .sum()
}
