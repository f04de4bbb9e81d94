//! `facts` and `who` as a user meets them.

use std::path::Path;

use crate::golden::{Run, compare};
use crate::table::{ingested, run_in};

const IDS: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// Exports of the network that one of the small blobs is of.
pub(crate) fn exports(folder: &Path) {
    let nic = format!(
        r#"[{{"id":"{IDS}/networkInterfaces/labsvm1-nic","macAddress":"00-0D-3A-35-95-73","location":"eastus2",
        "networkSecurityGroup":{{"id":"{IDS}/networkSecurityGroups/labsvm1-nsg"}},
        "virtualMachine":{{"id":"/subscriptions/s/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/labsvm1"}},
        "ipConfigurations":[{{"name":"ipconfig1","privateIPAddress":"10.7.0.4","subnet":{{"id":"{IDS}/virtualNetworks/labs/subnets/default"}}}}]}}]"#
    );
    write(folder, "nics.json", &nic);
    let network = format!(
        r#"[{{"id":"{IDS}/virtualNetworks/labs","addressSpace":{{"addressPrefixes":["10.7.0.0/16"]}},
        "subnets":[{{"id":"{IDS}/virtualNetworks/labs/subnets/default","name":"default","addressPrefix":"10.7.0.0/24"}}]}}]"#
    );
    write(folder, "vnets.json", &network);
    let tags = r#"{"changeNumber":7,"cloud":"Public","values":[{"name":"AzureCloud.eastus2","properties":{"addressPrefixes":["20.242.0.0/16"]}},
        {"name":"Storage.EastUS2","properties":{"addressPrefixes":["20.242.181.0/24"]}}]}"#;
    write(folder, "tags.json", tags);
}

fn check(folder: &Path, name: &str, arguments: &[&str]) -> Run {
    let run = run_in(folder, arguments);
    compare(&format!("facts/{name}"), arguments, &run);
    run
}

const AT: &[&str] = &["--at", "2024-12-31"];

#[test]
fn exports_give_names_to_addresses() {
    let (folder, _) = ingested();
    let folder = folder.path();
    check(folder, "show-none", &["facts", "show"]);
    check(folder, "who-without-facts", &["who", "10.7.0.4", AT[0], AT[1]]);
    exports(folder);
    let load = [
        "facts",
        "load",
        "nics.json",
        "vnets.json",
        "tags.json",
        AT[0],
        AT[1],
    ];
    check(folder, "load", &load);
    // The same again is the same snapshot.
    assert_eq!(run_in(folder, &load).exit, 0);
    check(folder, "show", &["facts", "show"]);
    check(folder, "who", &["who", "10.7.0.4", AT[0], AT[1]]);
    check(
        folder,
        "who-json",
        &["who", "10.7.0.4", AT[0], AT[1], "--format", "json"],
    );
    check(folder, "who-before", &["who", "10.7.0.4", "--at", "2024-12-30"]);
    check(folder, "who-microsoft", &["who", "20.242.181.1", AT[0], AT[1]]);
    check(folder, "who-nobody", &["who", "10.7.0.77", AT[0], AT[1]]);
    let unknown = check(folder, "who-unknown", &["who", "192.168.9.9", AT[0], AT[1]]);
    assert_eq!(unknown.exit, 1);
}

