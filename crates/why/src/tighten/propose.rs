//! The proposed list: each rule that is narrowed gives its place to what is left of it, everything else stays.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use model::Direction;
use model::digits::grouped;
use model::facts::{Access, AddressSpec, ArmId, Asset, FactSet, Rule, RuleProtocol, Side};
use nsg::HeldRule;

use super::narrow::{self, Margin, Part, Peer};
use super::split::split;
use super::{Learner, Seen, TightenError, peer_side};
use crate::coverage::Hours;
use crate::usage::names_host;

/// What is met less often in the window is rare, and stays.
const RARE: u64 = 10;
/// A group has at most so many rules, and a rule of somebody these numbers.
const RULES_MAX: usize = 1_000;
const FIRST_NUMBER: i32 = 100;
const LAST_NUMBER: i32 = 4_096;
/// Names have at most 80 letters; so many are left to what a part is made of.
const BASE_MAX: usize = 60;

/// Why a rule stays as it is, or what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is narrowed to so many rules.
    Narrowed {
        /// How many let something through.
        parts: usize,
        /// Flows that it let through.
        flows: u64,
        /// It stays behind them for what is neither TCP nor UDP.
        keeps_others: bool,
    },
    /// It turns away.
    Denies,
    /// It is about traffic with the host, of which probes of load balancers are.
    OfHost,
    /// Flow logs have nothing of its protocol.
    NotLogged,
    /// Nothing met it: that is no reason to take it away.
    Unused,
    /// Few flows met it.
    Rare(u64),
    /// Of some flows it is not known whether they met it.
    Open(u64),
    /// What was seen needs all of it.
    AsSeen,
    /// It also lets something to interfaces that are skipped, and there is no telling what.
    OfSkipped,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Narrowed {
                parts,
                flows,
                keeps_others,
            } => {
                let others = match keeps_others {
                    true => "; ICMP and all else that is neither TCP nor UDP pass as before",
                    false => "",
                };
                let word = if *flows == 1 { "flow" } else { "flows" };
                write!(f, "narrowed to {parts} by {} {word}{others}", grouped(*flows))
            }
            Self::Denies => f.write_str("kept: it turns away"),
            Self::OfHost => {
                f.write_str("kept: it is about traffic with the host, such as probes of load balancers")
            }
            Self::NotLogged => f.write_str("kept: flow logs have nothing of its protocol"),
            Self::Unused => f.write_str("kept: nothing met it, look at it yourself"),
            Self::Rare(1) => f.write_str("kept: it is rare, met by 1 flow"),
            Self::Rare(flows) => write!(f, "kept: it is rare, met by {flows} flows"),
            Self::Open(1) => f.write_str("kept: whether 1 line is of it is not known"),
            Self::Open(flows) => write!(
                f,
                "kept: whether {} lines are of it is not known",
                grouped(*flows)
            ),
            Self::AsSeen => f.write_str("kept: what was seen needs all of it"),
            Self::OfSkipped => f.write_str("kept: it is also for interfaces that are skipped"),
        }
    }
}

/// A rule of the proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The rule.
    pub rule: Rule,
    /// The rule that it is a part of, by its name; none if it is one of the rules of now.
    pub part_of: Option<String>,
}

/// Rules that are proposed for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The group.
    pub group: ArmId,
    /// Where it is.
    pub location: Option<String>,
    /// What its owners wrote about it.
    pub tags: BTreeMap<String, String>,
    /// Its rules, without those that Azure gives.
    pub rules: Vec<Proposed>,
    /// What becomes of each of its rules of now.
    pub fates: Vec<(Rule, Fate)>,
    /// Interfaces of which was learned.
    pub complete: BTreeMap<ArmId, Hours>,
    /// Interfaces that did not log enough.
    pub skipped: BTreeMap<ArmId, Hours>,
}

impl Proposal {
    /// True if some rule is narrowed.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.fates
            .iter()
            .any(|(_, fate)| matches!(fate, Fate::Narrowed { .. }))
    }

    /// Rules of now that are not there any more.
    pub fn gone(&self) -> impl Iterator<Item = &Rule> {
        let is_there = |rule: &Rule| {
            let same = |held: &Proposed| held.part_of.is_none() && held.rule.name == rule.name;
            self.rules.iter().any(same)
        };
        let all = self.fates.iter().map(|(rule, _)| rule);
        all.filter(move |rule| !rule.is_default && !is_there(rule))
    }
}

