//! `flowglass rules tighten`: narrower rules from what was seen, learned on the first part of the times and tried on the rest.

use std::io::Write as _;

use engine::{Engine, QueryContext};
use enrich::Timeline;
use model::Direction;
use model::facts::FactSet;
use model::protocols::protocol_keyword;
use table::Table;
use tokio_util::sync::CancellationToken;
use why::{
    Form, Guards, Learner, LoggedFlow, Margin, Newly, NewlyKey, Proposal, Sums, TightenError, Trial, learner,
    written,
};

use super::super::facts::timeline;
use super::{Times, gather, times};
use crate::account::open_table;
use crate::arguments::{EffortFlags, HELP, TableFlag};
use crate::config::raw::Layer;
use crate::exit::{Exit, Failure};
use crate::instant::{self, Micros};
use crate::message::{Grade, Message};
use crate::quantity::{counted, grouped};
use crate::session::Session;
use crate::working;

const EXAMPLES: &str = "\
Examples:
  flowglass rules tighten --group nsg-web --format bicep > nsg-web.bicep
  flowglass rules tighten --group nsg-web --format terraform --since 30d
  flowglass rules tighten --group nsg-web --format arm --margin 32
";

const AFTER: &str = "\
Learns on the first two thirds of the times and tries the rules on the rest:
exit code 1 where they would turn something away there. Nothing is let through
that is turned away now; ICMP, probes of load balancers and rare rules stay.
The head of the file lists what becomes of each rule. docs/rules.md says more.";

const HOUR: Micros = 3_600_000_000;

/// What the file is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Language {
    Arm,
    Bicep,
    Terraform,
}

/// Writes rules of a group that let through what was seen, with a margin.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(super) struct Tighten {
    /// The group: its name or id
    #[arg(long, value_name = "NAME")]
    group: String,
    /// arm, bicep or terraform
    #[arg(long, value_name = "LANGUAGE", hide_possible_values = true)]
    format: Language,
    /// Peers are rounded to IPv4 prefixes of so many bits [default: 24]
    #[arg(long, value_name = "BITS", value_parser = bits)]
    margin: Option<u8>,
    /// Percent of its hours an interface must have logged [default: 100]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    coverage: Option<u64>,
    /// From then on: 30d, or a time [default: all that is recorded]
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    #[command(flatten)]
    table: TableFlag,
    #[command(flatten)]
    effort: EffortFlags,
}

fn bits(typed: &str) -> Result<u8, &'static str> {
    let bits = typed.parse().ok().filter(|bits| (8..=32).contains(bits));
    bits.ok_or("a number of bits from 8 to 32; 32 is each address by itself")
}

fn percent(typed: &str) -> Result<u64, &'static str> {
    let percent = typed.parse().ok().filter(|percent| (1..=100).contains(percent));
    percent.ok_or("a whole number from 1 to 100")
}

/// What was made and what came of its trials.
struct Made {
    file: String,
    proposal: Proposal,
    tried: Sums,
    newly: usize,
}

impl Tighten {
    pub(super) fn flags(&self, layer: &mut Layer) {
        self.table.flags(layer);
        self.effort.flags(layer);
    }

    pub(super) fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let asked = times(session, self.since.as_deref())?;
        let made = working::run(session, |cancel| async move {
            let table = open_table(session).await?;
            Ok(self.make(session, &table, asked, cancel).await?)
        })?;
        let mut out = session.out();
        out.write_all(made.file.as_bytes())?;
        out.flush()?;
        Ok(say(session, &made))
    }

    async fn make(
        &self,
        session: &Session,
        table: &Table,
        asked: Option<Times>,
        cancel: CancellationToken,
    ) -> Result<Made, Failure> {
        let timeline = timeline(session, table).await?;
        let (now, _) = timeline.at(session.now).ok_or_else(gather::no_facts)?;
        let margin = self.margin.map(Margin::of_bits).unwrap_or_default();
        let mut learner = learner(&now.facts, &self.group, margin).map_err(failure)?;
        let engine = working::engine(table, None).await?;
        let context = working::context(session, cancel);
        let times = gather::window(&engine, &context, asked).await?;
        gather::say_later(session, &timeline, times);
        let mut coverage = gather::coverage(session, &engine, &context, times)
            .await?
            .coverage;
        for epoch in gather::epochs(&timeline, times) {
            coverage.take(&epoch.part.facts, epoch.times.0, epoch.times.1);
        }
        learner.cover(|id| coverage.of(id), self.coverage.unwrap_or(100));
        let flows = Flows {
            engine: &engine,
            context: &context,
            timeline: &timeline,
            with_source_ports: learner.names_source_ports(),
        };
        let parted = parted(times);
        flows
            .each((times.0, parted), |interface, logged| {
                learner.take(interface, logged)
            })
            .await?;
        let proposal = learner.propose().map_err(failure)?;
        let then = proposal.applied(&now.facts);
        let learned = flows
            .tried(&proposal, (&now.facts, &then), (times.0, parted))
            .await?;
        let later = flows
            .tried(&proposal, (&now.facts, &then), (parted, times.1))
            .await?;
        let form = match self.format {
            Language::Arm => Form::Arm,
            Language::Bicep => Form::Bicep,
            Language::Terraform => Form::Terraform,
        };
        let remarks = remarks(&learner, &proposal, &learned, &later, (times, parted));
        Ok(Made {
            file: written(&proposal, form, &remarks),
            tried: later.judged,
            newly: later.newly.len() + learned.newly.len(),
            proposal,
        })
    }
}

