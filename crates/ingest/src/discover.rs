//! Finding the blobs of a container: all of them once, and then those of some hours.
//!
//! Azure puts a blob of each interface and hour under `FLOWLOG/y=…/m=…/d=…/h=…/`, so a container is looked through once for its
//! flow logs, and from then on one list for each flow log and hour tells all that is there and which of it has changed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::sync::Arc;

use chrono::DateTime;

use crate::container::{BlobError, Container, Page};
use crate::sources::names::could_be_a_flow_log;
use crate::sources::{PassedOver, Source};

/// Folders in one another above the year: the longest name of a flow log has eleven.
const DEPTH_MAX: usize = 16;

/// A list of blobs, page by page.
#[derive(Debug)]
pub struct Listing {
    container: Arc<dyn Container>,
    prefix: String,
    next: Option<String>,
    has_ended: bool,
    /// What was left alone, told by its name.
    pub passed_over: PassedOver,
}

impl Listing {
    /// Of the blobs whose names begin so.
    #[must_use]
    pub fn new(container: Arc<dyn Container>, prefix: impl Into<String>) -> Self {
        Self {
            container,
            prefix: prefix.into(),
            next: None,
            has_ended: false,
            passed_over: PassedOver::default(),
        }
    }

    /// What is listed.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}/{}", self.container.address(), self.prefix)
    }

    /// The next page, in order of addresses; none at the end.
    ///
    /// # Errors
    /// If the container cannot be listed.
    pub async fn next(&mut self) -> Result<Option<Vec<Source>>, BlobError> {
        if self.has_ended {
            return Ok(None);
        }
        let Page { blobs, next, .. } = self
            .container
            .list(&self.prefix, false, self.next.as_deref())
            .await?;
        self.has_ended = next.is_none();
        self.next = next;
        let mut sources = Vec::with_capacity(blobs.len());
        for listed in blobs {
            let name = OsStr::new(listed.name.rsplit('/').next().unwrap_or_default());
            if could_be_a_flow_log(name) {
                sources.push(Source::blob(&self.container, listed));
            } else {
                self.passed_over.file(name);
            }
        }
        Ok(Some(sources))
    }
}

/// The flow logs of a container: what the names of their blobs begin with, up to the year.
#[derive(Clone, Debug)]
pub struct FlowLogs {
    container: Arc<dyn Container>,
    roots: BTreeSet<String>,
}

impl FlowLogs {
    /// Looks for them below a prefix, folder by folder.
    ///
    /// # Errors
    /// If the container cannot be listed.
    pub async fn find(container: Arc<dyn Container>, prefix: &str) -> Result<Self, BlobError> {
        let mut roots = BTreeSet::new();
        let mut folders = vec![(prefix.to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let mut next: Option<String> = None;
            loop {
                let page = container.list(&folder, true, next.as_deref()).await?;
                for below in page.prefixes {
                    if is_year(&folder, &below) {
                        roots.insert(folder.clone());
                    } else if depth < DEPTH_MAX {
                        folders.push((below, depth + 1));
                    }
                }
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
        }
        Ok(Self { container, roots })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.roots.len()
    }

    /// A list for each flow log and hour, in order of addresses. Hours are counted from 1970.
    pub fn listings(&self, hours: std::ops::RangeInclusive<i32>) -> impl Iterator<Item = Listing> + '_ {
        let of_root = move |root: &String| {
            let prefixes = hours.clone().map(|hour| hour_prefix(root, hour));
            prefixes.collect::<Vec<_>>()
        };
        let prefixes = self.roots.iter().flat_map(of_root);
        prefixes.map(|prefix| Listing::new(Arc::clone(&self.container), prefix))
    }
}

fn is_year(folder: &str, below: &str) -> bool {
    let year = below
        .strip_prefix(folder)
        .and_then(|part| part.strip_prefix("y="));
    year.is_some_and(|year| {
        year.trim_end_matches('/')
            .chars()
            .all(|digit| digit.is_ascii_digit())
    })
}

/// What the names of an hour's blobs begin with.
fn hour_prefix(root: &str, hour: i32) -> String {
    let begin = DateTime::from_timestamp(i64::from(hour) * 3600, 0).unwrap_or_default();
    format!("{root}{}", begin.format("y=%Y/m=%m/d=%d/h=%H/"))
}

/// The hours that may still grow at a moment, counted from 1970: those of the last minutes, and the one that clocks ahead of
/// ours have begun.
#[must_use]
pub fn hours_around(now_micros: i64, back_micros: i64) -> std::ops::RangeInclusive<i32> {
    const HOUR_MICROS: i64 = 3_600_000_000;
    const AHEAD_MICROS: i64 = 300_000_000;
    let hour = |micros: i64| i32::try_from(micros.div_euclid(HOUR_MICROS)).unwrap_or(i32::MAX);
    hour(now_micros.saturating_sub(back_micros))..=hour(now_micros.saturating_add(AHEAD_MICROS))
}
