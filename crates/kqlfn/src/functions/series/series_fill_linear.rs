//! `series_fill_linear`.

use super::filling::Gap;
use super::reading::{Number, array, count};
use crate::dynamic::{Array, Dynamic, Elements, Writer};
use crate::function::{Call, Function};

pub(super) const FUNCTION: Function = Function {
    name: "series_fill_linear",
    aliases: &[],
    signatures: &[
        "(series:DynamicArray, ?missing_value_placeholder:Number, ?fill_edges:bool, ?constant_value:Number) \
         -> Parameter0",
    ],
    tuple: &[],
    summary: "Fills the gaps of a series with values on the straight line between their neighbours.",
    notes: "What is missing is null, or what equals the placeholder. Gaps at both ends take the nearest value, unless the \
            edges are not to be filled. A series with gaps only is filled with the constant, 0 if none is given. \
            Between whole numbers the values are cut to whole numbers.",
    examples: &[
        (
            "series_fill_linear(dynamic([null, 111.0, null, 36.0, null]))",
            "dynamic([111.0, 111.0, 73.5, 36.0, 36.0])",
        ),
        (
            "series_fill_linear(dynamic([null, 111, null, 36, 41, null, null, 16]), double(null), false)",
            "dynamic([null, 111, 73, 36, 41, 32, 24, 16])",
        ),
        (
            "series_fill_linear(dynamic([1, 0, 4, 0]), 0)",
            "dynamic([1, 2, 4, 4])",
        ),
        ("series_fill_linear(dynamic([null, null]))", "dynamic([0.0, 0.0])"),
        (
            "series_fill_linear(dynamic([null, null]), double(null), true, 3.14159)",
            "dynamic([3.14159, 3.14159])",
        ),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            if let Some(series) = array(call, 0, row) {
                fill(call, row, series, writer);
            }
        })
    },
};

fn fill(call: &Call<'_>, row: usize, series: Array<'_>, writer: &mut Writer) {
    let gap = Gap::of(call, 1, row);
    let held: Vec<(usize, Number)> = series
        .iter()
        .enumerate()
        .filter(|(_, element)| !gap.is(*element))
        .filter_map(|(at, element)| Some((at, Number::of(element)?)))
        .collect();
    let is_whole = held.iter().all(|(_, number)| number.is_whole());
    let fills_edges = call.bool(2, row).unwrap_or(true);
    let constant = if call.has(3) { call.real(3, row) } else { Some(0.0) };
    let mut next = held.iter().copied().peekable();
    let mut before: Option<(usize, Number)> = None;
    writer.array(|elements| {
        for (at, element) in series.iter().enumerate() {
            while let Some(passed) = next.next_if(|(place, _)| *place <= at) {
                before = Some(passed);
            }
            if !gap.is(element) {
                elements.value(element);
                continue;
            }
            match (before, next.peek().copied()) {
                (Some(left), Some(right)) => between(elements, at, left, right, is_whole),
                (Some((_, nearest)), None) | (None, Some((_, nearest))) if fills_edges => match nearest {
                    Number::Whole(number) => elements.value(Dynamic::Long(number)),
                    Number::Real(number) => elements.value(Dynamic::Real(number)),
                },
                (None, None) => elements.value(constant.map_or(Dynamic::Null, Dynamic::Real)),
                _ => elements.value(element),
            }
        }
    });
}

fn between(
    elements: &mut Elements<'_>,
    at: usize,
    left: (usize, Number),
    right: (usize, Number),
    is_whole: bool,
) {
    let part = count(at - left.0) / count(right.0 - left.0);
    let (low, high) = (left.1.real(), right.1.real());
    let value = low + (high - low) * part;
    #[expect(clippy::cast_possible_truncation, reason = "it lies between two longs")]
    elements.value(if is_whole {
        Dynamic::Long(value as i64)
    } else {
        Dynamic::Real(value)
    });
}
