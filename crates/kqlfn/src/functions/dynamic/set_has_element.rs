//! `set_has_element`.

use super::arguments::{array, piece};
use super::identity::identity;
use super::sets::Sets;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "set_has_element",
    aliases: &[],
    signatures: &["(set:DynamicArray, value:Scalar) -> bool"],
    tuple: &[],
    summary: "True if a value is an element of an array.",
    notes: "Values of different types are different: 1 is not '1'.",
    examples: &[
        ("set_has_element(dynamic(['this', 'is']), 'is')", "true"),
        ("set_has_element(dynamic(['this', 'is']), 'IS')", "false"),
        ("set_has_element(dynamic([1, 2]), int(2))", "true"),
        ("set_has_element(dynamic([1, 2]), '2')", "false"),
        ("set_has_element(dynamic(null), 1)", "bool(null)"),
    ],
    kernel: |call| {
        let sets = Sets::of(call);
        call.bools(|row| {
            let array = array(call, 0, row)?;
            if call.cell(1, row).is_null() {
                return None;
            }
            let wanted = piece(call, 1, row);
            let wanted = identity(&wanted);
            Some(match sets.constant(0) {
                Some(set) => set.contains(&*wanted),
                None => array.raw().any(|held| identity(held) == wanted),
            })
        })
    },
};
