//! Which rows of the log may be of the flow that was asked about.
//!
//! A balancer shows each end another address of one flow: who is inside logs the frontend that it sends to, the machine behind it its own
//! address and port, with the sender's address and source port and at about the same time. From the internet only the machine logs, and
//! nothing says by which public address it came. So rows of a machine are told apart by what their sender logged:
//! - it sent to the machine itself: that is a flow to the machine, whatever frontends lead there;
//! - it sent to a frontend that leads there: both rows are of one flow, which is to the frontend;
//! - nothing that is known of it: each way that leads there may be it. Where the sender's log is there all the same it is none of these.
//!
//! Who is inside gets to a public frontend with another source, who is in the internet to no private one, and an application gateway
//! opens connections of its own: rows of a machine with the sender's address are of another flow then.

use std::collections::BTreeMap;
use std::net::IpAddr;

use enrich::{Part, Place};
use model::Direction;

use super::balanced::{Lead, Leads, is_front, is_internet};
use super::line::{FlowKey, Line, Meaning, closest, cut};

/// A flow that goes on is logged every five minutes, so a row of one end has a row of the other as close as that.
const NEAR: i64 = 6 * 60 * 1_000_000;

/// A way by which a flow may have come to the machine that logged it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It was sent to the machine's own private address.
    Direct,
    /// To a public address that the machine has for itself.
    Own(IpAddr),
    /// To a frontend of a balancer.
    Front(Lead),
}

impl Way {
    /// `port 8080 of 52.9.9.9 (rule web of lb)`
    fn told(&self, line: &Line) -> String {
        match self {
            Self::Direct => format!("{} itself", line.key.destination),
            Self::Own(address) => format!("{address}, a public address of the machine's own"),
            Self::Front(lead) => lead.told(line.key.destination_port),
        }
    }

    /// The flow as it was sent, had it come this way; none where its port is not known then.
    pub(super) fn sent(&self, key: &FlowKey) -> Option<FlowKey> {
        match self {
            Self::Direct => Some(*key),
            Self::Own(address) => Some(FlowKey {
                destination: *address,
                ..*key
            }),
            Self::Front(lead) => Some(FlowKey {
                destination: lead.frontend,
                destination_port: Some(lead.port(key.destination_port)?),
                ..*key
            }),
        }
    }
}

/// How it is known to whom a row's flow was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    /// The row says it, or its sender logged the same address.
    Row,
    /// Its sender logged the frontend.
    Sender,
    /// Nothing: it may have come by each of these.
    Nothing(Vec<Way>),
}

/// A row, with its flow as that was sent.
#[derive(Clone, Debug)]
struct Leg<'l> {
    line: &'l Line,
    sent: FlowKey,
    by: By,
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'q> {
    pub(super) key: FlowKey,
    /// The address of ours that was asked about and that others stand behind.
    pub(super) public: Option<IpAddr>,
    pub(super) meant: Meaning<'q>,
    /// Rows are taken of which nothing says how they came, if they may be it.
    pub(super) takes_open: bool,
}

/// The rows of the flow that was asked about.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen<'l> {
    pub(super) lines: Vec<&'l Line>,
    /// The flow as it was sent, or as its receiver logged it where that is not known.
    pub(super) key: Option<FlowKey>,
    /// Nothing says how it came: these are the ways that may be it beside the one that was asked about.
    pub(super) others: Vec<Way>,
    /// The same in words.
    pub(super) told_others: Vec<String>,
    /// It is taken for what was asked though nothing says that it came this way.
    pub(super) is_open: bool,
    /// Rows that were looked at, and why they are of another flow.
    pub(super) refused: Vec<String>,
    /// One of these may be it.
    pub(super) is_perhaps: bool,
}

