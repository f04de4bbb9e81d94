//! What rules say on the way to a balancer and behind it, in a sentence, of what no log has.

use model::Direction;
use nsg::Decision;

use crate::explain::{Explanation, Judged};

impl Explanation {
    /// What rules say where it leaves and at each machine behind a balancer, of what no log has. It gets to the balancer only if rules
    /// where it leaves let it.
    pub(in crate::explain) fn would_behind(&self) -> Option<String> {
        let balanced = self
            .balanced
            .as_ref()
            .filter(|held| held.frontend == self.flow.destination)?;
        let is_inbound = |held: &&Judged| held.direction == Direction::Inbound.as_str();
        let (behind, before): (Vec<&Judged>, Vec<&Judged>) = self.judged.iter().partition(is_inbound);
        let stops = |held: &&&Judged| held.proof.verdict.decision == Decision::Denied;
        if let Some(held) = before.iter().find(stops) {
            return Some(format!(
                "; rules would deny it{} leaving {}, before {} {} gets it",
                by(held),
                held.interface.name_in_group(),
                balanced.kind(),
                balanced.balancer.name()
            ));
        }
        let told = |decision: Decision| -> Vec<String> {
            let those = behind
                .iter()
                .filter(|held| held.proof.verdict.decision == decision);
            let those = those.map(|held| {
                let rule = if decision == Decision::Denied {
                    by(held)
                } else {
                    String::new()
                };
                format!("{rule} at {}", held.interface.name_in_group())
            });
            those.collect()
        };
        let (denied, allowed) = (told(Decision::Denied), told(Decision::Allowed));
        let mut open = told(Decision::Unknown);
        let is_open = |held: &&&Judged| held.proof.verdict.decision == Decision::Unknown;
        let leaving = before.iter().filter(is_open);
        open.extend(leaving.map(|held| format!(" leaving {}", held.interface.name_in_group())));
        let is_known = open.is_empty() && self.unasked.is_empty();
        let mut parts = Vec::new();
        if !denied.is_empty() {
            parts.push(format!("rules would deny it{}", denied.join(" and")));
        }
        match (denied.is_empty(), allowed.is_empty()) {
            (_, true) => {}
            (true, false) if is_known => parts.push("rules would let it through".to_owned()),
            (true, false) => parts.push(format!("rules would let it through{}", allowed.join(" and"))),
            (false, false) => parts.push(format!("let it through{}", allowed.join(" and"))),
        }
        if parts.is_empty() {
            return None;
        }
        if !open.is_empty() {
            parts.push(format!("what they say is not known{}", open.join(" and")));
        }
        let mut text = format!("; {}; {}", balanced.told(), parts.join(", and "));
        if let Some(unasked) = self.unasked.first() {
            text.push_str(&format!("; {unasked}"));
        }
        Some(text)
    }
}

/// ` by rule x (priority 100)`
fn by(held: &Judged) -> String {
    let rule = held.proof.deciding();
    rule.map(|step| format!(" by rule {} (priority {})", step.name, step.priority))
        .unwrap_or_default()
}
