//! Arguments that have to be read before they are of use, such as formats: once if they are the same for all rows.

use crate::function::{Call, Refusal};

/// What the text of an argument says.
pub(super) struct Prepared<'c, T> {
    call: &'c Call<'c>,
    argument: usize,
    read: fn(&str) -> Result<T, Refusal>,
    once: Option<T>,
}

impl<'c, T> Prepared<'c, T> {
    /// Reads an argument if it is the same for all rows; what cannot be read refuses the call then.
    pub(super) fn new(
        call: &'c Call<'c>,
        argument: usize,
        read: fn(&str) -> Result<T, Refusal>,
    ) -> Result<Self, Refusal> {
        let once = match call.constant(argument) {
            Some(cell) => Some(read(&cell.text())?),
            None => None,
        };
        Ok(Self {
            call,
            argument,
            read,
            once,
        })
    }

    /// Does something with what the argument says in a row; nothing where it cannot be read.
    pub(super) fn with<R>(&self, row: usize, act: impl FnOnce(&T) -> R) -> Option<R> {
        match &self.once {
            Some(value) => Some(act(value)),
            None => (self.read)(&self.call.text(self.argument, row))
                .ok()
                .map(|value| act(&value)),
        }
    }
}
