//! Arguments and results: a type of KQL and an Arrow array that holds its values.
//!
//! | KQL | Arrow | |
//! |---|---|---|
//! | `bool` | `Boolean` | |
//! | `int`, `long` | `Int32`, `Int64` | |
//! | `real` | `Float64` | |
//! | `decimal` | `Utf8View` | its digits |
//! | `string` | `Utf8View` | never null |
//! | `datetime`, `timespan` | `Int64` | ticks of 100 ns |
//! | `guid` | `FixedSizeBinary(16)` | |
//! | `dynamic` | `Binary` | [`crate::dynamic`] |

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeBinaryArray, Float64Array, Int32Array, Int64Array,
    StringViewArray, new_null_array,
};
use arrow_schema::DataType;
use kql::ScalarType;
use kql::values::{datetime_to_text, guid_to_text, timespan_to_text};

use crate::dynamic::{Dynamic, Writer};
use crate::real::real_to_text;

/// The Arrow type that holds a type of KQL.
#[must_use]
pub const fn arrow_type(kind: ScalarType) -> DataType {
    match kind {
        ScalarType::Bool => DataType::Boolean,
        ScalarType::Int => DataType::Int32,
        ScalarType::Long | ScalarType::Datetime | ScalarType::Timespan => DataType::Int64,
        ScalarType::Real => DataType::Float64,
        ScalarType::Decimal | ScalarType::String => DataType::Utf8View,
        ScalarType::Guid => DataType::FixedSizeBinary(16),
        ScalarType::Dynamic => DataType::Binary,
    }
}

/// An argument: values for every row, or one that holds for all of them.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its type.
    pub kind: ScalarType,
    /// Its values; a single one if it is constant.
    pub array: ArrayRef,
    /// One value for all rows.
    pub is_constant: bool,
}

