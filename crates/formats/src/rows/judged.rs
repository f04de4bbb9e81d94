//! The first rows of a source: whether they are of the layout that its names promise.
//!
//! What is wrong with single rows is said row by row. Where all of the first rows are wrong, the layout
//! is, and the source is refused as a whole with one code. Rows of no layout say nothing of the others.

use std::collections::BTreeMap;

use model::codes::{Code, list as code};
use model::limits::{DETECT_OBJECTS_MAX, ROWS_JUDGED};

use crate::report::Quarantined;

/// What is known of the first rows.
#[derive(Default)]
pub(crate) struct Judged {
    rows: usize,
    settled: bool,
    wrong: BTreeMap<Code, usize>,
    /// What was put aside while it was not known whether it counts.
    held: Vec<Quarantined>,
}

/// What follows from a row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Go on; what was held counts.
    Counts(Vec<Quarantined>),
    /// Nothing of the source is read.
    Refused(Code),
}

impl Judged {
    /// A source that goes on has been judged before.
    pub(crate) fn settled() -> Self {
        Self {
            settled: true,
            ..Self::default()
        }
    }

    /// A row was read.
    pub(crate) fn good(&mut self) -> Verdict {
        self.settled = true;
        Verdict::Counts(std::mem::take(&mut self.held))
    }

    /// A row was put aside.
    pub(crate) fn bad(&mut self, item: Quarantined) -> Verdict {
        if self.settled {
            return Verdict::Counts(vec![item]);
        }
        // There was no promise that it could break: it may be a row of another table.
        if !matches!(item.code, code::ROW_LAYOUT | code::ROW_TABLE) {
            self.rows += 1;
            *self.wrong.entry(item.code).or_default() += 1;
        }
        self.held.push(item);
        if self.rows < ROWS_JUDGED {
            return if self.held.len() < DETECT_OBJECTS_MAX {
                Verdict::Counts(Vec::new())
            } else {
                self.good()
            };
        }
        let most = self.wrong.iter().max_by_key(|(_, count)| **count);
        Verdict::Refused(most.map_or(code::ROW_LAYOUT, |(code, _)| *code))
    }

    /// True if there were rows, and every one of them was put aside.
    pub(crate) fn all_wrong(&self) -> bool {
        !self.settled && self.rows > 0
    }

    /// The source has ended.
    pub(crate) fn end(&mut self) -> Verdict {
        // One row is enough where the fault can only be that of the whole.
        let whole = [
            code::ROW_ZONE,
            code::ROW_SHIFTED,
            code::ROW_ELASTIC,
            code::ROW_COLUMN,
        ];
        match self.wrong.keys().next() {
            Some(only) if !self.settled && self.wrong.len() == 1 && whole.contains(only) => {
                Verdict::Refused(*only)
            }
            _ => self.good(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(why: Code) -> Quarantined {
        Quarantined {
            code: why,
            offset: 0,
            length: 0,
            record_offset: None,
            tuple_index: None,
            raw: Vec::new(),
        }
    }

    fn bad(count: usize, why: Code) -> Judged {
        let mut judged = Judged::default();
        for _ in 0..count {
            assert_eq!(judged.bad(item(why)), Verdict::Counts(Vec::new()));
        }
        judged
    }

    #[test]
    fn one_good_row_lets_all_count() {
        let mut judged = bad(5, code::ROW_PORT);
        assert_eq!(judged.good(), Verdict::Counts(vec![item(code::ROW_PORT); 5]));
        assert_eq!(
            judged.bad(item(code::ROW_PORT)),
            Verdict::Counts(vec![item(code::ROW_PORT)])
        );
        assert_eq!(judged.end(), Verdict::Counts(Vec::new()));
    }

    #[test]
    fn a_source_of_wrong_rows_is_refused_by_the_commonest_code() {
        let mut judged = bad(ROWS_JUDGED - 1, code::ROW_PORT);
        assert_eq!(judged.bad(item(code::ROW_TIME)), Verdict::Refused(code::ROW_PORT));
    }

    #[test]
    fn rows_of_no_layout_say_nothing_of_the_others() {
        let mut judged = bad(DETECT_OBJECTS_MAX - 1, code::ROW_LAYOUT);
        let Verdict::Counts(held) = judged.bad(item(code::ROW_PORT)) else {
            panic!("too few rows of a layout to judge by");
        };
        assert_eq!(held.len(), DETECT_OBJECTS_MAX);
        let mut judged = bad(5, code::ROW_LAYOUT);
        judged.bad(item(code::ROW_ZONE));
        assert_eq!(judged.end(), Verdict::Refused(code::ROW_ZONE));
    }

    #[test]
    fn few_rows_are_put_aside_unless_the_fault_is_that_of_the_whole() {
        assert_eq!(
            bad(3, code::ROW_PORT).end(),
            Verdict::Counts(vec![item(code::ROW_PORT); 3])
        );
        assert_eq!(bad(1, code::ROW_ZONE).end(), Verdict::Refused(code::ROW_ZONE));
        assert_eq!(Judged::default().end(), Verdict::Counts(Vec::new()));
        assert_eq!(
            Judged::settled().bad(item(code::ROW_ZONE)),
            Verdict::Counts(vec![item(code::ROW_ZONE)])
        );
    }
}
