//! `in`, `has_any` and their kin. The first argument is looked for among the others; an array among them counts as
//! its elements.

use super::looked::Looked;
use super::term::{Borders, Needle};
use crate::column::Cell;
use crate::dynamic::Dynamic;
use crate::function::{Call, Computed, Function};

const SIGNATURES: &[&str] = &["(value:Scalar, item:Scalar*) -> bool"];

pub(super) const IN: Function = Function {
    name: "in",
    aliases: &[],
    signatures: SIGNATURES,
    tuple: &[],
    summary: "True if the value is one of the others.",
    notes: "Null is in no list. A text beside a number or a bool is read as one.",
    examples: &[
        ("1 in (2, 1)", "true"),
        ("'a' in ('A')", "false"),
        ("2 in (dynamic([1, 2]))", "true"),
        ("long(null) in (1)", "false"),
        ("2 in (dynamic(['1', '2']))", "true"),
        ("2 in (dynamic(['2x', null]))", "false"),
        ("'2' in (dynamic([2]))", "true"),
        ("true in (dynamic(['True']))", "true"),
    ],
    kernel: |call| within(call, false, true),
};

pub(super) const NOT_IN: Function = Function {
    name: "!in",
    aliases: &[],
    signatures: SIGNATURES,
    tuple: &[],
    summary: "True if the value is none of the others.",
    notes: "",
    examples: &[("1 !in (2, 3)", "true"), ("['!in'](long(null), 1)", "true")],
    kernel: |call| within(call, false, false),
};

pub(super) const IN_TILDE: Function = Function {
    name: "in~",
    aliases: &[],
    signatures: SIGNATURES,
    tuple: &[],
    summary: "True if the text is one of the others but for the size of letters.",
    notes: "",
    examples: &[("'a' in~ ('b', 'A')", "true")],
    kernel: |call| within(call, true, true),
};

pub(super) const NOT_IN_TILDE: Function = Function {
    name: "!in~",
    aliases: &[],
    signatures: SIGNATURES,
    tuple: &[],
    summary: "True if the text is none of the others, whatever the size of letters.",
    notes: "",
    examples: &[("'a' !in~ ('b', 'A')", "false")],
    kernel: |call| within(call, true, false),
};

pub(super) const HAS_ANY: Function = Function {
    name: "has_any",
    aliases: &[],
    signatures: SIGNATURES,
    tuple: &[],
    summary: "True if the text has any of the terms.",
    notes: "",
    examples: &[
        ("'North Carolina' has_any ('carolina', 'dakota')", "true"),
        ("'North Carolina' has_any (dynamic(['car', 'dak']))", "false"),
    ],
    kernel: |call| terms(call, false),
};

pub(super) const HAS_ALL: Function = Function {
    name: "has_all",
    aliases: &[],
    signatures: SIGNATURES,
    tuple: &[],
    summary: "True if the text has all of the terms.",
    notes: "",
    examples: &[
        ("'cold front and rain' has_all ('cold', 'RAIN')", "true"),
        ("'cold front' has_all ('cold', 'rain')", "false"),
    ],
    kernel: |call| terms(call, true),
};

/// The items, one after the other; elements of arrays are items of their own.
fn items<'c>(call: &Call<'c>, row: usize) -> Vec<Cell<'c>> {
    let mut items = Vec::new();
    for argument in 1..call.arguments.len() {
        match call.cell(argument, row) {
            Cell::Dynamic(Dynamic::Array(array)) => {
                items.extend(array.iter().filter(|item| !item.is_null()).map(Cell::Dynamic));
            }
            Cell::Null => {}
            item => items.push(item.plain()),
        }
    }
    items
}

fn are_constant(call: &Call<'_>) -> bool {
    call.arguments.iter().skip(1).all(|argument| argument.is_constant)
}

fn within(call: &Call<'_>, ignores_case: bool, wanted: bool) -> Computed {
    let constant = are_constant(call).then(|| Looked::new(items(call, 0), ignores_case));
    call.bools(|row| {
        let value = call.cell(0, row).plain();
        let held = match &constant {
            Some(looked) => looked.has(value),
            None => Looked::new(items(call, row), ignores_case).has(value),
        };
        Some(held == wanted)
    })
}

fn terms(call: &Call<'_>, all: bool) -> Computed {
    let borders = Borders {
        before: true,
        after: true,
    };
    let needles = |row: usize| -> Vec<Needle> {
        items(call, row)
            .iter()
            .map(|item| Needle::new(&item.text(), false, borders))
            .collect()
    };
    let constant = are_constant(call).then(|| needles(0));
    call.bools(|row| {
        let text = call.text(0, row);
        let test = |needles: &[Needle]| {
            if all {
                needles.iter().all(|needle| needle.is_in(&text))
            } else {
                needles.iter().any(|needle| needle.is_in(&text))
            }
        };
        Some(match &constant {
            Some(needles) => test(needles),
            None => test(&needles(row)),
        })
    })
}
