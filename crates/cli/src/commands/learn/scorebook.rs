//! Where the score is kept: a file in the user's state folder, written whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use table::io_reason;
use why::learn::Score;

use crate::environment::Environment;
use crate::exit::Failure;
use crate::message::{Grade, Message};
use crate::out_file::OutFile;
use crate::quantity::counted;
use crate::session::Session;

/// A file that is larger is none of ours.
const BYTES_MAX: u64 = 1 << 20;

/// The score, and where it is kept.
pub(super) struct Scorebook {
    score: Score,
    /// None where there is no place for it, or what stands there is not to be written over.
    place: Option<PathBuf>,
}

/// `XDG_STATE_HOME` or what stands for it.
fn place(environment: &Environment) -> Option<PathBuf> {
    let variable = |name| environment.get(name).map(PathBuf::from);
    let folder = variable("XDG_STATE_HOME")
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| Some(variable("HOME")?.join(".local").join("state")));
    Some(folder?.join("flowglass").join("learn.json"))
}

fn read(path: &Path) -> Result<Score, String> {
    let length = std::fs::metadata(path).map(|held| held.len());
    match length {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Score::default()),
        Ok(length) if length > BYTES_MAX => return Err("it is too large".to_owned()),
        _ => {}
    }
    let text = std::fs::read(path).map_err(|error| io_reason(&error).to_string())?;
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

impl Scorebook {
    /// What was kept. What cannot be read is told and left alone.
    pub(super) fn open(session: &Session) -> Self {
        let Some(path) = place(&session.environment) else {
            return Self {
                score: Score::default(),
                place: None,
            };
        };
        match read(&path) {
            Ok(score) => Self {
                score,
                place: Some(path),
            },
            Err(reason) => {
                let text = format!("the score in `{}` cannot be read: {reason}", path.display());
                session.say(
                    &Message::new(Grade::Warning, text)
                        .hint("this time is not kept; move the file away to begin anew"),
                );
                Self {
                    score: Score::default(),
                    place: None,
                }
            }
        }
    }

    pub(super) const fn score(&mut self) -> &mut Score {
        &mut self.score
    }

    /// Keeps it. Where that fails it is said; the answers were given all the same.
    pub(super) fn keep(&self, session: &Session) {
        let Some(path) = &self.place else { return };
        if let Err(failure) = self.write(path) {
            session.say(&Message {
                grade: Grade::Warning,
                text: format!("the score is not kept: {}", failure.message),
                hint: Some(
                    "it is kept in the folder that `XDG_STATE_HOME` names, else in `~/.local/state`"
                        .to_owned(),
                ),
                code: None,
            });
        }
    }

    fn write(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: io::Error| {
            Failure::outside(format!(
                "cannot write `{}`: {}",
                path.display(),
                io_reason(&error)
            ))
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = OutFile::create(path)?;
        serde_json::to_writer_pretty(&mut file, &self.score).map_err(|error| failed(error.into()))?;
        file.write_all(b"\n").map_err(failed)?;
        file.finish()
    }

    /// Topic by topic.
    pub(super) fn tell(&self, out: &mut dyn Write) -> io::Result<()> {
        let all = self.score.total();
        if all.asked == 0 {
            return writeln!(out, "Nothing was asked yet: begin with `flowglass learn`.");
        }
        writeln!(
            out,
            "{} of {} right, in {}; {} in a row at best\n",
            all.right,
            counted(all.asked, "question"),
            counted(self.score.sittings, "sitting"),
            self.score.best_row
        )?;
        for (topic, tally) in &self.score.topics {
            writeln!(
                out,
                "  {:<26} {:>4} of {:>4}",
                topic.words(),
                tally.right,
                tally.asked
            )?;
        }
        if let Some(path) = &self.place {
            writeln!(out, "\nkept in {}", path.display())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_folder_is_where_systems_have_it() {
        let check = |pairs: &[(&'static str, &str)], expected: Option<&str>| {
            let found = place(&Environment::of(pairs));
            assert_eq!(found, expected.map(PathBuf::from));
        };
        check(
            &[("XDG_STATE_HOME", "/s"), ("HOME", "/h")],
            Some("/s/flowglass/learn.json"),
        );
        check(&[("HOME", "/h")], Some("/h/.local/state/flowglass/learn.json"));
        check(&[], None);
    }
}
