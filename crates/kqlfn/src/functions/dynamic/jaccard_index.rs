//! `jaccard_index`.

use super::sets::Sets;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "jaccard_index",
    aliases: &[],
    signatures: &["(set1:DynamicArray, set2:DynamicArray) -> real"],
    tuple: &[],
    summary: "How alike two arrays are as sets: the number of distinct elements in both, divided by that in either.",
    notes: "From 0 to 1; NaN if both are empty. If one of them is no array, the result is null.",
    examples: &[
        ("jaccard_index(dynamic([1, 2, 3]), dynamic([1, 2, 3, 4]))", "0.75"),
        ("jaccard_index(dynamic([1, 1, 2]), dynamic([2, 1]))", "1.0"),
        ("jaccard_index(dynamic(['a']), dynamic(['b']))", "0.0"),
        ("jaccard_index(dynamic([]), dynamic([]))", "real(nan)"),
        ("jaccard_index(dynamic([1]), dynamic(null))", "real(null)"),
    ],
    kernel: |call| {
        let sets = Sets::of(call);
        call.reals(|row| {
            let (first, second) = (sets.get(0, row)?, sets.get(1, row)?);
            let shared = first.iter().filter(|element| second.contains(*element)).count();
            let all = first.len() + second.len() - shared;
            Some(f64::from(u32::try_from(shared).ok()?) / f64::from(u32::try_from(all).ok()?))
        })
    },
};
