//! `explain`: every way to ask, over a seeded world, held against what was planted.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sim::{Scale, WorldSpec};

use crate::golden::{Run, flowglass};

struct World {
    folder: tempfile::TempDir,
    table: PathBuf,
    truth: Value,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let run: Run = flowglass()
            .current_dir(folder.path())
            .args(["demo", "--size", "tiny", "--hours", "24", "--start", "2026-01-05"])
            .output()
            .unwrap()
            .into();
        assert_eq!((run.exit, run.err.as_str()), (0, ""));
        let demo = folder.path().join("flowglass-demo/seed-1-tiny-24h-2026-01-05");
        let spec = WorldSpec {
            seed: 1,
            // 2026-01-05
            start_day: 20_458,
            hours: 24,
            scale: Scale::Tiny,
        };
        let truth = sim::World::generate(&spec).write(&mut |_| ());
        Self {
            table: demo.join("table"),
            truth: serde_json::to_value(truth).unwrap(),
            folder,
        }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        run_in(self.folder.path(), &self.table, arguments)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[arguments, &["--format", "json"]].concat());
        assert!(run.exit <= 1, "{arguments:?}: {}", run.err);
        serde_json::from_str(&run.out).unwrap()
    }

    fn ask(&self, query: &str) -> String {
        let run: Run = flowglass()
            .args(["query", "--format", "csv", query, "--table"])
            .arg(&self.table)
            .output()
            .unwrap()
            .into();
        assert_eq!(run.exit, 0, "{}", run.err);
        run.out.lines().last().unwrap().to_owned()
    }
}

fn run_in(folder: &Path, table: &Path, arguments: &[&str]) -> Run {
    flowglass()
        .current_dir(folder)
        .arg("explain")
        .args(arguments)
        .arg("--table")
        .arg(table)
        .output()
        .unwrap()
        .into()
}

#[test]
fn an_address_of_ipv6_that_may_be_one_with_a_port_is_told() {
    let world = World::new();
    let hint = "an IPv6 address with a port is written [fd00::6]:8081";
    let run = world.run(&["fd00::9", "fd00::6:8081"]);
    assert_eq!(run.exit, 1, "{}", run.out);
    assert!(run.err.contains(hint), "{}", run.err);
    let with_brackets = world.run(&["fd00::9", "[fd00::6]:8081"]);
    assert!(!with_brackets.err.contains("is written"), "{}", with_brackets.err);
}

#[test]
fn a_flow_is_explained_however_it_is_asked_for() {
    let world = World::new();
    let incidents = world.truth["incidents"].as_array().unwrap();
    let denied = incidents
        .iter()
        .find(|incident| incident["kind"] == "DeniedDatabaseAccess")
        .unwrap();
    let (source, target) = (
        denied["source"].as_str().unwrap(),
        denied["targets"][0].as_str().unwrap(),
    );
    let to = format!("{target}:1433");
    let by_address = world.json(&[source, &to]);
    assert_eq!(by_address["outcome"], "DeniedByRule");
    let says = by_address["says"].as_str().unwrap();
    assert!(
        says.contains("denied by rule DenySqlFromDev (priority 200) of nsg-data"),
        "{says}"
    );
    // By names, which facts know.
    let by_name = world.json(&["vm-dev-01", "rg-shop/vm-db-01:1433"]);
    assert_eq!(by_name, by_address);
    // By the identity of the row that denied.
    let vantages = by_address["vantages"].as_array().unwrap();
    let denier = vantages
        .iter()
        .find(|vantage| vantage["status"] == "Denied")
        .unwrap();
    let by_id = world.json(&[denier["flowId"].as_str().unwrap()]);
    assert_eq!(by_id["flow"], by_address["flow"]);
    assert_eq!(by_id["outcome"], "DeniedByRule");
    // By a query.
    let query = format!(
        "Flows | where FlowStatus == 'Denied' and SrcIp == '{source}' and DestPort == 1433 | top 2 by TimeGenerated desc"
    );
    let by_query = world.json(&["--query", &query, "--top", "2"]);
    let all = by_query.as_array().unwrap();
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|told| told["outcome"] == "DeniedByRule"));
    // As a tree.
    let tree = world.run(&["vm-dev-01", "vm-db-01:1433"]);
    assert_eq!((tree.exit, tree.err.as_str()), (0, ""));
    for expected in [
        "200 DenySqlFromDev (deny): matches, protocol Tcp, source 10.2.0.0/16, destination port 1433",
        "without that: 4000 DenyAllFromVnet would deny",
        "the log says the same",
        "--priority 199 --direction Inbound --access Allow --protocol Tcp",
    ] {
        assert!(tree.out.contains(expected), "{expected}\n{}", tree.out);
    }
}

/// What was planted to be denied is explained by the rule that the world denied it with.
#[test]
fn every_planted_denial_is_explained() {
    let world = World::new();
    let mut explained = 0;
    for incident in world.truth["incidents"].as_array().unwrap() {
        let rules: Vec<&str> = incident["decided_by"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|by| by["allowed"] == false)
            .map(|by| by["rule"].as_str().unwrap())
            .collect();
        if rules.is_empty() {
            continue;
        }
        let query = format!(
            "Flows | where FlowStatus == 'Denied' and SrcIp == '{}' and DestIp == '{}' | take 20",
            incident["source"].as_str().unwrap(),
            incident["targets"][0].as_str().unwrap()
        );
        for told in world
            .json(&["--query", &query, "--top", "20"])
            .as_array()
            .unwrap()
        {
            assert_eq!(told["outcome"], "DeniedByRule", "{told}");
            let vantages = told["vantages"].as_array().unwrap();
            let denier = vantages
                .iter()
                .find(|vantage| vantage["status"] == "Denied")
                .unwrap();
            let rule = denier["rule"].as_str().unwrap();
            assert!(
                rules.iter().any(|planted| planted.ends_with(rule)),
                "{rule} {rules:?}"
            );
            assert!(denier["priority"].is_number(), "{denier}");
            explained += 1;
        }
    }
    assert!(explained >= 60, "{explained}");
}

