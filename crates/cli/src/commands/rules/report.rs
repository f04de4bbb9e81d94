//! The report: rules with what was met and what was found, as words for its faces.

use std::path::PathBuf;

use model::Direction;
use model::facts::{Access, ArmId};
use nsg::{HeldRule, Problem};
use why::{Coverage, Finding, FindingKind, Hours, Observed, RuleId, RuleList, RuleUse, Usage, observed};

use super::Times;
use crate::instant::{self, Micros};
use crate::message::{Grade, Message};
use crate::quantity::{counted, grouped};
use crate::session::Session;

/// So much that is missing is said of a group.
const SAID_MAX: usize = 3;

const DAY: Micros = 86_400_000_000;
const HOUR: Micros = 3_600_000_000;

/// What is told.
pub(super) struct Report {
    /// From the first to the last hour with logs within the times that were asked for; none where no flows were looked at.
    pub(super) times: Option<Times>,
    /// Lines that were looked at.
    pub(super) lines: u64,
    pub(super) lists: Vec<RuleList>,
    /// How rules were met; none where no flows were looked at.
    pub(super) usage: Option<Usage>,
    pub(super) coverage: Coverage,
    /// The files that resources stand in.
    pub(super) sources: Vec<(ArmId, PathBuf)>,
    /// All that the exports say could be read.
    pub(super) is_whole: bool,
}

impl Report {
    /// Rules that are not all known, or that Azure would refuse.
    pub(super) fn has_errors(&self) -> bool {
        let mut lists = self.lists.iter();
        !self.is_whole || lists.any(|list| !list.problems.is_empty() || !list.given_up.is_empty())
    }

    /// Says them, each with its file, its group and its place there.
    pub(super) fn say_problems(&self, session: &Session) {
        for list in &self.lists {
            let name = list.owner.name();
            let source = self.sources.iter().find(|(id, _)| *id == list.owner);
            let place = match source {
                Some((_, path)) => format!("{}: {name}", path.display()),
                None => name.to_owned(),
            };
            for problem in &list.problems {
                let text = format!("{place}, {}: {}", problem.path, problem.message);
                session.say(&Message::new(Grade::Error, text));
            }
            for missing in list.missing.iter().take(SAID_MAX) {
                let text = format!("{place}, {}: {}", missing.path, missing.message);
                session.say(&Message::new(Grade::Warning, text));
            }
            if let Some(more) = list.missing.len().checked_sub(SAID_MAX).filter(|more| *more > 0) {
                let text = format!("{place}: {} more of such", grouped(more as u64));
                session.say(&Message::new(Grade::Warning, text).hint("`--format json` has all of them"));
            }
            for direction in &list.given_up {
                let direction = direction.as_str().to_ascii_lowercase();
                let text = format!(
                    "{place}: its {direction} rules overlap in more ways than are looked at, so nothing is told of them"
                );
                session.say(&Message::new(Grade::Error, text));
            }
        }
        let Some(usage) = &self.usage else {
            return;
        };
        for (sums, text, hint) in [
            (
                usage.logged_otherwise,
                "were logged otherwise than the rules of their time say",
                "the rule that the log names counts for them; load the rules as they were then with `facts load --at`",
            ),
            (
                usage.unplaced,
                "are of interfaces that are not known",
                "`az network nic list` prints them; nothing counts for rules there but what the log names",
            ),
            (
                usage.open,
                "may have met several rules",
                "`flowglass explain` says what is not known of one of them",
            ),
        ] {
            if sums.lines > 0 {
                let text = format!("{} {text}", counted(sums.lines, "line"));
                session.say(&Message::new(Grade::Note, text).hint(hint));
            }
        }
    }

    /// The use of a rule.
    pub(super) fn used(&self, held: &HeldRule) -> Option<RuleUse> {
        let usage = self.usage.as_ref()?;
        let id = RuleId::of(held)?;
        Some(usage.rules.get(&id).cloned().unwrap_or_default())
    }

    /// The hours of the interfaces that a list guards.
    pub(super) fn hours(&self, list: &RuleList) -> Hours {
        self.coverage.of_all(&list.interfaces)
    }

    /// Since when a rule has been as it is, as far as the times that were looked at reach.
    fn since(&self, held: &HeldRule) -> Option<Micros> {
        self.usage.as_ref()?.since(&RuleId::of(held)?)
    }

