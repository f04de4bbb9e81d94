//! Columns whose value is the same for a run of rows.

use std::sync::Arc;

use arrow_array::DictionaryArray;
use arrow_array::types::Int32Type;
use arrow_schema::ArrowError;

use crate::batch::RecordInfo;
use crate::hot;
use crate::intern::{NULL, Texts};

/// A run whose value the end of the record decides.
const OPEN: i32 = -2;

/// One dictionary column, kept as `(end row, code)` runs.
#[derive(Default)]
pub(crate) struct RunColumn {
    pub(crate) texts: Texts,
    ends: Vec<(usize, i32)>,
    /// No run before this one is open; none if no run is.
    open_from: Option<usize>,
}

impl RunColumn {
    fn covered(&self) -> usize {
        self.ends.last().map_or(0, |(end, _)| *end)
    }

    /// Gives the rows since the last run this value. No rows, no run.
    pub(crate) fn set(&mut self, end: usize, value: Option<&[u8]>) {
        if end > self.covered() {
            let code = value.map_or(NULL, |text| self.texts.code(text));
            self.push(end, code);
        }
    }

    /// Leaves the rows since the last run for the record to decide.
    pub(crate) fn leave_open(&mut self, end: usize) {
        if end > self.covered() {
            self.open_from.get_or_insert(self.ends.len());
            self.push(end, OPEN);
        }
    }

    /// Decides what was left open.
    pub(crate) fn settle(&mut self, end: usize, value: Option<&[u8]>) {
        if self.open_from.is_none() {
            return self.set(end, value);
        }
        self.leave_open(end);
        let open = self.open_from.take().and_then(|from| self.ends.get_mut(from..));
        let code = value.map_or(NULL, |text| self.texts.code(text));
        open.into_iter()
            .flatten()
            .filter(|(_, found)| *found == OPEN)
            .for_each(|(_, found)| *found = code);
    }

    fn push(&mut self, end: usize, code: i32) {
        match self.ends.last_mut() {
            Some((last, found)) if *found == code => *last = end,
            _ => self.ends.push((end, code)),
        }
    }

    fn truncate(&mut self, rows: usize) {
        while self.ends.last().is_some_and(|(end, _)| *end > rows) {
            let (_, code) = self.ends.pop().unwrap_or((0, NULL));
            if self.covered() < rows {
                self.ends.push((rows, code));
            }
        }
        let runs = self.ends.len();
        self.open_from = self.open_from.filter(|from| *from < runs);
    }

    fn retain(&mut self, first: usize, keep: &[bool]) {
        let mut start = 0;
        let mut new_end = 0;
        let mut ends = Vec::with_capacity(self.ends.len());
        for (end, code) in &self.ends {
            let before = end.min(&first).saturating_sub(start.min(first));
            let from = start.max(first) - first;
            let to = (*end).max(first) - first;
            let kept = keep
                .get(from..to.min(keep.len()))
                .unwrap_or(&[])
                .iter()
                .filter(|keep| **keep)
                .count();
            if before + kept > 0 {
                new_end += before + kept;
                ends.push((new_end, *code));
            }
            start = *end;
        }
        self.ends = ends;
        self.open_from = self.open_from.map(|_| 0);
    }

    /// The column, its runs spread out; empty afterwards.
    pub(crate) fn finish(&mut self, rows: usize) -> Result<DictionaryArray<Int32Type>, ArrowError> {
        let runs = self
            .ends
            .drain(..)
            .map(|(end, code)| (end, (code >= 0).then_some(code)));
        hot::dictionary_of_runs(runs, rows, Arc::new(self.texts.take()))
    }
}

/// Plain numbers per record.
#[derive(Clone, Copy)]
pub(crate) struct RecordRun {
    pub(crate) end: usize,
    pub(crate) source: i64,
    pub(crate) offset: i64,
    pub(crate) occurrence: i32,
    pub(crate) time: Option<i64>,
    pub(crate) hash: i32,
}

