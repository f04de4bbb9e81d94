//! Which new rule turns a flow away, where it is not known what all rules match: if the rules of now all stay, it is one that is new.

use model::facts::Access;
use nsg::{Decision, Flow, Guard, HeldRule, Verdict};

fn has(guard: &Guard, rule: &HeldRule) -> bool {
    guard.rules().any(|(_, held)| held == rule)
}

/// True if all rules of now hold then.
pub(super) fn keeps_all(now: &Guard, then: &Guard) -> bool {
    now.rules().all(|(_, rule)| has(then, rule))
}

/// The only new rule that can turn a flow away; none where there are several, or where some are not known.
pub(super) fn denier(now: &Guard, then: &Guard, flow: &Flow) -> Option<Verdict> {
    let levels = then.levels();
    let all = [&levels.admin, &levels.subnet, &levels.interface];
    if all.into_iter().flatten().any(|level| !level.unknown.is_empty()) {
        return None;
    }
    let mut new = then.candidates(flow).into_iter().filter(|place| {
        let rule = then.rule(*place);
        rule.is_some_and(|held| {
            (held.rule.access == Access::Deny || held.rule.may_do_otherwise()) && !has(now, held)
        })
    });
    let by = new.next().filter(|_| new.next().is_none())?;
    Some(Verdict {
        decision: Decision::Denied,
        by: Some(by),
    })
}
