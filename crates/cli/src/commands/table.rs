//! `flowglass table`: what is in the table, and whether it is whole.

use std::io::Write;

use model::limits::CHECK_ROWS_PER_PASS;
use table::{CheckReport, Table, TableStats, day_text};

use super::Run;
use crate::arguments::{FormatFlag, HELP, TABLE_OR_OBJECT, TableFlag};
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::Exit;
use crate::instant;
use crate::json_text::Json;
use crate::printable;
use crate::quantity::{bytes, counted, grouped, rounded};
use crate::session::Session;
use crate::working::{self, table_failure};

const EXAMPLES: &str = "\
Examples:
  flowglass table stats                 rows, days, bytes by column
  flowglass table check                 is every file there, does all add up?
  flowglass table check --deep          is every byte and row as it was written?
  flowglass table stats --format json   for a program
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

/// Looks at the table itself.
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
}

/// Tells what is in the table.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = STATS_EXAMPLES, help_template = HELP)]
struct Stats {
    #[command(flatten)]
    format: FormatFlag,
    #[command(flatten)]
    table: TableFlag,
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
    format: FormatFlag,
    #[command(flatten)]
    table: TableFlag,
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        let (format, table) = match &self.what {
            What::Stats(stats) => (&stats.format, &stats.table),
            What::Check(check) => (&check.format, &check.table),
        };
        format.flags(layer);
        table.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let forms = [Format::Table, Format::Json];
        let json = session.settings.format_among(&forms, "this is told")? == Format::Json;
        let folder = &session.settings.table.value;
        working::run(session, |cancel| async move {
            let table = Table::open(folder).await.map_err(table_failure)?;
            let mut out = session.out();
            let exit = match self.what {
                What::Stats(_) => {
                    let stats = table.stats().await.map_err(table_failure)?;
                    if json {
                        line(&mut out, &stats_json(&stats))?
                    } else {
                        stats_text(&mut out, &stats)?
                    }
                    Exit::Done
                }
                What::Check(check) => {
                    let report = working::or_cancelled(&cancel, async move {
                        if check.deep {
                            table.check_deep(CHECK_ROWS_PER_PASS).await
                        } else {
                            table.check().await
                        }
                    })
                    .await?
                    .map_err(table_failure)?;
                    if json {
                        line(&mut out, &check_json(&report))?
                    } else {
                        check_text(&mut out, &report)?
                    }
                    if report.problems.is_empty() {
                        Exit::Done
                    } else {
                        Exit::Found
                    }
                }
            };
            out.flush()?;
            Ok(exit)
        })
    }
}

fn line(out: &mut dyn Write, json: &Json) -> std::io::Result<()> {
    json.write(out, Some(0))?;
    out.write_all(b"\n")
}

