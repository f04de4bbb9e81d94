//! Facts, arranged so that what surrounds an interface is found.

use std::net::IpAddr;
use std::sync::Arc;

use ahash::AHashMap;
use model::facts::{ArmId, Asset, EffectiveRoutes, EffectiveRules, FactSet, Resource, VirtualNetwork};

use crate::ranges::Addresses;
use crate::surroundings::TagTable;

/// The type of interfaces.
const INTERFACES: &str = "Microsoft.Network/networkInterfaces";

/// Facts of one time. Making it reads all of them once; guards of many interfaces share it.
#[derive(Debug)]
pub struct Estate<'f> {
    facts: &'f FactSet,
    by_id: AHashMap<&'f ArmId, &'f Resource>,
    tags: Arc<TagTable>,
    members: AHashMap<&'f ArmId, Members>,
    gateways: AHashMap<ArmId, Vec<&'f ArmId>>,
    gateway_subnets: Vec<ArmId>,
    connections: AHashMap<&'f ArmId, Vec<(&'f ArmId, &'f ArmId)>>,
    /// What groups and tables say of themselves: the guarded, and who guards it.
    groups: AHashMap<&'f ArmId, Vec<&'f ArmId>>,
    tables: AHashMap<&'f ArmId, Vec<&'f ArmId>>,
    admin: Vec<&'f Resource>,
}

impl<'f> Estate<'f> {
    /// Of facts.
    #[must_use]
    pub fn of(facts: &'f FactSet) -> Self {
        let mut estate = Self {
            facts,
            by_id: facts.resources.iter().map(|held| (&held.id, held)).collect(),
            tags: Arc::new(TagTable::of(facts.tags.as_ref())),
            members: members(facts),
            gateways: AHashMap::new(),
            gateway_subnets: Vec::new(),
            connections: AHashMap::new(),
            groups: AHashMap::new(),
            tables: AHashMap::new(),
            admin: Vec::new(),
        };
        for resource in &facts.resources {
            estate.take(resource);
        }
        estate
    }

    fn take(&mut self, resource: &'f Resource) {
        let id = &resource.id;
        match &resource.asset {
            Asset::Gateway(gateway) => {
                for network in gateway.subnets.iter().filter_map(ArmId::parent) {
                    let held = self.gateways.entry(network).or_default();
                    if !held.contains(&id) {
                        held.push(id);
                    }
                }
            }
            Asset::Subnet(_) if id.name().eq_ignore_ascii_case("GatewaySubnet") => {
                self.gateway_subnets.extend(id.parent());
            }
            Asset::Connection(connection) => {
                if let (Some(gateway), Some(remote)) = (&connection.gateway, &connection.remote) {
                    self.connections.entry(gateway).or_default().push((id, remote));
                    self.connections.entry(remote).or_default().push((id, gateway));
                }
            }
            Asset::SecurityGroup(group) => {
                for guarded in group.subnets.iter().chain(&group.interfaces) {
                    self.groups.entry(guarded).or_default().push(id);
                }
            }
            Asset::RouteTable(table) => {
                for subnet in &table.subnets {
                    self.tables.entry(subnet).or_default().push(id);
                }
            }
            Asset::AdminRules(_) => self.admin.push(resource),
            _ => {}
        }
    }

