//! What a rule loses to one before it that does the opposite, and leaves it something all the same.
//!
//! Not every such loss is worth a word. A rule that lies within a later one on every side is an exception to it, which is how lists are
//! written; and a rule that speaks of everything is the last word of its list, to which all before it are exceptions.

use model::facts::{Access, AddressSpec, PortRange, Rule, RuleProtocol, Side};
use nsg::{Fit, Region, Space};

use crate::usage::count_ports;

/// Tags that say as little as `*` in the last word of a list.
const WIDE_TAGS: [&str; 3] = ["Any", "Internet", "VirtualNetwork"];
/// So many addresses are named.
const NAMED_MAX: usize = 3;

/// What a rule loses to one before it. What is empty or none is lost as far as the rule itself reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// The rule that takes it, by its place in the list.
    pub to: usize,
    /// Only of this protocol.
    pub protocol: Option<RuleProtocol>,
    /// Only from these.
    pub sources: Vec<String>,
    /// Only from these ports.
    pub source_ports: Vec<PortRange>,
    /// Only to these.
    pub destinations: Vec<String>,
    /// Only to these ports.
    pub ports: Vec<PortRange>,
    /// How many destination ports the rule has.
    pub ports_of: u64,
    /// Only of protocols without ports, such as ICMP.
    pub is_portless: bool,
}

impl Loss {
    /// The protocol, if only one is lost.
    #[must_use]
    pub fn protocol_name(&self) -> Option<&'static str> {
        self.protocol.map(protocol_name)
    }

    /// In words: `901 of 1,001 ports, 8100-9000`. Numbers are written by the caller's own.
    #[must_use]
    pub fn words(&self, number: fn(u64) -> String) -> String {
        let ports = listed(&self.ports);
        let count = count_ports(&self.ports);
        let is_of_ports_alone =
            self.protocol.is_none() && self.sources.is_empty() && self.destinations.is_empty();
        let mut parts = Vec::new();
        let protocol = self.protocol_name();
        match (protocol, self.ports.is_empty()) {
            (None, false) if is_of_ports_alone && self.ports_of > 1 && self.source_ports.is_empty() => {
                parts.push(format!(
                    "{} of {} ports, {ports}",
                    number(count),
                    number(self.ports_of)
                ));
            }
            (protocol, false) => {
                let noun = if count == 1 { "port" } else { "ports" };
                let protocol = protocol.map_or_else(String::new, |name| format!("{name} "));
                parts.push(format!("{protocol}{noun} {ports}"));
            }
            (None, true) if self.is_portless => parts.push("what has no ports".to_owned()),
            (Some(protocol), true) => parts.push(format!("all {protocol}")),
            (None, true) => {}
        }
        if parts.is_empty() {
            let is_only_there = self.sources.is_empty() && self.source_ports.is_empty();
            parts.push(if is_only_there { "what goes" } else { "what comes" }.to_owned());
        }
        if !self.source_ports.is_empty() {
            parts.push(format!("from ports {}", listed(&self.source_ports)));
        }
        for (word, held) in [("from", &self.sources), ("to", &self.destinations)] {
            if !held.is_empty() {
                parts.push(format!("{word} {}", held.join(", ")));
            }
        }
        parts.join(" ")
    }
}

const fn protocol_name(protocol: RuleProtocol) -> &'static str {
    match protocol {
        RuleProtocol::Any => "protocols",
        RuleProtocol::Tcp => "TCP",
        RuleProtocol::Udp => "UDP",
        RuleProtocol::Icmp => "ICMP",
        RuleProtocol::Esp => "ESP",
        RuleProtocol::Ah => "AH",
    }
}

fn listed(ports: &[PortRange]) -> String {
    named(ports.iter().map(ToString::to_string).collect()).join(", ")
}

/// The first of them, and how many more there are.
fn named(mut all: Vec<String>) -> Vec<String> {
    let more = all.len().saturating_sub(NAMED_MAX);
    if more > 1 {
        all.truncate(NAMED_MAX);
        all.push(format!("{more} more"));
    }
    all
}

