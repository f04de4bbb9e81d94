//! `has_any_index`.

use super::searching::has_terms;
use crate::column::Cell;
use crate::dynamic::Dynamic;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "has_any_index",
    aliases: &[],
    signatures: &["(source:StringOrDynamic, values:DynamicArray) -> long"],
    tuple: &[],
    summary: "The place in an array of the first value that a text has as a whole term; -1 if it has none.",
    notes: "Terms are found as the operator `has` finds them: whole, whatever the case of the letters.",
    examples: &[
        (
            "has_any_index('this is an example', dynamic(['this', 'example']))",
            "0",
        ),
        (
            "has_any_index('this is an example', dynamic(['not', 'EXAMPLE']))",
            "1",
        ),
        (
            "has_any_index('this is an example', dynamic(['not', 'exam']))",
            "-1",
        ),
        ("has_any_index('Example number 2', dynamic([1, 2, 3]))", "1"),
        ("has_any_index('this is an example', dynamic([]))", "-1"),
        (
            "has_any_index('at 10.0.0.4 now', dynamic(['10.0.0.40', '0.0.4']))",
            "1",
        ),
    ],
    kernel: |call| {
        let terms_of = |cell: Cell<'_>| -> Vec<String> {
            let array = cell.dynamic().and_then(Dynamic::array);
            let terms = array.map(|array| array.iter().map(|value| value.to_text().to_lowercase()).collect());
            terms.unwrap_or_default()
        };
        let prepared = call.constant(1).map(terms_of);
        call.longs(|row| {
            let text = call.text(0, row).to_lowercase();
            let own;
            let terms = match &prepared {
                Some(prepared) => prepared,
                None => {
                    own = terms_of(call.cell(1, row));
                    &own
                }
            };
            let found = terms.iter().position(|terms| has_terms(&text, terms));
            found.map_or(Some(-1), |at| i64::try_from(at).ok())
        })
    },
};
