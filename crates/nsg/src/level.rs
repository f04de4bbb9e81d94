//! Rules as they hold at an interface, level by level, before they are compiled.

use model::Direction;
use model::facts::{Access, AddressSpec, ArmId, PortRange, Rule, RuleProtocol, Side};

use crate::verdict::LevelKind;

/// A rule that holds at an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRule {
    /// The rule.
    pub rule: Rule,
    /// The group or the collection of rules that it is of.
    pub owner: Option<ArmId>,
    /// It is known that it holds here; rules of network groups may not.
    pub applies: bool,
}

impl HeldRule {
    /// It is known that it matches what it says, as far as that can be read: it holds here, and has no property that is not known.
    #[must_use]
    pub const fn is_sure(&self) -> bool {
        self.applies && self.rule.unknown.is_empty()
    }

    /// All that it may do with what it matches.
    pub(crate) fn deeds(&self) -> impl Iterator<Item = Access> + use<> {
        deeds(self.rule.access, self.rule.may_do_otherwise())
    }
}

/// What a rule does, and where that is not known for sure the contrary.
pub(crate) fn deeds(access: Access, may_do_otherwise: bool) -> impl Iterator<Item = Access> {
    let contrary = match access {
        Access::Deny => Access::Allow,
        Access::Allow | Access::AlwaysAllow => Access::Deny,
    };
    std::iter::once(access).chain(may_do_otherwise.then_some(contrary))
}

/// The rules of one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Which.
    pub kind: LevelKind,
    /// The group, where one group guards.
    pub group: Option<ArmId>,
    /// All its rules, of both directions, in the order in which they are asked.
    pub rules: Vec<HeldRule>,
    /// Why there may be rules here that are not known; none where all are.
    pub unknown: Vec<String>,
}

impl Level {
    pub(crate) fn new(kind: LevelKind, group: Option<ArmId>) -> Self {
        Self {
            kind,
            group,
            rules: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// Rules are asked by their numbers; of one number in the order in which they stand.
    pub(crate) fn sort(&mut self) {
        self.rules.sort_by_key(|held| held.rule.priority);
    }
}

/// The levels of an interface; one without rules lets everything pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Security admin rules.
    pub admin: Option<Level>,
    /// The subnet's group.
    pub subnet: Option<Level>,
    /// The interface's own group.
    pub interface: Option<Level>,
}

impl Levels {
    /// In the order in which they are asked: what comes in meets the subnet first, what leaves the interface.
    pub fn in_order(&self, direction: Direction) -> impl Iterator<Item = &Level> {
        let (first, second) = match direction {
            Direction::Inbound => (&self.subnet, &self.interface),
            Direction::Outbound => (&self.interface, &self.subnet),
        };
        [&self.admin, first, second].into_iter().flatten()
    }

    pub(crate) const fn of(&self, kind: LevelKind) -> Option<&Level> {
        match kind {
            LevelKind::Admin => self.admin.as_ref(),
            LevelKind::Subnet => self.subnet.as_ref(),
            LevelKind::Interface => self.interface.as_ref(),
        }
    }
}

const VIRTUAL_NETWORK: &str = "VirtualNetwork";

/// A default rule: its direction, number and name, source and destination (none is every address), and what it does.
type DefaultRule = (
    Direction,
    i32,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    Access,
);

#[rustfmt::skip]
const DEFAULTS: [DefaultRule; 6] = [
    (Direction::Inbound, 65_000, "AllowVnetInBound", Some(VIRTUAL_NETWORK), Some(VIRTUAL_NETWORK), Access::Allow),
    (Direction::Inbound, 65_001, "AllowAzureLoadBalancerInBound", Some("AzureLoadBalancer"), None, Access::Allow),
    (Direction::Inbound, 65_500, "DenyAllInBound", None, None, Access::Deny),
    (Direction::Outbound, 65_000, "AllowVnetOutBound", Some(VIRTUAL_NETWORK), Some(VIRTUAL_NETWORK), Access::Allow),
    (Direction::Outbound, 65_001, "AllowInternetOutBound", None, Some("Internet"), Access::Allow),
    (Direction::Outbound, 65_500, "DenyAllOutBound", None, None, Access::Deny),
];

/// The rules that Azure gives to every group.
/// <https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules>
#[must_use]
pub fn default_rules() -> Vec<Rule> {
    let side = |tag: Option<&str>| Side {
        addresses: vec![tag.map_or(AddressSpec::Any, |tag| AddressSpec::Tag(tag.to_owned()))],
        ports: vec![PortRange::ALL],
        ..Side::default()
    };
    DEFAULTS
        .iter()
        .map(|(direction, priority, name, source, destination, access)| Rule {
            name: (*name).to_owned(),
            priority: *priority,
            direction: *direction,
            access: *access,
            protocol: RuleProtocol::Any,
            source: side(*source),
            destination: side(*destination),
            is_default: true,
            description: None,
            unknown: Vec::new(),
        })
        .collect()
}

/// Of the default rules those that a list lacks. They are told apart by their numbers, which no other rule may have: names
/// are spelled in several ways.
pub(crate) fn missing_defaults(rules: &[Rule]) -> impl Iterator<Item = Rule> {
    default_rules().into_iter().filter(move |default| {
        !rules
            .iter()
            .any(|held| held.direction == default.direction && held.priority == default.priority)
    })
}
