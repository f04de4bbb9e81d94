//! Facts, arranged so that what surrounds an interface is found.

use std::net::IpAddr;
use std::sync::Arc;

use ahash::AHashMap;
use model::facts::{ArmId, Asset, EffectiveRoutes, EffectiveRules, FactSet, Resource, VirtualNetwork};

use crate::ranges::Addresses;
use crate::surroundings::TagTable;

/// Facts of one time. Making it reads all of them once; guards of many interfaces share it.
#[derive(Debug)]
pub struct Estate<'f> {
    facts: &'f FactSet,
    by_id: AHashMap<&'f ArmId, &'f Resource>,
    tags: Arc<TagTable>,
    configurations: Vec<Held<'f>>,
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
            configurations: configurations(facts),
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

    /// An id as the resource itself spells it.
    pub(crate) fn spelled<'i>(&'i self, id: &'i ArmId) -> &'i ArmId {
        self.by_id.get(id).map_or(id, |held| &held.id)
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

    /// The addresses that interfaces have.
    pub(crate) fn configurations(&self) -> &[Held<'f>] {
        &self.configurations
    }

    pub(crate) const fn facts(&self) -> &'f FactSet {
        self.facts
    }
}

/// An address that an interface has.
#[derive(Debug)]
pub(crate) struct Held<'f> {
    pub(crate) address: IpAddr,
    pub(crate) network: Option<ArmId>,
    pub(crate) groups: &'f [ArmId],
}

fn configurations(facts: &FactSet) -> Vec<Held<'_>> {
    let mut all = Vec::new();
    for resource in &facts.resources {
        let Asset::Interface(interface) = &resource.asset else {
            continue;
        };
        for one in &interface.configurations {
            all.extend(one.address.map(|address| Held {
                address,
                network: one.subnet.as_ref().and_then(ArmId::parent),
                groups: &one.application_groups,
            }));
        }
    }
    all
}
