//! Bits and walk agree, on random estates of everything that a rule can hold; and what two guards say side by side holds in whatever
//! way the unknown comes to be known.

#![cfg(test)]

mod comparison;
mod estates;

use std::collections::BTreeMap;

use model::Direction;
use nsg::{Decision, Flow, Guard, LevelEnd, LevelKind, Met, Proof, RulePlace, State};
use sim::prng::{Prng, Purpose};

use estates::{Dice, facts, id};

#[test]
fn bits_and_walk_agree_a_hundred_thousand_times() {
    let (mut compared, mut decisions, mut decided) = (0, BTreeMap::new(), 0);
    for seed in 0..1_000 {
        let mut dice = Dice(Prng::keyed(seed, Purpose::BigBlob, &[77]));
        let facts = facts(&mut dice);
        let guard = Guard::of(&facts, &id("networkInterfaces/n")).unwrap();
        for _ in 0..100 {
            let flow = dice.flow();
            let (verdict, proof) = (guard.judge(&flow), guard.prove(&flow));
            assert_eq!(verdict, proof.verdict, "seed {seed}, {flow:?}\n{proof:#?}");
            if let Some(place) = verdict.by {
                let step = proof.deciding().unwrap();
                assert_eq!(step.name, guard.rule(place).unwrap().rule.name);
                decided += 1;
            }
            *decisions.entry(format!("{:?}", verdict.decision)).or_insert(0) += 1;
            compared += 1;
        }
    }
    println!("{compared} comparisons, {decided} decided by one rule: {decisions:?}");
    assert_eq!(compared, 100_000);
    for decision in [
        Decision::Allowed,
        Decision::Denied,
        Decision::NotGoverned,
        Decision::Unknown,
    ] {
        let count = decisions.get(&format!("{decision:?}")).copied().unwrap_or(0);
        assert!(count > 3_000, "{decision:?}: {count}");
    }
}

#[test]
fn the_order_of_levels_is_that_of_the_direction() {
    let mut dice = Dice(Prng::keyed(1, Purpose::BigBlob, &[78]));
    let mut seen = 0;
    for _ in 0..200 {
        let facts = facts(&mut dice);
        let guard = Guard::of(&facts, &id("networkInterfaces/n")).unwrap();
        let flow = dice.flow();
        let order: Vec<LevelKind> = guard
            .prove(&flow)
            .levels
            .iter()
            .map(|level| level.kind)
            .filter(|kind| *kind != LevelKind::Admin)
            .collect();
        if order.len() == 2 {
            let expected = match flow.direction {
                Direction::Inbound => [LevelKind::Subnet, LevelKind::Interface],
                Direction::Outbound => [LevelKind::Interface, LevelKind::Subnet],
            };
            assert_eq!(order, expected);
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

/// The way of a flow as its proof tells it: of each level the rule that surely matched, or none where it is open.
fn way(guard: &Guard, flow: &Flow, proof: &Proof) -> Vec<(LevelKind, Met)> {
    let mut way = Vec::new();
    for level in &proof.levels {
        let steps: Vec<_> = level
            .steps
            .iter()
            .filter(|step| step.state != State::No)
            .collect();
        let held = guard
            .levels()
            .in_order(flow.direction)
            .find(|held| held.kind == level.kind)
            .unwrap();
        let may_be_nobody = level.kind == LevelKind::Admin || proof.is_of_platform;
        let met = match steps.as_slice() {
            _ if !held.unknown.is_empty() => Met::Open,
            [step] if step.state == State::Yes => Met::Rule(step.place),
            [] if may_be_nobody => Met::Nobody,
            _ => Met::Open,
        };
        way.push((level.kind, met));
        // All that may come of it lets the flow pass.
        if level.ends != [LevelEnd::Passes] {
            break;
        }
    }
    way
}

#[test]
fn the_rule_met_at_each_level_is_that_of_the_proof() {
    let (mut compared, mut several, mut open, mut nobody) = (0, 0, 0, 0);
    for seed in 0..1_000 {
        let mut dice = Dice(Prng::keyed(seed, Purpose::BigBlob, &[79]));
        let facts = facts(&mut dice);
        let guard = Guard::of(&facts, &id("networkInterfaces/n")).unwrap();
        for _ in 0..50 {
            let flow = dice.flow();
            let (path, proof) = (guard.path(&flow), guard.prove(&flow));
            assert_eq!(path.verdict, proof.verdict, "seed {seed}, {flow:?}");
            let met: Vec<_> = path.levels().map(|level| (level.kind, level.met)).collect();
            assert_eq!(
                met,
                way(&guard, &flow, &proof),
                "seed {seed}, {flow:?}\n{proof:#?}"
            );
            several += usize::from(path.rules().count() > 1);
            open += usize::from(!path.is_known());
            nobody += usize::from(met.iter().any(|(_, met)| *met == Met::Nobody));
            let all: Vec<RulePlace> = proof
                .levels
                .iter()
                .flat_map(|level| &level.steps)
                .filter(|step| step.state != State::No)
                .map(|step| step.place)
                .collect();
            let candidates = guard.candidates(&flow);
            assert!(
                candidates.iter().all(|place| all.contains(place)),
                "seed {seed}, {flow:?}"
            );
            assert!(
                path.rules().all(|place| candidates.contains(&place)),
                "seed {seed}, {flow:?}"
            );
            if !proof.is_by_cases {
                assert!(
                    all.iter().all(|place| candidates.contains(place)),
                    "seed {seed}, {flow:?}"
                );
            }
            compared += 1;
        }
    }
    println!("{compared} ways, {several} of several rules, {open} open, {nobody} with a level of nobody");
    assert!(several > 1_000 && open > 3_000 && nobody > 3_000);
}
