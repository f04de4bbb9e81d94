//! `make-series`.

use super::Binder;
use super::naming::{self, Names};
use super::tabular::push;
use crate::bound::{AggregateCall, Column, MakeSeries, Named, Rows, Scalar, SeriesAggregate, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::{Expr, ExprKind, MakeSeries as Written, Operator};
use crate::types::ScalarType;

impl Binder<'_> {
    pub(super) fn make_series(
        &mut self,
        rows: &mut Rows,
        series: &Written,
        operator: &Operator,
    ) -> Option<()> {
        let mut is_nonempty = false;
        for property in &operator.properties {
            let text = self.property_text(&property.value)?;
            is_nonempty |= property.name.text == "kind" && text == "nonempty";
        }
        let mut names = Names::default();
        let by = self.groups(&series.by, &mut names)?;
        let mut columns: Vec<Column> = by
            .iter()
            .map(|group| Column::new(group.name.clone(), group.value.gives))
            .collect();
        let mut aggregates = Vec::new();
        for (written, default) in &series.aggregates {
            let ((call, value), name) = self.one_series(written, &mut names)?;
            let default = match default {
                Some(default) => Some(self.in_row(None, |binder| binder.scalar(default))?),
                None => None,
            };
            columns.push(Column::new(name, ScalarType::Dynamic));
            aggregates.push(SeriesAggregate { call, value, default });
        }
        let axis = self.axis(&series.axis, &mut names)?;
        columns.push(Column::new(axis.name.clone(), ScalarType::Dynamic));
        let bound = |binder: &mut Self, written: &Option<Expr>| match written {
            Some(written) => binder.in_row(None, |binder| binder.scalar(written)).map(Some),
            None => Some(None),
        };
        let from = bound(self, &series.range.from)?;
        let to = bound(self, &series.range.to)?;
        let Some(step) = bound(self, &series.range.step)? else {
            return self.error(Code::SEM0219, operator.keyword, "`make-series` needs a `step`");
        };
        self.axis_fits(&axis, [&from, &to], &step)?;
        let step = MakeSeries {
            by,
            aggregates,
            axis,
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

    /// The bounds and steps must be of the axis' type.
    fn axis_fits(&mut self, axis: &Named, ends: [&Option<Scalar>; 2], step: &Scalar) -> Option<()> {
        let is_time = matches!(axis.value.gives, ScalarType::Datetime | ScalarType::Timespan);
        let step_fits = if is_time {
            step.gives == ScalarType::Timespan
        } else {
            step.gives.is_number()
        };
        if !step_fits {
            let message = format!(
                "an axis of type {} has no steps of type {}",
                axis.value.gives, step.gives
            );
            let diagnostic = Diagnostic::error(Code::SEM0219, step.span, message);
            return self.tell(diagnostic.hint("as in `on TimeGenerated step 1h`"));
        }
        for end in ends.into_iter().flatten() {
            let fits =
                end.gives == axis.value.gives || (end.gives.is_number() && axis.value.gives.is_number());
            if !fits {
                let message = format!(
                    "the axis is of type {}, and this is of type {}",
                    axis.value.gives, end.gives
                );
                return self.error(Code::SEM0219, end.span, message);
            }
        }
        Some(())
    }

    /// One series: an aggregate, or an expression of one.
    fn one_series(
        &mut self,
        written: &Expr,
        names: &mut Names,
    ) -> Option<((Option<AggregateCall>, Scalar), String)> {
        let (given, value): (Option<String>, &Expr) = match &written.kind {
            ExprKind::Named(given, value) => (given.first().map(|name| name.text.clone()), value),
            _ => (None, written),
        };
        let mut calls = Vec::new();
        let bound = self.with_aggregates(value, &mut calls, 0)?;
        let call = calls.pop();
        if !calls.is_empty() {
            return self.place_error(written.span, "a series is an expression of one aggregate");
        }
        let name = match given.or_else(|| self.suggested(value)) {
            Some(name) => names.unique(&name),
            None => names.anonymous(),
        };
        Some(((call, bound), name))
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
