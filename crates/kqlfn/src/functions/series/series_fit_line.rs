//! `series_fit_line`.

use kql::ScalarType;

use super::line::Line;
use super::reading::complete;
use super::writing::reals;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_fit_line",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[
        ("_rsquare", ScalarType::Real),
        ("_slope", ScalarType::Real),
        ("_variance", ScalarType::Real),
        ("_rvariance", ScalarType::Real),
        ("_interception", ScalarType::Real),
        ("_line_fit", ScalarType::Dynamic),
    ],
    summary: "The straight line that is nearest to a series by the least squares, and how well it fits.",
    notes: "The first element lies at 1, so that the interception is the height one step before it. An element \
            that is no number gives null.",
    examples: &[
        (
            "series_fit_line(dynamic([1, 3, 5]))",
            "dynamic([1.0, 2.0, 4.0, 0.0, -1.0, [1.0, 3.0, 5.0]])",
        ),
        (
            "series_fit_line(dynamic([1, 0, 0, 1]))",
            "dynamic([0.0, 0.0, 0.3333333333333333, 0.3333333333333333, 0.5, [0.5, 0.5, 0.5, 0.5]])",
        ),
        ("series_fit_line(dynamic([1, null, 5]))", "dynamic(null)"),
        ("series_fit_line(dynamic([]))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some(values) = complete(call, 0, row) else {
                return;
            };
            let line = Line::fit(&values);
            writer.array(|elements| {
                let numbers = [
                    line.rsquare,
                    line.slope,
                    line.variance,
                    line.rvariance,
                    line.interception,
                ];
                for number in numbers {
                    elements.push(|writer| writer.real(number));
                }
                elements.push(|writer| reals(writer, line.points));
            });
        })
    },
};
