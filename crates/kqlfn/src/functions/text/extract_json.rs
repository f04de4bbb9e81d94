//! `extract_json`.

use std::borrow::Cow;

use super::typed::typed;
use crate::dynamic::{Dynamic, from_json};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "extract_json",
    aliases: &["extractjson"],
    signatures: &[
        "(jsonPath:string, jsonText:string) -> string",
        "(jsonPath:string, jsonText:string, type:type) -> Parameter2Literal",
    ],
    tuple: &[],
    summary: "What stands in a text of JSON at a path.",
    notes: "`parse_json` is the better choice where more than one value is wanted. Negative places and wildcards are not known.",
    examples: &[
        (
            "extract_json('$.name', '{\"name\": \"John\", \"age\": 30}')",
            "'John'",
        ),
        (
            "extract_json('$.age', '{\"name\": \"John\", \"age\": 30}', typeof(long))",
            "30",
        ),
        (
            "extract_json('$.hosts[1].a', '{\"hosts\": [1, {\"a\": [1, true]}]}')",
            "'[1,true]'",
        ),
        (
            "extract_json('$[\"a b\"]', '{\"a b\": 1.5}', typeof(real))",
            "1.5",
        ),
        ("extract_json('$.a', 'no json')", "''"),
        ("extract_json('$.b', '{\"a\": 1}', typeof(int))", "int(null)"),
    ],
    kernel: |call| {
        let prepared = call.constant(0).map(|cell| steps(&cell.text()));
        typed(call, |row| {
            let own;
            let steps = match &prepared {
                Some(prepared) => prepared,
                None => {
                    own = steps(&call.text(0, row));
                    &own
                }
            };
            let bytes = from_json(&call.text(1, row))?;
            let mut value = Dynamic::read(&bytes);
            for step in steps.as_ref()? {
                value = match (step, value) {
                    (Step::Member(name), Dynamic::Bag(bag)) => bag.get(name)?,
                    (Step::Element(at), Dynamic::Array(array)) => array.get(*at)?,
                    _ => return None,
                };
            }
            Some(Cow::Owned(value.to_text()))
        })
    },
};

/// A step on the way to a value.
#[derive(Debug)]
enum Step {
    Member(String),
    Element(usize),
}

/// Reads a path: `$.name[0]['other name']`. None if it is none.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('.') {
            let end = behind.find(['.', '[']).unwrap_or(behind.len());
            let (name, next) = behind.split_at_checked(end)?;
            if name.is_empty() {
                return None;
            }
            steps.push(Step::Member(name.to_owned()));
            rest = next;
            continue;
        }
        let behind = rest.strip_prefix('[')?.trim_start();
        if let Some(quote) = behind.chars().next().filter(|first| matches!(first, '\'' | '"')) {
            let (name, next) = behind.get(1..)?.split_once(quote)?;
            steps.push(Step::Member(name.to_owned()));
            rest = next.trim_start().strip_prefix(']')?;
        } else {
            let (at, next) = behind.split_once(']')?;
            steps.push(Step::Element(at.trim().parse().ok()?));
            rest = next;
        }
    }
    Some(steps)
}
