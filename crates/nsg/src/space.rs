//! All flows that a list of rules tells apart, so that questions about sets of flows are answered and not sampled: whether one rule
//! leaves anything for another, or whether a list allows what another denies.
//!
//! Traffic with the host's own addresses is left out: rules do not speak of it as of other traffic ([`crate::Guard`] says how).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ahash::AHashMap;
use model::Direction;
use model::address::{AZURE_INSTANCE_METADATA, AZURE_WIRE_SERVER};
use model::facts::{PortRange, Rule, RuleProtocol, Side};

use crate::kinds::{Held, Kinds, Roles, Spot, kinds, spots};
use crate::labels::{AddressPart, Label, NumberPart, PORTLESS, address_parts, port_parts, protocol_parts};
use crate::level::HeldRule;
use crate::ranges::{Addresses, Membership, Ranges};
use crate::region::{Bits, Cuboid, Region, TooMany};
use crate::surroundings::{Surroundings, speaks_of_platform};
use crate::verdict::Flow;

/// The flows that a rule matches. Where all is known the four are the same.
#[derive(Clone, Debug, Default)]
pub struct RuleSpace {
    /// At least what it matches, case by case of what is not known: whatever is left of it might be left.
    pub subject: Region,
    /// At most what it matches, case by case: what is taken away by it is surely gone.
    pub cover: Region,
    /// All that it may match in any case.
    pub upper: Region,
    /// What it matches in every case.
    pub lower: Region,
    /// It also speaks of traffic with the host, which is not looked at.
    pub speaks_of_platform: bool,
}

/// How a part of one rule, its ports for example, lies to that of another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// The other has all of it, whatever is not known.
    pub is_inside: bool,
    /// It may have all of the other's.
    pub is_around: bool,
    /// Something is of both, whatever is not known.
    pub surely_meets: bool,
}

/// Flows, as a list of rules of one direction tells them apart.
#[derive(Clone, Debug)]
pub struct Space {
    protocols: Kinds<u32>,
    sources: Kinds<IpAddr>,
    source_ports: Kinds<u32>,
    destinations: Kinds<IpAddr>,
    destination_ports: Kinds<u32>,
    rules: Vec<RuleSpace>,
    all: Region,
}

impl Space {
    /// Of rules, at an interface with these surroundings. Whether they are of one direction is the caller's to see to.
    pub fn of(rules: &[HeldRule], surroundings: &Surroundings) -> Result<Self, TooMany> {
        let count = rules.len();
        let ports = |side: fn(&Rule) -> &Side| {
            let universe = [(0, PORTLESS - 1), (PORTLESS, PORTLESS)];
            let parts = rules.iter().map(|held| port_parts(side(&held.rule)));
            number_kinds(parts.collect(), universe)
        };
        let addresses = |side: fn(&Rule) -> &Side| {
            let parts = rules
                .iter()
                .map(|held| address_parts(surroundings, side(&held.rule)));
            address_kinds(parts.collect())
        };
        let protocols = rules.iter().map(|held| protocol_parts(held.rule.protocol));
        let mut space = Self {
            protocols: protocol_kinds(protocols.collect())?,
            sources: addresses(|rule| &rule.source)?,
            source_ports: ports(|rule| &rule.source)?,
            destinations: addresses(|rule| &rule.destination)?,
            destination_ports: ports(|rule| &rule.destination)?,
            rules: Vec::new(),
            all: Region::default(),
        };
        let flows = (0..2).flat_map(|transport| (0..2).map(move |family| (transport, family)));
        let flows = flows.filter_map(|(transport, family)| {
            space.cuboid(
                [transport, family, transport, family, transport].map(|kind| count + kind),
                |roles| &roles.lower,
            )
        });
        space.all = Region::of(flows);
        let mut found = Vec::with_capacity(count);
        for (row, held) in rules.iter().enumerate() {
            found.push(space.rule_space(row, held)?);
        }
        space.rules = found;
        Ok(space)
    }

    fn cuboid(&self, rows: [usize; 5], role: fn(&Roles) -> &Bits) -> Option<Cuboid> {
        let [protocol, source, source_port, destination, destination_port] = rows;
        let of = |rows: &[Roles], row: usize| rows.get(row).map(|roles| role(roles).clone());
        Some([
            of(&self.protocols.rows, protocol)?,
            of(&self.sources.rows, source)?,
            of(&self.source_ports.rows, source_port)?,
            of(&self.destinations.rows, destination)?,
            of(&self.destination_ports.rows, destination_port)?,
        ])
    }

