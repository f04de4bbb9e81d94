//! Which of two values comes first, where an array is sorted: by kind, then by value.

use std::cmp::Ordering;

use super::Dynamic;

/// Compares two values. Numbers of different kinds compare as numbers; values of different kinds by their kind.
#[must_use]
pub fn compare(left: Dynamic<'_>, right: Dynamic<'_>) -> Ordering {
    match (left, right) {
        (Dynamic::Long(left), Dynamic::Long(right))
        | (Dynamic::Datetime(left), Dynamic::Datetime(right))
        | (Dynamic::Timespan(left), Dynamic::Timespan(right)) => left.cmp(&right),
        (Dynamic::String(left), Dynamic::String(right)) => left.cmp(right),
        (Dynamic::Bool(left), Dynamic::Bool(right)) => left.cmp(&right),
        (Dynamic::Guid(left), Dynamic::Guid(right)) => left.cmp(&right),
        _ => match (left.number(), right.number()) {
            (Some(left), Some(right)) => left.total_cmp(&right),
            _ => rank(left)
                .cmp(&rank(right))
                .then_with(|| left.to_json().cmp(&right.to_json())),
        },
    }
}

const fn rank(value: Dynamic<'_>) -> u8 {
    match value {
        Dynamic::Bool(_) => 0,
        Dynamic::Int(_) | Dynamic::Long(_) | Dynamic::Real(_) | Dynamic::Decimal(_) => 1,
        Dynamic::Datetime(_) => 2,
        Dynamic::Timespan(_) => 3,
        Dynamic::String(_) => 4,
        Dynamic::Guid(_) => 5,
        Dynamic::Array(_) => 6,
        Dynamic::Bag(_) => 7,
        Dynamic::Null => 8,
    }
}
