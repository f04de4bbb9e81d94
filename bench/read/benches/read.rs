//! How fast bytes become Arrow batches, beside what could be done instead, in one run on one core.
//!
//! `cargo bench --manifest-path bench/read/Cargo.toml` prints a table; `BENCH_BYTES` and `BENCH_ROUNDS` change size and rounds,
//! `BENCH_ONLY` keeps the candidates whose name holds that text.
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

#[derive(serde::Deserialize)]
struct Blob<'b> {
    #[serde(borrow)]
    records: Vec<Record<'b>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'b> {
    #[serde(borrow)]
    flow_records: FlowRecords<'b>,
}

#[derive(serde::Deserialize)]
struct FlowRecords<'b> {
    #[serde(borrow)]
    flows: Vec<Flow<'b>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Flow<'b> {
    #[serde(borrow)]
    flow_groups: Vec<Group<'b>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group<'b> {
    #[serde(borrow)]
    flow_tuples: Vec<&'b str>,
}

/// The columns that come from a tuple; none of those that come from around it.
#[derive(Default)]
struct Columns {
    time: Vec<u64>,
    addresses: [Vec<std::net::Ipv4Addr>; 2],
    ports: [Vec<u16>; 2],
    protocol: Vec<u8>,
    letters: [Vec<u8>; 2],
    encrypted: Vec<bool>,
    counters: [Vec<u64>; 4],
}

impl Columns {
    fn push(&mut self, tuple: &str) {
        let mut fields = tuple.split(',');
        let mut next = || fields.next().unwrap();
        self.time.push(next().parse().unwrap());
        self.addresses
            .iter_mut()
            .for_each(|column| column.push(next().parse().unwrap()));
        self.ports
            .iter_mut()
            .for_each(|column| column.push(next().parse().unwrap()));
        self.protocol.push(next().parse().unwrap());
        self.letters
            .iter_mut()
            .for_each(|column| column.push(next().as_bytes()[0]));
        self.encrypted.push(next() == "X");
        self.counters
            .iter_mut()
            .for_each(|column| column.push(next().parse().unwrap_or(0)));
    }

    fn record(&mut self, record: &Record<'_>) -> u64 {
        let groups = record
            .flow_records
            .flows
            .iter()
            .flat_map(|flow| &flow.flow_groups);
        let mut count = 0;
        for tuple in groups.flat_map(|group| &group.flow_tuples) {
            self.push(tuple);
            count += 1;
        }
        if self.time.len() > 32 * 1024 {
            black_box(std::mem::take(self));
        }
        count
    }
}

/// Types of one's own, the whole blob at once, then split and parse.
fn serde_typed(input: &[u8]) -> u64 {
    let blob: Blob<'_> = serde_json::from_slice(input).unwrap();
    let mut columns = Columns::default();
    blob.records.iter().map(|record| columns.record(record)).sum()
}

/// The same types read by vector instructions, one record at a time so that it stays in the cache.
fn sonic_per_record(input: &[u8]) -> u64 {
    let mut columns = Columns::default();
    let list = sonic_rs::get(input, &["records"]).unwrap();
    let records = sonic_rs::to_array_iter(list.as_raw_str());
    records
        .map(|record| {
            let record = record.unwrap();
            columns.record(&sonic_rs::from_str(record.as_raw_str()).unwrap())
        })
        .sum()
}

/// Finding the tuples, and nothing else: from quote to quote behind each `flowTuples`.
fn memchr_walk(input: &[u8]) -> u64 {
    let lists = memchr::memmem::Finder::new(b"\"flowTuples\":[");
    let mut count = 0;
    let mut rest = input;
    while let Some(list) = lists.find(rest) {
        rest = &rest[list + 14..];
        while let [b'"', text @ ..] = rest {
            let end = memchr::memchr(b'"', text).unwrap();
            black_box(&text[..end]);
            count += 1;
            rest = &text[end + 1..];
            if let [b',', next @ ..] = rest {
                rest = next;
            }
        }
    }
    count
}

fn floor(input: &[u8]) -> u64 {
    let (tuples, sum) = formats::floor::tuples(input);
    black_box(sum);
    tuples
}

fn floor_columns(input: &[u8]) -> u64 {
    let (tuples, sum) = formats::floor::columns(input);
    black_box(sum);
    tuples
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
        "{:<32} {:>10} {:>10} {:>14}",
        "", "best GB/s", "median", "tuples/s"
    );
    type Candidate = (&'static str, fn(&[u8]) -> u64);
    let candidates: [Candidate; 6] = [
        ("formats::read to Arrow", parser),
        ("serde_json typed + split", serde_typed),
        ("sonic-rs per record + split", sonic_per_record),
        ("floor: commas, digits, columns", floor_columns),
        ("floor: commas and digits", floor),
        ("memchr walk over tuples", memchr_walk),
    ];
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let candidates: Vec<Candidate> = candidates
        .into_iter()
        .filter(|(name, _)| name.contains(&only))
        .collect();
    let mut all_times = vec![Vec::new(); candidates.len()];
    // One after another in every round, so that all meet the same moods of the machine.
    for _ in 0..rounds {
        for ((name, candidate), times) in candidates.iter().zip(&mut all_times) {
            let start = Instant::now();
            let count = candidate(black_box(&blob));
            times.push(start.elapsed().as_secs_f64());
            assert_eq!(count, truth.total.tuples, "{name}");
        }
    }
    for ((name, _), mut times) in candidates.into_iter().zip(all_times) {
        times.sort_by(f64::total_cmp);
        let (best, median) = (times[0], times[times.len() / 2]);
        let rate = |seconds: f64| blob.len() as f64 / seconds / 1e9;
        let tuples = truth.total.tuples as f64 / best;
        println!(
            "{name:<32} {:>10.3} {:>10.3} {tuples:>14.0}",
            rate(best),
            rate(median)
        );
    }
}
