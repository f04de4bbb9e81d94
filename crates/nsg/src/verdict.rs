//! What is asked, and what is answered.

use std::net::{IpAddr, Ipv4Addr};

use model::Direction;
use model::address::{AZURE_INSTANCE_METADATA, AZURE_WIRE_SERVER};
use serde::Serialize;

/// A flow as its interface sees it, in the direction in which it began. Replies are not asked about: rules are stateful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    /// Into the interface, or out of it.
    pub direction: Direction,
    /// The number of its IP protocol.
    pub protocol: u8,
    /// Who began it; where it leaves, before any translation.
    pub source: IpAddr,
    /// 0 for protocols without ports.
    pub source_port: u16,
    /// Whom it is for; where it comes in, after any translation.
    pub destination: IpAddr,
    /// 0 for protocols without ports.
    pub destination_port: u16,
}

impl Flow {
    /// True if it is from or to one of the host's own addresses.
    #[must_use]
    pub fn is_of_platform(&self) -> bool {
        is_platform(self.source) || is_platform(self.destination)
    }

    /// True if its protocol has ports that rules know: those of TCP and UDP.
    #[must_use]
    pub const fn has_ports(&self) -> bool {
        matches!(self.protocol, 6 | 17)
    }
}

const fn is_platform_v4(address: Ipv4Addr) -> bool {
    let number = address.to_bits();
    number == AZURE_WIRE_SERVER.to_bits() || number == AZURE_INSTANCE_METADATA.to_bits()
}

/// True for the two addresses of the host.
pub(crate) fn is_platform(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_platform_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().is_some_and(is_platform_v4),
    }
}

/// What happens to a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Decision {
    /// It is let through.
    Allowed,
    /// It is turned away.
    Denied,
    /// Rules do not hold for it.
    NotGoverned,
    /// What is known does not decide it.
    Unknown,
}

/// The levels at which rules are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum LevelKind {
    /// Security admin rules of a network manager.
    Admin,
    /// The network security group of the subnet.
    Subnet,
    /// The network security group of the interface.
    Interface,
}

/// Where a rule stands among those of a [`crate::Guard`], which says more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct RulePlace {
    /// At which level.
    pub level: LevelKind,
    /// Its place in that level's list.
    pub rule: u32,
}

/// A decision, and who took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Verdict {
    /// What happens.
    pub decision: Decision,
    /// The one rule that decides, whatever is not known; of a flow that is allowed the last one that let it pass.
    pub by: Option<RulePlace>,
}

impl Verdict {
    pub(crate) const NOT_GOVERNED: Self = Self {
        decision: Decision::NotGoverned,
        by: None,
    };

    pub(crate) const UNKNOWN: Self = Self {
        decision: Decision::Unknown,
        by: None,
    };
}
