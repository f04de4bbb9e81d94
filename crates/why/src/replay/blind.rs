//! What no log shows: interfaces whose rules would change and that logged nothing, hours without logs, filters of flow logs.

use std::sync::Arc;

use model::facts::ArmId;
use nsg::Guard;

use super::Replay;

/// What no log shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blind {
    /// Interfaces whose rules would change, and that did not log in all hours; the quietest first.
    pub silences: Vec<Silence>,
    /// Flow logs of those interfaces that record only what meets a condition: each with it.
    pub filters: Vec<(ArmId, String)>,
}

/// An interface that did not log in all hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The machine, or the interface.
    pub workload: Arc<str>,
    /// The interface.
    pub interface: ArmId,
    /// The hours in which it logged.
    pub hours: u64,
    /// Of so many.
    pub of: u64,
    /// Why it does not log, where that is known.
    pub reason: Option<&'static str>,
}

impl<'f> Replay<'f> {
    /// Interfaces whose rules would change: what is wrong with those, and how well their logs show what goes on.
    pub(super) fn look_at_what_is_changed(&mut self, hours: u64) {
        for id in self.estates.interfaces() {
            if !self.estates.may_change(id) {
                continue;
            }
            let now = self.now.guard(id).ok();
            let then = self.then.guard(id).ok();
            if now.as_ref().map(|now| now.levels()) == then.as_ref().map(|then| then.levels()) {
                continue;
            }
            self.take_problems(now.as_deref(), then.as_deref());
            self.take_silence(id, hours);
            self.done.affected.push(id.clone());
        }
        self.done.blind.silences.sort_by_key(|silence| silence.hours);
    }

    fn take_problems(&mut self, now: Option<&Guard>, then: Option<&Guard>) {
        let known = now.map(Guard::problems).unwrap_or_default();
        for problem in then.map(Guard::problems).unwrap_or_default() {
            if !known.contains(problem) && !self.done.problems.contains(problem) {
                self.done.problems.push(problem.clone());
            }
        }
    }

    fn take_silence(&mut self, id: &'f ArmId, of: u64) {
        let held = self.estates.interface(id);
        let mac = held.and_then(|held| held.mac);
        let hours = mac
            .and_then(|mac| self.heard.get(&mac))
            .copied()
            .unwrap_or_default();
        let logs = self.estates.flow_logs(id);
        for (log, held) in &logs {
            if let Some(filter) = held.filter.as_ref().filter(|filter| !filter.is_empty()) {
                let filter = ((*log).clone(), filter.clone());
                if !self.done.blind.filters.contains(&filter) {
                    self.done.blind.filters.push(filter);
                }
            }
        }
        if hours >= of {
            return;
        }
        let reason = match (held, mac) {
            (None, _) => Some("it is only proposed"),
            (Some(_), None) => Some("its MAC address is not known"),
            _ if logs.is_empty() => Some("no flow log is known for it"),
            _ if logs.iter().all(|(_, log)| log.is_enabled == Some(false)) => {
                Some("its flow logs are switched off")
            }
            _ => None,
        };
        self.done.blind.silences.push(Silence {
            workload: self.estates.workload(id),
            interface: id.clone(),
            hours,
            of,
            reason,
        });
    }
}
