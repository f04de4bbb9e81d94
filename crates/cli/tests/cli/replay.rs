//! `replay` as a user meets it: what it foretells, what it refuses, and how it ends.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use sim::{ChangeKind, Scale, World, WorldSpec};

use crate::golden::{Run, compare};
use crate::table::run_in;

const IDS: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

pub(crate) fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

pub(crate) fn rule(name: &str, priority: u32, access: &str, source: &str, port: &str) -> Value {
    json!({ "name": name, "priority": priority, "direction": "Inbound", "access": access, "protocol": "Tcp",
        "sourceAddressPrefix": source, "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": port })
}

pub(crate) fn group(rules: &[Value]) -> Value {
    json!([{ "id": format!("{IDS}/networkSecurityGroups/nsg-web"), "name": "nsg-web",
        "type": "Microsoft.Network/networkSecurityGroups", "location": "westeurope", "securityRules": rules }])
}

/// A machine behind a group, and what it logged: 443 let in, 22 turned away, and an answer of the host's.
pub(crate) fn network() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let nics = json!([{ "id": format!("{IDS}/networkInterfaces/nic-web"), "macAddress": "00-0D-3A-00-00-01",
        "virtualMachine": { "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm-web" },
        "ipConfigurations": [{ "name": "ipconfig1", "privateIPAddress": "10.0.0.4",
            "subnet": { "id": format!("{IDS}/virtualNetworks/vnet/subnets/web") } }] }]);
    let networks = json!([{ "id": format!("{IDS}/virtualNetworks/vnet"), "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] },
        "subnets": [{ "id": format!("{IDS}/virtualNetworks/vnet/subnets/web"), "name": "web", "addressPrefix": "10.0.0.0/24",
            "networkSecurityGroup": { "id": format!("{IDS}/networkSecurityGroups/nsg-web") } }] }]);
    write(path, "facts/nics.json", &nics.to_string());
    write(path, "facts/vnets.json", &networks.to_string());
    write(
        path,
        "facts/nsgs.json",
        &group(&[rule("AllowHttps", 100, "Allow", "*", "443")]).to_string(),
    );
    let tuples = |allowed: &[&str], denied: &[&str]| {
        json!([
            { "rule": "UserRule_AllowHttps", "flowTuples": allowed },
            { "rule": "DefaultRule_DenyAllInBound", "flowTuples": denied },
        ])
    };
    let record = |time: &str, groups: Value| {
        json!({ "time": time, "flowLogVersion": 4, "flowLogGUID": "g", "macAddress": "000D3A000001",
            "category": "FlowLogFlowEvent", "flowLogResourceID": format!("{IDS}/networkWatchers/nw/flowLogs/log"),
            "targetResourceID": format!("{IDS}/virtualNetworks/vnet"), "operationName": "FlowLogFlowEvent",
            "flowRecords": { "flows": [{ "aclID": format!("{IDS}/networkSecurityGroups/nsg-web"), "flowGroups": groups }] } })
    };
    let first = record(
        "2026-03-02T08:10:30.000Z",
        tuples(
            &[
                "1772439000000,198.51.100.7,10.0.0.4,50001,443,6,I,B,NX,0,0,0,0",
                "1772439005000,198.51.100.7,10.0.0.4,50001,443,6,I,E,NX,5,500,4,4000",
                "1772439006000,10.0.9.9,10.0.0.4,50002,443,6,I,B,NX,0,0,0,0",
            ],
            &["1772439001000,198.51.100.8,10.0.0.4,50003,22,6,I,D,NX,0,0,0,0"],
        ),
    );
    let second = record(
        "2026-03-02T09:10:30.000Z",
        tuples(
            &["1772442600000,198.51.100.7,10.0.0.4,50004,443,6,I,B,NX,0,0,0,0"],
            &[],
        ),
    );
    write(
        path,
        "logs/vnet.json",
        &json!({ "records": [first, second] }).to_string(),
    );
    run_well(path, &["ingest", "logs"]);
    run_well(path, &["facts", "load", "facts", "--at", "2026-03-02"]);
    folder
}

pub(crate) fn run_well(folder: &Path, arguments: &[&str]) -> Run {
    let run = run_in(folder, arguments);
    assert_eq!(run.exit, 0, "{arguments:?}: {}", run.err);
    run
}

