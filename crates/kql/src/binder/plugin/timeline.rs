//! Plugins over a timeline: an id, a column of moments or whole numbers, windows, and dimensions.

use super::rows::plugin;
use crate::binder::Binder;
use crate::bound::{AggregateCall, Column, PluginCall, Rows, Scalar, ScalarKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Call, Expr, Literal};
use crate::types::ScalarType;

/// What a plugin takes behind id and timeline, and what it counts.
struct Layout {
    name: &'static str,
    /// Start and end may be left out.
    ends_optional: bool,
    /// Constants behind start and end; one more may name a cohort.
    windows: usize,
    cohort: bool,
    /// Rows of an earlier time may stand at the end.
    lookback: bool,
    counted: &'static [(&'static str, ScalarType)],
}

const LONG: ScalarType = ScalarType::Long;
const REAL: ScalarType = ScalarType::Real;

const LAYOUTS: [Layout; 7] = [
    Layout {
        name: "activity_counts_metrics",
        ends_optional: false,
        windows: 1,
        cohort: false,
        lookback: false,
        counted: &[
            ("count", LONG),
            ("dcount", LONG),
            ("new_dcount", LONG),
            ("aggregated_dcount", LONG),
        ],
    },
    Layout {
        name: "activity_metrics",
        ends_optional: true,
        windows: 1,
        cohort: false,
        lookback: false,
        counted: &[
            ("dcount_values", LONG),
            ("dcount_newvalues", LONG),
            ("retention_rate", REAL),
            ("churn_rate", REAL),
        ],
    },
    Layout {
        name: "activity_engagement",
        ends_optional: true,
        windows: 2,
        cohort: false,
        lookback: false,
        counted: &[
            ("dcount_activities_inner", LONG),
            ("dcount_activities_outer", LONG),
            ("activity_ratio", REAL),
        ],
    },
    Layout {
        name: "new_activity_metrics",
        ends_optional: false,
        windows: 1,
        cohort: true,
        lookback: true,
        counted: &[
            ("dcount_new_values", LONG),
            ("dcount_retained_values", LONG),
            ("dcount_churn_values", LONG),
            ("retention_rate", REAL),
            ("churn_rate", REAL),
        ],
    },
    Layout {
        name: "session_count",
        ends_optional: false,
        windows: 2,
        cohort: false,
        lookback: false,
        counted: &[("count_sessions", LONG)],
    },
    Layout {
        name: "sliding_window_counts",
        ends_optional: false,
        windows: 2,
        cohort: false,
        lookback: false,
        counted: &[("Count", LONG), ("Dcount", LONG)],
    },
    Layout {
        name: "active_users_count",
        ends_optional: true,
        windows: 4,
        cohort: false,
        lookback: false,
        counted: &[("dcount", LONG)],
    },
];

