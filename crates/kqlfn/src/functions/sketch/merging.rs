//! Several sketches as one.

use crate::dynamic::Writer;
use crate::function::{Call, Computed, Refusal};

/// What reads a sketch of an argument in a row, puts another into it, and writes it.
pub(super) struct Merging<S> {
    pub(super) read: fn(&Call<'_>, usize, usize) -> Option<S>,
    /// False if they do not fit together.
    pub(super) merge: fn(&mut S, &S) -> bool,
    pub(super) write: fn(S, &mut Writer),
    /// What is said where they do not fit.
    pub(super) refusal: &'static str,
}

/// The arguments of each row as one sketch; what is none is passed over.
pub(super) fn merged<S>(call: &Call<'_>, merging: &Merging<S>) -> Computed {
    let mut differ = false;
    let column = call.dynamics(|row, writer| {
        let mut merged: Option<S> = None;
        for one in (0..call.arguments.len()).filter_map(|argument| (merging.read)(call, argument, row)) {
            match &mut merged {
                Some(merged) => differ |= !(merging.merge)(merged, &one),
                None => merged = Some(one),
            }
        }
        if let Some(merged) = merged {
            (merging.write)(merged, writer);
        }
    });
    if differ {
        return Err(Refusal::new(merging.refusal));
    }
    column
}