/// True if a rule speaks of all ports between everybody, so that it is the last word of its list.
pub(super) fn is_last_word(rule: &Rule) -> bool {
    let is_wide = |side: &Side| {
        let is_all = |address: &AddressSpec| match address {
            AddressSpec::Any => true,
            AddressSpec::Prefix(prefix) => prefix.prefix_len() == 0,
            AddressSpec::Range(..) => false,
            AddressSpec::Tag(name) => WIDE_TAGS.iter().any(|wide| wide.eq_ignore_ascii_case(name)),
        };
        side.addresses.iter().any(is_all) && side.ports.contains(&PortRange::ALL)
    };
    is_wide(&rule.source) && is_wide(&rule.destination)
}

/// True if one rule lets through what another turns away.
pub(super) const fn are_opposite(one: &Rule, other: &Rule) -> bool {
    matches!(one.access, Access::Deny) != matches!(other.access, Access::Deny)
}

/// True if what is taken by a rule before is an exception: it lies within the later one on every side.
pub(super) fn is_exception(fits: &[Fit; 5]) -> bool {
    fits.iter().all(|fit| fit.is_around)
}

/// True if the two have something in common whatever is not known.
pub(super) fn surely_meet(fits: &[Fit; 5]) -> bool {
    fits.iter().all(|fit| fit.is_inside || fit.surely_meets)
}

/// What a rule loses of what is left of it.
pub(super) fn loss(
    space: &Space,
    own: &Rule,
    (to, taker): (usize, &Rule),
    fits: &[Fit; 5],
    (left, cover): (&Region, &Region),
) -> Loss {
    let [protocol, source, source_port, destination, port] = *fits;
    let ports = space.ports_of_both(left, cover);
    let own_ports = count_ports(&joined(&own.destination.ports));
    let is_all = port.is_inside && count_ports(&ports) == own_ports;
    // What has no ports is no port's.
    let is_portless = ports.is_empty();
    let addresses = |fit: Fit, own: &Side, taker: &Side| match fit.is_inside {
        true => Vec::new(),
        false => common(own, taker, fit.is_around),
    };
    let source_ports = match source_port.is_inside {
        true => Vec::new(),
        false => meeting(&own.source.ports, &taker.source.ports),
    };
    Loss {
        to,
        protocol: (!protocol.is_inside).then_some(taker.protocol),
        sources: addresses(source, &own.source, &taker.source),
        source_ports,
        destinations: addresses(destination, &own.destination, &taker.destination),
        ports: if is_all { Vec::new() } else { ports },
        ports_of: own_ports,
        is_portless,
    }
}

/// Ranges in order that do not touch.
fn joined(ports: &[PortRange]) -> Vec<PortRange> {
    let mut sorted = ports.to_vec();
    sorted.sort_unstable();
    let mut all: Vec<PortRange> = Vec::new();
    for range in sorted {
        match all.last_mut() {
            Some(last) if u32::from(range.first) <= u32::from(last.last) + 1 => {
                last.last = last.last.max(range.last);
            }
            _ => all.push(range),
        }
    }
    all
}

fn meeting(one: &[PortRange], other: &[PortRange]) -> Vec<PortRange> {
    let pairs = one.iter().flat_map(|one| {
        other.iter().map(move |other| PortRange {
            first: one.first.max(other.first),
            last: one.last.min(other.last),
        })
    });
    joined(
        &pairs
            .filter(|range| range.first <= range.last)
            .collect::<Vec<_>>(),
    )
}

/// The addresses of both sides, in the words of the rules. A whole taker is told by its own words.
fn common(own: &Side, taker: &Side, is_whole_taker: bool) -> Vec<String> {
    if is_whole_taker {
        return named(words(taker));
    }
    let mut both = Vec::new();
    for one in &own.addresses {
        for other in &taker.addresses {
            match (one, other) {
                (AddressSpec::Any, held) | (held, AddressSpec::Any) => both.push(word(held)),
                (AddressSpec::Prefix(one), AddressSpec::Prefix(other)) => {
                    let inner = if one.contains(other) {
                        Some(other)
                    } else {
                        other.contains(one).then_some(one)
                    };
                    both.extend(inner.map(ToString::to_string));
                }
                (AddressSpec::Tag(one), AddressSpec::Tag(other)) if one.eq_ignore_ascii_case(other) => {
                    both.push(one.clone());
                }
                // Which addresses two such words share has no word.
                _ => return vec![format!("what is of {} and of {}", all(own), all(taker))],
            }
        }
    }
    let is_plain = |side: &Side| side.application_groups.is_empty() && side.network_groups.is_empty();
    if both.is_empty() || !is_plain(own) || !is_plain(taker) {
        return vec![format!("what is of {} and of {}", all(own), all(taker))];
    }
    both.sort_unstable();
    both.dedup();
    named(both)
}

