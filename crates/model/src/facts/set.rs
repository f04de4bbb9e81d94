//! Facts together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    AddressDatabase, AdminRules, ArmId, Connection, EffectiveRoutes, EffectiveRules, FlowLog, Gateway,
    Interface, LoadBalancer, LocalGateway, Machine, NatGateway, Partial, PrivateEndpoint, PublicAddress,
    RouteTable, SecurityGroup, Subnet, TagSet, ThreatList, VirtualNetwork,
};

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its id.
    pub id: ArmId,
    /// The region it is in, in lower case and without spaces.
    pub location: Option<String>,
    /// The number that Azure tells it apart by when its name is used again.
    pub guid: Option<String>,
    /// What its owners wrote about it.
    pub tags: BTreeMap<String, String>,
    /// What it is.
    pub asset: Asset,
}

/// What a resource is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Asset {
    Interface(Interface),
    Machine(Machine),
    VirtualNetwork(VirtualNetwork),
    Subnet(Subnet),
    SecurityGroup(SecurityGroup),
    ApplicationGroup,
    RouteTable(RouteTable),
    PublicAddress(PublicAddress),
    LoadBalancer(LoadBalancer),
    NatGateway(NatGateway),
    PrivateEndpoint(PrivateEndpoint),
    FlowLog(FlowLog),
    Gateway(Gateway),
    LocalGateway(LocalGateway),
    Connection(Connection),
    AdminRules(AdminRules),
    /// Its collections are resources of their own.
    AdminConfiguration,
}

/// What is known, as of one time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactSet {
    /// Resources, each once.
    pub resources: Vec<Resource>,
    /// Rules that hold at interfaces, as Azure computed them.
    pub effective: Vec<EffectiveRules>,
    /// Routes that hold at interfaces, as Azure computed them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effective_routes: Vec<EffectiveRoutes>,
    /// Service tags.
    pub tags: Option<TagSet>,
    /// Addresses that are known for harm.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threats: Vec<ThreatList>,
    /// Databases of countries and networks, each kind once; the first that knows an address is believed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<AddressDatabase>,
    /// What was listed whole, so that nothing else of it exists. None where nobody says so: then the set speaks for the types
    /// and subscriptions of its resources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<Vec<Whole>>,
    /// The resources among these of which only parts are said, such as one rule of a group. They join what is known of the whole, and
    /// say nothing of other resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partial: Vec<Partial>,
}

impl FactSet {
    /// A resource by its id. Each is looked at: who asks often makes an index.
    #[must_use]
    pub fn resource(&self, id: &ArmId) -> Option<&Resource> {
        self.resources.iter().find(|held| held.id == *id)
    }

    /// What a resource is, by its id.
    #[must_use]
    pub fn asset(&self, id: &ArmId) -> Option<&Asset> {
        self.resource(id).map(|held| &held.asset)
    }

    /// What logs call the owner of rules, in lower case as `AclGroup` has it. Of a collection of security admin rules that is the GUID of
    /// the configuration that it is a part of, or its id where facts do not have the GUID; of a group its own id.
    #[must_use]
    pub fn called_by_logs(&self, owner: &ArmId) -> String {
        let of_configuration = match self.asset(owner) {
            Some(Asset::AdminRules(_)) => owner.parent(),
            _ => None,
        };
        let Some(configuration) = of_configuration else {
            return owner.key();
        };
        let held = self.resource(&configuration);
        held.and_then(|held| held.guid.as_deref())
            .map_or_else(|| configuration.key(), str::to_ascii_lowercase)
    }
}

/// A list that was read to its end: resources that do not stand in it do not exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Whole {
    /// The type of the resources, such as `Microsoft.Network/networkInterfaces`.
    pub kind: String,
    /// The subscription.
    pub subscription: String,
    /// The resource group, where only that was listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}
