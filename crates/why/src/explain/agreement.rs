//! Whether rules say of a flow what was logged of it, and why they may not.

use enrich::Known;
use model::facts::ArmId;
use model::{Direction, FlowStatus, RuleKind};
use nsg::{Decision, Estate, Flow, Guard, LevelProof, Proof, State};
use serde::Serialize;

use super::Vantage;
use super::case::Case;
use super::decider::Meant;

/// So many loads of facts before and after are asked whether they explain the log.
const LOADS_MAX: usize = 8;
/// Ports below are those of services that everybody knows; from the other on they are lent to callers.
const WELL_KNOWN: u16 = 1_024;

/// Whether rules say what was logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Agreement {
    /// The decision and the rule are the same.
    Agrees,
    /// The decision is the same; of the rule that is not known.
    AgreesOnDecision(String),
    /// The decision is the same, the rule is another: reasons why that may be.
    NamesAnother(Vec<String>),
    /// The decision is another: reasons why that may be.
    Differs(Vec<String>),
    /// No rule decided, as the log has it.
    NotByRules(String),
    /// Rules leave it open.
    NotKnown(String),
    /// That interface logged nothing of it.
    NotLogged,
    /// Another machine behind the same balancer logged it: this one may get the next.
    WentElsewhere,
}

/// What surrounds a comparison.
pub(super) struct Around<'a, 'c> {
    pub(super) case: &'a Case<'c>,
    pub(super) interface: &'a ArmId,
    pub(super) guard: &'a Guard,
    pub(super) flow: &'a Flow,
}

pub(super) fn agreement(around: &Around<'_, '_>, proof: &Proof, logged: Option<&Vantage>) -> Agreement {
    let Some(logged) = logged else {
        return Agreement::NotLogged;
    };
    if logged.rule_kind == RuleKind::Platform.as_str() {
        return Agreement::NotByRules(
            "the platform let it through, as it does with replies and with load-balanced connections that are set up again".to_owned(),
        );
    }
    if logged.rule_kind == RuleKind::Unspecified.as_str() {
        let text = match logged.status == FlowStatus::Denied.as_str() {
            true => "encryption decided",
            false => "it names `unspecified`, which is no rule",
        };
        return Agreement::NotByRules(text.to_owned());
    }
    let decision = proof.verdict.decision;
    let is_denied = logged.status == FlowStatus::Denied.as_str();
    let is_same = match decision {
        Decision::Allowed => !is_denied,
        Decision::Denied => is_denied,
        Decision::NotGoverned => {
            return Agreement::NotByRules("traffic with the host is not subject to rules".to_owned());
        }
        Decision::Unknown => {
            let unknown = proof.unknowns.first().cloned();
            return Agreement::NotKnown(unknown.unwrap_or_else(|| "what is known leaves it open".to_owned()));
        }
    };
    if !is_same {
        return Agreement::Differs(reasons(around, proof, logged));
    }
    let another = || Agreement::NamesAnother(reasons(around, proof, logged));
    match (&logged.meant, proof.verdict.by) {
        (Some(Meant::Rule(meant)), Some(by)) if *meant == by => Agreement::Agrees,
        (Some(Meant::Rule(_)), Some(_)) => another(),
        (Some(Meant::Rule(_)), None) => Agreement::AgreesOnDecision(several(proof)),
        (Some(Meant::Ambiguous(places)), by) => match by {
            Some(by) if places.contains(&by) => Agreement::AgreesOnDecision(
                "the log's rule name is ambiguous, this rule is one that it may mean".to_owned(),
            ),
            _ => another(),
        },
        (Some(Meant::NoRule) | None, _) => Agreement::AgreesOnDecision("the log names no rule".to_owned()),
        (Some(Meant::NotThere), _) => another(),
    }
}

/// Which rules may each decide.
fn several(proof: &Proof) -> String {
    let steps = proof.levels.iter().flat_map(|level| &level.steps);
    let open = steps.filter(|step| step.state == State::Unknown);
    let names: Vec<String> = open.map(|step| format!("`{}`", step.name)).collect();
    match names.as_slice() {
        [] => "which of several rules decides is not known".to_owned(),
        names => format!(
            "whether {} matches is not known, and the decision is the same either way",
            names.join(" or ")
        ),
    }
}

