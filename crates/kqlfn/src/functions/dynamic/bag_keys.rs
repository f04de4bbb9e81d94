//! `bag_keys`.

use super::arguments::bag;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "bag_keys",
    aliases: &[],
    signatures: &["(object:DynamicBag) -> dynamic"],
    tuple: &[],
    summary: "The keys of a bag, in an array.",
    notes: "Only its own keys, not those of bags inside. What is no bag gives null.",
    examples: &[
        (
            "bag_keys(dynamic({'a': 'b', 'c': {'d': 123}}))",
            "dynamic(['a', 'c'])",
        ),
        ("bag_keys(dynamic({}))", "dynamic([])"),
        ("bag_keys(dynamic([]))", "dynamic(null)"),
        ("bag_keys(dynamic('a'))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            if let Some(bag) = bag(call, 0, row) {
                writer.array(|elements| {
                    for (key, _) in bag.raw() {
                        elements.push(|writer| writer.string(key));
                    }
                });
            }
        })
    },
};
