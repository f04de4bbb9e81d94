//! Logs that name another rule than the facts do, at one end or at both: what is made of it, and what a change is tried on.

#![cfg(test)]

use enrich::{Databases, Snapshot, Timeline};
use inventory::{read, together};
use model::facts::Mac;
use model::vocabulary::RuleKind;
use model::{Direction, FlowState, FlowStatus};
use why::explain::{
    Agreement, Branch, Case, Counters, Explanation, FlowKey, Line, Meaning, Outcome, Past, Surrounding,
};

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const FROM: &str = "00-0D-3A-00-00-01";
const TO: &str = "00-0D-3A-00-00-02";
/// 2026-01-05 12:00.
const NOON: i64 = 1_767_614_400_000_000;

/// The sender has a group of its own and one at its subnet, which both let everything out; `nsg-to` denies 9 and lets in the rest.
fn past() -> Past {
    let interface = |name: &str, mac: &str, address: &str, group: &str| {
        format!(
            r#"{{"id":"{NETWORK}/networkInterfaces/nic-{name}","macAddress":"{mac}","networkSecurityGroup":{{"id":"{NETWORK}/networkSecurityGroups/{group}"}},
            "ipConfigurations":[{{"name":"ip","privateIPAddress":"{address}","primary":true,"subnet":{{"id":"{NETWORK}/virtualNetworks/vnet/subnets/{name}"}}}}]}}"#
        )
    };
    let text = format!(
        r#"[{},{},
        {{"id":"{NETWORK}/virtualNetworks/vnet","addressSpace":{{"addressPrefixes":["10.0.0.0/16"]}},"subnets":[
          {{"id":"{NETWORK}/virtualNetworks/vnet/subnets/from","addressPrefix":"10.0.1.0/24","networkSecurityGroup":{{"id":"{NETWORK}/networkSecurityGroups/nsg-subnet"}}}},
          {{"id":"{NETWORK}/virtualNetworks/vnet/subnets/to","addressPrefix":"10.0.2.0/24"}}]}},
        {{"id":"{NETWORK}/networkSecurityGroups/nsg-nic","securityRules":[]}},
        {{"id":"{NETWORK}/networkSecurityGroups/nsg-subnet","securityRules":[]}},
        {{"id":"{NETWORK}/networkSecurityGroups/nsg-to","securityRules":[
          {{"name":"nine","priority":100,"direction":"Inbound","access":"Deny","protocol":"*","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"9"}},
          {{"name":"asg","priority":200,"direction":"Inbound","access":"Deny","protocol":"*","sourceApplicationSecurityGroups":[{{"id":"{NETWORK}/applicationSecurityGroups/asg-gone"}}],
            "sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"443"}}]}}]"#,
        interface("from", FROM, "10.0.1.4", "nsg-nic"),
        interface("to", TO, "10.0.2.4", "nsg-to"),
    );
    let reading = read(text.as_bytes()).unwrap();
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let facts = together([reading.facts]).0;
    Past::of(Timeline::of(vec![Snapshot { taken: NOON, facts }]))
}

fn line(mac: &str, direction: Direction, port: u16, is_allowed: bool, rule: &str, group: &str) -> Line {
    let (state, status) = match is_allowed {
        true => (FlowState::Begin, FlowStatus::Allowed),
        false => (FlowState::Denied, FlowStatus::Denied),
    };
    Line {
        at: NOON,
        mac: Mac::parse(mac),
        direction,
        key: FlowKey {
            source: "10.0.1.4".parse().unwrap(),
            source_port: Some(50_001),
            destination: "10.0.2.4".parse().unwrap(),
            destination_port: Some(port),
            protocol: Some(6),
        },
        state: Some(state),
        status,
        encryption: "NX".to_owned(),
        counters: Counters::default(),
        rule_kind: match rule.starts_with("Default") {
            true => RuleKind::Default,
            false => RuleKind::User,
        },
        rule: rule.to_owned(),
        group: format!("{NETWORK}/networkSecurityGroups/{group}"),
        target: String::new(),
        format: "vnet-4".to_owned(),
        flow_id: mac.to_owned(),
    }
}

fn told(lines: &[Line]) -> Explanation {
    let past = past();
    let case = Case::new(&past, lines[0].key, Meaning::default(), lines, NOON, [None, None]);
    case.explain(&Surrounding::default(), &Databases::default())
}

/// What both the log and the rules let out is no hindrance, though the log names the group that is asked first.
#[test]
fn another_rule_at_one_end_leaves_the_change_to_the_other() {
    let out = line(
        FROM,
        Direction::Outbound,
        9,
        true,
        "DefaultRule_AllowVnetOutBound",
        "nsg-nic",
    );
    let denied = line(TO, Direction::Inbound, 9, false, "UserRule_nine", "nsg-to");
    let told = told(&[out, denied]);
    assert_eq!(told.outcome, Outcome::DeniedByRule);
    let [from, to] = told.judged.as_slice() else {
        panic!("{:?}", told.judged);
    };
    let Agreement::NamesAnother(reasons) = &from.agreement else {
        panic!("{:?}", from.agreement);
    };
    assert!(
        reasons[0].contains("of group `nsg-nic` lets it pass, and a log names the last group that was asked: by these facts that is `nsg-subnet`"),
        "{reasons:?}"
    );
    assert_eq!(to.agreement, Agreement::Agrees);
    let change = told.change.as_ref().unwrap();
    let groups: Vec<&str> = change.additions.iter().map(|added| added.group.name()).collect();
    assert_eq!((groups, &change.obstacles), (vec!["nsg-to"], &Vec::new()));
    let drawn = Branch::draw(&told.branches());
    assert!(
        drawn.contains("the log says the same of the decision, and names another rule:"),
        "{drawn}"
    );
}

/// Of what is let through one end is enough to deny it: that of which the log says the same.
#[test]
fn a_change_is_tried_where_the_log_says_the_same() {
    let out = line(
        FROM,
        Direction::Outbound,
        80,
        true,
        "DefaultRule_AllowVnetOutBound",
        "nsg-nic",
    );
    let inward = line(
        TO,
        Direction::Inbound,
        80,
        true,
        "DefaultRule_AllowVnetInBound",
        "nsg-to",
    );
    let change = told(&[out.clone(), inward]).change.unwrap();
    let groups: Vec<&str> = change.additions.iter().map(|added| added.group.name()).collect();
    assert_eq!(groups, ["nsg-to"]);
    // Where no end's log does, none is told.
    let gone = line(TO, Direction::Inbound, 80, true, "UserRule_gone", "nsg-to");
    let change = told(&[out, gone]).change.unwrap();
    assert_eq!(change.additions.len(), 0);
    assert!(
        change.obstacles[0].contains("the log says otherwise"),
        "{:?}",
        change.obstacles
    );
    // A denial by a rule that is not known any more is no reason to change another.
    let denied = line(TO, Direction::Inbound, 9, false, "UserRule_gone", "nsg-to");
    let change = told(&[denied]).change.unwrap();
    assert_eq!((change.allows, change.additions.len()), (true, 0));
}

/// Also of those who are known not to be in it.
#[test]
fn an_application_group_that_no_export_has_is_named() {
    let inward = line(
        TO,
        Direction::Inbound,
        80,
        true,
        "DefaultRule_AllowVnetInBound",
        "nsg-to",
    );
    let told = told(&[inward]);
    let missing =
        "application security group `asg-gone`, which rule `asg` of nsg-to names, is not among the facts";
    assert!(
        told.blind.iter().any(|text| text.starts_with(missing)),
        "{:?}",
        told.blind
    );
}

/// What is let through for want of a rule's name was not decided by encryption.
#[test]
fn what_is_let_through_as_unspecified_was_not_decided_by_encryption() {
    let mut inward = line(TO, Direction::Inbound, 80, true, "Unspecified", "nsg-to");
    inward.rule_kind = RuleKind::Unspecified;
    let told = told(&[inward]);
    let to = told
        .judged
        .iter()
        .find(|held| held.direction == "Inbound")
        .unwrap();
    assert_eq!(
        to.agreement,
        Agreement::NotByRules("it names `unspecified`, which is no rule".to_owned())
    );
}
