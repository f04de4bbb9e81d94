//! `flowglass query`: KQL or SQL over the table, as JSON, NDJSON, CSV or columns; or many queries in one process.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use engine::{Engine, EngineError, ExplainHandle, QueryContext, QueryStream};
use futures::StreamExt as _;
use table::{Table, TableError};

use super::Run;
use crate::account::try_table;
use crate::arguments::{EffortFlags, HELP, TableFlag, whole_number};
use crate::asking::batch::Batch;
use crate::asking::columnar::ColumnarWriter;
use crate::asking::form::Form;
use crate::asking::frames::{self, Ran};
use crate::asking::parameters::{self, Given};
use crate::asking::question::{Question, asked_in_kql, asked_in_sql};
use crate::asking::{self, Trouble, Whole, lines};
use crate::config::keys;
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::{Exit, Failure};
use crate::message::{Grade, Message};
use crate::out_file::OutFile;
use crate::quantity::{bytes, counted, grouped};
use crate::retained::say_if_dropped;
use crate::row_writer::RowWriter;
use crate::session::{Session, outlive_panics};
use crate::timespan;
use crate::working::{self, engine_failure, table_failure};

const EXAMPLES: &str = "\
Examples:
  flowglass query 'Flows | summarize count() by AclRule'
  flowglass query 'Flows | where DestPort == 22 | take 10' --format csv
  flowglass query -f report.kql --timespan P1D --explain
  flowglass query --sql \"SELECT AclRule, count(*) FROM Flows GROUP BY AclRule\"
  flowglass query --batch < queries.ndjson
";

const AFTER: &str = "\
Tables: Flows, IngestLog, Quarantine, Assets, NsgRules (docs/columns.md); in KQL
also FlowsOnce, Sessions and others (docs/views.md). No rows are an answer too.
--batch reads {\"id\": 1, \"query\": \"print 1\"} a line, also with \"parameters\"
and \"timespan\": docs/kql/behaviour/asking.md.";

/// Asks the table in KQL or SQL.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(crate) struct Args {
    /// The query in KQL [else --sql, --file or standard input]
    #[arg(value_name = "KQL", conflicts_with_all = ["sql", "file", "batch"])]
    kql: Option<String>,
    /// The query in SQL
    #[arg(
        long,
        value_name = "TEXT",
        // A query may begin with a comment: `-- …`.
        allow_hyphen_values = true,
        conflicts_with_all = ["file", "batch"]
    )]
    sql: Option<String>,
    /// A file that holds it: SQL if its name ends in .sql
    #[arg(long, short, value_name = "FILE", conflicts_with = "batch")]
    file: Option<PathBuf>,
    /// Answer many: a JSON object a line in, one a line out
    #[arg(long)]
    batch: bool,
    /// Value of a parameter that the query declares
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    param: Vec<(String, String)>,
    /// Rows shown as a table [default: 1000; else all]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole_number::<usize>)]
    limit: Option<usize>,
    /// Ask the table as it was at this version
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole_number::<i64>)]
    version: Option<i64>,
    /// Seconds a query may take
    #[arg(long, visible_alias = "query-timeout", value_name = "SECONDS", allow_negative_numbers = true, value_parser = whole_number::<u64>)]
    timeout: Option<u64>,
    /// Say afterwards what was read and passed over
    #[arg(long)]
    explain: bool,
    /// Only these times: P1D, 1d, FROM/TO, FROM/PT1H
    #[arg(long, value_name = "TIMES")]
    timespan: Option<String>,
    /// Write the answer to a file; its ending says its form
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    out: Option<PathBuf>,
    /// table, json, ndjson, csv, parquet, arrow, kusto, svg
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<Form>,
    #[command(flatten)]
    table: TableFlag,
    #[command(flatten)]
    effort: EffortFlags,
}

