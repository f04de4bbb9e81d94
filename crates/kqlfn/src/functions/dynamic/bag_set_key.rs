//! `bag_set_key`.

use super::arguments::{bag, piece};
use super::path::steps;
use crate::dynamic::{Bag, Dynamic, Writer};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "bag_set_key",
    aliases: &[],
    signatures: &["(bag:DynamicBag, key:string, value:Scalar) -> dynamic"],
    tuple: &[],
    summary: "A bag with a member set to a value, whether it was there or not.",
    notes: "A key inside of a bag inside of the bag is written as a path, `$.outer.inner`; bags on the way are made. \
            The member comes last. There is no path into arrays or to the bag itself: it gives null.",
    examples: &[
        (
            "bag_set_key(dynamic({'a': 1, 'b': 2}), 'c', 3)",
            "dynamic({'a': 1, 'b': 2, 'c': 3})",
        ),
        (
            "bag_set_key(dynamic({'a': 1, 'b': 2}), 'a', 3)",
            "dynamic({'b': 2, 'a': 3})",
        ),
        (
            "bag_set_key(dynamic({'a': {'b': 1, 'c': 2}, 'd': 3}), '$.a.b', 'x')",
            "dynamic({'a': {'c': 2, 'b': 'x'}, 'd': 3})",
        ),
        (
            "bag_set_key(dynamic({}), '$.a.b', int(null))",
            "dynamic({'a': {'b': null}})",
        ),
        ("bag_set_key(dynamic([1]), 'a', 1)", "dynamic(null)"),
        ("bag_set_key(dynamic({'a': [1]}), '$.a[0]', 1)", "dynamic(null)"),
    ],
    kernel: |call| {
        let prepared = call.constant(1).map(|key| steps(&key.text()));
        call.dynamics(|row, writer| {
            let Some(bag) = bag(call, 0, row) else {
                return;
            };
            let value = piece(call, 2, row);
            match &prepared {
                Some(Some(steps)) => set(Some(bag), steps, &value, writer),
                Some(None) => {}
                None => {
                    if let Some(steps) = steps(&call.text(1, row)) {
                        set(Some(bag), &steps, &value, writer);
                    }
                }
            }
        })
    },
};

fn set(bag: Option<Bag<'_>>, steps: &[String], value: &[u8], writer: &mut Writer) {
    let Some((step, inner_steps)) = steps.split_first() else {
        writer.raw(value);
        return;
    };
    writer.bag(|members| {
        let mut is_set = false;
        for (key, held) in bag.iter().flat_map(Bag::raw) {
            if key != step {
                members.raw(key, held);
            } else if !inner_steps.is_empty() {
                is_set = true;
                let inner = Dynamic::read(held).bag();
                members.push(key, |writer| set(inner, inner_steps, value, writer));
            }
        }
        if !is_set {
            members.push(step, |writer| set(None, inner_steps, value, writer));
        }
    });
}
