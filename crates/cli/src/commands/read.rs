//! `flowglass read`: what raw entries mean, with no table. Files stream through in bounded memory; the
//! summary comes first, the tuples in words after it.

mod columns;
mod filter;
mod held;
mod remote;
mod rows_out;
mod summary;
mod summary_json;
mod summary_lists;
mod summary_text;
mod tally;

use std::ffi::OsString;
use std::io::{Read, Write as _};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use enrich::{Databases, Index, Talk, Threats};
use formats::{FlowBatch, Quarantined, RowOptions};
use ingest::{Finding, Input, Source};
use model::facts::Mac;
use model::{Direction, SourceId};

use super::{Run, facts};
use crate::account::{AccountFlags, is_address, refuse_secret};
use crate::arguments::{FormatFlag, HELP, whole_number};
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::{Exit, Failure};
use crate::message::Message;
use crate::progress::Progress;
use crate::quantity::{counted, grouped};
use crate::reading::row::{Row, Rows};
use crate::reading::rows_in::RowFlags;
use crate::reading::scan::{Reader, scan};
use crate::reading::sources;
use crate::reading::troubles::{Health, Troubles, judge};
use crate::session::Session;
use crate::words::sentence::{Marks, Told, sentence};
use filter::{Filter, FilterFlags};
use held::Held;
use remote::Remote;
use rows_out::{Form, RowsOut};
use summary::Summary;

const EXAMPLES: &str = "\
Examples:
  flowglass read PT1H.json                       a summary, and entries in words
  flowglass read logs/ --denied --port 22,3389   who was denied on SSH and RDP
";

/// Which files of a folder are read, for `read` and `ingest` alike.
pub(crate) const FOLDERS: &str = "\
Read of folders: .json .jsonl .ndjson .log .csv .tsv or no ending, also .gz and
.zst, but no hidden files or tables. A file that you name is always read.";

/// Says what the raw entries of flow logs mean; needs no table.
#[derive(Debug, clap::Args)]
#[command(mut_args(|flag| match flag.get_id().as_str() {
    // They are those of `ingest`; the page is full.
    "credential" | "cloud" | "blob_endpoint" => flag.hide(true),
    _ => flag,
}))]
#[command(before_help = EXAMPLES, after_help = FOLDERS, help_template = HELP)]
pub(crate) struct Args {
    /// Files, folders, patterns, az:// addresses, - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// Tuples shown, or all [default: 20 in words, else all]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    limit: Option<Limit>,
    /// Exports that give names to addresses
    #[arg(long, value_name = "PATH")]
    facts: Vec<PathBuf>,
    /// The summary only
    #[arg(long)]
    summary: bool,
    /// Lines in each list of the summary
    #[arg(long, value_name = "N", default_value = "10", allow_negative_numbers = true, value_parser = whole_number::<usize>)]
    top: usize,
    #[command(flatten)]
    format: FormatFlag,
    #[command(flatten)]
    rows: RowFlags,
    #[command(flatten)]
    account: AccountFlags,
    #[command(flatten)]
    filter: FilterFlags,
}

/// How many tuples to show.
#[derive(Clone, Copy, Debug)]
struct Limit(u64);

impl std::str::FromStr for Limit {
    type Err = &'static str;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        match typed {
            "all" => Ok(Self(u64::MAX)),
            number => number
                .parse()
                .map(Self)
                .map_err(|_| "a whole number from 0, or `all`"),
        }
    }
}

