//! The pages under `docs/codes/`, made from the list.

use super::{CODES, Code};
use std::fmt::Write as _;

/// The page of one code, or `None` if there is no such code.
#[must_use]
pub fn code_page(code: Code) -> Option<String> {
    let def = code.def()?;
    Some(format!(
        "# {code}: {}\n\n{}\n\n**Why it happens.** {}\n\n**What to do.** {}\n",
        def.title,
        def.effect.sentence(),
        def.cause,
        def.next,
    ))
}

/// `docs/codes/index.md`.
#[must_use]
pub fn codes_index() -> String {
    let mut page = String::from(
        "# Codes\n\nGenerated from `crates/model/src/codes/list.rs` by `cargo xtask generate`; do not edit.\n\n| code | what |\n|---|---|\n",
    );
    for def in CODES {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "| [{0}]({0}.md) | {1} |", def.code, def.title);
    }
    page
}