/// Writes a proposal and replays it.
fn replay(folder: &Path, proposed: &Value, more: &[&str]) -> Run {
    write(folder, "proposed.json", &proposed.to_string());
    let mut arguments = vec!["replay", "--rules", "proposed.json"];
    arguments.extend(more);
    run_in(folder, &arguments)
}

fn json_of(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}\n{}", run.out, run.err))
}

#[test]
fn what_breaks_is_told_in_three_forms() {
    let folder = network();
    let proposed = group(&[
        rule("AllowHttps", 100, "Allow", "10.0.0.0/8", "443"),
        rule("AllowSsh", 110, "Allow", "Internet", "22"),
    ]);
    for (form, name) in [
        ("table", "breaks"),
        ("markdown", "breaks-markdown"),
        ("json", "breaks-json"),
    ] {
        let run = replay(folder.path(), &proposed, &["--format", form]);
        let shown = ["replay", "--rules", "proposed.json", "--format", form];
        compare(&format!("replay/{name}"), &shown, &run);
        assert_eq!(run.exit, 1);
    }
    let run = replay(folder.path(), &proposed, &["--fail-on", "none"]);
    assert_eq!(run.exit, 0, "{}", run.err);
    // Three lines of 443 from the internet, one of 22.
    let told = json_of(&replay(folder.path(), &proposed, &["--format", "json"]));
    let lines = |impact: &str| told["totals"][impact]["lines"].as_u64().unwrap();
    assert_eq!(
        ["newly-denied", "newly-permitted", "indeterminate", "not-impacted"].map(lines),
        [3, 1, 0, 1]
    );
}

#[test]
fn conditions_decide_how_it_ends() {
    let folder = network();
    let path = folder.path();
    let wider = group(&[
        rule("AllowHttps", 100, "Allow", "*", "443"),
        rule("AllowSsh", 110, "Allow", "*", "22"),
    ]);
    assert_eq!(replay(path, &wider, &[]).exit, 0);
    assert_eq!(
        replay(path, &wider, &["--fail-on", "newly-denied,newly-permitted"]).exit,
        1
    );
    let same = group(&[rule("AllowHttps", 100, "Allow", "*", "443")]);
    let run = replay(
        path,
        &same,
        &["--fail-on", "newly-denied,newly-permitted,indeterminate,problems"],
    );
    assert_eq!(run.exit, 0, "{}{}", run.out, run.err);
    assert!(run.err.contains("nothing changes"), "{}", run.err);
    // Where nothing was recorded nothing is known.
    let run = replay(path, &wider, &["--timespan", "2020-01-01/2020-01-02"]);
    assert_eq!(run.exit, 1, "{}", run.err);
    assert!(run.out.starts_with("Nothing was recorded"), "{}", run.out);
    assert_eq!(replay(path, &wider, &["--since", "2026-03-02T09:00Z"]).exit, 0);
    assert_eq!(replay(path, &wider, &["--since", "yesterday"]).exit, 2);
}

#[test]
fn what_is_wrong_with_rules_names_file_place_and_rule() {
    let folder = network();
    let path = folder.path();
    let check = |proposed: &Value, expected: &str| {
        let run = replay(path, proposed, &["--format", "json"]);
        assert_eq!(run.exit, 1, "{}{}", run.out, run.err);
        let told = json_of(&run);
        let problems = told["problems"].as_array().unwrap();
        let held = problems.iter().find(|held| {
            let text = |name: &str| held[name].as_str().unwrap_or_default().to_owned();
            let all = [text("file"), text("resource"), text("path"), text("message")].join(" ");
            all.contains(expected)
        });
        let held = held.unwrap_or_else(|| panic!("{expected}: {problems:#?}"));
        assert_eq!(held["file"], "proposed.json", "{held}");
        told
    };
    let told = check(
        &group(&[
            rule("AllowHttps", 100, "Allow", "*", "443"),
            rule("DenyHttps", 100, "Deny", "*", "443"),
        ]),
        "securityRules.DenyHttps.priority",
    );
    // Which of the two holds is not known, and is not made up.
    assert_eq!(told["totals"]["indeterminate"]["lines"], 4);
    let mut mistyped = rule("AllowHttps", 100, "Allow", "*", "443");
    mistyped["destinationPortRanje"] = mistyped["destinationPortRange"].take();
    mistyped.as_object_mut().unwrap().remove("destinationPortRange");
    check(&group(std::slice::from_ref(&mistyped)), "destinationPortRanje");
    let told = check(
        &group(&[mistyped]),
        "rule `AllowHttps` does not say its destination ports",
    );
    assert!(
        told["totals"]["indeterminate"]["lines"].as_u64().unwrap() >= 4,
        "{told}"
    );
    let missing = json!([{ "id": format!("{IDS}/virtualNetworks/vnet/subnets/web"), "name": "web", "addressPrefix": "10.0.0.0/24",
        "networkSecurityGroup": { "id": format!("{IDS}/networkSecurityGroups/nsg-nowhere") } }]);
    let told = check(&missing, "`nsg-nowhere` is not among the facts");
    assert_eq!(told["totals"]["newly-denied"]["lines"], 0);
    assert_eq!(told["totals"]["indeterminate"]["lines"], 5);
}

