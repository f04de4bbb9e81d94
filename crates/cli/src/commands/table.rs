//! `flowglass table`: what is in the table, whether it is whole, and what keeps it so.

mod care;
mod check;
mod retain;
mod rollup;
mod stats;

use std::io::Write;

use model::limits::CHECK_ROWS_PER_PASS;

use super::Run;
use crate::account::open_table;
use crate::arguments::{HELP, TABLE_OR_OBJECT, WhereAndHow};
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::Exit;
use crate::json_text::Json;
use crate::session::Session;
use crate::working::{self, table_failure};

const EXAMPLES: &str = "\
Examples:
  flowglass table stats            rows, days, bytes by column, small files
  flowglass table check --deep     is every byte and row as it was written?
  flowglass table compact          many small files of a day become few
  flowglass table rollup           keep sums by the hour, for quick overviews
  flowglass table retain --days 90 drop the days before those
  flowglass table vacuum           remove what only old versions needed
";

const STATS_EXAMPLES: &str = "\
Examples:
  flowglass table stats                       rows, days, bytes by column
  flowglass table stats --table /data/flows   of another table
";

const CHECK_EXAMPLES: &str = "\
Examples:
  flowglass table check                  exit code 1 if something is wrong
  flowglass table check --deep           reads all data too; as slow as the disk
  flowglass table check --format json    for a program
";

/// Looks at the table itself, and takes care of it.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, help_template = HELP, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Stats(Stats),
    Check(Check),
    Compact(care::Compact),
    Rollup(rollup::Rollup),
    Retain(retain::Retain),
    Vacuum(care::Vacuum),
    Checkpoint(care::Checkpoint),
    Migrate(care::Migrate),
    Followers(care::Followers),
}

/// Tells what is in the table.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = STATS_EXAMPLES, help_template = HELP)]
struct Stats {
    #[command(flatten)]
    where_and_how: WhereAndHow,
}

/// Checks that the table is what its log says.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = CHECK_EXAMPLES, help_template = HELP)]
struct Check {
    /// Read every byte of the data, not only sizes, footers and sums.
    #[arg(long)]
    deep: bool,
    #[command(flatten)]
    where_and_how: WhereAndHow,
}

impl What {
    fn where_and_how(&self) -> &WhereAndHow {
        match self {
            Self::Stats(stats) => &stats.where_and_how,
            Self::Check(check) => &check.where_and_how,
            Self::Compact(compact) => &compact.where_and_how,
            Self::Rollup(rollup) => &rollup.where_and_how,
            Self::Retain(retain) => &retain.where_and_how,
            Self::Vacuum(vacuum) => &vacuum.where_and_how,
            Self::Checkpoint(checkpoint) => &checkpoint.where_and_how,
            Self::Migrate(migrate) => &migrate.where_and_how,
            Self::Followers(followers) => &followers.where_and_how,
        }
    }
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        self.what.where_and_how().flags(layer);
        if let What::Rollup(rollup) = &self.what {
            rollup.effort.flags(layer);
        }
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let forms = [Format::Table, Format::Json];
        let json = session.settings.format_among(&forms, "this is told")? == Format::Json;
        match self.what {
            What::Stats(_) => run_stats(session, json),
            What::Check(check) => run_check(session, json, check.deep),
            What::Compact(compact) => compact.run(session, json),
            What::Rollup(rollup) => rollup.run(session, json),
            What::Retain(retain) => retain.run(session, json),
            What::Vacuum(vacuum) => vacuum.run(session, json),
            What::Checkpoint(_) => care::checkpoint(session, json),
            What::Migrate(migrate) => migrate.run(session, json),
            What::Followers(followers) => followers.run(session, json),
        }
    }
}

fn run_stats(session: &Session, json: bool) -> anyhow::Result<Exit> {
    working::run(session, |_| async move {
        let table = open_table(session).await?;
        let found = table.stats().await.map_err(table_failure)?;
        let mut out = session.out();
        if json {
            line(&mut out, &stats::stats_json(&found))?;
        } else {
            stats::stats_text(&mut out, &found)?;
        }
        out.flush()?;
        Ok(Exit::Done)
    })
}

fn run_check(session: &Session, json: bool, deep: bool) -> anyhow::Result<Exit> {
    working::run(session, |cancel| async move {
        let table = open_table(session).await?;
        let work = async move {
            if deep {
                table.check_deep(CHECK_ROWS_PER_PASS).await
            } else {
                table.check().await
            }
        };
        let report = working::or_cancelled(&cancel, "the check", work)
            .await?
            .map_err(table_failure)?;
        let mut out = session.out();
        if json {
            line(&mut out, &check::check_json(&report))?;
        } else {
            check::check_text(&mut out, &report)?;
        }
        out.flush()?;
        Ok(if report.problems.is_empty() {
            Exit::Done
        } else {
            Exit::Found
        })
    })
}

fn line(out: &mut dyn Write, json: &Json) -> std::io::Result<()> {
    json.write(out, Some(0))?;
    out.write_all(b"\n")
}
