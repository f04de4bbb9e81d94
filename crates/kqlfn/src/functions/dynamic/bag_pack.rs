//! `bag_pack`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "bag_pack",
    aliases: &["pack", "pack_dictionary"],
    signatures: &["(key:string*, value:Scalar*) -> dynamic"],
    tuple: &[],
    summary: "Makes a bag of keys and values that take turns.",
    notes: "A value that is null is kept. Of a key that comes twice the last value is kept.",
    examples: &[
        (
            "bag_pack('Level', 'info', 'Count', 3, 'Span', 1h)",
            "dynamic({\"Level\": \"info\", \"Count\": 3, \"Span\": time(1h)})",
        ),
        ("bag_pack('a', int(null))", "dynamic({\"a\": null})"),
        (
            "pack('a', dynamic([1]), 'b', bag_pack('c', 1.5))",
            "dynamic({\"a\": [1], \"b\": {\"c\": 1.5}})",
        ),
        ("pack_dictionary('a', 1, 'a', 2)", "dynamic({\"a\": 2})"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            writer.bag(|members| {
                for key in (0..call.arguments.len()).step_by(2) {
                    members.push(&call.text(key, row), |writer| {
                        call.cell(key + 1, row).write(writer);
                    });
                }
            });
        })
    },
};
