//! `estimate_data_size`.

use kql::ScalarType;

use super::arguments::piece;
use crate::column::Cell;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "estimate_data_size",
    aliases: &[],
    signatures: &["(column:Scalar*) -> long"],
    tuple: &[],
    summary: "How many bytes values take.",
    notes: "An `int` takes 4 bytes, a `bool` 1, a `guid` and a `decimal` 16, a text those of its UTF-8, a dynamic what we \
            store of it, and all others 8. Null takes as much as any value of its type.",
    examples: &[
        ("estimate_data_size(1, 'text')", "12"),
        (
            "estimate_data_size(true, int(1), 1.5, datetime(2024-01-01), 1h, '')",
            "29",
        ),
        ("estimate_data_size(guid(null), 'ü')", "18"),
    ],
    kernel: |call| {
        call.longs(|row| {
            let sizes = call
                .arguments
                .iter()
                .enumerate()
                .map(|(at, column)| match column.kind {
                    ScalarType::Bool => 1,
                    ScalarType::Int => 4,
                    ScalarType::Guid | ScalarType::Decimal => 16,
                    ScalarType::String => call.text(at, row).len(),
                    ScalarType::Dynamic => match call.cell(at, row) {
                        Cell::Null => 1,
                        _ => piece(call, at, row).len(),
                    },
                    ScalarType::Long | ScalarType::Real | ScalarType::Datetime | ScalarType::Timespan => 8,
                });
            i64::try_from(sizes.sum::<usize>()).ok()
        })
    },
};
