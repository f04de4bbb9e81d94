//! Where a text stands in another: anywhere, or at the borders of terms. A term is a run of letters and digits.

/// What stands next to a match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Borders {
    /// A term begins where the match begins.
    pub(super) before: bool,
    /// A term ends where the match ends.
    pub(super) after: bool,
}

/// A text that is looked for.
pub(super) struct Needle {
    text: String,
    is_case_sensitive: bool,
    is_ascii: bool,
    borders: Borders,
}

impl Needle {
    pub(super) fn new(text: &str, is_case_sensitive: bool, borders: Borders) -> Self {
        let text = if is_case_sensitive {
            text.to_owned()
        } else {
            text.to_lowercase()
        };
        Self {
            is_ascii: text.is_ascii(),
            text,
            is_case_sensitive,
            borders,
        }
    }

    /// True if the text is in the other one, between the borders that are asked for.
    pub(super) fn is_in(&self, haystack: &str) -> bool {
        if self.text.is_empty() {
            return true;
        }
        if self.is_case_sensitive {
            return self.found(
                haystack,
                haystack.match_indices(self.text.as_str()).map(|(at, _)| at),
            );
        }
        if self.is_ascii && haystack.is_ascii() {
            return self.found(haystack, ascii_matches(haystack.as_bytes(), self.text.as_bytes()));
        }
        let lowered = haystack.to_lowercase();
        let places: Vec<usize> = lowered
            .match_indices(self.text.as_str())
            .map(|(at, _)| at)
            .collect();
        self.found(&lowered, places.into_iter())
    }

    fn found(&self, haystack: &str, mut places: impl Iterator<Item = usize>) -> bool {
        places.any(|at| {
            let first = self.text.chars().next();
            let last = self.text.chars().next_back();
            let before = haystack.get(..at).and_then(|text| text.chars().next_back());
            let after = haystack
                .get(at + self.text.len()..)
                .and_then(|text| text.chars().next());
            (!self.borders.before || !joins(before, first)) && (!self.borders.after || !joins(last, after))
        })
    }

    /// True if the other text begins so.
    pub(super) fn begins(&self, haystack: &str) -> bool {
        if self.is_case_sensitive {
            return haystack.starts_with(&self.text);
        }
        match haystack.get(..self.text.len()) {
            Some(beginning) if self.is_ascii && beginning.is_ascii() => {
                beginning.eq_ignore_ascii_case(&self.text)
            }
            _ => haystack.to_lowercase().starts_with(&self.text),
        }
    }

    /// True if the other text ends so.
    pub(super) fn ends(&self, haystack: &str) -> bool {
        if self.is_case_sensitive {
            return haystack.ends_with(&self.text);
        }
        let end = haystack
            .len()
            .checked_sub(self.text.len())
            .and_then(|at| haystack.get(at..));
        match end {
            Some(end) if self.is_ascii && end.is_ascii() => end.eq_ignore_ascii_case(&self.text),
            _ => haystack.to_lowercase().ends_with(&self.text),
        }
    }

    /// True if it is the other text.
    pub(super) fn is(&self, other: &str) -> bool {
        if self.is_ascii && other.is_ascii() {
            other.eq_ignore_ascii_case(&self.text)
        } else {
            other.to_lowercase() == self.text
        }
    }
}

/// True if both are of one term.
fn joins(left: Option<char>, right: Option<char>) -> bool {
    left.is_some_and(char::is_alphanumeric) && right.is_some_and(char::is_alphanumeric)
}

/// Where a text in small letters stands in another, in letters of any size.
fn ascii_matches<'h>(haystack: &'h [u8], needle: &'h [u8]) -> impl Iterator<Item = usize> + 'h {
    let first = needle.first().copied().unwrap_or_default();
    let (small, large) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    memchr::memchr2_iter(small, large, haystack).filter(move |&at| {
        haystack
            .get(at..at + needle.len())
            .is_some_and(|piece| piece.eq_ignore_ascii_case(needle))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_end_where_letters_and_digits_do() {
        let has = |haystack: &str, needle: &str| {
            let borders = Borders {
                before: true,
                after: true,
            };
            Needle::new(needle, false, borders).is_in(haystack)
        };
        for (haystack, needle, expected) in [
            ("alpha_beta", "alpha", true),
            ("helloworld", "hello", false),
            ("10.0.0.4", "10.0.0", true),
            ("110.0.0.4", "10.0.0", false),
            ("10.0.01", "10.0.0", false),
            ("North America", "am", false),
            ("Café au lait", "CAFÉ", true),
            ("a-b", "-", true),
            ("xx abc abcd", "ABC", true),
            ("anything", "", true),
        ] {
            assert_eq!(has(haystack, needle), expected, "{haystack} has {needle}");
        }
    }
}
