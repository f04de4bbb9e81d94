//! Network security groups and security admin rules, as written.
//!
//! A rule keeps its addresses, ports and names as Azure spells them, and carries the decision that its hits are logged
//! under. Nothing here decides anything: that is [`crate::walk`]. It must not import the evaluator's rule types.

use crate::cidr::Prefix;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which way a flow runs, seen from the NIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Towards the NIC, `I` in a tuple.
    Inbound,
    /// From the NIC, `O` in a tuple.
    Outbound,
}

impl Direction {
    /// The letter written into tuples.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Inbound => 'I',
            Self::Outbound => 'O',
        }
    }
}

/// What a rule does with a flow that matches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    /// Passes; of an admin rule: goes on to the NSGs.
    Allow,
    /// Ends here.
    Deny,
    /// Admin rules only: delivered, the NSGs are not asked.
    AlwaysAllow,
}

/// The protocol a rule applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// `*`
    Any,
    /// IANA 6.
    Tcp,
    /// IANA 17.
    Udp,
}

/// Who wrote the rule, which decides the prefix of its logged name (FORMATS.md 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleKind {
    /// `UserRule_…`
    User,
    /// `DefaultRule_…`
    Default,
    /// A security admin rule: no prefix.
    Admin,
}

/// One entry of a rule's source or destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Address {
    /// `*`
    Any,
    /// An address or a prefix.
    Prefix(Prefix),
    /// A service tag, by name.
    Tag(String),
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        match text.as_str() {
            "*" => Self::Any,
            other => match Prefix::parse(other) {
                Some(prefix) => Self::Prefix(prefix),
                None => Self::Tag(text),
            },
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Prefix(prefix) => prefix.fmt(f),
            Self::Tag(name) => f.write_str(name),
        }
    }
}

/// A range of ports, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PortRange {
    /// The lowest port.
    pub first: u16,
    /// The highest port.
    pub last: u16,
}

impl PortRange {
    /// Every port.
    pub const ANY: Self = Self {
        first: 0,
        last: u16::MAX,
    };

    /// Reads `*`, `22` or `135-139`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::ANY);
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some(Self {
            first: first.parse().ok()?,
            last: last.parse().ok()?,
        })
    }

    /// Whether the port lies in the range.
    #[must_use]
    pub fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }
}

impl TryFrom<String> for PortRange {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not a port range"))
    }
}

impl From<PortRange> for String {
    fn from(range: PortRange) -> Self {
        range.to_string()
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ANY {
            f.write_str("*")
        } else if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

/// The words a hit is logged with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Unique in the world, in the order of the rules; groups of a record are written in this order.
    pub id: u32,
    /// `aclID` in VNet flow logs.
    pub acl_id: String,
    /// The rule's name as logged, with `UserRule_` or `DefaultRule_` where Azure writes it.
    pub rule: String,
    /// False for a denied flow.
    pub allowed: bool,
    /// Whether NSG flow logs know such hits: they have no admin rules, no platform rule and no encryption drops.
    pub in_nsg_logs: bool,
}

/// One security rule, of an NSG or of the security admin configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The name without any prefix.
    pub name: String,
    /// Who wrote it.
    pub kind: RuleKind,
    /// Lower numbers first.
    pub priority: u16,
    /// The direction it applies to.
    pub direction: Direction,
    /// What it does.
    pub access: Access,
    /// The protocol it applies to.
    pub protocol: Protocol,
    /// Any of these sources matches.
    pub sources: Vec<Address>,
    /// Any of these source ports matches.
    pub source_ports: Vec<PortRange>,
    /// Any of these destinations matches.
    pub destinations: Vec<Address>,
    /// Any of these destination ports matches.
    pub destination_ports: Vec<PortRange>,
    /// How its hits are logged.
    pub decision: Decision,
}

/// A network security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nsg {
    /// `nsg-web`
    pub name: String,
    /// The ARM id.
    pub id: String,
    /// GUID that older texts call the NSG's system id.
    pub system_id: String,
    /// User rules and default rules together, in the order of their priority.
    pub rules: Vec<Rule>,
}

