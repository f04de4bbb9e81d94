//! `search` and `scan`.

use std::rc::Rc;

use super::Binder;
use super::scope::{Meaning, Row};
use super::tabular::push;
use super::union::united;
use crate::bound::{Column, Named, Rows, Scalar, ScalarKind, ScanStep, Step, StepKind, UnionKind};
use crate::bound::{Scan as BoundScan, Source};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{BinaryOperator, Expr, ExprKind, Literal, Operator, ParameterType, Scan, Search};
use crate::types::ScalarType;

impl Binder<'_> {
    /// `search` at the beginning: all tables, or those listed.
    pub(super) fn search_all(&mut self, search: &Search, operator: &Operator) -> Option<Rows> {
        let inputs = self.listed_tables(&search.tables, operator.keyword)?;
        let mut rows = united(UnionKind::Outer, inputs, Some("$table"));
        self.search_in(&mut rows, &search.predicate, operator)?;
        Some(rows)
    }

    /// `T | search ...`.
    pub(super) fn search(&mut self, rows: &mut Rows, search: &Search, operator: &Operator) -> Option<()> {
        if let Some(table) = search.tables.first() {
            return self.place_error(table.span, "`search in (...)` stands at the beginning");
        }
        let name = match (rows.name.take(), &rows.source) {
            (Some(name), _) => name,
            (None, Source::Table(name)) if rows.steps.is_empty() => name.clone(),
            _ => "search_arg0".to_owned(),
        };
        // What was searched before says where its rows are from.
        if !rows.columns().iter().any(|column| &*column.name == "$table") {
            let mut outputs = vec![Named {
                name: "$table".into(),
                value: Scalar::literal(Literal::String(name), ScalarType::String, operator.keyword),
            }];
            outputs.extend(super::columns::identity(rows.columns(), operator.keyword));
            super::columns::project_step(rows, outputs, operator.keyword);
        }
        self.search_in(rows, &search.predicate, operator)
    }

    fn search_in(&mut self, rows: &mut Rows, predicate: &Expr, operator: &Operator) -> Option<()> {
        let is_case_sensitive = operator.properties.iter().any(|property| {
            property.name.text == "kind" && matches!(&property.value, crate::syntax::PropertyValue::Word(word) if word.text == "case_sensitive")
        });
        let condition = self.over(rows, |binder| {
            binder.search_condition(predicate, is_case_sensitive)
        })?;
        push(rows, StepKind::Filter(condition), None, operator.span);
        Some(())
    }

    /// A condition in which a text alone is a term that any column may have.
    pub(super) fn search_condition(&mut self, predicate: &Expr, is_case_sensitive: bool) -> Option<Scalar> {
        let span = predicate.span;
        match &predicate.kind {
            ExprKind::Group(inside) => self.search_condition(inside, is_case_sensitive),
            // Everything.
            ExprKind::Star => Some(Scalar::literal(Literal::Bool(Some(true)), ScalarType::Bool, span)),
            ExprKind::Literal(_) | ExprKind::Name(_) => match self.literal_of(predicate).cloned() {
                Some(Literal::String(text)) => self.any_column_has(&text, is_case_sensitive, span),
                None if self.names_text(predicate) => {
                    self.unsupported(span, "a term of `search` that is no literal text")
                }
                _ => self.condition(predicate),
            },
            ExprKind::Call(call) if call.name.text == "not" && call.arguments.len() == 1 => {
                let inside = self.search_condition(call.arguments.first()?, is_case_sensitive)?;
                Some(self.call_of("not", vec![inside], ScalarType::Bool, span))
            }
            ExprKind::Chain(first, links) => {
                let operator = links.first()?.operator;
                if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
                    let terms = std::iter::once(first.as_ref()).chain(links.iter().map(|link| &link.right));
                    let bound: Vec<Option<Scalar>> = terms
                        .map(|term| self.search_condition(term, is_case_sensitive))
                        .collect();
                    return Some(Scalar {
                        kind: ScalarKind::Logic(
                            operator == BinaryOperator::And,
                            bound.into_iter().collect::<Option<Vec<_>>>()?,
                        ),
                        gives: ScalarType::Bool,
                        span,
                    });
                }
                if operator == BinaryOperator::Search {
                    return self.column_term(first, &links.first()?.right, is_case_sensitive, span);
                }
                self.condition(predicate)
            }
            _ => self.condition(predicate),
        }
    }

    /// True for a name of a text that is no column.
    fn names_text(&self, predicate: &Expr) -> bool {
        match &predicate.kind {
            ExprKind::Name(name) if self.find_column(&name.text).is_none() => matches!(
                self.scope.find(&name.text),
                Some(Meaning::Scalar(scalar, _)) if scalar.gives == ScalarType::String
            ),
            _ => false,
        }
    }

    /// `a: "x"`: the column has the term.
    fn column_term(
        &mut self,
        column: &Expr,
        term: &Expr,
        is_case_sensitive: bool,
        span: Span,
    ) -> Option<Scalar> {
        let is_any = matches!(column.kind, ExprKind::Star);
        if is_any && let Some(Literal::String(text)) = self.literal_of(term).cloned() {
            return self.any_column_has(&text, is_case_sensitive, span);
        }
        let value = self.scalar(column)?;
        let term = self.scalar(term)?;
        match term.as_literal() {
            Some(Literal::String(text)) => {
                let text = text.clone();
                self.has_term(value, &text, is_case_sensitive, span)
            }
            _ => self.binary(BinaryOperator::Equal, value, term, span),
        }
    }

    fn any_column_has(&mut self, text: &str, is_case_sensitive: bool, span: Span) -> Option<Scalar> {
        let mut terms = Vec::new();
        for (at, column) in self.row_columns().into_iter().enumerate() {
            if &*column.name == "$table" {
                continue;
            }
            let value = Scalar::column(at, column.kind, span);
            terms.push(self.has_term(value, text, is_case_sensitive, span)?);
        }
        if terms.len() < 2 {
            return Some(
                terms
                    .pop()
                    .unwrap_or_else(|| Scalar::literal(Literal::Bool(Some(false)), ScalarType::Bool, span)),
            );
        }
        Some(Scalar {
            kind: ScalarKind::Logic(false, terms),
            gives: ScalarType::Bool,
            span,
        })
    }

    /// `*` in a term stands for anything: at its ends for the beginning or end of a term.
    fn has_term(&mut self, value: Scalar, text: &str, is_case_sensitive: bool, span: Span) -> Option<Scalar> {
        let value = match value.gives {
            ScalarType::String | ScalarType::Dynamic => value,
            _ => self.call_of("tostring", vec![value], ScalarType::String, span),
        };
        let inside = text.trim_matches('*');
        let operator = match (text.starts_with('*'), text.ends_with('*'), inside.contains('*')) {
            (_, _, true) => BinaryOperator::MatchesRegex,
            (true, true, _) => BinaryOperator::Contains,
            (true, false, _) => BinaryOperator::HasSuffix,
            (false, true, _) => BinaryOperator::HasPrefix,
            (false, false, _) => BinaryOperator::Has,
        };
        let needle = if operator == BinaryOperator::MatchesRegex {
            let pieces: Vec<String> = inside.split('*').map(escaped).collect();
            let flags = if is_case_sensitive { "(?s)" } else { "(?is)" };
            format!("{flags}{}", pieces.join(".*"))
        } else {
            inside.to_owned()
        };
        let operator = match (operator, is_case_sensitive) {
            (BinaryOperator::Contains, true) => BinaryOperator::ContainsCs,
            (BinaryOperator::HasSuffix, true) => BinaryOperator::HasSuffixCs,
            (BinaryOperator::HasPrefix, true) => BinaryOperator::HasPrefixCs,
            (BinaryOperator::Has, true) => BinaryOperator::HasCs,
            (operator, _) => operator,
        };
        let needle = Scalar::literal(Literal::String(needle), ScalarType::String, span);
        self.binary(operator, value, needle, span)
    }

    pub(super) fn scan(&mut self, rows: &mut Rows, scan: &Scan, operator: &Operator) -> Option<()> {
        if let Some(clause) = &scan.clause {
            let hint = "`partition by a (sort by t asc | scan ...)` scans each part on its own";
            let message = format!("`{} by` of `scan` is not supported", clause.text);
            return self.tell(Diagnostic::error(Code::SEM0501, clause.span, message).hint(hint));
        }
        if !rows.is_serialized {
            let diagnostic = Diagnostic::error(
                Code::SEM0019,
                operator.keyword,
                "`scan` needs rows in an order, and these have none",
            );
            return self.tell(diagnostic.hint("put `sort by ...` or `serialize` before it"));
        }
        let mut match_id = None;
        for property in &operator.properties {
            match property.name.text.as_str() {
                "with_match_id" => match_id = Some(self.property_text(&property.value)?),
                _ => return self.unsupported(property.name.span, "`with_step_name` of `scan`"),
            }
        }
        let mut columns = rows.columns().to_vec();
        let declarations = self.scan_declarations(scan, &mut columns)?;
        for (at, step) in scan.steps.iter().enumerate() {
            if scan
                .steps
                .iter()
                .take(at)
                .any(|held| held.name.text == step.name.text)
            {
                let message = format!("there is a step `{}` already", step.name.text);
                return self.error(Code::SEM0003, step.name.span, message);
            }
        }
        let row = Rc::new(Row {
            columns: columns.clone(),
            steps: scan.steps.iter().map(|step| step.name.text.clone()).collect(),
            is_serialized: false,
            ..Row::default()
        });
        let input = rows.columns().len();
        let steps = self.in_row(Some(row), |binder| {
            scan.steps
                .iter()
                .map(|step| binder.scan_step(step, input))
                .collect::<Option<Vec<_>>>()
        })?;
        if let Some(name) = &match_id {
            if columns.iter().any(|held| *held.name == **name) {
                let message = format!("there is a column `{name}` already");
                return self.error(Code::SEM0003, operator.span, message);
            }
            columns.push(Column::new(name.as_str(), ScalarType::Long));
        }
        let bound = BoundScan {
            declarations,
            steps,
            match_id,
        };
        rows.steps.push(Step {
            kind: StepKind::Scan(bound),
            columns,
            span: operator.span,
        });
        Some(())
    }

    /// The columns that a scan declares, and their values at the beginning.
    fn scan_declarations(
        &mut self,
        scan: &Scan,
        columns: &mut Vec<Column>,
    ) -> Option<Vec<(Column, Option<Scalar>)>> {
        let mut declarations = Vec::new();
        for declaration in &scan.declarations {
            let ParameterType::Scalar(kind) = &declaration.kind else {
                return self.place_error(declaration.name.span, "a scan declares scalars");
            };
            let kind = self.type_of(kind)?;
            let value = match &declaration.default {
                Some(default) => Some(self.in_row(None, |binder| binder.scalar(default))?),
                None => None,
            };
            let column = Column::new(declaration.name.text.as_str(), kind);
            if columns.iter().any(|held| held.name == column.name) {
                let message = format!("there is a column `{}` already", column.name);
                return self.error(Code::SEM0003, declaration.name.span, message);
            }
            columns.push(column.clone());
            declarations.push((column, value));
        }
        Some(declarations)
    }

    fn scan_step(&mut self, step: &crate::syntax::ScanStep, input: usize) -> Option<ScanStep> {
        let condition = self.condition(&step.condition)?;
        let mut assignments = Vec::new();
        for (name, value) in &step.assignments {
            let at = self.plain_column(name)?;
            let Some(place) = at.checked_sub(input) else {
                let message = format!(
                    "`{}` is a column of the input; a scan sets what it declares",
                    name.text
                );
                return self.error(Code::SEM0219, name.span, message);
            };
            let kind = self.row_columns().get(at)?.kind;
            let value = self.scalar(value)?;
            assignments.push((place, self.as_type(value, kind)));
        }
        let output = step.output.as_ref().map_or("all", |output| output.text.as_str());
        if !matches!(output, "all" | "last" | "none") {
            return self.error(
                Code::SEM0219,
                step.name.span,
                "the output of a step is all, last or none",
            );
        }
        Some(ScanStep {
            name: step.name.text.clone(),
            is_optional: step.is_optional,
            output: output.to_owned(),
            condition,
            assignments,
        })
    }
}

/// A text as a regular expression that only it fits.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() && !c.is_whitespace() {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
