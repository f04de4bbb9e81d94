//! What is sent to a load balancer: which rule takes it, to which machines and port, and what rules say there.

#![cfg(test)]

use enrich::{Databases, Snapshot, Timeline};
use inventory::{read, together};
use model::facts::{AddressSpec, Asset, Mac};
use model::vocabulary::RuleKind;
use model::{Direction, FlowState, FlowStatus};
use nsg::Decision;
use why::explain::{
    Branch, Case, Counters, Endpoint, Explanation, FlowKey, Line, Meaning, Outcome, Past, Surrounding,
};

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const MAC_A: &str = "00-0D-3A-00-00-03";
/// 2026-01-05 12:00.
const NOON: i64 = 1_767_614_400_000_000;

/// `a` and `b` behind a public and a private frontend. The subnet's group lets in 80 and 22; that of `b` itself denies 80 from 9.9.9.9.
fn past(rules: &str) -> Past {
    let group = |name: &str| format!(r#"{{"id":"{NETWORK}/networkSecurityGroups/{name}"}}"#);
    let interface = |name: &str, mac: &str, address: &str, subnet: &str, more: &str| {
        format!(
            r#"{{"id":"{NETWORK}/networkInterfaces/nic-{name}","macAddress":"{mac}"{more},
            "ipConfigurations":[{{"name":"ip","privateIPAddress":"{address}","primary":true,"subnet":{{"id":"{NETWORK}/virtualNetworks/vnet/subnets/{subnet}"}}}}]}}"#
        )
    };
    let rule = |name: &str, priority: u16, access: &str, source: &str, port: &str| {
        format!(
            r#"{{"name":"{name}","priority":{priority},"direction":"Inbound","access":"{access}","protocol":"*","sourceAddressPrefix":"{source}",
            "sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"{port}"}}"#
        )
    };
    let machine =
        |name: &str| format!(r#"{{"id":"{NETWORK}/networkInterfaces/nic-{name}/ipConfigurations/ip"}}"#);
    let lb = format!("{NETWORK}/loadBalancers/lb");
    let text = format!(
        r#"[{},{},{},
        {{"id":"{NETWORK}/virtualNetworks/vnet","addressSpace":{{"addressPrefixes":["10.0.0.0/16"]}},"subnets":[
          {{"id":"{NETWORK}/virtualNetworks/vnet/subnets/dev","addressPrefix":"10.0.1.0/24"}},
          {{"id":"{NETWORK}/virtualNetworks/vnet/subnets/app","addressPrefix":"10.0.2.0/24","networkSecurityGroup":{}}}]}},
        {{"id":"{NETWORK}/networkSecurityGroups/nsg","securityRules":[{},{}]}},
        {{"id":"{NETWORK}/networkSecurityGroups/nsg-b","securityRules":[{},{}]}},
        {{"id":"{NETWORK}/publicIPAddresses/pip-lb","ipAddress":"52.9.9.9","ipConfiguration":{{"id":"{lb}/frontendIPConfigurations/fe"}}}},
        {{"id":"{lb}","frontendIPConfigurations":[
            {{"name":"fe","id":"{lb}/frontendIPConfigurations/fe","publicIPAddress":{{"id":"{NETWORK}/publicIPAddresses/pip-lb"}}}},
            {{"name":"in","id":"{lb}/frontendIPConfigurations/in","privateIPAddress":"10.0.2.100","subnet":{{"id":"{NETWORK}/virtualNetworks/vnet/subnets/app"}}}}],
          "backendAddressPools":[{{"name":"p","backendIPConfigurations":[{},{}]}}]{rules}}}]"#,
        interface("dev", "00-0D-3A-00-00-01", "10.0.1.4", "dev", ""),
        interface("a", MAC_A, "10.0.2.5", "app", ""),
        interface(
            "b",
            "00-0D-3A-00-00-04",
            "10.0.2.6",
            "app",
            &format!(r#","networkSecurityGroup":{}"#, group("nsg-b"))
        ),
        group("nsg"),
        rule("web", 100, "Allow", "*", "80"),
        rule("ssh", 110, "Allow", "*", "22"),
        rule("nine", 100, "Deny", "9.9.9.9", "80"),
        rule("any", 110, "Allow", "*", "*"),
        machine("a"),
        machine("b"),
    );
    let reading = read(text.as_bytes()).unwrap();
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let facts = together([reading.facts]).0;
    Past::of(Timeline::of(vec![Snapshot { taken: NOON, facts }]))
}

