//! One value that is owned.

use std::cmp::Ordering;

use kqlfn::Cell;
use kqlfn::decimal::Decimal;
use kqlfn::dynamic::{Dynamic, Writer, compare};

use crate::spelling::{one_decimal, one_real};

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i32),
    /// A long.
    Long(i64),
    /// A real.
    Real(f64),
    /// A decimal's digits.
    Decimal(String),
    /// A text.
    String(String),
    /// Ticks.
    Datetime(i64),
    /// Ticks.
    Timespan(i64),
    /// A guid.
    Guid([u8; 16]),
    /// A dynamic, as it is stored.
    Dynamic(Vec<u8>),
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Bool(value) => Self::Bool(value),
            Cell::Int(value) => Self::Int(value),
            Cell::Long(value) => Self::Long(value),
            Cell::Real(value) => Self::Real(value),
            Cell::Decimal(digits) => Self::Decimal(digits.to_owned()),
            Cell::String(text) => Self::String(text.to_owned()),
            Cell::Datetime(ticks) => Self::Datetime(ticks),
            Cell::Timespan(ticks) => Self::Timespan(ticks),
            Cell::Guid(guid) => Self::Guid(guid),
            Cell::Dynamic(value) => Self::Dynamic(Writer::build(|writer| writer.value(value))),
        }
    }
}

impl Value {
    /// The value as the cell of a column.
    #[must_use]
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Bool(value) => Cell::Bool(*value),
            Self::Int(value) => Cell::Int(*value),
            Self::Long(value) => Cell::Long(*value),
            Self::Real(value) => Cell::Real(*value),
            Self::Decimal(digits) => Cell::Decimal(digits),
            Self::String(text) => Cell::String(text),
            Self::Datetime(ticks) => Cell::Datetime(*ticks),
            Self::Timespan(ticks) => Cell::Timespan(*ticks),
            Self::Guid(guid) => Cell::Guid(*guid),
            Self::Dynamic(bytes) => match Dynamic::read(bytes) {
                Dynamic::Null => Cell::Null,
                value => Cell::Dynamic(value),
            },
        }
    }

    /// What tells it from all other values, whatever their types.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        Writer::build(|writer| self.cell().write(writer))
    }

    /// An array of values.
    #[must_use]
    pub fn array<'v>(items: impl IntoIterator<Item = Cell<'v>>) -> Self {
        Self::Dynamic(Writer::build(|writer| {
            writer.array(|elements| {
                for item in items {
                    elements.push(|writer| item.write(writer));
                }
            });
        }))
    }
}

/// A moment, a timespan or a whole number, as its type has it.
pub(crate) const fn whole(kind: kql::ScalarType, number: i64) -> Value {
    match kind {
        kql::ScalarType::Datetime => Value::Datetime(number),
        kql::ScalarType::Timespan => Value::Timespan(number),
        _ => Value::Long(number),
    }
}

/// Which of two values of one type comes first; null and what is no number come before all others.
pub(crate) fn order(left: Cell<'_>, right: Cell<'_>) -> Ordering {
    let rank = |cell: Cell<'_>| match cell {
        Cell::Null => 0,
        Cell::Real(value) if value.is_nan() => 1,
        _ => 2,
    };
    rank(left).cmp(&rank(right)).then_with(|| match (left, right) {
        (Cell::Bool(left), Cell::Bool(right)) => left.cmp(&right),
        (Cell::String(left), Cell::String(right)) => left.cmp(right),
        (Cell::Datetime(left), Cell::Datetime(right)) | (Cell::Timespan(left), Cell::Timespan(right)) => {
            left.cmp(&right)
        }
        (Cell::Guid(left), Cell::Guid(right)) => left.cmp(&right),
        (Cell::Decimal(left), Cell::Decimal(right)) => Decimal::parse(left).cmp(&Decimal::parse(right)),
        (Cell::Dynamic(left), Cell::Dynamic(right)) => compare(left, right),
        _ => match (left.long(), right.long()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => match (left.real(), right.real()) {
                (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
                _ => Ordering::Equal,
            },
        },
    })
}

/// A value as bytes that are the same for the same values, whatever number type they have.
pub(crate) fn key(cells: &[Cell<'_>]) -> Vec<u8> {
    Writer::build(|writer| {
        writer.array(|elements| {
            for cell in cells {
                elements.push(|writer| match cell {
                    Cell::Int(value) => writer.long(i64::from(*value)),
                    Cell::Real(value) => writer.real(one_real(*value)),
                    Cell::Decimal(digits) => writer.decimal(&one_decimal(digits)),
                    cell => cell.write(writer),
                });
            }
        });
    })
}
