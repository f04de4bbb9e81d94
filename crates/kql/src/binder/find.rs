//! `find`: rows of several tables that fulfil a condition, each table filtered by itself and then put together.

use std::rc::Rc;

use super::Binder;
use super::columns::project_step;
use super::scope::Row;
use super::tabular::push;
use super::union::united;
use crate::bound::{Column, Named, Rows, Scalar, ScalarKind, StepKind, UnionKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{
    BinaryOperator, DynamicValue, Expr, ExprKind, Find, FindColumn, Literal, Operator, Step,
};
use crate::types::ScalarType;

/// A column that all tables give: its name, and its type if one is asked for.
struct Wanted {
    name: String,
    kind: Option<ScalarType>,
}

impl Binder<'_> {
    /// `find in (...) where ... project ...`.
    pub(super) fn find(&mut self, find: &Find, operator: &Operator) -> Option<Rows> {
        let mut source = "source_".to_owned();
        for property in &operator.properties {
            if property.name.text.starts_with("with") {
                source = self.property_text(&property.value)?;
            }
        }
        if let Some(away) = find.away.first() {
            return self.unsupported(away.span, "`project-away` of `find`");
        }
        let mut inputs = self.listed_tables(&find.tables, operator.keyword)?;
        let mut named = Vec::new();
        if let Some(condition) = &find.condition {
            names_in(condition, &mut named);
        }
        named.retain(|name| inputs.iter().any(|(_, rows)| has(rows, name)));
        // Tables without any of the condition's columns have nothing to say.
        if !named.is_empty() {
            inputs.retain(|(_, rows)| named.iter().any(|name| has(rows, name)));
        }
        let (wanted, packs) = self.find_columns(find, &inputs, &named)?;
        let everything = columns_of(&inputs);
        for (_, rows) in &mut inputs {
            self.find_in(rows, find, operator, &everything, &named)?;
            self.give(rows, &wanted, packs, &everything, operator.span)?;
        }
        Some(united(UnionKind::Outer, inputs, Some(&source)))
    }

    /// What is given: what `project` says, or the columns that all have, those of the condition, and the rest in a bag.
    fn find_columns(
        &mut self,
        find: &Find,
        inputs: &[(String, Rows)],
        named: &[String],
    ) -> Option<(Vec<Wanted>, bool)> {
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut packs = false;
        if let Some(columns) = &find.columns {
            for column in columns {
                match column {
                    FindColumn::Pack => packs = true,
                    FindColumn::Column(name, kind) => {
                        let kind = match kind {
                            Some(kind) => Some(self.type_of(kind)?),
                            None => None,
                        };
                        let known = inputs.iter().any(|(_, rows)| has(rows, &name.text));
                        if !known && kind.is_none() {
                            let message = format!("none of these tables has a column `{}`", name.text);
                            return self.error(Code::SEM0100, name.span, message);
                        }
                        if kind.is_none() && is_of_several_types(&name.text, &columns_of(inputs)) {
                            let message =
                                format!("these tables have columns `{}` of several types", name.text);
                            let diagnostic = Diagnostic::error(Code::SEM0101, name.span, message);
                            return self.tell(diagnostic.hint(format!(
                                "say which one is meant, as in `project {}:string`",
                                name.text
                            )));
                        }
                        wanted.push(Wanted {
                            name: name.text.clone(),
                            kind,
                        });
                    }
                }
            }
            return Some((wanted, packs));
        }
        let mut take = |name: &str| {
            if !wanted.iter().any(|held| held.name == name) {
                wanted.push(Wanted {
                    name: name.to_owned(),
                    kind: None,
                });
            }
        };
        let all = || inputs.iter().flat_map(|(_, rows)| rows.columns());
        for column in inputs
            .first()
            .map_or(&[] as &[Column], |(_, rows)| rows.columns())
        {
            if inputs.iter().all(|(_, rows)| has(rows, &column.name)) {
                take(&column.name);
            }
        }
        for column in all().filter(|column| named.iter().any(|name| **name == *column.name)) {
            take(&column.name);
        }
        let packs = all().any(|column| !wanted.iter().any(|held| *held.name == *column.name));
        Some((wanted, packs))
    }

    /// Filters a table. Columns of the condition that it does not have are null in it.
    fn find_in(
        &mut self,
        rows: &mut Rows,
        find: &Find,
        operator: &Operator,
        everything: &[Column],
        named: &[String],
    ) -> Option<()> {
        let Some(condition) = &find.condition else {
            return Some(());
        };
        let own: Vec<usize> = (0..rows.columns().len()).collect();
        let missing: Vec<Named> = named
            .iter()
            .filter(|name| !has(rows, name))
            .filter_map(|name| everything.iter().find(|column| *column.name == **name))
            .map(|column| Named {
                name: column.name.clone(),
                value: Scalar::literal(Literal::null(column.kind), column.kind, operator.span),
            })
            .collect();
        let extends = !missing.is_empty();
        if extends {
            let mut outputs = super::columns::identity(rows.columns(), operator.span);
            outputs.extend(missing);
            project_step(rows, outputs, operator.span);
        }
        let row = Row {
            columns: rows.columns().to_vec(),
            is_serialized: rows.is_serialized,
            is_open: rows.is_open,
            ..Row::default()
        };
        let bound = self.in_row(Some(Rc::new(row)), |binder| {
            binder.search_condition(condition, false)
        })?;
        push(rows, StepKind::Filter(bound), None, operator.span);
        if extends {
            super::columns::take_places(rows, &own, operator.span);
        }
        Some(())
    }

    /// Gives the wanted columns of a table, and the others in a bag.
    fn give(
        &mut self,
        rows: &mut Rows,
        wanted: &[Wanted],
        packs: bool,
        everything: &[Column],
        span: Span,
    ) -> Option<()> {
        let outputs = self.over(rows, |binder| {
            let mut outputs = Vec::new();
            for one in wanted {
                let value = binder.wanted(one, everything, span);
                outputs.push(Named {
                    name: one.name.as_str().into(),
                    value,
                });
            }
            if packs {
                let value = binder.rest(wanted, span);
                outputs.push(Named {
                    name: "pack_".into(),
                    value,
                });
            }
            outputs
        });
        project_step(rows, outputs, span);
        Some(())
    }

    fn wanted(&mut self, wanted: &Wanted, everything: &[Column], span: Span) -> Scalar {
        let elsewhere = everything.iter().find(|column| *column.name == *wanted.name);
        match self.find_column(&wanted.name) {
            Some((at, column)) => {
                let value = Scalar::column(at, column.kind, span);
                match wanted.kind {
                    Some(kind) if kind != column.kind => {
                        self.call_of(&format!("to{}", kind.name()), vec![value], kind, span)
                    }
                    _ => value,
                }
            }
            None => {
                let kind = wanted
                    .kind
                    .or(elsewhere.map(|column| column.kind))
                    .unwrap_or(ScalarType::String);
                Scalar::literal(Literal::null(kind), kind, span)
            }
        }
    }

    /// The columns that are not wanted by themselves, in a bag.
    fn rest(&mut self, wanted: &[Wanted], span: Span) -> Scalar {
        let mut arguments = Vec::new();
        for (at, column) in self.row_columns().into_iter().enumerate() {
            if wanted.iter().any(|held| *held.name == *column.name) {
                continue;
            }
            let name = Literal::String(column.name.to_string());
            arguments.push(Scalar::literal(name, ScalarType::String, span));
            arguments.push(Scalar::column(at, column.kind, span));
        }
        if arguments.is_empty() {
            return Scalar {
                kind: ScalarKind::Dynamic(DynamicValue::Bag(Vec::new())),
                gives: ScalarType::Dynamic,
                span,
            };
        }
        self.call_of("bag_pack", arguments, ScalarType::Dynamic, span)
    }
}

