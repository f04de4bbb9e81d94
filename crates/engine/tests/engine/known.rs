//! Columns that facts make: each flow has the names of its own time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::{Catalog, Engine, EngineOptions, Facts, FactsSnapshot};
use enrich::{Database, Library};
use model::FLOWS;
use model::facts::FactSet;
use sim::cidr::Prefix;

use crate::fixture::{DAY, FIRST_DAY, check_kql as check, context, flow_files, said_file, snapshot};

const NETWORK: &str = "/subscriptions/S1/resourceGroups/Net/providers/Microsoft.Network/virtualNetworks/hub";

/// The interface of all flows of the fixture, of a machine of this name, in a network that has all addresses of `10.`.
fn facts(machine: &str) -> Vec<u8> {
    let interface = format!(
        r#"[{{"id":"/subscriptions/S1/resourceGroups/Shop/providers/Microsoft.Network/networkInterfaces/nic-1",
            "type":"Microsoft.Network/networkInterfaces","location":"westeurope","macAddress":"00-0D-3A-00-00-01",
            "virtualMachine":{{"id":"/subscriptions/S1/resourceGroups/Shop/providers/Microsoft.Compute/virtualMachines/{machine}"}},
            "ipConfigurations":[{{"name":"a","subnet":{{"id":"{NETWORK}/subnets/web"}}}}]}},
           {{"id":"{NETWORK}","type":"Microsoft.Network/virtualNetworks","location":"westeurope",
            "addressSpace":{{"addressPrefixes":["10.0.0.0/8"]}},
            "subnets":[{{"id":"{NETWORK}/subnets/web","name":"web","addressPrefix":"10.9.0.0/24"}}]}}]"#
    );
    let read = inventory::read(interface.as_bytes()).unwrap();
    // It has no address of its own, so that all of the network's may be its.
    let told: Vec<&str> = read
        .problems
        .iter()
        .map(|problem| problem.path.as_str())
        .collect();
    assert_eq!(told, ["[0].ipConfigurations[0]"]);
    serde_json::to_vec(&read.facts).unwrap()
}

async fn engine() -> Engine {
    let snapshots = [(1, "vm-old"), (2, "vm-new")];
    engine_of(
        snapshots
            .map(|(days, machine)| snapshot_of(days, machine, facts(machine)))
            .to_vec(),
        Library::default(),
    )
    .await
}

fn snapshot_of(days: i64, hash: &str, text: Vec<u8>) -> FactsSnapshot {
    FactsSnapshot {
        taken: (i64::from(FIRST_DAY) + days) * DAY,
        hash: hash.to_owned(),
        text: text.into(),
    }
}