/// Addresses and ports that rows of a flow may have as their destination; no port stands for any.
#[must_use]
pub fn logged_at(
    part: &Part,
    key: &FlowKey,
    destinations: &[IpAddr],
    public: Option<IpAddr>,
) -> Vec<(IpAddr, Option<u16>)> {
    let (port, protocol) = (key.destination_port, key.protocol);
    let mut all: Vec<(IpAddr, Option<u16>)> = Vec::new();
    let target = public.unwrap_or(key.destination);
    match super::balanced::balanced(part, target, port, protocol) {
        Some(held) => {
            let is_taken = !held.is_dropped && !held.is_gateway();
            let machines = held.machines.iter().filter(|_| is_taken);
            let behind = held.port.or(port);
            all.extend(machines.filter_map(|machine| Some((machine.address?, behind))));
            all.push((target, port));
        }
        None => {
            all.extend(destinations.iter().map(|address| (*address, port)));
            all.extend(public.map(|address| (address, port)));
        }
    }
    if !is_of_internet(part, key.source) {
        let machines: Vec<IpAddr> = all.iter().map(|(address, _)| *address).collect();
        let leads = Leads::of(part, &machines);
        for (machine, got) in all.clone() {
            let fronts = leads.to(machine, got, protocol, false);
            all.extend(fronts.map(|lead| (lead.frontend, got.and_then(|_| lead.port(got)))));
        }
    }
    all.sort_unstable();
    all.dedup();
    // Any port of an address has each of its ports.
    let any: Vec<IpAddr> = all
        .iter()
        .filter(|(_, port)| port.is_none())
        .map(|(address, _)| *address)
        .collect();
    all.retain(|(address, port)| port.is_none() || !any.contains(address));
    all
}

/// The rows of the flow that was asked about, among those that may be.
pub(super) fn chosen<'l>(part: &Part, asked: &Question<'_>, lines: &'l [Line]) -> Chosen<'l> {
    let legs = legs(part, lines);
    let target = asked.public.unwrap_or(asked.key.destination);
    let is_at_front = is_front(part, target);
    let named = asked.meant.flow_id;
    if let Some(leg) = named.and_then(|id| legs.iter().find(|leg| leg.line.flow_id == id)) {
        return taken(&legs, leg, asked, target);
    }
    let has_port = |port: Option<u16>| asked.key.destination_port.is_none_or(|asked| port == Some(asked));
    let mut candidates: Vec<Leg<'_>> = Vec::new();
    if asked.public.is_some() || is_at_front {
        let sure = |leg: &&Leg<'_>| leg.sent.destination == target && has_port(leg.sent.destination_port);
        candidates.extend(legs.iter().filter(sure).cloned());
        if candidates.is_empty() && asked.takes_open {
            candidates.extend(legs.iter().filter_map(|leg| open(part, leg, asked, target)));
        }
    } else {
        let is_other = |address: IpAddr| address != target && is_front(part, address);
        let own = || legs.iter().filter(|leg| !is_other(leg.line.key.destination));
        candidates.extend(own().filter(|leg| leg.by != By::Sender).cloned());
        if candidates.is_empty() {
            candidates.extend(own().cloned());
        }
    }
    let all: Vec<&Line> = candidates.iter().map(|leg| leg.line).collect();
    let Some(place) = closest(&all, asked.meant.at) else {
        return refused(part, &legs, asked, target);
    };
    let Some(leg) = candidates.get(place).cloned() else {
        return Chosen::default();
    };
    // A leg that is taken for what was asked stands for all of its flow.
    let mut legs = legs;
    for held in &mut legs {
        if held.line.key == leg.line.key && held.by == leg.by {
            held.sent = leg.sent;
        }
    }
    taken(&legs, &leg, asked, target)
}

/// A row of which nothing says how it came, if it may be what was asked about.
fn open<'l>(part: &Part, leg: &Leg<'l>, asked: &Question<'_>, target: IpAddr) -> Option<Leg<'l>> {
    let By::Nothing(ways) = &leg.by else { return None };
    let key = &leg.line.key;
    let from_internet = is_of_internet(part, key.source);
    let way = ways
        .iter()
        .find(|way| is_asked(way, asked, target, key.destination_port));
    let mut leg = leg.clone();
    match way {
        // Who is in the internet logs nothing: what the machine logged is all there is.
        Some(_) if from_internet => Some(leg),
        Some(way) => {
            leg.sent = FlowKey {
                destination: target,
                destination_port: asked.key.destination_port.or(way.sent(key)?.destination_port),
                ..leg.sent
            };
            Some(leg)
        }
        // The machine behind a public address is known by the facts of the time that was asked about as well.
        None => {
            let is_behind = asked.public.is_some() && asked.key.destination == key.destination;
            (is_behind && from_internet && !is_front(part, target)).then_some(leg)
        }
    }
}

