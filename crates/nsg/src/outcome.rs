//! What may come of a flow where not all is known: each end that is possible, and who would decide it.

use model::facts::Access;

use crate::verdict::{Decision, RulePlace, Verdict};

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// No rule.
    Nobody,
    One(RulePlace),
    /// One of several, and it is not known which.
    Several,
}

fn merge(held: &mut Option<By>, by: By) {
    *held = match *held {
        None => Some(by),
        Some(known) if known == by => Some(by),
        Some(_) => Some(By::Several),
    };
}

/// What may come of one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LevelOutcome {
    /// A rule lets it go on to the next level.
    passes: Option<By>,
    /// It goes on to the next level, and no rule says so.
    passes_by_nobody: bool,
    /// It is turned away.
    pub(crate) denied: Option<By>,
    /// It is let through whatever other levels say.
    pub(crate) delivered: Option<By>,
}

impl LevelOutcome {
    /// What a rule does. A security admin rule that allows leaves the decision to others.
    pub(crate) fn take_rule(&mut self, access: Access, place: RulePlace) {
        match access {
            Access::Allow if place.is_admin() => self.pass_by_nobody(),
            _ => self.take(access, By::One(place)),
        }
    }

    fn take(&mut self, access: Access, by: By) {
        match access {
            Access::Allow => merge(&mut self.passes, by),
            Access::Deny => merge(&mut self.denied, by),
            Access::AlwaysAllow => merge(&mut self.delivered, by),
        }
    }

    /// No rule says anything.
    pub(crate) const fn pass_by_nobody(&mut self) {
        self.passes_by_nobody = true;
    }

    /// Anything may come, and it is not known of which rule.
    pub(crate) fn take_anything(&mut self, is_admin: bool) {
        self.take(Access::Allow, By::Several);
        self.take(Access::Deny, By::Several);
        if is_admin {
            self.take(Access::AlwaysAllow, By::Several);
        }
    }

    /// It may go on to the next level.
    pub(crate) const fn may_pass(&self) -> bool {
        self.passes.is_some() || self.passes_by_nobody
    }
}

/// What may come of all levels, one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    allowed: Option<By>,
    denied: Option<By>,
    not_governed: bool,
}

impl Outcome {
    /// Levels are asked in their order, as long as one may let the flow pass. What no rule speaks of is allowed, but traffic with the
    /// host is not governed.
    pub(crate) fn of_levels(levels: impl IntoIterator<Item = LevelOutcome>, is_of_platform: bool) -> Self {
        let mut outcome = Self::default();
        let (mut passed, mut is_untouched) = (None, true);
        for level in levels {
            if let Some(by) = level.denied {
                merge(&mut outcome.denied, by);
            }
            if let Some(by) = level.delivered {
                merge(&mut outcome.allowed, by);
            }
            if !level.may_pass() {
                return outcome;
            }
            if !level.passes_by_nobody {
                (passed, is_untouched) = (None, false);
            }
            if let Some(by) = level.passes {
                merge(&mut passed, by);
            }
        }
        if let Some(by) = passed {
            merge(&mut outcome.allowed, by);
        }
        if is_untouched && is_of_platform {
            outcome.not_governed = true;
        } else if is_untouched {
            merge(&mut outcome.allowed, By::Nobody);
        }
        outcome
    }

    /// What may come in one case or the other.
    pub(crate) fn or(mut self, other: Self) -> Self {
        for (held, more) in [
            (&mut self.allowed, other.allowed),
            (&mut self.denied, other.denied),
        ] {
            if let Some(by) = more {
                merge(held, by);
            }
        }
        self.not_governed |= other.not_governed;
        self
    }

    pub(crate) const fn verdict(self) -> Verdict {
        let (decision, by) = match (self.allowed, self.denied, self.not_governed) {
            (Some(by), None, false) => (Decision::Allowed, by),
            (None, Some(by), false) => (Decision::Denied, by),
            (None, None, true) => return Verdict::NOT_GOVERNED,
            _ => return Verdict::UNKNOWN,
        };
        let by = match by {
            By::One(place) => Some(place),
            By::Nobody | By::Several => None,
        };
        Verdict { decision, by }
    }
}
