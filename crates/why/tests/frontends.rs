//! Frontends of balancers: which rows are of the flow that was asked about, what rules say on its way, and what would change that.

#![cfg(test)]

use enrich::{Databases, Snapshot, Timeline};
use inventory::{read, together};
use model::facts::Mac;
use model::vocabulary::RuleKind;
use model::{Direction, FlowState, FlowStatus};
use nsg::Decision;
use serde_json::{Value, json};
use why::explain::{
    Branch, Case, Counters, Coverage, Explanation, FlowKey, Line, Meaning, Outcome, Past, Surrounding,
    logged_at,
};

const NETWORK: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
const C: &str = "00-0D-3A-00-00-05";
const A: &str = "00-0D-3A-00-00-01";
const B: &str = "00-0D-3A-00-00-02";
/// 2026-01-05 12:00.
const NOON: i64 = 1_767_614_400_000_000;
const MINUTE: i64 = 60_000_000;

fn id(rest: &str) -> Value {
    json!({ "id": format!("{NETWORK}/{rest}") })
}

fn with(rest: &str, more: Value) -> Value {
    let mut all = id(rest);
    let Value::Object(more) = more else {
        panic!("{more}");
    };
    for (name, value) in more {
        all[name] = value;
    }
    all
}

fn rule(name: &str, priority: u16, direction: &str, access: &str, to: &str, port: &str) -> Value {
    json!({ "name": name, "priority": priority, "direction": direction, "access": access, "protocol": "Tcp", "sourceAddressPrefix": "*",
        "sourcePortRange": "*", "destinationAddressPrefix": to, "destinationPortRange": port })
}

fn interface(name: &str, mac: &str, address: &str, subnet: &str) -> Value {
    with(
        &format!("networkInterfaces/{name}"),
        json!({ "macAddress": mac, "ipConfigurations": [{ "name": "ip", "privateIPAddress": address, "primary": true,
            "subnet": id(&format!("virtualNetworks/v/subnets/{subnet}")) }] }),
    )
}

fn balancing(lb: &str, name: &str, frontend: &str, port: u16, behind: u16) -> Value {
    json!({ "name": name, "protocol": "Tcp", "frontendPort": port, "backendPort": behind,
        "frontendIPConfiguration": id(&format!("loadBalancers/{lb}/frontendIPConfigurations/{frontend}")),
        "backendAddressPool": id(&format!("loadBalancers/{lb}/backendAddressPools/p")) })
}

/// `c` (10.0.5.4) sends; `a` (10.0.1.4) and `b` (10.0.1.5) are behind a private frontend, 8080 and 8443 of which are 80 there, behind a
/// public one, and behind another balancer whose rules are not known. Groups: `gc` at the sender, `gs` at the machines, `gb` at `b`.
struct World {
    gc: Vec<Value>,
    gs: Vec<Value>,
    gb: Vec<Value>,
    lb: bool,
    more: Vec<Value>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            gc: vec![rule("out", 200, "Outbound", "Allow", "*", "*")],
            gs: vec![rule("in80", 100, "Inbound", "Allow", "*", "80")],
            gb: vec![rule("any", 100, "Inbound", "Allow", "*", "*")],
            lb: true,
            more: Vec::new(),
        }
    }
}

