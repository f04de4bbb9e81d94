//! How collectors begin: what a check looks at without making it, what is refused, and what is waited for.

use std::process::Output;
use std::time::Duration;

use azurite::{ACCOUNT, Azurite};

use super::Scene;
use super::collector::Collecting;
use crate::golden::flowglass;

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn check(collecting: &Collecting, exit: i32) -> String {
    let output = collecting.command().arg("--check").output().unwrap();
    let said = format!("{}{}", out(&output), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{said}");
    said
}

#[test]
fn a_check_makes_no_table() {
    let Some(azurite) = Azurite::shared() else { return };
    let scene = Scene::new(azurite, "makes-none", 100);
    let collecting = scene.collecting(azurite);
    let said = check(&collecting, 0);
    assert!(
        said.contains("good  the table `table`: is not there yet; it can be made\n"),
        "{said}"
    );
    assert!(!scene.path().join("table").exists());

    let place = format!("az://{ACCOUNT}/makes-none-table/t");
    let in_account = scene.collecting(azurite).into_table(&place);
    let said = check(&in_account, 0);
    assert!(
        said.contains(&format!(
            "good  the table `{place}`: is not there yet; it can be made\n"
        )),
        "{said}"
    );
    let container = format!("az://{ACCOUNT}/makes-none-table");
    let mut blobs = flowglass();
    blobs.args(["blobs", &container]).envs(in_account.variables());
    assert_eq!(out(&blobs.output().unwrap()), "No blobs.\n");

    // What cannot be made.
    std::fs::write(scene.path().join("file"), "").unwrap();
    let said = check(&scene.collecting(azurite).into_table("file/table"), 3);
    assert!(said.contains("wrong `file` is a file, not a folder"), "{said}");
    let nowhere = format!("az://{ACCOUNT}/makes-none-nowhere/t");
    let said = check(&scene.collecting(azurite).into_table(&nowhere), 3);
    assert!(said.contains("wrong the container `"), "{said}");

    // One that is there.
    let collector = collecting.start();
    collecting.until("a table", || {
        scene.path().join("table/Quarantine/_delta_log").exists()
    });
    collecting.ends_well(collector);
    let said = check(&collecting, 0);
    assert!(
        said.contains("good  the table `table`: can be opened, at version "),
        "{said}"
    );
}

#[test]
fn what_is_named_is_looked_at() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "is-named", 101);
    // A container without anything may get flow logs yet.
    let below = |prefix: &str| {
        let address = format!("az://{ACCOUNT}/is-named/{prefix}");
        scene.collecting(azurite).following(&address)
    };
    assert!(check(&below("flowLog"), 0).contains("nothing is there yet"));
    let collecting = scene.collecting(azurite);
    scene.grow(6);
    let below = |prefix: &str| {
        let address = format!("az://{ACCOUNT}/is-named/{prefix}");
        scene.collecting(azurite).following(&address)
    };
    let said = check(&below("flowlogresourceid"), 3);
    assert!(
        said.contains(&format!(
            "wrong az://{ACCOUNT}/is-named: no blob's name begins with `flowlogresourceid`\n"
        )),
        "{said}"
    );
    // The same container is counted once.
    let cost = |said: &str| {
        said.lines()
            .find(|line| line.starts_with("cost  "))
            .unwrap()
            .to_owned()
    };
    let once = check(&collecting, 0);
    let address = format!("az://{ACCOUNT}/is-named");
    for other in [address.clone(), format!("{address}/flowLog")] {
        let twice = check(&scene.collecting(azurite).with(&[other.as_str()]), 0);
        assert_eq!(cost(&twice), cost(&once));
        assert!(twice.contains(": it is followed once"), "{twice}");
    }
    let far = scene.collecting(azurite).with(&["--look-back", "4294967295"]);
    let said = check(&far, 2);
    assert!(said.contains("a whole number from 0 to 10080"), "{said}");
}

/// Who may list and not read: it is not said twice of each blob.
#[test]
fn who_may_only_list_is_told_so_briefly() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "only-list", 102);
    scene.grow_all(60);
    let address = format!(
        "{}/only-list?{}",
        azurite.blob_endpoint(),
        scene.account.signature_for("l")
    );
    let collecting = scene
        .collecting(azurite)
        .with(&["--poll", "1", "--listen", "127.0.0.1:0"])
        .following(&address);
    let collector = collecting.start();
    collecting.until("blobs that are left alone", || {
        let metrics = collecting.asked("/metrics");
        let poisoned = metrics
            .lines()
            .find_map(|line| line.strip_prefix("flowglass_poisoned_blobs_total "));
        poisoned.is_some_and(|count| count.parse::<u64>().unwrap() >= 10)
    });
    collecting.ends_well(collector);
    let said = collecting.said();
    let blobs = said.lines().filter(|line| line.contains("PT1H.json")).count();
    // Three lines of each kind, in each minute that it took.
    assert!((1..=24).contains(&blobs), "{blobs} lines:\n{said}");
    assert!(said.contains("of more blobs the same: "), "{said}");
}

