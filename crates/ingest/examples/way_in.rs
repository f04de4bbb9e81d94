//! What `flowglass ingest` does, without the query engine in the build: quick to build with all optimisations,
//! for profiles of the way in.
//!
//! `cargo run --release -p ingest --example way_in -- PATH TABLE [THREADS]`. Prints the rows and the seconds.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an example says what it found, and may stop at the first surprise"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ingest::{IngestOptions, Input, Silent};
use table::Table;
use tokio_util::sync::CancellationToken;

fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_micros()).unwrap()
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(path), Some(place)) = (arguments.next(), arguments.next()) else {
        println!("usage: way_in PATH TABLE [THREADS]");
        return;
    };
    let threads = arguments.next().and_then(|word| word.to_str()?.parse().ok());
    let began = Instant::now();
    let found = ingest::find(&[Input::Path(path)], now_micros());
    let mut table = Table::open_or_create(Path::new(&place)).await.unwrap();
    let options = IngestOptions {
        threads: threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into)),
        allow_duplicates: false,
        verify: false,
        rows: Arc::default(),
        commit_bytes: 512 << 20,
        records_max: model::limits::RECORDS_PER_COMMIT_MAX,
        partitions_max: model::limits::PARTITIONS_PER_COMMIT_MAX,
        clock: Arc::new(now_micros),
        seed: 1,
    };
    let cancel = CancellationToken::new();
    let outcome = ingest::ingest(&mut table, found.sources, &options, &cancel, Arc::new(Silent)).await;
    let rows = outcome.unwrap().stored;
    println!("{rows} rows in {:.2} s", began.elapsed().as_secs_f64());
}
