//! `series_seasonal`.

use super::decomposition::{Places, Trend, parts};
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
    notes: "The period is in bins, or 0 for none. With -1, or without one, it is looked for; what is found is \
            ours, as Kusto does not say how it scores periods. Test points at the end are not learnt from.",
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
        (
            "series_seasonal(dynamic([5, 1, 1, 0, 5, 1, 1, 0, 5, 1, 1, 0, 5, 1, 2, 0]))",
            "dynamic([5.0, 1.0, 1.0, 0.0, 5.0, 1.0, 1.0, 0.0, 5.0, 1.0, 1.0, 0.0, 5.0, 1.0, 1.0, 0.0])",
        ),
        (
            "series_seasonal(dynamic([1, 2, 4, 8]), -1)",
            "dynamic([0.0, 0.0, 0.0, 0.0])",
        ),
        ("series_seasonal(dynamic([1, null]), 2)", "dynamic(null)"),
    ],
    kernel: |call| {
        let places = Places {
            period: 1,
            test_points: 2,
            threshold: None,
        };
        call.dynamics(|row, writer| {
            if let Some(parts) = parts(call, row, places, Trend::None) {
                reals(writer, parts.seasonal);
            }
        })
    },
};
