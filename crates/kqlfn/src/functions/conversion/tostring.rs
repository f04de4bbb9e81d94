//! `tostring`.

use crate::function::Function;

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
    kernel: |call| call.strings(|row| call.text(0, row)),
};
