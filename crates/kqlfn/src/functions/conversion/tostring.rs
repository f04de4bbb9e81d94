//! `tostring`.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;

use super::reading;
use crate::function::{Call, Computed, Function};

pub(super) const FUNCTION: Function = Function {
    name: "tostring",
    aliases: &[],
    signatures: &["(value:Scalar) -> string"],
    tuple: &[],
    summary: "A value as text.",
    notes: "Null gives the empty text. Bools are written `True` and `False`, but in lower case where they come out of a dynamic.",
    examples: &[
        ("tostring(123)", "'123'"),
        ("tostring(1.50)", "'1.5'"),
        ("tostring(true)", "'True'"),
        ("tostring(dynamic({\"a\": [1, true]}))", "'{\"a\":[1,true]}'"),
        ("tostring(datetime(2020-01-01))", "'2020-01-01T00:00:00.0000000Z'"),
        ("tostring(int(null))", "''"),
    ],
    kernel: |call| reading::unless_held(call, || texts(call)),
};

fn texts(call: &Call<'_>) -> Computed {
    let mut builder = StringViewBuilder::with_capacity(call.rows);
    let mut digits = String::new();
    for row in 0..call.rows {
        let cell = call.cell(0, row);
        match cell.long() {
            // Whole numbers are what is converted most; they share one buffer.
            Some(number) => {
                digits.clear();
                // Writing to a text cannot fail.
                let _ = write!(digits, "{number}");
                builder.append_value(&digits);
            }
            None => builder.append_value(cell.text()),
        }
    }
    Ok(Arc::new(builder.finish()))
}
