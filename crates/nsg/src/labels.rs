//! What the sides of rules say, in parts: what surely is of a part, what may be, and a label for what is not known. Rules that say the
//! same unknown thing have the same label, so that the one is known to match whatever the other does.

use std::sync::Arc;

use model::facts::{AddressSpec, ArmId, PortRange, RuleProtocol, Side};

use crate::matching::{PlatformTag, port_set, portless_state, protocol_state};
use crate::ranges::{Addresses, Membership, Ranges, State};
use crate::surroundings::{Surroundings, TagMeaning, is_range, unexpanded};

/// What is not known, and the same for all rules that say it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Label {
    /// Who is inside of `VirtualNetwork`.
    Network,
    /// Of which addresses a service tag is.
    Tag(String),
    /// The members of an application security group.
    Members(ArmId),
    /// The members of a network group.
    NetworkGroup(ArmId),
    /// Whether these ports mean flows without ports too.
    Portless(Vec<PortRange>),
    /// Whether rules about ICMP mean ICMP for IPv6 too.
    IcmpOfV6,
}

/// A part of what a rule says of ends.
#[derive(Clone, Debug)]
pub(crate) struct AddressPart {
    pub(crate) held: Arc<Membership>,
    pub(crate) label: Option<Label>,
    /// What may be of it is of it where it is not of the label.
    pub(crate) is_negated: bool,
}

impl AddressPart {
    fn new(held: &Arc<Membership>, label: Option<Label>) -> Self {
        Self {
            held: Arc::clone(held),
            label,
            is_negated: false,
        }
    }
}

/// The parts of the addresses of a side, but for what it says of the host's own.
pub(crate) fn address_parts(surroundings: &Surroundings, side: &Side) -> Vec<AddressPart> {
    let unknown = |label: Label| AddressPart::new(surroundings.unknown(), Some(label));
    // One text may mean other things in other rules.
    let unread = || AddressPart::new(surroundings.unknown(), None);
    let (mut parts, mut literal) = (Vec::new(), Vec::new());
    for address in &side.addresses {
        match address {
            AddressSpec::Any => parts.push(AddressPart::new(surroundings.everything(), None)),
            AddressSpec::Prefix(prefix) => literal.push((prefix.network(), prefix.broadcast())),
            AddressSpec::Range(first, last) if is_range(*first, *last) => literal.push((*first, *last)),
            AddressSpec::Range(..) => parts.push(unread()),
            AddressSpec::Tag(name) => parts.extend(tag_part(surroundings, side, name)),
        }
    }
    let expanded = side.expanded.iter();
    literal.extend(expanded.map(|prefix| (prefix.network(), prefix.broadcast())));
    if !literal.is_empty() {
        let held = Arc::new(Membership::known(Addresses::of_ranges(literal)));
        parts.push(AddressPart::new(&held, None));
    }
    for group in &side.application_groups {
        let held = surroundings.members(group);
        parts.push(AddressPart::new(held, Some(Label::Members(group.clone()))));
    }
    let groups = side.network_groups.iter().cloned().map(Label::NetworkGroup);
    parts.extend(groups.map(unknown));
    parts.extend(side.unread_addresses.iter().map(|_| unread()));
    parts
}

fn tag_part(surroundings: &Surroundings, side: &Side, name: &str) -> Option<AddressPart> {
    let label = Some(Label::Tag(name.to_ascii_lowercase()));
    let (label, is_negated) = match surroundings.tag(name) {
        TagMeaning::Any => return Some(AddressPart::new(surroundings.everything(), None)),
        TagMeaning::Platform(PlatformTag::Licensing) => {
            return Some(AddressPart::new(surroundings.unknown(), label));
        }
        TagMeaning::Platform(_) => return None,
        TagMeaning::VirtualNetwork => (Some(Label::Network), false),
        TagMeaning::Internet => (Some(Label::Network), true),
        TagMeaning::LoadBalancer | TagMeaning::Known(_) => (None, false),
        TagMeaning::Unknown => (label, false),
    };
    let named = surroundings.named(name);
    let held = match side.expanded.is_empty() {
        true => Arc::clone(named),
        false => Arc::new(unexpanded(named, side)),
    };
    Some(AddressPart {
        held,
        label,
        is_negated,
    })
}

/// A part of what a rule says of ports or of protocols.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct NumberPart {
    pub(crate) within: Ranges<u32>,
    pub(crate) perhaps: Ranges<u32>,
    pub(crate) label: Option<Label>,
}

/// What stands for the port of a flow without ports.
pub(crate) const PORTLESS: u32 = 1 << 16;

fn point(at: u32) -> Ranges<u32> {
    Ranges::of(vec![(at, at)])
}

/// The parts of the ports of a side.
pub(crate) fn port_parts(side: &Side) -> Vec<NumberPart> {
    let ports = port_set(&side.ports);
    let ports = Ranges::of(ports.iter().map(|(a, b)| (u32::from(a), u32::from(b))).collect());
    let real = Ranges::of(vec![(0, PORTLESS - 1)]);
    let mut parts = Vec::new();
    let portless = portless_state(side);
    let mut known = NumberPart {
        within: ports.clone(),
        ..NumberPart::default()
    };
    match portless {
        State::Yes => known.within = ports.union(&point(PORTLESS)),
        State::No => {}
        State::Unknown => {
            let mut listed = side.ports.clone();
            listed.sort_unstable_by_key(|range| (range.first, range.last));
            known.perhaps = point(PORTLESS);
            known.label = Some(Label::Portless(listed));
        }
    }
    parts.push(known);
    parts.extend(side.unread_ports.iter().map(|_| NumberPart {
        within: Ranges::default(),
        perhaps: real.minus(&ports),
        label: None,
    }));
    parts
}

/// The parts of a protocol.
pub(crate) fn protocol_parts(protocol: RuleProtocol) -> Vec<NumberPart> {
    let of = |wanted: State| {
        let numbers = (0..=u8::MAX).filter(|number| protocol_state(protocol, *number) == wanted);
        Ranges::of(numbers.map(|number| (number.into(), number.into())).collect())
    };
    let perhaps = of(State::Unknown);
    vec![NumberPart {
        within: of(State::Yes),
        label: (!perhaps.is_empty()).then_some(Label::IcmpOfV6),
        perhaps,
    }]
}
