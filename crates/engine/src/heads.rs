//! Heads of columns that a statement gives no names.
//!
//! The library names such a column by its expression, and writes values in that in its own notation:
//! `Utf8("a")`, an interval as a hundred letters. There the head is what the statement says instead.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_schema::{Fields, Schema, SchemaRef};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Query, SelectItem, SetExpr, Statement as Sql};

/// For each column the text of its expression, if it has no name; empty where that is not known.
pub(crate) type Heads = Vec<Option<String>>;

/// The texts of a statement's expressions.
pub(crate) fn of(statement: &Statement) -> Heads {
    let Statement::Statement(sql) = statement else {
        return Heads::new();
    };
    match sql.as_ref() {
        Sql::Query(query) => items(query).and_then(texts).unwrap_or_default(),
        _ => Heads::new(),
    }
}

/// What is selected; of a union, by its first part.
fn items(query: &Query) -> Option<&[SelectItem]> {
    let mut body = query.body.as_ref();
    loop {
        match body {
            SetExpr::Select(select) => return Some(&select.projection),
            SetExpr::Query(query) => body = query.body.as_ref(),
            SetExpr::SetOperation { left, .. } => body = left.as_ref(),
            _ => return None,
        }
    }
}

/// None where an item stands for columns whose number it does not say.
fn texts(items: &[SelectItem]) -> Option<Heads> {
    items
        .iter()
        .map(|item| match item {
            SelectItem::UnnamedExpr(expression) => Some(Some(expression.to_string())),
            SelectItem::ExprWithAlias { .. } => Some(None),
            _ => None,
        })
        .collect()
}

/// The schema with these heads wherever the library's own notation would be one.
pub(crate) fn put(heads: Heads, schema: SchemaRef) -> SchemaRef {
    if heads.len() != schema.fields().len() {
        return schema;
    }
    let fields: Fields = schema
        .fields()
        .iter()
        .zip(heads)
        .map(|(field, head)| match head {
            Some(head) if is_of_library(field.name()) => Arc::new(field.as_ref().clone().with_name(head)),
            _ => Arc::clone(field),
        })
        .collect();
    let mut seen = HashSet::new();
    if !fields.iter().all(|field| seen.insert(field.name().as_str())) {
        // A name that is given may be the text of another expression.
        return schema;
    }
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// Whether a name holds a value in the library's notation: a word that begins large, with a bracket right behind it.
/// Functions begin small.
fn is_of_library(name: &str) -> bool {
    name.match_indices('(').any(|(at, _)| {
        let before = name.get(..at).unwrap_or_default();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let word = before.rsplit(|letter| !is_part(letter)).next();
        word.is_some_and(|word| {
            word.starts_with(|first: char| first.is_ascii_uppercase())
                && word.contains(|letter: char| letter.is_ascii_lowercase())
        })
    })
}

#[cfg(test)]
mod tests {
    use arrow_schema::{DataType, Field};

    use super::*;

    #[track_caller]
    fn check(text: &str, names: &[&str], expected: &[&str]) {
        let statement = crate::statement::parse(text).unwrap();
        let fields: Vec<Field> = names
            .iter()
            .map(|name| Field::new(*name, DataType::Utf8, true))
            .collect();
        let schema = put(of(&statement), Arc::new(Schema::new(fields)));
        let heads: Vec<&str> = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        assert_eq!(heads, expected, "{text}");
    }

    #[test]
    fn what_is_written_stands_for_what_the_library_says() {
        let library = "date_bin(IntervalMonthDayNano(\"IntervalMonthDayNano { months: 0, days: 0, nanoseconds: 21600000000000 }\"),Flows.TimeGenerated)";
        check(
            "SELECT date_bin(INTERVAL '6 hours', \"TimeGenerated\"), count(*), SrcIp, 1 AS n FROM Flows",
            &[library, "count(*)", "SrcIp", "n"],
            &[
                "date_bin(INTERVAL '6 hours', \"TimeGenerated\")",
                "count(*)",
                "SrcIp",
                "n",
            ],
        );
        check(
            "WITH a AS (SELECT 1) (SELECT SrcIp || '!' FROM Flows) UNION ALL SELECT 'x'",
            &["Flows.SrcIp || Utf8(\"!\")"],
            &["SrcIp || '!'"],
        );
    }

    #[test]
    fn other_heads_stay() {
        check(
            "SELECT COUNT(*), sum(a) FROM t",
            &["count(*)", "sum(t.a)"],
            &["count(*)", "sum(t.a)"],
        );
        // How many columns the star stands for is not known here.
        check(
            "SELECT *, 'a' FROM t",
            &["b", "Utf8(\"a\")"],
            &["b", "Utf8(\"a\")"],
        );
        check(
            "SELECT 'a', b AS \"'a'\" FROM t",
            &["Utf8(\"a\")", "'a'"],
            &["Utf8(\"a\")", "'a'"],
        );
        check(
            "EXPLAIN SELECT 'a'",
            &["plan_type", "plan"],
            &["plan_type", "plan"],
        );
    }
}
