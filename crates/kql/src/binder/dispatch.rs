//! One operator after the other: which one it is.

use std::rc::Rc;
use std::sync::Arc;

use super::Binder;
use super::scope::{Meaning, Row};
use super::tabular::{materialized, push};
use crate::bound::{JoinKind, Rendering, Rows, Scalar, ScalarKind, Source, StepKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::syntax::{Literal, Operator, OperatorKind, Render};
use crate::types::ScalarType;

/// What `render` can draw.
const CHARTS: [&str; 21] = [
    "table",
    "list",
    "barchart",
    "piechart",
    "ladderchart",
    "timechart",
    "linechart",
    "anomalychart",
    "pivotchart",
    "areachart",
    "stackedareachart",
    "scatterchart",
    "timepivot",
    "columnchart",
    "timeline",
    "3Dchart",
    "card",
    "treemap",
    "plotly",
    "graph",
    "sankey",
];

impl Binder<'_> {
    pub(super) fn operator(&mut self, rows: &mut Rows, operator: &Operator) -> Option<()> {
        let row = Rc::new(Row::of(rows));
        // The name holds for the rows as they are; a source column of the next operator tells it.
        if !matches!(operator.kind, OperatorKind::Union(_) | OperatorKind::Search(_)) {
            rows.name = None;
        }
        let before = self.row.replace(row);
        let done = self.operator_in_row(rows, operator);
        self.row = before;
        done
    }

    fn operator_in_row(&mut self, rows: &mut Rows, operator: &Operator) -> Option<()> {
        let span = operator.span;
        match &operator.kind {
            OperatorKind::Missing => None,
            OperatorKind::Where(condition) => {
                let condition = self.condition(condition)?;
                filter(rows, condition, span);
                Some(())
            }
            OperatorKind::Take(count) => {
                let count = self.count_of(count)?;
                push(rows, StepKind::Take(count), None, span);
                Some(())
            }
            OperatorKind::Sample(count) => {
                let count = self.count_of(count)?;
                push(rows, StepKind::Sample(count), None, span);
                rows.is_serialized = false;
                Some(())
            }
            OperatorKind::Extend(items) => self.extend(rows, items, span),
            OperatorKind::Project(items) => self.project(rows, items, span),
            OperatorKind::ProjectAway(items) => self.project_away(rows, items, span),
            OperatorKind::ProjectKeep(items) => self.project_keep(rows, items, span),
            OperatorKind::ProjectRename(items) => self.project_rename(rows, items, span),
            OperatorKind::ProjectReorder(items) => self.project_reorder(rows, items, span),
            OperatorKind::ProjectByNames(items) => self.project_by_names(rows, items, span),
            OperatorKind::Serialize(items) => {
                rows.is_serialized = true;
                let row = self.row.as_deref().cloned().unwrap_or_default();
                let row = Row {
                    is_serialized: true,
                    ..row
                };
                self.in_row(Some(Rc::new(row)), |binder| match items.is_empty() {
                    true => Some(()),
                    false => binder.extend(rows, items, span),
                })
            }
            _ => self.reshaping(rows, operator),
        }
    }

    /// Operators that group, join, expand and search.
    fn reshaping(&mut self, rows: &mut Rows, operator: &Operator) -> Option<()> {
        let span = operator.span;
        match &operator.kind {
            OperatorKind::Sort(keys) => self.sort(rows, keys, span),
            OperatorKind::Top(count, key) => self.top(rows, count, key, span),
            OperatorKind::Summarize(summarize) => self.summarize(rows, summarize, span),
            OperatorKind::Distinct(items) => self.distinct(rows, items, span),
            OperatorKind::Count(name) => self.count(rows, name.as_ref(), span),
            OperatorKind::Join(join) => self.join(rows, join, operator, false),
            OperatorKind::Lookup(join) => self.join(rows, join, operator, true),
            OperatorKind::Union(items) => {
                let input = std::mem::replace(rows, Rows::new(Source::Outer, Vec::new()));
                *rows = self.union_of(Some(input), items, operator)?.at(span);
                Some(())
            }
            OperatorKind::MvExpand(expand) => self.mv_expand(rows, expand, operator),
            OperatorKind::MvApply(apply) => self.mv_apply(rows, apply, operator),
            OperatorKind::MakeSeries(series) => self.make_series(rows, series, operator),
            OperatorKind::Parse(parse) => self.parse_operator(rows, parse, operator),
            OperatorKind::ParseKv(parse) => self.parse_kv(rows, parse, span),
            OperatorKind::TopNested(levels) => self.top_nested(rows, levels, span),
            OperatorKind::TopHitters(hitters) => self.top_hitters(rows, hitters, span),
            OperatorKind::SampleDistinct(count, of) => self.sample_distinct(rows, count, of, span),
            OperatorKind::Search(search) => self.search(rows, search, operator),
            OperatorKind::Find(_) => {
                let message = "`find` brings its own rows and stands at the beginning";
                let diagnostic = Diagnostic::error(Code::SEM0009, operator.keyword, message);
                self.tell(diagnostic.hint("`search` and `where * has \"x\"` look in the rows before them"))
            }
            OperatorKind::Evaluate(call, schema) => self.evaluate(rows, call, schema.as_ref(), span),
            OperatorKind::Invoke(function) => self.invoke(rows, function),
            OperatorKind::Scan(scan) => self.scan(rows, scan, operator),
            OperatorKind::Partition(partition) => self.partition(rows, partition, operator),
            OperatorKind::Reduce(_) => self.unsupported(operator.keyword, "the operator `reduce`"),
            _ => self.telling(rows, operator),
        }
    }

    /// Operators that tell of rows, name them or hand them on.
    fn telling(&mut self, rows: &mut Rows, operator: &Operator) -> Option<()> {
        let span = operator.span;
        match &operator.kind {
            OperatorKind::GetSchema => self.get_schema(rows, operator),
            OperatorKind::As(name) => {
                for property in &operator.properties {
                    let is_once = property.name.text == "hint.materialized"
                        && self.property_text(&property.value)? == "true";
                    if is_once {
                        let computed = std::mem::replace(rows, Rows::new(Source::Outer, Vec::new()));
                        *rows = materialized(computed);
                    }
                }
                rows.name = Some(name.text.clone());
                let held = Arc::new(rows.clone());
                let names = self.one_name_more(self.reached, name.span)?;
                self.scope = self.scope.with(&name.text, Meaning::Rows(held), names);
                Some(())
            }
            OperatorKind::Render(render) => self.render(render),
            OperatorKind::Consume => {
                push(
                    rows,
                    StepKind::Take(Scalar::literal(Literal::Long(Some(0)), ScalarType::Long, span)),
                    None,
                    span,
                );
                super::columns::project_step(rows, Vec::new(), span);
                Some(())
            }
            OperatorKind::AssertSchema(columns) => self.assert_schema(rows, columns, span),
            OperatorKind::Fork(forks) => self.fork(rows, forks),
            OperatorKind::Facet(columns, with) => self.facet(rows, columns, with.as_ref()),
            OperatorKind::Print(_) | OperatorKind::Range(_) => {
                let word = operator.keyword.text(self.text);
                self.place_error(
                    operator.keyword,
                    &format!("`{word}` brings its own rows and stands at the beginning"),
                )
            }
            OperatorKind::Graph(name) => {
                let text = name.text.clone();
                self.unsupported(name.span, &format!("the operator `{text}`"))
            }
            OperatorKind::MacroExpand => self.unsupported(operator.keyword, "the operator `macro-expand`"),
            // The others are taken above.
            _ => None,
        }
    }

    fn render(&mut self, render: &Render) -> Option<()> {
        if !CHARTS
            .iter()
            .any(|chart| chart.eq_ignore_ascii_case(&render.kind.text))
        {
            let message = format!("`{}` is no kind of chart", render.kind.text);
            let diagnostic = Diagnostic::error(Code::SEM0219, render.kind.span, message);
            return self.tell(diagnostic.hint(format!("the kinds are {}", CHARTS.join(", "))));
        }
        let mut properties = Vec::new();
        for property in &render.with {
            properties.push((property.name.text.clone(), self.property_text(&property.value)?));
        }
        self.rendering = Some(Rendering {
            kind: render.kind.text.to_lowercase(),
            properties,
        });
        Some(())
    }
}

/// Keeps rows. Which row of the left stays for a key of `innerunique` is free, and Kusto chooses among those that what
/// follows keeps: a condition on the left's columns alone is asked before.
fn filter(rows: &mut Rows, condition: Scalar, span: Span) {
    let left = match rows.steps.last().map(|step| &step.kind) {
        Some(StepKind::Join {
            kind: JoinKind::InnerUnique,
            left_places,
            ..
        }) => left_places.len(),
        _ => 0,
    };
    let join = match reads_below(&condition, left) {
        true => rows.steps.pop(),
        false => None,
    };
    push(rows, StepKind::Filter(condition), None, span);
    rows.steps.extend(join);
}

/// True if a condition reads columns, and only those below a place.
fn reads_below(scalar: &Scalar, end: usize) -> bool {
    match &scalar.kind {
        ScalarKind::Column(at) => *at < end,
        ScalarKind::Window(..) | ScalarKind::PackAll(_) => false,
        _ => end > 0 && scalar.parts().into_iter().all(|part| reads_below(part, end)),
    }
}
