//! Aggregates that keep values: lists, sets and bags.

use ahash::AHashSet;
use kql::ScalarType;
use kqlfn::Cell;
use kqlfn::dynamic::{Dynamic, Writer};

use super::Group;
use crate::Result;
use crate::budget::{Budget, Held};
use crate::value::{Value, key};

/// What an element takes in an array beside its text.
const ELEMENT_BYTES: usize = 13;

/// What a key takes in a set beside its bytes.
const KEY_BYTES: usize = 64;

/// Keys that were met, counted.
pub(super) struct Seen {
    pub(super) keys: AHashSet<Vec<u8>>,
    held: Held,
}

impl Seen {
    pub(super) fn new(budget: &Budget<'_>) -> Self {
        Self {
            keys: AHashSet::new(),
            held: budget.hold(),
        }
    }

    /// True if it is met for the first time.
    pub(super) fn insert(&mut self, key: Vec<u8>) -> Result<bool> {
        // A key that is known is not written down again.
        if self.keys.contains(&key) {
            return Ok(false);
        }
        self.held.grow(KEY_BYTES + key.len())?;
        Ok(self.keys.insert(key))
    }
}

pub(super) fn list(group: &Group<'_>, with_nulls: bool, size: usize) -> Result<Value> {
    let is_dynamic = group
        .arguments
        .first()
        .is_some_and(|column| column.kind == ScalarType::Dynamic);
    let items = group
        .each()
        .map(|row| group.cell(0, row))
        .filter(|cell| with_nulls || is_dynamic || !cell.is_null());
    let limit = group.limit(size);
    let mut held = group.budget.hold();
    // Arrays are put one behind the other.
    let mut elements: Vec<Cell<'_>> = Vec::new();
    for item in items {
        let before = elements.len();
        match item {
            Cell::Dynamic(Dynamic::Array(array)) => {
                elements.extend(array.iter().take(limit - before).map(Cell::Dynamic));
            }
            item => elements.push(item),
        }
        held.grow((elements.len() - before) * size_of::<Cell<'_>>())?;
        if elements.len() >= limit {
            break;
        }
    }
    elements.truncate(limit);
    array_of(&elements, group.budget)
}

pub(super) fn set(group: &Group<'_>, size: usize) -> Result<Value> {
    let mut seen = Seen::new(group.budget);
    let mut items: Vec<Cell<'_>> = Vec::new();
    let limit = group.limit(size);
    for cell in group.values(0) {
        let mut take = |cell| -> Result<()> {
            if items.len() < limit && seen.insert(key(&[cell]))? {
                items.push(cell);
            }
            Ok(())
        };
        match cell {
            // Arrays count as their elements.
            Cell::Dynamic(Dynamic::Array(array)) => array
                .iter()
                .try_for_each(|item| take(Cell::Dynamic(item).plain()))?,
            cell => take(cell)?,
        }
        if items.len() >= limit {
            break;
        }
    }
    array_of(&items, group.budget)
}

/// An array of elements, if there is room for it.
fn array_of(elements: &[Cell<'_>], budget: &Budget<'_>) -> Result<Value> {
    let size = |cell: &Cell<'_>| match cell {
        Cell::String(text) | Cell::Decimal(text) => text.len(),
        // No more than it has been where it comes from.
        _ => 0,
    };
    let texts: usize = elements.iter().map(size).sum();
    budget.fits(texts.saturating_add(elements.len().saturating_mul(ELEMENT_BYTES)))?;
    Ok(Value::array(elements.iter().copied()))
}

pub(super) fn bag(group: &Group<'_>, size: usize) -> Value {
    let limit = group.limit(size);
    Value::Dynamic(Writer::build(|writer| {
        writer.bag(|members| {
            let mut number = 0;
            for cell in group.values(0) {
                let Cell::Dynamic(Dynamic::Bag(bag)) = cell else {
                    continue;
                };
                for (name, value) in bag.raw() {
                    // What was said first stays.
                    if number < limit && !members.has(name) {
                        members.raw(name, value);
                        number += 1;
                    }
                }
            }
        });
    }))
}
