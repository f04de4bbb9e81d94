//! `series_decompose_forecast`.

use super::decomposition::{Places, Trend, parts, period_is_given, trend_of};
use super::writing::reals;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_decompose_forecast",
    aliases: &[],
    signatures: &[
        "(series:DynamicArray, test_points:Integer, ?period:Integer, ?trend:string, \
         ?seasonality_threshold:Number) -> dynamic",
    ],
    tuple: &[],
    summary: "Foretells the last elements of a series from those before: what comes back in each period, and \
              its trend.",
    notes: "The period must be given, in bins, or as 0 for none; -1, which stands for the detected one, is \
            refused. The trend is `linefit` if none is given.",
    examples: &[
        (
            "series_decompose_forecast(dynamic([1, 3, 5, 0, 0]), 2, 0)",
            "dynamic([1.0, 3.0, 5.0, 7.0, 9.0])",
        ),
        (
            "series_decompose_forecast(dynamic([1, 3, 1, 3, 0, 0]), 2, 2, 'avg')",
            "dynamic([1.0, 3.0, 1.0, 3.0, 1.0, 3.0])",
        ),
        (
            "series_decompose_forecast(dynamic([1, 3, 0]), 1, 0, 'none')",
            "dynamic([0.0, 0.0, 0.0])",
        ),
    ],
    kernel: |call| {
        period_is_given(call, 2)?;
        let trend = trend_of(call, 3, Trend::Line)?;
        let places = Places {
            period: 2,
            test_points: 1,
        };
        call.dynamics(|row, writer| {
            if let Some(parts) = parts(call, row, places, trend) {
                reals(writer, parts.baseline);
            }
        })
    },
};