/// What takes the place of a rule.
struct Item {
    number: Option<i32>,
    rules: Vec<Proposed>,
}

pub(super) fn propose(learner: &Learner<'_>) -> Result<Proposal, TightenError> {
    let skipped = addresses(learner.facts, learner.skipped.keys());
    let (mut rules, mut fates) = (Vec::new(), Vec::new());
    for direction in [Direction::Inbound, Direction::Outbound] {
        let mut items = Vec::new();
        let all = learner.rules.iter().zip(&learner.seen);
        for (held, seen) in all.filter(|(held, _)| held.rule.direction == direction) {
            let (fate, rules) = become_of(held, seen, &skipped, learner);
            fates.push((held.rule.clone(), fate));
            let rules = rules.into_iter().flat_map(as_azure_takes_it).collect();
            let number = (!held.rule.is_default).then_some(held.rule.priority);
            items.push(Item { number, rules });
        }
        number(&mut items).ok_or_else(|| TightenError::TooManyRules(learner.group.name().to_owned()))?;
        rules.extend(items.into_iter().flat_map(|item| item.rules));
    }
    if rules.len() > RULES_MAX {
        return Err(TightenError::TooManyRules(learner.group.name().to_owned()));
    }
    make_names_unique(&mut rules);
    let own = learner
        .facts
        .resources
        .iter()
        .find(|held| held.id == learner.group);
    Ok(Proposal {
        group: learner.group.clone(),
        location: own.and_then(|held| held.location.clone()),
        tags: own.map(|held| held.tags.clone()).unwrap_or_default(),
        rules,
        fates,
        complete: learner.complete.clone(),
        skipped: learner.skipped.clone(),
    })
}

/// What is a rule of now Azure took as it is.
fn as_azure_takes_it(proposed: Proposed) -> Vec<Proposed> {
    if proposed.part_of.is_none() {
        return vec![proposed];
    }
    let rules = split(&proposed.rule).into_iter();
    let rules = rules.map(|rule| Proposed {
        rule,
        part_of: proposed.part_of.clone(),
    });
    rules.collect()
}

fn addresses<'i>(facts: &FactSet, interfaces: impl Iterator<Item = &'i ArmId>) -> Vec<IpAddr> {
    let interfaces: Vec<&ArmId> = interfaces.collect();
    let mut all = Vec::new();
    for held in facts
        .resources
        .iter()
        .filter(|held| interfaces.contains(&&held.id))
    {
        if let Asset::Interface(interface) = &held.asset {
            all.extend(interface.configurations.iter().filter_map(|one| one.address));
        }
    }
    all
}

/// Why a rule stays as it is, if something speaks against looking at what was seen.
fn kept(rule: &Rule, seen: &Seen) -> Option<Fate> {
    let is_logged = !matches!(
        rule.protocol,
        RuleProtocol::Icmp | RuleProtocol::Esp | RuleProtocol::Ah
    );
    if rule.access != Access::Allow {
        Some(Fate::Denies)
    } else if names_host(&rule.source) || names_host(&rule.destination) {
        Some(Fate::OfHost)
    } else if !is_logged {
        Some(Fate::NotLogged)
    } else if seen.open > 0 {
        Some(Fate::Open(seen.open))
    } else if seen.sums.lines == 0 {
        Some(Fate::Unused)
    } else if seen.sums.attempts < RARE {
        Some(Fate::Rare(seen.sums.attempts))
    } else {
        None
    }
}

/// TCP and UDP: each with its number and the word for it in names.
const PROTOCOLS: [(RuleProtocol, u8, &str); 2] =
    [(RuleProtocol::Tcp, 6, "tcp"), (RuleProtocol::Udp, 17, "udp")];

