//! The tables of the report, as text.

use model::protocols::protocol_keyword;
use why::Sums;
use why::replay::{Example, Impact, Tally};

use super::report::Report;
use crate::quantity::{bytes, counted, grouped};

/// A table of the report.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) heads: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
    /// So many rows are not shown.
    pub(super) more: usize,
    pub(super) note: Option<String>,
}

impl Section {
    fn new(title: &'static str, heads: &[&'static str]) -> Self {
        Self {
            title,
            heads: heads.to_vec(),
            rows: Vec::new(),
            more: 0,
            note: None,
        }
    }

    fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    fn add(&mut self, row: Vec<String>, most: usize) {
        if self.rows.len() < most {
            self.rows.push(row);
        } else {
            self.more += 1;
        }
    }
}

/// What becomes of flows, in words.
const fn becomes(impact: Impact) -> &'static str {
    match impact {
        Impact::NewlyDenied => "newly denied",
        Impact::NewlyPermitted => "newly permitted (delivery unknown)",
        Impact::StillDenied => "permitted here, denied at the other end",
        Impact::Indeterminate => "indeterminate",
        Impact::NotImpacted => "not impacted",
    }
}

fn sums(sums: &Sums) -> [String; 3] {
    [grouped(sums.lines), grouped(sums.attempts), bytes(sums.bytes())]
}

/// `10.1.0.4 -> 10.1.16.5:8080/TCP`.
fn flow(example: &Example) -> String {
    let flow = &example.flow;
    let protocol = protocol_keyword(flow.protocol).map_or_else(|| flow.protocol.to_string(), str::to_owned);
    let from = match flow.source_port {
        0 => flow.source.to_string(),
        port => format!("{}:{port}", flow.source),
    };
    format!(
        "{from} -> {}:{}/{protocol}",
        flow.destination, flow.destination_port
    )
}

fn example(tally: &Tally) -> String {
    tally.examples.first().map(flow).unwrap_or_default()
}

fn summary(report: &Report) -> Section {
    let mut section = Section::new(
        "What becomes of it",
        &["", "flows", "lines", "begun or denied", "bytes"],
    )
    .noted(
        "Each interface decides about what it logged: a flow that both ends logged is a decision at each.",
    );
    for impact in Impact::ALL {
        if let Some(tally) = report.replayed.totals.get(&impact) {
            let mut row = vec![becomes(impact).to_owned(), grouped(tally.keys)];
            row.extend(sums(&tally.sums));
            section.rows.push(row);
        }
    }
    section
}

/// The title of a table by rule, what its two rules are, and what its attempts are.
const fn rule_heads(impact: Impact) -> (&'static str, [&'static str; 2], &'static str) {
    match impact {
        Impact::NewlyDenied => ("Newly denied, by rule", ["allowed now by", "denied by"], "begun"),
        Impact::NewlyPermitted => (
            "Newly permitted, by rule",
            ["denied now by", "permitted by"],
            "denied so far",
        ),
        Impact::StillDenied => (
            "Permitted here and denied at the other end, by rule",
            ["denied now by", "permitted by"],
            "denied so far",
        ),
        Impact::Indeterminate => (
            "Indeterminate, by rule",
            ["decided now by", "then by"],
            "begun or denied",
        ),
        Impact::NotImpacted => (
            "Not impacted, by rule",
            ["decided now by", "then by"],
            "begun or denied",
        ),
    }
}

fn by_rule(report: &Report, impact: Impact, most: usize) -> Section {
    let (title, rules, attempts) = rule_heads(impact);
    let mut heads = rules.to_vec();
    heads.extend((impact == Impact::StillDenied).then_some("denied there by"));
    heads.extend(["lines", attempts, "bytes", "such as"]);
    let mut section = Section::new(title, &heads);
    for (key, tally) in report.replayed.by_rule.largest() {
        if key.impact != impact {
            continue;
        }
        let mut row = vec![key.before.to_string(), key.after.to_string()];
        row.extend(key.beyond.as_ref().map(ToString::to_string));
        row.extend(sums(&tally.sums));
        row.push(example(tally));
        section.add(row, most);
    }
    section
}

fn by_workload(report: &Report, most: usize) -> Section {
    let heads = [
        "",
        "machine or interface",
        "flows",
        "lines",
        "begun or denied",
        "bytes",
        "such as",
    ];
    let mut section = Section::new("By machine", &heads);
    let mut all = report.replayed.by_workload.largest();
    all.retain(|((impact, _), _)| *impact != Impact::NotImpacted);
    all.sort_by_key(|((impact, _), _)| *impact);
    for ((impact, workload), tally) in all {
        let mut row = vec![
            becomes(*impact).to_owned(),
            workload.to_string(),
            grouped(tally.keys),
        ];
        row.extend(sums(&tally.sums));
        row.push(example(tally));
        section.add(row, most);
    }
    section
}

