//! `countof`.

use super::pattern::Patterns;
use crate::function::{Call, Function, Refusal};

pub(super) const FUNCTION: Function = Function {
    name: "countof",
    aliases: &[],
    signatures: &["(source:string, search:string, ?kind:string) -> long"],
    tuple: &[],
    summary: "How many times a text holds another, or a regular expression matches in it.",
    notes: "Matches of plain text may overlap, those of a regular expression do not.",
    examples: &[
        ("countof('aaa', 'a')", "3"),
        ("countof('aaaa', 'aa')", "3"),
        ("countof('ababa', 'aba', 'normal')", "2"),
        ("countof('ababa', 'aba', 'regex')", "1"),
        ("countof('abcabc', 'a.c', 'regex')", "2"),
        ("countof('abc', '')", "0"),
    ],
    kernel: |call| {
        let kind = call.constant(2).map(|cell| cell.text());
        match kind.as_deref() {
            Some("regex") => {
                let mut patterns = Patterns::new(call, 1)?;
                call.longs(|row| {
                    let matches = patterns.of(row)?.regex.find_iter(&call.text(0, row)).count();
                    i64::try_from(matches).ok()
                })
            }
            Some("normal") => call.longs(|row| overlapping(call, row)),
            Some(other) => Err(Refusal::new(format!("`countof` knows no kind `{other}`"))),
            None if !call.has(2) => call.longs(|row| overlapping(call, row)),
            None => Err(Refusal::new(
                "the kind of `countof` must be the same for all rows",
            )),
        }
    },
};

fn overlapping(call: &Call<'_>, row: usize) -> Option<i64> {
    let (text, lookup) = (call.text(0, row), call.text(1, row));
    let Some(first) = lookup.chars().next() else {
        return Some(0);
    };
    let (mut from, mut matches) = (0, 0);
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(&*lookup)) {
        matches += 1;
        from += at + first.len_utf8();
    }
    Some(matches)
}
