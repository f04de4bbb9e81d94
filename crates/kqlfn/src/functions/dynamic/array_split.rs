//! `array_split`.

use super::arguments::{ELEMENTS_MAX, array, part, write_array};
use crate::dynamic::{Array, Dynamic};
use crate::function::{Call, Function};

pub(super) const FUNCTION: Function = Function {
    name: "array_split",
    aliases: &[],
    signatures: &[
        "(array:DynamicArray, index:Integer) -> Parameter0",
        "(array:DynamicArray, indices:DynamicArray) -> Parameter0",
    ],
    tuple: &[],
    summary: "Cuts an array into parts before the given places, and gives an array of the parts.",
    notes: "Negative places count from the end. N places make N + 1 parts, some of them empty if places lie outside of \
            the array.",
    examples: &[
        (
            "array_split(dynamic([1, 2, 3, 4, 5]), 2)",
            "dynamic([[1, 2], [3, 4, 5]])",
        ),
        (
            "array_split(dynamic([1, 2, 3, 4, 5]), dynamic([1, 3]))",
            "dynamic([[1], [2, 3], [4, 5]])",
        ),
        (
            "array_split(dynamic([1, 2, 3, 4, 5]), -2)",
            "dynamic([[1, 2, 3], [4, 5]])",
        ),
        ("array_split(dynamic([1, 2]), 7)", "dynamic([[1, 2], []])"),
        ("array_split(dynamic([1]), dynamic(['a']))", "dynamic(null)"),
        ("array_split(dynamic(null), 1)", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some((array, parts)) =
                array(call, 0, row).and_then(|array| Some((array, parts(call, row, array)?)))
            else {
                return;
            };
            let pieces: Vec<&[u8]> = array.raw().collect();
            writer.array(|elements| {
                for (skipped, length) in parts {
                    let part = pieces.get(skipped..skipped + length).unwrap_or_default();
                    elements.push(|writer| write_array(writer, part.iter().copied()));
                }
            });
        })
    },
};

/// Where the parts begin and how many elements they have.
fn parts(call: &Call<'_>, row: usize, array: Array<'_>) -> Option<Vec<(usize, usize)>> {
    let places = match call.cell(1, row).dynamic() {
        Some(Dynamic::Array(places)) => places.iter().map(whole).collect::<Option<Vec<i64>>>()?,
        Some(place) => vec![whole(place)?],
        None => vec![call.long(1, row)?],
    };
    let ends = places.iter().copied().chain([i64::MAX]);
    let starts = [0].into_iter().chain(places.iter().copied());
    let parts: Vec<(usize, usize)> = starts
        .zip(ends)
        .map(|(start, end)| part(array.len(), start, end))
        .collect();
    // Places that go back and forth repeat elements.
    let elements = parts
        .iter()
        .fold(0_usize, |sum, (_, length)| sum.saturating_add(*length));
    (elements <= ELEMENTS_MAX.max(array.len())).then_some(parts)
}

fn whole(place: Dynamic<'_>) -> Option<i64> {
    match place {
        Dynamic::Int(place) => Some(i64::from(place)),
        Dynamic::Long(place) => Some(place),
        _ => None,
    }
}