fn columns_of(inputs: &[(String, Rows)]) -> Vec<Column> {
    let columns = inputs.iter().flat_map(|(_, rows)| rows.columns());
    columns.cloned().collect()
}

fn is_of_several_types(name: &str, columns: &[Column]) -> bool {
    let mut kinds = columns
        .iter()
        .filter(|column| *column.name == *name)
        .map(|column| column.kind);
    kinds.next().is_some_and(|first| kinds.any(|kind| kind != first))
}

fn has(rows: &Rows, name: &str) -> bool {
    rows.columns().iter().any(|column| *column.name == *name)
}

/// The names that an expression speaks of.
fn names_in(expression: &Expr, names: &mut Vec<String>) {
    match &expression.kind {
        ExprKind::Name(name) if !names.contains(&name.text) => names.push(name.text.clone()),
        ExprKind::Group(inside) | ExprKind::Unary(_, inside) | ExprKind::Named(_, inside) => {
            names_in(inside, names);
        }
        ExprKind::Call(call) => call
            .arguments
            .iter()
            .for_each(|argument| names_in(argument, names)),
        ExprKind::Path(base, steps) => {
            names_in(base, names);
            for step in steps {
                match step {
                    Step::Element(element) => names_in(element, names),
                    Step::Call(call) => call
                        .arguments
                        .iter()
                        .for_each(|argument| names_in(argument, names)),
                    Step::Member(_) => {}
                }
            }
        }
        ExprKind::Chain(first, links) => {
            names_in(first, names);
            // Behind the colon of a search stands a term.
            let operands = links
                .iter()
                .filter(|link| link.operator != BinaryOperator::Search);
            operands.for_each(|link| names_in(&link.right, names));
        }
        ExprKind::In(value, _, items) => {
            names_in(value, names);
            items.iter().for_each(|item| names_in(item, names));
        }
        ExprKind::Between(between) => {
            for part in [&between.value, &between.low, &between.high] {
                names_in(part, names);
            }
        }
        _ => {}
    }
}
