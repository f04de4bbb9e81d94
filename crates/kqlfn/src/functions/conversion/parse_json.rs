//! `parse_json`.

use crate::column::Cell;
use crate::dynamic::from_text;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "parse_json",
    aliases: &["parsejson", "todynamic", "toobject"],
    signatures: &["(json_text:StringOrDynamic) -> dynamic"],
    tuple: &[],
    summary: "The value that a text of JSON says.",
    notes: "A text that is no JSON becomes a dynamic that holds the text. A dynamic is given back as it is, even if it holds a text of JSON: put `tostring` around it.",
    examples: &[
        (
            "parse_json('{\"a\": [1, 2.5, null]}')",
            "dynamic({\"a\": [1, 2.5, null]})",
        ),
        ("parse_json('not json')", "dynamic('not json')"),
        ("parse_json('\"hello\"')", "dynamic('hello')"),
        ("parse_json('')", "dynamic(null)"),
        ("parse_json(dynamic('[1]'))", "dynamic('[1]')"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| match call.cell(0, row) {
            Cell::String("") => {}
            Cell::String(text) => writer.raw(&from_text(text)),
            cell => cell.write(writer),
        })
    },
};