fn reasons(report: &Report, most: usize) -> Section {
    let mut section = Section::new(
        "Why it is not known",
        &["reason", "flows", "lines", "bytes", "such as"],
    );
    for (reason, tally) in report.replayed.reasons.largest() {
        let [lines, _, bytes] = sums(&tally.sums);
        section.add(
            vec![reason.clone(), grouped(tally.keys), lines, bytes, example(tally)],
            most,
        );
    }
    section
}

fn changes(report: &Report, most: usize) -> Section {
    let mut section = Section::new("What would change", &["of", "what", "now", "then"]);
    if report.is_wide {
        section.note = Some(
            "More changes than rules and who is guarded by them: what tags and groups mean was asked anew at every interface."
                .to_owned(),
        );
    }
    for changed in &report.changed {
        let cells = [&changed.resource, &changed.place, &changed.now, &changed.then];
        section.add(cells.map(Clone::clone).to_vec(), most);
    }
    for id in &report.unmatched {
        section.add(
            vec![
                id.name().to_owned(),
                "its id".to_owned(),
                "-".to_owned(),
                "not among the facts: taken for new".to_owned(),
            ],
            most,
        );
    }
    section
}

fn problems(report: &Report, most: usize) -> Section {
    let mut section = Section::new("Wrong with the rules", &["file", "resource", "place", "what"]);
    for wrong in &report.problems {
        let name = wrong
            .resource
            .as_deref()
            .map(|id| id.rsplit('/').next().unwrap_or(id).to_owned());
        section.add(
            vec![
                wrong.file.clone().unwrap_or_else(|| "(loaded facts)".to_owned()),
                name.unwrap_or_default(),
                wrong.path.clone(),
                wrong.message.clone(),
            ],
            most,
        );
    }
    section
}

/// Groups that a list leaves out.
fn absent(report: &Report, most: usize) -> Section {
    let mut section = Section::new("Not in the file", &["group", "file", "taken"]).noted(
        "A list that leaves a group out may mean that it is deleted. To replay that, add the subnets and interfaces that it guards, \
        without it (`az network vnet list`, `az network nic list`), or a plan or what-if that deletes it.",
    );
    for absent in &report.absent {
        let row = [
            absent.group.name_in_group().into_owned(),
            absent.file.clone(),
            "as it is now".to_owned(),
        ];
        section.add(row.to_vec(), most);
    }
    section
}

/// What no log shows.
fn blind(report: &Report, most: usize) -> Section {
    let mut section = Section::new("Not seen", &["", "what"]).noted(
        "Flow logs never have ICMP, ESP and AH. What is not seen is indeterminate, and has no counts.",
    );
    for silence in &report.replayed.blind.silences {
        let reason = silence
            .reason
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        let what = match silence.hours {
            0 => format!("logged nothing in these times{reason}"),
            hours => format!(
                "logged in {} of {} hours{reason}",
                grouped(hours),
                grouped(silence.of)
            ),
        };
        section.add(vec![silence.workload.to_string(), what], most);
    }
    for (log, filter) in &report.replayed.blind.filters {
        section.add(
            vec![
                log.name().to_owned(),
                format!("records only what meets `{filter}`"),
            ],
            most,
        );
    }
    if report.left_out > 0 {
        let what = format!(
            "{} not replayed: a row stands for several flows",
            counted(report.left_out, "row")
        );
        section.rows.push(vec!["Traffic Analytics".to_owned(), what]);
    }
    if report.twofold > 0 {
        let what = format!(
            "{} not counted: in these hours flow logs of the network have the same interfaces",
            counted(report.twofold, "line")
        );
        section.rows.push(vec!["flow logs of groups".to_owned(), what]);
    }
    if report.unused.lines > 0 {
        let what = format!(
            "{} without addresses or a protocol that are some",
            counted(report.unused.lines, "line")
        );
        section.rows.push(vec!["damaged".to_owned(), what]);
    }
    section
}

/// Where what is known of the rules and what was logged differ.
fn otherwise(report: &Report) -> Section {
    let mut section = Section::new("Beside that", &["", "flows", "lines", "bytes", "such as"]);
    for (what, tally) in [
        (
            "may break: let through, denied by the rules that are known, where what decides would change",
            &report.replayed.doubtful,
        ),
        (
            "logged otherwise: rules have changed since, or are not all known",
            &report.replayed.logged_otherwise,
        ),
        (
            "decided by the platform or for want of encryption, not by rules",
            &report.replayed.not_of_rules,
        ),
    ] {
        if tally.keys > 0 {
            let [lines, _, bytes] = sums(&tally.sums);
            section.rows.push(vec![
                what.to_owned(),
                grouped(tally.keys),
                lines,
                bytes,
                example(tally),
            ]);
        }
    }
    section
}

/// All that have something to tell.
pub(super) fn sections(report: &Report, most: usize) -> Vec<Section> {
    let mut sections = vec![problems(report, most), absent(report, most), summary(report)];
    sections.extend(Impact::ALL.map(|impact| by_rule(report, impact, most)));
    sections.extend([
        by_workload(report, most),
        reasons(report, most),
        otherwise(report),
        blind(report, most),
        changes(report, most),
    ]);
    sections.retain(|section| !section.rows.is_empty() || section.title == "Not seen");
    sections
}
