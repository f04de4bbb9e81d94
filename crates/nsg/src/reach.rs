//! What `VirtualNetwork` is at an interface: its network, networks joined to it, what routes lead to, what lies behind gateways.
//! What may belong to it and is not known to is told apart, with the reason.
//! <https://learn.microsoft.com/azure/virtual-network/service-tags-overview#available-service-tags>

use ipnet::IpNet;
use model::address::AZURE_WIRE_SERVER;
use model::facts::{AddressSpec, ArmId, Asset, EffectiveRoutes, EffectiveRules, Gateway, Peering};

use crate::estate::Estate;
use crate::problem::Problems;
use crate::ranges::{Addresses, Ranges};
use crate::surroundings::NetworkSpace;

/// What is found so far.
struct Reach<'e, 'f> {
    estate: &'e Estate<'f>,
    interface: &'e ArmId,
    subnets: &'e [ArmId],
    problems: &'e mut Problems,
    space: NetworkSpace,
}

/// `VirtualNetwork` at an interface in these subnets.
pub(crate) fn network_space(
    estate: &Estate<'_>,
    interface: &ArmId,
    subnets: &[ArmId],
    problems: &mut Problems,
) -> NetworkSpace {
    let mut reach = Reach {
        estate,
        interface,
        subnets,
        problems,
        space: NetworkSpace {
            within: Addresses::of_address(AZURE_WIRE_SERVER.into()),
            ..NetworkSpace::default()
        },
    };
    let mut networks: Vec<ArmId> = subnets.iter().filter_map(ArmId::parent).collect();
    networks.sort_unstable();
    networks.dedup();
    if networks.is_empty() {
        reach.anything(format!(
            "the virtual network of interface `{}` is not known",
            interface.name()
        ));
    }
    for network in &networks {
        reach.take_network(network);
    }
    for subnet in subnets {
        reach.take_routes_of(subnet);
    }
    if let Some(routes) = estate.routes_of(interface) {
        reach.take_effective_routes(routes);
    }
    if let Some(rules) = estate.effective_of(interface) {
        reach.take_effective_rules(rules);
    }
    let mut space = reach.space;
    space.perhaps = space.perhaps.minus(&space.within);
    if space.perhaps.is_empty() {
        space.reasons.clear();
    }
    space
}

impl Reach<'_, '_> {
    fn add(&mut self, prefixes: &[IpNet]) {
        self.space.within = self.space.within.union(&Addresses::of_prefixes(prefixes));
    }

    fn perhaps(&mut self, addresses: &Addresses, reason: String) {
        self.space.perhaps = self.space.perhaps.union(addresses);
        if !self.space.reasons.contains(&reason) {
            self.space.reasons.push(reason);
        }
    }

    fn anything(&mut self, reason: String) {
        self.perhaps(&Addresses::all(), reason);
    }

    fn take_network(&mut self, id: &ArmId) {
        let Some(network) = self.estate.network(id).filter(|held| !held.prefixes.is_empty()) else {
            let message = format!(
                "the address space of virtual network `{}` is not among the facts: load `az network vnet list`",
                id.name()
            );
            self.problems.add(self.interface, "subnet", message.clone());
            return self.anything(message);
        };
        self.add(&network.prefixes);
        self.take_gateways(id, true);
        for (at, peering) in network.peerings.iter().enumerate() {
            if peering.is_connected != Some(false) {
                self.take_peering(id, at, peering);
            }
        }
    }

    fn take_peering(&mut self, own: &ArmId, at: usize, peering: &Peering) {
        let remote = peering.remote.as_ref().and_then(|id| self.estate.network(id));
        let known = remote.map_or(&[][..], |held| &held.prefixes);
        let (known, told) = (
            Addresses::of_prefixes(known),
            Addresses::of_prefixes(&peering.remote_prefixes),
        );
        let name = &peering.name;
        let is_here = self.joins(own, peering);
        let is_sure = peering.is_connected == Some(true) && is_here;
        match (known.is_empty(), told.is_empty()) {
            (true, true) => {
                let message = format!("the address space behind peering `{name}` is not among the facts");
                self.problems.add(
                    own,
                    &format!("virtualNetworkPeerings[{at}].remoteVirtualNetwork"),
                    message.clone(),
                );
                self.anything(message);
            }
            _ => self.take_space(peering, &known, &told, is_here),
        }
        let Some(remote_id) = &peering.remote else {
            return;
        };
        let has_gateway = !self.estate.gateways_in(remote_id).is_empty();
        match peering.uses_remote_gateway {
            Some(true) => {
                self.take_gateways(remote_id, is_sure);
                self.behind_gateway(&format!("peering `{name}` uses the gateway of the other side"));
            }
            None if has_gateway => self.take_gateways(remote_id, false),
            _ => {}
        }
    }

