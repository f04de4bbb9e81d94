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
        let own = match network {
            Some(_) => Place::Here { subnet: None },
            None => Place::Special,
        };
        between(network, &own, other)
    }
}

/// What kind of traffic it is between two places, whichever is which, as they are seen from a network.
pub(crate) fn between(from: Option<&ArmId>, one: &Place, other: &Place) -> FlowType {
    if [one, other].contains(&&Place::Threat) {
        return FlowType::MaliciousFlow;
    }
    match (Home::of(from, one), Home::of(from, other)) {
        (Home::Outside, Home::Outside) => match (with(one), with(other)) {
            (FlowType::AzurePublic, _) | (_, FlowType::AzurePublic) => FlowType::AzurePublic,
            (FlowType::ExternalPublic, _) | (_, FlowType::ExternalPublic) => FlowType::ExternalPublic,
            _ => FlowType::Unknown,
        },
        (Home::Outside, _) => with(one),
        (_, Home::Outside) => with(other),
        // It may be the same network.
        (Home::Some, Home::Some) => FlowType::Unknown,
        _ if from.is_none() => FlowType::Unknown,
        (Home::Network(one), Home::Network(other)) if one == other => FlowType::IntraVNet,
        _ => FlowType::InterVNet,
    }
}

/// Which of our networks a place is of.
enum Home<'p> {
    /// This one.
    Network(&'p ArmId),
    /// Not known which.
    Some,
    /// None of them.
    Outside,
}

impl<'p> Home<'p> {
    const fn of(from: Option<&'p ArmId>, place: &'p Place) -> Self {
        match (place, from) {
            (Place::Here { .. }, Some(from)) => Self::Network(from),
            (Place::Peer { network, .. }, _) => Self::Network(network),
            (
                Place::OwnPublic {
                    network: Some(network),
                    ..
                },
                _,
            ) => Self::Network(network),
            (Place::Here { .. } | Place::OwnPublic { .. } | Place::Ambiguous, _) => Self::Some,
            _ => Self::Outside,
        }
    }
}

/// What kind of traffic it is with a place that is in no network of ours, from one that is.
const fn with(other: &Place) -> FlowType {
    match other {
        Place::Client { .. } => FlowType::P2S,
        Place::OnPremises { .. } => FlowType::S2S,
        Place::Azure { .. } | Place::Platform => FlowType::AzurePublic,
        Place::Public => FlowType::ExternalPublic,
        Place::Threat => FlowType::MaliciousFlow,
        Place::Private => FlowType::UnknownPrivate,
        _ => FlowType::Unknown,
    }
}
