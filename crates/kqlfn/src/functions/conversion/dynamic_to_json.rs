//! `dynamic_to_json`.

use std::borrow::Cow;

use crate::column::Cell;
use crate::dynamic::{Dynamic, Writer};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "dynamic_to_json",
    aliases: &[],
    signatures: &["(dynamic:Scalar) -> string"],
    tuple: &[],
    summary: "A dynamic as canonical JSON: without blanks, the members of bags sorted by name.",
    notes: "What is not of type dynamic is written as `tostring` writes it.",
    examples: &[
        (
            "dynamic_to_json(dynamic({\"b\": {\"y\": 1, \"x\": [2, 3]}, \"a\": 'z'}))",
            "'{\"a\":\"z\",\"b\":{\"x\":[2,3],\"y\":1}}'",
        ),
        ("dynamic_to_json(dynamic([1,2,3]))", "'[1,2,3]'"),
        ("dynamic_to_json(true)", "'True'"),
        ("dynamic_to_json(dynamic('a'))", "'\"a\"'"),
    ],
    kernel: |call| {
        call.strings(|row| match call.cell(0, row) {
            Cell::Dynamic(value) => {
                let sorted = Writer::build(|writer| write_sorted(value, writer));
                Cow::Owned(Dynamic::read(&sorted).to_json())
            }
            cell => cell.text(),
        })
    },
};

fn write_sorted(value: Dynamic<'_>, writer: &mut Writer) {
    match value {
        Dynamic::Array(array) => writer.array(|elements| {
            for element in array.iter() {
                elements.push(|writer| write_sorted(element, writer));
            }
        }),
        Dynamic::Bag(bag) => writer.bag(|members| {
            let mut sorted: Vec<_> = bag.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            for (key, member) in sorted {
                members.push(key, |writer| write_sorted(member, writer));
            }
        }),
        other => writer.value(other),
    }
}
