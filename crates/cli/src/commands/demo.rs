//! `flowglass demo`: a made-up company's day, from its flow logs to a report, with nothing to set up.
//!
//! One integer makes a network, its traffic and a few attacks; the logs are written as Azure lays
//! them out, ingested, and searched by ordinary queries that know nothing of what was planted. With
//! `--check` the report is held against the truth.

mod check;
pub(super) mod findings;
mod report;

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};
use ingest::{Input, Outcome};
use sim::{Scale, Truth, World, WorldSpec};
use table::Table;

use super::Run;
use super::facts;
use super::ingest::accounts::Lists;
use super::ingest::{into_table, options};
use crate::arguments::{EffortFlags, HELP, whole_number};
use crate::config::raw::Layer;
use crate::exit::{Exit, Failure};
use crate::ingest_progress::IngestProgress;
use crate::session::Session;
use crate::working::{self, table_failure};
use table::io_reason;

const EXAMPLES: &str = "\
Examples:
  flowglass demo                 a day of 41 machines, in ./flowglass-demo
  flowglass demo --seed 7        another network, other attackers
  flowglass demo --check         does the report agree with what was planted?
  flowglass demo --show-sql      with the query behind each finding
";

const AFTER: &str = "\
Addresses on the internet side of an attack come from ranges reserved for
documentation; countries and networks of addresses are made up. Running it again with the same seed stores nothing twice.";

/// Shows the whole thing on a made-up company's day.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(crate) struct Args {
    /// The same number gives the same day
    #[arg(long, value_name = "N", default_value = "1", allow_negative_numbers = true, value_parser = whole_number::<u64>)]
    seed: u64,
    /// For blobs and table
    #[arg(long, value_name = "DIR", default_value = "./flowglass-demo")]
    dir: PathBuf,
    /// Machines: tiny (12), small (41) or a number
    #[arg(long, value_name = "SIZE", default_value = "small", value_parser = size)]
    size: Scale,
    /// Hours, from 2 to 48
    #[arg(long, value_name = "N", default_value = "24", allow_negative_numbers = true, value_parser = hours)]
    hours: u32,
    /// The first day, such as 2026-11-30: queries with `ago` want days near today [else 2026-02-16]
    #[arg(long, value_name = "DAY", value_parser = day)]
    start: Option<NaiveDate>,
    /// Compare with the truth; exit code 1 if they differ
    #[arg(long)]
    check: bool,
    /// Print the query behind each finding
    #[arg(long)]
    show_sql: bool,
    #[command(flatten)]
    effort: EffortFlags,
}

fn day(typed: &str) -> Result<NaiveDate, &'static str> {
    let day = typed.parse::<NaiveDate>().ok();
    // What lies outside could not be told from a wrong clock.
    let day = day.filter(|day| (2000..2100).contains(&day.year()));
    day.ok_or("a day of this century, such as 2026-11-30")
}

fn hours(typed: &str) -> Result<u32, &'static str> {
    let hours = typed.parse().ok().filter(|hours| (2..=48).contains(hours));
    hours.ok_or("a whole number from 2 to 48")
}

fn size(typed: &str) -> Result<Scale, &'static str> {
    match typed {
        "tiny" => Ok(Scale::Tiny),
        "small" => Ok(Scale::Small),
        number => number
            .parse()
            .ok()
            .filter(|nics| (13..=20_000).contains(nics))
            .map(|nics| Scale::Large { nics })
            .ok_or("`tiny`, `small`, or 13 to 20000 machines"),
    }
}

/// 2026-02-16, a Monday: the day is part of the world, not of the clock.
const START_DAY: i32 = 20_500;

/// The world that is shown where nothing else is asked for.
pub(super) const fn default_spec() -> WorldSpec {
    WorldSpec {
        seed: 1,
        start_day: START_DAY,
        hours: 24,
        scale: Scale::Small,
    }
}

