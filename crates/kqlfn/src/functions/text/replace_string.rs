//! `replace_string`.

use std::borrow::Cow;

use super::growth::may_become;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "replace_string",
    aliases: &[],
    signatures: &["(text:string, lookup:string, rewrite:string) -> string"],
    tuple: &[],
    summary: "Replaces all places where a text holds another.",
    notes: "The case of letters matters. An empty text is found nowhere. A result of more than 1 MiB that is longer than the text was is the empty text.",
    examples: &[
        ("replace_string('Number is 1', 'is', 'was')", "'Number was 1'"),
        ("replace_string('aaaa', 'aa', 'b')", "'bb'"),
        ("replace_string('abc', '', '_')", "'abc'"),
        ("replace_string('abc', 'B', '_')", "'abc'"),
        ("replace_string('abcabc', 'abc', '')", "''"),
        ("replace_string(strrep('a', 1024), 'a', strrep('ab', 1024))", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let (text, lookup) = (call.text(0, row), call.text(1, row));
            if lookup.is_empty() || !text.contains(&*lookup) {
                return text;
            }
            let rewrite = call.text(2, row);
            if rewrite.len() > lookup.len() {
                let matches = text.matches(&*lookup).count();
                let growth = matches.saturating_mul(rewrite.len() - lookup.len());
                if !may_become(text.len().saturating_add(growth), text.len()) {
                    return Cow::Borrowed("");
                }
            }
            text.replace(&*lookup, &rewrite).into()
        })
    },
};