#[test]
fn what_cannot_be_used_is_refused() {
    let folder = network();
    let path = folder.path();
    let text = group(&[rule("AllowHttps", 100, "Allow", "*", "443")]).to_string();
    write(path, "cut.json", &text[..text.len() / 2]);
    let run = run_in(path, &["replay", "--rules", "cut.json"]);
    assert_eq!((run.exit, run.out.as_str()), (3, ""), "{}", run.err);
    assert!(run.err.contains("cut.json"), "{}", run.err);
    let silent = json!([{ "id": format!("{IDS}/publicIPAddresses/pip"), "ipAddress": "20.1.2.3" }]);
    let run = replay(path, &silent, &[]);
    assert_eq!(run.exit, 2, "{}", run.err);
    assert!(
        run.err.contains("`proposed.json` says nothing of rules"),
        "{}",
        run.err
    );
}

#[test]
fn what_lies_in_a_folder_beside_rules_is_passed_over() {
    let folder = network();
    let path = folder.path();
    let rules = group(&[rule("AllowHttps", 100, "Allow", "10.0.0.0/8", "443")]);
    write(path, "proposed/nsgs.json", &rules.to_string());
    let other = json!([{ "id": format!("{IDS}/publicIPAddresses/pip"), "ipAddress": "20.1.2.3" }]);
    write(path, "proposed/pips.json", &other.to_string());
    let run = run_in(path, &["replay", "--rules", "proposed"]);
    assert_eq!(run.exit, 1, "{}", run.err);
    assert!(
        run.err.contains("pips.json` says nothing of rules"),
        "{}",
        run.err
    );
    assert!(
        run.out.starts_with("This breaks what was recorded: 3 "),
        "{}",
        run.out
    );
}

#[test]
fn an_interface_in_two_kinds_of_flow_logs_counts_once() {
    let folder = network();
    let path = folder.path();
    // The same hour of the network's log, and an hour that only the group's log has.
    let record = |time: &str, tuple: &str| {
        json!({ "time": time, "systemId": "s", "macAddress": "000D3A000001", "category": "NetworkSecurityGroupFlowEvent",
            "resourceId": format!("{IDS}/NETWORKSECURITYGROUPS/NSG-WEB"), "operationName": "NetworkSecurityGroupFlowEvents",
            "properties": { "Version": 2, "flows": [{ "rule": "UserRule_AllowHttps",
                "flows": [{ "mac": "000D3A000001", "flowTuples": [tuple] }] }] } })
    };
    let records = [
        record(
            "2026-03-02T08:11:00.000Z",
            "1772439000,198.51.100.7,10.0.0.4,50001,443,T,I,A,B,,,,",
        ),
        record(
            "2026-03-02T11:11:00.000Z",
            "1772449800,198.51.100.7,10.0.0.4,50005,443,T,I,A,B,,,,",
        ),
    ];
    write(path, "more/nsg.json", &json!({ "records": records }).to_string());
    run_well(path, &["ingest", "more"]);
    let told = json_of(&replay(path, &group(&[]), &["--format", "json"]));
    let total: u64 = [
        "newly-denied",
        "newly-permitted",
        "indeterminate",
        "not-impacted",
        "still-denied",
    ]
    .iter()
    .map(|impact| told["totals"][impact]["lines"].as_u64().unwrap())
    .sum();
    // What is left out is told: with it the classes are all lines.
    let left_out = told["lines_of_both_logs"].as_u64().unwrap();
    assert_eq!((told["lines"].as_u64(), total, left_out), (Some(7), 6, 1));
    let run = replay(path, &group(&[]), &[]);
    assert!(
        run.out
            .contains("flow logs of groups  1 line not counted: in these hours"),
        "{}",
        run.out
    );
    // Within an hour it is the same: 08:10 to 08:20 has five lines of the two.
    let times = [
        "--timespan",
        "2026-03-02T08:00Z/2026-03-02T08:15Z",
        "--format",
        "json",
    ];
    let told = json_of(&replay(path, &group(&[]), &times));
    let of = |impact: &str| told["totals"][impact]["lines"].as_u64().unwrap();
    let total: u64 = [
        "newly-denied",
        "newly-permitted",
        "indeterminate",
        "not-impacted",
        "still-denied",
    ]
    .map(of)
    .iter()
    .sum();
    assert_eq!(
        told["lines"].as_u64().unwrap(),
        total + told["lines_of_both_logs"].as_u64().unwrap() + told["lines_unused"].as_u64().unwrap()
    );
}