/// Rows shown as a table unless told otherwise.
const LIMIT_AS_TABLE: usize = 1000;

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        layer.flag(
            &keys::FORMAT,
            self.form().and_then(Form::shown).map(Format::as_str),
        );
        self.table.flags(layer);
        self.effort.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        self.check_out()?;
        self.check_batch()?;
        parameters::each_once(&self.param)?;
        let question = self.question()?;
        let whole = self.whole(session, question.as_ref())?;
        let timespan = match &self.timespan {
            Some(typed) => Some(timespan::read("--timespan", typed, session.now)?),
            None => None,
        };
        working::run(session, |cancel| async move {
            let from = timespan.map(|(from, _)| from);
            let (engine, no_table) = self.engine(session, question.as_ref(), from).await?;
            let mut context = working::context(session, cancel);
            context.limits.timeout = self.timeout.map(Duration::from_secs);
            context.timespan = timespan;
            // Who can type a query here can open the file anyway.
            context.reads_files = true;
            let Some(question) = question else {
                let batch = Batch {
                    engine: &engine,
                    context: &context,
                    no_table: no_table.as_ref(),
                    parameters: self.param,
                };
                return answer_batch(session, batch).await;
            };
            let asked = Asked {
                session,
                engine: &engine,
                no_table: no_table.as_ref(),
                context: &context,
                limit: self.rows_shown(session),
                whole,
                is_into_file: self.out.is_some(),
            };
            let explain = match &self.out {
                None => {
                    let mut out = session.out();
                    let explain = asked.answer(question, self.param, &mut out).await?;
                    out.flush()?;
                    explain
                }
                Some(path) => {
                    let mut file = OutFile::create(path)?;
                    let answered = asked.answer(question, self.param, &mut file).await;
                    let explain = answered.map_err(|error| OutFile::explain(path, error))?;
                    file.finish()?;
                    explain
                }
            };
            let notes = explain.noted().iter();
            asking::say_notes(
                session,
                notes.map(|(text, hint)| (text.as_str(), hint.as_deref())),
            );
            if self.explain {
                say_counters(session, &explain.counters());
            }
            Ok(Exit::Done)
        })
    }
}

async fn answer_batch(session: &Session, batch: Batch<'_>) -> anyhow::Result<Exit> {
    outlive_panics();
    let unused = batch
        .answer_all(lines::of_standard_input()?, &mut session.out())
        .await?;
    for name in unused {
        let text = format!("no query of the batch declares the parameter `{name}`");
        session.say(&Message::new(Grade::Note, text));
    }
    Ok(Exit::Done)
}

/// One question, and what it is asked of.
struct Asked<'a> {
    session: &'a Session,
    engine: &'a Engine,
    no_table: Option<&'a TableError>,
    context: &'a QueryContext,
    limit: usize,
    whole: Option<Whole>,
    is_into_file: bool,
}