impl Run for Args {
    fn flags(&self, layer: &mut Layer) {
        self.effort.flags(layer);
    }

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let spec = WorldSpec {
            seed: self.seed,
            start_day: self.start.map_or(START_DAY, |day| day.to_epoch_days()),
            hours: self.hours,
            scale: self.size,
        };
        let folder = self.dir.join(format!(
            "seed-{}-{}-{}h{}",
            self.seed,
            size_name(self.size),
            self.hours,
            self.start.map_or_else(String::new, |day| format!("-{day}"))
        ));
        let mut out = session.out();
        let world = World::generate(&spec);
        let truth = write_blobs(&world, &folder.join("blobs"))?;
        let outcome = self.ingest(session, &folder)?;
        load_facts(session, &world, &folder)?;
        report::header(&mut out, &self, &truth, &outcome, &folder)?;
        let names = names(&truth);
        let tag = world.service_tags.iter().find(|tag| tag.name == "Storage");
        let storage = findings::within(tag.map_or(&[], |tag| tag.prefixes.as_slice()));
        let exit = working::run(session, |cancel| async move {
            let table = Table::open(&folder.join("table")).await.map_err(table_failure)?;
            let engine = working::engine(&table, None).await?;
            let asking = findings::Asking {
                engine: &engine,
                context: working::context(session, cancel),
            };
            report::overview(&mut out, &asking).await?;
            let found = findings::all(&asking, &storage).await?;
            report::findings(&mut out, &found, &names, self.show_sql.then_some(&storage))?;
            let agreed = if self.check {
                check::against(&mut out, &asking, &truth, world.logged_by_all_ms(), &found).await?
            } else {
                true
            };
            report::next_steps(&mut out, &folder)?;
            out.flush()?;
            Ok(if agreed { Exit::Done } else { Exit::Found })
        })?;
        Ok(exit)
    }
}

/// What Azure's tools would print about the world, beside its blobs, and what that says beside the table.
fn load_facts(session: &Session, world: &World, folder: &Path) -> anyhow::Result<()> {
    let exports = folder.join("exports");
    for export in world.exports() {
        let path = exports.join(export.name);
        write_file(&path, export.text.as_bytes()).map_err(|error| unwritten(&path, &error))?;
    }
    let addresses = world.address_file();
    let path = exports.join(addresses.name);
    write_file(&path, &addresses.bytes).map_err(|error| unwritten(&path, &error))?;
    let read = facts::of_folder(session, &exports)?;
    facts::store(
        session,
        &folder.join("table"),
        world.start_ms() * 1000,
        &read.facts,
        &read.databases,
    )?;
    Ok(())
}

impl Args {
    fn ingest(&self, session: &Session, folder: &Path) -> anyhow::Result<Outcome> {
        let found = ingest::find(&[Input::parse(folder.join("blobs"))], session.now);
        let progress = Arc::new(IngestProgress::start(session.terminal));
        let outcome = into_table(
            session,
            &folder.join("table"),
            (found, Lists::default()),
            &options(session),
            &progress,
        )?;
        progress.finish(session);
        Ok(outcome)
    }
}

fn size_name(size: Scale) -> String {
    match size {
        Scale::Tiny => "tiny".to_owned(),
        Scale::Small => "small".to_owned(),
        Scale::Large { nics } => nics.to_string(),
    }
}

/// Writes the blobs that are not there yet; what is there is left alone, so that nothing seems changed.
fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::outside(format!("cannot write `{}`: {}", path.display(), io_reason(error)))
        .hint("name another folder with `--dir`")
}

fn write_blobs(world: &World, folder: &Path) -> anyhow::Result<Truth> {
    let mut failure = None;
    let truth = world.write(&mut |blob| {
        if failure.is_some() {
            return;
        }
        let path = folder.join(&blob.path);
        let bytes = blob.bytes();
        let there = std::fs::metadata(&path).is_ok_and(|meta| meta.len() == bytes.len() as u64);
        let written = if there { Ok(()) } else { write_file(&path, &bytes) };
        if let Err(error) = written {
            failure = Some(unwritten(&path, &error));
        }
    });
    match failure {
        Some(failure) => Err(failure.into()),
        None => Ok(truth),
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, bytes)
}

/// The machines' names by address: what an inventory would say.
fn names(truth: &Truth) -> HashMap<String, String> {
    truth
        .nics
        .iter()
        .flat_map(|nic| nic.ips.iter().map(|ip| (ip.clone(), nic.vm.clone())))
        .collect()
}
