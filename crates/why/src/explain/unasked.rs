//! Where rules are asked, and where they cannot be with what is known: addresses are translated on the way, or nobody is known to have one.

use std::net::IpAddr;

use enrich::{Part, Place, Seen};
use model::facts::{ArmId, Asset, Interface, IpConfiguration, Resource};
use model::{AddressClass, Direction, IpClass};
use nsg::{Decision, Flow, Guard, Proof};

use super::Vantage;
use super::balanced::{is_front, is_front_seen};
use super::case::Case;
use super::ends::End;
use super::line::FlowKey;

/// Where rules are asked, and what they are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) interface: ArmId,
    pub(super) flow: Flow,
}

/// An end whose rules were not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unasked {
    /// Why, and what is known all the same.
    pub(super) why: String,
    /// The same in a few words.
    pub(super) says: String,
    /// Rules that hold there deny it, whoever has the address.
    pub(super) is_denied: bool,
    /// What becomes of it is known without any rules.
    pub(super) is_known: bool,
}

impl Case<'_> {
    /// Where rules are asked: leaving the source, at what it passed through, coming in at the destination or at all that are behind it.
    pub(super) fn places(&self, vantages: &[Vantage]) -> Vec<Spot> {
        let hops = vantages.iter().filter(|vantage| vantage.is_hop);
        let hops = hops.filter_map(|vantage| {
            let direction = Direction::from_text(&vantage.direction)?;
            Some((vantage.interface.clone()?, direction))
        });
        let [source, destination] = &self.ends;
        let first = self.asked_at(source, Direction::Outbound, vantages);
        let last = self.asked_at(destination, Direction::Inbound, vantages);
        let places = first.into_iter().chain(hops).chain(last);
        let spots = places.filter_map(|(interface, direction)| {
            let flow = self.flow(direction)?;
            Some(Spot { interface, flow })
        });
        spots.chain(self.behind()).collect()
    }

    /// An end's interface, if its rules see the addresses that the flow has here.
    fn asked_at(&self, end: &End, direction: Direction, vantages: &[Vantage]) -> Option<(ArmId, Direction)> {
        let interface = end.guarded.clone()?;
        let has_logged = vantages.iter().any(|vantage| {
            vantage.interface.as_ref() == Some(&interface)
                && vantage.direction == direction.as_str()
                && !vantage.is_hop
        });
        let is_other = direction == Direction::Outbound && self.leaves_otherwise();
        let is_seen = !is_translated(end) && !is_other;
        (has_logged || is_seen).then_some((interface, direction))
    }

    /// The ends whose rules were not asked though something of ours is there.
    pub(super) fn unasked(&self, vantages: &[Vantage]) -> Vec<Unasked> {
        let [source, destination] = &self.ends;
        let ends = [(source, Direction::Outbound), (destination, Direction::Inbound)];
        let ends = ends
            .into_iter()
            .filter(|(end, direction)| self.asked_at(end, *direction, vantages).is_none());
        ends.filter_map(|(end, direction)| {
            if is_front_seen(&self.part, end.address, &end.seen) {
                return match direction {
                    Direction::Inbound => self.unasked_behind(),
                    Direction::Outbound => self.unasked_sender(),
                };
            }
            let leaving = (direction == Direction::Outbound).then(|| self.unasked_leaving(end));
            leaving
                .flatten()
                .or_else(|| self.translated(end, direction))
                .or_else(|| self.by_subnet(end, direction))
                .or_else(|| self.of_several(end))
        })
        .collect()
    }

    /// What groups at a machine see of a flow to or from its public address is the private one, and of the other end what that became.
    fn translated(&self, end: &End, direction: Direction) -> Option<Unasked> {
        let interface = end.guarded.as_ref().filter(|_| is_translated(end))?;
        let (way, other) = match direction {
            Direction::Inbound => ("coming in at", "source"),
            Direction::Outbound => ("leaving", "destination"),
        };
        let name = interface.name_in_group();
        Some(Unasked {
            why: format!(
                "{way} {name}, behind public address {}, it has the private address, and a {other} that may have been translated on the way: \
                 that {other} is not known, so what rules say there is not asked",
                end.address
            ),
            says: format!(
                "what rules say {way} {name}, behind {}, is not known",
                end.address
            ),
            is_denied: false,
            is_known: false,
        })
    }

    /// Where several have an address, rules of none of them are asked.
    fn of_several(&self, end: &End) -> Option<Unasked> {
        let enrich::Known::Several(holders) = &end.seen.holder else {
            return None;
        };
        if !self.lines.is_empty() {
            return None;
        }
        let names: Vec<String> = holders.iter().map(|holder| holder.name().into_owned()).collect();
        let names = names.join(" or ");
        Some(Unasked {
            why: format!(
                "{} may be {names}: their networks have the same addresses, so what rules say there is not asked",
                end.address
            ),
            says: format!(
                "what rules say at {}, which may be {names}, is not known",
                end.address
            ),
            is_denied: false,
            is_known: false,
        })
    }

    /// Where nobody is known to have an address, the group of its subnet holds all the same.
    fn by_subnet(&self, end: &End, direction: Direction) -> Option<Unasked> {
        let subnet = match &end.seen.place {
            Place::Here { subnet } | Place::Peer { subnet, .. } => subnet.as_ref()?,
            _ => return None,
        };
        let is_nobody = end.seen.holder == enrich::Known::Nobody;
        if !is_nobody || !self.lines.is_empty() {
            return None;
        }
        let flow = self.flow(direction)?;
        let network = subnet.parent()?;
        let id = ArmId::parse(&format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Network/networkInterfaces/nobody-{}",
            network.subscription()?,
            network.resource_group()?,
            subnet.name()
        ))?;
        let asset = Asset::Interface(Interface {
            configurations: vec![IpConfiguration {
                name: "ip".to_owned(),
                address: Some(end.address),
                subnet: Some(subnet.clone()),
                ..IpConfiguration::default()
            }],
            ..Interface::default()
        });
        let mut facts = self.part.facts.clone();
        let place = facts.resources.partition_point(|held| held.id < id);
        let resource = Resource {
            id: id.clone(),
            location: None,
            guid: None,
            tags: std::collections::BTreeMap::new(),
            asset,
        };
        facts.resources.insert(place, resource);
        let proof = Guard::of(&facts, &id).ok()?.prove(&flow);
        Some(of_subnet(&proof, subnet.name(), end.address, direction))
    }
}

