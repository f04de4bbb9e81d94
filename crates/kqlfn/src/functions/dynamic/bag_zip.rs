//! `bag_zip`.

use super::arguments::array;
use crate::dynamic::Dynamic;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "bag_zip",
    aliases: &[],
    signatures: &["(keys:DynamicArray, values:DynamicArray) -> dynamic"],
    tuple: &[],
    summary: "Makes a bag of an array of keys and an array of values.",
    notes: "Keys that are no texts are left out together with their values. Keys without values get null, as all do if \
            the values are no array. Values without keys are left out.",
    examples: &[
        (
            "bag_zip(dynamic(['a', 'b', 'c']), dynamic([1, '2']))",
            "dynamic({'a': 1, 'b': '2', 'c': null})",
        ),
        (
            "bag_zip(dynamic(['a', 8, 'b']), dynamic([1, '2', 2.5, 3]))",
            "dynamic({'a': 1, 'b': 2.5})",
        ),
        (
            "bag_zip(dynamic(['a', 8, 'b']), dynamic(1))",
            "dynamic({'a': null, 'b': null})",
        ),
        ("bag_zip(dynamic('a'), dynamic([1]))", "dynamic(null)"),
        ("bag_zip(dynamic([]), dynamic([1]))", "dynamic({})"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some(keys) = array(call, 0, row) else {
                return;
            };
            let values = array(call, 1, row);
            writer.bag(|members| {
                for (at, key) in keys.iter().enumerate() {
                    if let Dynamic::String(key) = key {
                        let value = values.and_then(|values| values.get(at));
                        members.push(key, |writer| writer.value(value.unwrap_or(Dynamic::Null)));
                    }
                }
            });
        })
    },
};
