//! Rule changes that are planted: the same world, the same flows, decided under other rules.
//!
//! What a replay foretells of a change is compared with what the changed world logs. Traffic draws nothing from rules, so both worlds
//! have the same flows. It must not judge anything itself: that is [`crate::walk`].

use crate::cidr::Prefix;
use crate::prng::{Prng, Purpose};
use crate::rules::{Access, Address, Decision, Direction, PortRange, Protocol, Rule, RuleKind};
use crate::world::{LogFormat, World};

/// Sorts of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A rule that allows is taken away.
    RemoveAllow,
    /// A rule that allows is for fewer addresses.
    Narrow,
    /// A rule that denies is new, before the others.
    AddDeny,
    /// A rule that allows is for every address and port.
    Widen,
    /// A rule stands before all others, or behind them.
    Reprioritize,
    /// A subnet loses its group.
    Detach,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RemoveAllow,
        Self::Narrow,
        Self::AddDeny,
        Self::Widen,
        Self::Reprioritize,
        Self::Detach,
    ];
}

/// A change of rules. NSGs, rules and subnets by their places in the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleChange {
    /// This rule is gone.
    Remove {
        /// The NSG.
        nsg: usize,
        /// The rule's name.
        rule: String,
    },
    /// This rule takes the place of the one of its name, or is new.
    Put {
        /// The NSG.
        nsg: usize,
        /// The rule.
        rule: Rule,
    },
    /// No NSG guards this subnet.
    Detach {
        /// The subnet.
        subnet: usize,
    },
}

/// Before all rules of the company, and behind those that it wrote. Azure takes no lower number, so the rule that has it makes room.
const FRONT: u16 = 100;
const BACK: u16 = 4_090;

/// Ports that the company's traffic uses.
const PORTS: [u16; 8] = [22, 53, 80, 443, 1433, 5432, 8080, 9100];

impl World {
    /// A change of a sort; none where the world has nothing that could change so.
    #[must_use]
    pub fn draw_change(&self, kind: ChangeKind, seed: u64) -> Option<RuleChange> {
        let mut prng = Prng::keyed(seed, Purpose::RuleChanges, &[kind as u64, self.spec.seed]);
        if kind == ChangeKind::Detach {
            // NSG flow logs are of an NSG, and would log nothing without one.
            let logs_all = |subnet: usize| {
                let mut inside = self.nics.iter().filter(|nic| nic.subnet == subnet).peekable();
                inside.peek().is_some() && inside.all(|nic| self.format_of(nic) == LogFormat::Vnet4)
            };
            let guarded = self.subnets.iter().enumerate();
            let guarded: Vec<usize> = guarded
                .filter(|(at, subnet)| subnet.nsg.is_some() && logs_all(*at))
                .map(|(at, _)| at)
                .collect();
            return prng
                .pick(&guarded)
                .map(|subnet| RuleChange::Detach { subnet: *subnet });
        }
        let own: Vec<(usize, &Rule)> = self
            .nsgs
            .iter()
            .enumerate()
            .flat_map(|(at, nsg)| nsg.rules.iter().map(move |rule| (at, rule)))
            .filter(|(_, rule)| rule.kind == RuleKind::User)
            .filter(|(_, rule)| kind == ChangeKind::Reprioritize || rule.access == Access::Allow)
            .collect();
        let (nsg, rule) = prng.pick(&own).copied()?;
        let mut rule = rule.clone();
        match kind {
            ChangeKind::RemoveAllow => return Some(RuleChange::Remove { nsg, rule: rule.name }),
            ChangeKind::Narrow => narrow(&mut rule),
            ChangeKind::Widen => {
                rule.sources = vec![Address::Any];
                rule.destinations = vec![Address::Any];
                rule.destination_ports = vec![PortRange::ANY];
            }
            ChangeKind::Reprioritize if prng.per_mille(500) => rule.priority = FRONT,
            ChangeKind::Reprioritize => rule.priority = BACK,
            _ => rule = self.new_deny(nsg, &rule, &mut prng)?,
        }
        Some(RuleChange::Put { nsg, rule })
    }

