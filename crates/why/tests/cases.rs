//! Flows of a small network, one case at a time.

#![cfg(test)]

use enrich::{Databases, Snapshot, Timeline};
use inventory::{read, together};
use model::facts::{FactSet, Mac};
use model::vocabulary::RuleKind;
use model::{Direction, FlowState, FlowStatus};
use why::explain::{
    Agreement, Branch, Case, Counters, Coverage, Explanation, FlowKey, Line, Meaning, Meant, Outcome, Past,
    Surrounding, one_flow,
};

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const WEB: &str = "00-0D-3A-00-00-01";
const DATA: &str = "00-0D-3A-00-00-02";
const FIREWALL: &str = "00-0D-3A-00-00-03";
const GUID: &str = "11111111-2222-3333-4444-555555555555";
/// 2026-01-05 12:00.
const NOON: i64 = 1_767_614_400_000_000;
const MINUTE: i64 = 60_000_000;

/// A rule as `az` writes it.
fn rule(name: &str, priority: i32, access: &str, source: &str, port: &str) -> String {
    format!(
        r#"{{"name":"{name}","priority":{priority},"direction":"Inbound","access":"{access}","protocol":"Tcp",
        "sourceAddressPrefix":"{source}","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"{port}"}}"#
    )
}

/// A web server and a database in two subnets, with a firewall between them; the database's rules are given.
fn facts(rules: &[String], more: &str) -> FactSet {
    let interface = |name: &str, mac: &str, address: &str, subnet: &str| {
        format!(
            r#"{{"id":"{NETWORK}/networkInterfaces/nic-{name}","macAddress":"{mac}","virtualMachine":{{"id":"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/{name}"}},
            "ipConfigurations":[{{"name":"ip","privateIPAddress":"{address}","primary":true,"subnet":{{"id":"{NETWORK}/virtualNetworks/vnet/subnets/{subnet}"}}}}]}}"#
        )
    };
    let text = format!(
        r#"[{},{},{},
        {{"id":"{NETWORK}/virtualNetworks/vnet","addressSpace":{{"addressPrefixes":["10.0.0.0/16"]}},"subnets":[
          {{"id":"{NETWORK}/virtualNetworks/vnet/subnets/web","addressPrefix":"10.0.1.0/24","routeTable":{{"id":"{NETWORK}/routeTables/rt"}}}},
          {{"id":"{NETWORK}/virtualNetworks/vnet/subnets/data","addressPrefix":"10.0.2.0/24","networkSecurityGroup":{{"id":"{NETWORK}/networkSecurityGroups/nsg-data"}}}},
          {{"id":"{NETWORK}/virtualNetworks/vnet/subnets/fw","addressPrefix":"10.0.3.0/24"}}]}},
        {{"id":"{NETWORK}/routeTables/rt","routes":[{{"name":"to-data","addressPrefix":"10.0.2.0/24","nextHopType":"VirtualAppliance","nextHopIpAddress":"10.0.3.4"}}]}},
        {{"id":"{NETWORK}/networkSecurityGroups/nsg-data","resourceGuid":"{GUID}","securityRules":[{}]}}{more}]"#,
        interface("vm-web", WEB, "10.0.1.4", "web"),
        interface("vm-data", DATA, "10.0.2.4", "data"),
        interface("vm-fw", FIREWALL, "10.0.3.4", "fw"),
        rules.join(",")
    );
    let reading = read(text.as_bytes()).unwrap();
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    together([reading.facts]).0
}

fn past(snapshots: Vec<(i64, FactSet)>) -> Past {
    let snapshots = snapshots
        .into_iter()
        .map(|(taken, facts)| Snapshot { taken, facts });
    Past::of(Timeline::of(snapshots.collect()))
}

fn key(port: u16) -> FlowKey {
    FlowKey {
        source: "10.0.1.4".parse().unwrap(),
        source_port: Some(50_001),
        destination: "10.0.2.4".parse().unwrap(),
        destination_port: Some(port),
        protocol: Some(6),
    }
}

