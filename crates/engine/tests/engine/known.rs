//! Columns that facts make: each flow has the names of its own time.

use engine::{Catalog, Engine, EngineOptions, Facts, FactsSnapshot};
use model::FLOWS;

use crate::fixture::{DAY, FIRST_DAY, context, flow_files, snapshot};

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

async fn check(engine: &Engine, query: &str, expected: &[&str]) {
    let (answers, _) = engine.kql(&context(), query, Vec::new()).await.unwrap();
    let rows = &answers[0].rows;
    let text: Vec<String> = (0..rows.rows)
        .map(|row| {
            let cells = rows.row(row).into_iter().map(|cell| cell.text().into_owned());
            cells.collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(text, expected, "{query}");
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
