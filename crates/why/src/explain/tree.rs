//! An explanation in words, as a tree.

use std::fmt::Write as _;

use model::facts::Access;
use nsg::{Decision, LevelEnd, LevelKind, LevelProof, PartProof, Proof, State, Step};

use super::changed::changed;
use super::line::Counters;
use super::time::words;
use super::{Agreement, Explanation, Judged, Outcome, Vantage};

/// Rules that do not match are told in full up to so many.
const STEPS_TOLD: usize = 12;

/// A line with what hangs below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branch {
    /// The line.
    pub text: String,
    /// What is below.
    pub below: Vec<Self>,
}

impl Branch {
    pub(super) fn new(text: impl Into<String>, below: Vec<Self>) -> Self {
        Self {
            text: text.into(),
            below,
        }
    }

    pub(super) fn leaf(text: impl Into<String>) -> Self {
        Self::new(text, Vec::new())
    }

    pub(super) fn leaves(texts: &[String]) -> Vec<Self> {
        texts.iter().map(Self::leaf).collect()
    }

    /// The branches, drawn.
    #[must_use]
    pub fn draw(branches: &[Self]) -> String {
        let mut out = String::new();
        draw(branches, "", &mut out);
        out
    }
}

fn draw(branches: &[Branch], before: &str, out: &mut String) {
    for (at, branch) in branches.iter().enumerate() {
        let is_last = at + 1 == branches.len();
        let (turn, down) = if is_last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let _ = writeln!(out, "{before}{turn}{}", branch.text);
        draw(&branch.below, &format!("{before}{down}"), out);
    }
}

impl Explanation {
    /// What happened, in words that one reads aloud.
    pub(super) fn sentence(&self) -> String {
        let port = self.flow.destination_port;
        let service = match (self.service.as_str(), port) {
            ("", Some(port)) => format!("port {port}"),
            (name, Some(port)) => format!("{name} (port {port})"),
            (_, None) => "any port".to_owned(),
        };
        let (source, destination) = (self.source.named(), self.destination.named());
        let tried = format!("{source} to {destination}, {service}");
        let told = match self.outcome {
            Outcome::DeniedByRule => format!("{tried}: {}", self.denied()),
            Outcome::DroppedForEncryption => format!("{tried}: dropped, because it was not encrypted"),
            Outcome::AllowedAndAnswered => format!("{tried}: allowed{}, and answered", self.allowed_by()),
            Outcome::AllowedAndUnanswered => {
                format!("{tried}: allowed{}, and no reply came", self.allowed_by())
            }
            Outcome::AllowedReplyNotReported => {
                format!(
                    "{tried}: allowed{}; whether a reply came is not reported",
                    self.allowed_by()
                )
            }
            Outcome::NotInTheLog => {
                let would = self.would_behind().unwrap_or_else(|| self.would());
                let log = match self.is_perhaps {
                    true => "whether a flow log has it is not known",
                    false => "no flow log has it",
                };
                format!("{tried}: {log}{would}")
            }
        };
        told + &self.or_otherwise()
    }

    /// How else it may have come, where no log tells.
    fn or_otherwise(&self) -> String {
        match self.other_ways.as_slice() {
            [] => String::new(),
            ways => format!("; no log tells whether it came so or by {}", ways.join(" or by ")),
        }
    }

    fn denied(&self) -> String {
        let Some(vantage) = self.vantages.iter().find(|held| held.status == "Denied") else {
            return "denied".to_owned();
        };
        let way = if vantage.direction == "Inbound" {
            "coming in at"
        } else {
            "leaving"
        };
        format!("denied {}, {way} {}", by(vantage), place(vantage))
    }

    fn allowed_by(&self) -> String {
        // The last end that let it through had the last word; what it only passed had none.
        let mut ends = self.vantages.iter().filter(|vantage| !vantage.is_hop);
        let last = ends.next_back().or_else(|| self.vantages.last());
        last.map(|vantage| format!(" {}", by(vantage)))
            .unwrap_or_default()
    }

