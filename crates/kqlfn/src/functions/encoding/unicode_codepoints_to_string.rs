//! `unicode_codepoints_to_string`.

use crate::column::Cell;
use crate::dynamic::Dynamic;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "unicode_codepoints_to_string",
    aliases: &["make_string"],
    signatures: &["(value:IntegerOrArray*) -> string"],
    tuple: &[],
    summary: "The text of code points of Unicode, given one by one or in arrays.",
    notes: "If one of them is no code point, the text is empty.",
    examples: &[
        ("unicode_codepoints_to_string(75, 117, 115, 116, 111)", "'Kusto'"),
        (
            "unicode_codepoints_to_string(dynamic([75, 117, 115, 116, 111]))",
            "'Kusto'",
        ),
        (
            "unicode_codepoints_to_string(dynamic([75, 117, 115]), 116, 111)",
            "'Kusto'",
        ),
        ("unicode_codepoints_to_string(dynamic([]))", "''"),
        ("unicode_codepoints_to_string(75, -1)", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let mut text = String::new();
            let all = (0..call.arguments.len()).try_for_each(|argument| match call.cell(argument, row) {
                Cell::Dynamic(Dynamic::Array(array)) => array
                    .iter()
                    .try_for_each(|element| push(Cell::Dynamic(element), &mut text)),
                cell => push(cell, &mut text),
            });
            all.map(|()| text).unwrap_or_default()
        })
    },
};

fn push(cell: Cell<'_>, text: &mut String) -> Option<()> {
    let number = u32::try_from(cell.long()?).ok()?;
    text.push(char::from_u32(number)?);
    Some(())
}