#[test]
fn a_group_that_the_list_leaves_out_is_told() {
    let folder = network();
    let path = folder.path();
    let mut all = group(&[rule("AllowHttps", 100, "Allow", "*", "443")]);
    let mut other = all[0].clone();
    other["id"] = json!(format!("{IDS}/networkSecurityGroups/nsg-app"));
    other["name"] = json!("nsg-app");
    all.as_array_mut().unwrap().push(other.clone());
    write(path, "more/nsgs.json", &all.to_string());
    run_well(path, &["facts", "load", "more", "--at", "2026-03-02T01:00Z"]);
    let web = group(&[rule("AllowHttps", 100, "Allow", "10.0.0.0/8", "443")]);
    let told = json_of(&replay(path, &web, &["--format", "json"]));
    assert_eq!(told["not_in_files"][0]["file"], "proposed.json");
    assert!(
        told["not_in_files"][0]["group"]
            .as_str()
            .unwrap()
            .ends_with("/nsg-app")
    );
    // It is no problem: only the list's own group breaks something.
    assert_eq!(told["problems"], json!([]));
    let run = replay(path, &web, &[]);
    assert!(
        run.out.contains("nsg-app  proposed.json  as it is now"),
        "{}",
        run.out
    );
    assert!(run.out.contains("may mean that it is deleted"), "{}", run.out);
    // One group by itself, as `az network nsg show` prints it, is no list; and a list that has both leaves nothing out.
    for proposed in [&web[0], &all] {
        let told = json_of(&replay(path, proposed, &["--format", "json"]));
        assert_eq!(told["not_in_files"], json!([]));
    }
}

/// Rules that only Azure's own list for an interface has are gone with the group's old list, and that is told.
#[test]
fn rules_that_only_azure_listed_are_told_as_gone() {
    let folder = network();
    let path = folder.path();
    let listed = rule("UserRule_Computed", 150, "Allow", "*", "22");
    let effective = json!({ "value": [{ "networkSecurityGroup": { "id": format!("{IDS}/networkSecurityGroups/nsg-web") },
        "association": { "networkInterface": { "id": format!("{IDS}/networkInterfaces/nic-web") } },
        "effectiveSecurityRules": [rule("UserRule_AllowHttps", 100, "Allow", "*", "443"), listed] }] });
    write(path, "more/effective.json", &effective.to_string());
    run_well(path, &["facts", "load", "more", "--at", "2026-03-02T00:00:01Z"]);
    let proposed = group(&[
        rule("AllowHttps", 100, "Allow", "*", "443"),
        rule("Deny9", 110, "Deny", "*", "9"),
    ]);
    let run = replay(path, &proposed, &[]);
    let told: Vec<&str> = run
        .out
        .lines()
        .skip_while(|line| *line != "What would change")
        .collect();
    assert!(
        told.iter()
            .any(|line| line.contains("nsg-web  Computed")
                && line.contains("by the effective rules of nic-web")),
        "{}{}",
        run.out,
        run.err
    );
    assert!(
        told.iter().any(|line| line.contains("nsg-web  Deny9")),
        "{}",
        run.out
    );
    assert!(
        !told.iter().any(|line| line.contains("AllowHttps")),
        "{}",
        run.out
    );
}

