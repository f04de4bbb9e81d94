//! What all blobs come to that were asked for, shown or not.

use std::collections::BTreeSet;
use std::io::{self, Write};

use model::facts::Mac;

use super::entry::{Entry, HOUR, Standing, State};
use crate::instant::{self, Micros};
use crate::quantity::{bytes, counted, grouped};

/// Blobs, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    blobs: u64,
    bytes: u64,
}

impl Sum {
    const fn add(&mut self, bytes: u64) {
        self.blobs += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// Sums. Of blobs only their interfaces and flow logs are remembered.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) blobs: u64,
    bytes: u64,
    growing: u64,
    interfaces: BTreeSet<Mac>,
    flow_logs: BTreeSet<String>,
    hours: Option<(Micros, Micros)>,
    has_table: bool,
    read: Sum,
    behind: Sum,
    changed: Sum,
    not_read: Sum,
}

impl Totals {
    pub(super) fn new(has_table: bool) -> Self {
        Self {
            has_table,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, entry: &Entry) {
        let size = entry.source.bytes;
        self.blobs += 1;
        self.bytes = self.bytes.saturating_add(size);
        self.growing += u64::from(entry.state == State::Growing);
        self.interfaces.extend(entry.mac);
        if entry.flow_log().is_some() && !self.flow_logs.contains(entry.group()) {
            self.flow_logs.insert(entry.group().to_owned());
        }
        if let Some(hour) = entry.hour {
            let (first, last) = self.hours.unwrap_or((hour, hour));
            self.hours = Some((first.min(hour), last.max(hour)));
        }
        match entry.standing {
            None => {}
            Some(Standing::Read) => self.read.add(size),
            Some(Standing::Behind(more)) => self.behind.add(more),
            Some(Standing::Changed) => self.changed.add(size),
            Some(Standing::NotRead) => self.not_read.add(size),
        }
    }

    /// The last lines of a table.
    pub(super) fn write(&self, out: &mut dyn Write, shown: u64) -> io::Result<()> {
        if self.blobs == 0 {
            return writeln!(out, "No blobs.");
        }
        if shown > 0 {
            writeln!(out)?;
        }
        write!(out, "{}", counted(self.blobs, "blob"))?;
        if !self.flow_logs.is_empty() {
            let interfaces = counted(self.interfaces.len() as u64, "interface");
            let logs = counted(self.flow_logs.len() as u64, "flow log");
            write!(out, " of {interfaces} in {logs}")?;
        }
        write!(out, ", {}", bytes(self.bytes))?;
        if let Some((first, last)) = self.hours {
            let (from, until) = (minutes(first), minutes(last.saturating_add(HOUR)));
            write!(out, "; {from} to {until}")?;
        }
        writeln!(out, "; {} growing", grouped(self.growing))?;
        if self.has_table {
            self.write_standing(out)?;
        }
        if shown < self.blobs {
            writeln!(out, "{} shown; `--most N` shows more", grouped(shown))?;
        }
        Ok(())
    }

    fn write_standing(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "of the table: {} read", grouped(self.read.blobs))?;
        if self.behind.blobs > 0 {
            let behind = bytes(self.behind.bytes);
            write!(out, ", {} behind by {behind}", grouped(self.behind.blobs))?;
        }
        if self.changed.blobs > 0 {
            write!(out, ", {} changed since", grouped(self.changed.blobs))?;
        }
        write!(out, ", {} not read", grouped(self.not_read.blobs))?;
        if self.not_read.blobs > 0 {
            write!(out, " ({})", bytes(self.not_read.bytes))?;
        }
        writeln!(out)
    }
}

/// `2024-03-14 10:00Z`
pub(super) fn minutes(micros: Micros) -> String {
    let words = instant::words(micros, true);
    words
        .strip_suffix(":00Z")
        .map_or(words.clone(), |minutes| format!("{minutes}Z"))
}
