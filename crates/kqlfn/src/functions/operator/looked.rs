//! The items of `in`, put so that a value of any type is found among them without going over them: what is equal is what
//! `==` finds equal, and a text beside a value of another type is read as that type.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;

use kql::values::{parse_datetime, parse_guid, parse_timespan};

use crate::column::Cell;
use crate::decimal::Decimal;
use crate::dynamic::{Dynamic, compare};

/// Items by their types.
pub(super) struct Looked<'c> {
    ignores_case: bool,
    texts: HashSet<String>,
    wholes: HashSet<i64>,
    /// Wholes as reals.
    wholes_real: OnceCell<HashSet<u64>>,
    /// Reals by their bits.
    reals: HashSet<u64>,
    decimals: BTreeSet<Decimal>,
    decimals_real: HashSet<u64>,
    bools: HashSet<bool>,
    datetimes: HashSet<i64>,
    timespans: HashSet<i64>,
    guids: HashSet<[u8; 16]>,
    /// Arrays and bags, in the order of dynamics.
    nested: Vec<Dynamic<'c>>,
    /// What the texts say, by the type of the value that asks.
    read: Read,
}

/// Texts read as values of other types, each when it is first asked for.
#[derive(Default)]
struct Read {
    wholes: OnceCell<HashSet<i64>>,
    reals: OnceCell<HashSet<u64>>,
    decimals: OnceCell<BTreeSet<Decimal>>,
    bools: OnceCell<HashSet<bool>>,
    datetimes: OnceCell<HashSet<i64>>,
    timespans: OnceCell<HashSet<i64>>,
    guids: OnceCell<HashSet<[u8; 16]>>,
}

impl<'c> Looked<'c> {
    pub(super) fn new(items: Vec<Cell<'c>>, ignores_case: bool) -> Self {
        let mut looked = Self {
            ignores_case,
            texts: HashSet::new(),
            wholes: HashSet::new(),
            wholes_real: OnceCell::new(),
            reals: HashSet::new(),
            decimals: BTreeSet::new(),
            decimals_real: HashSet::new(),
            bools: HashSet::new(),
            datetimes: HashSet::new(),
            timespans: HashSet::new(),
            guids: HashSet::new(),
            nested: Vec::new(),
            read: Read::default(),
        };
        for item in items {
            looked.add(item.plain());
        }
        looked.nested.sort_by(|left, right| compare(*left, *right));
        looked
    }

    fn add(&mut self, item: Cell<'c>) {
        match item {
            Cell::Null => {}
            Cell::String(text) => {
                let text = self.folded(text);
                self.texts.insert(text);
            }
            Cell::Int(value) => drop(self.wholes.insert(i64::from(value))),
            Cell::Long(value) => drop(self.wholes.insert(value)),
            Cell::Real(value) => self.reals.extend(bits(value)),
            Cell::Decimal(digits) => {
                self.decimals.extend(Decimal::parse(digits));
                self.decimals_real.extend(item.real().and_then(bits));
            }
            Cell::Bool(value) => drop(self.bools.insert(value)),
            Cell::Datetime(ticks) => drop(self.datetimes.insert(ticks)),
            Cell::Timespan(ticks) => drop(self.timespans.insert(ticks)),
            Cell::Guid(guid) => drop(self.guids.insert(guid)),
            Cell::Dynamic(value) => self.nested.push(value),
        }
    }

    fn folded(&self, text: &str) -> String {
        match self.ignores_case {
            true => text.to_lowercase(),
            false => text.to_owned(),
        }
    }

    /// True if the value is equal to one of the items.
    pub(super) fn has(&self, value: Cell<'_>) -> bool {
        match value {
            Cell::Null => false,
            Cell::String(text) => self.has_text(text),
            Cell::Int(_) | Cell::Long(_) => value.long().is_some_and(|number| self.has_whole(number)),
            Cell::Real(number) => {
                let wholes = || {
                    self.wholes_real
                        .get_or_init(|| self.wholes.iter().filter_map(real_bits).collect())
                };
                let is_number = bits(number).is_some_and(|bits| {
                    self.reals.contains(&bits)
                        || self.decimals_real.contains(&bits)
                        || wholes().contains(&bits)
                });
                is_number || self.said(&self.read.reals, read_real, &bits(number))
            }
            Cell::Decimal(digits) => self.has_decimal(digits, value),
            Cell::Bool(truth) => {
                self.bools.contains(&truth)
                    || self.wholes.contains(&i64::from(truth))
                    || self.said(&self.read.bools, read_bool, &Some(truth))
            }
            Cell::Datetime(ticks) => {
                self.datetimes.contains(&ticks)
                    || self.said(&self.read.datetimes, parse_datetime, &Some(ticks))
            }
            Cell::Timespan(ticks) => {
                self.timespans.contains(&ticks)
                    || self.said(&self.read.timespans, parse_timespan, &Some(ticks))
            }
            Cell::Guid(guid) => {
                self.guids.contains(&guid) || self.said(&self.read.guids, parse_guid, &Some(guid))
            }
            Cell::Dynamic(value) => {
                let found = self.nested.binary_search_by(|item| compare(*item, value));
                found.is_ok()
            }
        }
    }