/// A security admin configuration of a virtual network manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminConfiguration {
    /// `sac-baseline`
    pub name: String,
    /// The GUID its hits carry as `aclID`.
    pub id: String,
    /// Names of the VNets it is deployed to.
    pub vnets: Vec<String>,
    /// In the order of their priority.
    pub rules: Vec<Rule>,
}

/// A line of a rule table: priority, direction, access, protocol, sources, destinations, destination ports, name.
/// Lists are separated by commas.
pub(crate) type RuleLine = (
    u16,
    Direction,
    Access,
    Protocol,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// The rules every NSG ends with (FORMATS.md 5.2).
#[rustfmt::skip]
pub(crate) const DEFAULT_RULES: [RuleLine; 6] = [
    (65000, Direction::Inbound, Access::Allow, Protocol::Any, "VirtualNetwork", "VirtualNetwork", "*", "AllowVnetInBound"),
    (65001, Direction::Inbound, Access::Allow, Protocol::Any, "AzureLoadBalancer", "*", "*", "AllowAzureLoadBalancerInBound"),
    (65500, Direction::Inbound, Access::Deny, Protocol::Any, "*", "*", "*", "DenyAllInBound"),
    (65000, Direction::Outbound, Access::Allow, Protocol::Any, "VirtualNetwork", "VirtualNetwork", "*", "AllowVnetOutBound"),
    (65001, Direction::Outbound, Access::Allow, Protocol::Any, "*", "Internet", "*", "AllowInternetOutBound"),
    (65500, Direction::Outbound, Access::Deny, Protocol::Any, "*", "*", "*", "DenyAllOutBound"),
];

/// Makes a rule of a table line. `next_id` numbers the decisions of the whole world.
pub(crate) fn rule(line: &RuleLine, kind: RuleKind, acl_id: &str, next_id: &mut u32) -> Rule {
    let (priority, direction, access, protocol, sources, destinations, ports, name) = *line;
    let logged = match kind {
        RuleKind::User => format!("UserRule_{name}"),
        RuleKind::Default => format!("DefaultRule_{name}"),
        RuleKind::Admin => name.to_owned(),
    };
    let id = *next_id;
    *next_id += 1;
    let addresses = |text: &str| text.split(',').map(|one| Address::from(one.to_owned())).collect();
    Rule {
        name: name.to_owned(),
        kind,
        priority,
        direction,
        access,
        protocol,
        sources: addresses(sources),
        source_ports: vec![PortRange::ANY],
        destinations: addresses(destinations),
        destination_ports: ports.split(',').filter_map(PortRange::parse).collect(),
        decision: Decision {
            id,
            acl_id: acl_id.to_owned(),
            rule: logged,
            allowed: access != Access::Deny,
            in_nsg_logs: kind != RuleKind::Admin,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_line_becomes_a_rule() {
        let mut next_id = 7;
        let line = (
            100,
            Direction::Inbound,
            Access::Deny,
            Protocol::Tcp,
            "10.2.0.0/20,Internet",
            "*",
            "22,135-139",
            "DenyX",
        );
        let made = rule(&line, RuleKind::User, "/acl", &mut next_id);
        assert_eq!(next_id, 8);
        assert_eq!(made.decision.rule, "UserRule_DenyX");
        assert_eq!(made.sources.len(), 2);
        assert_eq!(made.sources[1], Address::Tag("Internet".to_owned()));
        assert_eq!(made.destinations, [Address::Any]);
        assert!(made.destination_ports[1].contains(137));
        assert!(!made.decision.allowed);
    }

    #[test]
    fn a_rule_survives_json() {
        let mut next_id = 0;
        for line in &DEFAULT_RULES {
            let made = rule(line, RuleKind::Default, "/acl", &mut next_id);
            let text = serde_json::to_string(&made).unwrap();
            assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), made);
        }
        assert!(serde_json::from_str::<PortRange>("\"x\"").is_err());
    }
}
