//! What is answered where nothing is known.

use super::VERSION;
use crate::function::{Call, Computed, Refusal};

/// The same text for each row. A version of the facts is none of those that there are.
pub(super) fn told(call: &Call<'_>, text: &str) -> Computed {
    match call.constant(VERSION) {
        Some(version) => Err(Refusal::new(format!(
            "there is no version `{}` of the facts, for none are loaded: `flowglass facts load` takes exports",
            version.text()
        ))),
        None => call.strings(|_| text),
    }
}
