//! `series_fit_2lines`.

use kql::ScalarType;

use super::reading::complete;
use super::two_lines::TwoLines;
use super::writing::{index, reals};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_fit_2lines",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[
        ("_rsquare", ScalarType::Real),
        ("_split_idx", ScalarType::Long),
        ("_variance", ScalarType::Real),
        ("_rvariance", ScalarType::Real),
        ("_line_fit", ScalarType::Dynamic),
        ("_right_rsquare", ScalarType::Real),
        ("_right_slope", ScalarType::Real),
        ("_right_interception", ScalarType::Real),
        ("_right_variance", ScalarType::Real),
        ("_right_rvariance", ScalarType::Real),
        ("_left_rsquare", ScalarType::Real),
        ("_left_slope", ScalarType::Real),
        ("_left_interception", ScalarType::Real),
        ("_left_variance", ScalarType::Real),
        ("_left_rvariance", ScalarType::Real),
    ],
    summary: "The two straight lines, one behind the other, that are nearest to a series by the least squares, and how \
              well they fit.",
    notes: "The split is the place of the right line's first element. Each line has two elements at least, and is what \
            `series_fit_line` gives of its part alone: the first element of each lies at 1. An element that is no \
            number gives null.",
    examples: &[
        (
            "series_fit_2lines(dynamic([1, 2, 3, 10, 8, 6]))",
            "dynamic([1.0, 3, 12.8, 0.0, [1.0, 2.0, 3.0, 10.0, 8.0, 6.0], 1.0, -2.0, 12.0, 4.0, 0.0, 1.0, 1.0, 0.0, \
             1.0, 0.0])",
        ),
        ("series_fit_2lines(dynamic([1, null, 5]))", "dynamic(null)"),
        ("series_fit_2lines(dynamic([1]))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some(lines) = complete(call, 0, row).and_then(|values| TwoLines::fit(&values)) else {
                return;
            };
            writer.array(|elements| {
                elements.push(|writer| writer.real(lines.rsquare));
                elements.push(|writer| index(writer, lines.split));
                elements.push(|writer| writer.real(lines.variance));
                elements.push(|writer| writer.real(lines.rvariance));
                elements.push(|writer| reals(writer, lines.points));
                for (_, number) in lines.right.numbers().into_iter().chain(lines.left.numbers()) {
                    elements.push(|writer| writer.real(number));
                }
            });
        })
    },
};
