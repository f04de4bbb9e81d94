//! `array_iff`.

use super::arguments::{BYTES_MAX, array, piece};
use crate::dynamic::{Array, Dynamic};
use crate::function::{Call, Function};

pub(super) const FUNCTION: Function = Function {
    name: "array_iff",
    aliases: &["array_iif"],
    signatures: &["(condition_array:DynamicArray, when_true:Scalar, when_false:Scalar) -> dynamic"],
    tuple: &[],
    summary: "Takes each element from one of two arrays, as a third array of conditions says.",
    notes: "A number is true unless it is 0; any other condition gives null. What is no array stands for an array that \
            holds it everywhere. Elements that are missing are null.",
    examples: &[
        (
            "array_iff(dynamic([true, false, true]), dynamic([1, 2, 3]), dynamic([4, 5, 6]))",
            "dynamic([1, 5, 3])",
        ),
        (
            "array_iff(dynamic([1, 0, 2.5]), 'yes', 'no')",
            "dynamic(['yes', 'no', 'yes'])",
        ),
        (
            "array_iff(dynamic([true, true, false]), dynamic([1]), 0)",
            "dynamic([1, null, 0])",
        ),
        (
            "array_iff(dynamic(['a', null, false]), 1, long(null))",
            "dynamic([null, null, null])",
        ),
        ("array_iif(dynamic(true), 1, 0)", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some(conditions) = array(call, 0, row) else {
                return;
            };
            let (when_true, when_false) = (Choice::of(call, 1, row), Choice::of(call, 2, row));
            let size_max = when_true.size_max().max(when_false.size_max());
            if conditions.len().saturating_mul(size_max) > BYTES_MAX {
                return;
            }
            writer.array(|elements| {
                for (at, condition) in conditions.iter().enumerate() {
                    let chosen = truth(condition).map(|truth| if truth { &when_true } else { &when_false });
                    elements.push(|writer| match chosen {
                        Some(Choice::Elements(array)) => writer.value(array.get(at).unwrap_or(Dynamic::Null)),
                        Some(Choice::Value(piece)) => writer.raw(piece),
                        None => writer.null(),
                    });
                }
            });
        })
    },
};

/// Where elements are taken from.
enum Choice<'a> {
    Elements(Array<'a>),
    Value(Vec<u8>),
}

impl<'a> Choice<'a> {
    fn of(call: &Call<'a>, argument: usize, row: usize) -> Self {
        array(call, argument, row).map_or_else(|| Self::Value(piece(call, argument, row)), Self::Elements)
    }

    /// How much an element can add to the result that the arguments do not hold themselves.
    const fn size_max(&self) -> usize {
        match self {
            Self::Elements(_) => 0,
            Self::Value(piece) => piece.len(),
        }
    }
}

fn truth(condition: Dynamic<'_>) -> Option<bool> {
    match condition {
        Dynamic::Bool(truth) => Some(truth),
        // NaN is not 0.
        other => other.number().map(|number| number != 0.0),
    }
}