fn line(at: i64, mac: &str, direction: Direction, state: FlowState, rule: &str, group: &str) -> Line {
    Line {
        at,
        mac: Mac::parse(mac),
        direction,
        key: key(1433),
        state: Some(state),
        status: match state {
            FlowState::Denied => FlowStatus::Denied,
            _ => FlowStatus::Allowed,
        },
        encryption: "NX".to_owned(),
        counters: Counters::default(),
        rule_kind: match rule.split('_').next().unwrap() {
            "UserRule" => RuleKind::User,
            "DefaultRule" => RuleKind::Default,
            "PlatformRule" => RuleKind::Platform,
            _ => RuleKind::Admin,
        },
        rule: rule.to_owned(),
        group: group.to_owned(),
        target: String::new(),
        format: "vnet-4".to_owned(),
        flow_id: format!("{at}"),
    }
}

fn counted(line: Line, sent: i64, received: i64) -> Line {
    Line {
        counters: Counters {
            packets_sent: Some(sent),
            bytes_sent: Some(sent * 60),
            packets_received: Some(received),
            bytes_received: Some(received * 60),
        },
        ..line
    }
}

fn at_noon() -> Meaning<'static> {
    Meaning {
        at: Some(NOON),
        flow_id: None,
    }
}

fn told(past: &Past, lines: &[Line], coverage: &[Coverage]) -> Explanation {
    let case = Case::new(past, key(1433), at_noon(), lines, NOON, [None, None]);
    let around = Surrounding {
        coverage: coverage.to_vec(),
        ..Surrounding::default()
    };
    case.explain(&around, &Databases::default())
}

#[test]
fn groups_are_known_by_their_guid_and_by_their_id_whatever_its_case() {
    let facts = facts(&[rule("deny-sql", 300, "Deny", "10.0.1.0/24", "1433")], "");
    let past = past(vec![(NOON - MINUTE, facts)]);
    let id = format!("{NETWORK}/networkSecurityGroups/nsg-data");
    for group in [
        GUID.to_owned(),
        GUID.to_uppercase(),
        id.to_lowercase(),
        id.to_uppercase(),
    ] {
        let lines = [line(
            NOON,
            DATA,
            Direction::Inbound,
            FlowState::Denied,
            "UserRule_DENY-SQL",
            &group,
        )];
        let told = told(&past, &lines, &[]);
        assert_eq!(told.outcome, Outcome::DeniedByRule);
        assert_eq!(told.vantages[0].group, "nsg-data");
        assert_eq!(told.vantages[0].priority, Some(300));
        let inbound = told
            .judged
            .iter()
            .find(|held| held.direction == "Inbound")
            .unwrap();
        assert_eq!(inbound.agreement, Agreement::Agrees);
        assert!(
            told.says
                .ends_with("denied by rule DENY-SQL (priority 300) of nsg-data, coming in at nic-vm-data"),
            "{}",
            told.says
        );
    }
}

/// NSG flow logs cut names of rules after 65 letters.
#[test]
fn a_name_that_is_cut_off_may_be_ambiguous() {
    let begin = "a".repeat(65);
    let rules = [
        rule(&format!("{begin}-one"), 300, "Deny", "10.0.1.0/24", "1433"),
        rule(&format!("{begin}-two"), 310, "Deny", "*", "*"),
    ];
    let past_two = past(vec![(NOON, facts(&rules, ""))]);
    let past_one = past(vec![(NOON, facts(&rules[..1], ""))]);
    let lines = [line(
        NOON,
        DATA,
        Direction::Inbound,
        FlowState::Denied,
        &format!("UserRule_{begin}"),
        GUID,
    )];
    let meant = |told: &Explanation| told.vantages[0].meant.clone().unwrap();
    assert!(matches!(meant(&told(&past_one, &lines, &[])), Meant::Rule(_)));
    let ambiguous = told(&past_two, &lines, &[]);
    assert!(matches!(meant(&ambiguous), Meant::Ambiguous(places) if places.len() == 2));
    let inbound = ambiguous
        .judged
        .iter()
        .find(|held| held.direction == "Inbound")
        .unwrap();
    assert!(matches!(&inbound.agreement, Agreement::AgreesOnDecision(why) if why.contains("ambiguous")));
    // A shorter name is whole, whatever begins with it.
    let short = [line(
        NOON,
        DATA,
        Direction::Inbound,
        FlowState::Denied,
        "UserRule_aaa",
        GUID,
    )];
    assert_eq!(meant(&told(&past_two, &short, &[])), Meant::NotThere);
}

