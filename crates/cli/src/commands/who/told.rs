//! What is known about an address, in words and as JSON.

use std::io::{self, Write};
use std::net::IpAddr;

use enrich::{Databases, Holder, HolderKind, Known, Origin, Part, Place, Seen, Threat};
use model::facts::{ArmId, Asset, Resource};
use model::protocols::protocol_number;
use model::{AddressClass, printable};

use super::super::facts::databases::day;
use super::logged::Logged;
use crate::instant::{self, Micros};
use crate::json_text::Json;
use crate::quantity::grouped;
use crate::words::endpoint::{Service, service};

/// So many rules that are not known are named.
const UNKNOWN_MAX: usize = 5;

/// Everything that is known.
pub(super) struct Told<'l> {
    address: IpAddr,
    at: Micros,
    /// Since when the facts hold, and whether they were loaded later than what is asked about.
    facts: Option<(Micros, bool)>,
    /// The last load of which something holds before its own time, here.
    later: Option<Micros>,
    /// Each who has the address, with what is known of it.
    holders: Vec<(Holder, Vec<(&'static str, String)>)>,
    place: Option<Place>,
    threat: Option<Threat>,
    tags: Vec<String>,
    origin: Origin,
    /// The databases that were asked where it is, with the days on which they were made.
    databases: Vec<String>,
    logged: &'l Logged,
}

impl<'l> Told<'l> {
    pub(super) const fn new(address: IpAddr, at: Micros, logged: &'l Logged) -> Self {
        Self {
            address,
            at,
            facts: None,
            later: None,
            holders: Vec::new(),
            place: None,
            threat: None,
            tags: Vec::new(),
            origin: Origin {
                country: String::new(),
                asn: None,
                asn_name: String::new(),
            },
            databases: Vec::new(),
            logged,
        }
    }

    /// Takes where it is.
    pub(super) fn take_origin(&mut self, part: &Part, databases: &Databases) {
        self.origin = part.index.origin(None, self.address, databases);
        let asked = part.facts.databases.iter();
        let asked = asked.map(|database| format!("{} of {}", database.kind, day(database)));
        self.databases = asked.collect();
    }

    /// Takes what the facts say.
    pub(super) fn take(&mut self, part: &Part, is_later: bool, seen: &Seen) {
        self.facts = Some((part.taken, is_later));
        self.later = part.later;
        let holders = match &seen.holder {
            Known::Nobody => Vec::new(),
            Known::One(holder) => vec![holder.clone()],
            Known::Several(holders) => holders.clone(),
        };
        for holder in holders {
            let details = details(part, &holder);
            self.holders.push((holder, details));
        }
        self.tags = part
            .index
            .tags()
            .all(self.address)
            .into_iter()
            .map(str::to_owned)
            .collect();
        self.place = Some(seen.place.clone());
        self.threat = part.threats.of(self.address).cloned();
    }

    pub(super) fn is_known(&self) -> bool {
        let is_placed = self
            .place
            .as_ref()
            .is_some_and(|place| !matches!(place, Place::Private | Place::Public));
        !self.holders.is_empty() || is_placed || !self.origin.is_empty() || self.logged.lines > 0
    }

    /// `is vm-web-01`.
    fn sentence(&self) -> String {
        let class = AddressClass::of(self.address);
        match self.holders.as_slice() {
            [(holder, _)] => format!("is {}{}", kind(holder.kind), holder.name()),
            [] => match &self.place {
                Some(Place::Platform) => {
                    "is Azure's own: DNS, DHCP, health probes and the guest agent".to_owned()
                }
                Some(Place::Threat) => match &self.threat {
                    Some(threat) if !threat.kind.is_empty() => {
                        format!(
                            "is known for harm: {}, says the list {}",
                            threat.kind, threat.list
                        )
                    }
                    Some(threat) => format!("is known for harm, says the list {}", threat.list),
                    None => "is known for harm".to_owned(),
                },
                Some(Place::Azure { tag }) => format!("is Microsoft's: service tag {tag}"),
                Some(
                    Place::Here { subnet: Some(subnet) }
                    | Place::Peer {
                        subnet: Some(subnet), ..
                    },
                ) => {
                    format!("is of {}, and nobody is known to have it", of_subnet(subnet))
                }
                Some(Place::Peer { network, .. }) => {
                    format!("is of {}, and nobody is known to have it", network.name())
                }
                Some(Place::OwnPublic { id, of, .. }) => own_public(id, of.as_ref()),
                Some(Place::OnPremises { gateway }) => format!("is on-premises behind {}", gateway.name()),
                Some(Place::Client { gateway }) => {
                    format!("is a point-to-site client of gateway {}", gateway.name())
                }
                Some(Place::Ambiguous) => "is of several networks, and nobody is known to have it".to_owned(),
                Some(Place::Public) if !self.origin.is_empty() => "is a public address".to_owned(),
                _ => format!("is not known ({})", class.ip_class().as_str()),
            },
            many => {
                let names: Vec<_> = many.iter().map(|(holder, _)| holder.name()).collect();
                format!(
                    "is ambiguous: {} have it, in networks of the same addresses",
                    names.join(" and ")
                )
            }
        }
    }

    fn as_of(&self) -> Option<String> {
        let (taken, is_later) = self.facts?;
        let taken = instant::words(taken, true);
        Some(match (is_later, self.later) {
            (true, _) => format!(
                "facts of {taken}, loaded for later than {}: it may have been somebody else then",
                instant::words(self.at, true)
            ),
            (false, Some(later)) => format!(
                "facts of {taken}; of what was first loaded later (up to {}), the first",
                instant::words(later, true)
            ),
            (false, None) => format!("facts of {taken}"),
        })
    }

    pub(super) fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{} {}", self.address, self.sentence())?;
        for (holder, details) in &self.holders {
            if self.holders.len() > 1 {
                writeln!(out, "\n{}", holder.name())?;
            }
            for (name, value) in details {
                writeln!(out, "  {name:<12}{value}")?;
            }
        }
        if !self.tags.is_empty() {
            writeln!(out, "  {:<12}{}", "tags", self.tags.join(", "))?;
        }
        if !self.origin.is_empty() {
            let origin = self.origin.to_string();
            let databases: Vec<_> = self.databases.iter().map(|name| printable::text(name)).collect();
            writeln!(
                out,
                "  {:<12}{}, by {}",
                "located",
                printable::text(&origin),
                databases.join(" and ")
            )?;
        }
        if let Some(as_of) = self.as_of() {
            writeln!(out, "  {:<12}{as_of}", "known by")?;
        }
        self.logged_text(out)
    }

    fn logged_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let logged = self.logged;
        let (Some(first), Some(last)) = (logged.first, logged.last) else {
            return writeln!(out, "  {:<12}no line of a flow log names it", "in the logs");
        };
        let count = |number: i64| grouped(u64::try_from(number).unwrap_or(0));
        writeln!(
            out,
            "  {:<12}{} lines of flow logs, both ends' counted: in {} it opened the flow, {} were denied",
            "in the logs",
            count(logged.lines),
            count(logged.opened),
            count(logged.denied)
        )?;
        writeln!(
            out,
            "  {:<12}{} to {}",
            "seen",
            instant::words(first, false),
            instant::words(last, false)
        )?;
        if !logged.macs.is_empty() {
            writeln!(out, "  {:<12}{}", "reported by", logged.macs.join(", "))?;
        }
        for (at, peer) in logged.peers.iter().enumerate() {
            let port = peer.port.map_or_else(|| "-".to_owned(), |port| port.to_string());
            let number = peer.port.and_then(|port| u16::try_from(port).ok()).unwrap_or(0);
            let service = match service(0, number, protocol_number(&peer.protocol)) {
                Service::Named(name) => format!(" ({name})"),
                Service::Nameless | Service::LateReply(_) => String::new(),
            };
            writeln!(
                out,
                "  {:<12}{} {}, {} {port}{service}, {}: {} lines",
                if at == 0 { "most with" } else { "" },
                if peer.is_opener { "from" } else { "to" },
                peer.address,
                peer.protocol,
                peer.status.to_lowercase(),
                count(peer.lines)
            )?;
        }
        Ok(())
    }

    pub(super) fn json(&self) -> Json {
        let id = |id: &Option<ArmId>| id.as_ref().map_or(Json::Null, |id| Json::text(id.as_str()));
        let holders = self.holders.iter().map(|(holder, details)| {
            let details = details.iter().map(|(name, value)| (*name, Json::text(value)));
            Json::Object(vec![
                ("name", Json::text(holder.name())),
                ("id", Json::text(holder.id.as_str())),
                ("machine", id(&holder.machine)),
                ("subnet", id(&holder.subnet)),
                ("network", id(&holder.network)),
                ("details", Json::Object(details.collect())),
            ])
        });
        let (own_public_id, stands_before) = match &self.place {
            Some(Place::OwnPublic { id: own, of, .. }) => (Json::text(own.as_str()), id(of)),
            _ => (Json::Null, Json::Null),
        };
        let behind = match &self.place {
            Some(Place::OnPremises { gateway } | Place::Client { gateway }) => Json::text(gateway.as_str()),
            _ => Json::Null,
        };
        let instant =
            |micros: Option<Micros>| micros.map_or(Json::Null, |micros| Json::text(instant::iso(micros)));
        let number = |number: i64| Json::Number(number.into());
        let peers = self.logged.peers.iter().map(|peer| {
            Json::Object(vec![
                ("address", Json::text(&peer.address)),
                ("isOpener", Json::Bool(peer.is_opener)),
                ("destPort", peer.port.into()),
                ("protocol", Json::text(&peer.protocol)),
                ("status", Json::text(&peer.status)),
                ("lines", number(peer.lines)),
            ])
        });
        Json::Object(vec![
            ("address", Json::text(self.address.to_string())),
            ("at", Json::text(instant::iso(self.at))),
            ("factsOf", instant(self.facts.map(|(taken, _)| taken))),
            ("factsAlsoOf", instant(self.later)),
            (
                "factsAreLater",
                self.facts
                    .map_or(Json::Null, |(_, is_later)| Json::Bool(is_later)),
            ),
            ("holders", Json::List(holders.collect())),
            ("ownPublic", own_public_id),
            ("standsBefore", stands_before),
            ("behind", behind),
            (
                "serviceTags",
                Json::List(self.tags.iter().map(Json::text).collect()),
            ),
            ("country", said(&self.origin.country)),
            ("asn", self.origin.asn.map(i64::from).into()),
            ("asnName", said(&self.origin.asn_name)),
            ("lines", number(self.logged.lines)),
            ("linesOpened", number(self.logged.opened)),
            ("linesDenied", number(self.logged.denied)),
            ("first", instant(self.logged.first)),
            ("last", instant(self.logged.last)),
            (
                "reportedBy",
                Json::List(self.logged.macs.iter().map(Json::text).collect()),
            ),
            ("peers", Json::List(peers.collect())),
        ])
    }
}

