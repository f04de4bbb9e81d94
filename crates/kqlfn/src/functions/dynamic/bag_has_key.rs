//! `bag_has_key`.

use super::arguments::bag;
use super::path::{leads_to_a_member, steps};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "bag_has_key",
    aliases: &[],
    signatures: &["(bag:DynamicBag, key:string) -> bool"],
    tuple: &[],
    summary: "True if a bag has a key.",
    notes: "A key inside of a bag inside of the bag is written as a path, `$.outer.inner`. There is no path into arrays.",
    examples: &[
        ("bag_has_key(dynamic({'a': 1, 'b': null}), 'b')", "true"),
        ("bag_has_key(dynamic({'a': 1}), 'A')", "false"),
        ("bag_has_key(dynamic({'a': {'b': 1}}), '$.a.b')", "true"),
        ("bag_has_key(dynamic({'a': {'b': 1}}), 'b')", "false"),
        ("bag_has_key(dynamic([1]), 'a')", "bool(null)"),
    ],
    kernel: |call| {
        let prepared = call.constant(1).map(|key| steps(&key.text()));
        call.bools(|row| {
            let bag = bag(call, 0, row)?;
            let has = |steps: Option<&Vec<String>>| steps.is_some_and(|steps| leads_to_a_member(bag, steps));
            Some(match &prepared {
                Some(steps) => has(steps.as_ref()),
                None => has(steps(&call.text(1, row)).as_ref()),
            })
        })
    },
};
