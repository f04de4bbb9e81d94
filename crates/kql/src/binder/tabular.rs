//! Rows: where they come from, and the operators one after the other.

use std::sync::Arc;

use super::Binder;
use super::scope::Meaning;
use crate::bound::{Column, Rows, Scalar, ScalarKind, Source, Step, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::refused;
use crate::span::Span;
use crate::syntax::{
    Call, DataTable, Expr, ExprKind, ExternalData, Literal, Name, Operator, OperatorKind, Pipeline,
    PropertyValue, Range,
};
use crate::types::ScalarType;

/// So many operators follow one another at most.
const STEPS_MAX: usize = 2_000;

impl Binder<'_> {
    /// The rows of a whole statement; a single value is one row of one column.
    pub(super) fn answer_of(&mut self, expression: &Expr) -> Option<Rows> {
        if self.is_tabular(expression) {
            return self.rows(expression);
        }
        if let ExprKind::Name(name) = &expression.kind
            && self.scope.find(&name.text).is_none()
        {
            return self.unknown_table(name);
        }
        let value = self.scalar(expression)?;
        let columns = vec![Column::new("print_0", value.gives)];
        Some(Rows::new(Source::Print(vec![value]), columns))
    }

    /// Binds an expression that gives rows.
    pub(super) fn rows(&mut self, expression: &Expr) -> Option<Rows> {
        self.grow(expression.span)?;
        self.apart(|binder| binder.rows_apart(expression))
    }

    fn rows_apart(&mut self, expression: &Expr) -> Option<Rows> {
        match &expression.kind {
            ExprKind::Missing => None,
            ExprKind::Group(inside) => self.rows(inside),
            ExprKind::Named(_, value) => self.rows(value),
            ExprKind::Name(name) => self.named_rows(name),
            ExprKind::Pipe(pipeline) => {
                let rows = self.pipeline(pipeline);
                if rows.is_none() {
                    self.break_names(&pipeline.operators);
                }
                rows
            }
            ExprKind::DataTable(table) => self.data_table(table),
            ExprKind::ExternalData(data) => self.external_data(data, expression.span),
            ExprKind::Call(call) => self.called_rows(call),
            ExprKind::Path(base, steps) => self.qualified_rows(base, steps, expression.span),
            _ => {
                let diagnostic = Diagnostic::error(
                    Code::SEM0009,
                    expression.span,
                    "one value stands where rows are asked for",
                );
                self.tell(diagnostic.hint("begin with a table, or with `print`"))
            }
        }
    }

    pub(super) fn called_rows(&mut self, call: &Call) -> Option<Rows> {
        let name = call.name.text.as_str();
        if let Some(Meaning::Function(function, scope)) = self.meaning(name) {
            let arguments = self.function_arguments(&function, call)?;
            return self.call_tabular_function(&function, &scope, arguments, call.span);
        }
        if let Some((pattern, scope)) = self.pattern_named(name) {
            return self.pattern_rows(&pattern, &scope, call, None);
        }
        match name {
            "materialize" | "totable" => {
                let Some(argument) = call.arguments.first() else {
                    return self.error(Code::SEM0219, call.span, format!("`{name}` takes rows"));
                };
                let rows = self.rows(argument)?;
                Some(materialized(rows))
            }
            "table" => {
                let argument = call
                    .arguments
                    .first()
                    .map(|argument| (argument, self.scalar(argument)));
                match argument {
                    Some((argument, Some(bound))) => match bound.as_literal() {
                        Some(Literal::String(text)) => self.named_rows(&Name {
                            text: text.clone(),
                            span: argument.span,
                        }),
                        _ => self.error(
                            Code::SEM0019,
                            argument.span,
                            "the name of a table must be a literal text",
                        ),
                    },
                    Some((_, None)) => None,
                    None => self.error(Code::SEM0219, call.span, "`table` takes the name of a table"),
                }
            }
            _ if refused::SOURCES.contains(&name) => self.unsupported(call.name.span, &format!("`{name}`")),
            _ => match self.stored(name) {
                Some(function) => {
                    let arguments = self.function_arguments(&function, call)?;
                    self.stored_rows(name, &function, arguments, call.span)
                }
                None if self.broken.iter().any(|held| held == name) => None,
                None => {
                    let mut diagnostic = Diagnostic::error(
                        Code::SEM0260,
                        call.name.span,
                        format!("there is no function `{name}` that gives rows"),
                    );
                    if name.starts_with("_GetWatchlist") {
                        diagnostic = diagnostic.hint(
                            "a list in a file is read by `externaldata(a: string)['list.csv'] with (format='csv')`",
                        );
                    }
                    self.tell(diagnostic)
                }
            },
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> Option<Rows> {
        let (mut rows, operators) = match (&pipeline.source, pipeline.operators.split_first()) {
            (Some(source), _) => (self.rows(source)?, pipeline.operators.as_slice()),
            (None, Some((first, rest))) => (self.source_operator(first)?, rest),
            (None, None) => return None,
        };
        self.operators(&mut rows, operators)?;
        Some(rows)
    }

    /// The names that `as` gives to rows that are none.
    fn break_names(&mut self, operators: &[Operator]) {
        let names = operators.iter().filter_map(|operator| match &operator.kind {
            OperatorKind::As(name) => Some(name.text.clone()),
            _ => None,
        });
        self.broken.extend(names);
    }

    /// A subquery whose first operator takes the rows of the operator around it.
    pub(super) fn subquery(&mut self, pipeline: &Pipeline, outer: Rows) -> Option<Rows> {
        let mut rows = outer;
        if let Some(source) = &pipeline.source {
            rows = self.rows(source)?;
        }
        self.operators(&mut rows, &pipeline.operators)?;
        Some(rows)
    }

    pub(super) fn operators(&mut self, rows: &mut Rows, operators: &[Operator]) -> Option<()> {
        if operators.len() > STEPS_MAX {
            let span = operators.last().map_or(Span::at(0), |operator| operator.keyword);
            return self.error(
                Code::SYN0200,
                span,
                format!("more than {STEPS_MAX} operators follow one another"),
            );
        }
        for (at, operator) in operators.iter().enumerate() {
            self.grow(operator.keyword)?;
            if at + 1 < operators.len() && gives_several(operator) {
                let word = operator.keyword.text(self.text);
                let message = format!("`{word}` gives several answers, and nothing stands behind it");
                return self.error(Code::SEM0009, operator.keyword, message);
            }
            self.rendering = None;
            self.operator(rows, operator)?;
        }
        Some(())
    }

    /// An operator that brings its own rows.
    fn source_operator(&mut self, operator: &Operator) -> Option<Rows> {
        match &operator.kind {
            OperatorKind::Missing => None,
            OperatorKind::Print(items) => self.print(items).map(|rows| rows.at(operator.span)),
            OperatorKind::Range(range) => self.range(range).map(|rows| rows.at(operator.span)),
            OperatorKind::Union(items) => {
                let rows = self.union_of(None, items, operator);
                rows.map(|rows| rows.at(operator.span))
            }
            OperatorKind::Search(search) => self.search_all(search, operator),
            OperatorKind::Find(find) => self.find(find, operator),
            OperatorKind::MacroExpand => self.unsupported(operator.keyword, "the operator `macro-expand`"),
            // Other services bring their own rows; none of them is asked.
            OperatorKind::Evaluate(call, _) if refused::PLUGINS.contains(&call.name.text.as_str()) => {
                self.no_plugin(call)
            }
            _ => {
                let word = operator.keyword.text(self.text);
                let diagnostic = Diagnostic::error(
                    Code::SEM0009,
                    operator.keyword,
                    format!("`{word}` needs rows before it"),
                );
                self.tell(diagnostic.hint(format!("`T | {word} ...`")))
            }
        }
    }

    fn print(&mut self, items: &[Expr]) -> Option<Rows> {
        let named = self.print_items(items)?;
        let columns = named
            .iter()
            .map(|item| Column::new(item.name.clone(), item.value.gives))
            .collect();
        let values = named.into_iter().map(|item| item.value).collect();
        Some(Rows::new(Source::Print(values), columns))
    }

    fn range(&mut self, range: &Range) -> Option<Rows> {
        let from = self.scalar(&range.from);
        let to = self.scalar(&range.to);
        let step = self.scalar(&range.step);
        let (from, to, step) = (from?, to?, step?);
        let kind = match (from.gives, to.gives, step.gives) {
            (ScalarType::Datetime, ScalarType::Datetime, ScalarType::Timespan) => ScalarType::Datetime,
            (ScalarType::Timespan, ScalarType::Timespan, ScalarType::Timespan) => ScalarType::Timespan,
            (from, to, step) => match from.widest(to).and_then(|kind| kind.widest(step)) {
                Some(kind) => kind,
                None => {
                    let message = format!("a range from {from} to {to} by {step} cannot be made");
                    return self.error(Code::SEM0064, range.from.span, message);
                }
            },
        };
        let never_ends = match step.as_literal() {
            Some(Literal::Int(Some(0)) | Literal::Long(Some(0)) | Literal::Timespan(Some(0))) => true,
            Some(Literal::Real(Some(step))) => *step == 0.0,
            _ => false,
        };
        if never_ends {
            return self.error(Code::SEM0219, range.step.span, "a range by steps of 0 has no end");
        }
        let columns = vec![Column::new(range.name.text.as_str(), kind)];
        let mut rows = Rows::new(Source::Range(from, to, step), columns);
        rows.is_serialized = true;
        Some(rows)
    }

    fn data_table(&mut self, table: &DataTable) -> Option<Rows> {
        let columns = self.declared_columns(&table.columns)?;
        if columns.is_empty() {
            return None;
        }
        if !table.values.len().is_multiple_of(columns.len()) {
            let span = table.values.last().map_or(Span::at(0), |value| value.span);
            let message = format!(
                "{} values do not fill rows of {} columns",
                table.values.len(),
                columns.len()
            );
            return self.error(Code::SEM0219, span, message);
        }
        let mut cells = Vec::new();
        for values in table.values.chunks(columns.len()) {
            let mut row = Vec::with_capacity(columns.len());
            for (value, column) in values.iter().zip(&columns) {
                let bound = self.scalar(value)?;
                row.push(self.cell(bound, column)?);
            }
            cells.push(row);
        }
        Some(Rows::new(Source::Literal(cells), columns))
    }

    /// A literal as its column's type wants it: numbers are cast, texts are read.
    fn cell(&mut self, value: Scalar, column: &Column) -> Option<Scalar> {
        if value.gives == column.kind {
            return Some(value);
        }
        let span = value.span;
        let literal = match (value.as_literal(), column.kind) {
            (Some(Literal::String(text)), kind) if kind != ScalarType::Dynamic => {
                Some(Literal::read(kind, text).unwrap_or_else(|| Literal::null(kind)))
            }
            _ => None,
        };
        if let Some(literal) = literal {
            return Some(Scalar::literal(literal, column.kind, span));
        }
        let fits = (value.gives.is_number() && column.kind.is_number())
            || column.kind == ScalarType::Dynamic
            || column.kind == ScalarType::String
            || (value.gives.is_number() && column.kind == ScalarType::Bool)
            || (value.gives == ScalarType::Bool && column.kind.is_number());
        if !fits {
            let message = format!(
                "a {} stands in the column `{}` of type {}",
                value.gives, column.name, column.kind
            );
            return self.error(Code::SEM0219, span, message);
        }
        Some(Scalar {
            kind: ScalarKind::Widened(Box::new(value)),
            gives: column.kind,
            span,
        })
    }

    fn external_data(&mut self, data: &ExternalData, span: Span) -> Option<Rows> {
        let columns = self.declared_columns(&data.columns)?;
        let mut places = Vec::new();
        for place in &data.places {
            let bound = self.scalar(place)?;
            match bound.as_literal() {
                Some(Literal::String(text)) => places.push(text.clone()),
                _ => {
                    return self.error(
                        Code::SEM0019,
                        place.span,
                        "the place of external data must be a literal text",
                    );
                }
            }
        }
        let mut properties = Vec::new();
        for property in &data.properties {
            properties.push((
                property.name.text.to_lowercase(),
                self.property_text(&property.value)?,
            ));
        }
        let (first, last) = (data.places.first(), data.places.last());
        let span = first
            .zip(last)
            .map_or(span, |(first, last)| first.span.to(last.span));
        Some(Rows::new(Source::External(places, properties), columns).at(span))
    }

    /// What a property says, as text.
    pub(super) fn property_text(&mut self, value: &PropertyValue) -> Option<String> {
        match value {
            PropertyValue::Word(name) => Some(name.text.clone()),
            PropertyValue::Names(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
                Some(names.join(","))
            }
            PropertyValue::Expression(expression) => {
                let bound = self.in_row(None, |binder| binder.scalar(expression))?;
                Some(match bound.as_literal() {
                    Some(Literal::String(text)) => text.clone(),
                    Some(Literal::Bool(Some(value))) => value.to_string(),
                    Some(Literal::Int(Some(number))) => number.to_string(),
                    Some(Literal::Long(Some(number))) => number.to_string(),
                    Some(Literal::Real(Some(number))) => number.to_string(),
                    _ => expression.span.text(self.text).to_owned(),
                })
            }
        }
    }

    /// How many rows: a whole number that holds for all rows.
    pub(super) fn count_of(&mut self, expression: &Expr) -> Option<Scalar> {
        let count = self.in_row(None, |binder| binder.scalar(expression))?;
        if !count.gives.is_integer() && count.gives != ScalarType::Dynamic {
            let message = format!(
                "how many rows is a whole number, and this is of type {}",
                count.gives
            );
            return self.error(Code::SEM0219, expression.span, message);
        }
        Some(count)
    }
}

/// True for operators that end a query with several answers.
pub(super) fn gives_several(operator: &Operator) -> bool {
    match &operator.kind {
        OperatorKind::Fork(_) | OperatorKind::Facet(..) => true,
        OperatorKind::Evaluate(call, _) => call.name.text == "preview",
        _ => false,
    }
}

/// Rows that stand in several places, as the source of others.
pub(super) fn shared(rows: Arc<Rows>) -> Rows {
    outer(rows, Source::Shared)
}

/// Rows that are computed once.
pub(super) fn materialized(rows: Rows) -> Rows {
    outer(Arc::new(rows), Source::Materialized)
}

pub(super) fn outer(rows: Arc<Rows>, source: impl FnOnce(Arc<Rows>) -> Source) -> Rows {
    let columns = rows.columns().to_vec();
    let (is_serialized, is_open) = (rows.is_serialized, rows.is_open);
    let mut outer = Rows::new(source(rows), columns);
    outer.is_serialized = is_serialized;
    outer.is_open = is_open;
    outer
}

/// Adds a step; its columns are those before it, if none are given.
pub(super) fn push(rows: &mut Rows, kind: StepKind, columns: Option<Vec<Column>>, span: Span) {
    let columns = columns.unwrap_or_else(|| rows.columns().to_vec());
    rows.steps.push(Step { kind, columns, span });
}
