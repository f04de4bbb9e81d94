//! A flow that is asked about, with what is known of it: its tuples, its ends, the facts of its time.

use std::net::IpAddr;
use std::rc::Rc;

use enrich::{Databases, Known, Part};
use model::facts::Mac;
use model::{Direction, FlowStatus, RuleKind};
use nsg::{Estate, Flow};

use super::agreement::{Agreement, Around, agreement};
use super::balanced::{Balanced, Leads, balanced_at};
use super::decider::{Decider, Meant};
use super::ends::{End, ends};
use super::legs::{Question, Way, chosen, is_of_internet};
use super::line::{FlowKey, Line, Meaning, Sums, closest};
use super::named::groups_missing;
use super::outcome::{outcome, short_group};
use super::party::Party;
use super::past::Past;
use super::unasked::{Spot, as_sent};
use super::way::on_its_way;
use super::{Alike, Explanation, FactsUsed, Judged, Outcome, Vantage};

/// What an interface logged, whatever the flow: within half an hour of the time that is meant; where none is, at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The interface.
    pub mac: Mac,
    /// Tuples.
    pub tuples: i64,
    /// The last of them, in microseconds since 1970.
    pub last: i64,
}

/// What the table has around a flow.
#[derive(Clone, Debug, Default)]
pub struct Surrounding {
    /// What the interfaces of both ends logged.
    pub coverage: Vec<Coverage>,
    /// How often the same was tried.
    pub alike: Option<Alike>,
    /// Tuples between the same two ends that were opened the other way round.
    pub reversed: i64,
    /// Only some times were asked for.
    pub is_narrowed: bool,
}

/// A flow that is asked about.
#[derive(Debug)]
pub struct Case<'c> {
    pub(super) past: &'c Past,
    pub(super) part: Rc<Part>,
    facts: Option<FactsUsed>,
    /// The time that is meant.
    pub(super) at: i64,
    /// It is asked for, or that of a tuple.
    pub(super) is_of_time: bool,
    pub(super) key: FlowKey,
    pub(super) lines: Vec<&'c Line>,
    pub(super) ends: [End; 2],
    /// What a balancer does with it, where one answers at the address that is asked about.
    pub(super) balanced: Option<Balanced>,
    /// How else it may have come to who logged it, where nothing says how it came.
    pub(super) others: Vec<Way>,
    told_others: Vec<String>,
    /// What was logged is taken for what was asked though nothing says that it came so.
    is_open: bool,
    /// What was logged and is of another flow, with the reasons.
    pub(super) refused: Vec<String>,
    /// One of these may be it.
    pub(super) is_perhaps: bool,
}

impl<'c> Case<'c> {
    /// Of what was asked, and the tuples of these addresses: those of `logged_at`. `now` is meant where nothing tells the time; `public` are
    /// addresses of ours that were asked about, in place of which the log has private ones.
    #[must_use]
    pub fn new(
        past: &'c Past,
        asked: FlowKey,
        meant: Meaning<'_>,
        lines: &'c [Line],
        now: i64,
        public: [Option<IpAddr>; 2],
    ) -> Self {
        Self::of(past, (asked, meant), lines, now, public, true)
    }

    /// The same, where the sender's log is there: what it has nothing of is another flow. See [`Case::is_refuted`].
    #[must_use]
    pub fn new_where_the_sender_logs(
        past: &'c Past,
        asked: FlowKey,
        meant: Meaning<'_>,
        lines: &'c [Line],
        now: i64,
        public: [Option<IpAddr>; 2],
    ) -> Self {
        Self::of(past, (asked, meant), lines, now, public, false)
    }

