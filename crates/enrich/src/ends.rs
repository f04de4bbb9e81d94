//! The two ends of a flow by name, as Traffic Analytics spells them: `group/machine`, in lower case.

use std::net::IpAddr;

use model::facts::{ArmId, Mac};

use crate::flow_type::{FlowType, between};
use crate::index::Index;
use crate::seen::{Holder, HolderKind, Known, Place, Seen};
use crate::threats::{Threat, Threats};

/// What stands where two or more may be meant, before their names.
const AMBIGUOUS: &str = "ambiguous:";

/// A flow as its record names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Talk<'t> {
    /// Who reported it.
    pub mac: Option<Mac>,
    /// Whether it came in there.
    pub is_inbound: bool,
    /// Who began it.
    pub source: Option<IpAddr>,
    /// With whom.
    pub destination: Option<IpAddr>,
    /// The id of what its flow log is enabled on; empty where that is not known.
    pub target: &'t str,
}

/// What is known of one end. A text is empty where nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// `group/machine`.
    pub machine: String,
    /// `group/interface`; of a machine of a scale set `group/set_3/interface`.
    pub interface: String,
    /// `group/network/subnet`.
    pub subnet: String,
    /// The subscription's id.
    pub subscription: String,
    /// The region.
    pub region: String,
    /// `group/balancer`, of an address of its frontend.
    pub load_balancer: String,
    /// The MAC address of its interface.
    pub mac_address: String,
    /// Service tags of a public address, the closest first, with blanks between them.
    pub service_tags: String,
    /// The region of a public address of Azure.
    pub azure_region: String,
    /// What it is known for, if a list names it.
    pub threat: Option<Threat>,
}

impl End {
    fn of_mac(mac: Option<Mac>) -> Self {
        Self {
            mac_address: mac.map_or_else(String::new, |mac| mac.to_string()),
            ..Self::default()
        }
    }
}

/// What is known of both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Who began.
    pub source: End,
    /// With whom.
    pub destination: End,
    /// What kind of traffic it is.
    pub flow_type: FlowType,
    /// The region of the end that is a public address of Azure.
    pub azure_region: String,
    /// What the end that a list names is known for.
    pub threat_type: String,
    /// What the list says of it.
    pub threat_description: String,
    /// Seen where it only passed through: neither address is the interface's own.
    pub is_hop: bool,
}

impl Index {
    /// The two ends of a flow.
    #[must_use]
    pub fn ends(&self, talk: &Talk<'_>, threats: &Threats) -> Ends {
        let reporter = talk.mac.map_or(Known::Nobody, |mac| self.reporter(mac));
        let network = reporter.one().and_then(|holder| holder.network.as_ref());
        let (own, other) = match talk.is_inbound {
            true => (talk.destination, talk.source),
            false => (talk.source, talk.destination),
        };
        let is_hop = network.is_some() && own.is_some_and(|own| !self.is_own(&reporter, own));
        // Of an interface that no export has, what the flow log is enabled on tells the network, or its own address may.
        let is_placed = network.is_some();
        let network = network
            .or_else(|| self.network_around(talk.target))
            .or_else(|| self.only_network(own?));
        let seen = |address: Option<IpAddr>| address.map(|address| self.seen(network, address, threats));
        let other_seen = seen(other);
        // Of most flows the own end is known by its MAC address.
        let own_seen = if is_hop || !is_placed { seen(own) } else { None };
        let end = |address: Option<IpAddr>, seen: &Option<Seen>| match (address, seen) {
            (Some(address), Some(seen)) => self.end(address, seen, threats),
            _ => End::default(),
        };
        let own_end = match (&reporter, &own_seen, own) {
            _ if is_hop => end(own, &own_seen),
            (Known::Nobody, Some(seen), Some(own)) => self.unknown_reporter(talk.mac, own, seen, threats),
            (Known::Nobody, ..) => End::of_mac(talk.mac),
            (known, ..) => self.named(known),
        };
        let other_end = end(other, &other_seen);
        let place = other_seen.as_ref().map_or(&Place::Special, |seen| &seen.place);
        // What only passed through is between the two addresses, and not the interface's, whichever way it went there.
        let flow_type = match &own_seen {
            Some(own) => between(network, &own.place, place),
            None => Self::flow_type(network, place),
        };
        let (mut azure_region, mut threat) = (String::new(), Threat::default());
        for end in [&own_end, &other_end] {
            if !end.azure_region.is_empty() {
                azure_region.clone_from(&end.azure_region);
            }
            if let Some(known) = &end.threat {
                threat.clone_from(known);
            }
        }
        let (source, destination) = match talk.is_inbound {
            true => (other_end, own_end),
            false => (own_end, other_end),
        };
        Ends {
            source,
            destination,
            flow_type,
            azure_region,
            threat_type: threat.kind,
            threat_description: threat.description,
            is_hop,
        }
    }

