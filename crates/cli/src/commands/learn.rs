//! `flowglass learn`: questions about entries of flow logs, answered, corrected and counted.

mod gather;
mod of_table;
mod play;
mod scorebook;
mod telling;
mod world;

use std::io::Write as _;
use std::path::PathBuf;

use why::learn::{Chance, Course, Lesson, Material};

use super::Run;
use crate::arguments::{HELP, whole_number};
use crate::config::raw::Layer;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use play::Play;
use scorebook::Scorebook;

const EXAMPLES: &str = "\
Examples:
  flowglass learn                  ten questions about a made-up company
  flowglass learn --lesson state   one lesson; the names are below
  flowglass learn --table DIR      questions about your own logs
  flowglass learn --score          how it went so far
";

const AFTER: &str = "\
Lessons: tuple, direction, state, counters, enabled, rules, patterns.
Answer with a letter or a word. `?` gives a hint, Enter alone shows the answer,
`q` stops. The score stays in your state folder, on this machine.
The made-up company is the one of `flowglass demo`.";

/// Teaches to read flow logs: asks, corrects and keeps a score.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, after_help = AFTER, help_template = HELP)]
pub(crate) struct Args {
    /// One lesson [default: a bit of everything]
    #[arg(long, value_name = "NAME", value_parser = lesson)]
    lesson: Option<Lesson>,
    /// Questions
    #[arg(long, value_name = "N", default_value = "10", allow_negative_numbers = true, value_parser = count)]
    count: u32,
    /// The same number asks the same questions
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole_number::<u64>)]
    seed: Option<u64>,
    /// Your own table [default: a made-up company]
    #[arg(long, value_name = "DIR")]
    table: Option<PathBuf>,
    /// Show the score
    #[arg(long, conflicts_with_all = ["lesson", "count", "seed", "table"])]
    score: bool,
}

fn count(typed: &str) -> Result<u32, &'static str> {
    match whole_number::<u32>(typed)? {
        0 => Err("a whole number from 1"),
        count => Ok(count),
    }
}

fn lesson(typed: &str) -> Result<Lesson, String> {
    Lesson::of_name(typed).ok_or_else(|| {
        let names: Vec<&str> = Lesson::ALL.iter().map(|lesson| lesson.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

/// Seeds are short, so that they are easily typed again.
const SEEDS: u64 = 10_000;

impl Run for Args {
    fn flags(&self, _: &mut Layer) {}

    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let mut book = Scorebook::open(session);
        let mut out = session.out();
        if self.score {
            book.tell(&mut out)?;
            out.flush()?;
            return Ok(Exit::Done);
        }
        let seed = self.seed.unwrap_or_else(|| session.now.unsigned_abs() % SEEDS);
        let material = self.material(session, seed)?;
        let mut course = Course::new(&material, self.lesson, Chance::new(seed));
        let play = Play {
            count: self.count,
            lesson: self.lesson,
            marks: session.terminal.color_stdout,
        };
        let played = play.run(&mut course, &mut std::io::stdin().lock(), &mut out, book.score())?;
        if played.rounds == 0 {
            return Err(Failure::outside("there is nothing to ask about in this table")
                .hint("lessons need tuples of VNet or NSG flow logs; without `--table` a made-up company's are used")
                .into());
        }
        play.farewell(&mut out, &played, book.score(), seed, self.table.as_deref())?;
        out.flush()?;
        if played.answered > 0 {
            book.keep(session);
        }
        Ok(Exit::Done)
    }
}

impl Args {
    fn material(&self, session: &Session, seed: u64) -> anyhow::Result<Material> {
        match &self.table {
            None => Ok(world::material(seed)),
            Some(folder) => of_table::material(session, folder, seed, self.wants_patterns()),
        }
    }

    /// Patterns are looked for in all of a day, which lessons about single entries need not wait for.
    fn wants_patterns(&self) -> bool {
        self.lesson.is_none_or(|lesson| lesson == Lesson::Patterns)
    }
}
