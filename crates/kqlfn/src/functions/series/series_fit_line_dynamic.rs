//! `series_fit_line_dynamic`.

use super::line::Line;
use super::reading::complete;
use super::writing::reals;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_fit_line_dynamic",
    aliases: &[],
    signatures: &["(series:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "The straight line that is nearest to a series by the least squares, and how well it fits, in a \
              bag.",
    notes: "As `series_fit_line`, with names.",
    examples: &[
        (
            "series_fit_line_dynamic(dynamic([1, 3, 5]))",
            "dynamic({\"slope\": 2.0, \"interception\": -1.0, \"rsquare\": 1.0, \"variance\": 4.0, \
             \"rvariance\": 0.0, \"line_fit\": [1.0, 3.0, 5.0]})",
        ),
        ("series_fit_line_dynamic(dynamic([1, null, 5]))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some(values) = complete(call, 0, row) else {
                return;
            };
            let line = Line::fit(&values);
            writer.bag(|members| {
                let numbers = [
                    ("slope", line.slope),
                    ("interception", line.interception),
                    ("rsquare", line.rsquare),
                    ("variance", line.variance),
                    ("rvariance", line.rvariance),
                ];
                for (name, number) in numbers {
                    members.push(name, |writer| writer.real(number));
                }
                members.push("line_fit", |writer| reals(writer, line.points));
            });
        })
    },
};
