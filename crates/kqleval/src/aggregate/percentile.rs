//! Percentiles.

use kqlfn::Cell;
use kqlfn::dynamic::Dynamic;

use super::Group;
use crate::Result;
use crate::order::sorted;
use crate::value::{Value, order};

/// Percentiles by the nearest rank: a value that is there.
pub(super) fn percentiles(
    group: &Group<'_>,
    from: usize,
    weight: Option<usize>,
    as_array: bool,
) -> Result<Vec<Value>> {
    let mut held = group.budget.hold();
    // Once as they come, and once as they are put in order.
    held.grow(group.rows.len().saturating_mul(2 * size_of::<(Cell<'_>, i64)>()))?;
    let weighted: Vec<(Cell<'_>, i64)> = group
        .each()
        .map(|row| {
            let weight = weight.map_or(1, |weight| group.cell(weight, row).long().unwrap_or(0));
            (group.cell(0, row), weight)
        })
        .filter(|(cell, weight)| !cell.is_null() && *weight > 0)
        .collect();
    let weighted = sorted(weighted, |left, right| order(left.0, right.0), group.budget)?;
    let total: i64 = weighted.iter().map(|(_, weight)| weight).sum();
    let mut wanted: Vec<f64> = Vec::new();
    for column in group.arguments.iter().skip(from) {
        match column.cell(0) {
            Cell::Dynamic(Dynamic::Array(array)) => wanted.extend(array.iter().filter_map(Dynamic::number)),
            cell => wanted.extend(cell.real()),
        }
    }
    let found: Vec<Value> = wanted
        .iter()
        .map(|percent| {
            #[expect(clippy::cast_precision_loss, reason = "ranks are small")]
            let rank = (percent / 100.0 * total as f64).ceil().max(1.0);
            let mut seen = 0.0;
            for (cell, weight) in &weighted {
                #[expect(clippy::cast_precision_loss, reason = "weights are small")]
                let weight = *weight as f64;
                seen += weight;
                if seen >= rank {
                    return Value::from(*cell);
                }
            }
            weighted
                .last()
                .map_or(Value::Null, |(cell, _)| Value::from(*cell))
        })
        .collect();
    if as_array {
        return Ok(vec![Value::array(found.iter().map(Value::cell))]);
    }
    Ok(found)
}