#[test]
fn a_group_of_applications_that_is_not_there_names_file_place_and_rule() {
    let folder = network();
    let mut named = rule("AllowHttps", 100, "Allow", "*", "443");
    named["sourceAddressPrefix"] = Value::Null;
    named["sourceApplicationSecurityGroups"] =
        json!([{ "id": format!("{IDS}/applicationSecurityGroups/asg-gone") }]);
    let run = replay(folder.path(), &group(&[named]), &["--format", "json"]);
    let told = json_of(&run);
    let problem = &told["problems"][0];
    assert_eq!(problem["file"], "proposed.json");
    assert_eq!(
        problem["path"],
        "securityRules.AllowHttps.sourceApplicationSecurityGroups"
    );
    assert!(
        problem["message"]
            .as_str()
            .unwrap()
            .contains("`asg-gone`, which rule `AllowHttps` names")
    );
    assert_eq!(told["totals"]["indeterminate"]["lines"], 3);
    assert_eq!(run.exit, 1);
}

#[test]
fn what_is_known_only_after_apply_is_told_in_words_of_the_plan() {
    let folder = network();
    let id = format!("{IDS}/networkSecurityGroups/nsg-web/securityRules/AllowHttps");
    let values = json!({ "id": id, "name": "AllowHttps", "priority": 100, "direction": "Inbound", "access": "Allow",
        "protocol": "Tcp", "source_port_range": "*", "destination_address_prefix": "*", "destination_port_range": "443",
        "resource_group_name": "rg", "network_security_group_name": "nsg-web" });
    let plan = json!({ "terraform_version": "1.9.0",
        "planned_values": { "root_module": { "resources": [
            { "address": "azurerm_network_security_rule.https", "type": "azurerm_network_security_rule", "values": values },
            { "address": "module.web.azurerm_subnet_network_security_group_association.web",
                "type": "azurerm_subnet_network_security_group_association",
                "values": { "subnet_id": format!("{IDS}/virtualNetworks/vnet/subnets/app") } },
        ] } },
        "resource_changes": [
            { "address": "azurerm_network_security_rule.https",
                "change": { "actions": ["update"], "after_unknown": { "source_address_prefix": true } } },
            { "address": "module.web.azurerm_subnet_network_security_group_association.web",
                "change": { "actions": ["create"], "after_unknown": { "id": true, "network_security_group_id": true } } },
        ] });
    let told = json_of(&replay(folder.path(), &plan, &["--format", "json"]));
    let messages: Vec<&str> = told["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        [
            "`source_address_prefix` of `azurerm_network_security_rule.https` is known only after apply: what rule `AllowHttps` matches is not known, nor what becomes of flows that it may decide",
            "`network_security_group_id` of `module.web.azurerm_subnet_network_security_group_association.web` is known only after apply: which group is to guard `app` is not known, nor what becomes of flows there",
        ]
    );
    // Of three of 443 from the internet; one of the network itself is let in by the default rules whatever comes.
    assert_eq!(told["totals"]["indeterminate"]["lines"], 3);
    assert_eq!(told["totals"]["not-impacted"]["lines"], 2);
    assert_eq!(told["unmatched"], json!([]));
}

/// A rule of the log that is gone breaks something, or has done so before.
#[test]
fn what_the_rules_of_now_deny_already_is_in_the_headline() {
    let folder = network();
    let path = folder.path();
    // The rules of now turn away what was let in.
    let narrow = rule("AllowHttps", 100, "Allow", "10.9.0.0/16", "443");
    write(
        path,
        "more/nsgs.json",
        &group(std::slice::from_ref(&narrow)).to_string(),
    );
    run_well(path, &["facts", "load", "more", "--at", "2026-03-02T12:00Z"]);
    let run = replay(path, &group(&[]), &[]);
    let headline = "This may break what was recorded: 3 recorded lines let through, \
        which the rules that are known deny already, where what decides would change; of 3 recorded lines it is not known.";
    assert!(run.out.starts_with(headline), "{}", run.out);
    assert_eq!(run.exit, 1);
    assert_eq!(
        replay(path, &group(&[]), &["--fail-on", "newly-permitted"]).exit,
        0
    );
    let told = json_of(&replay(path, &group(&[]), &["--format", "json"]));
    assert_eq!(told["may_break"]["lines"], 3);
    assert_eq!(told["totals"]["newly-denied"]["lines"], 0);
    // Another rule changes nothing of that.
    let more = [narrow, rule("Other", 200, "Deny", "*", "9999")];
    let run = replay(path, &group(&more), &[]);
    assert!(
        run.out.starts_with("Nothing that was recorded breaks."),
        "{}",
        run.out
    );
}

