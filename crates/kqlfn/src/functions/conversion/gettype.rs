//! `gettype`.

use kql::ScalarType;

use crate::column::Cell;
use crate::dynamic::Dynamic;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "gettype",
    aliases: &[],
    signatures: &["(value:Scalar) -> string"],
    tuple: &[],
    summary: "The name of a value's type.",
    notes: "A null has the type of its column; only in a dynamic it is `null`.",
    examples: &[
        ("gettype('a')", "'string'"),
        ("gettype(1)", "'long'"),
        ("gettype(int(null))", "'int'"),
        ("gettype(dynamic(null))", "'null'"),
        ("gettype(dynamic([1, 2]))", "'array'"),
        ("gettype(parse_json('{}'))", "'dictionary'"),
    ],
    kernel: |call| {
        let kind = call.column(0).map_or(ScalarType::Dynamic, |column| column.kind);
        call.strings(|row| match call.cell(0, row) {
            Cell::Dynamic(value) => value.type_name(),
            _ if kind == ScalarType::Dynamic => Dynamic::Null.type_name(),
            _ => kind.name(),
        })
    },
};
