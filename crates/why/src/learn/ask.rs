//! What one asks of any entry: which way, who, where, allowed or denied, by which rule, which service.

use std::net::IpAddr;

use model::address::{AZURE_INSTANCE_METADATA, AZURE_WIRE_SERVER};
use model::{AddressClass, Direction, FlowState, IpClass, LogFormat, RuleKind};
use nsg::Decision;

use super::chain;
use super::chance::Chance;
use super::choosing::with_others;
use super::entry::Entry;
use super::question::{Choice, Question, Topic};

const SEEN_FROM: &str =
    "Direction is seen from the interface that writes the entry: `I` comes in there, `O` leaves it.";

/// In or out.
pub(super) fn direction(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    if entry.is_hop {
        return None;
    }
    let way = |direction| match direction {
        Direction::Inbound => Choice::new("inbound: it came in at the interface that reports")
            .also(&["inbound", "in", "incoming", "ingress", "i"])
            .but(SEEN_FROM),
        Direction::Outbound => Choice::new("outbound: it left the interface that reports")
            .also(&["outbound", "out", "outgoing", "egress", "o"])
            .but(SEEN_FROM),
    };
    let (right, wrong) = match entry.direction {
        Direction::Inbound => (Direction::Inbound, Direction::Outbound),
        Direction::Outbound => (Direction::Outbound, Direction::Inbound),
    };
    let choices = vec![way(right), way(wrong)];
    let because = format!(
        "Field 7 is `{}`, and the interface is that of {}.",
        letter(right),
        entry.own_words()
    );
    Some(
        Question::new(Topic::Direction, "Which way did this flow go?", choices, chance)
            .hint("field 7 is a letter")
            .because([because]),
    )
}

const fn letter(direction: Direction) -> char {
    match direction {
        Direction::Inbound => 'I',
        Direction::Outbound => 'O',
    }
}

/// Which end wrote the entry.
pub(super) fn reporter(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    if entry.is_hop || entry.source == entry.destination {
        return None;
    }
    let end =
        |address: IpAddr, words: String| Choice::new(words).also(&[&address.to_string()]).but(SEEN_FROM);
    let source = end(entry.source, entry.source_words());
    let destination = end(entry.destination, entry.destination_words());
    let (own, other) = match entry.direction {
        Direction::Inbound => (destination, source),
        Direction::Outbound => (source, destination),
    };
    let both = Choice::new("both ends together").also(&["both"]).but(
        "Each interface writes entries of its own: a flow between two logged machines is in the logs twice, once as `O` and once as `I`.",
    );
    let choices = vec![own, other, both];
    let shown = Entry {
        mac: "of one of the two ends".to_owned(),
        ..entry.clone()
    };
    let prompt = format!("`{}`\nWhose interface wrote this?", shown.tuple());
    Some(
        Question::new(Topic::Direction, prompt, choices, chance)
            .hint("field 7 says whether it came in or went out there")
            .because([format!(
                "`{}` says that it {} the interface, so it is that of {}.",
                letter(entry.direction),
                match entry.direction {
                    Direction::Inbound => "came in at",
                    Direction::Outbound => "left",
                },
                entry.own_words()
            )]),
    )
}

/// Who began.
pub(super) fn who(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    // Who began a late reply is not told by its fields.
    if entry.is_late_reply() || entry.source == entry.destination {
        return None;
    }
    let order = "Fields 2 and 3 are who began and whom it was for, whichever way it went; the direction does not turn them round.";
    let choices = vec![
        Choice::new(entry.source_words()).also(&["source", &entry.source.to_string(), &entry.source_name]),
        Choice::new(entry.destination_words())
            .also(&[
                "destination",
                &entry.destination.to_string(),
                &entry.destination_name,
            ])
            .but(order),
    ];
    Some(
        Question::new(Topic::Who, "Who began this flow?", choices, chance)
            .hint("the log puts the one who began before the other")
            .because([format!("Field 2 is who began: {}.", entry.source_words())]),
    )
}

const INSIDE: &str = "inside: a private address";
const INTERNET: &str = "on the internet";
const PLATFORM: &str = "the platform: the Azure host itself";

