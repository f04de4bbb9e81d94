//! `evaluate`: plugins, what they take, and which columns they give.

mod rows;
mod timeline;

use rows::plugin;

use super::columns::count_call;
use super::naming::Names;
use super::scope::nearest;
use super::tabular::push;
use super::{Binder, aggregate};
use crate::bound::{AggregateCall, Column, PluginCall, Rows, Scalar, ScalarKind, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::refused;
use crate::span::Span;
use crate::syntax::{Call, EvaluateSchema, Expr, ExprKind, Literal, OperatorKind};
use crate::types::ScalarType;

/// The plugins that are answered.
const PLUGINS: [&str; 20] = [
    "active_users_count",
    "activity_counts_metrics",
    "activity_engagement",
    "activity_metrics",
    "bag_unpack",
    "dcount_intersect",
    "funnel_sequence_completion",
    "identity",
    "ipv4_lookup",
    "ipv6_lookup",
    "narrow",
    "new_activity_metrics",
    "pivot",
    "preview",
    "rolling_percentile",
    "rows_near",
    "schema_merge",
    "sequence_detect",
    "session_count",
    "sliding_window_counts",
];

impl Binder<'_> {
    pub(super) fn evaluate(
        &mut self,
        rows: &mut Rows,
        call: &Call,
        schema: Option<&EvaluateSchema>,
        span: Span,
    ) -> Option<()> {
        let declared = match schema {
            Some(schema) => Some(self.declared_schema(rows, call, schema)?),
            None => None,
        };
        match call.name.text.as_str() {
            "bag_unpack" => self.bag_unpack(rows, call, declared, span),
            "pivot" => self.pivot(rows, call, declared, span),
            "narrow" => self.narrow(rows, call, span),
            "ipv4_lookup" | "ipv6_lookup" => self.address_lookup(rows, call, span),
            "identity" => Some(()),
            "preview" => self.preview(rows, call, span),
            "activity_counts_metrics"
            | "activity_metrics"
            | "activity_engagement"
            | "new_activity_metrics"
            | "session_count"
            | "sliding_window_counts"
            | "active_users_count" => self.activity(rows, call, span),
            "rolling_percentile" => self.rolling_percentile(rows, call, span),
            "dcount_intersect" => self.dcount_intersect(rows, call, span),
            "rows_near" => self.rows_near(rows, call, span),
            "schema_merge" => self.schema_merge(rows, call, span),
            "sequence_detect" => self.sequence_detect(rows, call, span),
            "funnel_sequence_completion" => self.funnel_completion(rows, call, span),
            _ => self.no_plugin(call),
        }
    }

    /// A plugin that nobody computes here: Kusto has it, or nobody.
    pub(super) fn no_plugin<T>(&mut self, call: &Call) -> Option<T> {
        let name = call.name.text.as_str();
        if refused::PLUGINS.contains(&name) {
            return self.unsupported(call.name.span, &format!("the plugin `{name}`"));
        }
        let message = format!("there is no plugin `{name}`");
        let diagnostic = Diagnostic::error(Code::SEM0260, call.name.span, message);
        let hint = nearest(name, PLUGINS.into_iter());
        self.tell(diagnostic.hint(hint.unwrap_or_else(|| format!("there are {}", PLUGINS.join(", ")))))
    }

    /// The columns that a plugin is said to give. `*` stands for those of the input but the bag that is unpacked.
    fn declared_schema(&mut self, rows: &Rows, call: &Call, schema: &EvaluateSchema) -> Option<Vec<Column>> {
        let unpacked = match call.arguments.first().map(|argument| &argument.kind) {
            Some(ExprKind::Name(name)) if call.name.text == "bag_unpack" => name.text.as_str(),
            _ => "",
        };
        let mut columns: Vec<Column> = Vec::new();
        if schema.keeps_input {
            let kept = rows.columns().iter().filter(|column| *column.name != *unpacked);
            columns.extend(kept.cloned());
        }
        for (column, written) in self
            .declared_columns(&schema.columns)?
            .into_iter()
            .zip(&schema.columns)
        {
            if columns.iter().any(|held| held.name == column.name) {
                let message = format!("there is a column `{}` already", column.name);
                return self.error(Code::SEM0003, written.name.span, message);
            }
            columns.push(column);
        }
        Some(columns)
    }

    /// Adds the step; columns that only the data tell are asked for, where somebody can say.
    fn plugin_step(
        &mut self,
        rows: &mut Rows,
        plugin: PluginCall,
        columns: Vec<Column>,
        is_open: bool,
        span: Span,
    ) {
        push(rows, StepKind::Plugin(plugin), Some(columns), span);
        rows.is_serialized = false;
        if !is_open {
            return;
        }
        match self.catalog.open_columns(rows) {
            Some(columns) => {
                if let Some(step) = rows.steps.last_mut() {
                    step.columns = columns;
                }
            }
            None => rows.is_open = true,
        }
    }

    fn bag_unpack(
        &mut self,
        rows: &mut Rows,
        call: &Call,
        declared: Option<Vec<Column>>,
        span: Span,
    ) -> Option<()> {
        let Some(first) = call.arguments.first() else {
            return self.error(Code::SEM0219, call.span, "`bag_unpack` takes a column of bags");
        };
        let bag = self.scalar(first)?;
        let ScalarKind::Column(at) = bag.kind else {
            return self.place_error(first.span, "`bag_unpack` takes a column");
        };
        if bag.gives != ScalarType::Dynamic {
            return self.error(
                Code::SEM0219,
                first.span,
                "`bag_unpack` takes a column of type dynamic",
            );
        }
        let options = self.unpack_options(call, span)?;
        let mut arguments = vec![bag];
        arguments.extend(options);
        let others: Vec<Column> = rows
            .columns()
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != at)
            .map(|(_, column)| column.clone())
            .collect();
        let is_open = declared.is_none();
        let plugin = PluginCall {
            declared: declared.clone(),
            ..plugin("bag_unpack", arguments)
        };
        self.plugin_step(rows, plugin, declared.unwrap_or(others), is_open, span);
        Some(())
    }

    /// Prefix, what happens to columns that are there already, and what is left out.
    fn unpack_options(&mut self, call: &Call, span: Span) -> Option<[Scalar; 3]> {
        let text = |value: &str| Scalar::literal(Literal::String(value.to_owned()), ScalarType::String, span);
        let mut options = [text(""), text("error"), text("")];
        for (place, argument) in call.arguments.iter().skip(1).enumerate() {
            let (place, value) = match &argument.kind {
                ExprKind::Named(names, value) => match names.first().map(|name| name.text.as_str()) {
                    Some("OutputColumnPrefix") => (0, value.as_ref()),
                    Some("columnsConflict") => (1, value.as_ref()),
                    Some("ignoredProperties") => (2, value.as_ref()),
                    _ => {
                        return self.error(
                            Code::SEM0219,
                            argument.span,
                            "`bag_unpack` has no such parameter",
                        );
                    }
                },
                _ => (place, argument),
            };
            let value = self.scalar(value)?;
            match options.get_mut(place) {
                Some(option) => *option = value,
                None => {
                    return self.error(
                        Code::SEM0219,
                        argument.span,
                        "`bag_unpack` takes four arguments at most",
                    );
                }
            }
        }
        Some(options)
    }

    /// `pivot(column, aggregate, kept...)`.
    fn pivot(
        &mut self,
        rows: &mut Rows,
        call: &Call,
        declared: Option<Vec<Column>>,
        span: Span,
    ) -> Option<()> {
        let Some((first, rest)) = call.arguments.split_first() else {
            return self.error(Code::SEM0219, call.span, "`pivot` takes a column");
        };
        let pivot = self.scalar(first)?;
        let mut aggregates = Vec::new();
        let mut arguments = vec![pivot];
        for argument in rest {
            match &argument.kind {
                ExprKind::Call(inner)
                    if aggregates.is_empty() && aggregate::is_aggregate(&inner.name.text) =>
                {
                    aggregates.push(self.aggregate_call(inner)?);
                }
                _ => arguments.push(self.scalar(argument)?),
            }
        }
        if aggregates.is_empty() {
            aggregates.push(AggregateCall {
                function: "count".to_owned(),
                arguments: Vec::new(),
                columns: vec![Column::new("count_", ScalarType::Long)],
            });
        }
        if arguments.len() == 1 {
            // All columns are kept that the pivot and the aggregate do not use.
            let used: Vec<usize> = arguments
                .iter()
                .chain(aggregates.iter().flat_map(|call| &call.arguments))
                .filter_map(|argument| match argument.kind {
                    ScalarKind::Column(at) => Some(at),
                    _ => None,
                })
                .collect();
            for (at, column) in rows.columns().iter().enumerate() {
                if !used.contains(&at) {
                    arguments.push(Scalar::column(at, column.kind, span));
                }
            }
        }
        let kept: Vec<Column> = arguments
            .iter()
            .skip(1)
            .filter_map(|argument| match argument.kind {
                ScalarKind::Column(at) => rows.columns().get(at).cloned(),
                _ => None,
            })
            .collect();
        let is_open = declared.is_none();
        let plugin = PluginCall {
            aggregates,
            declared: declared.clone(),
            ..plugin("pivot", arguments)
        };
        self.plugin_step(rows, plugin, declared.unwrap_or(kept), is_open, span);
        Some(())
    }

    /// Each cell becomes a row: number of the row, name of the column, value as text.
    fn narrow(&mut self, rows: &mut Rows, call: &Call, span: Span) -> Option<()> {
        if let Some(argument) = call.arguments.first() {
            return self.error(Code::SEM0219, argument.span, "`narrow` takes no arguments");
        }
        let columns = vec![
            Column::new("Row", ScalarType::Long),
            Column::new("Column", ScalarType::String),
            Column::new("Value", ScalarType::String),
        ];
        self.plugin_step(rows, plugin("narrow", Vec::new()), columns, false, span);
        Some(())
    }

    fn preview(&mut self, rows: &mut Rows, call: &Call, span: Span) -> Option<()> {
        let Some(count) = call.arguments.first() else {
            return self.error(Code::SEM0219, call.span, "`preview` takes a number of rows");
        };
        let count = self.count_of(count)?;
        push(rows, StepKind::Take(count), None, span);
        Some(())
    }

    /// `ipv4_lookup(Table, address, range, [more keys], [return_unmatched])`.
    fn address_lookup(&mut self, rows: &mut Rows, call: &Call, span: Span) -> Option<()> {
        let name = call.name.text.as_str();
        let [table, address, range, more @ ..] = call.arguments.as_slice() else {
            let diagnostic = Diagnostic::error(
                Code::SEM0219,
                call.span,
                format!("`{name}` takes a table, an address and a column of ranges"),
            );
            return self.tell(diagnostic);
        };
        let table = self.in_row(None, |binder| binder.rows(table))?;
        let address = self.scalar(address)?;
        let ExprKind::Name(range_name) = &range.kind else {
            return self.place_error(range.span, "the ranges are a column of the table");
        };
        let range = self.over(&table, |binder| binder.scalar_name(range_name))?;
        let mut unmatched = Scalar::literal(Literal::Bool(Some(false)), ScalarType::Bool, call.span);
        let mut keys = Vec::new();
        for argument in more {
            let (given, value): (Option<&str>, &Expr) = match &argument.kind {
                ExprKind::Named(names, value) => (names.first().map(|name| name.text.as_str()), value),
                _ => (None, argument),
            };
            match (given, &value.kind) {
                (None, ExprKind::Name(key)) => {
                    let left = self.scalar_name(key)?;
                    let right = self.over(&table, |binder| binder.scalar_name(key))?;
                    keys.push((left, right));
                }
                (None | Some("return_unmatched"), _) => unmatched = self.scalar(value)?,
                (Some(other), _) => {
                    let message = format!("`{name}` has no parameter `{other}`");
                    return self.error(Code::SEM0219, argument.span, message);
                }
            }
        }
        let mut names = Names::default();
        let mut columns = Vec::new();
        // The second puts the table's columns before the input's, as Kusto does.
        let (before, after) = if name == "ipv6_lookup" {
            (table.columns(), rows.columns())
        } else {
            (rows.columns(), table.columns())
        };
        for column in before.iter().chain(after) {
            columns.push(Column::new(names.unique(&column.name), column.kind));
        }
        let mut arguments = vec![address, range, unmatched];
        for (left, right) in keys {
            arguments.extend([left, right]);
        }
        let plugin = PluginCall {
            tables: vec![table],
            ..plugin(name, arguments)
        };
        self.plugin_step(rows, plugin, columns, false, span);
        Some(())
    }
}

/// The columns, with a number behind a name that is there already.
fn unique(columns: Vec<Column>) -> Vec<Column> {
    let mut names = Names::default();
    columns
        .into_iter()
        .map(|column| Column::new(names.unique(&column.name), column.kind))
        .collect()
}

/// How many rows there are that `preview` shows some of, where the expression ends with it.
pub(super) fn previewed(expression: &Expr, rows: &Rows) -> Option<Rows> {
    let ExprKind::Pipe(pipeline) = &expression.kind else {
        return None;
    };
    let last = pipeline.operators.last()?;
    let OperatorKind::Evaluate(call, _) = &last.kind else {
        return None;
    };
    if call.name.text != "preview" {
        return None;
    }
    let mut counted = rows.clone();
    counted.steps.pop();
    let count = count_call("Count".to_owned());
    let columns = count.columns.clone();
    push(
        &mut counted,
        StepKind::Summarize(Vec::new(), vec![count]),
        Some(columns),
        last.span,
    );
    Some(counted)
}
