//! What the functions that fill gaps have in common: which elements are gaps.

use super::reading::Number;
use crate::dynamic::Dynamic;
use crate::function::Call;

/// What stands for a missing value.
#[derive(Clone, Copy)]
pub(super) struct Gap(Option<f64>);

impl Gap {
    /// By an argument; null if it is left out.
    pub(super) fn of(call: &Call<'_>, argument: usize, row: usize) -> Self {
        Self(call.real(argument, row))
    }

    /// True if the element is a gap.
    pub(super) fn is(self, element: Dynamic<'_>) -> bool {
        match self.0 {
            None => element.is_null(),
            Some(mark) => Number::of(element).is_some_and(|number| number.real() == mark),
        }
    }
}

/// Each gap takes the last value that came before it, in the order in which the elements are visited.
pub(super) fn carried<'a>(elements: impl Iterator<Item = Dynamic<'a>>, gap: Gap) -> Vec<Dynamic<'a>> {
    let mut last = None;
    elements
        .map(|element| {
            if gap.is(element) {
                return last.unwrap_or(element);
            }
            last = Some(element);
            element
        })
        .collect()
}
