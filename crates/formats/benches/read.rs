//! How fast bytes become Arrow batches, beside what could be done instead, in one run on one core.
//!
//! `cargo bench -p formats` prints a table; `BENCH_BYTES` and `BENCH_ROUNDS` change size and rounds.
//! The corpus is a seeded blob, the same for everybody. Quote the ratios: machines differ and drift.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a bench prints, and may stop at the first surprise"
)]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Instant;

use formats::{FlowBatch, Options, Quarantined, Sink};
use model::SourceId;

struct Count(u64);

impl Sink for Count {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.0 += batch.rows.num_rows() as u64;
        black_box(&batch);
        ControlFlow::Continue(())
    }
    fn quarantine(&mut self, _: Quarantined) {}
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

fn parser(input: &[u8]) -> u64 {
    let mut count = Count(0);
    formats::read(input, Options::new(SourceId(1)), &mut count);
    count.0
}

/// What a program writes that knows `serde_json` and no better.
fn serde_values(input: &[u8]) -> u64 {
    let value: serde_json::Value = serde_json::from_slice(input).unwrap();
    let mut count = 0;
    for record in value["records"].as_array().unwrap() {
        for flow in record["flowRecords"]["flows"].as_array().unwrap() {
            for group in flow["flowGroups"].as_array().unwrap() {
                for tuple in group["flowTuples"].as_array().unwrap() {
                    let fields: Vec<&str> = tuple.as_str().unwrap().split(',').collect();
                    let numbers: u64 = fields.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
                    black_box(numbers);
                    count += 1;
                }
            }
        }
    }
    count
}

/// The floor: finding the strings, and nothing else.
fn quotes(input: &[u8]) -> u64 {
    memchr::memchr_iter(b'"', input).count() as u64
}

fn main() {
    let bytes = number("BENCH_BYTES", 64 << 20);
    let rounds = number("BENCH_ROUNDS", 7);
    let mut blob = Vec::new();
    let truth = sim::big_blob(1, bytes, &mut |piece| blob.extend_from_slice(piece));
    println!(
        "{} bytes, {} tuples, one core, best and median of {rounds}",
        blob.len(),
        truth.total.tuples
    );
    println!(
        "{:<28} {:>10} {:>10} {:>14}",
        "", "best GB/s", "median", "tuples/s"
    );
    type Candidate = (&'static str, fn(&[u8]) -> u64);
    let candidates: [Candidate; 3] = [
        ("formats::read to Arrow", parser),
        ("serde_json values + split", serde_values),
        ("memchr over quotes", quotes),
    ];
    for (name, candidate) in candidates {
        let mut times: Vec<f64> = (0..rounds)
            .map(|_| {
                let start = Instant::now();
                black_box(candidate(black_box(&blob)));
                start.elapsed().as_secs_f64()
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let (best, median) = (times[0], times[times.len() / 2]);
        let rate = |seconds: f64| blob.len() as f64 / seconds / 1e9;
        let tuples = truth.total.tuples as f64 / best;
        println!(
            "{name:<28} {:>10.3} {:>10.3} {tuples:>14.0}",
            rate(best),
            rate(median)
        );
    }
    assert_eq!(parser(&blob), truth.total.tuples);
}
