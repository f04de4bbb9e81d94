//! The report as JSON.

use enrich::Change;
use model::protocols::protocol_keyword;
use why::Sums;
use why::replay::{Decider, Example, Impact, Tally};

use super::report::Report;
use crate::instant;
use crate::json_text::Json;

/// All of it; lists have as many rows as are asked for.
pub(super) fn of(report: &Report, most: usize) -> Json {
    let replayed = &report.replayed;
    let (from, before) = report.times.unzip();
    let time = |time: Option<i64>| time.map_or(Json::Null, |time| Json::text(instant::iso(time)));
    let totals = Impact::ALL.map(|impact| {
        let tally = replayed.totals.get(&impact).cloned().unwrap_or_default();
        (impact.as_str(), self::tally(&tally, Vec::new()))
    });
    let workloads = replayed.by_workload.largest().into_iter().take(most);
    let workloads = workloads.map(|((impact, workload), held)| {
        let fields = vec![
            ("impact", Json::text(impact.as_str())),
            ("workload", Json::text(workload.as_ref())),
        ];
        tally(held, fields)
    });
    let reasons = replayed.reasons.largest().into_iter().take(most);
    let reasons = reasons.map(|(reason, held)| tally(held, vec![("reason", Json::text(reason))]));
    Json::Object(vec![
        ("from", time(from)),
        ("before", time(before)),
        ("lines", report.lines.into()),
        ("lines_of_traffic_analytics", report.left_out.into()),
        ("lines_of_both_logs", report.twofold.into()),
        ("lines_unused", report.unused.lines.into()),
        ("totals", Json::Object(totals.to_vec())),
        ("rules", by_rule(report, most)),
        ("workloads", Json::List(workloads.collect())),
        ("reasons", Json::List(reasons.collect())),
        ("logged_otherwise", tally(&replayed.logged_otherwise, Vec::new())),
        ("may_break", tally(&replayed.doubtful, Vec::new())),
        ("not_of_rules", tally(&replayed.not_of_rules, Vec::new())),
        ("problems", problems(report)),
        (
            "changes",
            Json::List(
                report
                    .changes
                    .iter()
                    .map(|(id, change)| changed(id.as_str(), change))
                    .collect(),
            ),
        ),
        (
            "unmatched",
            Json::List(
                report
                    .unmatched
                    .iter()
                    .map(|id| Json::text(id.as_str()))
                    .collect(),
            ),
        ),
        ("not_in_files", absent(report)),
        (
            "affected",
            Json::List(
                replayed
                    .affected
                    .iter()
                    .map(|id| Json::text(id.as_str()))
                    .collect(),
            ),
        ),
        ("blind", blind(report)),
    ])
}

fn by_rule(report: &Report, most: usize) -> Json {
    let rules = report
        .replayed
        .by_rule
        .largest()
        .into_iter()
        .take(most)
        .map(|(key, held)| {
            let mut fields = vec![
                ("impact", Json::text(key.impact.as_str())),
                ("before", decider(&key.before)),
                ("after", decider(&key.after)),
            ];
            fields.push(("beyond", key.beyond.as_ref().map_or(Json::Null, decider)));
            tally(held, fields)
        });
    Json::List(rules.collect())
}