/// Null for what is not known.
fn said(text: &str) -> Json {
    match text {
        "" => Json::Null,
        text => Json::text(text),
    }
}

const fn kind(kind: HolderKind) -> &'static str {
    match kind {
        HolderKind::Interface => "",
        HolderKind::Frontend => "the frontend of ",
        HolderKind::PrivateEndpoint => "private endpoint ",
    }
}

/// `is pip-nat, a public address of our own: NAT gateway nat-shop`.
fn own_public(id: &ArmId, of: Option<&ArmId>) -> String {
    let mut text = match id.is_of("Microsoft.Network/publicIPPrefixes") {
        true => format!("is of {}, a public prefix of our own", id.name()),
        false => format!("is {}, a public address of our own", id.name()),
    };
    if let Some(of) = of {
        let kind = of.kind().unwrap_or_default().to_ascii_lowercase();
        let kind = match kind.rsplit('/').next().unwrap_or_default() {
            "natgateways" => "NAT gateway ",
            "virtualnetworkgateways" => "gateway ",
            "loadbalancers" => "load balancer ",
            "applicationgateways" => "application gateway ",
            "azurefirewalls" => "firewall ",
            "bastionhosts" => "Bastion host ",
            _ => "",
        };
        text.push_str(&format!(": {kind}{}", of.name()));
    }
    text
}

