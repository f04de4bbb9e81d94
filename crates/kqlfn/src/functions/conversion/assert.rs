//! `assert`.

use crate::function::{Function, Refusal};

pub(super) const FUNCTION: Function = Function {
    name: "assert",
    aliases: &[],
    signatures: &["(predicate:bool, message:string) -> bool"],
    tuple: &[],
    summary: "True if a condition holds; the query fails with the message if not.",
    notes: "The condition must be the same for all rows.",
    examples: &[
        ("assert(1 < 2, 'one is less')", "true"),
        ("assert(bool(null), 'nothing is known')", "bool(null)"),
    ],
    kernel: |call| {
        let Some(condition) = call.constant(0) else {
            return Err(Refusal::new(
                "the condition of `assert` must be the same for all rows",
            ));
        };
        if condition.bool() == Some(false) {
            return Err(Refusal::new(format!(
                "`assert` failed with the message: {}",
                call.text(1, 0)
            )));
        }
        call.bools(|_| condition.bool())
    },
};
