//! `series_fit_2lines_dynamic`.

use super::reading::complete;
use super::two_lines::TwoLines;
use super::writing::{index, reals};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_fit_2lines_dynamic",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The two straight lines, one behind the other, that are nearest to a series by the least squares, and how \
              well they fit, in a bag.",
    notes: "As `series_fit_2lines`, with names.",
    examples: &[
        (
            "series_fit_2lines_dynamic(dynamic([1, 2, 3, 10, 8, 6]))",
            "dynamic({\"rsquare\": 1.0, \"split_idx\": 3, \"variance\": 12.8, \"rvariance\": 0.0, \"line_fit\": [1.0, \
             2.0, 3.0, 10.0, 8.0, 6.0], \"right\": {\"rsquare\": 1.0, \"slope\": -2.0, \"interception\": 12.0, \
             \"variance\": 4.0, \"rvariance\": 0.0}, \"left\": {\"rsquare\": 1.0, \"slope\": 1.0, \"interception\": \
             0.0, \"variance\": 1.0, \"rvariance\": 0.0}})",
        ),
        (
            "series_fit_2lines_dynamic(dynamic([1, null, 5]))",
            "dynamic(null)",
        ),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some(lines) = complete(call, 0, row).and_then(|values| TwoLines::fit(&values)) else {
                return;
            };
            writer.bag(|members| {
                members.push("rsquare", |writer| writer.real(lines.rsquare));
                members.push("split_idx", |writer| index(writer, lines.split));
                members.push("variance", |writer| writer.real(lines.variance));
                members.push("rvariance", |writer| writer.real(lines.rvariance));
                members.push("line_fit", |writer| reals(writer, lines.points));
                for (side, line) in [("right", &lines.right), ("left", &lines.left)] {
                    members.push(side, |writer| {
                        writer.bag(|members| {
                            for (name, number) in line.numbers() {
                                members.push(name, |writer| writer.real(number));
                            }
                        });
                    });
                }
            });
        })
    },
};