/// `snet-web of vnet-shop`.
fn of_subnet(subnet: &ArmId) -> String {
    match subnet.parent() {
        Some(network) => format!("{} of {}", subnet.name(), network.name()),
        None => subnet.name().to_owned(),
    }
}

/// What the facts say of who has an address.
fn details(part: &Part, holder: &Holder) -> Vec<(&'static str, String)> {
    let find = |id: &ArmId| part.facts.resource(id);
    let mut details = Vec::new();
    let resource = find(&holder.id);
    if let Some(Resource {
        asset: Asset::Interface(interface),
        ..
    }) = resource
    {
        let mac = interface
            .mac
            .map_or_else(|| "no MAC address".to_owned(), |mac| mac.to_string());
        details.push(("interface", format!("{}, {mac}", holder.id.name_in_group())));
    }
    if let Some(id) = &holder.machine {
        let mut text = id.name_in_group().into_owned();
        if let Some(Resource {
            asset: Asset::Machine(machine),
            ..
        }) = find(id)
        {
            if let Some(power) = machine.power {
                text.push_str(&format!(", {}", format!("{power:?}").to_lowercase()));
            }
            if let Some(size) = &machine.size {
                text.push_str(&format!(", {size}"));
            }
        }
        details.push(("machine", text));
    }
    let subnet = holder.subnet.as_ref().and_then(find);
    if let Some(id) = &holder.subnet {
        let mut text = of_subnet(id);
        if let Some(Resource {
            asset: Asset::Subnet(subnet),
            ..
        }) = subnet
        {
            let prefixes: Vec<String> = subnet.prefixes.iter().map(ToString::to_string).collect();
            text.push_str(&format!(", {}", prefixes.join(", ")));
        }
        details.push(("subnet", text));
    }
    details.extend(rules(part, subnet, holder).map(|rules| ("rules", rules)));
    details.extend(around(part, holder));
    if let Some(location) = resource.and_then(|resource| resource.location.as_ref()) {
        details.push(("region", location.clone()));
    }
    details
}

