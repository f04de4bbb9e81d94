//! A simulated day of a collector that commits every minute, and is compacted every hour: how often a row
//! is written again, how many files are left, and how much memory it takes.
//!
//! `cargo run -p table --example day -- [NICS] [TUPLES]`: so many interfaces with so many tuples each a
//! minute. The figures are in docs/adr/0007-care.md.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measuring program prints, and may stop at the first surprise"
)]

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::time::Instant;

use formats::{FlowBatch, Options, Quarantined, Sink};
use table::{CompactOptions, Contribution, IngestRow, Position, Table, VacuumOptions};

const MINUTE: i64 = 60_000_000;
/// 2026-03-02.
const START: i64 = 1_772_409_600_000_000;

struct Rows(Vec<FlowBatch>);

impl Sink for Rows {
    fn batch(&mut self, batch: FlowBatch) -> ControlFlow<()> {
        self.0.push(batch);
        ControlFlow::Continue(())
    }
    fn quarantine(&mut self, _: Quarantined) {}
}

fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One record of one interface's minute, with addresses, ports and counters as various as real ones.
fn record(nic: u64, minute: i64, tuples: u64) -> String {
    let mut text = String::new();
    let time = chrono::DateTime::from_timestamp_micros(START + (minute + 1) * MINUTE).unwrap();
    let stamp = time.format("%Y-%m-%dT%H:%M:%SZ");
    write!(
        text,
        r#"{{"records":[{{"time":"{stamp}","flowLogGUID":"0f0f0f0f-1111-2222-3333-444444444444","macAddress":"{nic:012X}","category":"FlowLogFlowEvent","flowLogResourceID":"/SUBSCRIPTIONS/0F/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/NW/FLOWLOGS/FL","targetResourceID":"/subscriptions/0f/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet","operationName":"FlowLogFlowEvent","flowLogVersion":4,"flowRecords":{{"flows":[{{"aclID":"0f0f0f0f","flowGroups":[{{"rule":"UserRule_allow-web","flowTuples":["#
    )
    .unwrap();
    for tuple in 0..tuples {
        let dice = mixed(nic << 40 ^ minute.unsigned_abs() << 16 ^ tuple);
        let millis =
            (START + minute * MINUTE) / 1000 + i64::try_from(tuple * 60_000 / tuples.max(1)).unwrap();
        let comma = if tuple == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}"{millis},10.{}.{}.{},10.0.{}.{},{},443,6,I,{},NX,{},{},{},{}""#,
            dice % 4,
            dice >> 8 & 15,
            dice >> 12 & 255,
            nic >> 8,
            nic & 255,
            1024 + (dice >> 20) % 60_000,
            if dice >> 40 & 1 == 0 { "B" } else { "C" },
            dice >> 30 & 31,
            dice >> 32 & 65_535,
            dice >> 34 & 31,
            dice >> 44 & 65_535
        )
        .unwrap();
    }
    text.push_str("]}]}]}}]}");
    text
}

/// Every record begins at the same place of its text, so each minute's is a source of its own.
fn incarnation(source: &str, minute: i64) -> model::SourceId {
    Position::source_id(source, u32::try_from(minute).unwrap())
}

fn contribution(source: &str, minute: i64, stored: u64) -> Contribution {
    let bytes = u64::try_from(minute + 1).unwrap() * 1000;
    Contribution {
        source: source.to_owned(),
        position: Some(Position {
            source: source.to_owned(),
            incarnation: 0,
            cursor: bytes,
            length: bytes,
            sha256: format!("{:064x}", mixed(bytes)),
            size: bytes + 2,
            modified: minute,
            compressed: Some(false),
            hour: None,
            read_as: None,
            waiting: false,
            last_row: None,
            blob: None,
        }),
        row: Some(IngestRow {
            source: source.to_owned(),
            source_id: incarnation(source, minute),
            incarnation: 0,
            range: bytes - 1000..bytes,
            sha256: format!("{:064x}", mixed(bytes + 1)),
            source_sha256: format!("{:064x}", mixed(bytes)),
            compression: "none",
            bytes_decoded: 1000,
            bytes_given_up: 0,
            records: 1,
            tuples_received: stored,
            tuples_stored: stored,
            tuples_skipped: 0,
            tuples_quarantined: 0,
            records_repeated: 0,
            times: None,
            oddities: None,
        }),
        quarantined: Vec::new(),
    }
}