/// What the group of a subnet says of an address there that nobody is known to have. Who sends is a machine; what is sent to may be a
/// balancer's frontend, which no group of its subnet guards.
fn of_subnet(proof: &Proof, name: &str, address: IpAddr, direction: Direction) -> Unasked {
    let rule = proof.deciding();
    let rule = rule.map(|step| format!(" by rule {} (priority {})", step.name, step.priority));
    let rule = rule.unwrap_or_default();
    let may_be_front = direction == Direction::Inbound;
    let is_denied = proof.verdict.decision == Decision::Denied;
    let front = "it may be the frontend of a load balancer that is not among the facts, for which that does not hold (`az network lb list`)";
    let (why, says) = match (is_denied, may_be_front) {
        (true, false) => (
            format!("but what holds for all of subnet {name} denies it{rule}"),
            format!("rules of subnet {name} would deny it{rule}"),
        ),
        (true, true) => (
            format!("and what holds for all machines of subnet {name} denies it{rule}; but {front}"),
            format!(
                "if a machine has {address}, rules of subnet {name} would deny it{rule}; if it is a load balancer's, they are not asked"
            ),
        ),
        (false, true) => (
            format!("so whether a group of its own stands in the way is not known; {front}"),
            format!("whether rules let it through at {address} is not known"),
        ),
        (false, false) => (
            "so whether a group of its own stands in the way is not known".to_owned(),
            format!("whether rules let it through at {address} is not known"),
        ),
    };
    Unasked {
        why: format!("no interface is known to have {address}, {why}"),
        says,
        is_denied: is_denied && !may_be_front,
        is_known: false,
    }
}

/// True if the flow has a public address of ours there, which groups at the machine behind it never see.
pub(super) fn is_translated(end: &End) -> bool {
    is_own_public(&end.seen)
}

/// True for a public address of ours.
pub(super) const fn is_own_public(seen: &Seen) -> bool {
    matches!(seen.place, Place::OwnPublic { .. })
}

/// A flow to or from an address of ours that others stand behind, as it is sent: who is inside as well sees that address, and behind a
/// balancer machines and ports are others.
pub(super) fn as_sent(asked: FlowKey, public: [Option<IpAddr>; 2], part: &Part) -> FlowKey {
    let [source, destination] = public;
    let is_inside = AddressClass::of(asked.source).ip_class() == IpClass::Internal;
    let source = source.filter(|address| is_front(part, *address));
    let destination = destination.filter(|address| is_inside || is_front(part, *address));
    FlowKey {
        source: source.unwrap_or(asked.source),
        destination: destination.unwrap_or(asked.destination),
        ..asked
    }
}
