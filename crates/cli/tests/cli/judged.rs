//! `nsg_verdict` and `nsg_rule` over a whole seeded world: they say what was logged, and what they say else is explained.

use std::path::Path;

use serde_json::{Value, json};

use crate::golden::{Run, flowglass};
use crate::replay;

const COLUMNS: &str =
    "MacAddress, TimeGenerated, FlowDirection, SrcIp, SrcPort, DestIp, DestPort, L4Protocol";

fn judged(version: &str) -> String {
    format!(
        "Flows | where TimeGenerated >= datetime(2026-02-16 00:00:01)
         | extend Verdict = nsg_verdict({COLUMNS}{version}), Rule = nsg_rule({COLUMNS}{version}),
           IsOfHost = SrcIpClass == 'AzurePlatform' or DestIpClass == 'AzurePlatform'"
    )
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    let run: Run = flowglass()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
        .into();
    assert_eq!((run.exit, run.err.as_str()), (0, ""), "{arguments:?}");
    run
}

const TABLE: &str = "made/seed-2-small-3h/table";

fn ask(folder: &Path, query: &str) -> Vec<String> {
    let run = run(folder, &["query", "--table", TABLE, "--format", "csv", query]);
    run.out.lines().skip(1).map(str::to_owned).collect()
}

/// Exports that have the collection of security admin rules and do not say for which networks it is.
fn load_without_networks(folder: &Path) {
    let path = folder.join("made/seed-2-small-3h/exports/admin-rules.json");
    let mut rules: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let id = rules["value"][0]["id"].as_str().unwrap();
    let collection = id.rsplit_once("/rules/").unwrap().0.to_owned();
    for rule in rules["value"].as_array_mut().unwrap() {
        let rule = rule.as_object_mut().unwrap();
        assert!(
            rule.remove("ruleGroups").is_some() && rule.remove("ruleCollectionAppliesToGroups").is_some()
        );
    }
    let all = rules["value"].as_array_mut().unwrap();
    all.push(serde_json::json!({ "id": collection }));
    std::fs::write(folder.join("holds.json"), rules.to_string()).unwrap();
    run(
        folder,
        &[
            "facts",
            "load",
            "holds.json",
            "--at",
            "2026-02-16",
            "--table",
            TABLE,
        ],
    );
}

#[test]
fn a_world_is_judged_as_it_was_logged() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(
        folder,
        &[
            "demo", "--size", "small", "--hours", "3", "--seed", "2", "--dir", "made",
        ],
    );
    load_without_networks(folder);
    let other = |version: &str| {
        let query = "| where Verdict != FlowStatus | summarize Rows = count() by Verdict, FlowStatus, AclRuleKind, IsOfHost
            | project Line = strcat(Verdict, ' ', FlowStatus, ' ', AclRuleKind, ' ', IsOfHost) | sort by Line asc";
        ask(folder, &format!("{} {query}", judged(version)))
    };
    // Probes of the host's own load balancer, and late replies, which are no flows of their own.
    assert_eq!(
        other(", '1'"),
        [
            "Denied Allowed PlatformRule False",
            "NotGoverned Allowed DefaultRule True",
            "NotGoverned Allowed PlatformRule True",
            "NotGoverned Allowed UserRule True",
        ]
    );
    // Where it is not known for which networks security admin rules are, what they let pass is not known.
    assert_eq!(
        other(", '2'"),
        [
            "Denied Allowed PlatformRule False",
            "NotGoverned Allowed DefaultRule True",
            "NotGoverned Allowed PlatformRule True",
            "NotGoverned Allowed UserRule True",
            "Unknown Allowed SecurityAdminRule False",
            "Unknown Denied Unspecified False",
        ]
    );
    // Of security admin rules the log names the configuration by its GUID, and so does the function.
    let rules = ask(
        folder,
        &format!(
            "{} | where AclRuleKind in ('UserRule', 'DefaultRule', 'SecurityAdminRule') and not(IsOfHost)
             | summarize Rows = count() by AclRuleKind, Same = Rule == strcat(AclGroup, '/', AclRule) | sort by AclRuleKind asc",
            judged(", '1'")
        ),
    );
    let counted = rules.iter().map(|line| line.rsplit_once(',').unwrap());
    let (kinds, rows): (Vec<&str>, Vec<&str>) = counted.unzip();
    assert_eq!(
        kinds,
        ["DefaultRule,true", "SecurityAdminRule,true", "UserRule,true"]
    );
    assert!(
        rows.iter().all(|rows| rows.parse::<u64>().unwrap() > 1000),
        "{rules:?}"
    );
    // And so does the table of rules.
    let joined = ask(
        folder,
        "Flows | where AclRuleKind == 'SecurityAdminRule' | summarize Rows = count() by AclGroup, AclRule
         | join kind=leftanti (NsgRules | project AclGroup, AclRule) on AclGroup, AclRule",
    );
    assert_eq!(joined, Vec::<String>::new());
}

/// What a rule does that has such a property is not known, to KQL and to explanations.
#[test]
fn a_rule_with_a_property_that_is_not_known_decides_nothing() {
    let folder = replay::network();
    let path = folder.path();
    let verdict = |port: u16| {
        let query = format!(
            "print nsg_verdict('000D3A000001', datetime(2026-03-02T13:00), 'Inbound', '198.51.100.7', 50001, '10.0.0.4', {port}, 'TCP')"
        );
        let run = replay::run_well(path, &["query", &query, "--format", "csv"]);
        run.out.lines().nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(
        (verdict(443).as_str(), verdict(444).as_str()),
        ("Allowed", "Denied")
    );
    for (name, value) in [
        ("acces", json!("Deny")),
        ("sourceIpGroups", json!([{ "id": "/x" }])),
    ] {
        let mut strange = replay::rule("AllowHttps", 100, "Allow", "*", "443");
        strange[name] = value;
        replay::write(path, "more/nsgs.json", &replay::group(&[strange]).to_string());
        let loaded = replay::run_well(path, &["facts", "load", "more", "--at", "2026-03-02T08:00Z"]);
        assert!(
            loaded.err.contains(&format!("`{name}` is no property of a rule")),
            "{}",
            loaded.err
        );
        assert_eq!(
            (verdict(443).as_str(), verdict(444).as_str()),
            ("Unknown", "Denied"),
            "{name}"
        );
        let told = replay::run_well(path, &["explain", "198.51.100.7:50001", "10.0.0.4:443"]);
        let reason = format!("may match; what its property `{name}` does is not known");
        assert!(told.out.contains(&reason), "{}", told.out);
        assert!(
            told.out.contains(&format!(
                "rule `AllowHttps`: what its property `{name}` does is not known"
            )),
            "{}",
            told.out
        );
    }
}
