//! The report for programs.

use model::facts::PortRange;
use nsg::{HeldRule, LevelKind, Problem};
use why::{Finding, Hours, Loss, RuleId, RuleList, Sums};

use super::report::{Report, does};
use crate::instant;
use crate::json_text::Json;

/// As one object.
pub(super) fn of(report: &Report) -> Json {
    let mut fields = Vec::new();
    if let Some((from, before)) = report.times {
        fields.push(("from", Json::text(instant::iso(from))));
        fields.push(("before", Json::text(instant::iso(before))));
        fields.push(("lines", report.lines.into()));
    }
    let lists = report.lists.iter().map(|list| group(report, list));
    fields.push(("groups", Json::List(lists.collect())));
    if let Some(usage) = &report.usage {
        fields.push(("logged_otherwise", sums(&usage.logged_otherwise)));
        fields.push(("not_all_known", sums(&usage.open)));
        fields.push(("of_unknown_interfaces", sums(&usage.unplaced)));
        fields.push(("not_of_rules", sums(&usage.not_of_rules)));
    }
    Json::Object(fields)
}

fn sums(sums: &Sums) -> Json {
    Json::Object(vec![
        ("lines", sums.lines.into()),
        ("attempts", sums.attempts.into()),
    ])
}

fn group(report: &Report, list: &RuleList) -> Json {
    let hours = report.hours(list);
    let kind = match list.kind {
        LevelKind::Admin => "security admin rules",
        LevelKind::Subnet | LevelKind::Interface => "network security group",
    };
    let problems = list.problems.iter().map(problem);
    let missing = list.missing.iter().map(problem);
    let rules = list.rules.iter().enumerate();
    let rules = rules.map(|(at, held)| rule(report, list, at, held));
    let mut fields = vec![
        ("id", Json::text(list.owner.as_str())),
        ("kind", Json::text(kind)),
        ("interfaces", (list.interfaces.len() as u64).into()),
    ];
    if report.usage.is_some() {
        fields.push(("nic_hours", nic_hours(hours)));
    }
    let unknown = list.unknown.iter().map(Json::text).collect();
    let given_up = list
        .given_up
        .iter()
        .map(|direction| Json::text(direction.as_str()));
    fields.push(("unknown", Json::List(unknown)));
    fields.push(("problems", Json::List(problems.collect())));
    fields.push(("missing", Json::List(missing.collect())));
    fields.push(("not_looked_at", Json::List(given_up.collect())));
    fields.push(("rules", Json::List(rules.collect())));
    Json::Object(fields)
}

fn nic_hours(hours: Hours) -> Json {
    Json::Object(vec![
        ("expected", hours.expected.into()),
        ("logged", hours.logged.into()),
        ("percent", hours.percent().map_or(Json::Null, Json::from)),
    ])
}

fn problem(problem: &Problem) -> Json {
    Json::Object(vec![
        ("path", Json::text(&problem.path)),
        ("message", Json::text(&problem.message)),
    ])
}

fn rule(report: &Report, list: &RuleList, at: usize, held: &HeldRule) -> Json {
    let rule = &held.rule;
    let mut fields = vec![
        ("name", Json::text(&rule.name)),
        ("direction", Json::text(rule.direction.as_str())),
        ("priority", Json::Number(rule.priority.into())),
        ("access", Json::text(does(rule.access))),
        ("is_default", Json::Bool(rule.is_default)),
    ];
    if let Some(used) = report.used(held) {
        let since = report
            .usage
            .as_ref()
            .and_then(|usage| usage.since(&RuleId::of(held)?));
        let hours = nic_hours(report.rule_hours(list, held));
        let time = |time: Option<i64>| time.map_or(Json::Null, |time| Json::text(instant::iso(time)));
        fields.extend([
            ("hits", used.hits().into()),
            ("lines", used.met.lines.into()),
            ("last_hit", time(used.last())),
            ("perhaps_lines", used.perhaps.lines.into()),
            ("since", time(since)),
            ("nic_hours", hours),
            (
                "not_observable",
                report.not_observable(list, held).map_or(Json::Null, Json::text),
            ),
        ]);
    }
    let found = list.findings.iter().filter(|finding| finding.rule == at);
    let found = found.map(|finding| one(report, list, finding)).collect();
    fields.push(("findings", Json::List(found)));
    Json::Object(fields)
}

fn one(report: &Report, list: &RuleList, finding: &Finding) -> Json {
    let causes = finding.causes.iter().filter_map(|cause| list.rules.get(*cause));
    let causes = causes.map(|held| Json::text(&held.rule.name)).collect();
    let mut fields = vec![
        ("finding", Json::text(finding.kind.as_str())),
        ("is_known", Json::Bool(finding.is_known)),
        ("rules", Json::List(causes)),
        ("text", Json::text(report.words(list, finding))),
    ];
    if !finding.losses.is_empty() {
        let losses = finding.losses.iter().map(|lost| loss(list, lost));
        fields.push(("losses", Json::List(losses.collect())));
    }
    Json::Object(fields)
}

/// What is lost to one rule; a part that is not there is lost as far as the rule itself reaches.
fn loss(list: &RuleList, loss: &Loss) -> Json {
    let to = list
        .rules
        .get(loss.to)
        .map_or(Json::Null, |held| Json::text(&held.rule.name));
    let mut fields = vec![("to", to)];
    let ports = |ports: &[PortRange]| ports.iter().map(|range| Json::text(range.to_string())).collect();
    let texts = |texts: &[String]| texts.iter().map(Json::text).collect();
    fields.extend(loss.protocol_name().map(|name| ("protocol", Json::text(name))));
    for (name, held) in [
        ("sources", texts(&loss.sources)),
        ("source_ports", ports(&loss.source_ports)),
        ("destinations", texts(&loss.destinations)),
        ("ports", ports(&loss.ports)),
    ] {
        let held: Vec<Json> = held;
        if !held.is_empty() {
            fields.push((name, Json::List(held)));
        }
    }
    Json::Object(fields)
}
