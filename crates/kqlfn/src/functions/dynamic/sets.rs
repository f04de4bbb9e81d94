//! Arrays as sets.

use std::borrow::Cow;
use std::collections::HashSet;

use super::arguments::array;
use super::identity::identity;
use crate::dynamic::{Array, Writer};
use crate::function::Call;

/// The distinct elements of an array.
pub(super) type Set<'a> = HashSet<Cow<'a, [u8]>>;

fn set(array: Array<'_>) -> Set<'_> {
    array.raw().map(identity).collect()
}

/// The arguments as sets; those that are the same for all rows are made once.
pub(super) struct Sets<'a, 'c> {
    call: &'c Call<'a>,
    constants: Vec<Option<Set<'a>>>,
}

impl<'a, 'c> Sets<'a, 'c> {
    pub(super) fn of(call: &'c Call<'a>) -> Self {
        let constant = |argument| call.constant(argument)?.dynamic()?.array().map(set);
        Self {
            call,
            constants: (0..call.arguments.len()).map(constant).collect(),
        }
    }

    /// The argument that is the same for all rows, if it is.
    pub(super) fn constant(&self, argument: usize) -> Option<&Set<'a>> {
        self.constants.get(argument)?.as_ref()
    }

    /// The argument in a row, if it is an array.
    pub(super) fn get(&self, argument: usize, row: usize) -> Option<Cow<'_, Set<'a>>> {
        match self.constant(argument) {
            Some(set) => Some(Cow::Borrowed(set)),
            None => array(self.call, argument, row).map(|array| Cow::Owned(set(array))),
        }
    }

    /// All arguments but the first that are arrays in a row.
    pub(super) fn others(&self, row: usize) -> impl Iterator<Item = Option<Cow<'_, Set<'a>>>> {
        (1..self.call.arguments.len()).map(move |argument| self.get(argument, row))
    }
}

/// Writes an array of the elements that pass, each once, in the order in which they come first.
pub(super) fn write_distinct<'p>(
    writer: &mut Writer,
    pieces: impl Iterator<Item = &'p [u8]>,
    passes: impl Fn(&[u8]) -> bool,
) {
    let mut written = Set::new();
    writer.array(|elements| {
        for piece in pieces {
            let identity = identity(piece);
            if passes(&identity) && written.insert(identity) {
                elements.raw(piece);
            }
        }
    });
}