impl World {
    fn past(&self) -> Past {
        let machines = ["a", "b"].map(|name| id(&format!("networkInterfaces/{name}/ipConfigurations/ip")));
        let pools = json!([{ "name": "p", "backendIPConfigurations": machines }]);
        let subnet = |name: &str, prefix: &str, group: &str| {
            with(
                &format!("virtualNetworks/v/subnets/{name}"),
                json!({ "addressPrefix": prefix, "networkSecurityGroup": id(&format!("networkSecurityGroups/{group}")) }),
            )
        };
        let group = |name: &str, rules: &[Value]| {
            with(
                &format!("networkSecurityGroups/{name}"),
                json!({ "securityRules": rules }),
            )
        };
        let mut b = interface("b", B, "10.0.1.5", "s");
        b["networkSecurityGroup"] = id("networkSecurityGroups/gb");
        let public = |name: &str, address: &str, of: &str| {
            with(
                &format!("publicIPAddresses/{name}"),
                json!({ "ipAddress": address, "ipConfiguration": id(of) }),
            )
        };
        let mut all = vec![
            interface("a", A, "10.0.1.4", "s"),
            b,
            interface("c", C, "10.0.5.4", "sc"),
            with(
                "virtualNetworks/v",
                json!({ "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] }, "subnets": [
                    subnet("s", "10.0.1.0/24", "gs"), subnet("fe", "10.0.3.0/24", "gfe"), subnet("sc", "10.0.5.0/24", "gc")] }),
            ),
            group("gs", &self.gs),
            group("gb", &self.gb),
            group("gc", &self.gc),
            group("gfe", &[rule("dyfe", 100, "Inbound", "Deny", "*", "*")]),
            public("pa", "52.1.1.1", "networkInterfaces/a/ipConfigurations/ip"),
        ];
        if self.lb {
            all.push(with("loadBalancers/ilb", json!({ "backendAddressPools": pools, "inboundNatRules": [],
                "frontendIPConfigurations": [{ "name": "in", "privateIPAddress": "10.0.3.100", "subnet": id("virtualNetworks/v/subnets/fe") }],
                "loadBalancingRules": [balancing("ilb", "w", "in", 8080, 80), balancing("ilb", "w2", "in", 8443, 80)] })));
            all.push(with(
                "loadBalancers/lb",
                json!({ "backendAddressPools": pools, "inboundNatRules": [],
                "frontendIPConfigurations": [{ "name": "f", "publicIPAddress": id("publicIPAddresses/pl") }],
                "loadBalancingRules": [balancing("lb", "web", "f", 8080, 80)] }),
            ));
            all.push(public(
                "pl",
                "52.9.9.9",
                "loadBalancers/lb/frontendIPConfigurations/f",
            ));
            all.push(with(
                "loadBalancers/lbn",
                json!({ "backendAddressPools": pools,
                "frontendIPConfigurations": [{ "name": "f", "publicIPAddress": id("publicIPAddresses/pn") }] }),
            ));
            all.push(public(
                "pn",
                "52.9.9.11",
                "loadBalancers/lbn/frontendIPConfigurations/f",
            ));
        }
        all.extend(self.more.iter().cloned());
        let reading = read(Value::from(all).to_string().as_bytes()).unwrap();
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        let facts = together([reading.facts]).0;
        Past::of(Timeline::of(vec![Snapshot { taken: NOON, facts }]))
    }

    /// What is told of a flow to a frontend or to a machine.
    fn told(&self, source: &str, to: &str, port: u16, lines: &[Line]) -> Explanation {
        self.told_with(source, to, port, lines, &[])
    }

    /// As the command asks, with what interfaces logged around it.
    fn told_with(
        &self,
        source: &str,
        to: &str,
        port: u16,
        lines: &[Line],
        coverage: &[Coverage],
    ) -> Explanation {
        let past = self.past();
        let (part, _) = past.at(NOON).unwrap();
        let end = why::explain::Endpoint::read(&format!("{to}:{port}"), &part).unwrap();
        let public = [None, end.public];
        let asked = key(source, &end.addresses[0].to_string(), port, None);
        // Only what the command would read.
        let at = logged_at(&part, &asked, &end.addresses, end.public);
        let is_read = |line: &&Line| {
            let to = (line.key.destination, line.key.destination_port);
            line.key.source == asked.source && (at.contains(&to) || at.contains(&(to.0, None)))
        };
        let lines: Vec<Line> = lines.iter().filter(is_read).cloned().collect();
        let meant = Meaning::default();
        let mut case = Case::new(&past, asked, meant, &lines, NOON, public);
        if case.is_refuted(coverage) {
            case = Case::new_where_the_sender_logs(&past, asked, meant, &lines, NOON, public);
        }
        let around = Surrounding {
            coverage: coverage.to_vec(),
            ..Surrounding::default()
        };
        case.explain(&around, &Databases::default())
    }

    /// What is told of the flow of a row.
    fn told_of_row(&self, lines: &[Line], flow_id: &str) -> Explanation {
        let past = self.past();
        let asked = lines.iter().find(|line| line.flow_id == flow_id).unwrap().key;
        let meant = Meaning {
            at: Some(NOON),
            flow_id: Some(flow_id),
        };
        let case = Case::new(&past, asked, meant, lines, NOON, [None, None]);
        case.explain(&Surrounding::default(), &Databases::default())
    }
}

