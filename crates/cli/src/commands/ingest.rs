//! `flowglass ingest`: files, folders, patterns and standard input into the table.

pub(crate) mod again;

use std::ffi::OsString;
use std::io::Write as _;
use std::sync::Arc;

use ingest::{
    AzureContainer, Broken, Container, Found, IngestOptions, Input, Listing, Outcome, SourceOutcome, Status,
};
use model::Code;
use model::codes::list as code;

use super::Run;
use super::read::FOLDERS;
use crate::account::{self, AccountFlags, Accounts};
use crate::arguments::{EffortFlags, FormatFlag, HELP, TABLE_OR_OBJECT, TableFlag};
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::{Exit, Failure};
use crate::ingest_progress::IngestProgress;
use crate::json_text::Json;
use crate::message::{Grade, Message};
use crate::quantity::{bytes, counted, grouped};
use crate::reading::rows_in::RowFlags;
use crate::reading::sources;
use crate::reading::troubles::{Troubles, named, nothing_but};
use crate::session::Session;
use crate::working::{self, ingest_failure};

const EXAMPLES: &str = "\
Examples:
  flowglass ingest PT1H.json                          into ./flowglass-data
  flowglass ingest insights-logs-flowlogflowevent/    a whole container
  flowglass ingest az://account/insights-logs-flowlogflowevent    from Azure
  flowglass ingest 'logs/**/*.json.gz' --table /data/flows
  az storage blob download ... | flowglass ingest -   from a pipe
";

const AGAIN: &str = "\
Run it again whenever there is more: what was read is remembered, and no record
is stored twice. Interrupt it whenever you like.";

/// Stores flow logs in the table, each record once.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(mut_arg("memory", |flag| flag.hide(true)))]
#[command(before_help = EXAMPLES, after_help = format!("{FOLDERS}\n\n{AGAIN}"), help_template = HELP)]
pub(crate) struct Args {
    /// Files, folders (searched through), patterns, - for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<OsString>,
    /// Store records that another source has brought already
    #[arg(long)]
    allow_duplicates: bool,
    /// Hash even what seems unchanged
    #[arg(long)]
    verify: bool,
    /// Read these hours again and replace what is stored
    #[arg(long, value_name = "RANGE")]
    replay: Option<String>,
    #[command(flatten)]
    format: FormatFlag,
    #[command(flatten)]
    table: TableFlag,
    #[command(flatten)]
    effort: EffortFlags,
    #[command(flatten)]
    rows: RowFlags,
    #[command(flatten)]
    account: AccountFlags,
}

/// Input bytes after which a commit is made: lost work after a kill is bounded by this.
pub(crate) const COMMIT_BYTES: u64 = 512 << 20;

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        self.format.flags(layer);
        self.table.flags(layer);
        self.effort.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let forms = [Format::Table, Format::Json];
        let format = session
            .settings
            .format_among(&forms, "what was ingested is told")?;
        let ingest_options = self.options(session)?;
        let (addresses, paths): (Vec<&OsString>, Vec<&OsString>) =
            self.paths.iter().partition(|path| account::is_address(path));
        let hours = self
            .replay
            .as_deref()
            .map(|typed| again::hours(session, typed))
            .transpose()?;
        let listings = self.listings(session, &addresses)?;
        let inputs: Vec<Input> = paths.into_iter().map(Input::parse).collect();
        let found = ingest::find(&inputs, session.now);
        let troubled = !found.troubles.is_empty();
        say_of_search(session, &found);
        if found.sources.is_empty() && listings.is_empty() {
            // Nothing to store is no reason to make a table.
            return Ok(Exit::Outside);
        }
        let progress = Arc::new(IngestProgress::start(session.terminal));
        let mut replayed = None;
        let outcome = match hours {
            None => into_table(
                session,
                &session.settings.table.value,
                (found, listings),
                &ingest_options,
                &progress,
            )?,
            Some(hours) => {
                let what = (found.sources, self.containers(session, &addresses)?);
                let shown: Arc<dyn ingest::Progress> = Arc::clone(&progress) as _;
                let done = again::run(session, hours, what, &ingest_options, shown)?;
                replayed.insert(done).outcome.clone()
            }
        };
        let failed = progress.finish(session);
        let remarks = replayed.iter().flat_map(again::remarks);
        remarks.for_each(|message| session.say(&message));
        let mut out = session.out();
        match format {
            Format::Json => {
                let json = again::as_json(replayed.as_ref(), as_json(&outcome));
                json.write(&mut out, Some(0))?;
                out.write_all(b"\n")?;
            }
            _ => {
                as_text(session, &outcome, &mut out)?;
                if let Some(replayed) = &replayed {
                    again::as_text(replayed, &mut out)?;
                }
            }
        }
        out.flush()?;
        if nothing_readable(&outcome) {
            session.say(&unreadable());
        }
        Ok(if failed || troubled {
            Exit::Outside
        } else if nothing_readable(&outcome) {
            Exit::Found
        } else {
            Exit::Done
        })
    }
}

