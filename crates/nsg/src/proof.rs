//! Why a verdict is what it is, in parts that a report can say aloud or write as JSON.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use model::facts::{Access, ArmId, PortRange, RuleProtocol};
use serde::Serialize;

use crate::ranges::State;
use crate::verdict::{Decision, LevelKind, RulePlace, Verdict};

/// A verdict with the walk that led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The verdict.
    pub verdict: Verdict,
    /// It is traffic with the host, of which only rules with the tags of its services speak.
    pub is_of_platform: bool,
    /// It is not known whether an end of it is inside of `VirtualNetwork`, and what comes of either is told apart.
    pub is_by_cases: bool,
    /// Level by level, in the order in which they were asked; a level that was not reached is not among them.
    pub levels: Vec<LevelProof>,
    /// What is not known, and could matter to this flow.
    pub unknowns: Vec<String>,
}

/// The walk through one level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LevelProof {
    /// Which.
    pub kind: LevelKind,
    /// The group, where one group guards.
    pub group: Option<ArmId>,
    /// What may come of it: one end, or several where not all is known.
    pub ends: Vec<LevelEnd>,
    /// Each rule that was asked.
    pub steps: Vec<Step>,
    /// What would match if the rules that were asked were not there.
    pub next: Option<Step>,
}

/// What may come of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum LevelEnd {
    /// The flow goes on to the next level, or is let through by the last.
    Passes,
    /// It is turned away.
    Denied,
    /// It is let through, and no other level is asked.
    Delivered,
}

/// A rule that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Where it stands.
    pub place: RulePlace,
    /// Its name.
    pub name: String,
    /// The group or the collection that it is of.
    pub owner: Option<ArmId>,
    /// Its number.
    pub priority: i32,
    /// What it does.
    pub access: Access,
    /// Whether it matches.
    pub state: State,
    /// Whether it is known to hold at this interface.
    pub applies: bool,
    /// Its properties that are not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// The protocol.
    pub protocol: PartProof,
    /// Where the flow comes from.
    pub source: PartProof,
    /// Its source port.
    pub source_port: PartProof,
    /// Where it goes.
    pub destination: PartProof,
    /// Its destination port.
    pub destination_port: PartProof,
}

/// Whether one part of a rule matches, and because of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartProof {
    /// Whether it does.
    pub state: State,
    /// Because of what.
    pub because: Because,
}

/// What in a rule matches, may match, or would have to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Because {
    /// It is for everything.
    Everything,
    /// Nothing that stands there matches.
    NothingMatches,
    /// The rule's protocol.
    Protocol(RuleProtocol),
    /// A range of ports.
    Ports(PortRange),
    /// The protocol of the flow has no ports, and the rule is about some.
    NoPorts,
    /// A prefix that stands in the rule.
    Prefix(IpNet),
    /// A range of addresses that stands in the rule.
    Range(IpAddr, IpAddr),
    /// A service tag.
    Tag(String),
    /// A prefix of those that Azure made of the rule's tags.
    Expanded(IpNet),
    /// An application security group.
    ApplicationGroup(ArmId),
    /// Of which addresses this service tag is, is not known.
    UnknownTag(String),
    /// Whether the address is inside of `VirtualNetwork`, for which this tag asks, is not known.
    UnknownNetwork(String),
    /// Who the members of this application security group are is not known.
    UnknownMembers(ArmId),
    /// Who the members of this network group are is not known.
    UnknownNetworkGroup(ArmId),
    /// This is no range of addresses.
    BadRange(IpAddr, IpAddr),
    /// This stands there, and could not be read.
    Unread(String),
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("*"),
            Self::NothingMatches => f.write_str("nothing there matches"),
            Self::Protocol(protocol) => write!(f, "protocol {protocol:?}"),
            Self::Ports(ports) => write!(f, "ports {ports}"),
            Self::NoPorts => f.write_str("the flow has no ports, the rule is about some"),
            Self::Prefix(prefix) => write!(f, "{prefix}"),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
            Self::Tag(name) => f.write_str(name),
            Self::Expanded(prefix) => write!(f, "{prefix}, which Azure made of a tag"),
            Self::ApplicationGroup(group) => write!(f, "application security group {}", group.name()),
            Self::UnknownTag(name) => write!(f, "the addresses of service tag {name} are not known"),
            Self::UnknownNetwork(name) => {
                write!(
                    f,
                    "whether it is inside of VirtualNetwork is not known, and the rule is for {name}"
                )
            }
            Self::UnknownMembers(group) => write!(
                f,
                "the members of application security group {} are not known",
                group.name()
            ),
            Self::UnknownNetworkGroup(group) => {
                write!(f, "the members of network group {} are not known", group.name())
            }
            Self::Unread(text) => write!(f, "what `{text}` there means is not known"),
            Self::BadRange(first, last) => write!(f, "{first}-{last} is no range of addresses"),
        }
    }
}

impl Proof {
    /// The rule that decides, as it was asked.
    #[must_use]
    pub fn deciding(&self) -> Option<&Step> {
        let place = self.verdict.by?;
        self.levels
            .iter()
            .flat_map(|level| &level.steps)
            .find(|step| step.place == place)
    }

    /// True if nothing that is not known could change the decision.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.verdict.decision != Decision::Unknown
    }
}
