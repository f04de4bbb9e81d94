//! Values of type `dynamic`, in a form of our own that keeps what JSON cannot: longs beside reals, datetimes,
//! timespans and guids, and the order of a bag's keys. An element is found without reading the ones before it.
//!
//! A value is a tag and what belongs to it. Arrays and bags hold their elements one after the other; behind them
//! stand the ends of each, then their number, each in four bytes. The length of a value is known from outside.

mod json;
mod order;
mod writer;

pub use json::{from_json, from_text};
pub use order::compare;
pub use writer::{Elements, Members, Writer};

use kql::ScalarType;
use kql::values::{datetime_to_text, guid_to_text, timespan_to_text};

use crate::real::real_to_text;

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Tag {
    Null = 0,
    False = 1,
    True = 2,
    Long = 3,
    Real = 4,
    String = 5,
    Datetime = 6,
    Timespan = 7,
    Guid = 8,
    Array = 9,
    Bag = 10,
    Int = 11,
    Decimal = 12,
}

/// A value inside of a column or an array.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Dynamic<'a> {
    /// `null`.
    Null,
    /// A bool.
    Bool(bool),
    /// A whole number of 32 bits that was cast into a dynamic.
    Int(i32),
    /// A whole number.
    Long(i64),
    /// A number with a fraction.
    Real(f64),
    /// A decimal, as it is written.
    Decimal(&'a str),
    /// A text.
    String(&'a str),
    /// Ticks.
    Datetime(i64),
    /// Ticks.
    Timespan(i64),
    /// A guid.
    Guid([u8; 16]),
    /// An array.
    Array(Array<'a>),
    /// A bag.
    Bag(Bag<'a>),
}

/// An array of values.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Array<'a>(Container<'a>);

/// Values with names, in the order in which they were written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bag<'a>(Container<'a>);

/// Pieces one after the other, with the ends of each behind them.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Container<'a> {
    pieces: &'a [u8],
    ends: &'a [u8],
}

fn four_bytes(bytes: &[u8], at: usize) -> usize {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    four.map_or(0, |four| u32::from_le_bytes(four) as usize)
}

fn eight_bytes(bytes: &[u8]) -> [u8; 8] {
    bytes
        .get(..8)
        .and_then(|eight| eight.try_into().ok())
        .unwrap_or_default()
}

impl<'a> Container<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let number_at = bytes.len().saturating_sub(4);
        let number = four_bytes(bytes, number_at);
        let ends_at = number_at.saturating_sub(number.saturating_mul(4));
        Self {
            pieces: bytes.get(..ends_at).unwrap_or_default(),
            ends: bytes.get(ends_at..number_at).unwrap_or_default(),
        }
    }

    const fn len(&self) -> usize {
        self.ends.len() / 4
    }

    fn piece(&self, at: usize) -> Option<&'a [u8]> {
        if at >= self.len() {
            return None;
        }
        let start = at
            .checked_sub(1)
            .map_or(0, |before| four_bytes(self.ends, before * 4));
        self.pieces.get(start..four_bytes(self.ends, at * 4))
    }
}

