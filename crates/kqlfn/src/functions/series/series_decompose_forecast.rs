//! `series_decompose_forecast`.

use super::decomposition::{Places, Trend, parts, trend_of};
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
    notes: "The period is in bins, or 0 for none. With -1, or without one, it is looked for; what is found is \
            ours, as Kusto does not say how it scores periods. The trend is `linefit` if none is given.",
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
        let trend = trend_of(call, 3, Trend::Line)?;
        let places = Places {
            period: 2,
            test_points: 1,
            threshold: Some(4),
        };
        call.dynamics(|row, writer| {
            if let Some(parts) = parts(call, row, places, trend) {
                reals(writer, parts.baseline);
            }
        })
    },
};
