//! `extract_all`.

use regex::Regex;

use super::pattern::{Pattern, Patterns};
use crate::dynamic::{Dynamic, Writer};
use crate::function::{Function, Refusal};

/// As in Kusto.
const MOST_GROUPS: usize = 16;

pub(super) const FUNCTION: Function = Function {
    name: "extract_all",
    aliases: &["extractall"],
    signatures: &[
        "(regex:string, source:string) -> dynamic",
        "(regex:string, captureGroups:DynamicArray, source:string) -> dynamic",
    ],
    tuple: &[],
    summary: "All that the groups of a regular expression match in a text: an array of texts with one group, of arrays with more.",
    notes: "Without a match it is null, not an empty array. The expression needs 1 to 16 groups.",
    examples: &[
        (
            "extract_all(@'(\\d+)', 'a set of numbers: 123, 567 and 789')",
            "dynamic(['123', '567', '789'])",
        ),
        (
            "extract_all(@'(\\w)(\\w+)(\\w)', 'dfa7-4bd1')",
            "dynamic([['d', 'fa', '7'], ['4', 'bd', '1']])",
        ),
        (
            "extract_all(@'(\\w)(\\w+)(\\w)', dynamic([1, 3]), 'dfa7-4bd1')",
            "dynamic([['d', '7'], ['4', '1']])",
        ),
        (
            "extract_all(@'(?P<first>\\w)(\\w+)(?P<last>\\w)', dynamic(['last', 2]), 'dfa7')",
            "dynamic([['7', 'fa']])",
        ),
        (
            "extract_all(@'(\\w)(\\w)', dynamic([2]), 'abcd')",
            "dynamic(['b', 'd'])",
        ),
        ("extract_all(@'(\\d+)', 'none')", "dynamic(null)"),
    ],
    kernel: |call| {
        let mut patterns = Patterns::new(call, 0)?;
        let with_groups = call.arguments.len() > 2;
        if call.constant(0).is_some()
            && let Some(pattern) = patterns.of(0)
            && !(2..=MOST_GROUPS + 1).contains(&pattern.regex.captures_len())
        {
            return Err(Refusal::new(format!(
                "`extract_all` needs a regular expression with 1 to {MOST_GROUPS} groups"
            )));
        }
        call.dynamics(|row, writer| {
            let text = call.text(if with_groups { 2 } else { 1 }, row);
            let Some(pattern) = patterns.of(row) else {
                return;
            };
            let groups: Option<Vec<usize>> = if with_groups {
                match call.cell(1, row).dynamic().and_then(Dynamic::array) {
                    Some(array) => array
                        .iter()
                        .map(|group| number_of(group, &pattern.regex))
                        .collect(),
                    None => None,
                }
            } else {
                Some((1..pattern.regex.captures_len()).collect())
            };
            if let Some(groups) = groups {
                write_matches(pattern, &groups, &text, writer);
            }
        })
    },
};

/// A group's number; groups may be given by name. None if there is no such group.
fn number_of(group: Dynamic<'_>, regex: &Regex) -> Option<usize> {
    match group {
        Dynamic::String(name) => regex.capture_names().position(|held| held == Some(name)),
        Dynamic::Long(number) => usize::try_from(number).ok(),
        Dynamic::Int(number) => usize::try_from(number).ok(),
        _ => None,
    }
    .filter(|number| (1..regex.captures_len()).contains(number))
}

fn write_matches(pattern: &Pattern, groups: &[usize], text: &str, writer: &mut Writer) {
    let mut all = pattern.regex.captures_iter(text).peekable();
    if groups.is_empty() || all.peek().is_none() {
        return;
    }
    writer.array(|matches| {
        for captures in all {
            let matched = |group: &usize| captures.get(*group).map_or("", |held| held.as_str());
            if let [only] = groups {
                matches.push(|writer| writer.string(matched(only)));
            } else {
                matches.push(|writer| {
                    writer.array(|elements| {
                        for group in groups {
                            elements.push(|writer| writer.string(matched(group)));
                        }
                    });
                });
            }
        }
    });
}