fn all(side: &Side) -> String {
    named(words(side)).join(" or ")
}

fn words(side: &Side) -> Vec<String> {
    let groups = side.application_groups.iter().chain(&side.network_groups);
    let groups = groups.map(|group| group.name().to_owned());
    side.addresses.iter().map(word).chain(groups).collect()
}

fn word(address: &AddressSpec) -> String {
    match address {
        AddressSpec::Any => "*".to_owned(),
        AddressSpec::Prefix(prefix) if prefix.prefix_len() == prefix.max_prefix_len() => {
            prefix.addr().to_string()
        }
        AddressSpec::Prefix(prefix) => prefix.to_string(),
        AddressSpec::Range(first, last) => format!("{first}-{last}"),
        AddressSpec::Tag(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(ranges: &[(u16, u16)]) -> Vec<PortRange> {
        let ranges = ranges.iter();
        ranges
            .map(|(first, last)| PortRange {
                first: *first,
                last: *last,
            })
            .collect()
    }

    #[test]
    fn a_loss_is_told_in_the_words_of_rules() {
        let number = |number: u64| number.to_string();
        let mut loss = Loss {
            ports: ports(&[(8_100, 9_000)]),
            ports_of: 1_001,
            ..Loss::default()
        };
        assert_eq!(loss.words(number), "901 of 1001 ports, 8100-9000");
        loss.sources = vec!["10.1.0.0/16".to_owned()];
        assert_eq!(loss.words(number), "ports 8100-9000 from 10.1.0.0/16");
        loss.protocol = Some(RuleProtocol::Udp);
        loss.ports = ports(&[(53, 53)]);
        loss.destinations = vec!["10.1.0.4".to_owned(), "10.1.0.5".to_owned()];
        assert_eq!(
            loss.words(number),
            "UDP port 53 from 10.1.0.0/16 to 10.1.0.4, 10.1.0.5"
        );
        loss.protocol = None;
        loss.ports = Vec::new();
        loss.destinations = Vec::new();
        assert_eq!(loss.words(number), "what comes from 10.1.0.0/16");
        loss = Loss {
            protocol: Some(RuleProtocol::Tcp),
            ..Loss::default()
        };
        assert_eq!(loss.words(number), "all TCP");
    }

    #[test]
    fn addresses_of_both_are_the_narrower_ones() {
        let side = |texts: &[&str]| Side {
            addresses: texts
                .iter()
                .map(|text| match *text {
                    "*" => AddressSpec::Any,
                    _ => text
                        .parse()
                        .map_or_else(|_| AddressSpec::Tag((*text).to_owned()), AddressSpec::Prefix),
                })
                .collect(),
            ..Side::default()
        };
        for (own, taker, both) in [
            (
                &["10.0.0.0/8"][..],
                &["10.1.0.0/16", "192.0.2.0/24"][..],
                "10.1.0.0/16",
            ),
            (&["*"], &["10.1.0.4/32", "Sql"], "10.1.0.4, Sql"),
            (
                &["10.0.0.0/8", "192.0.2.0/24"],
                &["VirtualNetwork"],
                "what is of 10.0.0.0/8 or 192.0.2.0/24 and of VirtualNetwork",
            ),
        ] {
            assert_eq!(common(&side(own), &side(taker), false).join(", "), both);
        }
        let many: Vec<String> = (0..6).map(|at| format!("10.{at}.0.0/16")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(
            common(&side(&["*"]), &side(&many), true).join(", "),
            "10.0.0.0/16, 10.1.0.0/16, 10.2.0.0/16, 3 more"
        );
    }
}
