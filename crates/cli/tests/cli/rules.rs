//! `rules` and `rules tighten` as a user meets them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::golden::{Run, compare, flowglass};
use crate::table::run_in;

const IDS: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

fn rule(name: &str, priority: i32, access: &str, source: &str, port: &str) -> Value {
    json!({ "name": name, "properties": {
        "priority": priority, "direction": "Inbound", "access": access, "protocol": "Tcp",
        "sourceAddressPrefix": source, "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": port } })
}

fn groups(folder: &Path, rules: &[Value]) {
    let group = json!({ "value": [{
        "id": format!("{IDS}/networkSecurityGroups/nsg-web"), "name": "nsg-web", "location": "westeurope",
        "properties": { "securityRules": rules } }] });
    std::fs::write(folder.join("nsgs.json"), group.to_string()).unwrap();
}

fn check(folder: &Path, name: &str, arguments: &[&str]) -> Run {
    let run = run_in(folder, arguments);
    compare(&format!("rules/{name}"), arguments, &run);
    run
}

#[test]
fn an_export_is_looked_at_without_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    groups(
        folder,
        &[
            rule("AllowNetwork", 100, "Allow", "10.0.0.0/8", "*"),
            rule("AllowOffice", 110, "Allow", "10.1.0.0/16", "443"),
            rule("DenyOffice", 120, "Deny", "10.1.0.0/16", "443"),
            rule("AllowSsh", 130, "Allow", "*", "22"),
            rule("DenyWeb", 140, "Deny", "203.0.113.0/24", "443"),
            rule("AllowSql", 150, "Allow", "Sql", "1433"),
            rule("AllowBroken", 160, "Allow", "192.0.2.0/24", "80"),
        ],
    );
    let arguments = ["rules", "--rules", "nsgs.json"];
    assert_eq!(check(folder, "export", &arguments).exit, 0);
    check(
        folder,
        "export-markdown",
        &[&arguments[..], &["--format", "markdown"]].concat(),
    );
    let json = run_in(folder, &[&arguments[..], &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&json.out).unwrap();
    let rules = json["groups"][0]["rules"].as_array().unwrap();
    let found = |name: &str| {
        let rule = rules.iter().find(|rule| rule["name"] == name).unwrap();
        let found = rule["findings"].as_array().unwrap().iter();
        found
            .map(|found| found["finding"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found("AllowOffice"), ["shadowed"]);
    assert_eq!(found("DenyOffice"), ["shadowed", "conflicting"]);
    assert_eq!(found("AllowSsh"), ["management-from-internet"]);
    for (fails, exit) in [
        ("shadowed", 1),
        ("any-any", 0),
        ("any", 1),
        ("redundant,conflicting", 1),
    ] {
        let run = run_in(folder, &[&arguments[..], &["--fail-on", fails]].concat());
        assert_eq!(run.exit, exit, "{fails}");
    }
    assert_eq!(
        check(
            folder,
            "fail-on-wrong",
            &[&arguments[..], &["--fail-on", "old"]].concat()
        )
        .exit,
        2
    );
    assert_eq!(
        check(
            folder,
            "no-such-group",
            &[&arguments[..], &["--group", "nsg"]].concat()
        )
        .exit,
        2
    );
}

#[test]
fn what_a_rule_loses_to_one_that_does_the_opposite_is_told_and_exceptions_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut names = rule("AllowNames", 130, "Allow", "*", "50-60");
    names["properties"]["protocol"] = json!("*");
    groups(
        folder,
        &[
            rule("AllowWeb", 100, "Allow", "10.0.0.0/8", "8000-9000"),
            // 901 of its 1,001 ports are let through before.
            rule("DenyHigh", 110, "Deny", "10.0.0.0/8", "8100-9100"),
            // The other way round, and from a part of its sources only.
            rule("DenyGuests", 120, "Deny", "10.9.0.0/16", "20-60"),
            names,
            // Exceptions before a wider rule, as lists are written.
            rule("AllowSsh", 140, "Allow", "10.1.0.0/16", "22"),
            rule("DenySsh", 150, "Deny", "10.0.0.0/8", "22"),
            rule("DenyAll", 4000, "Deny", "VirtualNetwork", "*"),
        ],
    );
    let arguments = ["rules", "--rules", "nsgs.json"];
    let run = check(folder, "partly-conflicting", &arguments);
    assert_eq!(run.exit, 0, "{}", run.err);
    assert!(
        run.out
            .contains("loses to `AllowWeb` (100): 901 of 1,001 ports, 8100-9000"),
        "{}",
        run.out
    );
    assert_eq!(run.out.matches("loses to").count(), 2, "{}", run.out);
    let json = run_in(folder, &[&arguments[..], &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&json.out).unwrap();
    let rules = json["groups"][0]["rules"].as_array().unwrap();
    let found = |name: &str| {
        let rule = rules.iter().find(|rule| rule["name"] == name).unwrap();
        rule["findings"].clone()
    };
    assert_eq!(
        found("AllowNames"),
        json!([{
            "finding": "partly-conflicting",
            "is_known": true,
            "rules": ["DenyGuests"],
            "text": "loses to `DenyGuests` (120): TCP ports 50-60 from 10.9.0.0/16",
            "losses": [{ "to": "DenyGuests", "protocol": "TCP", "sources": ["10.9.0.0/16"], "ports": ["50-60"] }],
        }])
    );
    for (fails, exit) in [("conflicting", 0), ("partly-conflicting", 1)] {
        let run = run_in(folder, &[&arguments[..], &["--fail-on", fails]].concat());
        assert_eq!(run.exit, exit, "{fails}");
    }
}

#[test]
fn what_is_wrong_with_an_export_is_said_with_file_path_and_rule() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let arguments = ["rules", "--rules", "nsgs.json"];
    let two = [
        rule("AllowWeb", 100, "Allow", "10.0.0.0/8", "443"),
        rule("DenyWeb", 100, "Deny", "10.0.0.0/8", "443"),
    ];
    groups(folder, &two);
    assert_eq!(check(folder, "same-priority", &arguments).exit, 3);
    groups(folder, &[rule("AllowWeb", 100, "Allow", "10.0.0.300", "443")]);
    assert_eq!(check(folder, "unread-address", &arguments).exit, 3);
    groups(folder, &[rule("AllowWeb", 100, "Permit", "10.0.0.0/8", "443")]);
    assert_eq!(check(folder, "unknown-access", &arguments).exit, 3);
    let mut strange = rule("AllowWeb", 100, "Allow", "10.0.0.0/8", "443");
    strange["properties"]["timeWindow"] = json!("nights");
    groups(folder, &[strange]);
    assert_eq!(check(folder, "unknown-property", &arguments).exit, 3);
    let mut named = rule("AllowWeb", 100, "Allow", "10.0.0.0/8", "443");
    named["properties"]["sourceApplicationSecurityGroups"] =
        json!([{ "id": format!("{IDS}/applicationSecurityGroups/asg-web") }]);
    groups(folder, &[named]);
    assert_eq!(check(folder, "missing-reference", &arguments).exit, 0);
    groups(folder, &[rule("AllowWeb", 100, "Allow", "10.0.0.0/8", "443")]);
    let text = std::fs::read_to_string(folder.join("nsgs.json")).unwrap();
    std::fs::write(folder.join("nsgs.json"), &text[..text.len() - 40]).unwrap();
    assert_eq!(check(folder, "truncated", &arguments).exit, 3);
    // One that cannot be read takes nothing from one that can.
    std::fs::write(folder.join("whole.json"), &text).unwrap();
    let both = run_in(folder, &["rules", "--rules", "nsgs.json", "whole.json"]);
    assert!(
        both.exit == 3 && both.out.contains("AllowWeb"),
        "{}{}",
        both.out,
        both.err
    );
}

/// A small world with its facts; its table.
fn world(seed: &str, folder: &Path) -> PathBuf {
    let run: Run = flowglass()
        .current_dir(folder)
        .args(["demo", "--size", "tiny", "--seed", seed])
        .output()
        .unwrap()
        .into();
    assert_eq!(run.exit, 0, "{}", run.err);
    let demo = std::fs::read_dir(folder.join("flowglass-demo")).unwrap();
    let made = demo
        .map(|entry| entry.unwrap().path())
        .find(|path| path.is_dir())
        .unwrap();
    made.join("table")
}

#[test]
fn every_rule_that_a_log_names_has_at_least_these_hits() {
    for seed in ["101", "102", "103"] {
        let folder = tempfile::tempdir().unwrap();
        let table = world(seed, folder.path());
        let table = table.to_str().unwrap();
        let run = run_in(folder.path(), &["rules", "--format", "json", "--table", table]);
        assert_eq!(run.exit, 0, "{}", run.err);
        let told: Value = serde_json::from_str(&run.out).unwrap();
        let sql = "SELECT AclGroup, AclRule, FlowDirection, count(*) AS Lines, max(TimeGenerated) AS Last FROM Flows \
            WHERE AclRuleKind IN ('UserRule', 'DefaultRule') AND LogFormat = 'vnet-4' GROUP BY 1, 2, 3";
        let run = run_in(
            folder.path(),
            &["query", "--table", table, "--format", "json", "--sql", sql],
        );
        let logged: Vec<Value> = serde_json::from_str(&run.out).unwrap();
        assert!(logged.len() > 10, "{}", run.err);
        let mut hits: BTreeMap<(String, String, String), &Value> = BTreeMap::new();
        for group in told["groups"].as_array().unwrap() {
            let name = group["id"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
                .to_lowercase();
            for rule in group["rules"].as_array().unwrap() {
                let rule_name = rule["name"].as_str().unwrap().to_lowercase();
                let direction = rule["direction"].as_str().unwrap().to_owned();
                hits.insert((name.clone(), rule_name, direction), rule);
            }
        }
        let mut beyond = 0;
        for row in &logged {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            let group = text("AclGroup").rsplit('/').next().unwrap().to_owned();
            let rule = hits[&(group, text("AclRule"), text("FlowDirection"))];
            let (lines, at_least) = (rule["lines"].as_u64().unwrap(), row["Lines"].as_u64().unwrap());
            assert!(lines >= at_least, "seed {seed}: {row}, {rule}");
            beyond += usize::from(lines > at_least);
            let (last, logged) = (rule["last_hit"].as_str().unwrap(), text("Last"));
            assert!(last >= logged.as_str(), "seed {seed}: {row}, {rule}");
        }
        println!(
            "seed {seed}: {} rules are named, {beyond} met more than logs name",
            logged.len()
        );
        // Of rules that nothing met the report says so only with the coverage.
        assert!(
            run_in(folder.path(), &["rules", "--table", table])
                .out
                .contains("NIC-hours")
        );
    }
}

#[test]
fn days_and_hours_of_a_rule_that_nothing_met_are_of_one_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = world("101", folder.path());
    let table = path.to_str().unwrap();
    let told = |arguments: &[&str]| {
        let all = [&["rules", "--group", "nsg-dev", "--table", table], arguments].concat();
        let run = run_in(folder.path(), &all);
        assert_eq!(run.exit, 0, "{}", run.err);
        run.out
    };
    // Times without any logs, before and behind, are not counted as times without a hit.
    let long = told(&["--since", "2026-01-01"]);
    assert!(
        long.contains("no hit in 1 day; logs complete 100% of its 24 NIC-hours"),
        "{long}"
    );
    assert!(
        long.contains(", 2026-02-16 00:00:00Z to 2026-02-17 00:00:00Z"),
        "{long}"
    );
    // A rule that was changed an hour before the end: its own hour.
    let groups = path.parent().unwrap().join("exports/nsgs.json");
    let text = std::fs::read_to_string(groups).unwrap();
    assert!(text.contains("\"destinationPortRange\": \"3389\""));
    let text = text.replace(
        "\"destinationPortRange\": \"3389\"",
        "\"destinationPortRange\": \"3390\"",
    );
    std::fs::write(folder.path().join("later.json"), text).unwrap();
    let load = [
        "facts",
        "load",
        "later.json",
        "--at",
        "2026-02-16T23:00",
        "--table",
        table,
    ];
    let run = run_in(folder.path(), &load);
    assert_eq!(run.exit, 0, "{}", run.err);
    let changed = told(&[]);
    assert!(
        changed.contains(
            "no hit in 1 hour, as it is since 2026-02-16 23:00:00Z; logs complete 100% of its 1 NIC-hour"
        ),
        "{changed}"
    );
    assert!(
        changed.contains("no hit in 1 day; logs complete 100% of its 24 NIC-hours"),
        "{changed}"
    );
    assert!(
        changed.contains("1 interface; logs complete 100% of 24 NIC-hours"),
        "{changed}"
    );
}

#[test]
fn narrower_rules_are_tried_on_later_flows_and_written_in_three_languages() {
    let folder = tempfile::tempdir().unwrap();
    let table = world("101", folder.path());
    let table = table.to_str().unwrap();
    let tighten = |format: &str, group: &str| {
        run_in(
            folder.path(),
            &[
                "rules",
                "tighten",
                "--group",
                group,
                "--format",
                format,
                "--coverage",
                "50",
                "--table",
                table,
            ],
        )
    };
    let arm = tighten("arm", "nsg-web");
    assert!(matches!(arm.exit, 0 | 1), "{}", arm.err);
    let template: Value = serde_json::from_str(&arm.out).unwrap();
    let group = &template["resources"][0];
    assert_eq!(group["type"], "Microsoft.Network/networkSecurityGroups");
    let remarks = template["metadata"]["comments"].as_array().unwrap();
    let remarks: Vec<&str> = remarks.iter().map(|remark| remark.as_str().unwrap()).collect();
    assert!(
        remarks.iter().any(|remark| remark.starts_with("Tried on ")),
        "{remarks:?}"
    );
    assert!(
        remarks.iter().any(|remark| remark.contains("narrowed to ")),
        "{remarks:?}"
    );
    assert_eq!(
        arm.exit == 1,
        remarks.iter().any(|remark| remark.contains("Turned away: ")),
        "{remarks:?}"
    );
    // What it was learned on it lets through.
    assert!(
        !remarks
            .iter()
            .any(|remark| remark.contains("that it was learned on")),
        "{remarks:?}"
    );
    let rules = group["properties"]["securityRules"].as_array().unwrap().len();
    let bicep = tighten("bicep", "nsg-web");
    assert_eq!(bicep.exit, arm.exit);
    assert_eq!(bicep.out.matches("priority: ").count(), rules);
    assert_eq!(bicep.out.matches('{').count(), bicep.out.matches('}').count());
    let terraform = tighten("terraform", "nsg-web");
    assert_eq!(terraform.exit, arm.exit);
    let resources = terraform
        .out
        .matches("resource \"azurerm_network_security_rule\"")
        .count();
    assert_eq!(resources, rules);
    let missing = tighten("bicep", "nsg-none");
    assert_eq!((missing.exit, missing.out.as_str()), (2, ""));
    assert!(missing.err.contains("`nsg-none`"), "{}", missing.err);
}

#[test]
fn without_facts_nothing_is_told() {
    let (folder, _) = crate::table::ingested();
    assert_eq!(check(folder.path(), "no-facts", &["rules"]).exit, 3);
    let tighten = ["rules", "tighten", "--group", "nsg-web", "--format", "bicep"];
    assert_eq!(run_in(folder.path(), &tighten).exit, 3);
}
