//! `flowglass facts diff`: what changed between two loads.

use std::io::Write as _;

use enrich::{Snapshot, Timeline, difference};
use model::facts::FactSet;

use super::kept::{self, Kept};
use super::{databases, time, told};
use crate::account::open_table;
use crate::arguments::{HELP, TABLE_OR_OBJECT, WhereAndHow};
use crate::config::raw::Layer;
use crate::exit::Exit;
use crate::instant::{self, Micros};
use crate::json_text::Json;
use crate::message::{Grade, Message};
use crate::session::Session;
use crate::working;

const EXAMPLES: &str = "\
Examples:
  flowglass facts diff                                     what the last load changed
  flowglass facts diff --from 2024-03-01 --to 2024-03-08   what changed in that week
  flowglass facts diff --format json                       for a program
";

const AFTER: &str = "\
The last load is the one for the latest time, as `--at` said it.
Exit code 1 if anything changed.";

/// Tells what changed between two times.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(super) struct Diff {
    /// From what was loaded for then [default: before the last load]
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// To what was loaded for then [default: now]
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    where_and_how: WhereAndHow,
}

impl Diff {
    pub(super) fn flags(&self, layer: &mut Layer) {
        self.where_and_how.flags(layer);
    }

    pub(super) fn run(&self, session: &Session, json: bool) -> anyhow::Result<Exit> {
        let (from, to) = (
            time(session, self.from.as_deref())?,
            time(session, self.to.as_deref())?,
        );
        let loads = working::run(session, |_| async move {
            let table = open_table(session).await?;
            Ok(kept::all(session, &table).await?)
        })?;
        let compared = Compared::of(&loads, from, to.unwrap_or(session.now));
        if from.is_none() && to.is_none() {
            compared.say_later(session, &loads);
        }
        let (before, after) = compared.facts(&loads);
        let changes = difference(&before, &after);
        let lists = told::lists_changed(&before, &after);
        let databases = databases::changed(&before, &after);
        let others = told::others_changed(&before, &after);
        let mut out = session.out();
        if json {
            let changes = changes.iter().map(told::change_json);
            let lists = lists.iter().map(told::list_json);
            let databases = databases.iter().map(databases::change_json);
            let others = others.iter().map(told::other_json);
            let all = changes.chain(lists).chain(databases).chain(others);
            Json::List(all.collect()).write(&mut out, Some(0))?;
            out.write_all(b"\n")?;
        } else if !loads.is_empty() {
            let words =
                |load: Option<&Kept>| load.map_or_else(|| "nothing was loaded".to_owned(), Kept::words);
            writeln!(out, "from  {}", words(compared.from))?;
            writeln!(out, "to    {}", words(compared.to))?;
            for change in &changes {
                write!(out, "{}", told::change_text(change))?;
            }
            for list in &lists {
                writeln!(out, "{}", told::list_text(list))?;
            }
            for database in &databases {
                writeln!(out, "{}", databases::change_text(database))?;
            }
            for other in &others {
                writeln!(out, "{}", told::other_text(other))?;
            }
            let beside = lists.len() + databases.len() + others.len();
            writeln!(out, "{}", told::changes_text(&changes, beside))?;
        }
        out.flush()?;
        let is_same = changes.is_empty() && lists.is_empty() && databases.is_empty() && others.is_empty();
        Ok(if is_same { Exit::Done } else { Exit::Found })
    }
}

/// The last loads for the two times.
struct Compared<'l> {
    from: Option<&'l Kept>,
    to: Option<&'l Kept>,
}

impl<'l> Compared<'l> {
    fn of(loads: &'l [Kept], from: Option<Micros>, to: Micros) -> Self {
        let last = |time: Micros| loads.iter().rev().find(|load| load.file.taken_micros <= time);
        let to = last(to);
        let before = to.map(|to| to.file.taken_micros);
        Self {
            from: match from {
                Some(from) => last(from),
                None => loads
                    .iter()
                    .rev()
                    .find(|load| before.is_some_and(|before| load.file.taken_micros < before)),
            },
            to,
        }
    }

    /// What had been said by then. Nothing of what was said later counts, though it may hold before its time.
    fn facts(&self, loads: &[Kept]) -> (FactSet, FactSet) {
        let snapshots = loads.iter().map(|load| Snapshot {
            taken: load.file.taken_micros,
            facts: load.facts.clone(),
        });
        let timeline = Timeline::of(snapshots.collect());
        let said = |load: Option<&Kept>| {
            load.map_or_else(FactSet::default, |load| timeline.said(load.file.taken_micros))
        };
        (said(self.from), said(self.to))
    }

    /// Whose load came last, but for an earlier time, may look for another one than this.
    fn say_later(&self, session: &Session, loads: &[Kept]) {
        let Some(to) = self.to else { return };
        let newest = loads.iter().max_by_key(|load| load.loaded);
        let is_later =
            |load: &&Kept| load.loaded > to.loaded && load.file.taken_micros != to.file.taken_micros;
        if let Some(newest) = newest.filter(is_later) {
            let at = instant::iso(newest.file.taken_micros);
            let text = format!("another load came later: {}", newest.words());
            session.say(&Message::new(Grade::Note, text).hint(format!(
                "`flowglass facts diff --to {at}` tells what that one changed"
            )));
        }
    }
}
