//! Rules from facts or exports, and how often they were met, from what is recorded: each epoch by the facts that held in it.

use std::path::PathBuf;

use engine::{Engine, QueryContext};
use enrich::{Part, Timeline};
use model::facts::{ArmId, Asset, FactSet, Mac, PortRange};
use table::Table;
use tokio_util::sync::CancellationToken;
use why::{Coverage, Guards, LoggedFlow, RuleList, Usage, hygiene, unused};

use super::super::facts::{self, timeline};
use super::Times;
use super::report::Report;
use crate::exit::Failure;
use crate::instant::{self, Micros};
use crate::message::{Grade, Message};
use crate::quantity::counted;
use crate::recorded::{Asked, Recorded};
use crate::session::Session;
use crate::working;

const HOUR: Micros = 3_600_000_000;

/// What exports say.
pub(super) fn of_files(session: &Session, paths: &[PathBuf], group: Option<&str>) -> Result<Report, Failure> {
    let read = facts::of_all(session, paths)?;
    let sources = read.files.into_iter().flat_map(|(path, reading)| {
        let owners = reading.facts.resources.into_iter();
        owners.map(move |held| (held.id, path.clone()))
    });
    let sources = sources.collect();
    Ok(Report {
        times: None,
        lines: 0,
        lists: chosen(hygiene(&read.facts), group)?,
        usage: None,
        coverage: Coverage::default(),
        sources,
        is_whole: read.is_whole,
    })
}

/// The lists that are asked for.
fn chosen(lists: Vec<RuleList>, group: Option<&str>) -> Result<Vec<RuleList>, Failure> {
    let Some(group) = group else {
        if lists.is_empty() {
            return Err(Failure::outside("no network security group is known").hint(
                "`az network nsg list` prints them; `flowglass facts load FILE` keeps what it prints",
            ));
        }
        return Ok(lists);
    };
    let is_meant = |list: &RuleList| match ArmId::parse(group) {
        Some(id) => list.owner == id,
        None => list.owner.name().eq_ignore_ascii_case(group),
    };
    let names: Vec<String> = lists
        .iter()
        .take(5)
        .map(|list| format!("`{}`", list.owner.name()))
        .collect();
    let found: Vec<RuleList> = lists.into_iter().filter(is_meant).collect();
    if found.is_empty() {
        let hint = match names.is_empty() {
            true => "none is known: `az network nsg list` prints them".to_owned(),
            false => format!("known are such as {}", names.join(", ")),
        };
        return Err(
            Failure::usage(format!("no group and no collection of rules is called `{group}`")).hint(hint),
        );
    }
    Ok(found)
}

/// A stretch of time in which one set of facts held.
pub(super) struct Epoch {
    pub(super) part: Part,
    pub(super) times: Times,
}

/// Says that facts are younger than flows: they are taken to have held before.
pub(super) fn say_later(session: &Session, timeline: &Timeline, times: Times) {
    if let Some(first) = timeline.times().next().filter(|first| *first > times.0) {
        let text = format!(
            "the first facts are of {}: flows of before are judged by them too",
            instant::words(first, true)
        );
        let hint = "`flowglass facts load --at TIME` says when exports were made";
        session.say(&Message::new(Grade::Note, text).hint(hint));
    }
}

/// Facts over the times that are asked for.
pub(super) fn epochs(timeline: &Timeline, (from, before): Times) -> Vec<Epoch> {
    let mut begins: Vec<i64> = timeline
        .times()
        .filter(|time| from < *time && *time < before)
        .collect();
    begins.insert(0, from);
    begins.dedup();
    let ends = begins.iter().skip(1).copied().chain([before]);
    let stretches = begins.iter().copied().zip(ends);
    stretches
        .filter_map(|times| {
            let (part, _) = timeline.at(times.0)?;
            Some(Epoch { part, times })
        })
        .collect()
}

/// True if some rule among facts names source ports: then flows are needed with theirs.
pub(super) fn names_source_ports(facts: &FactSet) -> bool {
    let all = [PortRange::ALL];
    let mut rules = facts.resources.iter().flat_map(|held| match &held.asset {
        Asset::SecurityGroup(group) => group.rules.as_slice(),
        Asset::AdminRules(collection) => collection.rules.as_slice(),
        _ => &[],
    });
    let names = rules.any(|rule| !rule.is_default && rule.source.ports != all);
    let mut effective = facts.effective.iter().flat_map(|held| &held.groups);
    names || effective.any(|group| group.rules.iter().any(|rule| rule.source.ports != all))
}