    fn would(&self) -> String {
        let denied = self
            .judged
            .iter()
            .find(|held| held.proof.verdict.decision == Decision::Denied);
        if let Some(held) = denied {
            let rule = held
                .proof
                .deciding()
                .map(|step| format!(" by rule {} (priority {})", step.name, step.priority));
            return format!(
                "; rules would deny it{} at {}",
                rule.unwrap_or_default(),
                held.interface.name_in_group()
            );
        }
        let all = |decision| {
            !self.judged.is_empty()
                && self
                    .judged
                    .iter()
                    .all(|held| held.proof.verdict.decision == decision)
        };
        if let Some(unasked) = self.unasked.first() {
            format!("; {unasked}")
        } else if all(Decision::Allowed) {
            "; rules would let it through".to_owned()
        } else {
            String::new()
        }
    }

    /// Everything, as branches.
    #[must_use]
    pub fn branches(&self) -> Vec<Branch> {
        let mut branches = vec![Branch::new("who", self.who())];
        if let Some(balanced) = &self.balanced {
            let port = balanced.frontend_port.map(|port| format!(", port {port}"));
            let place = format!("balanced at {}{}", balanced.frontend, port.unwrap_or_default());
            let mut below = vec![Branch::leaf(balanced.told())];
            let got = balanced.got.iter();
            below.extend(got.map(|got| Branch::leaf(format!("it came to {got}"))));
            branches.push(Branch::new(place, below));
        }
        if !self.vantages.is_empty() {
            let vantages = self.vantages.iter().map(|vantage| Branch::leaf(logged(vantage)));
            branches.push(Branch::new("logged by", vantages.collect()));
        }
        let judged = self
            .judged
            .iter()
            .map(|held| judged(held, self.flow.destination_port));
        let facts = self
            .facts
            .map(|facts| format!(", by the facts of {}", words(facts.taken)));
        if !self.judged.is_empty() {
            branches.push(Branch::new(
                format!("rules{}", facts.unwrap_or_default()),
                judged.collect(),
            ));
        }
        branches.extend(self.alike.filter(|alike| alike.is_worth_telling()).map(tried));
        if !self.next.is_empty() {
            let title = match self.outcome {
                Outcome::NotInTheLog => "why no log has it",
                _ => "what to look at",
            };
            branches.push(Branch::new(title, Branch::leaves(&self.next)));
        }
        branches.extend(self.change.as_ref().map(changed));
        if !self.blind.is_empty() {
            branches.push(Branch::new("not known", Branch::leaves(&self.blind)));
        }
        branches
    }

    fn who(&self) -> Vec<Branch> {
        let mut who = vec![
            Branch::leaf(format!("from  {}", self.source.told())),
            Branch::leaf(format!("to    {}", self.destination.told())),
        ];
        let protocol = self.flow.protocol.map(|number| {
            model::protocols::protocol_keyword(number)
                .map_or_else(|| format!("protocol {number}"), str::to_owned)
        });
        let service = match self.service.as_str() {
            "" => String::new(),
            name => format!(", {name} by its port"),
        };
        let flow_type = match self.flow_type.as_str() {
            "" => String::new(),
            name => format!(", {name}"),
        };
        if let Some(protocol) = protocol {
            who.push(Branch::leaf(format!("      {protocol}{service}{flow_type}")));
        }
        who
    }
}

/// `the same leaving 33 times, 0 denied; coming in 73 times, 73 denied`.
fn tried(alike: super::Alike) -> Branch {
    let told = |way: &str, tried: super::Tried| match tried.attempts {
        0 => format!("{way} never"),
        1 => format!("{way} once, {} denied", tried.denied),
        many => format!("{way} {many} times, {} denied", tried.denied),
    };
    Branch::leaf(format!(
        "the same from any port, {} to {}: logged {}, {}",
        words(alike.first),
        words(alike.last),
        told("leaving", alike.leaving),
        told("coming in", alike.coming_in)
    ))
}