/// True if something was read and none of it could be understood: most likely a flag is wrong.
fn nothing_readable(outcome: &Outcome) -> bool {
    outcome.stored + outcome.skipped == 0 && !outcome.quarantine.is_empty()
}

fn unreadable() -> Message {
    Message::new(Grade::Warning, "nothing of what was read could be understood".to_owned())
        .hint("run `flowglass read` on a file; with `--format-in`, `--map` or `--tz` put right, the files are read again")
}

impl Args {
    /// Lists of what was named of storage accounts. Nothing is asked yet.
    fn listings(&self, session: &Session, addresses: &[&OsString]) -> Result<Vec<Listing>, Failure> {
        if addresses.is_empty() {
            return Ok(Vec::new());
        }
        let accounts = Accounts::new(session, &self.account)?;
        let table = account::table_address(session);
        let lists = addresses.iter().map(|address| {
            let address = address.to_string_lossy();
            if let Some(table) = &table {
                account::refuse_inside(table, accounts.blobs(&address)?.place())?;
            }
            accounts.listing(&address)
        });
        lists.collect()
    }

    /// The containers that were named. Nothing is asked yet.
    fn containers(&self, session: &Session, addresses: &[&OsString]) -> Result<again::Containers, Failure> {
        if addresses.is_empty() {
            return Ok(Vec::new());
        }
        let accounts = Accounts::new(session, &self.account)?;
        let containers = addresses.iter().map(|address| {
            let blobs = accounts.blobs(&address.to_string_lossy())?;
            let prefix = blobs.place().prefix().to_owned();
            Ok((AzureContainer::new(blobs) as Arc<dyn Container>, prefix))
        });
        containers.collect()
    }

    fn options(&self, session: &Session) -> anyhow::Result<IngestOptions> {
        Ok(IngestOptions {
            allow_duplicates: self.allow_duplicates,
            verify: self.verify,
            rows: self.rows.resolve()?,
            ..options(session)
        })
    }
}

/// The options that hold unless flags say otherwise.
pub(crate) fn options(session: &Session) -> IngestOptions {
    use std::hash::BuildHasher as _;
    IngestOptions {
        threads: working::threads(session),
        allow_duplicates: false,
        verify: false,
        rows: Arc::default(),
        commit_bytes: COMMIT_BYTES,
        records_max: model::limits::RECORDS_PER_COMMIT_MAX,
        partitions_max: model::limits::PARTITIONS_PER_COMMIT_MAX,
        clock: Arc::new(|| chrono::Utc::now().timestamp_micros()),
        seed: std::collections::hash_map::RandomState::new().hash_one(session.now),
    }
}

/// What was named and is not there, in short when there is much of it, and what was left alone.
fn say_of_search(session: &Session, found: &Found) {
    let mut troubles = Troubles::default();
    for trouble in &found.troubles {
        if let Some(message) = troubles.admit(sources::trouble(trouble)) {
            session.say(&message);
        }
    }
    let rest = troubles.rest().into_iter();
    rest.chain(sources::passed_over(&found.passed_over))
        .for_each(|message| session.say(&message));
}

