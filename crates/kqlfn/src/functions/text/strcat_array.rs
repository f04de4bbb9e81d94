//! `strcat_array`.

use super::growth::may_become;
use crate::dynamic::Dynamic;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "strcat_array",
    aliases: &["array_strcat"],
    signatures: &["(array:DynamicArray, delimiter:Scalar) -> string"],
    tuple: &[],
    summary: "Joins the elements of an array, each as `tostring` writes it, with a text between them.",
    notes: "If what stands between the elements takes more than 1 MiB, the text is empty.",
    examples: &[
        ("strcat_array(dynamic([1, 2, 3]), '->')", "'1->2->3'"),
        ("strcat_array(dynamic([1, null, 3]), '-')", "'1--3'"),
        ("strcat_array(dynamic([]), ',')", "''"),
        (
            "strcat_array(dynamic(['a', true, 1.5, [1]]), '|')",
            "'a|true|1.5|[1]'",
        ),
        ("strcat_array(dynamic(null), ',')", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let mut joined = String::new();
            let Some(array) = call.cell(0, row).dynamic().and_then(Dynamic::array) else {
                return joined;
            };
            let delimiter = call.text(1, row);
            if !may_become(delimiter.len().saturating_mul(array.len()), 0) {
                return joined;
            }
            for (at, element) in array.iter().enumerate() {
                if at > 0 {
                    joined.push_str(&delimiter);
                }
                match element {
                    Dynamic::String(text) => joined.push_str(text),
                    other => joined.push_str(&other.to_text()),
                }
            }
            joined
        })
    },
};