/// Tuples shown in words unless told otherwise: with a summary this still fits two screens.
const LIMIT_IN_WORDS: u64 = 20;

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        self.format.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        self.paths.iter().try_for_each(|path| refuse_secret(path))?;
        let filter = self.filter.resolve(session.now)?;
        let rows = self.rows.resolve()?;
        let format = if self.summary {
            let forms = [Format::Table, Format::Json, Format::Ndjson];
            session.settings.format_among(&forms, "a summary is shown")?
        } else {
            session.settings.format.value
        };
        let (addresses, paths): (Vec<&OsString>, Vec<&OsString>) =
            self.paths.iter().partition(|path| is_address(path));
        let inputs: Vec<Input> = if !self.paths.is_empty() {
            paths.into_iter().map(Input::parse).collect()
        } else if session.terminal.stdin {
            return Err(Failure::usage("there is nothing to read")
                .hint("name a file or folder, or pipe a log in: `flowglass read PT1H.json`")
                .into());
        } else {
            vec![Input::Standard]
        };
        let output = match (self.summary, format) {
            (true, _) => Output::Nothing,
            (_, Format::Table) => Output::Words(Held::default()),
            (_, Format::Json) => {
                Output::Rows(RowsOut::new(session.out(), Form::Json, session.terminal.stdout))
            }
            (_, Format::Ndjson) => {
                Output::Rows(RowsOut::new(session.out(), Form::Ndjson, session.terminal.stdout))
            }
            (_, Format::Csv) => Output::Rows(RowsOut::new(session.out(), Form::Csv, session.terminal.stdout)),
        };
        let limit = match (self.limit, format) {
            (Some(Limit(limit)), _) => limit,
            (None, Format::Table) => LIMIT_IN_WORDS,
            (None, _) => u64::MAX,
        };
        let known = match self.facts.as_slice() {
            [] => None,
            paths => {
                let exports = facts::of_files(session, paths)?;
                Some(Known::of(exports)?)
            }
        };
        let remote = Remote::of(session, &self.account, &addresses)?;
        let mut reading = Reading {
            session,
            known,
            filter: &filter,
            rows,
            summary: Summary::default(),
            output,
            limit,
            shown: 0,
            // Rows streaming to the same terminal would be torn by a progress line.
            progress: Progress::start(
                session.terminal.stderr && (format == Format::Table || !session.terminal.stdout),
            ),
            troubles: Troubles::default(),
            source: String::new(),
            error: None,
        };
        reading.read_all(&inputs, remote.as_ref())?;
        self.print(reading, format)
    }
}

enum Output {
    Nothing,
    Words(Held),
    Rows(RowsOut),
}

/// The state of a run.
struct Reading<'a> {
    session: &'a Session,
    /// What gives names to addresses.
    known: Option<Known>,
    filter: &'a Filter,
    rows: Arc<RowOptions>,
    summary: Summary,
    output: Output,
    limit: u64,
    shown: u64,
    progress: Progress,
    troubles: Troubles,
    /// Name of the source being read.
    source: String,
    /// Why reading was broken off, if not because there was enough.
    error: Option<anyhow::Error>,
}

impl Reading<'_> {
    /// Reads what is on this machine, and then what is elsewhere.
    fn read_all(&mut self, inputs: &[Input], remote: Option<&Remote>) -> anyhow::Result<()> {
        let mut number = 0;
        let passed_over = ingest::each(inputs, self.session.now, &mut |finding| {
            match finding {
                Finding::Trouble(trouble) => {
                    self.summary.files.failed += 1;
                    self.say(sources::trouble(&trouble));
                }
                Finding::Source(source) => {
                    number += 1;
                    let opened = source.open();
                    let opened = opened.map_err(|error| sources::unreadable(&source.display, &error));
                    self.read_one(&source, SourceId(number), opened);
                }
            }
            match self.is_over() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        if let Some(remote) = remote.filter(|_| !self.is_over()) {
            self.read_remote(remote, &mut number);
        }
        let passed_over = sources::passed_over(&passed_over);
        for message in self.troubles.rest().into_iter().chain(passed_over) {
            self.progress.aside(|| self.session.say(&message));
        }
        self.error.take().map_or(Ok(()), Err)
    }

    fn read_one(&mut self, source: &Source, id: SourceId, opened: Result<Box<dyn Read>, Message>) {
        self.source.clone_from(&source.display);
        let rows = Arc::clone(&self.rows);
        let scanned = opened.and_then(|bytes| {
            scan(bytes, id, &rows, self).map_err(|error| sources::unreadable(&source.display, &error))
        });
        match scanned {
            Ok(scan) => {
                self.summary.scanned(&scan);
                self.progress.file(scan.source_bytes);
                let (health, messages) = judge(source, &scan);
                let files = &mut self.summary.files;
                if matches!(health, Health::Read | Health::Empty) {
                    files.read += 1;
                    files.source_bytes += scan.source_bytes;
                }
                match health {
                    Health::Read => {}
                    Health::Empty => files.empty += 1,
                    Health::Unrecognised => {
                        files.unrecognised += 1;
                        files.unrecognised_named += u64::from(source.named);
                    }
                    Health::Failed => files.failed += 1,
                }
                messages.into_iter().for_each(|message| self.say(message));
            }
            Err(message) => {
                self.summary.files.failed += 1;
                self.say(message);
            }
        }
    }

    fn say(&mut self, message: Message) {
        if let Some(message) = self.troubles.admit(message) {
            self.progress.aside(|| self.session.say(&message));
        }
    }

    /// Nothing more is to be read.
    fn is_over(&self) -> bool {
        self.error.is_some() || self.is_enough()
    }

    /// Rows for programs need no more than were asked for; the summary needs all.
    fn is_enough(&self) -> bool {
        matches!(self.output, Output::Rows(_)) && self.shown >= self.limit
    }

    fn take(&mut self, batch: &FlowBatch) -> anyhow::Result<()> {
        let rows = Rows::of(&batch.rows)?;
        let marks = if self.session.terminal.color_stdout {
            Marks::COLOR
        } else {
            Marks::default()
        };
        for (at, row) in rows.iter() {
            if !self.filter.matches(&row) {
                continue;
            }
            self.summary.add(&row);
            if self.shown >= self.limit {
                if self.is_enough() {
                    break;
                }
                continue;
            }
            let told = self.known.as_ref().map(|known| known.told(&row));
            match &mut self.output {
                Output::Nothing => continue,
                Output::Words(held) => held.push(&sentence(&row, marks, told.as_ref()))?,
                Output::Rows(out) => out.row(&batch.rows, at, &row, &self.source, told.as_ref())?,
            }
            self.shown += 1;
        }
        Ok(())
    }
}

/// What gives names to addresses.
struct Known {
    index: Index,
    threats: Threats,
    databases: Databases,
}

impl Known {
    fn of(exports: facts::Exports) -> Result<Self, Failure> {
        Ok(Self {
            index: Index::of(&exports.facts),
            threats: Threats::of_lists(&exports.facts.threats),
            databases: exports.opened()?,
        })
    }

    fn told(&self, row: &Row<'_>) -> Told {
        let talk = talk(row);
        Told {
            ends: self.index.ends(&talk, &self.threats),
            origins: self.index.origins(&talk, &self.databases),
        }
    }
}

/// A row as facts are asked about it.
fn talk<'r>(row: &Row<'r>) -> Talk<'r> {
    Talk {
        mac: row.mac.and_then(Mac::parse),
        is_inbound: row.direction == Direction::Inbound,
        source: row.source.ip,
        destination: row.destination.ip,
        target: row.target.unwrap_or_default(),
    }
}

