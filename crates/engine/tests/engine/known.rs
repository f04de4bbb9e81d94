//! Columns that facts make: each flow has the names of its own time.

use engine::{Catalog, Engine, EngineOptions, Facts, FactsSnapshot};
use model::FLOWS;

use crate::fixture::{DAY, FIRST_DAY, check_kql as check, context, flow_files, snapshot};

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
    assert_eq!(read.problems, []);
    serde_json::to_vec(&read.facts).unwrap()
}

async fn engine() -> Engine {
    let taken = |days: i64| (i64::from(FIRST_DAY) + days) * DAY;
    let snapshots = [(1, "vm-old"), (2, "vm-new")].map(|(days, machine)| FactsSnapshot {
        taken: taken(days),
        hash: machine.to_owned(),
        text: facts(machine).into(),
    });
    let options = EngineOptions {
        roundtrip_plans: true,
        ..EngineOptions::default()
    };
    let flows = snapshot(&FLOWS, 7, flow_files()).await;
    let catalog = Catalog {
        snapshots: vec![flows],
        facts: Facts::new(snapshots.to_vec()),
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