impl Binder<'_> {
    /// One of the plugins that count activity.
    pub(super) fn activity(&mut self, rows: &mut Rows, call: &Call, span: Span) -> Option<()> {
        let layout = LAYOUTS.iter().find(|layout| layout.name == call.name.text)?;
        let (written, lookback) = match call.arguments.split_last() {
            Some((last, before)) if layout.lookback && self.is_tabular(last) => (before, Some(last)),
            _ => (call.arguments.as_slice(), None),
        };
        let mut arguments = self.arguments(written)?;
        let timeline = self.timeline_column(&arguments, call)?;
        let constants = arguments
            .iter()
            .skip(2)
            .take_while(|argument| is_constant(argument))
            .count();
        let nothing = Scalar::literal(Literal::null(timeline.kind), timeline.kind, call.span);
        if layout.ends_optional && constants == layout.windows {
            arguments.splice(2..2, [nothing.clone(), nothing.clone()]);
        } else if layout.cohort && constants == layout.windows + 2 {
            arguments.insert(2 + constants, nothing);
        } else if constants != layout.windows + 2 + usize::from(layout.cohort) {
            return self.timeline_usage(layout, call);
        }
        let first = 4 + layout.windows + usize::from(layout.cohort);
        self.ends_fit(&arguments, &timeline)?;
        let dimensions = self.dimensions(rows, &arguments, first)?;
        let tables = match lookback {
            Some(lookback) => vec![self.lookback(rows, lookback, &arguments, first)?],
            None => Vec::new(),
        };
        let mut columns = match layout.cohort {
            true => vec![
                Column::new(format!("from_{}", timeline.name), timeline.kind),
                Column::new(format!("to_{}", timeline.name), timeline.kind),
            ],
            false => vec![timeline],
        };
        columns.extend(dimensions);
        columns.extend(
            layout
                .counted
                .iter()
                .map(|(name, kind)| Column::new(*name, *kind)),
        );
        let plugin = PluginCall {
            tables,
            ..plugin(layout.name, arguments)
        };
        self.plugin_step(rows, plugin, super::unique(columns), false, span);
        Some(())
    }

    fn timeline_usage(&mut self, layout: &Layout, call: &Call) -> Option<()> {
        let (name, windows) = (layout.name, layout.windows);
        let plural = if windows == 1 { "" } else { "s" };
        let diagnostic = Diagnostic::error(
            Code::SEM0219,
            call.span,
            format!(
                "`{name}` takes an id, a timeline, start, end, {windows} constant{plural} for windows, and columns"
            ),
        );
        self.tell(diagnostic.hint(format!("as in `{name}(Id, Timestamp, start, end, 1d, ...)`")))
    }

    /// The column of moments or whole numbers, which stands second.
    pub(super) fn timeline_column(&mut self, arguments: &[Scalar], call: &Call) -> Option<Column> {
        let Some(timeline) = arguments.get(1) else {
            let message = format!("`{}` takes an id and a timeline", call.name.text);
            return self.error(Code::SEM0219, call.span, message);
        };
        self.timeline_of(timeline)
    }

    pub(super) fn timeline_of(&mut self, timeline: &Scalar) -> Option<Column> {
        let column = match timeline.kind {
            ScalarKind::Column(at) => self.row_columns().get(at).cloned(),
            _ => None,
        };
        let Some(column) = column else {
            return self.place_error(timeline.span, "the timeline is a column");
        };
        let fits =
            column.kind.is_integer() || matches!(column.kind, ScalarType::Datetime | ScalarType::Timespan);
        if !fits {
            let message = format!(
                "a timeline is of datetimes, timespans or whole numbers, and this one is of type {}",
                column.kind
            );
            return self.error(Code::SEM0219, timeline.span, message);
        }
        Some(column)
    }

    /// Start, end and windows must be of the timeline's kind.
    pub(super) fn ends_fit(&mut self, arguments: &[Scalar], timeline: &Column) -> Option<()> {
        for end in arguments.iter().skip(2).take(2) {
            let fits = end.gives == timeline.kind || (end.gives.is_integer() && timeline.kind.is_integer());
            if !fits {
                let message = format!(
                    "the timeline is of type {}, and this is of type {}",
                    timeline.kind, end.gives
                );
                return self.error(Code::SEM0219, end.span, message);
            }
        }
        Some(())
    }

    /// The columns from a place on, all of them of the input.
    pub(super) fn dimensions(
        &mut self,
        rows: &Rows,
        arguments: &[Scalar],
        first: usize,
    ) -> Option<Vec<Column>> {
        let mut columns = Vec::new();
        for argument in arguments.iter().skip(first) {
            let ScalarKind::Column(at) = argument.kind else {
                return self.place_error(argument.span, "the dimensions are columns");
            };
            columns.push(rows.columns().get(at)?.clone());
        }
        Some(columns)
    }

    /// Rows of an earlier time: the ids, and the dimensions if all are there.
    fn lookback(&mut self, rows: &Rows, lookback: &Expr, arguments: &[Scalar], first: usize) -> Option<Rows> {
        let mut earlier = self.in_row(None, |binder| binder.rows(lookback))?;
        let name_of = |argument: &Scalar| match argument.kind {
            ScalarKind::Column(at) => rows.columns().get(at).map(|column| column.name.clone()),
            _ => None,
        };
        let place = |name: Option<std::sync::Arc<str>>| {
            let name = name?;
            earlier.columns().iter().position(|column| column.name == name)
        };
        let Some(id) = place(arguments.first().and_then(name_of)) else {
            let message = "the rows of the lookback have no column of the name of the ids";
            return self.error(Code::SEM0100, lookback.span, message);
        };
        let dimensions: Option<Vec<usize>> = arguments
            .iter()
            .skip(first)
            .map(|dimension| place(name_of(dimension)))
            .collect();
        let mut places = vec![id];
        places.extend(dimensions.unwrap_or_default());
        crate::binder::columns::take_places(&mut earlier, &places, lookback.span);
        Some(earlier)
    }

    /// `rolling_percentile(value, percent, place, bin, bins, dimensions...)`.
    pub(super) fn rolling_percentile(&mut self, rows: &mut Rows, call: &Call, span: Span) -> Option<()> {
        let arguments = self.arguments(&call.arguments)?;
        let [value, percent, index, size, bins, more @ ..] = arguments.as_slice() else {
            let message =
                "`rolling_percentile` takes a value, a percentile, a timeline, a bin and a number of bins";
            return self.error(Code::SEM0219, call.span, message);
        };
        let timeline = self.timeline_of(index)?;
        let ScalarKind::Column(at) = value.kind else {
            return self.place_error(value.span, "the value is a column");
        };
        let value_column = rows.columns().get(at)?.clone();
        let (Some(percent_text), Some(bins_text)) = (number_text(percent), number_text(bins)) else {
            return self.error(
                Code::SEM0019,
                percent.span,
                "percentile and bins are literal numbers",
            );
        };
        if !value_column.kind.is_summable() {
            return self.error(Code::SEM0219, value.span, "percentiles are of numbers and times");
        }
        let dimensions = self.dimensions(rows, &arguments, 5)?;
        let name = format!(
            "rolling_{bins_text}_percentile_{}_{percent_text}",
            value_column.name
        );
        let given = Column::new(name, value_column.kind);
        let mut columns = vec![timeline];
        columns.extend(dimensions);
        columns.push(given.clone());
        let aggregate = AggregateCall {
            function: "percentile".to_owned(),
            arguments: vec![value.clone(), percent.clone()],
            columns: vec![given],
        };
        let mut kept = vec![index.clone(), size.clone(), bins.clone()];
        kept.extend(more.iter().cloned());
        let plugin = PluginCall {
            aggregates: vec![aggregate],
            ..plugin("rolling_percentile", kept)
        };
        self.plugin_step(rows, plugin, super::unique(columns), false, span);
        Some(())
    }
}

/// True if it is the same for all rows.
pub(super) fn is_constant(scalar: &Scalar) -> bool {
    !matches!(
        scalar.kind,
        ScalarKind::Column(_) | ScalarKind::Window(..) | ScalarKind::PackAll(_)
    ) && scalar.parts().into_iter().all(is_constant)
}

fn number_text(scalar: &Scalar) -> Option<String> {
    match scalar.as_literal()? {
        Literal::Int(Some(number)) => Some(number.to_string()),
        Literal::Long(Some(number)) => Some(number.to_string()),
        Literal::Real(Some(number)) => Some(number.to_string()),
        _ => None,
    }
}