/// Where the other end is.
pub(super) fn place(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    let (address, name, origin) = entry.other();
    let right = match AddressClass::of(address).ip_class() {
        IpClass::Internal => INSIDE,
        IpClass::Internet => INTERNET,
        IpClass::Platform => PLATFORM,
        IpClass::Special => return None,
    };
    let all = [
        Choice::new(INSIDE)
            .also(&["internal", "private", "local"])
            .but("Private are 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16, and of IPv6 fc00::/7."),
        Choice::new(INTERNET)
            .also(&["internet", "public", "external", "outside"])
            .but("What is private, or the platform's, is not on the internet."),
        Choice::new(PLATFORM)
            .also(&["platform", "azure", "host"])
            .but(format!("The platform's addresses are {AZURE_WIRE_SERVER} (DNS, DHCP, health probes) and {AZURE_INSTANCE_METADATA} (metadata).")),
    ];
    let (mut choices, others): (Vec<Choice>, Vec<Choice>) =
        all.into_iter().partition(|choice| choice.text == right);
    choices.extend(others);
    let known = match (name, origin) {
        ("", "") => String::new(),
        ("", origin) => format!(" Known of it: {origin}."),
        (name, _) => format!(" It is {name}."),
    };
    let stands_in = match AddressClass::of(address) {
        AddressClass::Documentation | AddressClass::Benchmarking => {
            " It is of a range kept for examples, which stands for the internet here."
        }
        _ => "",
    };
    Some(
        Question::new(Topic::Place, format!("Where is {address}?"), choices, chance)
            .hint("the address itself tells it: three ranges are private, two addresses are the platform's")
            .because([format!("{address} is {right}.{known}{stands_in}")]),
    )
}

/// Allowed or denied.
pub(super) fn decision(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    let follows = if entry.format == LogFormat::Vnet4 {
        "A VNet flow log has no field for the decision: the state says it. `D` is denied, `B`, `C` and `E` are of allowed flows."
    } else {
        "In an NSG flow log field 8 is the decision, `A` or `D`."
    };
    let allowed = Choice::new("allowed")
        .also(&["allow", "permitted", "accepted"])
        .but(follows);
    let denied = Choice::new("denied")
        .also(&["deny", "blocked", "dropped", "rejected"])
        .but(follows);
    let choices = if entry.is_denied() {
        vec![denied, allowed]
    } else {
        vec![allowed, denied]
    };
    let fields = entry.fields();
    let at_field = fields.get(7).map_or("", String::as_str);
    Some(
        Question::new(Topic::Decision, "Was it allowed or denied?", choices, chance)
            .hint("look at field 8")
            .because([format!("Field 8 is `{at_field}`. {follows}")]),
    )
}

/// What the state says.
pub(super) fn state(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    // A denial of version 2 is a beginning that is denied.
    let state = entry
        .state
        .filter(|_| !(entry.format.is_nsg() && entry.is_denied()))?;
    let words = |state: FlowState| match state {
        FlowState::Begin => Choice::new("the flow begins").also(&["begin", "begins", "b", "start"]),
        FlowState::Continue => {
            Choice::new("the flow goes on").also(&["continue", "continues", "c", "continuing"])
        }
        FlowState::End => Choice::new("the flow has ended").also(&["end", "ended", "e", "over"]),
        FlowState::Denied => Choice::new("the flow was denied").also(&["denied", "deny", "d", "dropped"]),
    };
    let meaning = "`B` begins, `C` goes on (an entry every few minutes), `E` has ended, `D` was denied.";
    let others = FlowState::ALL.iter().filter(|other| **other != state);
    let mut choices = vec![words(state)];
    choices.extend(others.map(|other| words(*other).but(meaning)));
    let field = if entry.format.is_nsg() { 9 } else { 8 };
    let prompt = format!("Field {field} is `{}`. What does it say?", state.as_str());
    Some(
        Question::new(Topic::State, prompt, choices, chance)
            .hint("it is the first letter of an English word")
            .because([meaning]),
    )
}

/// Which rule decided.
pub(super) fn rule(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    let is_of_rules = matches!(
        entry.rule_kind,
        RuleKind::User | RuleKind::Default | RuleKind::Admin
    );
    if !is_of_rules || entry.rule.is_empty() {
        return None;
    }
    let agrees = entry.proof.as_ref().filter(|proof| {
        let decision = match proof.verdict.decision {
            Decision::Allowed => !entry.is_denied(),
            Decision::Denied => entry.is_denied(),
            Decision::NotGoverned | Decision::Unknown => false,
        };
        let is_named = |step: &nsg::Step| step.name.eq_ignore_ascii_case(&entry.rule);
        decision && proof.deciding().is_some_and(is_named)
    });
    let first = "Rules are asked by their number, the lowest first, and the first that matches decides.";
    let others = entry
        .rules
        .iter()
        .filter(|name| !name.eq_ignore_ascii_case(&entry.rule));
    let others: Vec<Choice> = others.map(|name| Choice::new(name).but(first)).collect();
    if others.is_empty() {
        return None;
    }
    let group = match entry.group.as_str() {
        "" => String::new(),
        group => format!(" of {group}"),
    };
    let mut because = vec![format!("The log names {}{group}.", entry.rule)];
    because.extend(match (agrees, &entry.proof) {
        (Some(proof), _) => chain::lines(proof),
        (None, Some(proof)) => chain::why_not(proof),
        (None, None) => {
            vec!["Its rules are not known here; `flowglass facts load` takes exports of them.".to_owned()]
        }
    });
    let prompt = match entry.is_denied() {
        true => "Which rule denied it?",
        false => "Which rule let it pass?",
    };
    let choices = with_others(Choice::new(&entry.rule), others, chance);
    Some(
        Question::new(Topic::Rule, prompt, choices, chance)
            .hint("direction, the two addresses, the protocol and the destination port must all match")
            .because(because),
    )
}