#[test]
fn what_is_let_through_and_not_answered_is_followed_on_its_way() {
    let past = past(vec![(
        NOON,
        facts(&[rule("allow-sql", 200, "Allow", "10.0.1.0/24", "1433")], ""),
    )]);
    let left = |state, at, received| {
        let line = line(at, WEB, Direction::Outbound, state, "PlatformRule", "");
        counted(line, 3, received)
    };
    let lines = [
        left(FlowState::Begin, NOON, 0),
        left(FlowState::End, NOON + MINUTE, 0),
    ];
    let coverage = [Coverage {
        mac: Mac::parse(DATA).unwrap(),
        tuples: 41,
        last: NOON,
    }];
    let quiet = told(&past, &lines, &coverage);
    assert_eq!(quiet.outcome, Outcome::AllowedAndUnanswered);
    let next = quiet.next.join("\n");
    assert!(
        next.contains("it left and did not arrive: nic-vm-data logged 41 other tuples"),
        "{next}"
    );
    assert!(
        next.contains("it goes through the appliance 10.0.3.4 (vm-fw), by route `to-data` of table `rt`"),
        "{next}"
    );
    assert!(next.contains("it comes back by network `vnet`"), "{next}");
    assert!(next.contains("the firewall of vm-data itself"), "{next}");
    // Once it arrived it is the machine's own matter.
    let arrived = line(
        NOON,
        DATA,
        Direction::Inbound,
        FlowState::Begin,
        "UserRule_allow-sql",
        GUID,
    );
    let both = [lines[0].clone(), lines[1].clone(), counted(arrived, 3, 0)];
    let next = told(&past, &both, &coverage).next.join("\n");
    assert!(
        next.contains("it arrived at vm-data: does anything listen on port 1433"),
        "{next}"
    );
    assert!(!next.contains("did not arrive"), "{next}");
    // One packet back is an answer; nothing reported is neither.
    let answered = [
        left(FlowState::Begin, NOON, 0),
        left(FlowState::End, NOON + MINUTE, 1),
    ];
    assert_eq!(
        told(&past, &answered, &coverage).outcome,
        Outcome::AllowedAndAnswered
    );
    let begun = [line(
        NOON,
        WEB,
        Direction::Outbound,
        FlowState::Begin,
        "PlatformRule",
        "",
    )];
    let open = told(&past, &begun, &coverage);
    assert_eq!(open.outcome, Outcome::AllowedReplyNotReported);
    assert!(
        open.says.contains("whether a reply came is not reported"),
        "{}",
        open.says
    );
}

#[test]
fn rules_that_have_changed_since_are_named_as_the_reason() {
    let deny = facts(&[rule("deny-sql", 300, "Deny", "*", "1433")], "");
    let allow = facts(&[rule("allow-sql", 300, "Allow", "*", "1433")], "");
    let past = past(vec![(NOON - 60 * MINUTE, deny), (NOON - 30 * MINUTE, allow)]);
    let lines = [line(
        NOON,
        DATA,
        Direction::Inbound,
        FlowState::Denied,
        "UserRule_deny-sql",
        GUID,
    )];
    let told = told(&past, &lines, &[]);
    let inbound = told
        .judged
        .iter()
        .find(|held| held.direction == "Inbound")
        .unwrap();
    let Agreement::Differs(reasons) = &inbound.agreement else {
        panic!("{:?}", inbound.agreement);
    };
    assert!(
        reasons[0].contains("`deny-sql` that the log names is not among those"),
        "{reasons:?}"
    );
    assert!(
        reasons[1]
            .contains("by the earlier load of facts, of 2026-01-05 11:00:00 UTC, they say what was logged"),
        "{reasons:?}"
    );
    let drawn = Branch::draw(&told.branches());
    assert!(drawn.contains("the log says otherwise:"), "{drawn}");
}