    fn rule_space(&self, row: usize, held: &HeldRule) -> Result<RuleSpace, TooMany> {
        let of = |role: fn(&Roles) -> &Bits, is_meant: bool| {
            let cuboid = self.cuboid([row; 5], role).filter(|_| is_meant);
            Region::of(cuboid).and(&self.all)
        };
        Ok(RuleSpace {
            subject: of(|roles| &roles.subject, true)?,
            cover: of(|roles| &roles.cover, held.is_sure())?,
            upper: of(|roles| &roles.upper, true)?,
            lower: of(|roles| &roles.lower, held.is_sure())?,
            speaks_of_platform: speaks_of_platform(&held.rule),
        })
    }

    /// What the rules match, in the order in which they were given.
    #[must_use]
    pub fn rules(&self) -> &[RuleSpace] {
        &self.rules
    }

    /// All flows, but for those with the host.
    #[must_use]
    pub const fn all(&self) -> &Region {
        &self.all
    }

    /// How each part of one rule lies to that of another, protocol, source, source port, destination and
    /// destination port in this order.
    #[must_use]
    pub fn fits(&self, one: usize, other: usize) -> [Fit; 5] {
        let fit = |rows: &[Roles]| {
            let (Some(one), Some(other)) = (rows.get(one), rows.get(other)) else {
                return Fit::default();
            };
            Fit {
                is_inside: one.subject.is_within(&other.cover),
                is_around: other.subject.is_within(&one.upper),
                surely_meets: one.lower.meets(&other.lower),
            }
        };
        [
            fit(&self.protocols.rows),
            fit(&self.sources.rows),
            fit(&self.source_ports.rows),
            fit(&self.destinations.rows),
            fit(&self.destination_ports.rows),
        ]
    }

    /// The destination ports of the flows that are of both regions, as ranges in order that do not touch.
    #[must_use]
    pub fn ports_of_both(&self, one: &Region, other: &Region) -> Vec<PortRange> {
        let mut common = Bits::none(self.destination_ports.examples.len());
        for [.., ports] in one.of_both(other) {
            common.add(&ports);
        }
        let port = |number: u32| u16::try_from(number).ok();
        let ranges = Ranges::of(self.destination_ports.ranges(&common));
        ranges
            .iter()
            .filter_map(|(first, last)| {
                Some(PortRange {
                    first: port(first)?,
                    last: port(last.min(PORTLESS - 1))?,
                })
            })
            .collect()
    }

    /// A flow of a region, in a direction. Where not all is known it may be one that is only of it in some case.
    #[must_use]
    pub fn example(&self, region: &Region, direction: Direction) -> Option<Flow> {
        let [protocol, source, source_port, destination, destination_port] = region.boxes().first()?;
        let number = |kinds: &Kinds<u32>, bits: &Bits| kinds.examples.get(bits.first()?).copied();
        let address = |kinds: &Kinds<IpAddr>, bits: &Bits| kinds.examples.get(bits.first()?).copied();
        // The port of a flow without ports is 0.
        let port = |kinds, bits| Some(u16::try_from(number(kinds, bits)?).unwrap_or_default());
        Some(Flow {
            direction,
            protocol: u8::try_from(number(&self.protocols, protocol)?).ok()?,
            source: address(&self.sources, source)?,
            source_port: port(&self.source_ports, source_port)?,
            destination: address(&self.destinations, destination)?,
            destination_port: port(&self.destination_ports, destination_port)?,
        })
    }
}

fn protocol_kinds(parts: Vec<Vec<NumberPart>>) -> Result<Kinds<u32>, TooMany> {
    let any = protocol_parts(RuleProtocol::Any);
    let with_ports = [RuleProtocol::Tcp, RuleProtocol::Udp];
    let with_ports = with_ports.into_iter().flat_map(protocol_parts);
    let with_ports = with_ports.fold(Ranges::default(), |all, part| all.union(&part.within));
    let all = any
        .into_iter()
        .fold(Ranges::default(), |all, part| all.union(&part.within));
    let without = all.minus(&with_ports);
    numbers(parts, [with_ports, without])
}

