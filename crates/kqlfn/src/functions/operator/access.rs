//! `a.b` and `a[1]`.

use crate::column::Cell;
use crate::dynamic::Dynamic;
use crate::function::Function;

pub(super) const ELEMENT: Function = Function {
    name: "[]",
    aliases: &[],
    signatures: &["(container:dynamic, key:Scalar) -> dynamic"],
    tuple: &[],
    summary: "An element of an array by its place, or a member of a bag by its name.",
    notes: "Places are counted from 0, negative ones from the end. What is not there is null.",
    examples: &[
        ("dynamic([10, 20])[1]", "dynamic(20)"),
        ("dynamic([10, 20])[-1]", "dynamic(20)"),
        ("dynamic([10, 20])[5]", "dynamic(null)"),
        ("dynamic({\"a\": {\"b\": 'x'}}).a.b", "dynamic('x')"),
        ("dynamic({\"a\": 1})['b']", "dynamic(null)"),
        ("dynamic(null).a", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let key = call.cell(1, row).plain();
            let found = match (call.cell(0, row).dynamic(), key) {
                (Some(Dynamic::Array(array)), key) => key.long().and_then(|at| array.at(at)),
                (Some(Dynamic::Bag(bag)), Cell::String(name)) => bag.get(name),
                _ => None,
            };
            if let Some(value) = found {
                writer.value(value);
            }
        })
    },
};
