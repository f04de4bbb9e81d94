//! `bag_merge`.

use super::arguments::bag;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "bag_merge",
    aliases: &[],
    signatures: &["(first:DynamicBag, bag:DynamicBag*) -> dynamic"],
    tuple: &[],
    summary: "Puts the members of several bags into one.",
    notes: "Of members with the same key the first is kept. What is no bag is passed over, null too. If none of them is \
            a bag, the result is null.",
    examples: &[
        (
            "bag_merge(dynamic({'a': 1, 'b': 2}), dynamic({'b': 3, 'c': 4}))",
            "dynamic({'a': 1, 'b': 2, 'c': 4})",
        ),
        (
            "bag_merge(dynamic({'a': 1}), dynamic({'b': 2}), dynamic({'a': null}))",
            "dynamic({'a': 1, 'b': 2})",
        ),
        ("bag_merge(dynamic(null), dynamic({'a': 1}))", "dynamic({'a': 1})"),
        ("bag_merge(dynamic({}), dynamic({}))", "dynamic({})"),
        ("bag_merge(dynamic(null), dynamic([1]))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let mut bags = (0..call.arguments.len())
                .filter_map(|argument| bag(call, argument, row))
                .peekable();
            if bags.peek().is_none() {
                return;
            }
            writer.bag(|members| {
                for (key, value) in bags.flat_map(|bag| bag.raw()) {
                    if !members.has(key) {
                        members.raw(key, value);
                    }
                }
            });
        })
    },
};
