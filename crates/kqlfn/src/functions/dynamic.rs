//! Functions on arrays and bags.

mod arguments;
mod array_concat;
mod array_iff;
mod array_index_of;
mod array_length;
mod array_reverse;
mod array_rotate_left;
mod array_rotate_right;
mod array_shift_left;
mod array_shift_right;
mod array_slice;
mod array_sort_asc;
mod array_sort_desc;
mod array_split;
mod array_sum;
mod bag_has_key;
mod bag_keys;
mod bag_merge;
mod bag_pack;
mod bag_remove_keys;
mod bag_set_key;
mod bag_zip;
mod estimate_data_size;
mod identity;
mod jaccard_index;
mod moving;
mod pack_array;
mod parse_xml;
mod path;
mod range;
mod repeat;
mod set_difference;
mod set_equals;
mod set_has_element;
mod set_intersect;
mod set_union;
mod sets;
mod sorting;
mod treepath;
mod xml;
mod zip;

use crate::function::Function;

pub(super) const FUNCTIONS: &[&Function] = &[
    &array_concat::FUNCTION,
    &array_iff::FUNCTION,
    &array_index_of::FUNCTION,
    &array_length::FUNCTION,
    &array_reverse::FUNCTION,
    &array_rotate_left::FUNCTION,
    &array_rotate_right::FUNCTION,
    &array_shift_left::FUNCTION,
    &array_shift_right::FUNCTION,
    &array_slice::FUNCTION,
    &array_sort_asc::FUNCTION,
    &array_sort_desc::FUNCTION,
    &array_split::FUNCTION,
    &array_sum::FUNCTION,
    &bag_has_key::FUNCTION,
    &bag_keys::FUNCTION,
    &bag_merge::FUNCTION,
    &bag_pack::FUNCTION,
    &bag_remove_keys::FUNCTION,
    &bag_set_key::FUNCTION,
    &bag_zip::FUNCTION,
    &estimate_data_size::FUNCTION,
    &jaccard_index::FUNCTION,
    &pack_array::FUNCTION,
    &parse_xml::FUNCTION,
    &range::FUNCTION,
    &repeat::FUNCTION,
    &set_difference::FUNCTION,
    &set_equals::FUNCTION,
    &set_has_element::FUNCTION,
    &set_intersect::FUNCTION,
    &set_union::FUNCTION,
    &treepath::FUNCTION,
    &zip::FUNCTION,
];

#[cfg(test)]
mod tests {
    use kql::syntax::{ExprKind, StatementKind};

    use super::FUNCTIONS;
    use crate::column::Column;
    use crate::evaluate::{Names, apply, gives, value};
    use crate::function::Call;

    #[test]
    fn constants_and_rows_give_the_same() {
        for function in FUNCTIONS {
            for (text, _) in function.examples {
                let (query, _) = kql::parse(text);
                let Some(StatementKind::Expression(expression)) =
                    query.statements.first().map(|statement| &statement.kind)
                else {
                    continue;
                };
                let ExprKind::Call(written) = &expression.kind else {
                    continue;
                };
                let names = Names::new();
                let constants: Vec<Column> = written
                    .arguments
                    .iter()
                    .filter_map(|argument| value(argument, &names).ok())
                    .collect();
                let kinds: Vec<_> = constants.iter().map(|column| column.kind).collect();
                let gives = function
                    .parsed_signatures()
                    .iter()
                    .find_map(|signature| gives(signature, &kinds));
                let rows: Vec<Column> = constants
                    .iter()
                    .map(|column| Column::new(column.kind, column.array.clone()))
                    .collect();
                let expected = apply(function, &constants).map(|column| column.array);
                let got = gives.map(|gives| {
                    (function.kernel)(&Call {
                        arguments: &rows,
                        rows: 1,
                        gives,
                        bytes_max: usize::MAX,
                    })
                });
                assert_eq!(got, Some(expected), "{text}");
            }
        }
    }
}