#[test]
fn one_resource_by_itself_says_nothing_of_others() {
    let (folder, _) = ingested();
    let folder = folder.path();
    exports(folder);
    let load = |files: &[&str]| {
        let run = run_in(
            folder,
            &[&["facts", "load"], files, &["--at", "2024-12-31"]].concat(),
        );
        assert_eq!(run.exit, 0, "{}", run.err);
        run.err
    };
    load(&["nics.json", "vnets.json"]);
    let list = std::fs::read_to_string(folder.join("nics.json")).unwrap();
    let list = list
        .replace("labsvm1", "labsvm9")
        .replace("10.7.0.4", "10.7.0.44");
    let list = list.replace("95-73", "95-74");
    write(folder, "one.json", list.trim_matches(['[', ']']));
    let told = load(&["one.json"]);
    assert!(told.contains("`one.json` is one resource"), "{told}");
    let known = |address: &str| {
        let run = run_in(folder, &["who", address]);
        run.out.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(known("10.7.0.4"), "10.7.0.4 is labsvm1");
    assert_eq!(known("10.7.0.44"), "10.7.0.44 is labsvm9");
    // A list of one says that there is only that.
    write(folder, "list.json", &list);
    let told = load(&["list.json"]);
    assert!(!told.contains("one resource"), "{told}");
    assert_eq!(known("10.7.0.44"), "10.7.0.44 is labsvm9");
    assert!(known("10.7.0.4").contains("nobody"), "{}", known("10.7.0.4"));
}

#[test]
fn what_is_deleted_is_known_for_the_time_before() {
    let (folder, _) = ingested();
    let folder = folder.path();
    exports(folder);
    assert_eq!(
        run_in(
            folder,
            &["facts", "load", "nics.json", "vnets.json", "--at", "2024-12-31"]
        )
        .exit,
        0
    );
    let other = std::fs::read_to_string(folder.join("nics.json")).unwrap();
    write(folder, "later.json", &other.replace("labsvm1", "labsvm9"));
    assert_eq!(
        run_in(folder, &["facts", "load", "later.json", "--at", "2025-01-02"]).exit,
        0
    );
    let name = |at: &str| {
        let run = run_in(folder, &["who", "10.7.0.4", "--at", at]);
        run.out.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(name("2025-01-01"), "10.7.0.4 is labsvm1");
    assert_eq!(name("2025-01-03"), "10.7.0.4 is labsvm9");
    // The same interface with another address, in another group.
    let moved = std::fs::read_to_string(folder.join("later.json")).unwrap();
    let moved = moved
        .replace("10.7.0.4", "10.7.0.8")
        .replace("labsvm9-nsg", "other-nsg");
    write(folder, "moved.json", &moved);
    assert_eq!(
        run_in(folder, &["facts", "load", "moved.json", "--at", "2025-01-05"]).exit,
        0
    );
    assert_eq!(check(folder, "diff", &["facts", "diff"]).exit, 1);
    check(folder, "diff-json", &["facts", "diff", "--format", "json"]);
    check(
        folder,
        "diff-between",
        &["facts", "diff", "--from", "2025-01-01", "--to", "2025-01-03"],
    );
    check(folder, "diff-first", &["facts", "diff", "--to", "2025-01-01"]);
    // The last load is the one for the latest time, whichever came last.
    let early = ["facts", "load", "vnets.json", "--at", "2024-12-01"];
    std::thread::sleep(std::time::Duration::from_millis(10));
    assert_eq!(run_in(folder, &early).exit, 0);
    check(folder, "diff-not-the-newest", &["facts", "diff"]);
    write(
        folder,
        "tags.json",
        r#"{"changeNumber":7,"cloud":"Public","values":[{"name":"Storage","properties":{"addressPrefixes":["20.242.0.0/16"]}}]}"#,
    );
    assert_eq!(
        run_in(folder, &["facts", "load", "tags.json", "--at", "2025-01-06"]).exit,
        0
    );
    assert_eq!(check(folder, "diff-tags", &["facts", "diff"]).exit, 1);
    check(folder, "diff-tags-json", &["facts", "diff", "--format", "json"]);
    let same = check(
        folder,
        "diff-same",
        &["facts", "diff", "--from", "2025-01-02", "--to", "2025-01-03"],
    );
    assert_eq!(same.exit, 0);
    check(
        folder,
        "assets",
        &[
            "query",
            "Assets | where AzureResourceType == 'NetworkInterface' | project Name, ValidFrom, ValidTo, VirtualMachine, PrivateIpAddresses, Nsg",
        ],
    );
}

#[test]
fn what_cannot_be_used_is_said_and_the_rest_is_loaded() {
    let (folder, _) = ingested();
    let folder = folder.path();
    exports(folder);
    let nics = std::fs::read_to_string(folder.join("nics.json")).unwrap();
    write(
        folder,
        "bad-mac.json",
        &nics.replace("00-0D-3A-35-95-73", "unknown"),
    );
    write(folder, "cut.json", nics.get(..nics.len() / 2).unwrap());
    write(folder, "vms.txt", "labsvm1 running");
    let run = check(
        folder,
        "load-damaged",
        &[
            "facts",
            "load",
            "--dry-run",
            "bad-mac.json",
            "cut.json",
            "vms.txt",
            AT[0],
            AT[1],
        ],
    );
    assert_eq!(run.exit, 3);
    check(folder, "load-nothing", &["facts", "load", "missing.json"]);
    check(
        folder,
        "load-when",
        &["facts", "load", "nics.json", "--at", "yesterday"],
    );
    check(
        folder,
        "load-long-ago",
        &["facts", "load", "nics.json", "--at", "1999-12-31"],
    );
    check(
        folder,
        "load-to-come",
        &["facts", "load", "nics.json", "--at", "2999-12-31"],
    );
    check(folder, "who-no-address", &["who", "labsvm1"]);
}

/// Of a folder in which a file cannot be read nothing is taken for deleted; that file may have had it.
#[test]
fn a_load_that_is_not_whole_deletes_nothing() {
    let (folder, _) = ingested();
    let folder = folder.path();
    exports(folder);
    let nics = std::fs::read_to_string(folder.join("nics.json")).unwrap();
    std::fs::create_dir(folder.join("exports")).unwrap();
    write(folder, "exports/one.json", &nics);
    let other = nics.replace("labsvm1", "labsvm2").replace("10.7.0.4", "10.7.0.5");
    write(folder, "exports/two.json", &other);
    write(
        folder,
        "exports/vnets.json",
        &std::fs::read_to_string(folder.join("vnets.json")).unwrap(),
    );
    let load = |at: &str| run_in(folder, &["facts", "load", "exports", "--at", at]);
    let name = |address: &str| {
        let run = run_in(folder, &["who", address, "--at", "2025-06-01"]);
        run.out.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(load("2025-01-01").exit, 0);
    write(folder, "exports/two.json", &other[..other.len() / 2]);
    let cut = check(
        folder,
        "load-in-part",
        &["facts", "load", "exports", "--at", "2025-01-02"],
    );
    assert_eq!(cut.exit, 3);
    check(folder, "show-in-part", &["facts", "show"]);
    assert_eq!(name("10.7.0.5"), "10.7.0.5 is labsvm2");
    // A part that cannot be used is missing, too.
    write(folder, "exports/two.json", "[7]");
    assert_eq!(load("2025-01-03").exit, 0);
    assert_eq!(name("10.7.0.5"), "10.7.0.5 is labsvm2");
    // Whole again, and without it.
    std::fs::remove_file(folder.join("exports/two.json")).unwrap();
    assert_eq!(load("2025-01-04").exit, 0);
    assert_eq!(name("10.7.0.4"), "10.7.0.4 is labsvm1");
    assert!(
        name("10.7.0.5").ends_with("nobody is known to have it"),
        "{}",
        name("10.7.0.5")
    );
}

/// An interface that cannot be found by its addresses is kept, and that is said.
#[test]
fn an_interface_without_a_subnet_is_said() {
    let (folder, _) = ingested();
    let folder = folder.path();
    exports(folder);
    let nics = std::fs::read_to_string(folder.join("nics.json")).unwrap();
    write(
        folder,
        "nics.json",
        &nics.replace(r#","subnet":{"#, r#","nothing":{"#),
    );
    check(
        folder,
        "load-without-subnet",
        &["facts", "load", "nics.json", AT[0], AT[1]],
    );
}

/// Flows with addresses that a list names are harm, as of the time of the list.
#[test]
fn lists_of_addresses_name_harm() {
    let (folder, _) = ingested();
    let folder = folder.path();
    write(
        folder,
        "bad-addresses.txt",
        "# made up\n20.242.181.1 C2\n203.0.113.0/24 Botnet\nwhat is this\n",
    );
    check(
        folder,
        "load-threats",
        &["facts", "load", "bad-addresses.txt", AT[0], AT[1]],
    );
    check(
        folder,
        "flows-of-threats",
        &[
            "query",
            "Flows | summarize count() by FlowType, ThreatType | sort by FlowType asc; NTAIpDetails | where FlowType == 'MaliciousFlow' | distinct Ip, ThreatType",
        ],
    );
    // A newer list of the same name takes the place of the older one.
    write(folder, "bad-addresses.txt", "203.0.113.0/24 Botnet\n");
    assert_eq!(
        run_in(
            folder,
            &["facts", "load", "bad-addresses.txt", "--at", "2023-01-01"]
        )
        .exit,
        0
    );
    check(folder, "who-is-harm", &["who", "20.242.181.1", AT[0], AT[1]]);
    // What another list says of the same address stands beside it, whatever comes first; what is not so at that time is left out.
    let bundle = r#"{"type":"bundle","objects":[
        {"type":"indicator","labels":["Scanner"],"pattern":"[ipv4-addr:value = '20.242.181.1']","valid_from":"2024-01-01T00:00:00Z"},
        {"type":"indicator","labels":["Old"],"pattern":"[ipv4-addr:value = '20.242.181.1']","valid_until":"2024-06-01T00:00:00Z"}]}"#;
    write(folder, "feed.json", bundle);
    assert_eq!(
        run_in(folder, &["facts", "load", "feed.json", "--at", "2025-01-01"]).exit,
        0
    );
    check(
        folder,
        "who-is-harm-twice",
        &["who", "20.242.181.1", "--at", "2025-01-02"],
    );
    assert_eq!(check(folder, "diff-lists", &["facts", "diff"]).exit, 1);
    write(folder, "vnet.json", BLOB);
    let read = run_in(
        folder,
        &[
            "read",
            "vnet.json",
            "--facts",
            "feed.json",
            "--ip",
            "20.242.181.1",
        ],
    );
    assert!(read.out.contains("known for harm: Scanner"), "{}", read.out);
}

/// What is read raw has names too, where exports lie beside it.
#[test]
fn raw_entries_have_names() {
    let (folder, _) = ingested();
    let folder = folder.path();
    exports(folder);
    let blob = "vnet.json";
    write(folder, blob, BLOB);
    let facts = [
        "--facts",
        "nics.json",
        "--facts",
        "vnets.json",
        "--facts",
        "tags.json",
    ];
    check(folder, "read", &[&["read", blob], facts.as_slice()].concat());
    let rows = run_in(
        folder,
        &[&["read", blob, "--format", "csv"], facts.as_slice()].concat(),
    );
    assert!(rows.out.contains("labsvm1, internal"), "{}", rows.out);
    let none = run_in(folder, &["read", blob, "--facts", "nowhere.json"]);
    assert_eq!(none.exit, 3);
}

/// A machine, and a service of Azure.
pub(crate) const BLOB: &str = r#"{"records":[{"time":"2024-12-31T09:11:00Z","flowLogVersion":4,"macAddress":"000D3A359573","category":"FlowLogFlowEvent",
    "flowLogResourceID":"/SUBSCRIPTIONS/S/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/NW/FLOWLOGS/FL",
    "targetResourceID":"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/labs","operationName":"FlowLogFlowEvent",
    "flowRecords":{"flows":[{"aclID":"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/labsvm1-nsg","flowGroups":[
    {"rule":"DefaultRule_AllowInternetOutBound","flowTuples":["1735636250000,10.7.0.4,20.242.181.1,50000,443,6,O,B,NX,0,0,0,0"]},
    {"rule":"UserRule_DenySsh","flowTuples":["1735636251000,203.0.113.9,10.7.0.4,40000,22,6,I,D,NX,0,0,0,0"]}]}]}}]}"#;

