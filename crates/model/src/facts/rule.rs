//! Rules of network security groups and of security admin configurations, as meant.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::ArmId;
use crate::vocabulary::Direction;

/// What a rule does with what matches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Access {
    /// Lets it pass; a security admin rule leaves the decision to the groups.
    Allow,
    /// Turns it away.
    Deny,
    /// Of security admin rules: lets it pass whatever the groups say.
    AlwaysAllow,
}

/// The protocol that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum RuleProtocol {
    Any,
    Tcp,
    Udp,
    Icmp,
    Esp,
    Ah,
}

/// Addresses of one side of a rule, as written in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AddressSpec {
    /// Every address.
    Any,
    /// An address or a prefix.
    Prefix(IpNet),
    /// From one address to another, both included.
    Range(IpAddr, IpAddr),
    /// A service tag, such as `Internet` or `Storage.WestEurope`.
    Tag(String),
}

/// Ports from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PortRange {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

impl PortRange {
    /// All ports.
    pub const ALL: Self = Self {
        first: 0,
        last: u16::MAX,
    };

    /// True if the port is one of them.
    #[must_use]
    pub const fn has(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => f.write_str("*"),
            Self { first, last } if first == last => write!(f, "{first}"),
            Self { first, last } => write!(f, "{first}-{last}"),
        }
    }
}

/// The source or the destination of a rule. Addresses, application groups and network groups are alternatives; with none
/// of them the side matches nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Addresses.
    pub addresses: Vec<AddressSpec>,
    /// Ports.
    pub ports: Vec<PortRange>,
    /// Application security groups.
    pub application_groups: Vec<ArmId>,
    /// Network groups of a network manager.
    pub network_groups: Vec<ArmId>,
    /// What Azure made of the tags, where effective rules say it.
    pub expanded: Vec<IpNet>,
    /// What stands among its addresses and groups too, and could not be read: it may be about more than is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_addresses: Vec<String>,
    /// The same of its ports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_ports: Vec<String>,
}

impl Side {
    /// Stands for what a side does not say where it has to.
    pub const NOTHING: &str = "(nothing)";
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Rules are asked from the lowest number on.
    pub priority: i32,
    /// Of which traffic, seen from the interface.
    pub direction: Direction,
    /// What it does.
    pub access: Access,
    /// About which protocol.
    pub protocol: RuleProtocol,
    /// From where.
    pub source: Side,
    /// Where to.
    pub destination: Side,
    /// It is one of those that Azure gives to every group.
    pub is_default: bool,
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// Properties that it has too and no dialect knows: what it matches and does may be another thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

impl Rule {
    /// True if it may do another thing with what it matches: one of the properties that are not known is about neither of its sides.
    #[must_use]
    pub fn may_do_otherwise(&self) -> bool {
        self.unknown.iter().any(|name| sides_of(name) == [None; 2])
    }
}

/// What a property of a rule is about, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SidePart {
    /// Addresses or groups.
    Addresses,
    /// Ports.
    Ports,
}

/// What of the source and of the destination a property of a rule that is not known is about, as far as its name tells it.
#[must_use]
pub fn sides_of(property: &str) -> [Option<SidePart>; 2] {
    let name = property.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let (source, destination) = (has(&["source", "src"]), has(&["dest", "dst"]));
    let part = if has(&["port"]) {
        SidePart::Ports
    } else {
        SidePart::Addresses
    };
    let is_of_either = has(&["port", "address", "prefix"]);
    match (source, destination) {
        (false, false) => [is_of_either.then_some(part); 2],
        (source, destination) => [source, destination].map(|is_meant| is_meant.then_some(part)),
    }
}

/// A network security group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Its rules, the default ones included where the export has them.
    pub rules: Vec<Rule>,
    /// Names of rules that it has too, of which it is not known what they do, unless `rules` has one of that name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The subnets that it is said to guard.
    pub subnets: Vec<ArmId>,
    /// The interfaces that it is said to guard.
    pub interfaces: Vec<ArmId>,
    /// What is not known of its rules is of what they are to be, and may be another thing than what is not known of them now. Facts never
    /// say so, only what is proposed.
    #[serde(skip)]
    pub is_to_be: bool,
}

impl SecurityGroup {
    /// Stands among the names for rules of which not even the names are known: the group may have any.
    pub const NOT_KNOWN: &str = "(not known)";

    /// Names of rules that it has, of which it is not known what they do.
    #[must_use]
    pub fn unknown_rules(&self) -> Vec<&str> {
        unknown(&self.rules, &self.left_out)
    }
}

/// Another export may have said what one left open.
fn unknown<'r>(rules: &[Rule], left_out: &'r [String]) -> Vec<&'r str> {
    let is_known = |name: &str| rules.iter().any(|rule| rule.name.eq_ignore_ascii_case(name));
    let names = left_out.iter().map(String::as_str);
    names.filter(|name| !is_known(name)).collect()
}

/// Security admin rules of a network manager.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminRules {
    /// The rules.
    pub rules: Vec<Rule>,
    /// Names of rules that there are too, of which it is not known what they do, unless `rules` has one of that name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The network groups that they are for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub network_groups: Vec<ArmId>,
    /// The virtual networks or subscriptions that they are said to hold for.
    pub scopes: Vec<ArmId>,
}

impl AdminRules {
    /// Names of rules that there are, of which it is not known what they do.
    #[must_use]
    pub fn unknown_rules(&self) -> Vec<&str> {
        unknown(&self.rules, &self.left_out)
    }
}

/// One group of the rules that hold at an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectiveGroup {
    /// The network security group; none for what no group says.
    pub group: Option<ArmId>,
    /// The subnet or the interface that it guards.
    pub association: Option<ArmId>,
    /// Its rules, tags expanded.
    pub rules: Vec<Rule>,
    /// Names of rules that it has too, of which it is not known what they do, unless `rules` has one of that name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// The rules that hold at an interface, as Azure computed them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectiveRules {
    /// The interface, where the export or its file's name says it.
    pub interface: Option<ArmId>,
    /// Group by group.
    pub groups: Vec<EffectiveGroup>,
}
