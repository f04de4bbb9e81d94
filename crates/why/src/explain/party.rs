//! An end of a flow, by all the names that it has.

use std::net::IpAddr;

use enrich::{Databases, Holder, Known, Part, Place, Seen};
use model::facts::{ArmId, Asset, PowerState};
use serde::Serialize;

/// An end of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Party {
    /// Its address in the log.
    pub address: IpAddr,
    /// The public address of ours that was asked about, where another stands behind it.
    pub public_address: Option<IpAddr>,
    /// The machine, or what else has the address.
    pub name: Option<String>,
    /// Its interface, where it is one.
    pub interface: Option<ArmId>,
    /// The subnet.
    pub subnet: Option<ArmId>,
    /// The network.
    pub network: Option<ArmId>,
    /// Where it is: `own network`, `internet`, `on-premises` and so on.
    pub place: String,
    /// `internal`, `internet`, `platform` or `special`.
    pub class: &'static str,
    /// Service tags of a public address.
    pub service_tags: Vec<String>,
    /// Country and network, by the databases that were loaded.
    pub origin: Option<String>,
    /// Names of all who may be meant, where that is not one.
    pub candidates: Vec<String>,
    /// Whether its machine ran when the export was made.
    pub power: Option<String>,
    /// It is the interface of a private endpoint.
    pub is_private_endpoint: bool,
    /// A list names it for harm: what kind.
    pub threat: Option<String>,
}

impl Party {
    /// Of an address of which nothing more is known.
    pub(super) fn unknown(address: IpAddr) -> Self {
        let class = model::AddressClass::of(address).ip_class();
        Self {
            address,
            public_address: None,
            name: None,
            interface: None,
            subnet: None,
            network: None,
            place: class.as_str().to_owned(),
            class: class.as_str(),
            service_tags: Vec::new(),
            origin: None,
            candidates: Vec::new(),
            power: None,
            is_private_endpoint: false,
            threat: None,
        }
    }

    /// As facts know it.
    pub(super) fn of(address: IpAddr, seen: &Seen, part: &Part, databases: &Databases) -> Self {
        let mut party = Self::unknown(address);
        match &seen.holder {
            Known::Nobody => {}
            Known::One(holder) => party.take_holder(holder, part),
            Known::Several(holders) => {
                party.candidates = holders.iter().map(|holder| holder.name().into_owned()).collect();
            }
        }
        let (place, subnet, network) = place(&seen.place);
        party.place = place;
        party.subnet = party.subnet.or(subnet);
        let of_subnet = party.subnet.as_ref().and_then(ArmId::parent);
        party.network = party.network.or(network).or(of_subnet);
        party.service_tags = part
            .index
            .tags()
            .all(address)
            .into_iter()
            .map(str::to_owned)
            .collect();
        let origin = part.index.origin(None, address, databases);
        party.origin = (!origin.is_empty()).then(|| origin.to_string());
        party.threat = part.threats.of(address).map(|threat| match threat.kind.as_str() {
            "" => format!("list {}", threat.list),
            kind => format!("{kind}, list {}", threat.list),
        });
        party
    }

    fn take_holder(&mut self, holder: &Holder, part: &Part) {
        self.name = Some(holder.name().into_owned());
        self.subnet.clone_from(&holder.subnet);
        self.network.clone_from(&holder.network);
        let asset = |id: &ArmId| part.facts.asset(id);
        match asset(&holder.id) {
            Some(Asset::Interface(interface)) => {
                self.interface = Some(holder.id.clone());
                self.is_private_endpoint = interface.private_endpoint.is_some();
            }
            Some(Asset::PrivateEndpoint(_)) => self.is_private_endpoint = true,
            _ => {}
        }
        if let Some(Asset::Machine(machine)) = holder.machine.as_ref().and_then(asset) {
            let told = |power: &PowerState| !matches!(power, PowerState::Unknown);
            let power = machine.power.filter(told);
            self.power = power.map(|power| format!("{power:?}").to_ascii_lowercase());
        }
    }

    /// `vm-web-01 (10.1.0.4)`, or the address.
    #[must_use]
    pub fn named(&self) -> String {
        match (&self.name, self.candidates.as_slice()) {
            (Some(name), _) => format!("{name} ({})", self.address),
            (None, []) => match self.service_tags.first() {
                Some(tag) => format!("{} (service tag {tag})", self.address),
                None => self.address.to_string(),
            },
            (None, many) => format!("{} (ambiguous: {})", self.address, many.join(" or ")),
        }
    }

    /// All that is known of it, in one line.
    #[must_use]
    pub fn told(&self) -> String {
        let mut parts = vec![self.named()];
        if let Some(public) = self.public_address {
            let is_private = model::AddressClass::of(public).ip_class() == model::IpClass::Internal;
            let kind = if is_private { "frontend" } else { "public address" };
            parts.push(format!("behind {kind} {public}"));
        }
        if let Some(interface) = &self.interface {
            parts.push(format!("interface {}", interface.name_in_group()));
        }
        match (&self.subnet, &self.network) {
            (Some(subnet), Some(network)) => {
                parts.push(format!("subnet {} of {}", subnet.name(), network.name()))
            }
            (Some(subnet), None) => parts.push(format!("subnet {}", subnet.name())),
            (None, Some(network)) => parts.push(format!("network {}", network.name())),
            (None, None) => {}
        }
        if self.interface.is_none() || self.network.is_none() {
            parts.push(self.place.clone());
        }
        if self.is_private_endpoint {
            parts.push("a private endpoint".to_owned());
        }
        if self.service_tags.len() > 1 {
            parts.push(format!("tags {}", self.service_tags.join(", ")));
        }
        parts.extend(self.origin.clone());
        parts.extend(
            self.threat
                .as_ref()
                .map(|threat| format!("known for harm: {threat}")),
        );
        let power = self.power.as_ref().filter(|power| *power != "running");
        parts.extend(power.map(|power| format!("{power} when the export was made")));
        parts.join(", ")
    }
}

fn place(place: &Place) -> (String, Option<ArmId>, Option<ArmId>) {
    let words = |text: &str| text.to_owned();
    match place {
        Place::Here { subnet } => (words("own network"), subnet.clone(), None),
        Place::Peer { network, subnet } => (words("own network"), subnet.clone(), Some(network.clone())),
        Place::Client { gateway } => (format!("point-to-site client of {}", gateway.name()), None, None),
        Place::OnPremises { gateway } => (format!("on-premises behind {}", gateway.name()), None, None),
        Place::Platform => (words("Azure platform"), None, None),
        Place::OwnPublic { id, of, network } => {
            let of = of.as_ref().map(|of| format!(" of {}", of.name_in_group()));
            let text = format!("own public address {}{}", id.name(), of.unwrap_or_default());
            (text, None, network.clone())
        }
        Place::Azure { .. } => (words("internet, Azure's own"), None, None),
        Place::Threat => (words("internet, known for harm"), None, None),
        Place::Public => (words("internet"), None, None),
        Place::Private => (words("private, of no network that is known"), None, None),
        Place::Ambiguous => (words("of several networks"), None, None),
        Place::Special => (words("neither private nor public"), None, None),
    }
}
