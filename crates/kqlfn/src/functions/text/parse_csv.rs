//! `parse_csv`.

use std::iter::Peekable;
use std::str::Chars;

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "parse_csv",
    aliases: &[],
    signatures: &["(csv_text:StringOrDynamic) -> dynamic"],
    tuple: &[],
    summary: "The fields of the first record in a text of comma-separated values.",
    notes: "Commas, line ends and doubled quotes may stand in fields with quotes around them. Further records are passed over.",
    examples: &[
        (
            "parse_csv('aa,\"b,b,b\",cc,\"Escaping quotes: \"\"Title\"\"\"')",
            "dynamic([\"aa\", \"b,b,b\", \"cc\", \"Escaping quotes: \\\"Title\\\"\"])",
        ),
        (
            "parse_csv('a,\"line1\\nline2\"')",
            "dynamic([\"a\", \"line1\\nline2\"])",
        ),
        (
            "parse_csv('record1,a,b,c\\nrecord2,x,y,z')",
            "dynamic(['record1', 'a', 'b', 'c'])",
        ),
        ("parse_csv('a,, b ')", "dynamic(['a', '', ' b '])"),
        ("parse_csv('')", "dynamic([''])"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let text = call.text(0, row);
            let mut characters = text.chars().peekable();
            writer.array(|fields| {
                loop {
                    let (field, has_more) = field(&mut characters);
                    fields.push(|writer| writer.string(&field));
                    if !has_more {
                        break;
                    }
                }
            });
        })
    },
};

/// Reads a field, and whether another one follows.
fn field(characters: &mut Peekable<Chars<'_>>) -> (String, bool) {
    let mut field = String::new();
    let mut is_quoted = characters.next_if_eq(&'"').is_some();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted => {
                if characters.next_if_eq(&'"').is_some() {
                    field.push('"');
                } else {
                    is_quoted = false;
                }
            }
            ',' if !is_quoted => return (field, true),
            '\r' if !is_quoted && matches!(characters.peek(), Some('\n') | None) => return (field, false),
            '\n' if !is_quoted => return (field, false),
            other => field.push(other),
        }
    }
    (field, false)
}
