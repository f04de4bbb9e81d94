//! Operators that choose, compute and order columns, and those that group rows.

mod choose;
mod extend;
mod group;

pub(super) use group::{count_call, group_step};

use super::naming::{self, Names};
use super::tabular::push;
use super::{Binder, aggregate};
use crate::bound::{
    AggregateCall, Answer, Column, Named, Rows, Scalar, ScalarKind, SortKey, Source, StepKind,
};
use crate::catalog::FunctionDeclaration;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{ColumnDeclaration, Direction, Expr, ExprKind, Literal, Name, Operator, Order};
use crate::types::ScalarType;

/// An item of `extend`, `project` or `print`: the name it was given, the one it suggests, and its value.
struct Item {
    given: Option<String>,
    suggested: Option<String>,
    value: Scalar,
    span: Span,
    /// It came with others out of one call, and `print` too names it after them.
    is_of_several: bool,
}

impl Binder<'_> {
    /// Binds items, telling all mistakes. Functions that give several columns become several items.
    fn items(&mut self, expressions: &[Expr]) -> Option<Vec<Item>> {
        let mut items = Vec::new();
        let mut failed = false;
        for expression in expressions {
            match self.item(expression) {
                Some(more) => items.extend(more),
                None => failed = true,
            }
        }
        (!failed).then_some(items)
    }

    fn item(&mut self, expression: &Expr) -> Option<Vec<Item>> {
        let (names, value): (&[Name], &Expr) = match &expression.kind {
            ExprKind::Named(names, value) => (names, value),
            ExprKind::Star => {
                let columns = self.row_columns();
                return Some(
                    columns
                        .into_iter()
                        .enumerate()
                        .map(|(at, column)| Item {
                            given: None,
                            suggested: Some(column.name.to_string()),
                            value: Scalar::column(at, column.kind, expression.span),
                            span: expression.span,
                            is_of_several: true,
                        })
                        .collect(),
                );
            }
            _ => (&[], expression),
        };
        let catalog = self.catalog;
        if let ExprKind::Call(call) = &value.kind
            && let Some(declaration) = catalog.function(&call.name.text)
            && !declaration.tuple.is_empty()
            && self.scope.find(&call.name.text).is_none()
        {
            return self.tuple(call, declaration, names);
        }
        if let ExprKind::Call(call) = &value.kind
            && matches!(call.name.text.as_str(), "array_sort_asc" | "array_sort_desc")
            && let Some(sorted) = self.sorted_together(call, names)
        {
            return sorted;
        }
        if matches!(value.kind, ExprKind::TypeOf(_)) {
            let diagnostic = Diagnostic::error(Code::SEM0009, value.span, "a type is no value");
            return self.tell(diagnostic.hint("`gettype(a)` tells the type of a value as a text"));
        }
        // What is wrong with the value itself comes first.
        let bound = self.scalar(value)?;
        if let [_, second, ..] = names {
            return self.error(Code::SEM0219, second.span, "this expression gives one value");
        }
        Some(vec![Item {
            given: names.first().map(|name| name.text.clone()),
            suggested: self.suggested(value),
            value: bound,
            span: expression.span,
            is_of_several: false,
        }])
    }

    /// A function that gives several columns: its value is an array, and each column an element of it.
    fn tuple(
        &mut self,
        call: &crate::syntax::Call,
        declaration: &FunctionDeclaration,
        names: &[Name],
    ) -> Option<Vec<Item>> {
        let arguments = self.arguments(&call.arguments)?;
        let (arguments, _) = self.resolve(&call.name.text, &declaration.signatures, arguments, call.span)?;
        self.literals_hold(declaration, &arguments)?;
        let whole =
            std::sync::Arc::new(self.call_of(declaration.name, arguments, ScalarType::Dynamic, call.span));
        let series = call
            .arguments
            .first()
            .and_then(naming::suggested)
            .unwrap_or_default();
        let mut items = Vec::new();
        for (at, (suffix, kind)) in declaration.tuple.iter().enumerate() {
            let element = self.element(&whole, at, call.span);
            let value = match kind {
                ScalarType::Dynamic => element,
                kind => self.call_of(&format!("to{}", kind.name()), vec![element], *kind, call.span),
            };
            items.push(Item {
                given: names.get(at).map(|name| name.text.clone()),
                suggested: Some(format!("{}_{series}{suffix}", call.name.text)),
                value,
                span: call.span,
                is_of_several: true,
            });
        }
        Some(items)
    }

    /// Arrays that are sorted together become a column each; none if it is only one.
    fn sorted_together(&mut self, call: &crate::syntax::Call, names: &[Name]) -> Option<Option<Vec<Item>>> {
        let arguments = self.arguments(&call.arguments)?;
        let arrays = arguments
            .iter()
            .filter(|argument| argument.gives == ScalarType::Dynamic)
            .count();
        if arrays < 2 {
            return None;
        }
        let catalog = self.catalog;
        let name = call.name.text.as_str();
        if let Some(declaration) = catalog.function(name)
            && self.constants_hold(name, declaration, &arguments).is_none()
        {
            return Some(None);
        }
        let whole =
            std::sync::Arc::new(self.call_of(&call.name.text, arguments, ScalarType::Dynamic, call.span));
        let items = call
            .arguments
            .iter()
            .take(arrays)
            .enumerate()
            .map(|(at, argument)| Item {
                given: names.get(at).map(|name| name.text.clone()),
                suggested: Some(naming::sorted(argument, at)),
                value: self.element(&whole, at, call.span),
                span: call.span,
                is_of_several: true,
            });
        Some(Some(items.collect()))
    }

    /// An element of an array that several columns come from.
    fn element(&self, whole: &std::sync::Arc<Scalar>, at: usize, span: Span) -> Scalar {
        let held = Scalar {
            kind: ScalarKind::Shared(whole.clone()),
            gives: ScalarType::Dynamic,
            span,
        };
        let place = i64::try_from(at).unwrap_or_default();
        let index = Scalar::literal(Literal::Long(Some(place)), ScalarType::Long, span);
        self.call_of("[]", vec![held, index], ScalarType::Dynamic, span)
    }

    /// A name that the query says, as its column has it.
    fn declare_column(&mut self, names: &mut Names, name: &str, span: Span) -> Option<String> {
        match names.declare(name) {
            Some(name) => Some(name),
            None => self.declared_twice(name, span),
        }
    }

    /// The name of a column: as given, as suggested, or as made up. A plain column says its own.
    fn name_of(
        &mut self,
        names: &mut Names,
        given: Option<String>,
        suggested: Option<String>,
        value: &Scalar,
        span: Span,
    ) -> Option<String> {
        let is_plain = matches!(value.kind, ScalarKind::Column(_));
        match (given, suggested) {
            (Some(given), _) => self.declare_column(names, &given, span),
            (None, Some(suggested)) if is_plain => self.declare_column(names, &suggested, span),
            (None, Some(suggested)) => Some(names.unique(&suggested)),
            (None, None) => Some(names.anonymous()),
        }
    }

    pub(super) fn declared_twice<T>(&mut self, name: &str, span: Span) -> Option<T> {
        self.error(Code::SEM0003, span, format!("there is a column `{name}` already"))
    }

    /// The columns of `print`: `print_0` and so on where no name is given.
    pub(super) fn print_items(&mut self, expressions: &[Expr]) -> Option<Vec<Named>> {
        let items = self.items(expressions)?;
        let mut names = Names::default();
        let mut named = Vec::new();
        for (at, item) in items.into_iter().enumerate() {
            let name = match item.given {
                Some(given) => self.declare_column(&mut names, &given, item.span)?,
                None => match item.suggested.filter(|_| item.is_of_several) {
                    Some(suggested) => names.unique(&suggested),
                    None => names.unique(&format!("print_{at}")),
                },
            };
            named.push(Named {
                name: name.into(),
                value: item.value,
            });
        }
        Some(named)
    }

    pub(super) fn project(&mut self, rows: &mut Rows, expressions: &[Expr], span: Span) -> Option<()> {
        let items = self.items(expressions)?;
        let mut outputs = Vec::new();
        let mut names = Names::default();
        for item in items {
            let name = self.name_of(&mut names, item.given, item.suggested, &item.value, item.span)?;
            outputs.push(Named {
                name: name.into(),
                value: item.value,
            });
        }
        project_step(rows, outputs, span);
        Some(())
    }

    pub(super) fn sort_key(&mut self, expression: &Expr) -> Option<SortKey> {
        let (value, order) = match &expression.kind {
            ExprKind::Ordered(value, order) => (value.as_ref(), *order),
            _ => (expression, Order::default()),
        };
        let value = match &value.kind {
            ExprKind::Named(_, inside) => inside,
            _ => value,
        };
        let bound = self.scalar(value)?;
        if bound.gives == ScalarType::Dynamic {
            let diagnostic = Diagnostic::error(Code::SEM0009, value.span, "dynamics cannot be put in order");
            return self.tell(diagnostic.hint("`tostring(...)` or `tolong(...)` says what is meant"));
        }
        let is_descending = order.direction != Some(Direction::Ascending);
        Some(SortKey {
            value: bound,
            is_descending,
            nulls_first: order.nulls_first.unwrap_or(!is_descending),
        })
    }

    pub(super) fn sort(&mut self, rows: &mut Rows, keys: &[Expr], span: Span) -> Option<()> {
        let bound: Vec<Option<SortKey>> = keys.iter().map(|key| self.sort_key(key)).collect();
        let keys = bound.into_iter().collect::<Option<Vec<_>>>()?;
        push(rows, StepKind::Sort(keys), None, span);
        rows.is_serialized = true;
        Some(())
    }

    pub(super) fn top(&mut self, rows: &mut Rows, count: &Expr, key: &Expr, span: Span) -> Option<()> {
        let count = self.count_of(count)?;
        let key = self.sort_key(key)?;
        push(rows, StepKind::Top(count, key), None, span);
        rows.is_serialized = true;
        Some(())
    }

    pub(super) fn get_schema(&mut self, rows: &mut Rows, operator: &Operator) -> Option<()> {
        let span = operator.span;
        let text = |value: &str| Scalar::literal(Literal::String(value.to_owned()), ScalarType::String, span);
        if let Some(kind) = operator.properties.iter().find(|held| held.name.text == "kind") {
            let asked = self.property_text(&kind.value)?;
            if asked != "csl" {
                return self.unsupported(kind.name.span, &format!("the kind `{asked}` of `getschema`"));
            }
            let columns = vec![Column::new("Schema", ScalarType::String)];
            let cells = vec![vec![text(&naming::schema_text(rows.columns()))]];
            *rows = Rows::new(Source::Literal(cells), columns);
            rows.is_serialized = true;
            return Some(());
        }
        let cells = rows
            .columns()
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let place = i32::try_from(at).unwrap_or_default();
                vec![
                    text(&column.name),
                    Scalar::literal(Literal::Int(Some(place)), ScalarType::Int, span),
                    text(column.kind.dotnet_name()),
                    text(column.kind.name()),
                ]
            })
            .collect();
        let columns = vec![
            Column::new("ColumnName", ScalarType::String),
            Column::new("ColumnOrdinal", ScalarType::Int),
            Column::new("DataType", ScalarType::String),
            Column::new("ColumnType", ScalarType::String),
        ];
        *rows = Rows::new(Source::Literal(cells), columns);
        rows.is_serialized = true;
        Some(())
    }

    pub(super) fn assert_schema(
        &mut self,
        rows: &Rows,
        declared: &[ColumnDeclaration],
        span: Span,
    ) -> Option<()> {
        let declared = self.declared_columns(declared)?;
        if rows.columns() == declared.as_slice() || rows.is_open {
            return Some(());
        }
        let shown: Vec<String> = rows
            .columns()
            .iter()
            .map(|column| format!("{}: {}", column.name, column.kind))
            .collect();
        let diagnostic =
            Diagnostic::error(Code::SEM0009, span, "the columns are not those that are asserted");
        self.tell(diagnostic.hint(format!("they are {}", shown.join(", "))))
    }

    pub(super) fn fork(&mut self, rows: &Rows, forks: &[(Option<Name>, Expr)]) -> Option<()> {
        for (name, fork) in forks {
            let ExprKind::Pipe(pipeline) = &fork.kind else {
                continue;
            };
            let forked = self.subquery(pipeline, rows.clone())?;
            self.answers.push(Answer {
                name: name.as_ref().map(|name| name.text.clone()),
                rows: forked,
                rendering: None,
            });
        }
        Some(())
    }

    pub(super) fn facet(&mut self, rows: &Rows, columns: &[Expr], with: Option<&Expr>) -> Option<()> {
        for column in columns {
            let mut counted = rows.clone();
            self.grouped(&mut counted, &[], std::slice::from_ref(column), column.span, true)?;
            let mut outputs = identity(counted.columns(), column.span);
            if let [group, count, ..] = outputs.as_mut_slice() {
                count.name = format!("count_{}", group.name).into();
            }
            project_step(&mut counted, outputs, column.span);
            self.answers.push(Answer {
                name: naming::suggested(column).map(|name| format!("facet_{name}")),
                rows: counted,
                rendering: None,
            });
        }
        if let Some(with) = with
            && let ExprKind::Pipe(pipeline) = &with.kind
        {
            let rows = self.subquery(pipeline, rows.clone())?;
            self.answers.push(Answer {
                name: None,
                rows,
                rendering: None,
            });
        }
        Some(())
    }

    /// Binds an expression in which aggregates may stand; their calls are added to the list, and stand for the columns
    /// from `offset` on.
    pub(super) fn with_aggregates(
        &mut self,
        expression: &Expr,
        calls: &mut Calls,
        offset: usize,
    ) -> Option<Scalar> {
        let before = self.aggregating.replace(super::Aggregating {
            row: self.row.clone(),
            calls: std::mem::take(calls),
            offset,
        });
        let bound = self.in_row(None, |binder| binder.scalar(expression));
        if let Some(aggregating) = std::mem::replace(&mut self.aggregating, before) {
            *calls = aggregating.calls;
        }
        bound
    }

    /// An aggregate inside of an expression: it stands for a column that the grouping gives.
    pub(super) fn aggregate_in_expression(&mut self, call: &crate::syntax::Call) -> Option<Scalar> {
        let mut aggregating = self.aggregating.take()?;
        let row = aggregating.row.clone();
        let bound = self.in_row(row, |binder| binder.aggregate_call(call));
        let place = aggregating.offset + aggregating.calls.width;
        let result = bound.and_then(|bound| {
            let gives = bound.columns.first()?.kind;
            aggregating.calls.push(bound);
            Some(Scalar::column(place, gives, call.span))
        });
        self.aggregating = Some(aggregating);
        result
    }

    pub(super) fn is_aggregate_here(&self, name: &str) -> bool {
        self.aggregating.is_some() && aggregate::is_aggregate(name) && self.scope.find(name).is_none()
    }
}

/// Calls of aggregates, and how many columns they give together.
#[derive(Default)]
pub(super) struct Calls {
    pub(super) held: Vec<AggregateCall>,
    pub(super) width: usize,
}

impl Calls {
    pub(super) fn push(&mut self, call: AggregateCall) {
        self.width += call.columns.len();
        self.held.push(call);
    }
}

/// All columns as they are.
pub(super) fn identity(columns: &[Column], span: Span) -> Vec<Named> {
    columns
        .iter()
        .enumerate()
        .map(|(at, column)| Named {
            name: column.name.clone(),
            value: Scalar::column(at, column.kind, span),
        })
        .collect()
}

/// A step that makes these columns.
pub(super) fn project_step(rows: &mut Rows, outputs: Vec<Named>, span: Span) {
    let columns = outputs
        .iter()
        .map(|output| Column::new(output.name.clone(), output.value.gives))
        .collect();
    push(rows, StepKind::Project(outputs), Some(columns), span);
}

/// A step that gives columns by their places.
pub(super) fn take_places(rows: &mut Rows, places: &[usize], span: Span) {
    let all = identity(rows.columns(), span);
    let outputs = places.iter().filter_map(|at| all.get(*at).cloned()).collect();
    project_step(rows, outputs, span);
}