    /// The interfaces that there are.
    pub fn interfaces(&self) -> impl Iterator<Item = &'f ArmId> {
        let is_interface = |held: &&Resource| matches!(held.asset, Asset::Interface(_));
        self.facts
            .resources
            .iter()
            .filter(is_interface)
            .map(|held| &held.id)
    }

    pub(crate) fn asset(&self, id: &ArmId) -> Option<&'f Asset> {
        self.by_id.get(id).map(|held| &held.asset)
    }

    pub(crate) fn network(&self, id: &ArmId) -> Option<&'f VirtualNetwork> {
        match self.asset(id) {
            Some(Asset::VirtualNetwork(network)) => Some(network),
            _ => None,
        }
    }

    pub(crate) fn gateways_in(&self, network: &ArmId) -> Vec<&'f ArmId> {
        self.gateways.get(network).cloned().unwrap_or_default()
    }

    pub(crate) fn has_gateway_subnet(&self, network: &ArmId) -> bool {
        self.gateway_subnets.contains(network)
    }

    /// Connections of a gateway, and what they lead to.
    pub(crate) fn connected_to(&self, gateway: &ArmId) -> Vec<(&'f ArmId, &'f ArmId)> {
        self.connections.get(gateway).cloned().unwrap_or_default()
    }

    /// The groups that say that they guard a subnet or an interface.
    pub(crate) fn groups_of(&self, guarded: &ArmId) -> &[&'f ArmId] {
        self.groups.get(guarded).map(Vec::as_slice).unwrap_or_default()
    }

    /// The tables of a subnet: one, unless facts disagree.
    pub(crate) fn route_tables_of(&self, subnet: &ArmId) -> Vec<ArmId> {
        let named = match self.asset(subnet) {
            Some(Asset::Subnet(subnet)) => subnet.route_table.as_ref(),
            _ => None,
        };
        let claiming = self.tables.get(subnet).into_iter().flatten().copied();
        let mut tables: Vec<ArmId> = named.into_iter().chain(claiming).cloned().collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    pub(crate) fn admin(&self) -> &[&'f Resource] {
        &self.admin
    }

    /// The rules that hold at an interface, as Azure computed them last.
    pub(crate) fn effective_of(&self, interface: &ArmId) -> Option<&'f EffectiveRules> {
        let mut all = self.facts.effective.iter().rev();
        all.find(|held| held.interface.as_ref() == Some(interface) && !held.groups.is_empty())
    }

    /// The routes that hold at an interface, as Azure computed them last.
    pub(crate) fn routes_of(&self, interface: &ArmId) -> Option<&'f EffectiveRoutes> {
        let mut all = self.facts.effective_routes.iter().rev();
        all.find(|held| held.interface.as_ref() == Some(interface) && !held.routes.is_empty())
    }

    pub(crate) const fn tags(&self) -> &Arc<TagTable> {
        &self.tags
    }

    pub(crate) fn tag_addresses(&self, name: &str) -> Option<Addresses> {
        self.tags.addresses(name)
    }

    pub(crate) const fn members(&self) -> &AHashMap<&'f ArmId, Members> {
        &self.members
    }
}

/// The members of an application security group.
#[derive(Debug, Default)]
pub(crate) struct Members {
    /// Their addresses, each with its network.
    pub(crate) addresses: Vec<(IpAddr, Option<ArmId>)>,
    /// There are no others.
    pub(crate) is_whole: bool,
}

/// The members of application security groups. Of a group without members it is only known that it is empty where all interfaces
/// of its subscription are listed.
fn members(facts: &FactSet) -> AHashMap<&ArmId, Members> {
    let mut found: AHashMap<&ArmId, Members> = AHashMap::new();
    let mut without_address: Vec<&ArmId> = Vec::new();
    for resource in &facts.resources {
        match &resource.asset {
            Asset::Interface(interface) => {
                for configuration in &interface.configurations {
                    let network = configuration.subnet.as_ref().and_then(ArmId::parent);
                    for group in &configuration.application_groups {
                        let held = found.entry(group).or_default();
                        match configuration.address {
                            Some(address) => held.addresses.push((address, network.clone())),
                            None => without_address.push(group),
                        }
                    }
                }
            }
            Asset::ApplicationGroup if is_listed_whole(facts, &resource.id) => {
                found.entry(&resource.id).or_default();
            }
            _ => {}
        }
    }
    for (group, members) in &mut found {
        members.is_whole = !without_address.contains(group) && speaks_for(facts, group);
    }
    found
}

/// True if all interfaces of the group's subscription are said to be listed.
fn is_listed_whole(facts: &FactSet, group: &ArmId) -> bool {
    facts.whole.as_ref().is_some_and(|whole| {
        whole.iter().any(|whole| {
            whole.kind.eq_ignore_ascii_case(INTERFACES)
                && whole.group.is_none()
                && is_of(group, &whole.subscription)
        })
    })
}

fn is_of(id: &ArmId, subscription: &str) -> bool {
    id.subscription()
        .is_some_and(|held| held.eq_ignore_ascii_case(subscription))
}

/// True if an interface that is not among the facts does not exist, in the group's subscription: where nobody says what was listed
/// whole, a list speaks for the subscriptions of what stands in it.
fn speaks_for(facts: &FactSet, group: &ArmId) -> bool {
    if facts.whole.is_some() {
        return is_listed_whole(facts, group);
    }
    facts.resources.iter().any(|held| {
        matches!(held.asset, Asset::Interface(_))
            && group
                .subscription()
                .is_some_and(|subscription| is_of(&held.id, subscription))
    })
}
