//! What a load balancer does with what comes to its frontends, as meant.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{ArmId, PortRange};

/// For which protocol a rule of a balancer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum BalancedProtocol {
    Tcp,
    Udp,
    All,
}

impl BalancedProtocol {
    /// True if what has this number is sent on. Balancers send on TCP and UDP.
    #[must_use]
    pub const fn has(self, protocol: u8) -> bool {
        match self {
            Self::Tcp => protocol == 6,
            Self::Udp => protocol == 17,
            Self::All => matches!(protocol, 6 | 17),
        }
    }
}

/// Machines behind a balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendPool {
    /// Its name.
    pub name: String,
    /// IP configurations of interfaces in it.
    pub configurations: Vec<ArmId>,
    /// Addresses in it.
    pub addresses: Vec<IpAddr>,
    /// Frontends of other balancers in it, of a balancer that is for several regions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frontends: Vec<ArmId>,
}

/// A rule by which what comes to a frontend is sent to each machine of a pool in turn, or to one machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalancingRule {
    /// Its name.
    pub name: String,
    /// The frontend.
    pub frontend: Option<ArmId>,
    /// The protocol.
    pub protocol: Option<BalancedProtocol>,
    /// The ports at the frontend: one, a range, or all.
    pub ports: Option<PortRange>,
    /// The port at the machines; the frontend's own where it is for all ports.
    pub backend_port: Option<u16>,
    /// The pools that it sends to.
    pub pools: Vec<ArmId>,
    /// The IP configuration that it sends to, of an inbound NAT rule for one machine.
    pub machine: Option<ArmId>,
    /// Machines see the frontend's address in place of their own.
    pub is_floating: Option<bool>,
}

/// A rule by which machines of a pool reach the internet from the addresses of frontends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundRule {
    /// Its name.
    pub name: String,
    /// The frontends whose addresses are used.
    pub frontends: Vec<ArmId>,
    /// The pools of the machines.
    pub pools: Vec<ArmId>,
    /// The protocol.
    pub protocol: Option<BalancedProtocol>,
}