async fn engine_of(snapshots: Vec<FactsSnapshot>, library: Library) -> Engine {
    let options = EngineOptions {
        roundtrip_plans: true,
        ..EngineOptions::default()
    };
    let flows = snapshot(&FLOWS, 7, flow_files()).await;
    let catalog = Catalog {
        snapshots: vec![flows],
        facts: Facts::new(snapshots).with_library(library),
        rollups: None,
    };
    Engine::with_options(catalog, options).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_have_the_names_of_their_time() {
    let engine = engine().await;
    check(
        &engine,
        "Flows | where FlowDirection == 'Outbound' | summarize count() by d = dayofmonth(TimeGenerated), SrcVm | sort by d asc",
        // Before the first of them the first is what is known.
        &["1 shop/vm-old 400", "2 shop/vm-old 400", "3 shop/vm-new 400"],
    )
    .await;
    check(
        &engine,
        "Flows | where DestVm has 'vm-new' | summarize count() by DestNic, DestSubnet, DestRegion, DestSubscription, FlowType, SrcVm",
        &["shop/nic-1 net/hub/web westeurope s1 IntraVNet  400"],
    )
    .await;
    check(
        &engine,
        "Flows | where FlowType != 'IntraVNet' | summarize count() by FlowType, SrcIp, FlowDirection",
        &["ExternalPublic 198.51.100.7 Inbound 1"],
    )
    .await;
    let sql = "SELECT \"SrcVm\", count(*) AS n FROM \"Flows\" WHERE \"SrcVm\" <> '' GROUP BY 1 ORDER BY 1";
    let batches = engine
        .sql(&context(), sql)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    let rows: usize = batches.iter().map(arrow_array::RecordBatch::num_rows).sum();
    assert_eq!(rows, 2);
}

/// Three machines of one network, and an appliance between them.
const MACHINES: [(&str, &str); 4] = [
    ("01", "10.0.0.1"),
    ("02", "10.0.0.2"),
    ("03", "10.0.0.3"),
    ("0F", "10.0.0.15"),
];

/// Rows of these words, with what is known of [`MACHINES`] and of others.
async fn engine_with(rows: &[(i64, &str)], others: &[(&str, &str)]) -> Engine {
    let interfaces = MACHINES.iter().chain(others).enumerate().map(|(at, (mac, address))| {
        format!(
            r#"{{"id":"/subscriptions/S1/resourceGroups/Shop/providers/Microsoft.Network/networkInterfaces/nic-{at}",
                "type":"Microsoft.Network/networkInterfaces","location":"westeurope","macAddress":"00-0D-3A-00-00-{mac}",
                "virtualMachine":{{"id":"/subscriptions/S1/resourceGroups/Shop/providers/Microsoft.Compute/virtualMachines/vm-{at}"}},
                "ipConfigurations":[{{"name":"a","privateIPAddress":"{address}","subnet":{{"id":"{NETWORK}/subnets/web"}}}}]}}"#
        )
    });
    let interfaces: Vec<String> = interfaces.collect();
    let text = format!(
        r#"[{},{{"id":"{NETWORK}","type":"Microsoft.Network/virtualNetworks","location":"westeurope",
            "addressSpace":{{"addressPrefixes":["10.0.0.0/8"]}},
            "subnets":[{{"id":"{NETWORK}/subnets/web","name":"web","addressPrefix":"10.0.0.0/24"}}]}}]"#,
        interfaces.join(",")
    );
    let read = inventory::read(text.as_bytes()).unwrap();
    assert_eq!(read.problems, []);
    let facts = snapshot_of(1, "machines", serde_json::to_vec(&read.facts).unwrap());
    let files = [said_file(rows)];
    let catalog = Catalog {
        snapshots: vec![snapshot(&FLOWS, 1, &files).await],
        facts: Facts::new(vec![facts]),
        rollups: None,
    };
    Engine::new(catalog).unwrap()
}