/// `by rule x (priority 200) of nsg-data`.
fn by(vantage: &Vantage) -> String {
    let priority = vantage
        .priority
        .map(|number| format!(" (priority {number})"))
        .unwrap_or_default();
    match (vantage.rule_kind.as_str(), vantage.rule.as_str()) {
        ("PlatformRule", _) => "by the platform, not by a rule".to_owned(),
        ("Unspecified", _) if vantage.status == "Denied" => "for want of encryption".to_owned(),
        ("Unspecified", _) => "by what the log calls `unspecified`, which is no rule".to_owned(),
        (_, "") => format!("by a rule of {} that the log does not name", vantage.group),
        ("SecurityAdminRule", rule) => {
            format!("by security admin rule {rule}{priority} of {}", vantage.group)
        }
        ("DefaultRule", rule) => format!("by default rule {rule}{priority} of {}", vantage.group),
        (_, rule) => format!("by rule {rule}{priority} of {}", vantage.group),
    }
}

fn place(vantage: &Vantage) -> String {
    match (&vantage.interface, &vantage.mac) {
        (Some(interface), _) => interface.name_in_group().into_owned(),
        (None, Some(mac)) => format!("the interface {mac}"),
        (None, None) => "an interface that is not named".to_owned(),
    }
}

fn logged(vantage: &Vantage) -> String {
    let way = match vantage.direction.as_str() {
        "Inbound" => "in",
        _ => "out",
    };
    let sums = &vantage.sums;
    let times = match sums.first == sums.last {
        true => words(sums.first),
        false => format!("{} to {}", words(sums.first), words(sums.last)),
    };
    let hop = if vantage.is_hop { ", passing through" } else { "" };
    let states = match sums.states.as_str() {
        "" => String::new(),
        states => format!(", states {states}"),
    };
    format!(
        "{} ({way}{hop}): {} {}; {times}, {} {}{states}{}{}",
        place(vantage),
        vantage.status.to_ascii_lowercase(),
        by(vantage),
        sums.tuples,
        if sums.tuples == 1 { "tuple" } else { "tuples" },
        counted(&sums.counters),
        encryption(&vantage.encryption)
    )
}

fn counted(counters: &Counters) -> String {
    let part = |packets: Option<i64>, bytes: Option<i64>| match (packets, bytes) {
        (None, None) => "not reported".to_owned(),
        (packets, bytes) => format!("{} packets, {} bytes", packets.unwrap_or(0), bytes.unwrap_or(0)),
    };
    if *counters == Counters::default() {
        return ", no counters".to_owned();
    }
    format!(
        ", sent {}, received {}",
        part(counters.packets_sent, counters.bytes_sent),
        part(counters.packets_received, counters.bytes_received)
    )
}

fn encryption(logged: &str) -> String {
    match logged {
        "" | "NX" => String::new(),
        "X" => ", encrypted".to_owned(),
        other => format!(", encryption {other}"),
    }
}

fn judged(held: &Judged, port: Option<u16>) -> Branch {
    let way = match held.direction.as_str() {
        "Inbound" => "coming in at",
        _ => "leaving",
    };
    let decision = match held.proof.verdict.decision {
        Decision::Allowed => "allowed",
        Decision::Denied => "denied",
        Decision::NotGoverned => "not subject to rules",
        Decision::Unknown => "not known",
    };
    let mut below: Vec<Branch> = held
        .proof
        .levels
        .iter()
        .map(|level| told_level(level, &held.proof))
        .collect();
    if below.is_empty() && held.proof.verdict.decision == Decision::Allowed {
        below.push(Branch::leaf(
            "no group guards it, neither at its subnet nor at itself",
        ));
    }
    below.push(Branch::leaf(match &held.agreement {
        Agreement::Agrees => "the log says the same".to_owned(),
        Agreement::AgreesOnDecision(why) => format!("the log says the same of the decision; {why}"),
        Agreement::NotByRules(why) => format!("the log: {why}"),
        Agreement::NotKnown(why) => format!("what the log says cannot be compared: {why}"),
        Agreement::NotLogged => "not logged here".to_owned(),
        Agreement::WentElsewhere => {
            "this one went to another machine behind the balancer, the next may come here".to_owned()
        }
        Agreement::NamesAnother(_) => {
            "the log says the same of the decision, and names another rule:".to_owned()
        }
        Agreement::Differs(_) => "the log says otherwise:".to_owned(),
    }));
    if let (Agreement::Differs(reasons) | Agreement::NamesAnother(reasons), Some(last)) =
        (&held.agreement, below.last_mut())
    {
        last.below = Branch::leaves(reasons);
    }
    let at_port = match port {
        Some(port) if port != held.destination_port => format!(", port {}", held.destination_port),
        _ => String::new(),
    };
    Branch::new(
        format!("{way} {}{at_port}: {decision}", held.interface.name_in_group()),
        below,
    )
}

