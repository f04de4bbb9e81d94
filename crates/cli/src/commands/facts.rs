//! `flowglass facts`: what is known of the network, from what Azure's tools print.

pub(super) mod databases;
mod diff;
mod files;
mod kept;
mod missing;
mod parts;
mod pull;
mod remove;
mod show;
mod told;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enrich::{Database, Databases, Snapshot, Timeline};
use inventory::Reading;
use model::facts::FactSet;
use table::{FactsFile, Table};

pub(super) use files::About;

use super::Run;
use crate::account::open_or_create_table;
use crate::arguments::{HELP, TABLE_OR_OBJECT, WhereAndHow};
use crate::config::raw::Layer;
use crate::config::settings::Format;
use crate::exit::{Exit, Failure};
use crate::instant::{self, Micros};
use crate::json_text::Json;
use crate::message::{Grade, Message};
use crate::session::Session;
use crate::working::{self, table_failure};

const EXAMPLES: &str = "\
Examples:
  az network nic list > nics.json; az network vnet list > vnets.json
  flowglass facts load nics.json vnets.json   names for the addresses in flow logs
  flowglass facts pull                        the same, asked of Azure itself
  flowglass facts show                        what is known, and since when
  flowglass facts diff                        what the last load changed
  flowglass facts remove 3                    takes a load back
";

const LOAD_EXAMPLES: &str = "\
Examples:
  flowglass facts load nics.json vms.json vnets.json nsgs.json
  flowglass facts load exports/                    all exports of a folder
  flowglass facts load --at 2024-03-01 march/      as it was then
  flowglass facts load ServiceTags_Public.json     Azure's own addresses
  flowglass facts load blocklist.txt               addresses known for harm
  flowglass facts load GeoLite2-Country.mmdb dbip-asn-lite.mmdb
";

const LOAD_AFTER: &str = "\
Reads lists of `az` and of the API, Resource Graph, PowerShell, Terraform,
ARM templates (with NAME.parameters.json), what-if, effective rules and
routes, admin rules, service tags, addresses known for harm, and databases of
countries (MMDB): docs/facts.md. A load says anew what there is of the types
and subscriptions that it speaks of; what is missing in it is gone from then
on.";

/// Loads what is known of the network, so that addresses have names.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, help_template = HELP, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Load(Load),
    Pull(pull::Pull),
    Show(show::Show),
    Diff(diff::Diff),
    Remove(remove::Remove),
}

/// Reads exports and keeps what they say.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = LOAD_EXAMPLES, after_help = LOAD_AFTER, help_template = HELP)]
struct Load {
    /// Files and folders of exports
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// When it was so [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Only tell what the files say
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    where_and_how: WhereAndHow,
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        match &self.what {
            What::Load(load) => load.where_and_how.flags(layer),
            What::Pull(pull) => pull.flags(layer),
            What::Show(show) => show.flags(layer),
            What::Diff(diff) => diff.flags(layer),
            What::Remove(remove) => remove.flags(layer),
        }
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let forms = [Format::Table, Format::Json];
        let json = session.settings.format_among(&forms, "this is told")? == Format::Json;
        match self.what {
            What::Load(load) => load.run(session, json),
            What::Pull(pull) => pull.run(session, json),
            What::Show(_) => show::run(session, json),
            What::Diff(diff) => diff.run(session, json),
            What::Remove(remove) => remove.run(session, json),
        }
    }
}

/// A database by its hash.
type Bytes = (String, Vec<u8>);

/// What exports say, and the databases among them.
pub(super) struct Exports {
    pub(super) facts: FactSet,
    pub(super) databases: Vec<Bytes>,
}

impl Exports {
    /// The databases, open, the one that is believed first.
    pub(super) fn opened(mut self) -> Result<Databases, Failure> {
        let mut opened = Vec::new();
        for about in &self.facts.databases {
            let held = self.databases.iter_mut().find(|(hash, _)| *hash == about.hash);
            let bytes = held.map(|(_, bytes)| std::mem::take(bytes)).unwrap_or_default();
            let database = Database::open(about, bytes)
                .map_err(|error| Failure::outside(error.to_string()).hint(error.hint()))?;
            opened.push(Arc::new(database));
        }
        Ok(Databases::new(opened))
    }
}

