//! `facts load` of parts of resources: one rule, the rules of one group, a pool of a balancer.

use std::path::Path;

use serde_json::{Value, json};

use crate::golden::{Run, compare};
use crate::table::run_in;

const NETWORK: &str =
    "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg/providers/Microsoft.Network";

fn write(folder: &Path, name: &str, document: &Value) {
    std::fs::write(folder.join(name), document.to_string()).unwrap();
}

fn rule(group: &str, name: &str, priority: u16, port: &str) -> Value {
    json!({ "id": format!("{NETWORK}/networkSecurityGroups/{group}/securityRules/{name}"), "name": name,
        "priority": priority, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "*",
        "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": port })
}

fn group(name: &str, rules: &[Value]) -> Value {
    json!({ "id": format!("{NETWORK}/networkSecurityGroups/{name}"), "name": name, "securityRules": rules })
}

fn balancer(name: &str) -> Value {
    let id = format!("{NETWORK}/loadBalancers/{name}");
    let rule = |name: &str, port: u16| {
        json!({ "id": format!("{id}/loadBalancingRules/{name}"), "name": name, "frontendPort": port, "backendPort": 80,
            "protocol": "Tcp", "frontendIPConfiguration": { "id": format!("{id}/frontendIPConfigurations/fe") },
            "backendAddressPool": { "id": format!("{id}/backendAddressPools/p") } })
    };
    json!({ "id": id, "name": name, "inboundNatRules": [], "loadBalancingRules": [rule("web", 8080), rule("web2", 8081)],
        "frontendIPConfigurations": [{ "id": format!("{id}/frontendIPConfigurations/fe"), "name": "fe", "privateIPAddress": "10.0.3.100" }],
        "backendAddressPools": [{ "id": format!("{id}/backendAddressPools/p"), "name": "p",
            "loadBalancerBackendAddresses": [{ "name": "x", "ipAddress": "10.0.1.4" }] }] })
}

fn load(folder: &Path, name: &str, at: &str) -> Run {
    let run = run_in(folder, &["facts", "load", name, "--at", at]);
    assert_eq!(run.exit, 0, "{}", run.err);
    run
}

fn check(folder: &Path, name: &str, arguments: &[&str]) {
    compare(&format!("facts/{name}"), arguments, &run_in(folder, arguments));
}

/// Two groups and two balancers, as of the first of the month.
fn known() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let all = json!([
        group("gs", &[rule("gs", "a", 100, "80"), rule("gs", "b", 110, "443")]),
        group("gb", &[rule("gb", "c", 100, "22")]),
        balancer("lb"),
        balancer("lb2")
    ]);
    write(folder.path(), "all.json", &all);
    load(folder.path(), "all.json", "2025-01-01");
    folder
}

