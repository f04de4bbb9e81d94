//! Stable error codes. A code never changes its meaning and is never reused.
//!
//! `FG1xxx` what a log can be wrong about, `FG2xxx` sources and table, `FG3xxx` queries,
//! `FG4xxx` command line and configuration. Each has a page under `docs/codes/`, made from here.

pub mod list;
mod page;

pub use list::CODES;
pub use page::{code_page, codes_index};

use std::fmt;

/// A stable code such as `FG1001`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub u16);

/// What a code means for the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The tuple or record goes to quarantine; the rest is kept.
    Quarantined,
    /// Kept, counted, and shown under "odd things seen".
    Noted,
    /// Some bytes could not be used; their number is reported.
    GivenUp,
    /// The command stops, or goes on without this source.
    Refused,
}

impl Effect {
    /// The sentence on the code's page.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Quarantined => {
                "Quarantined: it is kept in the Quarantine table with its position; everything around it is stored."
            }
            Self::Noted => "Noted: the data is stored, and the count is shown under \"odd things seen\".",
            Self::GivenUp => {
                "Given up: every complete record before and after is stored, and the number of bytes is reported."
            }
            Self::Refused => "Refused: nothing of this source or command takes effect.",
        }
    }
}

/// A code with what its page says.
#[derive(Debug)]
pub struct CodeDef {
    /// The code.
    pub code: Code,
    /// What happened, as a short lower-case phrase.
    pub title: &'static str,
    /// What becomes of the data.
    pub effect: Effect,
    /// Why it happens.
    pub cause: &'static str,
    /// What to do next.
    pub next: &'static str,
}

impl Code {
    /// The definition; every code in the program has one (tested).
    #[must_use]
    pub fn def(self) -> Option<&'static CodeDef> {
        CODES.iter().find(|def| def.code == self)
    }

    /// The short phrase, or an empty one for a code unknown to this version.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.def().map_or("", |def| def.title)
    }

    /// Reads `FG1001`.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("FG").or_else(|| text.strip_prefix("fg"))?;
        if digits.len() == 4 {
            digits.parse().ok().map(Code)
        } else {
            None
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FG{:04}", self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_unique_and_complete() {
        for (left, right) in CODES.iter().zip(CODES.iter().skip(1)) {
            assert!(left.code < right.code, "{} before {}", left.code, right.code);
        }
        for def in CODES {
            assert!(
                !def.title.is_empty() && !def.cause.is_empty() && !def.next.is_empty(),
                "{}",
                def.code
            );
            assert!(!def.title.ends_with('.'), "{}", def.code);
            assert_eq!(Code::from_text(&def.code.to_string()), Some(def.code));
        }
    }
}
