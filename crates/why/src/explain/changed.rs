//! A change of rules in words, as a branch.

use model::Direction;

use super::addition::Addition;
use super::change::Change;
use super::time::words;
use super::tree::{Branch, access};

const ALL_NEEDED: &str = "all of these are needed: each takes away one hindrance, and none does alone";
const EACH_NEEDED: &str = "all of these are needed: each is for one machine behind the balancer";
const EACH_ALONE: &str =
    "each of these is for one machine behind the balancer: one alone lets in what the balancer sends there";
const EACH_MACHINE: &str = "all of one machine are needed for it; the balancer sends to each machine in turn, and the rules of one let in what it sends there";
const FIRST_NEEDED: &str = "the first is needed in any case; of the others those of one machine let in what the balancer sends there";

pub(super) fn changed(change: &Change) -> Branch {
    let mut below = Vec::new();
    for added in &change.additions {
        let effects = Branch::leaves(&added.effects());
        let mut parts = Branch::leaves(&added.commands());
        parts.extend(effects);
        below.push(Branch::new(
            format!(
                "in {}: {} {} with priority {}, before {} ({})",
                added.group.name(),
                access(added.rule.access),
                told_rule(added),
                added.rule.priority,
                added.before,
                added.before_priority
            ),
            parts,
        ));
    }
    below.extend(Branch::leaves(&change.obstacles));
    if below.is_empty() {
        below.push(Branch::leaf(match change.allows {
            true => "no rule has to be changed: rules let it through",
            false => "no rule has to be changed: rules deny it",
        }));
    }
    below.extend((change.additions.len() > 1).then(|| Branch::leaf(needed(change))));
    let title = match (change.additions.is_empty(), change.allows) {
        (false, true) => "the smallest change that would allow it",
        (false, false) => "the smallest change that would deny it",
        (true, true) => "what would allow it",
        (true, false) => "what would deny it",
    };
    let as_of = change
        .as_of
        .map(|taken| format!(", by the last facts, of {}", words(taken)));
    Branch::new(format!("{title}{}", as_of.unwrap_or_default()), below)
}

/// Which of several rules are needed.
fn needed(change: &Change) -> &'static str {
    let is_inbound = |added: &&Addition| added.rule.direction == Direction::Inbound;
    let inbound: Vec<&Addition> = change.additions.iter().filter(is_inbound).collect();
    let mut machines: Vec<_> = inbound.iter().map(|added| &added.interface).collect();
    machines.sort_unstable();
    machines.dedup();
    let is_one = machines.len() <= 1 || !change.is_spread;
    match (change.allows, is_one) {
        (false, _) => EACH_NEEDED,
        (true, true) => ALL_NEEDED,
        (true, false) if inbound.len() < change.additions.len() => FIRST_NEEDED,
        (true, false) if inbound.len() == machines.len() => EACH_ALONE,
        (true, false) => EACH_MACHINE,
    }
}

fn told_rule(added: &Addition) -> String {
    let side = |side: &model::facts::Side| -> String {
        let all = side.addresses.iter().map(|address| match address {
            model::facts::AddressSpec::Prefix(prefix) => prefix.addr().to_string(),
            _ => "*".to_owned(),
        });
        all.collect::<Vec<_>>().join(", ")
    };
    let rule = &added.rule;
    let ports: Vec<String> = rule.destination.ports.iter().map(ToString::to_string).collect();
    format!(
        "{:?} {} to {} port {}",
        rule.protocol,
        side(&rule.source),
        side(&rule.destination),
        ports.join(", ")
    )
}