#[test]
fn what_passes_a_firewall_is_told_at_each_end_and_at_the_firewall() {
    let past = past(vec![(
        NOON,
        facts(&[rule("deny-sql", 300, "Deny", "*", "1433")], ""),
    )]);
    let lines = [
        line(
            NOON,
            WEB,
            Direction::Outbound,
            FlowState::Begin,
            "PlatformRule",
            "",
        ),
        line(
            NOON + 1_000,
            FIREWALL,
            Direction::Inbound,
            FlowState::Begin,
            "PlatformRule",
            "",
        ),
        line(
            NOON + 2_000,
            FIREWALL,
            Direction::Outbound,
            FlowState::Begin,
            "PlatformRule",
            "",
        ),
        line(
            NOON + 3_000,
            DATA,
            Direction::Inbound,
            FlowState::Denied,
            "UserRule_deny-sql",
            GUID,
        ),
    ];
    let told = told(&past, &lines, &[]);
    let ways = |told: &Explanation| {
        let ways = told.vantages.iter().map(|held| {
            let name = held.interface.as_ref().unwrap().name().to_owned();
            (name, held.direction.clone(), held.is_hop)
        });
        ways.collect::<Vec<_>>()
    };
    let way = |name: &str, direction: &str, is_hop| (name.to_owned(), direction.to_owned(), is_hop);
    assert_eq!(
        ways(&told),
        [
            way("nic-vm-web", "Outbound", false),
            way("nic-vm-fw", "Inbound", true),
            way("nic-vm-fw", "Outbound", true),
            way("nic-vm-data", "Inbound", false)
        ]
    );
    // What comes in at the firewall is told first, whatever its tuples' times.
    let mut early = lines.clone();
    early[2].at = NOON + 500;
    assert_eq!(ways(&self::told(&past, &early, &[])), ways(&told));
    // Where only the sender and the firewall log, the sender's rule let it through, not the firewall's.
    let mut passed = lines[..3].to_vec();
    passed[0].rule_kind = RuleKind::Default;
    passed[0].rule = "DefaultRule_AllowVnetOutBound".to_owned();
    let says = self::told(&past, &passed, &[]).says;
    assert!(
        says.contains("allowed by default rule AllowVnetOutBound"),
        "{says}"
    );
    assert_eq!(told.outcome, Outcome::DeniedByRule);
    assert_eq!(told.source.name.as_deref(), Some("vm-web"));
    assert_eq!(told.destination.name.as_deref(), Some("vm-data"));
}

#[test]
fn no_rule_of_a_group_changes_what_a_network_manager_denies() {
    let collection = format!("{NETWORK}/networkManagers/m/securityAdminConfigurations/c/ruleCollections/rc");
    let admin = format!(
        r#",{{"id":"{collection}","appliesToGroups":[],"ruleGroups":[],"rules":[]}},
        {{"id":"{collection}/rules/no-sql","kind":"Custom","properties":{{"displayName":"no-sql","priority":1,"direction":"Inbound","access":"Deny","protocol":"Tcp",
        "sources":[],"destinations":[],"sourcePortRanges":["0-65535"],"destinationPortRanges":["1433"]}}}}"#
    );
    let facts = facts(&[rule("allow-sql", 200, "Allow", "*", "1433")], &admin);
    let past = past(vec![(NOON, facts)]);
    let lines = [line(
        NOON,
        DATA,
        Direction::Inbound,
        FlowState::Denied,
        "no-sql",
        "c",
    )];
    let told = told(&past, &lines, &[]);
    assert_eq!(told.outcome, Outcome::DeniedByRule);
    let change = told.change.unwrap();
    assert!(change.additions.is_empty(), "{change:?}");
    assert!(!change.obstacles.is_empty());
}

