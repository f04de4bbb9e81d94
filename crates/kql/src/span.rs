//! Where something stands in a query: byte ranges, and the line and column a person counts.

use serde::{Deserialize, Serialize};

/// A range of bytes of the query's text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// A range of bytes.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty range at a place.
    #[must_use]
    pub const fn at(place: u32) -> Self {
        Self::new(place, place)
    }

    /// From the beginning of this range to the end of another.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The bytes of the text in this range; empty if the range is not of this text.
    #[must_use]
    pub fn text(self, query: &str) -> &str {
        query
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// Line and column of the beginning, both counted from 1, columns in characters.
    #[must_use]
    pub fn line_and_column(self, query: &str) -> (usize, usize) {
        let before = query.get(..self.start as usize).unwrap_or(query);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let lines = before.bytes().filter(|&byte| byte == b'\n').count();
        let column = before.get(line_start..).unwrap_or_default().chars().count();
        (lines + 1, column + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_a_persons() {
        let query = "T\n| where é == 1";
        assert_eq!(Span::new(0, 1).line_and_column(query), (1, 1));
        assert_eq!(Span::new(2, 3).line_and_column(query), (2, 1));
        let equals = u32::try_from(query.find("==").unwrap_or_default()).unwrap_or_default();
        assert_eq!(Span::new(equals, equals + 2).line_and_column(query), (2, 11));
        assert_eq!(Span::new(900, 901).text(query), "");
    }
}