    /// The addresses behind a peering, as the other network says them and as the peering does.
    fn take_space(&mut self, peering: &Peering, known: &Addresses, told: &Addresses, is_here: bool) {
        let name = &peering.name;
        let all = known.union(told);
        let both = match known.is_empty() || told.is_empty() {
            true => all.clone(),
            false => known.and(told),
        };
        if peering.is_connected != Some(true) || !is_here {
            let reason = match is_here {
                true => format!("whether peering `{name}` is connected is not known"),
                false => {
                    format!(
                        "whether peering `{name}`, which joins only some subnets, joins this one is not known"
                    )
                }
            };
            return self.perhaps(&all, reason);
        }
        let joined = self.joined_beyond(peering);
        let (both, reason) = match joined {
            Some(joined) => (
                both.and(&joined),
                format!("peering `{name}` joins only some subnets of the other network"),
            ),
            None => (
                both,
                format!("peering `{name}` and the network behind it disagree about its address space"),
            ),
        };
        self.space.within = self.space.within.union(&both);
        if both != all {
            self.perhaps(&all, reason);
        }
    }

    /// True for a peering that joins the whole network, or the subnets that the interface is in.
    fn joins(&self, own: &ArmId, peering: &Peering) -> bool {
        let Some(names) = &peering.local_subnets else {
            return true;
        };
        let mut here = self
            .subnets
            .iter()
            .filter(|subnet| subnet.parent().as_ref() == Some(own));
        here.all(|subnet| names.iter().any(|name| name.eq_ignore_ascii_case(subnet.name())))
    }

    /// The addresses of the subnets that a peering joins at the other side, where it does not join all.
    fn joined_beyond(&self, peering: &Peering) -> Option<Addresses> {
        let names = peering.remote_subnets.as_ref()?;
        let mut joined = Addresses::default();
        for name in names {
            let subnet = peering.remote.as_ref()?.part("subnets", name);
            if let Some(Asset::Subnet(held)) = self.estate.asset(&subnet) {
                joined = joined.union(&Addresses::of_prefixes(&held.prefixes));
            }
        }
        Some(joined)
    }

    /// Routes of gateways are learned, so more may lie behind one than is written down anywhere.
    fn behind_gateway(&mut self, reason: &str) {
        if self.estate.routes_of(self.interface).is_none() {
            self.perhaps(&Addresses::private(), format!("{reason}, and the effective routes of `{}` are not among the facts: load `az network nic show-effective-route-table`", self.interface.name()));
        }
    }

    /// The gateways of a network, as far as it is known that this interface reaches them.
    fn take_gateways(&mut self, network: &ArmId, is_sure: bool) {
        let gateways = self.estate.gateways_in(network);
        if gateways.is_empty() && self.estate.has_gateway_subnet(network) {
            self.behind_gateway(&format!(
                "virtual network `{}` has a subnet for a gateway",
                network.name()
            ));
        }
        for id in gateways {
            let Some(Asset::Gateway(gateway)) = self.estate.asset(id) else {
                continue;
            };
            let mut prefixes = gateway.client_pools.clone();
            prefixes.extend(self.connected(id, gateway));
            if is_sure {
                self.add(&prefixes);
            } else {
                self.perhaps(
                    &Addresses::of_prefixes(&prefixes),
                    format!("whether gateway `{}` is used is not known", id.name()),
                );
            }
            self.behind_gateway(&format!("there is gateway `{}`", id.name()));
        }
    }

