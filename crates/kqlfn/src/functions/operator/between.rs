//! `between` and `!between`: both bounds are inside.

use std::cmp::Ordering;

use super::comparison::order;
use crate::function::{Call, Computed, Function};

const SIGNATURES: &[&str] = &["(value:Scalar, low:Scalar, high:Scalar) -> bool"];

pub(super) const BETWEEN: Function = Function {
    name: "between",
    aliases: &[],
    signatures: SIGNATURES,
    tuple: &[],
    summary: "True from the lower bound to the upper one, both included.",
    notes: "",
    examples: &[
        ("5 between (1 .. 5)", "true"),
        ("0 between (1 .. 5)", "false"),
        ("long(null) between (1 .. 5)", "bool(null)"),
    ],
    kernel: |call| inside(call, true),
};

pub(super) const NOT_BETWEEN: Function = Function {
    name: "!between",
    aliases: &[],
    signatures: SIGNATURES,
    tuple: &[],
    summary: "True below the lower bound and above the upper one.",
    notes: "",
    examples: &[("6 !between (1 .. 5)", "true"), ("1 !between (1 .. 5)", "false")],
    kernel: |call| inside(call, false),
};

fn inside(call: &Call<'_>, wanted: bool) -> Computed {
    call.bools(|row| {
        let value = call.cell(0, row);
        let above = order(value, call.cell(1, row), Ordering::is_ge);
        let below = order(value, call.cell(2, row), Ordering::is_le);
        let inside = match (above, below) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        inside.map(|inside| inside == wanted)
    })
}
