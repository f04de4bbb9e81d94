//! What a comparison with `bin(x, step)` or `x + step` says of `x`: conditions behind a `summarize` by the hour then
//! pass over files as those before it do.

use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::preimage::PreimageResult;
use kql::ScalarType;
use kql::values::TICKS_PER_DAY;

/// The values of its column for which a function is what it is compared with. Where it never is that, the range is empty
/// and lies where those that are more begin.
pub(super) fn preimage(
    function: &str,
    kinds: &[ScalarType],
    arguments: &[Expr],
    literal: &Expr,
) -> Result<PreimageResult> {
    let Some((column, from, before)) = range(function, kinds, arguments, literal) else {
        return Ok(PreimageResult::None);
    };
    let bound = |value| ScalarValue::Int64(Some(value));
    Ok(PreimageResult::Range {
        expr: column.clone(),
        interval: Box::new(Interval::try_new(bound(from), bound(before))?),
    })
}

fn range<'a>(
    function: &str,
    kinds: &[ScalarType],
    arguments: &'a [Expr],
    literal: &Expr,
) -> Option<(&'a Expr, i64, i64)> {
    let are_whole = kinds.iter().all(|kind| {
        matches!(
            kind,
            ScalarType::Long | ScalarType::Datetime | ScalarType::Timespan
        )
    });
    let compared = whole(literal)?;
    let step_of = |column, step: i64| {
        let begins = compared.div_euclid(step).checked_mul(step)?;
        let next = begins.checked_add(step)?;
        Some(match compared == begins {
            true => (column, begins, next),
            false => (column, next, next),
        })
    };
    let (left, right) = match (arguments, function) {
        _ if !are_whole => return None,
        ([moment], "startofday") => return step_of(moment, TICKS_PER_DAY),
        ([left, right], _) => (left, right),
        _ => return None,
    };
    match (function, whole(left), whole(right)) {
        ("bin" | "floor", None, Some(step)) if step > 0 => step_of(left, step),
        ("+", None, Some(more)) => one(left, compared.checked_sub(more)?),
        ("+", Some(more), None) => one(right, compared.checked_sub(more)?),
        ("-", None, Some(less)) => one(left, compared.checked_add(less)?),
        _ => None,
    }
}

fn one(column: &Expr, value: i64) -> Option<(&Expr, i64, i64)> {
    Some((column, value, value.checked_add(1)?))
}

fn whole(expression: &Expr) -> Option<i64> {
    match expression {
        Expr::Literal(ScalarValue::Int64(value), _) => *value,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, lit};

    use super::*;

    #[track_caller]
    fn check(function: &str, arguments: &[Expr], compared: i64, expected: Option<(i64, i64)>) {
        let kinds = [ScalarType::Datetime, ScalarType::Timespan];
        let found = range(function, &kinds, arguments, &lit(compared));
        assert_eq!(found.map(|(_, from, before)| (from, before)), expected);
    }

    #[test]
    fn bins_and_distances() {
        let bin = [col("x"), lit(10_i64)];
        check("bin", &bin, 20, Some((20, 30)));
        check("bin", &bin, 25, Some((30, 30)));
        check("bin", &bin, -5, Some((0, 0)));
        check("bin", &bin, -10, Some((-10, 0)));
        check("bin", &bin, i64::MAX, None);
        check("bin", &[col("x"), lit(0_i64)], 5, None);
        check("bin", &[col("x"), col("y")], 5, None);
        check("+", &bin, 25, Some((15, 16)));
        check("+", &[lit(10_i64), col("x")], 25, Some((15, 16)));
        check("-", &bin, 25, Some((35, 36)));
        check("-", &[lit(10_i64), col("x")], 25, None);
        check("*", &bin, 25, None);
        check("startofday", &[col("x")], 1, Some((TICKS_PER_DAY, TICKS_PER_DAY)));
    }
}
