//! Ingest, compaction, vacuum and queries at once, killed at random moments: nothing lost, nothing twice,
//! and no reader ever sees anything else than one whole version.
//!
//! Each round lets blobs grow, starts the programs in a random order, and kills (SIGKILL) one or two of
//! those that write. Every query must see as many rows as `IngestLog` says in the same version. Then one
//! ingest runs to its end, and every sum must be that of the blocks that are there, told by a naive reader
//! of the blobs; the deep check must be clean. Time goes by for the vacuum by making every file older
//! while nothing runs. The seed replays world, order and moments.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sim::Sums;

use crate::care::age;
use crate::golden::flowglass;
use crate::kills::{Blobs, Moments, held, ingest, was_killed, world};

/// What is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ingest,
    Compact,
    Vacuum,
    Checkpoint,
    Query,
}

const AT_ONCE: [Kind; 7] = [
    Kind::Ingest,
    Kind::Compact,
    Kind::Compact,
    Kind::Vacuum,
    Kind::Checkpoint,
    Kind::Query,
    Kind::Query,
];

fn start(kind: Kind, folder: &Path) -> Child {
    if kind == Kind::Ingest {
        return ingest(folder).spawn().unwrap();
    }
    let mut command = flowglass();
    command.current_dir(folder);
    command.args(match kind {
        Kind::Ingest | Kind::Compact => &["table", "compact", "--target", "1MiB"][..],
        Kind::Vacuum => &["table", "vacuum", "--retain", "0"],
        Kind::Checkpoint => &["table", "checkpoint"],
        Kind::Query => &[
            "query",
            "--sql",
            "SELECT (SELECT count(*) FROM Flows) AS held, (SELECT count(DISTINCT FlowId) FROM Flows) AS entries, \
             (SELECT sum(TuplesStored) FROM IngestLog) AS stored, \
             (SELECT coalesce(sum(BytesSrcToDest), 0) FROM Flows) AS bytes",
        ],
    });
    command.args(["--table", "table", "--format", "json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// The sums of the blocks that are there, read in the plainest way there is.
fn truth(blobs: &Blobs) -> Sums {
    let mut sums = Sums::default();
    for ((_, blocks), shown) in blobs.files.iter().zip(&blobs.blocks) {
        for block in &blocks[1..=*shown] {
            let text = std::str::from_utf8(block).unwrap();
            // NSG logs of version 1 end after the decision; other tuples without counters may too.
            for tuple in text
                .split('"')
                .filter(|part| [7, 8, 12].contains(&part.matches(',').count()))
            {
                let fields: Vec<&str> = tuple.split(',').collect();
                let count = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok());
                sums.tuples += 1;
                sums.unreported += u64::from(count(10).is_none());
                let count = |at| count(at).unwrap_or(0);
                sums.packets_sent += count(9);
                sums.bytes_sent += count(10);
                sums.packets_received += count(11);
                sums.bytes_received += count(12);
            }
        }
    }
    sums
}

/// Two hours: nothing must be running while they go by.
const LATER_SECS: u64 = 2 * 3600;

#[derive(Debug, Default)]
struct Figures {
    kills: [u64; 4],
    worlds: u64,
    rounds: u64,
    queries: u64,
    folds: u64,
    removed: u64,
    rows: u64,
}

impl Figures {
    fn killed(&self) -> u64 {
        self.kills.iter().sum()
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [ingest, compact, vacuum, checkpoint] = self.kills;
        write!(
            f,
            "{} kills delivered ({ingest} ingest, {compact} compact, {vacuum} vacuum, {checkpoint} checkpoint) in \
             {} rounds of {} worlds, {} rows; {} folds and {} removals by those that lived; every sum compared and \
             every byte read {} times, {} queries meanwhile, 0 mismatches",
            self.killed(),
            self.rounds,
            self.worlds,
            self.rows,
            self.folds,
            self.removed,
            self.rounds,
            self.queries
        )
    }
}

/// What a program said that was not killed.
fn take(kind: Kind, output: &std::process::Output, seed: u64, figures: &mut Figures) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "seed {seed}: {kind:?}: {said}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    match kind {
        Kind::Compact => figures.folds += answer["folds"].as_array().unwrap().len() as u64,
        Kind::Vacuum => figures.removed += answer["gone"].as_array().unwrap().len() as u64,
        Kind::Query => {
            figures.queries += 1;
            let row = &answer[0];
            assert_eq!(
                row["held"], row["stored"],
                "seed {seed}: a query saw half a commit: {row}"
            );
            assert_eq!(
                row["held"], row["entries"],
                "seed {seed}: a query saw a row twice: {row}"
            );
        }
        Kind::Ingest | Kind::Checkpoint => {}
    }
}