    /// The hours of the interfaces that a rule guards, in the time in which it has been as it is.
    pub(super) fn rule_hours(&self, list: &RuleList, held: &HeldRule) -> Hours {
        let since = self.since(held).unwrap_or(Micros::MIN);
        self.coverage.of_all_since(&list.interfaces, since)
    }

    /// `logs complete 97% of 72 NIC-hours`
    fn hours_text(hours: Hours) -> String {
        match hours.percent() {
            Some(percent) => format!(
                "logs complete {percent}% of {}",
                counted(hours.expected, "NIC-hour")
            ),
            None => "no NIC-hours are known".to_owned(),
        }
    }

    /// `logs complete 97% of its 72 NIC-hours`
    fn rule_hours_text(&self, list: &RuleList, held: &HeldRule) -> String {
        let hours = self.rule_hours(list, held);
        match hours.percent() {
            Some(percent) => format!(
                "logs complete {percent}% of its {}",
                counted(hours.expected, "NIC-hour")
            ),
            None => "no NIC-hours of it are known".to_owned(),
        }
    }

    /// Why nothing can be seen of a rule, if nothing can.
    pub(super) fn not_observable(&self, list: &RuleList, held: &HeldRule) -> Option<String> {
        // What was seen is observable, whatever else of it is not.
        if self.used(held)?.met.lines > 0 {
            return None;
        }
        let since = self.since(held);
        let (from, _) = self.times?;
        let why = match observed(&held.rule, &list.interfaces, &self.coverage, since) {
            Observed::In(_) => return None,
            Observed::NotOfProtocol => "flow logs have nothing of its protocol".to_owned(),
            Observed::NotOfHost => "it is about traffic with the host".to_owned(),
            Observed::Unlogged(_) if list.interfaces.is_empty() => {
                "it guards no interface that is known".to_owned()
            }
            Observed::Unlogged(_) => match since.filter(|since| *since > from) {
                None => "no interface that it guards logged anything".to_owned(),
                Some(since) => format!(
                    "no interface that it guards logged anything since it is as it is, {}",
                    instant::words(since, true)
                ),
            },
        };
        Some(format!("not observable: {why}"))
    }

    /// A finding in words.
    pub(super) fn words(&self, list: &RuleList, finding: &Finding) -> String {
        let names: Vec<&str> = finding
            .causes
            .iter()
            .filter_map(|cause| list.rules.get(*cause))
            .map(|held| held.rule.name.as_str())
            .collect();
        let names = names.join(", ");
        let held = list.rules.get(finding.rule);
        match (finding.kind, finding.is_known) {
            (FindingKind::Shadowed, _) if finding.causes.is_empty() => "matches nothing".to_owned(),
            (FindingKind::Shadowed, true) => format!("shadowed by {names}"),
            (FindingKind::Shadowed, false) => format!("not known: may be shadowed by {names}"),
            (FindingKind::Redundant, is_known) => {
                let may = if is_known { "" } else { "not known: may be " };
                let by = match names.is_empty() {
                    true => "without it the same happens".to_owned(),
                    false => format!("{names} does the same"),
                };
                format!("{may}redundant: {by}")
            }
            (FindingKind::Conflicting, true) => format!("conflicts with {names}"),
            (FindingKind::Conflicting, false) => format!("not known: may conflict with {names}"),
            (FindingKind::PartlyConflicting, is_known) => lost(list, finding, is_known),
            (FindingKind::AnyAny, _) => "too wide: any to any".to_owned(),
            (FindingKind::ManagementFromInternet, true) => {
                "too wide: management ports from the internet".to_owned()
            }
            (FindingKind::ManagementFromInternet, false) => {
                "not known: may open management ports to the internet".to_owned()
            }
            (FindingKind::Unused, _) => held.map_or_else(String::new, |held| {
                format!(
                    "no hit in {}; {}",
                    self.days(held),
                    self.rule_hours_text(list, held)
                )
            }),
            (FindingKind::UnusedShare, _) => {
                let used = held.and_then(|held| self.used(held));
                let used = used.map_or(0, |used| used.ports.len() as u64);
                format!(
                    "too wide: {} of {} ports used; {}",
                    grouped(used),
                    grouped(held.map_or(0, |held| why::count_ports(&held.rule.destination.ports))),
                    held.map_or_else(String::new, |held| self.rule_hours_text(list, held))
                )
            }
        }
    }

