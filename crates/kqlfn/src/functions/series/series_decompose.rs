//! `series_decompose`.

use kql::ScalarType;

use super::decomposition::{Places, Trend, parts, trend_of};
use super::writing::reals;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_decompose",
    aliases: &[],
    signatures: &[
        "(series:DynamicArray, ?period:Integer, ?trend:string, ?test_points:Integer, \
         ?seasonality_threshold:Number) -> dynamic",
    ],
    tuple: &[
        ("_baseline", ScalarType::Dynamic),
        ("_seasonal", ScalarType::Dynamic),
        ("_trend", ScalarType::Dynamic),
        ("_residual", ScalarType::Dynamic),
    ],
    summary: "Takes a series apart: what comes back in each period, its trend, the sum of both, and what \
              remains.",
    notes: "The period is in bins, or 0 for none. With -1, or without one, it is looked for; what is found is \
            ours, as Kusto does not say how it scores periods. The trend is `avg`, `linefit` or `none`. Test points at the end are not learnt from but \
            foretold.",
    examples: &[
        (
            "series_decompose(dynamic([1, 2, 1, 2, 1, 3]), 2)",
            "dynamic([[1.1666666666666667, 2.1666666666666665, 1.1666666666666667, 2.1666666666666665, \
             1.1666666666666667, 2.1666666666666665], [1.0, 2.0, 1.0, 2.0, 1.0, 2.0], [0.16666666666666666, \
             0.16666666666666666, 0.16666666666666666, 0.16666666666666666, 0.16666666666666666, \
             0.16666666666666666], [-0.16666666666666674, -0.16666666666666652, -0.16666666666666674, \
             -0.16666666666666652, -0.16666666666666674, 0.8333333333333335]])",
        ),
        (
            "series_decompose(dynamic([1, 3, 5, 0]), 0, 'linefit', 1)",
            "dynamic([[1.0, 3.0, 5.0, 7.0], [0.0, 0.0, 0.0, 0.0], [1.0, 3.0, 5.0, 7.0], [0.0, 0.0, 0.0, \
             -7.0]])",
        ),
        (
            "series_decompose(dynamic([4, 6]), 0, 'none')",
            "dynamic([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [4.0, 6.0]])",
        ),
        ("series_decompose(dynamic([1, null]), 0)", "dynamic(null)"),
    ],
    kernel: |call| {
        let trend = trend_of(call, 2, Trend::Average)?;
        let places = Places {
            period: 1,
            test_points: 3,
            threshold: Some(4),
        };
        call.dynamics(|row, writer| {
            let Some(parts) = parts(call, row, places, trend) else {
                return;
            };
            writer.array(|elements| {
                for part in [parts.baseline, parts.seasonal, parts.trend, parts.residual] {
                    elements.push(|writer| reals(writer, part));
                }
            });
        })
    },
};
