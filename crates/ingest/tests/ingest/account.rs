//! A container of blobs in memory, as Azure keeps them: blocks, commits, e-tags; and what can go wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use ingest::{BlobError, Block, Blocks, Container, Listed, Page, Source};

pub(crate) const CONTAINER: &str = "az://account/insights-logs-flowlogflowevent";

const OPENING: &str = "{\"records\":[";

/// A commit of a blob.
#[derive(Clone, Debug, Default)]
struct Commit {
    number: u64,
    blocks: Vec<(String, Vec<u8>)>,
    /// Written in one piece: it has no blocks to show.
    is_one_piece: bool,
}

impl Commit {
    fn bytes(&self) -> Vec<u8> {
        self.blocks.iter().flat_map(|(_, bytes)| bytes.clone()).collect()
    }

    fn etag(&self) -> String {
        format!("\"0x{:x}\"", self.number)
    }

    fn modified(&self) -> i64 {
        i64::try_from(self.number).unwrap() * 1_000_000_000
    }

    fn listed(&self, name: &str) -> Listed {
        Listed {
            name: name.to_owned(),
            size: self.bytes().len() as u64,
            etag: self.etag(),
            modified: self.modified(),
        }
    }
}

/// What happens to a blob when it is asked for a range.
pub(crate) type Surprise = Box<dyn FnOnce(&Account) + Send>;

#[derive(Default)]
pub(crate) struct Account {
    blobs: Mutex<BTreeMap<String, Commit>>,
    numbers: Mutex<u64>,
    /// Before so many more ranges are answered.
    surprises: Mutex<Vec<(usize, Surprise)>>,
    /// Blobs that fail, whatever is asked of them.
    broken: Mutex<BTreeSet<String>>,
    is_away: AtomicBool,
    /// Lists are answered, and what is asked of blobs is not.
    are_blobs_away: AtomicBool,
    /// What was listed.
    pub(crate) lists: Mutex<Vec<String>>,
    /// Every answer: of blocks, or of a range.
    pub(crate) asked: Mutex<Vec<(String, Option<Range<u64>>)>>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(CONTAINER)
    }
}

impl Account {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    fn number(&self) -> u64 {
        let mut number = self.numbers.lock().unwrap();
        *number += 1;
        *number
    }

    /// Adds records to a blob as Azure does: before the closing block, which stays.
    pub(crate) fn append(&self, name: &str, records: &str) {
        let number = self.number();
        let mut blobs = self.blobs.lock().unwrap();
        let commit = blobs.entry(name.to_owned()).or_insert_with(|| Commit {
            blocks: vec![
                (format!("A-{number}"), OPENING.into()),
                (format!("Z-{number}"), b"]}".to_vec()),
            ],
            ..Commit::default()
        });
        let comma = if commit.blocks.len() > 2 { "," } else { "" };
        let place = commit.blocks.len() - 1;
        let block = (format!("D-{number}"), format!("{comma}{records}").into_bytes());
        commit.blocks.insert(place, block);
        commit.number = number;
    }

    /// Writes a blob of these blocks.
    pub(crate) fn write(&self, name: &str, blocks: &[&str]) {
        let number = self.number();
        let blocks = blocks.iter().enumerate();
        let blocks = blocks.map(|(at, text)| (format!("{number}-{at}"), text.as_bytes().to_vec()));
        let commit = Commit {
            number,
            blocks: blocks.collect(),
            is_one_piece: false,
        };
        self.blobs.lock().unwrap().insert(name.to_owned(), commit);
    }