/// Starts everything in a random order, kills one or two, and waits for the rest.
fn round(folder: &Path, seed: u64, moments: &mut Moments, usual: &mut u64, figures: &mut Figures) {
    let mut order = AT_ONCE.to_vec();
    for at in (1..order.len()).rev() {
        order.swap(at, usize::try_from(moments.next(at as u64 + 1)).unwrap());
    }
    let began = Instant::now();
    let mut running: Vec<(Kind, Child)> = Vec::new();
    for kind in order {
        running.push((kind, start(kind, folder)));
        std::thread::sleep(Duration::from_millis(moments.next(30)));
    }
    let mut killed = 0;
    for _ in 0..=moments.next(2) {
        std::thread::sleep(Duration::from_millis(moments.next(*usual)));
        let at = usize::try_from(moments.next(running.len() as u64)).unwrap();
        let (kind, child) = &mut running[at];
        if *kind != Kind::Query && child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
        }
    }
    for (kind, child) in running {
        let output = child.wait_with_output().unwrap();
        if was_killed(output.status) {
            killed += 1;
            figures.kills[kind as usize] += 1;
        } else {
            take(kind, &output, seed, figures);
        }
    }
    // Kills are to fall all over the time that such a round takes.
    let length = u64::try_from(began.elapsed().as_millis()).unwrap();
    *usual = if killed == 0 {
        *usual * 3 / 4
    } else {
        (*usual + length) / 2
    }
    .max(50);
}

fn look(folder: &Path, blobs: &Blobs, seed: u64) {
    assert_eq!(
        held(folder),
        Some(truth(blobs)),
        "seed {seed}: stored is not the truth"
    );
    let check = flowglass()
        .current_dir(folder)
        .args(["table", "check", "--deep", "--table", "table"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.success(), "seed {seed}: {said}");
}

fn world_until(seed: u64, kills: u64, budget: Duration, figures: &mut Figures) {
    let asked = figures.killed() + kills;
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let mut moments = Moments(seed);
    let mut blobs = world(seed, &folder.path().join("blobs"));
    let mut usual = 600;
    let mut growing = blobs.grow(&mut moments, 4);
    let finish = |figures: &mut Figures| {
        let output = start(Kind::Ingest, folder.path()).wait_with_output().unwrap();
        take(Kind::Ingest, &output, seed, figures);
    };
    finish(figures);
    while figures.killed() < asked && growing && began.elapsed() < budget {
        growing = blobs.grow(&mut moments, 4);
        if moments.next(2) == 0 {
            age(&folder.path().join("table"), LATER_SECS);
        }
        round(folder.path(), seed, &mut moments, &mut usual, figures);
        finish(figures);
        look(folder.path(), &blobs, seed);
        figures.rounds += 1;
    }
    while blobs.grow(&mut moments, 60) {}
    finish(figures);
    assert_eq!(
        truth(&blobs),
        blobs.truth,
        "the naive reader is not the world's truth"
    );
    // Nothing is left that would stay for ever.
    age(&folder.path().join("table"), LATER_SECS);
    for kind in [Kind::Compact, Kind::Checkpoint, Kind::Vacuum] {
        let output = start(kind, folder.path()).wait_with_output().unwrap();
        take(kind, &output, seed, figures);
    }
    look(folder.path(), &blobs, seed);
    figures.worlds += 1;
    figures.rounds += 1;
    figures.rows += blobs.truth.tuples;
}

fn run(asked: u64, first_seed: u64, budget: Duration) -> Figures {
    let began = Instant::now();
    let mut figures = Figures::default();
    let mut seed = first_seed;
    while figures.killed() < asked && began.elapsed() < budget {
        let left = budget.saturating_sub(began.elapsed());
        world_until(seed, asked - figures.killed(), left, &mut figures);
        seed += 1;
    }
    figures
}

#[test]
fn eight_kills_while_everything_runs() {
    let figures = run(8, 1, Duration::from_secs(600));
    assert!(figures.killed() >= 8 && figures.queries > 0, "{figures}");
}

#[test]
#[ignore = "long: kills while everything runs, for as long as the budget is"]
fn kills_while_everything_runs() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("FLOWGLASS_LONG_SEED").unwrap_or(1);
    let budget = number("FLOWGLASS_LONG_BUDGET_SECS").unwrap_or(3600);
    // The other long tests want their part of the budget too.
    let figures = run(500, seed, Duration::from_secs(budget));
    println!("figures: kills_while_everything_runs: {figures}");
    assert!(
        figures.folds > 0 && figures.removed > 0 && figures.killed() > 0,
        "{figures}"
    );
}