/// What was seen of a rule, as rules; none if that is all of it.
fn narrowed(rule: &Rule, seen: &Seen) -> Option<Vec<Proposed>> {
    let is_meant = |protocol: RuleProtocol| [RuleProtocol::Any, protocol].contains(&rule.protocol);
    let own = peer_side(rule);
    let is_same = |part: &Part| {
        part.peers.addresses == own.addresses
            && part.peers.application_groups == own.application_groups
            && part.ports == rule.destination.ports
    };
    let mut rules = Vec::new();
    for (protocol, number, word) in PROTOCOLS.into_iter().filter(|(held, ..)| is_meant(*held)) {
        let parts = narrow::parts(rule, seen, number);
        if parts.iter().any(is_same) {
            return None;
        }
        for (at, part) in (1..).zip(parts) {
            rules.push(piece(rule, &format!("{word}-{at}"), |narrow| {
                narrow.protocol = protocol;
                take(narrow, part);
            }));
        }
    }
    Some(rules)
}

/// What becomes of a rule, and the rules in its place.
fn become_of(
    held: &HeldRule,
    seen: &Seen,
    skipped: &[IpAddr],
    learner: &Learner<'_>,
) -> (Fate, Vec<Proposed>) {
    let rule = &held.rule;
    let as_it_is = || match rule.is_default {
        true => Vec::new(),
        false => vec![Proposed {
            rule: rule.clone(),
            part_of: None,
        }],
    };
    if let Some(fate) = kept(rule, seen) {
        return (fate, as_it_is());
    }
    let Some(for_skipped) = for_skipped(rule, skipped, learner) else {
        return (Fate::OfSkipped, as_it_is());
    };
    let Some(mut rules) = narrowed(rule, seen) else {
        return (Fate::AsSeen, as_it_is());
    };
    let fate = Fate::Narrowed {
        parts: rules.len(),
        flows: seen.sums.attempts,
        keeps_others: rule.protocol == RuleProtocol::Any,
    };
    rules.extend(for_skipped);
    rules.extend(probes(rule));
    if rule.protocol == RuleProtocol::Any {
        // What is not TCP or UDP still reaches the rule itself.
        rules.extend(PROTOCOLS.map(|(protocol, _, word)| {
            piece(rule, &format!("no-other-{word}"), |deny| {
                deny.protocol = protocol;
                deny.access = Access::Deny;
            })
        }));
        rules.extend(as_it_is());
    }
    (fate, rules)
}

fn take(rule: &mut Rule, part: Part) {
    let source_ports = rule.source.ports.clone();
    match rule.direction {
        Direction::Inbound => rule.source = part.peers,
        Direction::Outbound => rule.destination = part.peers,
    }
    rule.source.ports = source_ports;
    rule.destination.ports = part.ports;
}

fn piece(rule: &Rule, what: &str, change: impl FnOnce(&mut Rule)) -> Proposed {
    let base: String = rule.name.chars().take(BASE_MAX).collect();
    let mut made = Rule {
        name: format!("{base}-{what}"),
        is_default: false,
        ..rule.clone()
    };
    change(&mut made);
    Proposed {
        rule: made,
        part_of: Some(rule.name.clone()),
    }
}

/// Probes of load balancers that a rule let in, as a rule of their own.
fn probes(rule: &Rule) -> Option<Proposed> {
    let is_of_host = |spec: &AddressSpec| match spec {
        AddressSpec::Any => true,
        AddressSpec::Prefix(prefix) => prefix.contains(&IpAddr::from(model::address::AZURE_WIRE_SERVER)),
        AddressSpec::Range(first, last) => {
            let host = IpAddr::from(model::address::AZURE_WIRE_SERVER);
            *first <= host && host <= *last
        }
        AddressSpec::Tag(name) => ["Any", "VirtualNetwork"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name)),
    };
    let is_meant = rule.direction == Direction::Inbound && rule.source.addresses.iter().any(is_of_host);
    is_meant.then(|| {
        piece(rule, "probes", |probes| {
            probes.source = Side {
                addresses: vec![AddressSpec::Tag("AzureLoadBalancer".to_owned())],
                ports: rule.source.ports.clone(),
                ..Side::default()
            };
        })
    })
}