/// The most memory since the last call, in kB; the kernel begins to count anew.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    // Where that is not allowed, both figures are those of the whole run.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    peak.unwrap_or(0)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap());
    let (nics, tuples) = (arguments.next().unwrap_or(20), arguments.next().unwrap_or(50));
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::open_or_create(folder.path()).await.unwrap();
    let (mut ingested, mut folded) = ((0, 0), (0, 0));
    let (mut steps, mut busy) = (0_u64, 0.0);
    let (mut ingest_peak, mut compact_peak) = (0, 0);
    for hour in (0..1440).step_by(60) {
        for minute in hour..hour + 60 {
            let now = START + (minute + 1) * MINUTE;
            let transaction = table.begin().await.unwrap();
            let mut writer = transaction.writer(now);
            let mut contributions = Vec::new();
            for nic in 0..nics {
                let source = format!("file:///nic-{nic}");
                let mut rows = Rows(Vec::new());
                let options = Options::new(incarnation(&source, minute));
                formats::read(record(nic, minute, tuples).as_bytes(), options, &mut rows);
                for batch in rows.0 {
                    writer.write(&batch.rows).await.unwrap();
                }
                contributions.push(contribution(&source, minute, tuples));
            }
            let files = writer.finish().await.unwrap();
            ingested.0 += files.iter().map(|written| written.file.bytes).sum::<u64>();
            ingested.1 += files.iter().filter_map(|written| written.file.rows).sum::<u64>();
            transaction.commit(files, contributions, now).await.unwrap();
        }
        ingest_peak = ingest_peak.max(peak_kilobytes());
        let began = Instant::now();
        let now = START + (hour + 60) * MINUTE;
        let report = table
            .compact(&CompactOptions::default(), now, |_| {})
            .await
            .unwrap();
        busy += began.elapsed().as_secs_f64();
        compact_peak = compact_peak.max(peak_kilobytes());
        for fold in report.folds.iter().filter(|fold| fold.table == "Flows") {
            folded.0 += fold.bytes.1;
            folded.1 += fold.rows;
        }
        steps += report.folds.len() as u64;
    }
    let snapshot = table.snapshots().await.unwrap().remove(0);
    println!("{nics} interfaces, {tuples} tuples each a minute, 1,440 commits, a compaction every 60");
    println!(
        "ingested: {} rows in {} bytes of data files",
        ingested.1, ingested.0
    );
    println!(
        "compaction of `Flows`: {} rows and {} bytes written; a row {:.2} times, {:.2} bytes for each ingested",
        folded.1,
        folded.0,
        folded.1 as f64 / ingested.1 as f64,
        folded.0 as f64 / ingested.0 as f64
    );
    println!("{steps} steps over all three tables, {busy:.1} s");
    println!(
        "left: {} files of `Flows`, {} bytes, {} rows",
        snapshot.files.len(),
        snapshot.bytes(),
        snapshot.rows()
    );
    println!("memory at most: {ingest_peak} kB while ingesting, {compact_peak} kB while compacting");
    let problems = table.check_deep(8 << 20).await.unwrap().problems;
    println!("check --deep: {} problems {problems:?}", problems.len());
    // A vacuum of everything that was replaced, as it will be once it is old: only told.
    let later = chrono::Utc::now().timestamp_micros() + 8 * 86_400_000_000;
    let options = VacuumOptions {
        dry_run: true,
        ..VacuumOptions::default()
    };
    let began = Instant::now();
    let report = table.vacuum(options, later).await.unwrap();
    println!(
        "vacuum would remove {} files, {} bytes, found in {:.1} s",
        report.gone.len(),
        report.gone.iter().map(|(_, _, bytes)| bytes).sum::<u64>(),
        began.elapsed().as_secs_f64()
    );
}