/// Two thirds of the times, at an hour.
fn parted((from, before): Times) -> Micros {
    let parted = from + (before - from) / 3 * 2;
    (parted - parted.rem_euclid(HOUR)).max(from)
}

#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
fn failure(error: TightenError) -> Failure {
    match error {
        TightenError::UnknownGroup(_) | TightenError::Ambiguous(_) => Failure::usage(error.to_string()),
        _ => Failure::outside(error.to_string()),
    }
}

/// Flows of interfaces that were known at their time.
struct Flows<'f> {
    engine: &'f Engine,
    context: &'f QueryContext,
    timeline: &'f Timeline,
    with_source_ports: bool,
}

impl Flows<'_> {
    async fn each(
        &self,
        times: Times,
        mut take: impl FnMut(&model::facts::ArmId, &LoggedFlow<'_>),
    ) -> Result<(), Failure> {
        for epoch in gather::epochs(self.timeline, times) {
            let guards = Guards::of(&epoch.part.facts);
            gather::each_flow(
                self.engine,
                self.context,
                epoch.times,
                self.with_source_ports,
                |logged| {
                    if let Some(interface) = logged.mac.and_then(|mac| guards.of_mac(mac).one()) {
                        take(interface, logged);
                    }
                },
            )
            .await?;
        }
        Ok(())
    }

    /// The trial of a proposal on some times, over facts without it and with it.
    async fn tried<'t>(
        &self,
        proposal: &Proposal,
        (now, then): (&'t FactSet, &'t FactSet),
        times: Times,
    ) -> Result<Trial<'t>, Failure> {
        let mut trial = proposal.trial(now, then);
        self.each(times, |interface, logged| trial.take(interface, logged))
            .await?;
        Ok(trial)
    }
}

/// What stands at the head of the file.
fn remarks(
    learner: &Learner<'_>,
    proposal: &Proposal,
    learned: &Trial<'_>,
    later: &Trial<'_>,
    (times, parted): (Times, Micros),
) -> Vec<String> {
    let word = |time| instant::words(time, true);
    let mut lines = vec![
        format!(
            "Rules of {} by what flow logs show, made by flowglass {}",
            learner.group().as_str(),
            env!("CARGO_PKG_VERSION")
        ),
        format!("Learned on {} to {}", word(times.0), word(parted)),
        "Nothing is let through that is turned away now: proved over all flows, not over those that were seen".to_owned(),
        tried(&format!("{} to {}", word(parted), word(times.1)), later),
    ];
    lines.extend(later.newly.iter().map(|(key, newly)| newly_text(key, newly)));
    if !learned.newly.is_empty() {
        lines.push(tried("the times that it was learned on", learned));
        lines.extend(learned.newly.iter().map(|(key, newly)| newly_text(key, newly)));
    }
    for (id, hours) in &proposal.skipped {
        lines.push(format!(
            "Skipped: {} logged in {} of {} hours; what reaches it stays as it is",
            id.name(),
            hours.logged,
            hours.expected
        ));
    }
    for (id, hours) in &proposal.complete {
        lines.push(format!(
            "Learned of {}, which logged in {} of {} hours",
            id.name(),
            hours.logged,
            hours.expected
        ));
    }
    for (rule, fate) in &proposal.fates {
        lines.push(format!("{} {}: {fate}", rule.direction, rule.name));
    }
    lines
}

fn tried(times: &str, trial: &Trial<'_>) -> String {
    let judged = counted(trial.judged.lines, "line");
    let open = match trial.open.lines {
        0 => String::new(),
        lines => format!("; of {} of them it is not known", grouped(lines)),
    };
    match trial.newly.len() {
        0 => format!("Tried on {times}: of {judged} that were let through none would be turned away{open}"),
        _ => format!("Tried on {times}: of {judged} that were let through these would be turned away{open}:"),
    }
}

fn newly_text((direction, rule, interface, protocol, port): &NewlyKey, newly: &Newly) -> String {
    let peers: Vec<String> = newly.peers.iter().map(ToString::to_string).collect();
    let more = if newly.has_more_peers { " and others" } else { "" };
    let (from, to) = match direction {
        Direction::Inbound => ("from", "into"),
        Direction::Outbound => ("to", "out of"),
    };
    let protocol = protocol_keyword(*protocol).map_or_else(|| protocol.to_string(), str::to_owned);
    format!(
        "  Turned away: {} {to} {}, {protocol} port {port} {from} {}{more}, let through by {rule} now",
        counted(newly.sums.lines, "line"),
        interface.name(),
        peers.join(", ")
    )
}

/// Says what came of it.
fn say(session: &Session, made: &Made) -> Exit {
    if !made.proposal.changes() {
        let text = "no rule is narrowed: the file has the rules of now";
        session.say(&Message::new(Grade::Note, text).hint("its head says of each why it stays"));
    }
    if made.newly > 0 {
        let kinds = if made.newly == 1 { "kind" } else { "kinds" };
        let text = format!(
            "{} {kinds} of flows would be turned away that are let through now",
            made.newly
        );
        session.say(
            &Message::new(Grade::Warning, text)
                .hint("the head of the file lists them; a wider `--margin` or longer times learn more"),
        );
        return Exit::Found;
    }
    if made.tried.lines == 0 {
        let text = "nothing is recorded of the later times, so the rules are not tried";
        session.say(&Message::new(Grade::Warning, text).hint("longer times leave more to try them on"));
        return Exit::Found;
    }
    Exit::Done
}