/// The rule as it is, for the addresses of interfaces that are skipped; nothing if it is not for them, none if that is not known.
fn for_skipped(rule: &Rule, skipped: &[IpAddr], learner: &Learner<'_>) -> Option<Option<Proposed>> {
    // The own side is looked at as if it were the peer's.
    let turned = Rule {
        direction: match rule.direction {
            Direction::Inbound => Direction::Outbound,
            Direction::Outbound => Direction::Inbound,
        },
        ..rule.clone()
    };
    let own = peer_side(&turned);
    let is_literal = own.application_groups.is_empty()
        && own.network_groups.is_empty()
        && own.addresses.iter().all(|spec| match spec {
            AddressSpec::Tag(name) => name.eq_ignore_ascii_case("VirtualNetwork"),
            _ => true,
        });
    if skipped.is_empty() {
        return Some(None);
    }
    if !is_literal {
        return None;
    }
    let mut addresses = Vec::new();
    for address in skipped {
        match narrow::peer(&turned, *address, Margin::of_bits(32), &learner.around) {
            Peer::Spec(_) => addresses.push(AddressSpec::Prefix(ipnet::IpNet::from(*address))),
            // No literal part has it, so the rule is not for it; with a tag it may be.
            Peer::Whole
                if !own
                    .addresses
                    .iter()
                    .any(|spec| matches!(spec, AddressSpec::Tag(_))) => {}
            _ => return None,
        }
    }
    addresses.sort_unstable();
    addresses.dedup();
    let rule = (!addresses.is_empty()).then(|| {
        piece(rule, "not-learned", |copy| {
            let own = match copy.direction {
                Direction::Inbound => &mut copy.destination,
                Direction::Outbound => &mut copy.source,
            };
            own.addresses = addresses;
            own.expanded.clear();
        })
    });
    Some(rule)
}

/// Gives numbers: those of now where there is room before them, else new ones for all of the direction.
fn number(items: &mut [Item]) -> Option<()> {
    let count = items.iter().map(|item| item.rules.len()).sum::<usize>();
    let total = i32::try_from(count)
        .ok()
        .filter(|total| *total <= LAST_NUMBER - FIRST_NUMBER + 1)?;
    if place_in_gaps(items).is_none() {
        let step = ((LAST_NUMBER - FIRST_NUMBER) / total.max(1)).clamp(1, 10);
        let rules = items.iter_mut().flat_map(|item| &mut item.rules);
        for (at, held) in (0..).zip(rules) {
            held.rule.priority = FIRST_NUMBER + at * step;
        }
    }
    Some(())
}

fn place_in_gaps(items: &mut [Item]) -> Option<()> {
    let of_azure = items.iter().filter(|item| item.number.is_none());
    let behind = i32::try_from(of_azure.map(|item| item.rules.len()).sum::<usize>()).ok()?;
    let mut last = FIRST_NUMBER - 1;
    let mut next_behind = LAST_NUMBER - behind + 1;
    let mut numbers = Vec::new();
    for item in items.iter() {
        let count = i32::try_from(item.rules.len()).ok()?;
        let first = match item.number {
            Some(number) => number - count + 1,
            None => {
                next_behind += count;
                next_behind - count
            }
        };
        if count > 0 && first <= last {
            return None;
        }
        if count > 0 {
            last = first + count - 1;
        }
        numbers.push(first);
    }
    for (item, first) in items.iter_mut().zip(numbers) {
        for (at, held) in (0..).zip(&mut item.rules) {
            held.rule.priority = first + at;
        }
    }
    Some(())
}

/// Names are unique in a group, ignoring case.
fn make_names_unique(rules: &mut [Proposed]) {
    let mut known: std::collections::BTreeSet<String> = rules
        .iter()
        .filter(|held| held.part_of.is_none())
        .map(|held| held.rule.name.to_ascii_lowercase())
        .collect();
    for held in rules.iter_mut().filter(|held| held.part_of.is_some()) {
        let base = held.rule.name.clone();
        let mut again = 2;
        while !known.insert(held.rule.name.to_ascii_lowercase()) {
            held.rule.name = format!("{base}-{again}");
            again += 1;
        }
    }
}
