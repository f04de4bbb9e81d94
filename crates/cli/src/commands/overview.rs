//! `flowglass overview`: what went on, in a few tables, from sums that are kept by the hour.

mod gaps;

use std::io::Write as _;

use engine::{Engine, KqlAnswer, QueryContext};
use futures::future::try_join_all;
use kqleval::Table as Rows;
use kqlfn::Column;
use table::{Hours, Table, TableError};
use tokio_util::sync::CancellationToken;

use super::Run;
use crate::account::open_table;
use crate::arguments::{EffortFlags, HELP, TableFlag, whole_number};
use crate::asking::{self, Trouble};
use crate::config::keys;
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::Exit;
use crate::instant::{self, words};
use crate::keeping::{Kept, Missing};
use crate::message::{Grade, Message};
use crate::retained::say_if_dropped;
use crate::session::Session;
use crate::timespan;
use crate::working::{self, Known};

const EXAMPLES: &str = "\
Examples:
  flowglass overview                          all that the table holds
  flowglass overview --timespan P30D          the last thirty days
  flowglass overview --kql > overview.kql     the query, to make your own of it
";

const AFTER: &str = "\
Times are taken in whole hours. The first time takes long, because sums by the
hour are made and kept beside the table, as `flowglass table rollup` does.
docs/views.md says what is counted.";

/// Rows of each table, if nobody says.
const MOST: usize = 10;

/// The overview as a query.
const QUERY: &str = include_str!("overview/overview.kql");

/// Shows what went on: totals, rules, services, talkers, tags.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(crate) struct Args {
    /// Only these times: P1D, 1d, FROM/TO, FROM/PT1H
    #[arg(long, value_name = "TIMES")]
    timespan: Option<String>,
    /// Rows of each table [default: 10]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole_number::<u32>)]
    most: Option<u32>,
    /// Only print the query
    #[arg(long)]
    kql: bool,
    /// Compute everything from rows, whatever is kept
    #[arg(long, conflicts_with = "kql")]
    no_rollups: bool,
    /// table or json
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<Format>,
    #[command(flatten)]
    table: TableFlag,
    #[command(flatten)]
    effort: EffortFlags,
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        layer.flag(&keys::FORMAT, self.format.map(Format::as_str));
        self.table.flags(layer);
        self.effort.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let forms = [Format::Table, Format::Json];
        session.settings.format_among(&forms, "an overview is told")?;
        let times = match &self.timespan {
            Some(typed) => Some(timespan::read("--timespan", typed, session.now)?),
            None => None,
        };
        let hours = times.map(|(from, before)| Hours::around(from, before - 1));
        if self.kql {
            return self.query(session, hours);
        }
        if let Some(hours) = hours.filter(|hours| Some((hours.from, hours.before)) != times) {
            let (from, before) = (words(hours.from, true), words(hours.before, true));
            let text = format!("sums are by the hour: this is {from} to {before}");
            session.say(&Message::new(Grade::Note, text));
        }
        working::run(session, |cancel| async move {
            let table = open_table(session).await?;
            // Without times all is asked for.
            say_if_dropped(session, &table, hours.map_or(i64::MIN, |hours| hours.from)).await?;
            let known = working::facts_files(&table).await?;
            let has_facts = !known.is_empty();
            if !self.no_rollups {
                keep(session, &table, &cancel, known.clone(), hours).await?;
            }
            let mut context = working::context(session, cancel);
            context.timespan = hours.map(|hours| (hours.from, hours.before));
            context.uses_rollups = !self.no_rollups;
            let engine = working::engine_of(&table, None, known).await?;
            let answers = self.ask(session, &engine, &context).await?;
            if answers.first().is_some_and(|all| gaps::has_nothing(&all.rows)) {
                gaps::say_why(session, &engine, context).await?;
            } else if !has_facts {
                gaps::say_no_facts(session);
            }
            let mut out = session.out();
            asking::print(session, &mut out, &answers, usize::MAX, &|| None)?;
            out.flush()?;
            Ok(Exit::Done)
        })
    }
}

impl Args {
    /// Rows of each table.
    fn most(&self) -> usize {
        let most = self.most.map(usize::try_from);
        most.map_or(MOST, |most| most.unwrap_or(usize::MAX))
    }