/// Ingests into a table, which is made if need be: what was found, and then what is listed.
pub(crate) fn into_table(
    session: &Session,
    place: &std::path::Path,
    (found, listings): (Found, Vec<Listing>),
    options: &IngestOptions,
    progress: &Arc<IngestProgress>,
) -> anyhow::Result<Outcome> {
    working::run(session, |cancel| async move {
        let mut table = account::open_or_create_table(session, place).await?;
        let shown = || -> Arc<dyn ingest::Progress> { Arc::clone(progress) as _ };
        let outcome = ingest::ingest(&mut table, found.sources, options, &cancel, shown()).await;
        let mut outcome = outcome.map_err(ingest_failure)?;
        for mut listing in listings {
            let listed = ingest::ingest_listed(&mut table, &mut listing, options, &cancel, shown()).await;
            outcome.merge(&listed.map_err(ingest_failure)?);
            let passed_over = sources::passed_over(&listing.passed_over);
            passed_over.into_iter().for_each(|message| session.say(&message));
        }
        Ok(outcome)
    })
}

/// What became of a source, where it is worth a line.
pub(crate) fn remark(outcome: &SourceOutcome) -> Option<Message> {
    let name = &outcome.source.display;
    let warn = |code: Code, text: String| Some(Message::new(Grade::Warning, text).code(code));
    if let Some(broken) = outcome.broken.as_ref().filter(|_| read(outcome)) {
        return Some(broken_off(outcome, broken));
    }
    if let Some(place) = outcome.truncated_at {
        let lost = bytes(outcome.bytes_given_up);
        return warn(
            code::END_TRUNCATED,
            format!(
                "`{name}` ends inside a record at byte {}; {lost} wait for the rest",
                grouped(place)
            ),
        );
    }
    if let Some(place) = outcome.waits_at {
        return Some(waits(name, place));
    }
    match &outcome.status {
        Status::Failed { code, .. } if *code == code::NOT_A_FLOW_LOG => {
            Some(sources::not_a_flow_log(&outcome.source, outcome.looks))
        }
        Status::Failed { code, message } => {
            let hint = code.def().map_or("", |def| def.next);
            Some(
                Message::new(Grade::Error, format!("`{name}` was left out: {message}"))
                    .code(*code)
                    .hint(lower(hint)),
            )
        }
        _ if nothing_but(&outcome.quarantine, outcome.stored + outcome.skipped).is_some() => {
            let kind = nothing_but(&outcome.quarantine, 0)?;
            let hint = kind.def().map_or("", |def| def.next);
            let text = format!("`{name}` holds no flow log: {}", named(kind, &outcome.quarantine));
            Some(Message::new(Grade::Warning, text).code(kind).hint(lower(hint)))
        }
        Status::Anew(code) => warn(
            *code,
            format!("`{name}` was read again from the start: {}", code.title()),
        ),
        _ => None,
    }
}

/// The last row may be half a row.
fn waits(name: &str, place: u64) -> Message {
    let place = grouped(place);
    let text = format!("the last row of `{name}`, at byte {place}, has no line end yet and waits for it");
    let hint = code::END_WAITS.def().map_or("", |def| def.next);
    Message::new(Grade::Note, text)
        .code(code::END_WAITS)
        .hint(lower(hint))
}

/// Something of it was read.
const fn read(outcome: &SourceOutcome) -> bool {
    !matches!(outcome.status, Status::Failed { .. })
}

/// A damaged file stays so until it is fetched again; a disk or a share that fails is for somebody to mend.
fn broken_off(outcome: &SourceOutcome, broken: &Broken) -> Message {
    let name = &outcome.source.display;
    let grade = if broken.code == code::SOURCE_IO {
        Grade::Error
    } else {
        Grade::Warning
    };
    let why = &broken.message;
    let text = if outcome.records > 0 {
        format!("`{name}` was read in part: {why}; what came before that is stored")
    } else {
        format!("no record of `{name}` could be read: {why}")
    };
    let hint = broken.code.def().map_or("", |def| def.next);
    Message::new(grade, text).code(broken.code).hint(lower(hint))
}

