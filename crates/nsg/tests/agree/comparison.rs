//! Now and then, side by side.

use std::sync::Arc;

use model::facts::{Access, AddressSpec, Asset, FactSet, PortRange, Rule, ServiceTag, Side, TagSet};
use nsg::{Comparison, Decision, Flow, Guard};
use sim::prng::{Prng, Purpose};

use crate::estates::{Dice, facts, id};

fn guard(facts: &FactSet) -> Arc<Guard> {
    Arc::new(Guard::of(facts, &id("networkInterfaces/n")).unwrap())
}

/// A rule more, a rule less, or one that says something else.
fn changed(facts: &FactSet, dice: &mut Dice) -> FactSet {
    let mut then = facts.clone();
    for resource in &mut then.resources {
        let Asset::SecurityGroup(group) = &mut resource.asset else {
            continue;
        };
        for number in 0..4 {
            let at = dice.below(group.rules.len().min(4));
            let another = dice.rule(at, false);
            match dice.below(4) {
                0 => group.rules.push(Rule {
                    name: format!("new-{number}"),
                    ..another
                }),
                1 if group.rules.len() > 4 => drop(group.rules.remove(at)),
                _ => {
                    let name = group.rules[at].name.clone();
                    group.rules[at] = Rule { name, ..another };
                }
            }
        }
    }
    then.effective.clear();
    then
}

const fn lets(decision: Decision) -> Option<bool> {
    match decision {
        Decision::Allowed | Decision::NotGoverned => Some(true),
        Decision::Denied => Some(false),
        Decision::Unknown => None,
    }
}

/// One way in which what is not known comes to be known: the same for the same rule, now and then.
struct Way(u64);

impl Way {
    fn dice(&self, of: &[&str]) -> Dice {
        let mut number = self.0;
        for letter in of.join("/").bytes() {
            number = number
                .wrapping_mul(1_099_511_628_211)
                .wrapping_add(u64::from(letter));
        }
        Dice(Prng::keyed(number, Purpose::BigBlob, &[81]))
    }

    fn known(&self, facts: &FactSet) -> FactSet {
        let mut facts = facts.clone();
        let tag = |name: &str| ServiceTag {
            name: name.to_owned(),
            region: None,
            service: None,
            prefixes: (0..3)
                .map(|at| self.dice(&[name, &at.to_string()]).prefix())
                .collect(),
        };
        let names = ["Storage", "storage.westEurope", "Sql", "NobodyKnows"];
        let known = facts.tags.get_or_insert_with(TagSet::default);
        let is_known = |name: &str| known.tags.iter().any(|held| held.name.eq_ignore_ascii_case(name));
        let more: Vec<ServiceTag> = names
            .into_iter()
            .filter(|name| !is_known(name))
            .map(tag)
            .collect();
        known.tags.extend(more);
        for resource in &mut facts.resources {
            let owner = resource.id.name().to_owned();
            let (rules, left_out) = match &mut resource.asset {
                Asset::SecurityGroup(held) => (&mut held.rules, &mut held.left_out),
                Asset::AdminRules(held) => (&mut held.rules, &mut held.left_out),
                _ => continue,
            };
            for name in std::mem::take(left_out) {
                let mut dice = self.dice(&[&owner, &name]);
                let rule = dice.rule(0, false);
                // It has a number of its own.
                let priority = rule.priority * 2 + 1;
                rules.push(Rule {
                    name,
                    priority,
                    unknown: Vec::new(),
                    ..rule
                });
            }
            rules.retain_mut(|rule| self.rule(&owner, rule));
        }
        facts
    }

    /// False for a rule that does not match what it says.
    fn rule(&self, owner: &str, rule: &mut Rule) -> bool {
        let name = rule.name.clone();
        for (side, which) in [
            (&mut rule.source, "source"),
            (&mut rule.destination, "destination"),
        ] {
            self.side(owner, &name, which, side);
        }
        if rule.unknown.is_empty() {
            return true;
        }
        let mut dice = self.dice(&[owner, &name, "unknown"]);
        if rule.may_do_otherwise() && dice.is(50) {
            rule.access = match rule.access {
                Access::Deny => Access::Allow,
                Access::Allow | Access::AlwaysAllow => Access::Deny,
            };
        }
        rule.unknown.clear();
        dice.is(60)
    }

