//! Care of the table in the background: while commits come, while collectors are killed, and with days that are dropped.

use std::time::{Duration, Instant};

use azurite::Azurite;
use serde_json::Value;

use super::Scene;
use super::collector::Collecting;
use crate::golden::flowglass;

/// A turn a second.
const EAGER: [&str; 4] = ["--poll", "1", "--upkeep", "1"];

/// What a command tells of the table, as JSON.
fn told(collecting: &Collecting, arguments: &[&str]) -> Value {
    let output = flowglass()
        .current_dir(&collecting.folder)
        .arg("table")
        .args(arguments)
        .args(["--table", "table", "--format", "json"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}", collecting.failure(&said));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn commits(collecting: &Collecting) -> usize {
    let said = collecting.said();
    said.lines().filter(|line| line.contains(" stored ")).count()
}

/// Grows to the end in small commits, and gives how many these were.
fn many_commits(scene: &mut Scene, collecting: &Collecting) -> usize {
    while scene.grow(1) {
        let before = commits(collecting);
        let until = Instant::now() + Duration::from_secs(3);
        while commits(collecting) == before && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    collecting.until_stored(&scene.account, &scene.growing);
    commits(collecting)
}

/// Files are folded while they come, and checkpoints written; a table in a folder, and one in the account.
fn small_commits(azurite: &Azurite, name: &str, seed: u64, in_account: bool) {
    let mut scene = Scene::new(azurite, name, seed);
    scene.account.notices = Some(0);
    let mut collecting = scene.collecting(azurite).with_queue(&scene.account);
    if in_account {
        collecting = collecting.in_account(&scene.account);
    }
    let collecting = collecting.with(&EAGER).with(&["--listen", "127.0.0.1:0"]);
    let collector = collecting.start();
    let count = many_commits(&mut scene, &collecting);
    assert!(count >= 100, "{count} commits");
    collecting.until_said("compacted");
    collecting.until_said("checkpoint");
    let metrics = collecting.asked("/metrics");
    for name in [
        "flowglass_compactions_total{table=\"Flows\"}",
        "flowglass_compacted_files_total{table=\"IngestLog\"}",
        "flowglass_checkpoint_version{table=\"Flows\"}",
    ] {
        assert!(metrics.contains(name), "{metrics}");
    }
    assert!(
        !metrics.contains("flowglass_upkeep_failures_total"),
        "{}",
        collecting.said()
    );
    collecting.finish(collector, &scene.account, &scene.growing);
    let stats = told(&collecting, &["stats"]);
    let files = stats["files"].as_u64().unwrap();
    let days = stats["days"].as_array().unwrap().len() as u64;
    assert!(
        files <= days * 60,
        "{files} files of {days} days after {count} commits"
    );
}

#[test]
fn many_small_commits_leave_few_files_in_a_folder() {
    let Some(azurite) = Azurite::shared() else { return };
    small_commits(azurite, "small-commits", 21, false);
}

#[test]
fn many_small_commits_leave_few_files_in_an_account() {
    let Some(azurite) = Azurite::shared() else { return };
    small_commits(azurite, "small-commits-account", 22, true);
}

/// Two collectors take turns at the same table, and each is killed now and then, wherever it is.
#[test]
fn killed_in_the_middle_of_upkeep() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "killed-upkeep", 23);
    let collecting = scene.collecting(azurite).with(&EAGER);
    let other = scene.collecting(azurite).with(&EAGER);
    let mut lasting = other.start();
    for round in 0..16_u64 {
        let dies = Instant::now() + Duration::from_millis(500 + scene.moments.next(3500));
        let collector = collecting.start();
        while Instant::now() < dies {
            scene.grow(1);
            let compacts = ["table", "compact", "--table", "table", "--target", "1MiB"];
            // By hand as well, so that there is always somebody at it.
            if round % 4 == 3 {
                let done = flowglass()
                    .current_dir(scene.path())
                    .args(compacts)
                    .output()
                    .unwrap();
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        assert!(
            collecting.kill(collector),
            "{}",
            collecting.failure("it had ended")
        );
        if round % 5 == 4 {
            assert!(other.kill(lasting), "{}", other.failure("it had ended"));
            lasting = other.start();
        }
    }
    scene.grow_all(60);
    other.finish(lasting, &scene.account, &scene.growing);
}

/// Everything that is read is older than it is to be kept. What was dropped and what is left are the truth together.
#[test]
fn days_that_are_too_old_are_dropped_while_others_come() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "dropped-days", 24);
    let collecting = scene.collecting(azurite).with(&EAGER);
    let collecting = collecting.with(&["--retention", "30d", "--listen", "127.0.0.1:0"]);
    let collector = collecting.start();
    let sum = |stats: &Value| {
        let number = |name: &str| stats[name].as_u64().unwrap();
        number("rows") + number("dropped_rows")
    };
    // The table is there.
    collecting.until_said("following");
    while scene.grow(4) {
        told(&collecting, &["retain", "--days", "30"]);
        std::thread::sleep(Duration::from_millis(300));
    }
    let until = Instant::now() + Duration::from_secs(120);
    while sum(&told(&collecting, &["stats"])) < scene.growing.truth.tuples {
        assert!(
            Instant::now() < until,
            "{}",
            collecting.failure("not everything comes")
        );
        std::thread::sleep(Duration::from_millis(500));
    }
    collecting.ends_well(collector);
    let dropped = told(&collecting, &["retain", "--days", "30"]);
    let stats = told(&collecting, &["stats"]);
    assert_eq!(
        (&stats["rows"], sum(&stats)),
        (&0.into(), scene.growing.truth.tuples)
    );
    assert_eq!(stats["retained_from"], dropped["from_day"]);
    let check = told(&collecting, &["check", "--deep"]);
    assert_eq!(check["problems"], Value::Array(Vec::new()));
    // Nothing is read again.
    let collector = collecting.start();
    std::thread::sleep(Duration::from_secs(5));
    collecting.ends_well(collector);
    let stats = told(&collecting, &["stats"]);
    assert_eq!(stats["stored"], scene.growing.truth.tuples);
}
