//! `table retain`: drops the days that are too old.

use std::io::Write;

use table::{RetainReport, Retained, day_text, first_day};

use super::line;
use crate::account::open_table;
use crate::arguments::{HELP, TABLE_OR_OBJECT, WhereAndHow};
use crate::config::settings::RETENTION_DAYS_MAX;
use crate::exit::{Exit, Failure};
use crate::json_text::Json;
use crate::quantity::{bytes, counted};
use crate::session::Session;
use crate::working::{self, table_failure};

const EXAMPLES: &str = "\
Examples:
  flowglass table retain --days 90 --dry-run    what would go
  flowglass table retain --days 90              drops the days before those
  flowglass table retain                        as `retention` is set
";

const AFTER: &str = "\
Days are whole ones (UTC), before the one that is. Sums by the hour of these
days go with them. Earlier versions still have the rows, until `flowglass
table vacuum`. What was read stays known, so that it is not read again; rows
of these days that come later stay until the next time. `flowglass collect
--retention 90d` does this once an hour.";

/// Drops days that are older than they are to be kept.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(super) struct Retain {
    /// Days that are kept [else `retention` of the configuration]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = days)]
    days: Option<u32>,
    /// Only tell what would go
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub(super) where_and_how: WhereAndHow,
}

fn days(typed: &str) -> Result<u32, &'static str> {
    let days = typed.strip_suffix('d').unwrap_or(typed).parse().ok();
    days.filter(|days| (1..=RETENTION_DAYS_MAX).contains(days))
        .ok_or("a number of days from 1 to 36500, such as `90`")
}

impl Retain {
    pub(super) fn run(self, session: &Session, json: bool) -> anyhow::Result<Exit> {
        let Some(days) = self.days.or(session.settings.retention_days.value) else {
            let failure = Failure::usage("nobody says how many days are to be kept");
            return Err(failure
                .hint("say it with `--days 90`, or set `retention = \"90d\"` in flowglass.toml")
                .into());
        };
        working::run(session, |_| async move {
            let mut table = open_table(session).await?;
            let from_day = first_day(days, session.now);
            let report = table.retain(from_day, self.dry_run, session.now).await;
            let report = report.map_err(table_failure)?;
            let mut out = session.out();
            if json {
                line(&mut out, &report_json(&report, self.dry_run))?;
            } else {
                report_text(&mut out, &report, self.dry_run)?;
            }
            out.flush()?;
            Ok(Exit::Done)
        })
    }
}

fn report_text(out: &mut dyn Write, report: &RetainReport, dry_run: bool) -> std::io::Result<()> {
    let from = day_text(report.from_day);
    if report.dropped.is_empty() && report.rollups == 0 {
        return writeln!(out, "nothing to drop: no rows of days before {from}");
    }
    let verb = if dry_run { "would go" } else { "dropped" };
    for dropped in &report.dropped {
        writeln!(
            out,
            "{}: {verb}: {} before {from}, {} in {} ({})",
            dropped.table,
            counted(dropped.days.len() as u64, "day"),
            counted(dropped.rows, "row"),
            counted(dropped.files, "file"),
            bytes(dropped.bytes)
        )?;
    }
    if report.rollups > 0 {
        writeln!(
            out,
            "{} of sums by the hour dropped",
            counted(report.rollups, "piece")
        )?;
    }
    match dry_run {
        true => Ok(()),
        false => writeln!(
            out,
            "the files are kept for earlier versions, until `flowglass table vacuum`"
        ),
    }
}

fn report_json(report: &RetainReport, dry_run: bool) -> Json {
    let dropped = report.dropped.iter().map(|dropped| {
        let days = dropped.days.iter().map(|day| Json::text(day_text(*day)));
        Json::Object(vec![
            ("table", Json::text(dropped.table)),
            ("days", Json::List(days.collect())),
            ("files", Json::from(dropped.files)),
            ("bytes", Json::from(dropped.bytes)),
            ("rows", Json::from(dropped.rows)),
        ])
    });
    Json::Object(vec![
        ("dry_run", Json::Bool(dry_run)),
        ("from_day", Json::text(day_text(report.from_day))),
        ("dropped", Json::List(dropped.collect())),
        ("rollup_pieces", Json::from(report.rollups)),
    ])
}

/// What retention has dropped so far, as the end of a report on a table.
pub(super) fn so_far(retained: Retained) -> String {
    format!(
        "days before {} were dropped by retention: {} so far",
        day_text(retained.from_day),
        counted(retained.rows, "row")
    )
}

/// The same as members of an object.
pub(super) fn so_far_json(retained: Option<Retained>) -> [(&'static str, Json); 2] {
    let from = retained.map_or(Json::Null, |retained| Json::text(day_text(retained.from_day)));
    [
        ("retained_from", from),
        (
            "dropped_rows",
            Json::from(retained.map_or(0, |retained| retained.rows)),
        ),
    ]
}