    fn side(&self, owner: &str, name: &str, which: &str, side: &mut Side) {
        for text in std::mem::take(&mut side.unread_addresses) {
            if self.dice(&[owner, name, which, &text]).is(50) {
                side.addresses.push(AddressSpec::Any);
            }
        }
        for text in std::mem::take(&mut side.unread_ports) {
            if self.dice(&[owner, name, which, &text]).is(50) {
                side.ports.push(PortRange::ALL);
            }
        }
        for group in std::mem::take(&mut side.network_groups) {
            if self.dice(&[group.as_str()]).is(50) {
                side.addresses.push(AddressSpec::Any);
            }
        }
    }
}

fn flow(dice: &mut Dice) -> Flow {
    let mut flow = dice.flow();
    while flow.is_of_platform() {
        flow = dice.flow();
    }
    flow
}

#[test]
fn what_does_not_change_has_the_same_end_in_every_case() {
    let (mut compared, mut open) = (0, 0);
    for seed in 0..400 {
        let mut dice = Dice(Prng::keyed(seed, Purpose::BigBlob, &[80]));
        let guard = guard(&facts(&mut dice));
        let comparison = Comparison::of(&guard, &guard);
        for _ in 0..50 {
            let flow = flow(&mut dice);
            let Some(ends) = comparison.ends(&flow) else {
                continue;
            };
            assert!(ends.are_same(), "seed {seed}, {flow:?}: {ends:?}");
            let is_known = lets(guard.judge(&flow).decision);
            assert!(
                is_known.is_none_or(|is| !ends.has_now(!is)),
                "seed {seed}, {flow:?}: {ends:?}"
            );
            open += usize::from(ends.has_now(true) && ends.has_now(false));
            compared += 1;
        }
    }
    println!("{compared} comparisons with itself, {open} open");
    assert!(compared > 15_000 && open > 1_500, "{compared}, {open}");
}

#[test]
fn however_the_unknown_comes_to_be_known_it_is_one_of_the_cases() {
    let (mut compared, mut open, mut same, mut apart) = (0, 0, 0, 0);
    for seed in 0..400 {
        let mut dice = Dice(Prng::keyed(seed, Purpose::BigBlob, &[82]));
        let mut now = facts(&mut dice);
        now.effective.clear();
        let then = changed(&now, &mut dice);
        let held = guard(&now);
        let comparison = Comparison::of(&held, &guard(&then));
        let ways: Vec<(Arc<Guard>, Arc<Guard>)> = (0..6)
            .map(|way| Way(seed * 10 + way))
            .map(|way| (guard(&way.known(&now)), guard(&way.known(&then))))
            .collect();
        for _ in 0..40 {
            let flow = flow(&mut dice);
            let Some(ends) = comparison.ends(&flow) else {
                continue;
            };
            let is_open = lets(held.judge(&flow).decision).is_none();
            open += usize::from(is_open);
            same += usize::from(is_open && ends.are_same());
            apart += usize::from(is_open && !ends.are_same());
            for (now, then) in &ways {
                let (before, after) = (lets(now.judge(&flow).decision), lets(then.judge(&flow).decision));
                if let (Some(before), Some(after)) = (before, after) {
                    assert!(
                        ends.has(before, after),
                        "seed {seed}, {flow:?}: {ends:?}, {before} and then {after}"
                    );
                    compared += 1;
                }
            }
        }
    }
    println!("{compared} ways, {open} open now: {same} the same in every case, {apart} not");
    assert!(
        compared > 40_000 && same > 1_000 && apart > 100,
        "{compared}, {open}, {same}, {apart}"
    );
}
