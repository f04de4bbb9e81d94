//! Calls on several rows: what one row says must not leak into the next.

use std::sync::Arc;

use arrow_array::StringViewArray;
use kql::ScalarType;
use kqlfn::{Call, Column, registry};

fn strings(values: &[&str]) -> Column {
    Column::new(
        ScalarType::String,
        Arc::new(StringViewArray::from(values.to_vec())),
    )
}

fn constant(value: &str) -> Column {
    Column::constant(ScalarType::String, Arc::new(StringViewArray::from(vec![value])))
}

fn answers(name: &str, arguments: &[Column], gives: ScalarType) -> Vec<String> {
    let rows = arguments
        .iter()
        .filter(|column| !column.is_constant)
        .map(|column| column.array.len())
        .max()
        .unwrap_or(1);
    let call = Call {
        arguments,
        rows,
        gives,
        bytes_max: usize::MAX,
    };
    let Some(Ok(array)) = registry::find(name).map(|function| (function.kernel)(&call)) else {
        return Vec::new();
    };
    let column = Column::new(gives, array);
    (0..rows)
        .map(|row| column.cell(row).text().into_owned())
        .collect()
}

#[test]
fn each_row_has_its_own_expression() {
    let texts = strings(&["aab", "aab", "aab", "aab"]);
    let expressions = strings(&["a", "b", "(", "a+"]);
    assert_eq!(
        answers("trim", &[expressions.clone(), texts.clone()], ScalarType::String),
        ["ab", "aa", "", "b"]
    );
    assert_eq!(
        answers(
            "replace_regex",
            &[texts.clone(), expressions.clone(), constant(r"<\0>")],
            ScalarType::String
        ),
        ["<a><a>b", "aa<b>", "", "<aa>b"]
    );
    assert_eq!(
        answers("indexof_regex", &[texts, expressions], ScalarType::Long),
        ["0", "2", "", "0"]
    );
}

#[test]
fn a_constant_beside_rows_counts_for_all() {
    let texts = strings(&["a=1", "b", "", "c=2=3"]);
    assert_eq!(
        answers("split", &[texts.clone(), constant("=")], ScalarType::Dynamic),
        [r#"["a","1"]"#, r#"["b"]"#, r#"[""]"#, r#"["c","2","3"]"#]
    );
    assert_eq!(
        answers("toupper", &[texts], ScalarType::String),
        ["A=1", "B", "", "C=2=3"]
    );
}