    /// Prints the query, and how to ask it for the same times.
    fn query(&self, session: &Session, hours: Option<Hours>) -> anyhow::Result<Exit> {
        let mut out = session.out();
        write!(out, "// flowglass query -f overview.kql")?;
        if let Some(hours) = hours {
            let (from, before) = (instant::iso(hours.from), instant::iso(hours.before));
            write!(out, " --timespan {from}/{before}")?;
        }
        if let Some(most) = self.most {
            write!(out, " --param most={most}")?;
        }
        writeln!(out)?;
        out.write_all(QUERY.as_bytes())?;
        out.flush()?;
        Ok(Exit::Done)
    }

    /// The tables, each with its title. One row more than is shown tells whether there are more.
    async fn ask(
        &self,
        session: &Session,
        engine: &Engine,
        context: &QueryContext,
    ) -> anyhow::Result<Vec<KqlAnswer>> {
        let most = self.most();
        let parameters = vec![("most".to_owned(), most.saturating_add(1).to_string())];
        let halves = halves();
        let mut context = context.clone();
        context.limits.memory_bytes /= halves.len();
        let asked = halves
            .each_ref()
            .map(|half| engine.kql(&context, &half.text, parameters.clone()));
        let asked = try_join_all(asked).await;
        let asked = asked.map_err(|failure| Trouble::of(failure, None).failure)?;
        let numbered = halves
            .iter()
            .zip(asked)
            .flat_map(|(half, (answers, _))| half.numbers.iter().zip(answers));
        let mut numbered: Vec<_> = numbered.collect();
        numbered.sort_by_key(|(number, _)| **number);
        let mut answers: Vec<_> = numbered.into_iter().map(|(_, answer)| answer).collect();
        let is_read = session.settings.format.value == Format::Table;
        for (answer, (title, query)) in answers.iter_mut().zip(sections()) {
            let has_more = query.contains("take most") && answer.rows.rows > most;
            if has_more {
                answer.rows = first_rows(&answer.rows, most);
            }
            answer.name = Some(match has_more && is_read {
                true => format!("{title} (the first {most}; more with `--most`)"),
                false => title.to_owned(),
            });
        }
        Ok(answers)
    }
}

/// The tables of the overview: what each is called, and its query.
fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    let parts = QUERY.split("\n// ").skip(1);
    parts.filter_map(|part| part.split_once('\n'))
}

/// A part of the overview that is asked beside the other one.
struct Half {
    /// Which tables of the overview they are.
    numbers: Vec<usize>,
    text: String,
}

/// The query in two, so that one half reads while the other computes: sources are two thirds of all.
fn halves() -> [Half; 2] {
    [true, false].map(|asks_sources| {
        let head = QUERY.split("\n// ").next().unwrap_or_default();
        let (numbers, queries): (Vec<_>, Vec<_>) = sections()
            .map(|(_, query)| query)
            .enumerate()
            .filter(|(_, query)| query.starts_with("Sources") == asks_sources)
            .unzip();
        let text = format!("{head}\n{}", queries.join("\n"));
        Half { numbers, text }
    })
}

fn first_rows(rows: &Rows, count: usize) -> Rows {
    let columns = rows.columns.iter().map(|column| {
        let array = column.array.slice(0, count.min(column.array.len()));
        Column::new(column.kind, array)
    });
    Rows::new(rows.schema.clone(), columns.collect(), count)
}

/// Keeps what is missing of these times, so that it is computed once. Where nothing can be kept it is computed each time.
async fn keep(
    session: &Session,
    table: &Table,
    cancel: &CancellationToken,
    known: Known,
    asked: Option<Hours>,
) -> anyhow::Result<()> {
    let missing = Missing::of(table, known, asked).await?;
    match missing.keep(session, cancel, |_| ()).await {
        Err(Kept::Unwritten(TableError::Conflict)) => {
            let text = "another program is keeping sums of this table at the same time";
            session
                .say(&Message::new(Grade::Note, text).hint("what it has not kept yet is computed from rows"));
            Ok(())
        }
        Err(Kept::Unwritten(error)) => {
            let text = format!("sums by the hour are not kept: {error}");
            session.say(&Message::new(Grade::Note, text).hint("they are computed from rows each time"));
            Ok(())
        }
        Err(Kept::Failed(failure)) => Err(failure.into()),
        Ok(_) => Ok(()),
    }
}
