//! `nsg_verdict` and `nsg_rule`: in plans that travel and in memory, as of the flow's time or of a version of the facts.

use engine::{Catalog, Engine, EngineOptions, Facts, FactsSnapshot, KqlFailure};
use model::FLOWS;

use crate::fixture::{DAY, FIRST_DAY, check_kql as check, context, said_file, snapshot};

const GROUP: &str =
    "/subscriptions/S1/resourceGroups/Net/providers/Microsoft.Network/networkSecurityGroups/nsg-Web";

/// An interface and its group, whose rule about port 22 does this.
fn facts(access: &str) -> Vec<u8> {
    let ids = "/subscriptions/S1/resourceGroups/Net/providers/Microsoft.Network";
    let rule = |name: &str, priority: u16, access: &str, source_port: &str, port: &str| {
        format!(
            r#"{{"name":"{name}","properties":{{"priority":{priority},"direction":"Inbound","access":"{access}","protocol":"Tcp",
                "sourceAddressPrefix":"*","sourcePortRange":"{source_port}","destinationAddressPrefix":"*","destinationPortRange":"{port}"}}}}"#
        )
    };
    let text = format!(
        r#"[{{"id":"{ids}/networkInterfaces/nic-1","type":"Microsoft.Network/networkInterfaces","macAddress":"00-0D-3A-00-00-01",
            "networkSecurityGroup":{{"id":"{GROUP}"}},
            "ipConfigurations":[{{"name":"a","privateIPAddress":"10.0.0.1","subnet":{{"id":"{ids}/virtualNetworks/hub/subnets/web"}}}}]}},
           {{"id":"{ids}/virtualNetworks/hub","type":"Microsoft.Network/virtualNetworks",
            "addressSpace":{{"addressPrefixes":["10.0.0.0/16"]}},
            "subnets":[{{"id":"{ids}/virtualNetworks/hub/subnets/web","name":"web","addressPrefix":"10.0.0.0/24"}}]}},
           {{"id":"{GROUP}","type":"Microsoft.Network/networkSecurityGroups","securityRules":[{},{},{}]}}]"#,
        rule("Ssh-In", 100, access, "*", "22"),
        rule("Old-Client", 110, "Allow", "1024-2047", "443"),
        rule("No-Web", 120, "Deny", "*", "443"),
    );
    let read = inventory::read(text.as_bytes()).unwrap();
    assert_eq!(read.problems, []);
    serde_json::to_vec(&read.facts).unwrap()
}

/// Two loads, a day apart: first port 22 is denied, then it is allowed.
async fn engine(rows: &[(i64, &str)]) -> Engine {
    let load = |days: i64, hash: &str, access: &str| FactsSnapshot {
        taken: (i64::from(FIRST_DAY) + days) * DAY,
        hash: hash.to_owned(),
        text: facts(access).into(),
    };
    let loads = vec![
        load(0, "aaaaaaaa01234567", "Deny"),
        load(1, "bbbbbbbb01234567", "Allow"),
    ];
    let options = EngineOptions {
        roundtrip_plans: true,
        ..EngineOptions::default()
    };
    let catalog = Catalog {
        snapshots: vec![snapshot(&FLOWS, 1, &[said_file(rows)]).await],
        facts: Facts::new(loads),
        rollups: None,
    };
    Engine::with_options(catalog, options).unwrap()
}

const HOUR: i64 = 3_600_000;

const ROWS: [(i64, &str); 9] = [
    (
        HOUR,
        "Mac=01 SrcIp=203.0.113.7 DestIp=10.0.0.1 SrcPort=50001 DestPort=22 FlowDirection=Inbound",
    ),
    (
        HOUR,
        "Mac=01 SrcIp=10.0.0.9 DestIp=10.0.0.1 SrcPort=50002 DestPort=80 FlowDirection=Inbound",
    ),
    (
        HOUR,
        "Mac=01 SrcIp=203.0.113.7 DestIp=10.0.0.1 SrcPort=50003 DestPort=443 FlowDirection=Inbound",
    ),
    (
        HOUR,
        "Mac=01 SrcIp=203.0.113.7 DestIp=10.0.0.1 SrcPort=1500 DestPort=443 FlowDirection=Inbound",
    ),
    // Whether it came from an old client is not said.
    (
        HOUR,
        "Mac=01 SrcIp=203.0.113.7 DestIp=10.0.0.1 SrcPort=null DestPort=443 FlowDirection=Inbound",
    ),
    // Of port 22 all source ports are the same.
    (
        HOUR,
        "Mac=01 SrcIp=203.0.113.8 DestIp=10.0.0.1 SrcPort=null DestPort=22 FlowDirection=Inbound",
    ),
    (
        HOUR,
        "Mac=01 SrcIp=10.0.0.1 DestIp=168.63.129.16 SrcPort=50006 DestPort=53 FlowDirection=Outbound L4Protocol=UDP",
    ),
    (
        HOUR,
        "Mac=77 SrcIp=203.0.113.7 DestIp=10.0.0.1 SrcPort=50007 DestPort=22 FlowDirection=Inbound",
    ),
    (
        HOUR,
        "MacAddress=null SrcIp=203.0.113.7 DestIp=10.0.0.1 SrcPort=50008 DestPort=22 FlowDirection=Inbound",
    ),
];

