//! Sorting arrays.

use std::cmp::Ordering;

use kql::ScalarType;

use super::arguments::{array, write_array};
use crate::dynamic::{Array, Dynamic, Writer, compare};
use crate::function::{Call, Computed};

/// Sorts the first array, and the others along with it. One array gives an array, several an array of them.
pub(super) fn sort(call: &Call<'_>, is_descending: bool) -> Computed {
    let switch = call
        .arguments
        .last()
        .filter(|column| column.kind == ScalarType::Bool);
    let arrays = call.arguments.len() - usize::from(switch.is_some());
    call.dynamics(|row, writer| {
        let nulls_last = switch.and_then(|column| column.cell(row).bool()).unwrap_or(true);
        let first = array(call, 0, row);
        let order = first.map(|first| order(first, is_descending, nulls_last));
        let order = order.unwrap_or_default();
        let write = |argument: usize, writer: &mut Writer| match (first, array(call, argument, row)) {
            (Some(first), Some(array)) if array.len() == first.len() => write_in_order(writer, array, &order),
            _ => writer.null(),
        };
        if arrays == 1 {
            write(0, writer);
        } else {
            writer.array(|elements| {
                for argument in 0..arrays {
                    elements.push(|writer| write(argument, writer));
                }
            });
        }
    })
}

fn write_in_order(writer: &mut Writer, array: Array<'_>, order: &[usize]) {
    let pieces: Vec<&[u8]> = array.raw().collect();
    write_array(writer, order.iter().filter_map(|&at| pieces.get(at).copied()));
}

/// The places of an array's elements in the order of the elements; those that are the same keep theirs.
fn order(array: Array<'_>, is_descending: bool, nulls_last: bool) -> Vec<usize> {
    let mut places: Vec<(usize, Dynamic<'_>)> = array.iter().enumerate().collect();
    places.sort_by(|(_, left), (_, right)| {
        let nulls = match (left.is_null(), right.is_null()) {
            (true, false) if nulls_last => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, true) if nulls_last => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => Ordering::Equal,
        };
        let values = || {
            let ascending = within_group(*left, *right);
            if is_descending {
                ascending.reverse()
            } else {
                ascending
            }
        };
        // The groups stand in the same order both ways.
        nulls
            .then_with(|| group(*left).cmp(&group(*right)))
            .then_with(values)
    });
    places.into_iter().map(|(at, _)| at).collect()
}

const fn group(value: Dynamic<'_>) -> u8 {
    match value {
        Dynamic::Int(_)
        | Dynamic::Long(_)
        | Dynamic::Real(_)
        | Dynamic::Decimal(_)
        | Dynamic::Datetime(_)
        | Dynamic::Timespan(_) => 0,
        Dynamic::String(_) => 1,
        Dynamic::Guid(_) => 2,
        Dynamic::Bool(_) | Dynamic::Array(_) | Dynamic::Bag(_) | Dynamic::Null => 3,
    }
}

fn within_group(left: Dynamic<'_>, right: Dynamic<'_>) -> Ordering {
    match (left, right) {
        // Arrays and bags have no order.
        (Dynamic::Array(_) | Dynamic::Bag(_), _) | (_, Dynamic::Array(_) | Dynamic::Bag(_)) => {
            container_rank(left).cmp(&container_rank(right))
        }
        _ => compare(left, right),
    }
}

const fn container_rank(value: Dynamic<'_>) -> u8 {
    match value {
        Dynamic::Array(_) | Dynamic::Bag(_) => 1,
        _ => 0,
    }
}
