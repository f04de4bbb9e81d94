//! How many bytes a function makes of its arguments, at most, told before it is computed.
//!
//! A bound may be generous where an exact one would cost as much as the function. It looks at lengths
//! and numbers, and makes nothing.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs};

/// How a function grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Growth {
    /// All arguments, one after the other.
    Sum,
    /// All arguments, each byte as so many.
    Times(u64),
    /// The first argument between each two of the others.
    Separated,
    /// The first argument's items with the second between them.
    Listed,
    /// The first argument as often as the second says.
    Repeated,
    /// As many characters as the second argument says.
    Padded,
    /// The third argument for every second in the first.
    Replaced,
    /// The third argument for every match in the first, with parts of the match in it.
    Matched,
}

/// The longest UTF-8 character.
const CHARACTER: u64 = 4;
/// What a list costs beside an item's own bytes, if each item is one byte.
const ITEM: u64 = 16;

/// One number for each row.
enum Numbers {
    Same(u64),
    Each(Vec<u64>),
}

impl Numbers {
    fn at(&self, row: usize) -> u64 {
        match self {
            Self::Same(number) => *number,
            Self::Each(numbers) => numbers.get(row).copied().unwrap_or(0),
        }
    }

    fn sum(&self, rows: usize) -> u64 {
        match self {
            Self::Same(number) => number.saturating_mul(rows as u64),
            Self::Each(numbers) => numbers.iter().copied().fold(0, u64::saturating_add),
        }
    }
}

/// The most bytes that the call can make.
pub(super) fn bytes_at_most(growth: Growth, call: &ScalarFunctionArgs) -> Result<u64> {
    let constant = |value: &ColumnarValue| matches!(value, ColumnarValue::Scalar(_));
    let rows = if call.args.iter().all(constant) {
        1
    } else {
        call.number_rows
    };
    let lengths = |index: usize| call.args.get(index).map_or(Numbers::Same(0), lengths);
    let sum = || {
        let each = (0..call.args.len()).map(|index| lengths(index).sum(rows));
        each.fold(0, u64::saturating_add)
    };
    let by_row = |of_row: &dyn Fn(usize) -> u64| (0..rows).map(of_row).fold(0, u64::saturating_add);
    Ok(match growth {
        Growth::Sum => sum(),
        Growth::Times(factor) => sum().saturating_mul(factor),
        Growth::Separated => {
            let gaps = call.args.len().saturating_sub(2) as u64;
            lengths(0).sum(rows).saturating_mul(gaps).saturating_add(sum())
        }
        Growth::Listed => {
            // An item takes one byte at least, be it a truth in a list of many.
            let items = lengths(0).sum(rows).saturating_add(1) / smallest_item(call.args.first());
            let separator = lengths(1);
            let widest = (0..rows).map(|row| separator.at(row)).max();
            items
                .saturating_mul(widest.unwrap_or(0))
                .saturating_add(lengths(0).sum(rows).saturating_mul(CHARACTER))
        }
        Growth::Repeated => {
            let (text, times) = (lengths(0), numbers(call, 1)?);
            by_row(&|row| text.at(row).saturating_mul(times.at(row)))
        }
        Growth::Padded => {
            let wanted = numbers(call, 1)?;
            by_row(&|row| wanted.at(row).saturating_mul(CHARACTER))
        }
        Growth::Replaced => {
            let (text, from, to) = (lengths(0), lengths(1), lengths(2));
            by_row(&|row| {
                let places = match from.at(row) {
                    0 => text.at(row).saturating_add(1),
                    length => text.at(row) / length,
                };
                places.saturating_mul(to.at(row)).saturating_add(text.at(row))
            })
        }
        Growth::Matched => {
            let (text, to) = (lengths(0), lengths(2));
            let every = call.args.len() > 3;
            by_row(&|row| {
                let places = if every { text.at(row).saturating_add(1) } else { 1 };
                let parts = parts(call.args.get(2), to.at(row)).saturating_add(1);
                places
                    .saturating_mul(to.at(row))
                    .saturating_add(parts.saturating_mul(text.at(row)))
            })
        }
    })
}

