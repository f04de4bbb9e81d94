//! What was computed once and is asked for again: rows with a name, and the arrays made of them for `in`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use kql::bound::Rows;
use kqlfn::Column;

use crate::budget::{Budget, Held};
use crate::table::Table;
use crate::{Failure, FailureKind, Result};

/// What was computed, by the address of its plan.
#[derive(Default)]
pub(crate) struct Known {
    held: RefCell<HashMap<usize, One>>,
    /// What takes more memory than there was, which is not tried again.
    too_large: RefCell<HashMap<usize, (Arc<Rows>, Failure)>>,
    /// Which rows are around: a number that is never the same again.
    around: Cell<u64>,
    around_last: Cell<u64>,
    /// The rows around were read.
    has_read_around: Cell<bool>,
    /// Something is held that holds for the rows around alone.
    has_inner: Cell<bool>,
}

struct One {
    /// Held so that no other plan gets its address.
    _rows: Arc<Rows>,
    table: Table,
    list: Option<Column>,
    held: Held,
    /// The rows around that it holds for; all of them without.
    around: Option<u64>,
}

impl Known {
    /// What is read now depends on the rows around.
    pub(crate) fn depends(&self) {
        self.has_read_around.set(true);
    }

    /// Computes with other rows around.
    pub(crate) fn within<T>(&self, compute: impl FnOnce() -> T) -> T {
        let before = self.around.get();
        self.around_last.set(self.around_last.get() + 1);
        self.around.set(self.around_last.get());
        let had_inner = self.has_inner.replace(false);
        let given = compute();
        if self.has_inner.replace(had_inner) {
            let inner = Some(self.around.get());
            self.held.borrow_mut().retain(|_, one| one.around != inner);
        }
        self.around.set(before);
        given
    }

    /// The rows, computed if they are not known.
    pub(crate) fn once(
        &self,
        rows: &Arc<Rows>,
        budget: &Budget<'_>,
        compute: impl FnOnce() -> Result<Table>,
    ) -> Result<Table> {
        if let Some(table) = self.table(rows) {
            return Ok(table);
        }
        let address = Arc::as_ptr(rows) as usize;
        if let Some((_, failure)) = self.too_large.borrow().get(&address) {
            return Err(failure.clone());
        }
        let before = self.has_read_around.replace(false);
        let mut held = budget.hold();
        let table = compute().and_then(|table| {
            held.keep(&table)?;
            Ok(table)
        });
        let table = table.inspect_err(|failure| {
            if failure.kind == FailureKind::Memory {
                let failed = (Arc::clone(rows), failure.clone());
                self.too_large.borrow_mut().insert(address, failed);
            }
        })?;
        // What depends on the rows around holds for these alone.
        let around = self.has_read_around.get().then(|| self.around.get());
        if around.is_some() {
            self.has_inner.set(true);
        }
        self.has_read_around.set(before || around.is_some());
        let one = One {
            _rows: Arc::clone(rows),
            table: table.clone(),
            list: None,
            held,
            around,
        };
        self.held.borrow_mut().insert(address, one);
        Ok(table)
    }

    /// The rows, if they are known.
    pub(crate) fn table(&self, rows: &Arc<Rows>) -> Option<Table> {
        let held = self.held.borrow();
        let one = held.get(&(Arc::as_ptr(rows) as usize))?;
        if !self.holds(one) {
            return None;
        }
        if one.around.is_some() {
            self.depends();
        }
        Some(one.table.clone())
    }

    /// The array of the first column of rows that are known.
    pub(crate) fn list(&self, rows: &Arc<Rows>) -> Option<Column> {
        let held = self.held.borrow();
        let one = held.get(&(Arc::as_ptr(rows) as usize))?;
        self.holds(one).then(|| one.list.clone()).flatten()
    }

    /// Remembers such an array.
    pub(crate) fn remember_list(&self, rows: &Arc<Rows>, list: &Column) -> Result<()> {
        if let Some(one) = self.held.borrow_mut().get_mut(&(Arc::as_ptr(rows) as usize)) {
            one.held.keep_array(&list.array)?;
            one.list = Some(list.clone());
        }
        Ok(())
    }

    fn holds(&self, one: &One) -> bool {
        one.around.is_none_or(|around| around == self.around.get())
    }
}
