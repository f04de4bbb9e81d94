//! What tags and groups mean at one interface.

use std::sync::Arc;

use ahash::AHashMap;
use model::facts::{AddressSpec, ArmId, Rule, Side, TagSet};

use crate::matching::PlatformTag;
use crate::ranges::{Addresses, Membership};

/// Service tags by their names in lower case.
#[derive(Debug, Default)]
pub(crate) struct TagTable {
    held: AHashMap<String, Arc<Membership>>,
}

impl TagTable {
    pub(crate) fn of(set: Option<&TagSet>) -> Self {
        let mut prefixes: AHashMap<String, Vec<&ipnet::IpNet>> = AHashMap::new();
        for tag in set.into_iter().flat_map(|set| &set.tags) {
            prefixes
                .entry(tag.name.to_ascii_lowercase())
                .or_default()
                .extend(&tag.prefixes);
        }
        let held = prefixes.into_iter().map(|(name, prefixes)| {
            let addresses = Addresses::of_prefixes(prefixes);
            (name, Arc::new(Membership::known(addresses)))
        });
        Self { held: held.collect() }
    }

    /// The addresses of a tag that is known.
    pub(crate) fn addresses(&self, name: &str) -> Option<Addresses> {
        let held = self.held.get(&name.to_ascii_lowercase())?;
        Some(held.within.clone())
    }
}

/// What a service tag stands for.
#[derive(Debug)]
pub(crate) enum TagMeaning<'s> {
    Any,
    VirtualNetwork,
    Internet,
    LoadBalancer,
    Platform(PlatformTag),
    Known(&'s Arc<Membership>),
    Unknown,
}

/// What `VirtualNetwork` is, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NetworkSpace {
    pub(crate) within: Addresses,
    pub(crate) perhaps: Addresses,
    /// Why more may be of it than is known.
    pub(crate) reasons: Vec<String>,
}

/// Application security groups.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    pub(crate) held: AHashMap<ArmId, Arc<Membership>>,
    /// Of those that no known interface is in.
    pub(crate) others: Arc<Membership>,
}

/// What tags and groups mean at one interface.
#[derive(Clone, Debug)]
pub struct Surroundings {
    network: Arc<Membership>,
    internet: Arc<Membership>,
    reasons: Vec<String>,
    tags: Arc<TagTable>,
    groups: Groups,
    everything: Arc<Membership>,
    unknown: Arc<Membership>,
    balancer: Arc<Membership>,
}

impl Surroundings {
    pub(crate) fn new(space: NetworkSpace, tags: Arc<TagTable>, groups: Groups) -> Self {
        let network = Membership::new(space.within, &space.perhaps);
        let outside = network.within.union(&network.perhaps).complement();
        let internet = Membership {
            within: outside,
            perhaps: network.perhaps.clone(),
        };
        Self {
            network: Arc::new(network),
            internet: Arc::new(internet),
            reasons: space.reasons,
            tags,
            groups,
            everything: Arc::new(Membership::known(Addresses::all())),
            unknown: Arc::new(Membership::unknown()),
            balancer: Arc::new(Membership::known(Addresses::of_address(
                model::address::AZURE_WIRE_SERVER.into(),
            ))),
        }
    }

    /// Why more may belong to `VirtualNetwork` than is known; none where all of it is known.
    #[must_use]
    pub fn network_unknowns(&self) -> &[String] {
        &self.reasons
    }

    /// Every address.
    pub(crate) const fn everything(&self) -> &Arc<Membership> {
        &self.everything
    }

    /// Any address may be of it.
    pub(crate) const fn unknown(&self) -> &Arc<Membership> {
        &self.unknown
    }

    /// True if rules mean the same in both, where service tags do: those are the same for all that an estate has.
    #[must_use]
    pub fn means_the_same(&self, other: &Self) -> bool {
        self.has_same_network(other) && self.has_same_groups(other)
    }

    /// True if `VirtualNetwork` is the same in both, as far as it is known.
    pub(crate) fn has_same_network(&self, other: &Self) -> bool {
        self.network == other.network
    }

    /// True if the members of application security groups are the same in both, as far as they are known.
    pub(crate) fn has_same_groups(&self, other: &Self) -> bool {
        self.groups.others == other.groups.others && self.groups.held == other.groups.held
    }

    /// True if all of a prefix is known to be inside of `VirtualNetwork`.
    #[must_use]
    pub fn network_has(&self, prefix: &ipnet::IpNet) -> bool {
        Addresses::of_prefixes([prefix])
            .minus(&self.network.within)
            .is_empty()
    }

    /// `VirtualNetwork`.
    pub(crate) const fn network(&self) -> &Arc<Membership> {
        &self.network
    }

    /// `Internet`, which is everything outside of `VirtualNetwork`.
    pub(crate) const fn internet(&self) -> &Arc<Membership> {
        &self.internet
    }

