//! Judges flows of random cases and says how many of which decision, and how fast:
//! `cargo run --release -p sim --example verdicts -- SEEDS FLOWS`. With a third argument, a seed, prints the exports of that case
//! and what becomes of its flows.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is what it is for")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use sim::verdict::{Case, Decision};

fn main() -> ExitCode {
    let number = |index: usize| {
        std::env::args()
            .nth(index)
            .and_then(|text| text.parse::<u64>().ok())
    };
    let (Some(seeds), Some(flows)) = (number(1), number(2).and_then(|flows| usize::try_from(flows).ok()))
    else {
        eprintln!("usage: verdicts SEEDS FLOWS [SEED]");
        return ExitCode::from(2);
    };
    if let Some(seed) = number(3) {
        let case = Case::random(seed);
        for (name, text) in case.exports() {
            println!("{name}\n{text}");
        }
        for flow in case.flows(flows) {
            println!("{flow:?}\n  {:?}", case.judge(&flow));
        }
        return ExitCode::SUCCESS;
    }
    let mut counts: BTreeMap<Decision, u64> = BTreeMap::new();
    let mut seconds = 0.0;
    for seed in 0..seeds {
        let case = Case::random(seed);
        let flows = case.flows(flows);
        let started = Instant::now();
        for flow in &flows {
            *counts.entry(case.judge(flow).decision).or_default() += 1;
        }
        seconds += started.elapsed().as_secs_f64();
    }
    let all: u64 = counts.values().sum();
    println!("{all} judgements in {seconds:.2} s: {counts:?}");
    ExitCode::SUCCESS
}
