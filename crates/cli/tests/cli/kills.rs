//! Killed at random moments while blobs grow: nothing lost, nothing twice, always readable.
//!
//! Each round appends blocks to the blobs of a seeded world, as Azure does, starts an ingest, kills
//! it (SIGKILL) after a random time, and looks at the table. After the last round one ingest runs to
//! its end, and the table must equal the truth. A failure prints the seed, which replays the same
//! world and the same moments. `FLOWGLASS_LONG_SEED` and `FLOWGLASS_LONG_BUDGET_SECS` drive the long
//! form: `cargo xtask long`.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use sim::{Scale, Sums, World, WorldSpec};

use crate::golden::flowglass;

/// A small generator; the moments must replay from the seed.
pub(crate) struct Moments(pub(crate) u64);

impl Moments {
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }
}

pub(crate) struct Blobs {
    pub(crate) files: Vec<(std::path::PathBuf, Vec<Vec<u8>>)>,
    /// How many data blocks of each are there.
    pub(crate) blocks: Vec<usize>,
    pub(crate) truth: Sums,
}

pub(crate) fn world(seed: u64, folder: &Path) -> Blobs {
    let spec = WorldSpec {
        seed,
        start_day: 20_600,
        hours: 2,
        scale: Scale::Large { nics: 14 },
    };
    let mut files = Vec::new();
    let truth =
        World::generate(&spec).write(&mut |blob| files.push((folder.join(&blob.path), blob.blocks.clone())));
    let blocks = vec![0; files.len()];
    Blobs {
        files,
        blocks,
        truth: truth.total,
    }
}

impl Blobs {
    /// Lets every blob grow by up to `most` data blocks; false once all are complete.
    pub(crate) fn grow(&mut self, moments: &mut Moments, most: u64) -> bool {
        let mut any = false;
        for ((path, blocks), shown) in self.files.iter().zip(&mut self.blocks) {
            let all = blocks.len() - 2;
            let next = (*shown + usize::try_from(moments.next(most + 1)).unwrap()).min(all);
            any |= next < all;
            if next == *shown && *shown > 0 {
                continue;
            }
            *shown = next;
            let mut bytes: Vec<u8> = blocks[..=next].concat();
            bytes.extend_from_slice(blocks.last().unwrap());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            // As a blob's commit does: the whole new content at once.
            let hidden = path.with_extension("tmp");
            std::fs::write(&hidden, bytes).unwrap();
            std::fs::rename(&hidden, path).unwrap();
        }
        any
    }
}

