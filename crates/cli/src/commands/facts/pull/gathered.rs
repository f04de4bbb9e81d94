//! Lists as they come: read as files would be, kept as files where that is asked for, and what went wrong with each.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use azure::{Document, Pulled};
use inventory::Problem;
use model::facts::FactSet;
use table::io_reason;

use crate::commands::facts::files;
use crate::exit::Failure;
use crate::message::{Grade, Message};
use crate::out_file::OutFile;
use crate::quantity::counted;
use crate::session::Session;

/// A list, and what became of it.
pub(super) struct List {
    pub(super) subscription: String,
    pub(super) name: String,
    pub(super) resources: u64,
    pub(super) problems: Vec<Problem>,
    /// What went wrong, and what to do next.
    pub(super) failure: Option<(String, String)>,
}

/// All lists.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) lists: Vec<List>,
    pub(super) facts: FactSet,
    pub(super) resources: u64,
    pub(super) has_failed: bool,
    sets: Vec<FactSet>,
    folder: Option<PathBuf>,
    /// Subscriptions with a list that came and cannot be read, or not all of it: what is whole of them is not known.
    unread: Vec<String>,
}

impl Gathered {
    /// Keeps the lists in a folder, too.
    pub(super) fn into_folder(folder: Option<&Path>) -> Result<Self, Failure> {
        if let Some(folder) = folder {
            fs::create_dir_all(folder).map_err(|error| {
                Failure::outside(format!(
                    "cannot make the folder `{}`: {}",
                    folder.display(),
                    io_reason(&error)
                ))
                .hint("name a folder that you may write to")
            })?;
        }
        Ok(Self {
            folder: folder.map(Path::to_owned),
            ..Self::default()
        })
    }

    /// Takes a list. Whatever is wrong with it does not keep the others from being read.
    pub(super) fn take(&mut self, document: Document) {
        let Document {
            subscription,
            name,
            body,
            failure,
        } = document;
        let mut list = List {
            subscription,
            name,
            resources: 0,
            problems: Vec::new(),
            failure: failure.map(|failure| (failure.to_string(), failure.hint())),
        };
        if let Some(body) = body {
            self.read(&mut list, &body);
        }
        self.lists.push(list);
    }

    fn read(&mut self, list: &mut List, body: &serde_json::Value) {
        let text = body.to_string();
        if let Err(failure) = self.keep(list, &text) {
            list.failure
                .get_or_insert((failure.message, failure.hint.unwrap_or_default()));
        }
        match inventory::read(text.as_bytes()) {
            Ok(reading) => {
                list.resources = reading.facts.resources.len() as u64;
                self.resources += list.resources;
                list.problems = reading.problems;
                // A list that failed is not counted as whole anyway.
                if !reading.is_whole && list.failure.is_none() {
                    self.unread.push(list.subscription.clone());
                }
                // That a list broke off is told as what it is.
                if list.failure.is_some() {
                    list.problems
                        .retain(|problem| !problem.message.starts_with("the list goes on"));
                }
                self.sets.push(reading.facts);
            }
            Err(unreadable) => {
                self.unread.push(list.subscription.clone());
                let hint = unreadable.hint.unwrap_or("`--out DIR` keeps what came");
                list.failure = Some((format!("cannot use it: {}", unreadable.message), hint.to_owned()));
            }
        }
    }

    /// As a file that `facts load` reads.
    fn keep(&self, list: &List, text: &str) -> Result<(), Failure> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let plain = |name: &str| -> String {
            let letters = name.chars().map(|held| match held {
                held if held.is_alphanumeric() || "-_.".contains(held) => held,
                _ => '-',
            });
            letters.collect()
        };
        let name = format!("{}-{}.json", plain(&list.subscription), plain(&list.name));
        let path = folder.join(name);
        let mut file = OutFile::create(&path)?;
        file.write_all(text.as_bytes()).map_err(|error| {
            Failure::outside(format!(
                "cannot write `{}`: {}",
                path.display(),
                io_reason(&error)
            ))
            .hint("name another folder by `--out`")
        })?;
        file.finish()
    }

    /// How many lists failed so far.
    pub(super) fn failures(&self) -> usize {
        self.lists.iter().filter(|list| list.failure.is_some()).count()
    }

    /// Puts everything together, and says what went wrong.
    pub(super) fn finished(mut self, session: &Session, pulled: &Pulled) -> Self {
        let (facts, contradictions) = inventory::together(std::mem::take(&mut self.sets));
        self.facts = facts;
        let whole = pulled.whole.iter();
        let whole = whole.filter(|whole| !self.unread.contains(&whole.subscription));
        self.facts.whole = Some(whole.cloned().collect());
        for list in &self.lists {
            files::say(session, &label(list), &list.problems);
        }
        files::say(session, "two lists", &contradictions);
        self.say_failures(session);
        self.has_failed = self.failures() > 0;
        self
    }

    /// Nothing came, and nothing is known to be all there is.
    pub(super) fn is_nothing(&self) -> bool {
        let has_whole = self.facts.whole.as_ref().is_some_and(|whole| !whole.is_empty());
        self.facts.resources.is_empty() && self.facts.tags.is_none() && !has_whole
    }

    /// One line for all lists that failed in the same way, and the next step once.
    fn say_failures(&self, session: &Session) {
        let mut said: Vec<(&(String, String), Vec<&List>)> = Vec::new();
        for list in &self.lists {
            let Some(failure) = &list.failure else {
                continue;
            };
            match said.iter_mut().find(|(held, _)| *held == failure) {
                Some((_, lists)) => lists.push(list),
                None => said.push((failure, vec![list])),
            }
        }
        let mut last_hint = "";
        for ((text, hint), lists) in said.iter().take(files::SAID_MAX) {
            let Some(first) = lists.first() else { continue };
            let more = match lists.len() - 1 {
                0 => String::new(),
                more => format!(" and {}", counted(more as u64, "more list")),
            };
            let message = Message::new(Grade::Error, format!("{}{more}: {text}", label(first)));
            session.say(&match hint.as_str() {
                hint if hint == last_hint => message,
                hint => message.hint(hint),
            });
            last_hint = hint;
        }
        if let Some(more) = said.len().checked_sub(files::SAID_MAX).filter(|more| *more > 0) {
            let text = format!("{more} more of this kind; `--format json` lists them all");
            session.say(&Message::new(Grade::Error, text));
        }
    }
}

/// As the list is named where something is said of it.
fn label(list: &List) -> String {
    format!("subscription `{}`, {}", list.subscription, list.name)
}