impl<'a> Dynamic<'a> {
    /// Reads a value from its bytes. Bytes that are none are null.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Self {
        let Some((&tag, rest)) = bytes.split_first() else {
            return Self::Null;
        };
        match tag {
            1 => Self::Bool(false),
            2 => Self::Bool(true),
            3 => Self::Long(i64::from_le_bytes(eight_bytes(rest))),
            4 => Self::Real(f64::from_le_bytes(eight_bytes(rest))),
            5 => Self::String(std::str::from_utf8(rest).unwrap_or_default()),
            6 => Self::Datetime(i64::from_le_bytes(eight_bytes(rest))),
            7 => Self::Timespan(i64::from_le_bytes(eight_bytes(rest))),
            8 => Self::Guid(rest.try_into().unwrap_or_default()),
            9 => Self::Array(Array(Container::read(rest))),
            10 => Self::Bag(Bag(Container::read(rest))),
            11 => Self::Int(rest.try_into().map(i32::from_le_bytes).unwrap_or_default()),
            12 => Self::Decimal(std::str::from_utf8(rest).unwrap_or_default()),
            _ => Self::Null,
        }
    }

    /// True for null.
    #[must_use]
    pub const fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }

    /// What `gettype` says of it.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Array(_) => "array",
            Self::Bag(_) => "dictionary",
            Self::Bool(_) => ScalarType::Bool.name(),
            Self::Int(_) => ScalarType::Int.name(),
            Self::Long(_) => ScalarType::Long.name(),
            Self::Real(_) => ScalarType::Real.name(),
            Self::Decimal(_) => ScalarType::Decimal.name(),
            Self::String(_) => ScalarType::String.name(),
            Self::Datetime(_) => ScalarType::Datetime.name(),
            Self::Timespan(_) => ScalarType::Timespan.name(),
            Self::Guid(_) => ScalarType::Guid.name(),
        }
    }

    /// The array, if it is one.
    #[must_use]
    pub const fn array(self) -> Option<Array<'a>> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The bag, if it is one.
    #[must_use]
    pub const fn bag(self) -> Option<Bag<'a>> {
        match self {
            Self::Bag(bag) => Some(bag),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "as Kusto widens longs to reals")]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(f64::from(number)),
            Self::Long(number) => Some(number as f64),
            Self::Real(number) => Some(number),
            Self::Decimal(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// As `tostring` writes it: texts without quotes, null as nothing, arrays and bags as JSON.
    #[must_use]
    pub fn to_text(self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(value) => if value { "true" } else { "false" }.to_owned(),
            Self::Int(value) => value.to_string(),
            Self::Long(value) => value.to_string(),
            Self::Real(value) => real_to_text(value),
            Self::Decimal(digits) => digits.to_owned(),
            Self::String(text) => text.to_owned(),
            Self::Datetime(ticks) => datetime_to_text(ticks),
            Self::Timespan(ticks) => timespan_to_text(ticks),
            Self::Guid(guid) => guid_to_text(&guid),
            Self::Array(_) | Self::Bag(_) => self.to_json(),
        }
    }

    /// As JSON without blanks.
    #[must_use]
    pub fn to_json(self) -> String {
        let mut text = String::new();
        json::write(self, &mut text);
        text
    }
}

impl<'a> Array<'a> {
    /// How many elements it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// True if it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An element by its place.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Dynamic<'a>> {
        self.0.piece(at).map(Dynamic::read)
    }

    /// An element by its place, from the end if negative.
    #[must_use]
    pub fn at(&self, at: i64) -> Option<Dynamic<'a>> {
        let length = i64::try_from(self.len()).ok()?;
        let at = if at < 0 { at.checked_add(length)? } else { at };
        self.get(usize::try_from(at).ok()?)
    }

    /// All elements.
    pub fn iter(&self) -> impl Iterator<Item = Dynamic<'a>> + use<'a> {
        let container = self.0;
        (0..container.len()).map(move |at| Dynamic::read(container.piece(at).unwrap_or_default()))
    }

    /// All elements as they are stored, to be copied into another value.
    pub fn raw(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let container = self.0;
        (0..container.len()).map(move |at| container.piece(at).unwrap_or_default())
    }
}

impl<'a> Bag<'a> {
    /// How many members it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len() / 2
    }

    /// True if it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A member's value by its name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Dynamic<'a>> {
        self.raw()
            .find(|(held, _)| *held == key)
            .map(|(_, value)| Dynamic::read(value))
    }

    /// All members.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Dynamic<'a>)> + use<'a> {
        self.raw().map(|(key, value)| (key, Dynamic::read(value)))
    }

    /// All members, their values as they are stored.
    pub fn raw(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        let bag = *self;
        (0..self.len()).map(move |at| bag.member(at))
    }

    /// A member by its place, its value as it is stored.
    #[must_use]
    pub fn member(&self, at: usize) -> (&'a str, &'a [u8]) {
        let key = self.0.piece(at * 2).unwrap_or_default();
        let value = self.0.piece(at * 2 + 1).unwrap_or_default();
        (std::str::from_utf8(key).unwrap_or_default(), value)
    }
}

#[cfg(test)]
mod tests;
