//! What a query may hold in memory, and whether it is still wanted. Arrays are counted by their buffers, so that what
//! several tables share counts once.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use arrow_array::{Array, ArrayRef};
use kqlfn::Column;

use crate::run::Tables;
use crate::table::Table;
use crate::value::Value;
use crate::{Failure, FailureKind, Result};

/// The caller is asked whether to go on once in so many rows.
const ROWS_BETWEEN: u32 = 1024;

/// Values on the way of less than this are not worth the counting.
const BYTES_SMALL: usize = 16 * 1024;

/// Whether arrays of less than this share buffers is not worth the looking.
const BYTES_TINY: usize = 1024;

/// What a query may use, and what of it is in use.
pub(crate) struct Budget<'t> {
    tables: Option<&'t dyn Tables>,
    ledger: Rc<Ledger>,
    /// Rows since the caller was asked last.
    rows: Cell<u32>,
    /// What stopped a loop that cannot fail by itself.
    stopped: RefCell<Option<Failure>>,
}

/// What is held.
struct Ledger {
    limit: usize,
    used: Cell<usize>,
    /// Of what is used, what is free again after the steps that are under way: their inputs.
    passing: Cell<usize>,
    /// The same without the innermost step.
    passing_around: Cell<usize>,
    /// Whose rows grow.
    doing: Cell<&'static str>,
    /// For each buffer how often it is held, and its size.
    buffers: RefCell<HashMap<usize, (u32, usize)>>,
}

/// Something that is counted as long as this is there.
pub(crate) struct Held {
    ledger: Rc<Ledger>,
    /// Of these buffers.
    buffers: Vec<usize>,
    /// And so many bytes that are in no array.
    loose: usize,
    /// What counting it has added.
    added: usize,
}

/// What was under way before some inner rows.
pub(crate) struct Around {
    ledger: Rc<Ledger>,
    doing: &'static str,
    passing: usize,
    passing_around: usize,
}

impl Drop for Around {
    fn drop(&mut self) {
        self.ledger.doing.set(self.doing);
        self.ledger.passing.set(self.passing);
        self.ledger.passing_around.set(self.passing_around);
    }
}

impl<'t> Budget<'t> {
    /// The budget of a query.
    pub(crate) fn of(tables: &'t dyn Tables) -> Self {
        Self::new(Some(tables), tables.memory_bytes())
    }

    /// For those who count elsewhere.
    pub(crate) fn without_end() -> Self {
        Self::new(None, usize::MAX)
    }

    fn new(tables: Option<&'t dyn Tables>, limit: usize) -> Self {
        Self {
            tables,
            ledger: Rc::new(Ledger {
                limit,
                used: Cell::new(0),
                passing: Cell::new(0),
                passing_around: Cell::new(0),
                doing: Cell::new(""),
                buffers: RefCell::default(),
            }),
            rows: Cell::new(0),
            stopped: RefCell::new(None),
        }
    }

    /// Asks whether to go on.
    pub(crate) fn check(&self) -> Result<()> {
        self.rows.set(0);
        self.tables.map_or(Ok(()), Tables::check)
    }

    /// Asks once in a while whether to go on. Every loop over rows calls it for each.
    pub(crate) fn tick(&self) -> Result<()> {
        let rows = self.rows.get() + 1;
        self.rows.set(rows);
        if rows < ROWS_BETWEEN {
            return Ok(());
        }
        self.check()
    }

    /// The same for loops that cannot fail: they end early, and [`Self::settled`] tells why.
    pub(crate) fn goes_on(&self) -> bool {
        match self.tick() {
            Ok(()) => true,
            Err(failure) => {
                *self.stopped.borrow_mut() = Some(failure);
                false
            }
        }
    }

    /// Fails if a loop has ended early.
    pub(crate) fn settled(&self) -> Result<()> {
        self.stopped.borrow_mut().take().map_or(Ok(()), Err)
    }

    /// How many bytes are left.
    pub(crate) fn room(&self) -> usize {
        self.ledger.room()
    }

    /// Fails if so many bytes more would be too many.
    pub(crate) fn fits(&self, bytes: usize) -> Result<()> {
        self.ledger.fits(bytes)
    }

    /// The failure of needing more.
    pub(crate) fn exceeded(&self) -> Failure {
        self.ledger.exceeded()
    }

    /// A count from nothing on.
    pub(crate) fn hold(&self) -> Held {
        Held {
            ledger: Rc::clone(&self.ledger),
            buffers: Vec::new(),
            loose: 0,
            added: 0,
        }
    }

