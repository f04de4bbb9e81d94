//! What was asked so far, counted: for a price, for limits by the minute, and for metrics. It asks nothing itself.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::request::Request;

/// What a request is counted as: servers price and limit these apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reads one thing.
    Read,
    /// Reads a list.
    List,
    /// Writes.
    Write,
    /// Removes.
    Delete,
    /// All else.
    Other,
}

impl Kind {
    /// In the order of [`Reading::requests`].
    pub const ALL: [Self; 5] = [Self::Read, Self::List, Self::Write, Self::Delete, Self::Other];

    /// In a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::List => "list",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Other => "other",
        }
    }
}

/// Counts what a client asks.
#[derive(Debug, Default)]
pub struct Meter {
    requests: [AtomicU64; 5],
    again: AtomicU64,
    turned_away: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

/// What a meter says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Requests of each kind, in the order of [`Kind::ALL`]. Each try is one: a server counts it too.
    pub requests: [u64; 5],
    /// So many of them were tries after the first.
    pub again: u64,
    /// So many were answered by 429 or 503: too many, or too busy.
    pub turned_away: u64,
    /// Bytes of bodies that came, whole answers only.
    pub bytes_in: u64,
    /// Bytes of bodies that went.
    pub bytes_out: u64,
}

impl Reading {
    /// Requests of one kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> u64 {
        let mut pairs = Kind::ALL.iter().zip(self.requests);
        pairs
            .find(|(held, _)| **held == kind)
            .map_or(0, |(_, count)| count)
    }

    /// What was asked since an earlier reading.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut requests = self.requests;
        for (count, before) in requests.iter_mut().zip(earlier.requests) {
            *count = count.saturating_sub(before);
        }
        Self {
            requests,
            again: self.again.saturating_sub(earlier.again),
            turned_away: self.turned_away.saturating_sub(earlier.turned_away),
            bytes_in: self.bytes_in.saturating_sub(earlier.bytes_in),
            bytes_out: self.bytes_out.saturating_sub(earlier.bytes_out),
        }
    }
}

impl Meter {
    /// What it says now.
    #[must_use]
    pub fn read(&self) -> Reading {
        let held = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Reading {
            requests: self.requests.each_ref().map(held),
            again: held(&self.again),
            turned_away: held(&self.turned_away),
            bytes_in: held(&self.bytes_in),
            bytes_out: held(&self.bytes_out),
        }
    }

    pub(crate) fn asks(&self, request: &Request, is_again: bool) {
        for (kind, count) in Kind::ALL.iter().zip(&self.requests) {
            if *kind == request.kind {
                add(count, 1);
            }
        }
        add(&self.again, usize::from(is_again));
        add(
            &self.bytes_out,
            request.body.as_ref().map_or(0, crate::request::Body::len),
        );
    }

    pub(crate) fn answered(&self, status: u16, bytes: usize) {
        add(&self.turned_away, usize::from(matches!(status, 429 | 503)));
        add(&self.bytes_in, bytes);
    }
}

fn add(count: &AtomicU64, more: usize) {
    count.fetch_add(u64::try_from(more).unwrap_or(u64::MAX), Ordering::Relaxed);
}