/// `nsg-web at the subnet, nsg-vm-web-01 at the interface (2 rules of it are not known: AllowApp, AllowSql)`.
fn rules(part: &Part, subnet: Option<&Resource>, holder: &Holder) -> Option<String> {
    let mut places = Vec::new();
    if let Some(Resource {
        asset: Asset::Subnet(subnet),
        ..
    }) = subnet
        && let Some(group) = &subnet.security_group
    {
        places.push(format!("{} at the subnet{}", group.name(), unknown(part, group)));
    }
    if let Some(group) = &holder.security_group {
        places.push(format!(
            "{} at the interface{}",
            group.name(),
            unknown(part, group)
        ));
    }
    (!places.is_empty()).then(|| places.join(", "))
}

/// Which rules of a group are known by their names only.
fn unknown(part: &Part, group: &ArmId) -> String {
    let Some(Resource {
        asset: Asset::SecurityGroup(group),
        ..
    }) = part.facts.resource(group)
    else {
        return String::new();
    };
    let names = group.unknown_rules();
    let all = names.iter().take(UNKNOWN_MAX).map(|name| printable::text(name));
    let all = all.collect::<Vec<_>>().join(", ");
    let more = if names.len() > UNKNOWN_MAX { ", …" } else { "" };
    match names.len() {
        0 => String::new(),
        1 => format!(" (1 rule of it is not known: {all})"),
        many => format!(" ({many} rules of it are not known: {all}{more})"),
    }
}

/// What stands around who has an address: public addresses in front of it, networks that are joined.
fn around(part: &Part, holder: &Holder) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    let public = part
        .facts
        .resources
        .iter()
        .filter_map(|resource| match &resource.asset {
            Asset::PublicAddress(public) => {
                let of = public.of.as_ref().and_then(ArmId::parent);
                (of.as_ref() == Some(&holder.id)).then(|| {
                    let address = public
                        .address
                        .map_or_else(|| "not assigned".to_owned(), |address| address.to_string());
                    format!("{address} ({})", resource.id.name())
                })
            }
            _ => None,
        });
    let public: Vec<String> = public.collect();
    if !public.is_empty() {
        details.push(("public", public.join(", ")));
    }
    if let Some(Resource {
        asset: Asset::VirtualNetwork(network),
        ..
    }) = holder.network.as_ref().and_then(|id| part.facts.resource(id))
    {
        let peers: Vec<&str> = network
            .peerings
            .iter()
            .filter(|peering| peering.is_connected != Some(false))
            .filter_map(|peering| peering.remote.as_ref().map(ArmId::name))
            .collect();
        if !peers.is_empty() {
            details.push(("joined to", peers.join(", ")));
        }
    }
    details
}