/// True for the way that was asked about.
fn is_asked(way: &Way, asked: &Question<'_>, target: IpAddr, got: Option<u16>) -> bool {
    match way {
        Way::Direct => false,
        Way::Own(address) => *address == target,
        Way::Front(lead) => {
            let port = asked.key.destination_port.or_else(|| lead.port(got));
            lead.frontend == target && lead.ports.is_some() && lead.leads(port, got)
        }
    }
}

/// All rows of a row's flow.
fn taken<'l>(legs: &[Leg<'l>], leg: &Leg<'l>, asked: &Question<'_>, target: IpAddr) -> Chosen<'l> {
    let all: Vec<(FlowKey, &Line)> = legs.iter().map(|leg| (leg.sent, leg.line)).collect();
    let got = leg.line.key.destination_port;
    let is_typed = asked.public.is_some();
    let others = match &leg.by {
        By::Nothing(ways) => ways
            .iter()
            .filter(|way| match way {
                Way::Direct => asked.public.is_some() || target != leg.line.key.destination,
                Way::Own(_) => is_typed && !is_asked(way, asked, target, got),
                Way::Front(lead) if lead.frontend == target => {
                    let asked_port = asked.key.destination_port;
                    asked_port.is_some() && lead.ports.is_some() && !is_asked(way, asked, target, got)
                }
                Way::Front(lead) => is_typed || !is_internet(lead.frontend),
            })
            .cloned()
            .collect(),
        _ => Vec::new(),
    };
    Chosen {
        lines: cut(&all, (leg.sent, leg.line)),
        key: Some(leg.sent),
        told_others: others.iter().map(|way| way.told(leg.line)).collect(),
        is_open: matches!(leg.by, By::Nothing(_)) && target != leg.line.key.destination,
        others,
        refused: Vec::new(),
        is_perhaps: false,
    }
}

/// Rows that are of other flows, each with the reason.
fn refused<'l>(part: &Part, legs: &[Leg<'l>], asked: &Question<'_>, target: IpAddr) -> Chosen<'l> {
    let mut chosen = Chosen::default();
    let inbound = legs.iter().filter(|leg| leg.line.direction == Direction::Inbound);
    for leg in inbound {
        let key = &leg.line.key;
        let row = format!(
            "{} to {}{}",
            key.source,
            key.destination,
            at_port(key.destination_port)
        );
        let is_open =
            |way: &Way| matches!(way, Way::Front(lead) if lead.frontend == target && lead.ports.is_none());
        let is_known = is_internet(target) == is_of_internet(part, key.source);
        let is_perhaps = matches!(&leg.by, By::Nothing(ways) if is_known && ways.iter().any(is_open));
        let why = match is_perhaps {
            true => format!(
                "{row}, is logged: whether it came by {target} no log tells, for not all rules of that balancer are known"
            ),
            false => format!("{row}, is logged too: {}", why_other(part, leg, asked, target)),
        };
        chosen.is_perhaps |= is_perhaps;
        if !chosen.refused.contains(&why) {
            chosen.refused.push(why);
        }
    }
    chosen
}

