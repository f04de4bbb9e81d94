//! `who` on addresses that nobody has, and that are known all the same.

use crate::table::{ingested, run_in};

const IDS: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";

#[test]
fn what_stands_behind_an_address_without_a_holder_is_told() {
    let (folder, _) = ingested();
    let folder = folder.path();
    let exports = format!(
        r#"[{{"id":"{IDS}/publicIPAddresses/pip-nat","ipAddress":"20.50.0.10","natGateway":{{"id":"{IDS}/natGateways/nat"}}}},
        {{"id":"{IDS}/publicIPAddresses/pip-free","ipAddress":"20.50.0.11"}},
        {{"id":"{IDS}/publicIPPrefixes/pfx","ipPrefix":"20.51.0.0/28"}},
        {{"id":"{IDS}/publicIPPrefixes/pfx-fw","ipPrefix":"20.52.0.0/28"}},
        {{"id":"{IDS}/natGateways/nat-2","publicIpPrefixes":[{{"id":"{IDS}/publicIPPrefixes/pfx-fw"}}]}},
        {{"id":"{IDS}/localNetworkGateways/hq","localNetworkAddressSpace":{{"addressPrefixes":["192.168.0.0/16"]}}}},
        {{"id":"{IDS}/virtualNetworkGateways/vgw","gatewayType":"Vpn",
          "vpnClientConfiguration":{{"vpnClientAddressPool":{{"addressPrefixes":["172.16.50.0/24"]}}}}}}]"#
    );
    std::fs::write(folder.join("exports.json"), exports).unwrap();
    let at = ["--at", "2024-12-31"];
    assert_eq!(
        run_in(folder, &["facts", "load", "exports.json", at[0], at[1]]).exit,
        0
    );
    for (address, expected) in [
        (
            "20.50.0.10",
            "is pip-nat, a public address of our own: NAT gateway nat",
        ),
        ("20.50.0.11", "is pip-free, a public address of our own"),
        ("20.51.0.3", "is of pfx, a public prefix of our own"),
        (
            "20.52.0.3",
            "is of pfx-fw, a public prefix of our own: NAT gateway nat-2",
        ),
        ("20.51.0.16", "is not known (internet)"),
        ("192.168.3.4", "is on-premises behind hq"),
        ("172.16.50.7", "is a point-to-site client of gateway vgw"),
    ] {
        let run = run_in(folder, &["who", address, at[0], at[1]]);
        assert_eq!(
            run.out.lines().next(),
            Some(format!("{address} {expected}").as_str())
        );
        assert_eq!(run.exit, i32::from(expected.contains("not known")), "{address}");
    }
    let json = |address: &str| {
        let run = run_in(folder, &["who", address, at[0], at[1], "--format", "json"]);
        let told: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        ["ownPublic", "standsBefore", "behind"].map(|member| {
            let id = told[member].as_str().unwrap_or_default();
            id.rsplit('/').next().unwrap().to_owned()
        })
    };
    assert_eq!(json("20.50.0.10"), ["pip-nat", "nat", ""]);
    assert_eq!(json("20.51.0.3"), ["pfx", "", ""]);
    assert_eq!(json("192.168.3.4"), ["", "", "hq"]);
}