/// All columns that come from around the tuples.
#[derive(Default)]
pub(crate) struct Runs {
    pub(crate) acl_group: RunColumn,
    pub(crate) acl_id_logged: RunColumn,
    pub(crate) acl_rule: RunColumn,
    pub(crate) acl_rule_kind: RunColumn,
    pub(crate) acl_rule_logged: RunColumn,
    pub(crate) mac_address: RunColumn,
    pub(crate) target_resource: RunColumn,
    pub(crate) flow_log_resource: RunColumn,
    pub(crate) flow_log_guid: RunColumn,
    pub(crate) system_id: RunColumn,
    pub(crate) records: Vec<RecordRun>,
}

impl Runs {
    /// Memory that the columns' texts take, about.
    pub(crate) fn text_bytes(&self) -> usize {
        [
            &self.acl_group,
            &self.acl_id_logged,
            &self.acl_rule,
            &self.acl_rule_logged,
            &self.mac_address,
            &self.target_resource,
            &self.flow_log_resource,
            &self.flow_log_guid,
            &self.system_id,
        ]
        .iter()
        .map(|column| column.texts.bytes())
        .sum()
    }

    fn columns(&mut self) -> [&mut RunColumn; 10] {
        [
            &mut self.acl_group,
            &mut self.acl_id_logged,
            &mut self.acl_rule,
            &mut self.acl_rule_kind,
            &mut self.acl_rule_logged,
            &mut self.mac_address,
            &mut self.target_resource,
            &mut self.flow_log_resource,
            &mut self.flow_log_guid,
            &mut self.system_id,
        ]
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        self.columns()
            .into_iter()
            .for_each(|column| column.truncate(rows));
    }

    pub(crate) fn retain(&mut self, first: usize, keep: &[bool]) {
        self.columns()
            .into_iter()
            .for_each(|column| column.retain(first, keep));
    }

    pub(crate) fn close_record(&mut self, end: usize, info: &RecordInfo, hash: i32) {
        self.records.push(RecordRun {
            end,
            source: info.source.0,
            offset: i64::try_from(info.offset).unwrap_or(i64::MAX),
            occurrence: i32::try_from(info.occurrence).unwrap_or(i32::MAX),
            time: info.time,
            hash,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(runs: &[(usize, &str)]) -> RunColumn {
        let mut column = RunColumn::default();
        for (end, text) in runs {
            column.set(*end, Some(text.as_bytes()));
        }
        column
    }

    /// The text of each row, `-` where there is none.
    fn spread(column: &mut RunColumn, rows: usize) -> String {
        let column = column.finish(rows).unwrap();
        let column = column.downcast_dict::<arrow_array::StringArray>().unwrap();
        column.into_iter().map(|text| text.unwrap_or("-")).collect()
    }

    #[test]
    fn runs_spread_out() {
        let mut c = column(&[(2, "a"), (2, "ignored"), (5, "b"), (6, "a")]);
        assert_eq!(spread(&mut c, 7), "aabbba-");
    }

    #[test]
    fn truncating_cuts_a_run_in_two() {
        let mut c = column(&[(2, "a"), (5, "b"), (6, "a")]);
        c.truncate(3);
        assert_eq!(spread(&mut c, 3), "aab");
        let mut c = column(&[(2, "a"), (5, "b")]);
        c.truncate(0);
        assert_eq!(spread(&mut c, 0), "");
    }

    #[test]
    fn retaining_removes_single_rows() {
        let mut c = column(&[(2, "a"), (5, "b"), (6, "c")]);
        c.retain(1, &[false, true, false, true, false]);
        assert_eq!(spread(&mut c, 3), "abb");
    }

    #[test]
    fn what_was_left_open_is_settled_by_the_record() {
        let mut c = column(&[(1, "i")]);
        c.leave_open(3);
        c.set(4, Some(b"i"));
        c.settle(5, Some(b"r"));
        assert_eq!(spread(&mut c, 5), "irrir");
    }

    #[test]
    fn what_was_left_open_and_taken_back_leaves_nothing_open() {
        let mut c = column(&[(1, "i"), (2, "j")]);
        c.leave_open(4);
        c.truncate(1);
        c.leave_open(2);
        c.set(3, Some(b"i"));
        c.settle(3, Some(b"r"));
        assert_eq!(spread(&mut c, 3), "iri");
        let mut c = column(&[(1, "i"), (2, "j"), (3, "k")]);
        c.leave_open(5);
        c.retain(1, &[false, false, true, true]);
        c.settle(3, Some(b"r"));
        assert_eq!(spread(&mut c, 3), "irr");
    }
}
