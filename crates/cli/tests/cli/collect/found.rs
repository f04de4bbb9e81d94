//! Accounts that nobody listed: the flow logs of the facts say where they write to.

use azurite::{ACCOUNT, Azurite};
use serde_json::{Value, json};
use sim::{Scale, World, WorldSpec};

use super::account::Account;
use super::collector::rows;
use super::{NICS, Scene};
use crate::golden::{Run, flowglass};
use crate::table::run_in;

const OF_NETWORKS: &str = "insights-logs-flowlogflowevent";
const OF_GROUPS: &str = "insights-logs-networksecuritygroupflowevent";

/// The flow logs of the world of a seed, as `az network watcher flow-log list` prints them, writing to the emulator's account.
fn flow_logs(seed: u64) -> Vec<Value> {
    let world = World::generate(&WorldSpec {
        seed,
        start_day: 20_600,
        hours: 2,
        scale: Scale::Large { nics: NICS },
    });
    let exports = world.exports();
    let export = exports
        .iter()
        .find(|export| export.name == "flow-logs.json")
        .unwrap();
    let text = export
        .text
        .replace("storageAccounts/flowlogs", &format!("storageAccounts/{ACCOUNT}"));
    serde_json::from_str(&text).unwrap()
}

fn is_of_group(log: &Value) -> bool {
    log["targetResourceId"]
        .as_str()
        .unwrap()
        .to_lowercase()
        .contains("/networksecuritygroups/")
}

fn load(scene: &Scene, logs: &[Value]) {
    let path = scene.path().join("flow-logs.json");
    std::fs::write(path, json!(logs).to_string()).unwrap();
    let run = run_in(
        scene.path(),
        &["facts", "load", "flow-logs.json", "--table", "table"],
    );
    assert_eq!(run.exit, 0, "{}{}", run.out, run.err);
}

/// Another one, that writes to this account.
fn other(log: &Value, name: &str, account: &str, is_enabled: bool) -> Value {
    let mut other = log.clone();
    let id = |text: &Value| {
        let text = text.as_str().unwrap();
        let (before, _) = text.rsplit_once('/').unwrap();
        before.to_owned()
    };
    other["id"] = format!("{}/{name}", id(&log["id"])).into();
    other["name"] = name.into();
    other["storageId"] = format!("{}/{account}", id(&log["storageId"])).into();
    other["enabled"] = is_enabled.into();
    other
}

#[test]
fn accounts_of_the_flow_logs_of_the_facts() {
    // Containers that have just these names are of this test alone.
    let Some(azurite) = Azurite::start() else { return };
    let mut scene = Scene::new(&azurite, OF_NETWORKS, 60);
    let _groups = Account::new(&azurite, OF_GROUPS);
    let logs = flow_logs(scene.seed);
    let collecting = scene
        .collecting(&azurite)
        .with(&["--poll", "1"])
        .following("--discover");

    // Nothing is known yet.
    let none = collecting.command().output().unwrap();
    let said = String::from_utf8_lossy(&none.stderr).into_owned();
    assert_eq!(none.status.code(), Some(3), "{said}");
    assert!(
        said.contains("the facts beside the table know of no flow log"),
        "{said}"
    );
    assert!(said.contains("`flowglass facts pull`"), "{said}");

    // First those of groups, one that is off, and one whose account is not there.
    let mut known: Vec<Value> = logs.iter().filter(|log| is_of_group(log)).cloned().collect();
    assert!(!known.is_empty() && known.len() < logs.len(), "{known:?}");
    known.push(other(&logs[0], "is-off", ACCOUNT, false));
    known.push(other(&logs[0], "is-elsewhere", "elsewhere", true));
    load(&scene, &known);
    let collector = collecting.start();
    let groups = format!("container=\"az://{ACCOUNT}/{OF_GROUPS}\"");
    collecting.until_said(&groups);
    collecting.until_said("the flow log `is-off` is switched off");
    collecting.until_said("`az://elsewhere/insights-logs-flowlogflowevent` cannot be followed");
    assert!(
        !collecting
            .said()
            .contains(&format!("az://{ACCOUNT}/{OF_NETWORKS}")),
        "{}",
        collecting.said()
    );

    // Then all: they are found without a word from anybody.
    scene.grow(6);
    load(&scene, &[logs.clone(), known].concat());
    collecting.until_said("write to other accounts now");
    collecting.until_said(&format!("container=\"az://{ACCOUNT}/{OF_NETWORKS}\""));
    scene.grow_all(20);
    collecting.finish(collector, &scene.account, &scene.growing);

    // An ingest of them stores the same, and says what it could not list.
    let run = run_in(
        scene.path(),
        &["facts", "load", "flow-logs.json", "--table", "once"],
    );
    assert_eq!(run.exit, 0, "{}{}", run.out, run.err);
    let mut once = flowglass();
    once.current_dir(scene.path()).envs(collecting.variables()).args([
        "ingest",
        "--discover",
        "--table",
        "once",
    ]);
    let once: Run = once.output().unwrap().into();
    assert_eq!(once.exit, 3, "{}{}", once.out, once.err);
    for line in [
        "note: the flow log `is-off` is switched off, and is not looked for",
        "error: `az://elsewhere/insights-logs-flowlogflowevent` cannot be listed: ",
    ] {
        assert!(once.err.contains(line), "`{line}` is not in:\n{}", once.err);
    }
    assert_eq!(rows(scene.path(), "once"), rows(scene.path(), "table"));

    // What a check tells of each of them.
    let check = collecting.command().arg("--check").output().unwrap();
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert_eq!(check.status.code(), Some(3), "{said}");
    let of_networks: Vec<&Value> = logs.iter().filter(|log| !is_of_group(log)).collect();
    let told = of_networks.iter().filter(|log| {
        let name = log["name"].as_str().unwrap();
        said.contains(&format!(
            "good  flow log `{name}`, to az://{ACCOUNT}/{OF_NETWORKS}: last blob of 20"
        ))
    });
    assert!(told.count() > 0, "{said}");
    for line in [
        "note  flow log `is-off` is switched off",
        "wrong az://elsewhere/insights-logs-flowlogflowevent: ",
        "note  flow log `is-elsewhere` writes to az://elsewhere/insights-logs-flowlogflowevent, which is not followed\n",
        &format!("has written nothing to az://{ACCOUNT}/{OF_GROUPS}/ yet"),
        "cost  ",
    ] {
        assert!(said.contains(line), "`{line}` is not in:\n{said}");
    }
    // By hand only: the rest is told.
    let by_hand = collecting.following(&format!("az://{ACCOUNT}/{OF_GROUPS}"));
    let check = by_hand.command().arg("--check").output().unwrap();
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    let apart = format!(
        "writes to az://{ACCOUNT}/{OF_NETWORKS}, which is not followed; name it, or add `--discover`"
    );
    assert!(said.contains(&apart), "{said}");
    assert_eq!(check.status.code(), Some(0), "{said}");
}