    fn of(
        past: &'c Past,
        (key, meant): (FlowKey, Meaning<'_>),
        lines: &'c [Line],
        now: i64,
        public: [Option<IpAddr>; 2],
        takes_open: bool,
    ) -> Self {
        let asked = Question {
            key,
            public: public[1],
            meant,
            takes_open,
        };
        let all: Vec<&Line> = lines.iter().collect();
        let around = closest(&all, asked.meant.at).and_then(|place| all.get(place));
        let around = past.at(around.map_or(asked.meant.at.unwrap_or(now), |line| line.at));
        let around = around.map(|(part, _)| part).unwrap_or_default();
        let chosen = chosen(&around, &asked, lines);
        let lines = chosen.lines;
        let time = lines.first().map(|line| line.at).or(asked.meant.at);
        let at = time.unwrap_or(now);
        let known = past.at(at);
        let facts = known.as_ref().map(|(part, is_later)| FactsUsed {
            taken: part.taken,
            is_later: *is_later,
        });
        let part = known.map(|(part, _)| part).unwrap_or_default();
        let key = chosen.key.unwrap_or_else(|| as_sent(asked.key, public, &part));
        let ends = ends(&part, &key, &lines, public);
        let balanced = balanced_of(&part, &asked, &key, &lines, &ends);
        Self {
            past,
            part,
            facts,
            at,
            is_of_time: time.is_some(),
            key,
            lines,
            ends,
            balanced,
            others: chosen.others,
            told_others: chosen.told_others,
            is_open: chosen.is_open,
            refused: chosen.refused,
            is_perhaps: chosen.is_perhaps,
        }
    }

    /// True where what a machine logged was taken for what was asked, and its sender's log is there and has nothing of it: it came another way.
    #[must_use]
    pub fn is_refuted(&self, coverage: &[Coverage]) -> bool {
        let [source, _] = &self.ends;
        let logs = |mac: Mac| coverage.iter().any(|held| held.mac == mac && held.tuples > 0);
        let is_whole = source.interface.as_ref().is_none_or(|id| !self.is_filtered(id));
        self.is_open
            && is_whole
            && source.mac.is_some_and(logs)
            && !is_of_internet(&self.part, source.address)
    }

    /// The time that is meant, in microseconds since 1970; none where nobody said it, and no tuple tells it.
    #[must_use]
    pub const fn time(&self) -> Option<i64> {
        match self.is_of_time {
            true => Some(self.at),
            false => None,
        }
    }

    /// True if some log has it.
    #[must_use]
    pub const fn is_logged(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Where machines log what is sent to the frontend that this is sent to, where they see its sender: their addresses and ports.
    #[must_use]
    pub fn logged_behind_front(&self) -> Option<Vec<(IpAddr, Option<u16>)>> {
        let spots = self.at_front().map(|_| self.behind()).unwrap_or_default();
        let at = spots
            .iter()
            .map(|spot| (spot.flow.destination, Some(spot.flow.destination_port)));
        let at: Vec<(IpAddr, Option<u16>)> = at.collect();
        (!at.is_empty()).then_some(at)
    }

    /// The frontends, and the ports there, that lead to the machine that this was sent to itself: what its sender logs to these comes to the
    /// same port there, and is another flow.
    #[must_use]
    pub fn fronts_of_machine(&self) -> Vec<(IpAddr, Option<u16>)> {
        let key = &self.key;
        if self.at_front().is_some() || is_of_internet(&self.part, key.source) {
            return Vec::new();
        }
        let leads = Leads::of(&self.part, &[key.destination]);
        let (got, protocol) = (key.destination_port, key.protocol);
        let fronts = leads.to(key.destination, got, protocol, false);
        fronts.map(|lead| (lead.frontend, lead.port(got))).collect()
    }

    /// The flow that is meant.
    #[must_use]
    pub const fn key(&self) -> &FlowKey {
        &self.key
    }

    /// The interfaces at both ends, as far as they are known: of these it matters what they logged at that time.
    #[must_use]
    pub fn macs(&self) -> Vec<Mac> {
        let mut macs: Vec<Mac> = self.ends.iter().filter_map(|end| end.mac).collect();
        macs.extend(self.lines.iter().filter_map(|line| line.mac));
        let behind = self.balanced.iter().flat_map(|held| &held.machines);
        macs.extend(behind.filter_map(|machine| machine.mac));
        macs.sort_unstable();
        macs.dedup();
        macs
    }

    /// How else it may have come to who logged it.
    pub(super) fn others_in_words(&self) -> Vec<String> {
        self.told_others.clone()
    }

    /// The facts of its time.
    #[must_use]
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// The flow as rules see it, where its ports and protocol are known.
    pub(super) fn flow(&self, direction: Direction) -> Option<Flow> {
        let protocol = self.key.protocol?;
        let has_ports = matches!(protocol, 6 | 17);
        let destination_port = match (self.key.destination_port, has_ports) {
            (Some(port), _) => port,
            (None, false) => 0,
            (None, true) => return None,
        };
        Some(Flow {
            direction,
            protocol,
            source: self.key.source,
            // Hardly a rule asks for it; where nobody says it, one that is lent to callers.
            source_port: self.key.source_port.unwrap_or(if has_ports { 50_000 } else { 0 }),
            destination: self.key.destination,
            destination_port,
        })
    }

    /// All that is to be said.
    #[must_use]
    pub fn explain(&self, around: &Surrounding, databases: &Databases) -> Explanation {
        let estate = Estate::of(&self.part.facts);
        let vantages = self.vantages(&estate);
        let judged = self.judged(&estate, &vantages);
        let unasked = self.unasked(&vantages);
        let outcome = outcome(&vantages);
        let parties = self.ends.each_ref().map(|end| {
            let mut party = Party::of(end.address, &end.seen, &self.part, databases);
            party.public_address = end.public.filter(|public| *public != end.address);
            // Who reported is known by its MAC address, whoever else has the address.
            if party.interface.is_none() {
                party.interface.clone_from(&end.interface);
            }
            party
        });
        let change = self.change(outcome, &judged, &vantages, &unasked);
        let [source, destination] = parties;
        let mut explanation = Explanation {
            flow: self.key,
            at: self.at,
            outcome,
            says: String::new(),
            source,
            destination,
            service: self.service(),
            flow_type: self.flow_type(),
            balanced: self.balanced.clone(),
            vantages,
            judged,
            alike: around.alike,
            next: Vec::new(),
            change,
            facts: self.facts,
            unasked: unasked.iter().map(|held| held.says.clone()).collect(),
            blind: Vec::new(),
            other_ways: self.others_in_words(),
            is_perhaps: self.is_perhaps,
        };
        explanation.next = match outcome {
            Outcome::NotInTheLog => self.missing(&explanation, around),
            _ => self.next(&explanation, &around.coverage),
        };
        let open = unasked.into_iter().filter(|held| !held.is_known);
        explanation.blind = open.map(|held| held.why).collect();
        explanation.blind.extend(self.blind(&explanation));
        explanation.says = explanation.sentence();
        explanation
    }

    fn service(&self) -> String {
        let (Some(port), Some(protocol)) = (self.key.destination_port, self.key.protocol) else {
            return String::new();
        };
        let label = model::services::well_known_label(port, protocol);
        let label = label.or_else(|| model::services::service_name(port, protocol));
        label.unwrap_or_default().to_owned()
    }

    fn flow_type(&self) -> String {
        let reported = self.lines.first();
        let talk = enrich::Talk {
            mac: reported
                .and_then(|line| line.mac)
                .or_else(|| self.ends.iter().find_map(|end| end.mac)),
            is_inbound: match reported {
                Some(line) => line.direction == Direction::Inbound,
                None => self.ends.first().is_some_and(|end| end.mac.is_none()),
            },
            source: Some(self.key.source),
            destination: Some(self.key.destination),
            target: reported.map_or("", |line| line.target.as_str()),
        };
        let ends = self.part.index.ends(&talk, &self.part.threats);
        ends.flow_type.as_str().to_owned()
    }

    fn vantages(&self, estate: &Estate<'_>) -> Vec<Vantage> {
        let mut groups: Vec<(Option<Mac>, Direction, bool, Vec<&Line>)> = Vec::new();
        for line in &self.lines {
            let is_nsg = line.format.starts_with("nsg");
            let same = groups.iter_mut().find(|(mac, direction, nsg, _)| {
                *mac == line.mac && *direction == line.direction && *nsg == is_nsg
            });
            match same {
                Some((.., lines)) => lines.push(line),
                None => groups.push((line.mac, line.direction, is_nsg, vec![line])),
            }
        }
        let mut vantages: Vec<Vantage> = groups
            .into_iter()
            .map(|(mac, direction, _, lines)| self.vantage(estate, mac, direction, &lines))
            .collect();
        on_its_way(&mut vantages, &self.part.facts);
        vantages
    }

    fn vantage(
        &self,
        estate: &Estate<'_>,
        mac: Option<Mac>,
        direction: Direction,
        lines: &[&Line],
    ) -> Vantage {
        let holder = mac.map_or(Known::Nobody, |mac| self.part.index.reporter(mac));
        let interface = holder.one().map(|holder| holder.id.clone());
        // A denial says more than what was let through around it.
        let decided = lines.iter().find(|line| line.status == FlowStatus::Denied);
        let decided = decided.or_else(|| lines.first());
        let text = |of: fn(&Line) -> &str| decided.map_or("", |line| of(line));
        let decider = Decider {
            kind: decided.map_or(RuleKind::Unknown, |line| line.rule_kind),
            group: text(|line| &line.group),
            rule: text(|line| &line.rule),
        };
        let guard = interface.as_ref().and_then(|id| estate.guard(id).ok());
        let meant = guard.as_ref().map(|guard| decider.meant(guard, &self.part.facts));
        let priority = match (&meant, &guard) {
            (Some(Meant::Rule(place)), Some(guard)) => guard.rule(*place).map(|held| held.rule.priority),
            _ => None,
        };
        let group = decider.group_in(&self.part.facts);
        let end = match direction {
            Direction::Outbound => self.ends.first(),
            Direction::Inbound => self.ends.last(),
        };
        Vantage {
            is_hop: interface.is_some()
                && end.is_some_and(|end| end.interface != interface)
                && !(direction == Direction::Inbound && self.is_behind(interface.as_ref(), lines)),
            interface,
            mac: mac.map(|mac| mac.to_string()),
            direction: direction.as_str().to_owned(),
            status: decided
                .map_or(FlowStatus::Allowed, |line| line.status)
                .as_str()
                .to_owned(),
            group: group.map_or_else(|| short_group(decider.group), |id| id.name().to_owned()),
            rule: decider.name().to_owned(),
            rule_kind: decider.kind.as_str().to_owned(),
            meant,
            priority,
            encryption: text(|line| &line.encryption).to_owned(),
            format: text(|line| &line.format).to_owned(),
            sums: Sums::of(lines),
            flow_id: text(|line| &line.flow_id).to_owned(),
        }
    }

    fn judged(&self, estate: &Estate<'_>, vantages: &[Vantage]) -> Vec<Judged> {
        let mut judged = Vec::new();
        for Spot { interface, flow } in self.places(vantages) {
            let Ok(guard) = estate.guard(&interface) else {
                continue;
            };
            let direction = flow.direction;
            let proof = guard.prove(&flow);
            let logged = vantages.iter().find(|vantage| {
                vantage.interface.as_ref() == Some(&interface) && vantage.direction == direction.as_str()
            });
            let around = Around {
                case: self,
                interface: &interface,
                guard: &guard,
                flow: &flow,
            };
            let elsewhere = || {
                direction == Direction::Inbound
                    && vantages
                        .iter()
                        .any(|one| one.direction == direction.as_str() && !one.is_hop)
            };
            let agreement = match agreement(&around, &proof, logged) {
                Agreement::NotLogged if self.is_behind(Some(&interface), &[]) && elsewhere() => {
                    Agreement::WentElsewhere
                }
                other => other,
            };
            let problems = guard
                .problems()
                .iter()
                .map(|problem| match problem.path.as_str() {
                    "" => problem.message.clone(),
                    path => format!("{} (at {path})", problem.message),
                });
            let problems = problems.chain(groups_missing(&guard, &self.part.facts, direction));
            judged.push(Judged {
                direction: direction.as_str().to_owned(),
                destination: flow.destination,
                destination_port: flow.destination_port,
                problems: problems.collect(),
                network_unknowns: match proof.is_by_cases {
                    true => guard.surroundings().network_unknowns().to_vec(),
                    false => Vec::new(),
                },
                proof,
                agreement,
                interface,
            });
        }
        judged
    }
}

/// What a balancer does with it: the one that was asked about, or the one that it was sent to.
fn balanced_of(
    part: &Part,
    asked: &Question<'_>,
    key: &FlowKey,
    lines: &[&Line],
    ends: &[End; 2],
) -> Option<Balanced> {
    let [_, end] = ends;
    let held = match asked.public {
        Some(address) if address != key.destination => {
            let seen = part.index.seen(None, address, &part.threats);
            balanced_at(part, address, &seen, asked.key.destination_port, key.protocol)
        }
        _ => balanced_at(
            part,
            key.destination,
            &end.seen,
            key.destination_port,
            key.protocol,
        ),
    };
    let mut held = held?;
    let got = lines.iter().filter(|line| line.direction == Direction::Inbound);
    held.take_got(got.map(|line| (line.key.destination, line.key.destination_port)));
    Some(held)
}
