//! The ends of a flow: who has each address, as seen from the other.

use std::net::IpAddr;

use enrich::{Part, Seen};
use model::Direction;
use model::facts::{ArmId, Asset, Mac};

use super::line::{FlowKey, Line};
use super::unasked::is_own_public;

/// One end: who has the address, as seen from the other, and which interface that is.
#[derive(Debug)]
pub(super) struct End {
    pub(super) address: IpAddr,
    pub(super) public: Option<IpAddr>,
    pub(super) seen: Seen,
    /// The interface that rules hold at: its own, or that of a private endpoint.
    pub(super) guarded: Option<ArmId>,
    pub(super) interface: Option<ArmId>,
    pub(super) mac: Option<Mac>,
}

/// Both ends, each as the other's network sees it. The side that reported is known by its MAC address.
pub(super) fn ends(part: &Part, key: &FlowKey, lines: &[&Line], public: [Option<IpAddr>; 2]) -> [End; 2] {
    let own = |direction: Direction, address: IpAddr| {
        let mut macs = lines
            .iter()
            .filter(|line| line.direction == direction)
            .filter_map(|line| line.mac);
        macs.find_map(|mac| {
            let holder = part.index.reporter(mac).one()?.clone();
            // What only passed through an interface is not of it.
            let seen = part.index.seen(holder.network.as_ref(), address, &part.threats);
            let is_own = seen.holder.one().is_some_and(|held| held.id == holder.id);
            is_own.then_some((mac, seen))
        })
    };
    let [from, to] = [
        own(Direction::Outbound, key.source),
        own(Direction::Inbound, key.destination),
    ];
    let network = |found: &Option<(Mac, Seen)>| {
        let (_, seen) = found.as_ref()?;
        seen.holder.one()?.network.clone()
    };
    let (from_network, to_network) = (network(&from), network(&to));
    let end = |found: Option<(Mac, Seen)>, address: IpAddr, around: Option<&ArmId>, public| {
        let (mac, seen) = match found {
            Some((mac, seen)) => (Some(mac), seen),
            None => (None, part.index.seen(around, address, &part.threats)),
        };
        let holder = seen
            .holder
            .one()
            .filter(|holder| holder.kind == enrich::HolderKind::Interface)
            .filter(|_| mac.is_some() || !is_own_public(&seen));
        let is_known = |id: &ArmId| matches!(part.facts.asset(id), Some(Asset::Interface(_)));
        let guarded = seen.holder.one().map(|holder| &holder.id);
        End {
            address,
            public,
            guarded: guarded.filter(|id| is_known(id)).cloned(),
            interface: holder.map(|holder| holder.id.clone()),
            mac: mac.or_else(|| holder.and_then(|holder| holder.mac)),
            seen,
        }
    };
    let [public_source, public_destination] = public;
    let source = end(from, key.source, to_network.as_ref(), public_source);
    let around = from_network.or_else(|| source.seen.holder.one()?.network.clone());
    let destination = end(to, key.destination, around.as_ref(), public_destination);
    // A source that nobody's network was known of is seen from the destination's.
    let again = destination
        .seen
        .holder
        .one()
        .and_then(|holder| holder.network.as_ref());
    match (&source.interface, again) {
        (None, Some(network)) => [end(None, key.source, Some(network), public_source), destination],
        _ => [source, destination],
    }
}
