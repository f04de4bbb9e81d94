//! Values that are the same and are written in several ways: both zeros, all that is no number, `1.0` and `1.00`.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, StringViewArray};
use kql::ScalarType;
use kqlfn::Column;
use kqlfn::decimal::Decimal;

/// True for types some of whose values have several spellings.
#[must_use]
pub const fn has_spellings(kind: ScalarType) -> bool {
    matches!(kind, ScalarType::Real | ScalarType::Decimal)
}

/// The values of a column with one spelling each: what is the same has the same bytes.
#[must_use]
pub fn spelled_once(column: &Column) -> Column {
    let array: ArrayRef = match column.kind {
        ScalarType::Real => match column.array.as_primitive_opt::<Float64Type>() {
            Some(values) => Arc::new(values.unary::<_, Float64Type>(one_real)),
            None => return column.clone(),
        },
        ScalarType::Decimal => match column.array.as_string_view_opt() {
            Some(values) => {
                let spelled = values.iter().map(|digits| digits.map(one_decimal));
                Arc::new(spelled.collect::<StringViewArray>())
            }
            None => return column.clone(),
        },
        _ => return column.clone(),
    };
    Column {
        array,
        ..column.clone()
    }
}

pub(crate) fn one_real(value: f64) -> f64 {
    match value {
        0.0 => 0.0,
        value if value.is_nan() => f64::NAN,
        value => value,
    }
}

pub(crate) fn one_decimal(digits: &str) -> String {
    Decimal::parse(digits).map_or_else(
        || digits.to_owned(),
        |decimal| decimal.without_zeros().to_string(),
    )
}
