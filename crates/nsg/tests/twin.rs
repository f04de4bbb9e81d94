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

/// What comparisons came to.
#[derive(Debug, Default)]
struct Counts {
    comparisons: BTreeMap<Comparison, usize>,
    decisions: BTreeMap<String, usize>,
    /// Flows that were judged by the evaluator of another interface too.
    of_others: usize,
    differences: Vec<String>,
}

impl Counts {
    fn all(&self) -> usize {
        self.comparisons.values().sum()
    }

    fn add(&mut self, other: Self) {
        for (comparison, count) in other.comparisons {
            *self.comparisons.entry(comparison).or_default() += count;
        }
        for (decision, count) in other.decisions {
            *self.decisions.entry(decision).or_default() += count;
        }
        self.of_others += other.of_others;
        self.differences.extend(other.differences);
    }

    /// Tells what was counted, and fails if anything is different.
    fn close(&self) {
        println!(
            "{} comparisons with the twin: {:?}; {:?}; {} also by the evaluator of an interface that is alike",
            self.all(),
            self.comparisons,
            self.decisions,
            self.of_others
        );
        assert!(self.of_others > 0);
        for difference in self.differences.iter().take(12) {
            println!("{difference}");
        }
        assert_eq!(self.differences.len(), 0);
    }
}

/// Flows of one random estate.
fn compared(seed: u64, flows: usize) -> Counts {
    let mut counts = Counts::default();
    let case = Case::random(seed);
    let facts = facts(&case);
    let estate = Estate::of(&facts);
    let mut guards: BTreeMap<String, Guard> = BTreeMap::new();
    // Of interfaces that are alike the first one serves all.
    let mut alike: BTreeMap<_, Guard> = BTreeMap::new();
    for asked in case.flows(flows) {
        let guard = guards
            .entry(asked.interface.clone())
            .or_insert_with(|| estate.guard(&ArmId::parse(&asked.interface).unwrap()).unwrap());
        let said = case.judge(&asked);
        let flow = flow(&asked);
        let (verdict, proof) = (guard.judge(&flow), guard.prove(&flow));
        assert_eq!(verdict, proof.verdict, "seed {seed}, {asked:?}\n{proof:#?}");
        if let Some(same) = estate.alike(guard.interface()) {
            let first = alike.entry(same).or_insert_with(|| guard.clone());
            counts.of_others += usize::from(first.interface() != guard.interface());
            assert_eq!(first.judge(&flow), verdict, "seed {seed}, {asked:?}");
        }
        let comparison = compare(guard, verdict, &proof, &said);
        if comparison == Comparison::Different {
            counts.differences.push(format!(
                "seed {seed}: {asked:?}\n  twin {said:?}\n  here {:?} by {:?}\n  {:?}",
                verdict.decision,
                decided_by(guard, verdict),
                proof.unknowns
            ));
        }
        *counts.comparisons.entry(comparison).or_default() += 1;
        *counts
            .decisions
            .entry(format!("{:?}", verdict.decision))
            .or_default() += 1;
    }
    counts
}

#[test]
fn the_twin_says_the_same_a_hundred_thousand_times() {
    let mut counts = Counts::default();
    for seed in 0..1_000 {
        counts.add(compared(seed, 100));
    }
    assert_eq!(counts.all(), 100_000);
    counts.close();
}

/// Ten million, whatever the budget: `cargo xtask long`.
#[test]
#[ignore = "long: ten million comparisons"]
fn the_twin_says_the_same_ten_million_times() {
    const FLOWS: u64 = 1_000;
    const CASES: u64 = 10_000;
    let first = std::env::var("FLOWGLASS_LONG_SEED").map_or(1_000_u64, |seed| seed.parse().unwrap());
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let mut counts = Counts::default();
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|part| {
                scope.spawn(move || {
                    let mut counts = Counts::default();
                    for at in (part..CASES).step_by(usize::try_from(threads).unwrap()) {
                        counts.add(compared(first.wrapping_add(at), usize::try_from(FLOWS).unwrap()));
                    }
                    counts
                })
            })
            .collect();
        for part in parts {
            counts.add(part.join().unwrap());
        }
    });
    counts.close();
    assert_eq!(counts.all() as u64, FLOWS * CASES, "first seed {first}");
}