fn key(source: &str, destination: &str, port: u16, source_port: Option<u16>) -> FlowKey {
    FlowKey {
        source: source.parse().unwrap(),
        source_port,
        destination: destination.parse().unwrap(),
        destination_port: Some(port),
        protocol: Some(6),
    }
}

/// A row: who logged it, `from:port to:port`, and by which rule it was let through or, with a `!` before it, denied.
fn row(mac: &str, flow: &str, rule: &str) -> Line {
    let (source, to) = flow.split_once(' ').unwrap();
    let (source, source_port) = source.split_once(':').unwrap();
    let (destination, port) = to.split_once(':').unwrap();
    let is_denied = rule.starts_with('!');
    let is_own = match mac {
        A => source == "10.0.1.4",
        B => source == "10.0.1.5",
        _ => source == "10.0.5.4",
    };
    let group = match (mac, is_own) {
        (C, _) => "gc",
        (B, _) => "gb",
        _ => "gs",
    };
    Line {
        at: NOON,
        mac: Mac::parse(mac),
        direction: if is_own {
            Direction::Outbound
        } else {
            Direction::Inbound
        },
        key: key(
            source,
            destination,
            port.parse().unwrap(),
            Some(source_port.parse().unwrap()),
        ),
        state: Some(if is_denied {
            FlowState::Denied
        } else {
            FlowState::End
        }),
        status: if is_denied {
            FlowStatus::Denied
        } else {
            FlowStatus::Allowed
        },
        encryption: "NX".to_owned(),
        counters: match is_denied {
            true => Counters::default(),
            false => Counters {
                packets_sent: Some(3),
                bytes_sent: Some(180),
                packets_received: Some(2),
                bytes_received: Some(120),
            },
        },
        rule_kind: RuleKind::User,
        rule: format!("UserRule_{}", rule.trim_start_matches('!')),
        group: format!("{NETWORK}/networkSecurityGroups/{group}"),
        target: String::new(),
        format: "vnet-4".to_owned(),
        flow_id: format!("{mac}-{flow}"),
    }
}

fn unanswered(mut line: Line) -> Line {
    line.counters.packets_received = Some(0);
    line.counters.bytes_received = Some(0);
    line
}

fn coverage(mac: &str) -> Coverage {
    Coverage {
        mac: Mac::parse(mac).unwrap(),
        tuples: 5,
        last: NOON,
    }
}

fn verdicts(told: &Explanation) -> Vec<String> {
    let judged = told.judged.iter().map(|held| {
        let way = if held.direction == "Inbound" { "in" } else { "out" };
        let decision = match held.proof.verdict.decision {
            Decision::Allowed => "allowed",
            Decision::Denied => "denied",
            _ => "open",
        };
        format!(
            "{way} {} {} {decision}",
            held.interface.name(),
            held.destination_port
        )
    });
    judged.collect()
}

/// The groups and directions of what is proposed.
fn proposed(told: &Explanation) -> Vec<String> {
    let change = told.change.iter().flat_map(|change| &change.additions);
    let all = change.map(|added| {
        format!(
            "{:?} {} {} {}",
            added.rule.access,
            added.rule.direction,
            added.group.name(),
            added.interface.name()
        )
    });
    all.collect()
}

fn tree(told: &Explanation) -> String {
    Branch::draw(&told.branches())
}

fn denies_80() -> World {
    World {
        gs: vec![rule("no80", 100, "Inbound", "Deny", "*", "80")],
        ..World::default()
    }
}