/// Why a row is of another flow.
fn why_other(part: &Part, leg: &Leg<'_>, asked: &Question<'_>, target: IpAddr) -> String {
    let key = &leg.line.key;
    let ways = match &leg.by {
        By::Row => return "it was sent to the machine itself, so it is another flow".to_owned(),
        By::Sender => {
            let sent = &leg.sent;
            let port = at_port(sent.destination_port);
            return format!("it was sent to {}{port}, so it is another flow", sent.destination);
        }
        By::Nothing(ways) => ways,
    };
    let is_it = |way: &Way| is_asked(way, asked, target, key.destination_port);
    match (is_internet(target), is_of_internet(part, key.source)) {
        (true, false) => {
            "what is sent from inside to a public address comes with another source, so it is another flow"
                .to_owned()
        }
        (false, true) => format!(
            "nothing gets from the internet to {target}, so it came by a public address and is another flow"
        ),
        _ if !asked.takes_open && ways.iter().any(is_it) => format!(
            "the log of {} is there and has nothing to {target} at that time, so it is another flow",
            key.source
        ),
        _ if ways.is_empty() => {
            format!("no rule that is known leads there from {target}, so it is another flow")
        }
        _ => {
            let ways: Vec<String> = ways.iter().map(|way| way.told(leg.line)).collect();
            format!("it came by {}, and is another flow", ways.join(" or "))
        }
    }
}

fn at_port(port: Option<u16>) -> String {
    port.map(|port| format!(", port {port}")).unwrap_or_default()
}

/// Each row with its flow as that was sent.
fn legs<'l>(part: &Part, lines: &'l [Line]) -> Vec<Leg<'l>> {
    let caller = |key: &FlowKey| (key.source, key.source_port, key.protocol);
    let mut sent: BTreeMap<_, Vec<&Line>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.direction == Direction::Outbound) {
        sent.entry(caller(&line.key)).or_default().push(line);
    }
    let inbound = lines.iter().filter(|line| line.direction == Direction::Inbound);
    let mut machines: Vec<IpAddr> = inbound.map(|line| line.key.destination).collect();
    machines.sort_unstable();
    machines.dedup();
    let leads = match machines.as_slice() {
        [] => Leads::default(),
        some => Leads::of(part, some),
    };
    let mut known: BTreeMap<_, Vec<Way>> = BTreeMap::new();
    let legs = lines.iter().map(|line| {
        let key = &line.key;
        let by_row = Leg { line, sent: *key, by: By::Row };
        if line.direction != Direction::Inbound {
            return by_row;
        }
        let end = (key.source, key.destination, key.destination_port, key.protocol);
        let ways = known.entry(end).or_insert_with(|| ways(part, &leads, key));
        let near = sent.get(&caller(key)).map(Vec::as_slice).unwrap_or_default();
        let near = near.iter().filter(|row| row.at.abs_diff(line.at) <= NEAR.unsigned_abs());
        let fits = |row: &&&Line| {
            let (to, port) = (row.key.destination, row.key.destination_port);
            let is_it = to == key.destination && port == key.destination_port;
            let leads = |way: &Way| matches!(way, Way::Front(lead) if lead.frontend == to && lead.leads(port, key.destination_port));
            is_it || ways.iter().any(leads)
        };
        match near.filter(fits).min_by_key(|row| row.at.abs_diff(line.at)) {
            Some(row) if row.key == *key => by_row,
            Some(row) => Leg { sent: row.key, by: By::Sender, ..by_row },
            None => Leg { by: By::Nothing(ways.clone()), ..by_row },
        }
    });
    legs.collect()
}

/// The ways by which a row may have come to who logged it, as far as there are several.
fn ways(part: &Part, leads: &Leads, key: &FlowKey) -> Vec<Way> {
    let is_public = match place(part, key.source) {
        Place::Platform => return Vec::new(),
        place => is_of(&place),
    };
    let fronts = leads.to(key.destination, key.destination_port, key.protocol, is_public);
    let fronts: Vec<Way> = fronts.cloned().map(Way::Front).collect();
    match is_public {
        true => leads.own(key.destination).map(Way::Own).chain(fronts).collect(),
        false if fronts.is_empty() => fronts,
        false => [Way::Direct].into_iter().chain(fronts).collect(),
    }
}

fn place(part: &Part, address: IpAddr) -> Place {
    part.index.seen(None, address, &part.threats).place
}

/// True for who sends from the internet: what has a public address there, ours too.
pub(super) fn is_of_internet(part: &Part, address: IpAddr) -> bool {
    is_of(&place(part, address))
}

const fn is_of(place: &Place) -> bool {
    matches!(
        place,
        Place::Public | Place::Azure { .. } | Place::Threat | Place::OwnPublic { .. }
    )
}