fn per_row(bytes: u64, rows: u64) -> String {
    let hundredths = rounded(bytes.saturating_mul(100), rows.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn stats_text(out: &mut dyn Write, stats: &TableStats) -> std::io::Result<()> {
    let flows = counted(stats.rows, "row");
    writeln!(
        out,
        "Flows at version {}: {flows} in {}, {}",
        stats.version,
        counted(stats.files, "file"),
        bytes(stats.bytes)
    )?;
    if let Some((first, last)) = stats.times {
        writeln!(
            out,
            "  from {} to {} (UTC)",
            instant::iso(first),
            instant::iso(last)
        )?;
    }
    writeln!(
        out,
        "  {} bytes a row, provenance included",
        per_row(stats.bytes, stats.rows)
    )?;
    let ingest = &stats.ingest;
    writeln!(
        out,
        "  {} tuples received = {} stored + {} skipped + {} quarantined, from {} read in {}",
        grouped(ingest.received),
        grouped(ingest.stored),
        grouped(ingest.skipped),
        grouped(ingest.quarantined),
        bytes(ingest.bytes),
        counted(ingest.ranges, "range")
    )?;
    writeln!(out, "  positions of {}", counted(stats.sources, "source"))?;
    writeln!(out, "\nday              rows         bytes")?;
    for (day, (rows, size)) in &stats.days {
        writeln!(
            out,
            "{}  {:>11}  {:>12}",
            day_text(*day),
            grouped(*rows),
            grouped(*size)
        )?;
    }
    writeln!(out, "\ncolumn                     bytes   a row")?;
    for (name, size) in &stats.columns {
        writeln!(
            out,
            "{name:<20}  {:>10}  {:>6}",
            grouped(*size),
            per_row(*size, stats.rows)
        )?;
    }
    Ok(())
}

fn stats_json(stats: &TableStats) -> Json {
    let number = |value: u64| Json::from(value);
    let time = |value: Option<i64>| value.map_or(Json::Null, |micros| Json::text(instant::iso(micros)));
    let days = stats.days.iter().map(|(day, (rows, size))| {
        Json::Object(vec![
            ("day", Json::text(day_text(*day))),
            ("rows", number(*rows)),
            ("bytes", number(*size)),
        ])
    });
    let columns = stats.columns.iter().map(|(name, size)| {
        Json::Object(vec![
            ("column", Json::text(name.clone())),
            ("bytes", number(*size)),
        ])
    });
    Json::Object(vec![
        ("version", number(u64::try_from(stats.version).unwrap_or(0))),
        ("rows", number(stats.rows)),
        ("files", number(stats.files)),
        ("bytes", number(stats.bytes)),
        ("first", time(stats.times.map(|(first, _)| first))),
        ("last", time(stats.times.map(|(_, last)| last))),
        ("received", number(stats.ingest.received)),
        ("stored", number(stats.ingest.stored)),
        ("skipped", number(stats.ingest.skipped)),
        ("quarantined", number(stats.ingest.quarantined)),
        ("sources", number(stats.sources)),
        ("days", Json::List(days.collect())),
        ("columns", Json::List(columns.collect())),
    ])
}

/// Orphans that are named; of the rest the number is told.
const ORPHANS_NAMED: usize = 10;

fn check_text(out: &mut dyn Write, report: &CheckReport) -> std::io::Result<()> {
    let seen = format!(
        "{}, {}",
        counted(report.files, "file"),
        counted(report.rows, "row")
    );
    if report.problems.is_empty() {
        let word = if report.deep {
            "whole"
        } else {
            "nothing wrong found"
        };
        writeln!(out, "{word}: version {}, {seen}", report.version)?;
    } else {
        writeln!(
            out,
            "damaged: version {}, {seen}; {}:",
            report.version,
            counted(report.problems.len() as u64, "problem")
        )?;
        for problem in &report.problems {
            writeln!(out, "  {}", printable::text(problem))?;
        }
    }
    looked_at(out, report)?;
    orphans_text(out, report)
}

/// What the check looked at, so that its answer is not taken for more than it is.
fn looked_at(out: &mut dyn Write, report: &CheckReport) -> std::io::Result<()> {
    if !report.deep {
        writeln!(
            out,
            "looked at: size and footer of every data file, every position file, the sums of `IngestLog`"
        )?;
        return writeln!(out, "not looked at: the data itself; `--deep` reads all of it");
    }
    writeln!(
        out,
        "looked at: all {} of data, value by value: statistics, days, every row there once,",
        bytes(report.bytes)
    )?;
    writeln!(
        out,
        "  rows of every source as `IngestLog` says, every position file"
    )?;
    let unsummed = report.files.saturating_sub(report.files_summed);
    if unsummed == 0 {
        return writeln!(out, "  every byte as it was written, by SHA-256");
    }
    writeln!(
        out,
        "not looked at: single bytes of {}, from before checksums; a damaged value may look like a whole one",
        counted(unsummed, "file")
    )
}

fn orphans_text(out: &mut dyn Write, report: &CheckReport) -> std::io::Result<()> {
    if report.orphans.is_empty() {
        return Ok(());
    }
    let size = report.orphans.iter().map(|orphan| orphan.bytes).sum();
    writeln!(
        out,
        "{} ({}) left by writers that were interrupted; queries pass over them:",
        counted(report.orphans.len() as u64, "file"),
        bytes(size)
    )?;
    for orphan in report.orphans.iter().take(ORPHANS_NAMED) {
        let path = printable::text(&orphan.path);
        writeln!(out, "  {path}, {}", bytes(orphan.bytes))?;
    }
    match report.orphans.len().saturating_sub(ORPHANS_NAMED) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more; `--format json` names all"),
    }
}

fn check_json(report: &CheckReport) -> Json {
    let problems = report.problems.iter().map(|problem| Json::text(problem.clone()));
    let orphans = report.orphans.iter().map(|orphan| {
        Json::Object(vec![
            ("path", Json::text(orphan.path.clone())),
            ("bytes", Json::from(orphan.bytes)),
        ])
    });
    Json::Object(vec![
        ("version", Json::from(u64::try_from(report.version).unwrap_or(0))),
        ("deep", Json::Bool(report.deep)),
        ("files", Json::from(report.files)),
        ("files_summed", Json::from(report.files_summed)),
        ("bytes", Json::from(report.bytes)),
        ("rows", Json::from(report.rows)),
        ("problems", Json::List(problems.collect())),
        ("orphans", Json::List(orphans.collect())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_a_row_are_rounded() {
        for (bytes, rows, text) in [
            (0, 0, "0.00"),
            (182_579, 10_000, "18.26"),
            (1, 3, "0.33"),
            (2, 3, "0.67"),
        ] {
            assert_eq!(per_row(bytes, rows), text);
        }
    }
}
