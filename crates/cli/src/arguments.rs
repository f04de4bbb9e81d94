//! The command line as typed. What the flags mean is decided by the commands and by [`crate::config`].

use std::path::PathBuf;

use clap::{Args, Parser};

use crate::commands::Command;
use crate::config::keys;
use crate::config::raw::Layer;
use crate::config::settings::{Color, Format, Settings};
use crate::exit::Failure;

/// What a help page looks like: what it does, examples, usage, flags.
pub(crate) const HELP: &str =
    "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

const EXAMPLES: &str = "\
Examples:
  flowglass demo             a made-up company's day, its logs, its attackers
  flowglass read PT1H.json   what the entries of a blob mean, with a summary
  flowglass ingest logs/     into a table, each record once
  flowglass query --sql \"SELECT AclRule, count(*) FROM Flows GROUP BY AclRule\"
";

const AFTER: &str = "\
Exit codes: 0 done, 1 a finding or nothing found, 2 wrong use, 3 something
outside failed, 70 our bug. FG1203: see docs/codes. Examples: COMMAND -h.";

/// Reads Azure flow logs, says what entries mean, and answers questions about them.
#[derive(Debug, Parser)]
#[command(
    name = "flowglass",
    version,
    before_help = EXAMPLES,
    after_help = AFTER,
    help_template = HELP,
    max_term_width = 80,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Everywhere {
    /// Configuration [else FLOWGLASS_CONFIG, ./flowglass.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Colour: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = true)]
    pub(crate) color: Option<Color>,
}

impl Everywhere {
    /// Notes what was typed.
    pub(crate) fn flags(&self, layer: &mut Layer) {
        layer.flag(&keys::COLOR, self.color.map(Color::as_str));
    }
}

/// What `--format` takes where a command gives one report rather than rows.
pub(crate) const TABLE_OR_OBJECT: &str = "table or json (one object)";

/// `--format`, for commands that have rows to give. One that has fewer forms says so in its help.
#[derive(Debug, Args)]
pub(crate) struct FormatFlag {
    /// table, json (an array), ndjson (one a line) or csv
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) format: Option<Format>,
}

impl FormatFlag {
    /// Notes what was typed.
    pub(crate) fn flags(&self, layer: &mut Layer) {
        layer.flag(&keys::FORMAT, self.format.map(Format::as_str));
    }
}

/// The form of a report that may go into a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ReportForm {
    Table,
    Json,
    Markdown,
}

impl ReportForm {
    /// Notes what was typed; settings know no Markdown, which overrules them as a table does.
    pub(crate) fn flags(typed: Option<Self>, layer: &mut Layer) {
        let format = typed.map(|form| match form {
            Self::Json => Format::Json,
            Self::Table | Self::Markdown => Format::Table,
        });
        layer.flag(&keys::FORMAT, format.map(Format::as_str));
    }

    /// What was typed, else what the settings say.
    pub(crate) fn of(typed: Option<Self>, settings: &Settings, what: &str) -> Result<Self, Failure> {
        let asked = settings.format_among(&[Format::Table, Format::Json], what)?;
        Ok(match (typed, asked) {
            (Some(form), _) => form,
            (None, Format::Json) => Self::Json,
            (None, _) => Self::Table,
        })
    }
}

/// Reads a number; the error is its form, for the hint.
pub(crate) fn whole_number<T: std::str::FromStr>(typed: &str) -> Result<T, &'static str> {
    typed.parse().map_err(|_| "a whole number from 0")
}

/// `--table`, for commands that use the table.
#[derive(Debug, Args)]
pub(crate) struct TableFlag {
    /// Folder [else FLOWGLASS_TABLE, else ./flowglass-data]
    #[arg(long, value_name = "DIR")]
    pub(crate) table: Option<PathBuf>,
}

impl TableFlag {
    /// Notes what was typed.
    pub(crate) fn flags(&self, layer: &mut Layer) {
        layer.flag(&keys::TABLE, self.table.as_ref());
    }
}

/// `--format` and `--table`, for commands that tell something of the table.
#[derive(Debug, Args)]
pub(crate) struct WhereAndHow {
    #[command(flatten)]
    format: FormatFlag,
    #[command(flatten)]
    table: TableFlag,
}

impl WhereAndHow {
    /// Notes what was typed.
    pub(crate) fn flags(&self, layer: &mut Layer) {
        self.format.flags(layer);
        self.table.flags(layer);
    }
}

/// `--memory` and `--threads`, for commands that work hard.
#[derive(Debug, Args)]
pub(crate) struct EffortFlags {
    /// Memory it may use, such as 4GiB
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<String>,
    /// Threads it may use, or auto
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<String>,
}

impl EffortFlags {
    /// Notes what was typed.
    pub(crate) fn flags(&self, layer: &mut Layer) {
        layer.flag(&keys::MEMORY, self.memory.as_ref());
        layer.flag(&keys::THREADS, self.threads.as_ref());
    }
}
