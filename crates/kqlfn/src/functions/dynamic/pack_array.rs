//! `pack_array`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "pack_array",
    aliases: &[],
    signatures: &["(value:Scalar*) -> dynamic"],
    tuple: &[],
    summary: "Makes an array of values.",
    notes: "Arrays stay arrays inside of it. Values that are null are kept.",
    examples: &[
        ("pack_array(1, 'a', 2.5, true)", "dynamic([1, \"a\", 2.5, true])"),
        ("pack_array(int(1), long(null))", "dynamic([1, null])"),
        ("pack_array(dynamic([1, 2]), 1h)", "dynamic([[1, 2], time(1h)])"),
        ("pack_array('')", "dynamic([\"\"])"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            writer.array(|elements| {
                for column in call.arguments {
                    elements.push(|writer| column.cell(row).write(writer));
                }
            });
        })
    },
};
