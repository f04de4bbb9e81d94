//! What guards one interface: its rules, what their words mean there, and both compiled.

use std::sync::{Arc, OnceLock};

use ahash::AHashMap;
use model::Direction;
use model::facts::{ArmId, Asset, FactSet, Interface};

use crate::estate::Estate;
use crate::lane::Lane;
use crate::level::{HeldRule, Levels};
use crate::levels::levels;
use crate::members::{members, strangers};
use crate::problem::{GuardError, Problem, Problems};
use crate::ranges::{Addresses, Membership};
use crate::reach::network_space;
use crate::surroundings::{Groups, NetworkSpace, Surroundings};
use crate::verdict::{LevelKind, RulePlace, Verdict};

/// Whether rules hold at an interface at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Governed {
    Yes,
    /// A private endpoint in a subnet that leaves rules off.
    No,
    /// A private endpoint, and it is not said whether rules hold for it.
    Unknown,
}

/// The evaluator of one interface.
#[derive(Clone, Debug)]
pub struct Guard {
    interface: ArmId,
    levels: Levels,
    surroundings: Surroundings,
    /// Compiled when the first flow is judged: a proof walks the rules as they are written.
    inbound: OnceLock<Lane>,
    outbound: OnceLock<Lane>,
    pub(crate) governed: Governed,
    problems: Vec<Problem>,
}

impl Guard {
    /// Of an interface among facts. For many interfaces make an [`Estate`] once.
    pub fn of(facts: &FactSet, interface: &ArmId) -> Result<Self, GuardError> {
        Estate::of(facts).guard(interface)
    }

    pub(crate) fn lane(&self, direction: Direction) -> &Lane {
        let lane = match direction {
            Direction::Inbound => &self.inbound,
            Direction::Outbound => &self.outbound,
        };
        lane.get_or_init(|| Lane::of(&self.levels, direction, &self.surroundings))
    }

    /// The interface.
    #[must_use]
    pub const fn interface(&self) -> &ArmId {
        &self.interface
    }

    /// Its rules, level by level.
    #[must_use]
    pub const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// What tags and groups mean there.
    #[must_use]
    pub const fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// What its indexes take in memory, in bytes; who keeps many of them counts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lane(Direction::Inbound).bytes() + self.lane(Direction::Outbound).bytes()
    }

    /// What is wrong with the facts that it was made of.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The rule at a place.
    #[must_use]
    pub fn rule(&self, place: RulePlace) -> Option<&HeldRule> {
        self.levels.of(place.level)?.rules.get(place.rule as usize)
    }

    /// Every rule with its place, level by level.
    pub fn rules(&self) -> impl Iterator<Item = (RulePlace, &HeldRule)> {
        let levels = [&self.levels.admin, &self.levels.subnet, &self.levels.interface];
        levels.into_iter().flatten().flat_map(|level| {
            let places = (0_u32..).map(|rule| RulePlace {
                level: level.kind,
                rule,
            });
            places.zip(&level.rules)
        })
    }

    /// What holds for every flow, where rules do not hold.
    pub(crate) const fn verdict_of_all(&self) -> Option<Verdict> {
        match self.governed {
            Governed::Yes => None,
            Governed::No => Some(Verdict::NOT_GOVERNED),
            Governed::Unknown => Some(Verdict::UNKNOWN),
        }
    }
}

