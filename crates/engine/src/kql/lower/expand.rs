//! `mv-expand` and `mv-apply`: a list for each row, unfolded.

use datafusion::common::{Column as PlanColumn, UnnestOptions};
use datafusion::functions::core::expr_fn::{coalesce, get_field};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use kql::ScalarType;
use kql::bound::{Column, HIDDEN, MvApply, MvExpand, Scalar, StepKind};
use kql::syntax::Literal;

use super::order::carried;
use super::scalar::{Scope, column_named, null};
use super::{Lowered, Lowering, Stop};
use crate::kql::aggregates::field_name;
use crate::kql::needed::{Needed, looked_at};
use crate::kql::over_rows::OverRows;

/// The column of lists.
const LISTS: &str = "\u{1f}lists";

/// The plan with a row for each element. Where rows have an order, those of one row have theirs.
pub(super) fn expanded(
    scope: &Scope<'_>,
    before: &Lowered,
    expand: &MvExpand,
    columns: &[Column],
    needed: &Needed,
) -> Lowering<Lowered> {
    let lists = lists(scope, expand)?;
    let behind = expand.items.len();
    let kept = expand.kept.iter();
    let kept = kept.map(|(from, to)| (*to, Output::Kept(*from)));
    let items = expand.items.iter().enumerate();
    let items = items.map(|(at, item)| (item.place, Output::Given(at)));
    let index = expand.index.map(|place| (place, Output::Given(behind)));
    let mut outputs: Vec<(usize, Output)> = kept.chain(items).chain(index).collect();
    outputs.sort_unstable_by_key(|(place, _)| *place);
    let outputs: Vec<Output> = outputs.into_iter().map(|(_, output)| output).collect();
    unfolded(before, (lists, behind), &outputs, columns, needed)
}

/// The plan with the rows that a query makes of the elements of each row.
pub(super) fn applied(
    scope: &Scope<'_>,
    before: &Lowered,
    apply: &MvApply,
    columns: &[Column],
    needed: &Needed,
) -> Lowering<Lowered> {
    let looked_at = looked_at(apply, before.columns.len()).ok_or(Stop::Beyond)?;
    scope.probe_within(apply, &before.columns)?;
    let mut arguments = Vec::with_capacity(before.columns.len());
    for (place, column) in before.columns.iter().enumerate() {
        arguments.push(match looked_at.has(place) {
            true => column_named(&*column.name),
            false => null(column.kind)?,
        });
    }
    let given = apply.given.iter().map(|place| apply.query.columns().get(*place));
    let gives = given.map(|column| column.map(|column| column.kind).ok_or(Stop::Beyond));
    let over = OverRows {
        values: before.columns.iter().map(|column| column.kind).collect(),
        step: StepKind::MvApply(MvApply {
            kept: vec![before.columns.len()],
            ..apply.clone()
        }),
        before: Vec::new(),
        gives: gives.collect::<Lowering<_>>()?,
    };
    let lists = over.many().ok_or(Stop::Beyond)?.call(arguments);
    let kept = apply.kept.iter().map(|from| Output::Kept(*from));
    let given = (0..apply.given.len()).map(Output::Given);
    let outputs: Vec<Output> = kept.chain(given).collect();
    unfolded(before, (lists, apply.given.len()), &outputs, columns, needed)
}

/// Where a column comes from.
enum Output {
    /// A column of the row.
    Kept(usize),
    /// A value of the list's rows.
    Given(usize),
}

/// A row for each of a list, whose rows are numbered by the value at the place that is given with it.
fn unfolded(
    before: &Lowered,
    (lists, number): (Expr, usize),
    outputs: &[Output],
    columns: &[Column],
    needed: &Needed,
) -> Lowering<Lowered> {
    let (keys, order) = carried(before.order.as_ref());

    // What is needed of each row stands under the names of the places that it goes to.
    let kept_name = |to: usize| format!("{HIDDEN}kept {to}");
    let mut kept = Vec::new();
    for (to, output) in outputs.iter().enumerate().filter(|(to, _)| needed.has(*to)) {
        if let Output::Kept(from) = output {
            let column = before.columns.get(*from).ok_or(Stop::Beyond)?;
            kept.push(column_named(&*column.name).alias(kept_name(to)));
        }
    }
    let unfolded = LogicalPlanBuilder::from(before.plan.clone())
        .project(kept.into_iter().chain(keys.clone()).chain([lists.alias(LISTS)]))?
        .unnest_column_with_options(
            PlanColumn::new_unqualified(LISTS),
            UnnestOptions::new().with_preserve_nulls(false),
        )?;

    let element = |at: usize| get_field(column_named(LISTS), field_name(at));
    let mut made = Vec::with_capacity(columns.len() + keys.len() + 1);
    for (place, (column, output)) in columns.iter().zip(outputs).enumerate() {
        let value = match output {
            Output::Given(at) if column.kind == ScalarType::String => {
                coalesce(vec![element(*at), null(ScalarType::String)?])
            }
            Output::Given(at) => element(*at),
            Output::Kept(_) if needed.has(place) => column_named(kept_name(place)),
            Output::Kept(_) => null(column.kind)?,
        };
        made.push(value.alias(&*column.name));
    }
    let order = order.map(|order| {
        for key in &keys {
            let (_, name) = key.qualified_name();
            made.push(column_named(&name).alias(name));
        }
        order.then(element(number), &mut made)
    });
    Ok(Lowered {
        plan: unfolded.project(made)?.build()?,
        steps: 0,
        columns: columns.to_vec(),
        order,
        table: None,
    })
}

/// What each row becomes.
fn lists(scope: &Scope<'_>, expand: &MvExpand) -> Lowering<Expr> {
    let limit = match &expand.limit {
        Some(limit) => Some(i64::try_from(scope.count(limit)?).map_err(|_| Stop::Beyond)?),
        None => None,
    };
    let values = expand.items.iter().map(|item| scope.value(&item.value));
    let values = values.collect::<Lowering<Vec<_>>>()?;
    let kinds: Vec<ScalarType> = expand.items.iter().map(|item| item.value.gives).collect();
    let elements = expand.items.iter();
    let elements = elements.map(|item| item.to.unwrap_or(ScalarType::Dynamic));
    let mut step = expand.clone();
    for (at, item) in step.items.iter_mut().enumerate() {
        item.value = Scalar::column(at, item.value.gives, item.value.span);
        item.place = 1 + at;
    }
    step.kept = vec![(kinds.len(), 0)];
    step.index = None;
    step.limit = limit
        .map(|limit| Scalar::literal(Literal::Long(Some(limit)), ScalarType::Long, kql::Span::default()));
    let over = OverRows {
        gives: elements.collect(),
        values: kinds,
        step: StepKind::MvExpand(step),
        before: Vec::new(),
    };
    Ok(over.many().ok_or(Stop::Beyond)?.call(values))
}
