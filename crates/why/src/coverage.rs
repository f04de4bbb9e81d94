//! How much of the time the logs speak of: without it the absence of a hit says nothing.
//!
//! The rule of counting: an hour of an interface counts if facts of that hour say that the interface belonged to a machine that is not
//! known to have stood still. It is covered if the interface logged anything in it. An idle machine logs nothing, so coverage is
//! rather told too low than too high.

use std::collections::BTreeMap;

use ahash::{AHashMap, AHashSet};
use model::facts::{ArmId, Asset, FactSet, Mac, PowerState};

const HOUR: i64 = 3_600_000_000;

/// Hours of interfaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// Hours in which the interface is said to have existed and its machine may have run.
    pub expected: u64,
    /// Of these the hours in which it logged.
    pub logged: u64,
}

impl Hours {
    /// The share in percent, rounded down; none if no hour is expected.
    #[must_use]
    pub fn percent(self) -> Option<u64> {
        (self.logged * 100).checked_div(self.expected)
    }

    /// True if every hour is covered, and there is one.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        self.expected > 0 && self.logged == self.expected
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            expected: self.expected + other.expected,
            logged: self.logged + other.logged,
        }
    }
}

/// What was logged when, interface by interface.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    heard: AHashMap<Mac, AHashSet<i64>>,
    /// By interface the hours of each stretch of facts, with its beginning.
    hours: BTreeMap<ArmId, Vec<(i64, Hours)>>,
}

impl Coverage {
    /// Notes that an interface logged in the hour that begins then, in microseconds since 1970. All hours are noted before any facts.
    pub fn hear(&mut self, mac: Mac, hour: i64) {
        self.heard.entry(mac).or_default().insert(hour.div_euclid(HOUR));
    }

    /// Takes facts that hold from one time until before another. An hour is of the facts of its beginning.
    pub fn take(&mut self, facts: &FactSet, from: i64, before: i64) {
        let (first, end) = (-(-from).div_euclid(HOUR), -(-before).div_euclid(HOUR));
        if first >= end {
            return;
        }
        let standing: AHashSet<&ArmId> = facts
            .resources
            .iter()
            .filter(|held| match &held.asset {
                Asset::Machine(machine) => !matches!(
                    machine.power,
                    None | Some(PowerState::Running | PowerState::Starting | PowerState::Unknown)
                ),
                _ => false,
            })
            .map(|held| &held.id)
            .collect();
        for held in &facts.resources {
            let Asset::Interface(interface) = &held.asset else {
                continue;
            };
            let may_run = interface
                .machine
                .as_ref()
                .is_some_and(|id| !standing.contains(id));
            if !may_run {
                continue;
            }
            let heard = interface.mac.and_then(|mac| self.heard.get(&mac));
            let logged = heard.map_or(0, |hours| {
                hours.iter().filter(|hour| (first..end).contains(*hour)).count()
            });
            let hours = Hours {
                expected: u64::try_from(end - first).unwrap_or_default(),
                logged: u64::try_from(logged).unwrap_or_default(),
            };
            self.hours.entry(held.id.clone()).or_default().push((from, hours));
        }
    }

    /// The hours of an interface; none expected where none are said.
    #[must_use]
    pub fn of(&self, interface: &ArmId) -> Hours {
        self.since(interface, i64::MIN)
    }

    /// The hours of an interface in the stretches of facts that began then or later.
    fn since(&self, interface: &ArmId, from: i64) -> Hours {
        let held = self.hours.get(interface).into_iter().flatten();
        held.filter(|(begin, _)| *begin >= from)
            .fold(Hours::default(), |all, (_, hours)| all.and(*hours))
    }

    /// The hours of several.
    pub fn of_all<'i>(&self, interfaces: impl IntoIterator<Item = &'i ArmId>) -> Hours {
        self.of_all_since(interfaces, i64::MIN)
    }

    /// The hours of several in the stretches of facts that began then or later.
    pub fn of_all_since<'i>(&self, interfaces: impl IntoIterator<Item = &'i ArmId>, from: i64) -> Hours {
        interfaces.into_iter().fold(Hours::default(), |all, interface| {
            all.and(self.since(interface, from))
        })
    }
}

#[cfg(test)]
mod tests {
    use model::facts::{Interface, Machine, Resource};

    use super::*;

    fn facts(power: Option<PowerState>) -> FactSet {
        let id = |rest: &str| {
            ArmId::parse(&format!("/subscriptions/s/resourceGroups/g/providers/{rest}")).unwrap()
        };
        let resource = |id, asset| Resource {
            id,
            location: None,
            guid: None,
            tags: BTreeMap::new(),
            asset,
        };
        let machine = id("Microsoft.Compute/virtualMachines/m");
        let interface = |machine| {
            Asset::Interface(Interface {
                mac: Mac::parse("00-0D-3A-00-00-01"),
                machine,
                ..Interface::default()
            })
        };
        FactSet {
            resources: vec![
                resource(
                    id("Microsoft.Network/networkInterfaces/n"),
                    interface(Some(machine.clone())),
                ),
                resource(id("Microsoft.Network/networkInterfaces/loose"), interface(None)),
                resource(
                    machine,
                    Asset::Machine(Machine {
                        power,
                        ..Machine::default()
                    }),
                ),
            ],
            ..FactSet::default()
        }
    }

    #[test]
    fn an_hour_counts_while_a_machine_may_run_and_is_covered_where_its_interface_logged() {
        let mut coverage = Coverage::default();
        let mac = Mac::parse("00-0D-3A-00-00-01").unwrap();
        for hour in [1, 2, 2, 5, 9] {
            coverage.hear(mac, hour * HOUR);
        }
        // Ten hours run, then it stands still; half an hour at the beginning is of nobody.
        coverage.take(&facts(Some(PowerState::Running)), HOUR / 2, 6 * HOUR + 1);
        coverage.take(&facts(Some(PowerState::Deallocated)), 6 * HOUR + 1, 20 * HOUR);
        let of = |name: &str| {
            let id = format!(
                "/subscriptions/S/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/{name}"
            );
            coverage.of(&ArmId::parse(&id).unwrap())
        };
        let hours = of("n");
        assert_eq!((hours.expected, hours.logged, hours.percent()), (6, 3, Some(50)));
        assert!(!hours.is_complete());
        // What was changed in the middle of the sixth hour is asked of the hours behind.
        let id =
            ArmId::parse("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n");
        let later = coverage.of_all_since(id.iter(), 6 * HOUR + 1);
        assert_eq!(later, Hours::default());
        assert_eq!(coverage.of_all_since(id.iter(), HOUR / 2), hours);
        assert_eq!(of("loose"), Hours::default());
        assert_eq!(of("loose").percent(), None);
    }
}
