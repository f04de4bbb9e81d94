//! Whether to go on: the caller is asked now and then.

use std::cell::Cell;

use crate::NotDrawn;

/// Steps between two questions.
const STRIDE: u32 = 1024;

/// Asks the caller whether it is enough.
pub(crate) struct Watch<'s> {
    stop: &'s dyn Fn() -> bool,
    steps: Cell<u32>,
}

impl<'s> Watch<'s> {
    /// Asks for the first time.
    pub(crate) fn new(stop: &'s dyn Fn() -> bool) -> Result<Self, NotDrawn> {
        let watch = Self {
            stop,
            steps: Cell::new(0),
        };
        watch.ask().map(|()| watch)
    }

    /// Asks.
    pub(crate) fn ask(&self) -> Result<(), NotDrawn> {
        if (self.stop)() {
            Err(NotDrawn::Stopped)
        } else {
            Ok(())
        }
    }

    /// One step of many: of so many one asks.
    pub(crate) fn step(&self) -> Result<(), NotDrawn> {
        self.steps.set(self.steps.get().wrapping_add(1));
        if self.steps.get().is_multiple_of(STRIDE) {
            self.ask()
        } else {
            Ok(())
        }
    }
}
