//! Ends of which the log or the facts say only a part: public addresses of ours, balancers, private endpoints, addresses of nobody.

#![cfg(test)]

use enrich::{Databases, Snapshot, Timeline};
use inventory::{read, together};
use model::facts::Mac;
use model::vocabulary::RuleKind;
use model::{Direction, FlowState, FlowStatus};
use why::explain::{Case, Counters, Explanation, FlowKey, Line, Meaning, Outcome, Past, Surrounding};

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const DEV: &str = "00-0D-3A-00-00-01";
/// 2026-01-05 12:00.
const NOON: i64 = 1_767_614_400_000_000;

/// A sender, a machine with a public address, two behind a balancer, a private endpoint; the group at all but the sender denies port 9.
fn past() -> Past {
    let interface = |name: &str, mac: &str, address: &str, subnet: &str, more: &str| {
        format!(
            r#"{{"id":"{NETWORK}/networkInterfaces/nic-{name}","macAddress":"{mac}"{more},
            "ipConfigurations":[{{"name":"ip","privateIPAddress":"{address}","primary":true,"subnet":{{"id":"{NETWORK}/virtualNetworks/vnet/subnets/{subnet}"}}}}]}}"#
        )
    };
    let endpoint = format!(r#","privateEndpoint":{{"id":"{NETWORK}/privateEndpoints/pe"}}"#);
    let text = format!(
        r#"[{},{},{},{},{},
        {{"id":"{NETWORK}/virtualNetworks/vnet","addressSpace":{{"addressPrefixes":["10.0.0.0/16"]}},"subnets":[
          {{"id":"{NETWORK}/virtualNetworks/vnet/subnets/dev","addressPrefix":"10.0.1.0/24"}},
          {{"id":"{NETWORK}/virtualNetworks/vnet/subnets/app","addressPrefix":"10.0.2.0/24","privateEndpointNetworkPolicies":"Enabled","networkSecurityGroup":{{"id":"{NETWORK}/networkSecurityGroups/nsg"}}}}]}},
        {{"id":"{NETWORK}/networkSecurityGroups/nsg","securityRules":[
          {{"name":"nine","priority":100,"direction":"Inbound","access":"Deny","protocol":"*","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"9"}}]}},
        {{"id":"{NETWORK}/publicIPAddresses/pip","ipAddress":"52.1.2.3","ipConfiguration":{{"id":"{NETWORK}/networkInterfaces/nic-app/ipConfigurations/ip"}}}},
        {{"id":"{NETWORK}/publicIPAddresses/pip-lb","ipAddress":"52.9.9.9","ipConfiguration":{{"id":"{NETWORK}/loadBalancers/lb/frontendIPConfigurations/fe"}}}},
        {{"id":"{NETWORK}/loadBalancers/lb","frontendIPConfigurations":[{{"name":"fe","id":"{NETWORK}/loadBalancers/lb/frontendIPConfigurations/fe","publicIPAddress":{{"id":"{NETWORK}/publicIPAddresses/pip-lb"}}}}],
          "backendAddressPools":[{{"name":"p","backendIPConfigurations":[{{"id":"{NETWORK}/networkInterfaces/nic-a/ipConfigurations/ip"}},{{"id":"{NETWORK}/networkInterfaces/nic-b/ipConfigurations/ip"}}]}}]}}]"#,
        interface("dev", DEV, "10.0.1.4", "dev", ""),
        interface("app", "00-0D-3A-00-00-02", "10.0.2.4", "app", ""),
        interface("a", "00-0D-3A-00-00-03", "10.0.2.5", "app", ""),
        interface("b", "00-0D-3A-00-00-04", "10.0.2.6", "app", ""),
        interface("pe", "00-0D-3A-00-00-05", "10.0.2.9", "app", &endpoint),
    );
    let reading = read(text.as_bytes()).unwrap();
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let facts = together([reading.facts]).0;
    Past::of(Timeline::of(vec![Snapshot { taken: NOON, facts }]))
}

fn key(source: &str, destination: &str, port: u16) -> FlowKey {
    FlowKey {
        source: source.parse().unwrap(),
        source_port: Some(50_001),
        destination: destination.parse().unwrap(),
        destination_port: Some(port),
        protocol: Some(6),
    }
}

fn told(asked: FlowKey, public: Option<&str>, lines: &[Line]) -> Explanation {
    let past = past();
    let public = [None, public.map(|address| address.parse().unwrap())];
    let case = Case::new(&past, asked, Meaning::default(), lines, NOON, public);
    case.explain(&Surrounding::default(), &Databases::default())
}

fn sent(kind: RuleKind, state: FlowState) -> Line {
    Line {
        at: NOON,
        mac: Mac::parse(DEV),
        direction: Direction::Outbound,
        key: key("10.0.1.4", "52.1.2.3", 443),
        state: Some(state),
        status: FlowStatus::Allowed,
        encryption: "NX".to_owned(),
        counters: Counters::default(),
        rule_kind: kind,
        rule: kind.as_str().to_owned(),
        group: String::new(),
        target: String::new(),
        format: "vnet-4".to_owned(),
        flow_id: "1".to_owned(),
    }
}

/// The sender's group sees the public address, the receiver's the private one and a source that is translated.
#[test]
fn a_public_address_of_ours_is_judged_only_where_it_is_seen() {
    let sent = sent(RuleKind::Platform, FlowState::Begin);
    let logged = told(key("10.0.1.4", "10.0.2.4", 443), Some("52.1.2.3"), &[sent]);
    let missing = told(key("10.0.1.4", "10.0.2.4", 443), Some("52.1.2.3"), &[]);
    assert_eq!(missing.outcome, Outcome::NotInTheLog);
    for told in [&logged, &missing] {
        assert_eq!(told.flow.destination.to_string(), "52.1.2.3");
        let judged: Vec<&str> = told.judged.iter().map(|held| held.interface.name()).collect();
        assert_eq!(judged, ["nic-dev"]);
        assert!(
            told.blind[0].contains("behind public address 52.1.2.3"),
            "{:?}",
            told.blind
        );
        assert!(
            told.change.iter().all(|change| change.additions.is_empty()),
            "{:?}",
            told.change
        );
    }
    assert!(!missing.says.contains("would let it through"), "{}", missing.says);
    // From the internet it is the private address that the group sees.
    let outside = told(key("8.8.8.8", "10.0.2.4", 443), Some("52.1.2.3"), &[]);
    assert_eq!(outside.judged.len(), 1);
    assert_eq!(outside.judged[0].interface.name(), "nic-app");
}

/// Behind a balancer the port and the machine are others: no verdict is made up for those that were typed.
#[test]
fn behind_a_balancer_no_verdict_is_made_up() {
    let told = told(key("8.8.8.8", "10.0.2.5", 9), Some("52.9.9.9"), &[]);
    assert_eq!(told.judged.len(), 0, "{:?}", told.judged);
    assert_eq!(told.change, None);
    assert!(told.says.contains("load balancer lb"), "{}", told.says);
    assert!(
        told.blind[0].contains("nic-a (10.0.2.5), nic-b (10.0.2.6)"),
        "{:?}",
        told.blind
    );
}

/// The group at the other end is asked though no log names it.
#[test]
fn the_group_of_an_end_that_logs_nothing_is_asked() {
    let endpoint = told(key("10.0.1.4", "10.0.2.9", 9), None, &[]);
    assert!(
        endpoint.says.contains("would deny it by rule nine"),
        "{}",
        endpoint.says
    );
    let nobody = told(key("10.0.1.4", "10.0.2.77", 9), None, &[]);
    assert!(
        nobody
            .says
            .ends_with("if a machine has 10.0.2.77, rules of subnet app would deny it by rule nine (priority 100); if it is a load balancer's, they are not asked"),
        "{}",
        nobody.says
    );
    let open = told(key("10.0.1.4", "10.0.2.77", 443), None, &[]);
    assert!(!open.says.contains("would let it through"), "{}", open.says);
    assert!(open.says.contains("is not known"), "{}", open.says);
}

/// An address that two networks have: what rules say at either is no verdict about the other.
#[test]
fn an_address_of_two_networks_gets_no_verdict() {
    let past = past();
    let (part, _) = past.at(NOON).unwrap();
    let twin = |name: &str| {
        format!(
            r#"{{"id":"{NETWORK}/networkInterfaces/nic-{name}","ipConfigurations":[{{"name":"ip","privateIPAddress":"10.77.0.4","primary":true,
            "subnet":{{"id":"{NETWORK}/virtualNetworks/{name}/subnets/s"}}}}]}},
            {{"id":"{NETWORK}/virtualNetworks/{name}","addressSpace":{{"addressPrefixes":["10.77.0.0/16"]}},"subnets":[
              {{"id":"{NETWORK}/virtualNetworks/{name}/subnets/s","addressPrefix":"10.77.0.0/24"}}]}}"#
        )
    };
    let twins = read(format!("[{},{}]", twin("east"), twin("west")).as_bytes())
        .unwrap()
        .facts;
    let facts = together([part.facts.clone(), twins]).0;
    let past = Past::of(Timeline::of(vec![Snapshot { taken: NOON, facts }]));
    let asked = key("10.0.1.4", "10.77.0.4", 443);
    let case = Case::new(&past, asked, Meaning::default(), &[], NOON, [None, None]);
    let told = case.explain(&Surrounding::default(), &Databases::default());
    assert!(!told.says.contains("would let it through"), "{}", told.says);
    assert!(
        told.says
            .ends_with("which may be nic-east or nic-west, is not known"),
        "{}",
        told.says
    );
}

/// What the log calls `unspecified` and lets through was not dropped; an end without counters is an end.
#[test]
fn an_end_without_counters_and_a_rule_that_is_unspecified() {
    let lines = [
        sent(RuleKind::Unspecified, FlowState::Begin),
        sent(RuleKind::Unspecified, FlowState::End),
    ];
    let told = told(key("10.0.1.4", "52.1.2.3", 443), None, &lines);
    assert!(
        told.says.contains("`unspecified`, which is no rule"),
        "{}",
        told.says
    );
    assert!(
        told.next[0].contains("its end is logged, without counters"),
        "{:?}",
        told.next
    );
}

/// What has no public address is not reached from the internet as it stands.
#[test]
fn what_has_no_public_address_is_not_reached_from_the_internet() {
    let reached = |destination: &str| {
        let told = told(key("8.8.8.8", destination, 443), None, &[]);
        !told
            .next
            .iter()
            .any(|why| why.contains("nothing from the internet reaches it unless"))
    };
    assert!(!reached("10.0.1.4"));
    assert!(reached("52.1.2.3"));
}
