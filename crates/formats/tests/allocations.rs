//! Nothing is allocated per tuple: ten times the tuples cost a handful of allocations more, those of
//! columns that double.

use std::alloc::System;
use std::ops::ControlFlow;

use formats::{FlowBatch, Options, Quarantined, Sink};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

struct Dropping(usize);

impl Sink for Dropping {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.0 += batch.rows.num_rows();
        ControlFlow::Continue(())
    }

    fn quarantine(&mut self, _: Quarantined) {}
}

/// A record of so many tuples between few addresses.
fn record(tuples: usize) -> String {
    let tuples: Vec<String> = (0..tuples)
        .map(|n| {
            format!(
                "\"17104139{:05},10.0.0.{},10.9.9.9,{},443,6,O,E,NX,1,100,2,200\"",
                n % 60_000,
                n % 50,
                1024 + n % 60_000
            )
        })
        .collect();
    format!(
        r#"{{"time":"2024-03-14T10:59:41Z","macAddress":"6045BDBA5272","flowRecords":{{"flows":[{{"aclID":"a","flowGroups":[{{"rule":"UserRule_x","flowTuples":[{}]}}]}}]}}}}"#,
        tuples.join(",")
    )
}

/// Allocations and reallocations of one reading.
fn allocations(text: &str, tuples: usize) -> usize {
    let mut sink = Dropping(0);
    let region = Region::new(ALLOCATOR);
    let report = formats::read(text.as_bytes(), Options::new(model::SourceId(1)), &mut sink);
    let change = region.change();
    assert_eq!((sink.0, report.counts.tuples_stored), (tuples, tuples as u64));
    change.allocations + change.reallocations
}

#[test]
fn nothing_is_allocated_per_tuple() {
    let (few, many) = (record(2_000), record(20_000));
    let (first, second) = (allocations(&few, 2_000), allocations(&many, 20_000));
    assert!(
        second < first + 200,
        "{first} for 2,000 tuples, {second} for 20,000"
    );
}