    /// The address spaces that a gateway's connections lead to.
    fn connected(&mut self, gateway: &ArmId, held: &Gateway) -> Vec<IpNet> {
        let mut prefixes = Vec::new();
        for (id, remote) in self.estate.connected_to(gateway) {
            match self.estate.asset(remote) {
                Some(Asset::LocalGateway(local)) => prefixes.extend(&local.prefixes),
                Some(Asset::Gateway(other)) if other.subnets != held.subnets => {
                    let networks = other.subnets.iter().filter_map(ArmId::parent);
                    for network in networks.filter_map(|id| self.estate.network(&id)) {
                        prefixes.extend(&network.prefixes);
                    }
                }
                Some(_) => {}
                None => {
                    let message = format!("`{}`, which it leads to, is not among the facts", remote.name());
                    self.problems.add(id, "remote", message);
                }
            }
        }
        prefixes
    }

    /// Routes that somebody made.
    fn take_routes_of(&mut self, subnet: &ArmId) {
        if self.estate.asset(subnet).is_none() {
            let reason = format!(
                "subnet `{}` is not among the facts, so its routes are not known",
                subnet.name()
            );
            self.anything(reason);
        }
        for id in self.estate.route_tables_of(subnet) {
            let Some(Asset::RouteTable(table)) = self.estate.asset(&id) else {
                let message = format!("route table `{}` is not among the facts", id.name());
                self.problems.add(subnet, "routeTable", message.clone());
                self.anything(message);
                continue;
            };
            for route in &table.routes {
                let what = format!("route `{}` of `{}`", route.name, id.name());
                self.take_route(&what, route.prefix.as_slice(), route.tag.as_slice(), true);
            }
        }
    }

    /// Prefixes of routes that somebody made are of the tag, the default route too. Of default routes that are learned its documentation
    /// says that they may be.
    fn take_route(&mut self, what: &str, prefixes: &[IpNet], tags: &[String], is_made: bool) {
        for prefix in prefixes {
            if prefix.prefix_len() == 0 && !is_made {
                self.perhaps(
                    &Addresses::of_prefixes([prefix]),
                    format!("{what} is a default route, which may be a part of `VirtualNetwork`"),
                );
            } else {
                self.add(&[*prefix]);
            }
        }
        for tag in tags {
            match self.estate.tag_addresses(tag) {
                Some(addresses) => self.space.within = self.space.within.union(&addresses),
                None => self.anything(format!("{what} is for `{tag}`, whose addresses are not known")),
            }
        }
    }

    /// What Azure says of routes takes the place of what is found out by gateways, peerings and tables.
    fn take_effective_routes(&mut self, routes: &EffectiveRoutes) {
        self.space.perhaps = Addresses::default();
        self.space.reasons.clear();
        for route in routes
            .routes
            .iter()
            .filter(|route| route.is_active != Some(false))
        {
            let is = |word: &str| route.next_hop.eq_ignore_ascii_case(word);
            let is_user = route
                .source
                .as_ref()
                .is_some_and(|source| source.eq_ignore_ascii_case("User"));
            let leads_inside = [
                "VnetLocal",
                "VirtualNetwork",
                "VNetPeering",
                "VNetGlobalPeering",
                "GlobalVNetPeering",
                "VirtualNetworkGateway",
            ]
            .iter()
            .any(|word| is(word));
            if is_user || leads_inside {
                let what = format!("the effective route to `{}`", route.next_hop);
                self.take_route(&what, &route.prefixes, &route.tags, is_user);
            }
        }
    }

    /// Where effective rules say what `VirtualNetwork` is, it is that.
    fn take_effective_rules(&mut self, rules: &EffectiveRules) {
        let sides = rules
            .groups
            .iter()
            .flat_map(|group| &group.rules)
            .flat_map(|rule| [&rule.source, &rule.destination]);
        let said = sides.filter(|side| {
            let is_network = |address: &AddressSpec| {
                matches!(address, AddressSpec::Tag(name) if name.eq_ignore_ascii_case("VirtualNetwork"))
            };
            !side.addresses.is_empty() && side.addresses.iter().all(is_network)
        });
        let Some(side) = said.into_iter().find(|side| !side.expanded.is_empty()) else {
            return;
        };
        let said = Addresses::of_prefixes(&side.expanded);
        let (held, perhaps) = (&mut self.space.within, &mut self.space.perhaps);
        if !said.v4.is_empty() {
            held.v4 = said.v4;
            perhaps.v4 = Ranges::default();
        }
        if !said.v6.is_empty() {
            held.v6 = said.v6;
            perhaps.v6 = Ranges::default();
        }
    }
}
