//! `table compact | vacuum | checkpoint | migrate | followers`: what keeps a table quick, small and readable.

mod flags;
mod say;

use std::io::Write;
use std::ops::RangeInclusive;

use table::{CompactOptions, VacuumOptions};

use super::line;
use crate::account::open_table;
use crate::arguments::{HELP, TABLE_OR_OBJECT, WhereAndHow};
use crate::exit::Exit;
use crate::session::Session;
use crate::working::{self, table_failure};

pub(super) use say::fold_json;

const COMPACT_EXAMPLES: &str = "\
Examples:
  flowglass table compact --dry-run       what would be done, and nothing else
  flowglass table compact                 as often as every hour, while ingesting
  flowglass table compact --day 2024-03-01..2024-03-31
";

const COMPACT_AFTER: &str = "\
Rows stay the same; queries and ingests go on meanwhile. Small files are kept for
earlier versions until `flowglass table vacuum`. Rows that writers which died left
in IngestLog and Quarantine, and that never counted, are dropped.";

const VACUUM_EXAMPLES: &str = "\
Examples:
  flowglass table vacuum --dry-run       what would go, file by file
  flowglass table vacuum                 keeps every version of the last 7 days
  flowglass table vacuum --retain 12h    keeps less; an hour is the least
";

const CHECKPOINT_EXAMPLES: &str = "\
Examples:
  flowglass table checkpoint    opening reads the log from here on
";

const MIGRATE_EXAMPLES: &str = "\
Examples:
  flowglass table migrate --dry-run    what the table lacks
  flowglass table migrate              adds it; the data is not touched
";

const FOLLOWERS_EXAMPLES: &str = "\
Examples:
  flowglass table followers                  who still reads which version
  flowglass table followers --remove sink    keep nothing for it any more
";

/// Makes few files of many small ones.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = COMPACT_EXAMPLES, after_help = COMPACT_AFTER, help_template = HELP)]
pub(super) struct Compact {
    /// Only tell what would be done
    #[arg(long)]
    dry_run: bool,
    /// Only this day, or FIRST..LAST (UTC)
    #[arg(long, value_name = "DAY", value_parser = flags::days)]
    day: Option<RangeInclusive<i32>>,
    /// Size of a file to aim at [default: 128MiB]
    #[arg(long, value_name = "SIZE", value_parser = flags::target)]
    target: Option<u64>,
    #[command(flatten)]
    pub(super) where_and_how: WhereAndHow,
}

/// Removes files that no version within the last days needs.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = VACUUM_EXAMPLES, help_template = HELP)]
pub(super) struct Vacuum {
    /// Only tell what would go
    #[arg(long)]
    dry_run: bool,
    /// How long versions are kept: 12h, 30d, at least 1h [default: 7d]
    #[arg(long, value_name = "TIME", value_parser = flags::seconds)]
    retain: Option<u64>,
    #[command(flatten)]
    pub(super) where_and_how: WhereAndHow,
}

/// Writes a checkpoint of each log, for quick opening.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = CHECKPOINT_EXAMPLES, help_template = HELP)]
pub(super) struct Checkpoint {
    #[command(flatten)]
    pub(super) where_and_how: WhereAndHow,
}

/// Brings an older table to the present format.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = MIGRATE_EXAMPLES, help_template = HELP)]
pub(super) struct Migrate {
    /// Only tell what would be done
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub(super) where_and_how: WhereAndHow,
}

/// Lists the programs that follow the table, or forgets one.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = FOLLOWERS_EXAMPLES, help_template = HELP)]
pub(super) struct Followers {
    /// Forget this follower
    #[arg(long, value_name = "NAME")]
    remove: Option<String>,
    #[command(flatten)]
    pub(super) where_and_how: WhereAndHow,
}

