//! `zip`.

use super::arguments::arrays;
use crate::function::{Function, Refusal};

/// As many as Kusto takes. It also bounds what one long array beside many short ones can grow to.
const ARRAYS_MAX: usize = 16;

pub(super) const FUNCTION: Function = Function {
    name: "zip",
    aliases: &[],
    signatures: &["(first:DynamicArray, array:DynamicArray*) -> dynamic"],
    tuple: &[],
    summary: "Makes an array of arrays: the first elements of all, then the second ones, and so on.",
    notes: "It is as long as the longest of them; what is missing is null. If one of them is no array, the result is \
            null. \
            It takes 16 arrays at most.",
    examples: &[
        (
            "zip(dynamic([1, 3, 5]), dynamic([2, 4, 6]))",
            "dynamic([[1, 2], [3, 4], [5, 6]])",
        ),
        (
            "zip(dynamic(['A', 1, 1.5]), dynamic([{}, 'B']))",
            "dynamic([['A', {}], [1, 'B'], [1.5, null]])",
        ),
        (
            "zip(dynamic([1]), dynamic([]), dynamic([2]))",
            "dynamic([[1, null, 2]])",
        ),
        ("zip(dynamic([]), dynamic([]))", "dynamic([])"),
        ("zip(dynamic([1]), dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| {
        if call.arguments.len() > ARRAYS_MAX {
            return Err(Refusal::new(format!("`zip` takes {ARRAYS_MAX} arrays at most")));
        }
        call.dynamics(|row, writer| {
            let Some(arrays) = arrays(call, row) else {
                return;
            };
            let length = arrays.iter().map(|array| array.len()).max().unwrap_or(0);
            let mut rests: Vec<_> = arrays.iter().map(|array| array.raw()).collect();
            writer.array(|elements| {
                for _ in 0..length {
                    elements.push(|writer| {
                        writer.array(|inner| {
                            for rest in &mut rests {
                                // Without bytes it is null.
                                inner.raw(rest.next().unwrap_or_default());
                            }
                        });
                    });
                }
            });
        })
    },
};