#[test]
fn source_ports_count_where_a_rule_names_them() {
    let folder = network();
    let mut narrow = rule("AllowHttps", 100, "Allow", "*", "443");
    narrow["sourcePortRange"] = json!("50001-50002");
    let told = json_of(&replay(folder.path(), &group(&[narrow]), &["--format", "json"]));
    assert_eq!(told["totals"]["newly-denied"]["lines"], 1);
    assert_eq!(
        told["totals"]["newly-denied"]["examples"][0]["source_port"],
        50_004
    );
}

/// Lines by what rules look at, and by the verdict.
fn keys(folder: &Path, table: &str) -> BTreeMap<Vec<String>, (String, u64)> {
    let query = "Flows | where SrcIp != '168.63.129.16' and DestIp != '168.63.129.16'
        | summarize n = count() by MacAddress, FlowDirection, SrcIp, DestIp, DestPort, L4Protocol, FlowStatus";
    let run = run_well(folder, &["query", query, "--table", table, "--format", "json"]);
    let rows: Vec<Value> = serde_json::from_str(&run.out).unwrap();
    let text = |row: &Value, name: &str| row[name].to_string();
    rows.iter()
        .map(|row| {
            let key = [
                "MacAddress",
                "FlowDirection",
                "SrcIp",
                "DestIp",
                "DestPort",
                "L4Protocol",
            ];
            let key = key.iter().map(|name| text(row, name)).collect();
            (
                key,
                (
                    row["FlowStatus"].as_str().unwrap().to_owned(),
                    row["n"].as_u64().unwrap(),
                ),
            )
        })
        .collect()
}

#[test]
fn a_planted_change_is_foretold_from_the_table() {
    let world = World::generate(&WorldSpec {
        seed: 2,
        start_day: 20_514,
        hours: 2,
        scale: Scale::Tiny,
    });
    let mut denied_at_all = 0;
    let draws = [
        (ChangeKind::RemoveAllow, 1),
        (ChangeKind::AddDeny, 1),
        (ChangeKind::AddDeny, 2),
        (ChangeKind::Widen, 3),
    ];
    for (kind, draw) in draws {
        let changed = world.changed(&world.draw_change(kind, draw).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for (world, name) in [(&world, "now"), (&changed, "then")] {
            world.write(&mut |blob| {
                let place = path.join(name).join(&blob.path);
                std::fs::create_dir_all(place.parent().unwrap()).unwrap();
                std::fs::write(place, blob.bytes()).unwrap();
            });
            run_well(path, &["ingest", name, "--table", &format!("{name}-table")]);
        }
        for export in world.exports() {
            write(path, &format!("facts/{}", export.name), &export.text);
        }
        run_well(
            path,
            &[
                "facts",
                "load",
                "facts",
                "--at",
                "2026-03-02",
                "--table",
                "now-table",
            ],
        );
        let rules = changed
            .exports()
            .into_iter()
            .find(|export| export.name == "nsgs.json")
            .unwrap();
        write(path, "proposed.json", &rules.text);
        let run = run_in(
            path,
            &[
                "replay",
                "--rules",
                "proposed.json",
                "--table",
                "now-table",
                "--format",
                "json",
            ],
        );
        let told = json_of(&run);
        let (now, then) = (keys(path, "now-table"), keys(path, "then-table"));
        let expected = |before: &str, after: &str| -> u64 {
            let held = now.iter().filter(|(key, (status, _))| {
                status == before && then.get(*key).is_some_and(|(status, _)| status == after)
            });
            held.map(|(_, (_, lines))| lines).sum()
        };
        let lines = |impact: &str| told["totals"][impact]["lines"].as_u64().unwrap();
        let denied = expected("Allowed", "Denied");
        assert_eq!(lines("newly-denied"), denied, "{kind:?}");
        assert_eq!(
            lines("newly-permitted") + lines("still-denied"),
            expected("Denied", "Allowed"),
            "{kind:?}"
        );
        denied_at_all += denied;
        assert_eq!(run.exit, i32::from(denied > 0), "{kind:?}: {}", run.err);
    }
    assert!(denied_at_all > 0, "nothing was denied: another seed is wanted");
}