/// What the exports of a folder say.
pub(super) fn of_folder(session: &Session, folder: &Path) -> Result<Exports, Failure> {
    Ok(files::read(session, &[folder.to_path_buf()], &About::default())?.exports)
}

/// What exports say, which are not kept.
pub(super) fn of_files(session: &Session, paths: &[PathBuf]) -> Result<Exports, Failure> {
    let read = files::read(session, paths, &About::default())?;
    match read.has_failed && read.files.is_empty() {
        true => Err(Failure::outside("none of these exports can be used")
            .hint("`flowglass facts load -h` lists what is read")),
        false => Ok(Exports {
            facts: read.exports.facts.opened(),
            ..read.exports
        }),
    }
}

/// What exports say together, and file by file.
pub(super) struct Together {
    pub(super) facts: FactSet,
    pub(super) files: Vec<(PathBuf, Reading)>,
    /// All that they say could be read.
    pub(super) is_whole: bool,
}

/// What exports say, of those that can be read.
pub(super) fn of_all(session: &Session, paths: &[PathBuf]) -> Result<Together, Failure> {
    let read = files::read(session, paths, &About::default())?;
    if read.files.is_empty() {
        return Err(Failure::outside("none of these exports can be used")
            .hint("`flowglass facts load -h` lists what is read"));
    }
    let has_all = |(_, reading): &(PathBuf, Reading)| reading.is_whole && reading.problems.is_empty();
    Ok(Together {
        is_whole: !read.has_failed && read.files.iter().all(has_all),
        facts: read.exports.facts.opened(),
        files: read.files,
    })
}

/// What files of rules that are proposed say, file by file. One that cannot be read leaves nothing to be replayed.
pub(super) fn of_rules(
    session: &Session,
    paths: &[PathBuf],
    about: &About,
) -> Result<Vec<(PathBuf, Reading)>, Failure> {
    let read = files::read(session, paths, about)?;
    about.say_unused(session, &read.files);
    match read.has_failed {
        true => Err(Failure::outside("the rules cannot all be read, so none are used")
            .hint("mend the file that is named above, or leave it out")),
        false => Ok(read.files),
    }
}

/// The time that was typed.
pub(super) fn time(session: &Session, typed: Option<&str>) -> Result<Option<Micros>, Failure> {
    let Some(typed) = typed else {
        return Ok(None);
    };
    match instant::parse(typed, session.now) {
        Some(time) => Ok(Some(time)),
        None => Err(Failure::usage(format!("`{typed}` is not a time"))
            .hint(format!("times are written {}", instant::FORMS))),
    }
}

/// 2010-01-01, the year in which Azure was first sold.
const FIRST: Micros = 1_262_304_000_000_000;

/// As of when facts are loaded.
pub(super) fn taken(session: &Session, typed: Option<&str>) -> Result<Micros, Failure> {
    let Some(taken) = time(session, typed)? else {
        return Ok(session.now);
    };
    if taken < FIRST {
        return Err(Failure::usage(format!(
            "facts cannot be as of {}: before 2010 there was no Azure",
            instant::words(taken, true)
        ))
        .hint("`--at` is the time at which the exports were made; without it that is now"));
    }
    if taken > session.now {
        let text = format!(
            "{} is to come: these facts hold from then on, and before it where none of their kind are loaded",
            instant::words(taken, true)
        );
        session.say(&Message::new(Grade::Note, text).hint("`flowglass facts remove` takes a load back"));
    }
    Ok(taken)
}

