//! Plugins over rows near each other, over schemas and over sequences.

use super::timeline::is_constant;
use crate::binder::Binder;
use crate::bound::{Column, PluginCall, Rows, Scalar, ScalarKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Call, Expr, ExprKind, Literal};
use crate::types::ScalarType;

/// A sequence has so many conditions at most: each is tried behind the one before.
const CONDITIONS_MAX: usize = 64;

impl Binder<'_> {
    /// `rows_near(condition, before, [after])`.
    pub(super) fn rows_near(&mut self, rows: &mut Rows, call: &Call, span: Span) -> Option<()> {
        let [condition, before, after @ ..] = call.arguments.as_slice() else {
            let message = "`rows_near` takes a condition and a number of rows";
            return self.error(Code::SEM0219, call.span, message);
        };
        if !rows.is_serialized {
            let diagnostic = Diagnostic::error(
                Code::SEM0019,
                call.name.span,
                "`rows_near` needs rows in an order, and these have none",
            );
            return self.tell(diagnostic.hint("put `sort by ...` or `serialize` before it"));
        }
        if after.len() > 1 {
            return self.error(
                Code::SEM0219,
                call.span,
                "`rows_near` takes three arguments at most",
            );
        }
        let condition = self.condition(condition)?;
        let after = self.count_of(after.first().unwrap_or(before))?;
        let before = self.count_of(before)?;
        let columns = rows.columns().to_vec();
        let plugin = plugin("rows_near", vec![condition, before, after]);
        self.plugin_step(rows, plugin, columns, false, span);
        rows.is_serialized = true;
        Some(())
    }

    /// `schema_merge([PreserveOrder])`.
    pub(super) fn schema_merge(&mut self, rows: &mut Rows, call: &Call, span: Span) -> Option<()> {
        let preserves = match call.arguments.as_slice() {
            [] => Scalar::literal(Literal::Bool(Some(true)), ScalarType::Bool, call.span),
            [only] => {
                let value: &Expr = match &only.kind {
                    ExprKind::Named(names, value)
                        if names.first().is_some_and(|name| name.text == "PreserveOrder") =>
                    {
                        value
                    }
                    _ => only,
                };
                self.in_row(None, |binder| binder.condition(value))?
            }
            _ => {
                return self.error(
                    Code::SEM0219,
                    call.span,
                    "`schema_merge` takes one argument at most",
                );
            }
        };
        let mut arguments = Vec::new();
        for name in ["ColumnName", "ColumnOrdinal", "ColumnType"] {
            let Some((at, column)) = self.find_column(name) else {
                let message =
                    format!("`schema_merge` takes what `getschema` gives, and there is no column `{name}`");
                return self.error(Code::SEM0100, call.span, message);
            };
            arguments.push(Scalar::column(at, column.kind, call.span));
        }
        arguments.push(preserves);
        let columns = vec![
            Column::new("ColumnName", ScalarType::String),
            Column::new("ColumnOrdinal", ScalarType::Long),
            Column::new("DataType", ScalarType::String),
            Column::new("ColumnType", ScalarType::String),
        ];
        self.plugin_step(rows, plugin("schema_merge", arguments), columns, false, span);
        Some(())
    }

    /// `dcount_intersect(hll, hll, ...)`.
    pub(super) fn dcount_intersect(&mut self, rows: &mut Rows, call: &Call, span: Span) -> Option<()> {
        let arguments = self.arguments(&call.arguments)?;
        if !(2..=16).contains(&arguments.len()) {
            return self.error(
                Code::SEM0219,
                call.span,
                "`dcount_intersect` takes 2 to 16 results of `hll`",
            );
        }
        if let Some(other) = arguments
            .iter()
            .find(|argument| argument.gives != ScalarType::Dynamic)
        {
            let message = format!(
                "`dcount_intersect` takes what `hll` gives, and this is of type {}",
                other.gives
            );
            return self.error(Code::SEM0219, other.span, message);
        }
        let mut columns = rows.columns().to_vec();
        columns.extend((0..arguments.len()).map(|at| Column::new(format!("s{at}"), ScalarType::Long)));
        let plugin = plugin("dcount_intersect", arguments);
        self.plugin_step(rows, plugin, super::unique(columns), false, span);
        Some(())
    }

    /// `sequence_detect(timeline, step, span, name = condition..., dimensions...)`.
    pub(super) fn sequence_detect(&mut self, rows: &mut Rows, call: &Call, span: Span) -> Option<()> {
        let [timeline, step, longest, more @ ..] = call.arguments.as_slice() else {
            let message = "`sequence_detect` takes a timeline, two windows and conditions";
            return self.error(Code::SEM0219, call.span, message);
        };
        let mut arguments = self.arguments(&[timeline.clone(), step.clone(), longest.clone()])?;
        let timeline = self.timeline_of(arguments.first()?)?;
        let mut moments = Vec::new();
        let mut dimensions = Vec::new();
        for (number, written) in more.iter().enumerate() {
            let (given, value): (Option<String>, &Expr) = match &written.kind {
                ExprKind::Named(names, value) => (names.first().map(|name| name.text.clone()), value),
                _ => (None, written),
            };
            let bound = self.scalar(value)?;
            let name = given.clone().or_else(|| crate::binder::naming::suggested(value));
            if bound.gives == ScalarType::Bool && !matches!(bound.kind, ScalarKind::Column(_)) {
                if !dimensions.is_empty() {
                    return self.place_error(written.span, "the conditions stand before the dimensions");
                }
                let name = name.unwrap_or_else(|| format!("Column{}", number + 1));
                moments.push(Column::new(format!("{name}_{}", timeline.name), timeline.kind));
            } else {
                let name = name.unwrap_or_else(|| format!("Column{}", number + 1));
                dimensions.push(Column::new(name, bound.gives));
            }
            arguments.push(bound);
        }
        if moments.len() > CONDITIONS_MAX {
            let message = format!("`sequence_detect` takes {CONDITIONS_MAX} conditions at most");
            return self.error(Code::SEM0219, call.span, message);
        }
        if moments.is_empty() {
            return self.error(
                Code::SEM0219,
                call.span,
                "`sequence_detect` takes at least one condition",
            );
        }
        let duration = match timeline.kind {
            ScalarType::Datetime | ScalarType::Timespan => ScalarType::Timespan,
            _ => ScalarType::Long,
        };
        let mut columns = dimensions;
        columns.extend(moments);
        columns.push(Column::new("Duration", duration));
        let plugin = plugin("sequence_detect", arguments);
        self.plugin_step(rows, plugin, super::unique(columns), false, span);
        Some(())
    }

    /// `funnel_sequence_completion(id, timeline, start, end, window, state, sequence, periods)`.
    pub(super) fn funnel_completion(&mut self, rows: &mut Rows, call: &Call, span: Span) -> Option<()> {
        let arguments = self.arguments(&call.arguments)?;
        let [_, _, _, _, window, state, sequence, periods] = arguments.as_slice() else {
            let message = "`funnel_sequence_completion` takes an id, a timeline, start, end, a window, a state, a sequence and periods";
            return self.error(Code::SEM0219, call.span, message);
        };
        let timeline = self.timeline_column(&arguments, call)?;
        self.ends_fit(&arguments, &timeline)?;
        let ScalarKind::Column(at) = state.kind else {
            return self.place_error(state.span, "the state is a column");
        };
        let state = rows.columns().get(at)?.clone();
        for constant in [window, sequence, periods] {
            if !is_constant(constant) {
                return self.place_error(constant.span, "this is the same for all rows");
            }
        }
        let period = match timeline.kind {
            ScalarType::Datetime | ScalarType::Timespan => ScalarType::Timespan,
            _ => ScalarType::Long,
        };
        let columns = vec![
            timeline,
            state,
            Column::new("Period", period),
            Column::new("dcount", ScalarType::Long),
        ];
        let plugin = plugin("funnel_sequence_completion", arguments);
        self.plugin_step(rows, plugin, super::unique(columns), false, span);
        Some(())
    }
}

/// A call of scalars alone.
pub(super) fn plugin(name: &str, arguments: Vec<Scalar>) -> PluginCall {
    PluginCall {
        name: name.to_owned(),
        arguments,
        tables: Vec::new(),
        aggregates: Vec::new(),
        declared: None,
    }
}
