//! Every function's examples again, on columns of several rows, as queries call them: what is prepared once for
//! constants, or done on whole arrays, must give the same.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, new_null_array};
use arrow_select::concat::concat;
use kql::ScalarType;
use kql::syntax::{Expr, ExprKind, StatementKind};
use kqlfn::evaluate::{Names, evaluate, gives, value};
use kqlfn::{Call, Column, Function, arrow_type, registry};

/// The arguments of a call, if the text is a call of the function.
fn arguments(text: &str, function: &Function) -> Option<Vec<Column>> {
    let (query, _) = kql::parse(text);
    let Some(StatementKind::Expression(Expr {
        kind: ExprKind::Call(written),
        ..
    })) = query.statements.first().map(|statement| &statement.kind)
    else {
        return None;
    };
    if written.name.text != function.name {
        return None;
    }
    let values = written
        .arguments
        .iter()
        .map(|argument| value(argument, &Names::new()));
    values.collect::<Result<_, _>>().ok()
}

/// The value, nothing, and the value again.
fn three_rows(column: &Column) -> Option<Column> {
    let nothing: ArrayRef = if column.kind == ScalarType::String {
        Column::null(column.kind).array
    } else {
        new_null_array(&arrow_type(column.kind), 1)
    };
    let rows = concat(&[column.array.as_ref(), nothing.as_ref(), column.array.as_ref()]).ok()?;
    Some(Column::new(column.kind, rows))
}

fn result(function: &Function, arguments: &[Column], rows: usize) -> Option<Column> {
    let kinds: Vec<ScalarType> = arguments.iter().map(|column| column.kind).collect();
    let signatures = function.parsed_signatures();
    let gives = signatures.iter().find_map(|signature| gives(signature, &kinds))?;
    let call = Call {
        arguments,
        rows,
        gives,
        bytes_max: usize::MAX,
    };
    // Some functions refuse a call unless an argument is constant.
    let array = (function.kernel)(&call).ok()?;
    assert_eq!(array.len(), rows, "`{}`", function.name);
    assert_eq!(*array.data_type(), arrow_type(gives), "`{}`", function.name);
    Some(Column::new(gives, Arc::clone(&array)))
}

fn shown(column: &Column, row: usize) -> String {
    format!("{} {:?}", column.kind, column.cell(row))
}

#[test]
fn columns_give_what_constants_give() {
    let mut wrong = String::new();
    for function in registry::all() {
        for (text, _) in function.examples {
            let Some(constants) = arguments(text, function) else {
                continue;
            };
            let expected = evaluate(text).expect("examples can be evaluated");
            let columns: Option<Vec<Column>> = constants.iter().map(three_rows).collect();
            let columns = columns.expect("arrays of one type can be joined");
            // A column beside constants, as in `bin(Time, 1h)`, and columns only.
            let first = columns.iter().take(1).chain(constants.iter().skip(1));
            let mixed: Vec<Column> = first.cloned().collect();
            for arguments in [mixed, columns] {
                let Some(got) = result(function, &arguments, 3) else {
                    continue;
                };
                let expected = shown(&expected, 0);
                for row in [0, 2] {
                    if shown(&got, row) != expected {
                        let _ = writeln!(
                            wrong,
                            "{text}\n    gives    {}\n    expected {expected}",
                            shown(&got, row)
                        );
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