/// The rules of all groups.
fn rules(folder: &Path) -> String {
    let query = "NsgRules | where isnull(ValidTo) and (isnull(Priority) or Priority < 65000) | project Nsg, Rule, Priority, RuleStatus \
         | sort by Nsg asc, Rule asc";
    let run = run_in(folder, &["query", query, "--format", "csv"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    run.out
}

#[test]
fn one_rule_is_put_to_its_group() {
    let folder = known();
    let folder = folder.path();
    let before = rules(folder);
    write(folder, "rule.json", &rule("gs", "A", 200, "8443"));
    check(
        folder,
        "load-rule",
        &["facts", "load", "rule.json", "--at", "2025-01-02"],
    );
    check(folder, "diff-rule", &["facts", "diff"]);
    let after = rules(folder);
    assert_eq!(after.lines().count(), before.lines().count(), "{after}");
    // The same of a template that has nothing else.
    let template = json!({ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [{ "type": "Microsoft.Network/networkSecurityGroups/securityRules",
        "apiVersion": "2023-09-01", "name": "gb/d", "properties": rule("gb", "d", 300, "25") }] });
    write(folder, "template.json", &template);
    let about = ["--subscription", "0b1f6471-1bf0-4dda-aec3-cb9272f09590"];
    let group = ["--resource-group", "rg"];
    check(
        folder,
        "load-rule-of-template",
        &[
            &["facts", "load", "template.json", "--at", "2025-01-03"][..],
            &about,
            &group,
        ]
        .concat(),
    );
    check(folder, "diff-rule-of-template", &["facts", "diff"]);
}

#[test]
fn a_list_of_rules_is_all_of_one_group() {
    let folder = known();
    let folder = folder.path();
    write(
        folder,
        "rules.json",
        &json!([rule("gs", "b", 110, "443"), rule("gs", "e", 120, "53")]),
    );
    check(
        folder,
        "load-rules",
        &["facts", "load", "rules.json", "--at", "2025-01-02"],
    );
    check(folder, "diff-rules", &["facts", "diff"]);
}

/// Of a group that no load has, it is not known which other rules it has: nothing is decided by those that are known.
#[test]
fn a_rule_of_a_group_that_nobody_knows() {
    let folder = known();
    let folder = folder.path();
    write(folder, "rule.json", &rule("other", "a", 100, "80"));
    check(
        folder,
        "load-rule-alone",
        &["facts", "load", "rule.json", "--at", "2025-01-02"],
    );
    check(folder, "show-rule-alone", &["facts", "show"]);
    assert!(rules(folder).contains("(not known)"), "{}", rules(folder));
    // Nothing is said where the group comes with it, or is known by then.
    write(folder, "group.json", &group("other", &[]));
    let run = run_in(folder, &["facts", "load", "rule.json", "group.json", "--dry-run"]);
    assert!(!run.err.contains("nothing but parts"), "{}", run.err);
    load(folder, "group.json", "2025-01-03");
    let run = load(folder, "rule.json", "2025-01-04");
    assert!(!run.err.contains("nothing but parts"), "{}", run.err);
    assert!(!rules(folder).contains("(not known)"), "{}", rules(folder));
    // Before there is a table nothing is known.
    let empty = tempfile::tempdir().unwrap();
    write(empty.path(), "rule.json", &rule("other", "a", 100, "80"));
    let run = run_in(empty.path(), &["facts", "load", "rule.json", "--dry-run"]);
    assert!(run.err.contains("nothing but parts"), "{}", run.err);
    assert!(!empty.path().join("flowglass-data").exists());
}

#[test]
fn parts_of_a_balancer_take_nothing_away() {
    let folder = known();
    let folder = folder.path();
    let lb = format!("{NETWORK}/loadBalancers/lb");
    let parts = [
        (
            json!({ "id": format!("{lb}/loadBalancingRules/web"), "name": "web", "frontendPort": 9090, "backendPort": 80,
            "protocol": "Tcp" }),
            "ports.first: 8080 -> 9090",
        ),
        (
            json!([{ "id": format!("{lb}/inboundNatRules/ssh"), "name": "ssh", "frontendPort": 2201, "backendPort": 22, "protocol": "Tcp" }]),
            "inbound_nat_rules",
        ),
        (
            json!({ "id": format!("{lb}/backendAddressPools/p"), "name": "p",
                "loadBalancerBackendAddresses": [{ "name": "x", "ipAddress": "10.0.1.5" }] }),
            "backend_addresses: [\"10.0.1.4\"] -> [\"10.0.1.5\"]",
        ),
        (
            json!([{ "id": format!("{lb}/frontendIPConfigurations/fe"), "name": "fe", "privateIPAddress": "10.0.3.101" }]),
            "10.0.3.101",
        ),
    ];
    for ((document, expected), day) in parts.iter().zip(2..) {
        write(folder, "part.json", document);
        let run = load(folder, "part.json", &format!("2025-01-0{day}"));
        assert!(!run.err.contains("warning"), "{}", run.err);
        let diff = run_in(folder, &["facts", "diff"]).out;
        assert!(diff.contains(expected), "{diff}");
        assert!(diff.ends_with("0 added, 0 removed, 1 changed\n"), "{diff}");
        assert!(!diff.contains("lists_rules") && !diff.contains("web2"), "{diff}");
    }
}

/// Subnets are listed by network: those of other networks stay.
#[test]
fn subnets_of_one_network_say_nothing_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let subnet = |network: &str, name: &str, prefix: &str| json!({ "id": format!("{NETWORK}/virtualNetworks/{network}/subnets/{name}"), "name": name, "addressPrefix": prefix });
    let network = |name: &str, space: &str, subnets: &[Value]| json!({ "id": format!("{NETWORK}/virtualNetworks/{name}"), "addressSpace": { "addressPrefixes": [space] }, "subnets": subnets });
    let all = json!([
        network("v", "10.0.0.0/16", &[subnet("v", "s", "10.0.0.0/24")]),
        network("w", "10.1.0.0/16", &[subnet("w", "t", "10.1.0.0/24")])
    ]);
    write(folder, "vnets.json", &all);
    load(folder, "vnets.json", "2025-01-01");
    write(
        folder,
        "subnets.json",
        &json!([subnet("v", "new", "10.0.1.0/24")]),
    );
    check(
        folder,
        "load-subnets",
        &["facts", "load", "subnets.json", "--at", "2025-01-02"],
    );
    let diff = run_in(folder, &["facts", "diff"]).out;
    assert!(diff.ends_with("1 added, 0 removed, 0 changed\n"), "{diff}");
}
