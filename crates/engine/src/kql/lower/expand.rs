//! `mv-expand`: a list for each row, unfolded.

use datafusion::common::{Column as PlanColumn, UnnestOptions};
use datafusion::functions::core::expr_fn::{coalesce, get_field};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use kql::ScalarType;
use kql::bound::{Column, HIDDEN, MvExpand};

use super::order::carried;
use super::scalar::{Scope, column_named, null};
use super::{Lowered, Lowering, Stop};
use crate::kql::aggregates::field_name;
use crate::kql::expansion::expansion;
use crate::kql::needed::Needed;

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
    let (keys, order) = carried(before.order.as_ref());

    // What is needed of each row stands under the names of the places that it goes to.
    let kept_name = |to: usize| format!("{HIDDEN}kept {to}");
    let mut kept = Vec::new();
    for (from, to) in expand.kept.iter().filter(|(_, to)| needed.has(*to)) {
        let column = before.columns.get(*from).ok_or(Stop::Beyond)?;
        kept.push(column_named(&*column.name).alias(kept_name(*to)));
    }
    let unfolded = LogicalPlanBuilder::from(before.plan.clone())
        .project(kept.into_iter().chain(keys.clone()).chain([lists]))?
        .unnest_column_with_options(
            PlanColumn::new_unqualified(LISTS),
            UnnestOptions::new().with_preserve_nulls(false),
        )?;

    let element = |at: usize| get_field(column_named(LISTS), field_name(at));
    let mut outputs = Vec::with_capacity(columns.len() + keys.len() + 1);
    for (place, column) in columns.iter().enumerate() {
        let item = expand.items.iter().position(|item| item.place == place);
        let value = match item {
            Some(at) if column.kind == ScalarType::String => {
                coalesce(vec![element(at), null(ScalarType::String)?])
            }
            Some(at) => element(at),
            None if expand.index == Some(place) => element(expand.items.len()),
            None if needed.has(place) => column_named(kept_name(place)),
            None => null(column.kind)?,
        };
        outputs.push(value.alias(&*column.name));
    }
    let order = order.map(|order| {
        for key in &keys {
            let (_, name) = key.qualified_name();
            outputs.push(column_named(&name).alias(name));
        }
        order.then(element(expand.items.len()), &mut outputs)
    });
    Ok(Lowered {
        plan: unfolded.project(outputs)?.build()?,
        steps: 0,
        columns: columns.to_vec(),
        order,
    })
}

/// What each row becomes.
fn lists(scope: &Scope<'_>, expand: &MvExpand) -> Lowering<Expr> {
    let limit = match &expand.limit {
        Some(limit) => Some(i64::try_from(scope.count(limit)?).map_err(|_| Stop::Beyond)?),
        None => None,
    };
    let items: Vec<_> = expand
        .items
        .iter()
        .map(|item| (item.value.gives, item.to))
        .collect();
    let values = expand
        .items
        .iter()
        .map(|item| scope.value(&item.value))
        .collect::<Lowering<Vec<_>>>()?;
    Ok(expansion(&items, expand.bags_as_arrays, limit)
        .call(values)
        .alias(LISTS))
}