/// The sender logged the frontend, the machine its own address: one flow, and the machine's group denied it.
#[test]
fn rows_of_the_sender_and_of_the_machine_are_one_flow() {
    let world = denies_80();
    let lines = [
        unanswered(row(C, "10.0.5.4:50001 10.0.3.100:8080", "out")),
        row(A, "10.0.5.4:50001 10.0.1.4:80", "!no80"),
    ];
    let asked = world.told("10.0.5.4", "10.0.3.100", 8080, &lines);
    let by_sender = world.told_of_row(&lines, &lines[0].flow_id);
    let by_machine = world.told_of_row(&lines, &lines[1].flow_id);
    for told in [&asked, &by_sender, &by_machine] {
        assert_eq!(told.outcome, Outcome::DeniedByRule, "{}", told.says);
        assert_eq!(
            told.says,
            "c (10.0.5.4) to ilb (10.0.3.100), HTTP alternate (port 8080): denied by rule no80 (priority 100) of gs, coming in at a"
        );
        assert_eq!(
            verdicts(told),
            ["out c 8080 allowed", "in a 80 denied", "in b 80 denied"]
        );
        assert!(told.vantages.iter().all(|vantage| !vantage.is_hop));
        let drawn = tree(told);
        assert!(drawn.contains("it came to a (10.0.1.4), port 80"), "{drawn}");
        assert!(!drawn.contains("not logged here"), "{drawn}");
        // What would let it in is a rule for each machine, of which one is enough there.
        assert_eq!(proposed(told), ["Allow Inbound gs a", "Allow Inbound gs b"]);
        assert!(
            drawn.contains("each of these is for one machine behind the balancer"),
            "{drawn}"
        );
        let widened = &told.change.as_ref().unwrap().additions[1].or_widen;
        assert_eq!(
            *widened, None,
            "a rule that is only proposed is not there to be widened"
        );
    }
    assert!(asked.unasked.is_empty() && asked.other_ways.is_empty());
}

/// What was let through and answered is denied by one rule where it leaves; without a group there by one for each machine.
#[test]
fn a_flow_through_a_frontend_is_denied_at_its_sender() {
    let lines = [
        row(C, "10.0.5.4:50001 10.0.3.100:8080", "out"),
        row(A, "10.0.5.4:50001 10.0.1.4:80", "in80"),
    ];
    let told = World::default().told("10.0.5.4", "10.0.3.100", 8080, &lines);
    assert_eq!(told.outcome, Outcome::AllowedAndAnswered);
    assert!(
        told.says
            .ends_with("allowed by rule in80 (priority 100) of gs, and answered"),
        "{}",
        told.says
    );
    assert_eq!(
        verdicts(&told),
        ["out c 8080 allowed", "in a 80 allowed", "in b 80 allowed"]
    );
    assert_eq!(proposed(&told), ["Deny Outbound gc c"]);
    assert_eq!(
        told.change.unwrap().additions[0].rule.destination.ports[0].first,
        8080
    );
}

/// Another port of the frontend leads to the same machine and port: its rows are of another flow.
#[test]
fn a_row_that_came_by_another_port_is_another_flow() {
    let world = World {
        gc: vec![
            rule("cfe", 110, "Outbound", "Deny", "10.0.3.0/24", "8443"),
            rule("out", 200, "Outbound", "Allow", "*", "*"),
        ],
        ..World::default()
    };
    let lines = [
        row(C, "10.0.5.4:50001 10.0.3.100:8080", "out"),
        row(A, "10.0.5.4:50001 10.0.1.4:80", "in80"),
    ];
    let told = world.told("10.0.5.4", "10.0.3.100", 8443, &lines);
    assert_eq!(told.outcome, Outcome::NotInTheLog);
    assert!(
        told.says.ends_with(
            "no flow log has it; rules would deny it by rule cfe (priority 110) leaving c, before load balancer ilb gets it"
        ),
        "{}",
        told.says
    );
    assert!(
        told.next[0].contains(
            "10.0.5.4 to 10.0.1.4, port 80, is logged too: it was sent to 10.0.3.100, port 8080, so it is another flow"
        ),
        "{:?}",
        told.next
    );
    assert_eq!(proposed(&told), ["Allow Outbound gc c"]);
    // Nobody logged anything: the sender's rules decide all the same.
    let nothing = world.told("10.0.5.4", "10.0.3.100", 8443, &[]);
    assert!(
        nothing.says.contains("would deny it by rule cfe"),
        "{}",
        nothing.says
    );
    assert!(!nothing.says.contains("let it through"), "{}", nothing.says);
}