fn tally(tally: &Tally, mut fields: Vec<(&'static str, Json)>) -> Json {
    fields.push(("flows", tally.keys.into()));
    fields.extend(sums(&tally.sums));
    let examples = tally.examples.iter().map(example);
    fields.push(("examples", Json::List(examples.collect())));
    Json::Object(fields)
}

fn sums(sums: &Sums) -> Vec<(&'static str, Json)> {
    let (first, last) = sums.times.unzip();
    let time = |time: Option<i64>| time.map_or(Json::Null, |time| Json::text(instant::iso(time)));
    vec![
        ("lines", sums.lines.into()),
        ("attempts", sums.attempts.into()),
        ("packets_src_to_dest", sums.packets_sent.into()),
        ("packets_dest_to_src", sums.packets_received.into()),
        ("bytes_src_to_dest", sums.bytes_sent.into()),
        ("bytes_dest_to_src", sums.bytes_received.into()),
        ("first", time(first)),
        ("last", time(last)),
    ]
}

fn example(example: &Example) -> Json {
    let flow = &example.flow;
    let protocol = protocol_keyword(flow.protocol).map_or_else(|| flow.protocol.to_string(), str::to_owned);
    let mut fields = vec![
        ("workload", Json::text(example.workload.as_ref())),
        ("direction", Json::text(flow.direction.as_str())),
        ("source", Json::text(flow.source.to_string())),
        ("destination", Json::text(flow.destination.to_string())),
        ("destination_port", u64::from(flow.destination_port).into()),
        ("protocol", Json::text(protocol)),
    ];
    if flow.source_port > 0 {
        fields.push(("source_port", u64::from(flow.source_port).into()));
    }
    fields.extend(sums(&example.sums));
    Json::Object(fields)
}

fn decider(decider: &Decider) -> Json {
    let (kind, group, rule) = match decider {
        Decider::Rule { owner, name } => ("rule", owner.as_ref().map(|id| id.as_str()), Some(name.as_str())),
        Decider::Logged { group, name } => ("logged", Some(group.as_str()), Some(name.as_str())),
        Decider::Nobody => ("no rule", None, None),
        Decider::Open => ("not known", None, None),
    };
    Json::Object(vec![
        ("by", Json::text(kind)),
        ("group", group.into()),
        ("rule", rule.into()),
    ])
}

fn problems(report: &Report) -> Json {
    let told = report.problems.iter().map(|wrong| {
        Json::Object(vec![
            ("file", wrong.file.as_deref().into()),
            ("resource", wrong.resource.as_deref().into()),
            ("path", Json::text(&wrong.path)),
            ("message", Json::text(&wrong.message)),
        ])
    });
    Json::List(told.collect())
}

/// Groups that lists leave out.
fn absent(report: &Report) -> Json {
    let absent = report.absent.iter().map(|absent| {
        Json::Object(vec![
            ("group", Json::text(absent.group.as_str())),
            ("file", Json::text(&absent.file)),
        ])
    });
    Json::List(absent.collect())
}

fn changed(id: &str, change: &Change) -> Json {
    let (what, parts) = match change {
        Change::Added => ("added", Vec::new()),
        Change::Removed => ("removed", Vec::new()),
        Change::Changed(parts) => {
            let parts = parts.iter().map(|part| {
                Json::Object(vec![
                    ("path", Json::text(&part.path)),
                    ("before", part.before.as_deref().into()),
                    ("after", part.after.as_deref().into()),
                ])
            });
            ("changed", parts.collect())
        }
    };
    Json::Object(vec![
        ("id", Json::text(id)),
        ("change", Json::text(what)),
        ("parts", Json::List(parts)),
    ])
}

/// What no log shows.
fn blind(report: &Report) -> Json {
    let blind = &report.replayed.blind;
    let silences = blind.silences.iter().map(|silence| {
        Json::Object(vec![
            ("workload", Json::text(silence.workload.as_ref())),
            ("interface", Json::text(silence.interface.as_str())),
            ("hours_logged", silence.hours.into()),
            ("hours", silence.of.into()),
            ("reason", silence.reason.into()),
        ])
    });
    let filters = blind.filters.iter().map(|(log, filter)| {
        Json::Object(vec![
            ("flow_log", Json::text(log.as_str())),
            ("filter", Json::text(filter)),
        ])
    });
    let never = ["ICMP", "ESP", "AH"].map(Json::text);
    Json::Object(vec![
        ("interfaces", Json::List(silences.collect())),
        ("filters", Json::List(filters.collect())),
        ("never_logged", Json::List(never.to_vec())),
    ])
}