/// The fewest bytes that an item of a list takes.
fn smallest_item(list: Option<&ColumnarValue>) -> u64 {
    match list.map(ColumnarValue::data_type) {
        Some(DataType::List(item)) if item.data_type().is_string() => ITEM,
        _ => 1,
    }
}

/// How often a replacement can name a part of its match: `\1` or `$1`.
fn parts(replacement: Option<&ColumnarValue>, length: u64) -> u64 {
    match replacement {
        Some(ColumnarValue::Scalar(
            ScalarValue::Utf8(Some(text))
            | ScalarValue::Utf8View(Some(text))
            | ScalarValue::LargeUtf8(Some(text)),
        )) => text.matches(['\\', '$']).count() as u64,
        _ => length / 2,
    }
}

/// The bytes of an argument in each row.
fn lengths(value: &ColumnarValue) -> Numbers {
    match value {
        ColumnarValue::Scalar(
            ScalarValue::Utf8(text) | ScalarValue::Utf8View(text) | ScalarValue::LargeUtf8(text),
        ) => Numbers::Same(text.as_ref().map_or(0, |text| text.len() as u64)),
        ColumnarValue::Scalar(ScalarValue::List(list)) => array_lengths(&(list.clone() as ArrayRef)),
        ColumnarValue::Scalar(other) => Numbers::Same(other.size() as u64),
        ColumnarValue::Array(array) => array_lengths(array),
    }
}

fn array_lengths(array: &ArrayRef) -> Numbers {
    fn of<T: AsRef<[u8]>>(values: impl Iterator<Item = Option<T>>) -> Numbers {
        let length = |value: Option<T>| value.map_or(0, |value| value.as_ref().len() as u64);
        Numbers::Each(values.map(length).collect())
    }
    match array.data_type() {
        DataType::Utf8 => of(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => of(array.as_string::<i64>().iter()),
        DataType::Utf8View => of(array.as_string_view().iter()),
        DataType::Binary => of(array.as_binary::<i32>().iter()),
        DataType::BinaryView => of(array.as_binary_view().iter()),
        // What is no text is told as a whole and shared out.
        _ => Numbers::Same(bytes_of(array).div_ceil(array.len().max(1) as u64)),
    }
}

/// The bytes of an array as if it were the only one that holds them.
fn bytes_of(array: &ArrayRef) -> u64 {
    let rows = array.len() as u64;
    match array.data_type() {
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            let ends = |offset: Option<&i32>| offset.and_then(|offset| usize::try_from(*offset).ok());
            let (first, last) = (ends(lists.offsets().first()), ends(lists.offsets().last()));
            let (first, last) = (first.unwrap_or(0), last.unwrap_or(0));
            let items = lists.values().slice(first, last.saturating_sub(first));
            bytes_of(&items).saturating_add(rows.saturating_mul(ITEM / 2))
        }
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::BinaryView => array_lengths(array)
            .sum(array.len())
            .saturating_add(rows.saturating_mul(ITEM)),
        _ => {
            let bytes = array.to_data().get_slice_memory_size();
            bytes.unwrap_or_else(|_| array.get_array_memory_size()) as u64
        }
    }
}

/// An argument that says how often or how many; what is below nothing is nothing.
fn numbers(call: &ScalarFunctionArgs, index: usize) -> Result<Numbers> {
    let Some(value) = call.args.get(index) else {
        return Ok(Numbers::Same(0));
    };
    let array = match value {
        ColumnarValue::Scalar(scalar) => scalar.to_array()?,
        ColumnarValue::Array(array) => ArrayRef::clone(array),
    };
    let array = cast(&array, &DataType::Int64)?;
    let count = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0);
    let counts: Vec<u64> = array.as_primitive::<Int64Type>().iter().map(count).collect();
    Ok(match (value, counts.first()) {
        (ColumnarValue::Scalar(_), Some(count)) => Numbers::Same(*count),
        _ => Numbers::Each(counts),
    })
}
