//! `flowglass replay`: recorded flows under a rule set that is not deployed.

mod changes;
mod json;
mod proposed;
mod report;
mod sections;
mod told;

use std::io::Write as _;
use std::path::PathBuf;

use engine::Engine;
use enrich::Part;
use model::facts::Mac;
use tokio_util::sync::CancellationToken;
use why::replay::{Impact, Overlay, Replay};

use super::Run;
use super::facts::{About, timeline};
use crate::account::open_table;
use crate::arguments::{EffortFlags, HELP, ReportForm, TableFlag, whole_number};
use crate::config::raw::Layer;
use crate::exit::{Exit, Failure};
use crate::instant::Micros;
use crate::message::{Grade, Message};
use crate::recorded::{Asked, Recorded, Times};
use crate::session::Session;
use crate::timespan;
use crate::working;
use proposed::Proposed;
use report::Report;

const EXAMPLES: &str = "\
Examples:
  flowglass replay --rules proposed.json --since 30d
  terraform show -json plan.out > plan.json
  flowglass replay --rules plan.json --since 30d --format markdown
  flowglass replay --rules nsgs.json --fail-on newly-denied,newly-permitted
";

const AFTER: &str = "\
Rules are read as `flowglass facts load` reads them: lists of `az`, a plan of
Terraform, ARM templates, what-if. What they do not speak of stays as it is.
Exit code 1 where a condition of --fail-on holds, or nothing was recorded.
docs/replay.md says what is compared with what.";

/// Rows of each table, if nobody says.
const MOST: usize = 20;

const HOUR: Micros = 3_600_000_000;

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Condition {
    NewlyDenied,
    NewlyPermitted,
    Indeterminate,
    Problems,
    None,
}

/// Tells what proposed rules would do to recorded flows.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(crate) struct Args {
    /// Files and folders of the proposed rules
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    rules: Vec<PathBuf>,
    /// From then on: 30d, or a time
    #[arg(long, value_name = "TIME", conflicts_with = "timespan")]
    since: Option<String>,
    /// Only these times: P30D, FROM/TO
    #[arg(long, value_name = "TIMES")]
    timespan: Option<String>,
    /// newly-denied, newly-permitted, indeterminate, problems, none
    #[arg(long, value_name = "WHAT", value_delimiter = ',', hide_possible_values = true)]
    fail_on: Vec<Condition>,
    /// Rows of each table [default: 20]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole_number::<u32>)]
    most: Option<u32>,
    /// table, json or markdown (for a pull request)
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<ReportForm>,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    table: TableFlag,
    #[command(flatten)]
    effort: EffortFlags,
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        ReportForm::flags(self.format, layer);
        self.table.flags(layer);
        self.effort.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let form = ReportForm::of(self.format, &session.settings, "a replay is told")?;
        let times = self.times(session)?;
        let proposed = Proposed::read(session, &self.rules, &self.about)?;
        let report = working::run(session, |cancel| async move {
            let table = open_table(session).await?;
            let Some((part, _)) = timeline(session, &table).await?.at(session.now) else {
                return Err(
                    Failure::outside("there are no facts to lay the proposed rules over")
                        .hint("`flowglass facts load nics.json vnets.json nsgs.json` loads them")
                        .into(),
                );
            };
            let engine = working::engine(&table, None).await?;
            Ok(replayed(session, &engine, &part, proposed, times, cancel).await?)
        })?;
        let most = self.most.map(usize::try_from);
        let most = most.map_or(MOST, |most| most.unwrap_or(usize::MAX));
        let mut out = session.out();
        match form {
            ReportForm::Table => told::text(&mut out, &report, most)?,
            ReportForm::Markdown => told::markdown(&mut out, &report, most)?,
            ReportForm::Json => {
                json::of(&report, most).write(&mut out, Some(0))?;
                out.write_all(b"\n")?;
            }
        }
        out.flush()?;
        Ok(if fails(&self.fail_on, &report) {
            Exit::Found
        } else {
            Exit::Done
        })
    }
}

impl Args {
    /// The times that are asked for; all if none.
    fn times(&self, session: &Session) -> Result<Option<Times>, Failure> {
        if let Some(typed) = &self.timespan {
            return timespan::read("--timespan", typed, session.now).map(Some);
        }
        let since = self
            .since
            .as_deref()
            .map(|typed| timespan::since(typed, session.now));
        since.transpose()
    }
}

/// Whether one of the conditions holds. Where nothing was recorded nothing is known, and that fails too.
fn fails(conditions: &[Condition], report: &Report) -> bool {
    let default = [Condition::NewlyDenied, Condition::Problems];
    let conditions = if conditions.is_empty() {
        default.as_slice()
    } else {
        conditions
    };
    let is_empty = report.lines == 0 && !conditions.contains(&Condition::None);
    is_empty
        || conditions.iter().any(|condition| match condition {
            Condition::NewlyDenied => report.has(Impact::NewlyDenied) || report.doubtful() > 0,
            Condition::NewlyPermitted => report.has(Impact::NewlyPermitted),
            Condition::Indeterminate => {
                let silences = &report.replayed.blind.silences;
                report.has(Impact::Indeterminate) || silences.iter().any(|silence| silence.hours == 0)
            }
            Condition::Problems => !report.problems.is_empty(),
            Condition::None => false,
        })
}

async fn replayed(
    session: &Session,
    engine: &Engine,
    part: &Part,
    proposed: Proposed,
    times: Option<Times>,
    cancel: CancellationToken,
) -> Result<Report, Failure> {
    let overlay = Overlay::of(&part.facts, &proposed.proposals);
    if overlay.changes.is_empty() {
        let text = "what is proposed is what is known already: nothing changes";
        session.say(
            &Message::new(Grade::Note, text)
                .hint("`flowglass facts show` says what is known, and since when"),
        );
    }
    let mut context = working::context(session, cancel);
    context.timespan = times;
    let asked = Asked {
        with_source_ports: proposed::names_source_ports(&part.facts, &overlay),
    };
    let recorded = Recorded::of(engine, context, asked).await?;
    let mut replay = Replay::new(&part.facts, &part.index, &overlay);
    let unused = recorded
        .each(|logged| {
            replay.take(logged);
        })
        .await?;
    recorded
        .each_hour(|mac, _| {
            if let Some(mac) = mac.and_then(Mac::parse) {
                replay.hear(mac);
            }
        })
        .await?;
    // What was asked for counts; without that, from the first day to the last.
    // Hours that have not come cannot have been logged.
    let until_now = |(from, before): Times| (from, before.min(session.now).max(from));
    let times = times.or_else(|| recorded.times()).map(until_now);
    let hours = times.map_or(0, |(from, before)| {
        before.div_euclid(HOUR) - from.div_euclid(HOUR) + i64::from(before.rem_euclid(HOUR) > 0)
    });
    let replayed = replay.finish(hours.unsigned_abs());
    Ok(Report {
        times,
        lines: recorded.lines(),
        twofold: recorded.twofold().await?,
        left_out: recorded.left_out(),
        unused,
        problems: proposed.problems(overlay.problems.iter().chain(&replayed.problems)),
        absent: proposed.absent(&part.facts),
        replayed,
        changed: changes::told(&part.facts, &overlay.facts, &overlay.changes),
        changes: overlay.changes,
        unmatched: overlay.unmatched,
        is_wide: overlay.is_wide,
    })
}
