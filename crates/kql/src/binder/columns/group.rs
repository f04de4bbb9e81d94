//! Operators that group rows: `summarize`, `distinct`, `count`, `top-hitters`, `top-nested`.

use super::{Calls, Item, identity, project_step};
use crate::binder::naming::{self, Names};
use crate::binder::tabular::push;
use crate::binder::{Binder, aggregate};
use crate::bound::{
    AggregateCall, Column, HIDDEN, Named, Rows, Scalar, ScalarKind, SortKey, StepKind, TopNestedLevel,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Direction, Expr, ExprKind, Name, Order, Summarize, TopHitters, TopNested};
use crate::types::ScalarType;

impl Binder<'_> {
    pub(in crate::binder) fn summarize(
        &mut self,
        rows: &mut Rows,
        summarize: &Summarize,
        span: Span,
    ) -> Option<()> {
        if summarize.aggregates.is_empty() && summarize.by.is_empty() {
            // Kusto gives nothing at all.
            push(rows, StepKind::Project(Vec::new()), Some(Vec::new()), span);
            return Some(());
        }
        self.grouped(rows, &summarize.aggregates, &summarize.by, span, false)
    }

    /// The groups: their names, and values that can be told apart.
    pub(in crate::binder) fn groups(&mut self, by: &[Expr], names: &mut Names) -> Option<Vec<Named>> {
        let items = self.items(by)?;
        let mut groups = Vec::new();
        for Item {
            given,
            suggested,
            value,
            span,
            ..
        } in items
        {
            if value.gives == ScalarType::Dynamic {
                let diagnostic =
                    Diagnostic::error(Code::SEM0009, span, "rows cannot be grouped by a dynamic");
                return self.tell(diagnostic.hint("`tostring(...)` or `tolong(...)` says what is meant"));
            }
            if let Some(window) = value.has_window().then_some(value.span) {
                return self.place_error(window, "functions over neighbouring rows cannot stand in groups");
            }
            let name = self.name_of(names, given, suggested, &value, span)?;
            groups.push(Named {
                name: name.into(),
                value,
            });
        }
        Some(groups)
    }

    pub(in crate::binder) fn grouped(
        &mut self,
        rows: &mut Rows,
        aggregates: &[Expr],
        by: &[Expr],
        span: Span,
        counts: bool,
    ) -> Option<()> {
        let mut names = Names::default();
        let groups = self.groups(by, &mut names);
        let plain = groups
            .iter()
            .flatten()
            .filter_map(|group| match group.value.kind {
                ScalarKind::Column(at) => Some(at),
                _ => None,
            });
        let plain: Vec<usize> = plain.collect();
        let mut calls = Calls::default();
        let offset = groups.as_ref().map_or(0, Vec::len);
        let mut outputs: Vec<Named> = Vec::new();
        let mut failed = groups.is_none();
        for aggregate in aggregates {
            match self.summarized(aggregate, &mut calls, offset, &mut names, &plain) {
                Some(more) => outputs.extend(more),
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        let groups = groups?;
        if counts {
            let call = count_call(names.unique("count_"));
            outputs.push(Named {
                name: call.columns.first()?.name.clone(),
                value: Scalar::column(offset, ScalarType::Long, span),
            });
            calls.push(call);
        }
        group_step(rows, groups, calls, span);
        let mut all = identity(rows.columns().get(..offset).unwrap_or_default(), span);
        all.extend(outputs);
        project_step(rows, all, span);
        rows.is_serialized = false;
        Some(())
    }

    /// One item of `summarize`: the columns that it gives.
    fn summarized(
        &mut self,
        item: &Expr,
        calls: &mut Calls,
        offset: usize,
        names: &mut Names,
        groups: &[usize],
    ) -> Option<Vec<Named>> {
        let (given, value): (Vec<Name>, &Expr) = match &item.kind {
            ExprKind::Named(given, value) => (given.clone(), value),
            _ => (Vec::new(), item),
        };
        if let ExprKind::Call(call) = &value.kind
            && aggregate::is_aggregate(&call.name.text)
            && self.scope.find(&call.name.text).is_none()
        {
            let mut bound = self.aggregate_call(call)?;
            if call
                .arguments
                .iter()
                .any(|argument| matches!(argument.kind, ExprKind::Star))
            {
                drop_groups(&mut bound, groups);
            }
            // What `arg_max` maximises is named after the maximum where it has no name of its own.
            let start = offset + calls.width;
            if let Some(more) = given.get(bound.columns.len()) {
                let message = format!("there is no column for the name `{}`", more.text);
                return self.error(Code::SEM0219, item.span, message);
            }
            for (at, column) in bound.columns.iter_mut().enumerate() {
                let name = match given.get(at) {
                    Some(given) => self.declare_column(names, &given.text, given.span)?,
                    None if column.name.is_empty() => names.anonymous(),
                    None => names.unique(&column.name),
                };
                column.name = name.into();
            }
            let outputs = bound
                .columns
                .iter()
                .enumerate()
                .map(|(at, column)| Named {
                    name: column.name.clone(),
                    value: Scalar::column(start + at, column.kind, item.span),
                })
                .collect();
            calls.push(bound);
            return Some(outputs);
        }
        let bound = self.with_aggregates(value, calls, offset)?;
        let name = match given.first() {
            Some(given) => self.declare_column(names, &given.text, given.span)?,
            None => match self.suggested(value) {
                Some(suggested) => names.unique(&suggested),
                None => names.anonymous(),
            },
        };
        Some(vec![Named {
            name: name.into(),
            value: bound,
        }])
    }

    pub(in crate::binder) fn distinct(&mut self, rows: &mut Rows, items: &[Expr], span: Span) -> Option<()> {
        self.grouped(rows, &[], items, span, false)
    }

    pub(in crate::binder) fn count(
        &mut self,
        rows: &mut Rows,
        name: Option<&Name>,
        span: Span,
    ) -> Option<()> {
        let name = name.map_or("Count", |name| &name.text);
        let columns = vec![Column::new(name, ScalarType::Long)];
        let call = count_call(name.to_owned());
        push(
            rows,
            StepKind::Summarize(Vec::new(), vec![call]),
            Some(columns),
            span,
        );
        rows.is_serialized = false;
        Some(())
    }

    pub(in crate::binder) fn sample_distinct(
        &mut self,
        rows: &mut Rows,
        count: &Expr,
        of: &Expr,
        span: Span,
    ) -> Option<()> {
        let count = self.count_of(count)?;
        self.grouped(rows, &[], std::slice::from_ref(of), span, false)?;
        push(rows, StepKind::Take(count), None, span);
        Some(())
    }

    /// `top-hitters n of a by b`: exactly, where Kusto comes near.
    pub(in crate::binder) fn top_hitters(
        &mut self,
        rows: &mut Rows,
        hitters: &TopHitters,
        span: Span,
    ) -> Option<()> {
        let count = self.count_of(&hitters.count)?;
        let mut names = Names::default();
        let groups = self.groups(std::slice::from_ref(&hitters.of), &mut names)?;
        let group = groups.first()?.clone();
        let (call, name) = match &hitters.by {
            None => (
                count_call(String::new()),
                format!("approximate_count_{}", group.name),
            ),
            Some(by) => {
                let value = self.scalar(by)?;
                if !value.gives.is_number() {
                    return self.error(Code::SEM0219, by.span, "`top-hitters` adds up numbers");
                }
                let gives = value.gives;
                let name = format!("approximate_sum_{}", naming::suggested(by).unwrap_or_default());
                let call = AggregateCall {
                    function: "sum".to_owned(),
                    arguments: vec![value],
                    columns: vec![Column::new("", gives)],
                };
                (call, name)
            }
        };
        let gives = call.columns.first()?.kind;
        let name = names.unique(&name);
        let columns = vec![
            Column::new(group.name.clone(), group.value.gives),
            Column::new(name.as_str(), gives),
        ];
        let call = AggregateCall {
            columns: vec![Column::new(name, gives)],
            ..call
        };
        push(rows, StepKind::Summarize(groups, vec![call]), Some(columns), span);
        let key = |at, kind| SortKey {
            value: Scalar::column(at, kind, span),
            is_descending: true,
            nulls_first: false,
        };
        let keys = vec![key(1, gives), key(0, group.value.gives)];
        push(rows, StepKind::Sort(keys), None, span);
        push(rows, StepKind::Take(count), None, span);
        rows.is_serialized = true;
        Some(())
    }

    pub(in crate::binder) fn top_nested(
        &mut self,
        rows: &mut Rows,
        levels: &[TopNested],
        span: Span,
    ) -> Option<()> {
        let mut names = Names::default();
        let mut bound = Vec::new();
        let mut columns = Vec::new();
        for level in levels {
            let count = match &level.count {
                Some(count) => Some(self.count_of(count)?),
                None => None,
            };
            let of = self
                .groups(std::slice::from_ref(&level.of), &mut names)?
                .into_iter()
                .next()?;
            let others = match &level.others {
                Some(others) => Some(self.scalar(others)?),
                None => None,
            };
            let (by, order) = match &level.by.kind {
                ExprKind::Ordered(by, order) => (by.as_ref(), *order),
                _ => (&level.by, Order::default()),
            };
            let (given, by) = match &by.kind {
                ExprKind::Named(given, by) => (given.first().map(|name| name.text.clone()), by.as_ref()),
                _ => (None, by),
            };
            let mut calls = Calls::default();
            let value = self.with_aggregates(by, &mut calls, 0)?;
            let calls = calls.held;
            if calls.is_empty() {
                return self.place_error(level.by.span, "`top-nested` orders by what is aggregated");
            }
            let name = given.unwrap_or_else(|| format!("aggregated_{}", of.name));
            let name = names.unique(&name);
            columns.push(Column::new(of.name.clone(), of.value.gives));
            columns.push(Column::new(name, value.gives));
            bound.push(TopNestedLevel {
                count,
                of,
                others,
                by: calls,
                value,
                is_ascending: order.direction == Some(Direction::Ascending),
            });
        }
        push(rows, StepKind::TopNested(bound), Some(columns), span);
        rows.is_serialized = false;
        Some(())
    }
}

/// A count of all rows.
pub(in crate::binder) fn count_call(name: String) -> AggregateCall {
    AggregateCall {
        function: "count".to_owned(),
        arguments: Vec::new(),
        columns: vec![Column::new(name, ScalarType::Long)],
    }
}

/// A step that groups rows. What the aggregates give has names that no query sees; the step behind it gives those.
pub(in crate::binder) fn group_step(rows: &mut Rows, groups: Vec<Named>, calls: Calls, span: Span) {
    let mut columns: Vec<Column> = groups
        .iter()
        .map(|group| Column::new(group.name.clone(), group.value.gives))
        .collect();
    let mut calls = calls.held;
    let aggregated = calls.iter_mut().flat_map(|call| call.columns.iter_mut());
    for (at, column) in aggregated.enumerate() {
        column.name = format!("{HIDDEN}{at}").into();
        columns.push(column.clone());
    }
    push(rows, StepKind::Summarize(groups, calls), Some(columns), span);
}

/// `*` in `arg_max(t, *)` leaves out the columns that rows are grouped by. What is maximised stays.
fn drop_groups(call: &mut AggregateCall, groups: &[usize]) {
    let first = usize::from(call.function != "take_any");
    let stays: Vec<bool> = call
        .arguments
        .iter()
        .enumerate()
        .map(|(at, argument)| match argument.kind {
            ScalarKind::Column(place) => at < first || !groups.contains(&place),
            _ => true,
        })
        .collect();
    let mut flags = stays.iter();
    call.columns.retain(|_| flags.next().copied().unwrap_or(true));
    let mut flags = stays.iter();
    call.arguments.retain(|_| flags.next().copied().unwrap_or(true));
}