    /// How long a rule has been as it is, within the times that are recorded; with its beginning where that is later than theirs.
    fn days(&self, held: &HeldRule) -> String {
        let Some((from, before)) = self.times else {
            return String::new();
        };
        let since = self.since(held).unwrap_or(from).clamp(from, before);
        let span = (before - since).unsigned_abs();
        let length = match span / DAY.unsigned_abs() {
            0 => counted(span / HOUR.unsigned_abs(), "hour"),
            days => counted(days, "day"),
        };
        match since > from {
            true => format!("{length}, as it is since {}", instant::words(since, true)),
            false => length,
        }
    }

    /// All that is told of the rule at a place.
    pub(super) fn remarks(&self, list: &RuleList, at: usize) -> Vec<String> {
        let held = list.rules.get(at);
        let findings = list.findings.iter().filter(|finding| finding.rule == at);
        let found = findings.map(|finding| self.words(list, finding));
        let hidden = held.and_then(|held| self.not_observable(list, held));
        let open = held.map(|held| open(list, &held.rule.name)).unwrap_or_default();
        open.into_iter().chain(hidden).chain(found).collect()
    }

    /// Heads of the columns.
    pub(super) fn heads(&self) -> Vec<&'static str> {
        let mut heads = vec!["", "number", "rule", "does"];
        if self.usage.is_some() {
            heads.extend(["hits", "last hit"]);
        }
        heads.push("found");
        heads
    }

    /// The cells of a rule.
    pub(super) fn cells(&self, list: &RuleList, at: usize) -> Vec<String> {
        let Some(held) = list.rules.get(at) else {
            return Vec::new();
        };
        let direction = match held.rule.direction {
            Direction::Inbound => "in",
            Direction::Outbound => "out",
        };
        let mut cells = vec![
            direction.to_owned(),
            held.rule.priority.to_string(),
            held.rule.name.clone(),
            does(held.rule.access).to_owned(),
        ];
        if let Some(used) = self.used(held) {
            let hits = grouped(used.hits());
            cells.push(match used.perhaps.attempts {
                0 => hits,
                perhaps => format!("{hits} (+{} perhaps)", grouped(perhaps)),
            });
            cells.push(
                used.last()
                    .map_or_else(|| "-".to_owned(), |last| instant::words(last, true)),
            );
        }
        cells.push(self.remarks(list, at).join("; "));
        cells
    }

    /// `nsg-web of rg-shop: 3 interfaces; logs complete 97% of 72 NIC-hours`
    pub(super) fn title(&self, list: &RuleList) -> String {
        let group = list.owner.resource_group();
        let of = group.map_or_else(String::new, |group| format!(" of {group}"));
        let interfaces = counted(list.interfaces.len() as u64, "interface");
        let hours = match self.usage.is_some() {
            true => format!("; {}", Self::hours_text(self.hours(list))),
            false => String::new(),
        };
        format!("{}{of}: {interfaces}{hours}", list.owner.name())
    }
}

/// What of a rule could not be read, and what it names that nobody knows.
fn open(list: &RuleList, rule: &str) -> Vec<String> {
    const PARTS: [&str; 3] = ["", ".source", ".destination"];
    let is_its = |problem: &&Problem| {
        let path = problem.path.strip_prefix("securityRules.");
        let rest = path.and_then(|path| path.strip_prefix(rule));
        rest.is_some_and(|rest| PARTS.contains(&rest))
    };
    let all = list.problems.iter().chain(&list.missing).filter(is_its);
    all.map(|problem| format!("not known: {}", problem.message))
        .collect()
}

/// `loses to `web` (100): 901 of 1,001 ports, 8100-9000`
fn lost(list: &RuleList, finding: &Finding, is_known: bool) -> String {
    let told = finding.losses.iter().take(SAID_MAX).filter_map(|loss| {
        let held = list.rules.get(loss.to)?;
        let what = loss.words(grouped);
        Some(format!(
            "to `{}` ({}): {what}",
            held.rule.name, held.rule.priority
        ))
    });
    let told: Vec<String> = told.collect();
    let verb = if is_known { "loses" } else { "not known: may lose" };
    let more = match finding.losses.len().saturating_sub(SAID_MAX) {
        0 => String::new(),
        more => format!(", and to {} more", grouped(more as u64)),
    };
    format!("{verb} {}{more}", told.join(", "))
}

pub(super) const fn does(access: Access) -> &'static str {
    match access {
        Access::Allow => "Allow",
        Access::Deny => "Deny",
        Access::AlwaysAllow => "AlwaysAllow",
    }
}