fn rules(balancing: &str, nat: &str) -> String {
    format!(r#","loadBalancingRules":[{balancing}],"inboundNatRules":[{nat}]"#)
}

fn rule(name: &str, frontend: &str, port: u16, behind: u16, more: &str) -> String {
    let lb = format!("{NETWORK}/loadBalancers/lb");
    format!(
        r#"{{"name":"{name}","protocol":"Tcp","frontendIPConfiguration":{{"id":"{lb}/frontendIPConfigurations/{frontend}"}},"frontendPort":{port},
        "backendPort":{behind}{more}}}"#
    )
}

fn to_pool() -> String {
    format!(r#","backendAddressPool":{{"id":"{NETWORK}/loadBalancers/lb/backendAddressPools/p"}}"#)
}

fn web() -> String {
    rules(&rule("to-web", "fe", 8080, 80, &to_pool()), "")
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

/// What is told of a flow that was typed with the address of a frontend.
fn told(past: &Past, source: &str, frontend: &str, port: u16, lines: &[Line]) -> Explanation {
    let public = [None, Some(frontend.parse().unwrap())];
    // As the command asks: the first address behind it stands for all.
    let case = Case::new(
        past,
        key(source, "10.0.2.5", port),
        Meaning::default(),
        lines,
        NOON,
        public,
    );
    case.explain(&Surrounding::default(), &Databases::default())
}

fn verdicts(told: &Explanation) -> Vec<(&str, u16, Decision)> {
    let judged = told.judged.iter();
    judged
        .map(|held| {
            (
                held.interface.name(),
                held.destination_port,
                held.proof.verdict.decision,
            )
        })
        .collect()
}

#[test]
fn each_machine_is_judged_at_the_port_behind() {
    let past = past(&web());
    let open = told(&past, "8.8.8.8", "52.9.9.9", 8080, &[]);
    assert_eq!(
        verdicts(&open),
        [("nic-a", 80, Decision::Allowed), ("nic-b", 80, Decision::Allowed)]
    );
    assert_eq!(
        open.says,
        "8.8.8.8 to lb (52.9.9.9), HTTP alternate (port 8080): no flow log has it; load balancer lb sends it by rule to-web to port 80 of \
         nic-a (10.0.2.5) or nic-b (10.0.2.6); rules would let it through"
    );
    // To deny it each machine needs a rule.
    let change = open.change.unwrap();
    let of: Vec<&str> = change
        .additions
        .iter()
        .map(|added| added.interface.name())
        .collect();
    assert_eq!((change.allows, of), (false, vec!["nic-a", "nic-b"]));
    assert!(
        change
            .additions
            .iter()
            .all(|added| added.rule.destination.ports[0].first == 80)
    );
    let drawn = Branch::draw(&told(&past, "8.8.8.8", "52.9.9.9", 8080, &[]).branches());
    assert!(drawn.contains("balanced at 52.9.9.9, port 8080"), "{drawn}");
    assert!(drawn.contains("coming in at nic-b, port 80: allowed"), "{drawn}");
    assert!(
        drawn.contains("each is for one machine behind the balancer"),
        "{drawn}"
    );
}

#[test]
fn machines_of_one_pool_may_say_different_things() {
    let past = past(&web());
    let split = told(&past, "9.9.9.9", "52.9.9.9", 8080, &[]);
    assert_eq!(
        verdicts(&split),
        [("nic-a", 80, Decision::Allowed), ("nic-b", 80, Decision::Denied)]
    );
    assert!(
        split.says.ends_with(
            "rules would deny it by rule nine (priority 100) at nic-b, and let it through at nic-a"
        ),
        "{}",
        split.says
    );
    let change = split.change.unwrap();
    assert!(change.allows);
    let added: Vec<&str> = change
        .additions
        .iter()
        .map(|added| added.interface.name())
        .collect();
    assert_eq!(added, ["nic-b"]);
}

/// What is known of one machine is told, and that of the other it is not known.
#[test]
fn of_one_machine_it_may_not_be_known() {
    // `nine` has a tag that nobody knows in place of its source.
    let tagged = |rules: &str| {
        let past = past(rules);
        let (part, _) = past.at(NOON).unwrap();
        let mut facts = part.facts.clone();
        for held in &mut facts.resources {
            if let Asset::SecurityGroup(group) = &mut held.asset {
                let nine = group.rules.iter_mut().filter(|rule| rule.name == "nine");
                nine.for_each(|rule| rule.source.addresses = vec![AddressSpec::Tag("Nobody".to_owned())]);
            }
        }
        Past::of(Timeline::of(vec![Snapshot { taken: NOON, facts }]))
    };
    let half = told(&tagged(&web()), "8.8.8.8", "52.9.9.9", 8080, &[]);
    assert!(
        half.says
            .ends_with("rules would let it through at nic-a, and what they say is not known at nic-b"),
        "{}",
        half.says
    );
}

#[test]
fn a_rule_for_one_machine_leads_to_it() {
    let machine = format!(
        r#","backendIPConfiguration":{{"id":"{NETWORK}/networkInterfaces/nic-b/ipConfigurations/ip"}}"#
    );
    let nat = rules("", &rule("ssh-b", "fe", 2202, 22, &machine));
    let one = told(&past(&nat), "8.8.8.8", "52.9.9.9", 2202, &[]);
    assert_eq!(verdicts(&one), [("nic-b", 22, Decision::Allowed)]);
    assert!(
        one.says
            .contains("by rule ssh-b to port 22 of nic-b (10.0.2.6); rules would let it through"),
        "{}",
        one.says
    );
}

#[test]
fn what_no_rule_takes_goes_nowhere() {
    let dropped = told(&past(&web()), "8.8.8.8", "52.9.9.9", 443, &[]);
    assert_eq!(verdicts(&dropped), []);
    assert_eq!(dropped.change, None);
    assert!(
        dropped.says.ends_with(
            "no rule of load balancer lb takes what is sent to port 443 of 52.9.9.9, so it goes nowhere"
        ),
        "{}",
        dropped.says
    );
    // A rule of another frontend is no rule for this one, nor is one for another protocol.
    let other = past(&rules(&rule("inner", "in", 443, 443, &to_pool()), ""));
    assert!(
        told(&other, "8.8.8.8", "52.9.9.9", 443, &[])
            .balanced
            .unwrap()
            .is_dropped
    );
    let mut udp = key("8.8.8.8", "10.0.2.5", 8080);
    udp.protocol = Some(17);
    let public = [None, Some("52.9.9.9".parse().unwrap())];
    let web = past(&web());
    let case = Case::new(&web, udp, Meaning::default(), &[], NOON, public);
    let udp = case.explain(&Surrounding::default(), &Databases::default());
    assert!(udp.balanced.unwrap().is_dropped);
}

/// No verdict is made up where rules, ports or what machines see are not known.
#[test]
fn what_is_not_known_is_said() {
    let past_of = past;
    for (rules, port, why) in [
        (
            String::new(),
            80,
            "its rules are not among the facts, and the port behind it may be another",
        ),
        (
            r#","loadBalancingRules":[]"#.to_owned(),
            80,
            "its rules are not among the facts",
        ),
        (
            rules(
                &format!(
                    "{},{}",
                    rule("one", "fe", 80, 80, &to_pool()),
                    rule("two", "fe", 80, 81, &to_pool())
                ),
                "",
            ),
            80,
            "which of its rules takes it is not known, `one` or `two`",
        ),
        (
            rules(
                &rule("odd", "fe", 80, 80, &to_pool()).replace("\"Tcp\"", "null"),
                "",
            ),
            80,
            "whether its rule `odd` takes it is not known",
        ),
    ] {
        let past = past_of(&rules);
        let open = told(&past, "8.8.8.8", "52.9.9.9", port, &[]);
        assert_eq!(verdicts(&open), [], "{rules}");
        assert_eq!(open.change, None);
        assert!(open.blind[0].contains(why), "{:?}", open.blind);
        assert!(
            open.blind[0].contains("behind which are nic-a (10.0.2.5), nic-b (10.0.2.6)"),
            "{:?}",
            open.blind
        );
        assert!(!open.says.contains("would"), "{}", open.says);
    }
    // Who is inside has another address by the time that it gets to a public one.
    let past = past(&web());
    let inside = told(&past, "10.0.1.4", "52.9.9.9", 8080, &[]);
    assert_eq!(verdicts(&inside), [("nic-dev", 8080, Decision::Allowed)]);
    assert!(
        inside.says.contains("by rule to-web to port 80 of nic-a (10.0.2.5) or nic-b (10.0.2.6); what rules say there is not known"),
        "{}",
        inside.says
    );
    assert!(!inside.says.contains("would let it through"), "{}", inside.says);
}

/// A pool of which no machine is known.
#[test]
fn a_pool_without_a_machine_that_is_known() {
    let other = to_pool().replace("backendAddressPools/p", "backendAddressPools/q");
    let empty = told(
        &past(&rules(&rule("to-q", "fe", 80, 80, &other), "")),
        "8.8.8.8",
        "52.9.9.9",
        80,
        &[],
    );
    assert_eq!(verdicts(&empty), []);
    assert!(
        empty
            .says
            .ends_with("to port 80 of no machine that is known; what rules say there is not known"),
        "{}",
        empty.says
    );
}

/// With floating IP machines see the frontend's address: where rules say the same of both that is the verdict.
#[test]
fn with_floating_ip_both_addresses_are_asked() {
    let floating = rules(
        &rule(
            "dsr",
            "fe",
            80,
            80,
            &format!(r#"{},"enableFloatingIP":true"#, to_pool()),
        ),
        "",
    );
    let same = told(&past(&floating), "8.8.8.8", "52.9.9.9", 80, &[]);
    assert_eq!(verdicts(&same).len(), 2);
    assert!(
        same.says.contains("with floating IP, to port 80"),
        "{}",
        same.says
    );
}

/// A private frontend keeps the source, so machines are judged for who is inside too.
#[test]
fn a_private_frontend_is_a_balancer_too() {
    let past = past(&rules(&rule("inner", "in", 443, 80, &to_pool()), ""));
    let inside = told(&past, "10.0.1.4", "10.0.2.100", 443, &[]);
    assert_eq!(
        verdicts(&inside),
        [
            ("nic-dev", 443, Decision::Allowed),
            ("nic-a", 80, Decision::Allowed),
            ("nic-b", 80, Decision::Allowed)
        ]
    );
    assert!(
        inside.says.contains("by rule inner to port 80"),
        "{}",
        inside.says
    );
    assert!(
        !inside
            .next
            .iter()
            .any(|reason| reason.contains("nobody is known to have")),
        "{:?}",
        inside.next
    );
}

fn line(mac: &str, direction: Direction, key: FlowKey, state: FlowState) -> Line {
    Line {
        at: NOON,
        mac: Mac::parse(mac),
        direction,
        key,
        state: Some(state),
        status: FlowStatus::Allowed,
        encryption: "NX".to_owned(),
        counters: Counters::default(),
        rule_kind: RuleKind::User,
        rule: "UserRule_web".to_owned(),
        group: format!("{NETWORK}/networkSecurityGroups/nsg"),
        target: String::new(),
        format: "vnet-4".to_owned(),
        flow_id: "1".to_owned(),
    }
}

/// What left for a private frontend and got no reply went to a machine behind it, and not to somebody else's.
#[test]
fn what_was_sent_to_a_frontend_is_looked_for_behind_it() {
    let past = past(&rules(&rule("inner", "in", 443, 80, &to_pool()), ""));
    let sent = key("10.0.1.4", "10.0.2.100", 443);
    let mut end = line("00-0D-3A-00-00-01", Direction::Outbound, sent, FlowState::End);
    end.counters = Counters {
        packets_sent: Some(3),
        bytes_sent: Some(180),
        packets_received: Some(0),
        bytes_received: Some(0),
    };
    let lines = [end];
    let case = Case::new(&past, sent, Meaning::default(), &lines, NOON, [None, None]);
    let told = case.explain(&Surrounding::default(), &Databases::default());
    assert_eq!(told.outcome, Outcome::AllowedAndUnanswered);
    assert!(
        told.next.iter().any(|text| text
            .contains("by rule inner to port 80 of nic-a (10.0.2.5) or nic-b (10.0.2.6): look at those")),
        "{:?}",
        told.next
    );
    assert!(
        !told.next.iter().any(|text| text.contains("is not ours")),
        "{:?}",
        told.next
    );
}

/// What was logged behind the balancer is judged there, and the balancer is told.
#[test]
fn what_is_logged_behind_a_balancer() {
    let line = line(
        MAC_A,
        Direction::Inbound,
        key("8.8.8.8", "10.0.2.5", 80),
        FlowState::Begin,
    );
    let logged = told(&past(&web()), "8.8.8.8", "52.9.9.9", 8080, &[line]);
    assert_eq!(logged.outcome, Outcome::AllowedReplyNotReported);
    // The next may come to the other machine.
    assert_eq!(
        verdicts(&logged),
        [("nic-a", 80, Decision::Allowed), ("nic-b", 80, Decision::Allowed)]
    );
    let balanced = logged.balanced.unwrap();
    assert_eq!((balanced.frontend_port, balanced.port), (Some(8080), Some(80)));
    assert_eq!(balanced.rule.as_deref(), Some("to-web"));
}

/// A balancer that is typed by its name is where it answers, and one of several frontends has to be said.
#[test]
fn a_balancer_by_its_name() {
    let past = past(&web());
    let (part, _) = past.at(NOON).unwrap();
    let error = Endpoint::read("lb:8080", &part).unwrap_err().to_string();
    assert_eq!(error, "`lb` may be `10.0.2.100` or `52.9.9.9`");
    let typed = Endpoint::read("52.9.9.9:8080", &part).unwrap();
    assert_eq!(typed.public, Some("52.9.9.9".parse().unwrap()));
    assert_eq!(typed.addresses.len(), 2);
    let inner = Endpoint::read("10.0.2.100:443", &part).unwrap();
    assert_eq!(inner.public, Some("10.0.2.100".parse().unwrap()));
}

/// Of what is sent from the address of a balancer any machine behind it may be the sender.
#[test]
fn from_the_address_of_a_balancer_no_machine_is_picked() {
    let past = past(&web());
    let public = [Some("52.9.9.9".parse().unwrap()), None];
    let case = Case::new(
        &past,
        key("10.0.2.5", "8.8.8.8", 443),
        Meaning::default(),
        &[],
        NOON,
        public,
    );
    let sent = case.explain(&Surrounding::default(), &Databases::default());
    assert_eq!(verdicts(&sent), []);
    assert!(
        sent.says.ends_with(
            "which machine behind load balancer lb sends it is not known, nor what rules say there"
        ),
        "{}",
        sent.says
    );
}