/// What went to the machine itself did not come by the frontend, however it is asked for.
#[test]
fn a_row_that_went_to_the_machine_is_another_flow() {
    let world = World::default();
    let lines = [
        row(C, "10.0.5.4:50001 10.0.1.4:80", "out"),
        row(A, "10.0.5.4:50001 10.0.1.4:80", "in80"),
    ];
    let told = world.told("10.0.5.4", "10.0.3.100", 8080, &lines);
    assert_eq!(told.outcome, Outcome::NotInTheLog, "{}", told.says);
    assert!(
        told.next[0].contains("it was sent to the machine itself"),
        "{:?}",
        told.next
    );
    let direct = world.told("10.0.5.4", "10.0.1.4", 80, &lines);
    assert_eq!(direct.outcome, Outcome::AllowedAndAnswered);
    assert_eq!(direct.flow.destination.to_string(), "10.0.1.4");
    assert_eq!(direct.balanced, None);
    assert_eq!(verdicts(&direct), ["out c 80 allowed", "in a 80 allowed"]);
}

/// What the machine alone logged may have come either way, unless the sender's log is there and has neither.
#[test]
fn a_row_whose_sender_logged_nothing() {
    let lines = [row(A, "10.0.5.4:50001 10.0.1.4:80", "in80")];
    let world = World::default();
    let told = world.told("10.0.5.4", "10.0.3.100", 8080, &lines);
    assert_eq!(told.outcome, Outcome::AllowedAndAnswered);
    assert_eq!(told.flow.destination.to_string(), "10.0.3.100");
    assert!(
        told.says.ends_with(
            "; no log tells whether it came so or by 10.0.1.4 itself or by port 8443 of 10.0.3.100 (rule w2 of ilb)"
        ),
        "{}",
        told.says
    );
    // The sender's log is there.
    let refuted = world.told_with("10.0.5.4", "10.0.3.100", 8080, &lines, &[coverage(C)]);
    assert_eq!(refuted.outcome, Outcome::NotInTheLog, "{}", refuted.says);
    assert!(
        refuted.next[0].contains("the log of 10.0.5.4 is there and has nothing to 10.0.3.100"),
        "{:?}",
        refuted.next
    );
    // A row is long after the sender's: the port was used again.
    let mut late = lines[0].clone();
    late.at += 60 * MINUTE;
    let old = [row(C, "10.0.5.4:50001 10.0.3.100:8080", "out"), late];
    let told = world.told_of_row(&old, &old[1].flow_id);
    assert_eq!(told.flow.destination.to_string(), "10.0.1.4", "{}", told.says);
    assert_eq!(told.vantages.len(), 1);
}

/// Rules where it leaves are not asked for an address that it may not have been sent to.
#[test]
fn rules_of_the_sender_are_not_asked_for_an_address_that_it_may_not_have_sent_to() {
    let world = World {
        gc: vec![
            rule("c80", 110, "Outbound", "Deny", "*", "80"),
            rule("out", 200, "Outbound", "Allow", "*", "*"),
        ],
        ..World::default()
    };
    let machine = row(A, "10.0.5.4:50001 10.0.1.4:80", "in80");
    let alone = world.told_of_row(std::slice::from_ref(&machine), &machine.flow_id);
    assert_eq!(verdicts(&alone), ["in a 80 allowed"]);
    assert!(
        alone.blind[0].contains("c logged nothing of it"),
        "{:?}",
        alone.blind
    );
    let both = [row(C, "10.0.5.4:50001 10.0.3.100:8080", "out"), machine];
    let joined = world.told_of_row(&both, &both[1].flow_id);
    assert_eq!(
        verdicts(&joined),
        ["out c 8080 allowed", "in a 80 allowed", "in b 80 allowed"]
    );
    assert_eq!(proposed(&joined), ["Deny Outbound gc c"]);
}

