//! Which files of a folder could be flow logs, told by their names alone, and how many could not.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use table::table_around;

/// Endings of JSON as it is found in the wild.
const ENDINGS: [&str; 6] = ["json", "jsonl", "ndjson", "log", "csv", "tsv"];

/// Endings of what is read compressed; below them the rule holds again.
const PACKED: [&str; 3] = [".gz", ".zst", ".zstd"];

/// True if a file of a folder is worth opening: JSON under its usual endings, compressed or not, or no
/// ending at all. `.txt` is not among them: beside logs it is a read-me far more often than a log.
pub(crate) fn could_be_a_flow_log(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    ending(unpacked(&name)).is_none_or(|ending| ENDINGS.contains(&ending))
}

/// True if a blob of that name is worth opening: it could be a flow log, and it is no part of a table.
pub(crate) fn could_be_read(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    table_around(name).is_none() && could_be_a_flow_log(OsStr::new(last))
}

/// True for what begins with a dot.
pub(crate) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn unpacked(name: &str) -> &str {
    let plain = PACKED.iter().find_map(|packed| name.strip_suffix(packed));
    plain.filter(|plain| !plain.is_empty()).unwrap_or(name)
}

fn ending(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, ending)| ending)
}

/// Files of folders that were left alone, by what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    kinds: BTreeMap<String, u64>,
}

/// Distinct endings remembered; the rest are counted together.
const ENDINGS_MAX: usize = 8;

/// Endings not remembered one by one.
const OTHERS: &str = "others";

/// What is neither file nor folder: opening one may wait for ever.
const NOT_FILES: &str = "pipes or devices";

/// What a table keeps beside its rows.
const OF_A_TABLE: &str = "of a table";

impl PassedOver {
    /// A file whose name says that it is something else.
    pub(crate) fn file(&mut self, name: &OsStr) {
        let name = name.to_string_lossy().to_lowercase();
        let plain = unpacked(&name);
        let kind = match ending(plain) {
            Some(ending) => format!(".{ending}{}", name.strip_prefix(plain).unwrap_or_default()),
            None => OTHERS.to_owned(),
        };
        self.count(kind);
    }

    /// A pipe, a socket or a device.
    pub(crate) fn not_a_file(&mut self) {
        self.count(NOT_FILES.to_owned());
    }

    /// A file that a table keeps beside its rows.
    pub(crate) fn of_a_table(&mut self) {
        self.count(OF_A_TABLE.to_owned());
    }

    fn count(&mut self, kind: String) {
        let known = self.kinds.contains_key(&kind) || self.kinds.len() < ENDINGS_MAX;
        let kind = if known { kind } else { OTHERS.to_owned() };
        *self.kinds.entry(kind).or_default() += 1;
    }

    /// How many there were in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.kinds.values().sum()
    }

    /// What they were, in order: `.md`, `.csv.gz`, `others`, `pipes or devices`.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, u64)> + '_ {
        self.kinds.iter().map(|(kind, count)| (kind.as_str(), *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_logs() {
        let logs = "PT1H.json PT1H.JSON a.jsonl.gz b.log c.ndjson.zst c.json.ZSTD d e.gz y=2025 rows.csv a.csv.zst b.TSV";
        for name in logs.split(' ') {
            assert!(could_be_a_flow_log(OsStr::new(name)), "{name}");
        }
        let others = "README.md a.txt part-0.parquet x.tar.gz a.xlsx a.json.bak a. a.tmp";
        for name in others.split(' ') {
            assert!(!could_be_a_flow_log(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn what_is_passed_over_is_counted_by_ending() {
        let mut passed_over = PassedOver::default();
        for name in ["README.md", "a.MD", "x.xml.gz", "x."] {
            passed_over.file(OsStr::new(name));
        }
        passed_over.not_a_file();
        let kinds: Vec<(&str, u64)> = passed_over.kinds().collect();
        assert_eq!(kinds, [(".", 1), (".md", 2), (".xml.gz", 1), (NOT_FILES, 1)]);
        for number in 0..100 {
            passed_over.file(OsStr::new(&format!("a.{number}")));
        }
        assert_eq!(passed_over.total(), 105);
        assert!(passed_over.kinds().count() <= ENDINGS_MAX + 1);
    }
}