impl Estate<'_> {
    /// What guards an interface.
    pub fn guard(&self, interface: &ArmId) -> Result<Guard, GuardError> {
        let Some(Asset::Interface(held)) = self.asset(interface) else {
            return Err(GuardError::UnknownInterface(interface.clone()));
        };
        let mut problems = Problems::default();
        let subnets = subnets(held);
        let levels = levels(self, interface, held, &subnets, &mut problems);
        let surroundings = self.around(interface, &subnets, &mut problems);
        Ok(Guard {
            interface: interface.clone(),
            inbound: OnceLock::new(),
            outbound: OnceLock::new(),
            levels,
            surroundings,
            governed: self.governed(held, &subnets),
            problems: problems.told(),
        })
    }

    fn around(&self, interface: &ArmId, subnets: &[ArmId], problems: &mut Problems) -> Surroundings {
        let space = network_space(self, interface, subnets, problems);
        let groups = Groups {
            held: members(self, subnets),
            others: Arc::new(strangers(self, subnets)),
        };
        Surroundings::new(space, Arc::clone(self.tags()), groups)
    }

    /// What tags and groups mean at an interface.
    pub fn surroundings_of(&self, interface: &ArmId) -> Result<Surroundings, GuardError> {
        let Some(Asset::Interface(held)) = self.asset(interface) else {
            return Err(GuardError::UnknownInterface(interface.clone()));
        };
        Ok(self.around(interface, &subnets(held), &mut Problems::default()))
    }

    /// The subnets that the addresses of an interface are of.
    #[must_use]
    pub fn subnets_of(&self, interface: &ArmId) -> Vec<ArmId> {
        match self.asset(interface) {
            Some(Asset::Interface(held)) => subnets(held),
            _ => Vec::new(),
        }
    }

    /// What decides which rules hold at an interface, and what their words mean there: its subnets, then its own groups. Interfaces of
    /// which this is the same have the same rules. None where the interface has something of its own: rules or routes that Azure
    /// computed for it, or a private endpoint.
    #[must_use]
    pub fn alike(&self, interface: &ArmId) -> Option<(Vec<ArmId>, Vec<ArmId>)> {
        let Some(Asset::Interface(held)) = self.asset(interface) else {
            return None;
        };
        if self.has_own_routes(interface) || held.private_endpoint.is_some() {
            return None;
        }
        let claiming = self.groups_of(interface).iter().copied();
        let mut groups: Vec<ArmId> = held.security_group.iter().chain(claiming).cloned().collect();
        groups.sort_unstable();
        groups.dedup();
        Some((subnets(held), groups))
    }

    /// True if Azure computed rules or routes for the interface itself.
    #[must_use]
    pub fn has_own_routes(&self, interface: &ArmId) -> bool {
        self.routes_of(interface).is_some() || self.effective_of(interface).is_some()
    }

    /// What tags and groups mean where it is not known at which interface: whatever is inside of a network may be anything that a network
    /// may have.
    /// <https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq#what-address-ranges-can-i-use-in-my-virtual-networks>
    #[must_use]
    pub fn surroundings_of_nobody(&self) -> Surroundings {
        let space = NetworkSpace {
            within: Addresses::default(),
            perhaps: Addresses::all().minus(&Addresses::never_of_networks()),
            reasons: vec!["no interface is known that these rules guard".to_owned()],
        };
        let groups = Groups {
            held: AHashMap::new(),
            others: Arc::new(Membership::unknown()),
        };
        Surroundings::new(space, Arc::clone(self.tags()), groups)
    }

    /// The groups that guard an interface: its own and that of its subnet.
    #[must_use]
    pub fn groups_at(&self, interface: &ArmId) -> Vec<ArmId> {
        let Some(Asset::Interface(held)) = self.asset(interface) else {
            return Vec::new();
        };
        let mut groups: Vec<&ArmId> = held.security_group.iter().collect();
        groups.extend(self.groups_of(interface));
        let subnets = subnets(held);
        for subnet in &subnets {
            if let Some(Asset::Subnet(subnet)) = self.asset(subnet) {
                groups.extend(&subnet.security_group);
            }
            groups.extend(self.groups_of(subnet));
        }
        groups.sort_unstable();
        groups.dedup();
        groups
            .into_iter()
            .map(|group| self.spelled(group).clone())
            .collect()
    }

    fn governed(&self, interface: &Interface, subnets: &[ArmId]) -> Governed {
        if interface.private_endpoint.is_none() {
            return Governed::Yes;
        }
        let holds = subnets.iter().map(|id| match self.asset(id) {
            Some(Asset::Subnet(subnet)) => subnet.rules_hold_for_endpoints,
            _ => None,
        });
        let holds: Vec<Option<bool>> = holds.collect();
        if !holds.is_empty() && holds.iter().all(|held| *held == Some(true)) {
            Governed::Yes
        } else if !holds.is_empty() && holds.iter().all(|held| *held == Some(false)) {
            Governed::No
        } else {
            Governed::Unknown
        }
    }
}

/// The subnets that an interface's addresses are of: one, but for what is not known.
pub(crate) fn subnets(interface: &Interface) -> Vec<ArmId> {
    let held = interface.configurations.iter();
    let mut subnets: Vec<ArmId> = held.filter_map(|one| one.subnet.clone()).collect();
    subnets.sort_unstable();
    subnets.dedup();
    subnets
}

/// The level of a place is the one that its rules are of.
impl RulePlace {
    /// True for a security admin rule.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.level == LevelKind::Admin
    }
}
