//! Putting the questions: what is shown, what is answered, and what is said to it.

use std::io::{self, BufRead, Write};
use std::path::Path;

use model::printable;
use why::learn::{Course, Lesson, Question, Reply, Round, Score};

use crate::quantity::counted;

/// An answer that is not understood is asked for again so often, and a hint is given so often: a pipe may hold anything.
const TRIES_MAX: usize = 5;
const HINTS_MAX: usize = 20;

/// A line that is longer is no answer.
const LINE_BYTES_MAX: u64 = 4096;

/// How to put them.
pub(super) struct Play {
    pub(super) count: u32,
    pub(super) lesson: Option<Lesson>,
    /// A terminal that may be coloured.
    pub(super) marks: bool,
}

/// How it went.
#[derive(Debug, Default)]
pub(super) struct Played {
    pub(super) rounds: u32,
    pub(super) asked: u32,
    pub(super) answered: u32,
    pub(super) right: u32,
    /// Questions whose answers were not understood: they count nothing.
    skipped: u32,
    has_stopped: bool,
}

/// What was answered.
enum Answer {
    Choice(usize),
    /// The answer is to be shown.
    Shown,
    /// None was understood, as often as it was asked.
    Skipped,
    Stop,
}

impl Play {
    /// Puts questions until there were enough, or somebody stops.
    pub(super) fn run(
        &self,
        course: &mut Course<'_>,
        input: &mut impl BufRead,
        out: &mut dyn Write,
        score: &mut Score,
    ) -> io::Result<Played> {
        let mut played = Played::default();
        let mut has_begun = false;
        while played.asked < self.count && !played.has_stopped {
            let Some(round) = course.next_round() else { break };
            if !has_begun {
                self.greet(out)?;
                has_begun = true;
            }
            played.rounds += 1;
            self.round(&round, input, out, score, &mut played)?;
        }
        if played.answered > 0 {
            score.sittings = score.sittings.saturating_add(1);
        }
        Ok(played)
    }

    fn greet(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.lesson {
            Some(lesson) => writeln!(out, "Lesson: {}\n\n{}\n", lesson.name(), lesson.introduction())?,
            None => writeln!(out, "Some entries of flow logs, and what one asks of them.\n")?,
        }
        writeln!(
            out,
            "A letter or a word; `?` for a hint, Enter for the answer, `q` to stop."
        )
    }

    fn round(
        &self,
        round: &Round,
        input: &mut impl BufRead,
        out: &mut dyn Write,
        score: &mut Score,
        played: &mut Played,
    ) -> io::Result<()> {
        writeln!(out)?;
        for line in &round.shown {
            writeln!(out, "{}", printable::text(line))?;
        }
        for question in &round.questions {
            if played.asked >= self.count {
                break;
            }
            played.asked += 1;
            let answer = self.ask(question, played.asked, input, out)?;
            match answer {
                Answer::Choice(place) => {
                    let is_right = place == question.right;
                    score.count(question.topic, is_right);
                    played.answered += 1;
                    played.right += u32::from(is_right);
                    self.judge(question, Some(place), out)?;
                }
                Answer::Shown => {
                    score.count(question.topic, false);
                    played.answered += 1;
                    self.judge(question, None, out)?;
                }
                Answer::Skipped => {
                    played.skipped += 1;
                    writeln!(out, "Not understood, so it is skipped and does not count.")?;
                    self.judge(question, None, out)?;
                }
                Answer::Stop => {
                    played.asked -= 1;
                    played.has_stopped = true;
                    return writeln!(out);
                }
            }
        }
        if !round.words.is_empty() {
            writeln!(out, "\nIn words: {}", printable::text(&round.words))?;
        }
        Ok(())
    }

