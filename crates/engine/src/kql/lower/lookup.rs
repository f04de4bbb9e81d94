//! `ipv4_lookup` and `ipv6_lookup`: what is found for each different address, joined with the rows.

use datafusion::logical_expr::LogicalPlanBuilder;
use kql::ScalarType;
use kql::bound::{Column, HIDDEN, JoinKind, Named, PluginCall, Rows, Scalar, Source, Step, StepKind};

use super::join::joined;
use super::scalar::columns_of;
use super::{Lowered, Lowerer, Lowering, Stop, in_memory};

/// Where the address stands among the arguments; behind it are the ranges and what is done without a match.
const ADDRESS: usize = 0;

/// The first of further keys: the input's, the table's, and so on.
const MORE_KEYS: usize = 3;

/// Rows with what is found for their addresses.
pub(super) fn looked_up(
    lowerer: &Lowerer<'_>,
    rows: Rows,
    before: &Lowered,
    step: &Step,
    call: &PluginCall,
) -> Lowering<Lowered> {
    let gives_table_first = call.name == "ipv6_lookup";
    let of_input = before.columns.len();
    let of_table = step.columns.len().checked_sub(of_input).ok_or(Stop::Beyond)?;
    let (kept, found) = if gives_table_first {
        let (found, kept) = step.columns.split_at(of_table);
        (kept, found)
    } else {
        step.columns.split_at(of_input)
    };

    let (call, groups, keys) = keyed(call)?;
    let mut different = rows;
    different.steps.push(Step {
        kind: StepKind::Summarize(groups.clone(), Vec::new()),
        columns: keys.clone(),
        span: step.span,
    });
    let sides: [&[Column]; 2] = if gives_table_first {
        [found, &keys]
    } else {
        [&keys, found]
    };
    let given = sides.concat();
    different.steps.push(Step {
        kind: StepKind::Plugin(call),
        columns: given.clone(),
        span: step.span,
    });
    let matches = lowerer.evaluator.rows(&different, None)?;
    lowerer.hold(&matches);

    let place = |column: &Column| given.iter().position(|held| held.name == column.name);
    let pairs = groups.into_iter().zip(&keys).map(|(group, key)| {
        let right = Scalar::column(place(key)?, key.kind, group.value.span);
        Some((group.value, right))
    });
    let join = StepKind::Join {
        kind: JoinKind::Inner,
        right: Box::new(Rows::new(Source::Outer, Vec::new())),
        keys: pairs.collect::<Option<_>>().ok_or(Stop::Beyond)?,
        left_places: (0..of_input).collect(),
        right_places: found
            .iter()
            .map(place)
            .collect::<Option<_>>()
            .ok_or(Stop::Beyond)?,
    };
    let plan = joined(
        lowerer,
        before,
        &in_memory(&matches)?,
        &join,
        &[kept, found].concat(),
    )?;
    let plan = LogicalPlanBuilder::from(plan).project(columns_of(&step.columns))?;
    Ok(Lowered {
        plan: plan.build()?,
        steps: 0,
        columns: step.columns.clone(),
        order: None,
        table: None,
    })
}

/// The call over each different address with its other keys, what those are of the input, and their columns.
fn keyed(call: &PluginCall) -> Lowering<(PluginCall, Vec<Named>, Vec<Column>)> {
    let (mut call, mut groups, mut keys) = (call.clone(), Vec::new(), Vec::new());
    let arguments = call.arguments.iter_mut().enumerate();
    let is_key = |at: usize| at == ADDRESS || (at >= MORE_KEYS && (at - MORE_KEYS).is_multiple_of(2));
    for (_, argument) in arguments.filter(|(at, _)| is_key(*at)) {
        if argument.gives == ScalarType::Dynamic {
            return Err(Stop::Beyond);
        }
        let column = Column::new(format!("{HIDDEN}key {}", keys.len()), argument.gives);
        let of_group = Scalar::column(keys.len(), argument.gives, argument.span);
        let value = std::mem::replace(argument, of_group);
        groups.push(Named {
            name: column.name.clone(),
            value,
        });
        keys.push(column);
    }
    Ok((call, groups, keys))
}
