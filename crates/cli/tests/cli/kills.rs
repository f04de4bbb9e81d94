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
use sim::{Scale, World, WorldSpec};

use crate::golden::flowglass;

/// A small generator; the moments must replay from the seed.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }
}

struct Blobs {
    files: Vec<(std::path::PathBuf, Vec<Vec<u8>>)>,
    blocks: Vec<usize>,
    tuples: u64,
}

fn world(seed: u64, folder: &Path) -> Blobs {
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
        tuples: truth.total.tuples,
    }
}

impl Blobs {
    /// Lets every blob grow by up to `most` data blocks; false once all are complete.
    fn grow(&mut self, moments: &mut Moments, most: u64) -> bool {
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

fn ingest(folder: &Path) -> std::process::Command {
    let mut command = flowglass();
    command
        .current_dir(folder)
        .args(["ingest", "blobs", "--table", "table", "--format", "json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn rows(folder: &Path) -> Option<u64> {
    let output = flowglass()
        .current_dir(folder)
        .args(["query", "--table", "table", "--format", "json", "--sql"])
        .arg("SELECT count(*) AS n, count(DISTINCT FlowId) AS d FROM Flows")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let answer: Value = serde_json::from_str(&text).ok()?;
    let (all, distinct) = (answer[0]["n"].as_u64()?, answer[0]["d"].as_u64()?);
    assert_eq!(all, distinct, "a row is there twice");
    Some(all)
}

/// Kills until `kills` have hit a running ingest, or the time is over. How many did.
fn kill_until(seed: u64, kills: u64, budget: Duration) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let mut moments = Moments(seed);
    let mut blobs = world(seed, &folder.path().join("blobs"));
    let (mut hit, mut before) = (0, 0);
    // The usual length of an ingest, learned as it goes, so that kills fall all over it.
    let mut usual = 200;
    let mut growing = true;
    while hit < kills && began.elapsed() < budget {
        if growing {
            growing = blobs.grow(&mut moments, 6);
        } else if began.elapsed() < budget {
            // The world is complete: begin another, over the same table's folder would prove nothing new.
            break;
        }
        let start = Instant::now();
        let mut child = ingest(folder.path()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(moments.next(usual + usual / 4)));
        let ended = child.try_wait().unwrap();
        if ended.is_none() {
            child.kill().unwrap();
            hit += 1;
        } else {
            usual = u64::try_from(start.elapsed().as_millis())
                .unwrap()
                .clamp(20, 2000);
        }
        let output = child.wait_with_output().unwrap();
        if ended.is_some() {
            assert!(
                output.status.success(),
                "seed {seed}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        match rows(folder.path()) {
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
    assert_eq!(
        rows(folder.path()),
        Some(blobs.tuples),
        "seed {seed}: stored is not the truth"
    );
    let check = flowglass()
        .current_dir(folder.path())
        .args(["table", "check", "--table", "table"])
        .output()
        .unwrap();
    assert!(
        check.status.success(),
        "seed {seed}: {}",
        String::from_utf8_lossy(&check.stdout)
    );
    hit
}

#[test]
fn fifteen_kills_lose_nothing_and_store_nothing_twice() {
    let mut hit = 0;
    for seed in 1..20 {
        hit += kill_until(seed, 15 - hit, Duration::from_secs(600));
        if hit >= 15 {
            return;
        }
    }
    panic!("only {hit} kills hit a running ingest");
}

#[test]
#[ignore = "long: 500 kills, or until the time is over"]
fn five_hundred_kills() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let mut seed = number("FLOWGLASS_LONG_SEED").unwrap_or(1);
    let budget = Duration::from_secs(number("FLOWGLASS_LONG_BUDGET_SECS").unwrap_or(3600));
    let began = Instant::now();
    let mut hit = 0;
    while hit < 500 && began.elapsed() < budget {
        hit += kill_until(seed, 500 - hit, budget.saturating_sub(began.elapsed()));
        seed += 1;
    }
    println!("{hit} kills, nothing lost, nothing twice");
}