    /// Writes a blob in one piece.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        let commit = Commit {
            number: self.number(),
            blocks: vec![(String::new(), bytes.to_vec())],
            is_one_piece: true,
        };
        self.blobs.lock().unwrap().insert(name.to_owned(), commit);
    }

    pub(crate) fn delete(&self, name: &str) {
        self.blobs.lock().unwrap().remove(name);
    }

    /// Before the range after so many others is answered, this happens.
    pub(crate) fn surprise(&self, after: usize, what: impl FnOnce(&Self) + Send + 'static) {
        self.surprises.lock().unwrap().push((after, Box::new(what)));
    }

    /// What a list says of a blob.
    pub(crate) fn listed(&self, name: &str) -> Listed {
        self.found(name).unwrap().listed(name)
    }

    /// From now on the blob fails, or no longer.
    pub(crate) fn break_blob(&self, name: &str, fails: bool) {
        let mut broken = self.broken.lock().unwrap();
        match fails {
            true => broken.insert(name.to_owned()),
            false => broken.remove(name),
        };
    }

    /// From now on nothing is answered, or everything.
    pub(crate) fn go_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::Relaxed);
    }

    /// From now on nothing that is asked of blobs is answered, or everything.
    pub(crate) fn hide_blobs(&self, are_away: bool) {
        self.are_blobs_away.store(are_away, Ordering::Relaxed);
    }

    /// What a list says.
    pub(crate) fn sources(self: &Arc<Self>) -> Vec<Source> {
        let blobs = self.blobs.lock().unwrap();
        let container: Arc<dyn Container> = Arc::clone(self) as Arc<dyn Container>;
        let sources = blobs.iter();
        sources
            .map(|(name, commit)| Source::blob(&container, commit.listed(name)))
            .collect()
    }

    /// Forgets what was asked, and says it: questions for blocks, and the ranges.
    pub(crate) fn take_asked(&self) -> (usize, Vec<Range<u64>>) {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        let ranges: Vec<Range<u64>> = asked.iter().filter_map(|(_, range)| range.clone()).collect();
        (asked.len() - ranges.len(), ranges)
    }

    fn found(&self, name: &str) -> Result<Commit, BlobError> {
        let blobs = self.blobs.lock().unwrap();
        blobs.get(name).cloned().ok_or(BlobError::Gone)
    }

    fn be_surprised(&self) {
        let mut due = Vec::new();
        self.surprises.lock().unwrap().retain_mut(|(after, what)| {
            let is_due = *after == 0;
            if is_due {
                due.push(std::mem::replace(what, Box::new(|_| ())));
            }
            *after = after.saturating_sub(1);
            !is_due
        });
        due.into_iter().for_each(|what| what(self));
    }
}

/// Names on one page of a list: small, so that lists have several.
const PAGE: usize = 3;

#[async_trait]
impl Container for Account {
    fn address(&self) -> &str {
        CONTAINER
    }

    async fn list(&self, prefix: &str, by_folder: bool, next: Option<&str>) -> Result<Page, BlobError> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(BlobError::failed("nobody answers"));
        }
        self.lists.lock().unwrap().push(prefix.to_owned());
        let mut page = Page::default();
        let blobs = self.blobs.lock().unwrap();
        let from = next.unwrap_or(prefix).to_owned();
        for (name, commit) in blobs.range(from..).filter(|(name, _)| name.starts_with(prefix)) {
            let folder = name.strip_prefix(prefix).and_then(|rest| rest.split_once('/'));
            let folder = folder
                .filter(|_| by_folder)
                .map(|(folder, _)| format!("{prefix}{folder}/"));
            if folder.is_some() && page.prefixes.last() == folder.as_ref() {
                continue;
            }
            if page.blobs.len() + page.prefixes.len() == PAGE {
                page.next = Some(name.clone());
                break;
            }
            match folder {
                Some(folder) => page.prefixes.push(folder),
                None => page.blobs.push(commit.listed(name)),
            }
        }
        Ok(page)
    }

    async fn blocks(&self, name: &str) -> Result<Blocks, BlobError> {
        self.asked.lock().unwrap().push((name.to_owned(), None));
        if self.are_blobs_away.load(Ordering::Relaxed) {
            let (message, hint) = ("nobody answers".to_owned(), String::new());
            return Err(BlobError::Away { message, hint });
        }
        if self.broken.lock().unwrap().contains(name) {
            return Err(BlobError::failed("it is broken"));
        }
        let commit = self.found(name)?;
        let blocks = commit.blocks.iter().map(|(id, bytes)| Block {
            id: id.clone(),
            bytes: bytes.len() as u64,
        });
        Ok(Blocks {
            etag: commit.etag(),
            size: commit.bytes().len() as u64,
            modified: commit.modified(),
            blocks: blocks.filter(|_| !commit.is_one_piece).collect(),
        })
    }

    async fn range(&self, name: &str, range: Range<u64>, etag: &str) -> Result<Bytes, BlobError> {
        self.be_surprised();
        self.asked
            .lock()
            .unwrap()
            .push((name.to_owned(), Some(range.clone())));
        let commit = self.found(name)?;
        if commit.etag() != etag {
            return Err(BlobError::Changed);
        }
        let bytes = commit.bytes();
        let (start, end) = (
            usize::try_from(range.start).unwrap(),
            usize::try_from(range.end).unwrap(),
        );
        let part = bytes.get(start..end).ok_or(BlobError::Changed)?;
        Ok(Bytes::copy_from_slice(part))
    }
}