    /// The world under the changed rules.
    #[must_use]
    pub fn changed(&self, change: &RuleChange) -> Self {
        let mut world = self.clone();
        match change {
            RuleChange::Remove { nsg, rule } => {
                if let Some(nsg) = world.nsgs.get_mut(*nsg) {
                    nsg.rules.retain(|held| held.name != *rule);
                }
            }
            RuleChange::Put { nsg, rule } => {
                if let Some(nsg) = world.nsgs.get_mut(*nsg) {
                    nsg.rules.retain(|held| held.name != rule.name);
                    let has_its_place =
                        |held: &&mut Rule| held.direction == rule.direction && held.priority == rule.priority;
                    for held in nsg.rules.iter_mut().filter(has_its_place) {
                        held.priority += u16::from(rule.priority == FRONT);
                    }
                    nsg.rules.push(rule.clone());
                    nsg.rules.sort_by_key(|held| held.priority);
                }
            }
            RuleChange::Detach { subnet } => {
                if let Some(subnet) = world.subnets.get_mut(*subnet) {
                    subnet.nsg = None;
                }
            }
        }
        world
    }

    /// Of the ports of a rule that allows, or of one that the company uses.
    fn new_deny(&self, nsg: usize, allowed: &Rule, prng: &mut Prng) -> Option<Rule> {
        let direction = allowed.direction;
        let held = self.nsgs.get(nsg)?;
        let rules = self
            .nsgs
            .iter()
            .flat_map(|nsg| &nsg.rules)
            .chain(&self.admin.rules);
        let ids = rules.map(|rule| rule.decision.id);
        let ids = ids.chain([self.platform.id, self.encryption_drop.id]);
        let subnet = prng.pick(&self.subnets)?.prefix;
        let half = Prefix::parse("0.0.0.0/1")?;
        let peer = if prng.per_mille(500) { subnet } else { half };
        let used = prng.pick(&PORTS).copied()?;
        let port = match prng.pick(&allowed.destination_ports).copied() {
            Some(range) if range != PortRange::ANY => range,
            _ => PortRange {
                first: used,
                last: used,
            },
        };
        let (sources, destinations) = match direction {
            Direction::Inbound => (vec![Address::Prefix(peer)], vec![Address::Any]),
            Direction::Outbound => (vec![Address::Any], vec![Address::Prefix(peer)]),
        };
        Some(Rule {
            name: "DenyPlanted".to_owned(),
            kind: RuleKind::User,
            priority: FRONT,
            direction,
            access: Access::Deny,
            protocol: Protocol::Any,
            sources,
            source_ports: vec![PortRange::ANY],
            destinations,
            destination_ports: vec![port],
            decision: Decision {
                id: ids.max()? + 1,
                acl_id: held.id.clone(),
                rule: "UserRule_DenyPlanted".to_owned(),
                allowed: false,
                in_nsg_logs: true,
            },
        })
    }
}

/// The upper half of each prefix at the far side, where fewer machines are; of everything else the lower half of all addresses.
fn narrow(rule: &mut Rule) {
    let far = match rule.direction {
        Direction::Inbound => &mut rule.sources,
        Direction::Outbound => &mut rule.destinations,
    };
    for address in far {
        *address = match address {
            Address::Prefix(prefix) if prefix.bits < 32 => Address::Prefix(Prefix {
                base: prefix.host(prefix.size() / 2),
                bits: prefix.bits + 1,
            }),
            Address::Prefix(prefix) => Address::Prefix(*prefix),
            Address::Any | Address::Tag(_) => {
                Prefix::parse("0.0.0.0/1").map_or(Address::Any, Address::Prefix)
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Scale, WorldSpec};

    #[test]
    fn a_change_is_the_same_for_a_seed_and_changes_one_thing() {
        let world = World::generate(&WorldSpec {
            seed: 5,
            start_day: 20_514,
            hours: 1,
            scale: Scale::Tiny,
        });
        for kind in ChangeKind::ALL {
            let mut different = 0;
            for seed in 0..20 {
                let change = world.draw_change(kind, seed).unwrap();
                assert_eq!(world.draw_change(kind, seed), Some(change.clone()), "{kind:?}");
                let changed = world.changed(&change);
                let groups = world.nsgs.iter().zip(&changed.nsgs);
                let other = groups.filter(|(left, right)| left != right).count();
                let loose = world.subnets.iter().zip(&changed.subnets);
                let loose = loose.filter(|(left, right)| left != right).count();
                // A rule for everything cannot be wider.
                assert!(other + loose <= 1, "{change:?}");
                different += other + loose;
                for nsg in &changed.nsgs {
                    let mut taken: Vec<_> = nsg
                        .rules
                        .iter()
                        .map(|rule| (rule.direction, rule.priority))
                        .collect();
                    taken.sort_unstable();
                    taken.dedup();
                    assert_eq!(taken.len(), nsg.rules.len(), "{change:?}");
                }
            }
            assert!(different > 10, "{kind:?}: {different}");
        }
    }
}