fn told_level(level: &LevelProof, proof: &Proof) -> Branch {
    let group = level.group.as_ref().map(|group| group.name().to_owned());
    let name = match (level.kind, group) {
        (LevelKind::Admin, _) => "security admin rules".to_owned(),
        (LevelKind::Subnet, Some(group)) => format!("{group}, at the subnet"),
        (LevelKind::Interface, Some(group)) => format!("{group}, at the interface"),
        (LevelKind::Subnet, None) => "at the subnet".to_owned(),
        (LevelKind::Interface, None) => "at the interface".to_owned(),
    };
    let ends: Vec<&str> = level
        .ends
        .iter()
        .map(|end| match end {
            LevelEnd::Passes => "passes",
            LevelEnd::Denied => "denied",
            LevelEnd::Delivered => "delivered, no other rule is asked",
        })
        .collect();
    let mut below: Vec<Branch> = Vec::new();
    let passed_over = level.steps.iter().filter(|step| step.state == State::No).count();
    let told: Vec<&Step> = match level.steps.len() > STEPS_TOLD {
        true => level
            .steps
            .iter()
            .filter(|step| step.state != State::No)
            .collect(),
        false => level.steps.iter().collect(),
    };
    if told.len() < level.steps.len() {
        below.push(Branch::leaf(format!(
            "{passed_over} rules before it do not match"
        )));
    }
    below.extend(told.into_iter().map(|step| Branch::leaf(told_step(step))));
    if let Some(next) = &level.next {
        below.push(Branch::leaf(format!(
            "without that: {} {} would {}",
            next.priority,
            next.name,
            access(next.access)
        )));
    }
    let is_last = proof.levels.last() == Some(level);
    let end = if ends.is_empty() && is_last {
        String::new()
    } else {
        format!(": {}", ends.join(" or "))
    };
    Branch::new(format!("{name}{end}"), below)
}

pub(super) const fn access(access: Access) -> &'static str {
    match access {
        Access::Allow => "allow",
        Access::Deny => "deny",
        Access::AlwaysAllow => "always allow",
    }
}

fn told_step(step: &Step) -> String {
    let parts: [(&str, &PartProof); 5] = [
        ("protocol", &step.protocol),
        ("source", &step.source),
        ("source port", &step.source_port),
        ("destination", &step.destination),
        ("destination port", &step.destination_port),
    ];
    let head = format!("{} {} ({})", step.priority, step.name, access(step.access));
    match step.state {
        State::Yes => {
            let because = parts
                .iter()
                .filter(|(_, part)| part.because != nsg::Because::Everything);
            let because: Vec<String> = because.map(|(name, part)| matched(name, part)).collect();
            match because.as_slice() {
                [] => format!("{head}: matches, it is for everything"),
                some => format!("{head}: matches, {}", some.join(", ")),
            }
        }
        State::No => {
            let missed = parts.iter().filter(|(_, part)| part.state == State::No);
            let missed: Vec<&str> = missed.map(|(name, _)| *name).collect();
            match missed.as_slice() {
                [] => format!("{head}: does not match"),
                some => format!("{head}: not this {}", some.join(", not this ")),
            }
        }
        State::Unknown => {
            let open = parts.iter().filter(|(_, part)| part.state == State::Unknown);
            let mut open: Vec<String> = open
                .map(|(name, part)| format!("{name}: {}", part.because))
                .collect();
            if !step.applies {
                open.push("whether it holds here is not known".to_owned());
            }
            let unknown = step.unknown.iter();
            open.extend(unknown.map(|name| format!("what its property `{name}` does is not known")));
            format!("{head}: may match; {}", open.join("; "))
        }
    }
}

fn matched(name: &str, part: &PartProof) -> String {
    match &part.because {
        nsg::Because::Protocol(protocol) => format!("{name} {protocol:?}"),
        nsg::Because::Ports(ports) => format!("{name} {ports}"),
        because => format!("{name} {because}"),
    }
}
