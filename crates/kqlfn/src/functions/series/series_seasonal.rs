//! `series_seasonal`.

use super::decomposition::{Places, Trend, parts, period_is_given};
use super::writing::reals;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_seasonal",
    aliases: &[],
    signatures: &[
        "(series:DynamicArray) -> dynamic",
        "(series:DynamicArray, period:Integer) -> dynamic",
        "(series:DynamicArray, period:Integer, test_points:Integer) -> dynamic",
    ],
    tuple: &[],
    summary: "The part of a series that comes back in each period: the median of all elements at the same \
              place of the period.",
    notes: "The period must be given, in bins, or as 0 for none; -1, which stands for the detected one, is \
            refused. Test points at the end are not learnt from.",
    examples: &[
        (
            "series_seasonal(dynamic([1, 3, 5, 1, 3, 5, 2, 4, 6]), 3)",
            "dynamic([1.0, 3.0, 5.0, 1.0, 3.0, 5.0, 1.0, 3.0, 5.0])",
        ),
        (
            "series_seasonal(dynamic([1, 3, 5, 2, 4, 6, 1, 3, 5, 2, 4, 6]), 3)",
            "dynamic([1.5, 3.5, 5.5, 1.5, 3.5, 5.5, 1.5, 3.5, 5.5, 1.5, 3.5, 5.5])",
        ),
        (
            "series_seasonal(dynamic([1, 2, 1, 2, 9, 9]), 2, 2)",
            "dynamic([1.0, 2.0, 1.0, 2.0, 1.0, 2.0])",
        ),
        ("series_seasonal(dynamic([1, null]), 2)", "dynamic(null)"),
    ],
    kernel: |call| {
        period_is_given(call, 1)?;
        let places = Places {
            period: 1,
            test_points: 2,
        };
        call.dynamics(|row, writer| {
            if let Some(parts) = parts(call, row, places, Trend::None) {
                reals(writer, parts.seasonal);
            }
        })
    },
};