/// From inside to a public frontend the source is another behind it, so rows with the sender's own are not of it.
#[test]
fn from_inside_to_a_public_frontend_no_machine_logs_the_sender() {
    let lines = [
        row(C, "10.0.5.4:50001 10.0.3.100:8080", "out"),
        row(A, "10.0.5.4:50001 10.0.1.4:80", "in80"),
    ];
    let world = World::default();
    for (to, port) in [("52.9.9.9", 8080), ("52.1.1.1", 80)] {
        let told = world.told("10.0.5.4", to, port, &lines);
        assert_eq!(told.outcome, Outcome::NotInTheLog, "{}", told.says);
        assert_eq!(told.flow.destination.to_string(), to);
        assert_eq!(verdicts(&told), [format!("out c {port} allowed")]);
        assert!(!told.says.contains("would let it through"), "{}", told.says);
        assert!(proposed(&told).is_empty());
    }
}

/// Nothing gets from the internet to a private frontend: no row is of that, and no rule is asked or changed.
#[test]
fn the_internet_gets_to_no_private_frontend() {
    let lines = [row(A, "8.8.8.8:40001 10.0.1.4:80", "in80")];
    let told = World::default().told("8.8.8.8", "10.0.3.100", 8080, &lines);
    assert_eq!(told.outcome, Outcome::NotInTheLog);
    assert!(
        told.says.ends_with(
            "no flow log has it; nothing gets from the internet to 10.0.3.100, a private address of load balancer ilb"
        ),
        "{}",
        told.says
    );
    assert_eq!((verdicts(&told), told.change.clone()), (Vec::new(), None));
    assert!(
        told.next[0].contains("it came by a public address"),
        "{:?}",
        told.next
    );
    assert!(told.blind.is_empty(), "{:?}", told.blind);
    let nothing = &told.unasked[0];
    assert!(told.next.contains(nothing), "{:?}", told.next);
}

/// One row of the internet may have come by several public addresses: that is said, and where rules are not known nothing is claimed.
#[test]
fn a_row_that_several_frontends_explain() {
    let lines = [row(A, "8.8.8.8:40001 10.0.1.4:80", "in80")];
    let world = World::default();
    let told = world.told("8.8.8.8", "52.9.9.9", 8080, &lines);
    assert_eq!(
        told.says,
        "8.8.8.8 to a (10.0.1.4), HTTP (port 80): allowed by rule in80 (priority 100) of gs, and answered; no log tells whether it came so or \
         by 52.1.1.1, a public address of the machine's own or by 52.9.9.11 (lbn, of which not all rules are known)"
    );
    let own = world.told("8.8.8.8", "52.1.1.1", 80, &lines);
    assert_eq!(own.outcome, Outcome::AllowedAndAnswered);
    assert!(
        own.says.contains("or by port 8080 of 52.9.9.9 (rule web of lb)"),
        "{}",
        own.says
    );
    let open = world.told("8.8.8.8", "52.9.9.11", 80, &lines);
    assert_eq!(open.outcome, Outcome::NotInTheLog);
    assert!(
        open.says.contains(
            "whether a flow log has it is not known; to which machine and port load balancer lbn sends it is not known"
        ),
        "{}",
        open.says
    );
    assert!(
        open.next[0].contains("8.8.8.8 to 10.0.1.4, port 80, is logged: whether it came by 52.9.9.11"),
        "{:?}",
        open.next
    );
    // Asked for the machine itself nothing is claimed, and nothing need be said.
    assert!(
        world
            .told("8.8.8.8", "10.0.1.4", 80, &lines)
            .other_ways
            .is_empty()
    );
}

/// The next flow may come to the other machine: what rules say there is told, and what denies is a rule for each.
#[test]
fn machines_that_did_not_get_it_are_judged_too() {
    let lines = [row(A, "8.8.8.8:40001 10.0.1.4:80", "in80")];
    let told = World::default().told("8.8.8.8", "52.9.9.9", 8080, &lines);
    assert_eq!(verdicts(&told), ["in a 80 allowed", "in b 80 allowed"]);
    assert_eq!(proposed(&told), ["Deny Inbound gs a", "Deny Inbound gb b"]);
    assert!(tree(&told).contains("the next may come here"), "{}", tree(&told));
    let world = World {
        gb: vec![rule("nob", 100, "Inbound", "Deny", "*", "80")],
        ..World::default()
    };
    let lines = [row(B, "8.8.8.8:40001 10.0.1.5:80", "!nob")];
    let told = world.told("8.8.8.8", "52.9.9.9", 8080, &lines);
    assert_eq!(told.outcome, Outcome::DeniedByRule);
    assert!(
        told.next.iter().any(|text| text
            .starts_with("at a, to which the balancer may send the next, that would be let through")),
        "{:?}",
        told.next
    );
    assert_eq!(proposed(&told), ["Allow Inbound gb b"]);
}

