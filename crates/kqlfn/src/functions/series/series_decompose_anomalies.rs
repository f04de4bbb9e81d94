//! `series_decompose_anomalies`.

use kql::ScalarType;

use super::decomposition::{Places, Trend, parts, trend_of};
use super::outliers::{Fences, method_of};
use super::writing::reals;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_decompose_anomalies",
    aliases: &[],
    signatures: &[
        "(series:DynamicArray, ?threshold:Number, ?period:Integer, ?trend:string, ?test_points:Integer, \
         ?method:string, ?seasonality_threshold:Number) -> dynamic",
    ],
    tuple: &[
        ("_ad_flag", ScalarType::Dynamic),
        ("_ad_score", ScalarType::Dynamic),
        ("_baseline", ScalarType::Dynamic),
    ],
    summary: "Finds the elements of a series that lie far off from what its period and trend foretell: a flag \
              of 1, 0 or -1, a score, and the foretold value.",
    notes: "The period is in bins, or 0 for none. With -1, or without one, it is looked for; what is found is \
            ours, as Kusto does not say how it scores periods. The score is that of `series_outliers` on what remains. Whoever is beyond the threshold, \
            1.5 if none is given, is flagged.",
    examples: &[
        (
            "series_decompose_anomalies(dynamic([1, 1, 1, 9, 1, 1, 1, 1, 2, 2, 2]), 1.5, 0, 'none', 0, \
             'tukey')",
            "dynamic([[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], [0.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, \
             0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]])",
        ),
        (
            "series_decompose_anomalies(dynamic([1, null]), 1.5, 0)",
            "dynamic(null)",
        ),
    ],
    kernel: |call| {
        let trend = trend_of(call, 3, Trend::Average)?;
        let method = method_of(call, 5)?;
        let places = Places {
            period: 2,
            test_points: 4,
            threshold: Some(6),
        };
        call.dynamics(|row, writer| {
            let threshold = if call.has(1) { call.real(1, row) } else { Some(1.5) };
            let (Some(threshold), Some(parts)) = (threshold, parts(call, row, places, trend)) else {
                return;
            };
            let Some(fences) = Fences::of(
                parts.residual.iter().copied().take(parts.learnt).collect(),
                method,
            ) else {
                return;
            };
            let scores: Vec<f64> = parts.residual.iter().map(|rest| fences.score(*rest)).collect();
            writer.array(|columns| {
                columns.push(|writer| {
                    writer.array(|flags| {
                        for score in &scores {
                            let flag = i64::from(*score > threshold) - i64::from(*score < -threshold);
                            flags.push(|writer| writer.long(flag));
                        }
                    });
                });
                columns.push(|writer| reals(writer, scores.iter().copied()));
                columns.push(|writer| reals(writer, parts.baseline));
            });
        })
    },
};
