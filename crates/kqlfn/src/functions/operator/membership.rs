//! `in`, `has_any` and their kin. The first argument is looked for among the others; an array among them counts as
//! its elements.

use std::collections::HashSet;

use super::equality::{same, text_reads_as};
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

/// A whole number, or ticks, beside what it is a number of.
const fn whole(cell: Cell<'_>) -> Option<(u8, i64)> {
    match cell {
        Cell::Int(value) => Some((0, value as i64)),
        Cell::Long(value) => Some((0, value)),
        Cell::Datetime(ticks) => Some((1, ticks)),
        Cell::Timespan(ticks) => Some((2, ticks)),
        _ => None,
    }
}

fn within(call: &Call<'_>, ignores_case: bool, wanted: bool) -> Computed {
    let fold = |text: &str| {
        if ignores_case {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    let constant = are_constant(call).then(|| items(call, 0));
    // Texts among texts are looked up.
    let texts: Option<HashSet<String>> = constant.as_ref().and_then(|items| {
        let texts = items.iter().map(|item| match item.plain() {
            Cell::String(text) => Some(fold(text)),
            _ => None,
        });
        texts.collect()
    });
    // Whole numbers among whole numbers too, and times among times.
    let wholes: Option<HashSet<(u8, i64)>> = constant
        .as_ref()
        .and_then(|items| items.iter().map(|item| whole(item.plain())).collect());
    let wholes = wholes.filter(|held| {
        let kinds: HashSet<u8> = held.iter().map(|(kind, _)| *kind).collect();
        kinds.len() == 1
    });
    let kind = wholes
        .as_ref()
        .and_then(|held| held.iter().next())
        .map(|(kind, _)| *kind);
    call.bools(|row| {
        let value = call.cell(0, row).plain();
        if let (Some(wholes), Some(value)) = (&wholes, whole(value).filter(|held| Some(held.0) == kind)) {
            return Some(wholes.contains(&value) == wanted);
        }
        if let (Some(texts), Cell::String(text)) = (&texts, value) {
            let held = if ignores_case {
                texts.contains(&fold(text))
            } else {
                texts.contains(text)
            };
            return Some(held == wanted);
        }
        let is_one = |item: &Cell<'_>| match (ignores_case, value, item.plain()) {
            (true, Cell::String(left), Cell::String(right)) => left.to_lowercase() == right.to_lowercase(),
            _ => !value.is_null() && (same(value, *item) || text_reads_as(value, *item)),
        };
        let held = match &constant {
            Some(items) => items.iter().any(is_one),
            None => items(call, row).iter().any(is_one),
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
