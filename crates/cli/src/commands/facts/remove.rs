//! `flowglass facts remove`: a load that should not have been.

use std::io::Write as _;

use model::facts::AddressDatabase;
use model::printable;
use table::Table;

use super::databases::day;
use super::kept::{self, Kept};
use super::told;
use crate::account::open_table;
use crate::arguments::{HELP, TABLE_OR_OBJECT, WhereAndHow};
use crate::config::raw::Layer;
use crate::exit::{Exit, Failure};
use crate::json_text::Json;
use crate::session::Session;
use crate::working::{self, table_failure};

const EXAMPLES: &str = "\
Examples:
  flowglass facts show                 the loads, by number and snapshot
  flowglass facts remove 3             takes the third one back
  flowglass facts remove 22663c13      the one whose snapshot begins so
  flowglass facts remove 2 3 --dry-run only tells what would be removed
";

const AFTER: &str = "\
Numbers are those that `facts show` prints before anything is removed. A
database that no other load names goes with it. Names of flows are from then on
what the other loads say; sums by the hour that it had a part in are made anew
by the next `table rollup`.";

/// Takes loads back.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(super) struct Remove {
    /// Number or snapshot, as `facts show` prints them
    #[arg(value_name = "LOAD", required = true)]
    loads: Vec<String>,
    /// Only tell what would be removed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    where_and_how: WhereAndHow,
}

/// What is removed.
struct Removed {
    loads: Vec<Kept>,
    databases: Vec<AddressDatabase>,
}

impl Remove {
    pub(super) fn flags(&self, layer: &mut Layer) {
        self.where_and_how.flags(layer);
    }

    pub(super) fn run(&self, session: &Session, json: bool) -> anyhow::Result<Exit> {
        let removed = working::run(session, |_| async move {
            let table = open_table(session).await?;
            let all = kept::all(session, &table).await?;
            let removed = self.named(&all)?;
            if !self.dry_run {
                removed.remove(&table).await?;
            }
            Ok(removed)
        })?;
        let mut out = session.out();
        if json {
            removed.json(self.dry_run).write(&mut out, Some(0))?;
            out.write_all(b"\n")?;
        } else {
            out.write_all(removed.text(self.dry_run).as_bytes())?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }

    /// All of them are known before one is removed.
    fn named(&self, all: &[Kept]) -> Result<Removed, Failure> {
        let mut loads: Vec<Kept> = Vec::new();
        for typed in &self.loads {
            let load = kept::named(all, typed)?;
            if loads.iter().all(|held| held.number != load.number) {
                loads.push(load.clone());
            }
        }
        let is_left = |load: &&Kept| loads.iter().all(|gone| gone.number != load.number);
        let left: Vec<&AddressDatabase> = all
            .iter()
            .filter(is_left)
            .flat_map(|load| &load.facts.databases)
            .collect();
        let mut databases: Vec<AddressDatabase> = Vec::new();
        for database in loads.iter().flat_map(|load| &load.facts.databases) {
            let is_other = |held: &AddressDatabase| held.hash != database.hash;
            if left.iter().all(|held| is_other(held)) && databases.iter().all(is_other) {
                databases.push(database.clone());
            }
        }
        Ok(Removed { loads, databases })
    }
}

impl Removed {
    /// First the loads, then what they named: what is named must be there.
    async fn remove(&self, table: &Table) -> Result<(), Failure> {
        for load in &self.loads {
            table.remove_facts(&load.file).await.map_err(table_failure)?;
        }
        for database in &self.databases {
            let removed = table.remove_database(&database.hash).await;
            removed.map_err(table_failure)?;
        }
        Ok(())
    }

    fn text(&self, is_dry: bool) -> String {
        let verb = if is_dry { "would remove" } else { "removed" };
        let mut text = String::new();
        for load in &self.loads {
            let known = told::counts_text(&load.facts);
            let known = if known.is_empty() { "nothing" } else { &known };
            text.push_str(&format!("{verb} {}: {known}\n", load.words()));
            text.push_str(&format!("  snapshot {}\n", load.file.hash));
        }
        for database in &self.databases {
            text.push_str(&format!(
                "{verb} database {} of {}, which no other load names\n",
                printable::text(&database.kind),
                day(database)
            ));
        }
        text
    }

    fn json(&self, is_dry: bool) -> Json {
        let loads = self.loads.iter().map(|load| {
            let mut members = load.json();
            members.push(("known", told::counts_json(&load.facts)));
            Json::Object(members)
        });
        let databases = self.databases.iter().map(|database| {
            Json::Object(vec![
                ("kind", Json::text(&database.kind)),
                ("built", Json::text(day(database))),
                ("hash", Json::text(&database.hash)),
            ])
        });
        Json::Object(vec![
            ("isDone", Json::Bool(!is_dry)),
            ("loads", Json::List(loads.collect())),
            ("databases", Json::List(databases.collect())),
        ])
    }
}
