//! What operators between expressions take and give.

use crate::syntax::BinaryOperator;
use crate::types::ScalarType;

/// The type that an operator gives between two types; none if it is not made for them.
///
/// A dynamic operand counts as of the other's type; two dynamics can be compared, and not reckoned with.
pub(super) fn gives(operator: BinaryOperator, left: ScalarType, right: ScalarType) -> Option<ScalarType> {
    use BinaryOperator as B;
    match operator {
        B::Add | B::Subtract | B::Multiply | B::Divide | B::Modulo => arithmetic(operator, left, right),
        B::Equal | B::NotEqual | B::LessGreater => comparable(left, right).then_some(ScalarType::Bool),
        B::Less | B::LessEqual | B::Greater | B::GreaterEqual => {
            ordered(left, right).then_some(ScalarType::Bool)
        }
        B::And | B::Or => (left == ScalarType::Bool && right == ScalarType::Bool).then_some(ScalarType::Bool),
        _ => (texts(left) && texts(right)).then_some(ScalarType::Bool),
    }
}

const fn texts(kind: ScalarType) -> bool {
    matches!(kind, ScalarType::String | ScalarType::Dynamic)
}

/// `==`: numbers among themselves, one type with itself, dynamic with all.
pub(super) fn comparable(left: ScalarType, right: ScalarType) -> bool {
    left == right
        || left == ScalarType::Dynamic
        || right == ScalarType::Dynamic
        || (left.is_number() && right.is_number())
        || mixed_bool(left, right)
        || read_from_text(left, right)
}

/// A text beside a time or a guid is read as one.
const fn read_from_text(left: ScalarType, right: ScalarType) -> bool {
    use ScalarType::{Datetime, Guid, String, Timespan};
    matches!(
        (left, right),
        (String, Datetime | Timespan | Guid) | (Datetime | Timespan | Guid, String)
    )
}

/// A bool counts as 0 or 1 beside a whole number.
const fn mixed_bool(left: ScalarType, right: ScalarType) -> bool {
    matches!(
        (left, right),
        (ScalarType::Bool, ScalarType::Int | ScalarType::Long)
            | (ScalarType::Int | ScalarType::Long, ScalarType::Bool)
    )
}

/// `<`: numbers among themselves, times with themselves, dynamic with all of these.
pub(super) fn ordered(left: ScalarType, right: ScalarType) -> bool {
    let orders =
        |kind: ScalarType| kind.is_summable() || matches!(kind, ScalarType::Dynamic | ScalarType::Bool);
    orders(left) && orders(right) && comparable(left, right)
}

fn arithmetic(operator: BinaryOperator, left: ScalarType, right: ScalarType) -> Option<ScalarType> {
    use BinaryOperator as B;
    use ScalarType as T;
    match (left, right) {
        (T::Dynamic, T::Dynamic) => None,
        (T::Dynamic, other) | (other, T::Dynamic) => arithmetic_of_same(operator, other),
        _ if left.is_number() && right.is_number() => {
            let widest = left.widest(right)?;
            Some(if widest == T::Int { T::Long } else { widest })
        }
        (T::Datetime, T::Timespan) if matches!(operator, B::Add | B::Subtract) => Some(T::Datetime),
        (T::Timespan, T::Datetime) if matches!(operator, B::Add | B::Subtract) => Some(T::Datetime),
        (T::Datetime, T::Datetime) if operator == B::Subtract => Some(T::Timespan),
        (T::Timespan, T::Timespan) => match operator {
            B::Add | B::Subtract | B::Modulo => Some(T::Timespan),
            B::Divide => Some(T::Real),
            _ => None,
        },
        (T::Timespan, number) if number.is_number() && matches!(operator, B::Multiply | B::Divide) => {
            Some(T::Timespan)
        }
        (number, T::Timespan) if number.is_number() && operator == B::Multiply => Some(T::Timespan),
        (T::Datetime, T::Timespan) => match operator {
            B::Divide => Some(T::Real),
            B::Modulo => Some(T::Timespan),
            _ => None,
        },
        _ => None,
    }
}

/// Beside a dynamic: the value inside is taken for one of the other operand's type.
fn arithmetic_of_same(operator: BinaryOperator, other: ScalarType) -> Option<ScalarType> {
    use BinaryOperator as B;
    use ScalarType as T;
    match other {
        T::Int | T::Long => Some(T::Long),
        T::Real | T::Decimal => Some(other),
        T::Datetime if operator == B::Subtract => Some(T::Timespan),
        T::Datetime if operator == B::Add => Some(T::Datetime),
        T::Timespan => Some(if operator == B::Divide {
            T::Real
        } else {
            T::Timespan
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use BinaryOperator as B;
    use ScalarType as T;

    #[test]
    fn operators_give_what_kustos_give() {
        for (operator, left, right, expected) in [
            (B::Add, T::Int, T::Int, Some(T::Long)),
            (B::Divide, T::Long, T::Real, Some(T::Real)),
            (B::Multiply, T::Real, T::Decimal, Some(T::Decimal)),
            (B::Subtract, T::Datetime, T::Datetime, Some(T::Timespan)),
            (B::Add, T::Datetime, T::Datetime, None),
            (B::Add, T::Timespan, T::Long, None),
            (B::Divide, T::Datetime, T::Timespan, Some(T::Real)),
            (B::Modulo, T::Datetime, T::Timespan, Some(T::Timespan)),
            (B::Multiply, T::Long, T::Timespan, Some(T::Timespan)),
            (B::Add, T::String, T::String, None),
            (B::Multiply, T::Dynamic, T::Dynamic, None),
            (B::Add, T::Dynamic, T::Long, Some(T::Long)),
            (B::Subtract, T::Dynamic, T::Timespan, Some(T::Timespan)),
            (B::Less, T::String, T::String, None),
            (B::Less, T::Dynamic, T::Long, Some(T::Bool)),
            (B::Less, T::Datetime, T::Datetime, Some(T::Bool)),
            (B::Equal, T::String, T::Long, None),
            (B::Equal, T::Datetime, T::String, Some(T::Bool)),
            (B::Equal, T::Int, T::Real, Some(T::Bool)),
            (B::Equal, T::Dynamic, T::Dynamic, Some(T::Bool)),
            (B::Has, T::Dynamic, T::String, Some(T::Bool)),
            (B::Has, T::Long, T::String, None),
            (B::And, T::Bool, T::Long, None),
        ] {
            assert_eq!(
                gives(operator, left, right),
                expected,
                "{left} {} {right}",
                operator.text()
            );
        }
    }
}