const ONCE: &str = "FlowsOnce | sort by SrcPort asc, TimeGenerated asc, MacAddress asc
    | project SrcPort, substring(MacAddress, 15), FlowDirection, CountedAt, IsAmbiguous, Attempts, Denials, BytesSrcToDest";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_flow_log_leaves_out_is_counted_at_the_other_end() {
    let engine = engine_with(
        &[
            // Both log only what comes in.
            (0, "Mac=01 SrcIp=10.0.0.2 DestIp=10.0.0.1 SrcPort=1 FlowDirection=Inbound FlowState=E BytesSrcToDest=5"),
            (0, "Mac=02 SrcIp=10.0.0.1 DestIp=10.0.0.2 SrcPort=2 FlowDirection=Inbound FlowState=E BytesSrcToDest=7"),
            // The source logs only what is denied.
            (0, "Mac=03 SrcIp=10.0.0.3 DestIp=10.0.0.9 SrcPort=3 FlowDirection=Outbound FlowState=D FlowStatus=Denied BytesSrcToDest=0"),
            (0, "Mac=01 SrcIp=10.0.0.3 DestIp=10.0.0.1 SrcPort=4 FlowDirection=Inbound FlowState=E BytesSrcToDest=9"),
        ],
        &[],
    )
    .await;
    check(
        &engine,
        ONCE,
        &[
            "1 01 Inbound Destination False 0 0 5",
            "2 02 Inbound Destination False 0 0 7",
            "3 03 Outbound Source False 1 1 0",
            "4 01 Inbound Destination False 0 0 9",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_says_who_logged_tells_nothing_of_other_flows() {
    let engine = engine_with(
        &[
            (
                0,
                "MacAddress=null SrcIp=10.0.0.9 DestIp=198.51.100.1 SrcPort=1 FlowDirection=Outbound FlowState=E BytesSrcToDest=5",
            ),
            (
                0,
                "Mac=01 SrcIp=203.0.113.9 DestIp=10.0.0.1 SrcPort=2 FlowDirection=Inbound FlowState=E BytesSrcToDest=7",
            ),
        ],
        &[],
    )
    .await;
    check(
        &engine,
        ONCE,
        &[
            "1  Outbound Source False 0 0 5",
            "2 01 Inbound Destination False 0 0 7",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_across_the_hour_counts_once() {
    let engine = engine_with(
        &[
            // The source is quiet after the hour, and so it is before it in the other case.
            (3_599_900, "Mac=01 SrcIp=10.0.0.1 DestIp=10.0.0.2 SrcPort=1 FlowDirection=Outbound FlowState=E BytesSrcToDest=5"),
            (3_600_100, "Mac=02 SrcIp=10.0.0.1 DestIp=10.0.0.2 SrcPort=1 FlowDirection=Inbound FlowState=E BytesSrcToDest=5"),
            (7_199_900, "Mac=02 SrcIp=10.0.0.3 DestIp=10.0.0.2 SrcPort=2 FlowDirection=Inbound FlowState=E BytesSrcToDest=7"),
            (7_200_100, "Mac=03 SrcIp=10.0.0.3 DestIp=10.0.0.2 SrcPort=2 FlowDirection=Outbound FlowState=E BytesSrcToDest=7"),
            // Later in that hour nobody else tells.
            (5_400_000, "Mac=02 SrcIp=10.0.0.1 DestIp=10.0.0.2 SrcPort=3 FlowDirection=Inbound FlowState=E BytesSrcToDest=9"),
        ],
        &[],
    )
    .await;
    let counted = [
        "1 01 Outbound Source False 0 0 5",
        "2 03 Outbound Source False 0 0 7",
        "3 02 Inbound Destination False 0 0 9",
    ];
    check(&engine, ONCE, &counted).await;
    // Also where only one side of the hour is asked for.
    let later = ONCE.replace(
        "FlowsOnce",
        "FlowsOnce | where TimeGenerated >= datetime(2024-01-01 01:00)",
    );
    check(&engine, &later, &counted[1..]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_may_be_several_counts_once_and_is_marked() {
    let rows = [
        // A machine that was made anew: its address is that of the one that facts name, and its interface is not known.
        (
            0,
            "Mac=A3 SrcIp=10.0.0.3 DestIp=10.0.0.1 SrcPort=1 FlowDirection=Outbound FlowState=E BytesSrcToDest=5",
        ),
        (
            0,
            "Mac=01 SrcIp=10.0.0.3 DestIp=10.0.0.1 SrcPort=1 FlowDirection=Inbound FlowState=E BytesSrcToDest=5",
        ),
        // Two interfaces are known for the address.
        (
            0,
            "Mac=04 SrcIp=10.0.0.4 DestIp=10.0.0.1 SrcPort=2 FlowDirection=Outbound FlowState=E BytesSrcToDest=7",
        ),
        (
            0,
            "Mac=01 SrcIp=10.0.0.4 DestIp=10.0.0.1 SrcPort=2 FlowDirection=Inbound FlowState=E BytesSrcToDest=7",
        ),
    ];
    let engine = engine_with(&rows, &[("04", "10.0.0.4"), ("05", "10.0.0.4")]).await;
    check(
        &engine,
        ONCE,
        &[
            "1 01 Inbound SourceByAddress True 0 0 0",
            "1 A3 Outbound Source False 0 0 5",
            "2 01 Inbound SourceByAddress True 0 0 0",
            "2 04 Outbound Source False 0 0 7",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_an_appliance_counts_there_only_if_neither_end_logs_it() {
    let (through, hop) = ("SrcIp=10.0.0.1 DestIp=10.0.0.2", "Mac=0F");
    let said = |mac: &str, to: &str, port: u16, direction: &str| {
        format!(
            "{mac} SrcIp=10.0.0.1 DestIp={to} SrcPort={port} FlowDirection={direction} FlowState=B BytesSrcToDest=5"
        )
    };
    let row = |mac: &str, port: u16, direction: &str| said(mac, "10.0.0.2", port, direction);
    let rows = [
        // The source logs.
        (0, row("Mac=01", 1, "Outbound")),
        (0, row(hop, 1, "Inbound")),
        (0, row(hop, 1, "Outbound")),
        // The destination does.
        (3_600_000 * 2, row("Mac=02", 2, "Inbound")),
        (3_600_000 * 2, row(hop, 2, "Inbound")),
        (3_600_000 * 2, row(hop, 2, "Outbound")),
        // Neither does.
        (3_600_000 * 4, row(hop, 3, "Inbound")),
        (3_600_000 * 4, row(hop, 3, "Outbound")),
        // The destination does, and facts do not know it.
        (3_600_000 * 6, said("Mac=B9", "10.0.0.9", 6, "Inbound")),
        (3_600_000 * 6, said(hop, "10.0.0.9", 6, "Inbound")),
        (3_600_000 * 6, said(hop, "10.0.0.9", 6, "Outbound")),
        // Facts have another address of the destination than it has.
        (3_600_000 * 8, said("Mac=03", "10.0.0.33", 7, "Inbound")),
        // The appliance logs only what comes in; the destination logs, or does not.
        (3_600_000 * 10, row(hop, 8, "Inbound")),
        (3_600_000 * 12, row(hop, 9, "Inbound")),
        (3_600_000 * 12, row("Mac=02", 9, "Inbound")),
        // It is denied on the way.
        (
            0,
            format!(
                "{hop} {through} SrcPort=4 FlowDirection=Inbound FlowState=D FlowStatus=Denied BytesSrcToDest=0"
            ),
        ),
        (
            3_600_000 * 4,
            format!(
                "{hop} {through} SrcPort=5 FlowDirection=Inbound FlowState=D FlowStatus=Denied BytesSrcToDest=0"
            ),
        ),
    ];
    let rows: Vec<(i64, &str)> = rows
        .iter()
        .map(|(millis, said)| (*millis, said.as_str()))
        .collect();
    check(
        &engine_with(&rows, &[]).await,
        ONCE,
        &[
            "1 01 Outbound Source False 1 0 5",
            "2 02 Inbound Destination False 1 0 5",
            "3 0F Outbound Hop False 1 0 5",
            "4 0F Inbound DecisionOnly False 0 1 0",
            "5 0F Inbound Hop False 1 1 0",
            "6 B9 Inbound Destination False 1 0 5",
            "7 03 Inbound Hop False 1 0 5",
            "8 0F Inbound Hop False 1 0 5",
            "9 02 Inbound Destination False 1 0 5",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_cannot_be_read_are_named() {
    let flows = snapshot(&FLOWS, 7, flow_files()).await;
    let broken = FactsSnapshot {
        taken: 0,
        hash: "abc".to_owned(),
        text: b"{".to_vec().into(),
    };
    let catalog = Catalog {
        snapshots: vec![flows],
        facts: Facts::new(vec![broken]),
        rollups: None,
    };
    let engine = Engine::new(catalog).unwrap();
    // Who does not ask for names does not read them.
    check(&engine, "Flows | count", &["2400"]).await;
    let failure = engine
        .kql(&context(), "Flows | summarize by SrcVm", Vec::new())
        .await;
    let message = format!("{:?}", failure.err());
    assert!(
        message.contains("snapshot abc of the facts cannot be read"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_as_traffic_analytics_has_them() {
    let engine = engine().await;
    // One public address: it stands in a list of its own, and no longer at its end.
    check(
        &engine,
        "NTANetAnalytics | where FlowType == 'ExternalPublic' | project SrcIp, DestIp, DestPort, SrcPublicIps, DestPublicIps, AllowedInFlows, CompletedFlows, BytesSrcToDest, FlowEncryption, L7Protocol, FlowIntervalStartTime, TimeGenerated, FlowStartTime",
        &[" 10.9.0.2 22 198.51.100.7|0|1|2|3|350|1000  0 1 350 Unencrypted ssh 2024-01-02T04:00:00.0000000Z 2024-01-02T05:00:00.0000000Z 2024-01-02T04:10:00.0000000Z"],
    )
    .await;
    check(
        &engine,
        "AzureNetworkAnalytics_CL | where FlowType_s == 'ExternalPublic' | project SrcPublicIPs_s, DestPort_d, FlowDirection_s, FlowStatus_s, L4Protocol_s, OutboundBytes_d, VM2_s, FASchemaVersion_s",
        &["198.51.100.7|0|1|2|3|350|1000 22.0 I A T 350.0 shop/vm-old 2"],
    )
    .await;
    check(
        &engine,
        "NTAIpDetails | project Ip, FlowType, Location, PublicIpDetails, TimeGenerated",
        &["198.51.100.7 ExternalPublic   2024-01-02T05:00:00.0000000Z"],
    )
    .await;
    // Nothing is lost and nothing twice.
    let sums = |table: &str, rows: &str| {
        format!(
            "{table} | summarize {rows}, sum(BytesSrcToDest), sum(PacketsDestToSrc), countif(FlowStatus == 'Denied') > 0"
        )
    };
    let of_flows = engine
        .kql(&context(), &sums("Flows", "count()"), Vec::new())
        .await
        .unwrap()
        .0;
    let of_view = engine
        .kql(
            &context(),
            &sums("NTANetAnalytics", "sum(RecordCount)"),
            Vec::new(),
        )
        .await
        .unwrap()
        .0;
    assert_eq!(of_flows[0].rows.row(0), of_view[0].rows.row(0));
    // An hour of the view is an hour of the files.
    let (_, explain) = engine
        .kql(
            &context(),
            "NTANetAnalytics | where TimeGenerated between (datetime(2024-01-03 01:30) .. datetime(2024-01-03 03:00)) | summarize sum(RecordCount)",
            Vec::new(),
        )
        .await
        .unwrap();
    let counters = explain.counters();
    assert_eq!(
        (counters.files_total, counters.files_after_statistics),
        (6, 1),
        "{counters:?}"
    );
}

/// A database that has one country and one autonomous system for all addresses that `198.51.100.7` is one of.
fn database(country: &str) -> (Vec<u8>, Vec<u8>) {
    let record = serde_json::json!({
        "country": { "iso_code": country },
        "autonomous_system_number": 64_500,
        "autonomous_system_organization": "Example Hosting",
    });
    let networks = [(Prefix::parse("198.51.100.0/24").unwrap(), record)];
    let bytes = sim::mmdb::address_file("Test", 1, "made for a test", &networks);
    let mut facts: FactSet = serde_json::from_slice(&facts("vm-old")).unwrap();
    facts.databases = vec![Database::examined("test.mmdb", country, &bytes).unwrap()];
    (serde_json::to_vec(&facts).unwrap(), bytes)
}

/// A library that counts how often a database is fetched.
fn counted(bytes: Vec<u8>) -> (Library, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&count);
    let library = Library::new(move |_| {
        counting.fetch_add(1, Ordering::SeqCst);
        Ok(bytes.clone())
    });
    (library, count)
}

#[tokio::test(flavor = "multi_thread")]
async fn public_addresses_are_somewhere() {
    let (facts, bytes) = database("DE");
    let (library, fetched) = counted(bytes);
    let engine = engine_of(vec![snapshot_of(1, "de", facts)], library).await;
    // Names are told without it.
    check(
        &engine,
        "Flows | where SrcIp == '198.51.100.7' | project DestVm",
        &["shop/vm-old"],
    )
    .await;
    assert_eq!(fetched.load(Ordering::SeqCst), 0);
    check(
        &engine,
        "Flows | summarize count() by SrcCountry, SrcAsn, SrcAsnName, DestCountry, DestAsn, DestAsnName | sort by SrcCountry asc",
        &["      2399", "de 64500 Example Hosting    1"],
    )
    .await;
    check(
        &engine,
        "Flows | where SrcAsn == 64500 and isnull(DestAsn) | project SrcIp, gettype(SrcAsn)",
        &["198.51.100.7 long"],
    )
    .await;
    // The two names of an end are of one call, and so is what is asked by both at once.
    check(
        &engine,
        "Flows | where SrcCountry == 'de' | project DestVm, SrcCountry, SrcAsnName",
        &["shop/vm-old de Example Hosting"],
    )
    .await;
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
    let sql = "SELECT \"SrcCountry\", \"SrcAsn\" FROM \"Flows\" WHERE \"SrcAsn\" IS NOT NULL";
    let batches = engine
        .sql(&context(), sql)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(
        batches
            .iter()
            .map(arrow_array::RecordBatch::num_rows)
            .sum::<usize>(),
        1
    );
    for (query, expected) in [
        (
            "FlowsOnce | where SrcCountry != '' | project SrcCountry, SrcAsn",
            "de 64500",
        ),
        (
            "Sessions | where SrcCountry != '' | project SrcCountry, SrcAsn, SrcAsnName, DestCountry",
            "de 64500 Example Hosting ",
        ),
        (
            "NTANetAnalytics | where Country != '' | project FlowType, Country, SrcPublicIps",
            "ExternalPublic de 198.51.100.7|0|1|2|3|350|1000",
        ),
        (
            "AzureNetworkAnalytics_CL | where SubType_s == 'FlowLog' and Country_s != '' | project FlowType_s, Country_s",
            "ExternalPublic de",
        ),
        ("NTAIpDetails | project Ip, Location", "198.51.100.7 de"),
        (
            "AzureNetworkAnalyticsIPDetails_CL | project IP, Location, Country_s, AzureRegion_s",
            "198.51.100.7 de de ",
        ),
        (
            "ASimNetworkSessionLogs | where SrcGeoCountry != '' | project SrcIpAddr, SrcGeoCountry, DstGeoCountry",
            "198.51.100.7 DE ",
        ),
        (
            "_Im_NetworkSession(starttime=datetime(2024-01-01)) | where SrcGeoCountry == 'DE' | count",
            "1",
        ),
    ] {
        check(&engine, query, &[expected]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn countries_are_those_of_the_time() {
    let (old, old_bytes) = database("DE");
    let (new, new_bytes) = database("NL");
    let library = Library::new(move |about| match about.hash.as_str() {
        "DE" => Ok(old_bytes.clone()),
        _ => Ok(new_bytes.clone()),
    });
    // The flow is of the second day.
    for (days, expected) in [([0, 1], "nl"), ([1, 2], "de"), ([2, 3], "de")] {
        let snapshots = vec![
            snapshot_of(days[0], "a", old.clone()),
            snapshot_of(days[1], "b", new.clone()),
        ];
        let engine = engine_of(snapshots, library.clone()).await;
        check(
            &engine,
            "Flows | where SrcIp == '198.51.100.7' | project SrcCountry",
            &[expected],
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_is_named_to_who_asks_for_it() {
    let (facts, _) = database("DE");
    let gone = Library::new(|_| Err("no such file".to_owned()));
    let engine = engine_of(vec![snapshot_of(1, "de", facts)], gone).await;
    check(
        &engine,
        "Flows | where DestVm == 'shop/vm-old' and SrcIp == '198.51.100.7' | count",
        &["1"],
    )
    .await;
    let failure = engine
        .kql(&context(), "Flows | summarize by SrcCountry", Vec::new())
        .await;
    let message = format!("{:?}", failure.err());
    assert!(
        message.contains(
            "the database `Test` (`test.mmdb`), which the facts name, cannot be read: no such file"
        ),
        "{message}"
    );
    assert!(
        message.contains("load the file again with `flowglass facts load`"),
        "{message}"
    );
}