/// One value of a column.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cell<'a> {
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
    Decimal(&'a str),
    /// A text.
    String(&'a str),
    /// Ticks.
    Datetime(i64),
    /// Ticks.
    Timespan(i64),
    /// A guid.
    Guid([u8; 16]),
    /// A dynamic that is not null.
    Dynamic(Dynamic<'a>),
}

impl Column {
    /// A column with a value for each row.
    #[must_use]
    pub const fn new(kind: ScalarType, array: ArrayRef) -> Self {
        Self {
            kind,
            array,
            is_constant: false,
        }
    }

    /// One value for all rows.
    #[must_use]
    pub const fn constant(kind: ScalarType, array: ArrayRef) -> Self {
        Self {
            kind,
            array,
            is_constant: true,
        }
    }

    /// Null for all rows; for texts, the empty one.
    #[must_use]
    pub fn null(kind: ScalarType) -> Self {
        let array: ArrayRef = match kind {
            ScalarType::String => std::sync::Arc::new(StringViewArray::from(vec![""])),
            _ => new_null_array(&arrow_type(kind), 1),
        };
        Self::constant(kind, array)
    }

    const fn place(&self, row: usize) -> usize {
        if self.is_constant { 0 } else { row }
    }

    fn long_at(&self, at: usize) -> Option<i64> {
        self.longs_array()?.values().get(at).copied()
    }

    /// The value of a row.
    #[must_use]
    pub fn cell(&self, row: usize) -> Cell<'_> {
        let at = self.place(row);
        if at >= self.array.len() || self.array.is_null(at) {
            return if self.kind == ScalarType::String {
                Cell::String("")
            } else {
                Cell::Null
            };
        }
        let cell = match self.kind {
            ScalarType::Bool => self
                .array
                .as_boolean_opt()
                .map(|array| Cell::Bool(array.value(at))),
            ScalarType::Int => self
                .array
                .as_primitive_opt::<Int32Type>()
                .and_then(|array| array.values().get(at).copied().map(Cell::Int)),
            ScalarType::Long => self.long_at(at).map(Cell::Long),
            ScalarType::Datetime => self.long_at(at).map(Cell::Datetime),
            ScalarType::Timespan => self.long_at(at).map(Cell::Timespan),
            ScalarType::Real => self
                .array
                .as_primitive_opt::<Float64Type>()
                .and_then(|array| array.values().get(at).copied().map(Cell::Real)),
            ScalarType::Decimal => self
                .array
                .as_string_view_opt()
                .map(|array| Cell::Decimal(array.value(at))),
            ScalarType::String => self
                .array
                .as_string_view_opt()
                .map(|array| Cell::String(array.value(at))),
            ScalarType::Guid => self
                .array
                .as_fixed_size_binary_opt()
                .and_then(|array| array.value(at).try_into().ok().map(Cell::Guid)),
            ScalarType::Dynamic => {
                self.array
                    .as_binary_opt::<i32>()
                    .map(|array| match Dynamic::read(array.value(at)) {
                        Dynamic::Null => Cell::Null,
                        value => Cell::Dynamic(value),
                    })
            }
        };
        cell.unwrap_or(Cell::Null)
    }

    fn longs_array(&self) -> Option<&Int64Array> {
        self.array.as_primitive_opt::<Int64Type>()
    }

    /// The texts of a `string` column, if it is one.
    #[must_use]
    pub fn strings(&self) -> Option<&StringViewArray> {
        (self.kind == ScalarType::String)
            .then(|| self.array.as_string_view_opt())
            .flatten()
    }

    /// The values of a `long`, `datetime` or `timespan` column, if it is one.
    #[must_use]
    pub fn longs(&self) -> Option<&Int64Array> {
        matches!(
            self.kind,
            ScalarType::Long | ScalarType::Datetime | ScalarType::Timespan
        )
        .then(|| self.longs_array())
        .flatten()
    }

    /// The values of an `int` column, if it is one.
    #[must_use]
    pub fn ints(&self) -> Option<&Int32Array> {
        self.array.as_primitive_opt::<Int32Type>()
    }

    /// The values of a `real` column, if it is one.
    #[must_use]
    pub fn reals(&self) -> Option<&Float64Array> {
        self.array.as_primitive_opt::<Float64Type>()
    }

    /// The values of a `bool` column, if it is one.
    #[must_use]
    pub fn bools(&self) -> Option<&BooleanArray> {
        self.array.as_boolean_opt()
    }

    /// The values of a `dynamic` column, if it is one.
    #[must_use]
    pub fn dynamics(&self) -> Option<&BinaryArray> {
        (self.kind == ScalarType::Dynamic)
            .then(|| self.array.as_binary_opt::<i32>())
            .flatten()
    }

    /// The values of a `guid` column, if it is one.
    #[must_use]
    pub fn guids(&self) -> Option<&FixedSizeBinaryArray> {
        self.array.as_fixed_size_binary_opt()
    }
}

impl<'a> Cell<'a> {
    /// True if there is no value.
    #[must_use]
    pub const fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value inside of a dynamic, or the value itself.
    #[must_use]
    pub const fn plain(self) -> Self {
        match self {
            Self::Dynamic(Dynamic::Bool(value)) => Self::Bool(value),
            Self::Dynamic(Dynamic::Int(value)) => Self::Int(value),
            Self::Dynamic(Dynamic::Long(value)) => Self::Long(value),
            Self::Dynamic(Dynamic::Real(value)) => Self::Real(value),
            Self::Dynamic(Dynamic::Decimal(value)) => Self::Decimal(value),
            Self::Dynamic(Dynamic::String(value)) => Self::String(value),
            Self::Dynamic(Dynamic::Datetime(value)) => Self::Datetime(value),
            Self::Dynamic(Dynamic::Timespan(value)) => Self::Timespan(value),
            Self::Dynamic(Dynamic::Guid(value)) => Self::Guid(value),
            other => other,
        }
    }

    /// As `tostring` writes it; null is the empty text.
    #[must_use]
    pub fn text(self) -> Cow<'a, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::String(text) | Self::Decimal(text) | Self::Dynamic(Dynamic::String(text)) => {
                Cow::Borrowed(text)
            }
            Self::Bool(value) => Cow::Borrowed(if value { "True" } else { "False" }),
            Self::Int(value) => Cow::Owned(value.to_string()),
            Self::Long(value) => Cow::Owned(value.to_string()),
            Self::Real(value) => Cow::Owned(real_to_text(value)),
            Self::Datetime(ticks) => Cow::Owned(datetime_to_text(ticks)),
            Self::Timespan(ticks) => Cow::Owned(timespan_to_text(ticks)),
            Self::Guid(guid) => Cow::Owned(guid_to_text(&guid)),
            Self::Dynamic(value) => Cow::Owned(value.to_text()),
        }
    }

    /// The whole number, of ints and longs.
    #[must_use]
    pub fn long(self) -> Option<i64> {
        match self.plain() {
            Self::Int(value) => Some(i64::from(value)),
            Self::Long(value) => Some(value),
            _ => None,
        }
    }

    /// The number as a real, of all numbers.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "as Kusto widens longs to reals")]
    pub fn real(self) -> Option<f64> {
        match self.plain() {
            Self::Int(value) => Some(f64::from(value)),
            Self::Long(value) => Some(value as f64),
            Self::Real(value) => Some(value),
            Self::Decimal(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The ticks, of datetimes and timespans.
    #[must_use]
    pub const fn ticks(self) -> Option<i64> {
        match self.plain() {
            Self::Datetime(ticks) | Self::Timespan(ticks) => Some(ticks),
            _ => None,
        }
    }

    /// The truth, of bools.
    #[must_use]
    pub const fn bool(self) -> Option<bool> {
        match self.plain() {
            Self::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The dynamic, if it is one.
    #[must_use]
    pub const fn dynamic(self) -> Option<Dynamic<'a>> {
        match self {
            Self::Dynamic(value) => Some(value),
            _ => None,
        }
    }

    /// Puts the value into a dynamic.
    pub fn write(self, writer: &mut Writer) {
        match self {
            Self::Null => writer.null(),
            Self::Bool(value) => writer.bool(value),
            // Inside of a dynamic all whole numbers are longs.
            Self::Int(value) => writer.long(i64::from(value)),
            Self::Long(value) => writer.long(value),
            Self::Real(value) => writer.real(value),
            Self::Decimal(digits) => writer.decimal(digits),
            Self::String(text) => writer.string(text),
            Self::Datetime(ticks) => writer.datetime(ticks),
            Self::Timespan(ticks) => writer.timespan(ticks),
            Self::Guid(guid) => writer.guid(&guid),
            Self::Dynamic(value) => writer.value(value),
        }
    }
}