impl Reader for Reading<'_> {
    fn batch(&mut self, batch: &FlowBatch, source_bytes: u64) -> ControlFlow<()> {
        if let Err(error) = self.take(batch) {
            self.error = Some(error);
        }
        self.progress.batch(source_bytes, batch.rows.num_rows() as u64);
        match self.is_over() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn quarantine(&mut self, item: Quarantined) {
        self.summary.example(&self.source, item);
    }
}

impl Args {
    fn print(&self, reading: Reading<'_>, format: Format) -> anyhow::Result<Exit> {
        let Reading {
            session,
            filter,
            summary,
            output,
            shown,
            progress,
            ..
        } = reading;
        progress.finish();
        match output {
            Output::Rows(rows) => {
                rows.finish()?;
            }
            Output::Words(_) | Output::Nothing => {
                let mut out = session.out();
                match format {
                    Format::Table => {
                        out.write_all(summary_text::page(&summary, filter, self.top).as_bytes())?
                    }
                    _ => {
                        let indent = (format == Format::Json).then_some(0);
                        summary_json::object(&summary, filter, self.top).write(&mut out, indent)?;
                        out.write_all(b"\n")?;
                    }
                }
                if let Output::Words(held) = output {
                    words(&mut out, held, shown, &summary, !filter.is_empty())?;
                }
                out.flush()?;
            }
        }
        let files = &summary.files;
        Ok(if files.failed > 0 || files.unrecognised_named > 0 {
            Exit::Outside
        } else if summary.matching.weight.tuples == 0 {
            Exit::Found
        } else {
            Exit::Done
        })
    }
}

/// The tuples in words, and how many there are beyond those shown.
fn words(
    out: &mut dyn std::io::Write,
    held: Held,
    shown: u64,
    summary: &Summary,
    filtered: bool,
) -> std::io::Result<()> {
    let matching = summary.matching.weight.tuples;
    if matching == 0 {
        let why = if filtered && summary.counts.tuples_stored > 0 {
            "\nNo tuple matches the filter.\n"
        } else {
            "\nNo tuples.\n"
        };
        return out.write_all(why.as_bytes());
    }
    if shown == 0 {
        return Ok(());
    }
    writeln!(out, "\nTuples in words, in the order of the log")?;
    held.write(out)?;
    if matching > shown {
        let rest = matching - shown;
        writeln!(out, "{} more; --limit all shows every tuple", grouped(rest))?;
    } else {
        writeln!(out, "{} in all", counted(shown, "tuple"))?;
    }
    Ok(())
}
