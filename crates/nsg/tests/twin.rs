//! The twin in `sim` and this evaluator say the same of random estates, which go from one to the other as exports.

#![cfg(test)]

use std::collections::BTreeMap;

use inventory::{read, together};
use model::Direction;
use model::facts::{ArmId, FactSet};
use nsg::{Decision, Estate, Flow, Guard, Proof, Verdict};
use sim::verdict::{Case, CaseFlow, Decision as Said, Judgement};

fn facts(case: &Case) -> FactSet {
    let sets = case
        .exports()
        .into_iter()
        .map(|(_, text)| read(text.as_bytes()).unwrap().facts);
    together(sets).0
}

fn flow(of: &CaseFlow) -> Flow {
    Flow {
        direction: match of.direction {
            sim::rules::Direction::Inbound => Direction::Inbound,
            sim::rules::Direction::Outbound => Direction::Outbound,
        },
        protocol: of.protocol,
        source: of.source,
        source_port: of.source_port,
        destination: of.destination,
        destination_port: of.destination_port,
    }
}

const fn decision(said: Said) -> Decision {
    match said {
        Said::Allowed => Decision::Allowed,
        Said::Denied => Decision::Denied,
        Said::NotGoverned => Decision::NotGoverned,
        Said::Unknown => Decision::Unknown,
    }
}

fn decided_by(guard: &Guard, verdict: Verdict) -> Option<(String, String)> {
    let held = guard.rule(verdict.by?)?;
    let owner = held.owner.as_ref().map(ToString::to_string).unwrap_or_default();
    Some((owner.to_ascii_lowercase(), held.rule.name.to_ascii_lowercase()))
}

/// How an answer compares.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Comparison {
    Same,
    /// The twin does not carry what is unknown from rule to rule: an address is inside of `VirtualNetwork` for one rule and outside for the
    /// next. We tell the two cases apart, so we may know what it does not.
    Sharper,
    Different,
}

fn compare(guard: &Guard, verdict: Verdict, proof: &Proof, said: &Judgement) -> Comparison {
    let by = said
        .decided_by
        .as_ref()
        .map(|(owner, rule)| (owner.to_ascii_lowercase(), rule.to_ascii_lowercase()));
    let own_by = decided_by(guard, verdict);
    if verdict.decision == decision(said.decision) && own_by == by {
        return Comparison::Same;
    }
    let is_sharper = said.decision == Said::Unknown
        || (verdict.decision == decision(said.decision) && said.decided_by.is_none());
    if is_sharper && proof.is_by_cases {
        Comparison::Sharper
    } else {
        Comparison::Different
    }
}

#[test]
fn the_twin_says_the_same_a_hundred_thousand_times() {
    const CASES: u64 = 1_000;
    const FLOWS: usize = 100;
    let mut counts: BTreeMap<Comparison, usize> = BTreeMap::new();
    let mut decisions: BTreeMap<String, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    for seed in 0..CASES {
        let case = Case::random(seed);
        let facts = facts(&case);
        let estate = Estate::of(&facts);
        let mut guards: BTreeMap<String, Guard> = BTreeMap::new();
        for asked in case.flows(FLOWS) {
            let guard = guards
                .entry(asked.interface.clone())
                .or_insert_with(|| estate.guard(&ArmId::parse(&asked.interface).unwrap()).unwrap());
            let said = case.judge(&asked);
            let flow = flow(&asked);
            let (verdict, proof) = (guard.judge(&flow), guard.prove(&flow));
            assert_eq!(verdict, proof.verdict, "seed {seed}, {asked:?}\n{proof:#?}");
            let comparison = compare(guard, verdict, &proof, &said);
            if comparison == Comparison::Different {
                differences.push(format!(
                    "seed {seed}: {asked:?}\n  twin {said:?}\n  here {:?} by {:?}\n  {:?}",
                    verdict.decision,
                    decided_by(guard, verdict),
                    proof.unknowns
                ));
            }
            *counts.entry(comparison).or_default() += 1;
            *decisions.entry(format!("{:?}", verdict.decision)).or_default() += 1;
        }
    }
    let all: usize = counts.values().sum();
    println!("{all} comparisons with the twin: {counts:?}; {decisions:?}");
    for difference in differences.iter().take(12) {
        println!("{difference}");
    }
    assert_eq!(all, 100_000);
    assert_eq!(differences.len(), 0);
}
