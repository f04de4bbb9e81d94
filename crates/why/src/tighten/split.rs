//! Rules as Azure takes them: a side has prefixes of one family, or application security groups, or one tag alone.
//! It refuses others with `ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies` and `SecurityRuleParameterContainsUnsupportedValue`.

use std::net::IpAddr;

use model::facts::{AddressSpec, Rule, Side};

/// Rules that match the same together, each of which Azure takes.
pub(super) fn split(rule: &Rule) -> Vec<Rule> {
    let (sources, destinations) = (sides(&rule.source), sides(&rule.destination));
    let mut rules = Vec::new();
    for source in &sources {
        for destination in &destinations {
            // No flow is from one family to the other.
            let (from, to) = (family(source), family(destination));
            if from.zip(to).is_some_and(|(from, to)| from != to) {
                continue;
            }
            rules.push(Rule {
                source: source.clone(),
                destination: destination.clone(),
                ..rule.clone()
            });
        }
    }
    rules
}

/// A side, part by part.
fn sides(side: &Side) -> Vec<Side> {
    let with = |addresses: Vec<AddressSpec>| Side {
        addresses,
        ports: side.ports.clone(),
        ..Side::default()
    };
    if side.addresses.contains(&AddressSpec::Any) {
        return vec![with(vec![AddressSpec::Any])];
    }
    let mut parts = Vec::new();
    for is_v4 in [true, false] {
        let literal = side.addresses.iter().filter(|spec| is_of(spec) == Some(is_v4));
        let literal: Vec<AddressSpec> = literal.cloned().collect();
        if !literal.is_empty() {
            parts.push(with(literal));
        }
    }
    let tags = side.addresses.iter().filter(|spec| is_of(spec).is_none());
    parts.extend(tags.map(|tag| with(vec![tag.clone()])));
    if !side.application_groups.is_empty() {
        parts.push(Side {
            application_groups: side.application_groups.clone(),
            ..with(Vec::new())
        });
    }
    parts
}

/// True for IPv4, false for IPv6; none for what has no family.
fn is_of(spec: &AddressSpec) -> Option<bool> {
    match spec {
        AddressSpec::Any | AddressSpec::Tag(_) => None,
        AddressSpec::Prefix(prefix) => Some(prefix.addr().is_ipv4()),
        AddressSpec::Range(first, _) => Some(IpAddr::is_ipv4(first)),
    }
}

fn family(side: &Side) -> Option<bool> {
    side.addresses.first().and_then(is_of)
}
