//! What 10,000 network interfaces cost the table in a year: commits, log, positions, checkpoints.
//!
//! `cargo run --release -p table --example year -- [COMMITS] [NICS]`
//!
//! First, real commits as a collector makes them, one a minute, each moving every interface's blob in
//! all 64 shards; then the positions of one shard over a whole year, in memory. The figures are in
//! docs/adr/0003-exactly-once.md.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measuring program prints, and may stop at the first surprise"
)]

use std::path::Path;
use std::time::Instant;

use model::{Sequence, Shard};
use table::{Contribution, IngestRow, Position, ShardState, Table};

const MINUTE: i64 = 60_000_000;
const START: i64 = 1_735_689_600_000_000;

fn address(nic: usize, hour: i32) -> String {
    format!(
        "az://account/insights-logs-flowlogflowevent/flowLogResourceID=/0F0F0F0F-1111-2222-3333-444444444444_NETWORKWATCHERRG/NETWORKWATCHER_WESTEUROPE_VNET-{}-FLOWLOG/y=2025/m=01/d=01/h={hour}/m=00/macAddress={nic:012X}/PT1H.json",
        nic / 200
    )
}

/// Sixty-four hexadecimal digits that do not compress, as real hashes do not.
fn hash(nic: u64, hour: u64, minute: u64) -> String {
    let mut state = nic << 32 ^ hour << 8 ^ minute;
    let word = |state: &mut u64| {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    (0..4).map(|_| format!("{:016x}", word(&mut state))).collect()
}

fn position(nic: usize, hour: i32, minute: u64) -> Position {
    Position {
        source: address(nic, hour),
        incarnation: 0,
        cursor: 12 + minute * 40_000,
        length: 12 + minute * 40_000,
        sha256: hash(nic as u64, u64::from(hour.unsigned_abs()), minute),
        size: 14 + minute * 40_000,
        modified: START + i64::try_from(minute).unwrap(),
        compressed: Some(false),
        hour: Some(hour),
        read_as: None,
        waiting: false,
        last_row: None,
        blob: None,
    }
}

fn contribution(nic: usize, hour: i32, minute: u64) -> Contribution {
    let position = position(nic, hour, minute);
    let row = IngestRow {
        source: position.source.clone(),
        source_id: Position::source_id(&position.source, 0),
        incarnation: 0,
        range: minute * 40_000..(minute + 1) * 40_000,
        sha256: position.sha256.clone(),
        source_sha256: position.sha256.clone(),
        compression: "none",
        bytes_decoded: 40_000,
        bytes_given_up: 0,
        records: 1,
        tuples_received: 0,
        tuples_stored: 0,
        tuples_skipped: 0,
        tuples_quarantined: 0,
        records_repeated: 0,
        times: None,
        oddities: None,
    };
    Contribution {
        source: position.source.clone(),
        position: Some(position),
        row: Some(row),
        quarantined: Vec::new(),
    }
}

fn folder_bytes(folder: &Path) -> (u64, u64) {
    let mut sum = (0, 0);
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let meta = entry.metadata().unwrap();
            if meta.is_dir() {
                folders.push(entry.path());
            } else {
                sum.0 += 1;
                sum.1 += meta.len();
            }
        }
    }
    sum
}

async fn real_commits(commits: u64, nics: usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    println!("{commits} real commits, one a minute, {nics} interfaces in each:");
    println!(
        "{:>8} {:>12} {:>12} {:>12} {:>14} {:>14} {:>14}",
        "commit", "commit ms", "slowest ms", "open ms", "Flows log B", "positions B", "IngestLog B"
    );
    let mut slice = Vec::new();
    for minute in 0..commits {
        let hour = i32::try_from(minute / 60).unwrap();
        let contributions = (0..nics)
            .map(|nic| contribution(nic, hour, minute % 60))
            .collect();
        let start = Instant::now();
        let transaction = table.begin().await.unwrap();
        transaction
            .commit(
                Vec::new(),
                contributions,
                START + i64::try_from(minute).unwrap() * MINUTE,
            )
            .await
            .unwrap();
        slice.push(start.elapsed().as_secs_f64() * 1e3);
        if (minute + 1) % (commits / 5).max(1) == 0 {
            let start = Instant::now();
            Table::open(folder.path()).await.unwrap();
            let open = start.elapsed().as_secs_f64() * 1e3;
            slice.sort_by(f64::total_cmp);
            let median = slice.get(slice.len() / 2).copied().unwrap_or(0.0);
            let slowest = slice.last().copied().unwrap_or(0.0);
            println!(
                "{:>8} {median:>12.0} {slowest:>12.0} {open:>12.0} {:>14} {:>14} {:>14}",
                minute + 1,
                folder_bytes(&folder.path().join("Flows/_delta_log")).1,
                folder_bytes(&folder.path().join("_positions")).1,
                folder_bytes(&folder.path().join("IngestLog")).1,
            );
            slice.clear();
        }
    }
    for name in ["Flows", "IngestLog"] {
        let log = folder.path().join(name).join("_delta_log");
        for entry in std::fs::read_dir(log).unwrap().flatten() {
            let file = entry.file_name().into_string().unwrap_or_default();
            if file.contains("checkpoint.parquet") {
                let bytes = entry.metadata().unwrap().len();
                println!("checkpoint {name}/{file}: {bytes} B");
            }
        }
    }
}

fn year_of_positions(nics: usize) {
    let mine: Vec<usize> = (0..nics / usize::from(Shard::COUNT)).collect();
    let mut state = ShardState::empty(Shard(0));
    let (mut files, mut file_bytes) = (0_u64, 0_u64);
    let (mut segments, mut segment_bytes) = (0_u64, 0_u64);
    for hour in 0..8760 {
        let moved: Vec<Position> = mine.iter().map(|nic| position(*nic, hour, 59)).collect();
        state = state.advanced(Sequence(i64::from(hour) + 1), &moved);
        while let Some(folded) = state.fold() {
            segments += 1;
            segment_bytes += table::encoded_bytes(&folded.positions);
            state.segments.push(table::SegmentRef {
                name: format!("00-00000000-0000-0000-0000-{segments:012}.json.zst"),
                sources: folded.positions.len() as u64,
                hours: folded.hours,
            });
        }
        let bytes = table::encoded_bytes(&state);
        // Sixty commits an hour write a file of this size each.
        files += 60;
        file_bytes += bytes * 60;
        if [23, 719, 4379, 8759].contains(&hour) {
            println!(
                "{:>8} {:>12} {:>12} {:>16} {:>10} {:>14}",
                (hour + 1) / 24,
                state.open.len(),
                bytes,
                file_bytes,
                segments,
                segment_bytes
            );
        }
    }
    println!(
        "per shard; times {} shards: {:.1} GB of segments kept, {:.1} GB of position files written ({files} a shard, each superseded by the next)",
        Shard::COUNT,
        segment_bytes as f64 * 64.0 / 1e9,
        file_bytes as f64 * 64.0 / 1e9
    );
}

#[tokio::main]
async fn main() {
    let argument = |index: usize, default: u64| {
        std::env::args()
            .nth(index)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let nics = usize::try_from(argument(2, 10_000)).unwrap();
    real_commits(argument(1, 150), nics).await;
    println!("positions of one shard over a year of minutes, {nics} interfaces in all:");
    println!(
        "{:>8} {:>12} {:>12} {:>16} {:>10} {:>14}",
        "days", "open", "file B", "files so far B", "segments", "segments B"
    );
    year_of_positions(nics);
}