#[test]
fn a_private_endpoint_logs_nothing() {
    let endpoint = format!(
        r#",{{"id":"{NETWORK}/networkInterfaces/nic-pe","privateEndpoint":{{"id":"{NETWORK}/privateEndpoints/pe"}},
        "ipConfigurations":[{{"name":"ip","privateIPAddress":"10.0.2.9","subnet":{{"id":"{NETWORK}/virtualNetworks/vnet/subnets/data"}}}}]}}"#
    );
    let past = past(vec![(NOON, facts(&[], &endpoint))]);
    let asked = FlowKey {
        destination: "10.0.2.9".parse().unwrap(),
        ..key(443)
    };
    let case = Case::new(&past, asked, at_noon(), &[], NOON, [None, None]);
    let told = case.explain(&Surrounding::default(), &Databases::default());
    assert_eq!(told.outcome, Outcome::NotInTheLog);
    assert!(
        told.next
            .iter()
            .any(|reason| reason.contains("a private endpoint logs nothing")),
        "{:?}",
        told.next
    );
    // Nor is it a machine that is gone.
    for (address, more) in [
        ("10.0.2.9", endpoint.as_str()),
        (
            "10.0.2.10",
            &format!(
                r#",{{"id":"{NETWORK}/privateEndpoints/pe2","subnet":{{"id":"{NETWORK}/virtualNetworks/vnet/subnets/data"}},
                "customDnsConfigs":[{{"fqdn":"a.blob.core.windows.net","ipAddresses":["10.0.2.10"]}}]}}"#
            ),
        ),
    ] {
        let past = self::past(vec![(NOON, facts(&[], more))]);
        let asked = FlowKey {
            destination: address.parse().unwrap(),
            ..key(443)
        };
        let case = Case::new(&past, asked, at_noon(), &[], NOON, [None, None]);
        let told = case.explain(&Surrounding::default(), &Databases::default());
        let all = told.next.join("\n");
        assert!(
            all.contains("a private endpoint logs nothing"),
            "{address}: {all}"
        );
        assert!(!all.contains("nobody is known to have"), "{address}: {all}");
    }
}

/// Of many flows between the same ends the one that is closest to the time, from its beginning to its end.
#[test]
fn one_flow_is_cut_out_of_many() {
    let own = |at, state| line(at, WEB, Direction::Outbound, state, "PlatformRule", "");
    let other = |at, state| line(at, DATA, Direction::Inbound, state, "PlatformRule", "");
    let lines = [
        own(NOON, FlowState::Begin),
        other(NOON + 5, FlowState::Begin),
        own(NOON + 5 * MINUTE, FlowState::Continue),
        own(NOON + 6 * MINUTE, FlowState::End),
        other(NOON + 6 * MINUTE, FlowState::End),
        own(NOON + 20 * MINUTE, FlowState::Begin),
        other(NOON + 20 * MINUTE, FlowState::Begin),
        own(NOON + 25 * MINUTE, FlowState::Continue),
    ];
    let states = |at: Option<i64>| {
        let flow = one_flow(
            &lines,
            Meaning {
                at,
                ..Meaning::default()
            },
        );
        flow.iter()
            .map(|line| (line.at - NOON) / MINUTE)
            .collect::<Vec<_>>()
    };
    assert_eq!(states(Some(NOON + 4 * MINUTE)), [0, 0, 5, 6, 6]);
    assert_eq!(states(Some(NOON + 14 * MINUTE)), [20, 20, 25]);
    assert_eq!(states(None), [20, 20, 25]);
    assert!(one_flow(&[], Meaning::default()).is_empty());
}
