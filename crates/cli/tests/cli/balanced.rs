//! `explain` of the address of a load balancer: what is logged behind it, at another port, and what rules say where nothing is.

use std::path::Path;

use serde_json::{Value, json};

use crate::golden::{Run, flowglass};

const NETWORK: &str =
    "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg/providers/Microsoft.Network";

fn id(rest: &str) -> Value {
    json!({ "id": format!("{NETWORK}/{rest}") })
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    flowglass()
        .current_dir(folder)
        .args(arguments)
        .args(["--table", "table"])
        .output()
        .unwrap()
        .into()
}

/// Two machines behind 52.9.9.9: 8080 there is 80 here, and their subnet's group lets in 80.
fn facts(folder: &Path) {
    let interface = |name: &str, mac: &str, address: &str| {
        json!({ "id": format!("{NETWORK}/networkInterfaces/{name}"), "macAddress": mac, "ipConfigurations": [{ "name": "ip",
            "privateIPAddress": address, "primary": true, "subnet": id("virtualNetworks/v/subnets/s") }] })
    };
    let mut lb = id("loadBalancers/lb");
    lb["frontendIPConfigurations"] = json!([{ "name": "f", "publicIPAddress": id("publicIPAddresses/pl") }]);
    let machines = ["a", "b"].map(|name| id(&format!("networkInterfaces/{name}/ipConfigurations/ip")));
    lb["backendAddressPools"] = json!([{ "name": "p", "backendIPConfigurations": machines }]);
    lb["inboundNatRules"] = json!([]);
    lb["loadBalancingRules"] = json!([{ "name": "web", "frontendPort": 8080, "backendPort": 80, "protocol": "Tcp",
        "frontendIPConfiguration": id("loadBalancers/lb/frontendIPConfigurations/f"),
        "backendAddressPool": id("loadBalancers/lb/backendAddressPools/p") }]);
    let mut network = id("virtualNetworks/v");
    network["addressSpace"] = json!({ "addressPrefixes": ["10.0.0.0/16"] });
    let mut subnet = id("virtualNetworks/v/subnets/s");
    subnet["addressPrefix"] = json!("10.0.1.0/24");
    subnet["networkSecurityGroup"] = id("networkSecurityGroups/g");
    network["subnets"] = json!([subnet]);
    let mut group = id("networkSecurityGroups/g");
    group["securityRules"] = json!([{ "name": "in80", "priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
        "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "80" }]);
    let mut public = id("publicIPAddresses/pl");
    public["ipAddress"] = json!("52.9.9.9");
    let all = json!([
        interface("a", "00-0D-3A-00-00-01", "10.0.1.4"),
        interface("b", "00-0D-3A-00-00-02", "10.0.1.5"),
        network,
        group,
        public,
        lb
    ]);
    std::fs::write(folder.join("facts.json"), all.to_string()).unwrap();
    let load = run(folder, &["facts", "load", "facts.json", "--at", "2026-01-05"]);
    assert_eq!(load.exit, 0, "{}", load.err);
}

/// One flow from 8.8.8.8 that came in at `a`, at port 80.
fn logs(folder: &Path) {
    let network = format!("{NETWORK}/virtualNetworks/v");
    let tuples = [
        "1767607260000,8.8.8.8,10.0.1.4,40001,80,6,I,B,NX,0,0,0,0",
        "1767607261000,8.8.8.8,10.0.1.4,40001,80,6,I,E,NX,3,180,2,120",
    ];
    let text = json!({ "records": [{ "time": "2026-01-05T10:01:30.1234567Z", "flowLogVersion": 4,
        "flowLogGUID": "66666666-0000-0000-0000-000000000001", "macAddress": "000D3A000001", "category": "FlowLogFlowEvent",
        "flowLogResourceID": format!("{}/networkWatchers/nw/flowLogs/fl", NETWORK.to_ascii_uppercase()),
        "targetResourceID": network, "operationName": "FlowLogFlowEvent",
        "flowRecords": { "flows": [{ "aclID": format!("{NETWORK}/networkSecurityGroups/g"),
            "flowGroups": [{ "rule": "UserRule_in80", "flowTuples": tuples }] }] } }] });
    std::fs::write(folder.join("PT1H.json"), text.to_string()).unwrap();
    let ingest = run(folder, &["ingest", "PT1H.json"]);
    assert_eq!(ingest.exit, 0, "{}{}", ingest.out, ingest.err);
}

#[test]
fn a_flow_is_found_at_the_port_behind_a_balancer() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    facts(folder);
    logs(folder);
    let found = run(folder, &["explain", "8.8.8.8", "52.9.9.9:8080"]);
    assert_eq!(found.exit, 0, "{}{}", found.out, found.err);
    assert!(
        found.out.starts_with(
            "8.8.8.8 to a (10.0.1.4), HTTP (port 80): allowed by rule in80 (priority 100) of g, and answered"
        ),
        "{}",
        found.out
    );
    assert!(
        found
            .out
            .contains("load balancer lb sends it by rule web to port 80 of a (10.0.1.4) or b (10.0.1.5)"),
        "{}",
        found.out
    );
    assert!(
        found.out.contains("behind public address 52.9.9.9"),
        "{}",
        found.out
    );
    // By its name, too.
    let named = run(folder, &["explain", "8.8.8.8", "lb:8080"]);
    assert_eq!(named.out, found.out);
    // What nobody logged is judged at each machine, at its port.
    let other = run(folder, &["explain", "9.9.9.9", "52.9.9.9:8080"]);
    assert_eq!(other.exit, 1, "{}{}", other.out, other.err);
    assert!(
        other
            .out
            .lines()
            .next()
            .unwrap()
            .ends_with("to port 80 of a (10.0.1.4) or b (10.0.1.5); rules would let it through"),
        "{}",
        other.out
    );
    for interface in ["a", "b"] {
        let told = format!("coming in at {interface}, port 80: allowed");
        assert!(other.out.contains(&told), "{}", other.out);
    }
    let json: Value = serde_json::from_str(
        &run(
            folder,
            &["explain", "9.9.9.9", "52.9.9.9:8080", "--format", "json"],
        )
        .out,
    )
    .unwrap();
    assert_eq!(json["balanced"]["rule"], "web");
    assert_eq!(json["balanced"]["machines"].as_array().unwrap().len(), 2);
    assert_eq!(json["judged"][1]["destinationPort"], 80);
    // No rule takes what is sent to port 80 of the frontend, though a machine has such flows.
    let nowhere = run(folder, &["explain", "8.8.8.8", "52.9.9.9:80"]);
    assert_eq!(nowhere.exit, 1, "{}{}", nowhere.out, nowhere.err);
    assert!(nowhere.out.contains("so it goes nowhere"), "{}", nowhere.out);
}

/// `c` sends to the private frontend 10.0.3.100, 8080 of which is 80 at `a`, whose group denies that.
fn inner_facts(folder: &Path) {
    let interface = |name: &str, mac: &str, address: &str, subnet: &str| {
        json!({ "id": format!("{NETWORK}/networkInterfaces/{name}"), "macAddress": mac, "ipConfigurations": [{ "name": "ip",
            "privateIPAddress": address, "primary": true, "subnet": id(&format!("virtualNetworks/v/subnets/{subnet}")) }] })
    };
    let mut lb = id("loadBalancers/ilb");
    lb["frontendIPConfigurations"] = json!([{ "name": "f", "privateIPAddress": "10.0.3.100", "subnet": id("virtualNetworks/v/subnets/fe") }]);
    lb["backendAddressPools"] =
        json!([{ "name": "p", "backendIPConfigurations": [id("networkInterfaces/a/ipConfigurations/ip")] }]);
    lb["inboundNatRules"] = json!([]);
    lb["loadBalancingRules"] = json!([{ "name": "w", "frontendPort": 8080, "backendPort": 80, "protocol": "Tcp",
        "frontendIPConfiguration": id("loadBalancers/ilb/frontendIPConfigurations/f"),
        "backendAddressPool": id("loadBalancers/ilb/backendAddressPools/p") }]);
    let subnet = |name: &str, prefix: &str| {
        let mut subnet = id(&format!("virtualNetworks/v/subnets/{name}"));
        subnet["addressPrefix"] = json!(prefix);
        subnet
    };
    let mut guarded = subnet("s", "10.0.1.0/24");
    guarded["networkSecurityGroup"] = id("networkSecurityGroups/g");
    let mut network = id("virtualNetworks/v");
    network["addressSpace"] = json!({ "addressPrefixes": ["10.0.0.0/16"] });
    network["subnets"] = json!([guarded, subnet("fe", "10.0.3.0/24"), subnet("sc", "10.0.5.0/24")]);
    let mut group = id("networkSecurityGroups/g");
    group["securityRules"] = json!([{ "name": "no80", "priority": 100, "direction": "Inbound", "access": "Deny", "protocol": "Tcp",
        "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "80" }]);
    let all = json!([
        interface("a", "00-0D-3A-00-00-01", "10.0.1.4", "s"),
        interface("c", "00-0D-3A-00-00-05", "10.0.5.4", "sc"),
        network,
        group,
        lb
    ]);
    std::fs::write(folder.join("facts.json"), all.to_string()).unwrap();
    let load = run(folder, &["facts", "load", "facts.json", "--at", "2026-01-05"]);
    assert_eq!(load.exit, 0, "{}", load.err);
}

/// What an interface logged at ten o'clock.
fn record(mac: &str, acl: &str, rule: &str, tuples: &[&str]) -> Value {
    json!({ "time": "2026-01-05T10:01:30.1234567Z", "flowLogVersion": 4, "flowLogGUID": "66666666-0000-0000-0000-000000000001",
        "macAddress": mac, "category": "FlowLogFlowEvent",
        "flowLogResourceID": format!("{}/networkWatchers/nw/flowLogs/fl", NETWORK.to_ascii_uppercase()),
        "targetResourceID": format!("{NETWORK}/virtualNetworks/v"), "operationName": "FlowLogFlowEvent",
        "flowRecords": { "flows": [{ "aclID": format!("{NETWORK}/{acl}"),
            "flowGroups": [{ "rule": rule, "flowTuples": tuples }] }] } })
}

/// The sender logs the frontend, the machine its own address: rows of both are told as one flow, and are counted as such.
#[test]
fn a_flow_through_a_private_frontend_is_told_with_the_rows_of_both_ends() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    inner_facts(folder);
    let sent = [
        "1767607260000,10.0.5.4,10.0.3.100,50001,8080,6,O,B,NX,0,0,0,0",
        "1767607270000,10.0.5.4,10.0.3.100,50002,8080,6,O,B,NX,0,0,0,0",
        "1767607280000,10.0.5.4,10.0.1.4,50003,80,6,O,B,NX,0,0,0,0",
    ];
    let got = [
        "1767607260100,10.0.5.4,10.0.1.4,50001,80,6,I,D,NX,0,0,0,0",
        "1767607270100,10.0.5.4,10.0.1.4,50002,80,6,I,D,NX,0,0,0,0",
        "1767607280100,10.0.5.4,10.0.1.4,50003,80,6,I,D,NX,0,0,0,0",
    ];
    let text = json!({ "records": [
        record("000D3A000005", "networkSecurityGroups/none", "DefaultRule_AllowVnetOutBound", &sent),
        record("000D3A000001", "networkSecurityGroups/g", "UserRule_no80", &got)] });
    std::fs::write(folder.join("PT1H.json"), text.to_string()).unwrap();
    let ingest = run(folder, &["ingest", "PT1H.json"]);
    assert_eq!(ingest.exit, 0, "{}{}", ingest.out, ingest.err);

    let says = "c (10.0.5.4) to ilb (10.0.3.100), HTTP alternate (port 8080): denied by rule no80 (priority 100) of g, coming in at a";
    let asked = run(folder, &["explain", "10.0.5.4", "10.0.3.100:8080"]);
    assert_eq!(asked.exit, 0, "{}{}", asked.out, asked.err);
    assert_eq!(asked.out.lines().next(), Some(says), "{}", asked.out);
    for told in [
        "it came to a (10.0.1.4), port 80",
        "logged leaving 2 times, 0 denied, coming in 2 times, 2 denied",
        "c (out): allowed",
        "a (in): denied",
    ] {
        assert!(asked.out.contains(told), "{told}\n{}", asked.out);
    }
    // The row of either end is of the same flow, and so is the one connection.
    for (mac, port) in [("00-0D-3A-00-00-01", 50001), ("00-0D-3A-00-00-05", 50001)] {
        let query = format!("Flows | where MacAddress == '{mac}' and SrcPort == {port}");
        let by_row = run(folder, &["explain", "--query", &query, "--format", "json"]);
        let told: Value = serde_json::from_str(&by_row.out).unwrap();
        assert_eq!(told[0]["says"], says, "{}", by_row.out);
        assert_eq!(told[0]["flow"]["sourcePort"], 50001, "{}", by_row.out);
        assert_eq!(told[0]["vantages"].as_array().unwrap().len(), 2, "{}", by_row.out);
    }
    // What went to the machine itself is told as that, and is not what was sent to another port of the frontend.
    let direct = run(folder, &["explain", "10.0.5.4", "10.0.1.4:80"]);
    assert!(
        direct
            .out
            .starts_with("c (10.0.5.4) to a (10.0.1.4), HTTP (port 80): denied by rule no80"),
        "{}",
        direct.out
    );
    let once = &["explain", "10.0.5.4", "10.0.1.4:80", "--format", "json"];
    let told: Value = serde_json::from_str(&run(folder, once).out).unwrap();
    assert_eq!(told["alike"]["leaving"]["attempts"], 1, "{told}");
    assert_eq!(told["alike"]["comingIn"]["attempts"], 1, "{told}");
    let other = run(folder, &["explain", "10.0.5.4:50003", "10.0.3.100:8080"]);
    assert_eq!(other.exit, 1, "{}", other.out);
    assert!(
        other
            .out
            .contains("it was sent to the machine itself, so it is another flow"),
        "{}",
        other.out
    );
}
