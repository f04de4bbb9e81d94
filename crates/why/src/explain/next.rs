//! What to look at next, and what this cannot know.

use model::Direction;
use nsg::Decision;

use super::case::{Case, Coverage};
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
        let is_logged = |held: &&Judged| held.agreement != Agreement::NotLogged;
        let other = explained.judged.iter().filter(|held| !is_logged(held));
        other
            .filter_map(|held| {
                let rule = held.proof.deciding()?;
                let word = match held.proof.verdict.decision {
                    Decision::Denied => "would be denied as well",
                    Decision::Allowed => "would be let through",
                    _ => return None,
                };
                Some(format!(
                    "at {}, which it did not get to or which logged nothing of it, it {word}, by rule `{}` (priority {})",
                    held.interface.name_in_group(),
                    rule.name,
                    rule.priority
                ))
            })
            .collect()
    }

    fn unanswered(&self, explained: &Explanation, coverage: &[Coverage]) -> Vec<String> {
        let mut next = Vec::new();
        let has = |direction: Direction| {
            let mut all = explained.vantages.iter();
            all.any(|held| held.direction == direction.as_str() && !held.is_hop)
        };
        let [source, destination] = &self.ends;
        let arrived = has(Direction::Inbound);
        if !arrived && let Some(interface) = &destination.interface {
            let tuples = destination
                .mac
                .and_then(|mac| coverage.iter().find(|held| held.mac == mac));
            let name = interface.name_in_group();
            next.push(match tuples {
                Some(held) if held.tuples > 0 => format!(
                    "it left and did not arrive: {name} logged {} other tuples within half an hour and nothing of this, so look at what is between",
                    held.tuples
                ),
                _ => format!("whether it arrived is not known: {name} logged nothing at that time"),
            });
            next.extend(self.would_be_denied(explained));
        }
        if let Some(interface) = &source.interface
            && let Some(hop) = hop(&self.part.facts, interface, self.key.destination)
        {
            next.push(self.route(&hop, "goes"));
        }
        if let Some(interface) = &destination.interface {
            let is_host = explained.source.class == "platform";
            if !is_host && let Some(hop) = hop(&self.part.facts, interface, self.key.source) {
                next.push(self.route(&hop, "comes back"));
            }
            let machine = explained.destination.name.as_deref().unwrap_or_default();
            if arrived {
                next.push(format!(
                    "it arrived at {machine}: does anything listen on port {} there, and does the machine's own firewall let it in?",
                    self.key.destination_port.unwrap_or_default()
                ));
            } else {
                next.push(format!(
                    "the firewall of {machine} itself, and whether anything listens there"
                ));
            }
        } else if let Some(held) = self.at_front() {
            next.push(format!(
                "{}: ask for those, whose logs have the private address and the port there",
                held.told()
            ));
        } else if is_translated(destination) {
            next.push(format!(
                "{} is a public address of ours: behind it the flow has the private address and the source that it was translated to; ask for that",
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