/// A template says neither its subscription nor its group; its parameters lie beside it.
#[test]
fn a_template_is_read_for_where_it_is_to_be() {
    let (folder, _) = ingested();
    let folder = folder.path();
    let template = r#"{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
        "parameters":{"name":{"type":"string"}},
        "resources":[{"type":"Microsoft.Network/networkSecurityGroups","apiVersion":"2024-05-01",
            "name":"[parameters('name')]","location":"[resourceGroup().location]",
            "properties":{"securityRules":[{"name":"AllowSql","properties":{"priority":100,"direction":"Inbound","access":"Allow","protocol":"Tcp",
                "sourceAddressPrefix":"10.7.0.0/24","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"1433"}}]}}]}"#;
    write(folder, "main.json", template);
    let alone = check(
        folder,
        "template-alone",
        &["facts", "load", "main.json", "--dry-run"],
    );
    assert!(alone.err.contains("name"), "{}", alone.err);
    let parameters = r#"{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#","contentVersion":"1.0.0.0",
        "parameters":{"name":{"value":"labsvm1-nsg"}}}"#;
    write(folder, "main.parameters.json", parameters);
    check(
        folder,
        "parameters-alone",
        &["facts", "load", "main.parameters.json"],
    );
    let load = [
        "facts",
        "load",
        "main.json",
        AT[0],
        AT[1],
        "--subscription",
        "0b1f6471-1bf0-4dda-aec3-cb9272f09590",
        "--resource-group",
        "rg",
        "--location",
        "eastus2",
    ];
    check(folder, "template", &load);
    let rules = [
        "query",
        "NsgRules | project AclGroup, Rule, DestinationPorts",
        "--format",
        "csv",
    ];
    check(folder, "template-rules", &rules);
    let wrong = ["facts", "load", "main.json", "--interface", "vm-web-01"];
    assert_eq!(check(folder, "template-interface", &wrong).exit, 2);
    for (name, flag, typed) in [
        ("template-subscription", "--subscription", "foo"),
        ("template-group", "--resource-group", "rg/one"),
    ] {
        let wrong = ["facts", "load", "main.json", flag, typed];
        assert_eq!(check(folder, name, &wrong).exit, 2);
    }
    exports(folder);
    let useless = [
        "facts",
        "load",
        "nics.json",
        "--dry-run",
        AT[0],
        AT[1],
        "--location",
        "westeurope",
        "--resource-group",
        "rg",
        "--interface",
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/n",
    ];
    assert_eq!(check(folder, "flags-of-no-use", &useless).exit, 0);
}

/// A rule that a template leaves open is shown as what it is: there, and not known.
#[test]
fn rules_that_are_not_known_are_shown() {
    let (folder, _) = ingested();
    let folder = folder.path();
    exports(folder);
    let rule = |name: &str, priority: &str, port: &str| {
        format!(
            r#"{{"name":"{name}","properties":{{"priority":{priority},"direction":"Inbound","access":"Allow","protocol":"Tcp",
            "sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"{port}"}}}}"#
        )
    };
    let rules = [
        rule("AllowSql", "100", "1433"),
        rule("AllowApp", "110", "[reference('app').port]"),
        rule("AllowWeb", "120", "[parameters('port')]"),
    ];
    let template = format!(
        r#"{{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
        "parameters":{{"port":{{"type":"string"}}}},
        "resources":[{{"type":"Microsoft.Network/networkSecurityGroups","apiVersion":"2024-05-01","name":"labsvm1-nsg","location":"eastus2",
            "properties":{{"securityRules":[{}]}}}}]}}"#,
        rules.join(",")
    );
    write(folder, "main.json", &template);
    let subscription = "0b1f6471-1bf0-4dda-aec3-cb9272f09590";
    for name in ["nics.json", "vnets.json"] {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        write(
            folder,
            name,
            &text.replace("/subscriptions/s/", &format!("/subscriptions/{subscription}/")),
        );
    }
    let load = [
        "facts",
        "load",
        "main.json",
        "nics.json",
        "vnets.json",
        AT[0],
        AT[1],
        "--subscription",
        subscription,
        "--resource-group",
        "rg",
    ];
    assert_eq!(run_in(folder, &load).exit, 0);
    check(folder, "who-rules-not-known", &["who", "10.7.0.4", AT[0], AT[1]]);
    let query = "NsgRules | project Nsg, Rule, RuleStatus, Priority, Access, DestinationPorts";
    check(folder, "rules-not-known", &["query", query]);
    let topology =
        "NTATopologyDetails | where AzureResourceType == 'NetworkSecurityGroupRule' | distinct Name";
    let rows = run_in(folder, &["query", topology, "--format", "csv"]);
    assert!(
        rows.out.contains("allowsql") && !rows.out.contains("allowapp"),
        "{}",
        rows.out
    );
}

/// What two files say differently is told in the words that stand in them; a flow log is told from an export.
#[test]
fn what_is_no_export_and_what_contradicts_itself_is_said() {
    let (folder, _) = ingested();
    let folder = folder.path();
    exports(folder);
    let nics = std::fs::read_to_string(folder.join("nics.json")).unwrap();
    write(folder, "later.json", &nics.replace("10.7.0.4", "10.7.0.9"));
    check(
        folder,
        "load-contradiction",
        &[
            "facts",
            "load",
            "nics.json",
            "later.json",
            "--dry-run",
            AT[0],
            AT[1],
        ],
    );
    write(folder, "PT1H.json", BLOB);
    write(folder, "cut.json", &BLOB[..BLOB.len() / 2]);
    let log = check(
        folder,
        "load-flow-log",
        &["facts", "load", "PT1H.json", "cut.json", AT[0], AT[1]],
    );
    assert_eq!(log.exit, 3);
}

/// A list of application security groups that lacks one which a rule names.
#[test]
fn a_group_that_a_rule_names_and_that_no_list_has_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let group = |name: &str| format!("{IDS}/applicationSecurityGroups/{name}");
    let rules = format!(
        r#"[{{"id":"{IDS}/networkSecurityGroups/nsg","securityRules":[{{"name":"a","priority":100,"direction":"Inbound","access":"Allow",
        "protocol":"Tcp","sourceAddressPrefix":"*","sourcePortRange":"*","destinationPortRange":"443",
        "destinationApplicationSecurityGroups":[{{"id":"{}"}},{{"id":"{}"}}]}}]}}]"#,
        group("here"),
        group("gone")
    );
    write(path, "nsgs.json", &rules);
    let told = "`nsgs.json`: securityRules.a.destinationApplicationSecurityGroups: application security group `gone`, which rule `a` names, is not among these exports";
    // Without a list nothing can be said of it.
    let alone = run_in(path, &["facts", "load", "nsgs.json", "--dry-run"]);
    assert!(alone.exit == 0 && !alone.err.contains("gone"), "{}", alone.err);
    write(
        path,
        "asgs.json",
        &format!(r#"[{{"id":"{}","location":"x"}}]"#, group("HERE")),
    );
    let both = run_in(path, &["facts", "load", "nsgs.json", "asgs.json", "--dry-run"]);
    assert!(both.exit == 0 && both.err.contains(told), "{}", both.err);
    assert!(!both.err.contains("`here`"), "{}", both.err);
}