pub(crate) fn ingest(folder: &Path) -> std::process::Command {
    let mut command = flowglass();
    command
        .current_dir(folder)
        .args(["ingest", "blobs", "--table", "table", "--format", "json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the table holds, if it can be read: in no row the same entry twice.
pub(crate) fn held(folder: &Path) -> Option<Sums> {
    let output = flowglass()
        .current_dir(folder)
        .args(["query", "--table", "table", "--format", "json", "--sql"])
        .arg(
            "SELECT count(*) AS tuples, count(DISTINCT FlowId) AS entries, \
             count(*) FILTER (WHERE BytesSrcToDest IS NULL) AS unreported, \
             coalesce(sum(PacketsSrcToDest), 0) AS packets_sent, coalesce(sum(BytesSrcToDest), 0) AS bytes_sent, \
             coalesce(sum(PacketsDestToSrc), 0) AS packets_received, \
             coalesce(sum(BytesDestToSrc), 0) AS bytes_received FROM Flows",
        )
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let answer: Value = serde_json::from_str(&text).ok()?;
    let sum = |name: &str| answer[0][name].as_u64();
    let sums = Sums {
        tuples: sum("tuples")?,
        unreported: sum("unreported")?,
        packets_sent: sum("packets_sent")?,
        bytes_sent: sum("bytes_sent")?,
        packets_received: sum("packets_received")?,
        bytes_received: sum("bytes_received")?,
    };
    assert_eq!(Some(sums.tuples), sum("entries"), "a row is there twice");
    Some(sums)
}

/// What was done, for whoever reads the result of a long run.
#[derive(Debug, Default)]
struct Figures {
    /// Kills that ended an ingest: one that was done before its signal came does not count.
    kills: u64,
    worlds: u64,
    commits: u64,
    rows: u64,
    /// Times that the table was looked at: after every kill, and against the truth at the end of a world.
    looks: u64,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            kills,
            worlds,
            commits,
            rows,
            looks,
        } = self;
        write!(
            f,
            "{kills} kills delivered in {worlds} worlds, {commits} commits, {rows} rows; \
             the table looked at {looks} times, 0 mismatches"
        )
    }
}

/// True if the ingest was ended by our signal and not by itself.
#[cfg(unix)]
pub(crate) fn was_killed(status: std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(9)
}

#[cfg(not(unix))]
pub(crate) fn was_killed(status: std::process::ExitStatus) -> bool {
    status.code() == Some(1)
}

/// One world: kills until `kills` have hit a running ingest, the world is complete, or the time is over.
fn kill_until(seed: u64, kills: u64, budget: Duration, figures: &mut Figures) {
    let asked = figures.kills + kills;
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let mut moments = Moments(seed);
    let mut blobs = world(seed, &folder.path().join("blobs"));
    let mut before = 0;
    // The usual length of an ingest, learned as it goes, so that kills fall all over it.
    let mut usual = 200;
    let mut growing = true;
    // Once the world is complete another is begun: over the same table nothing new would be proved.
    while figures.kills < asked && growing && began.elapsed() < budget {
        growing = blobs.grow(&mut moments, 6);
        let start = Instant::now();
        let mut child = ingest(folder.path()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(moments.next(usual + usual / 4)));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
        } else {
            usual = u64::try_from(start.elapsed().as_millis()).unwrap().max(20);
        }
        let output = child.wait_with_output().unwrap();
        if was_killed(output.status) {
            figures.kills += 1;
            // Nothing is known of an end that was not seen: wait longer, until one is.
            usual += usual / 16;
        } else {
            assert!(
                output.status.success(),
                "seed {seed}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        figures.looks += 1;
        match held(folder.path()).map(|sums| sums.tuples) {
            Some(rows) => {
                assert!(
                    rows >= before,
                    "seed {seed}: rows were lost: {before}, then {rows}"
                );
                before = rows;
            }
            None => assert_eq!(before, 0, "seed {seed}: the table cannot be read any more"),
        }
    }
    while blobs.grow(&mut moments, 60) {}
    let output = ingest(folder.path()).spawn().unwrap().wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "seed {seed}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    figures.worlds += 1;
    figures.looks += 1;
    // The first version is the making of the table.
    figures.commits += outcome["version"].as_u64().unwrap();
    figures.rows += blobs.truth.tuples;
    assert_eq!(
        held(folder.path()),
        Some(blobs.truth),
        "seed {seed}: stored is not the truth"
    );
    let check = flowglass()
        .current_dir(folder.path())
        .args(["table", "check", "--deep", "--table", "table"])
        .output()
        .unwrap();
    assert!(
        check.status.success(),
        "seed {seed}: {}",
        String::from_utf8_lossy(&check.stdout)
    );
}

/// Kills in world after world until there were as many as asked for, or the time is over.
fn kill(asked: u64, first_seed: u64, budget: Duration) -> Figures {
    let began = Instant::now();
    let mut figures = Figures::default();
    let mut seed = first_seed;
    while figures.kills < asked && began.elapsed() < budget {
        let left = budget.saturating_sub(began.elapsed());
        kill_until(seed, asked - figures.kills, left, &mut figures);
        seed += 1;
    }
    figures
}

#[test]
fn fifteen_kills_lose_nothing_and_store_nothing_twice() {
    let figures = kill(15, 1, Duration::from_secs(600));
    assert_eq!(figures.kills, 15, "{figures}");
}

#[test]
#[ignore = "long: 500 kills take about five minutes"]
fn five_hundred_kills() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("FLOWGLASS_LONG_SEED").unwrap_or(1);
    let budget = number("FLOWGLASS_LONG_BUDGET_SECS").unwrap_or(3600);
    let figures = kill(500, seed, Duration::from_secs(budget));
    println!("figures: five_hundred_kills: {figures}");
    assert_eq!(
        figures.kills, 500,
        "{budget} s were not enough: give more with `--budget`"
    );
}
