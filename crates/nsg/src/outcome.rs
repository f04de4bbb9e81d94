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
    /// It goes on to the next level.
    pub(crate) passes: Option<By>,
    /// It is turned away.
    pub(crate) denied: Option<By>,
    /// It is let through whatever other levels say.
    pub(crate) delivered: Option<By>,
}

impl LevelOutcome {
    pub(crate) fn take(&mut self, access: Access, by: By) {
        match access {
            Access::Allow => merge(&mut self.passes, by),
            Access::Deny => merge(&mut self.denied, by),
            Access::AlwaysAllow => merge(&mut self.delivered, by),
        }
    }

    /// Anything may come, and it is not known of which rule.
    pub(crate) fn take_anything(&mut self, is_admin: bool) {
        self.take(Access::Allow, By::Several);
        self.take(Access::Deny, By::Several);
        if is_admin {
            self.take(Access::AlwaysAllow, By::Several);
        }
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
    /// Levels are asked in their order, as long as one may let the flow pass.
    pub(crate) fn of_levels(levels: impl IntoIterator<Item = LevelOutcome>) -> Self {
        let mut outcome = Self::default();
        let mut passed = By::Nobody;
        for level in levels {
            if let Some(by) = level.denied {
                merge(&mut outcome.denied, by);
            }
            if let Some(by) = level.delivered {
                merge(&mut outcome.allowed, by);
            }
            match level.passes {
                None => return outcome,
                Some(By::Nobody) => {}
                Some(by) => passed = by,
            }
        }
        merge(&mut outcome.allowed, passed);
        outcome
    }

    /// Of traffic with the host, which is not governed where no rule speaks of it.
    pub(crate) fn of_platform(levels: impl IntoIterator<Item = LevelOutcome>) -> Self {
        let mut outcome = Self::of_levels(levels);
        match outcome.allowed {
            Some(By::Nobody) => {
                outcome.allowed = None;
                outcome.not_governed = true;
            }
            // Whether a rule let it pass is not known.
            Some(By::Several) => outcome.not_governed = true,
            _ => {}
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
