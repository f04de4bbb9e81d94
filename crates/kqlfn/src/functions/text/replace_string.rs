//! `replace_string`.

use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "replace_string",
    aliases: &[],
    signatures: &["(text:string, lookup:string, rewrite:string) -> string"],
    tuple: &[],
    summary: "Replaces all places where a text holds another.",
    notes: "The case of letters matters. An empty text is found nowhere.",
    examples: &[
        ("replace_string('Number is 1', 'is', 'was')", "'Number was 1'"),
        ("replace_string('aaaa', 'aa', 'b')", "'bb'"),
        ("replace_string('abc', '', '_')", "'abc'"),
        ("replace_string('abc', 'B', '_')", "'abc'"),
        ("replace_string('abcabc', 'abc', '')", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let (text, lookup) = (call.text(0, row), call.text(1, row));
            if lookup.is_empty() || !text.contains(&*lookup) {
                return text;
            }
            text.replace(&*lookup, &call.text(2, row)).into()
        })
    },
};
