//! `parse`, `parse-where` and `parse-kv`.

use super::Binder;
use super::naming::Names;
use super::tabular::push;
use crate::bound::{Column, Parse, ParseKv, ParsePart, Rows, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{
    ExprKind, Literal, Operator, Parse as Written, ParseKv as WrittenKv, ParsePart as WrittenPart,
};
use crate::types::ScalarType;

impl Binder<'_> {
    pub(super) fn parse_operator(
        &mut self,
        rows: &mut Rows,
        parse: &Written,
        operator: &Operator,
    ) -> Option<()> {
        let mut regex = None;
        let mut flags = String::new();
        let mut is_relaxed = false;
        for property in &operator.properties {
            let text = self.property_text(&property.value)?;
            match (property.name.text.as_str(), text.as_str()) {
                ("kind", "simple") => {}
                ("kind", "regex") => regex = Some(()),
                ("kind", "relaxed") => is_relaxed = true,
                ("flags", _) => flags = text,
                _ => {
                    let message = format!("`parse` has no {} `{text}`", property.name.text);
                    let diagnostic = Diagnostic::error(Code::SEM0219, property.name.span, message);
                    return self.tell(diagnostic.hint("its kinds are simple, relaxed and regex"));
                }
            }
        }
        let value = self.text_value(&parse.value)?;
        let mut columns = rows.columns().to_vec();
        let mut pattern = Vec::new();
        for part in &parse.pattern {
            pattern.push(match part {
                WrittenPart::Any => ParsePart::Any,
                WrittenPart::Text(text) => match &text.kind {
                    ExprKind::Literal(Literal::String(text)) => ParsePart::Text(text.clone()),
                    _ => return self.place_error(text.span, "a pattern is made of texts and columns"),
                },
                WrittenPart::Column(name, kind) => {
                    let kind = match kind {
                        Some(kind) => self.type_of(kind)?,
                        None => ScalarType::String,
                    };
                    let place = set_column(&mut columns, &name.text, kind);
                    ParsePart::Column(place, kind)
                }
            });
        }
        self.pattern_is_clear(parse, &pattern)?;
        let step = Parse {
            value,
            pattern,
            regex: regex.map(|()| flags),
            is_relaxed,
            drops: parse.drops,
        };
        push(rows, StepKind::Parse(step), Some(columns), operator.span);
        Some(())
    }

    /// What a column or `*` takes must have an end: a text stands behind it before the next one begins.
    fn pattern_is_clear(&mut self, parse: &Written, pattern: &[ParsePart]) -> Option<()> {
        let pairs = pattern.iter().zip(pattern.iter().skip(1));
        for ((before, behind), written) in pairs.zip(parse.pattern.iter().skip(1)) {
            let message = match (before, behind) {
                (ParsePart::Any, ParsePart::Any | ParsePart::Column(..)) => {
                    "behind `*` stands a text, which tells where it ends"
                }
                (ParsePart::Column(..), ParsePart::Column(..)) => {
                    "between two columns of a pattern nothing tells where the first ends"
                }
                (ParsePart::Column(_, ScalarType::String), ParsePart::Any) => {
                    "between a column of texts and `*` nothing tells where it ends"
                }
                _ => continue,
            };
            let span = match written {
                WrittenPart::Column(name, _) => name.span,
                WrittenPart::Text(text) => text.span,
                WrittenPart::Any => parse.value.span,
            };
            let diagnostic = Diagnostic::error(Code::SEM0219, span, message);
            return self.tell(diagnostic.hint("put a text between them, as in `\"key=\" a \",\" b`"));
        }
        Some(())
    }

    fn text_value(&mut self, expression: &crate::syntax::Expr) -> Option<crate::bound::Scalar> {
        let value = self.scalar(expression)?;
        match value.gives {
            ScalarType::String => Some(value),
            _ => {
                let span = value.span;
                Some(self.call_of("tostring", vec![value], ScalarType::String, span))
            }
        }
    }

    pub(super) fn parse_kv(&mut self, rows: &mut Rows, parse: &WrittenKv, span: Span) -> Option<()> {
        let value = self.text_value(&parse.value)?;
        let declared = self.declared_columns(&parse.columns)?;
        let mut columns = rows.columns().to_vec();
        let mut keys = Vec::new();
        for column in declared {
            let place = set_column(&mut columns, &column.name, column.kind);
            keys.push((column.name.to_string(), column.kind, place));
        }
        let mut step = ParseKv {
            value,
            keys,
            pair_delimiter: String::new(),
            kv_delimiter: String::new(),
            quotes: Vec::new(),
            escape: None,
            is_greedy: false,
            regex: None,
        };
        for property in &parse.with {
            let text = self.property_text(&property.value)?;
            match property.name.text.as_str() {
                "pair_delimiter" => step.pair_delimiter = text,
                "kv_delimiter" => step.kv_delimiter = text,
                "quote" => {
                    let mut quotes = text.chars();
                    let opening = quotes.next();
                    let closing = quotes.next().or(opening);
                    step.quotes.extend(opening.zip(closing));
                }
                "escape" => step.escape = text.chars().next(),
                "greedy" => step.is_greedy = text == "true",
                "regex" => step.regex = Some(text),
                other => {
                    let message = format!("`parse-kv` has no property `{other}`");
                    let diagnostic = Diagnostic::error(Code::SEM0219, property.name.span, message);
                    return self
                        .tell(diagnostic.hint(
                            "there are pair_delimiter, kv_delimiter, quote, escape, greedy and regex",
                        ));
                }
            }
        }
        if step.pair_delimiter.is_empty() != step.kv_delimiter.is_empty() {
            let message = "`parse-kv` takes both delimiters, or none";
            return self.error(Code::SEM0219, span, message);
        }
        push(rows, StepKind::ParseKv(step), Some(columns), span);
        Some(())
    }
}

/// A column of that name gets another type and keeps its place; a new one comes last.
fn set_column(columns: &mut Vec<Column>, name: &str, kind: ScalarType) -> usize {
    match columns.iter().position(|column| *column.name == *name) {
        Some(at) => {
            if let Some(column) = columns.get_mut(at) {
                column.kind = kind;
            }
            at
        }
        None => {
            let mut names = Names::default();
            columns.push(Column::new(names.unique(name), kind));
            columns.len() - 1
        }
    }
}