    /// Says what is done now, with an input that is free afterwards.
    pub(crate) fn work(&self, doing: &'static str, passing: usize) {
        self.ledger.doing.set(doing);
        let around = self.ledger.passing_around.get();
        self.ledger.passing.set(around.saturating_add(passing));
    }

    /// Remembers what is under way, until inner rows are done.
    pub(crate) fn inside(&self) -> Around {
        Around {
            ledger: Rc::clone(&self.ledger),
            doing: self.ledger.doing.replace(""),
            passing: self.ledger.passing.get(),
            passing_around: self.ledger.passing_around.replace(self.ledger.passing.get()),
        }
    }
}

impl Ledger {
    /// The input of a step may go beyond the limit together with its output, for it goes away; twice the limit is the end.
    fn most(&self) -> usize {
        self.limit.saturating_add(self.passing.get().min(self.limit))
    }

    fn room(&self) -> usize {
        self.most().saturating_sub(self.used.get())
    }

    /// Fails if too much is there already.
    fn is_within(&self) -> Result<()> {
        if self.used.get() > self.most() {
            return Err(self.exceeded());
        }
        Ok(())
    }

    fn fits(&self, bytes: usize) -> Result<()> {
        if bytes > self.room() {
            return Err(self.exceeded());
        }
        Ok(())
    }

    fn exceeded(&self) -> Failure {
        let limit = size(self.limit);
        let message = match self.doing.get() {
            "" => format!("the query needs more than {limit} of memory"),
            name => format!("the rows after `{name}` need more than {limit} of memory"),
        };
        Failure::of_kind(FailureKind::Memory, message)
    }

    fn add(&self, bytes: usize) {
        self.used.set(self.used.get().saturating_add(bytes));
    }
}

impl Held {
    /// Counts bytes that are in no array, unless they are too many.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<()> {
        self.ledger.fits(bytes)?;
        self.ledger.add(bytes);
        self.loose = self.loose.saturating_add(bytes);
        self.added = self.added.saturating_add(bytes);
        Ok(())
    }

    /// Counts a table that is there, and fails if that is too much.
    pub(crate) fn keep(&mut self, table: &Table) -> Result<()> {
        for column in &table.columns {
            self.count(&column.array);
        }
        self.ledger.is_within()
    }

    /// Counts a column that is there.
    pub(crate) fn keep_array(&mut self, array: &ArrayRef) -> Result<()> {
        self.count(array);
        self.ledger.is_within()
    }

    /// Counts a column that is soon gone, if it is worth it.
    pub(crate) fn keep_passing(&mut self, column: &Column) -> Result<()> {
        if column.array.get_buffer_memory_size() < BYTES_SMALL {
            return Ok(());
        }
        self.keep_array(&column.array).map_err(Failure::of_size)
    }

    /// What counting it has added.
    pub(crate) const fn bytes(&self) -> usize {
        self.added
    }

    fn count(&mut self, array: &ArrayRef) {
        let bytes = array.get_buffer_memory_size();
        if bytes < BYTES_TINY {
            self.ledger.add(bytes);
            self.loose = self.loose.saturating_add(bytes);
            self.added = self.added.saturating_add(bytes);
            return;
        }
        let data = array.to_data();
        let nulls = data.nulls().map(|nulls| nulls.buffer());
        let mut held = self.ledger.buffers.borrow_mut();
        for buffer in data.buffers().iter().chain(nulls) {
            let place = buffer.data_ptr().as_ptr() as usize;
            let (times, bytes) = held.entry(place).or_insert((0, buffer.capacity()));
            if *times == 0 {
                self.ledger.add(*bytes);
                self.added = self.added.saturating_add(*bytes);
            }
            *times += 1;
            self.buffers.push(place);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut free = self.loose;
        let mut held = self.ledger.buffers.borrow_mut();
        for place in &self.buffers {
            if let Some((times, bytes)) = held.get_mut(place) {
                *times -= 1;
                if *times == 0 {
                    free = free.saturating_add(*bytes);
                    held.remove(place);
                }
            }
        }
        self.ledger.used.set(self.ledger.used.get().saturating_sub(free));
    }
}

/// What a row of values takes.
pub(crate) fn weight(row: &[Value]) -> usize {
    let values = row.iter().map(|value| match value {
        Value::Decimal(text) | Value::String(text) => text.capacity(),
        Value::Dynamic(bytes) => bytes.capacity(),
        _ => 0,
    });
    size_of::<Vec<Value>>() + size_of_val(row) + values.sum::<usize>()
}

/// A number of bytes as a person says it.
fn size(bytes: usize) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) if bytes.is_multiple_of(*unit) => format!("{} {name}", bytes / unit),
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} bytes"),
    }
}
