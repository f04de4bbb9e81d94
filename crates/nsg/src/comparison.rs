//! Two guards of one interface, now and then: what may come of a flow at both, case by case. What is not known is the same thing for
//! both, so a change that is about something else changes nothing in any case.

mod open;
mod walk;

use std::sync::Arc;

use crate::guard::{Governed, Guard};
use crate::level::HeldRule;
use crate::surroundings::speaks_of_platform;
use crate::verdict::Flow;

use open::{Open, Opens, Whose};
use walk::Walk;

/// So many cases of one flow are looked at.
const CASES_MAX: usize = 4_096;

/// What may come of a flow at both: whether it is let through now, and whether it is then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends(u8);

impl Ends {
    const fn bit(now: bool, then: bool) -> u8 {
        match (now, then) {
            (false, false) => 1,
            (false, true) => 2,
            (true, false) => 4,
            (true, true) => 8,
        }
    }

    const fn add(&mut self, now: bool, then: bool) {
        self.0 |= Self::bit(now, then);
    }

    /// True if this may be: that it is let through now, or not, and then.
    #[must_use]
    pub const fn has(self, now: bool, then: bool) -> bool {
        self.0 & Self::bit(now, then) != 0
    }

    /// True if in some case it is let through now, or is not.
    #[must_use]
    pub fn has_now(self, now: bool) -> bool {
        self.has(now, true) || self.has(now, false)
    }

    /// Of the cases in which it is let through now, or is not: what comes of it then, if that is the same in all of them.
    #[must_use]
    pub fn then(self, now: bool) -> Option<bool> {
        match (self.has(now, true), self.has(now, false)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    /// True if in each case the same comes of it.
    #[must_use]
    pub fn are_same(self) -> bool {
        !self.has(true, false) && !self.has(false, true)
    }
}

/// What guards an interface now, and what then.
#[derive(Clone, Debug)]
pub struct Comparison {
    now: Arc<Guard>,
    then: Arc<Guard>,
    /// What is inside of `VirtualNetwork`, and who is in application security groups, is as well known then as now.
    has_same_network: bool,
    has_same_groups: bool,
    /// What speaks of traffic with the host is the same.
    has_same_host_rules: bool,
}

/// The rules that speak of traffic with the host, and those that may.
fn host_rules(guard: &Guard) -> Vec<(&[String], Vec<&HeldRule>)> {
    let levels = guard.levels();
    let levels = [&levels.admin, &levels.subnet, &levels.interface];
    let spoken = levels.map(|level| {
        let rules = level.iter().flat_map(|level| &level.rules);
        let unknown = level.as_ref().map_or(&[][..], |level| &level.unknown);
        (
            unknown,
            rules.filter(|held| speaks_of_platform(&held.rule)).collect(),
        )
    });
    spoken.to_vec()
}

impl Comparison {
    /// Of two guards of one interface.
    #[must_use]
    pub fn of(now: &Arc<Guard>, then: &Arc<Guard>) -> Self {
        let (before, after) = (now.surroundings(), then.surroundings());
        Self {
            has_same_network: before.has_same_network(after),
            has_same_groups: before.has_same_groups(after),
            has_same_host_rules: host_rules(now) == host_rules(then) && before.means_the_same(after),
            now: Arc::clone(now),
            then: Arc::clone(then),
        }
    }

    /// What guards it then.
    #[must_use]
    pub const fn then(&self) -> &Arc<Guard> {
        &self.then
    }

    /// What may come of a flow, case by case; none where there are more cases than are looked at, and of traffic with the host if rules
    /// that speak of it change.
    #[must_use]
    pub fn ends(&self, flow: &Flow) -> Option<Ends> {
        if flow.is_of_platform() {
            let is_same = self.has_same_host_rules && self.now.governed == self.then.governed;
            return is_same.then_some(Ends(Ends::bit(true, true) | Ends::bit(false, false)));
        }
        let mut opens = Opens::default();
        let now = self.walk(&self.now, Whose::Now, flow, &mut opens)?;
        let then = self.walk(&self.then, Whose::Then, flow, &mut opens)?;
        opens.open_levels(&now, &then);
        let mut ends = Ends::default();
        for case in opens.cases(CASES_MAX)? {
            ends.add(now.end(&case)?, then.end(&case)?);
        }
        Some(ends)
    }

    fn walk(&self, guard: &Guard, whose: Whose, flow: &Flow, opens: &mut Opens) -> Option<Walk> {
        let is_governed = match guard.governed {
            Governed::Yes => None,
            Governed::No => return Some(Walk::default()),
            Governed::Unknown => Some(opens.of(Open::IsGoverned)),
        };
        let levels = walk::levels(guard, flow, &mut |open| {
            let is_same = match &open {
                Open::Label(crate::labels::Label::Network, _) => self.has_same_network,
                Open::Label(crate::labels::Label::Members(_), _) => self.has_same_groups,
                _ => true,
            };
            match is_same {
                true => opens.of(open),
                false => opens.of(Open::Of(whose, Box::new(open))),
            }
        })?;
        Some(Walk {
            is_governed,
            whose: Some(whose),
            levels,
        })
    }
}