/// Why the log may say something else, the likeliest first.
fn reasons(around: &Around<'_, '_>, proof: &Proof, logged: &Vantage) -> Vec<String> {
    let mut reasons = Vec::new();
    if logged.meant == Some(Meant::NotThere) {
        reasons.push(format!(
            "rule `{}` that the log names is not among those that hold there by these facts: it was renamed, removed, or is of another group",
            logged.rule
        ));
    }
    reasons.extend(passed(proof, logged));
    reasons.extend(by_other_facts(around, logged));
    if logged.is_hop {
        reasons.push(
            "it only passed through this interface: what forwards may answer for other addresses".to_owned(),
        );
    }
    let is_reversed = around.flow.source_port < WELL_KNOWN
        && around.flow.destination_port >= model::services::EPHEMERAL_FROM;
    if is_reversed && around.flow.source_port != 0 {
        reasons.push(
            "it is likely reversed: a reply that was logged as a flow of its own, and replies need no rule"
                .to_owned(),
        );
    }
    let is_allowed = logged.status == FlowStatus::Allowed.as_str();
    let is_named = !logged.rule.is_empty();
    if is_allowed
        && !is_named
        && proof.verdict.decision == Decision::Denied
        && !is_reversed
        && answers(around)
    {
        reasons
            .push("it may be return traffic: rules let the same connection through the other way".to_owned());
    }
    if around.flow.is_of_platform() {
        reasons.push("it is traffic with Azure's host".to_owned());
    }
    let problems = around.guard.problems().iter().take(2);
    reasons.extend(problems.map(|problem| format!("the facts have a gap: {}", problem.message)));
    if reasons.is_empty() {
        reasons.push(
            "rules were changed and no load of facts has them as they were then; load an export of that time with `facts load --at`".to_owned(),
        );
    }
    reasons
}

/// The rule that the log names lets it pass, and by these facts another group is asked behind it.
fn passed(proof: &Proof, logged: &Vantage) -> Option<String> {
    let Some(Meant::Rule(place)) = logged.meant else {
        return None;
    };
    let group = |level: &LevelProof| level.group.as_ref().map(|group| group.name().to_owned());
    let at = proof.levels.iter().position(|level| {
        let mut steps = level.steps.iter();
        steps.any(|step| step.place == place && step.state == State::Yes)
    })?;
    let named = proof.levels.get(at).and_then(group)?;
    let last = proof.levels.get(at + 1..)?.last().and_then(group)?;
    Some(format!(
        "rule `{}` of group `{named}` lets it pass, and a log names the last group that was asked: by these facts that is `{last}`, which \
         then did not guard, or guards there since",
        logged.rule
    ))
}

/// Whether other loads of facts say what was logged.
fn by_other_facts(around: &Around<'_, '_>, logged: &Vantage) -> Option<String> {
    let case = around.case;
    let mut times: Vec<i64> = case.past.timeline().times().collect();
    times.sort_by_key(|time| time.abs_diff(case.at));
    let wanted = match logged.status == FlowStatus::Denied.as_str() {
        true => Decision::Denied,
        false => Decision::Allowed,
    };
    let other = times
        .into_iter()
        .filter(|time| *time != case.part.taken)
        .take(LOADS_MAX);
    for time in other {
        let facts = case.past.timeline().said(time);
        let estate = Estate::of(&facts);
        let Ok(guard) = estate.guard(around.interface) else {
            continue;
        };
        let verdict = guard.prove(around.flow).verdict;
        let rule = verdict.by.and_then(|place| guard.rule(place));
        let is_named = rule.is_some_and(|held| held.rule.name.eq_ignore_ascii_case(&logged.rule));
        if verdict.decision == wanted && (is_named || logged.rule.is_empty()) {
            let when = if time > case.at { "later" } else { "earlier" };
            return Some(format!(
                "rules have changed: by the {when} load of facts, of {}, they say what was logged",
                super::time::words(time)
            ));
        }
    }
    None
}

/// True if rules let the other way through, where that interface is known.
fn answers(around: &Around<'_, '_>) -> bool {
    let flow = around.flow;
    let back = Flow {
        direction: match flow.direction {
            Direction::Inbound => Direction::Outbound,
            Direction::Outbound => Direction::Inbound,
        },
        source: flow.destination,
        source_port: flow.destination_port,
        destination: flow.source,
        destination_port: flow.source_port,
        ..*flow
    };
    let network = around
        .case
        .part
        .index
        .seen(None, back.source, &around.case.part.threats);
    let is_known = !matches!(network.holder, Known::Several(_));
    is_known && around.guard.prove(&back).verdict.decision == Decision::Allowed
}