/// A sentence of a code's page as a hint: lower case, no final stop.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn as_text(session: &Session, outcome: &Outcome, out: &mut dyn std::io::Write) -> anyhow::Result<()> {
    let table = session.settings.table.value.display();
    writeln!(
        out,
        "{} into {table}, now at version {}",
        counted(outcome.sources, "source"),
        outcome.version
    )?;
    let mut parts = vec![format!("{} unchanged", grouped(outcome.unchanged))];
    if outcome.gone > 0 {
        parts.push(format!("{} deleted meanwhile", grouped(outcome.gone)));
    }
    if outcome.failed > 0 {
        parts.push(format!("{} left out", grouped(outcome.failed)));
    }
    writeln!(out, "  sources   {}", parts.join(", "))?;
    writeln!(
        out,
        "  read      {} in {}",
        bytes(outcome.bytes),
        counted(outcome.records, "record")
    )?;
    writeln!(
        out,
        "  tuples    {} received = {} stored + {} skipped (stored before) + {} quarantined",
        grouped(outcome.received),
        grouped(outcome.stored),
        grouped(outcome.skipped),
        grouped(outcome.quarantined)
    )?;
    if outcome.bytes_given_up > 0 {
        writeln!(
            out,
            "  given up  {} that held no complete record",
            bytes(outcome.bytes_given_up)
        )?;
    }
    for (title, tally) in [("quarantine", &outcome.quarantine), ("odd", &outcome.oddities)] {
        for (code, count) in tally.iter() {
            let names: Vec<String> = tally
                .names(code)
                .take(5)
                .map(|(name, _)| model::printable::text(name).into_owned())
                .collect();
            let names = if names.is_empty() {
                String::new()
            } else {
                format!(" ({})", names.join(", "))
            };
            writeln!(
                out,
                "  {title:<11}{code} {} x {}{names}",
                grouped(count),
                code.title()
            )?;
        }
    }
    if outcome.quarantine_overflow > 0 {
        writeln!(
            out,
            "  not kept  {} of them: `Quarantine` takes {} of a source, the source has the rest",
            grouped(outcome.quarantine_overflow),
            grouped(model::limits::QUARANTINE_ROWS_PER_SOURCE_MAX as u64)
        )?;
    }
    Ok(())
}

fn as_json(outcome: &Outcome) -> Json {
    let number = |value: u64| Json::from(value);
    let tally = |tally: &formats::Tally| {
        Json::List(
            tally
                .iter()
                .map(|(code, count)| {
                    Json::Object(vec![
                        ("code", Json::text(code.to_string())),
                        ("count", number(count)),
                    ])
                })
                .collect(),
        )
    };
    Json::Object(vec![
        ("version", Json::from(u64::try_from(outcome.version).unwrap_or(0))),
        ("sources", number(outcome.sources)),
        ("unchanged", number(outcome.unchanged)),
        ("failed", number(outcome.failed)),
        ("bytes", number(outcome.bytes)),
        ("bytes_given_up", number(outcome.bytes_given_up)),
        ("records", number(outcome.records)),
        ("received", number(outcome.received)),
        ("stored", number(outcome.stored)),
        ("skipped", number(outcome.skipped)),
        ("quarantined", number(outcome.quarantined)),
        ("quarantine", tally(&outcome.quarantine)),
        ("quarantine_overflow", number(outcome.quarantine_overflow)),
        ("oddities", tally(&outcome.oddities)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: Code, grade: Grade) {
        let found = ingest::find(&[Input::Standard], 0);
        let mut outcome = SourceOutcome::new(&found.sources[0], Status::Read);
        outcome.broken = Some(ingest::Broken {
            code,
            message: "why".to_owned(),
        });
        // It ends inside a record because it is broken: more of it is not to be waited for.
        outcome.truncated_at = Some(7);
        let unread = remark(&outcome).unwrap();
        assert_eq!(
            (unread.code, unread.text.as_str()),
            (Some(code), "no record of `standard input` could be read: why")
        );
        outcome.records = 1;
        let message = remark(&outcome).unwrap();
        assert_eq!(
            (message.grade, message.code, message.text.as_str()),
            (
                grade,
                Some(code),
                "`standard input` was read in part: why; what came before that is stored"
            )
        );
    }

    #[test]
    fn a_failing_disk_is_an_error_and_a_damaged_file_is_not() {
        check(code::SOURCE_IO, Grade::Error);
        check(code::DECOMPRESS, Grade::Warning);
        check(code::DECOMPRESS_LIMIT, Grade::Warning);
    }
}