    fn has_whole(&self, number: i64) -> bool {
        let as_bool = match number {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        };
        self.wholes.contains(&number)
            || as_bool.is_some_and(|truth| self.bools.contains(&truth))
            || real_bits(&number)
                .is_some_and(|bits| self.reals.contains(&bits) || self.decimals_real.contains(&bits))
            || self.said(&self.read.wholes, read_whole, &Some(number))
    }

    fn has_decimal(&self, digits: &str, value: Cell<'_>) -> bool {
        let wholes = || {
            self.wholes_real
                .get_or_init(|| self.wholes.iter().filter_map(real_bits).collect())
        };
        let is_number = value
            .real()
            .and_then(bits)
            .is_some_and(|bits| self.reals.contains(&bits) || wholes().contains(&bits));
        let Some(decimal) = Decimal::parse(digits) else {
            return is_number;
        };
        let said = || {
            let texts = self.texts.iter();
            let read = self
                .read
                .decimals
                .get_or_init(|| texts.filter_map(|text| Decimal::parse(text)).collect());
            read.contains(&decimal)
        };
        is_number || self.decimals.contains(&decimal) || said()
    }

    /// A text is equal to the same text, and to what it says.
    fn has_text(&self, text: &str) -> bool {
        let is_text = match self.ignores_case {
            true => self.texts.contains(&text.to_lowercase()),
            false => self.texts.contains(text),
        };
        is_text
            || says(text, &self.wholes, read_whole)
            || says(text, &self.reals, read_real)
            || says(text, &self.bools, read_bool)
            || says(text, &self.datetimes, parse_datetime)
            || says(text, &self.timespans, parse_timespan)
            || says(text, &self.guids, parse_guid)
            || (!self.decimals.is_empty()
                && Decimal::parse(text).is_some_and(|decimal| self.decimals.contains(&decimal)))
    }

    /// True if one of the texts says this value. They are read once.
    fn said<T: Eq + Hash>(
        &self,
        known: &OnceCell<HashSet<T>>,
        read: fn(&str) -> Option<T>,
        value: &Option<T>,
    ) -> bool {
        let Some(value) = value else {
            return false;
        };
        !self.texts.is_empty()
            && known
                .get_or_init(|| self.texts.iter().filter_map(|text| read(text)).collect())
                .contains(value)
    }
}

fn says<T: Eq + Hash>(text: &str, values: &HashSet<T>, read: fn(&str) -> Option<T>) -> bool {
    !values.is_empty() && read(text).is_some_and(|value| values.contains(&value))
}

/// What is equal has equal bits then; what is no number is equal to nothing.
fn bits(number: f64) -> Option<u64> {
    // Both zeros are one.
    (!number.is_nan()).then(|| (number + 0.0).to_bits())
}

#[expect(
    clippy::cast_precision_loss,
    clippy::trivially_copy_pass_by_ref,
    reason = "as Kusto widens longs to reals; used on the items of a set"
)]
fn real_bits(number: &i64) -> Option<u64> {
    bits(*number as f64)
}

fn read_whole(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn read_real(text: &str) -> Option<u64> {
    text.trim().parse().ok().and_then(bits)
}

fn read_bool(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::operator::equality::same;

    /// True if one of both is a text that says what the other one is, a number or a bool.
    fn text_reads_as(left: Cell<'_>, right: Cell<'_>) -> bool {
        let (text, other) = match (left.plain(), right.plain()) {
            (Cell::String(text), other) | (other, Cell::String(text)) => (text.trim(), other),
            _ => return false,
        };
        match other {
            Cell::Bool(value) => text.eq_ignore_ascii_case(if value { "true" } else { "false" }),
            Cell::Decimal(value) => {
                Decimal::parse(text).is_some_and(|read| Decimal::parse(value) == Some(read))
            }
            Cell::Real(value) => text.parse() == Ok(value),
            Cell::Long(value) => text.parse() == Ok(value),
            Cell::Int(value) => text.parse() == Ok(value),
            _ => false,
        }
    }

    #[test]
    fn what_is_found_is_what_is_equal() {
        let cells = [
            Cell::Null,
            Cell::Bool(true),
            Cell::Bool(false),
            Cell::Int(1),
            Cell::Long(0),
            Cell::Long(1 << 60),
            Cell::Long((1 << 60) + 1),
            Cell::Real(1.0),
            Cell::Real(-0.0),
            Cell::Real(f64::NAN),
            Cell::Real(1_152_921_504_606_846_976.0),
            Cell::Decimal("1.0"),
            Cell::Decimal("1.50"),
            Cell::Decimal("1152921504606846977"),
            Cell::String("1"),
            Cell::String(" 1.5 "),
            Cell::String("True"),
            Cell::String("2026-01-01"),
            Cell::String("1d"),
            Cell::String("01234567-89ab-cdef-0123-456789abcdef"),
            Cell::Datetime(639_028_224_000_000_000),
            Cell::Timespan(864_000_000_000),
            Cell::Timespan(1),
            Cell::Guid([
                0x67, 0x45, 0x23, 0x01, 0xab, 0x89, 0xef, 0xcd, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
                0xef,
            ]),
        ];
        for item in cells {
            let looked = Looked::new(vec![item], false);
            for value in cells {
                let is_equal = !value.is_null() && (same(value, item) || text_reads_as(value, item));
                assert_eq!(looked.has(value), is_equal, "{value:?} in {item:?}");
            }
        }
    }
}