fn number_kinds(parts: Vec<Vec<NumberPart>>, universe: [(u32, u32); 2]) -> Result<Kinds<u32>, TooMany> {
    numbers(parts, universe.map(|range| Ranges::of(vec![range])))
}

/// Kinds of numbers; two more rows are the two universes.
fn numbers(rows: Vec<Vec<NumberPart>>, universes: [Ranges<u32>; 2]) -> Result<Kinds<u32>, TooMany> {
    let universes = universes.map(|within| {
        vec![NumberPart {
            within,
            ..NumberPart::default()
        }]
    });
    let mut known: AHashMap<NumberPart, usize> = AHashMap::new();
    let mut parts: Vec<(NumberPart, Vec<usize>)> = Vec::new();
    let rows: Vec<Vec<NumberPart>> = rows.into_iter().chain(universes).collect();
    let count = rows.len();
    for (row, held) in rows.into_iter().enumerate() {
        for part in held {
            let place = *known.entry(part.clone()).or_insert(parts.len());
            match parts.get_mut(place) {
                Some((_, rows)) => rows.push(row),
                None => parts.push((part, vec![row])),
            }
        }
    }
    let ranges: Vec<_> = parts
        .iter()
        .map(|(part, _)| (&part.within, &part.perhaps))
        .collect();
    let spots = spots(&ranges)?;
    let held: Vec<Held> = parts
        .iter()
        .map(|(part, rows)| Held {
            label: part.label.clone(),
            is_negated: false,
            rows: rows.clone(),
        })
        .collect();
    let mut kinds = kinds(&spots, &held, count)?;
    kinds.pieces = spots.into_iter().map(|spot| spot.ranges).collect();
    Ok(kinds)
}

/// Kinds of addresses; two more rows are those of IPv4 and of IPv6.
fn address_kinds(rows: Vec<Vec<AddressPart>>) -> Result<Kinds<IpAddr>, TooMany> {
    let host = Addresses::of_ranges([
        (AZURE_WIRE_SERVER.into(), AZURE_WIRE_SERVER.into()),
        (AZURE_INSTANCE_METADATA.into(), AZURE_INSTANCE_METADATA.into()),
    ]);
    let all = Addresses::all().minus(&host);
    let (v4, v6) = (all.v4, all.v6);
    let families = [
        Addresses {
            v4,
            v6: Ranges::default(),
        },
        Addresses {
            v4: Ranges::default(),
            v6,
        },
    ];
    let families = families.map(|held| {
        vec![AddressPart {
            held: Arc::new(Membership::known(held)),
            label: None,
            is_negated: false,
        }]
    });
    let mut known: AHashMap<(*const Membership, Option<Label>, bool), usize> = AHashMap::new();
    let mut parts: Vec<(AddressPart, Vec<usize>)> = Vec::new();
    let rows: Vec<Vec<AddressPart>> = rows.into_iter().chain(families).collect();
    let count = rows.len();
    for (row, held) in rows.into_iter().enumerate() {
        for part in held {
            let key = (Arc::as_ptr(&part.held), part.label.clone(), part.is_negated);
            let place = *known.entry(key).or_insert(parts.len());
            match parts.get_mut(place) {
                Some((_, rows)) => rows.push(row),
                None => parts.push((part, vec![row])),
            }
        }
    }
    let held = || parts.iter().map(|(part, _)| &part.held);
    let v4: Vec<_> = held().map(|held| (&held.within.v4, &held.perhaps.v4)).collect();
    let v6: Vec<_> = held().map(|held| (&held.within.v6, &held.perhaps.v6)).collect();
    let v4 = spots(&v4)?.into_iter();
    let v4 = v4.map(|spot| spot.with(|number| IpAddr::from(Ipv4Addr::from(number))));
    let v6 = spots(&v6)?.into_iter();
    let v6 = v6.map(|spot| spot.with(|number| IpAddr::from(Ipv6Addr::from(number))));
    let spots: Vec<Spot<IpAddr>> = v4.chain(v6).collect();
    let parts: Vec<Held> = parts
        .iter()
        .map(|(part, rows)| Held {
            label: part.label.clone(),
            is_negated: part.is_negated,
            rows: rows.clone(),
        })
        .collect();
    kinds(&spots, &parts, count)
}
