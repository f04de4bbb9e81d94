//! What becomes of one flow: from what was logged of it to what the proposed rules do. The log is the witness of what happened; what is
//! known of the rules of now says whether the change has to do with it.

use model::facts::{Access, ArmId};
use nsg::{Comparison, Decision, Guard, HeldRule, RulePlace, Verdict};

use super::impact::{Impact, lets_through};
use crate::explain::{Decider, Meant};
use crate::logged::LoggedFlow;

/// What is foretold, where the flow was logged as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foretold {
    /// This.
    Sure(Impact),
    /// What is known does not decide it.
    Open,
    /// The rules of now decide otherwise than was logged, and those that are proposed as they do; but what decides changes.
    Doubtful,
}

/// What becomes of a flow that was let through or not, and would be or not.
const fn of(was: bool, will: bool) -> Foretold {
    Foretold::Sure(match (was, will) {
        (true, false) => Impact::NewlyDenied,
        (false, true) => Impact::NewlyPermitted,
        _ => Impact::NotImpacted,
    })
}

/// What the rules of now and those that are proposed say of it.
pub(super) struct Verdicts<'g> {
    pub(super) now: &'g Guard,
    pub(super) comparison: &'g Comparison,
    pub(super) before: Verdict,
    pub(super) after: Verdict,
    /// The group that the log names, if facts have it.
    pub(super) group: Option<&'g ArmId>,
}

impl Verdicts<'_> {
    pub(super) fn foretell(&self, logged: &LoggedFlow<'_>) -> Foretold {
        let was = logged.is_allowed;
        let (now, then) = (
            lets_through(self.before.decision),
            lets_through(self.after.decision),
        );
        if let (Some(now), Some(then)) = (now, then) {
            return match now == was {
                true => of(was, then),
                false => self.against_the_log(logged, now, then),
            };
        }
        let Some(ends) = self.comparison.ends(&logged.flow) else {
            return match (now, then) {
                (None, Some(then)) => of(was, then),
                _ => Foretold::Open,
            };
        };
        // Of what is not known, what fits to what was logged.
        if ends.has_now(was) {
            return ends.then(was).map_or(Foretold::Open, |then| of(was, then));
        }
        let then = ends.then(!was);
        then.map_or(Foretold::Open, |then| self.against_the_log(logged, !was, then))
    }

    /// The log is of other rules than those that are known. What it says counts: a flow fares then as it was logged, or as it does by the
    /// rules that are known. In the second case it matters whether what is proposed touches what decides.
    fn against_the_log(&self, logged: &LoggedFlow<'_>, now: bool, then: bool) -> Foretold {
        if then == logged.is_allowed || then != now || !self.is_touched(logged) {
            Foretold::Sure(Impact::NotImpacted)
        } else {
            Foretold::Doubtful
        }
    }

    /// True if a rule that is only proposed would decide at some level, and otherwise than was logged: whatever let the flow through, it
    /// does not any more. What turns a flow away is one group, which the log names.
    fn is_met_by_a_new_rule(&self, logged: &LoggedFlow<'_>) -> bool {
        let then = self.comparison.then();
        let is_meant = |held: &HeldRule| match logged.is_allowed {
            true => held.rule.access == Access::Deny,
            false => {
                held.rule.access != Access::Deny
                    && (self.group.is_none() || held.owner.as_ref() == self.group)
            }
        };
        let mut held = then
            .candidates_everywhere(&logged.flow)
            .into_iter()
            .filter_map(|place| then.rule(place));
        held.any(|held| is_meant(held) && !self.now.rules().any(|(_, known)| known == held))
    }

    /// True if the rule that was logged is one of now, and would be another or gone; if another rule would decide than does now; or if
    /// what is new decides before.
    fn is_touched(&self, logged: &LoggedFlow<'_>) -> bool {
        if self.before.decision == Decision::NotGoverned {
            return false;
        }
        let then = self.comparison.then();
        let decides =
            |guard: &Guard, verdict: Verdict| verdict.by.and_then(|place| guard.rule(place)).cloned();
        if decides(self.now, self.before) != decides(then, self.after) {
            return true;
        }
        let is_gone = |place: &RulePlace| {
            let held = self.now.rule(*place);
            held.is_some_and(|held| !then.rules().any(|(_, still)| still == held))
        };
        let named = Decider {
            kind: logged.rule_kind,
            group: logged.group,
            rule: logged.rule,
        };
        let is_gone = match named.meant_of(self.now, self.group) {
            Meant::Rule(place) => is_gone(&place),
            Meant::Ambiguous(places) => places.iter().any(is_gone),
            Meant::NotThere | Meant::NoRule => false,
        };
        is_gone || self.is_met_by_a_new_rule(logged)
    }
}