const COLUMNS: &str =
    "MacAddress, TimeGenerated, FlowDirection, SrcIp, SrcPort, DestIp, DestPort, L4Protocol";

fn asked(version: &str) -> String {
    format!(
        "Flows | sort by SrcPort asc, DestPort asc, MacAddress asc
         | project SrcPort, DestPort, nsg_verdict({COLUMNS}{version}), substring(nsg_rule({COLUMNS}{version}), 47)"
    )
}

const EXPECTED: [&str; 9] = [
    " 22 Denied microsoft.network/networksecuritygroups/nsg-web/ssh-in",
    " 443 Unknown ",
    "1500 443 Allowed microsoft.network/networksecuritygroups/nsg-web/old-client",
    "50001 22 Denied microsoft.network/networksecuritygroups/nsg-web/ssh-in",
    "50002 80 Allowed microsoft.network/networksecuritygroups/nsg-web/allowvnetinbound",
    "50003 443 Denied microsoft.network/networksecuritygroups/nsg-web/no-web",
    "50006 53 NotGoverned ",
    "50007 22 Unknown ",
    "50008 22 Unknown ",
];

fn changed(to: &str) -> Vec<String> {
    EXPECTED
        .iter()
        .map(|line| match line.contains("ssh-in") {
            true => line.replace("Denied", to),
            false => (*line).to_owned(),
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_those_of_the_flows_time_or_of_a_version() {
    let early = engine(&ROWS).await;
    check(&early, &asked(""), &EXPECTED).await;
    let late = ROWS.map(|(millis, row)| (millis + 24 * HOUR, row));
    let allowed = changed("Allowed");
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let late = engine(&late).await;
    check(&late, &asked(""), &allowed).await;
    for version in ["1", "aaaaaaaa", "aaaaaaaa01234567"] {
        check(&late, &asked(&format!(", '{version}'")), &EXPECTED).await;
    }
    check(&early, &asked(", 'bbbbbbbb01234567'"), &allowed).await;
    check(&early, &format!("let v = '2'; {}", asked(", v")), &allowed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_group_and_the_rule_are_spelled_as_in_the_tables() {
    let engine = engine(&ROWS[..1]).await;
    check(
        &engine,
        &format!(
            "Flows | extend Rule = nsg_rule({COLUMNS})
             | join kind=inner (NsgRules | where isnull(ValidTo) or ValidTo > ValidFrom | distinct AclGroup, AclRule, Rule
                | project Rule = strcat(AclGroup, '/', AclRule), Written = Rule) on Rule
             | project Written"
        ),
        &["Ssh-In"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_groups_and_rows_in_memory_ask_the_same() {
    let engine = engine(&ROWS).await;
    check(
        &engine,
        &format!(
            "Flows | where nsg_verdict({COLUMNS}) == 'Denied' | summarize count() by nsg_verdict({COLUMNS})"
        ),
        &["Denied 3"],
    )
    .await;
    // No table is read, so nothing of it is a plan.
    check(
        &engine,
        "print mac = '00-0D-3A-00-00-01' | extend t = datetime(2024-01-01 01:00)
         | project nsg_verdict(mac, t, 'I', '203.0.113.7', 50000, '10.0.0.1', 22, 'T'),
             nsg_verdict(mac, t, 'In', '203.0.113.7', 50000, '10.0.0.1', 22, 'T'),
             nsg_verdict(mac, t, 'I', 'nowhere', 50000, '10.0.0.1', 22, 'T'),
             nsg_verdict(mac, t, 'I', '203.0.113.7', 500000, '10.0.0.1', 22, 'T'),
             nsg_verdict(mac, datetime(null), 'I', '203.0.113.7', 50000, '10.0.0.1', 22, 'T'),
             nsg_verdict(mac, datetime(null), 'I', '203.0.113.7', 50000, '10.0.0.1', 22, 'T', '2')",
        &["Denied Unknown Unknown Unknown Unknown Allowed"],
    )
    .await;
    // Rows of each row are computed where the facts are.
    check(
        &engine,
        "Flows | where SrcPort == 50001 | mv-apply port = dynamic([22, 443]) to typeof(long) on (
           extend v = nsg_verdict(MacAddress, TimeGenerated, FlowDirection, SrcIp, SrcPort, DestIp, port, L4Protocol)
           | project port, v) | project port, v",
        &["22 Denied", "443 Denied"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_there_is_not_is_refused_at_its_place() {
    let engine = engine(&ROWS).await;
    for (version, message) in [
        ("'cccccccc'", "there is no version `cccccccc` of the facts"),
        ("'aaaa'", "there is no version `aaaa` of the facts"),
        ("'3'", "there is no version `3` of the facts"),
        ("SrcIp", "takes a constant here"),
    ] {
        let query = format!("Flows\n| where nsg_verdict({COLUMNS}, {version}) == 'Denied'");
        let failed = engine.kql(&context(), &query, Vec::new()).await;
        let Err(KqlFailure::Query {
            message: said, line, ..
        }) = failed
        else {
            panic!("{version}: {failed:?}");
        };
        assert!(said.contains(message), "{version}: {said}");
        assert_eq!(line, 2, "{version}");
    }
}
