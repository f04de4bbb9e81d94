//! `series_outliers`.

use super::outliers::{Fences, method_of, percentiles_are_usual};
use super::reading::{array, reals as numbers};
use super::writing::reals;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_outliers",
    aliases: &[],
    signatures: &[
        "(series:DynamicArray, ?kind:string, ?ignore_val:Number) -> Parameter0",
        "(series:DynamicArray, kind:string, ignore_val:real, min_percentile:real, ?max_percentile:real, \
         ?test_points:Integer) -> Parameter0",
    ],
    tuple: &[],
    summary: "Scores how far each element of a series lies outside of what is common, by the fences of Tukey: \
              above 1.5 is a rise, below -1.5 a decline.",
    notes: "`ctukey`, which is taken if no kind is given, takes the 10th to the 90th percentile as common, \
            `tukey` the 25th to the 75th. Other percentiles are refused. What is no number and what equals the \
            ignored value scores 0.",
    examples: &[
        (
            "series_outliers(dynamic([1, 1, 1, 9, 1, 1, 1, 1, 2, 2, 2]), 'tukey')",
            "dynamic([0.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])",
        ),
        (
            "series_outliers(dynamic([1, 2, 3, null, 4, 13]), 'tukey', 13)",
            "dynamic([-0.5, 0.0, 0.0, 0.0, 0.5, 0.0])",
        ),
        ("series_outliers(dynamic([null]))", "dynamic([0.0])"),
    ],
    kernel: |call| {
        let method = method_of(call, 1)?;
        percentiles_are_usual(call)?;
        call.dynamics(|row, writer| {
            let Some(series) = array(call, 0, row) else {
                return;
            };
            let ignored = call.real(2, row);
            let values: Vec<Option<f64>> = numbers(series)
                .map(|value| value.filter(|value| value.is_finite() && Some(*value) != ignored))
                .collect();
            let test_points = usize::try_from(call.long(5, row).unwrap_or(0)).unwrap_or(0);
            let learnt = values.len().saturating_sub(test_points);
            let fences = Fences::of(values.iter().take(learnt).flatten().copied().collect(), method);
            let score = |value: Option<f64>| Some(fences.as_ref()?.score(value?));
            reals(writer, values.iter().map(|value| score(*value).unwrap_or(0.0)));
        })
    },
};