/// A frontend of a balancer that is not known looks like an address of nobody: its subnet's group is not its verdict.
#[test]
fn an_address_of_nobody_may_be_a_frontend() {
    let world = World {
        lb: false,
        ..World::default()
    };
    let told = world.told("10.0.5.4", "10.0.3.100", 8080, &[]);
    assert!(
        told.says.ends_with(
            "; if a machine has 10.0.3.100, rules of subnet fe would deny it by rule dyfe (priority 100); if it is a load balancer's, they are not asked"
        ),
        "{}",
        told.says
    );
    assert!(told.blind[0].contains("az network lb list"), "{:?}", told.blind);
    assert_eq!(told.change, None);
    let lines = [unanswered(row(C, "10.0.5.4:50001 10.0.3.100:8080", "out"))];
    let sent = world.told("10.0.5.4", "10.0.3.100", 8080, &lines);
    assert!(
        sent.next
            .iter()
            .any(|text| text.contains("if it is the frontend of a load balancer")),
        "{:?}",
        sent.next
    );
}

/// What goes nowhere is known to, and no rule would change it.
#[test]
fn what_no_rule_of_the_balancer_takes_is_known_to_go_nowhere() {
    let told = World::default().told("10.0.5.4", "10.0.3.100", 22, &[]);
    let nowhere =
        "no rule of load balancer ilb takes what is sent to port 22 of 10.0.3.100, so it goes nowhere";
    assert!(told.says.ends_with(nowhere), "{}", told.says);
    assert_eq!(told.change, None);
    assert!(told.next.iter().any(|text| text == nowhere), "{:?}", told.next);
    assert!(
        !told.blind.iter().any(|text| text.contains("nowhere")),
        "{:?}",
        told.blind
    );
}

/// A rule for the port may be for another protocol, and what becomes of ICMP no rule says: nothing is proposed for either.
#[test]
fn other_protocols_at_a_frontend() {
    let told = |protocol: u8, port: Option<u16>| {
        let mut asked = key("10.0.5.4", "10.0.3.100", 8080, None);
        (asked.protocol, asked.destination_port) = (Some(protocol), port);
        let past = World::default().past();
        let case = Case::new(&past, asked, Meaning::default(), &[], NOON, [None, None]);
        case.explain(&Surrounding::default(), &Databases::default())
    };
    let udp = told(17, Some(8080));
    assert!(
        udp.says.ends_with(
            "no rule of load balancer ilb takes UDP to port 8080 of 10.0.3.100, so it goes nowhere"
        ),
        "{}",
        udp.says
    );
    let icmp = told(1, None);
    assert!(
        icmp.blind[0].contains("its rules are for TCP and UDP"),
        "{:?}",
        icmp.blind
    );
    assert_eq!((udp.change, icmp.change), (None, None));
}

/// A machine that calls the frontend that it is behind.
#[test]
fn a_machine_that_calls_its_own_frontend() {
    let told = World::default().told("10.0.1.4", "10.0.3.100", 8080, &[]);
    assert_eq!(verdicts(&told), ["out a 8080 allowed", "in b 80 allowed"]);
    assert!(
        told.says.ends_with(
            "rules would let it through at b; what comes back to a (10.0.1.4), which calls a frontend that it is behind itself, fails"
        ),
        "{}",
        told.says
    );
    assert!(
        told.change
            .iter()
            .flat_map(|change| &change.additions)
            .all(|added| { added.rule.source.addresses != added.rule.destination.addresses })
    );
    let mut next = told.next.clone();
    next.sort();
    next.dedup();
    assert_eq!(next.len(), told.next.len(), "{:?}", told.next);
}

