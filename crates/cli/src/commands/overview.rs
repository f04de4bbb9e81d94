//! `flowglass overview`: what went on, in a few tables, from sums that are kept by the hour.

use std::io::Write as _;

use table::{Hours, Table};
use tokio_util::sync::CancellationToken;

use super::Run;
use crate::arguments::{EffortFlags, HELP, TableFlag, whole_number};
use crate::asking::{self, Trouble};
use crate::config::keys;
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::Exit;
use crate::keeping::{Kept, Missing};
use crate::message::{Grade, Message};
use crate::session::Session;
use crate::timespan;
use crate::working::{self, table_failure};

const EXAMPLES: &str = "\
Examples:
  flowglass overview                          all that the table holds
  flowglass overview --timespan P30D          the last thirty days
  flowglass overview --kql > overview.kql     the query, to make your own of it
";

const AFTER: &str = "\
The first time takes long, because sums by the hour are made and kept beside the
table, as `flowglass table rollup` does. docs/views.md says what is counted.";

/// The overview as a query.
const QUERY: &str = include_str!("overview/overview.kql");

/// Shows what went on: totals, rules, services, talkers, service tags.
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
    #[arg(long)]
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
        session.settings.format_among(&forms, "this is told")?;
        if self.kql {
            session.out().write_all(QUERY.as_bytes())?;
            return Ok(Exit::Done);
        }
        let times = match &self.timespan {
            Some(typed) => Some(timespan::read("--timespan", typed, session.now)?),
            None => None,
        };
        working::run(session, |cancel| async move {
            let table = Table::open(&session.settings.table.value)
                .await
                .map_err(table_failure)?;
            if !self.no_rollups {
                keep(session, &table, &cancel, times).await?;
            }
            let mut context = working::context(session, cancel);
            context.timespan = times;
            context.uses_rollups = !self.no_rollups;
            let engine = working::engine(&table, None).await?;
            let most = self.most.map(|most| ("most".to_owned(), most.to_string()));
            let asked = engine.kql(&context, QUERY, most.into_iter().collect()).await;
            let (mut answers, _) = asked.map_err(|failure| Trouble::of(failure, None).failure)?;
            for (answer, title) in answers.iter_mut().zip(titles()) {
                answer.name = Some(title.to_owned());
            }
            let mut out = session.out();
            asking::print(session, &mut out, &answers, usize::MAX, &|| None)?;
            out.flush()?;
            Ok(Exit::Done)
        })
    }
}

/// What each table of the overview is called: the comments of the query.
fn titles() -> impl Iterator<Item = &'static str> {
    QUERY.lines().filter_map(|line| line.strip_prefix("// "))
}

/// Keeps what is missing of these times, so that it is computed once. Where nothing can be kept it is computed each time.
async fn keep(
    session: &Session,
    table: &Table,
    cancel: &CancellationToken,
    times: Option<(i64, i64)>,
) -> anyhow::Result<()> {
    let asked = times.map(|(from, before)| Hours::around(from, before - 1));
    let missing = Missing::of(table, asked).await?;
    match missing.keep(session, cancel, |_| ()).await {
        Err(Kept::Unwritten(error)) => {
            let text = format!("sums by the hour are not kept: {error}");
            session.say(&Message::new(Grade::Note, text).hint("they are computed from rows each time"));
            Ok(())
        }
        Err(Kept::Failed(failure)) => Err(failure.into()),
        Ok(_) => Ok(()),
    }
}
