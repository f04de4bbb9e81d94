//! Hours read again, in place of what is stored of them: the table is then as if it had read the account for the first time.

use azurite::Azurite;
use serde_json::Value;

use super::Scene;
use super::collector::{Collecting, rows};
use crate::golden::flowglass;

/// Two hours back and one ahead: all of the scene.
const HOURS: &str = "PT3H";

fn run(collecting: &Collecting, arguments: &[&str]) -> String {
    let mut command = flowglass();
    command.current_dir(&collecting.folder).args(arguments);
    let command = command.envs(collecting.variables());
    let output = command.output().unwrap();
    let (said, warned) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{arguments:?}: {said}\n{warned}");
    format!("{said}{warned}")
}

/// The table as a fresh ingest of the account makes it, but for what sources are called by.
#[track_caller]
fn is_as_fresh(collecting: &Collecting, scene: &Scene) {
    collecting.held(&scene.account);
    let fresh = "fresh";
    let _ = std::fs::remove_dir_all(collecting.folder.join(fresh));
    run(collecting, &["ingest", collecting.container(), "--table", fresh]);
    assert_eq!(rows(&collecting.folder, "table"), rows(&collecting.folder, fresh));
    run(collecting, &["table", "check", "--deep", "--table", "table"]);
    let hours = "TrafficHourly | summarize sum(Tuples), sum(BytesSrcToDest) by TimeGenerated | order by TimeGenerated asc";
    let ask = |table: &str| {
        let text = run(collecting, &["query", hours, "--table", table, "--format", "csv"]);
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ask("table"), ask(fresh));
}

fn replay_of_changed_blobs(name: &str, seed: u64, in_account: bool) {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, name, seed);
    let mut collecting = scene.collecting(azurite);
    if in_account {
        collecting = collecting.in_account(&scene.account);
    }
    let (container, table) = (collecting.container().to_owned(), collecting.table().to_owned());
    let ingest = ["ingest", &container, "--table", &table];
    let replay = [
        "ingest", &container, "--table", &table, "--replay", HOURS, "--format", "json",
    ];
    for _ in 0..3 {
        scene.grow(20);
        run(&collecting, &ingest);
        for _ in 0..4 {
            scene.account.disturb(&mut scene.growing, &mut scene.moments);
        }
        run(&collecting, &ingest);
    }
    if !in_account {
        run(&collecting, &["table", "compact", "--table", &table]);
        run(&collecting, &["table", "rollup", "--table", &table]);
    }
    // What was deleted keeps its rows, so it is put back first.
    scene.grow(2);
    let said = run(&collecting, &replay);
    let answer: Value = serde_json::from_str(said.split("\nnote").next().unwrap()).unwrap();
    assert!(
        answer["replaced"].as_u64() > answer["stored"].as_u64(),
        "{answer}"
    );
    is_as_fresh(&collecting, &scene);
    run(&collecting, &replay);
    is_as_fresh(&collecting, &scene);
    // Growing goes on where it stands.
    scene.grow_all(60);
    run(&collecting, &ingest);
    is_as_fresh(&collecting, &scene);
    let collect = ["collect", &container, "--table", &table, "--replay", HOURS];
    let said = run(&collecting, &collect);
    assert!(said.contains("replayed version="), "{said}");
    is_as_fresh(&collecting, &scene);
    assert_eq!(collecting.held(&scene.account), Some(scene.growing.truth));
}

#[test]
fn blobs_that_were_changed() {
    replay_of_changed_blobs("replayed", 40, false);
}

#[test]
fn blobs_that_were_changed_and_a_table_in_the_account() {
    replay_of_changed_blobs("all-replayed", 41, true);
}

/// A collector stores all the time, and a replay is killed again and again.
#[test]
fn beside_a_collector_and_killed() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "replayed-beside", 42);
    let collecting = scene.collecting(azurite).with(&["--poll", "1"]);
    let collector = collecting.start();
    collecting.until_said("following");
    for _ in 0..5 {
        scene.grow(6);
        let mut replay = flowglass();
        replay
            .current_dir(&collecting.folder)
            .args([
                "ingest",
                collecting.container(),
                "--table",
                "table",
                "--replay",
                HOURS,
            ])
            .envs(collecting.variables())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut replay = replay.spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300 + scene.moments.next(3000)));
        let _ = replay.kill();
        replay.wait().unwrap();
    }
    let whole = [
        "ingest",
        collecting.container(),
        "--table",
        "table",
        "--replay",
        HOURS,
    ];
    run(&collecting, &whole);
    scene.grow_all(60);
    collecting.finish(collector, &scene.account, &scene.growing);
}

/// A table of files, and hours that are not those of the blobs.
#[test]
fn of_files_and_of_other_hours() {
    let folder = tempfile::tempdir().unwrap();
    let log = "logs/flowLogResourceID=/S_RG/NW/y=2024/m=03/d=14/h=10/m=00/macAddress=6045BD000001/PT1H.json";
    let path = folder.path().join(log);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let record = |minute: u32| {
        format!(
            r#"{{"time":"2024-03-14T10:{minute:02}:41.5Z","macAddress":"6045BD000001","category":"FlowLogFlowEvent","flowRecords":{{"flows":[{{"aclID":"a","flowGroups":[{{"rule":"UserRule_x","flowTuples":["1710413{:03}000,10.0.0.1,10.9.9.9,4000,443,6,O,E,NX,1,100,2,200"]}}]}}]}}}}"#,
            minute * 10
        )
    };
    let blob = |minutes: &[u32]| {
        let records: Vec<String> = minutes.iter().map(|minute| record(*minute)).collect();
        format!(r#"{{"records":[{}]}}"#, records.join(","))
    };
    let said = |arguments: &[&str]| {
        let mut command = flowglass();
        let output = command
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (
            output.status.code(),
            text + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let replayed = |hours: &str| said(&["ingest", "logs", "--table", "t", "--replay", hours]);
    std::fs::write(&path, blob(&[1, 2, 3])).unwrap();
    said(&["ingest", "logs", "--table", "t"]);
    std::fs::write(&path, blob(&[1, 7])).unwrap();
    let (code, text) = replayed("2024-03-14T11:00Z/PT5H");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("1 file with no such hour in the path"), "{text}");
    assert_eq!(rows(folder.path(), "t").len(), 1 + 3);
    let (code, text) = replayed("2024-03-14T10:30Z/PT1M");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("replaced  3 rows"), "{text}");
    assert_eq!(rows(folder.path(), "t").len(), 1 + 2);
    let (code, text) = said(&["table", "check", "--deep", "--table", "t"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = replayed("yesterday");
    assert_eq!(code, Some(2), "{text}");
}
