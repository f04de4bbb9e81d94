//! Why it is not known what becomes of a flow, in words.

use model::facts::ArmId;
use nsg::{Flow, Guard};

use crate::logged::LoggedFlow;

/// Of so many flows of an interface it is looked up why it is not known what becomes of them.
const PROOFS_MAX: usize = 200;

/// What speaks against what was logged, in words.
pub(super) fn doubt(logged: &LoggedFlow<'_>, group: Option<&ArmId>) -> String {
    let (did, would) = match logged.is_allowed {
        true => ("let it through", "turn it away"),
        false => ("turned it away", "let it through"),
    };
    let logged_group = || logged.group.rsplit('/').next().unwrap_or_default();
    let group = group.map_or_else(logged_group, |id| id.name());
    format!(
        "`{group}/{}` {did} when it was logged, the rules that are known {would} already, and what is proposed changes what decides",
        logged.rule
    )
}

/// What is not known, in words; of many flows of one interface it is not looked up one by one.
pub(super) fn why_unknown(guard: &Guard, flow: &Flow, proofs: &mut usize) -> String {
    *proofs += 1;
    if *proofs > PROOFS_MAX {
        return format!(
            "as other flows of `{}`: not looked up one by one",
            guard.interface().name()
        );
    }
    let mut unknowns = guard.prove(flow).unknowns;
    unknowns.dedup();
    match unknowns.is_empty() {
        true => "what is known of its rules does not decide it".to_owned(),
        false => unknowns.join("; "),
    }
}
