//! What kind of traffic a flow is, as Traffic Analytics names it (FORMATS.md 4.4).

use std::fmt;

use model::facts::ArmId;

use crate::index::Index;
use crate::seen::Place;

/// What kind of traffic a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FlowType {
    /// Both ends are in one virtual network.
    IntraVNet,
    /// The ends are in two virtual networks.
    InterVNet,
    /// One end is on premises, behind a VPN gateway or a circuit.
    S2S,
    /// One end is a client of a VPN gateway.
    P2S,
    /// One end is a public address of Microsoft that is not the customer's.
    AzurePublic,
    /// One end is a public address of somebody else.
    ExternalPublic,
    /// One end is known for harm.
    MaliciousFlow,
    /// One end is a private address that nothing is known of.
    UnknownPrivate,
    /// Neither end is known.
    Unknown,
}

impl FlowType {
    /// As Traffic Analytics spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IntraVNet => "IntraVNet",
            Self::InterVNet => "InterVNet",
            Self::S2S => "S2S",
            Self::P2S => "P2S",
            Self::AzurePublic => "AzurePublic",
            Self::ExternalPublic => "ExternalPublic",
            Self::MaliciousFlow => "MaliciousFlow",
            Self::UnknownPrivate => "UnknownPrivate",
            Self::Unknown => "Unknown",
        }
    }
}

impl fmt::Display for FlowType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Index {
    /// What kind of traffic it is, between the network of who reported it and an address.
    #[must_use]
    pub fn flow_type(network: Option<&ArmId>, other: &Place) -> FlowType {
        match (network, other) {
            (_, Place::Threat) => FlowType::MaliciousFlow,
            (Some(_), Place::Here { .. }) => FlowType::IntraVNet,
            (Some(_), Place::Peer { .. } | Place::OwnPublic | Place::Ambiguous) => FlowType::InterVNet,
            (Some(_), Place::Client { .. }) => FlowType::P2S,
            (Some(_), Place::OnPremises { .. }) => FlowType::S2S,
            (_, Place::Azure { .. } | Place::Platform) => FlowType::AzurePublic,
            (_, Place::Public) => FlowType::ExternalPublic,
            (Some(_), Place::Private) => FlowType::UnknownPrivate,
            _ => FlowType::Unknown,
        }
    }
}