    pub(crate) fn tag(&self, name: &str) -> TagMeaning<'_> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("VirtualNetwork") {
            return TagMeaning::VirtualNetwork;
        }
        if is("Internet") {
            return TagMeaning::Internet;
        }
        if is("AzureLoadBalancer") {
            return TagMeaning::LoadBalancer;
        }
        if is("Any") {
            return TagMeaning::Any;
        }
        if let Some(tag) = PlatformTag::of(name) {
            return TagMeaning::Platform(tag);
        }
        self.tags
            .held
            .get(&name.to_ascii_lowercase())
            .map_or(TagMeaning::Unknown, TagMeaning::Known)
    }

    /// The members of an application security group.
    pub(crate) fn members(&self, group: &ArmId) -> &Arc<Membership> {
        self.groups.held.get(group).unwrap_or(&self.groups.others)
    }

    /// What a side of a rule is about, but for the host's own addresses: the union of these.
    pub(crate) fn parts(&self, side: &Side) -> Parts {
        let mut parts = Parts::default();
        let mut literal = Vec::new();
        let has_expanded = !side.expanded.is_empty();
        for address in &side.addresses {
            match address {
                AddressSpec::Any => parts.add(&self.everything),
                AddressSpec::Prefix(prefix) => literal.push((prefix.network(), prefix.broadcast())),
                AddressSpec::Range(first, last) if is_range(*first, *last) => literal.push((*first, *last)),
                AddressSpec::Range(..) => parts.add(&self.unknown),
                AddressSpec::Tag(name) => match self.tag(name) {
                    TagMeaning::Any => parts.add(&self.everything),
                    TagMeaning::Platform(PlatformTag::Licensing) => {
                        parts.licensing = Some(Arc::clone(&self.unknown));
                    }
                    TagMeaning::Platform(_) => {}
                    _ if has_expanded => parts.add_unexpanded(self.named(name), side),
                    _ => parts.add(self.named(name)),
                },
            }
        }
        literal.extend(
            side.expanded
                .iter()
                .map(|prefix| (prefix.network(), prefix.broadcast())),
        );
        if !literal.is_empty() {
            parts.add(&Arc::new(Membership::known(Addresses::of_ranges(literal))));
        }
        for group in &side.application_groups {
            parts.add(self.members(group));
        }
        if !side.network_groups.is_empty() || !side.unread_addresses.is_empty() {
            parts.add(&self.unknown);
        }
        parts
    }

    pub(crate) fn named(&self, name: &str) -> &Arc<Membership> {
        match self.tag(name) {
            TagMeaning::Any => &self.everything,
            TagMeaning::VirtualNetwork => &self.network,
            TagMeaning::Internet => &self.internet,
            TagMeaning::LoadBalancer => &self.balancer,
            TagMeaning::Known(held) => held,
            TagMeaning::Platform(_) | TagMeaning::Unknown => &self.unknown,
        }
    }
}

/// True for a range within one family whose end is not before its beginning.
pub(crate) fn is_range(first: std::net::IpAddr, last: std::net::IpAddr) -> bool {
    let (first, last) = (first.to_canonical(), last.to_canonical());
    first.is_ipv4() == last.is_ipv4() && first <= last
}

/// The alternatives of a side.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) held: Vec<Arc<Membership>>,
    /// The licensing service, which has a port of its own.
    pub(crate) licensing: Option<Arc<Membership>>,
}

impl Parts {
    fn add(&mut self, part: &Arc<Membership>) {
        if !self.held.iter().any(|held| Arc::ptr_eq(held, part)) {
            self.held.push(Arc::clone(part));
        }
    }

    /// What Azure made of a tag holds, but in a family of which it lists nothing.
    fn add_unexpanded(&mut self, part: &Membership, side: &Side) {
        self.add(&Arc::new(unexpanded(part, side)));
    }
}

/// Of a tag what is in a family of which Azure's list for a side has nothing.
pub(crate) fn unexpanded(part: &Membership, side: &Side) -> Membership {
    let has_v4 = side.expanded.iter().any(|prefix| prefix.addr().is_ipv4());
    let has_v6 = side.expanded.iter().any(|prefix| prefix.addr().is_ipv6());
    let mut rest = part.clone();
    for addresses in [&mut rest.within, &mut rest.perhaps] {
        if has_v4 {
            addresses.v4 = crate::ranges::Ranges::default();
        }
        if has_v6 {
            addresses.v6 = crate::ranges::Ranges::default();
        }
    }
    rest
}

/// True if the rule names one of the tags through which traffic with the host is governed.
pub(crate) fn speaks_of_platform(rule: &Rule) -> bool {
    [&rule.source, &rule.destination].iter().any(|side| {
        side.addresses
            .iter()
            .any(|address| matches!(address, AddressSpec::Tag(name) if PlatformTag::of(name).is_some()))
    })
}
