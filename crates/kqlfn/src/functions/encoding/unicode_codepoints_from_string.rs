//! `unicode_codepoints_from_string`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "unicode_codepoints_from_string",
    aliases: &["to_utf8"],
    signatures: &["(value:Scalar) -> dynamic"],
    tuple: &[],
    summary: "The code points of Unicode of a value as text.",
    notes: "",
    examples: &[
        (
            "unicode_codepoints_from_string('Kusto')",
            "dynamic([75, 117, 115, 116, 111])",
        ),
        ("unicode_codepoints_from_string('⒦⒰')", "dynamic([9382, 9392])"),
        ("unicode_codepoints_from_string(12)", "dynamic([49, 50])"),
        ("unicode_codepoints_from_string('')", "dynamic([])"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            writer.array(|elements| {
                for character in call.text(0, row).chars() {
                    elements.push(|writer| writer.long(i64::from(u32::from(character))));
                }
            });
        })
    },
};