    fn ask(
        &self,
        question: &Question,
        number: u32,
        input: &mut impl BufRead,
        out: &mut dyn Write,
    ) -> io::Result<Answer> {
        write!(out, "\n{number}/{}  ", self.count)?;
        for line in question.to_string().lines() {
            writeln!(out, "{}", printable::text(line))?;
        }
        let (mut hints, mut unclear) = (0, 0);
        while unclear < TRIES_MAX && hints < HINTS_MAX {
            write!(out, "> ")?;
            out.flush()?;
            let Some(typed) = line(input)? else {
                return Ok(Answer::Stop);
            };
            match typed.trim().to_lowercase().as_str() {
                "q" | "quit" | "exit" | "stop" => return Ok(Answer::Stop),
                "" => return Ok(Answer::Shown),
                "?" | "hint" | "help" => {
                    hints += 1;
                    writeln!(out, "Hint: {}.", question.hint)?;
                }
                _ => match question.reply(&typed) {
                    Reply::Choice(place) => return Ok(Answer::Choice(place)),
                    Reply::Unclear => {
                        unclear += 1;
                        let (first, last) = (
                            question.letter(0),
                            question.letter(question.choices.len().saturating_sub(1)),
                        );
                        writeln!(out, "Say a letter from {first} to {last}, or the answer's words.",)?;
                    }
                },
            }
        }
        Ok(Answer::Skipped)
    }

    fn judge(&self, question: &Question, chosen: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
        let right = question
            .choices
            .get(question.right)
            .map_or("", |choice| choice.text.as_str());
        let is_right = chosen == Some(question.right);
        let (on, off) = match (self.marks, is_right) {
            (false, _) => ("", ""),
            (true, true) => ("\x1b[32m", "\x1b[0m"),
            (true, false) => ("\x1b[33m", "\x1b[0m"),
        };
        let letter = question.letter(question.right);
        let right = printable::text(right);
        if is_right {
            writeln!(out, "{on}Right.{off}")?;
        } else if chosen.is_some() {
            writeln!(out, "{on}Not quite.{off} It is {letter}) {right}")?;
        } else {
            writeln!(out, "{on}It is {letter}){off} {right}")?;
        }
        let correction = chosen
            .filter(|_| !is_right)
            .and_then(|place| question.choices.get(place))
            .map_or("", |choice| choice.correction.as_str());
        let said = question.because.iter().any(|line| line.contains(correction));
        if !correction.is_empty() && !said {
            writeln!(out, "  {}", printable::text(correction))?;
        }
        for because in &question.because {
            if !because.is_empty() {
                writeln!(out, "  {}", printable::text(because))?;
            }
        }
        Ok(())
    }

    /// How it went, and what could come next.
    pub(super) fn farewell(
        &self,
        out: &mut dyn Write,
        played: &Played,
        score: &Score,
        seed: u64,
        table: Option<&Path>,
    ) -> io::Result<()> {
        if played.answered == 0 {
            return writeln!(out, "Nothing was answered, and nothing is counted.");
        }
        let all = score.total();
        let skipped = match played.skipped {
            0 => String::new(),
            some => format!(", {some} skipped"),
        };
        writeln!(
            out,
            "\n{} of {} right{skipped}. So far: {} of {}; {} in a row at best.",
            played.right,
            counted(played.answered.into(), "question"),
            all.right,
            all.asked,
            score.best_row
        )?;
        let weakest = score.weakest().map(|topic| (topic.words(), lesson_of(topic)));
        if let Some((topic, Some(lesson))) = weakest {
            writeln!(
                out,
                "Worth a look: {topic} (`flowglass learn --lesson {lesson}`)."
            )?;
        }
        let lesson = self
            .lesson
            .map_or_else(String::new, |lesson| format!(" --lesson {}", lesson.name()));
        let table = table.map_or_else(String::new, |table| format!(" --table {}", table.display()));
        writeln!(
            out,
            "The same questions again: flowglass learn{lesson}{table} --seed {seed}"
        )
    }
}

/// The lesson that is about a topic.
fn lesson_of(topic: why::learn::Topic) -> Option<&'static str> {
    use why::learn::Topic;

    Some(match topic {
        Topic::Fields => "tuple",
        Topic::Direction | Topic::Who => "direction",
        Topic::Decision | Topic::State => "state",
        Topic::Rule => "rules",
        Topic::Counters => "counters",
        Topic::Enabled => "enabled",
        Topic::Pattern => "patterns",
        Topic::Place | Topic::Service => return None,
    })
}

/// A line that was typed; none at the end. What is no text is no answer.
fn line(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = io::Read::take(&mut *input, LINE_BYTES_MAX).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