/// The times that are asked for: without any, from the first hour in which something was logged to the last.
pub(super) async fn window(
    engine: &Engine,
    context: &QueryContext,
    asked: Option<Times>,
) -> Result<Times, Failure> {
    if let Some(times) = asked {
        return Ok(times);
    }
    let recorded = Recorded::of(engine, context.clone(), Asked::default()).await?;
    let Some(days) = recorded.times() else {
        return Err(Failure::outside("no flows are recorded in this table").hint(
            "`flowglass ingest FOLDER` reads flow logs; `--rules FILE` looks at rules without a table",
        ));
    };
    let mut hours: Option<Times> = None;
    recorded
        .each_hour(|_, hour| {
            let (from, before) = hours.unwrap_or((hour, hour + HOUR));
            hours = Some((from.min(hour), before.max(hour + HOUR)));
        })
        .await?;
    Ok(hours.unwrap_or(days))
}

/// When something was logged.
pub(super) struct Heard {
    /// Interface by interface.
    pub(super) coverage: Coverage,
    /// How many lines there are.
    lines: u64,
    /// From the first hour with logs to the end of the last.
    times: Option<Times>,
}

/// When each interface logged, and how much there is. Rows that stand for several flows have no rule for each.
pub(super) async fn coverage(
    session: &Session,
    engine: &Engine,
    context: &QueryContext,
    times: Times,
) -> Result<Heard, Failure> {
    let mut coverage = Coverage::default();
    let mut hours: Option<Times> = None;
    let context = within(context, times);
    let recorded = Recorded::of(engine, context, Asked::default()).await?;
    recorded
        .each_hour(|mac, hour| {
            let (first, end) = hours.unwrap_or((hour, hour + HOUR));
            hours = Some((first.min(hour), end.max(hour + HOUR)));
            if let Some(mac) = mac.and_then(Mac::parse) {
                coverage.hear(mac, hour);
            }
        })
        .await?;
    if recorded.left_out() > 0 {
        let text = format!(
            "{} of Traffic Analytics, which stand for several flows, are not looked at",
            counted(recorded.left_out(), "row")
        );
        session.say(&Message::new(Grade::Note, text));
    }
    Ok(Heard {
        coverage,
        lines: recorded.lines(),
        times: hours,
    })
}

fn within(context: &QueryContext, times: Times) -> QueryContext {
    let mut context = context.clone();
    context.timespan = Some(times);
    context
}

/// Gives the flows of some times.
pub(super) async fn each_flow(
    engine: &Engine,
    context: &QueryContext,
    times: Times,
    with_source_ports: bool,
    take: impl FnMut(&LoggedFlow<'_>),
) -> Result<(), Failure> {
    let asked = Asked { with_source_ports };
    let recorded = Recorded::of(engine, within(context, times), asked).await?;
    recorded.each(take).await?;
    Ok(())
}

/// What is wrong where there are no facts.
pub(super) fn no_facts() -> Failure {
    Failure::outside("there are no facts that have rules")
        .hint("`flowglass facts load nics.json vnets.json nsgs.json` loads them")
}

/// What is recorded of the rules of now.
pub(super) async fn recorded(
    session: &Session,
    table: &Table,
    group: Option<&str>,
    asked: Option<Times>,
    cancel: CancellationToken,
) -> Result<Report, Failure> {
    let timeline = timeline(session, table).await?;
    let (now, _) = timeline.at(session.now).ok_or_else(no_facts)?;
    let mut lists = chosen(hygiene(&now.facts), group)?;
    let engine = working::engine(table, None).await?;
    let context = working::context(session, cancel);
    let times = window(&engine, &context, asked).await?;
    say_later(session, &timeline, times);
    let heard = coverage(session, &engine, &context, times).await?;
    // What lies before the first hour with logs and behind the last says nothing of rules.
    let times = heard.times.map_or(times, |(first, end)| {
        (times.0.max(first), times.1.min(end).max(times.0))
    });
    let Heard {
        mut coverage, lines, ..
    } = heard;
    let mut usage = Usage::default();
    for epoch in epochs(&timeline, times) {
        let facts = &epoch.part.facts;
        coverage.take(facts, epoch.times.0, epoch.times.1);
        usage.begin(facts, epoch.times.0);
        let mut guards = Guards::of(facts);
        let ports = names_source_ports(facts);
        each_flow(&engine, &context, epoch.times, ports, |logged| {
            usage.take(&mut guards, logged);
        })
        .await?;
    }
    // A rule that was changed behind the window is another one now.
    usage.begin(&now.facts, times.1);
    for list in &mut lists {
        let found = unused(list, &usage, &coverage);
        list.findings.extend(found);
        list.findings.sort_by_key(|finding| (finding.rule, finding.kind));
    }
    Ok(Report {
        times: Some(times),
        lines,
        lists,
        usage: Some(usage),
        coverage,
        sources: Vec::new(),
        is_whole: true,
    })
}
