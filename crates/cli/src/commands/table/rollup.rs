//! `table rollup`: what flows come to by the hour, kept so that overviews need not compute it.

use std::io::Write;

use rollup::Piece;
use table::Hours;

use super::line;
use crate::account::open_table;
use crate::arguments::{EffortFlags, HELP, TABLE_OR_OBJECT, WhereAndHow};
use crate::exit::{Exit, Failure};
use crate::instant::words;
use crate::json_text::Json;
use crate::keeping::Missing;
use crate::quantity::{bytes, counted};
use crate::session::Session;
use crate::working;

const EXAMPLES: &str = "\
Examples:
  flowglass table rollup              keeps what is missing, newest first
  flowglass table rollup --dry-run    how many hours are missing
";

const AFTER: &str = "\
`flowglass overview`, FlowsHourly and what is made of it (docs/views.md) take
hours that are kept, and compute the others from rows: the answer is the same
to the last byte. Run it as often as you like, while ingests and queries go
on. Late rows and other facts make the hours that they touch missing again.";

/// Keeps what flows come to by the hour, for quick overviews.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |flag| flag.help(TABLE_OR_OBJECT)))]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(super) struct Rollup {
    /// Only tell what would be done
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub(super) where_and_how: WhereAndHow,
    #[command(flatten)]
    pub(super) effort: EffortFlags,
}

impl Rollup {
    pub(super) fn run(self, session: &Session, json: bool) -> anyhow::Result<Exit> {
        working::run(session, |cancel| async move {
            let table = open_table(session).await?;
            let mut say = Say {
                out: session.out(),
                json,
            };
            let known = working::facts_files(&table).await?;
            let missing = Missing::of(&table, known, None).await?;
            if self.dry_run {
                return say.missing(missing.hours());
            }
            let mut done = Done {
                hours: missing.hours(),
                ..Done::default()
            };
            let tell = |piece: &Piece| {
                done.rows += piece.rows;
                done.bytes += piece.bytes;
                // Whoever does not listen is told at the end.
                let _ = say.piece(piece);
            };
            let kept = missing.keep(session, &cancel, tell).await;
            done.removed = kept.map_err(Failure::from)?;
            say.done(&done)
        })
    }
}

/// What a build came to.
#[derive(Default)]
struct Done {
    hours: u64,
    rows: u64,
    bytes: u64,
    removed: usize,
}

struct Say {
    out: Box<dyn Write>,
    json: bool,
}

impl Say {
    fn piece(&mut self, piece: &Piece) -> std::io::Result<()> {
        if self.json {
            return Ok(());
        }
        let Hours { from, before } = piece.hours;
        writeln!(
            self.out,
            "{} to {}: {}, {}",
            words(from, true),
            words(before, true),
            counted(piece.rows, "row"),
            bytes(piece.bytes)
        )?;
        self.out.flush()
    }

    fn missing(&mut self, hours: u64) -> anyhow::Result<Exit> {
        if self.json {
            line(
                &mut self.out,
                &Json::Object(vec![("hoursMissing", Json::from(hours))]),
            )?;
        } else if hours == 0 {
            writeln!(self.out, "nothing is missing")?;
        } else {
            let hours = counted(hours, "hour");
            writeln!(self.out, "{hours} would be computed from rows and kept")?;
        }
        self.out.flush()?;
        Ok(Exit::Done)
    }

    fn done(&mut self, done: &Done) -> anyhow::Result<Exit> {
        if self.json {
            let told = Json::Object(vec![
                ("hoursKept", Json::from(done.hours)),
                ("rows", Json::from(done.rows)),
                ("bytes", Json::from(done.bytes)),
                ("filesRemoved", Json::from(done.removed as u64)),
            ]);
            line(&mut self.out, &told)?;
        } else if done.hours == 0 {
            writeln!(self.out, "nothing was missing")?;
        } else {
            let hours = counted(done.hours, "hour");
            writeln!(
                self.out,
                "{hours} kept: {}, {}",
                counted(done.rows, "row"),
                bytes(done.bytes)
            )?;
        }
        self.out.flush()?;
        Ok(Exit::Done)
    }
}
