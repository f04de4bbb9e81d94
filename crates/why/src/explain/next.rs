//! What to look at next, and what this cannot know.

use enrich::{Known, Place};
use model::Direction;
use model::facts::{ArmId, Mac};
use nsg::Decision;

use super::case::{Case, Coverage};
use super::ends::End;
use super::missing::other_tuples;
use super::route::{Hop, hop};
use super::unasked::is_translated;
use super::{Agreement, Explanation, Judged, Outcome};

/// So many problems of an interface's facts are told.
const PROBLEMS_TOLD: usize = 5;

impl Case<'_> {
    /// What to look at, the likeliest first.
    pub(super) fn next(&self, explained: &Explanation, coverage: &[Coverage]) -> Vec<String> {
        match explained.outcome {
            Outcome::AllowedAndUnanswered => self.unanswered(explained, coverage),
            Outcome::AllowedReplyNotReported if explained.vantages.iter().any(|held| held.sums.states.contains('E')) => vec![
                "its end is logged, without counters: whether a reply came cannot be known from this log".to_owned(),
            ],
            Outcome::AllowedReplyNotReported => vec![
                "counters come with its next tuple or with its end, and none of these is ingested (yet): ingest what follows, or look whether it is there".to_owned(),
            ],
            Outcome::DroppedForEncryption => [
                "the network drops what is not encrypted: both machines need accelerated networking and a size that can encrypt, and must have been started since encryption was switched on".to_owned(),
                "the network's setting `dropUnencrypted` may be changed to `allowUnencrypted`".to_owned(),
            ]
            .into_iter()
            .chain(Self::denied_then(explained))
            .collect(),
            Outcome::DeniedByRule => Self::denied(explained),
            Outcome::AllowedAndAnswered | Outcome::NotInTheLog => Vec::new(),
        }
    }

    /// What encryption dropped may be denied by rules as well.
    fn denied_then(explained: &Explanation) -> Option<String> {
        let mut all = explained.judged.iter();
        let denied = all.find(|held| held.proof.verdict.decision == Decision::Denied)?;
        let rule = denied.proof.deciding()?;
        Some(format!(
            "unencrypted or not, rules deny it at {} by rule `{}` (priority {})",
            denied.interface.name_in_group(),
            rule.name,
            rule.priority
        ))
    }

    /// The end that a denial did not get to may deny as well.
    fn denied(explained: &Explanation) -> Vec<String> {
        let other = explained.judged.iter().filter_map(|held| {
            let why = match held.agreement {
                Agreement::NotLogged => "which it did not get to or which logged nothing of it, it",
                Agreement::WentElsewhere => "to which the balancer may send the next, that",
                _ => return None,
            };
            let rule = held.proof.deciding()?;
            let word = match held.proof.verdict.decision {
                Decision::Denied => "would be denied as well",
                Decision::Allowed => "would be let through",
                _ => return None,
            };
            Some(format!(
                "at {}, {why} {word}, by rule `{}` (priority {})",
                held.interface.name_in_group(),
                rule.name,
                rule.priority
            ))
        });
        other.collect()
    }

    fn unanswered(&self, explained: &Explanation, coverage: &[Coverage]) -> Vec<String> {
        let mut next: Vec<String> = self.returned().into_iter().collect();
        let mut inbound = explained.vantages.iter();
        let arrived = inbound.rfind(|held| held.direction == Direction::Inbound.as_str() && !held.is_hop);
        let [source, destination] = &self.ends;
        if arrived.is_none()
            && let Some(interface) = &destination.interface
        {
            next.push(left_only(interface, destination.mac, coverage));
            next.extend(self.would_be_denied(explained));
        }
        if arrived.is_none()
            && let Some(held) = self.at_front()
        {
            let logs = held
                .machines
                .iter()
                .filter_map(|machine| Some(left_only(machine.interface.as_ref()?, machine.mac, coverage)));
            next.extend(logs);
            next.extend(self.would_be_denied(explained));
        }
        if let Some(interface) = &source.interface
            && let Some(hop) = hop(&self.part.facts, interface, self.key.destination)
        {
            next.push(self.route(&hop, "goes"));
        }
        let end = arrived
            .and_then(|held| held.interface.as_ref())
            .filter(|_| self.at_front().is_some());
        if let Some(interface) = end.or(destination.interface.as_ref()) {
            let is_host = explained.source.class == "platform";
            if !is_host && let Some(hop) = hop(&self.part.facts, interface, self.key.source) {
                next.push(self.route(&hop, "comes back"));
            }
            next.push(self.listens(explained, end, arrived.is_some()));
        } else if let Some(held) = self.at_front() {
            next.push(format!(
                "{}: look at those, at their own firewalls and at the balancer's health probe",
                held.told()
            ));
        } else if is_translated(destination) {
            next.push(format!(
                "{} is a public address of ours: behind it the flow has the private address and the source that it was translated to; ask for that",
                destination.address
            ));
        } else if self.is_of_nobody(destination) {
            next.push(format!(
                "no interface is known to have {}: if it is the frontend of a load balancer, which is not among the facts (`az network lb list`),                  the machines behind it log it under their own addresses",
                destination.address
            ));
        } else {
            next.push(
                "who answers at the other end is not ours: its firewall, or nothing listens there".to_owned(),
            );
        }
        if let Some(power) = explained
            .destination
            .power
            .as_ref()
            .filter(|power| *power != "running")
        {
            next.insert(0, format!("the destination was {power} when the export was made"));
        }
        next
    }

    /// Who is to answer, where it arrived and where that is not known.
    fn listens(&self, explained: &Explanation, end: Option<&ArmId>, has_arrived: bool) -> String {
        let machine = end.and_then(|interface| {
            let mut behind = self.balanced.iter().flat_map(|held| &held.machines);
            behind.find(|machine| machine.interface.as_ref() == Some(interface))
        });
        let name = match (machine, end) {
            (Some(machine), _) => machine.name.clone(),
            (None, Some(interface)) => interface.name_in_group().into_owned(),
            (None, None) => explained.destination.name.clone().unwrap_or_default(),
        };
        if !has_arrived {
            return format!("the firewall of {name} itself, and whether anything listens there");
        }
        let judged = explained.judged.iter().find(|held| Some(&held.interface) == end);
        let port = judged
            .map(|held| held.destination_port)
            .or(self.key.destination_port);
        format!(
            "it arrived at {name}: does anything listen on port {} there, and does the machine's own firewall let it in?",
            port.unwrap_or_default()
        )
    }

    /// True for an address of our networks that nobody is known to have.
    fn is_of_nobody(&self, end: &End) -> bool {
        let is_ours = matches!(end.seen.place, Place::Here { .. } | Place::Peer { .. });
        is_ours && end.seen.holder == Known::Nobody
    }

    fn would_be_denied(&self, explained: &Explanation) -> Option<String> {
        let denied = explained.judged.iter().find(|held| {
            held.direction == Direction::Inbound.as_str() && held.proof.verdict.decision == Decision::Denied
        })?;
        let rule = denied.proof.deciding()?;
        Some(format!(
            "by the rules it would be denied at {} by rule `{}` (priority {})",
            denied.interface.name_in_group(),
            rule.name,
            rule.priority
        ))
    }

    fn route(&self, hop: &Hop, way: &str) -> String {
        let perhaps = match hop.is_perhaps {
            true => {
                "; routes that a gateway learned are not known, load `az network nic show-effective-route-table`"
            }
            false => "",
        };
        if hop.is_nowhere() {
            return format!(
                "it {way} nowhere: {} to {} has next hop `None`{perhaps}",
                hop.said_by, hop.prefix
            );
        }
        if hop.is_appliance() {
            let address = hop.address.map(|address| address.to_string()).unwrap_or_default();
            let who = hop.address.and_then(|address| {
                let seen = self.part.index.seen(None, address, &self.part.threats);
                seen.holder.one().map(|holder| holder.name().into_owned())
            });
            let who = who.map(|who| format!(" ({who})")).unwrap_or_default();
            return format!(
                "it {way} through the appliance {address}{who}, by {} to {}: look at what that firewall did with it, whether it forwards, and whether replies take the same way",
                hop.said_by, hop.prefix
            );
        }
        format!(
            "it {way} by {} to {}, next hop `{}`{perhaps}",
            hop.said_by, hop.prefix, hop.next_hop
        )
    }

    /// What this cannot know.
    pub(super) fn blind(&self, explained: &Explanation) -> Vec<String> {
        let mut blind = Vec::new();
        match explained.facts {
            None => blind.push(
                "no facts are loaded: names, rules and routes are not known (`flowglass facts load`)"
                    .to_owned(),
            ),
            Some(facts) if facts.is_later => blind.push(format!(
                "the facts are of {}, later than the flow: names and rules may have been others then",
                super::time::words(facts.taken)
            )),
            Some(_) => {}
        }
        let is_open = |held: &&Judged| held.proof.verdict.decision == Decision::Unknown;
        for held in explained.judged.iter().filter(is_open) {
            blind.extend(held.proof.unknowns.iter().take(3).cloned());
            blind.extend(held.network_unknowns.iter().take(2).cloned());
        }
        for held in &explained.judged {
            let problems = held.problems.iter().take(PROBLEMS_TOLD);
            let new = problems.filter(|text| !blind.iter().any(|known| text.starts_with(known.as_str())));
            let new: Vec<String> = new.cloned().collect();
            blind.extend(new);
        }
        if self.key.source_port.is_none() && !explained.judged.is_empty() {
            blind.push(
                "no source port was given: rules that ask for one are judged as if it were lent to a caller"
                    .to_owned(),
            );
        }
        blind.dedup();
        blind
    }
}

/// What an interface says of a flow that left and that it logged nothing of.
fn left_only(interface: &ArmId, mac: Option<Mac>, coverage: &[Coverage]) -> String {
    let tuples = mac.and_then(|mac| coverage.iter().find(|held| held.mac == mac));
    let name = interface.name_in_group();
    match tuples {
        Some(held) if held.tuples > 0 => format!(
            "it left and did not arrive: {name} logged {} within half an hour and nothing of this, so look at what is between",
            other_tuples(held.tuples)
        ),
        _ => format!("whether it arrived is not known: {name} logged nothing at that time"),
    }
}