    /// What is known of an interface that no export has: where its address lies. Who had the address when exports were made
    /// is somebody else.
    fn unknown_reporter(&self, mac: Option<Mac>, own: IpAddr, seen: &Seen, threats: &Threats) -> End {
        let seen = Seen {
            holder: Known::Nobody,
            place: seen.place.clone(),
        };
        End {
            mac_address: End::of_mac(mac).mac_address,
            ..self.end(own, &seen, threats)
        }
    }

    /// What is known of an address as it is seen.
    fn end(&self, address: IpAddr, seen: &Seen, threats: &Threats) -> End {
        let mut end = self.named(&seen.holder);
        let subnet = match &seen.place {
            Place::Here { subnet } | Place::Peer { subnet, .. } => subnet.as_ref(),
            _ => None,
        };
        if let (Some(subnet), true) = (subnet, end.subnet.is_empty()) {
            end.subnet = subnet_path(subnet);
            end.subscription = subscription(subnet);
            end.region = self.region(subnet).to_owned();
        }
        match &seen.place {
            Place::Azure { .. } => {
                end.service_tags = self.tags().all(address).join(" ");
                end.azure_region = self.tags().region(address).unwrap_or_default().to_owned();
            }
            // Of a NAT gateway, or of a prefix that nobody uses, no more is known.
            Place::OwnPublic { id, .. } if end.subscription.is_empty() => {
                end.subscription = subscription(id);
                end.region = self.region(id).to_owned();
            }
            Place::Threat => end.threat = threats.of(address).cloned(),
            _ => {}
        }
        end
    }

    /// The names of who has an address.
    fn named(&self, known: &Known<Holder>) -> End {
        match known {
            Known::Nobody => End::default(),
            Known::One(holder) => self.of_holder(holder),
            Known::Several(holders) => {
                let ends: Vec<End> = holders.iter().map(|holder| self.of_holder(holder)).collect();
                let all = |name: fn(&End) -> &str| several(ends.iter().map(name));
                End {
                    machine: all(|end| &end.machine),
                    interface: all(|end| &end.interface),
                    subnet: all(|end| &end.subnet),
                    subscription: all(|end| &end.subscription),
                    region: all(|end| &end.region),
                    load_balancer: all(|end| &end.load_balancer),
                    mac_address: all(|end| &end.mac_address),
                    ..End::default()
                }
            }
        }
    }

    fn of_holder(&self, holder: &Holder) -> End {
        let mut end = End {
            subnet: holder.subnet.as_ref().map(subnet_path).unwrap_or_default(),
            subscription: subscription(&holder.id),
            region: self.region(&holder.id).to_owned(),
            ..End::default()
        };
        match holder.kind {
            HolderKind::Frontend => end.load_balancer = path(&holder.id),
            HolderKind::Interface | HolderKind::PrivateEndpoint => {
                end.interface = path(&holder.id);
                end.mac_address = holder.mac.map_or_else(String::new, |mac| mac.to_string());
                end.machine = holder.machine.as_ref().map(path).unwrap_or_default();
            }
        }
        end
    }
}

/// `group/name`; of an interface of a scale set's machine `group/set_3/name`.
pub(crate) fn path(id: &ArmId) -> String {
    let group = id.resource_group().unwrap_or_default();
    format!("{group}/{}", id.name_in_group()).to_ascii_lowercase()
}

/// `group/network/subnet`.
pub(crate) fn subnet_path(id: &ArmId) -> String {
    let network = id.parent();
    let network = network.as_ref().map(ArmId::name).unwrap_or_default();
    let group = id.resource_group().unwrap_or_default();
    format!("{group}/{network}/{}", id.name()).to_ascii_lowercase()
}

fn subscription(id: &ArmId) -> String {
    id.subscription().unwrap_or_default().to_ascii_lowercase()
}

/// Names that may each be meant, or the one that all have.
fn several<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        many => format!("{AMBIGUOUS} {}", many.join(", ")),
    }
}
