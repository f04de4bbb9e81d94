//! What is known about a network beside its flow logs: its resources, as they are meant, whoever told of them.
//!
//! Readers of exports make these (`inventory`); look-ups, views and the rule evaluator use them. Nothing here reads a file
//! or guesses: what was not said is `None` or empty.

mod balancer;
mod database;
mod id;
mod mac;
mod network;
mod part;
mod prefix;
mod rule;
mod set;
mod tag;
mod threat;

pub use balancer::{BackendPool, BalancedProtocol, BalancingRule, OutboundRule};
pub use database::AddressDatabase;
pub use id::ArmId;
pub use mac::Mac;
pub use network::{
    Connection, ConnectionKind, EffectiveRoute, EffectiveRoutes, FlowLog, Frontend, Gateway, Interface,
    IpConfiguration, LoadBalancer, LocalGateway, Machine, NatGateway, Peering, PowerState, PrivateEndpoint,
    PublicAddress, Route, RouteTable, Subnet, VirtualNetwork,
};
pub use part::{PartList, Partial};
pub use prefix::prefix;
pub use rule::{
    Access, AddressSpec, AdminRules, EffectiveGroup, EffectiveRules, PortRange, Rule, RuleProtocol,
    SecurityGroup, Side, SidePart, sides_of,
};
pub use set::{Asset, FactSet, Resource, Whole};
pub use tag::{ServiceTag, TagSet};
pub use threat::{ThreatEntry, ThreatList};
