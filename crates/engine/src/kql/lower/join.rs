//! Joins by equal keys. A null is equal to a null here.

use arrow_schema::DataType;
use datafusion::common::{Column as PlanColumn, JoinType, NullEquality};
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::first_value;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast};
use kql::ScalarType;
use kql::bound::{Column, JoinKind, Scalar, StepKind};

use super::scalar::{Scope, column_named, null};
use super::{Lowered, Lowerer, Lowering, Stop};

/// A side's columns and keys have names of their own below the join.
struct Side {
    plan: LogicalPlan,
    keys: Vec<String>,
    /// Before each column's number.
    prefix: &'static str,
}

/// The rows of two plans side by side.
pub(super) fn joined(
    lowerer: &Lowerer<'_>,
    left: &Lowered,
    right: &Lowered,
    step: &StepKind,
    columns: &[Column],
) -> Lowering<LogicalPlan> {
    let StepKind::Join {
        kind,
        keys,
        left_places,
        right_places,
        ..
    } = step
    else {
        return Err(Stop::Beyond);
    };
    let of_left: Vec<&Scalar> = keys.iter().map(|(left, _)| left).collect();
    let of_right: Vec<&Scalar> = keys.iter().map(|(_, right)| right).collect();
    let types = key_types(&of_left, &of_right)?;
    let mut from_left = side(lowerer, left, &of_left, &types, "left ")?;
    let from_right = side(lowerer, right, &of_right, &types, "right ")?;
    if *kind == JoinKind::InnerUnique {
        from_left.plan = first_of_each(&from_left, left.columns.len())?;
    }
    let joined = LogicalPlanBuilder::from(from_left.plan).join_detailed(
        from_right.plan,
        join_type(*kind),
        (unqualified(&from_left.keys), unqualified(&from_right.keys)),
        None,
        NullEquality::NullEqualsNull,
    )?;
    let given = left_places
        .iter()
        .map(|place| (from_left.prefix, place))
        .chain(right_places.iter().map(|place| (from_right.prefix, place)));
    let outputs: Vec<Expr> = given
        .zip(columns)
        .map(|((prefix, place), column)| {
            let held = column_named(format!("{prefix}{place}"));
            // A missing partner's texts are empty, for they are never null.
            let held = match column.kind {
                ScalarType::String if pads(*kind) => coalesce(vec![held, null(ScalarType::String)?]),
                _ => held,
            };
            Ok(held.alias(&*column.name))
        })
        .collect::<Lowering<_>>()?;
    Ok(joined.project(outputs)?.build()?)
}

const fn join_type(kind: JoinKind) -> JoinType {
    match kind {
        JoinKind::InnerUnique | JoinKind::Inner => JoinType::Inner,
        JoinKind::LeftOuter => JoinType::Left,
        JoinKind::RightOuter => JoinType::Right,
        JoinKind::FullOuter => JoinType::Full,
        JoinKind::LeftSemi => JoinType::LeftSemi,
        JoinKind::LeftAnti => JoinType::LeftAnti,
        JoinKind::RightSemi => JoinType::RightSemi,
        JoinKind::RightAnti => JoinType::RightAnti,
    }
}

const fn pads(kind: JoinKind) -> bool {
    matches!(
        kind,
        JoinKind::LeftOuter | JoinKind::RightOuter | JoinKind::FullOuter
    )
}

/// The types in which keys are compared.
fn key_types(left: &[&Scalar], right: &[&Scalar]) -> Lowering<Vec<Option<DataType>>> {
    left.iter()
        .zip(right)
        .map(|(left, right)| match (left.gives, right.gives) {
            (ScalarType::Dynamic, _) | (_, ScalarType::Dynamic) => Err(Stop::Beyond),
            (left, right) if left == right => Ok(None),
            (left, right) if left.is_integer() && right.is_integer() => Ok(Some(DataType::Int64)),
            _ => Err(Stop::Beyond),
        })
        .collect()
}

fn side(
    lowerer: &Lowerer<'_>,
    rows: &Lowered,
    keys: &[&Scalar],
    types: &[Option<DataType>],
    prefix: &'static str,
) -> Lowering<Side> {
    let scope = Scope::of_plan(lowerer, &rows.columns);
    let mut outputs: Vec<Expr> = rows
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| column_named(&*column.name).alias(format!("{prefix}{at}")))
        .collect();
    let mut names = Vec::with_capacity(keys.len());
    for (at, (key, data_type)) in keys.iter().zip(types).enumerate() {
        let name = format!("{prefix}key {at}");
        let key = scope.key(key)?;
        let key = match data_type {
            Some(data_type) => cast(key, data_type.clone()),
            None => key,
        };
        outputs.push(key.alias(&name));
        names.push(name);
    }
    let plan = LogicalPlanBuilder::from(rows.plan.clone()).project(outputs)?;
    Ok(Side {
        plan: plan.build()?,
        keys: names,
        prefix,
    })
}

fn unqualified(names: &[String]) -> Vec<PlanColumn> {
    names.iter().map(PlanColumn::new_unqualified).collect()
}

/// One row for each key: the first that comes.
fn first_of_each(side: &Side, columns: usize) -> Lowering<LogicalPlan> {
    let keys: Vec<Expr> = unqualified(&side.keys).into_iter().map(Expr::Column).collect();
    let firsts: Vec<Expr> = (0..columns)
        .map(|at| {
            let name = format!("{}{at}", side.prefix);
            first_value(column_named(&name), Vec::new()).alias(name)
        })
        .collect();
    Ok(LogicalPlanBuilder::from(side.plan.clone())
        .aggregate(keys, firsts)?
        .build()?)
}
