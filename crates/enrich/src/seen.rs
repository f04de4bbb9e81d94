//! What is found out about an address.

use std::borrow::Cow;

use model::facts::{ArmId, Mac};

/// One, nobody, or several between which it is not guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// Nobody.
    Nobody,
    /// This one.
    One(T),
    /// Each of these may be meant.
    Several(Vec<T>),
}

impl<T> Known<T> {
    pub(crate) fn of(mut held: Vec<T>) -> Self {
        match held.len() {
            0 => Self::Nobody,
            1 => held.pop().map_or(Self::Nobody, Self::One),
            _ => Self::Several(held),
        }
    }

    /// The one, if it is one.
    #[must_use]
    pub const fn one(&self) -> Option<&T> {
        match self {
            Self::One(held) => Some(held),
            Self::Nobody | Self::Several(_) => None,
        }
    }
}

/// What has an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HolderKind {
    /// A network interface.
    Interface,
    /// The frontend of a load balancer or an application gateway.
    Frontend,
    /// A private endpoint.
    PrivateEndpoint,
}

/// Who has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What it is.
    pub kind: HolderKind,
    /// The interface, balancer or endpoint.
    pub id: ArmId,
    /// The machine of an interface.
    pub machine: Option<ArmId>,
    /// The subnet of the address.
    pub subnet: Option<ArmId>,
    /// The network of the address.
    pub network: Option<ArmId>,
    /// The network security group of the interface.
    pub security_group: Option<ArmId>,
    /// The interface's MAC address.
    pub mac: Option<Mac>,
}

impl Holder {
    /// The name that people call it by: the machine's, or its own.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        self.machine.as_ref().unwrap_or(&self.id).name_in_group()
    }
}

/// Where an address lies, as seen from a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the network itself.
    Here {
        /// The subnet, if one has it.
        subnet: Option<ArmId>,
    },
    /// In another network that is reached from it.
    Peer {
        /// That network.
        network: ArmId,
        /// The subnet, if one has it.
        subnet: Option<ArmId>,
    },
    /// A client of a gateway.
    Client {
        /// The gateway.
        gateway: ArmId,
    },
    /// On premises.
    OnPremises {
        /// What stands for that network.
        gateway: ArmId,
    },
    /// Azure's own host addresses.
    Platform,
    /// A public address of our own.
    OwnPublic {
        /// The address, or the prefix that it is of.
        id: ArmId,
        /// What it stands in front of: an interface, a balancer, a NAT gateway.
        of: Option<ArmId>,
        /// The network of that, where it is one.
        network: Option<ArmId>,
    },
    /// A public address of Microsoft, under its closest service tag.
    Azure {
        /// The tag.
        tag: String,
    },
    /// A public address that is known for harm.
    Threat,
    /// A public address of somebody else.
    Public,
    /// A private address that nothing is known of.
    Private,
    /// Several networks have such an address.
    Ambiguous,
    /// Neither private nor public: multicast, broadcast and the like.
    Special,
}

/// An address as seen from a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who has it.
    pub holder: Known<Holder>,
    /// Where it lies.
    pub place: Place,
}