/// A table in the container that is followed: nothing of it is read.
#[test]
fn a_table_inside_of_what_is_followed() {
    let Some(azurite) = Azurite::shared() else { return };
    let mut scene = Scene::new(azurite, "table-inside", 103);
    let place = format!("az://{ACCOUNT}/table-inside/t");
    let collecting = scene
        .collecting(azurite)
        .with(&["--poll", "1"])
        .into_table(&place);
    let collector = collecting.start();
    collecting.until_said("following");
    scene.grow_all(20);
    collecting.until("everything is stored", || {
        collecting.stored() >= scene.growing.truth.tuples
    });
    collecting.ends_well(collector);
    // By now there is much of it when everything is listed.
    let collector = collecting.start();
    collecting.until_said(&format!(
        "the table `{place}` lies inside of what is followed: it is not read"
    ));
    std::thread::sleep(Duration::from_secs(3));
    collecting.ends_well(collector);
    assert!(!collecting.said().contains("FG1103"), "{}", collecting.said());
    let ask = |query: &str| {
        let mut asked = flowglass();
        asked
            .args(["query", query, "--table", &place, "--format", "csv"])
            .envs(collecting.variables());
        out(&asked.output().unwrap())
    };
    let stored = format!("Count\n{}\n", scene.growing.truth.tuples);
    assert_eq!(ask("Flows | count"), stored, "{}", collecting.said());
    assert_eq!(ask("Quarantine | count"), "Count\n0\n");
    let said = check(&collecting, 0);
    assert!(
        said.contains(&format!("note  the table `{place}` lies inside")),
        "{said}"
    );

    // The other way round is refused.
    for (logs, table) in [("", ""), ("/t", "/t"), ("/t/logs", "/t")] {
        let address = |below: &str| format!("az://{ACCOUNT}/table-inside{below}");
        let wrong = scene
            .collecting(azurite)
            .following(&address(logs))
            .into_table(&address(table));
        for more in [&["--check"][..], &[]] {
            let output = wrong.command().args(more).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert!(
                said.contains("choose a container of its own for the table"),
                "{said}"
            );
        }
        let mut ingest = flowglass();
        ingest
            .args(["ingest", &address(logs), "--table", &address(table)])
            .envs(wrong.variables());
        assert_eq!(ingest.output().unwrap().status.code(), Some(2));
    }
}

/// The account of the table is away when the collector starts: it waits for it, and says so to who watches it.
#[test]
fn a_table_that_is_away_at_the_start_is_waited_for() {
    let Some(mut azurite) = Azurite::start() else {
        return;
    };
    let mut scene = Scene::new(&azurite, "starts-away", 104);
    let collecting = scene
        .collecting(&azurite)
        .with(&["--poll", "1", "--listen", "127.0.0.1:0"])
        .in_account(&scene.account);
    azurite.stop();
    let collector = collecting.start();
    let what = format!("the table `az://{ACCOUNT}/starts-away-table/t`: ");
    collecting.until_said(&what);
    let ready = collecting.asked("/readyz");
    assert!(
        ready.starts_with("HTTP/1.1 503") && ready.contains(&what),
        "{ready}"
    );
    azurite.restart();
    scene.grow_all(20);
    collecting.finish(collector, &scene.account, &scene.growing);

    // Told to end while it waits, it does.
    azurite.stop();
    let again = collecting.saying_in("again.log");
    let collector = again.start();
    again.until_said(&what);
    again.ends_well(collector);
}

/// What somebody has to mend ends it at once.
#[test]
fn a_table_that_is_wrong_ends_it() {
    let Some(azurite) = Azurite::shared() else { return };
    let scene = Scene::new(azurite, "ends-it", 105);
    let ends = |collecting: &Collecting, exit: i32, says: &str| {
        let output = collecting.command().output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(exit), "{said}");
        assert!(said.contains(says), "`{says}` is not in:\n{said}");
    };
    let table = format!("az://{ACCOUNT}/ends-it-table/t");
    let mut wrong = scene.collecting(azurite).into_table(&table);
    wrong.set("AZURE_STORAGE_ACCOUNT_KEY", "bm90IHRoZSBrZXk=");
    ends(&wrong, 3, "not permitted");
    let nowhere = scene
        .collecting(azurite)
        .into_table(&format!("az://{ACCOUNT}/ends-it-nowhere/t"));
    ends(&nowhere, 2, "of the table is not there");
    let foreign = scene.path().join("foreign/Flows/_delta_log");
    std::fs::create_dir_all(&foreign).unwrap();
    std::fs::write(foreign.join("00000000000000000000.json"), "{}\n").unwrap();
    let output = scene.collecting(azurite).into_table("foreign").command().output();
    assert_ne!(output.unwrap().status.code(), Some(0));
}