/// An application gateway opens connections of its own, so that no row of a client at a machine is of what was sent to it.
#[test]
fn rows_of_a_client_at_a_machine_did_not_come_by_an_application_gateway() {
    let gateway = with(
        "applicationGateways/agw",
        json!({ "frontendIPConfigurations": [{ "name": "f", "publicIPAddress": id("publicIPAddresses/pg") }],
            "backendAddressPools": [{ "name": "p", "backendIPConfigurations": [id("networkInterfaces/a/ipConfigurations/ip")] }] }),
    );
    let public = with(
        "publicIPAddresses/pg",
        json!({ "ipAddress": "52.9.9.40", "ipConfiguration": id("applicationGateways/agw/frontendIPConfigurations/f") }),
    );
    let world = World {
        more: vec![gateway, public],
        ..World::default()
    };
    let lines = [row(A, "8.8.8.8:40001 10.0.1.4:80", "in80")];
    let told = world.told("8.8.8.8", "52.9.9.40", 80, &lines);
    assert_eq!(told.outcome, Outcome::NotInTheLog);
    assert!(told.says.contains("application gateway agw"), "{}", told.says);
    assert!(!tree(&told).contains("load balancer agw"), "{}", tree(&told));
}

/// Machines of a scale set are told by its name, with the balancer; a pool that the export leaves empty is no reason to load interfaces.
#[test]
fn pools_whose_machines_are_not_known() {
    let set = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/vmss/virtualMachines/0/networkInterfaces/nic";
    let frontend = |address: &str| json!([{ "name": "f", "privateIPAddress": address, "subnet": id("virtualNetworks/v/subnets/fe") }]);
    let world = World {
        more: vec![
            with(
                "loadBalancers/lbs",
                json!({ "frontendIPConfigurations": frontend("10.0.3.101"), "inboundNatRules": [],
                "backendAddressPools": [{ "name": "p", "backendIPConfigurations": [{ "id": format!("{set}/ipConfigurations/ip") }] }],
                "loadBalancingRules": [balancing("lbs", "s", "f", 80, 80)] }),
            ),
            with(
                "loadBalancers/lbe",
                json!({ "frontendIPConfigurations": frontend("10.0.3.102"), "inboundNatRules": [],
                "backendAddressPools": [{ "name": "p" }], "loadBalancingRules": [balancing("lbe", "e", "f", 80, 80)] }),
            ),
        ],
        ..World::default()
    };
    let of_set = world.told("10.0.5.4", "10.0.3.101", 80, &[]);
    assert!(
        of_set.says.ends_with(
            "load balancer lbs sends it by rule s to port 80 of vmss_0/nic; what rules say at vmss_0/nic is not known"
        ),
        "{}",
        of_set.says
    );
    let empty = world.told("10.0.5.4", "10.0.3.102", 80, &[]);
    assert!(
        empty
            .says
            .contains("to port 80 of pool p, of which the exports name no machine"),
        "{}",
        empty.says
    );
    assert!(empty.blind[0].contains("it is empty, or"), "{:?}", empty.blind);
}

/// Machines that say of themselves that they are in the pool of a balancer whose rules are not known are behind it.
#[test]
fn machines_that_say_that_they_are_in_a_pool_are_behind_the_balancer() {
    let mut d = interface("d", "00-0D-3A-00-00-09", "10.0.1.9", "s");
    d["ipConfigurations"][0]["loadBalancerBackendAddressPools"] =
        json!([id("loadBalancers/lbm/backendAddressPools/p")]);
    let lbm = with(
        "loadBalancers/lbm",
        json!({ "backendAddressPools": [{ "name": "p" }],
        "frontendIPConfigurations": [{ "name": "f", "privateIPAddress": "10.0.3.103", "subnet": id("virtualNetworks/v/subnets/fe") }] }),
    );
    let world = World {
        more: vec![d, lbm],
        ..World::default()
    };
    let told = world.told("10.0.5.4", "10.0.3.103", 80, &[]);
    assert!(
        told.blind[0].contains("behind which are d (10.0.1.9)"),
        "{:?}",
        told.blind
    );
}
