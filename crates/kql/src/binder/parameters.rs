//! `declare query_parameters`: what a query is given from outside, and in which forms.

use super::Binder;
use crate::bound::{Scalar, ScalarKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::parser::parse;
use crate::syntax::{
    DynamicValue, Expr, ExprKind, Literal, OperatorKind, Parameter, ParameterType, StatementKind,
};
use crate::types::ScalarType;

impl Binder<'_> {
    pub(super) fn declare_parameters(&mut self, parameters: &[Parameter]) {
        for parameter in parameters {
            let ParameterType::Scalar(type_name) = &parameter.kind else {
                self.error::<()>(
                    Code::SEM0219,
                    parameter.name.span,
                    "parameters of a query are scalars",
                );
                continue;
            };
            let Some(kind) = self.type_of(type_name) else {
                continue;
            };
            let Some(value) = self.parameter_value(parameter, kind) else {
                self.broken.push(parameter.name.text.clone());
                continue;
            };
            let Some(meaning) = self.scalar_meaning(value) else {
                continue;
            };
            self.scope = self.scope.with(&parameter.name.text, meaning, 0);
        }
    }

    fn parameter_value(&mut self, parameter: &Parameter, kind: ScalarType) -> Option<Scalar> {
        let (name, span) = (&parameter.name.text, parameter.name.span);
        let given = self.parameters.iter().find(|(held, _)| held == name);
        match (given, &parameter.default) {
            (Some((_, text)), _) => match read(kind, text) {
                Some(value) => Some(Scalar {
                    kind: value,
                    gives: kind,
                    span,
                }),
                None => {
                    let message = format!("the value `{text}` of the parameter `{name}` is no {kind}");
                    let diagnostic = Diagnostic::error(Code::SEM0219, span, message);
                    self.tell(diagnostic.hint(format!("it takes {}", forms(kind))))
                }
            },
            (None, Some(default)) => self.scalar(default).and_then(|value| {
                self.default_fits(parameter, kind, &value)?;
                Some(self.as_type(value, kind))
            }),
            (None, None) => {
                let message = format!("the parameter `{name}` has no value");
                let diagnostic = Diagnostic::error(Code::SEM0019, span, message);
                self.tell(diagnostic.hint(format!(
                    "give it one: `--param {name}=VALUE`, or write a default: `{name}: {kind} = ...`"
                )))
            }
        }
    }
}

/// A value as it is given: as it stands, or as a literal of the language.
fn read(kind: ScalarType, text: &str) -> Option<ScalarKind> {
    if kind == ScalarType::Dynamic {
        return dynamic(text).map(ScalarKind::Dynamic);
    }
    // A text is taken as it stands: nobody can tell quotes that belong to it from others.
    if kind == ScalarType::String {
        return Literal::read(kind, text).map(ScalarKind::Literal);
    }
    let inside = inside(kind, text.trim());
    if inside == "null" {
        return Some(ScalarKind::Literal(Literal::null(kind)));
    }
    Literal::read(kind, inside).map(ScalarKind::Literal)
}

/// What stands in the brackets of `long(...)`, where the value is written so.
fn inside(kind: ScalarType, text: &str) -> &str {
    let call = text
        .strip_suffix(')')
        .and_then(|text| text.split_once('('))
        .filter(|(name, _)| ScalarType::from_name(name.trim()) == Some(kind));
    call.map_or(text, |(_, inside)| inside.trim())
}

/// `dynamic([1, 2])`, or JSON alone.
fn dynamic(text: &str) -> Option<DynamicValue> {
    let text = text.trim();
    let text = match text.strip_prefix("dynamic") {
        Some(rest) if rest.trim_start().starts_with('(') => format!("print {text}"),
        _ => format!("print dynamic({text})"),
    };
    let (query, diagnostics) = parse(&text);
    if !diagnostics.is_empty() {
        return None;
    }
    let Ok([statement]) = <[_; 1]>::try_from(query.statements) else {
        return None;
    };
    let StatementKind::Expression(Expr {
        kind: ExprKind::Pipe(pipeline),
        ..
    }) = statement.kind
    else {
        return None;
    };
    let Ok([operator]) = <[_; 1]>::try_from(pipeline.operators) else {
        return None;
    };
    let OperatorKind::Print(items) = operator.kind else {
        return None;
    };
    match <[Expr; 1]>::try_from(items).ok()?.map(|item| item.kind) {
        [ExprKind::Dynamic(value)] => Some(value),
        _ => None,
    }
}

/// How a value of a type may be written, for hints.
const fn forms(kind: ScalarType) -> &'static str {
    match kind {
        ScalarType::Bool => "`true` or `false`",
        ScalarType::Int => "a whole number from -2147483648 to 2147483647, such as `443`",
        ScalarType::Long => "a whole number, such as `443` or `-1`",
        ScalarType::Real => "a number, such as `0.5` or `1e6`",
        ScalarType::Decimal => "a number, such as `0.5`",
        ScalarType::String => "any text, without quotes of its own",
        ScalarType::Datetime => {
            "a time, such as `2026-02-16`, `2026-02-16T09:30:00Z` or `datetime(2026-02-16)`"
        }
        ScalarType::Timespan => "a span, such as `1h`, `30m`, `1.02:30:00` or `timespan(1d)`",
        ScalarType::Guid => "a guid, such as `74be27de-1e4e-49d9-b579-fe0b331d3642`",
        ScalarType::Dynamic => "JSON, such as `[22, 3389]` or `{\"a\": 1}`, or `dynamic([22, 3389])`",
    }
}
