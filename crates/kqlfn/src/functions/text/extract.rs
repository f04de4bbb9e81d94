//! `extract`.

use super::pattern::{Patterns, part};
use super::typed::typed;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "extract",
    aliases: &[],
    signatures: &[
        "(regex:string, captureGroup:long, source:string) -> string",
        "(regex:string, captureGroup:long, source:string, typeLiteral:type) -> Parameter3Literal",
    ],
    tuple: &[],
    summary: "What a group of a regular expression matches first in a text.",
    notes: "Group 0 is the whole match. With `typeof` the text is read as that type; what cannot be read is null.",
    examples: &[
        ("extract(@'\\101', 0, 'xA')", "'A'"),
        (
            "extract('User: ([^,]+)', 1, 'User: JohnDoe, Age: 29')",
            "'JohnDoe'",
        ),
        (
            "extract('x=([0-9.]+)', 1, 'hello x=45.6|wo', typeof(real))",
            "45.6",
        ),
        ("extract('x=([0-9.]+)', 0, 'hello x=45.6|wo')", "'x=45.6'"),
        ("extract('-([0-9]{2})-', 1, '21-07-2023', typeof(int))", "int(7)"),
        ("extract('(z)', 1, 'abc')", "''"),
        ("extract('(.*)', 1, 'abc', typeof(long))", "long(null)"),
    ],
    kernel: |call| {
        let mut patterns = Patterns::new(call, 0)?;
        typed(call, |row| {
            let text = call.text(2, row);
            let group = usize::try_from(call.long(1, row)?).ok()?;
            let pattern = patterns.of(row)?;
            let (start, end) = if group == 0 {
                let found = pattern.regex.find(&text)?;
                (found.start(), found.end())
            } else {
                pattern.regex.captures_read(&mut pattern.groups, &text)?;
                pattern.groups.get(group)?
            };
            Some(part(text, start..end))
        })
    },
};