#[test]
fn other_outcomes_and_what_was_asked_wrongly() {
    let world = World::new();
    // A public address of ours is that of the machine behind it.
    let table = world.table.display().to_string();
    let who = crate::table::run_in(
        world.folder.path(),
        &["who", "10.1.0.4", "--format", "json", "--table", &table],
    );
    let who: Value = serde_json::from_str(&who.out).unwrap();
    let public = who["holders"][0]["details"]["public"].as_str().unwrap();
    let public = public.split(' ').next().unwrap().to_owned();
    let source =
        world.ask("Flows | where DestIp == '10.1.0.4' and SrcIpClass == 'Internet' | take 1 | project SrcIp");
    let told = world.json(&[&source, &public]);
    assert_eq!(told["destination"]["address"], "10.1.0.4");
    assert_eq!(told["destination"]["publicAddress"], public);
    // Dropped for want of encryption.
    let dropped = world.json(&["--query", "Flows | where AclRuleKind == 'Unspecified' | take 1"]);
    assert_eq!(dropped[0]["outcome"], "DroppedForEncryption");
    assert_eq!(dropped[0]["change"], Value::Null);
    // Nothing of it is logged: exit code 1, as `grep` does.
    let missing = world.run(&["vm-web-02", "vm-db-01:1433"]);
    assert_eq!(missing.exit, 1);
    assert!(
        missing
            .out
            .contains("no flow log has it; rules would deny it by rule DenyAllFromVnet"),
        "{}",
        missing.out
    );
    // Asked the wrong way round.
    let port = world.json(&["vm-dev-01", "vm-db-01:1433"])["flow"]["sourcePort"].clone();
    let turned = world.run(&["vm-db-01", &format!("vm-dev-01:{port}")]);
    assert!(
        turned
            .out
            .contains(" logged the other way round, opened by 10.2.0.4"),
        "{}",
        turned.out
    );
    // Of another port nothing is the other way round.
    let other = world.run(&["vm-db-01", "vm-dev-01:1"]);
    assert!(!other.out.contains("the other way round"), "{}", other.out);
    let no_public = world.run(&["8.8.8.8", "vm-db-01:1433"]);
    assert!(
        no_public
            .out
            .contains("nothing from the internet reaches it unless"),
        "{}",
        no_public.out
    );
    let ping = world.run(&["vm-dev-01", "vm-db-01", "--protocol", "icmp"]);
    assert!(ping.out.contains("of ICMP nothing is logged"), "{}", ping.out);
    // At a time of which it is not.
    let early = world.json(&["vm-dev-01", "vm-db-01:1433", "--at", "2026-01-05T03:00"]);
    assert_eq!(early["outcome"], "NotInTheLog");
    assert!(early["alike"]["comingIn"]["denied"].as_i64().unwrap() > 0);
    for (arguments, message) in [
        (
            &["nobody", "10.0.0.4"][..],
            "error: `nobody` is neither an address nor the name of a machine or an interface that facts know",
        ),
        (&["vm-dev-01"], "error: to whom did `vm-dev-01` open the flow?"),
        (
            &["fe80::1", "10.0.0.5:443"],
            "error: one end has an address of IPv6 and the other one of IPv4: no flow goes between them",
        ),
        (
            &["10.0.0.4", "10.0.0.5:99999"],
            "error: `99999` is not a port: they go from 0 to 65535",
        ),
        (
            &["10.0.0.4", "10.0.0.5", "--protocol", "tpc"],
            "error: `tpc` is not a protocol",
        ),
        (
            &["00000000000000000000000000000000-0-0"],
            "error: no row has the FlowId `00000000000000000000000000000000-0-0`",
        ),
        (
            &["--query", "Flows | count"],
            "error: the query's rows have no columns `SrcIp` and `DestIp`, but Count",
        ),
        (
            &["--query", "Flows", "--top", "0"],
            "error: `--top 0` explains nothing",
        ),
    ] {
        let run = world.run(arguments);
        assert_eq!(run.exit, 2, "{arguments:?}");
        assert_eq!(run.err.lines().next(), Some(message), "{arguments:?}");
        assert!(run.err.contains("\nhint: "), "{}", run.err);
    }
}

/// Without any facts the log alone speaks, and says so.
#[test]
fn without_facts_the_log_is_told() {
    let (folder, _) = crate::table::ingested();
    let query = ["explain", "--query", "Flows | take 1", "--format", "json"];
    let run = crate::table::run_in(folder.path(), &query);
    assert_eq!(run.exit, 0, "{}", run.err);
    let told: Value = serde_json::from_str(&run.out).unwrap();
    let told = &told[0];
    assert_eq!(told["judged"].as_array().unwrap().len(), 0);
    assert_eq!(told["facts"], Value::Null);
    assert!(
        told["blind"][0].as_str().unwrap().contains("no facts are loaded"),
        "{told}"
    );
}
