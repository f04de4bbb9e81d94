//! `flowglass rules`: how often rules are met, and what is wrong with them.

mod gather;
mod json;
mod report;
mod tighten;
mod told;

use std::io::Write as _;
use std::path::PathBuf;

use why::FindingKind;

use super::Run;
use crate::account::open_table;
use crate::arguments::{EffortFlags, HELP, ReportForm, TableFlag};
use crate::config::raw::Layer;
use crate::exit::{Exit, Failure};
use crate::instant::Micros;
use crate::session::Session;
use crate::timespan;
use crate::working;
use report::Report;

const EXAMPLES: &str = "\
Examples:
  flowglass rules --since 30d                 hits of every rule, and findings
  flowglass rules --group nsg-web --format markdown
  flowglass rules --rules nsgs.json           of an export; needs no table
  flowglass rules --fail-on shadowed,any-any
  flowglass rules tighten --group nsg-web --format bicep
";

const AFTER: &str = "\
Findings: shadowed, redundant, conflicting, partly-conflicting, any-any,
management-from-internet, unused, unused-share. Exit code 1 where one of
--fail-on is known to be so, 3 where rules are not all known. docs/rules.md
says what each of them means.";

/// From and before.
type Times = (Micros, Micros);

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FailOn(Option<FindingKind>);

/// Tells how often rules are met and what is wrong with them.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Only this group or collection: its name or id
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// From then on: 30d, or a time [default: all that is recorded]
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Exports to look at, without a table
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with = "since")]
    rules: Vec<PathBuf>,
    /// Findings that fail, or any
    #[arg(long, value_name = "FINDING", value_delimiter = ',', value_parser = fail_on)]
    fail_on: Vec<FailOn>,
    /// table, json or markdown (for a pull request)
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<ReportForm>,
    #[command(flatten)]
    table: TableFlag,
    #[command(flatten)]
    effort: EffortFlags,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Tighten(tighten::Tighten),
}

fn fail_on(typed: &str) -> Result<FailOn, &'static str> {
    if typed == "any" {
        return Ok(FailOn(None));
    }
    let mut all = FindingKind::ALL.into_iter();
    all.find(|kind| kind.as_str() == typed)
        .map(|kind| FailOn(Some(kind)))
        .ok_or("shadowed, redundant, conflicting, partly-conflicting, any-any, management-from-internet, unused, unused-share or any")
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        if let Some(What::Tighten(tighten)) = &self.what {
            return tighten.flags(layer);
        }
        ReportForm::flags(self.format, layer);
        self.table.flags(layer);
        self.effort.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        if let Some(What::Tighten(tighten)) = self.what {
            return tighten.run(session);
        }
        let form = ReportForm::of(self.format, &session.settings, "this is told")?;
        let times = times(session, self.since.as_deref())?;
        let group = self.group.as_deref();
        let report = if self.rules.is_empty() {
            working::run(session, |cancel| async move {
                let table = open_table(session).await?;
                Ok(gather::recorded(session, &table, group, times, cancel).await?)
            })?
        } else {
            gather::of_files(session, &self.rules, group)?
        };
        report.say_problems(session);
        let mut out = session.out();
        match form {
            ReportForm::Table => told::text(&mut out, &report)?,
            ReportForm::Markdown => told::markdown(&mut out, &report)?,
            ReportForm::Json => {
                json::of(&report).write(&mut out, Some(0))?;
                out.write_all(b"\n")?;
            }
        }
        out.flush()?;
        Ok(exit(&self.fail_on, &report))
    }
}

fn exit(fail_on: &[FailOn], report: &Report) -> Exit {
    let fails = |kind: FindingKind| {
        fail_on
            .iter()
            .any(|wanted| wanted.0.is_none_or(|wanted| wanted == kind))
    };
    let mut findings = report.lists.iter().flat_map(|list| &list.findings);
    if findings.any(|finding| finding.is_known && fails(finding.kind)) {
        Exit::Found
    } else if report.has_errors() {
        Exit::Outside
    } else {
        Exit::Done
    }
}

/// The times that are asked for; all if none.
fn times(session: &Session, since: Option<&str>) -> Result<Option<Times>, Failure> {
    let since = since.map(|typed| timespan::since(typed, session.now));
    since.transpose()
}
