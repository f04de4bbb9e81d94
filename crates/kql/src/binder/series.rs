//! `make-series`.

use super::Binder;
use super::columns::{Calls, group_step, identity, project_step};
use super::naming::{self, Names};
use super::tabular::push;
use crate::bound::{Column, HIDDEN, MakeSeries, Named, Rows, Scalar, ScalarKind, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Expr, ExprKind, MakeSeries as Written, Name, Operator};
use crate::types::ScalarType;

impl Binder<'_> {
    /// Rows are grouped by the place of the axis that they belong to, as `summarize` does, and then the groups are set
    /// side by side.
    pub(super) fn make_series(
        &mut self,
        rows: &mut Rows,
        series: &Written,
        operator: &Operator,
    ) -> Option<()> {
        let is_nonempty = self.series_kind(operator)?;
        let mut names = Names::default();
        let by = self.groups(&series.by, &mut names)?;
        let offset = by.len() + 1;
        let mut calls = Calls::default();
        let mut outputs = Vec::new();
        let mut defaults = Vec::new();
        for (written, default) in &series.aggregates {
            let default = self.constant_of(default.as_ref())?;
            for output in self.one_series(written, &mut calls, offset, &mut names)? {
                outputs.push(output);
                defaults.push(default.clone());
            }
        }
        let axis = self.axis(&series.axis, &mut names)?;
        let from = self.constant_of(series.range.from.as_ref())?;
        let to = self.constant_of(series.range.to.as_ref())?;
        let Some(step) = self.constant_of(series.range.step.as_ref())? else {
            return self.error(Code::SEM0219, operator.keyword, "`make-series` needs a `step`");
        };
        self.axis_fits(&axis, [&from, &to], &step)?;

        // An axis that includes its end begins at a multiple of its step, like one that begins with the first value.
        let point = from.clone().filter(|_| !series.range.is_in_range);
        let place = Named {
            name: format!("{HIDDEN}axis").into(),
            value: self.place_on(&axis, &step, point)?,
        };
        let keys = by.len();
        let gives = place.value.gives;
        group_step(
            rows,
            by.into_iter().chain([place]).collect(),
            calls,
            operator.span,
        );
        let mut all = identity(rows.columns().get(..keys).unwrap_or_default(), operator.span);
        all.extend(outputs);
        all.push(Named {
            name: axis.name,
            value: Scalar::column(keys, gives, operator.span),
        });
        project_step(rows, all, operator.span);
        let mut columns = rows.columns().to_vec();
        for column in columns.iter_mut().skip(keys) {
            column.kind = ScalarType::Dynamic;
        }
        let step = MakeSeries {
            keys,
            defaults,
            from,
            to,
            step,
            includes_end: series.range.is_in_range,
            is_nonempty,
        };
        push(rows, StepKind::MakeSeries(step), Some(columns), operator.span);
        rows.is_serialized = false;
        Some(())
    }

    /// What holds for all rows, if it is given.
    fn constant_of(&mut self, written: Option<&Expr>) -> Option<Option<Scalar>> {
        match written {
            Some(written) => self.in_row(None, |binder| binder.scalar(written)).map(Some),
            None => Some(None),
        }
    }

    /// True for `kind=nonempty`, the only kind there is.
    fn series_kind(&mut self, operator: &Operator) -> Option<bool> {
        let mut is_nonempty = false;
        for property in &operator.properties {
            let text = self.property_text(&property.value)?;
            if property.name.text == "kind" && text != "nonempty" {
                let message = format!("`make-series` is of kind nonempty or of none, and not `{text}`");
                return self.error(Code::SEM0219, property.name.span, message);
            }
            is_nonempty |= property.name.text == "kind";
        }
        Some(is_nonempty)
    }

    /// The place of a row on the axis: a multiple of the step, counted from a point.
    fn place_on(&mut self, axis: &Named, step: &Scalar, point: Option<Scalar>) -> Option<Scalar> {
        let span = axis.value.span;
        let name = if point.is_some() { "bin_at" } else { "bin" };
        let mut arguments = vec![axis.value.clone(), step.clone()];
        arguments.extend(point);
        let catalog = self.catalog;
        let (arguments, gives) = match catalog.function(name) {
            Some(declaration) => self.resolve(name, &declaration.signatures, arguments, span)?,
            None => (arguments, axis.value.gives),
        };
        Some(self.call_of(name, arguments, gives, span))
    }

    /// The bounds and steps must be of the axis' type.
    fn axis_fits(&mut self, axis: &Named, ends: [&Option<Scalar>; 2], step: &Scalar) -> Option<()> {
        let is_time = matches!(axis.value.gives, ScalarType::Datetime | ScalarType::Timespan);
        let step_fits = if is_time {
            step.gives == ScalarType::Timespan
        } else {
            reaches(step.gives, axis.value.gives)
        };
        if !step_fits {
            let message = format!(
                "an axis of type {} has no steps of type {}",
                axis.value.gives, step.gives
            );
            let hint = match axis.value.gives {
                ScalarType::Datetime | ScalarType::Timespan => {
                    "a step of time is such as `step 1h`".to_owned()
                }
                ScalarType::Int => format!("`on tolong({})` makes longs of it", axis.name),
                _ => format!("`on toreal({})` makes reals of it", axis.name),
            };
            return self.tell(Diagnostic::error(Code::SEM0219, step.span, message).hint(hint));
        }
        for end in ends.into_iter().flatten() {
            if end.gives != axis.value.gives && !reaches(end.gives, axis.value.gives) {
                let message = format!(
                    "the axis is of type {}, and this is of type {}",
                    axis.value.gives, end.gives
                );
                return self.error(Code::SEM0219, end.span, message);
            }
        }
        Some(())
    }

    /// One series: an aggregate, or an expression of one. An aggregate of several columns makes a series of each.
    fn one_series(
        &mut self,
        written: &Expr,
        calls: &mut Calls,
        offset: usize,
        names: &mut Names,
    ) -> Option<Vec<Named>> {
        let (given, value): (&[Name], &Expr) = match &written.kind {
            ExprKind::Named(given, value) => (given, value),
            _ => (&[], written),
        };
        let (known, start) = (calls.held.len(), offset + calls.width);
        let bound = self.with_aggregates(value, calls, offset)?;
        let columns = match calls.held.get(known..).unwrap_or_default() {
            [] => Vec::new(),
            [call] if matches!(bound.kind, ScalarKind::Column(at) if at == start) => call.columns.clone(),
            [_] => Vec::new(),
            _ => return self.place_error(written.span, "a series is an expression of one aggregate"),
        };
        if columns.len() > 1 {
            return self.several_series(&columns, start, given, names, written.span);
        }
        if let [_, second, ..] = given {
            return self.error(Code::SEM0219, second.span, "this expression gives one series");
        }
        let given = given.first().map(|name| name.text.clone());
        let name = match given.or_else(|| self.suggested(value)) {
            Some(name) => names.unique(&name),
            None => names.anonymous(),
        };
        Some(vec![Named {
            name: name.into(),
            value: bound,
        }])
    }

    fn several_series(
        &mut self,
        columns: &[Column],
        start: usize,
        given: &[Name],
        names: &mut Names,
        span: Span,
    ) -> Option<Vec<Named>> {
        if let Some(more) = given.get(columns.len()) {
            let message = format!("there is no series for the name `{}`", more.text);
            return self.error(Code::SEM0219, more.span, message);
        }
        let series = columns.iter().enumerate().map(|(at, column)| {
            let name = match given.get(at) {
                Some(given) => names.unique(&given.text),
                None if column.name.is_empty() => names.anonymous(),
                None => names.unique(&column.name),
            };
            Named {
                name: name.into(),
                value: Scalar::column(start + at, column.kind, span),
            }
        });
        Some(series.collect())
    }

    fn axis(&mut self, written: &Expr, names: &mut Names) -> Option<Named> {
        let (given, value): (Option<String>, &Expr) = match &written.kind {
            ExprKind::Named(given, value) => (given.first().map(|name| name.text.clone()), value),
            _ => (None, written),
        };
        let bound = self.scalar(value)?;
        if !bound.gives.is_summable() {
            let message = format!(
                "an axis is of numbers or times, and this is of type {}",
                bound.gives
            );
            return self.error(Code::SEM0219, value.span, message);
        }
        let name = match given.or_else(|| naming::suggested(value)) {
            Some(name) => names.unique(&name),
            None => names.anonymous(),
        };
        Some(Named {
            name: name.into(),
            value: bound,
        })
    }
}

/// True if numbers of a type can be places or steps of an axis of the other. An axis of ints has none, as with Kusto.
fn reaches(kind: ScalarType, axis: ScalarType) -> bool {
    let is_wide_enough = match axis {
        ScalarType::Long => kind.is_integer(),
        ScalarType::Real => matches!(kind, ScalarType::Int | ScalarType::Long | ScalarType::Real),
        ScalarType::Decimal => kind.is_number(),
        _ => false,
    };
    kind.is_number() && is_wide_enough
}