impl Compact {
    pub(super) fn run(self, session: &Session, json: bool) -> anyhow::Result<Exit> {
        let defaults = CompactOptions::default();
        let options = CompactOptions {
            target_bytes: self.target.unwrap_or(defaults.target_bytes),
            days: self.day,
            ..defaults
        };
        let (now, dry_run) = (session.now, self.dry_run);
        working::run(session, |cancel| async move {
            let mut table = open_table(session).await?;
            // Each step is told when it is done: the first may be an hour before the last.
            let (told, mut steps) = tokio::sync::mpsc::unbounded_channel();
            let work = async move {
                if dry_run {
                    table.compact_plan(&options).await
                } else {
                    let tell = |fold: &table::Fold| drop(told.send(fold.clone()));
                    table.compact(&options, now, tell).await
                }
            };
            let mut out = session.out();
            let saying = async {
                while let Some(fold) = steps.recv().await {
                    if !json {
                        say::fold(&mut out, &fold, false)?;
                        out.flush()?;
                    }
                }
                anyhow::Ok(())
            };
            let (done, said) = tokio::join!(working::or_cancelled(&cancel, "the compaction", work), saying);
            said?;
            let report = done?.map_err(table_failure)?;
            if json {
                line(&mut out, &say::compact_json(&report, dry_run))?;
            } else {
                say::compact(&mut out, &report, dry_run)?;
            }
            out.flush()?;
            Ok(if report.damaged.is_empty() {
                Exit::Done
            } else {
                Exit::Found
            })
        })
    }
}

impl Vacuum {
    pub(super) fn run(self, session: &Session, json: bool) -> anyhow::Result<Exit> {
        let defaults = VacuumOptions::default();
        let options = VacuumOptions {
            retain_secs: self.retain.unwrap_or(defaults.retain_secs),
            dry_run: self.dry_run,
        };
        let now = session.now;
        working::run(session, |cancel| async move {
            let mut table = open_table(session).await?;
            let work = async move { table.vacuum(options, now).await };
            let report = working::or_cancelled(&cancel, "the vacuum", work)
                .await?
                .map_err(table_failure)?;
            let mut out = session.out();
            if json {
                line(&mut out, &say::vacuum_json(&report, options.dry_run))?;
            } else {
                say::vacuum(&mut out, &report, options)?;
            }
            out.flush()?;
            Ok(if report.failed.is_empty() {
                Exit::Done
            } else {
                Exit::Outside
            })
        })
    }
}

/// Writes checkpoints and tells of which versions.
pub(super) fn checkpoint(session: &Session, json: bool) -> anyhow::Result<Exit> {
    working::run(session, |_| async move {
        let mut table = open_table(session).await?;
        let written = table.checkpoint().await.map_err(table_failure)?;
        let mut out = session.out();
        if json {
            line(&mut out, &say::checkpoint_json(&written))?;
        } else {
            for (name, version) in &written {
                writeln!(out, "{name}: checkpoint of version {version}")?;
            }
        }
        out.flush()?;
        Ok(Exit::Done)
    })
}

impl Migrate {
    pub(super) fn run(self, session: &Session, json: bool) -> anyhow::Result<Exit> {
        working::run(session, |_| async move {
            let mut table = open_table(session).await?;
            let steps = if self.dry_run {
                table.migration()
            } else {
                table.migrate().await
            };
            let steps = steps.map_err(table_failure)?;
            let mut out = session.out();
            if json {
                line(&mut out, &say::migrate_json(&steps, self.dry_run))?;
            } else {
                say::migrate(&mut out, &steps, self.dry_run)?;
            }
            out.flush()?;
            Ok(Exit::Done)
        })
    }
}

impl Followers {
    pub(super) fn run(self, session: &Session, json: bool) -> anyhow::Result<Exit> {
        working::run(session, |_| async move {
            let table = open_table(session).await?;
            if let Some(name) = &self.remove {
                table.remove_follower(name).await.map_err(table_failure)?;
            }
            let followers = table.followers().await.map_err(table_failure)?;
            let mut out = session.out();
            if json {
                line(&mut out, &say::followers_json(&followers, table.version()))?;
            } else {
                say::followers(&mut out, &followers, table.version())?;
            }
            out.flush()?;
            Ok(Exit::Done)
        })
    }
}
