//! Steps that make columns beside those that are there, as one: what looks at each pair of steps in a plan would make
//! a hundred times `extend` slow.

use std::collections::HashMap;

use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan, Projection};

use super::Lowering;

/// The outputs over the plan, or the same over what lies before its last step, if that only made columns and nothing is
/// computed twice or out of what was computed.
pub(super) fn merged(plan: LogicalPlan, outputs: Vec<Expr>) -> Lowering<(LogicalPlan, Vec<Expr>)> {
    let LogicalPlan::Projection(before) = &plan else {
        return Ok((plan, outputs));
    };
    let Some(made) = made(before) else {
        return Ok((plan, outputs));
    };
    let mut used: HashMap<&str, usize> = HashMap::new();
    for output in &outputs {
        let is_carried = carried(output).is_some();
        let mut fits = true;
        output.apply(|part| {
            if let Expr::Column(column) = part {
                match made.get_key_value(column.name.as_str()) {
                    Some((_, expression)) if is_plain(expression) => {}
                    Some((name, _)) if is_carried => *used.entry(name).or_default() += 1,
                    _ => fits = false,
                }
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        if !fits {
            return Ok((plan, outputs));
        }
    }
    if used.values().any(|count| *count > 1) {
        return Ok((plan, outputs));
    }
    let outputs = outputs
        .into_iter()
        .map(|output| {
            let replaced = output.transform_up(|part| match &part {
                Expr::Column(column) => Ok(match made.get(column.name.as_str()) {
                    Some(expression) => Transformed::yes((*expression).clone()),
                    None => Transformed::no(part),
                }),
                _ => Ok(Transformed::no(part)),
            })?;
            Ok(replaced.data)
        })
        .collect::<Lowering<Vec<_>>>()?;
    Ok((before.input.as_ref().clone(), outputs))
}

/// What a step made, by name, if each has a name of its own.
fn made(step: &Projection) -> Option<HashMap<&str, &Expr>> {
    let named = step.expr.iter().map(|expression| match expression {
        Expr::Alias(alias) if alias.relation.is_none() => Some((alias.name.as_str(), alias.expr.as_ref())),
        _ => None,
    });
    named.collect()
}

/// The column that an output is, under whatever name.
fn carried(output: &Expr) -> Option<&Expr> {
    match output {
        Expr::Alias(alias) => carried(&alias.expr),
        Expr::Column(_) => Some(output),
        _ => None,
    }
}

const fn is_plain(expression: &Expr) -> bool {
    matches!(expression, Expr::Column(_) | Expr::Literal(..))
}
