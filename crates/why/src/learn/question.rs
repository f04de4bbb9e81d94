//! A question, what may be answered, and what an answer means: letters, words and what people call things.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::chance::Chance;

/// What a question is about; a score is kept for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// Which part of a tuple says what.
    Fields,
    /// Which way a flow goes, and who says so.
    Direction,
    /// Who began it.
    Who,
    /// Inside, the internet, or the platform.
    Place,
    /// Allowed or denied.
    Decision,
    /// What the state says.
    State,
    /// Which rule decided.
    Rule,
    /// Which service the port stands for.
    Service,
    /// What the counters count.
    Counters,
    /// What a flow log is enabled on.
    Enabled,
    /// What several entries are together.
    Pattern,
}

impl Topic {
    /// As a score lists it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Fields => "the fields of a tuple",
            Self::Direction => "direction",
            Self::Who => "who began",
            Self::Place => "inside or internet",
            Self::Decision => "allowed or denied",
            Self::State => "state",
            Self::Rule => "which rule",
            Self::Service => "which service",
            Self::Counters => "counters",
            Self::Enabled => "what a log is enabled on",
            Self::Pattern => "patterns",
        }
    }
}

/// Something that may be answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What it says.
    pub text: String,
    /// What people also call it.
    pub also: Vec<String>,
    /// What to say to who takes it for right.
    pub correction: String,
}

impl Choice {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    pub(super) fn also(mut self, names: &[&str]) -> Self {
        self.also.extend(names.iter().map(|name| (*name).to_owned()));
        self
    }

    pub(super) fn but(mut self, correction: impl Into<String>) -> Self {
        self.correction = correction.into();
        self
    }
}

/// A question with its right answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What it is about.
    pub topic: Topic,
    /// What is asked.
    pub prompt: String,
    /// What may be answered, in the order of their letters.
    pub choices: Vec<Choice>,
    /// The place of the right one.
    pub right: usize,
    /// Where to look.
    pub hint: String,
    /// Why it is so, line by line.
    pub because: Vec<String>,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// This choice.
    Choice(usize),
    /// None that could be told.
    Unclear,
}

impl Question {
    /// With the right answer first, and the choices in an order of chance.
    pub(super) fn new(
        topic: Topic,
        prompt: impl Into<String>,
        choices: Vec<Choice>,
        chance: &mut Chance,
    ) -> Self {
        let mut order: Vec<(usize, Choice)> = choices.into_iter().enumerate().collect();
        chance.shuffle(&mut order);
        Self {
            topic,
            prompt: prompt.into(),
            right: order.iter().position(|(at, _)| *at == 0).unwrap_or(0),
            choices: order.into_iter().map(|(_, choice)| choice).collect(),
            hint: String::new(),
            because: Vec::new(),
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub(super) fn because<T: Into<String>>(mut self, lines: impl IntoIterator<Item = T>) -> Self {
        self.because.extend(lines.into_iter().map(Into::into));
        self
    }

    /// The letter of a choice. States are letters themselves, so choices between them have others.
    #[must_use]
    pub fn letter(&self, place: usize) -> char {
        let first = match self.topic {
            Topic::State => b'w',
            _ => b'a',
        };
        let letter = u8::try_from(place)
            .ok()
            .and_then(|place| first.checked_add(place));
        letter.map_or('?', char::from)
    }

    /// What somebody means: a letter, a choice's words, what else it is called, or the beginning of one of these if it is of one
    /// choice only.
    #[must_use]
    pub fn reply(&self, typed: &str) -> Reply {
        let plain = typed.trim().trim_end_matches([')', '.']).to_lowercase();
        let mut letters = plain.chars();
        if let (Some(letter), None) = (letters.next(), letters.next())
            && let Some(place) = (0..self.choices.len()).find(|place| self.letter(*place) == letter)
        {
            return Reply::Choice(place);
        }
        let meant = bare(&plain);
        if meant.is_empty() {
            return Reply::Unclear;
        }
        let named = |test: &dyn Fn(&str) -> bool| {
            let of = |choice: &Choice| {
                let names = std::iter::once(&choice.text).chain(&choice.also);
                names.into_iter().any(|name| test(&bare(&name.to_lowercase())))
            };
            let places = self.choices.iter().enumerate();
            let mut places = places.filter(|(_, choice)| of(choice)).map(|(place, _)| place);
            match (places.next(), places.next()) {
                (Some(place), None) => Some(place),
                _ => None,
            }
        };
        let whole = named(&|name| name == meant);
        let begins = || named(&|name| meant.len() >= 2 && name.starts_with(&meant));
        whole.or_else(begins).map_or(Reply::Unclear, Reply::Choice)
    }
}

/// Without blanks, signs and what groups digits.
fn bare(text: &str) -> String {
    text.chars().filter(|sign| sign.is_alphanumeric()).collect()
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.prompt)?;
        for (place, choice) in self.choices.iter().enumerate() {
            writeln!(f, "  {}) {}", self.letter(place), choice.text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_kindly() {
        let choices = vec![
            Choice::new("HTTPS").also(&["tls", "web"]),
            Choice::new("SSH"),
            Choice::new("12,345 bytes"),
            Choice::new("Simple mail"),
        ];
        let question = Question {
            right: 0,
            choices,
            ..Question::new(Topic::Service, "which", Vec::new(), &mut Chance::new(1))
        };
        for (typed, expected) in [
            ("a", Reply::Choice(0)),
            (" B) ", Reply::Choice(1)),
            ("c.", Reply::Choice(2)),
            ("https", Reply::Choice(0)),
            ("TLS", Reply::Choice(0)),
            ("12345", Reply::Choice(2)),
            ("12 345 bytes", Reply::Choice(2)),
            ("simple", Reply::Choice(3)),
            ("s", Reply::Unclear),
            ("x", Reply::Unclear),
            ("", Reply::Unclear),
            ("!", Reply::Unclear),
            ("ftp", Reply::Unclear),
        ] {
            assert_eq!(question.reply(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn the_right_answer_stays_right_in_any_order() {
        let mut places = std::collections::BTreeSet::new();
        for seed in 0..50 {
            let choices = ["right", "wrong", "other"].map(Choice::new).to_vec();
            let question = Question::new(Topic::State, "which", choices, &mut Chance::new(seed));
            assert_eq!(question.choices[question.right].text, "right");
            places.insert(question.right);
        }
        assert_eq!(places.len(), 3);
    }
}
