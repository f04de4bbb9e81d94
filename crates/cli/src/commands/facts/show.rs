//! `flowglass facts show`: what was loaded, and what is known by it.

use std::io::Write as _;

use enrich::{Snapshot, Timeline};

use super::{databases, kept, told};
use crate::account::open_table;
use crate::arguments::{HELP, TABLE_OR_OBJECT, WhereAndHow};
use crate::config::raw::Layer;
use crate::exit::Exit;
use crate::instant;
use crate::json_text::Json;
use crate::session::Session;
use crate::working;

const EXAMPLES: &str = "\
Examples:
  flowglass facts show                  each load, and what is known now
  flowglass facts show --format json    each load, for a program
";

/// Tells what is known, and since when.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = EXAMPLES, help_template = HELP)]
pub(super) struct Show {
    #[command(flatten)]
    where_and_how: WhereAndHow,
}

impl Show {
    pub(super) fn flags(&self, layer: &mut Layer) {
        self.where_and_how.flags(layer);
    }
}

pub(super) fn run(session: &Session, json: bool) -> anyhow::Result<Exit> {
    let loads = working::run(session, |_| async move {
        let table = open_table(session).await?;
        Ok(kept::all(session, &table).await?)
    })?;
    let mut out = session.out();
    if json {
        let loads = loads.iter().map(|load| {
            let mut members = load.json();
            members.extend([
                ("bytes", load.file.bytes.into()),
                ("in_part", Json::Bool(told::is_part(&load.facts))),
                ("known", told::counts_json(&load.facts)),
                ("databases", databases::json(&load.facts)),
            ]);
            Json::Object(members)
        });
        Json::List(loads.collect()).write(&mut out, Some(0))?;
        out.write_all(b"\n")?;
        out.flush()?;
        return Ok(Exit::Done);
    }
    let width = loads.len().to_string().len();
    for load in &loads {
        let taken = instant::words(load.file.taken_micros, true);
        let (number, counts) = (load.number, told::counts_text(&load.facts));
        writeln!(out, "{number:>width$}  as of {taken}: {counts}")?;
        let blanks = " ".repeat(width + 2);
        let part = if told::is_part(&load.facts) {
            ", adds only"
        } else {
            ""
        };
        let hash = &load.file.hash;
        writeln!(out, "{blanks}snapshot {hash}{}{part}", load.loaded_words())?;
        for line in databases::lines(&load.facts) {
            writeln!(out, "{blanks}{line}")?;
        }
    }
    let snapshots = loads.into_iter().map(|load| Snapshot {
        taken: load.file.taken_micros,
        facts: load.facts,
    });
    if let Some((part, _)) = Timeline::of(snapshots.collect()).at(session.now) {
        writeln!(out, "\nknown now: {}", told::counts_text(&part.facts))?;
    }
    out.flush()?;
    Ok(Exit::Done)
}
