//! Why a flow is in no flow log.

use model::facts::{ArmId, Asset, FlowLog, Mac};
use nsg::Decision;

use super::Explanation;
use super::case::{Case, Surrounding};
use super::unasked::is_translated;

/// So many rows of other flows are told.
const REFUSED_TOLD: usize = 5;

impl Case<'_> {
    /// Reasons why it is not logged, the surest first.
    pub(super) fn missing(&self, explained: &Explanation, around: &Surrounding) -> Vec<String> {
        let mut reasons = self.known_reasons(explained, around);
        let parties = [&explained.source, &explained.destination];
        let is_front = self.at_front().is_some();
        if parties.iter().all(|party| party.interface.is_none())
            && !self.ends.iter().any(is_translated)
            && !is_front
        {
            reasons.push("no interface that is known has either address: load facts with `facts load`, or ask for a private address of ours".to_owned());
        }
        if explained.destination.is_private_endpoint {
            reasons.push(
                "a private endpoint logs nothing: what goes there is only in the log of who sends it"
                    .to_owned(),
            );
        }
        for (party, end) in parties.iter().zip(&self.ends) {
            if is_translated(end) {
                reasons.push(format!(
                    "{} is a public address of ours: who sends to it logs it, what is behind it logs the private address, with the source that it then has",
                    end.address
                ));
                continue;
            }
            let Some(interface) = &end.interface else {
                let is_nobody = party.name.is_none() && party.candidates.is_empty();
                let is_ours = party.network.is_some() && is_nobody && !party.is_private_endpoint;
                if is_ours {
                    reasons.push(format!(
                        "nobody is known to have {} in {}: the machine may be gone, or it is the frontend of a load balancer that is not \
                         among the facts (`az network lb list`), or a service that flow logs do not record, such as App Service, SQL Managed \
                         Instance, Container Apps or Functions",
                        party.address,
                        party.network.as_ref().map_or("its network", ArmId::name)
                    ));
                }
                continue;
            };
            if !party.is_private_endpoint {
                reasons.push(self.coverage_of(interface, end.mac, around));
            }
        }
        let behind = explained.balanced.iter().filter(|_| !self.goes_nowhere());
        let behind = behind.flat_map(|held| &held.machines);
        for machine in behind {
            if let Some(interface) = &machine.interface {
                let reason = self.coverage_of(interface, machine.mac, around);
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
        reasons.extend(self.unreachable(explained));
        reasons.extend(self.denied_before(explained));
        reasons.push(
            "it may never have left the machine: its own firewall, a name that resolves to another address, a program that was not running".to_owned(),
        );
        reasons
    }

    /// What other flows were logged in its place, and what is never logged.
    fn known_reasons(&self, explained: &Explanation, around: &Surrounding) -> Vec<String> {
        let mut reasons = self.refused.clone();
        reasons.truncate(REFUSED_TOLD);
        // What becomes of it without any rules is a reason, and nothing that is not known.
        if self.goes_nowhere() {
            reasons.extend(explained.unasked.iter().cloned());
        }
        if let Some(protocol) = self.key.protocol.filter(|protocol| !matches!(protocol, 6 | 17)) {
            let keyword = model::protocols::protocol_keyword(protocol).unwrap_or("this protocol");
            reasons.push(format!(
                "flow logs record TCP and UDP: of {keyword} nothing is logged, whether it flows or not"
            ));
        }
        if around.reversed > 0 {
            reasons.push(format!(
                "{} {} logged the other way round, opened by {}: replies belong to the flow that was opened, so ask for that",
                around.reversed,
                if around.reversed == 1 { "tuple is" } else { "tuples are" },
                explained.destination.address
            ));
        }
        reasons
    }

    /// What has no public address is not reached from the internet as it stands.
    fn unreachable(&self, explained: &Explanation) -> Option<String> {
        let interface = explained.destination.interface.as_ref()?;
        let Some(Asset::Interface(held)) = self.part.facts.asset(interface) else {
            return None;
        };
        let has_public = explained.destination.public_address.is_some()
            || held.configurations.iter().any(|one| one.public_address.is_some());
        let is_outside = explained.source.class == "internet" && explained.destination.class == "internal";
        (is_outside && !has_public).then(|| {
            format!(
                "no public address of {} is known: nothing from the internet reaches it unless through a balancer, NAT or gateway",
                interface.name_in_group()
            )
        })
    }

    fn coverage_of(&self, interface: &ArmId, mac: Option<Mac>, around: &Surrounding) -> String {
        let name = interface.name_in_group();
        let tuples = mac.and_then(|mac| around.coverage.iter().find(|held| held.mac == mac));
        let last = tuples.map_or(0, |held| held.last);
        let tuples = tuples.map_or(0, |held| held.tuples);
        let when = match (self.is_of_time, around.is_narrowed) {
            (true, _) => "within half an hour",
            (false, true) => "in the times that were asked for",
            (false, false) => "in all that is ingested",
        };
        let logs = self.flow_logs(interface);
        let filters = logs.iter().filter_map(|(id, log)| {
            let filter = log.filter.as_ref()?;
            Some(format!(
                "flow log {} records only what meets `{filter}`",
                id.name()
            ))
        });
        let filters: Vec<String> = filters.collect();
        let filtered = match filters.as_slice() {
            [] => String::new(),
            some => format!("; {}", some.join("; ")),
        };
        if tuples > 0 {
            let last = match self.is_of_time {
                true => String::new(),
                false => format!(", the last at {}", super::time::words(last)),
            };
            return format!(
                "{name} logged {} {when}{last}, and nothing of this{filtered}",
                other_tuples(tuples)
            );
        }
        let enabled: Vec<&str> = logs
            .iter()
            .filter(|(_, log)| log.is_enabled != Some(false))
            .map(|(id, _)| id.name())
            .collect();
        match (logs.as_slice(), enabled.as_slice()) {
            ([], _) if !self.knows_flow_logs() => format!(
                "{name} logged nothing {when}: whether a flow log is enabled for it is not known, load `az network watcher flow-log list`"
            ),
            ([], _) => format!(
                "{name} logged nothing {when}, and no flow log is enabled for its network, subnet or interface"
            ),
            (_, []) => format!("{name} logged nothing {when}: its flow log is switched off"),
            (_, some) => format!(
                "{name} logged nothing {when}, though flow log {} is enabled: its blobs are not ingested, or the machine was idle or off{filtered}",
                some.join(" and ")
            ),
        }
    }

    fn knows_flow_logs(&self) -> bool {
        let mut all = self.part.facts.resources.iter();
        all.any(|held| matches!(held.asset, Asset::FlowLog(_)))
    }

    /// True if a flow log of an interface leaves something out.
    pub(super) fn is_filtered(&self, interface: &ArmId) -> bool {
        let logs = self.flow_logs(interface);
        logs.iter().any(|(_, log)| log.filter.is_some())
    }

    /// The flow logs that record an interface: of its network, its subnet, a group that guards it, or itself.
    fn flow_logs(&self, interface: &ArmId) -> Vec<(&ArmId, &FlowLog)> {
        let facts = &self.part.facts;
        let asset = |id: &ArmId| facts.asset(id);
        let mut around = vec![interface.clone()];
        if let Some(Asset::Interface(held)) = asset(interface) {
            around.extend(held.security_group.clone());
            for subnet in held.configurations.iter().filter_map(|one| one.subnet.as_ref()) {
                around.push(subnet.clone());
                around.extend(subnet.parent());
                if let Some(Asset::Subnet(subnet)) = asset(subnet) {
                    around.extend(subnet.security_group.clone());
                }
            }
        }
        let logs = facts.resources.iter().filter_map(|held| match &held.asset {
            Asset::FlowLog(log) => Some((&held.id, log)),
            _ => None,
        });
        logs.filter(|(_, log)| log.target.as_ref().is_some_and(|target| around.contains(target)))
            .collect()
    }

    /// What rules would have done with it: a denial that is not logged is worth a word.
    fn denied_before(&self, explained: &Explanation) -> Option<String> {
        let denied = explained
            .judged
            .iter()
            .find(|held| held.proof.verdict.decision == Decision::Denied)?;
        if !matches!(self.key.protocol, Some(6 | 17)) {
            return None;
        }
        let rule = denied.proof.deciding()?;
        Some(format!(
            "by the rules it would be denied at {} by rule `{}` (priority {}); a denial is logged too, so it was not tried, or the log of {} is missing",
            denied.interface.name_in_group(),
            rule.name,
            rule.priority,
            denied.interface.name_in_group()
        ))
    }
}

/// `1 other tuple`, `41 other tuples`
pub(super) fn other_tuples(count: i64) -> String {
    match count {
        1 => "1 other tuple".to_owned(),
        many => format!("{many} other tuples"),
    }
}