impl Asked<'_> {
    async fn answer(
        &self,
        question: Question,
        parameters: Given,
        out: &mut dyn Write,
    ) -> anyhow::Result<ExplainHandle> {
        match question {
            Question::Kql(text) => self.kql(&text, parameters, out).await,
            Question::Sql(text) => self.sql(&text, out).await,
        }
    }

    /// Whether a question that began then is to end, though it is answered: drawing takes its time too.
    fn stopped(&self, begun: Instant) -> Option<EngineError> {
        if self.context.cancel.is_cancelled() {
            return Some(EngineError::Cancelled);
        }
        let limit = self.context.limits.timeout?;
        (begun.elapsed() >= limit).then_some(EngineError::TimedOut { limit })
    }

    async fn kql(&self, text: &str, parameters: Given, out: &mut dyn Write) -> anyhow::Result<ExplainHandle> {
        let (session, begun) = (self.session, Instant::now());
        let now = crate::instant::iso(session.now);
        let asked = match parameters::all_declared(text, &parameters) {
            Ok(()) => {
                let asked = self.engine.kql(self.context, text, parameters).await;
                asked.map_err(|failure| Trouble::of(failure, self.no_table))
            }
            Err(failure) => Err(Trouble::bad_request(failure)),
        };
        let (answers, explain) = match asked {
            Ok(asked) => asked,
            Err(trouble) => {
                // A file appears with an answer, or not at all.
                if self.whole == Some(Whole::Kusto) && !self.is_into_file {
                    frames::write_refusal(out, &trouble, &now)?;
                    out.flush()?;
                }
                return Err(asked_in_kql(trouble.failure).into());
            }
        };
        let stop = || self.stopped(begun);
        match self.whole {
            Some(form) => {
                let ran = Ran {
                    now,
                    took: begun.elapsed(),
                    counters: explain.counters(),
                };
                asking::write_whole(session, out, &answers, form, &ran, &stop)?;
            }
            None => asking::print(session, out, &answers, self.limit, &stop)?,
        }
        Ok(explain)
    }

    async fn sql(&self, text: &str, out: &mut dyn Write) -> anyhow::Result<ExplainHandle> {
        let session = self.session;
        let asked = self.engine.sql(self.context, text).await;
        let result = asked.map_err(|error| match error {
            EngineError::Syntax { .. } => asked_in_sql(text, engine_failure(&error)),
            _ => engine_failure(&error),
        })?;
        let (format, explain) = (session.settings.format.value, result.explain());
        match self.whole {
            Some(form) => write_columns(form, result.into_stream(), out).await?,
            None => print(format, result.into_stream(), out, self.limit, session).await?,
        }
        Ok(explain)
    }
}

/// Reads `name=value`.
fn parameter(typed: &str) -> Result<(String, String), &'static str> {
    let (name, value) = typed
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("a name, `=` and a value, such as `port=443`")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Args {
    /// The form that is asked for, by its name or by the file's.
    fn form(&self) -> Option<Form> {
        self.format.or_else(|| Form::of_path(self.out.as_deref()?))
    }

    /// A file's name says its form, unless the command does.
    fn check_out(&self) -> Result<(), Failure> {
        match &self.out {
            Some(path) if self.form().is_none() => {
                let text = format!(
                    "the name `{}` does not say in which form to write",
                    path.display()
                );
                Err(Failure::usage(text).hint(format!("end it in {}, or add `--format`", Form::ENDINGS)))
            }
            _ => Ok(()),
        }
    }

    /// The form that is written whole, if it is one that fits.
    fn whole(&self, session: &Session, question: Option<&Question>) -> Result<Option<Whole>, Failure> {
        let form = self.form().and_then(Form::whole);
        match (form, question) {
            (_, Some(Question::Sql(_))) if !self.param.is_empty() => Err(Failure::usage(
                "SQL declares no parameters, so `--param` has nothing to give",
            )
            .hint("ask in KQL, or write the value into the query")),
            (Some(_), _) if self.limit.is_some() => Err(Failure::usage(
                "`--limit` cuts rows that are shown, and this form holds all",
            )
            .hint("cut them in the query: `| take 10`")),
            (Some(Whole::Svg), Some(Question::Sql(_))) => {
                Err(Failure::usage("SQL has no `render`, which says how to draw")
                    .hint("ask in KQL: `… | render timechart`"))
            }
            (Some(Whole::Kusto), Some(Question::Sql(_))) => {
                Err(Failure::usage("answers in SQL have no types of Kusto")
                    .hint("ask in KQL, or use `--format json`"))
            }
            (Some(Whole::Parquet | Whole::Arrow), _) if session.terminal.stdout && self.out.is_none() => {
                Err(Failure::usage("the answer would be bytes on the screen")
                    .hint("lead it into a file: `--out answer.parquet`"))
            }
            (form, _) => Ok(form),
        }
    }

    /// Flags that say nothing of a batch.
    fn check_batch(&self) -> Result<(), Failure> {
        let given = [
            ("--format", self.format.is_some()),
            ("--limit", self.limit.is_some()),
            ("--explain", self.explain),
        ];
        match given.iter().find(|(_, is_given)| self.batch && *is_given) {
            None => Ok(()),
            Some((flag, _)) => Err(Failure::usage(format!(
                "`--batch` answers in lines of JSON with all rows, and takes no `{flag}`"
            ))
            .hint(format!("leave out `{flag}`, or ask one query"))),
        }
    }

    /// Rows that are shown of an answer.
    fn rows_shown(&self, session: &Session) -> usize {
        self.limit.unwrap_or(match session.settings.format.value {
            Format::Table => LIMIT_AS_TABLE,
            Format::Json | Format::Ndjson | Format::Csv => usize::MAX,
        })
    }

    /// The version that was asked for, if there can be one.
    fn version(&self, table: &Table) -> Result<Option<i64>, Failure> {
        let newest = table.version().0;
        match self.version {
            Some(version) if !(0..=newest).contains(&version) => {
                let text = format!("there is no version {version} of `Flows`; the newest is {newest}");
                Err(Failure::usage(text).hint("leave out `--version` to ask the table as it is"))
            }
            version => Ok(version),
        }
    }

    /// An engine over the table. KQL needs none: `print 1` has an answer without.
    async fn engine(
        &self,
        session: &Session,
        question: Option<&Question>,
        from: Option<i64>,
    ) -> Result<(Engine, Option<TableError>), Failure> {
        match try_table(session, &session.settings.table.value).await? {
            Ok(table) => {
                if let Some(from) = from.filter(|_| self.version.is_none()) {
                    say_if_dropped(session, &table, from).await?;
                }
                Ok((working::engine(&table, self.version(&table)?).await?, None))
            }
            Err(missing @ TableError::Missing { .. })
                if self.version.is_none() && !matches!(question, Some(Question::Sql(_))) =>
            {
                let engine =
                    Engine::new(engine::Catalog::default()).map_err(|error| engine_failure(&error))?;
                Ok((engine, Some(missing)))
            }
            Err(error) => Err(table_failure(error)),
        }
    }

    /// What is asked; none is a batch, whose questions come line by line.
    fn question(&self) -> Result<Option<Question>, Failure> {
        if self.batch {
            return Ok(None);
        }
        Question::find(self.kql.as_ref(), self.sql.as_ref(), self.file.as_deref()).map(Some)
    }
}