impl Load {
    fn run(&self, session: &Session, json: bool) -> anyhow::Result<Exit> {
        let taken = taken(session, self.at.as_deref())?;
        let mut read = files::read(session, &self.paths, &self.about)?;
        self.about.say_unused(session, &read.files);
        // A list says what is known for harm as of its load.
        for list in &mut read.exports.facts.threats {
            list.entries.retain(|entry| entry.holds_at(taken));
        }
        if read.has_only_parameters() {
            let text =
                "these are parameters only, which say nothing of a network by themselves: nothing is loaded";
            session.say(&Message::new(Grade::Note, text).hint(
                "name the template: `NAME.parameters.json` is read with the `NAME.json` that lies beside it",
            ));
            return Ok(Exit::Done);
        }
        if read.exports.facts == FactSet::default() {
            return Err(Failure::outside("nothing was found in these files")
                .hint("`flowglass facts load -h` lists what is read")
                .into());
        }
        for (path, problems) in missing::groups(&read.files, &read.exports.facts) {
            files::say(session, &format!("`{}`", path.display()), &problems);
        }
        read.keep_what_is_missing(session);
        parts::say_lists(session, &read.files);
        let open = parts::open(session, taken, &read.exports.facts)?;
        parts::say_open(session, &read.files, &open);
        let exit = if read.has_failed {
            Exit::Outside
        } else {
            Exit::Done
        };
        let stored = if self.dry_run {
            None
        } else {
            Some(store(
                session,
                &session.settings.table.value,
                taken,
                &read.exports.facts,
                &read.exports.databases,
            )?)
        };
        let mut out = session.out();
        match json {
            true => told_json(&mut out, taken, &read, stored.as_ref())?,
            false => told_text(&mut out, taken, &read, stored.as_ref())?,
        }
        out.flush()?;
        Ok(exit)
    }
}

fn told_json(
    out: &mut dyn io::Write,
    taken: Micros,
    read: &files::Read,
    stored: Option<&FactsFile>,
) -> io::Result<()> {
    let loaded = Json::Object(vec![
        ("taken", Json::text(instant::iso(taken))),
        (
            "snapshot",
            stored.map_or(Json::Null, |file| Json::text(&file.hash)),
        ),
        (
            "files",
            Json::List(read.files.iter().map(told::file_json).collect()),
        ),
        ("in_part", Json::Bool(told::is_part(&read.exports.facts))),
        ("known", told::counts_json(&read.exports.facts)),
    ]);
    loaded.write(out, Some(0))?;
    out.write_all(b"\n")
}

fn told_text(
    out: &mut dyn io::Write,
    taken: Micros,
    read: &files::Read,
    stored: Option<&FactsFile>,
) -> io::Result<()> {
    for file in &read.files {
        writeln!(out, "{}", told::file_text(file))?;
        for line in databases::lines(&file.1.facts) {
            writeln!(out, "  {line}")?;
        }
    }
    let what = told::counts_text(&read.exports.facts);
    let taken = instant::words(taken, true);
    match stored {
        Some(file) => writeln!(out, "\nloaded as of {taken}: {what}\nsnapshot {}", file.hash),
        None => writeln!(out, "\nwould be loaded as of {taken}: {what}"),
    }
}

/// Keeps facts beside a table.
pub(super) fn store(
    session: &Session,
    folder: &Path,
    taken: Micros,
    facts: &FactSet,
    databases: &[Bytes],
) -> anyhow::Result<FactsFile> {
    let text = serde_json::to_vec(facts)?;
    working::run(session, |_| async move {
        let table = open_or_create_table(session, folder).await?;
        // First what the facts name, then the facts.
        for (hash, bytes) in databases {
            table.put_database(hash, bytes).await.map_err(table_failure)?;
        }
        Ok(table.put_facts(taken, &text).await.map_err(table_failure)?)
    })
}

/// All snapshots, the oldest first. Where there is none, that is said.
async fn snapshots(session: &Session, table: &Table) -> Result<Vec<(FactsFile, FactSet)>, Failure> {
    let mut snapshots = Vec::new();
    for (file, snapshot) in working::facts_files(table).await? {
        let facts = serde_json::from_slice(&snapshot.text).map_err(|error| {
            Failure::outside(format!("snapshot {} holds no facts: {error}", file.hash))
                .hint("it may be of a newer flowglass; load the exports again")
        })?;
        snapshots.push((file, facts));
    }
    if snapshots.is_empty() {
        session.say(&Message {
            hint: Some(
                "`flowglass facts load FILE…` reads what `az network nic list` and others print".to_owned(),
            ),
            ..Message::new(Grade::Note, "no facts are loaded: addresses have no names")
        });
    }
    Ok(snapshots)
}

/// What was loaded, snapshot by snapshot.
pub(super) async fn timeline(session: &Session, table: &Table) -> Result<Timeline, Failure> {
    let snapshots = snapshots(session, table).await?.into_iter();
    let snapshots = snapshots.map(|(file, facts)| Snapshot {
        taken: file.taken_micros,
        facts,
    });
    Ok(Timeline::of(snapshots.collect()))
}