/// What services are called, and what people call them.
const SERVICES: [(&str, &[&str]); 14] = [
    ("HTTPS", &["tls", "ssl", "web", "443"]),
    ("HTTP", &["web", "80"]),
    ("SSH", &["secure shell", "22"]),
    ("RDP", &["remote desktop", "ms-wbt-server", "mstsc", "3389"]),
    ("DNS", &["domain", "names", "53"]),
    ("SQL Server", &["ms-sql-s", "mssql", "sql", "tds", "1433"]),
    ("PostgreSQL", &["postgres", "5432"]),
    ("MySQL", &["3306"]),
    ("NTP", &["time", "123"]),
    ("SMB", &["microsoft-ds", "cifs", "file share", "445"]),
    ("LDAP", &["389"]),
    ("Kerberos", &["88"]),
    ("SMTP", &["mail", "25"]),
    ("Redis", &["6379"]),
];

/// Which service the port stands for.
pub(super) fn service(entry: &Entry, chance: &mut Chance) -> Option<Question> {
    if entry.service.is_empty() || entry.is_late_reply() {
        return None;
    }
    let names = |text: &str| {
        let known = SERVICES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        known.map_or(&[] as &[&str], |(_, names)| names)
    };
    let on_destination =
        "The service is on the destination port, field 5; the source port is lent for the one flow.";
    let others = SERVICES.iter();
    let others = others.map(|(name, names)| Choice::new(*name).also(names).but(on_destination));
    // What only differs by its protocol is no wrong answer.
    let others = others.filter(|choice| !entry.service.starts_with(&choice.text));
    let right = Choice::new(&entry.service).also(names(&entry.service));
    let choices = with_others(right, others.collect(), chance);
    Some(
        Question::new(
            Topic::Service,
            "Which service is it, by its port?",
            choices,
            chance,
        )
        .hint(format!("the destination port is {}", entry.destination_port))
        .because([format!(
            "Port {} is {}. That is a guess from the port: nothing looked inside.",
            entry.destination_port, entry.service
        )]),
    )
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::knock;
    use super::super::question::Reply;
    use super::*;

    type Ask = fn(&Entry, &mut Chance) -> Option<Question>;

    #[track_caller]
    fn check(ask: Ask, entry: &Entry, right: &[&str], wrong: &[&str]) {
        for seed in 0..8 {
            let question = ask(entry, &mut Chance::new(seed)).unwrap();
            for typed in right {
                assert_eq!(
                    question.reply(typed),
                    Reply::Choice(question.right),
                    "{typed} {question}"
                );
            }
            for typed in wrong {
                let reply = question.reply(typed);
                assert!(
                    matches!(reply, Reply::Choice(place) if place != question.right),
                    "{typed} {question}"
                );
            }
            assert!(!question.because.is_empty() && !question.hint.is_empty());
        }
    }

    #[test]
    fn a_denied_knock() {
        let entry = knock();
        check(
            direction,
            &entry,
            &["in", "Inbound", "ingress", "i"],
            &["out", "O"],
        );
        check(reporter, &entry, &["10.1.0.5"], &["203.0.113.7", "both"]);
        check(
            who,
            &entry,
            &["203.0.113.7", "source"],
            &["vm-web-02", "10.1.0.5"],
        );
        check(place, &entry, &["internet", "public"], &["private", "platform"]);
        check(decision, &entry, &["denied", "blocked"], &["allowed", "allow"]);
        check(state, &entry, &["denied", "d"], &["ended"]);
        check(rule, &entry, &["denyallinbound", "deny"], &["AllowHttps"]);
        check(service, &entry, &["ssh", "secure shell"], &[]);
    }

    #[test]
    fn yes_and_no_do_not_answer_which_of_two() {
        for seed in 0..8 {
            let entry = knock();
            for ask in [decision as Ask, direction, who, place, state, rule, service] {
                let question = ask(&entry, &mut Chance::new(seed)).unwrap();
                for typed in ["yes", "no", "Yes.", "NO"] {
                    assert_eq!(question.reply(typed), Reply::Unclear, "{typed} {question}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_told_is_not_asked() {
        let chance = &mut Chance::new(1);
        let entry = Entry {
            is_hop: true,
            source_port: 443,
            destination_port: 50_000,
            rule_kind: RuleKind::Platform,
            ..knock()
        };
        for ask in [direction as Ask, reporter, who, rule, service] {
            assert_eq!(ask(&entry, chance), None);
        }
        let denied_in_version_two = Entry {
            format: LogFormat::Nsg2,
            state: Some(FlowState::Begin),
            ..knock()
        };
        assert_eq!(state(&denied_in_version_two, chance), None);
        check(decision, &denied_in_version_two, &["denied"], &["allowed"]);
    }
}
