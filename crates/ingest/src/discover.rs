//! Finding the blobs of a container: all of them once, and then those of some hours.
//!
//! Azure puts a blob of each interface and hour under `FLOWLOG/y=…/m=…/d=…/h=…/`, so a container is looked through once for its
//! flow logs, and from then on one list for each flow log and hour tells all that is there and which of it has changed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use table::{is_own_folder, table_around};

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
    /// The folder of the first table that came, of which nothing is listed.
    table: Option<String>,
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
            table: None,
            passed_over: PassedOver::default(),
        }
    }

    /// What is listed.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}/{}", self.container.address(), self.prefix)
    }

    /// A table that lies among what is listed: its address. Nothing of it is read.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.table.as_deref()
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
            // What is asked for is read, wherever it lies.
            let below = listed.name.get(self.prefix.len()..).unwrap_or_default();
            let name = OsStr::new(listed.name.rsplit('/').next().unwrap_or_default());
            if let Some(table) = table_around(below) {
                self.passed_over.of_a_table();
                let address = self.address();
                self.table
                    .get_or_insert_with(|| format!("{address}{table}").trim_end_matches('/').to_owned());
            } else if could_be_a_flow_log(name) {
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
    pub(crate) container: Arc<dyn Container>,
    pub(crate) roots: BTreeSet<String>,
    /// Folders of tables that lie there, without a slash at their end.
    tables: BTreeSet<String>,
}

impl FlowLogs {
    /// Looks for them below a prefix, folder by folder.
    ///
    /// # Errors
    /// If the container cannot be listed.
    pub async fn find(container: Arc<dyn Container>, prefix: &str) -> Result<Self, BlobError> {
        let mut roots = BTreeSet::new();
        let mut tables = BTreeSet::new();
        let mut folders = vec![(prefix.to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let mut next: Option<String> = None;
            let (mut inside, mut is_table) = (Vec::new(), false);
            loop {
                let page = container.list(&folder, true, next.as_deref()).await?;
                for below in page.prefixes {
                    if is_year(&folder, &below) {
                        roots.insert(folder.clone());
                    } else if is_own(&folder, &below) {
                        is_table = true;
                        tables.extend(table_around(&below).map(str::to_owned));
                    } else if depth < DEPTH_MAX {
                        inside.push((below, depth + 1));
                    }
                }
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            // Beside the log of a table are its days, of which there may be many.
            inside.retain(|(below, _)| !is_table || !is_day(&folder, below));
            folders.extend(inside);
        }
        Ok(Self {
            container,
            roots,
            tables,
        })
    }

    /// Addresses of tables that lie there. They are not looked into.
    pub fn tables(&self) -> impl Iterator<Item = String> + '_ {
        let tables = self.tables.iter();
        let address = self.container.address();
        tables.map(move |folder| format!("{address}/{folder}").trim_end_matches('/').to_owned())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.roots.len()
    }

    /// Lists of each flow log that hold at least these hours, in order of addresses. Hours are counted from 1970. Each hour is
    /// a list as long as there are few; else each day is one, or each month, or all of it.
    pub fn listings(&self, hours: RangeInclusive<i32>) -> impl Iterator<Item = Listing> + '_ {
        let folders = folders_of(&hours);
        let of_root = move |root: &String| {
            let prefixes = folders.iter().map(|folder| format!("{root}{folder}"));
            prefixes.collect::<Vec<_>>()
        };
        let prefixes = self.roots.iter().flat_map(of_root);
        prefixes.map(|prefix| Listing::new(Arc::clone(&self.container), prefix))
    }
}

/// True for a folder that a table keeps beside its rows.
fn is_own(folder: &str, below: &str) -> bool {
    let name = below.strip_prefix(folder).unwrap_or_default();
    is_own_folder(name.trim_end_matches('/'))
}

/// True for a folder of a table's rows, such as `FlowDate=2026-03-01`.
fn is_day(folder: &str, below: &str) -> bool {
    let name = below.strip_prefix(folder).unwrap_or_default();
    let day = name.trim_end_matches('/').split_once('=');
    day.is_some_and(|(_, day)| day.parse::<NaiveDate>().is_ok())
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

/// Folders of one kind that hold some hours, at most: a list of a flow log is asked for each.
const FOLDERS_MAX: usize = 32;

/// The folders below a flow log that hold these hours: of the smallest kind of which a few dozen are enough, or else all of it.
fn folders_of(hours: &RangeInclusive<i32>) -> BTreeSet<String> {
    for kind in ["y=%Y/m=%m/d=%d/h=%H/", "y=%Y/m=%m/d=%d/", "y=%Y/m=%m/"] {
        let mut folders = BTreeSet::new();
        for hour in hours.clone() {
            let begin = DateTime::from_timestamp(i64::from(hour) * 3600, 0).unwrap_or_default();
            folders.insert(begin.format(kind).to_string());
            if folders.len() > FOLDERS_MAX {
                break;
            }
        }
        if folders.len() <= FOLDERS_MAX {
            return folders;
        }
    }
    BTreeSet::from([String::new()])
}

/// The hours that may still grow at a moment, counted from 1970: those of the last minutes, and the one that clocks ahead of
/// ours have begun.
#[must_use]
pub fn hours_around(now_micros: i64, back_micros: i64) -> RangeInclusive<i32> {
    const HOUR_MICROS: i64 = 3_600_000_000;
    const AHEAD_MICROS: i64 = 300_000_000;
    let hour = |micros: i64| i32::try_from(micros.div_euclid(HOUR_MICROS)).unwrap_or(i32::MAX);
    hour(now_micros.saturating_sub(back_micros))..=hour(now_micros.saturating_add(AHEAD_MICROS))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-01 00:00 UTC.
    const MARCH: i32 = 492_312;

    #[test]
    fn hours_are_listed_by_hours_days_or_months() {
        let folders = |back: i32| {
            folders_of(&(MARCH + 9 - back..=MARCH + 9))
                .into_iter()
                .collect::<Vec<_>>()
        };
        assert_eq!(
            folders(2),
            [
                "y=2026/m=03/d=01/h=07/",
                "y=2026/m=03/d=01/h=08/",
                "y=2026/m=03/d=01/h=09/",
            ]
        );
        assert_eq!(folders(31).len(), 32);
        assert_eq!(folders(32), ["y=2026/m=02/d=28/", "y=2026/m=03/d=01/"]);
        assert_eq!(folders(31 * 24).len(), 32);
        assert_eq!(folders(33 * 24), ["y=2026/m=01/", "y=2026/m=02/", "y=2026/m=03/"]);
        assert_eq!(folders(40 * 8766), [""]);
        assert_eq!(folders_of(&(i32::MIN..=i32::MAX)).len(), 1);
    }
}