/// Writes a result as columns, as it comes.
async fn write_columns(form: Whole, mut stream: QueryStream, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut writer = ColumnarWriter::new(form == Whole::Parquet, &stream.schema())?;
    while let Some(batch) = stream.next().await {
        writer.write(&batch.map_err(|error| engine_failure(&error))?, out)?;
    }
    writer.finish(out)
}

/// Prints a result as it comes.
async fn print(
    format: Format,
    mut stream: QueryStream,
    out: &mut dyn Write,
    limit: usize,
    session: &Session,
) -> anyhow::Result<()> {
    let schema = stream.schema();
    let mut writer = RowWriter::new(format, &schema);
    let mut left = limit;
    let mut beyond = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| engine_failure(&error))?;
        let shown = batch.slice(0, batch.num_rows().min(left));
        left -= shown.num_rows();
        beyond += batch.num_rows() - shown.num_rows();
        writer.write(out, &shown)?;
    }
    writer.end(out, session)?;
    if beyond > 0 {
        asking::say_beyond(session, beyond);
    }
    Ok(())
}

fn say_counters(session: &Session, counters: &engine::Counters) {
    let text = format!(
        "{} of {} after days, {} after bounds; {} of {} row groups passed over by bounds, {} by blooms; {} of {} rows kept; {} scanned, {} spilled",
        grouped(counters.files_after_days),
        counted(counters.files_total, "file"),
        grouped(counters.files_after_statistics),
        grouped(counters.row_groups_pruned_statistics),
        grouped(counters.row_groups_total),
        grouped(counters.row_groups_pruned_bloom),
        grouped(counters.rows_matched),
        grouped(counters.rows_read),
        bytes(counters.bytes_scanned),
        bytes(counters.bytes_spilled),
    );
    session.say(&Message::new(Grade::Note, text));
}
