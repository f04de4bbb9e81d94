//! Blobs page by page: files of this machine, found by a thread of its own, and lists of containers. A page is handed on
//! before the next is asked for.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::ops::ControlFlow;
use std::sync::Arc;

use ingest::{BlobError, Finding, FlowLogs, Input, Listing, PassedOver, Source, Trouble};
use tokio::sync::mpsc;

use super::entry::HOUR;
use crate::account::{self, Named};
use crate::instant::Micros;
use crate::message::{Grade, Message};
use crate::quantity::counted;
use crate::reading::sources;
use crate::recorded::Times;
use crate::session::Session;

/// Files in a page.
const PAGE: usize = 1000;
/// So many hours are listed one by one; more are cheaper found in a list of all.
const HOURS_MAX: i32 = 72;

/// What a walk through folders comes upon.
enum Local {
    Page(Vec<Source>),
    Trouble(Trouble),
    End(PassedOver),
}

enum Part {
    Blob(Box<Source>),
    Listing(Box<Listing>),
    Local(mpsc::Receiver<Local>),
}

/// All that was named.
pub(super) struct Walk {
    parts: VecDeque<Part>,
    passed_over: u64,
    /// Something could not be listed, which was said.
    pub(super) has_failed: bool,
}

impl Walk {
    /// Begins with the files, then what was named of storage accounts.
    pub(super) async fn of(
        session: &Session,
        named: &[Named],
        paths: Vec<OsString>,
        times: Option<Times>,
    ) -> Self {
        let mut walk = Self {
            parts: VecDeque::new(),
            passed_over: 0,
            has_failed: false,
        };
        if !paths.is_empty() {
            walk.parts.push_back(Part::Local(local(paths, session.now)));
        }
        for one in named {
            match parts(one, times).await {
                Ok(parts) => walk.parts.extend(parts),
                Err(error) => walk.fail(session, &account::unavailable(&one.address(), &error)),
            }
        }
        walk
    }

    /// The next page; none at the end. What cannot be listed is said, and the rest goes on.
    pub(super) async fn next(&mut self, session: &Session) -> Option<Vec<Source>> {
        while let Some(mut part) = self.parts.pop_front() {
            match &mut part {
                Part::Blob(source) => return Some(vec![source.as_ref().clone()]),
                Part::Listing(listing) => match listing.next().await {
                    Ok(Some(page)) => {
                        self.parts.push_front(part);
                        return Some(page);
                    }
                    Ok(None) => self.passed_over += listing.passed_over.total(),
                    Err(error) => self.fail(session, &account::unavailable(&listing.address(), &error)),
                },
                Part::Local(found) => match found.recv().await {
                    Some(Local::Page(page)) => {
                        self.parts.push_front(part);
                        return Some(page);
                    }
                    Some(Local::Trouble(trouble)) => {
                        self.fail(session, &sources::trouble(&trouble));
                        self.parts.push_front(part);
                    }
                    Some(Local::End(passed_over)) => self.passed_over += passed_over.total(),
                    None => {}
                },
            }
        }
        None
    }

    fn fail(&mut self, session: &Session, message: &Message) {
        self.has_failed = true;
        session.say(message);
    }

    pub(super) fn say_passed_over(&self, session: &Session) {
        if self.passed_over > 0 {
            let text = format!(
                "{} passed over: not named like a flow log",
                counted(self.passed_over, "file")
            );
            session.say(&Message::new(Grade::Note, text));
        }
    }
}

/// Finds files in a thread of its own, which waits until a page is taken.
fn local(paths: Vec<OsString>, now: Micros) -> mpsc::Receiver<Local> {
    let (send, receive) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        let inputs: Vec<Input> = paths.iter().map(Input::parse).collect();
        let mut page = Vec::new();
        let passed_over = ingest::each(&inputs, now, &mut |finding| {
            let next = match finding {
                Finding::Trouble(trouble) => Local::Trouble(trouble),
                Finding::Source(source) => {
                    page.push(source);
                    if page.len() < PAGE {
                        return ControlFlow::Continue(());
                    }
                    Local::Page(std::mem::take(&mut page))
                }
            };
            match send.blocking_send(next) {
                Ok(()) => ControlFlow::Continue(()),
                // Nobody wants more.
                Err(_) => ControlFlow::Break(()),
            }
        });
        let _ = send.blocking_send(Local::Page(page));
        let _ = send.blocking_send(Local::End(passed_over));
    });
    receive
}

/// How what was named is listed. A few hours are asked for by their names, flow log by flow log.
async fn parts(named: &Named, times: Option<Times>) -> Result<Vec<Part>, BlobError> {
    if let Some(source) = &named.blob {
        return Ok(vec![Part::Blob(Box::new(source.clone()))]);
    }
    let Some(hours) = few_hours(times).filter(|_| may_be_above_years(&named.prefix)) else {
        return Ok(vec![Part::Listing(Box::new(named.listing()))]);
    };
    let logs = FlowLogs::find(Arc::clone(&named.container), &named.prefix).await?;
    let listings = logs.listings(hours);
    Ok(listings.map(|listing| Part::Listing(Box::new(listing))).collect())
}

/// The hours that these times touch, if they are few.
fn few_hours(times: Option<Times>) -> Option<std::ops::RangeInclusive<i32>> {
    let (from, before) = times?;
    let hour = |micros: Micros| i32::try_from(micros.div_euclid(HOUR)).ok();
    let (first, last) = (hour(from)?, hour(before.saturating_sub(1))?);
    (last.saturating_sub(first) < HOURS_MAX).then_some(first..=last)
}

/// True if the folders of the years may lie below a prefix: it ends where a folder does, and is not within one of them.
fn may_be_above_years(prefix: &str) -> bool {
    let is_folder = prefix.is_empty() || prefix.ends_with('/');
    is_folder && !prefix.split('/').any(|part| part.starts_with("y="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_hours_are_listed_one_by_one() {
        let at = |hour: i64| hour * HOUR;
        assert_eq!(few_hours(None), None);
        assert_eq!(few_hours(Some((at(5), at(6)))), Some(5..=5));
        assert_eq!(few_hours(Some((at(5) + 1, at(6) + 1))), Some(5..=6));
        assert_eq!(few_hours(Some((at(0), at(72)))), Some(0..=71));
        assert_eq!(few_hours(Some((at(0), at(72) + 1))), None);
        assert_eq!(few_hours(Some((0, i64::MAX))), None);
    }

    #[test]
    fn where_years_may_lie() {
        for above in ["", "flowLogResourceID=/", "flowLogResourceID=/S_RG/"] {
            assert!(may_be_above_years(above), "{above}");
        }
        for below in ["flowLog", "a/y=2026/", "a/y=2026/m=01/", "a/y"] {
            assert!(!may_be_above_years(below), "{below}");
        }
    }
}
